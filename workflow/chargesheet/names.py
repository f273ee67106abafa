"""Compare names: do two spellings name one actor? Pure functions on strings."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from chargesheet import gazetteer

WORD = re.compile(r"\w+(?:['’]\w{2,})?")
TITLES = frozenset(
    """
    mr mrs ms miss madam dr sir lord lady dame president vice deputy prime minister premier chancellor secretary
    general gen colonel col captain capt major maj lieutenant lt sergeant sgt admiral adm commander marshal
    judge justice senator sen representative rep congressman congresswoman governor gov mayor ambassador
    professor prof king queen prince princess crown emperor pope sheikh sheik shaikh imam ayatollah mullah
    chairman chief rev reverend father bishop archbishop cardinal attorney foreign defense defence interior
    former ex late maulana hajji haji sayyid
    """.split()
)
MALE = frozenset("mr sir lord king prince pope sheikh sheik imam ayatollah mullah maulana father".split())
FEMALE = frozenset("mrs ms miss madam lady dame queen princess".split())
_SMALL = frozenset("the of a an and for s in on de du des".split())
_GENERATION = {
    "jr": "jr",
    "junior": "jr",
    "sr": "sr",
    "senior": "sr",
    "ii": "ii",
    "iii": "iii",
    "iv": "iv",
    "elder": "sr",
    "younger": "jr",
}
PARTICLES = frozenset("al el ul ur as ash ad bin ibn abu".split())
# letters that romanisations of one name differ in (Gaddafi, Qadhafi, Kadafi)
_SOUNDS = (
    ("iy", "i"),
    ("ij", "i"),
    ("yy", "y"),
    ("ck", "k"),
    ("kh", "h"),
    ("gh", "g"),
    ("dh", "d"),
    ("th", "t"),
    ("ph", "f"),
    ("sch", "sh"),
    ("tch", "ch"),
    ("ch", "k"),
    ("q", "k"),
    ("c", "k"),
    ("ou", "u"),
    ("oo", "u"),
    ("ee", "i"),
    ("ei", "ai"),
    ("ay", "ai"),
    ("ey", "ai"),
    ("y", "i"),
    ("w", "v"),
    ("j", "i"),
)


@lru_cache(maxsize=20_000)
def words(name: str) -> tuple[str, ...]:
    """Words that tell a name from others: lower case, without accents, articles, titles and generation."""
    found = [_plain(w) for w in WORD.findall(gazetteer.clean(name).casefold())]
    found = [w.removesuffix("'s") for w in found if w not in _SMALL] or found or [name.casefold().strip()]
    while len(found) > 1 and found[0] in TITLES:
        found = found[1:]
    if len(found) > 2 and found[-1] in _GENERATION:
        found = found[:-1]
    return tuple(found)


def titles(name: str) -> list[str]:
    """Titles that a name begins with: "mullah" of "Mullah Fayaz"."""
    found = [w.rstrip(".").casefold() for w in name.split()]
    kept = next((at for at, w in enumerate(found) if w not in TITLES), len(found) - 1)
    return found[: min(kept, len(found) - 1)]


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


@lru_cache(maxsize=20_000)
def generation(name: str) -> str:
    """ "jr", "sr", "ii" ... of "George Bush Jr.", "" where a name says nothing."""
    found = WORD.findall(name.casefold())
    return _GENERATION.get(found[-1], "") if len(found) > 2 else ""


@lru_cache(maxsize=20_000)
def initials(name: str) -> str:
    """First letters of the words in capitals: what an acronym of the name can be."""
    return "".join(w[0] for w in WORD.findall(gazetteer.clean(name)) if w[0].isupper())


def is_acronym(name: str) -> bool:
    """ "LRA", "U.N.", "AKP": one word, two to seven letters, mostly capitals."""
    bare = gazetteer.clean(name)
    return (
        2 <= len(bare) <= 7 and " " not in bare and bare[0].isupper() and sum(c.isupper() for c in bare) > len(bare) / 2
    )


@lru_cache(maxsize=20_000)
def sound(word: str) -> str:
    """A word reduced to what romanisations agree on."""
    for spelt, reduced in _SOUNDS:
        word = word.replace(spelt, reduced)
    word = "k" + word[1:] if word.startswith("g") else word  # Gaddafi, Qadhafi, Kadafi
    return re.sub(r"(.)\1+", r"\1", word)


def skeleton(word: str) -> str:
    """The consonants of a word by sound: "Moammar" and "Muammar" share them."""
    return re.sub(r"[aeiou]", "", sound(word))


def misspelt(one: str, other: str) -> bool:
    """Two spellings of one long word: a letter or two apart or of one sound, same first letter, no digit.

    The first letter and the length are guards: "Iran" and "Iraq", "Niger" and "Nigeria" stay apart.
    """
    if one == other or min(len(one), len(other)) < 5 or any(c.isdigit() for c in one + other):
        return False
    if sound(one) == sound(other):
        return True
    if one[0] != other[0]:
        return False
    allowed = 1 if min(len(one), len(other)) < 7 else 2
    return DamerauLevenshtein.distance(one, other, score_cutoff=allowed) <= allowed


def spelling_variant(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Word by word equal or misspelt, with at least one word of five letters."""
    u, v = tuple(w for w in one if w not in PARTICLES), tuple(w for w in other if w not in PARTICLES)
    if not u or len(u) != len(v):
        return "".join(one) == "".join(other)
    return all(x == y or misspelt(x, y) for x, y in zip(u, v, strict=True))


