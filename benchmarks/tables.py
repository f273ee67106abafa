"""How time and memory of tabulate, figures and export grow with the number of articles.

    python benchmarks/tables.py [--articles 1000 10000] [--records 3]

Makes studies of invented records (a few actors in most of them, allegations that repeat in part), runs each verb in a
process of its own, and prints seconds, peak memory, and the ratio to the first size. A ratio at most that of the
articles means that the verb is linear.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests")]

from ledger import coded, processed  # noqa: E402

PLACES = [f"{a}{b}" for a in ("Tel", "Bor", "Car", "Dun", "Elm") for b in ("a", "os", "wick", "ford", "um", "gate")]
DEEDS = ["shelling", "looting", "burning", "hiding", "spying on", "closing", "robbing", "poisoning"]
THINGS = [
    "the market",
    "the mill",
    "a school",
    "the harbour",
    "twelve trucks",
    "the wells",
    "forty houses",
    "the archive",
]


def articles(number: int, records: int) -> list[tuple]:
    """Invented articles, the same for the same number."""
    draw = random.Random(1)
    names = [f"{place} {kind}" for place in PLACES for kind in ("Front", "Council", "Police", "Union", "Post", "Guard")]
    made = []
    for n in range(number):
        sentences = []
        for _ in range(records):
            one, two = (names[min(int(draw.expovariate(0.05)), len(names) - 1)] for _ in range(2))
            deed = f"{draw.choice(DEEDS)} {draw.choice(THINGS)} in {draw.choice(PLACES)}"
            sentences.append(f"[s:{one}] [c:accused] [t:{two}] of [a:{deed}].")
        date = f"{2015 + n % 10}-{1 + n % 12:02}-{1 + n % 28:02}"
        made.append(coded(f"article-{n:06}", sentences, date=date, outlet=f"Outlet {n % 9}"))
    return made


def measured(command: list[str], folder: Path) -> tuple[float, float]:
    """Seconds of processor time and peak megabytes of a verb."""
    environment = os.environ | {"PYTHONPATH": str(ROOT / "workflow"), "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
    code = (
        "import resource, sys; from chargesheet.cli import main; failed = main(sys.argv[1:]);"
        "used = resource.getrusage(resource.RUSAGE_SELF);"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024); sys.exit(failed)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command], cwd=folder, env=environment, check=True, capture_output=True
    )
    seconds, megabytes = done.stdout.decode().split()[-2:]
    return float(seconds), float(megabytes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--records", type=int, default=3, help="records in an article")
    args = parser.parse_args()
    first: dict[str, float] = {}
    print(f"{'articles':>9} {'verb':<10} {'CPU s':>8} {'MB':>7} {'ratio':>6}")
    for number in args.articles:
        with tempfile.TemporaryDirectory() as name:
            started = time.perf_counter()
            processed(Path(name), articles(number, args.records))
            print(f"{number:>9} (made in {time.perf_counter() - started:.0f} s)", file=sys.stderr)
            for verb in ("tabulate", "figures", "export"):
                seconds, megabytes = measured([verb], Path(name))
                ratio = seconds / first.setdefault(verb, seconds)
                print(f"{number:>9} {verb:<10} {seconds:>8.1f} {megabytes:>7.0f} {ratio:>6.1f}", flush=True)


if __name__ == "__main__":
    main()
