"""Link the actors of all articles of a study: one canonical actor per real actor.

Rules go from the surest to the boldest: a study's own decisions, known names, equal names, spelling
variants, fuller forms, acronyms, surnames. Each merge notes its rule and its evidence; what
contradicts it (another country, another first name, two people in one article) forbids it.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chargesheet import gazetteer, names
from chargesheet.antecedents import kind_of
from chargesheet.errors import UserError
from chargesheet.gazetteer import Known

TYPES = ("person", "organisation", "state", "state body", "armed group", "media", "group of people", "unspecified")
COLUMNS = ("name", "canonical", "type", "country", "note")
# words that make two otherwise equal names two actors
_APART = frozenset(
    """
    north south east west northern southern eastern western central upper lower new old former first second
    third fourth fifth real continuity provisional
    """.split()
)
_SPELLING = {
    "defence": "defense",
    "organisation": "organization",
    "centre": "center",
    "labour": "labor",
    "programme": "program",
    "co-operation": "cooperation",
}
_VAGUE = frozenset("the a an some several many other two three four five six seven eight nine ten".split())
_ENOUGH = 3  # articles with a full name before a bare surname elsewhere is taken for it without a title


@dataclass(frozen=True)
class LinkedActors:
    """``actor_of``: {(doc_id, cluster): actor_id}; ``actors``: one dict per actor with actor_id,
    name, type, country, aliases (list) and why, sorted by actor_id."""

    actor_of: dict[tuple[str, int], str]
    actors: list[dict]


@dataclass(eq=False)
class Group:
    """Actors of single articles taken for one."""

    number: int
    members: list[tuple[str, int]] = field(default_factory=list)
    forms: Counter[str] = field(default_factory=Counter)  # names, by articles
    titles: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    countries: Counter[str] = field(default_factory=Counter)
    described: bool = False  # never named, only described
    known: Known | None = None
    pinned: str = ""  # canonical name in the study's own table
    why: list[str] = field(default_factory=list)

    @property
    def articles(self) -> set[str]:
        return {doc_id for doc_id, _ in self.members}

    @property
    def kind(self) -> str:
        if self.known:
            return kind_of(self.known.type)
        return kind_of(max(self.types, key=lambda t: (self.types[t], t))) if self.types else ""

    @property
    def country(self) -> str:
        """The country that at least half of the evidence names."""
        if self.known and self.known.country:
            return self.known.country
        if not self.countries:
            return ""
        code, n = max(self.countries.items(), key=lambda item: (item[1], item[0]))
        return code if n * 2 >= sum(self.countries.values()) else ""

    def best(self) -> str:
        """The name that most articles use, of those with a first name or written out."""
        if self.known and self.known.type == "state":
            return self.known.name
        full = (
            [f for f in self.forms if len(names.words(f)) > 1 and not names.is_acronym(f)]
            if self.kind == "person"
            else list(self.forms)
        )
        return min(full or self.forms, key=lambda f: (-self.forms[f], names.is_acronym(f), -len(f), f))


def link(mentions: Iterable[dict], overrides: list[dict] | None = None) -> LinkedActors:
    """Link the actors of all articles.

    ``mentions``: rows as in data/processed/mentions (doc_id, text, name, kind, type, cluster; optional
    country and titles). ``overrides``: the study's own decisions as ``read_overrides`` returns them;
    they win over every rule. Raises UserError where overrides contradict each other.
    """
    decisions = check_overrides(overrides or [])
    linker = Linker(_local(mentions))
    linker.decide(decisions)
    for rule in (
        linker.known,
        linker.equal,
        linker.variants,
        linker.fuller,
        linker.acronyms,
        linker.surnames,
        linker.lone,
    ):
        rule()
    return _numbered(linker.groups(), decisions)


def _local(mentions: Iterable[dict]) -> list[Group]:
    """The actors of single articles, by article and cluster."""
    groups: dict[tuple[str, int], Group] = {}
    known = gazetteer.load()
    for row in sorted(mentions, key=lambda m: (m["doc_id"], m["cluster"], m["start"], m["end"])):
        key = (row["doc_id"], row["cluster"])
        if key not in groups:
            groups[key] = Group(len(groups), [key], Counter({row["name"]: 1}), described=True)
            groups[key].types[row["type"]] += 1
        group = groups[key]
        if row["kind"] == "name":
            group.described = False
            group.forms.setdefault(row["text"], 0)  # a spelling, not the name of the article
            group.titles.update(names.titles(row["text"]))
        group.titles.update(row.get("titles") or ())
        if row.get("country"):
            group.countries[row["country"]] = 1
    for group in groups.values():
        codes = {c for c in map(known.nationality, group.titles) if c}
        group.countries.update(dict.fromkeys(codes, 1) if len(codes) == 1 else {})
        if group.types["unspecified"]:
            del group.types["unspecified"]
    return [groups[key] for key in sorted(groups)]


class Linker:
    """Groups that merge rule by rule."""

    def __init__(self, groups: list[Group]):
        self._gazetteer = gazetteer.load()
        self._parent = {g.number: g for g in groups}
        self._all = groups

    def groups(self) -> list[Group]:
        """The groups that are left."""
        return [g for g in self._all if self._parent[g.number] is g]

    def root(self, group: Group) -> Group:
        """The group that ``group`` has become part of."""
        while self._parent[group.number] is not group:
            group = self._parent[group.number]
        return group

    def merge(self, one: Group, other: Group, why: str, sure: bool = False) -> bool:
        """Make one group of two unless something forbids it; ``sure`` rules ask only the study's own decisions."""
        one, other = self.root(one), self.root(other)
        if one is other or (one.pinned and other.pinned and one.pinned != other.pinned):
            return False
        if not sure and not self._compatible(one, other):
            return False
        big, small = (
            (one, other) if (len(one.members), -one.number) >= (len(other.members), -other.number) else (other, one)
        )
        self._parent[small.number] = big
        big.members += small.members
        for counts in ("forms", "titles", "types", "countries"):
            getattr(big, counts).update(getattr(small, counts))
        big.described = big.described and small.described
        big.known, big.pinned = big.known or small.known, big.pinned or small.pinned
        big.why += [w for w in (why, *small.why) if w not in big.why]
        return True

    def _compatible(self, one: Group, other: Group) -> bool:
        if one.pinned or other.pinned or (one.known and other.known and one.known.name != other.known.name):
            return False
        kinds = {one.kind, other.kind} - {""}
        if len(kinds) > 1:
            return False
        if one.country and other.country and one.country != other.country:
            return False
        return not one.articles & other.articles  # one article already told them apart

    # the rules

    def decide(self, decisions: dict[str, dict]) -> None:
        """The study's own table: a group goes where its name goes, else its most frequent form that is listed."""
        by_canonical: dict[str, Group] = {}
        for group in self.groups():
            best = max(group.forms, key=lambda f: (group.forms[f], f))
            listed = [f for f in (best, *sorted(group.forms)) if gazetteer.key(f) in decisions]
            if listed:
                decision = decisions[gazetteer.key(listed[0])]
                group.pinned = decision["canonical"]
                group.why.append(f"actors.csv: '{listed[0]}' is {decision['canonical']}")
                if (first := by_canonical.setdefault(decision["canonical"], group)) is not group:
                    self.merge(first, group, group.why[-1], sure=True)

    def known(self) -> None:
        """Names of the codebook: countries, capitals as governments, organisations and their aliases."""
        by_name: dict[str, Group] = {}
        for group in self.groups():
            if group.pinned or group.described:
                continue
            found = Counter()
            for form, n in group.forms.items():
                if (entry := self._gazetteer.find(form)) and self._may_be(entry, group):
                    found[entry] += n
            if not found:
                continue
            group.known = min(found, key=lambda e: (-found[e], e.name))
            first = by_name.setdefault(group.known.name, group)
            if first is not group:
                self.merge(first, group, f"known name: {group.known.name}", sure=True)

    @staticmethod
    def _may_be(entry: Known, group: Group) -> bool:
        if entry.relation == "capital":  # an article's "Kabul" that is a city is no state
            return group.kind == "body"
        return group.kind != "person" and (group.kind != "people" or kind_of(entry.type) == "people")

    def equal(self) -> None:
        """The same words in any order of "of", with nationality written as adjective or as owner.

        Descriptions join by this rule only: "Pakistani police" here and there, but never "a man".
        """
        first: dict[tuple, Group] = {}
        for group in self.groups():
            for form in sorted(group.forms):
                key = self._signature(form, self.root(group))
                if key is not None:
                    same = "same description" if group.described else "same name"
                    self.merge(first.setdefault(key, group), group, f"{same}: {form}", sure=group.described)

    def _signature(self, form: str, group: Group) -> tuple | None:
        words = tuple(_SPELLING.get(w, w) for w in names.words(form))
        kind = group.kind
        if kind == "person":
            # a lone surname is no name to go by: rules ``surnames`` and ``lone``
            return None if group.described or len(words) < 2 else (kind, *words, names.generation(form))
        nation = [self._gazetteer.nationality(w) or self._code(w) for w in words]
        told = sorted({n for n in nation if n})
        rest = sorted(w for w, n in zip(words, nation, strict=True) if not n)
        if group.described:
            kind, rest = "described", [w for w in rest if w not in _VAGUE]
        return (kind, *told, *rest) if told or rest else None

    def _code(self, word: str) -> str:
        entry = self._gazetteer.find(word)
        return entry.country if entry and entry.type == "state" and entry.relation in ("name", "alias") else ""

    def variants(self) -> None:
        """Spellings of one name: Gaddafi and Qadhafi, Al-Mirsaad and Al-Miraaad."""
        buckets: dict[tuple, list[tuple[Group, str]]] = defaultdict(list)
        for group, form in self._named():
            for key in _rough(form):
                buckets[key].append((group, form))
        for bucket in _sorted(buckets):
            for at, (one, form) in enumerate(bucket):
                for other, form2 in bucket[at + 1 :]:
                    if self.root(one) is not self.root(other) and self._spelt(one, form, other, form2):
                        self.merge(one, other, f"spelling: {form} and {form2}")

    def _named(self) -> Iterator[tuple[Group, str]]:
        for group in self.groups():
            if not group.described and not (group.known and group.known.type == "state"):
                for form in sorted(group.forms):
                    yield group, form

    def _spelt(self, one: Group, form: str, other: Group, form2: str) -> bool:
        u, v = names.words(form), names.words(form2)
        one, other = self.root(one), self.root(other)
        if (
            (one.known and other.known)
            or (set(u) ^ set(v)) & _APART
            or names.generation(form) != names.generation(form2)
        ):
            return False
        if any(self._gazetteer.nationality(w) or self._gazetteer.find(w) for w in set(u) ^ set(v)):
            return False
        if one.kind == "person" and (min(len(u), len(v)) < 2 or not self._one_first_name(u[0], v[0])):
            return False
        return names.spelling_variant(u, v)

    def _one_first_name(self, one: str, other: str) -> bool:
        """Moammar and Muammar; not Carlos and Carla, Mario and Maria, which are two names."""
        genders = self._gazetteer.gender(one), self._gazetteer.gender(other)
        return (
            one == other or "" in genders or (genders[0] == genders[1] and names.skeleton(one) == names.skeleton(other))
        )

    def fuller(self) -> None:
        """A longer form of a name where only one fits: "Hugo Chavez Frias", "Sudan Liberation Army faction"."""
        index: dict[str, list[tuple[Group, str]]] = defaultdict(list)
        for group, form in self._named():
            for word in set(names.words(form)):
                index[word].append((group, form))
        for group, form in list(self._named()):
            short = names.words(form)
            if len(short) < 2:
                continue
            rare = min(short, key=lambda w: (len(index[w]), w))
            fits: dict[int, tuple[Group, str]] = {}
            likely = index[rare] + (index[short[-1]] if self.root(group).kind == "person" and rare != short[-1] else [])
            for other, form2 in likely:
                long = names.words(form2)
                if (
                    self.root(other) is not self.root(group)
                    and len(long) > len(short)
                    and self._longer(group, short, long)
                ):
                    fits.setdefault(self.root(other).number, (other, form2))
            if len(fits) == 1:
                other, form2 = next(iter(fits.values()))
                self.merge(group, other, f"fuller name: {form}, {form2}")

    def _longer(self, group: Group, short: tuple[str, ...], long: tuple[str, ...]) -> bool:
        if self.root(group).kind == "person":
            if not names.within(short, long):
                return short[-1] == long[-1] and names.same_first_names(short[:-1], long[:-1])
            return (
                (short[0] == long[0] and short[-1] == long[-1])
                or long[: len(short)] == short
                or long[-len(short) :] == short
            )
        extra = [w for w in long if w not in short]
        # "Sudan Liberation Army" of a nationality is the same; any other addition makes another body
        return (
            names.within(short, long)
            and all(self._gazetteer.nationality(w) or self._code(w) for w in extra)
            and long[-len(short) :] == short
        )

    def acronyms(self) -> None:
        """An acronym and the one name that spells it out, of the same kind."""
        spelt: dict[str, dict[int, tuple[Group, str]]] = defaultdict(dict)
        for group, form in self._named():
            if len(names.words(form)) > 1 and not names.is_acronym(form) and self.root(group).kind != "person":
                spelt[names.initials(form)].setdefault(self.root(group).number, (group, form))
        for group, form in list(self._named()):
            bare = gazetteer.clean(form)
            if names.is_acronym(form) and len(bare) > 2:
                fits = {self.root(g).number: (g, f) for g, f in spelt.get(bare.upper(), {}).values()}
                if len(fits) == 1:
                    other, full = next(iter(fits.values()))
                    self.merge(group, other, f"acronym: {form}, {full}")

    def surnames(self) -> None:
        """A bare surname and the one person of that name, with a title or country in common or well known here."""
        people: dict[str, dict[int, Group]] = defaultdict(dict)
        for group, form in self._named():
            words = names.words(form)
            if self.root(group).kind == "person" and len(words) > 1:
                for word in {words[-1], *([words[0]] if words[0] not in self._gazetteer.genders else [])}:
                    people[word][self.root(group).number] = self.root(group)
        for group, form in self._surnames():
            fits = {self.root(g).number: self.root(g) for g in people.get(names.words(form)[0], {}).values()}
            fits = {n: g for n, g in fits.items() if g is not group and self._compatible(group, g)}
            shared = {n: self._evidence(group, g) for n, g in fits.items()}
            told = [n for n, evidence in shared.items() if evidence]
            if len(told) == 1:
                self.merge(group, fits[told[0]], f"surname: {form}, {fits[told[0]].best()} ({shared[told[0]]})")
            elif len(fits) == 1 and len(next(iter(fits.values())).articles) >= _ENOUGH:
                (person,) = fits.values()
                self.merge(group, person, f"surname: {form}, the only {person.best()}")

    def _surnames(self) -> list[tuple[Group, str]]:
        """People whom an article calls by one word only."""
        bare = [
            g
            for g in self.groups()
            if not g.described and not g.known and g.kind == "person" and all(len(names.words(f)) == 1 for f in g.forms)
        ]
        return [(g, max(g.forms, key=lambda f: (g.forms[f], f))) for g in bare]

    def lone(self) -> None:
        """Bare surnames of several articles that no full name claims."""
        first: dict[tuple, Group] = {}
        for group, form in self._surnames():
            self.merge(first.setdefault((names.words(form), group.country), group), group, f"same name: {form}")

    def _evidence(self, one: Group, other: Group) -> str:
        titles = [
            t
            for t in sorted(set(one.titles) & set(other.titles))
            if t not in ("mr", "mrs", "ms", "miss", "former", "late") and not self._gazetteer.nationality(t)
        ]
        if titles:
            return f"both {', '.join(titles[:3])}"
        return f"both {one.country}" if one.country and one.country == other.country else ""


