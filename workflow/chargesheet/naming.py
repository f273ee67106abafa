"""Name the actors of an article as the codebook asks: the most complete name that the article uses."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from chargesheet import gazetteer, names
from chargesheet.antecedents import Cluster
from chargesheet.conllu import Document
from chargesheet.mentions import Mention

_DETERMINER = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_ARMED = frozenset("militant militants fighter fighters rebel rebels insurgent insurgents terrorist terrorists guerrilla guerrillas gunman gunmen forces".split())


@dataclass(frozen=True, slots=True)
class Entity:
    """The actor that a span stands for. ``cluster``: number of the actor in its article."""

    name: str
    cluster: int
    type: str
    country: str
    why: str


def tidy(span: str) -> str:
    """The words of a phrase without article, line breaks and punctuation at the edges."""
    bare = " ".join(span.split()).strip(" ,;:\"“”")
    return _DETERMINER.sub("", bare) or bare or span


class Namer:
    """Names for the clusters of one article."""

    def __init__(self, document: Document, text: str, clusters: list[Cluster], title: str = ""):
        self.document, self.text, self.clusters = document, text, clusters
        self.known = gazetteer.load()
        self._names: dict[tuple[int, int], str] = {}

    def name(self, cluster: Cluster) -> str:
        """The most complete name, "" where the article only describes the actor."""
        key = (cluster.id, len(cluster.mentions))
        if key not in self._names:
            self._names[key] = self._name(cluster)
        return self._names[key]

    def _name(self, cluster: Cluster) -> str:
        forms = cluster.names
        if not forms:
            return ""
        for form in forms:
            entry = self.known.find(form)
            if entry and entry.type == "state":
                return self._country(entry.name, forms)
        counts = Counter(forms)
        return tidy(max(counts, key=lambda f: (len(names.words(f)), counts[f], -forms.index(f))))

    def _country(self, canonical: str, forms: list[str]) -> str:
        """The country's usual name unless the article only knows it by another that is a name too (Britain, Burma)."""
        written = [f for f in forms if (e := self.known.find(f)) and e.relation in ("name", "alias") and not names.is_acronym(f)]
        if not written or any(self.known.find(f).relation == "name" for f in written):
            return canonical
        return tidy(Counter(written).most_common(1)[0][0])

    def entity(self, cluster: Cluster) -> Entity:
        """The actor of a cluster, named by its fullest mention."""
        name = self.name(cluster) or self._description(cluster)
        return Entity(name, cluster.id, self._type(cluster), cluster.country, cluster.mentions[0].why)

    def _type(self, cluster: Cluster) -> str:
        return cluster.type if cluster.type not in ("", "place", "document") else "unspecified"

    def _description(self, cluster: Cluster) -> str:
        for mention in cluster.mentions:
            if mention.members:
                return self._together(mention.members)
        nominal = [m for m in cluster.mentions if m.kind == "nominal"] or cluster.mentions
        return tidy(max(nominal, key=lambda m: (len(m.modifiers), -m.start)).text)

    def _together(self, members: tuple[Mention, ...]) -> str:
        parts = [self.name(self.clusters[m.cluster]) or tidy(m.text) for m in members]
        return ", ".join(parts[:-1]) + " and " + parts[-1]

    def span(self, cluster: Cluster, mention: Mention, start: int, end: int) -> Entity:
        """The actor of a span whose head is the head of ``mention``."""
        name = self.name(cluster)
        if not name:
            if mention.kind == "nominal" and not mention.members and len(cluster.mentions) == 1:
                name = tidy(self.text[start:end])
            else:
                name = self._description(cluster)
        return Entity(name, cluster.id, self._type(cluster), cluster.country, mention.why)
