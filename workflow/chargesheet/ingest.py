"""ingest: read raw articles into shards, with a table of rejects.

Every file below the raw folder becomes an article or a reject with a reason; only hidden files,
``README`` files and ``metadata.csv`` itself are passed over. Article text is kept as decoded,
so that character offsets stay true to the file.
"""

import argparse
import csv
import difflib
import filecmp
import hashlib
import io
import json
import os
import re
import stat
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cache
from itertools import zip_longest
from pathlib import Path

from charset_normalizer import from_bytes

from chargesheet import files
from chargesheet.errors import UserError
from chargesheet.paragraphs import is_hard_wrapped

METADATA = "metadata.csv"
COLUMNS = ("file", "title", "date", "outlet", "url", "language")
MAX_CHARS = 1_000_000  # the longest news articles have some 200,000; more is an archive in one file
MAX_TITLE = 200
_MAX_BYTES = 8 * MAX_CHARS  # no encoding needs more

# Formats that are saved as .txt by mistake, by their first bytes.
_SIGNATURES = {
    b"%PDF-": "a PDF file: save its text as .txt",
    b"PK\x03\x04": "a zip archive or an office document: save its text as .txt",
    b"\xd0\xcf\x11\xe0": "an office document: save its text as .txt",
    b"{\\rtf": "an RTF document: save its text as .txt",
    b"<!doctype html": "a web page: save its text without the tags",
    b"<html": "a web page: save its text without the tags",
}
_DATE = re.compile(
    r"\b((mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october"
    r"|november|december|\d+(st|nd|rd|th)?)\b",
    re.IGNORECASE,
)
# py3langid's labels for English and what short English text is mistaken for (Nigerian Pidgin, Scots, Jamaican).
_ENGLISH = {"en", "pcm", "sco", "jam"}


@dataclass(frozen=True)
class Reject:
    """A file that gives no article: ``reason`` is a short slug, ``detail`` a sentence for the user."""

    file: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Article:
    """One article; ``file`` is relative to the raw folder, ``sha256`` that of the file's bytes."""

    doc_id: str
    title: str
    date: str
    outlet: str
    url: str
    language: str
    file: str
    sha256: str
    encoding: str
    text: str


class NotText(ValueError):
    """The bytes hold no readable text; the message says what they are."""


class TooLong(ValueError):
    """More text than an article can have."""

    def __init__(self, size: int):
        super().__init__(
            f"It holds {size:,} characters; an article may have {MAX_CHARS:,}: give every article a file of its own."
        )


# --- names ---------------------------------------------------------------------------------------


def _safe(name: str) -> str:
    """``name`` on one line, without characters that a path or a CoNLL-U comment can't hold."""
    name = unicodedata.normalize("NFC", name)
    kept = (" " if unicodedata.category(c) == "Zs" else c for c in name)
    name = "".join("_" if c in "/\\" or unicodedata.category(c)[0] == "C" or c in "\u2028\u2029" else c for c in kept)
    name = " ".join(name.split())
    return re.sub(r"^\.+", "_", name) or "_"


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def doc_ids(names: Iterable[str]) -> dict[str, str]:
    """Ids for files named by their paths relative to the raw folder (posix).

    An id is the file's name without its ending. Files that share it are told apart by their
    folders (``2024__march``); a name that had to be changed to be safe gets a short hash of the
    path, so that the id doesn't depend on other files.
    """

    def level(name: str, step: int) -> str:
        path = Path(name)
        plain = path.stem if step == 0 else "__".join([*path.parts[:-1], path.stem])
        safe = _safe(plain)
        changed = safe != unicodedata.normalize("NFC", plain)
        return f"{safe}-{_short_hash(name)}" if changed or step == 2 else safe

    names = sorted(set(names))
    steps = dict.fromkeys(names, 0)
    while True:
        ids = {name: level(name, steps[name]) for name in names}
        holders = Counter(ids.values())
        shared = [name for name in names if holders[ids[name]] > 1 and steps[name] < 2]
        if not shared:
            return ids
        # Those that can still be told apart by folder go first; a file that already has its path keeps it.
        lowest = min(steps[name] for name in shared)
        for name in shared:
            if steps[name] == lowest:
                steps[name] += 1