def _rough(form: str) -> list[tuple]:
    """Keys that two spellings of a name are likely to share."""
    content = [w for w in names.words(form) if w not in names.PARTICLES]
    if not content:
        return []
    ends = (content[0], content[-1]) if len(content) > 1 else (content[0],)
    return [
        (len(content), "sound", *(names.skeleton(w)[:3] for w in ends)),
        (len(content), "letters", *(w[:3] for w in ends)),
    ]


def _sorted(buckets: dict[tuple, list]) -> Iterator[list]:
    for key in sorted(buckets):
        yield buckets[key]


def slug(name: str) -> str:
    """ "Al-Mirsaad" -> "al-mirsaad": lower-case ASCII words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", gazetteer.clean(name)).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower().replace("'", "")))[:60].strip("-") or "actor"


def _numbered(groups: list[Group], decisions: dict[str, dict]) -> LinkedActors:
    ordered = sorted(groups, key=lambda g: (-len(g.members), g.pinned or g.best(), g.members[0]))
    by_canonical = {d["canonical"]: d for d in reversed(decisions.values())}
    actors, actor_of, taken = [], {}, set()
    for group in ordered:
        decision = by_canonical.get(group.pinned, {})
        name = group.pinned or group.best()
        actor_id = base = slug(name)
        count = 1
        while actor_id in taken:
            count += 1
            actor_id = f"{base}-{count}"
        taken.add(actor_id)
        actor_of |= dict.fromkeys(group.members, actor_id)
        type_ = decision.get("type") or (
            group.known.type
            if group.known
            else max(group.types, key=lambda t: (group.types[t], t), default="unspecified")
        )
        aliases = sorted((f for f in group.forms if f != name), key=lambda f: (-group.forms[f], f))
        why = group.why or [f"described as '{name}'" if group.described else f"named '{name}'"]
        actors.append(
            {
                "actor_id": actor_id,
                "name": name,
                "type": type_,
                "country": decision.get("country") or group.country,
                "aliases": aliases,
                "why": "; ".join(why[:8]) + (f"; and {len(why) - 8} more" if len(why) > 8 else ""),
            }
        )
    return LinkedActors(actor_of, sorted(actors, key=lambda a: a["actor_id"]))


def read_overrides(path: Path) -> list[dict]:
    """Read a study's actors.csv (columns name, canonical, type, country, note; UTF-8). Raises UserError."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            fields = [f.strip() for f in reader.fieldnames or []]
            if unknown := [f for f in fields if f not in COLUMNS]:
                raise UserError(f"{path}: unknown column '{unknown[0]}'. Columns are {', '.join(COLUMNS)}.")
            if "name" not in fields:
                raise UserError(f"{path}: no column 'name'. The first line must read {','.join(COLUMNS)}.")
            rows = []
            for row in reader:
                if None in row:
                    raise UserError(
                        f"{path}, line {reader.line_num}: more cells than columns. Put names with a comma "
                        f"in quotation marks."
                    )
                rows.append(
                    {k.strip(): (v or "").strip() for k, v in row.items()}
                    | {"where": f"{path}, line {reader.line_num}"}
                )
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text: save it as CSV with encoding UTF-8.") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    return [row for row in rows if any(row.get(c) for c in COLUMNS)]


