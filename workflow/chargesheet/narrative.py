"""narrative: the executed narrative notebook as a page to read and as a PDF to print.

Both hold the same text without code; a section with nothing in it is left out. The PDF is set with Typst from
the notebook's Markdown: each piece of text goes in as a string literal, so that nothing in it is markup.
"""

from __future__ import annotations

import argparse
import base64
import html
import re
import tempfile
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path

import matplotlib
import mistune
import typst
from nbformat import NotebookNode

from chargesheet import __version__, notebook, pages, study
from chargesheet.errors import UserError
from chargesheet.files import replacing, write_text

WHOLE = 15  # rows; a table with no more is not broken over two pages
SHORT = 12  # characters; a column with no longer cell is as wide as they are
UP = "../"  # from the folder of the notebooks to that of the narrative
_parse = mistune.create_markdown(renderer="ast", plugins=["table"])


def without_empty_sections(executed: NotebookNode) -> NotebookNode:
    """A copy without headings that nothing stands under. The title stays."""

    def level(cell: NotebookNode) -> int:
        """1 to 6 for a cell that is a heading and no more, else 7."""
        match = re.fullmatch(r"(#+)\s+[^\n]+", cell.source.strip()) if cell.cell_type == "markdown" else None
        return len(match.group(1)) if match else 7

    def shows(cell: NotebookNode) -> bool:
        return bool(cell.outputs if cell.cell_type == "code" else cell.source.strip())

    def kept(at: int) -> bool:
        depth = level(executed.cells[at])
        if depth in (1, 7):
            return True
        below = takewhile(lambda cell: level(cell) > depth, executed.cells[at + 1 :])
        return any(shows(cell) for cell in below if level(cell) == 7)

    return NotebookNode(executed | {"cells": [cell for at, cell in enumerate(executed.cells) if kept(at)]})


