"""Assemble records: propose cues, choose their arguments, cut the spans, decide, link denials to what they answer."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from chargesheet import categories, culpability, frames, quotes, reader, syntax
from chargesheet.conllu import Sentence, Token
from chargesheet.culpability import Logistic
from chargesheet.frames import Frame, Match
from chargesheet.reader import ACTS, Cue, Reading

ALONE = 0.8  # a second argument that is not coordinated with the first must be this sure
FLOOR = 0.06  # a word below this chance of being a cue is not looked at, unless a strong frame names it
NEGATIONS = {"not", "n't", "never", "no", "without", "neither", "nor"}
WITHHELD = {"stop", "refuse", "decline", "refrain", "avoid", "fail", "hesitate", "shy", "fall"}


@dataclass
class Proposal:
    """A record in the making. Words are indices into the article; spans are offsets (start, end)."""

    word: int
    act: str
    cue: Cue
    match: Match | None
    sources: list[tuple[int, float]] = field(default_factory=list)
    targets: list[tuple[int, float]] = field(default_factory=list)
    via: list[tuple[int, float]] = field(default_factory=list)
    allegation: tuple[int, int] | None = None
    facts: dict[str, float] = field(default_factory=dict)
    confidence: float = 0.0


def strong_words(reading_article: reader.Article, table: dict) -> frozenset[int]:
    """Words that a strong frame names: the reader must look at them."""
    found = set()
    for i, t in enumerate(reading_article.tokens):
        if any(f.strong for f in table.get((t.lemma.lower(), t.upos), [])):
            found.add(i)
    return frozenset(found)


def best_match(sentence: Sentence, token: Token, act: str, table: dict[tuple[str, str], list[Frame]]) -> Match | None:
    """The frame for a cue: one of this act, a strong one first; else one of another act for its argument map."""
    found = [
        m
        for f in table.get((token.lemma.lower(), token.upos), [])
        if (m := frames.apply(f, sentence, token)) is not None
    ]
    found.sort(key=lambda m: (m.frame.act != act, not m.frame.strong, -len(m.paths)))
    return found[0] if found else None


def propose(reading: Reading, table: dict[tuple[str, str], list[Frame]]) -> list[Proposal]:
    """Every word that may be a cue, with its likeliest act (two acts where the reader wavers between two)."""
    proposals = []
    for word, cue in sorted(reading.cues.items()):
        chances = reading.acts[word]
        token = reading.article.tokens[word]
        sentence = reading.article.document.sentences[reading.article.sentence[word]]
        acts = {ACTS[int(chances[1:].argmax()) + 1]}
        strong = {f.act for f in table.get((token.lemma.lower(), token.upos), []) if f.strong}
        if len(strong) == 1:
            acts = strong if chances[ACTS.index(next(iter(strong)))] > 0.2 * chances[1:].max() else acts
        for act in sorted(acts):
            match = best_match(sentence, token, act, table)
            if 1 - chances[0] >= FLOOR or (match and match.frame.strong and match.frame.act == act):
                proposals.append(Proposal(word, act, cue, match))
    return proposals


def _joined(article: reader.Article, a: int, b: int) -> bool:
    """Are two words parts of one coordination ("Russia and Iran")?"""
    if article.sentence[a] != article.sentence[b]:
        return False
    sentence = article.document.sentences[article.sentence[a]]

    def first(token: Token) -> int:
        while token.deprel == "conj" and (head := sentence.head(token)) is not None:
            token = head
        return token.id

    return first(article.tokens[a]) == first(article.tokens[b])


def choose(
    reading: Reading, cue: Cue, match: Match | None, role: str, act: str, model: Logistic
) -> list[tuple[int, float]]:
    """Words chosen as arguments of a role, with their chances, in text order.

    All above one half; else the best one above the model's threshold; none means unspecified.
    """
    words, rows = culpability.argument_features(reading, cue, match, role, act)
    chances = [model.chance(r) for r in rows]
    chosen = [(w, p) for w, p in zip(words, chances, strict=True) if p >= 0.5]
    if not chosen and chances and max(chances) >= model.threshold:
        best = int(np.argmax(chances))
        chosen = [(words[best], chances[best])]
    article = reading.article
    kept: list[tuple[int, float]] = []
    for w, p in sorted(chosen, key=lambda x: -x[1]):
        token, sentence = article.tokens[w], article.document.sentences[article.sentence[w]]
        inside = {article.index(sentence, t) for t in sentence.subtree(token, without=("conj",))}
        above = {article.index(sentence, t) for t in sentence.ancestors(token) if token.deprel != "conj"}
        if any(k in inside or k in above for k, _ in kept):
            continue
        if kept and p < ALONE and not any(_joined(article, w, k) for k, _ in kept):
            continue
        kept.append((w, p))
    return sorted(kept)


def spans_for(reading: Reading, proposal: Proposal) -> list[tuple[str, tuple[int, int]]]:
    """Possible allegation spans: the frame's, and subtrees round the words that the reader marks."""
    article = reading.article
    sentence = article.document.sentences[article.sentence[proposal.word]]
    token = article.tokens[proposal.word]
    match = proposal.match
    found: dict[tuple[int, int], str] = {}

    def add(kind: str, span: tuple[int, int] | None) -> None:
        if span is not None and span[1] > span[0]:
            found.setdefault(span, kind)

    def variants(kind: str, s: Sentence, head: Token) -> None:
        if match is not None and match.target:
            add(kind, syntax.clause_span(s, head, token if s is sentence else None, without=tuple(match.target)))
        add(kind, syntax.clause_span(s, head, token if s is sentence else None))
        add(kind + "-bare", syntax.clause_span(s, head, token if s is sentence else None, subject=False))
        for c in s.children(head, "conj"):
            if c.upos in {"VERB", "AUX", "ADJ"}:
                whole = syntax.clause_span(s, head, token if s is sentence else None)
                cut = min(
                    (t.start for t in [c, *s.children(c, "cc", "nsubj", "aux", "mark", "advmod")]), default=c.start
                )
                run = [t for t in s.tokens if whole and t.start >= whole[0] and t.end <= cut]
                add(
                    kind + "-first",
                    syntax.trim([t for t in run if not (t is run[-1] and t.upos == "CCONJ")]) if run else None,
                )

    if match is not None and match.allegation is not None:
        if match.paths["allegation"].endswith("predicate"):
            add("frame", syntax.predicate_span(sentence, match.allegation, token))
        variants("frame", sentence, match.allegation)
    if match is not None:
        for part in ("prep(of, for, with, on, over, in)", "content", "object", "xcomp", "relative"):
            for t in frames.Selection(sentence, token, match.frame, None).find(part)[:1]:
                if t.id != token.id:
                    variants("near", sentence, t)
    if token.upos in {"ADV", "ADJ"} or token.deprel in {"amod", "advmod"}:
        for up in list(sentence.ancestors(token))[:2]:
            add("predicate", syntax.predicate_span(sentence, up, token))
    chance = 1 / (1 + np.exp(-proposal.cue.roles[:, 3]))
    marked = {w for k, w in enumerate(proposal.cue.words) if chance[k] > 0.5}
    for number in sorted({article.sentence[w] for w in marked}):
        s = article.document.sentences[number]
        here = [w for w in marked if article.sentence[w] == number]
        run = [article.tokens[w] for w in range(min(here), max(here) + 1)]
        add("reader", syntax.trim(run))
        for w in here:
            t = article.tokens[w]
            head = s.head(t)
            if (head is None or article.index(s, head) not in marked) and t.upos != "PUNCT":
                variants("subtree", s, t)
        add("sentence", syntax.trim(s.tokens))
    return [(kind, span) for span, kind in found.items()]