def check_overrides(rows: list[dict]) -> dict[str, dict]:
    """Decisions by key of their name. Raises UserError where two rows contradict each other."""
    decisions: dict[str, dict] = {}
    wanted: dict[tuple[str, str], tuple[str, str]] = {}
    for number, row in enumerate(rows, start=2):
        where = row.get("where") or f"actors.csv, line {number}"
        name, canonical = row.get("name", ""), row.get("canonical") or row.get("name", "")
        type_, country = row.get("type", ""), row.get("country", "").upper()
        if not name:
            raise UserError(f"{where}: no name. Write the name that articles use into column 'name'.")
        if type_ and type_ not in TYPES:
            raise UserError(f"{where}: type '{type_}' of '{name}' is none of {', '.join(TYPES)}.")
        if country and country not in gazetteer.load().countries:
            raise UserError(f"{where}: country '{country}' of '{name}' is no ISO 3166 alpha-3 code (such as AFG, USA).")
        earlier = decisions.get(gazetteer.key(name))
        if earlier and earlier["canonical"] != canonical:
            raise UserError(
                f"{where}: '{name}' is {canonical} here but {earlier['canonical']} in {earlier['where']}. "
                f"Keep one of the two lines."
            )
        for what, value in (("type", type_), ("country", country)):
            known, place = wanted.setdefault((canonical, what), (value, where))
            if value and known and known != value:
                raise UserError(
                    f"{where}: {what} of {canonical} is {value} here but {known} in {place}. Make them equal."
                )
            if value and not known:
                wanted[canonical, what] = (value, where)
        decisions[gazetteer.key(name)] = {"name": name, "canonical": canonical, "where": where}
    for decision in list(decisions.values()):
        canonical = decision["canonical"]
        further = decisions.get(gazetteer.key(canonical))
        if further and further["canonical"] != canonical:
            raise UserError(
                f"{decision['where']}: '{decision['name']}' is {canonical}, but {further['where']} makes "
                f"'{canonical}' {further['canonical']}. "
                f"Write {further['canonical']} in both."
            )
        decisions.setdefault(
            gazetteer.key(canonical), {"name": canonical, "canonical": canonical, "where": decision["where"]}
        )
    for decision in decisions.values():
        decision["type"] = wanted.get((decision["canonical"], "type"), ("", ""))[0]
        decision["country"] = wanted.get((decision["canonical"], "country"), ("", ""))[0]
    return decisions
