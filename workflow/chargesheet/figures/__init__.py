"""figures: draw the figures from the tables.

Each figure is drawn at two true widths, 178 mm (two columns of a journal) and 85 mm (one column,
name ending in -85mm), as PDF, SVG with text as text, and PNG at 300 dpi, with its caption beside it.
"""

import argparse
import base64
import io
import re
import warnings
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure

from chargesheet import files, schemas
from chargesheet.counting import Ledger
from chargesheet.errors import UserError
from chargesheet.figures import (
    categories,
    categories_by_actor,
    corpus,
    exchange,
    matrix,
    network,
    outlets,
    style,
    timeline,
)

FIGURES: dict[str, Callable[[Ledger, float, int], tuple[Figure, str]]] = {
    "matrix": matrix.draw,
    "network": network.draw,
    "exchange": exchange.draw,
    "timeline": timeline.draw,
    "categories": categories.draw,
    "categories-by-accused": categories_by_actor.accused,
    "categories-by-accuser": categories_by_actor.accusers,
    "outlets": outlets.draw,
    "corpus": corpus.draw,
}
WIDTHS = {"": 178.0, "-85mm": 85.0}
# what an SVG brings along: outlines, no hints, ligatures or kerning
_PLAIN_GLYPHS = subset.Options(
    notdef_outline=True, hinting=False, layout_features=[], drop_tables=["GSUB", "GPOS", "GDEF", "BASE", "DSIG"]
)
_METADATA = {"pdf": {"CreationDate": None}, "svg": {"Date": None}, "png": {}}


def _font_face(weight: int, slant: str, file: str, characters: str) -> str:
    """A CSS rule that brings the glyphs of ``characters`` along."""
    data = (resources.files("chargesheet") / "fonts" / file).read_bytes()
    font = TTFont(io.BytesIO(data), recalcTimestamp=False, lazy=True)
    subsetter = subset.Subsetter(_PLAIN_GLYPHS)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    font.flavor = "woff"
    out = io.BytesIO()
    font.save(out)
    glyphs = base64.b64encode(out.getvalue()).decode("ascii")
    return (
        f"@font-face{{font-family:'Source Sans Pro';font-weight:{weight};font-style:{slant};"
        f"src:url(data:font/woff;base64,{glyphs})}}"
    )


def _with_fonts(svg: str) -> str:
    """An SVG that looks the same where the font is not installed."""
    characters = "".join(sorted(set("".join(re.findall(r">([^<]+)</(?:text|tspan)>", svg))) | set(" …&<>")))
    faces = [(400, "normal", "SourceSansPro-Regular.ttf")]
    if re.search(r"font(?:-weight)?:[^\";]*\b600\b", svg):
        faces.append((600, "normal", "SourceSansPro-Semibold.ttf"))
    if re.search(r"font(?:-style)?:[^\";]*\bitalic\b", svg):
        faces.append((400, "italic", "SourceSansPro-It.ttf"))
    rules = "".join(_font_face(*face, characters) for face in faces)
    return svg.replace('<style type="text/css">', f'<style type="text/css">{rules}', 1)


def render(figure: Figure, form: str) -> bytes:
    """The figure as pdf, svg or png: the same bytes every time."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)  # shown as a box
        figure.savefig(out, format=form, metadata=_METADATA[form], dpi=300)
    return _with_fonts(out.getvalue().decode("utf-8")).encode("utf-8") if form == "svg" else out.getvalue()


def draw(ledger: Ledger, name: str, width: float, top: int) -> tuple[Figure, str]:
    """Draw one figure at ``width`` mm, naming ``top`` actors; return it with its caption."""
    style.use()
    return FIGURES[name](ledger, width, top)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tables", type=Path, default=Path("results/tables"), help="folder of the tables")
    parser.add_argument("--out", type=Path, default=Path("results/figures"), help="folder for the figures")
    parser.add_argument("--top", type=int, default=12, help="how many actors to name, the others are lumped")


def run(args: argparse.Namespace) -> None:
    if args.top < 1:
        raise UserError(f"--top {args.top}: give a number of at least 1.")
    ledger = Ledger(schemas.read(args.tables))
    for name in FIGURES:
        for ending, width in WIDTHS.items():
            figure, caption = draw(ledger, name, width, args.top)
            for form in _METADATA:
                with files.replacing(args.out / f"{name}{ending}.{form}", "wb") as out:
                    out.write(render(figure, form))
            files.write_text(args.out / f"{name}{ending}.txt", caption + "\n")
