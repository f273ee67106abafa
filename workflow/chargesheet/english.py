"""Small matters of English: numbers in words, lists, plurals, dates, names in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

_WORDS = "no one two three four five six seven eight nine ten eleven twelve".split()
_PLURALS = {"country": "countries", "person": "people"}
_THE_NAMES = (
    r"United (States|Kingdom|Nations|Arab Emirates)|(European|Soviet|African) Union|European \w+|Netherlands|"
    r"Philippines|Maldives|Bahamas|Gambia|(Czech|Dominican|Central African|Islamic|Democratic|People's) Republic.*|"
    r"Taliban|Taleban|White House|Kremlin|Pentagon|Vatican|Holy See|Red Cross|West|CIA|FBI|NSA|IAEA|EU|UN|US|U\.S\.|UK|"
    r"U\.K\.|U\.N\.|UAE|Associated Press|Guardian|Economist|Pope"
)
_COMMON = set(
    "activists analysts authorities critics experts gunmen insurgents investigators lawmakers militants officials "
    "opponents police prosecutors protesters rebels residents soldiers troops witnesses".split()
)
_THE_ENDS = (
    r"[Gg]overnment|[Mm]inistry|[Dd]epartment|[Aa]rmy|[Mm]ilitary|[Uu]nion|[Cc]ouncil|[Cc]ommittee|[Cc]ommission|"
    r"[Pp]arty|[Ff]ront|[Cc]ourt|[Pp]arliament|Congress|Senate|[Oo]ffice|[Bb]ureau|[Aa]gency|[Ff]ederation|"
    r"[Aa]ssociation|[Ll]eague|[Oo]pposition|[Rr]egime|[Aa]dministration|[Ff]oundation|[Oo]rgani[sz]ation|Brotherhood|"
    r"Guards?|[Mm]ilitia|Times|Post|Journal|Tribune|Herald|[Ee]mbassy|[Pp]residency|[Mm]ovement|[Cc]ommunity"
)
_THE = re.compile(rf"({_THE_NAMES})$|(.* )?({_THE_ENDS})$|[A-Z]\w+( \w+)? of (the )?\w")
_COUNTED = re.compile(
    r"(an?|his|her|its|their|our|some|many|several|both|all|at least|"
    r"two|three|four|five|six|seven|eight|nine|ten|\d+) ",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r".*['’]s? ")


def number(count: int) -> str:
    """ "no", "one", ..., "twelve", "13", "1,234"."""
    return _WORDS[count] if 0 <= count < len(_WORDS) else f"{count:,}"


def nouns(noun: str, count: int) -> str:
    """A noun in the number that ``count`` asks for."""
    return noun if count == 1 else _PLURALS.get(noun, noun + "s")


def counted(count: int, noun: str) -> str:
    """ "no denials", "one denial", "twelve denials", "13 denials"."""
    return f"{number(count)} {nouns(noun, count)}"


def times(count: int) -> str:
    """ "once", "twice", "three times"."""
    return {1: "once", 2: "twice"}.get(count) or f"{number(count)} times"


def listing(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def percent(part: int, whole: int) -> str:
    """A share, with a no-break space before the sign: never "0 %" of something, never "100 %" of less than all."""
    share = 100 * part / whole
    if part and share < 1:
        text = "less than 1"
    elif part < whole and share > 99:
        text = "more than 99"
    else:
        text = f"{share:.0f}"
    return f"{text}\N{NO-BREAK SPACE}%"


def capital(text: str) -> str:
    """The first letter in upper case."""
    return text[:1].upper() + text[1:]


def day(date: pd.Timestamp) -> str:
    """ "26 March 2024", unbroken."""
    return f"{date.day}\N{NO-BREAK SPACE}{date:%B}\N{NO-BREAK SPACE}{date.year}"


def month(date: pd.Timestamp) -> str:
    """ "March 2024"."""
    return f"{date:%B %Y}"


def period(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """ "on 26 March 2024", "between 1 March 2024 and 3 May 2025"."""
    return f"on {day(first)}" if first == last else f"between {day(first)} and {day(last)}"


def the(name: str, kind: str = "") -> str:
    """A name as it stands in a sentence: "the United States", "Tajikistan", "the Sudanese government", "police".

    Args:
        name: canonical name of an actor.
        kind: its type; a person never takes an article.
    """
    if name.lower() in _COMMON:
        return name.lower()
    if name.startswith("The "):
        return f"the {name[4:]}"
    if _COUNTED.match(name):
        return name[0].lower() + name[1:]
    if kind == "person" or _POSSESSIVE.match(name) or not _THE.match(name):
        return name
    return f"the {name}"
