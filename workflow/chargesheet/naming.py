"""Name the actors of an article as the codebook asks: the most complete name that the article uses.

An actor that is never named is called by its description, cut to what identifies it, or by the
actor it belongs to ("Boko Haram insurgents" -> Boko Haram). Which of these readers choose is learned
from coded records (``benchmarks/train_naming.py``).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from chargesheet import gazetteer, names
from chargesheet.antecedents import Cluster
from chargesheet.conllu import Document, Sentence, Token
from chargesheet.mentions import Mention

WEIGHTS = Path(__file__).parent / "models" / "naming.json"
KINDS = ("full", "short", "bare", "core", "short core", "name", "of", "owner", "nation", "near", "main")
_DETERMINER = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_ARMED = frozenset("militant fighter rebel insurgent terrorist guerrilla gunman soldier".split())
_HEDGES = frozenset(
    """
    some several many few other others another more most all both such these those this that at least about
    around nearly almost over up to dozens hundreds thousands scores suspected alleged accused unidentified
    unnamed unknown so-called supposed recent new later latest another next top senior whole entire one two
    three four five six seven eight nine ten
    """.split()
)
_CLAUSES = ("acl", "advcl", "appos", "parataxis", "punct", "conj", "cc", "dep", "list")


@dataclass(frozen=True, slots=True)
class Entity:
    """The actor that a span stands for. ``cluster``: number of the actor in its article."""

    name: str
    cluster: int
    type: str
    country: str
    why: str


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to name a description: words, and the actor that it is then (a mention or a country)."""

    text: str
    mention: Mention | None = None
    country: str = ""

    @property
    def actor(self) -> bool:
        """Whether it names another actor that the description counts with."""
        return self.mention is not None or self.country != ""


def tidy(span: str) -> str:
    """The words of a phrase without article, line breaks and punctuation at the edges."""
    bare = " ".join(span.split()).strip(' ,;:"“”')
    return _DETERMINER.sub("", bare) or bare or span


