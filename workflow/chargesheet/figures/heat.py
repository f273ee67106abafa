"""Tables of counts drawn as shaded cells with margins: who accuses whom, by outlet, by category."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from chargesheet.counting import Ledger
from chargesheet.figures import style

OTHERS = "\x00others"  # a key that no actor id equals
GAP = 1.2  # mm between the named rows and those of the rest
SIZE = 6.8
NARROW = 120  # mm; a narrower figure names fewer actors


@dataclass
class Cells:
    """A table to draw. Keys name rows and columns; totals have columns count, low, high."""

    counts: pd.DataFrame
    row_totals: pd.DataFrame
    column_totals: pd.DataFrame
    row_labels: dict[str, str]
    column_labels: dict[str, str]
    row_title: str
    column_title: str

    def rest(self, keys: pd.Index) -> list[bool]:
        return [key in ("", OTHERS) for key in keys]


def lump(values: pd.Series, top: int) -> pd.Series:
    """Keep the ``top`` most frequent named values; the others become OTHERS (unless it is one alone)."""
    counts = values[values != ""].value_counts()
    ranked = sorted(counts.index, key=lambda key: (-counts[key], key))
    kept = set(ranked if len(ranked) <= top + 1 else ranked[:top])
    return values.where(values.isin(kept) | (values == ""), OTHERS)


def ordered(totals: pd.DataFrame) -> list[str]:
    """Keys by count, then the others, then those not named."""
    return sorted(totals.index, key=lambda key: (key == "", key == OTHERS, -totals.loc[key, "count"], key))


def cross(ledger: Ledger, rows: pd.DataFrame, row: str, column: str, top: tuple[int, int]) -> tuple[pd.DataFrame, ...]:
    """Counts by row and column value, with totals, the rest lumped. Returns counts, row and column totals."""
    rows = rows.assign(**{row: lump(rows[row], top[0]), column: lump(rows[column], top[1])})
    row_totals, column_totals = ledger.count(rows, row), ledger.count(rows, column)
    row_keys, column_keys = ordered(row_totals), ordered(column_totals)
    counts = pd.crosstab(rows[row], rows[column]).reindex(index=row_keys, columns=column_keys, fill_value=0)
    return counts, row_totals.loc[row_keys], column_totals.loc[column_keys]


def positions(rest: list[bool], step: float) -> np.ndarray:
    """Where each row or column starts, in mm: the rest stands a little apart."""
    starts, at = [], 0.0
    for i, flag in enumerate(rest):
        if flag and i and not rest[i - 1]:
            at += GAP
        starts.append(at)
        at += step
    return np.array([*starts, at])


def whisker(axes: Axes, x: float, y: float, low: float, high: float, horizontal: bool = True) -> None:
    """A 95 % interval as a thin line with caps; nothing where there is none."""
    if np.isnan(low):
        return
    options = {"color": style.INK, "linewidth": 0.6, "capsize": 1.2, "capthick": 0.6}
    error = [[max(0, (x if horizontal else y) - low)], [max(0, high - (x if horizontal else y))]]
    axes.errorbar(x, y, **({"xerr": error} if horizontal else {"yerr": error}), **options)


def actor_labels(ledger: Ledger, actors: pd.Series, keys: pd.Index) -> dict[str, str]:
    """Names for the keys of a lumped column of actor ids; the others with their number."""
    others = actors[actors != ""].nunique() - sum(key not in ("", OTHERS) for key in keys)
    return {key: f"{others:,} others" if key == OTHERS else ledger.name(key) for key in keys}


def note(counts: pd.DataFrame, top: int, what: str) -> str:
    """The caption's sentences on what is named and on the margins."""
    lumped = OTHERS in counts.index or OTHERS in counts.columns
    return (f"The {top} most frequent {what} are named. " if lumped else "") + "Bars and numbers at the edge: totals."


def _scale(named: np.ndarray) -> PowerNorm:
    """Shades by the square root of the count, so that small numbers differ; a count of 1 is always pale."""
    return PowerNorm(0.5, 0, max(20, named.max(initial=0)))


