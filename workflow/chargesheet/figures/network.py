"""Who accuses whom: a directed network."""

import math

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch

from chargesheet.counting import Ledger
from chargesheet.figures import heat, style

LABEL = 6.6
# bend of the arrows of each act, so that those of one pair lie side by side
BEND = {"accuse": 0.14, "condemn": 0.26, "deny": 0.38}


def strongest(rows: pd.DataFrame, top: int) -> pd.DataFrame:
    """Arrows between the ``top`` actors who accuse or are accused most by or of one another.

    rows: pairs of named actors. Returns source_id, target_id, act, count. Actors are dropped from
    the weakest on, one at a time, so that each one kept has its arrows among those kept.
    """
    arrows = rows.groupby(["source_id", "target_id", "act"], observed=True).size().rename("count").reset_index()
    while True:
        ends = pd.concat([arrows[["source_id", "count"]].set_axis(["actor", "count"], axis=1),
                          arrows[["target_id", "count"]].set_axis(["actor", "count"], axis=1)])  # fmt: skip
        degree = ends.groupby("actor")["count"].sum()
        if len(degree) <= top:
            return arrows
        spare = len(degree) - top
        weakest = degree.sort_index(ascending=False).sort_values(kind="stable").index
        # many leave at a time while there are far too many, the last ones one by one
        gone = set(weakest[: max(1, spare // 2)])
        arrows = arrows[~arrows["source_id"].isin(gone) & ~arrows["target_id"].isin(gone)]


def layout(actors: list[str], edges: list[tuple[str, str]]) -> np.ndarray:
    """Places of the actors, (n, 2): Kamada and Kawai (1989), from a circle in sorted order, so always the same.

    Parts that hang together by no arrow are held at a distance of 2.5 steps.
    """
    if len(actors) < 3:
        return np.array([[i, 0.0] for i in range(len(actors))])
    graph = nx.Graph()
    graph.add_nodes_from(actors)
    graph.add_edges_from(edges)
    steps = dict(nx.all_pairs_shortest_path_length(graph))
    distance = {a: {b: float(steps[a].get(b, 2.5)) if a != b else 0.0 for b in actors} for a in actors}
    places = nx.kamada_kawai_layout(graph, dist=distance, pos=nx.circular_layout(graph))
    return np.array([places[actor] for actor in actors])


def spread(centres: np.ndarray, sizes: np.ndarray, box: tuple[float, float], gap: float = 1.0) -> np.ndarray:
    """Move boxes apart until none overlaps another, staying inside ``box`` where there is room.

    centres, sizes: (n, 2) in mm. Each step pushes every overlapping pair apart along the shorter way.
    """
    limit = np.array(box)
    centres = np.clip(centres, sizes / 2, limit - sizes / 2)
    rank = np.arange(len(centres))
    order = np.sign(rank[:, None] - rank[None])[..., None]  # which of two boxes in one place goes where
    for _ in range(3000):
        delta = centres[:, None] - centres[None]
        overlap = (sizes[:, None] + sizes[None]) / 2 + gap - np.abs(delta)
        hit = (overlap > 1e-6).all(axis=2)
        np.fill_diagonal(hit, False)
        if not hit.any():
            break
        axis = np.argmin(overlap, axis=2)
        sign = np.where(delta == 0, order, np.sign(delta))
        push = np.zeros_like(delta)
        for k in (0, 1):
            chosen = hit & (axis == k)
            push[..., k][chosen] = (sign[..., k] * overlap[..., k])[chosen] * 0.4
        centres += push.sum(axis=1)
        centres = np.clip(centres, sizes / 2, limit - sizes / 2)
    return centres


def draw(ledger: Ledger, width: float, top: int) -> tuple[Figure, str]:
    """The actors with most arrows among one another: twice ``top`` on a wide figure, ``top`` on a narrow one."""
    narrow = width < heat.NARROW
    rows = ledger.pairs.query("source_id != '' and target_id != ''")
    if rows.empty:
        return style.message(width, "No record names both an accuser and an accused."), ""
    arrows = strongest(rows, top if narrow else 2 * top)
    actors = sorted(set(arrows["source_id"]) | set(arrows["target_id"]))
    edges = sorted({tuple(sorted(pair)) for pair in arrows[["source_id", "target_id"]].itertuples(index=False)})
    charges = arrows[arrows["act"] != "deny"]
    made = charges.groupby("source_id")["count"].sum().reindex(actors, fill_value=0)
    total = made + charges.groupby("target_id")["count"].sum().reindex(actors, fill_value=0)
    radius = 0.9 + 2.4 * np.sqrt(total / max(total.max(), 1))
    labels = {a: style.wrap(ledger.name(a), 22 if narrow else 27, LABEL) for a in actors}

    height = min(26 + 4.0 * len(actors), 78 if narrow else 98)
    points = layout(actors, edges)
    points = (points - points.min(axis=0)) / np.where(np.ptp(points, axis=0) > 0, np.ptp(points, axis=0), 1)
    if not np.ptp(points[:, 1]):
        points[:, 1] = 0.5
    margin = np.array([16, 6])
    points = margin + points * (np.array([width, height]) - 2 * margin)
    arrows = arrows.sort_values(["count", "source_id", "target_id", "act"]).reset_index(drop=True)
    sides = dict.fromkeys(actors, "below")
    for _ in range(3):  # a label's side moves the nodes, the places of the nodes move the best side
        offsets, sizes = _boxes(labels, radius, sides)
        points = spread(points + offsets, sizes, (width, height)) - offsets
        nodes = dict(zip(actors, points, strict=True))
        better = _sides(labels, radius, nodes, arrows, (width, height))
        if better == sides:
            break
        settled, sides = sides, better
    else:
        sides = settled  # those for which the boxes were spread

    acts, peak = set(arrows["act"]), int(arrows["count"].max())
    legend = [("line", colour, style.ACT_NOUNS[act]) for act, colour in style.ACT_COLOURS.items() if act in acts]
    legend += _NODES
    legend += [(f"line:{_line(n, peak)}", "#555555", style.plural(n, "record")) for n in sorted({1, peak})]
    sheet = style.Sheet(width, height + 2 + style.legend(None, 0, 0, legend, width - 4, draw=False))
    style.legend(sheet.blank(), 2, height + 1, legend, width - 4)
    axes = sheet.blank(0, 0, width, height)
    for arrow in arrows.itertuples():
        _arrow(axes, arrow, nodes, radius, _line(arrow.count, peak))
    for a in actors:
        share = made[a] / total[a] if total[a] else 1
        axes.add_patch(
            Circle(nodes[a], radius[a], facecolor=_grey(share), edgecolor=style.INK, linewidth=0.5, zorder=3)
        )
        _label(axes, labels[a], nodes[a], radius[a], sides[a])
    shown = int(arrows["count"].sum())
    everybody = len(set(rows["source_id"]) | set(rows["target_id"]))
    caption = [
        "Who accuses whom, as a network. Arrows run from source to target (in a denial: to the accuser);",
        f"the wider, the more records ({style.plural(1, 'record')} to {peak:,});" if peak > 1 else "one record each;",
        "circles: the larger, the more accusations and condemnations are made or received within the picture.",
        f"Shown: {len(actors):,} of {everybody:,} actors, those with most records among one another"
        f" ({shown:,} of {len(rows):,} pairs of source and target)."
        if len(actors) < everybody
        else f"Shown: all {style.plural(everybody, 'actor')} who stand in a record with both a source and a target.",
        "Places follow from the arrows alone (Kamada and Kawai 1989); the matrix gives the numbers with intervals.",
    ]
    return sheet.figure, " ".join(caption)


_NODES = [("o", "#404040", "only accuses"), ("o", "#A0A0A0", "both"), ("o", "#FFFFFF", "only accused")]
_WAYS = {
    "below": (0, 1),
    "above": (0, -1),
    "right": (1, 0),
    "left": (-1, 0),
    "below right": (1, 1),
    "below left": (-1, 1),
    "above right": (1, -1),
    "above left": (-1, -1),
}


def curve(start: np.ndarray, end: np.ndarray, bend: float) -> np.ndarray:
    """Points on an arrow as matplotlib bends it (arc3), (24, 2), on axes whose y runs down."""
    dx, dy = end - start
    control = (start + end) / 2 + bend * np.array([-dy, dx])
    t = np.linspace(0, 1, 24)[:, None]
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end


def _line(count: int, peak: int) -> float:
    """Width of an arrow in points."""
    return 0.5 + 2.5 * math.sqrt(count / max(peak, 10))


def _text_size(label: str) -> tuple[float, float]:
    lines = label.split("\n")
    return max(style.text_width(line, LABEL) for line in lines), 2.6 * len(lines)


def _label_box(label: str, radius: float, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Centre of a label relative to its node, and its size, in mm."""
    size = np.array(_text_size(label))
    return _WAYS[side] * size / 2 + _anchor(radius, side), size


def _anchor(radius: float, side: str) -> np.ndarray:
    """Where the label touches its node, relative to the node's centre."""
    way = np.array(_WAYS[side])
    return way * (radius * (0.6 if way.all() else 1) + np.array([0.8, 0.5]))


def _boxes(labels: dict[str, str], radius: pd.Series, sides: dict[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Per actor the box that holds node and label: its centre relative to the node, and its size."""
    offsets, sizes = [], []
    for actor, label in labels.items():
        centre, size = _label_box(label, radius[actor], sides[actor])
        low = np.minimum(centre - size / 2, -radius[actor] - 0.3)
        high = np.maximum(centre + size / 2, radius[actor] + 0.3)
        offsets.append((low + high) / 2)
        sizes.append(high - low)
    return np.array(offsets), np.array(sizes)


def _sides(labels: dict, radius: pd.Series, nodes: dict, arrows: pd.DataFrame, canvas: tuple) -> dict[str, str]:
    """Where each label covers the fewest arrows and nobody else's label, below where all is equal."""
    lines = [
        curve(nodes[a.source_id], nodes[a.target_id], BEND[a.act])
        for a in arrows.itertuples()
        if a.source_id != a.target_id
    ]
    crowd = np.concatenate(lines) if lines else np.empty((0, 2))
    centres = np.array(list(nodes.values()))
    sides: dict[str, str] = {}
    taken: list[tuple[np.ndarray, np.ndarray]] = []
    for actor, label in labels.items():
        others = centres[[name != actor for name in nodes]]
        best = None
        for rank, side in enumerate(_WAYS):
            offset, size = _label_box(label, radius[actor], side)
            middle = nodes[actor] + offset
            outside = ((middle - size / 2 < 0) | (middle + size / 2 > np.array(canvas))).any()
            covered = (np.abs(crowd - middle) < size / 2 + 0.5).all(axis=1).sum()
            nodes_hit = (np.abs(others - middle) < size / 2 + 1.5).all(axis=1).sum()
            clash = sum((np.abs(m - middle) < (z + size) / 2).all() for m, z in taken)
            burden = (1000 * (outside + clash + nodes_hit) + covered, rank, side, middle, size)
            best = min(best or burden, burden, key=lambda b: b[:2])
        sides[actor] = best[2]
        taken.append(best[3:])
    return sides


def _label(axes: Axes, label: str, node: np.ndarray, radius: float, side: str) -> None:
    dx, dy = _WAYS[side]
    align = {"ha": {0: "center", 1: "left", -1: "right"}[dx], "va": {0: "center", 1: "top", -1: "bottom"}[dy]}
    halo = [patheffects.withStroke(linewidth=1.6, foreground="white")]
    at = node + _anchor(radius, side)
    axes.text(*at, label, size=LABEL, linespacing=0.95, zorder=4, path_effects=halo, **align)


def _grey(share: float) -> tuple[float, float, float]:
    """White for an actor who is only accused, dark for one who only accuses."""
    level = 1 - 0.75 * share
    return level, level, level


def _arrow(axes: Axes, arrow, nodes: dict, radius: pd.Series, line: float) -> None:
    colour = style.ACT_COLOURS[arrow.act]
    if arrow.source_id == arrow.target_id:
        x, y = nodes[arrow.source_id]
        r = radius[arrow.source_id]
        start, end = (x - r * 0.6, y - r * 0.8), (x + r * 0.6, y - r * 0.8)
        path = {"connectionstyle": "arc3,rad=-1.6", "shrinkA": 0, "shrinkB": 0}
    else:
        start, end = nodes[arrow.source_id], nodes[arrow.target_id]
        shrink = [radius[i] / style.POINT + 0.8 for i in (arrow.source_id, arrow.target_id)]
        path = {"connectionstyle": f"arc3,rad={BEND[arrow.act]}", "shrinkA": shrink[0], "shrinkB": shrink[1]}
    head = f"-|>,head_length={2.2 + line * 0.9:.2f},head_width={1.0 + line * 0.6:.2f}"
    look = {"color": colour, "linewidth": line, "alpha": 0.85, "joinstyle": "miter", "capstyle": "butt"}
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle=head, mutation_scale=1, zorder=2, **look, **path))
