"""What each accused is accused of, and each accuser accuses others of: actors by category."""

from matplotlib.figure import Figure

from chargesheet.counting import Ledger
from chargesheet.figures import heat, style


def accused(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    """The ``top`` accused by category of the charge."""
    return _draw(ledger, width, top, "target_id")


def accusers(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    """The ``top`` accusers by category of the charge."""
    return _draw(ledger, width, top, "source_id")


def _draw(ledger: Ledger, width: float, top: int, side: str) -> tuple[Figure, str]:
    rows = ledger.charge_pairs.drop_duplicates(["id", side])
    if rows.empty:
        return style.message(width, "No accusation or condemnation was found in the articles."), ""
    actor = "accused" if side == "target_id" else "accuser"
    counts, row_totals, column_totals = heat.cross(ledger, rows, side, "category", (top, len(rows)))
    labels = heat.actor_labels(ledger, rows[side], counts.index)
    categories = {category: category for category in counts.columns}
    cells = heat.Cells(counts, row_totals, column_totals, labels, categories, actor.capitalize(), "Kind of wrong")
    plural = "accused" if actor == "accused" else "accusers"
    what = "What each accused is accused of." if actor == "accused" else "What each accuser accuses others of."
    caption = [
        f"{what} Accusations and condemnations by {actor} (rows) and kind of wrong (columns).",
        f"A record with several {plural} counts once for each.",
        heat.note(counts, top, plural),
        ledger.interval_note,
    ]
    return heat.draw(cells, width), " ".join(caption)