BONUS = {
    "frame": 0.10,
    "frame-bare": 0.04,
    "frame-first": 0.02,
    "subtree": 0.02,
    "near": 0.03,
    "predicate": 0.03,
    "reader": 0.0,
}


def choose_allegation(reading: Reading, proposal: Proposal) -> tuple[tuple[int, int] | None, dict[str, float]]:
    """The span of the greatest expected overlap (Dice) with what the reader marks, frames' spans preferred."""
    article = reading.article
    chance = dict(zip(proposal.cue.words, 1 / (1 + np.exp(-proposal.cue.roles[:, 3])), strict=True))
    width = {w: article.tokens[w].end - article.tokens[w].start + 1 for w in chance}
    mass = sum(chance[w] * width[w] for w in chance)
    best, best_score = None, -1.0
    for kind, (start, end) in spans_for(reading, proposal):
        words = [w for w in chance if article.tokens[w].start < end and article.tokens[w].end > start]
        size = sum(width[w] for w in words)
        score = 2 * sum(chance[w] * width[w] for w in words) / max(1.0, size + mass) + BONUS.get(kind, 0.0)
        if (
            kind.startswith("frame")
            and proposal.match
            and proposal.match.frame.strong
            and proposal.match.frame.act == proposal.act
        ):
            score += 0.05
        if score > best_score:
            best, best_score = (start, end), score
    facts = {"allegation_fit": max(0.0, best_score), "allegation_mass": min(1.0, mass / 40)}
    if mass < 6 and best_score < 0.35:
        best = None
    return best, facts


