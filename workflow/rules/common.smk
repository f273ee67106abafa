"""What all rules share: the study's settings, the environment of the jobs, the names of files.

Needs: config/config.yaml of the study (optional), data/raw/.
Gives: SETTINGS, SHARDS, RAW, and the functions that the rules call.
"""

import hashlib
import json
import os
import shlex
import stat
import sys
from pathlib import Path

PACKAGE = Path(workflow.basedir, "workflow")
NOTEBOOKS = Path(workflow.basedir, "notebooks")
if Path.cwd() != Path(workflow.basedir):
    # A study elsewhere leaves nothing in this folder, not even compiled modules.
    sys.dont_write_bytecode = True
sys.path.insert(0, str(PACKAGE))

from chargesheet import config as configuration
from chargesheet import digest, ingest
from chargesheet.errors import UserError


def settings():
    """The study's settings, with what the command line says about them."""
    try:
        said = configuration.from_command_line(config)
        return configuration.load(configuration.merge(configuration.read(configuration.FILE), said))
    except UserError as error:
        sys.exit(str(error))


def raw_files():
    """Status of every file below data/raw by path, without hidden files and links out of it."""
    found = {}
    for folder, subfolders, names in os.walk(os.path.join("data", "raw")):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                path = os.path.join(folder, name)
                found[path] = os.lstat(path)
    if not found:
        sys.exit(f"There are no articles in {Path.cwd() / 'data' / 'raw'}: put them there, one .txt file each.")
    return found


def raw_digest(found):
    """Changes when a file of data/raw is added, removed or changed; one value, however many files there are.

    Up to 100 MB are read, so that a touch changes nothing; beyond that size and time must do.
    """
    read_all = sum(status.st_size for status in found.values()) <= 100_000_000
    lines = []
    for path, status in sorted(found.items()):
        mark = f"{status.st_size} {status.st_mtime_ns}"
        if read_all and stat.S_ISREG(status.st_mode) and os.access(path, os.R_OK):
            mark = digest.sha256(Path(path))
        lines.append(f"{os.fsencode(path)} {mark}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def number_of_shards(files):
    """Shards for so many files: what the settings say, or the power of two that leaves up to 128 in a shard."""
    wanted = SETTINGS.corpus.shards
    return wanted if wanted != "auto" else 1 << max(0, (files - 1) // 128).bit_length()


def options(**values):
    """Command line options; those without a value are left out."""
    named = [(f"--{name.replace('_', '-')}", value) for name, value in values.items()]
    return [word for name, value in named if value is not None for word in (name, str(value))]


SETTINGS = settings()
FILES = raw_files()
RAW = raw_digest(FILES)
SHARDS = ingest.shard_names(number_of_shards(len(FILES)))
TABLES = ["articles", "rejects", "actors", "mentions", "accusations", "responses", "dyads"]
RESULTS = [
    *expand("results/tables/{table}.{ending}", table=TABLES, ending=["csv", "parquet"]),
    "results/tables/accusations.jsonl",
    "results/tables/datapackage.json",
    "results/figures",
    "results/exports",
    *expand(
        "results/notebooks/{notebook}.{ending}",
        notebook=["corpus", "actors", "accusations", "narrative"],
        ending=["ipynb", "html"],
    ),
    "results/narrative.html",
    "results/narrative.pdf",
    "results/evidence.html",
]
DOWNLOADED = SETTINGS.annotate.package != "bundled" and not Path(SETTINGS.annotate.package).is_dir()
OWN_ACTORS = SETTINGS.actors.file if Path(SETTINGS.actors.file or "").is_file() else None

# The environment of every job: no clock, no network, no display, no thread and no setting of the user's
# reaches a result. PYTHONSAFEPATH keeps a study's files from being imported.
os.environ.update(
    HF_HUB_OFFLINE=str(int(not DOWNLOADED)),
    LC_ALL="C.UTF-8",
    MPLBACKEND="agg",
    OMP_NUM_THREADS="1",
    PYTHONDONTWRITEBYTECODE="1" if sys.dont_write_bytecode else "",
    PYTHONHASHSEED="0",
    PYTHONPATH=str(PACKAGE),
    PYTHONSAFEPATH="1",
    SOURCE_DATE_EPOCH="1767225600",
    TOKENIZERS_PARALLELISM="false",
    TZ="UTC",
)
# Rules say `chargesheet verb ...` and get this package in this Python, installed or not. Under number 3 a job finds
# the user's terminal, for its progress: its own output goes to its log.
PYTHON = shlex.quote(sys.executable).replace("{", "{{").replace("}", "}}")
shell.prefix(f'exec 3>&2; chargesheet() ( exec {PYTHON} -m chargesheet "$@" ); ')


def articles(wildcards):
    """The articles of a shard. Asked for after ingest has run, so that a shard it left alone counts as old."""
    return os.path.join(checkpoints.ingest.get().output.articles, f"{wildcards.shard}.jsonl")


def own_actors(wildcards):
    """The study's own table of actors, if it has one."""
    return [OWN_ACTORS] if OWN_ACTORS else []


def own_cues(wildcards):
    """The study's own cues, if it has some."""
    return [SETTINGS.code.cues] if SETTINGS.code.cues else []


def notebook_source(wildcards):
    """A notebook of the repository, not executed."""
    return str(NOTEBOOKS / f"{wildcards.notebook}.ipynb")


def notebook_options(wildcards):
    """The study's title heads its narrative; the other notebooks keep their own headings."""
    if wildcards.notebook != "narrative":
        return []
    return options(title=SETTINGS.study.title or None, description=SETTINGS.study.description or None)
