"""Equal accusations in several places get one claim.

The rule: two records make the same claim when they have the same act, the same ``asserted``, the
same source actors, the same target actors, and the same or nearly the same allegation:

* the same content words (all words but function words, number words as digits), or
* at least two content words in common, neither with more than ``LONGER`` times the content words
  of the other, a token-set similarity of at least ``SIMILARITY`` (rapidfuzz: words of one that
  are all among those of the other count fully, spelling variants in part), and no contradiction:
  not "killed 12" and "killed 40", not "was there" and "was not there".

Across articles an allegation of a single content word ("the charge", "any involvement") is never
the same: such words point back at something that each article says for itself. A record without
an allegation, or with neither source nor target, is a claim of its own. Every record is compared
with the first record of each claim only, so that claims don't drift by chains of small changes.
A claim is named by its first record (earliest date, undated last).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz

CODEBOOK = Path(__file__).parent / "codebook"
SIMILARITY = 85  # of 100
LONGER = 3

_NEGATION = {"no", "not", "never", "nor", "neither", "none", "nobody", "nothing", "without", "cannot"} | {
    f"{verb}n"  # of "isn't"
    for verb in ("is", "are", "was", "were", "has", "have", "had", "does", "do", "did", "would", "could", "should")
}
_UNITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DIGITS = {word: str(n) for n, word in enumerate(_UNITS + _TEENS)} | {
    word: str(20 + 10 * n) for n, word in enumerate(_TENS)
}


@cache
def function_words() -> frozenset[str]:
    """The codebook's list of words without content."""
    lines = (CODEBOOK / "function_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def content_words(text: str) -> frozenset[str]:
    """Words that carry the content of an allegation: case-folded, without function words."""
    digits = re.sub(r"(?<=\d),(?=\d)", "", text.casefold())
    words = (_DIGITS.get(word, word) for word in re.findall(r"\w+", digits))
    return frozenset(word for word in words if word not in function_words())


def _contradict(a: frozenset[str], b: frozenset[str]) -> bool:
    if bool(a & _NEGATION) != bool(b & _NEGATION):
        return True
    m, n = ({word for word in words if word.isdigit()} for words in (a, b))
    return bool(m and n) and not (m <= n or n <= m)


def same_allegation(a: frozenset[str], b: frozenset[str]) -> bool:
    """True if two sets of content words say the same by the module's rule (symmetric)."""
    if a == b:
        return bool(a)
    if len(a & b) < 2 or max(len(a), len(b)) > LONGER * min(len(a), len(b)) or _contradict(a, b):
        return False
    return fuzz.token_set_ratio(" ".join(sorted(a)), " ".join(sorted(b))) >= SIMILARITY


def _actors(entries: list[dict]) -> frozenset[str]:
    return frozenset(entry["actor_id"] for entry in entries)


class _Group:
    """The claims of one act between the same actors: each with its first record's id, article and words."""

    def __init__(self) -> None:
        self.claims: list[tuple[str, str, frozenset[str]]] = []
        self.by_word: dict[str, list[int]] = defaultdict(list)

    def find(self, doc_id: str, words: frozenset[str]) -> str | None:
        """The claim with the most words in common (the earliest of these) that says the same."""
        shared = Counter(number for word in words for number in self.by_word.get(word, ()))
        for number in sorted(shared, key=lambda n: (-shared[n], n)):
            claim, elsewhere, other = self.claims[number]
            if (len(words) > 1 or doc_id == elsewhere) and same_allegation(words, other):
                return claim
        return None

    def add(self, claim: str, doc_id: str, words: frozenset[str]) -> None:
        for word in words:
            self.by_word[word].append(len(self.claims))
        self.claims.append((claim, doc_id, words))


def assign(records: Iterable[dict], dates: dict[str, str]) -> dict[str, str]:
    """Map the id of each record to its claim's id.

    records: records whose sources and targets hold ``actor_id``; dates: ISO date by doc_id ("" = unknown).
    """

    def order(record: dict) -> tuple:
        return dates.get(record["doc_id"]) or "9999-99-99", record["doc_id"], record["cue"]["start"], record["id"]

    claims: dict[str, str] = {}
    groups: dict[tuple, _Group] = defaultdict(_Group)
    for record in sorted(records, key=order):
        sources, targets = _actors(record["sources"]), _actors(record["targets"])
        words = content_words(record["allegation"]["text"]) if record["allegation"] else frozenset()
        claims[record["id"]] = record["id"]
        if words and (sources or targets):
            group = groups[record["act"], record["asserted"], sources, targets]
            if claim := group.find(record["doc_id"], words):
                claims[record["id"]] = claim
            else:
                group.add(record["id"], record["doc_id"], words)
    return claims
