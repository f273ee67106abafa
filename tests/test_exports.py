"""Exports: each is read back by the program that it is meant for."""

import csv
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld

from chargesheet import cli, export, publication, schemas
from ledger import coded, study, three

HOSTILE = '=HYPERLINK("x") <b>&_%$#{}~^\\" \x0b Jr'


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The three articles, and one whose accuser has a name made to break things."""
    marked = HOSTILE.replace("\\", "\\\\")
    hostile = coded("trap", [(f"[s:{marked}] [c:accused] [t:Ardland] of [a:theft].", {"category": "espionage"})])
    folder = study(tmp_path_factory.mktemp("study"), [*three(), hostile])
    assert cli.main(["export", "--tables", str(folder / "tables"), "--out", str(folder / "exports")]) == 0
    return folder


def test_a_second_run_writes_the_same_bytes(results, tmp_path):
    assert cli.main(["export", "--tables", str(results / "tables"), "--out", str(tmp_path)]) == 0
    first = {
        path.relative_to(results / "exports"): path.read_bytes() for path in sorted((results / "exports").rglob("*.*"))
    }
    assert first == {path.relative_to(tmp_path): path.read_bytes() for path in sorted(tmp_path.rglob("*.*"))}
    assert len(first) == 5 + 3 * len(publication.TABLES)


@pytest.mark.parametrize(("name", "read"), [("network.graphml", nx.read_graphml), ("network.gexf", nx.read_gexf)])
def test_the_network_is_read_back_with_all_attributes(results, name, read):
    tables = schemas.read(results / "tables")
    graph = read(results / "exports" / name)
    dyads = tables["dyads"].query("source_id != '' and target_id != ''")
    assert set(graph.edges) == set(zip(dyads["source_id"], dyads["target_id"], strict=True))
    edge = graph.edges["bordany", "ardland"]
    assert (edge["accusations"], edge["answered"], edge["weight"]) == (3, 1, 3)
    assert (edge["first"], edge["categories"]) == ("2023-12-31", "crime:3")
    node = graph.nodes["bordany"]
    assert (node["label"], node["type"], node["accusations_made"]) == ("Bordany", "organisation", 3)
    assert {a["name"] for _, a in graph.nodes(data=True)} >= {'=HYPERLINK("x") <b>&_%$#{}~^\\" Jr'}


def test_events_have_codes_as_text(results):
    events = pd.read_csv(results / "exports" / "events.csv", dtype={"cameo": str}, keep_default_na=False)
    assert events["event_id"].is_unique
    assert set(events["cameo"]) == {"1121", "111", "016", "1125"}
    denial = events[events["act"] == "deny"].iloc[0]
    assert (denial["source"], denial["target"], denial["plover"]) == ("Ardland", "Bordany", "")
    charge = events[events["event_id"] == "second#1:bordany:ardland"].iloc[0]
    assert (charge["date"], charge["plover"], charge["plover_mode"]) == ("2023-12-31", "ACCUSE", "disapprove")
    assert "first#5" not in "".join(events["event_id"]), "a charge that is not made is no event"


def test_every_act_and_category_has_a_code():
    codes = export.event_codes()
    for act in schemas.ACTS:
        for category in schemas.CATEGORIES:
            assert codes.get((act, category)) or codes[act, "*"]


def _offline(url, options):
    assert url == export.ANNOTATION_CONTEXT, f"asks for {url}"
    context = json.loads((Path(__file__).parent / "data" / "anno.jsonld").read_text(encoding="utf-8"))
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": context}


OA, RDF = "http://www.w3.org/ns/oa#", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def test_annotations_are_web_annotations(results):
    made = json.loads((results / "exports" / "annotations.jsonld").read_text(encoding="utf-8"))
    expanded = jsonld.expand(made, {"documentLoader": _offline})
    [collection] = expanded
    [page] = collection["http://www.w3.org/ns/activitystreams#first"]
    [items] = page["http://www.w3.org/ns/activitystreams#items"]
    found = items["@list"]
    assert len(found) == made["total"]
    assert len({item["@id"] for item in found}) == len(found)
    texts = {row["doc_id"]: row["text"] for row, _, _ in three()}
    for item in found:
        assert item["@type"] == [OA + "Annotation"]
        [target] = item[OA + "hasTarget"]
        source = target[OA + "hasSource"][0]["@id"]
        position, words = target[OA + "hasSelector"]
        doc_id = source.removeprefix("urn:chargesheet:article:")
        if doc_id in texts:
            start, end = position[OA + "start"][0]["@value"], position[OA + "end"][0]["@value"]
            assert texts[doc_id][start:end] == words[OA + "exact"][0]["@value"]
    answer = next(item for item in found if item["@id"] == "urn:chargesheet:record:first#3:cue:1")
    sources = [body[OA + "hasSource"][0]["@id"] for body in answer[OA + "hasBody"] if OA + "hasSource" in body]
    assert sources == ["urn:chargesheet:record:first#2:cue:1"]
    assert len(jsonld.to_rdf(made, {"documentLoader": _offline})["@default"]) > 10 * len(found) / 2


class _Cells(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.cells = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag in ("td", "th"):
            self.cells.append("")

    def handle_data(self, data):
        if self.cells:
            self.cells[-1] += data


def test_a_hostile_name_is_text_in_every_table(results):
    folder = results / "exports" / "tables"
    name = '=HYPERLINK("x") <b>&_%$#{}~^\\" Jr'
    page = _Cells((folder / "top-accusers.html").read_text(encoding="utf-8"))
    assert name in page.cells
    assert "b" not in page.tags and "script" not in page.tags
    rows = list(csv.reader((folder / "top-accusers.csv").open(encoding="utf-8", newline="")))
    assert "'" + name in [row[0] for row in rows]
    tex = (folder / "top-accusers.tex").read_text(encoding="utf-8")
    assert r"\textless{}b\textgreater{}\&\_\%\$\#\{\}\textasciitilde{}\textasciicircum{}\textbackslash{}" in tex


def test_tables_agree_in_all_formats(results):
    folder = results / "exports" / "tables"
    for name in publication.TABLES:
        rows = list(csv.reader((folder / f"{name}.csv").open(encoding="utf-8", newline="")))
        page = _Cells((folder / f"{name}.html").read_text(encoding="utf-8"))
        assert len(page.cells) == sum(map(len, rows)), name
        tex = (folder / f"{name}.tex").read_text(encoding="utf-8")
        body = tex.split(r"\midrule")[1].split(r"\bottomrule")[0]
        assert body.count(r"\\") == len(rows) - 1, name
        assert all(line.count(" & ") == len(rows[0]) - 1 for line in body.strip().split("\n") if line)


def test_numbers_in_the_tables(results):
    folder = results / "exports" / "tables"
    dyads = pd.read_csv(folder / "dyads.csv", keep_default_na=False, dtype=str).set_index(["Accuser", "Accused"])
    assert dyads.loc[("Bordany", "Ardland"), ["Together", "Claims", "Articles"]].tolist() == ["3", "2", "2"]
    rates = pd.read_csv(folder / "denial-rates.csv", keep_default_na=False, dtype=str).set_index(["Accuser", "Accused"])
    assert rates.loc[("Bordany", "Ardland"), ["Charges", "Denied", "Rate", "95 %"]].tolist() == [
        "3",
        "1",
        "33%",
        "0%–50%",
    ]
    assert rates.loc[("Cerna", "Bordany"), "95 %"] == "", "one article holds them all"


def test_macros_are_defined_once_and_have_letters_only(results):
    text = (results / "exports" / "numbers.tex").read_text(encoding="utf-8")
    macros = re.findall(r"\\newcommand\{(\\[^}]*)\}", text)
    assert r"\csArticles" in macros and len(set(macros)) == len(macros)
    assert all(re.fullmatch(r"\\[A-Za-z]+", macro) for macro in macros)
    assert publication.macro_name("top_3_accusers") == r"\csTopThreeAccusers"


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no LaTeX here: install it to typeset the tables")
def test_latex_typesets_the_tables(results, tmp_path):
    folder = results / "exports"
    inputs = "".join(rf"\input{{{folder / 'tables' / name}.tex}}" for name in publication.TABLES)
    packages = r"\usepackage[T1]{fontenc}\usepackage{textcomp,booktabs}"
    document = rf"\documentclass{{article}}{packages}\input{{{folder}/numbers}}"
    (tmp_path / "a.tex").write_text(
        document + rf"\begin{{document}}{inputs}\csArticles{{}}\end{{document}}", encoding="utf-8"
    )
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"], cwd=tmp_path, capture_output=True
    )
    assert done.returncode == 0, done.stdout.decode()[-2000:]


@given(st.text())
def test_no_text_leaves_its_latex_cell(text):
    # what is left after the escapes has no special character
    bare = re.sub(r"\\text[a-z]+\{\}|\\[&%$#_{}]", "", publication.latex(text))
    assert not re.search(r"[\\{}$&#%_^~<>|\"\n]", bare)


@given(st.text())
def test_a_spreadsheet_takes_no_text_for_a_formula(text):
    assert not publication.spreadsheet(text).startswith(tuple("=+-@\t\r"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_gives_readable_xml(name):
    graph = nx.DiGraph()
    graph.add_node("a", **export._attributes({"name": name}))
    assert nx.read_graphml(io.BytesIO(export.graphml(graph).encode("utf-8"))).nodes["a"]["name"].split() == (
        export._attributes({"name": name})["name"].split()
    )


def test_a_study_without_records_is_exported(tmp_path):
    folder = study(tmp_path, three()[2:])
    assert cli.main(["export", "--tables", str(folder / "tables"), "--out", str(tmp_path / "out")]) == 0
    assert nx.read_graphml(tmp_path / "out" / "network.graphml").number_of_nodes() == 0
    assert json.loads((tmp_path / "out" / "annotations.jsonld").read_text(encoding="utf-8"))["total"] == 0
    rows = list(csv.reader((tmp_path / "out" / "tables" / "dyads.csv").open(encoding="utf-8", newline="")))
    assert len(rows) == 1