def harm(article: reader.Article, span: tuple[int, int] | None) -> int:
    """Hits of the harm lexicon inside a span, all categories but "other"."""
    hits = categories.hits([article.tokens[w] for w in sorted(words_of(article, span))])
    return sum(n for category, n in hits.items() if category != "other")


def assemble(reading: Reading, proposal: Proposal, models: dict[str, Logistic]) -> None:
    """Fill a proposal's arguments, allegation and facts."""
    proposal.sources = choose(reading, proposal.cue, proposal.match, "source", proposal.act, models["source"])
    proposal.targets = choose(reading, proposal.cue, proposal.match, "target", proposal.act, models["target"])
    if proposal.act == "deny" and proposal.match is None:
        proposal.targets = [t for t in proposal.targets if t[1] > 0.6]
    proposal.via = [
        v
        for v in choose(reading, proposal.cue, proposal.match, "via", proposal.act, models["via"])
        if v[0] not in {w for w, _ in proposal.sources}
    ]
    proposal.allegation, facts = choose_allegation(reading, proposal)
    token = reading.article.tokens[proposal.word]
    sentence = reading.article.document.sentences[reading.article.sentence[proposal.word]]
    near = range(max(0, proposal.word - 8), min(len(reading.acts), proposal.word + 9))
    proposal.facts = facts | {
        "cue": 1 - float(reading.acts[proposal.word, 0]),
        "source": max((p for _, p in proposal.sources), default=0.0),
        "target": max((p for _, p in proposal.targets), default=0.0),
        "no_source": float(not proposal.sources),
        "no_target": float(not proposal.targets),
        "neither": float(not proposal.sources and not proposal.targets),
        "no_allegation": float(proposal.allegation is None),
        "harm": min(3.0, float(harm(reading.article, proposal.allegation))),
        "negated": float(not asserted(sentence, token)),
        "crowd": max((1 - float(reading.acts[w, 0]) for w in near if w != proposal.word), default=0.0),
        "first_person": float(
            any(reading.article.tokens[w].lemma.lower() in {"we", "our"} for w, _ in proposal.sources)
        ),
    }


