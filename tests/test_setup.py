"""workflow/scripts/setup.sh: when it installs, when it need not, and what it says when it cannot.

Most tests run it with a stand-in for Python whose pip says what the test wants; the package index is never asked.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOOLS = "awk cat cksum cp cut find grep mkdir mv pwd rm sed sh sleep tail tee touch".split()

# A python3 of a good version whose `venv` makes a stand-in environment; the `pip` of that environment writes down its
# arguments and then does what $PIP_DOES says.
STAND_IN = """#!/bin/sh
case "$*" in
    "-m venv"*)
        echo venv >>"$CALLS"
        rm -rf .venv && mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    "-m pip"*)
        echo "$*" >>"$CALLS"
        eval "$PIP_DOES" ;;
    *base_prefix*)
        echo /usr ;;
    *sys.version_info\\[:2\\]*)
        echo 3.12 ;;
    *platform*)
        echo "Python 3.12.1" ;;
esac
"""


def executable(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)  # never write through a link to one of the machine's own tools
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


class Clone:
    """A folder with what setup.sh needs, and a PATH with nothing but basic tools and a stand-in for Python."""

    def __init__(self, repository: Path, folder: Path):
        self.folder, self.bin, self.calls_file = folder, folder.parent / "bin", folder.parent / "calls"
        (folder / "workflow" / "scripts").mkdir(parents=True)
        for name in ("pyproject.toml", "constraints.txt", "workflow/scripts/setup.sh"):
            shutil.copy(repository / name, folder / name)
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))
        executable(self.bin / "python3", STAND_IN)
        executable(self.bin / "df", "#!/bin/sh\necho header\necho /dev/sda 99999999 1 88888888 1% /\n")

    def start(self, *args: str, pip: str = ":", **environment: str) -> subprocess.Popen:
        return subprocess.Popen(
            ["workflow/scripts/setup.sh", *args],
            cwd=self.folder,
            env={
                "PATH": str(self.bin),
                "CALLS": str(self.calls_file),
                "PIP_DOES": pip,
                "LC_ALL": "C.UTF-8",
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def set_up(self, *args: str, **kwargs: str) -> tuple[int, str]:
        process = self.start(*args, **kwargs)
        output = process.communicate(timeout=300)[0]
        return process.returncode, output

    def calls(self) -> list[str]:
        """What was asked of venv and pip since the last time."""
        calls = self.calls_file.read_text(encoding="utf-8").splitlines() if self.calls_file.exists() else []
        self.calls_file.unlink(missing_ok=True)
        return calls

    def fails(self, *args: str, **kwargs: str) -> str:
        """Run a set-up that must stop; return the reason, which is one line."""
        status, output = self.set_up(*args, **kwargs)
        assert status == 1, output
        reasons = [line for line in output.splitlines() if line.startswith("Set-up stopped: ")]
        assert len(reasons) == 1 and output.splitlines()[-1] == reasons[0], output
        assert "Traceback" not in output
        assert not list(self.folder.glob(".venv/.installed*")), "an environment that is not whole has a stamp"
        return reasons[0]


@pytest.fixture
def clone(tmp_path: Path, repository: Path) -> Clone:
    return Clone(repository, tmp_path / "a clone, 'quoted' & naïve")


def test_installs_once(clone):
    status, output = clone.set_up()
    assert status == 0, output
    venv, *pip = clone.calls()
    assert venv == "venv"
    assert all("--constraint constraints.txt" in call for call in pip)
    assert pip[-1].endswith("--editable .")
    assert clone.set_up() == (0, "")
    assert clone.calls() == []


def test_test_extra_comes_on_top(clone):
    clone.set_up()
    clone.calls()
    assert clone.set_up("test")[0] == 0
    calls = clone.calls()
    assert "venv" not in calls and calls[-1].endswith("--editable .[test]")
    for args in [(), ("test",)]:
        assert clone.set_up(*args) == (0, "")
    assert clone.calls() == []


@pytest.mark.parametrize("file", ["pyproject.toml", "constraints.txt"])
def test_changed_requirements_are_installed_into_the_same_environment(clone, file):
    clone.set_up()
    clone.calls()
    os.utime(clone.folder / file)
    assert clone.set_up() == (0, ""), "a new time stamp alone is no change"
    with open(clone.folder / file, "a", encoding="utf-8") as out:
        out.write("# changed\n")
    assert clone.set_up()[0] == 0
    calls = clone.calls()
    assert calls and "venv" not in calls


def test_moved_clone_is_set_up_anew(clone):
    clone.set_up()
    clone.calls()
    clone.folder = clone.folder.rename(clone.folder.with_name("moved"))
    assert clone.set_up()[0] == 0
    assert "venv" in clone.calls()


def test_removed_interpreter_is_set_up_anew(clone):
    clone.set_up()
    clone.calls()
    (clone.folder / ".venv" / "bin" / "python").unlink()
    assert clone.set_up()[0] == 0
    assert "venv" in clone.calls()


def test_failed_set_up_begins_again(clone):
    clone.fails(pip="echo ERROR: something odd; exit 1")
    clone.calls()
    assert clone.set_up()[0] == 0
    assert "venv" in clone.calls()


def wait_for(condition) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not happen within 10 s")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted_set_up_is_not_taken_for_good(clone, how):
    process = clone.start(pip="sleep 60")
    wait_for(clone.calls_file.exists)
    wait_for(lambda: "pip" in clone.calls_file.read_text(encoding="utf-8"))
    os.killpg(process.pid, how)
    output = process.communicate(timeout=30)[0]
    assert process.returncode != 0, output
    clone.calls()
    assert clone.set_up()[0] == 0
    assert "venv" in clone.calls()


def test_set_up_for_tests_is_one_for_runs(clone):
    clone.set_up("test")
    clone.calls()
    assert clone.set_up() == (0, "")
    assert clone.calls() == []


def test_interrupted_update_is_not_taken_for_good(clone):
    clone.set_up()
    clone.set_up("test")
    with open(clone.folder / "constraints.txt", "a", encoding="utf-8") as out:
        out.write("# changed\n")
    clone.fails("test", pip="echo ERROR: something odd; exit 1")
    clone.calls()
    assert clone.set_up()[0] == 0
    assert "venv" in clone.calls()


def test_two_set_ups_do_not_meet(clone):
    first = clone.start(pip="touch ../at-work; while [ -e ../at-work ]; do sleep 0.1; done")
    at_work = clone.folder.parent / "at-work"
    wait_for(at_work.exists)
    assert "another set-up" in clone.fails()
    at_work.unlink()
    wait_for(at_work.exists)  # the second call of pip
    at_work.unlink()
    assert first.wait(timeout=30) == 0
    assert clone.set_up() == (0, "")


def test_index_for_torch_is_used_for_torch_alone(clone):
    assert clone.set_up(TORCH_INDEX="https://example.org/cpu")[0] == 0
    with_index = [call for call in clone.calls() if "example.org" in call]
    assert len(with_index) == 1
    assert with_index[0].endswith("--no-deps --index-url https://example.org/cpu torch==2.13.0")


def test_named_python(clone):
    executable(clone.bin / "mypython", STAND_IN)
    executable(clone.bin / "python3", "#!/bin/sh\nexit 1\n")
    assert clone.set_up(PYTHON="mypython")[0] == 0
    clone.calls()
    assert clone.set_up(PYTHON="mypython") == (0, "")
    assert "PYTHON=python3 is not" in clone.set_up(PYTHON="python3")[1]


def test_no_python(clone):
    (clone.bin / "python3").unlink()
    reason = clone.fails()
    assert "no Python 3.11 or newer" in reason and "apt-get install python3" in reason


def test_old_python_is_passed_over(clone):
    executable(clone.bin / "python3", "#!/bin/sh\nexit 1\n")
    assert "no Python 3.11 or newer" in clone.fails()
    executable(clone.bin / "python3.12", STAND_IN)
    assert clone.set_up()[0] == 0


def test_python_with_ready_built_packages_is_preferred(clone):
    too_new = '#!/bin/sh\ncase "$*" in *"(3, 14)"*) exit 1 ;; esac\n'
    executable(clone.bin / "python3", too_new + STAND_IN)
    executable(clone.bin / "python3.12", STAND_IN.replace("echo venv", "echo venv of 3.12"))
    assert clone.set_up()[0] == 0
    assert clone.calls()[0] == "venv of 3.12"
    (clone.bin / "python3.12").unlink()
    shutil.rmtree(clone.folder / ".venv")
    assert clone.set_up()[0] == 0
    assert clone.calls()[0] == "venv"


def test_no_venv_module(clone):
    executable(
        clone.bin / "python3",
        '#!/bin/sh\ncase "$*" in *ensurepip*) echo "No module named ensurepip" >&2; exit 1;; esac\n' + STAND_IN,
    )
    assert "apt-get install python3.12-venv" in clone.fails()


def test_little_disk_space(clone):
    executable(clone.bin / "df", "#!/bin/sh\necho header\necho /dev/sda 99999999 1 2500000 1% /\n")
    assert "2 GB of free disk space; 4 GB are needed" in clone.fails()
    assert not (clone.folder / ".venv").exists()


@pytest.mark.parametrize(
    ("pip_says", "reason"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "the disk is full"),
        ("SSLError(SSLCertVerificationError(1, [SSL: CERTIFICATE_VERIFY_FAILED]", "PIP_CERT"),
        ("ERROR: No matching distribution found for torch==2.13.0", "TORCH_INDEX"),
        ("error: command 'gcc' failed: No such file or directory", "no C compiler works here"),
        ("ERROR: Failed building wheel for immutables", "Failed building wheel for immutables"),
    ],
)
def test_reasons_of_pip(clone, pip_says, reason):
    assert reason in clone.fails(pip='echo "$SAYS"; exit 1', SAYS=pip_says)


def test_unreachable_index_with_the_real_pip(clone):
    (clone.bin / "python3").unlink()
    (clone.bin / "python3").symlink_to(sys.executable)
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1"}
    assert "the package index cannot be reached" in clone.fails(HOME=str(clone.folder.parent), **nowhere)


def test_folder_of_somebody_else(clone):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    clone.folder.chmod(0o555)
    try:
        assert "cannot write" in clone.fails()
    finally:
        clone.folder.chmod(0o755)
