"""What figures and published tables count, prepared once from the tables, with intervals."""

import unicodedata
from functools import cached_property

import numpy as np
import pandas as pd

NOT_NAMED = "not named"
CHARGES = ("accuse", "condemn")
RESAMPLES = 2000
SEED = 20240326


def plain(text: str) -> str:
    """Text on one line, without control characters."""
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text).split())


def resamples(articles: int) -> np.ndarray:
    """How often each article stands in each bootstrap sample, (RESAMPLES, articles); always the same.

    Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    generator = np.random.default_rng(SEED)
    draws = (generator.integers(articles, size=articles) for _ in range(RESAMPLES))
    return np.array([np.bincount(draw, minlength=articles) for draw in draws], dtype=np.uint16)


def _distinct(names: dict[str, str]) -> dict[str, str]:
    """Names by actor id on one line, the second actor of a name as "John Smith (2)"."""
    found, seen = {}, {}
    for actor in sorted(names, key=lambda actor: (len(actor), actor)):
        name = plain(names[actor])
        seen[name.casefold()] = number = seen.get(name.casefold(), 0) + 1
        found[actor] = name if number == 1 else f"{name} ({number})"
    return found


class Ledger:
    """The tables of a study, with what several figures need from them."""

    def __init__(self, tables: dict[str, pd.DataFrame]):
        self.tables = tables
        self.articles = tables["articles"]
        self._names = {"": NOT_NAMED} | _distinct(dict(tables["actors"][["actor_id", "name"]].to_numpy()))

    @cached_property
    def records(self) -> pd.DataFrame:
        """Asserted records in text order."""
        return self.tables["accusations"].query("asserted").reset_index(drop=True)

    @cached_property
    def charges(self) -> pd.DataFrame:
        """Asserted accusations and condemnations; ``answered``: whether a denial answers it."""
        charges = self.records[self.records["act"].isin(CHARGES)].reset_index(drop=True)
        return charges.assign(answered=charges["id"].isin(set(self.records["responds_to"]) - {""}))

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """One row per asserted record, source and target, with source_id and target_id ("" = not named).

        A denial that names no accuser is directed at the sources of what it answers.
        """
        rows = self.records.copy()
        accusers = self.tables["accusations"].set_index("id")["source_ids"]
        unnamed = (rows["act"] == "deny") & (rows["target_ids"] == "") & (rows["responds_to"] != "")
        rows.loc[unnamed, "target_ids"] = rows.loc[unnamed, "responds_to"].map(accusers)
        for side in ("source", "target"):
            rows[f"{side}_id"] = rows[f"{side}_ids"].str.split("; ")
            rows = rows.explode(f"{side}_id")
        return rows.reset_index(drop=True)

    @cached_property
    def charge_pairs(self) -> pd.DataFrame:
        """The rows of ``pairs`` that are accusations or condemnations."""
        return self.pairs[self.pairs["act"].isin(CHARGES)]

    @cached_property
    def dated(self) -> pd.DataFrame:
        """Articles with a date."""
        return self.articles[self.articles["date"].notna()]

    def name(self, actor: str) -> str:
        """Canonical name of an actor id; "not named" for ""."""
        return self._names[actor]

    def count(self, rows: pd.DataFrame, by: str | list[str]) -> pd.DataFrame:
        """Number of rows by value, most first: columns count, low, high (95 % bootstrap over articles).

        rows: any frame with doc_id.
        """
        keys = ["doc_id", *([by] if isinstance(by, str) else by)]
        table = rows.groupby(keys, observed=True).size()
        table = table.unstack(list(range(1, table.index.nlevels)), fill_value=0)
        low, high = self.interval(table)
        counts = pd.DataFrame({"count": table.sum(), "low": low, "high": high})
        return counts.sort_index().sort_values("count", ascending=False, kind="stable")

    @cached_property
    def _resamples(self) -> np.ndarray:
        return resamples(len(self.articles))

    def samples(self, table: pd.DataFrame) -> np.ndarray:
        """Column sums in each bootstrap sample of articles, (RESAMPLES, columns). table: numbers by doc_id."""
        at = pd.Index(self.articles["doc_id"]).get_indexer(table.index)
        numbers = table.to_numpy(dtype=float)  # whole numbers: the sums are exact in any order
        return np.concatenate([chunk[:, at] @ numbers for chunk in np.array_split(self._resamples, RESAMPLES // 100)])

    def interval(self, table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """95 % percentile interval of each column sum; NaN where there are fewer than two articles.

        An article not in ``table`` counts as one that holds nothing.
        """
        if len(self.articles) < 2 or table.empty:
            return np.full(table.shape[1], np.nan), np.full(table.shape[1], np.nan)
        return tuple(np.percentile(self.samples(table), [2.5, 97.5], axis=0))

    @property
    def interval_note(self) -> str:
        """The sentence on intervals that a caption ends with."""
        if len(self.articles) < 2:
            return "There is one article only, so that no intervals are given."
        return (
            f"Whiskers: 95 % intervals, bootstrap over the {len(self.articles):,} articles ({RESAMPLES:,} resamples)."
        )
