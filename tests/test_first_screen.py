"""What Snakemake prints through the logger plugin: one line per job, and of an error what a user needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SNAKEFILE = """
rule all:
    input: "b.txt"
rule a:
    output: "a.txt"
    log: "logs/a.log"
    message: "Making a"
    shell: "({command}) > {{log}} 2>&1"
rule b:
    input: "a.txt"
    output: "b.txt"
    log: "logs/b.log"
    message: "Making b"
    shell: "cp {{input}} {{output}}"
"""


@pytest.fixture
def run(tmp_path, repository):
    """Run Snakemake in a folder where the first of two jobs runs ``command``; gives status and lines."""

    def call(command: str, *words: str) -> tuple[int, list[str]]:
        Path("Snakefile").write_text(SNAKEFILE.format(command=command), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", *words, "--cores", "1", "--logger", "chargesheet"],
            env=os.environ | {"PYTHONPATH": str(repository / "workflow")},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )
        return done.returncode, (done.stdout + done.stderr).splitlines()

    before = Path.cwd()
    os.chdir(tmp_path)
    yield call
    os.chdir(before)


def test_a_run_is_one_line_per_job_and_a_second_run_is_one_line(run):
    assert run("touch a.txt") == (0, ["[1/2] Making a", "[2/2] Making b"])
    assert run("touch a.txt") == (0, ["Nothing to do: what is in results/ is up to date."])


def test_a_failed_job_is_told_by_its_message_the_end_of_its_log_and_where_the_rest_is(run):
    status, lines = run("seq 100; echo what to do >&2; false")
    assert status == 1
    assert lines[:2] == ["[1/2] Making a", "FAILED: Making a"]
    assert lines[2:22] == [*(f"  {n}" for n in range(82, 101)), "  what to do"]
    assert lines[22] == "  (from logs/a.log)"
    assert lines[23].startswith("The run is not complete. Its whole log is ")
    assert Path(lines[23].removeprefix("The run is not complete. Its whole log is ")).is_file()
    assert len(lines) == 24


def test_a_failed_job_without_a_word_is_told(run):
    status, lines = run("false")
    assert status == 1
    assert lines[1:3] == ["FAILED: Making a", "  (logs/a.log is empty)"]


def test_a_lock_is_told_with_the_way_out(run):
    folder = Path(".snakemake", "locks")
    folder.mkdir(parents=True)
    for name in ("0.input.lock", "0.output.lock"):
        (folder / name).write_text(f"{Path('b.txt').resolve()}\nb.txt\na.txt\n", encoding="utf-8")
    status, lines = run("touch a.txt")
    assert status == 1
    assert "--unlock" in "\n".join(lines)


def test_a_dry_run_prints_as_usual(run):
    status, lines = run("touch a.txt", "-n")
    assert status == 0
    assert any("Reason: Missing output files: a.txt" in line for line in lines)
    assert any("dry-run" in line for line in lines)


def test_a_target_that_nothing_makes_is_told(run):
    status, lines = run("touch a.txt", "no-such-target")
    assert status != 0
    assert "MissingRuleException" in "\n".join(lines)
