"""Figures: true size, the same bytes, nothing over anything else, from one actor to hundreds."""

import itertools
import random
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import image
from matplotlib.colors import to_rgb

from chargesheet import cli, figures, schemas
from chargesheet.counting import Ledger, resamples
from chargesheet.figures import heat, network, periods, style
from ledger import coded, study, three

WIDTHS = sorted(figures.WIDTHS.values())


def made_up(actors: int, articles: int, seed: int = 1, dates: bool = True) -> Ledger:
    """A study of ``actors`` actors who accuse one another at random, a few of them most of the time."""
    draw = random.Random(seed)
    words = ["Ministry", "United", "Northern", "Front", "of", "National", "Council", "Union", "Bo", "Party", "Llanfair"]
    names = [f"{' '.join(draw.choices(words, k=draw.randint(1, 9)))} {i}" for i in range(actors)]
    ids = [f"a{i}" for i in range(actors)]
    records = []
    for n in range(articles):
        for k in range(draw.randint(0, 6)):
            source, target = (min(int(draw.expovariate(8 / actors)), actors - 1) for _ in range(2))
            act = draw.choice(["accuse", "accuse", "condemn", "deny"])
            row = {
                "id": f"d{n}#{k + 1}",
                "doc_id": f"d{n}",
                "act": act,
                "asserted": True,
                "quoted": "indirect",
                "cue": "x",
            }
            row |= {
                "source": names[source],
                "source_ids": ids[source],
                "target": names[target],
                "target_ids": ids[target],
            }
            row |= {"category": draw.choice(schemas.CATEGORIES), "sentence": 1, "start": 40 * k, "end": 40 * k + 1}
            row |= {"claim_id": row["id"], "confidence": 0.9, "allegation_start": None, "allegation_end": None}
            row |= {"date": f"{2020 + n % 4}-0{1 + n % 9}-11" if dates else "", "outlet": f"The Outlet Number {n % 11}"}
            if act == "deny" and k:
                row["responds_to"] = f"d{n}#{k}"
            records.append(dict.fromkeys(schemas.SCHEMAS["accusations"].columns, "") | row)
    rows = [
        {"doc_id": f"d{n}", "title": "T", "date": f"{2020 + n % 4}-0{1 + n % 9}-11" if dates else "", "characters": 300}
        | {"outlet": f"The Outlet Number {n % 11}", "url": "", "language": "en", "file": "f", "sha256": "0" * 64}
        | dict.fromkeys(("words", "sentences", "accusations", "condemnations", "denials"), 1)
        for n in range(articles)
    ]
    actor_rows = [
        {"actor_id": i, "name": name, "type": "person"}
        | dict.fromkeys([c for c in schemas.SCHEMAS["actors"].columns if c not in ("actor_id", "name", "type")], 0)
        for i, name in zip(ids, names, strict=True)
    ]
    given_rows = {"articles": rows, "accusations": records, "actors": actor_rows}
    return Ledger({name: schemas.frame(name, given_rows.get(name, [])) for name in schemas.SCHEMAS})


LEDGERS = {
    "one actor": made_up(1, 3),
    "12 actors": made_up(12, 40),
    "400 actors": made_up(400, 600),
    "one article": made_up(8, 1, seed=5),
    "no dates": made_up(12, 30, dates=False),
}


def boxes(figure):
    """The rectangle of every text that is drawn, in pixels, with its words; slanted ones apart."""
    figure.canvas.draw()
    straight, slanted = [], []
    for text in figure.findobj(match=lambda artist: hasattr(artist, "get_text") and artist.get_text().strip()):
        if (text.get_visible() and text.axes is not None) or text in figure.texts:
            box = text.get_window_extent()
            (slanted if text.get_rotation() % 90 else straight).append((text.get_text(), box))
    return straight, slanted


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", figures.FIGURES)
@pytest.mark.parametrize("ledger", LEDGERS)
def test_no_text_covers_another_or_leaves_the_page(ledger, name, width):
    figure, _ = figures.draw(LEDGERS[ledger], name, width, 12)
    straight, slanted = boxes(figure)
    wide, high = figure.canvas.get_width_height()
    slack = 2  # pixels at 300 dpi
    for words, box in straight + slanted:
        inside = box.x0 > -slack and box.y0 > -slack and box.x1 < wide + slack and box.y1 < high + slack
        assert inside, f"{words!r} leaves the page"
    for (one, a), (two, b) in itertools.combinations(straight, 2):
        apart = a.x1 <= b.x0 + slack or b.x1 <= a.x0 + slack or a.y1 <= b.y0 + slack or b.y1 <= a.y0 + slack
        assert apart, f"{one!r} covers {two!r}"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    hostile = coded("trap", ['[s:<script>alert(1)</script> & $x^2$ "Q"] [c:accused] [t:Ardland] of [a:theft].'])
    folder = study(tmp_path_factory.mktemp("study"), [*three(), hostile])
    for out in ("figures", "again"):
        assert cli.main(["figures", "--tables", str(folder / "tables"), "--out", str(folder / out)]) == 0
    return folder