def shard_of(doc_id: str, shards: int) -> str:
    """The shard of an article: sha256 of its id modulo ``shards``, zero-padded."""
    number = int(hashlib.sha256(doc_id.encode("utf-8")).hexdigest(), 16) % shards
    return f"{number:0{len(str(shards - 1))}d}"


def shard_names(shards: int) -> list[str]:
    """All shard names of a study, in order."""
    return [f"{number:0{len(str(shards - 1))}d}" for number in range(shards)]


# --- files ---------------------------------------------------------------------------------------


def _passed_over(name: str) -> bool:
    return name.startswith(".") or Path(name).stem.lower() == "readme"


def _why_unreadable(error: OSError) -> str:
    return f"can't be read ({(error.strerror or str(error)).lower()}): check its permissions"


def find(raw: Path) -> tuple[list[str], list[Reject]]:
    """Article files below ``raw`` (relative, posix, sorted) and rejects for everything else."""
    found, rejects, inside = [], [], raw.resolve()

    def unreadable(error: OSError) -> None:
        name = Path(error.filename).relative_to(raw).as_posix()
        rejects.append(Reject(_printable(name) + "/", "unreadable", f"The folder {_why_unreadable(error)}."))

    for folder, subfolders, names in os.walk(raw, onerror=unreadable):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in [n for n in subfolders if Path(folder, n).is_symlink()]:
            relative = Path(folder, name).relative_to(raw).as_posix()
            detail = "A link to a folder is not followed: put the folder itself here."
            rejects.append(Reject(_printable(relative) + "/", "link", detail))
        for name in sorted(names):
            path = Path(folder, name)
            relative = path.relative_to(raw).as_posix()
            if _passed_over(name) or relative == METADATA:
                continue
            if _printable(relative) != relative:
                detail = "The file's name is not valid UTF-8: rename it."
                rejects.append(Reject(_printable(relative), "unreadable", detail))
            elif path.suffix.lower() != ".txt":
                rejects.append(Reject(relative, "not-txt", "Only .txt files are read: save the text as .txt."))
            elif path.is_symlink() and not path.resolve().is_relative_to(inside):
                detail = "A link that leads out of the raw folder is not followed: put the file itself here."
                rejects.append(Reject(relative, "link", detail))
            else:
                found.append(relative)
    return sorted(found), rejects


def _printable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")


