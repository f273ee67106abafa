"""summary: say in one sentence what a run found, and where to look first."""

import argparse
from pathlib import Path

import pandas as pd

from chargesheet import schemas

_ACTS = {"accuse": "accusation", "condemn": "condemnation", "deny": "denial"}
PLACES = ("results/narrative.html", "results/evidence.html", "results/tables")


def count(n: int, noun: str) -> str:
    """ "1 denial", "2,000 denials"."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def joined(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def sentence(articles: pd.DataFrame, rejects: pd.DataFrame, accusations: pd.DataFrame, actors: pd.DataFrame) -> str:
    """What was found. The tables are those of ``results/tables``."""
    read = count(len(articles), "article")
    acts = accusations["act"].value_counts()
    found = [count(acts[act], noun) for act, noun in _ACTS.items() if act in acts]
    if not len(articles):
        text = "No article could be used."
    elif not found:
        text = f"Nobody accuses anybody in {read}."
    else:
        text = f"{joined(found)} in {read}."
        accused = accusations.loc[accusations["act"] == "accuse", "target_ids"].str.split("; ").explode()
        times = accused[accused.fillna("") != ""].value_counts()
        most = times.index[times == times.max()] if len(times) else []
        if len(most) == 1:
            name = actors.set_index("actor_id")["name"].get(most[0], most[0])
            text = f"{text[:-1]}; {name} is accused most often ({count(int(times.max()), 'time')})."
    failed = int((rejects["step"] != "ingest").sum())
    aside = len(rejects) - failed
    parts = [count(aside, "file") + (" was" if aside == 1 else " were") + " set aside"] if aside else []
    parts += [count(failed, "article") + " failed"] if failed else []
    return text + (f" {joined(parts)} (results/tables/rejects.csv says why)." if parts else "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tables", type=Path, default=Path("results", "tables"))


def run(args: argparse.Namespace) -> None:
    tables = schemas.read(args.tables)
    print(sentence(*(tables[name] for name in ("articles", "rejects", "accusations", "actors"))))
    print("Look first at " + joined([place for place in PLACES if Path(place).exists()]) + ".")
