"""Executed notebooks and the narrative: the same bytes everywhere, nothing loaded, nothing run."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import ledger
from chargesheet import cli, narrative, notebook, study
from chargesheet.errors import UserError

NOTEBOOKS = ("corpus", "actors", "accusations", "narrative")
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} *x* $x$ | ` [y](z) & שלום 😀 #1"
PLAIN = ledger.plain(HOSTILE)
ARTICLES = [
    ledger.coded(
        "a",
        [
            "[s:Ana] [c:accused] [t:Boris] of [a:stealing the silver spoons].",
            ("[s:Boris] [c:denied] [a:it].", {"act": "deny", "responds_to": "a#1"}),
            ("[s:Boris] [c:condemned] [t:Ana].", {"act": "condemn", "category": "other"}),
        ],
        date="2024-03-26",
        outlet="The Echo",
        title=HOSTILE,
    ),
    ledger.coded("b", [f"[s:{PLAIN}|{PLAIN}] [c:blamed] [t:Boris] for [a:{PLAIN}]."], outlet="{{7*7}}"),
]


def with_figures(results: Path) -> Path:
    """One figure in both widths, as the figures' step leaves it."""
    from matplotlib.figure import Figure

    folder = results / "figures"
    folder.mkdir()
    for name, width in (("matrix", 7), ("matrix-85mm", 3)):
        figure = Figure(figsize=(width, 1))
        figure.add_subplot()
        figure.savefig(folder / f"{name}.png", dpi=300)
        figure.savefig(folder / f"{name}.pdf", metadata={"CreationDate": None})
        (folder / f"{name}.txt").write_text("A matrix. With *stars*.\n", encoding="utf-8")
    return results


def run_notebook(repository: Path, name: str, results: Path, *options: str) -> tuple[Path, Path]:
    out = results / "notebooks" / f"{name}.ipynb"
    source = repository / "notebooks" / f"{name}.ipynb"
    command = ["notebook", "--notebook", str(source), "--results", str(results), "--ipynb", str(out)]
    assert cli.main([*command, "--html", str(out.with_suffix(".html")), *options]) == 0
    return out, out.with_suffix(".html")


def run_narrative(results: Path) -> tuple[Path, Path]:
    page, pdf = results / "narrative.html", results / "narrative.pdf"
    command = ["narrative", "--ipynb", str(results / "notebooks" / "narrative.ipynb")]
    command += ["--figures", str(results / "figures"), "--html", str(page), "--pdf", str(pdf)]
    assert cli.main(command) == 0
    return page, pdf