def read_bytes(path: Path) -> bytes:
    """The bytes of a regular file.

    Raises NotText for what is none (a pipe would block), TooLong for a file of far too many bytes.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise NotText("not a regular file")
    if status.st_size > _MAX_BYTES:
        raise TooLong(status.st_size)
    return path.read_bytes()


# --- text ----------------------------------------------------------------------------------------


def decode(data: bytes) -> tuple[str, str]:
    """Text and name of the encoding.

    UTF-8 and what carries a byte order mark are decoded as they say; for the rest
    charset-normalizer decides. In English text so few bytes are above ASCII that it can't tell the
    many 8-bit encodings apart, so those of Windows and the old Macintosh are tried first.

    Raises NotText.
    """
    start = data.lstrip()[:20].lower()
    for signature, what in _SIGNATURES.items():
        if start.startswith(signature.lower()):
            raise NotText(what)
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            try:
                return _checked(data.decode(encoding)), encoding
            except UnicodeDecodeError:
                break
    try:
        return _checked(data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError:
        pass
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken < 0.1 * sum(c > "\x7f" for c in text):
        return _checked(text), f"utf-8 ({broken} unreadable)"
    few = sum(byte > 0x7F for byte in data) < 0.1 * len(data) and b"\0" not in data
    best = (
        from_bytes(data, cp_isolation=["cp1252", "mac_roman"], threshold=1).best() if few else from_bytes(data).best()
    )
    if best is None:
        raise NotText("binary data, or an encoding that can't be recognised")
    return _checked(data.decode(best.encoding)), best.encoding.replace("_", "-")


def _checked(text: str) -> str:
    if "\0" in text:
        raise NotText("binary data (it holds NUL characters)")
    odd = sum(unicodedata.category(c) in ("Cc", "Cn", "Co") and not c.isspace() for c in text)
    if odd > 0.02 * len(text):
        raise NotText("binary data (it holds many control characters)")
    return text


@cache
def _identifier():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def foreign_language(text: str) -> str | None:
    """The ISO 639 code of the text's language where that is surely not English, else None.

    Short texts are full of names, so the less text there is the surer py3langid must be.
    """
    sample = text[:20_000]
    ranks = dict(_identifier().rank(sample))
    best = max(ranks, key=ranks.get)
    sure = 0.99 if len(sample) < 200 else 0.9
    english = sum(ranks.get(code, 0) for code in _ENGLISH)
    return best if best not in _ENGLISH and ranks[best] >= sure and english < 0.1 else None


def first_line_title(text: str) -> str:
    """The first line where it looks like a title: short, no sentence-final stop, text below it.

    A date or a place alone ("Vienna, Austria") is no title.
    """
    lines = [line.strip() for line in text.splitlines()]
    filled = [i for i, line in enumerate(lines) if line]
    if len(filled) < 2 or (is_hard_wrapped(text) and filled[1] == filled[0] + 1):
        return ""
    title = " ".join(lines[filled[0]].lstrip("#* ").split())
    bare = re.sub(r"(\s*\([^()]*\))+$", "", title).rstrip("\"'”’)]*_ ")
    words = bare.split()
    stopped = bare.endswith((".", "…", ",", ";", ":", "-", "–", "—")) and not re.search(r"\b[A-Z]\.[A-Z]\.$", bare)
    place = "," in bare and len(words) <= 5 and all(word[0].isupper() for word in words)
    if stopped or place or len(words) < 3 or len(title) > MAX_TITLE or not _DATE.sub("", bare).strip(" ,.-/"):
        return ""
    return title


# --- metadata ------------------------------------------------------------------------------------


def _iso_date(value: str) -> str:
    """ISO date of an ISO date or date and time; raises ValueError."""
    return (date.fromisoformat(value) if len(value) <= 10 else datetime.fromisoformat(value).date()).isoformat()


def _date_hint(value: str) -> str:
    """What to write instead of a date that isn't ISO."""
    formats = (
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d.%m.%Y",
        "%d-%m-%Y",
        "%Y/%m/%d",
        "%d %B %Y",
        "%B %d, %Y",
        "%d %b %Y",
        "%b %d, %Y",
    )
    readings = []
    for form in formats:
        try:
            readings.append(datetime.strptime(value, form).date().isoformat())
        except ValueError:
            continue
    readings = sorted(set(readings))
    return f"write {' or '.join(readings)}" if readings else "write it as YYYY-MM-DD, or leave it empty"