class Namer:
    """Names for the clusters of one article."""

    def __init__(
        self,
        document: Document,
        text: str,
        found: list[Mention],
        clusters: list[Cluster],
        title: str = "",
        weights=None,
    ):
        self.document, self.text, self.clusters = document, text, clusters
        self.known = gazetteer.load()
        self.sentences = {s.number: s for s in document.sentences}
        self.weights = load() if weights is None else weights
        self._names: dict[tuple[int, int], str] = {}
        self._heads = {(m.sentence, m.head.id): m for m in found if not m.members}
        self._countries: list[tuple[int, str]] | None = None

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
        for form in forms if cluster.type != "place" else ():
            entry = self.known.find(form)
            if entry and entry.type == "state":
                return self._country(entry.name, forms)
        counts = Counter(forms)
        return tidy(max(counts, key=lambda f: (len(names.words(f)), self._canonical(f), counts[f], -forms.index(f))))

    def _canonical(self, form: str) -> bool:
        entry = self.known.find(form)
        return entry is not None and gazetteer.key(entry.name) == gazetteer.key(form)

    def _country(self, canonical: str, forms: list[str]) -> str:
        """The country's usual name unless the article only knows it by another name (Britain, Burma, DPRK)."""
        written = [
            f
            for f in forms
            if (e := self.known.find(f)) and e.relation in ("name", "alias") and len(gazetteer.clean(f)) > 3
        ]
        if not written or any(self.known.find(f).relation == "name" for f in written):
            return canonical
        return tidy(Counter(written).most_common(1)[0][0])

    def entity(self, cluster: Cluster) -> Entity:
        """The actor of a cluster, named by its fullest mention."""
        name = self.name(cluster) or self._description(cluster)
        return Entity(name, cluster.id, self.type(cluster), cluster.country, cluster.mentions[0].why)

    @staticmethod
    def type(cluster: Cluster) -> str:
        return cluster.type if cluster.type not in ("", "place", "document") else "unspecified"

    def fullest(self, cluster: Cluster) -> Mention:
        """The nominal that says most of an actor without a name."""
        nominal = [m for m in cluster.mentions if m.kind == "nominal"] or cluster.mentions
        return max(nominal, key=lambda m: (len(m.members), min(len(m.modifiers), 6), -m.start))

    def _description(self, cluster: Cluster) -> str:
        mention = self.fullest(cluster)
        if mention.members or cluster.pair:
            return self.together(mention.members or cluster.pair)
        return self.shape(mention, own=True)[1].text

    def together(self, members: tuple[Mention, ...]) -> str:
        """ "Russia and Iran": each member by its own name."""
        parts = [self.name(self.clusters[m.cluster]) or tidy(m.text) for m in members]
        return ", ".join(parts[:-1]) + " and " + parts[-1]

    def shape(self, mention: Mention, span: tuple[int, int] | None = None, own: bool = False) -> tuple[str, Variant]:
        """The variant that readers would choose to name a description: (kind, variant).

        ``own``: only such as name the described actor itself.
        """
        options = self.variants(mention, span)
        if len(options) == 1:
            return next(iter(options.items()))
        features = self.features(mention, options)
        offered = [kind for kind in options if not (own and options[kind].actor)]
        scores = {kind: sum(self.weights[kind].get(f, 0.0) for f in features) for kind in offered}
        kind = max(scores, key=lambda k: (scores[k], -KINDS.index(k)))
        return kind, options[kind]

    def variants(self, mention: Mention, span: tuple[int, int] | None = None) -> dict[str, Variant]:
        """All ways to name a description. ``span``: its characters, where a caller cut it otherwise."""
        sentence, head = self.sentences[mention.sentence], mention.head
        start, end = span or (mention.start, mention.end)
        found = {"full": Variant(tidy(self.text[start:end]))}
        if mention.kind != "nominal" or mention.members:
            return found
        if head.upos in ("ADJ", "PROPN") and (nation := self.known.nationality(found["full"].text)):
            # "Russian attacks": the adjective's actor is the state
            return {"nation": Variant(self.known.countries[nation], country=nation)}
        words = {t.id for t in sentence.tokens if t.start < end and t.end > start}
        found["short"] = self._cut(sentence, head, words, _CLAUSES)
        found["bare"] = self._cut(sentence, head, words, _CLAUSES, prepositions=False)
        found["core"] = self._cut(sentence, head, words, _CLAUSES, prepositions=False, hedges=False)
        found["short core"] = self._cut(sentence, head, words, _CLAUSES, hedges=False)
        inner = self._inner(sentence, head, mention)
        found |= inner
        nation = next((c for w in sorted(mention.modifiers) if (c := self.known.nationality(w))), "")
        if nation:
            found["nation"] = Variant(self.known.countries[nation], country=nation)
        elif not any(m in inner for m in ("name", "owner")) and mention.determiner != "poss":
            for kind, code in (("near", self._near(mention.start)), ("main", self._main())):
                if code:
                    found[kind] = Variant(f"{self.known.adjective(code)} {found['core'].text}")
        return found

    def _cut(
        self,
        sentence: Sentence,
        head: Token,
        words: set[int],
        loose: tuple[str, ...],
        prepositions: bool = True,
        hedges: bool = True,
    ) -> Variant:
        drop: set[int] = set()
        for child in sentence.children(head):
            relation = child.deprel.split(":")[0]
            if relation in loose and child.id > head.id:
                drop |= {t.id for t in sentence.subtree(child)}
            elif not prepositions and relation == "nmod" and child.id > head.id:
                case = next((c.form.casefold() for c in sentence.children(child, "case")), "")
                if case != "of":
                    drop |= {t.id for t in sentence.subtree(child)}
        kept = [t for t in sentence.tokens if t.id in words and t.id not in drop]
        if not hedges:
            while (
                kept
                and kept[0].id < head.id
                and (
                    kept[0].form.casefold() in _HEDGES
                    or kept[0].upos in ("DET", "NUM", "ADV", "PUNCT")
                    or kept[0].form.isdigit()
                )
            ):
                kept.pop(0)
        if not kept:
            kept = [head]
        return Variant(tidy(" ".join(self.text[a:b] for a, b in _runs(kept))))

    def _inner(self, sentence: Sentence, head: Token, mention: Mention) -> dict[str, Variant]:
        """Actors named within the description: before the noun, after "of" or "from", as owner."""
        found: dict[str, Variant] = {}
        for child in sentence.children(head):
            named = self._heads.get((sentence.number, child.id))
            if named is None or named.kind != "name" or named.cluster < 0:
                continue
            variant = Variant(self.name(self.clusters[named.cluster]) or tidy(named.text), mention=named)
            if mention.type in ("media", "organisation", "person") and mention.noun not in _ARMED:
                continue  # a spokesman of the Taliban and a news agency of Korea are actors of their own
            if child.deprel == "nmod:poss":
                found.setdefault("owner", variant)
            elif child.id < head.id or (
                child.id == head.id + 1 and child.deprel in ("appos", "flat", "nmod", "compound")
            ):
                found.setdefault("name", variant)
            elif child.deprel == "nmod" and any(
                c.form.casefold() in ("of", "from", "by") for c in sentence.children(child, "case")
            ):
                found.setdefault("of", variant)
        return found

    def _nations(self) -> list[tuple[int, str]]:
        """Every word of the article that tells a country: (offset, code)."""
        if self._countries is None:
            named = {m.start: m.country for m in self._heads.values() if m.country and m.kind == "name"}
            for sentence in self.document.sentences:
                for token in sentence.tokens:
                    if (
                        token.upos in ("ADJ", "PROPN", "NOUN")
                        and token.form[:1].isupper()
                        and (code := self.known.nationality(token.form))
                    ):
                        named.setdefault(token.start, code)
            self._countries = sorted(named.items())
        return self._countries

    def _near(self, at: int) -> str:
        before = [code for start, code in self._nations() if start < at]
        return before[-1] if before else next((code for _, code in self._nations()), "")

    def _main(self) -> str:
        counts = Counter(code for _, code in self._nations())
        return counts.most_common(1)[0][0] if counts else ""

    def features(self, mention: Mention, options: dict[str, Variant]) -> list[str]:
        """What the choice of a variant looks at."""
        found = [
            "",
            f"noun={mention.noun}",
            f"type={mention.type}",
            f"number={mention.number}",
            f"det={mention.determiner}",
        ]
        found.append(f"type+number={mention.type}+{mention.number}")
        found.append(f"modifiers={min(len(mention.modifiers), 4)}")
        plain = options["full"].text
        for kind, variant in options.items():
            if kind in ("short", "bare", "core", "short core"):
                found.append(f"{kind}={'same' if variant.text == plain else 'cut'}")
            elif variant.mention is not None:
                inner = self.clusters[variant.mention.cluster].type
                found += [f"{kind}={inner}", f"{kind}={inner}&{mention.type}", f"{kind}&noun={mention.noun}"]
            else:
                found.append(kind)
        if options["core"].text != plain if "core" in options else False:
            lost = set(plain.casefold().split()) - set(options["core"].text.casefold().split())
            found += [f"lost={w}" for w in sorted(lost & _HEDGES)]
        if "near" in options and "main" in options:
            found.append("near=main" if options["near"].text == options["main"].text else "near!=main")
        return found


def _runs(tokens: list[Token]) -> list[tuple[int, int]]:
    """Character ranges of neighbouring words, joined over what stood between them."""
    found: list[list[int]] = []
    last = 0
    for token in tokens:
        if found and token.id == last + 1:
            found[-1][1] = token.end
        else:
            found.append([token.start, token.end])
        last = token.id
    return [(a, b) for a, b in found]


@lru_cache(maxsize=1)
def load(path: Path = WEIGHTS) -> dict[str, dict[str, float]]:
    """Learned weights: {kind of variant: {feature: weight}}."""
    return json.loads(path.read_text(encoding="utf-8"))
