"""manifest: what went into a run and what came out, by SHA-256, so that results can be checked later.

The manifest holds nothing that depends on when, where or with how many cores a run was made: equal
inputs, settings, models and libraries give an equal manifest.
"""

import argparse
import json
import os
import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from chargesheet import __version__, digest, files, stanza_models
from chargesheet.errors import UserError

_FILES = ("inputs", "outputs")
_MADE_WITH = ("chargesheet", "models", "packages", "python", "settings", "system")


def tree(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 by posix path of files and of all files below folders, without hidden ones; sorted."""
    found = {}
    for path in paths:
        inside = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
        for file in inside if path.is_dir() else [path]:
            below = file.relative_to(path).parts if path.is_dir() else ()
            if file.is_file() and not any(part.startswith(".") for part in below):
                # A name that is not valid UTF-8 can't stand in JSON as it is.
                found[os.fsencode(file.as_posix()).decode("utf-8", "backslashreplace")] = digest.sha256(file)
    return dict(sorted(found.items()))


def packages() -> dict[str, str]:
    """Versions of all installed distributions by normalised name, sorted."""
    found = {d.metadata["Name"].lower().replace("_", "-"): d.version for d in metadata.distributions()}
    return dict(sorted(found.items()))


def models(package: str, model_dir: Path | None) -> dict[str, str]:
    """SHA-256 of the weights that a run with these settings reads, by what they are for."""
    folder = digest.PACKAGE / "models"
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and ".py" not in path.suffix and not path.is_relative_to(stanza_models.BUNDLED)
    }
    found |= stanza_models.weights(package, model_dir)
    return {name: digest.sha256(path) for name, path in sorted(found.items())}


def made_with(settings: dict) -> dict:
    """The settings, the code, the models and the libraries of a run."""
    annotate = settings["annotate"]
    return {
        "chargesheet": {"version": __version__, "code": digest.package()},
        "settings": settings,
        "models": models(annotate["package"], annotate["model_dir"] and Path(annotate["model_dir"])),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": packages(),
    }


def inputs(raw: Path, settings: dict) -> dict[str, str]:
    """Checksums of what a study gives: its raw folder and the files that its settings name."""
    named = [settings["code"]["cues"], settings["actors"]["file"]]
    return tree([raw, *(Path(path) for path in named if path and Path(path).is_file())])


def differences(old: dict, new: dict, what: str) -> list[str]:
    """Lines that say in what two tables of checksums or versions differ."""
    lines = [f"{what} {name}: changed" for name in old.keys() & new.keys() if old[name] != new[name]]
    lines += [f"{what} {name}: missing" for name in old.keys() - new.keys()]
    lines += [f"{what} {name}: new" for name in new.keys() - old.keys()]
    return sorted(lines)


def verify(path: Path, raw: Path) -> tuple[list[str], list[str]]:
    """Check a manifest against the folder that it stands in.

    Returns what is wrong (files that differ) and what is worth knowing (another environment than
    the one that made the results). A raw folder that is not there at all was not passed on: that
    is no error.
    """
    manifest = read(path)
    wrong = differences(manifest["outputs"], tree(Path(name) for name in manifest["outputs"]), "output")
    notes = []
    if raw.is_dir():
        wrong += differences(manifest["inputs"], inputs(raw, manifest["settings"]), "input")
    else:
        notes.append(f"{raw} is not here: the inputs were not checked")
    here = made_with(manifest["settings"])
    notes += differences(manifest["models"], here["models"], "model")
    for name in sorted(manifest["packages"].keys() | here["packages"].keys()):
        old, new = manifest["packages"].get(name, "nothing"), here["packages"].get(name, "nothing")
        if old != new:
            notes.append(f"package {name}: made with {old}, here is {new}")
    for key in ("chargesheet", "python", "system"):
        if manifest[key] != here[key]:
            notes.append(f"{key}: made with {_plain(manifest[key])}, here is {_plain(here[key])}")
    return wrong, notes


def _plain(value: dict | str) -> str:
    return value if isinstance(value, str) else f"version {value['version']}, code {value['code'][:12]}"


def read(path: Path) -> dict:
    """Read a manifest; raises UserError where there is none."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if not set(_FILES + _MADE_WITH) <= manifest.keys():
            raise ValueError("keys are missing")
    except FileNotFoundError:
        raise UserError(f"{path} is not there: run the study first, or go to the study's folder") from None
    except (ValueError, AttributeError) as error:
        raise UserError(f"{path} is not a manifest of Chargesheet ({error}): run the study again") from None
    return manifest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=["write", "verify"])
    parser.add_argument("--outputs", nargs="*", type=Path, default=[], help="what the run made (write)")
    parser.add_argument("--manifest", type=Path, default=Path("results", "manifest.json"))
    parser.add_argument("--raw", type=Path, default=Path("data", "raw"))
    parser.add_argument("--settings", type=json.loads, help="the study's settings as JSON (write)")


def run(args: argparse.Namespace) -> None:
    if args.action == "write":
        content = made_with(args.settings) | {
            "inputs": inputs(args.raw, args.settings),
            "outputs": tree(args.outputs),
        }
        files.write_json(args.manifest, dict(sorted(content.items())))
        return
    wrong, notes = verify(args.manifest, args.raw)
    for note in notes:
        print(f"note: {note}")
    if wrong:
        raise UserError("\n".join([f"{args.manifest} does not match what is here:", *(f"  {line}" for line in wrong)]))
    print(f"{args.manifest}: all files are as the run left them.")
