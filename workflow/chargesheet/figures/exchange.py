"""Accusation, answer, counter-accusation: what pairs of actors say of one another."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from chargesheet.counting import Ledger
from chargesheet.figures import bars, style

ROW = 8.2  # mm
SIZE = 6.8


def exchanges(ledger: Ledger) -> pd.DataFrame:
    """Unordered pairs of named actors with at least one charge: actors a and b, and records by side and act.

    a is the one who charges more. ``answered``: b denies or charges back.
    """
    rows = ledger.pairs.query("source_id != '' and target_id != '' and source_id != target_id")
    numbers = rows.groupby(["source_id", "target_id", "act"]).size().unstack(fill_value=0)
    numbers = numbers.reindex(columns=["accuse", "condemn", "deny"], fill_value=0)
    found = []
    for one, two in sorted({tuple(sorted(pair)) for pair in numbers.index}):
        sides = {
            p: numbers.loc[p] if p in numbers.index else pd.Series(0, numbers.columns) for p in ((one, two), (two, one))
        }
        charges = {p: int(side["accuse"] + side["condemn"]) for p, side in sides.items()}
        if not any(charges.values()):
            continue
        a, b = max(sides, key=lambda p: (charges[p], -int(sides[p]["deny"]), p == (one, two)))
        back = charges[b, a] + int(sides[b, a]["deny"])
        total = sum(int(side.sum()) for side in sides.values())
        found.append(
            {
                "a": a,
                "b": b,
                "ab": sides[a, b].to_dict(),
                "ba": sides[b, a].to_dict(),
                "answered": back > 0,
                "total": total,
            }
        )
    return pd.DataFrame(found, columns=["a", "b", "ab", "ba", "answered", "total"])


def draw(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    """The ``top`` pairs with an answer that have most records between them."""
    narrow = width < 120
    pairs = exchanges(ledger)
    answered = pairs[pairs["answered"]]
    if answered.empty:
        return style.message(
            width, "No accusation between two named actors is answered by a denial or a counter-accusation."
        ), ""
    shown = answered.sort_values(["total", "a", "b"], ascending=[False, True, True]).head(
        min(top, 8) if narrow else top
    )
    charges = ledger.charge_pairs.assign(
        pair=list(zip(ledger.charge_pairs["source_id"], ledger.charge_pairs["target_id"], strict=True))
    )
    wanted = set(zip(shown["a"], shown["b"], strict=True)) | set(zip(shown["b"], shown["a"], strict=True))
    totals = ledger.count(charges[charges["pair"].isin(wanted)], "pair")

    acts = [a for a in style.ACT_COLOURS if any(p[a] for p in [*shown["ab"], *shown["ba"]])]
    legend = [("thin" if a == "deny" else "bar", style.ACT_COLOURS[a], style.ACT_NOUNS[a]) for a in acts]
    edge, high = 8.0, ROW * len(shown)  # room for the numbers at the ends
    head = style.legend(None, 0, 0, legend, width - 2 * edge, draw=False) + 2
    sheet = style.Sheet(width, head + high + 9)
    style.legend(sheet.blank(), edge, 0.5, legend, width - 2 * edge)
    axes = sheet.axes(edge, head, width - 2 * edge, high)
    reach = {-1: 1.0, 1: 1.0}
    for y, pair in enumerate(shown.to_dict("records")):
        for sign, who, about in ((-1, "a", "b"), (1, "b", "a")):
            key = pair[who], pair[about]
            interval = totals.loc[[key], ["low", "high"]].to_numpy()[0] if key in totals.index else (np.nan, np.nan)
            end = bars.row(axes, y + 0.12, pair[who + about], tuple(interval), ROW, sign)
            reach[sign] = max(reach[sign], end)
    # one scale for both sides; the shorter one still holds a name
    left, right = (max(reach[sign], 0.5 * max(reach.values())) for sign in (-1, 1))
    unit = (width - 2 * edge) / (left + right)
    room = {-1: unit * left + edge - 3, 1: unit * right + edge - 3}
    for y, pair in enumerate(shown.itertuples()):
        for sign, actor, align in ((-1, pair.a, "right"), (1, pair.b, "left")):
            name = style.shorten(ledger.name(actor), room[sign], SIZE)
            axes.annotate(name, (0, y - 0.2), (4 * sign, 0), textcoords="offset points", size=SIZE, ha=align)
    axes.axvline(0, color="#555555", linewidth=0.5)
    axes.set(ylim=(len(shown) - 0.42, -0.55), xlim=(-left, right), yticks=[])
    axes.set_xlabel("Records of what each says of the other")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6 if narrow else 12))
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    caption = [
        "Accusation, answer, counter-accusation. Each row is a pair of actors, the bars: what each says of the other;"
        " the actor with more charges on the left. Black numbers: accusations and condemnations; blue: denials.",
        f"{len(answered):,} of {len(pairs):,} pairs of named actors have an answer (a denial or a charge in return);",
        f"shown are the {len(shown):,} with most records." if len(shown) < len(answered) else "all are shown.",
        ledger.interval_note,
    ]
    return sheet.figure, " ".join(caption)
