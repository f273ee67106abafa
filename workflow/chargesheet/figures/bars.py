"""Bars of charges: accusations and condemnations stacked, with what was denied as a thin bar, and an interval."""

import numpy as np
from matplotlib.axes import Axes

from chargesheet.figures import style
from chargesheet.figures.heat import whisker

HIGH, THIN = 2.9, 0.8  # mm


def row(
    axes: Axes, y: float, acts: dict[str, float], interval: tuple[float, float], step: float, sign: int = 1
) -> float:
    """One row on axes whose rows are 1 high, to the right (sign 1) or left (-1); return its reach.

    acts: number by act; the interval is that of accusations and condemnations together; step: height of a row in mm.
    """
    accuse, condemn, deny = (acts.get(act, 0) for act in ("accuse", "condemn", "deny"))
    axes.barh(y, sign * accuse, height=HIGH / step, color=style.ACT_COLOURS["accuse"])
    axes.barh(y, sign * condemn, left=sign * accuse, height=HIGH / step, color=style.ACT_COLOURS["condemn"])
    below = y + (HIGH / 2 + THIN) / step
    axes.barh(below, sign * deny, height=THIN / step, color=style.ACT_COLOURS["deny"])
    low, high = interval
    whisker(axes, sign * (accuse + condemn), y, *sorted((sign * low, sign * high)))
    end = float(np.nanmax([accuse + condemn, high]))
    if accuse + condemn:
        _number(axes, sign, end, y, accuse + condemn, style.INK)
    if deny:
        _number(axes, sign, deny, below, deny, style.ACT_COLOURS["deny"])
    return max(end, deny)


def _number(axes: Axes, sign: int, end: float, y: float, number: int, colour: str) -> None:
    axes.annotate(
        f"{number:,.0f}", (sign * end, y), (3 * sign, 0), textcoords="offset points", size=style.SMALL - 0.3,
        ha="left" if sign > 0 else "right", va="center_baseline", color=colour,
    )  # fmt: skip
