"""The manifest: what it holds, that it doesn't depend on where and when, and what verify finds."""

import argparse
import json
import os
import shutil

import pytest

from chargesheet import config, manifest
from chargesheet.errors import UserError

SETTINGS = config.Settings().for_results()


@pytest.fixture(scope="module")
def _here():
    return manifest.made_with(SETTINGS)


@pytest.fixture
def study(tmp_path, monkeypatch, _here):
    """A study's folder after a run; what the run was made with is looked up once for all tests."""
    monkeypatch.setattr(manifest, "made_with", lambda settings: json.loads(json.dumps(_here | {"settings": settings})))
    folder = tmp_path / 'ä study\'s "folder"'
    for name, text in {
        "data/raw/a b.txt": "one",
        "data/raw/ü/{x}.txt": "two",
        "data/raw/.hidden": "not an input",
        "config/actors.csv": "name\n",
        "results/tables/a.csv": "x\n",
        "results/figures/f.svg": "<svg/>",
        "results/figures/.snakemake_timestamp": "",
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    write()
    return folder


def call(*words):
    parser = argparse.ArgumentParser()
    manifest.add_arguments(parser)
    manifest.run(parser.parse_args(words))


def write():
    call("write", "--settings", json.dumps(SETTINGS), "--outputs", "results/tables/a.csv", "results/figures")


def read(study):
    return json.loads((study / "results" / "manifest.json").read_text(encoding="utf-8"))


def test_inputs_and_outputs_are_listed_by_path(study):
    content = read(study)
    assert list(content["inputs"]) == ["config/actors.csv", "data/raw/a b.txt", "data/raw/ü/{x}.txt"]
    assert list(content["outputs"]) == ["results/figures/f.svg", "results/tables/a.csv"]
    assert content["inputs"]["data/raw/a b.txt"] == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"


def test_models_encoder_packages_and_settings_are_listed(study):
    content = read(study)
    assert content["models"]["encoder/model.safetensors"].startswith("53aa51172d142c89")
    assert content["models"]["stanza/depparse/compact.pt"].startswith("3d816b6e16b20f55")
    assert {"stanza", "torch", "pandas", "snakemake", "pydantic"} <= content["packages"].keys()
    assert content["settings"] == SETTINGS


def test_a_copy_made_elsewhere_and_later_has_the_same_bytes(study, tmp_path, monkeypatch):
    before = (study / "results" / "manifest.json").read_bytes()
    copy = tmp_path / "copy"
    shutil.copytree(study, copy)
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
    monkeypatch.chdir(copy)
    write()
    assert (copy / "results" / "manifest.json").read_bytes() == before


def test_verify_says_that_all_is_well(study, capsys):
    call("verify")
    assert "as the run left them" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("results/tables/a.csv", "y\n", "output results/tables/a.csv: changed"),
        ("results/figures/f.svg", None, "output results/figures/f.svg: missing"),
        ("data/raw/a b.txt", "changed", "input data/raw/a b.txt: changed"),
        ("data/raw/ü/{x}.txt", None, "input data/raw/ü/{x}.txt: missing"),
        ("data/raw/new.txt", "new", "input data/raw/new.txt: new"),
        ("config/actors.csv", None, "input config/actors.csv: missing"),
    ],
)
def test_verify_names_what_differs(study, name, text, said):
    if text is None:
        (study / name).unlink()
    else:
        (study / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as error:
        call("verify")
    assert [line.strip() for line in str(error.value).splitlines()[1:]] == [said]


def test_articles_that_were_not_passed_on_are_no_error(study, capsys):
    shutil.rmtree(study / "data")
    (study / "config" / "actors.csv").unlink()
    call("verify")
    assert "the inputs were not checked" in capsys.readouterr().out


def test_another_environment_is_a_note(study, capsys):
    content = read(study)
    content["packages"]["pandas"] = "0.1"
    content["packages"]["gone"] = "1"
    content["python"] = "2.7"
    (study / "results" / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    call("verify")
    out = capsys.readouterr().out
    assert "note: package gone: made with 1, here is nothing" in out
    assert "note: package pandas: made with 0.1, here is " in out
    assert "note: python: made with 2.7" in out


@pytest.mark.parametrize("text", [None, "{", "[]", "{}"])
def test_no_manifest_is_told(study, text):
    path = study / "results" / "manifest.json"
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"manifest\.json"):
        call("verify")


def test_a_name_that_is_not_utf8_is_written_and_verified(study):
    try:
        with open(b"data/raw/caf\xe9.txt", "wb") as file:
            file.write(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    write()
    assert "data/raw/caf\\xe9.txt" in read(study)["inputs"]
    call("verify")
