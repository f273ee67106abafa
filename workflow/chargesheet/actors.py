"""Who is meant: the actors of one article (``resolve``) and of a whole study (``link``)."""

from __future__ import annotations

import re
from bisect import bisect_right

from chargesheet import coreference, gazetteer, mending, mentions, naming
from chargesheet.antecedents import Cluster
from chargesheet.conllu import Document, Sentence, Token
from chargesheet.linking import TYPES, LinkedActors, link
from chargesheet.mentions import Mention
from chargesheet.naming import Entity

__all__ = ["TYPES", "Entity", "LinkedActors", "Mention", "Resolution", "link", "resolve"]


class Resolution:
    """The actors of one article.

    ``mentions`` are in text order; ``entity`` and ``antecedent`` take any span of the article.
    """

    def __init__(
        self, document: Document, text: str, found: list[Mention], clusters: list[Cluster], namer: naming.Namer
    ):
        self.document, self.text = document, text
        self._found, self._clusters, self._namer = found, clusters, namer
        self._starts = [s.start for s in document.sentences]
        self._heads: dict[tuple[int, int], Mention] = {}
        self._asked: set[int] = set()
        self._joined: dict[tuple[int, int], Mention] = {}
        self._people = {m.end: m for m in found if m.kind == "name" and m.type == "person"}
        for mention in found:
            key = (mention.sentence, mention.head.id)
            if mention.members:
                self._joined[key] = mention
            else:
                self._heads[key] = mention

    @property
    def mentions(self) -> list[Mention]:
        """Mentions of actors in text order, with cluster, name, type and why: named actors, people,
        bodies and whatever ``entity`` was asked for; places, objects and "it rains" are none."""
        kept = {c.id for c in self._clusters if c.id in self._asked or self._is_actor(c)}
        for mention in self._found:
            if mention.cluster in kept:
                entity = self._namer.entity(self._clusters[mention.cluster])
                mention.name, mention.type = entity.name, entity.type
        return sorted((m for m in self._found if m.cluster in kept), key=lambda m: (m.start, -m.end))

    @staticmethod
    def _is_actor(cluster: Cluster) -> bool:
        if cluster.joined:
            return len(cluster.mentions) > 1 or bool(cluster.pair)
        kinds = {m.kind for m in cluster.mentions}
        return kinds != {"pronoun"} and cluster.type not in ("place", "document", "")

    def _at(self, start: int, end: int) -> tuple[Sentence, Token] | None:
        """The sentence of a span and its head word."""
        at = bisect_right(self._starts, start) - 1
        for sentence in self.document.sentences[max(0, at) : at + 2]:
            ids = [t.id for t in sentence.tokens if t.start < end and t.end > start]
            if ids:
                return sentence, mentions.head_of(sentence, ids[0], ids[-1])
        return None

    def _mention(self, start: int, end: int) -> Mention:
        """The mention that a span stands for: the one with its head word, a new one where there is none."""
        place = self._at(start, end)
        if place is None:
            raise ValueError(f"characters {start}-{end} hold no word of article '{self.document.doc_id}'")
        sentence, head = place
        if head.deprel == "nsubj" and head.lemma.casefold() in ("who", "which", "that") and head.upos == "PRON":
            governor = sentence.head(head)
            owner = sentence.head(governor) if governor is not None and governor.deprel == "acl:relcl" else None
            head = owner or head
        key = (sentence.number, head.id)
        whole = self._joined.get(key)
        if whole is not None and any(m.end <= end for m in whole.members[1:]):
            return whole
        named = self._named_behind(sentence, head, end)
        if named is not None:
            return named
        if key in self._heads:
            return self._heads[key]
        for child in sentence.children(head, "flat", "appos"):
            inner = self._heads.get((sentence.number, child.id))
            if inner is not None and inner.kind == "name" and inner.end <= end:
                return inner
        ids = [t.id for t in sentence.tokens if t.start < end and t.end > start]
        mention = mentions.of_span(sentence, ids[0], ids[-1], self.text)
        cluster = Cluster(len(self._clusters))
        self._clusters.append(cluster)
        cluster.add(mention, "not mentioned elsewhere")
        self._found.append(mention)
        self._heads[key] = mention
        return mention

    def _named_behind(self, sentence: Sentence, head: Token, end: int) -> Mention | None:
        """The person whose name ends a description: "the head of the prison, Duch", "one of them - John Doe"."""
        own = self._heads.get((sentence.number, head.id))
        if own is None or own.kind != "nominal" or own.type != "person" or own.number != "sing":
            return None
        name = self._people.get(end)
        if (
            name is None
            or name.sentence != sentence.number
            or name.start < own.start
            or name.first < 2
            or sentence.tokens[name.first - 2].form not in (",", "-", "–", "—", "(")
        ):
            return None
        return name

    def entity(self, start: int, end: int) -> Entity:
        """The actor that a span stands for: its head word decides.

        Name: the most complete one of this article, the cleaned words where it uses none.
        """
        mention = self._mention(start, end)
        cluster = self._clusters[mention.cluster]
        name, why = self._namer.name(cluster), mention.why
        if not name:
            whole = mention if mention.members else self._namer.fullest(cluster)
            if whole.members or cluster.pair:
                name = self._namer.together(whole.members or cluster.pair)
            else:
                _, variant = self._namer.shape(whole, (start, end) if whole is mention else None)
                if variant.actor and cluster.id not in self._asked:
                    cluster = self._stand_for(cluster, variant)
                    name, why = self._namer.name(cluster), f"'{mention.text[:60]}' stands for {variant.text}"
                elif variant.actor:  # counted by itself before: a record's actor does not change any more
                    name = self._namer.shape(whole, (start, end) if whole is mention else None, own=True)[1].text
                else:
                    name = variant.text
        self._asked.add(cluster.id)
        return Entity(name, cluster.id, self._namer.type(cluster), cluster.country, why)

    def _stand_for(self, cluster: Cluster, variant: naming.Variant) -> Cluster:
        """Count a described actor with the one it acts for: "Boko Haram insurgents" with Boko Haram."""
        if variant.mention is not None:
            whole = self._clusters[variant.mention.cluster]
        else:
            states = (c for c in self._clusters if c.country == variant.country and c.type == "state" and c.names)
            whole = next(states, None)
            if whole is None:
                whole = Cluster(len(self._clusters), country=variant.country, names=[variant.text])
                whole.votes["state"] += 100
                whole.settle()
                self._clusters.append(whole)
        if whole is not cluster:
            for mention in cluster.mentions:
                mention.cluster, mention.why = whole.id, f"'{mention.text[:60]}' stands for {variant.text}"
            whole.mentions += cluster.mentions
            cluster.mentions = []
        return whole

    def antecedent(self, start: int, end: int) -> Mention | None:
        """The nearest earlier mention of the same actor, None where there is none."""
        mention = self._mention(start, end)
        earlier = [m for m in self._clusters[mention.cluster].mentions if m.start < start and m is not mention]
        return max(earlier, key=lambda m: m.start, default=None)