def test_a_second_run_writes_the_same_bytes(drawn):
    first = {path.name: path.read_bytes() for path in sorted((drawn / "figures").iterdir())}
    assert first == {path.name: path.read_bytes() for path in sorted((drawn / "again").iterdir())}
    assert len(first) == 4 * len(WIDTHS) * len(figures.FIGURES)


@pytest.mark.parametrize("ending", figures.WIDTHS)
def test_true_size(drawn, ending):
    width = figures.WIDTHS[ending]
    for name in figures.FIGURES:
        path = drawn / "figures" / f"{name}{ending}"
        assert image.imread(f"{path}.png").shape[1] == pytest.approx(width / 25.4 * 300, abs=1)
        svg = path.with_name(path.name + ".svg").read_text(encoding="utf-8")
        assert float(re.search(r'<svg [^>]*width="([\d.]+)pt"', svg)[1]) == pytest.approx(width / 25.4 * 72, abs=0.1)
        pdf = path.with_name(path.name + ".pdf").read_bytes()
        assert float(re.search(rb"/MediaBox \[ ?0 0 ([\d.]+)", pdf)[1]) == pytest.approx(width / 25.4 * 72, abs=0.1)


def test_svg_text_is_text_and_harmless(drawn):
    svg = (drawn / "figures" / "matrix.svg").read_text(encoding="utf-8")
    said = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert "Bordany" in said and "Ardland" in said
    assert "<script" not in svg
    assert any(text.startswith("&lt;script&gt;") for text in said)
    assert not re.search(r"(?:href|src)=\"http|url\(http", svg), "asks for nothing from elsewhere"
    assert svg.count("@font-face") >= 2, "brings its font along"


def test_pdf_text_is_text(drawn):
    pdf = (drawn / "figures" / "matrix.pdf").read_bytes()
    assert b"SourceSansPro" in pdf and b"/Type3" not in pdf


def test_captions_are_sentences_without_markup(drawn):
    for path in (drawn / "figures").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert text.strip() and text.strip()[-1] == ".", path.name
        assert "\n" not in text.strip() and "  " not in text


@pytest.mark.parametrize("name", figures.FIGURES)
def test_nothing_to_show_is_said(name):
    nothing = Ledger({table: schemas.empty(table) for table in schemas.SCHEMAS})
    figure, caption = figures.draw(nothing, name, 85, 12)
    assert not caption
    [text] = figure.findobj(match=lambda artist: hasattr(artist, "get_text") and artist.get_text().strip())
    assert text.get_text().replace("\n", " ").endswith(".")


def test_a_wrong_top_is_refused(tmp_path, capsys):
    assert cli.main(["figures", "--tables", str(tmp_path), "--top", "0"]) == 1
    assert "at least 1" in capsys.readouterr().err


def test_acts_differ_in_lightness():
    lightness = [np.dot([0.2126, 0.7152, 0.0722], np.square(to_rgb(c))) ** (1 / 2) for c in style.ACT_COLOURS.values()]
    assert min(abs(a - b) for a, b in itertools.combinations(lightness, 2)) > 0.12


# ---------------------------------------------------------------------- counting
def test_intervals_hold_the_count_and_are_the_same_for_the_same_rows():
    ledger = LEDGERS["12 actors"]
    counts = ledger.count(ledger.charge_pairs, "source_id")
    assert (counts["low"] <= counts["count"]).all() and (counts["count"] <= counts["high"]).all()
    only = ledger.charge_pairs[ledger.charge_pairs["source_id"] == counts.index[0]]
    pd.testing.assert_frame_equal(ledger.count(only, "source_id"), counts.iloc[:1])


