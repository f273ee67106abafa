"""When accusations and denials are reported; for one article or one day: where in the text."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import MaxNLocator

from chargesheet.counting import NOT_NAMED, Ledger, plain
from chargesheet.figures import heat, periods, style

TEXT = 6.3
STEP = 3.3  # mm between two levels of labels in a lane


def draw(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    """Records over time if they have more than one date, else by position in the text."""
    if ledger.records.empty:
        return style.message(width, "No accusation, condemnation or denial was found in the articles."), ""
    if ledger.records["date"].nunique() > 1:
        return _over_time(ledger, width, top)
    return _in_text(ledger, width, top)


def _over_time(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    narrow = width < heat.NARROW
    dated = ledger.records[ledger.records["date"].notna()]
    index = periods.bins(dated["date"], 26 if narrow else 60)
    dated = dated.assign(bin=periods.place(dated["date"], index))
    charges = dated[dated["act"] != "deny"]
    denials = dated[dated["act"] == "deny"]

    accused = ledger.charge_pairs.query("target_id != ''").dropna(subset="date")
    accused = accused.drop_duplicates(["id", "target_id"])
    accused = accused.assign(bin=periods.place(accused["date"], index))
    ranked = ledger.count(accused, "target_id").head(min(top, 7) if narrow else top).index
    names = {actor: style.wrap(ledger.name(actor), 24 if narrow else 36, 6.8) for actor in ranked}
    left = max([12.0, *(style.text_width(line, 6.8) + 2 for n in names.values() for line in n.split("\n"))])

    acts = [a for a in style.ACT_COLOURS if (dated["act"] == a).any()]
    legend = [("bar", style.ACT_COLOURS[a], style.ACT_NOUNS[a]) for a in acts]
    head = style.legend(None, 0, 0, legend, width - left, draw=False) + 2
    plot, lane = (30 if narrow else 40), 5.4
    sheet = style.Sheet(width, head + plot + 3 + lane * len(ranked) + 5.5)
    style.legend(sheet.blank(), left, 0.5, legend, width - left)
    axes = sheet.axes(left, head, width - left - 2, plot)
    base = pd.Series(0, range(len(index)))
    for act in ("accuse", "condemn"):
        counts = charges.loc[charges["act"] == act, "bin"].value_counts().reindex(base.index, fill_value=0)
        axes.bar(base.index, counts, bottom=base, width=0.82, color=style.ACT_COLOURS[act])
        base = base + counts
    down = denials["bin"].value_counts().reindex(base.index, fill_value=0)
    axes.bar(base.index, -down, width=0.82, color=style.ACT_COLOURS["deny"])
    for rows, sign in ((charges, 1), (denials, -1)):
        if rows.empty:
            continue
        for x, n, low, high in ledger.count(rows, "bin").itertuples():
            heat.whisker(axes, x, sign * n, *sorted((sign * low, sign * high)), horizontal=False)
    axes.axhline(0, color="#555555", linewidth=0.5)
    axes.set_xlim(-0.8, len(index) - 0.2)
    axes.set_ylabel(f"Records per {periods.unit(index)}\n← denials   charges →", linespacing=1.3)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):,.0f}")
    axes.grid(axis="y")
    axes.tick_params(axis="x", labelbottom=False, length=0)
    axes.spines["bottom"].set_visible(False)

    below = sheet.axes(left, head + plot + 3, width - left - 2, max(lane * len(ranked), 0.1), sharex=axes)
    peak = 1
    for y, actor in enumerate(ranked):
        mine = accused[accused["target_id"] == actor].groupby("bin").size()
        peak = max(peak, int(mine.max()))
        below.axhline(y, color=style.FAINT, linewidth=0.5, zorder=0)
    for y, actor in enumerate(ranked):
        mine = accused[accused["target_id"] == actor].groupby("bin").size()
        below.scatter(
            mine.index, [y] * len(mine), s=3 + 95 * mine / max(peak, 4), color="#BB5566", alpha=0.85, linewidth=0
        )
    below.set(ylim=(len(ranked) - 0.5, -0.5), yticks=range(len(ranked)), yticklabels=[names[a] for a in ranked])
    below.tick_params(axis="y", length=0, labelsize=6.8)
    below.tick_params(axis="x", labelbottom=True, length=2)
    below.spines["left"].set_visible(False)
    for label in below.get_yticklabels():
        label.set_linespacing(0.95)
    periods.ticks(below, index, 5 if narrow else 11)
    undated = len(ledger.records) - len(dated)
    caption = [
        f"When accusations and denials are reported. Above: records per {periods.unit(index)}; accusations and "
        "condemnations upwards, denials downwards.",
        f"Below: charges against the {len(ranked):,} most accused actors; the larger the circle, the more "
        f"({style.plural(peak, 'record')} at most)." if len(ranked) else "",
        f"Left out: {style.plural(undated, 'record')} in articles without a date." if undated else "",
        ledger.interval_note,
    ]  # fmt: skip
    return sheet.figure, " ".join(filter(None, caption))


def _in_text(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    narrow = width < heat.NARROW
    records = ledger.records
    several = records["doc_id"].nunique() > 1
    records = records.assign(lane=records["doc_id"] if several else records["source"].map(plain))
    lengths = ledger.articles.set_index("doc_id")["characters"]
    records["x"] = 100 * records["start"] / records["doc_id"].map(lengths)
    order = records.groupby("lane", sort=False)["x"].agg(["size", "min"])
    if several:
        order = order.sort_values("size", ascending=False, kind="stable")
    lanes = list(order.head(top).index)
    shown = records[records["lane"].isin(lanes)]
    titles = ledger.articles.set_index("doc_id")["title"]
    heads = {lane: (titles[lane] if several else lane or NOT_NAMED) for lane in lanes}
    heads = {lane: style.wrap(text, 24 if narrow else 38, 6.8) for lane, text in heads.items()}
    left = max(style.text_width(line, 6.8) for head in heads.values() for line in head.split("\n")) + 2.5

    acts = [a for a in style.ACT_COLOURS if (shown["act"] == a).any()]
    legend = [(style.ACT_MARKERS[a], style.ACT_COLOURS[a], style.ACT_NOUNS[a]) for a in acts]
    head = style.legend(None, 0, 0, legend, width - left, draw=False) + 2
    plot = width - left - 3
    labels, levels = _place(shown, lanes, plot, several)
    tops, y = {}, 1.0
    for lane in lanes:
        tops[lane] = y
        y += STEP * levels[lane] + 2.2
    sheet = style.Sheet(width, head + y + 9)
    style.legend(sheet.blank(), left, 0.5, legend, width - left)
    axes = sheet.axes(left, head, plot, y)
    axes.set(xlim=(0, 100), ylim=(y, 0))
    points = {}
    for i, lane in enumerate(lanes):
        deep = STEP * levels[lane] + 2.2
        if i % 2 == 0:
            axes.axhspan(tops[lane] - 1, tops[lane] - 1 + deep, color="#F6F6F6", linewidth=0, zorder=0)
    for record in shown.itertuples():
        text, level, before = labels[record.id]
        at = points[record.id] = (record.x, tops[record.lane] + STEP * (level + 0.5))
        axes.plot(
            *at,
            style.ACT_MARKERS[record.act],
            color=style.ACT_COLOURS[record.act],
            markersize=4,
            markeredgewidth=0,
            clip_on=False,
            zorder=3,
        )
        shift = -3.4 if before else 3.4
        axes.annotate(
            text,
            at,
            (shift, 0),
            textcoords="offset points",
            size=TEXT,
            ha="right" if before else "left",
            va="center_baseline",
        )
    for record in shown.itertuples():
        if record.act == "deny" and record.responds_to in points:
            axes.add_patch(
                FancyArrowPatch(
                    points[record.id], points[record.responds_to], arrowstyle="-|>,head_length=2.2,head_width=1.1",
                    mutation_scale=1, color=style.ACT_COLOURS["deny"], linewidth=0.6, connectionstyle="arc3,rad=-0.3",
                    shrinkA=2.6, shrinkB=3, zorder=2,
                )
            )  # fmt: skip
    axes.set_yticks(
        [tops[lane] - 1 + (STEP * levels[lane] + 2.2) / 2 for lane in lanes], [heads[lane] for lane in lanes]
    )
    axes.tick_params(axis="y", length=0, labelsize=6.8)
    axes.set_xlabel("Position in the text (%)")
    axes.spines["left"].set_visible(False)
    caption = [
        "Where in the text accusations and denials are reported."
        + (" One lane per article: source → target." if several else " One lane per source: target, kind of wrong."),
        "An arrow leads from a denial to what it answers." if (shown["responds_to"] != "").any() else "",
        f"Shown: {len(lanes):,} of {len(order):,} lanes." if len(lanes) < len(order) else "",
        "The records don't differ in date, so that there is no course of time to draw.",
    ]  # fmt: skip
    return sheet.figure, " ".join(filter(None, caption))


def _place(shown: pd.DataFrame, lanes: list[str], plot: float, several: bool) -> tuple[dict, dict]:
    """Level of each label in its lane so that none covers another: ({id: (text, level, before)}, {lane: levels})."""
    labels, levels = {}, {}
    for lane in lanes:
        ends: list[float] = []
        for record in shown[shown["lane"] == lane].sort_values("start").itertuples():
            target = plain(record.target) or (NOT_NAMED if record.act != "deny" else "")
            if several:
                text = f"{plain(record.source) or NOT_NAMED} → {target}" if target else f"{plain(record.source)} denies"
            else:
                text = ", ".join(filter(None, [target, record.category]))
            if style.text_width(text, TEXT) > plot / 2:
                text = style.shorten(text if several or not target else target, plot / 2, TEXT)
            at, wide = plot * record.x / 100, style.text_width(text, TEXT) + 2.2
            before = at + wide > plot
            start, end = (at - wide, at + 1.2) if before else (at - 1.2, at + wide)
            level = next((i for i, taken in enumerate(ends) if taken + 0.8 < start), len(ends))
            ends[level : level + 1] = [end]
            labels[record.id] = text, level, before
        levels[lane] = max(1, len(ends))
    return labels, levels