# ---------------------------------------------------------------------- Typst
def literal(text: str) -> str:
    r"""A Typst string.

    >>> literal('a "b" \\ #c')
    '"a \\"b\\" \\\\ #c"'
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub(r"[\x00-\x1f\x7f]", lambda m: f"\\u{{{ord(m.group()):x}}}", escaped) + '"'


def inline(tokens: Iterable[dict]) -> str:
    """Inline Markdown as Typst content, without its brackets."""
    out = []
    for token in tokens:
        kind = token["type"]
        inner = inline(token.get("children", []))
        if kind == "text":
            out.append(f"#{literal(html.unescape(token['raw']))}")
        elif kind in ("softbreak", "linebreak"):
            out.append("#linebreak()" if kind == "linebreak" else '#" "')
        elif kind == "emphasis":
            out.append(f"#emph[{inner}]")
        elif kind == "strong":
            out.append(f"#strong[{inner}]")
        elif kind == "codespan":
            out.append(f"#raw({literal(html.unescape(token['raw']))})")
        elif kind == "link":
            out.append(f"#link({literal(token['attrs']['url'].removeprefix(UP))})[{inner}]")
        elif kind == "inline_html":
            out.append(f"#{literal(token['raw'])}")
        else:  # an image: its words
            out.append(inner)
    return "".join(out)


def _table(token: dict) -> str:
    head = token["children"][0]["children"]
    rows = [row["children"] for body in token["children"][1:] for row in body["children"]]
    right = [cell["attrs"]["align"] == "right" for cell in head]
    columns = []
    for at, number in enumerate(right):
        longest = max((len(_plain(row[at])) for row in [head, *rows]), default=0)
        columns.append("auto" if number or longest <= SHORT else f"{min(longest, 30)}fr")

    def cells(row: list[dict]) -> str:
        return ", ".join(f"[{inline(cell['children'])}]" for cell in row)

    align = ", ".join("right" if number else "left" for number in right)
    body = "".join(f", {cells(row)}" for row in rows)
    options = (
        f"breakable: {'false' if len(rows) <= WHOLE else 'true'}, columns: ({', '.join(columns)},), align: ({align},)"
    )
    return f"#ledger({options}, table.header({cells(head)}){body})\n\n"


def _plain(token: dict) -> str:
    return token.get("raw", "") + "".join(_plain(child) for child in token.get("children", []))


def blocks(tokens: Iterable[dict]) -> str:
    """Block Markdown as Typst."""
    out = []
    tokens = [token for token in tokens if token["type"] != "blank_line"]
    for token, following in zip(tokens, [*tokens[1:], {"type": ""}], strict=True):
        kind = token["type"]
        if kind == "heading":
            out.append(f"#heading(level: {token['attrs']['level']})[{inline(token['children'])}]\n\n")
        elif kind in ("paragraph", "block_text"):
            text = inline(token["children"])
            leads = following["type"] in ("block_quote", "list")
            out.append(f"#block(sticky: true)[{text}]\n\n" if leads else f"{text}\n\n")
        elif kind == "block_quote":
            paragraphs = [inline(part["children"]) for part in token["children"] if part["type"] == "paragraph"]
            out.append(f"#quotation({', '.join(f'[{text}]' for text in paragraphs)})\n\n")
        elif kind == "list":
            name = "enum" if token["attrs"]["ordered"] else "list"
            items = ", ".join(f"[{blocks(item['children']).strip()}]" for item in token["children"])
            out.append(f"#{name}({items})\n\n")
        elif kind == "table":
            out.append(_table(token))
        elif kind == "block_code":
            out.append(f"#raw(block: true, {literal(token['raw'])})\n\n")
        elif kind == "thematic_break":
            out.append("#line(length: 100%)\n\n")
        elif kind == "block_html":
            out.append(f"#{literal(token['raw'].strip())}\n\n")
    return "".join(out)


def markdown(text: str) -> str:
    """Markdown as Typst."""
    return blocks(_parse(text))


def to_typst(readable: NotebookNode, figures: Path) -> tuple[str, dict[str, bytes]]:
    """The notebook as a Typst document, and the pictures that it names.

    Figures of the study come as PDF from ``figures``; other pictures as the PNG that they are.
    """
    out, pictures = [], {}
    for cell in readable.cells:
        if cell.cell_type == "markdown":
            out.append(markdown(cell.source))
            continue
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                path = figures / f"{output.metadata.get(study.FIGURE)}.pdf"
                if path.is_file():
                    name, content = path.name, path.read_bytes()
                else:
                    name, content = f"picture-{len(pictures)}.png", base64.b64decode(data["image/png"])
                pictures[name] = content
                caption = markdown(output.metadata.get(study.CAPTION, "")).strip()
                alt = literal(output.metadata.get("image/png", {}).get("alt", "Figure"))
                out.append(f"#picture({literal(name)}, {alt})[{caption}]\n\n")
            elif "text/markdown" in data:
                out.append(markdown(data["text/markdown"]))
            elif "text/plain" in data:
                out.append(f"#raw(block: true, {literal(data['text/plain'])})\n\n")
            elif output.output_type == "stream":
                out.append(f"#raw(block: true, {literal(output.text)})\n\n")
    title = literal(notebook.title_of(readable, "Narrative"))
    start = f'#import "narrative.typ": *\n#show: narrative.with(title: {title}, version: {literal(__version__)})\n\n'
    return start + "".join(out), pictures


def to_pdf(readable: NotebookNode, figures: Path) -> bytes:
    """The narrative as PDF; the same bytes every time, with the fonts of this package and of Typst alone."""
    source, pictures = to_typst(readable, figures)
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(pages.FOLDER.parent / "fonts"), str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")],
    )
    with tempfile.TemporaryDirectory(prefix="chargesheet-") as scratch:
        folder = Path(scratch)
        write_text(folder / "narrative.typ", pages.text("narrative.typ"))
        write_text(folder / "main.typ", source)
        for name, content in pictures.items():
            (folder / name).write_bytes(content)
        try:
            return typst.compile(folder / "main.typ", root=folder, font_paths=fonts, timestamp=0)
        except typst.TypstError as error:
            raise UserError(f"the narrative could not be set as PDF: {error}") from None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--ipynb", type=Path, required=True, help="executed narrative notebook")
    parser.add_argument("--figures", type=Path, required=True, help="folder of the figures")
    parser.add_argument("--html", type=Path, required=True, help="page to write")
    parser.add_argument("--pdf", type=Path, required=True, help="PDF to write")


def run(args: argparse.Namespace) -> None:
    readable = without_empty_sections(notebook.gather_captions(notebook.read(args.ipynb)))
    pdf = to_pdf(readable, args.figures)
    write_text(args.html, notebook.to_html(readable, args.ipynb.stem, args.figures, article=True))
    with replacing(args.pdf, "wb") as out:
        out.write(pdf)
