"""Who is meant: actors of one article (`resolve`) and of a whole study (`link`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from chargesheet import coreference, gazetteer, mentions
from chargesheet.conllu import Document, Sentence, Token
from chargesheet.mentions import Mention

_DETERMINER = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entity:
    """The actor that a span stands for. ``cluster`` is -1 where the span is no known mention."""

    name: str
    cluster: int
    type: str
    country: str
    why: str


@dataclass
class Resolution:
    """Mentions of one article and the actors that they stand for."""

    document: Document
    text: str
    mentions: list[Mention]
    clusters: list[coreference.Cluster]
    _heads: dict[tuple[int, int], Mention] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._heads = {(m.sentence, m.head.id): m for m in reversed(self.mentions)}
        for mention in self.mentions:
            mention.name = self.name(mention.cluster) or tidy(mention.text)

    def name(self, cluster: int) -> str:
        """The most complete name that the article uses for the actor, "" where it uses none."""
        return best_name(self.clusters[cluster]) if cluster >= 0 else ""

    def at(self, start: int, end: int) -> tuple[Sentence | None, Token | None]:
        """The sentence of a span and its head word."""
        for sentence in self.document.sentences:
            if sentence.start <= start < sentence.end:
                ids = [t.id for t in sentence.tokens if t.start < end and t.end > start]
                if ids:
                    return sentence, mentions.head_of(sentence, ids[0], ids[-1])
        return None, None

    def mention(self, start: int, end: int) -> Mention | None:
        """The mention with the same head word as the span."""
        sentence, head = self.at(start, end)
        if head is None:
            return None
        found = self._heads.get((sentence.number, head.id))
        if found:
            return found
        for child in sentence.children(head, "flat", "appos", "compound"):
            inner = self._heads.get((sentence.number, child.id))
            if inner and inner.kind == "name" and start <= inner.start and inner.end <= end and child.deprel != "compound":
                return inner
        return None

    def entity(self, start: int, end: int) -> Entity:
        """The actor of any span: its head word decides; the cleaned text where no mention is known."""
        span = self.text[start:end]
        parts = self._joined(start, end)
        if parts:
            return Entity(parts, -1, "group of people", "", "joined names")
        mention = self.mention(start, end)
        if mention is None or mention.cluster < 0:
            return Entity(tidy(span), -1, "unspecified", "", "no known mention")
        cluster = self.clusters[mention.cluster]
        name = best_name(cluster)
        if not name:
            name = tidy(span)
        return Entity(name, cluster.id, cluster.type or "unspecified", cluster.country, mention.why)

    def _joined(self, start: int, end: int) -> str:
        sentence, head = self.at(start, end)
        if head is None:
            return ""
        members = [t for t in sentence.children(head, "conj") if t.end <= end]
        if not members:
            return ""
        names = []
        for token in [head, *members]:
            found = self._heads.get((sentence.number, token.id))
            if found is None:
                return ""
            names.append(self.name(found.cluster) or tidy(found.text))
        return ", ".join(names[:-1]) + " and " + names[-1]

    def antecedent(self, start: int, end: int) -> Mention | None:
        """The nearest earlier mention of the same actor."""
        mention = self.mention(start, end)
        if mention is None or mention.cluster < 0:
            return None
        earlier = [m for m in self.clusters[mention.cluster].mentions if m.start < start and m is not mention]
        return earlier[-1] if earlier else None


def tidy(span: str) -> str:
    """The words of a phrase without article, line breaks and edge punctuation."""
    return _DETERMINER.sub("", " ".join(span.split())).strip(" ,;:\"“”") or span


def best_name(cluster: coreference.Cluster) -> str:
    """The canonical name of a known actor, else the longest name in the article, the most frequent among equals; a nominal last."""
    known = gazetteer.load()
    forms = [m.core for m in cluster.mentions if m.kind == "name"] or cluster.names
    if forms:
        for form in forms:
            entry = known.find(form)
            if entry and entry.type == "state":
                return entry.name
        counts = {f: forms.count(f) for f in forms}
        return tidy(max(counts, key=lambda f: (len(coreference.content(f)), counts[f], -forms.index(f))))
    nominal = [m for m in cluster.mentions if m.kind == "nominal"]
    if nominal:
        return tidy(max(nominal, key=lambda m: (min(len(m.text), 80), -m.start)).text)
    return ""


def resolve(document: Document, text: str, *, outlet: str = "", title: str = "") -> Resolution:
    """Find and group the mentions of actors in an article.

    ``document`` is its annotation, ``text`` the stored text that its offsets count in.
    """
    found = mentions.find(document, text)
    clusters = coreference.group(document, found)
    return Resolution(document, text, found, clusters)