def within(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """The words of the shorter stand in the longer in the same order."""
    rest = iter(long)
    return all(word in rest for word in short)


def same_first_names(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Joseph R. and Joe, John F. and John: the first fits and no later one contradicts."""
    known = gazetteer.load()
    if not known.one_first_name(one[0], other[0]):
        return False
    return all(known.one_first_name(x, y) for x, y in zip(one[1:], other[1:], strict=False))


def same_person(one: str, other: str) -> str:
    """Why two names in one article name one person, "" where they do not."""
    u, v = words(one), words(other)
    if generation(one) and generation(other) and generation(one) != generation(other):
        return ""
    if u == v:
        return "same name"
    short, long = (u, v) if len(u) < len(v) else (v, u)
    if len(short) < len(long):
        if len(short) == 1 and short[0] in long and short[0] not in PARTICLES:
            return "part of the full name"
        if (
            len(short) > 1
            and within(short, long)
            and (short[-1] == long[-1] or short[0] in PARTICLES or short[0] == long[0])
        ):
            return "part of the full name"
        if len(short) == 1 and misspelt(short[0], long[-1]):
            return "spelling variant of the surname"
    if spelling_variant(u, v):
        return "spelling variant"
    if u[-1] == v[-1] and len(u) > 1 and len(v) > 1 and same_first_names(u[:-1], v[:-1]):
        return "short first name"
    return ""


def same_body(one: str, other: str) -> str:
    """Why two names in one article name one organisation or place, "" where they do not."""
    known = gazetteer.load()
    entries = {e.name: e for e in (known.find(one), known.find(other)) if e}
    u, v = words(one), words(other)
    if u == v or (len(u) > 1 and sorted(u) == sorted(v)):
        return "same name"
    if len(entries) == 2:
        return ""
    if entries and known.find(one) and known.find(other):
        return f"known as {next(iter(entries))}"
    short, long = (one, other) if len(one) < len(other) else (other, one)
    if is_acronym(short):
        bare, letters = gazetteer.clean(short).upper(), initials(long)
        if len(letters) > 1 and (letters == bare or (len(bare) > 2 and letters.endswith(bare))):
            return "acronym"
        return ""
    if any(e.type == "state" for e in entries.values()) or known.nationality(one) or known.nationality(other):
        return ""
    less, more = words(short), words(long)
    if (
        len(less) < len(more)
        and less in (more[-len(less) :], more[: len(less)])
        and (len(less) > 1 or len(less[0]) > 4)
    ):
        return "part of the full name"
    if spelling_variant(u, v):
        return "spelling variant"
    return ""
