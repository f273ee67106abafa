"""Group the mentions of one article: which of them stand for the same actor."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from chargesheet import antecedents, gazetteer, names
from chargesheet.antecedents import Cluster, Context
from chargesheet.conllu import Document, Sentence
from chargesheet.mentions import Mention

NEAREST = 20  # actors that a pronoun or nominal is compared with
WINDOW = {"it": 4, "they": 4, "he": 6, "she": 6, "each other": 0}  # sentences back

Choose = Callable[[Mention, list[list[float]], list["Cluster | None"]], int]


def by_score(weights: tuple[np.ndarray, ...]) -> Choose:
    """Choose the candidate of the highest score."""

    def choose(mention: Mention, rows: list[list[float]], candidates: list[Cluster | None]) -> int:
        return int(np.argmax(antecedents.score(rows, weights)))

    return choose


@dataclass(eq=False)
class NameGroup:
    """Names of one actor, before the nominals and pronouns are looked at."""

    forms: list[str]
    why: str = ""
    type: str = ""
    country: str = ""
    gender: str = ""
    mentions: list[Mention] = field(default_factory=list)
    cluster: Cluster | None = None


def group(
    document: Document, found: list[Mention], choose: Choose | None = None, author: str = "", text: str = ""
) -> list[Cluster]:
    """Give every mention a cluster, in one pass from the first to the last; return the clusters by number.

    Names are grouped first, over the whole article; then each pronoun, nominal and each name at its
    first mention chooses among the actors that were mentioned before, or a new one. ``author``: country
    code of a state that publishes the article and is its "we", outside of quotations in ``text``.
    """
    grouper = Grouper(document, found, choose or by_score(antecedents.load()), author, text)
    for mention in found:
        grouper.place(mention)
    return grouper.clusters


class Grouper:
    """Where the pass through an article stands: the actors so far, and what was said of them last."""

    def __init__(self, document: Document, found: list[Mention], choose: Choose, author: str, text: str):
        self.clusters: list[Cluster] = []
        self._choose, self._author = choose, author
        self._sentences = {s.number: s for s in document.sentences}
        self._named = group_names(found)
        self._heads: dict[int, dict[int, Mention]] = defaultdict(dict)
        for mention in found:
            if not mention.members:
                self._heads[mention.sentence][mention.head.id] = mention
        self._names_of: dict[int, list[Mention]] = defaultdict(list)
        self._recent: OrderedDict[int, Cluster] = OrderedDict()  # the last mentioned at the end
        self._by_word: dict[str, list[Cluster]] = defaultdict(list)
        self._subjects: dict[int, set[int]] = defaultdict(set)
        self._tellers: dict[int, set[int]] = defaultdict(set)
        self._quoted = quotations(text)
        self._voice: Cluster | None = None

    def place(self, mention: Mention) -> None:
        """Add the next mention to the actor that it stands for."""
        own = self._named.get(id(mention))
        if own is not None and own.cluster is not None:
            cluster, why = own.cluster, mention.why
        elif (
            own is not None
            and self._voice is not None
            and self._voice.country == own.country != ""
            and own.type == "state"
        ):
            cluster, why = self._voice, "the institution that publishes"
        elif self._author and mention.core == "we" and mention.kind == "pronoun" and not self._in_quotation(mention):
            cluster, why = self._institution(mention), "the institution that publishes"
        elif mention.members:
            cluster, why = None, ""
        else:
            cluster, why = self._earlier(mention, own)
            if cluster is None:
                cluster, why = self._two(mention)
        if cluster is None:
            cluster, why = self._new(), "first mention"
        if own is not None:
            own.cluster = cluster
        cluster.add(mention, why)
        self._note(mention, cluster)

    def _new(self, **known) -> Cluster:
        cluster = Cluster(len(self.clusters), **known)
        self.clusters.append(cluster)
        return cluster

    def _institution(self, mention: Mention) -> Cluster:
        """The actor that "we" is in a statement: who says "We, the ministers of ...", else the state."""
        if self._voice is None and any(self._sentences[mention.sentence].children(mention.head, "appos")):
            self._voice = self._new()
        if self._voice is None:
            self._voice = next((c for c in self.clusters if c.country == self._author and c.type == "state"), None)
        if self._voice is None:
            self._voice = self._new(country=self._author, names=[gazetteer.load().countries[self._author]])
            self._voice.votes["state"] += 100
        return self._voice

    def _earlier(self, mention: Mention, own: NameGroup | None) -> tuple[Cluster | None, str]:
        """The actor mentioned before that the mention stands for, and why; None where it is new."""
        sentence = self._sentences[mention.sentence]
        partner = _apposed(mention, sentence, self._heads[mention.sentence])
        if partner is not None:
            group = self._named.get(id(partner))  # a name that comes behind can be known from before
            cluster = self.clusters[partner.cluster] if partner.cluster >= 0 else group.cluster if group else None
            if cluster is not None and (own is None or _may_be_named(cluster)):
                return cluster, f"apposition to '{partner.text[:60]}'"
        candidates = _candidates(mention, self._recent, self._by_word)
        if own is not None:
            candidates = [c for c in candidates if _may_be_named(c)]
        if not candidates:
            return None, ""
        context = Context(mention, sentence, self._in_quotation(mention))
        before, told = self._subjects[mention.sentence - 1], self._tellers[mention.sentence - 1]
        rows, agreeing = [], 0
        for rank, cluster in enumerate(candidates):
            rows.append(antecedents.pair(context, cluster, rank, agreeing, before, told))
            kind = antecedents.kind_of(cluster.type)
            agreeing += not context.kind or not kind or context.kind == kind
        rows.append(antecedents.pair(context, None, 0, 0, before, told))
        cluster = [*candidates, None][self._choose(mention, rows, [*candidates, None])]
        return cluster, _why(mention, cluster) if cluster is not None else ""

    def _two(self, mention: Mention) -> tuple[Cluster | None, str]:
        """The two people of the sentence before ("X spoke with Y. They agreed"), where nothing else is plural."""
        if mention.core != "they" and not (
            mention.number == "plur" and (mention.determiner == "both" or mention.noun == "two")
        ):
            return None, ""
        people = {}
        for earlier in self._names_of[mention.sentence - 1]:
            if earlier.cluster >= 0 and self.clusters[earlier.cluster].type == "person":
                people.setdefault(earlier.cluster, earlier)
        if len(people) != 2:
            return None, ""
        cluster = self._new()
        cluster.pair = tuple(people.values())
        cluster.joined, cluster.number = 2, "plur"
        return cluster, "the two of the sentence before"

    def _in_quotation(self, mention: Mention) -> bool:
        at = bisect_right(self._quoted, (mention.start,)) - 1
        return at >= 0 and mention.start < self._quoted[at][1]

    def _note(self, mention: Mention, cluster: Cluster) -> None:
        if mention.kind == "name":
            self._names_of[mention.sentence].append(mention)
        self._recent[cluster.id] = cluster
        self._recent.move_to_end(cluster.id)
        for word in _index_words(mention):
            if not self._by_word[word] or self._by_word[word][-1] is not cluster:
                self._by_word[word].append(cluster)
        if mention.head.deprel.startswith("nsubj"):
            self._subjects[mention.sentence].add(cluster.id)
            governor = self._sentences[mention.sentence].head(mention.head)
            if governor is not None and governor.lemma in antecedents.SPEECH:
                self._tellers[mention.sentence].add(cluster.id)


def _apposed(mention: Mention, sentence: Sentence, heads: dict[int, Mention]) -> Mention | None:
    """What the mention stands in apposition to: a nominal and a name of one kind ("the judge, Bernard Schwartz")."""
    others = sentence.children(mention.head, "appos", "nmod:desc")
    if mention.head.deprel in ("appos", "nmod:desc"):
        others = [sentence.head(mention.head)]
    for token in others:
        other = heads.get(token.id)
        if other is not None and other.core == "we" and mention.kind == "nominal":
            return other
        if other is not None and {mention.kind, other.kind} == {"name", "nominal"}:
            kinds = {antecedents.kind_of(mention.type), antecedents.kind_of(other.type)}
            nominal = mention if mention.kind == "nominal" else other
            if nominal.number == "sing" and (
                len(kinds) == 1 or "" in kinds or (kinds == {"person", "body"} and nominal.type == "media")
            ):
                return other
    return None


def _index_words(mention: Mention) -> set[str]:
    if mention.kind == "pronoun":
        return {mention.core} if mention.core in ("i", "we", "you") else set()
    words = {mention.noun} if mention.noun else set(names.words(mention.core)) | mention.modifiers
    return words - {""}


def _may_be_named(cluster: Cluster) -> bool:
    """A name can be the name of an actor that had none so far."""
    return not cluster.names and not cluster.joined and cluster.last.kind != "pronoun"


def _candidates(
    mention: Mention, recent: OrderedDict[int, Cluster], by_word: dict[str, list[Cluster]]
) -> list[Cluster]:
    """Actors that the mention can stand for, the last mentioned first."""
    window = WINDOW.get(mention.core, 10) if mention.kind == "pronoun" else 10
    found: dict[int, Cluster] = {}
    for cluster in reversed(recent.values()):
        if len(found) >= NEAREST or mention.sentence - cluster.last.sentence > window:
            break
        if cluster.last is not mention and not _impossible(mention, cluster):
            found[cluster.id] = cluster
    for word in sorted(_index_words(mention)):
        for cluster in by_word.get(word, ())[-5:]:
            if cluster.id not in found and not _impossible(mention, cluster):
                found[cluster.id] = cluster
    return sorted(found.values(), key=lambda c: -c.last.start)


def _impossible(mention: Mention, cluster: Cluster) -> bool:
    """Combinations that no context allows."""
    kind = antecedents.kind_of(cluster.type)
    if mention.kind == "pronoun":
        if mention.core in ("he", "she"):
            return (
                kind in ("body", "people", "place", "document")
                or cluster.gender not in ("", mention.gender)
                or cluster.joined > 0
            )
        if mention.core == "it":
            return (kind in ("person", "people") and bool(cluster.votes)) or cluster.joined > 0
        if mention.core == "i":
            return cluster.joined > 0 or kind in ("place", "document")
        return False
    if mention.kind == "nominal" and mention.number == "sing" and cluster.joined:
        return True
    # Sudanese officials are not Eritrean ones; a person may have two countries
    return kind != "person" and "" != mention.country != cluster.country != ""


def _why(mention: Mention, cluster: Cluster) -> str:
    """The evidence in words."""
    if mention.kind == "pronoun":
        return f"pronoun after '{cluster.last.text[:60]}'"
    if mention.head.deprel == "appos":
        return f"apposition to '{cluster.last.text[:60]}'"
    if mention.kind == "name":
        return f"name of '{cluster.last.text[:60]}'"
    return f"definite noun after '{cluster.last.text[:60]}'"


def group_names(found: list[Mention]) -> dict[int, NameGroup]:
    """Group the names of an article: long ones first, then each short one with the nearest that it fits.

    Returns the group of each name by ``id(mention)``.
    """
    groups: list[NameGroup] = []
    index: dict[str, list[NameGroup]] = defaultdict(list)
    chosen: dict[int, NameGroup] = {}
    order = sorted(
        (m for m in found if m.kind == "name"), key=lambda m: (-len(names.words(m.core)), -len(m.core), m.start)
    )
    for mention in order:
        fits: list[tuple[NameGroup, str]] = []
        keys = _keys(mention.core)
        seen: set[int] = set()
        for key in keys:
            for candidate in index.get(key, ()):
                if id(candidate) not in seen:
                    seen.add(id(candidate))
                    if why := _fits(mention, candidate):
                        fits.append((candidate, why))
        if fits:
            # two people with one surname: the one mentioned last before here, else the first after
            chosen_group, why = min(fits, key=lambda f: (_rank(f[1]), _gap(mention, f[0])))
        else:
            chosen_group, why = NameGroup([], type=mention.type, country=mention.country), "name"
            groups.append(chosen_group)
        mention.why = why
        chosen[id(mention)] = chosen_group
        chosen_group.mentions.append(mention)
        chosen_group.gender = chosen_group.gender or mention.gender
        chosen_group.type = chosen_group.type or mention.type
        if mention.core not in chosen_group.forms:
            chosen_group.forms.append(mention.core)
            for key in keys:
                if chosen_group not in index[key]:
                    index[key].append(chosen_group)
    return chosen


def _rank(why: str) -> int:
    return 0 if why.startswith(("same name", "known")) else 1


def _gap(mention: Mention, candidate: NameGroup) -> int:
    return min(
        (mention.start - m.start if m.start <= mention.start else 10**6 + m.start - mention.start)
        for m in candidate.mentions
    )


def _keys(name: str) -> list[str]:
    """What two names of one actor can share: a word, the letters of an acronym, a spelling in the rough."""
    words = names.words(name)
    keys = [*words, *(names.sound(w)[:4] for w in words if len(w) > 4)]
    letters = gazetteer.clean(name).upper() if names.is_acronym(name) else names.initials(name)
    known = gazetteer.load().find(name)
    if len(letters) > 1:
        keys += [f"*{letters}"] + ([f"*{letters[1:]}"] if len(letters) > 3 else [])
    if known:
        keys.append(f"={known.name}")
    return list(dict.fromkeys(keys))


def _fits(mention: Mention, candidate: NameGroup) -> str:
    """Why the mention is a name of the group, "" where it is not."""
    if mention.country and candidate.country and mention.country != candidate.country:
        return ""
    a, b = antecedents.kind_of(mention.type), antecedents.kind_of(candidate.type)
    if "people" in (a, b) and a != b and (mention.country or candidate.country):
        return ""
    if {a, b} == {"person", "place"} or (mention.gender and candidate.gender and mention.gender != candidate.gender):
        return ""
    if "place" in (a, b) and a != b and mention.country:
        return ""  # Kabul the city is not Kabul the government
    known = gazetteer.load()
    entry = known.find(mention.core) if a != "place" else None
    for form in candidate.forms:
        other = known.find(form) if b != "place" else None
        if entry and other:
            if entry.name == other.name:
                return "same name" if names.words(form) == names.words(mention.core) else f"known as {entry.name}"
            continue
        if a == b == "person" or {a, b} == {"person", ""}:
            why = names.same_person(mention.core, form)
        else:
            why = names.same_body(mention.core, form)
            if "person" in (a, b) and why == "part of the full name":
                why = ""  # Biden is not the Biden administration
        if why:
            return why
    return ""


def quotations(text: str) -> list[tuple[int, int]]:
    """Character ranges between quotation marks, line by line, so that a lost mark spoils one line only."""
    found, offset = [], 0
    for line in text.splitlines(keepends=True):
        opened = None
        for at, char in enumerate(line):
            if char == "“" or (char == '"' and opened is None):
                opened = at
            elif char in '”"' and opened is not None:
                found.append((offset + opened, offset + at))
                opened = None
        offset += len(line)
    return found
