"""Who carries whose accusations: accusers by outlet."""

from matplotlib.figure import Figure

from chargesheet.counting import Ledger
from chargesheet.figures import heat, style


def draw(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    """The ``top`` accusers by the outlets that report most accusations."""
    rows = ledger.charge_pairs.drop_duplicates(["id", "source_id"])
    if rows.empty:
        return style.message(width, "No accusation or condemnation was found in the articles."), ""
    if (rows["outlet"] == "").all():
        return style.message(width, "No outlet is known: give one per article in data/raw/metadata.csv."), ""
    counts, row_totals, column_totals = heat.cross(
        ledger, rows, "source_id", "outlet", (top, 4 if width < heat.NARROW else 8)
    )
    outlets = {key: key for key in counts.columns} | {"": "outlet not known"}
    if heat.OTHERS in counts.columns:
        outlets[heat.OTHERS] = f"{rows['outlet'].nunique() - len(set(counts.columns) - {heat.OTHERS}):,} others"
    labels = heat.actor_labels(ledger, rows["source_id"], counts.index)
    cells = heat.Cells(counts, row_totals, column_totals, labels, outlets, "Accuser", "Outlet")
    per = [
        f"{style.shorten(outlets[o], 60, 7)} {n:,}"
        for o, n in ledger.articles["outlet"].value_counts().reindex(counts.columns).dropna().astype(int).items()
    ]
    caption = [
        "Who carries whose accusations. Accusations and condemnations by accuser (rows) and by the outlet that reports "
        "them (columns).",
        heat.note(counts, top, "accusers"),
        f"Articles read by outlet: {'; '.join(per)}.",
        ledger.interval_note,
    ]
    return heat.draw(cells, width), " ".join(caption)
