"""A study's results, for notebooks: its tables as data frames, its figures, links to the evidence.

>>> from chargesheet import study
>>> ledger = study.load()              # doctest: +SKIP
>>> ledger.accusations.head()          # doctest: +SKIP
>>> ledger.figure("matrix")            # doctest: +SKIP

Everything is read from the results folder; nothing here needs Stanza or the articles.
"""

from __future__ import annotations

import base64
import os
import re
from functools import cached_property
from pathlib import Path
from urllib.parse import quote, urlencode

import pandas as pd

from chargesheet import schemas
from chargesheet.errors import UserError

VARIABLE = "CHARGESHEET_RESULTS"  # environment variable that names the results folder
FIGURE = "chargesheet_figure"  # key in an output's metadata that names its figure
CAPTION = "chargesheet_caption"  # key in an output's metadata: this text belongs to the figure before it
MILLIMETRE = 96 / 25.4  # CSS pixels
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>$|~#^@]|:(?=//)|(?<=www)\.", re.IGNORECASE)


def md(text: object) -> str:
    r"""Text as Markdown that shows exactly this text, on one line.

    >>> md("<b>*5* | [x]")
    '\\<b\\>\\*5\\* \\| \\[x\\]'
    """
    return _SPECIAL.sub(lambda match: "\\" + match.group(), " ".join(str(text).split())).replace("&", "&amp;")


def find_results(start: Path | None = None) -> Path:
    """The results folder: what ``CHARGESHEET_RESULTS`` names, else the nearest above ``start``.

    ``start`` is the working directory by default. A folder is one if it holds ``tables/accusations.parquet``,
    itself or in its subfolder ``results``.
    """

    def is_results(folder: Path) -> bool:
        return (folder / "tables" / "accusations.parquet").is_file()

    if named := os.environ.get(VARIABLE):
        if is_results(Path(named)):
            return Path(named)
        raise UserError(f"{VARIABLE} names {named}, which holds no tables/accusations.parquet.")
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        for candidate in (folder, folder / "results"):
            if is_results(candidate):
                return candidate
    raise UserError(
        f"no results were found in {start} or above: run the study first (make), or name its results folder with "
        f"the environment variable {VARIABLE}."
    )


def load(results: Path | str | None = None) -> Study:
    """The study whose results folder is ``results``, or is found by :func:`find_results`."""
    return Study(Path(results) if results else find_results())


class Study:
    """Tables, figures and links of one study.

    The tables are attributes: ``articles``, ``rejects``, ``actors``, ``mentions``, ``accusations``, ``responses``
    and ``dyads``. ``datapackage.json`` beside them says what each column means.
    """

    def __init__(self, results: Path):
        self.results = results
        self.tables = schemas.read(results / "tables")
        for name, table in self.tables.items():
            setattr(self, name, table)

    articles: pd.DataFrame
    rejects: pd.DataFrame
    actors: pd.DataFrame
    mentions: pd.DataFrame
    accusations: pd.DataFrame
    responses: pd.DataFrame
    dyads: pd.DataFrame

    @cached_property
    def base(self) -> str:
        """Relative address of the results folder from the working directory, with "/" at its end."""
        return quote(Path(os.path.relpath(self.results)).as_posix()) + "/"

    def evidence(self, record: str) -> str:
        """Address of a record on the evidence page."""
        return f"{self.base}evidence.html#{quote(record, safe='')}"

    def evidence_list(self, **filters: str | list[str]) -> str:
        """Address of the evidence page with filters set: source, target, actor, act, category, outlet, ..."""
        return f"{self.base}evidence.html#?{urlencode(filters, doseq=True)}"

    def caption(self, name: str) -> str:
        """What a figure shows; empty where there is no such figure or nothing to show."""
        path = self.results / "figures" / f"{name}.txt"
        return path.read_text(encoding="utf-8").strip() if path.is_file() else ""

    def figure(self, name: str) -> Figure:
        """A figure with its caption, to be the last value of a cell."""
        return Figure(self.results / "figures" / f"{name}.png", self.caption(name))


class Figure:
    """A figure and its caption as notebook output; shows nothing where there is nothing to show."""

    def __init__(self, path: Path, caption: str):
        self.path, self.caption = path, caption

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if not (self.caption and self.path.is_file()):
            return
        data = self.path.read_bytes()
        pixels = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
        per_metre = _pixels_per_metre(data)
        width, height = (round(side / per_metre * 1000 * MILLIMETRE) for side in pixels)
        size = {"width": width, "height": height, "alt": self.caption}
        display(
            {"image/png": base64.b64encode(data).decode("ascii"), "text/plain": f"Figure: {self.path.stem}"},
            metadata={"image/png": size, FIGURE: self.path.stem},
            raw=True,
        )
        display(
            {"text/markdown": f"*{md(self.caption)}*", "text/plain": self.caption}, metadata={CAPTION: True}, raw=True
        )


def _pixels_per_metre(png: bytes) -> int:
    """Resolution that a PNG states (chunk pHYs), else 300 dots per inch."""
    at = png.find(b"pHYs")
    return int.from_bytes(png[at + 4 : at + 8], "big") if at > 0 else 11811


class Table:
    """A data frame, and the Markdown that notebooks show for it."""

    def __init__(self, frame: pd.DataFrame, markdown: str):
        self.frame, self.markdown = frame, markdown

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/markdown": self.markdown, "text/plain": self.frame.to_string(index=False)}


def table(frame: pd.DataFrame, links: dict[str, list[str]] | None = None, longest: int = 100) -> Table:
    """Show a data frame: numbers to the right, days in words, "None" where it has no row.

    Args:
        frame: its columns are the headings; the index is not shown.
        links: by column, the address that each of its cells leads to ("" for none).
        longest: a longer text is cut to so many characters.
    """

    def cell(value: object) -> str:
        if pd.isna(value):
            return ""
        if isinstance(value, pd.Timestamp):
            return f"{value.day}\N{NO-BREAK SPACE}{value:%b}\N{NO-BREAK SPACE}{value.year}"
        if isinstance(value, float):
            return f"{value:.2f}"
        text = f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
        return md(text if len(text) <= longest else text[: longest - 1].rstrip(" ,;") + "…")

    def column(name: str) -> list[str]:
        cells = [cell(value) for value in frame[name].astype(object)]
        targets = (links or {}).get(name) or [""] * len(cells)
        return [f"[{text}]({to})" if to and text else text for text, to in zip(cells, targets, strict=True)]

    if frame.empty:
        return Table(frame, "*None.*")
    right = [pd.api.types.is_numeric_dtype(frame[name]) and frame[name].dtype != bool for name in frame]
    rows = zip(*(column(name) for name in frame), strict=True)
    lines = [[md(name) for name in frame], ["---:" if number else "---" for number in right], *rows]
    return Table(frame, "\n".join("| " + " | ".join(line) + " |" for line in lines))
