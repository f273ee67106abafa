"""encoder: what the packed, merged encoder computes is what transformers and peft compute."""

import pytest

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def bert():
    """A small BERT with two LoRA adapters, weights at random."""
    import torch
    from peft import LoraConfig
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    model = BertModel(BertConfig(vocab_size=50, max_position_embeddings=40, **sizes)).eval()
    for name, rank in (("one", 4), ("two", 8)):
        targets = ["query", "value", "output.dense", "intermediate.dense"]
        model.add_adapter(LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=targets), adapter_name=name)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.3)
    return model


@pytest.mark.parametrize("adapter", ["one", "two", None])
@pytest.mark.parametrize("lengths", [[7, 3, 1], [5], [1, 1]])
def test_hidden_states_are_those_of_transformers(bert, adapter, lengths):
    import torch

    from chargesheet.encoder import PackedBert

    generator = torch.Generator().manual_seed(1)
    mask = torch.zeros(len(lengths), max(lengths), dtype=torch.long)
    for row, length in enumerate(lengths):
        mask[row, :length] = 1
    ids = torch.randint(50, mask.shape, generator=generator)
    if adapter:
        bert.enable_adapters()
        bert.set_adapter(adapter)
    else:
        bert.disable_adapters()
    with torch.no_grad():
        expected = bert(ids, attention_mask=mask, output_hidden_states=True).hidden_states
        found = PackedBert(bert, adapter)(ids, mask).hidden_states
    assert len(found) == len(expected) == 3
    for ours, theirs in zip(found, expected, strict=True):
        assert torch.allclose(ours[mask.bool()], theirs[mask.bool()], atol=1e-4)


def test_the_bundled_models_have_no_adapter_left(pipeline):
    from chargesheet.encoder import PackedBert

    models = [pipeline.processors[name].trainer.model for name in ("pos", "depparse", "ner")]
    assert all(type(model.bert_model) is PackedBert and model.peft_name is None for model in models)
