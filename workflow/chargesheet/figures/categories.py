"""What is alleged: accusations and condemnations by category, and how many of them are denied."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from chargesheet.counting import Ledger
from chargesheet.figures import bars, style

ROW = 5.2


def draw(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    """One bar per category that occurs."""
    charges = ledger.charges
    if charges.empty:
        return style.message(width, "No accusation or condemnation was found in the articles."), ""
    totals = ledger.count(charges, "category")
    acts = charges.groupby(["category", "act"]).size().unstack(fill_value=0)
    denied = charges.groupby("category")["answered"].sum()
    legend = [("bar", style.ACT_COLOURS[a], style.ACT_NOUNS[a]) for a in ("accuse", "condemn") if a in acts]
    legend += [("thin", style.ACT_COLOURS["deny"], "of these denied in the same article")] if denied.any() else []
    left = max(style.text_width(c, 7) for c in totals.index) + 4
    head = style.legend(None, 0, 0, legend, width - left, draw=False) + 2
    sheet = style.Sheet(width, head + ROW * len(totals) + 9)
    style.legend(sheet.blank(), left, 0.5, legend, width - left)
    axes = sheet.axes(left, head, width - left - 9, ROW * len(totals))
    reach = 0.0
    for y, (category, _, low, high) in enumerate(totals.itertuples()):
        numbers = acts.loc[category].to_dict() | {"deny": denied[category]}
        end = bars.row(axes, y, numbers, (low, high), ROW)
        reach = max(reach, end)
    axes.set(ylim=(len(totals) - 0.45, -0.55), xlim=(0, reach), yticks=range(len(totals)), yticklabels=totals.index)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6 if width < 120 else 10))
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel("Accusations and condemnations")
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    caption = [
        f"What is alleged. {style.plural(len(charges), 'accusation or condemnation', 'accusations and condemnations')}",
        f"in {style.plural(charges['doc_id'].nunique(), 'article')} by kind of wrong.",
        ledger.interval_note,
    ]
    return sheet.figure, " ".join(caption)
