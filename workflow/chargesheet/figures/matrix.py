"""Who accuses whom: a matrix of accusers by accused with margins."""

from matplotlib.figure import Figure

from chargesheet.counting import NOT_NAMED, Ledger
from chargesheet.figures import heat, style


def draw(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    """The ``top`` accusers and accused (fewer on a narrow figure), the rest lumped."""
    rows = ledger.charge_pairs
    if rows.empty:
        return style.message(width, "No accusation or condemnation was found in the articles."), ""
    top = min(top, 7) if width < heat.NARROW else top
    counts, row_totals, column_totals = heat.cross(ledger, rows, "source_id", "target_id", (top, top))

    cells = heat.Cells(
        counts,
        row_totals,
        column_totals,
        heat.actor_labels(ledger, rows["source_id"], counts.index),
        heat.actor_labels(ledger, rows["target_id"], counts.columns),
        "Accuser",
        "Accused",
    )
    caption = [
        "Who accuses whom. Accusations and condemnations by accuser (rows) and accused (columns):",
        f"{style.plural(rows['id'].nunique(), 'record')} in {style.plural(rows['doc_id'].nunique(), 'article')}.",
        "A record with several accusers or accused counts once for each pair.",
        heat.note(counts, top, "accusers and accused"),
        f"“{NOT_NAMED.capitalize()}”: the article names nobody.",
        ledger.interval_note,
    ]
    return heat.draw(cells, width), " ".join(filter(None, caption))
