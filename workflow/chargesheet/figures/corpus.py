"""The articles that were read: over time, by outlet."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from chargesheet.counting import Ledger, plain
from chargesheet.figures import heat, periods, style


def draw(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    """Articles per period, stacked by outlet, with those without a date apart; for one article its data."""
    articles = ledger.articles
    if articles.empty:
        return style.message(width, "No article was read."), ""
    if len(articles) == 1:
        return _one(articles.iloc[0], width)
    narrow = width < heat.NARROW
    named = articles["outlet"].map(plain)
    counts = named[named != ""].value_counts()
    ranked = sorted(counts.index, key=lambda o: (-counts[o], o))
    kept = ranked if len(ranked) <= len(style.SERIES) else ranked[: len(style.SERIES)]
    others, unknown = style.plural(len(ranked) - len(kept), "other outlet"), "outlet not known"
    outlets = named.where(named.isin([*kept, ""]), others).replace("", unknown)
    colours = dict(zip(kept, style.SERIES, strict=False)) | {others: style.REST, unknown: "#8A8A8A"}
    order = [outlet for outlet in [*kept, others, unknown] if (outlets == outlet).any()]

    labels = {outlet: style.wrap(outlet, 26 if narrow else 46, 6.8) for outlet in order}
    left = max([11.0, *(style.text_width(line, 6.8) + 2 for v in labels.values() for line in v.split("\n"))])
    dated = ledger.dated
    plot, row = (28 if narrow else 36) if len(dated) else 0, 5.4
    legend = [("bar", "#8A8A8A", "with a date"), ("bar", "#D9D9D9", "without"), ("thin", style.INK, "with a record")]
    below = plot + 12 if len(dated) else 1
    head = below + style.legend(None, 0, 0, legend, width - left, draw=False) + 1
    sheet = style.Sheet(width, head + row * len(order) + 9)
    if len(dated):
        axes = sheet.axes(left, 2, width - left - 3, plot)
        index = periods.bins(dated["date"], 26 if narrow else 60)
        at = periods.place(dated["date"], index)
        base = pd.Series(0, range(len(index)))
        for outlet in order:
            number = at[outlets[at.index] == outlet].value_counts().reindex(base.index, fill_value=0)
            axes.bar(base.index, number, bottom=base, width=0.82, color=colours[outlet])
            base = base + number
        periods.ticks(axes, index, 5 if narrow else 11)
        axes.set(
            xlim=(-0.8, len(index) - 0.2), ylim=(0, base.max() * 1.06), ylabel=f"Articles per {periods.unit(index)}"
        )
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.grid(axis="y")

    holds = articles[["accusations", "condemnations", "denials"]].sum(axis=1) > 0
    style.legend(sheet.blank(), left, below, legend, width - left)
    bars = sheet.axes(left, head, width - left - 3, row * len(order))
    for y, outlet in enumerate(order):
        mine = articles[outlets == outlet]
        timed = int(mine["date"].notna().sum())
        bars.barh(y, timed, height=0.5, color=colours[outlet])
        bars.barh(y, len(mine) - timed, left=timed, height=0.5, color=colours[outlet], alpha=0.4)
        bars.barh(y + 0.38, int(holds[mine.index].sum()), height=0.14, color=style.INK)
        bars.annotate(
            f"{len(mine):,}", (len(mine), y), (3, 0), textcoords="offset points", size=style.SMALL, va="center_baseline"
        )
    bars.set(
        ylim=(len(order) - 0.4, -0.5),
        yticks=range(len(order)),
        yticklabels=[labels[o] for o in order],
        xlabel="Articles",
    )
    bars.set_xlim(0, outlets.value_counts().max() * 1.07)
    bars.tick_params(axis="y", length=0, labelsize=6.8)
    bars.spines["left"].set_visible(False)
    bars.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6 if narrow else 10))
    bars.xaxis.set_major_formatter("{x:,.0f}")
    bars.grid(axis="x")
    undated = len(articles) - len(dated)
    holding = int(holds.sum())
    span = f", {dated['date'].min():%Y-%m-%d} to {dated['date'].max():%Y-%m-%d}" if len(dated) else ""
    caption = [
        f"The articles that were read: {style.plural(len(articles), 'article')}"
        + (f" of {style.plural(len(ranked), 'outlet')}" if ranked else "") + f"{span}.",
        "Above: over time. Below: by outlet." if len(dated) else "None has a date.",
        f"{style.plural(undated, 'article')} without a date." if undated and len(dated) else "",
        f"{holding:,} report at least one accusation, condemnation or denial ({holding / len(articles):.0%}).",
    ]  # fmt: skip
    return sheet.figure, " ".join(filter(None, caption))


def _one(article: pd.Series, width: float) -> tuple[Figure, str]:
    facts = [
        ("Title", article["title"]),
        ("Outlet", article["outlet"] or "not known"),
        ("Date", f"{article['date']:%Y-%m-%d}" if pd.notna(article["date"]) else "not known"),
        ("Length", f"{style.plural(article['words'], 'word')} in {style.plural(article['sentences'], 'sentence')}"),
        ("Reports", ", ".join(style.plural(article[f"{noun}s"], noun) for noun in style.ACT_NOUNS.values())),
    ]  # fmt: skip
    lines = [(name, style.wrap(text, width - 24, 7.5, lines=3)) for name, text in facts]
    tops = np.cumsum([3.5, *(4.2 + 3.1 * text.count("\n") for _, text in lines)])
    sheet = style.Sheet(width, tops[-1] + 1)
    axes = sheet.blank()
    for (name, text), y in zip(lines, tops, strict=False):
        axes.text(17, y, name, size=7.5, ha="right", va="baseline", color=style.MUTED)
        axes.text(20, y, text.split("\n")[0], size=7.5, va="baseline")
        for i, more in enumerate(text.split("\n")[1:], 1):
            axes.text(20, y + 3.1 * i, more, size=7.5, va="baseline")
    return sheet.figure, "The article that was read. With one article there is no distribution to draw."