@pytest.fixture(scope="module")
def results(tmp_path_factory, repository) -> Path:
    """A study whose four notebooks and narrative were made."""
    made = with_figures(ledger.study(tmp_path_factory.mktemp("a study, été"), ARTICLES))
    for name in NOTEBOOKS:
        run_notebook(repository, name, made)
    run_narrative(made)
    return made


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_sources_are_short_and_without_outputs(repository, name):
    source = nbformat.read(repository / "notebooks" / f"{name}.ipynb", as_version=4)
    code = [cell for cell in source.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert max(len(cell.source.splitlines()) for cell in code) <= 8
    assert not re.search(r"^\s*(def|class|lambda) |stanza", "\n".join(cell.source for cell in code), re.MULTILINE)
    assert all(re.fullmatch(r"[\w-]+", cell.id) for cell in source.cells)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_outputs_name_nothing_of_this_machine(results, name):
    for path in (results / "notebooks" / f"{name}.ipynb", results / "notebooks" / f"{name}.html"):
        written = re.sub(
            r"data:[\w/+;]+base64,[\w+/=]+|\"image/png\": \"[^\"]+\"", "", path.read_text(encoding="utf-8")
        )
        for trace in (str(results.parent), str(Path.home()), sys.prefix, " at 0x"):
            assert trace not in written, f"{trace} in {path.name}"
    executed = nbformat.read(results / "notebooks" / f"{name}.ipynb", as_version=4)
    nbformat.validate(executed)
    assert [cell.id for cell in executed.cells] == [f"cell-{n:02d}" for n in range(1, len(executed.cells) + 1)]
    assert not any("execution" in cell.metadata for cell in executed.cells)
    assert not any(output.output_type == "error" for cell in executed.cells for output in cell.get("outputs", []))


@pytest.mark.parametrize("name", [f"notebooks/{name}" for name in NOTEBOOKS] + ["narrative"])
def test_pages_load_nothing_and_run_nothing(results, name):
    html = (results / f"{name}.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in html
    assert "<script" not in html and "onerror=alert" not in re.sub(r"&lt;[^&]*", "", html)
    assert not re.search(r"""(src|srcset)=["'](?!data:)|url\(|@import|<link""", html)
    assert not re.search(r"""href=["'](?!evidence|narrative|notebooks/|\.\./|corpus|actors|accusations|tables)""", html)


def test_another_place_gives_the_same_bytes(results, repository, tmp_path):
    other = tmp_path / "elsewhere"
    other.mkdir()
    for folder in ("tables", "figures"):
        shutil.copytree(results / folder, other / folder)
    for made in (*run_notebook(repository, "narrative", other), *run_narrative(other)):
        assert made.read_bytes() == (results / made.relative_to(other)).read_bytes(), made.name


def test_a_collaborator_reruns_it_from_the_results_alone(results, tmp_path):
    """The executed notebook, in its folder, without any setting, finds the results around it."""
    copy = tmp_path / "sent by mail"
    shutil.copytree(results, copy)
    code = "from chargesheet import study; print(len(study.load().accusations), study.load().base)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=copy / "notebooks", capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["4", "../"]


def test_the_narrative_has_no_code_and_no_empty_section(results):
    html = (results / "narrative.html").read_text(encoding="utf-8")
    assert "story.opening" not in html and "<details" not in html
    assert "Who denies" in html and "Of what" in html
    assert html.count("<figcaption>") == 1 and "<strong>Figure 1.</strong>" in html and "*stars*" in html
    assert 'media="(max-width: 600px)"' in html
    assert (results / "narrative.pdf").read_bytes().startswith(b"%PDF-")


def test_the_studys_title_heads_the_narrative(results, repository, tmp_path):
    shutil.copytree(results / "tables", tmp_path / "tables")
    made, page = run_notebook(repository, "narrative", tmp_path, "--title", "A *title* & more", "--description", "Why.")
    assert nbformat.read(made, as_version=4).cells[0].source == "# A \\*title\\* &amp; more\n\nWhy."
    html = page.read_text(encoding="utf-8")
    assert "<title>A *title* &amp; more</title>" in html
    assert re.search(r"<h1[^>]*>A \*title\* &amp; more</h1>\s*<p>Why.</p>", html)


def test_links_lead_to_pages_and_records(results):
    html = (results / "narrative.html").read_text(encoding="utf-8")
    ids = {
        json.loads(line)["id"] for line in (results / "tables" / "accusations.jsonl").read_text("utf-8").splitlines()
    }
    linked = set(re.findall(r'href="evidence\.html#([^?"]+)"', html))
    assert linked and {part.replace("%23", "#") for part in linked} <= ids
    assert 'href="tables/actors.csv"' in html and "../" not in html


def one_cell(path: Path, source: str) -> list[str]:
    nbformat.write(new_notebook(cells=[new_markdown_cell("# X"), new_code_cell(source)]), path / "x.ipynb")
    return ["notebook", "--notebook", str(path / "x.ipynb"), "--results", str(path), "--ipynb", str(path / "out.ipynb"),
            "--html", str(path / "out.html")]  # fmt: skip


def test_a_failing_cell_is_named_and_nothing_is_written(tmp_path, capsys):
    assert cli.main(one_cell(tmp_path, "tables = {}\ntables['missing']")) == 1
    error = capsys.readouterr().err
    assert "x.ipynb, cell 2 (\"tables = {}\"): KeyError: 'missing'" in error.replace("'tables = {}'", '"tables = {}"')
    assert "Traceback" not in error
    assert not (tmp_path / "out.ipynb").exists() and not (tmp_path / "out.html").exists()


def test_warnings_go_to_the_log(tmp_path, capfd):
    assert cli.main(one_cell(tmp_path, "import sys; print('noise', file=sys.stderr); print('result')")) == 0
    written = (tmp_path / "out.ipynb").read_text(encoding="utf-8")
    assert "result" in written and "noise\\n" not in written
    assert "noise" in capfd.readouterr().err


def test_no_notebook(tmp_path):
    with pytest.raises(UserError, match="no such notebook"):
        notebook.read(tmp_path / "x.ipynb")
    (tmp_path / "x.ipynb").write_text("no JSON", encoding="utf-8")
    with pytest.raises(UserError, match="not a Jupyter notebook"):
        notebook.read(tmp_path / "x.ipynb")


def test_no_results(tmp_path, monkeypatch):
    monkeypatch.delenv(study.VARIABLE, raising=False)
    with pytest.raises(UserError, match="run the study first"):
        study.find_results(tmp_path)


def test_it_runs_without_any_network(tmp_path):
    command = ["unshare", "-rn", sys.executable, "-m", "chargesheet", *one_cell(tmp_path, "print(6 * 7)")]
    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"], capture_output=True).returncode:
        pytest.skip("unshare may not cut the network off here")
    subprocess.run(command, check=True, timeout=120)
    assert "42" in (tmp_path / "out.ipynb").read_text(encoding="utf-8")


def heading_and_output(*filled: bool) -> list:
    cells = [new_markdown_cell("# T")]
    for number, full in enumerate(filled):
        code = new_code_cell("x")
        code.outputs = [nbformat.v4.new_output("stream", text="x")] if full else []
        cells += [new_markdown_cell(f"## S{number}"), code]
    return cells


def test_empty_sections_are_left_out():
    made = narrative.without_empty_sections(new_notebook(cells=heading_and_output(False, True, False, False)))
    assert [cell.source for cell in made.cells if cell.cell_type == "markdown"] == ["# T", "## S1"]


def test_typst_gets_text_as_text(tmp_path):
    words = r"""A "quote" \\ \#let x \$y\$ `c"d` [l"k](../e.html#a)"""
    others = ('| a | b |\n|---|---:|\n| "x" | 1 |', "> q\n>\n> by", "- i")
    made = new_notebook(cells=[new_markdown_cell("\n\n".join(("# T", words, *others)))])
    source, _ = narrative.to_typst(made, tmp_path)
    assert '#"A \\"quote\\" \\\\ #let x $y$ "' in re.sub(r'"#"', "", source)
    assert '#link("e.html#a")[#"l\\"k"]' in source
    first = narrative.to_pdf(made, tmp_path)
    assert first.startswith(b"%PDF-") and narrative.to_pdf(made, tmp_path) == first


# ---------------------------------------------------------------------- in a browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
@pytest.mark.parametrize("name", ["narrative", "notebooks/accusations"])
def test_pages_are_readable(page, results, name, width, scheme):
    messages, requests = [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("dialog", lambda dialog: messages.append(dialog.message))
    page.on("request", lambda request: requests.append(request.url))
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    address = (results / f"{name}.html").as_uri()
    page.goto(address)
    assert messages == []
    assert {url for url in requests if not url.startswith("data:")} == {address}
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    found = Axe().run(page).response["violations"]
    assert not found, json.dumps([(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found], indent=1)


def test_hostile_text_is_text(page, results):
    page.goto((results / "narrative.html").as_uri())
    shown = " ".join(page.inner_text("main").split())
    assert " ".join(HOSTILE.split()) in shown
    assert page.locator("main script, main img[src=x]").count() == 0


def test_a_phone_gets_the_narrow_figure(page, results):
    sizes = {}
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto((results / "narrative.html").as_uri())
        sizes[width] = page.evaluate("document.querySelector('figure img').naturalWidth")
    assert sizes[390] < sizes[1280] / 2
