"""A BERT encoder for inference: LoRA adapter merged into the weights, no work on padding.

Stanza's tagger, parser and NER each run the bundled encoder with a LoRA adapter of their own over
sentences padded to the longest of a batch. Here an adapter is added to a copy of the weights once
(``W + scale * B @ A``; Hu et al. 2022, https://arxiv.org/abs/2106.09685, section 4.1), and linear
layers see the real tokens of a batch alone, as in https://arxiv.org/abs/2210.03052. Attention
alone is computed on the padded shape.
"""

from types import SimpleNamespace

import torch
from torch import nn
from torch.nn import functional as F


def _linear(module: nn.Module, adapter: str | None) -> tuple[nn.Parameter, nn.Parameter]:
    """Weight (out, in) and bias of a linear layer, its LoRA adapter merged where it has one."""
    base = getattr(module, "base_layer", module)
    weight = base.weight
    if base is not module and adapter in module.lora_A:
        weight = weight + module.get_delta_weight(adapter).to(weight)
    return _frozen(weight), _frozen(base.bias)


def _frozen(tensor: torch.Tensor) -> nn.Parameter:
    return nn.Parameter(tensor.detach(), requires_grad=False)


class Layer(nn.Module):
    """One transformer layer on packed tokens."""

    def __init__(self, layer: nn.Module, adapter: str | None):
        super().__init__()
        attention = layer.attention.self
        self.heads, self.head_size = attention.num_attention_heads, attention.attention_head_size
        parts = [_linear(part, adapter) for part in (attention.query, attention.key, attention.value)]
        self.qkv_weight = _frozen(torch.cat([weight for weight, _ in parts]))
        self.qkv_bias = _frozen(torch.cat([bias for _, bias in parts]))
        self.out_weight, self.out_bias = _linear(layer.attention.output.dense, adapter)
        self.up_weight, self.up_bias = _linear(layer.intermediate.dense, adapter)
        self.down_weight, self.down_bias = _linear(layer.output.dense, adapter)
        self.attention_norm = layer.attention.output.LayerNorm
        self.output_norm = layer.output.LayerNorm

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """``x``: (tokens, hidden); ``mask``: (sentences, length), True for tokens. Gives (tokens, hidden)."""
        qkv = F.linear(x, self.qkv_weight, self.qkv_bias)
        padded = qkv.new_zeros(*mask.shape, qkv.shape[-1])
        padded[mask] = qkv
        q, k, v = padded.view(*mask.shape, 3, self.heads, self.head_size).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :])
        mixed = mixed.transpose(1, 2)[mask].flatten(1)
        x = self.attention_norm(F.linear(mixed, self.out_weight, self.out_bias) + x)
        up = F.gelu(F.linear(x, self.up_weight, self.up_bias))
        return self.output_norm(F.linear(up, self.down_weight, self.down_bias) + x)


class PackedBert(nn.Module):
    """Takes the place of a transformers ``BertModel`` in a Stanza model.

    ``adapter`` names a LoRA adapter of ``bert``, None leaves the weights as they are. The word
    embeddings are shared with ``bert``, not copied.
    """

    _hf_peft_config_loaded = False  # Stanza asks

    def __init__(self, bert: nn.Module, adapter: str | None = None):
        super().__init__()
        self.config = bert.config
        embeddings = bert.embeddings
        self.words, self.positions = embeddings.word_embeddings, embeddings.position_embeddings
        self.types, self.norm = embeddings.token_type_embeddings, embeddings.LayerNorm
        self.layers = nn.ModuleList(Layer(layer, adapter) for layer in bert.encoder.layer)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, output_hidden_states: bool = True):
        """``input_ids``, ``attention_mask``: (sentences, length). Hidden states: (sentences, length, hidden) each."""
        mask = attention_mask.bool()
        positions = torch.arange(mask.shape[1], device=mask.device).expand(mask.shape)[mask]
        x = self.norm(self.words(input_ids[mask]) + self.types.weight[0] + self.positions(positions))
        states = [x]
        for layer in self.layers:
            x = layer(x, mask)
            states.append(x)
        return SimpleNamespace(hidden_states=tuple(self._pad(state, mask) for state in states))

    @staticmethod
    def _pad(state: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        padded = state.new_zeros(*mask.shape, state.shape[-1])
        padded[mask] = state
        return padded


def merge_adapters(models: list[nn.Module]) -> None:
    """Give each Stanza model (with ``bert_model`` and ``peft_name``) an encoder with its adapter merged."""
    for model in models:
        model.bert_model = PackedBert(model.bert_model, model.peft_name)
        model.peft_name = None
