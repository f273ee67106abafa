"""What an allegation is about: the reader's view, weighed with hits of the harm lexicon (codebook, section 2)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from chargesheet.conllu import Token
from chargesheet.reader import CATEGORIES

LEXICON = Path(__file__).parent / "codebook" / "categories.yaml"
WEIGHTS = Path(__file__).parent / "models" / "coder" / "categories.json"
MOST = 3  # more hits than this say no more


@dataclass(frozen=True)
class Chooser:
    """A multinomial logistic regression: for each category an intercept and weights by feature name."""

    intercepts: dict[str, float]
    weights: dict[str, dict[str, float]]

    def choose(self, features: dict[str, float]) -> str:
        """The likeliest category."""
        scores = {
            c: intercept + sum(w * features[n] for n, w in self.weights[c].items())
            for c, intercept in self.intercepts.items()
        }
        return max(CATEGORIES, key=lambda c: scores.get(c, -math.inf))


@cache
def lexicon() -> dict[str, tuple[str, ...]]:
    """Lemmas and phrases of lemmas by category."""
    entries = yaml.safe_load(LEXICON.read_text(encoding="utf-8"))
    return {category: tuple(str(word) for word in entries[category]) for category in CATEGORIES}


def hits(tokens: list[Token]) -> dict[str, int]:
    """How many words or phrases of each category stand in a run of tokens, MOST at the most."""
    text = f" {' '.join(t.lemma.lower() for t in tokens)} "
    return {c: min(MOST, sum(text.count(f" {word} ") for word in words)) for c, words in lexicon().items()}


def features(chances: list[float], allegation: list[Token], sentence: list[Token]) -> dict[str, float]:
    """Log chances of the reader, hits in the allegation and in the cue's sentence, by name."""
    found = {f"reader {c}": math.log(p + 1e-4) for c, p in zip(CATEGORIES, chances, strict=True)}
    found |= {f"allegation {c}": float(n) for c, n in hits(allegation).items()}
    return found | {f"sentence {c}": float(n) for c, n in hits(sentence).items()}


@cache
def shipped() -> Chooser:
    """The shipped choice."""
    return from_json(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def from_json(value: dict) -> Chooser:
    return Chooser(value["intercepts"], value["weights"])


def to_json(chooser: Chooser) -> dict:
    return {
        "intercepts": {c: round(v, 4) for c, v in chooser.intercepts.items()},
        "weights": {c: {n: round(w, 4) for n, w in ws.items()} for c, ws in chooser.weights.items()},
    }
