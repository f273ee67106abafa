"""notebook: execute a notebook over a study's results, and show it as a self-contained page.

The notebook runs in a kernel of this very Python with this very package, whatever kernels the user has
registered; it talks over a socket file, so that it needs no network, not even the loopback device. What comes
out is the same every time: no times, no random ids, no addresses, no path of this machine.
"""

from __future__ import annotations

import argparse
import base64
import html
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from chargesheet import __version__, pages, study
from chargesheet.errors import UserError
from chargesheet.files import write_text

TIMEOUT = 600  # seconds a cell may take
NARROW = "-85mm"  # ending of a figure's name in its one-column width
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class OwnPython(KernelSpecManager):
    """Knows one kernel: IPython in the Python that runs this."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


def own_kernel(scratch: str) -> type[AsyncKernelManager]:
    """A manager of such kernels that keeps its files and sockets in the folder ``scratch``."""

    class Manager(AsyncKernelManager):
        def __init__(self, **options: Any):
            super().__init__(
                kernel_spec_manager=OwnPython(),
                connection_file=f"{scratch}/kernel.json",
                transport="ipc",
                ip=f"{scratch}/k",
                **options,
            )

    return Manager


def read(path: Path) -> NotebookNode:
    """A notebook from its file."""
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise UserError(f"{path}: there is no such notebook.") from None
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, AttributeError) as error:
        raise UserError(f"{path} is not a Jupyter notebook: {str(error).splitlines()[0]}") from None


def prepare(notebook: NotebookNode, title: str = "", description: str = "") -> NotebookNode:
    """Without outputs, with cell ids by position, and with the study's title in place of the first heading."""
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number:02d}"
        cell.metadata = NotebookNode({key: value for key, value in cell.metadata.items() if key == "tags"})
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if title and notebook.cells and notebook.cells[0].cell_type == "markdown":
        lines = [f"# {study.md(title)}"] + ([study.md(description)] if description else [])
        _, _, rest = notebook.cells[0].source.partition("\n")
        notebook.cells[0].source = "\n\n".join(lines) + ("\n" + rest if rest else "")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(kernel), language_info=NotebookNode(name="python"))
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)  # the first with cell ids
    return notebook


def execute(notebook: NotebookNode, results: Path, folder: Path, name: str = "notebook") -> NotebookNode:
    """Run all cells, in ``folder``, with ``results`` as the study's results.

    What cells write to stderr goes to this process's stderr, not into the notebook: warnings name paths of this
    machine. Raises UserError with the cell and the error where one fails.
    """
    metadata = notebook.metadata.copy()
    with tempfile.TemporaryDirectory(prefix="chargesheet-") as scratch:
        client = NotebookClient(
            notebook,
            kernel_manager_class=own_kernel(scratch),
            timeout=TIMEOUT,
            record_timing=False,
            coalesce_streams=True,
        )
        package = str(Path(__file__).parents[1])
        environment = os.environ | {
            study.VARIABLE: str(results.resolve()),
            "IPYTHONDIR": scratch,
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH")))),
        }
        try:
            client.execute(cwd=str(folder.resolve()), env=environment)
        except CellExecutionError as error:
            raise UserError(f"{name}, {_failed(notebook)}: {error.ename}: {_ANSI.sub('', error.evalue)}") from None
        except CellTimeoutError:
            raise UserError(f"{name}: a cell took longer than {TIMEOUT} seconds.") from None
        except DeadKernelError:
            raise UserError(f"{name}: Python ended while it ran a cell; was there enough memory?") from None
    notebook.metadata = metadata
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            for output in cell.outputs:
                if output.output_type == "stream" and output.name == "stderr":
                    print(output.text, file=sys.stderr, end="")
            cell.outputs = [out for out in cell.outputs if not (out.output_type == "stream" and out.name == "stderr")]
    return notebook


def _failed(notebook: NotebookNode) -> str:
    """Which cell holds an error, with its first line."""
    for number, cell in enumerate(notebook.cells, 1):
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return f"cell {number} ({cell.source.splitlines()[0].strip()!r})"
    return "a cell"


def figures(notebook: NotebookNode, folder: Path) -> dict[str, str]:
    """Address, as data, of the narrow form of each figure that the notebook shows; by name."""
    names = {
        output.metadata[study.FIGURE]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if study.FIGURE in output.get("metadata", {})
    }
    files = {name: folder / f"{name}{NARROW}.png" for name in sorted(names)}
    return {
        name: "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode("ascii")
        for name, path in files.items()
        if path.is_file()
    }


def gather_captions(notebook: NotebookNode) -> NotebookNode:
    """A copy in which each figure holds its caption, numbered, as metadata, and its caption's output is gone."""
    notebook = NotebookNode(nbformat.from_dict(notebook))
    number = 0
    for cell in notebook.cells:
        kept: list[NotebookNode] = []
        for output in cell.get("outputs", []):
            if study.CAPTION in output.get("metadata", {}) and kept:
                kept[-1].metadata[study.CAPTION] = f"**Figure {number}.** {output.data['text/markdown'].strip('*')}"
                continue
            if study.FIGURE in output.get("metadata", {}):
                number += 1
            kept.append(output)
        if cell.cell_type == "code":
            cell.outputs = kept
    return notebook


def title_of(notebook: NotebookNode, otherwise: str) -> str:
    """The first heading, as plain text."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (match := re.search(r"^#\s+(.+)$", cell.source, re.MULTILINE)):
            return html.unescape(re.sub(r"\\(.)", r"\1", match.group(1))).strip()
    return otherwise


def to_html(notebook: NotebookNode, name: str, figures_folder: Path, *, article: bool = False) -> str:
    """The executed notebook as a page without script that loads nothing.

    Args:
        name: of the notebook, for the page's navigation.
        figures_folder: where the narrow forms of its figures are.
        article: leave the code out and style the page as a text to read; it is to stand one folder higher.
    """
    exporter = HTMLExporter(
        template_name="chargesheet",
        extra_template_basedirs=[str(pages.FOLDER)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_input=article,
        exclude_anchor_links=True,
        embed_images=True,
    )
    resources: dict[str, Any] = {
        "policy": POLICY,
        "style": pages.text("base.css") + pages.text("notebook.css"),
        "title": title_of(notebook, name),
        "page": name,
        "article": article,
        "version": __version__,
        "narrow": figures(notebook, figures_folder),
        "figure_key": study.FIGURE,
        "caption_key": study.CAPTION,
        "up": "" if article else "../",
        "beside": "notebooks/" if article else "",
    }
    return exporter.from_notebook_node(gather_captions(notebook), resources={"chargesheet": resources})[0]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--notebook", type=Path, required=True, help="notebook to execute; it is not changed")
    parser.add_argument("--results", type=Path, required=True, help="folder with tables/ and figures/ of the study")
    parser.add_argument("--ipynb", type=Path, required=True, help="executed notebook to write")
    parser.add_argument("--html", type=Path, required=True, help="page to write, code folded away")
    parser.add_argument("--title", default="", help="title of the study, in place of the notebook's first heading")
    parser.add_argument("--description", default="", help="a sentence or two below the title")


def run(args: argparse.Namespace) -> None:
    notebook = prepare(read(args.notebook), args.title, args.description)
    args.ipynb.parent.mkdir(parents=True, exist_ok=True)
    execute(notebook, args.results, args.ipynb.parent, args.notebook.name)
    write_text(args.ipynb, nbformat.writes(notebook) + "\n")
    write_text(args.html, to_html(notebook, args.notebook.stem, args.results / "figures"))
