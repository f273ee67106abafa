"""The whole workflow, from raw articles to results, in studies elsewhere: what a user can rely on.

Runs are few and shared, because each loads Stanza.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.stanza, pytest.mark.xdist_group("e2e")]

ARTICLES = {
    'border/Veldania\'s "protest" {1}.txt': (
        "Veldania protests\n\n"
        "Veldania accused Korvia on Monday of shelling the village of Oster. "
        "Korvia denied the accusation, calling it “a fairy tale”.\n"
    ),
    "Größe & Maß.txt": "The Harbour Union blamed the mayor of Lund for the flood. “He closed the gates,” it said.\n",
    "one word.txt": "Korvia",
    "old.txt": "President Ana Merk condemned the attack on Café Oster.\n".encode("latin-1"),
    "picture.txt": bytes(range(256)) * 8,
    "empty.txt": "\n",
    "long.txt": "Korvia accused Veldania of theft. " * 160_000,
    "copy.txt": "The Harbour Union blamed the mayor of Lund for the flood. “He closed the gates,” it said.\n",
}
METADATA = (
    "file,title,date,outlet\n"
    '"border/Veldania\'s ""protest"" {1}.txt",Veldania protests,2024-03-26,The Oster Times\n'
    "Größe & Maß.txt,,2024-04-02,Lund Post\n"
)


def raw(study: Path, articles: dict[str, str | bytes], metadata: str = "") -> Path:
    """Make a study of nothing but data/raw."""
    for name, content in articles.items():
        path = study / "data" / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    if metadata:
        (study / "data" / "raw" / "metadata.csv").write_text(metadata, encoding="utf-8")
    return study


class Run:
    """Snakemake in a study: its exit status, what it printed, and which jobs it started."""

    def __init__(self, study: Path, *words: str, before: tuple[str, ...] = (), snakefile: Path | None = None):
        repository = Path(__file__).resolve().parents[1]
        words = (*before, sys.executable, "-m", "snakemake", *words)
        words += ("-s", str(snakefile or repository / "Snakefile"), "--directory", str(study))
        # The logger plugin of the profile must be found where the package is not installed, too.
        environment = os.environ | {"PYTHONPATH": str(repository / "workflow"), "PYTHONSAFEPATH": "1"}
        done = subprocess.run(
            words, cwd="/", env=environment, capture_output=True, encoding="utf-8", timeout=900, check=False
        )
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.jobs = [line.partition("] ")[2] for line in self.err.splitlines() if line.startswith("[")]

    def finished(self) -> "Run":
        assert self.status == 0, self.err
        return self


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of every file below a folder; hidden files are Snakemake's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def assert_same(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert one.keys() == other.keys()
    assert not [name for name in one if one[name] != other[name]]


def table(study: Path, name: str) -> list[dict[str, str]]:
    with (study / "results" / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def offline() -> tuple[str, ...]:
    """Words that run a program without a network, or with one that leads nowhere."""
    if subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0:
        return ("unshare", "-rn")
    nowhere = [f"{name}=http://127.0.0.1:9" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")]
    return ("env", *nowhere)


@pytest.fixture(scope="session")
def first(tmp_path_factory, seed, repository) -> tuple[Path, Run]:
    """A study with a difficult path and difficult files, run in two shards on two cores."""
    study = tmp_path_factory.mktemp("e2e") / "Ünï 'study' \"one\" $HOME {x}"
    articles = ARTICLES | {seed.name: seed.read_bytes()}
    run = Run(raw(study, articles, METADATA), "--cores", "2", "--config", "corpus={shards: 2}")
    return study, run.finished()


@pytest.fixture(scope="session")
def second(tmp_path_factory, seed, first) -> Path:
    """The same study elsewhere, run in one shard on one core without a network."""
    study = tmp_path_factory.mktemp("e2e") / "two"
    articles = ARTICLES | {seed.name: seed.read_bytes()}
    Run(raw(study, articles, METADATA), "--cores", "1", before=offline()).finished()
    return study


# --- a run ---------------------------------------------------------------------------------------


def test_all_results_are_there(first):
    results = contents(first[0] / "results")
    tables = ["articles", "rejects", "actors", "mentions", "accusations", "responses", "dyads"]
    expected = {f"tables/{name}.{ending}" for name in tables for ending in ("csv", "parquet")}
    expected |= {"tables/accusations.jsonl", "tables/datapackage.json", "evidence.html", "manifest.json"}
    expected |= {"narrative.html", "narrative.pdf", "exports/events.csv", "exports/network.graphml"}
    for notebook in ("corpus", "actors", "accusations", "narrative"):
        expected |= {f"notebooks/{notebook}.ipynb", f"notebooks/{notebook}.html"}
    assert expected <= results.keys()
    figures = {name.rpartition(".")[0] for name in results if name.startswith("figures/")}
    assert figures
    assert all(f"{figure}.{ending}" in results for figure in figures for ending in ("pdf", "svg", "png", "txt"))
    assert not [name for name, content in results.items() if not content]


def test_accusations_are_found_with_their_words(first):
    study, _ = first
    records = {(r["doc_id"], r["act"]): r for r in table(study, "accusations")}
    accusation = records['Veldania\'s "protest" {1}', "accuse"]
    assert (accusation["source"], accusation["target"], accusation["date"]) == ("Veldania", "Korvia", "2024-03-26")
    denial = records['Veldania\'s "protest" {1}', "deny"]
    assert denial["responds_to"] == accusation["id"]
    assert ("seed_000_f1d404792f7ddc49", "accuse") in records


def test_offsets_count_characters_of_the_file_as_it_is(first):
    study, _ = first
    articles = {row["doc_id"]: row for row in table(study, "articles")}
    records = table(study, "accusations")
    for record in records:
        file = study / "data" / "raw" / articles[record["doc_id"]]["file"]
        text = file.read_bytes().decode(articles[record["doc_id"]].get("encoding") or "utf-8", "replace")
        if file.name != "old.txt":
            assert text[int(record["start"]) : int(record["end"])] == record["cue"]
    assert records


def test_what_could_not_be_used_is_listed_with_the_reason(first):
    reasons = {row["file"]: row["reason"] for row in table(first[0], "rejects")}
    assert reasons == {"picture.txt": "not-text", "empty.txt": "empty", "long.txt": "too-long", "copy.txt": "duplicate"}


def test_the_end_of_a_run_says_what_was_found_and_where_to_look(first):
    _, run = first
    said = run.out + run.err
    assert " accusation" in said
    assert "Look first at results/narrative.html" in said
    assert "results/tables/rejects.csv says why" in said


def test_the_first_screen_is_short(first):
    assert len(first[1].err.splitlines()) < 30
    assert not [line for line in first[1].err.splitlines() if "warn" in line.lower()]


def test_every_job_left_a_log_and_a_benchmark(first):
    logs = {path.relative_to(first[0] / "logs").as_posix() for path in (first[0] / "logs").rglob("*.*")}
    steps = ["ingest", "annotate/0", "annotate/1", "code/0", "code/1", "tabulate", "figures", "evidence", "manifest"]
    assert {f"{step}.log" for step in steps} <= logs
    assert {f"benchmarks/{step}.tsv" for step in steps} <= logs


def test_the_raw_folder_and_the_repository_are_left_alone(first, repository):
    study, _ = first
    seen = {name: content for name, content in contents(study / "data" / "raw").items() if name != "metadata.csv"}
    assert seen.keys() == {*ARTICLES, "seed_000_f1d404792f7ddc49.txt"}
    assert {path.name for path in study.iterdir()} == {"data", "results", "logs", ".snakemake"}
    assert b"Veldania" not in b"".join(contents(repository / "results").values())


def test_the_manifest_matches(first, repository):
    study, _ = first
    done = subprocess.run(
        [sys.executable, "-m", "chargesheet", "manifest", "verify"],
        cwd=study,
        env=os.environ | {"PYTHONPATH": str(repository / "workflow")},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    manifest = json.loads((study / "results" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["outputs"].keys() == {
        f"results/{name}" for name in contents(study / "results") if name != "manifest.json"
    }


# --- the same again ------------------------------------------------------------------------------


def test_other_cores_shards_and_place_without_a_network_give_the_same_bytes(first, second):
    assert_same(contents(first[0] / "results"), contents(second / "results"))


def test_nothing_is_done_twice(second):
    run = Run(second, "--cores", "2").finished()
    assert run.jobs == []
    assert "up to date" in run.err


def test_a_touched_article_changes_nothing(second):
    os.utime(second / "data" / "raw" / "one word.txt")
    assert Run(second, "--cores", "2").finished().jobs == []


def test_an_article_added_or_deleted_reruns_its_shard_alone(first):
    study, _ = first
    shards = ("--cores", "2", "--config", "corpus={shards: 2}")
    before = contents(study / "results")
    old = {path.name: path.read_bytes() for path in (study / "data/processed/articles").glob("*.jsonl")}
    new = study / "data" / "raw" / "new.txt"
    new.write_text("Korvia accused Veldania of lying about the village.\n", encoding="utf-8")
    records = [f"data/processed/records/{shard}.jsonl" for shard in range(2)]
    run = Run(study, *records, *shards).finished()
    (changed,) = [
        path.stem for path in (study / "data/processed/articles").glob("*.jsonl") if path.read_bytes() != old[path.name]
    ]
    assert run.jobs == [
        "Reading the articles in data/raw",
        f"Parsing the articles of shard {changed} with Stanza",
        f"Coding the articles of shard {changed}",
    ]
    new.unlink()
    run = Run(study, *shards).finished()
    assert [job for job in run.jobs if "shard" in job] == run.jobs[1:3]
    assert all(f"shard {changed}" in job for job in run.jobs[1:3])
    assert_same(before, contents(study / "results"))


def test_an_edit_of_the_package_reruns_what_uses_it_and_a_touch_does_not(second, repository, tmp_path):
    copy = tmp_path / "repository"
    for name in ("workflow", "notebooks", "config"):
        shutil.copytree(repository / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.pt"))
    shutil.copy(repository / "Snakefile", copy)

    def would_run() -> set[str]:
        words = ("--cores", "1", "-n", "--workflow-profile", "none", "--quiet", "rules", "host", "reason")
        run = Run(second, "results/evidence.html", *words, snakefile=copy / "Snakefile").finished()
        return {line.split()[0] for line in run.out.splitlines() if line.split()[1:] == ["1"]} - {"total"}

    assert would_run() == set()
    module = copy / "workflow" / "chargesheet" / "evidence.py"
    os.utime(module)
    assert would_run() == set()
    module.write_text(module.read_text(encoding="utf-8") + "# edited\n", encoding="utf-8")
    assert would_run() == {"evidence"}


def test_the_report_works_without_a_network(second):
    for name in ("report.html", "report.zip"):
        Run(second, "--report", name, before=offline()).finished()
        assert (second / name).stat().st_size > 10_000
        (second / name).unlink()


# --- what can't be used --------------------------------------------------------------------------


@pytest.mark.parametrize("articles", [{}, {".hidden": "x"}])
def test_no_article_is_told(tmp_path, articles):
    run = Run(raw(tmp_path, articles), "--cores", "1")
    assert run.status == 1
    assert "put them there, one .txt file each" in run.err
    assert len(run.err.splitlines()) == 2


def test_only_rejects_are_told_and_listed(tmp_path):
    run = Run(raw(tmp_path, {"a.txt": b"\0\1\2", "b.txt": "", "c.pdf": "%PDF-1.4"}), "--cores", "2").finished()
    assert "No article could be used" in run.out + run.err
    assert [(row["file"], row["reason"]) for row in table(tmp_path, "rejects")] == [
        ("a.txt", "not-text"),
        ("b.txt", "empty"),
        ("c.pdf", "not-txt"),
    ]


def test_a_broken_metadata_table_is_told_in_full(tmp_path):
    rows = "file,date\na.txt,26.03.2024\na.txt,2024-03-27\nb.txt,2024-03-27\n"
    run = Run(raw(tmp_path, {"a.txt": "Veldania accused Korvia of theft.\n"}, rows), "--cores", "1")
    assert run.status == 1
    assert "Traceback" not in run.err
    for part in ("3 problems", "26.03.2024", "write 2024-03-26", "'b.txt' is not there", "has a row already"):
        assert part in run.err, part


def test_wrong_settings_are_told_once_and_nothing_runs(tmp_path):
    study = raw(tmp_path, {"a.txt": "Veldania accused Korvia of theft.\n"})
    (study / "config").mkdir()
    (study / "config" / "config.yaml").write_text("figures:\n  topp: 3\ncorpus:\n  shards: no\n", encoding="utf-8")
    run = Run(study, "--cores", "1")
    assert run.status == 1
    assert [line.strip() for line in run.err.splitlines()[1:]] == [
        "config/config.yaml: 2 mistakes",
        "corpus.shards: should be 'auto' or a whole number, not false; write for example shards: 16",
        "figures.topp: unknown key; did you mean top?",
    ]
    assert not (study / "results").exists()
