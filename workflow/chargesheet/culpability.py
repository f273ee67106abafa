"""The learned decisions of the coder: which words are the arguments of a cue, and is the act to be coded at all.

Each decision is a logistic regression over a handful of named features (the reader's scores, what the frame says, what
the parse says), learned by ``train`` from readings of articles that the reader has not seen. The weights are JSON.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chargesheet import gazetteer, syntax
from chargesheet.conllu import Sentence, Token
from chargesheet.frames import Match
from chargesheet.reader import ACTS, ROLES, Cue, Reading

WEIGHTS = Path(__file__).parent / "models" / "coder" / "decisions.json"


@dataclass(frozen=True)
class Logistic:
    """A logistic regression: ``names`` and ``weights`` of equal length, an intercept and a threshold."""

    names: tuple[str, ...]
    weights: tuple[float, ...]
    intercept: float
    threshold: float = 0.5

    def chance(self, features: dict[str, float]) -> float:
        """Probability of yes."""
        z = self.intercept + sum(w * features[n] for n, w in zip(self.names, self.weights, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


@cache
def shipped() -> dict[str, Logistic]:
    """The shipped decisions by name: source, target, via, record, response."""
    return from_json(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def from_json(values: dict) -> dict[str, Logistic]:
    return {
        name: Logistic(tuple(v["weights"]), tuple(v["weights"].values()), v["intercept"], v["threshold"])
        for name, v in values.items()
    }


def to_json(decisions: dict[str, Logistic]) -> dict:
    return {
        name: {
            "threshold": d.threshold,
            "intercept": round(d.intercept, 5),
            "weights": {n: round(w, 5) for n, w in zip(d.names, d.weights, strict=True)},
        }
        for name, d in decisions.items()
    }


def logit(p: float) -> float:
    p = min(1 - 1e-6, max(1e-6, p))
    return math.log(p / (1 - p))


def is_actor(token: Token) -> bool:
    """Can the word stand for somebody: a name, a personal pronoun, a noun for people or bodies?"""
    if token.ner != "O" or token.upos == "PROPN":
        return token.ner.split("-")[-1] not in {"Date", "Money", "Product"}
    if token.upos == "PRON":
        return token.lemma.lower() not in {"it", "this", "that", "what", "which"}
    known = gazetteer.load()
    return bool(known.nouns.get(token.lemma.lower()) or known.nouns.get(token.form.lower()))


SELECTED = ("subject", "doer", "object", "owner", "prep", "light", "modified")


def _selected(selector: str) -> str:
    """The kind of selector that found a part."""
    return next(
        (kind for kind in ("light", "doer", "owner", "prep", "object", "modified", "subject") if kind in selector), ""
    )


def relations(sentence: Sentence, token: Token, cue: Token, same: bool) -> dict[str, float]:
    """How a word stands in its clause, and to the cue where it is in the same sentence."""
    case = syntax.case_of(sentence, token)
    below = same and token.head == cue.id
    return {
        "is_subject": float(token.deprel == "nsubj"),
        "is_patient": float(token.deprel == "nsubj:pass"),
        "is_object": float(token.deprel in {"obj", "iobj"}),
        "is_owner": float(token.deprel == "nmod:poss"),
        "is_agent": float(case == "by"),
        "is_against": float(case in {"against", "on", "at"}),
        "is_modifier": float(token.deprel in {"amod", "compound", "nmod:desc"}),
        "own_subject": float(below and token.deprel == "nsubj"),
        "own_patient": float(below and token.deprel == "nsubj:pass"),
        "own_object": float(below and token.deprel in {"obj", "iobj"}),
        "before": float(same and token.id < cue.id),
    }


def argument_features(
    reading: Reading, cue: Cue, match: Match | None, role: str, act: str
) -> tuple[list[int], list[dict[str, float]]]:
    """Words that may be an argument of a cue, and their features."""
    article = reading.article
    column, other = ROLES.index(role), ROLES.index("target" if role == "source" else "source")
    scores = cue.roles[:, column]
    top = float(scores.max())
    home = article.sentence[cue.word]
    by_frame, opposite = set(), set()
    strong = bool(match and match.frame.strong)
    if match is not None:
        named = {"source": match.source, "target": match.target}
        by_frame = {article.index(match.sentence, t) for t in named.get(role, [])}
        opposite = {
            article.index(match.sentence, t) for t in named["target" if role == "source" else "source"]
        } - by_frame
    cue_token = article.tokens[cue.word]
    said = {w: 1 / (1 + math.exp(-float(cue.roles[k, 3]))) for k, w in enumerate(cue.words)}
    selected = _selected(match.paths.get(role, "")) if match is not None else ""
    place = {w: max(-8.0, float(scores[k])) for k, w in enumerate(cue.words)}
    words, rows = [], []
    for k, w in enumerate(cue.words):
        if scores[k] < -4.5 and w not in by_frame:
            continue
        token = article.tokens[w]
        gap = article.sentence[w] - home
        z = max(-8.0, float(scores[k]))
        actor = is_actor(token)
        above = article.offset[article.sentence[w]] + token.head - 1
        beside = place.get(above, -8.0) if token.deprel == "conj" else -8.0
        rows.append(
            {
                "reader": z,
                "lag": max(-8.0, z - top),
                "first": float(z == top),
                "other": max(-8.0, float(cue.roles[k, other])),
                "allegation": max(-6.0, float(cue.roles[k, 3])),
                "frame": float(w in by_frame),
                "strong_frame": float(w in by_frame and strong),
                "frame_elsewhere": float(bool(by_frame) and w not in by_frame),
                "strong_elsewhere": float(bool(by_frame) and w not in by_frame and strong),
                "opposite": float(w in opposite),
                "agree": float(w in by_frame) * z,
                "outside": float(gap != 0),
                "later": float(gap > 0),
                "far": float(min(4, abs(gap))),
                "pronoun": float(token.upos == "PRON"),
                "name": float(token.ner != "O"),
                "odd": float(token.upos not in {"NOUN", "PROPN", "PRON"}),
                "self": float(w == cue.word),
                **relations(article.document.sentences[article.sentence[w]], token, cue_token, gap == 0),
                "doer_alleged": said.get(above, 0.0) if token.deprel in {"nsubj", "obl:agent", "nmod:poss"} else 0.0,
                **{f"by_{kind}": float(w in by_frame and kind == selected) for kind in SELECTED},
                "actor": float(actor),
                "frame_actor": float(w in by_frame and actor),
                "deny": float(act == "deny"),
                "deny_reader": z if act == "deny" else 0.0,
                "deny_frame": float(act == "deny" and w in by_frame),
                "condemn": float(act == "condemn"),
                "condemn_actor": float(act == "condemn" and actor),
                "condemn_frame": float(act == "condemn" and w in by_frame),
                "joined": float(token.deprel == "conj"),
                "joined_reader": beside,
                "inside_allegation_actor": max(-6.0, float(cue.roles[k, 3])) * actor,
            }
        )
        words.append(w)
    return words, rows


def record_features(
    reading: Reading, cue: Cue, act: str, match: Match | None, facts: dict[str, float]
) -> dict[str, float]:
    """Features of the decision whether an act is reported here; ``facts`` come from assembling the record."""
    chances = reading.acts[cue.word]
    token = reading.article.tokens[cue.word]
    p = float(chances[ACTS.index(act)])
    strong, weak = bool(match and match.frame.strong), bool(match and not match.frame.strong)
    return {
        "any": logit(1 - float(chances[0])),
        "act": logit(p),
        "strong": float(strong),
        "weak": float(weak),
        "strong_any": float(strong) * logit(1 - float(chances[0])),
        "condemn": float(act == "condemn"),
        "deny": float(act == "deny"),
        "noun": float(token.upos == "NOUN"),
        "adjective": float(token.upos == "ADJ"),
        "adverb": float(token.upos == "ADV"),
        **{name: value for name, value in facts.items() if name != "cue"},
    }
