"""Relation labels of Stanza's graph parser, computed where they are asked for.

Stanza scores every relation for every pair of words (words x words x relations) and then reads
one head per word. Here the tree is found first; relations are scored for its arcs, and for other
heads of a word only when a second subject or object has to be mended.
"""

import types

import numpy as np
import torch
from stanza.models.common.biaffine import DeepBiaffineScorer
from stanza.models.common.vocab import VOCAB_PREFIX_SIZE
from stanza.models.depparse.head_constraints import resolve_head_constraint_violations
from stanza.models.depparse.model import GraphParser
from torch import nn
from torch.nn import functional as F

from chargesheet.mst import single_root_tree


class Projections(nn.Module):
    """Takes the place of the parser's relation scorer: gives its two inputs, not yet multiplied."""

    def __init__(self, scorer: DeepBiaffineScorer):
        super().__init__()
        self.dependent, self.head, self.function = scorer.W1, scorer.W2, scorer.hidden_func
        weight = scorer.scorer.W_bilin.weight.detach()  # (dependent, head, relations)
        self.relations = weight.shape[2]
        self.register_buffer("weight", weight.permute(0, 2, 1).flatten(1).contiguous(), persistent=False)
        self.register_buffer("bias", scorer.scorer.W_bilin.bias.detach(), persistent=False)

    def forward(self, dependents: torch.Tensor, heads: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(sentences, length, hidden) twice, with the constant that the bilinear form has."""
        dependents = self.function(self.dependent(dependents))
        heads = self.function(self.head(heads))
        return F.pad(dependents, (0, 1), value=1.0), F.pad(heads, (0, 1), value=1.0)


class Labels:
    """Log probabilities of relations in one sentence: ``labels[dependent, head]`` or ``[dependent, head, relation]``.

    ``dependents`` and ``heads``: (words + 1, hidden); ``tree``: heads, (words + 1,). The arcs of
    ``tree`` are computed at once, others when they are asked for.
    """

    def __init__(self, scorer: Projections, dependents: torch.Tensor, heads: torch.Tensor, tree: np.ndarray):
        length = len(tree)
        self.shape = (length, length, scorer.relations)
        self._tree, self._heads, self._bias = tree, heads, scorer.bias
        self._left = (dependents @ scorer.weight).view(length, scorer.relations, -1)
        chosen = torch.bmm(self._left, heads[torch.from_numpy(tree).to(heads.device)].unsqueeze(2)).squeeze(2)
        self._chosen = F.log_softmax(chosen + self._bias, 1).cpu().numpy()
        self._rows: dict[int, np.ndarray] = {}

    def __getitem__(self, key: tuple[int, ...]) -> np.ndarray:
        dependent, head, *relation = key
        row = self._chosen[dependent] if head == self._tree[dependent] else self._row(dependent)[head]
        return row[relation[0]] if relation else row

    def _row(self, dependent: int) -> np.ndarray:
        """Relations of a word to every head: (words + 1, relations)."""
        if dependent not in self._rows:
            scores = self._heads @ self._left[dependent].T + self._bias
            self._rows[dependent] = F.log_softmax(scores, 1).cpu().numpy()
        return self._rows[dependent]


def predict(self: GraphParser, *inputs, resolve_head_constraints: bool = False) -> list[list[list]]:
    """[head, relation] of every word of every sentence, as ``GraphParser.predict`` gives them."""
    lengths = inputs[12]  # sentlens: word, word_mask, ..., word_orig_idx, sentlens, wordlens, text
    scores, (dependents, heads), *_ = self.forward_scores(*inputs)
    scores = F.log_softmax(scores, 2).cpu().numpy()
    vocab, sentences = self.vocab["deprel"], []
    for index, length in enumerate(lengths):
        arcs = scores[index, :length, :length]
        tree = single_root_tree(arcs)
        labels = Labels(self.deprel, dependents[index, :length], heads[index, :length], tree)
        if resolve_head_constraints:
            tree, relations = resolve_head_constraint_violations(arcs, labels, tree, vocab)
        else:
            relations = [int(labels[word, tree[word]].argmax()) for word in range(1, length)]
        names = vocab.unmap([relation + VOCAB_PREFIX_SIZE for relation in relations])
        sentences.append([[head, name] for head, name in zip(tree[1:], names, strict=True)])
    return sentences


def install(model: nn.Module) -> None:
    """Let a graph parser label lazily; other parsers stay as they are."""
    if type(model) is GraphParser and not model.args.get("use_arc_embedding"):
        model.deprel = Projections(model.deprel)
        model.predict = types.MethodType(predict, model)
