"""export: the ledger in the formats of other tools, and tables for publication.

Writes, from the tables only:
network.graphml, network.gexf   actors and dyads with all their columns, for Gephi, igraph, networkx
events.csv                      one event per row with CAMEO and PLOVER codes (codebook/event_codes.csv)
annotations.jsonld              every span as a W3C Web Annotation
tables/*.csv, *.tex, *.html     tables for publication
numbers.tex                     the narrative's numbers as LaTeX macros
"""

import argparse
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import networkx as nx
import pandas as pd

from chargesheet import files, publication, schemas
from chargesheet.counting import Ledger, plain
from chargesheet.errors import UserError
from chargesheet.story import Story

CODEBOOK = Path(__file__).parent / "codebook"
ANNOTATION_CONTEXT = "http://www.w3.org/ns/anno.jsonld"
# characters that XML 1.0 cannot hold, not even escaped
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# ---------------------------------------------------------------------- network
def _attributes(row: dict) -> dict:
    """Values that GraphML and GEXF can hold: dates as ISO or "", text without control characters."""
    values = {}
    for key, value in row.items():
        if isinstance(value, pd.Timestamp) or value is pd.NaT:
            value = "" if pd.isna(value) else f"{value:%Y-%m-%d}"
        values[key] = _NOT_XML.sub("", plain(value)) if isinstance(value, str) else value
    return values


def network(tables: dict[str, pd.DataFrame]) -> nx.DiGraph:
    """Actors that accuse, condemn, deny or are accused, with an edge per dyad of named actors.

    Edges have ``weight`` = accusations + condemnations + denials.
    """
    graph = nx.DiGraph()
    actors = tables["actors"]
    acting = actors.drop(columns=["actor_id", "name", "type", "country", "aliases", "mentions", "articles", "why"])
    for row in actors[acting.sum(axis=1) > 0].sort_values("actor_id").to_dict("records"):
        graph.add_node(row["actor_id"], label=_attributes(row)["name"], **_attributes(row))
    dyads = tables["dyads"].query("source_id != '' and target_id != ''").sort_values(["source_id", "target_id"])
    for row in dyads.to_dict("records"):
        weight = row["accusations"] + row["condemnations"] + row["denials"]
        # a denial may name an accuser of whom the articles report no charge
        for end in ("source", "target"):
            if row[f"{end}_id"] not in graph:
                actor = actors[actors["actor_id"] == row[f"{end}_id"]].to_dict("records")[0]
                graph.add_node(row[f"{end}_id"], label=_attributes(actor)["name"], **_attributes(actor))
        values = _attributes({key: value for key, value in row.items() if key not in ("source", "target")})
        graph.add_edge(row["source_id"], row["target_id"], weight=weight, **values)
    return graph


def graphml(graph: nx.DiGraph) -> str:
    """The network as GraphML."""
    return "\n".join(nx.generate_graphml(graph)) + "\n"


def gexf(graph: nx.DiGraph) -> str:
    """The network as GEXF 1.2, without the date of writing."""
    return re.sub(r' lastmodifieddate="[^"]*"', "", "\n".join(nx.generate_gexf(graph))) + "\n"


# ---------------------------------------------------------------------- events
def event_codes() -> dict[tuple[str, str], dict]:
    """CAMEO and PLOVER codes by act and category ("*": any) from the codebook."""
    with (CODEBOOK / "event_codes.csv").open(encoding="utf-8", newline="") as rows:
        return {(row.pop("act"), row.pop("category")): row for row in csv.DictReader(rows)}


def events(ledger: Ledger) -> pd.DataFrame:
    """One event per asserted record, source and target, as event data sets have them.

    Actors not named are empty. Columns: event_id, date, source, source_id, source_type, source_country, the same of
    the target, act, category, cameo (a string: "016"), cameo_name, plover, plover_mode, plover_context, claim_id,
    doc_id, outlet, url, text, confidence.
    """
    actors = ledger.tables["actors"].set_index("actor_id")
    urls = ledger.articles.set_index("doc_id")["url"]
    codes = event_codes()
    rows = []
    for record in ledger.pairs.to_dict("records"):
        code = codes.get((record["act"], record["category"])) or codes[record["act"], "*"]
        row = {"event_id": f"{record['id']}:{record['source_id']}:{record['target_id']}"}
        row["date"] = "" if pd.isna(record["date"]) else f"{record['date']:%Y-%m-%d}"
        for side in ("source", "target"):
            actor = actors.loc[record[f"{side}_id"]] if record[f"{side}_id"] else {}
            row |= {side: actor.get("name", ""), f"{side}_id": record[f"{side}_id"]}
            row |= {f"{side}_type": actor.get("type", ""), f"{side}_country": actor.get("country", "")}
        row |= {key: record[key] for key in ("act", "category")}
        row |= {key: code[key] for key in ("cameo", "cameo_name", "plover", "plover_mode", "plover_context")}
        row |= {key: record[key] for key in ("claim_id", "doc_id", "outlet")} | {"url": urls[record["doc_id"]]}
        rows.append(row | {"text": record["sentence_text"], "confidence": record["confidence"]})
    return pd.DataFrame(rows)