def _check_row(row: dict[str, str], known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (column, problem) for the values of a metadata row."""
    if not row["file"]:
        yield "file", "is empty: write the file's path below the raw folder"
    elif unicodedata.normalize("NFC", row["file"]) not in known:
        name = row["file"].replace("\\", "/").removeprefix("./")
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.5) or [k for k in known if k.endswith(f"/{name}")]
        hint = f"did you mean {close[0]!r}?" if close else "write its path below the raw folder, or take the row out"
        yield "file", f"{row['file']!r} is not there: {hint}"
    if row["date"]:
        try:
            _iso_date(row["date"])
        except ValueError:
            yield "date", f"{row['date']!r} is not a date: {_date_hint(row['date'])}"
    if row["url"] and not re.match(r"https?://\S+$", row["url"]):
        yield "url", f"{row['url']!r} is not a web address: write https://..., or leave it empty"
    if row["language"] and not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*", row["language"]):
        yield "language", f"{row['language']!r} is not a language code: write en for English, or leave it empty"


def read_metadata(path: Path, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Rows of ``metadata.csv`` by file name; ``names`` are all files below the raw folder.

    Comma, semicolon and tab separate; values are stripped, dates come back as ISO dates. Raises
    UserError with all problems at once, each with its row (the header is row 1) and column.
    """
    try:
        text, _ = decode(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} {_why_unreadable(error)}.") from None
    except NotText as error:
        raise UserError(f"{path} is not a CSV file but {error}. Save it as CSV (UTF-8).") from None
    header = text.lstrip().split("\n", 1)[0]
    delimiter = max(",;\t", key=header.count)
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UserError(
            f"{path} is not a CSV file ({error}). Save it as CSV (UTF-8), texts with quotes round them."
        ) from None
    columns = [cell.strip().lower() for cell in table[0]] if table else []
    problems = [f"row 1: the column {name!r} is there twice" for name, n in Counter(columns).items() if n > 1 and name]
    extra = [name for name in columns if name and name not in COLUMNS]
    for missing in [name for name in COLUMNS if name not in columns]:
        close = difflib.get_close_matches(missing, extra, n=1, cutoff=0.7)
        if close:
            problems.append(f"row 1: unknown column {close[0]!r}: did you mean {missing!r}?")
        elif missing == "file":
            problems.append(
                f"row 1: the column 'file' is missing: the first row must name the columns {', '.join(COLUMNS)}"
            )
    if problems:
        raise UserError(_problem_list(path, problems))
    if extra:
        print(f"{path}: columns not used: {', '.join(extra)}", file=sys.stderr)

    known = {unicodedata.normalize("NFC", name): name for name in names}
    rows, first_row = {}, {}
    for number, cells in enumerate(table[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            hint = f"put quotes round a value that holds a {delimiter!r}"
            problems.append(f"row {number}: {len(cells)} values for {len(columns)} columns: {hint}")
            continue
        values = dict(zip_longest(columns, cells[: len(columns)], fillvalue=""))
        row = dict.fromkeys(COLUMNS, "") | {c: " ".join(v.split()) for c, v in values.items() if c in COLUMNS}
        row["file"] = values["file"].strip()  # its inner spaces stay: it must equal the file's name
        wrong = list(_check_row(row, known))
        problems += [f"row {number}, column {column!r}: {problem}" for column, problem in wrong]
        name = unicodedata.normalize("NFC", row["file"])
        if name and name in first_row:
            problems.append(
                f"row {number}, column 'file': {row['file']!r} has a row already (row {first_row[name]}): keep one"
            )
        first_row.setdefault(name, number)
        if not wrong:
            rows[known[name]] = row | {"date": _iso_date(row["date"]) if row["date"] else ""}
    if problems:
        raise UserError(_problem_list(path, problems))
    return rows


def _problem_list(path: Path, problems: list[str]) -> str:
    shown = [f"  {problem}" for problem in problems[:50]]
    if len(problems) > 50:
        shown.append(f"  ... and {len(problems) - 50} more")
    plural = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return "\n".join([f"{path}: {plural}", *shown])


# --- the whole -----------------------------------------------------------------------------------


def read_article(raw: Path, name: str, doc_id: str, metadata: dict[str, str], language: str) -> Article | Reject:
    """Read one file; ``language`` is "en", or "any" to take every language."""
    try:
        data = read_bytes(raw / name)
        text, encoding = decode(data)
    except OSError as error:
        return Reject(name, "unreadable", f"The file {_why_unreadable(error)}.")
    except NotText as error:
        return Reject(name, "not-text", f"The file holds no text that can be read: {error}.")
    except TooLong as error:
        return Reject(name, "too-long", str(error))
    if len(text) > MAX_CHARS:
        return Reject(name, "too-long", str(TooLong(len(text))))
    if not text.strip():
        return Reject(name, "empty", "The file holds no text.")
    if not any(c.isalpha() for c in text):
        return Reject(name, "not-text", "The file holds no words.")
    said = re.split("[-_]", metadata.get("language", "").lower())[0]
    said = {"eng": "en"}.get(said, said)
    if language != "any":
        found = said or foreign_language(text)
        if found and found != language:
            by = f"{METADATA} says that" if said else "It looks as if"
            return Reject(name, "not-english", f"{by} the text is in another language ({found}).")
    return Article(
        doc_id=doc_id,
        title=metadata.get("title") or first_line_title(text),
        date=metadata.get("date", ""),
        outlet=metadata.get("outlet", ""),
        url=metadata.get("url", ""),
        language=said or ("en" if language == "en" else foreign_language(text) or "en"),
        file=name,
        sha256=hashlib.sha256(data).hexdigest(),
        encoding=encoding,
        text=text,
    )


def read_all(raw: Path, language: str = "en") -> Iterator[Article | Reject]:
    """Articles and rejects of a raw folder, in the order of their file names."""
    names, rejects = find(raw)
    metadata = {}
    if os.path.lexists(raw / METADATA):
        metadata = read_metadata(raw / METADATA, [*names, *(reject.file for reject in rejects)])
    yield from rejects
    ids, first = doc_ids(names), {}
    for name in names:
        item = read_article(raw, name, ids[name], metadata.get(name, {}), language)
        if isinstance(item, Article):
            # Line ends, spaces and the way accents are composed make no other article.
            words = " ".join(unicodedata.normalize("NFC", item.text).split())
            original = first.setdefault(hashlib.sha256(words.encode("utf-8")).digest(), name)
            if original != name:
                item = Reject(name, "duplicate", f"The text is the same as that of {original}.")
        yield item


def write_shards(items: Iterable[Article | Reject], out: Path, shards: int) -> tuple[int, list[Reject]]:
    """Write articles to ``out/<shard>.jsonl``; return the number of articles and the rejects.

    All ``shards`` files are written. A file whose content stays the same is not touched, one of an
    earlier run with another number of shards is removed.
    """
    articles, rejects = 0, []
    names = shard_names(shards)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out, prefix=".ingest.") as scratch:
        parts = {name: Path(scratch, f"{name}.jsonl") for name in names}
        for part in parts.values():
            part.touch()
        for item in items:
            if isinstance(item, Reject):
                rejects.append(item)
                continue
            articles += 1
            with open(parts[shard_of(item.doc_id, shards)], "a", encoding="utf-8", newline="\n") as part:
                part.write(json.dumps(asdict(item), ensure_ascii=False) + "\n")
        for part in parts.values():
            _replace_if_changed(part, out / part.name)
    for old in out.glob("*.jsonl"):
        if old.stem.isdigit() and old.stem not in names:
            old.unlink()
    return articles, sorted(rejects, key=lambda reject: (reject.file, reject.reason))


def _replace_if_changed(new: Path, old: Path) -> None:
    if not (old.is_file() and filecmp.cmp(new, old, shallow=False)):
        os.replace(new, old)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--raw", type=Path, required=True, help="folder of .txt files, with an optional metadata.csv")
    parser.add_argument("--out", type=Path, required=True, help="folder for the shards (JSONL)")
    parser.add_argument("--shards", type=int, required=True, help="number of shards")
    parser.add_argument("--rejects", type=Path, required=True, help="JSONL table of files that give no article")
    parser.add_argument(
        "--language", choices=["en", "any"], default="en", help="'any' switches the check for English off"
    )


def run(args: argparse.Namespace) -> None:
    if args.shards < 1:
        raise UserError(f"--shards is {args.shards}: write 1 or more")
    if not args.raw.is_dir():
        raise UserError(f"{args.raw} is not a folder: make it and put your articles there, one .txt file each")
    articles, rejects = write_shards(read_all(args.raw, args.language), args.out, args.shards)
    with tempfile.TemporaryDirectory(dir=args.out, prefix=".ingest.") as scratch:
        new = Path(scratch, "rejects.jsonl")
        files.write_jsonl(new, [asdict(reject) for reject in rejects])
        args.rejects.parent.mkdir(parents=True, exist_ok=True)
        _replace_if_changed(new, args.rejects)
    if not articles and not rejects:
        raise UserError(f"{args.raw} holds no article: put your articles there, one .txt file each")
    reasons = ", ".join(f"{n} {reason}" for reason, n in sorted(Counter(r.reason for r in rejects).items()))
    print(f"{_count(articles, 'article')}, {_count(len(rejects), 'reject')}" + (f" ({reasons})" if reasons else ""))


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}" + ("" if n == 1 else "s")
