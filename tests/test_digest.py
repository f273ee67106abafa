"""A step's digest changes with its code and data, and with nothing else."""

import os
import shutil

import pytest

from chargesheet import digest


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small copy of the package that a test may edit."""
    folder = tmp_path / "chargesheet"
    files = {
        "__init__.py": "",
        "step.py": "import json\n\ndef run():\n    from chargesheet import tools\n    import yaml\n",
        "tools.py": "from chargesheet.deep import part\nfrom chargesheet.deep.part import name\n",
        "deep/__init__.py": "from . import other\n",
        "deep/part.py": "from .other import x\nname = 1\n",
        "deep/other.py": "x = 1\n",
        "apart.py": "",
        "data/words.csv": "a\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(digest, "PACKAGE", folder)
    digest._imports.cache_clear()
    yield folder
    digest._imports.cache_clear()


def code():
    digest._imports.cache_clear()
    return digest.code("step", data=["data/**/*"])


def test_all_modules_that_a_step_uses_are_found(package):
    found = {name.removeprefix("chargesheet.") for name in digest.modules("step")}
    assert found == {"step", "tools", "deep", "deep.part", "deep.other"}


@pytest.mark.parametrize("name", ["step.py", "tools.py", "deep/__init__.py", "deep/other.py", "data/words.csv"])
def test_an_edit_changes_the_digest(package, name):
    before = code()
    with (package / name).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    assert code() != before


def test_a_touch_and_an_edit_elsewhere_do_not(package):
    before = code()
    os.utime(package / "tools.py", (1, 1))
    (package / "apart.py").write_text("x = 2\n", encoding="utf-8")
    (package / "deep" / "__pycache__").mkdir()
    (package / "deep" / "__pycache__" / "part.pyc").write_bytes(b"x")
    assert code() == before


def test_a_copy_in_another_place_has_the_same_digest(package, tmp_path, monkeypatch):
    before = code()
    copy = tmp_path / "elsewhere" / "chargesheet"
    shutil.copytree(package, copy)
    monkeypatch.setattr(digest, "PACKAGE", copy)
    assert code() == before


def test_another_version_of_a_library_changes_the_digest(package, monkeypatch):
    before = code()
    assert set(digest.libraries("step")) == {"yaml"}
    monkeypatch.setattr(digest.metadata, "version", lambda name: "99")
    assert code() != before


def test_the_libraries_of_the_real_steps_have_versions():
    libraries = digest.libraries("ingest", "annotate", "tabulate", "evidence")
    assert {"charset_normalizer", "stanza", "torch", "pandas", "jinja2"} <= set(libraries)
    assert all(libraries.values()), libraries
