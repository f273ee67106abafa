"""Digests: of files, and of the code that a step consists of.

Snakemake sees neither an edit of an imported module nor an upgrade of a library; with the digest of a
step's code among a rule's params an edit reruns the step, and a touch does not.
"""

import ast
import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).parent
_DISTRIBUTION = {"sklearn": "scikit-learn", "yaml": "pyyaml"}  # where the import is named otherwise


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _file(name: str) -> Path | None:
    """The file of a module of this package by its dotted name."""
    path = PACKAGE.joinpath(*name.split(".")[1:])
    found = [file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()]
    return found[0] if found and path != PACKAGE else None


@cache
def _imports(name: str) -> frozenset[str]:
    """Dotted names that a module of this package imports, also inside functions."""
    path = _file(name)
    parent = name if path.name == "__init__.py" else name.rpartition(".")[0]
    names = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = parent.split(".")[: parent.count(".") + 2 - node.level] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            names.update({module, *(f"{module}.{alias.name}" for alias in node.names)})
    return frozenset(names)


def modules(*names: str) -> dict[str, frozenset[str]]:
    """These modules and all modules of this package that they import, with their imports."""
    found, waiting = {}, [f"{PACKAGE.name}.{name}" for name in names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _imports(name)
            waiting += sorted(imported for imported in found[name] if _is_own(imported))
    return found


def _is_own(name: str) -> bool:
    return name.startswith(f"{PACKAGE.name}.") and _file(name) is not None


def libraries(*names: str) -> dict[str, str]:
    """Versions of the libraries that these modules import directly."""
    imported = {name.split(".")[0] for imports in modules(*names).values() for name in imports}
    versions = {}
    for name in sorted(imported - sys.stdlib_module_names - {PACKAGE.name}):
        try:
            versions[name] = metadata.version(_DISTRIBUTION.get(name, name))
        except metadata.PackageNotFoundError:
            versions[name] = ""
    return versions


def code(*names: str, data: Iterable[str] = ()) -> str:
    """Digest of what decides a step's results: its modules, their libraries' versions and the ``data``.

    ``names`` are modules of the package, as a rule the verb alone; ``data`` are glob patterns for files of
    the package, such as "codebook/**/*".
    """
    paths = {_file(name) for name in modules(*names)}
    paths.update(path for pattern in data for path in PACKAGE.glob(pattern) if path.is_file())
    lines = _lines(paths)
    lines += [f"{name} {version}" for name, version in libraries(*names).items()]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16]


def package() -> str:
    """Digest of the whole package: modules and data."""
    lines = _lines(path for path in PACKAGE.rglob("*") if path.is_file())
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _lines(paths: Iterable[Path]) -> list[str]:
    kept = (path for path in paths if "__pycache__" not in path.parts)
    return [f"{path.relative_to(PACKAGE).as_posix()} {sha256(path)}" for path in kept]
