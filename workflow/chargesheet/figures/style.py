"""Size, font and colour of the figures, and text that fits.

Lengths are millimetres on paper; font sizes are points.
"""

import logging
import warnings
from functools import cache
from importlib import resources

import matplotlib
import matplotlib.style
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from chargesheet.counting import plain

INCH = 25.4
POINT = INCH / 72

# Paul Tol's high-contrast set (personal.sron.nl/~pault): told apart by the colour-blind and in grey.
ACT_COLOURS = {"accuse": "#BB5566", "condemn": "#DDAA33", "deny": "#004488"}
ACT_MARKERS = {"accuse": "o", "condemn": "D", "deny": "s"}
ACT_NOUNS = {"accuse": "accusation", "condemn": "condemnation", "deny": "denial"}
# Paul Tol's bright set; grey is for the rest.
SERIES = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377")
REST = "#BBBBBB"
INK, MUTED, FAINT = "#222222", "#666666", "#E3E3E3"
SHADES = LinearSegmentedColormap.from_list("charges", ["#FBF0F1", "#E7B3BB", "#BB5566", "#7A2233", "#3D0B17"])

SMALL = 6.0
ELLIPSIS = "…"


@cache
def _load_fonts() -> None:
    fonts = resources.files("chargesheet") / "fonts"
    for font in sorted(fonts.iterdir(), key=lambda f: f.name):
        if font.name.endswith(".ttf"):
            font_manager.fontManager.addfont(str(font))


def use() -> None:
    """Load the shipped fonts and style, and nothing of the user's own settings."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # the second font has no semibold
    _load_fonts()
    matplotlib.rcdefaults()
    matplotlib.style.use(str(resources.files("chargesheet") / "styles" / "chargesheet.mplstyle"))


class Sheet:
    """A figure laid out in millimetres from its top left corner."""

    def __init__(self, width: float, height: float):
        self.width, self.height = width, height
        self.figure = Figure(figsize=(width / INCH, height / INCH))
        FigureCanvasAgg(self.figure)

    def axes(self, left: float, top: float, width: float, height: float, **options) -> Axes:
        """Axes whose frame starts ``left`` and ``top`` mm from the corner."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(box, **options)

    def blank(self, left: float = 0, top: float = 0, width: float | None = None, height: float | None = None) -> Axes:
        """Axes without frame whose data are millimetres, x to the right and y down."""
        width, height = width or self.width - left, height or self.height - top
        axes = self.axes(left, top, width, height)
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        return axes


@cache
def _renderer():
    use()
    return FigureCanvasAgg(Figure(figsize=(1, 1), dpi=720)).get_renderer()


@cache
def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Width of a line of text in mm."""
    renderer = _renderer()
    font = font_manager.FontProperties(size=size, weight=weight)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a character that no font has is drawn as a box
        return renderer.get_text_width_height_descent(text, font, ismath=False)[0] / 720 * INCH


def shorten(text: str, width: float, size: float, weight: str = "normal") -> str:
    """Text cut to ``width`` mm with an ellipsis."""
    text = plain(text)
    if text_width(text, size, weight) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + ELLIPSIS, size, weight) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip(" ,;-") + ELLIPSIS


def wrap(text: str, width: float, size: float, lines: int = 2, weight: str = "normal") -> str:
    """Text broken at spaces into at most ``lines`` lines of ``width`` mm; what is left over is cut."""
    words, rows = plain(text).split(), []
    while words and len(rows) < lines - 1:
        row = words.pop(0)
        while words and text_width(f"{row} {words[0]}", size, weight) <= width:
            row += " " + words.pop(0)
        rows.append(shorten(row, width, size, weight))
    if words:
        rows.append(shorten(" ".join(words), width, size, weight))
    return "\n".join(rows)


def message(width: float, sentence: str) -> Figure:
    """A figure that says why there is nothing to show."""
    sheet = Sheet(width, 22)
    sheet.blank().text(
        width / 2, 11, wrap(sentence, width - 12, 8, lines=4), size=8, color=MUTED, ha="center", va="center"
    )
    return sheet.figure


def plural(number: int, noun: str, nouns: str = "") -> str:
    """ "1 article", "2 articles" """
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def legend(
    axes: Axes, x: float, y: float, entries: list[tuple[str, str, str]], width: float, draw: bool = True
) -> float:
    """Draw a legend on millimetre axes, from left to right, in rows of ``width`` mm; return its height in mm.

    entries: (mark, colour, label); a mark is "bar", "thin" (a thin bar), "line", "line:2" (2 points wide), or a marker
    of matplotlib.
    draw: False to measure only.
    """
    at, row, step = 0.0, 0, 3.6
    for mark, colour, label in entries:
        need = 4.2 + text_width(label, 6.5)
        if at and at + need > width:
            at, row = 0.0, row + 1
        if draw:
            left, middle = x + at, y + row * step + step / 2
            if mark in ("bar", "thin"):
                tall = 2.0 if mark == "bar" else 0.7
                axes.add_patch(Rectangle((left, middle - tall / 2), 3, tall, facecolor=colour, edgecolor="none"))
            elif mark.startswith("line"):
                points = float(mark.partition(":")[2] or 1.2)
                axes.plot([left, left + 3], [middle, middle], color=colour, linewidth=points, solid_capstyle="butt")
            else:
                edge = INK if colour.upper() == "#FFFFFF" else "none"
                axes.plot(
                    [left + 1.5], [middle], mark, color=colour, markersize=4, markeredgecolor=edge, markeredgewidth=0.5
                )
            axes.text(left + 3.8, middle, label, size=6.5, va="center_baseline")
        at += need + 3
    return (row + 1) * step
