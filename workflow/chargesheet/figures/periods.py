"""Time on an axis: days, weeks, months, quarters or years, whichever gives a readable number of bins."""

import pandas as pd
from matplotlib.axes import Axes

FREQUENCIES = {"D": "day", "W-SUN": "week", "M": "month", "Q": "quarter", "Y": "year"}
_FORMATS = {"D": "%d %b %Y", "W-SUN": "%d %b %Y", "M": "%b %Y", "Q": "Q%q %Y", "Y": "%Y"}


def bins(dates: pd.Series, most: int) -> pd.PeriodIndex:
    """The finest periods that cover ``dates`` (not empty) with at most ``most`` bins, else years."""
    for frequency in FREQUENCIES:
        index = pd.period_range(dates.min(), dates.max(), freq=frequency)
        if len(index) <= most:
            return index
    return index


def unit(index: pd.PeriodIndex) -> str:
    """The word for one bin."""
    return FREQUENCIES[index.freqstr.split("-DEC")[0] if index.freqstr[0] in "QY" else index.freqstr]


def place(dates: pd.Series, index: pd.PeriodIndex) -> pd.Series:
    """Number of the bin of each date, from 0."""
    return pd.Series(index.get_indexer(dates.dt.to_period(index.freq)), index=dates.index)


def ticks(axes: Axes, index: pd.PeriodIndex, most: int) -> None:
    """Label at most ``most`` bins, at equal steps."""
    step = -(-len(index) // most)
    if index.freqstr.startswith("Y"):
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 1000) if s >= step)
        shown = [i for i, period in enumerate(index) if period.year % step == 0]
    else:
        shown = list(range(0, len(index), step))
    key = next(f for f in _FORMATS if index.freqstr.startswith(f[0]))
    names = [index[i].start_time.strftime(_FORMATS[key].replace("%q", str(index[i].quarter))) for i in shown]
    axes.set_xticks(shown, [name.lstrip("0") for name in names])
