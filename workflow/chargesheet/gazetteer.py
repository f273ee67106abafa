"""What is known of actors before any article is read: countries, seats of power, organisations, nouns.

All of it stands in ``codebook/*.csv``, which a researcher can edit.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pycountry

CODEBOOK = Path(__file__).parent / "codebook"
_INITIALS = re.compile(r"\b((?:[A-Za-z]\.){2,}[A-Za-z]?)(?=\W|$)")
_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "`": "'", "‐": "-", "‑": "-"})


@dataclass(frozen=True, slots=True)
class Known:
    """An entry: canonical name, type of actor, ISO 3166 alpha-3 country, and how the words name it."""

    name: str
    type: str
    country: str
    relation: str  # name | alias | capital | seat


def clean(name: str) -> str:
    """Spaces, apostrophes and hyphens made uniform; "U.S." -> "US"; no article in front."""
    name = unicodedata.normalize("NFC", name).translate(_APOSTROPHES)
    name = _INITIALS.sub(lambda m: m.group(1).replace(".", ""), " ".join(name.split()))
    return _ARTICLE.sub("", name).strip(" ,;:\"'“”")


def key(name: str) -> str:
    """What two spellings of one name share. Short words in capitals keep them ("US" is not "us")."""
    name = clean(name)
    return name if len(name) <= 4 and name.isupper() else name.casefold()


@dataclass
class Gazetteer:
    """Look-ups by name, adjective, nationality and noun."""

    names: dict[str, Known] = field(default_factory=dict)
    adjectives: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    countries: dict[str, str] = field(default_factory=dict)
    nouns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    genders: dict[str, str] = field(default_factory=dict)
    nicknames: dict[str, frozenset[str]] = field(default_factory=dict)  # short forms of a first name
    national: dict[str, str] = field(default_factory=dict)
    openers: dict[str, int] = field(
        default_factory=dict
    )  # first word of names of several words: most characters of one

    def find(self, name: str) -> Known | None:
        """The entry that ``name`` names outright, None where there is none."""
        name = clean(name)
        return self.names.get(key(name)) or (self.names.get(name.casefold()) if len(name) > 2 else None)

    def adjective(self, country: str) -> str:
        """The usual adjective of a country code: "TJK" -> "Tajik", "USA" -> "U.S."; its name where it has none."""
        return "U.S." if country == "USA" else self.national.get(country, self.countries[country])

    def one_first_name(self, one: str, other: str) -> bool:
        """Whether two first names can be one person's: "Joe" and "Joseph", "J" and "Joseph"."""
        one, other = sorted((one.casefold(), other.casefold()), key=len)
        return one == other or (len(one) == 1 and other.startswith(one)) or one in self.nicknames.get(other, ())

    def gender(self, first: str) -> str:
        """ "masc" or "fem" of a first name, "" where it can be either or is not known."""
        return self.genders.get(first.casefold(), "")

    def nationality(self, word: str) -> str:
        """Country code of an adjective or a people's name ("Tajik", "Afghans"), "" where it is none."""
        word = key(word)
        return self.adjectives.get(word) or self.people.get(word) or ""

    def types(self, noun: str) -> tuple[str, ...]:
        """Types of actor that a common noun can stand for; () for nouns that name no actor."""
        noun = noun.casefold()
        return self.nouns.get(noun) or self.nouns.get(noun.rsplit("-", 1)[-1], ())


def _rows(name: str) -> Iterator[dict[str, str]]:
    with open(CODEBOOK / name, encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _listed(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(";") if part.strip()]


@lru_cache(maxsize=1)
def load() -> Gazetteer:
    """Read the codebook's data files."""
    found = Gazetteer()
    for row in _rows("countries.csv"):
        code, name = row["country"], row["name"]
        found.countries[code] = name
        found.names[key(name)] = Known(name, "state", code, "name")
        for alias in _listed(row["aliases"]):
            found.names.setdefault(key(alias), Known(name, "state", code, "alias"))
        for capital in _listed(row["capitals"]):
            found.names.setdefault(key(capital), Known(name, "state", code, "capital"))
        for word in _listed(row["adjectives"]):
            found.adjectives.setdefault(key(word), code)
            found.national.setdefault(code, word)
        for word in _listed(row["people"]):
            found.people.setdefault(key(word), code)
    for row in _rows("metonyms.csv"):
        if row["stands_for"]:
            found.names[key(row["phrase"])] = Known(row["stands_for"], row["type"], row["country"], "seat")
    for row in _rows("organisations.csv"):
        for relation, alias in [("name", row["name"]), *(("alias", a) for a in _listed(row["aliases"]))]:
            found.names.setdefault(key(alias), Known(row["name"], row["type"], row["country"], relation))
    for country in pycountry.countries:  # territories that the table leaves out
        if country.alpha_3 not in found.countries:
            found.countries[country.alpha_3] = country.name
            found.names.setdefault(key(country.name), Known(country.name, "state", country.alpha_3, "name"))
    for row in _rows("first_names.csv"):
        found.genders |= {name.casefold(): row["gender"] for name in row["names"].split()}
    for row in _rows("nicknames.csv"):
        found.nicknames[row["name"].casefold()] = frozenset(map(str.casefold, _listed(row["short"])))
    nouns: dict[str, list[str]] = {}
    for row in _rows("nouns.csv"):
        for noun in row["nouns"].split():
            types = nouns.setdefault(noun, [])
            if row["type"] not in types:
                types.append(row["type"])
    found.nouns = {noun: tuple(types) for noun, types in nouns.items()}
    for name in found.names:
        if len(parts := re.split(r"[\s'-]", name)) > 1:
            found.openers[parts[0]] = max(found.openers.get(parts[0], 0), len(name))
    return found
