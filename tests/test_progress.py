"""The progress bar: on the terminal alone, whatever a job's output is redirected to."""

import os
import pty
import subprocess
import sys
import termios

import pytest

SCRIPT = """
import time
from chargesheet import progress
for item in progress.track([1, 2, 3], "article", "shard 7"):
    time.sleep(0.15)
print("done")
"""


def run(redirection: str, stderr: int | None = subprocess.PIPE) -> subprocess.CompletedProcess:
    command = ["bash", "-c", f'"$0" -c "$1" {redirection}', sys.executable, SCRIPT]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, check=True, timeout=60)


@pytest.mark.parametrize("redirection", ["3>&2 > log 2>&1", ""])
def test_the_bar_is_on_the_terminal(tmp_path, monkeypatch, redirection):
    monkeypatch.chdir(tmp_path)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    os.set_blocking(ours, False)
    try:
        run(redirection, theirs)
        shown = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "shard 7" in shown
    assert "article" in shown
    if redirection:
        assert (tmp_path / "log").read_text(encoding="utf-8") == "done\n"


@pytest.mark.parametrize("redirection", ["", "3>&2", "3> other", "3>&-"])
def test_there_is_no_bar_without_a_terminal(tmp_path, monkeypatch, redirection):
    monkeypatch.chdir(tmp_path)
    done = run(redirection)
    assert (done.stdout, done.stderr) == (b"done\n", b"")