# ---------------------------------------------------------------------- annotations
def _iri(*parts: str) -> str:
    return "urn:chargesheet:" + ":".join(quote(part, safe="#") if part else "" for part in parts)


def _annotation(record: dict, role: str, number: int, span: dict) -> dict:
    bodies = [{"type": "TextualBody", "purpose": "tagging", "value": role}]
    if role == "cue":
        classes = (record["act"], record["category"])
        bodies += [{"type": "TextualBody", "purpose": "classifying", "value": value} for value in classes]
    if "actor_id" in span:
        actor = {"type": "SpecificResource", "purpose": "identifying", "source": _iri("actor", span["actor_id"])}
        bodies += [actor, {"type": "TextualBody", "purpose": "describing", "value": span["name"]}]
    if role == "cue" and record["responds_to"]:
        answered = _iri("record", record["responds_to"], "cue", "1")
        bodies.append({"type": "SpecificResource", "purpose": "replying", "source": answered})
    return {
        "id": _iri("record", record["id"], role, str(number)),
        "type": "Annotation",
        "motivation": "classifying" if role == "cue" else "identifying" if "actor_id" in span else "highlighting",
        "body": bodies,
        "target": {
            "type": "SpecificResource",
            "source": _iri("article", record["doc_id"]),
            "selector": [
                {"type": "TextPositionSelector", "start": span["start"], "end": span["end"]},
                {"type": "TextQuoteSelector", "exact": span["text"]},
            ],
        },
    }


def _spans(record: dict) -> Iterator[tuple[str, int, dict]]:
    yield "cue", 1, record["cue"]
    if record["allegation"]:
        yield "allegation", 1, record["allegation"]
    for role in ("sources", "via", "targets"):
        for number, entry in enumerate(record[role], 1):
            yield role.removesuffix("s"), number, entry


def annotations(records: list[dict]) -> Iterator[str]:
    """Every span of every record as a W3C Web Annotation (https://www.w3.org/TR/annotation-model/), in pieces of JSON.

    records: those of accusations.jsonl. A span's target is the article's stored text, ``urn:chargesheet:article:ID``,
    by character position and by its words; its bodies tell the role, for the cue act and category and what the record
    answers, for an actor who it is. Spans of one record share the IRI up to the role. One annotation per line, so that
    a large ledger need not fit into memory twice.
    """
    collection = {
        "@context": ANNOTATION_CONTEXT,
        "id": _iri("annotations"),
        "type": "AnnotationCollection",
        "label": "Accusations, condemnations and denials",
        "total": sum(1 for record in records for _ in _spans(record)),
        "first": {"id": _iri("annotations", "1"), "type": "AnnotationPage", "startIndex": 0, "items": []},
    }
    yield json.dumps(collection, indent=1).removesuffix("]\n }\n}")
    separator = "\n"
    for record in records:
        for span in _spans(record):
            yield separator + json.dumps(_annotation(record, *span), ensure_ascii=False)
            separator = ",\n"
    yield "\n]}}\n"


# ---------------------------------------------------------------------- verb
def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tables", type=Path, default=Path("results/tables"), help="folder of the tables")
    parser.add_argument("--out", type=Path, default=Path("results/exports"), help="folder for the exports")
    parser.add_argument("--top", type=int, default=12, help="rows of the tables for publication")


def run(args: argparse.Namespace) -> None:
    if args.top < 1:
        raise UserError(f"--top {args.top}: give a number of at least 1.")
    ledger = Ledger(schemas.read(args.tables))
    graph = network(ledger.tables)
    texts = {"network.graphml": graphml(graph), "network.gexf": gexf(graph)}
    out = io.StringIO()
    events(ledger).to_csv(out, index=False, lineterminator="\n")
    texts["events.csv"] = out.getvalue()
    for name, make in publication.TABLES.items():
        table = make(ledger, args.top)
        texts[f"tables/{name}.csv"] = table.to_csv()
        texts[f"tables/{name}.tex"] = table.to_latex(name)
        texts[f"tables/{name}.html"] = table.to_html()
    texts["numbers.tex"] = publication.macros(Story(SimpleNamespace(**ledger.tables)).numbers)
    for name, text in texts.items():
        files.write_text(args.out / name, text)
    with files.replacing(args.out / "annotations.jsonld") as out:
        out.writelines(annotations(files.read_jsonl(args.tables / "accusations.jsonl")))
