"""Group the mentions of one article: which of them stand for the same actor."""

from __future__ import annotations

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
RANKED = ("he", "she", "it", "they", "i", "we", "you", "each other")

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
    """Give every mention a cluster, in one pass from the first to the last.

    ``author``: country code of a state that speaks in the article as "we", outside of quotations in ``text``.

    Names are grouped first, over the whole article; then each pronoun, nominal and each name at
    its first mention chooses among the actors that were mentioned before, or a new one.
    """
    choose = choose or by_score(antecedents.load())
    sentences = {s.number: s for s in document.sentences}
    named = group_names(found)
    heads: dict[int, dict[int, Mention]] = defaultdict(dict)
    for mention in found:
        if not mention.members:
            heads[mention.sentence][mention.head.id] = mention
    clusters: list[Cluster] = []
    recent: OrderedDict[int, Cluster] = OrderedDict()  # the last mentioned at the end
    by_word: dict[str, list[Cluster]] = defaultdict(list)
    prominent: dict[int, set[int]] = defaultdict(set)
    quoted = quotations(text) if author else []
    voice: Cluster | None = None
    for order, mention in enumerate(found):
        own = named.get(id(mention))
        cluster, why = None, ""
        if own is not None and own.cluster is None and voice is not None and own.type == "state" and own.country == author:
            own.cluster = voice
        if own is not None and own.cluster is not None:
            cluster, why = own.cluster, mention.why
        elif (
            author
            and mention.core == "we"
            and mention.kind == "pronoun"
            and not any(a < mention.start < b for a, b in quoted)
        ):
            cluster = voice or next((c for c in clusters if c.country == author and c.type == "state"), None)
            if cluster is None:
                cluster = Cluster(len(clusters), country=author, names=[gazetteer.load().countries[author]])
                cluster.votes["state"] += 100
                clusters.append(cluster)
            voice = cluster
            why = "the institution that publishes"
        elif not mention.members:
            context = Context(mention, sentences[mention.sentence], order, heads[mention.sentence])
            partner = _apposed(mention, sentences[mention.sentence], heads[mention.sentence])
            candidates = _candidates(mention, recent, by_word)
            if own is not None:
                candidates = [c for c in candidates if _may_be_named(c, own)]
            if (
                partner is not None
                and partner.cluster >= 0
                and (own is None or _may_be_named(clusters[partner.cluster], own))
            ):
                cluster, why = clusters[partner.cluster], f"apposition to '{partner.text[:60]}'"
            elif candidates:
                rows, options = _rows(context, candidates, frozenset(prominent[mention.sentence - 1]))
                at = choose(mention, rows, options)
                if options[at] is not None:
                    cluster, why = options[at], _why(mention, options[at])
        if cluster is None:
            cluster = Cluster(len(clusters))
            clusters.append(cluster)
            why = "first mention"
        if own is not None:
            own.cluster = cluster
        cluster.add(mention, why)
        recent[cluster.id] = cluster
        recent.move_to_end(cluster.id)
        for word in _index_words(mention):
            if not by_word[word] or by_word[word][-1] is not cluster:
                by_word[word].append(cluster)
        if mention.head.deprel.startswith("nsubj"):
            prominent[mention.sentence].add(cluster.id)
    return clusters


def _apposed(mention: Mention, sentence: Sentence, heads: dict[int, Mention]) -> Mention | None:
    """What the mention stands in apposition to: a nominal and a name of one kind ("the judge, Bernard Schwartz")."""
    others = (
        [sentence.head(mention.head)] if mention.head.deprel == "appos" else sentence.children(mention.head, "appos")
    )
    for token in others:
        other = heads.get(token.id)
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


def _may_be_named(cluster: Cluster, own: NameGroup) -> bool:
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
            return kind in ("person", "people") and bool(cluster.votes) or cluster.joined > 0
        if mention.core == "i":
            return cluster.joined > 0 or kind in ("place", "document")
        return False
    if mention.kind == "nominal" and mention.number == "sing" and cluster.joined:
        return True
    return False


def _rows(
    context: Context, candidates: list[Cluster], before: frozenset[int]
) -> tuple[list[list[float]], list[Cluster | None]]:
    rows, options, agreeing = [], [], 0
    for rank, cluster in enumerate(candidates):
        rows.append(antecedents.pair(context, cluster, rank, agreeing, before))
        options.append(cluster)
        kind = antecedents.kind_of(cluster.type)
        agreeing += not context.kind or not kind or context.kind == kind
    rows.append(antecedents.pair(context, None, 0, 0, before))
    options.append(None)
    return rows, options


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
    keys = [w for w in words] + [names.sound(w)[:4] for w in words if len(w) > 4]
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
        why = names.same_person(mention.core, form) if "person" in (a, b) else names.same_body(mention.core, form)
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