def draw(cells: Cells, width: float) -> Figure:
    """Draw the table at ``width`` mm: cells with numbers, bars for the totals on the right and below.

    Rows and columns of the rest are grey and have no bar: they would dwarf the others.
    """
    narrow = width < NARROW
    row_labels = {k: style.wrap(v, 27 if narrow else 42, SIZE) for k, v in cells.row_labels.items()}
    label_width = max(style.text_width(line, SIZE) for v in row_labels.values() for line in v.split("\n"))
    label_width = max(label_width, style.text_width(cells.row_title, SIZE, "semibold")) + 2
    rest_rows, rest_columns = (np.array(cells.rest(keys)) for keys in (cells.counts.index, cells.counts.columns))
    bars = 16 if narrow else 30
    cell = min(7.0 if narrow else 9.0, (width - label_width - bars - GAP) / len(cells.counts.columns))
    two_lines = any("\n" in label for label in row_labels.values())
    high = 5.9 if two_lines else min(cell, 5.6) if len(cells.counts) > 3 else 5.6
    xs, ys = positions(rest_columns, cell), positions(rest_rows, high)
    bars = min(width - label_width - xs[-1] - 1.5, 60)
    left = label_width + (width - label_width - xs[-1] - 1.5 - bars) / 2
    # slanted column labels may lean over the bars but not over the edge
    slant = np.cos(np.pi / 4)
    column_limit = min(26 if narrow else 34, (width - left - xs[-1] + cell / 2) / slant - 2)
    column_labels = {k: style.shorten(v, column_limit, SIZE) for k, v in cells.column_labels.items()}
    top = max(style.text_width(v, SIZE) for v in column_labels.values()) * slant + 7.5
    foot = 15.0
    sheet = style.Sheet(width, top + ys[-1] + foot)

    grid = sheet.blank(left, top, xs[-1], ys[-1])
    norm = _scale(cells.counts.to_numpy()[~rest_rows][:, ~rest_columns])
    for i, row in enumerate(cells.counts.index):
        for j, column in enumerate(cells.counts.columns):
            n, rest = int(cells.counts.iloc[i, j]), rest_rows[i] or rest_columns[j]
            face = "#F6F6F6" if not n else "#E6E6E6" if rest else style.SHADES(norm(n))
            grid.add_patch(
                Rectangle((xs[j] + 0.2, ys[i] + 0.2), cell - 0.4, high - 0.4, facecolor=face, edgecolor="none")
            )
            if n:
                ink = "white" if not rest and norm(n) > 0.45 else style.INK
                size = min(SIZE, cell * 0.85 / style.text_width(f"{n:,}", 1))
                middle = xs[j] + cell / 2, ys[i] + high / 2
                grid.text(*middle, f"{n:,}", size=size, color=ink, ha="center", va="center_baseline")
            elif row == column and not rest:
                ends = [xs[j] + 0.5, xs[j] + cell - 0.5], [ys[i] + high - 0.5, ys[i] + 0.5]
                grid.plot(*ends, color="#CCCCCC", linewidth=0.5)
    frame = sheet.blank()

    def label(x: float, y: float, text: str, rest: bool, **options) -> None:
        look = {"color": style.MUTED, "style": "italic"} if rest else {"color": style.INK}
        frame.text(x, y, text, size=SIZE, **look, **options)

    for i, row in enumerate(cells.counts.index):
        at = left - 1.5, top + ys[i] + high / 2
        label(*at, row_labels[row], rest_rows[i], ha="right", va="center", linespacing=0.95)
    for j, column in enumerate(cells.counts.columns):
        at = left + xs[j] + cell / 2, top - 1.2
        slanted = {"rotation": 45, "rotation_mode": "anchor", "ha": "left", "va": "bottom"}
        label(*at, column_labels[column], rest_columns[j], **slanted)
    frame.text(left, 3.5, cells.column_title, size=SIZE, weight="semibold", va="center")
    frame.text(left - 1.5, top - 1.5, cells.row_title, size=SIZE, weight="semibold", ha="right", va="baseline")
    _margin_right(sheet, cells.row_totals, rest_rows, (left + xs[-1] + 1.5, top, bars, ys[-1]), ys, high)
    _margin_below(sheet, cells.column_totals, rest_columns, (left, top + ys[-1] + 1.5, xs[-1], foot - 2), xs, cell)
    return sheet.figure


def _reach(totals: pd.DataFrame, rest: np.ndarray) -> float:
    named = totals[~rest]
    return float(np.nanmax(named[["count", "high"]].to_numpy())) if len(named) else 1.0


def _margin_right(sheet: style.Sheet, totals: pd.DataFrame, rest: np.ndarray, box: tuple, ys, high: float) -> None:
    axes = sheet.axes(*box)
    room = max(style.text_width(f"{n:,}", style.SMALL) for n in totals["count"]) + 2
    unit = _reach(totals, rest) / max(box[2] - room, 1)  # records per mm
    axes.set(xlim=(0, box[2] * unit), ylim=(box[3], 0))
    axes.set_axis_off()
    for y, aside, (n, low, upper) in zip(ys, rest, totals[["count", "low", "high"]].to_numpy(), strict=False):
        end, middle = 0.0, y + high / 2
        if not aside:
            axes.barh(middle, n, height=high * 0.55, color="#C9C9C9")
            whisker(axes, n, middle, low, upper)
            end = np.nanmax([n, upper])
        colour = style.MUTED if aside else style.INK
        axes.text(end + unit, middle, f"{n:,.0f}", size=style.SMALL, va="center_baseline", color=colour)


def _margin_below(sheet: style.Sheet, totals: pd.DataFrame, rest: np.ndarray, box: tuple, xs, cell: float) -> None:
    axes = sheet.axes(*box)
    unit = _reach(totals, rest) / (box[3] - 3.5)
    axes.set(xlim=(0, box[2]), ylim=(box[3] * unit, 0))
    axes.set_axis_off()
    for x, aside, (n, low, upper) in zip(xs, rest, totals[["count", "low", "high"]].to_numpy(), strict=False):
        end, middle = 0.0, x + cell / 2
        if not aside:
            axes.bar(middle, n, width=min(cell, 5.6) * 0.55, color="#C9C9C9")
            whisker(axes, middle, n, low, upper, horizontal=False)
            end = np.nanmax([n, upper])
        colour = style.MUTED if aside else style.INK
        axes.text(middle, end + 0.8 * unit, f"{n:,.0f}", size=style.SMALL, ha="center", va="top", color=colour)
