"""Link denials to the accusations that they answer (codebook ruling 17: content first, then distance)."""

from __future__ import annotations

from chargesheet.conllu import Document
from chargesheet.culpability import Logistic

ANAPHORS = {
    "allegation",
    "accusation",
    "charge",
    "claim",
    "report",
    "suggestion",
    "criticism",
    "it",
    "this",
    "that",
    "they",
    "these",
}
CONTENT = {"NOUN", "PROPN", "VERB", "ADJ", "NUM"}
LIGHT = {"be", "have", "do", "make", "say", "take", "any"} | ANAPHORS


def lemmas(document: Document, span: dict | None) -> set[str]:
    """Content lemmas inside a span."""
    if not span:
        return set()
    return {
        t.lemma.lower()
        for s in document.sentences
        if s.start < span["end"] and s.end > span["start"]
        for t in s.tokens
        if t.start < span["end"] and t.end > span["start"] and t.upos in CONTENT and t.lemma.lower() not in LIGHT
    }


def _names(entries: list[dict]) -> set[str]:
    return {
        w for e in entries for w in (e.get("name") or e["text"]).lower().split() if w not in {"the", "a", "of", "and"}
    }


def _sentence(document: Document, offset: int) -> int:
    return next((s.number for s in document.sentences if s.start <= offset < s.end), 0)


def features(document: Document, denial: dict, charge: dict, between: int) -> dict[str, float]:
    """How well a charge fits as what a denial answers; ``between`` counts the charges that stand between them."""
    said, charged = lemmas(document, denial["allegation"]), lemmas(document, charge["allegation"])
    sentence = next((s for s in document.sentences if s.start <= denial["cue"]["start"] < s.end), None)
    around = {t.lemma.lower() for t in sentence.tokens} if sentence else set()
    shared = said & charged
    home, there = _sentence(document, denial["cue"]["start"]), _sentence(document, charge["cue"]["start"])
    later = charge["cue"]["start"] > denial["cue"]["start"]
    object_text = (denial["allegation"] or {"text": ""})["text"].lower()
    anaphor = (
        not said
        or any(w in ANAPHORS for w in object_text.split()[:4])
        or any(w.rstrip("s") in ANAPHORS for w in object_text.split()[:5])
    )
    denier, target = _names(denial["sources"]), _names(charge["targets"])
    nested = (
        bool(denial["allegation"])
        and denial["allegation"]["start"] <= charge["cue"]["start"] < denial["allegation"]["end"]
    )
    overlap = bool(denial["allegation"] and charge["allegation"]) and min(
        denial["allegation"]["end"], charge["allegation"]["end"]
    ) > max(denial["allegation"]["start"], charge["allegation"]["start"])
    return {
        "shared": min(3.0, len(shared)),
        "share": len(shared) / max(1, min(len(said), len(charged))),
        "around": len(around & charged) / max(1, len(charged)),
        "anaphor": float(anaphor),
        "denier_accused": float(bool(denier & target)),
        "unnamed": float(not denier or not target),
        "answers_source": float(bool(_names(denial["targets"]) & _names(charge["sources"]))),
        "same_speaker": float(bool(denier & _names(charge["sources"]))),
        "later": float(later),
        "same_sentence": float(home == there),
        "distance": min(8.0, abs(home - there)),
        "between": min(5.0, float(between)),
        "next": float(between == 0 and not later),
        "condemn": float(charge["act"] == "condemn"),
        "nested": float(nested),
        "overlap": float(overlap),
        "anaphor_near": float(anaphor) * float(between == 0 and not later),
    }


def candidates(document: Document, records: list[dict]) -> list[tuple[dict, list[tuple[dict, dict[str, float]]]]]:
    """Each denial of an article with the charges that it may answer and their features."""
    charges = sorted((r for r in records if r["act"] != "deny"), key=lambda r: r["cue"]["start"])
    found = []
    for denial in (r for r in records if r["act"] == "deny"):
        at = denial["cue"]["start"]
        rows = []
        for charge in charges:
            low, high = sorted((at, charge["cue"]["start"]))
            between = sum(low < c["cue"]["start"] < high for c in charges if c is not charge)
            rows.append((charge, features(document, denial, charge, between)))
        found.append((denial, rows))
    return found


def link(document: Document, records: list[dict], model: Logistic) -> None:
    """Set ``responds_to`` of the denials among the records of one article."""
    for denial, rows in candidates(document, records):
        scored = [(model.chance(f), -abs(c["cue"]["start"] - denial["cue"]["start"]), c["id"]) for c, f in rows]
        best = max(scored, default=(0.0, 0, None))
        denial["responds_to"] = best[2] if best[0] >= model.threshold else None