def asserted(sentence: Sentence, cue: Token) -> bool:
    """False for an act that is negated, withheld or merely supposed ("did not accuse", "if X accuses")."""
    chain = [cue]
    for up in sentence.ancestors(cue):
        if chain[-1].deprel in {"xcomp", "advcl", "obj", "obl", "ccomp"} and up.lemma in WITHHELD:
            return False
        if chain[-1].deprel not in {"xcomp", "obj", "conj"}:
            break
        chain.append(up)
    for t in chain[:2]:
        if t.upos in {"VERB", "AUX", "NOUN"} and any(
            c.lemma.lower() in NEGATIONS or c.form.lower() in NEGATIONS
            for c in sentence.children(t, "advmod", "det", "mark")
        ):
            return False
        if t.deprel == "advcl" and syntax.case_of(sentence, t) in {"if", "unless", "should"}:
            return False
    return True


def entry(article: reader.Article, text: str, word: int, resolution, allegation: tuple[int, int] | None = None) -> dict:
    """A source, target or via as a record holds it: the maximal noun phrase and the entity that it stands for."""
    sentence, token = article.document.sentences[article.sentence[word]], article.tokens[word]
    start, end = syntax.noun_phrase(sentence, token, allegation[0] if allegation else None)
    found = {"start": start, "end": end, "text": text[start:end]}
    if resolution is None:
        return found | {"name": text[start:end], "cluster": None}
    entity = resolution.entity(start, end)
    return found | {"name": entity.name, "cluster": entity.cluster}


def cue_span(sentence: Sentence, cue: Token, match: Match | None) -> tuple[int, int]:
    """Offsets of the cue: the word, with its particle or the rest of "according to"."""
    end = cue.end
    for c in sentence.children(cue, "compound:prt", "fixed"):
        if c.id == cue.id + 1:
            end = c.end
    return cue.start, end


def record(article: reader.Article, text: str, proposal: Proposal, resolution, quoted: list[tuple[int, int]]) -> dict:
    """A proposal in the codebook's format (without id and link)."""
    sentence = article.document.sentences[article.sentence[proposal.word]]
    token = article.tokens[proposal.word]
    start, end = cue_span(sentence, token, proposal.match)
    span = proposal.allegation
    entries = {
        role: [entry(article, text, w, resolution, span) for w, _ in chosen]
        for role, chosen in (("sources", proposal.sources), ("via", proposal.via), ("targets", proposal.targets))
    }
    return {
        "act": proposal.act,
        "asserted": asserted(sentence, token),
        "sources": entries["sources"],
        "via": entries["via"],
        "targets": entries["targets"],
        "cue": {"start": start, "end": end, "text": text[start:end]},
        "allegation": {"start": span[0], "end": span[1], "text": text[span[0] : span[1]]} if span else None,
        "quoted": quotes.kind(span, quoted),
        "sentence": sentence.number,
        "frame": proposal.match.frame.id if proposal.match else "reader",
        "confidence": round(proposal.confidence, 3),
        "reasons": {
            "parts": dict(sorted(proposal.match.paths.items())) if proposal.match else {},
            "chances": {k: round(proposal.facts[k], 3) for k in ("cue", "source", "target", "allegation_fit")},
        },
    }


def words_of(article: reader.Article, span: tuple[int, int] | None) -> set[int]:
    """Words that overlap a span."""
    if span is None:
        return set()
    return {i for i, t in enumerate(article.tokens) if t.start < span[1] and t.end > span[0]}


def accept(reading: Reading, table: dict[tuple[str, str], list[Frame]], models: dict[str, Logistic]) -> list[Proposal]:
    """The proposals of an article that are acts to be coded, each with its confidence.

    A cue with neither source nor target is none (codebook ruling 3).
    """
    accepted = []
    for proposal in propose(reading, table):
        assemble(reading, proposal, models)
        if proposal.facts["neither"]:
            continue
        features = culpability.record_features(reading, proposal.cue, proposal.act, proposal.match, proposal.facts)
        proposal.confidence = models["record"].chance(features)
        if proposal.confidence >= models["record"].threshold:
            accepted.append(proposal)
    return accepted