def resolve(document: Document, text: str, *, outlet: str = "", title: str = "", weights=None) -> Resolution:
    """Find and group the mentions of actors in an article.

    ``document`` is its annotation, whose titles are mended in place (see ``mending``), ``text``
    the stored text that its offsets count in. ``outlet``
    and ``title`` tell whose "we" an institution's own statement speaks in. ``weights``: another
    network than the bundled one (see ``antecedents.load``).
    """
    mending.titles(document)
    found = mentions.find(document, text)
    choose = coreference.by_score(weights) if weights is not None else None
    clusters = coreference.group(document, found, choose, author=issuer(outlet), text=text)
    return Resolution(document, text, found, clusters, naming.Namer(document, text, found, clusters, title))


def issuer(outlet: str) -> str:
    """Country code of a state or state body that publishes the article itself, "" for other outlets."""
    known = gazetteer.load()
    bare = re.sub(r"\(.*?\)", "", outlet).strip()
    for name in (bare, re.sub(r"\b(?:government|govt)\b(?: of)?", "", bare, flags=re.IGNORECASE).strip()):
        entry = known.find(name)
        if entry and entry.type in ("state", "state body"):
            return entry.country
    words = bare.split()
    if (
        len(words) > 1
        and known.nationality(words[0])
        and known.types(words[-1])
        and {"state", "state body"} & {*known.types(words[1]), *known.types(words[-1])}
    ):
        return known.nationality(words[0])
    return ""