def test_intervals_have_the_known_width():
    # one record in each of 200 of 400 articles: binomial, standard deviation sqrt(400 * 0.5 * 0.5) = 10
    rows = pd.DataFrame({"doc_id": [f"d{i}" for i in range(200)], "k": "x"})
    articles = pd.DataFrame({"doc_id": [f"d{i}" for i in range(400)]})
    ledger = Ledger(
        {"articles": articles, "actors": schemas.empty("actors"), "accusations": schemas.empty("accusations")}
    )
    counts = ledger.count(rows, "k").loc["x"]
    assert counts["low"] == pytest.approx(200 - 19.6, abs=2) and counts["high"] == pytest.approx(200 + 19.6, abs=2)


def test_one_article_has_no_interval():
    ledger = LEDGERS["one article"]
    assert ledger.count(ledger.records, "act")[["low", "high"]].isna().all(axis=None)


def test_every_resample_has_as_many_articles():
    assert (resamples(7).sum(axis=1) == 7).all()


def test_two_actors_of_one_name_are_told_apart():
    rows = [dict(LEDGERS["one actor"].tables["actors"].iloc[0]) | {"actor_id": i, "name": n} for i, n in
            (("ann-lee", "Ann Lee"), ("ann-lee-2", "Ann\nLee"), ("bo", "Bo"))]  # fmt: skip
    ledger = Ledger(LEDGERS["one actor"].tables | {"actors": schemas.frame("actors", rows)})
    assert [ledger.name(i) for i in ("ann-lee", "ann-lee-2", "bo")] == ["Ann Lee", "Ann Lee (2)", "Bo"]


def test_a_denial_without_accuser_goes_to_whom_it_answers(drawn):
    pairs = Ledger(schemas.read(drawn / "tables")).pairs.query("act == 'deny'")
    assert pairs[["source_id", "target_id"]].to_numpy().tolist() == [["ardland", "bordany"]]


# ---------------------------------------------------------------------- parts
@given(st.text(max_size=60), st.floats(5, 60), st.integers(1, 3))
@settings(deadline=None)
def test_wrapped_text_fits(text, width, lines):
    rows = style.wrap(text, width, 7, lines).split("\n")
    assert len(rows) <= lines
    assert all(style.text_width(row, 7) <= width + 0.01 or len(row) <= 1 for row in rows)


def test_lumping_keeps_the_top_and_says_others():
    values = pd.Series(["a"] * 3 + ["b"] * 2 + ["c", "d", ""])
    assert heat.lump(values, 2).tolist() == ["a"] * 3 + ["b"] * 2 + [heat.OTHERS, heat.OTHERS, ""]
    assert heat.lump(values, 3).tolist() == values.tolist(), "one alone is named, not lumped"


@given(st.integers(2, 25), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=30)
def test_boxes_are_spread_until_none_overlaps(number, draw):
    centres = np.array([[draw.uniform(0, 150), draw.uniform(0, 90)] for _ in range(number)])
    sizes = np.array([[draw.uniform(4, 24), draw.uniform(4, 8)] for _ in range(number)])
    moved = network.spread(centres, sizes, (178, 98))
    assert np.isfinite(moved).all()
    for i, j in itertools.combinations(range(number), 2):
        assert (np.abs(moved[i] - moved[j]) >= (sizes[i] + sizes[j]) / 2 - 0.01).any()
    assert (moved - sizes / 2 >= -0.01).all() and (moved + sizes / 2 <= np.array([178, 98]) + 0.01).all()


def test_the_network_layout_depends_on_the_arrows_alone():
    actors, edges = ["a", "b", "c", "d", "e"], [("a", "b"), ("b", "c"), ("d", "e")]
    one, two = network.layout(actors, edges), network.layout(actors, edges[::-1])
    assert np.allclose(one, two)


@pytest.mark.parametrize(
    ("first", "last", "unit", "number"),
    [
        ("2024-03-01", "2024-03-20", "day", 20),
        ("2024-01-01", "2024-06-30", "week", 26),
        ("2023-01-15", "2024-12-15", "month", 24),
        ("2020-01-01", "2024-12-31", "quarter", 20),
        ("1990-01-01", "2024-12-31", "year", 35),
    ],
)
def test_bins_are_as_fine_as_readable(first, last, unit, number):
    index = periods.bins(pd.to_datetime(pd.Series([first, last])), 26)
    assert (periods.unit(index), len(index)) == (unit, number)
    assert periods.place(pd.to_datetime(pd.Series([first, last])), index).tolist() == [0, number - 1]
