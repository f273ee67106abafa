"""The evidence page: every record in its article, in one self-contained HTML file.

The page holds the records and the articles as JSON and builds itself from them in the browser. Article
text is hostile: it reaches the page only as JSON whose ``<``, ``>`` and ``&`` are escaped, and leaves it
only as text nodes. A content security policy allows this page's own script and style and nothing else,
so that nothing is loaded from anywhere.
"""

from __future__ import annotations

import argparse
import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from chargesheet import __version__, pages, schemas
from chargesheet.errors import UserError
from chargesheet.files import read_jsonl, write_text

ROLES = ("sources", "targets", "via")
GAP = 120  # characters; evidence that stands closer is shown as one passage
Range = tuple[int, int]


def embed(value: Any) -> Markup:
    """JSON that can stand in a ``<script>``: no character in it can end the element or open a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def find_sentence(text: str, sentence: str, cue: Range) -> Range:
    """Where ``sentence`` stands around ``cue`` in ``text``; the cue itself where it is not found.

    White space may differ: a sentence over two lines of a hard-wrapped file is stored with spaces.
    """
    words = sentence.split()
    if words:
        reach = 2 * len(sentence) + 50
        low = max(0, cue[0] - reach)
        for match in re.finditer(r"\s+".join(map(re.escape, words)), text[low : cue[1] + reach]):
            start, end = match.start() + low, match.end() + low
            if start <= cue[0] and cue[1] <= end:
                return start, end
    return cue


def spans(record: dict) -> list[Range]:
    """All character ranges of a record's evidence, in no order."""
    found = [(entry["start"], entry["end"]) for role in ROLES for entry in record[role]]
    found.append((record["cue"]["start"], record["cue"]["end"]))
    if record["allegation"]:
        found.append((record["allegation"]["start"], record["allegation"]["end"]))
    return found


def merge(ranges: Iterable[Range], gap: int = 0) -> list[Range]:
    """Sorted ranges, joined where they overlap or stand at most ``gap`` characters apart.

    >>> merge([(5, 9), (0, 4), (4, 6), (20, 21)])
    [(0, 9), (20, 21)]
    """
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1] + gap:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


class Utf16:
    """Turns offsets in characters of ``text`` into offsets in UTF-16 units, in which JavaScript counts.

    >>> unit = Utf16("a\N{GRINNING FACE}b")
    >>> [unit(offset) for offset in range(4)]
    [0, 1, 3, 4]
    """

    def __init__(self, text: str):
        self._beyond = [at for at, character in enumerate(text) if ord(character) > 0xFFFF]

    def __call__(self, offset: int) -> int:
        return offset + bisect_left(self._beyond, offset)


def payload(
    records: Sequence[dict],
    articles: Sequence[dict],
    names: dict[str, str],
    sentences: dict[str, str],
    *,
    sentences_only: bool = False,
) -> dict:
    """What the page needs to know, as plain JSON values.

    Args:
        records: as in ``accusations.jsonl``, in the order in which they are to stand.
        articles: rows of the ingested articles; those without a record are left out.
        names: canonical name by ``actor_id``.
        sentences: sentence text by record id.
        sentences_only: leave the articles out, save the passages that are evidence.

    Offsets in the result count UTF-16 units of the article's text. ``parts`` of an article are
    (offset, text) pairs: the whole text at 0, or its passages.
    """
    rows = {article["doc_id"]: article for article in articles}
    by_article: dict[str, list[dict]] = {}
    for record in records:
        if record["doc_id"] not in rows:
            raise UserError(
                f"record {record['id']} belongs to the article {record['doc_id']!r}, which is not among the articles. "
                "Tables and articles come from different runs: run snakemake again."
            )
        by_article.setdefault(record["doc_id"], []).append(record)

    order = {record["id"]: at for at, record in enumerate(records)}
    places = {doc_id: at for at, doc_id in enumerate(by_article)}
    shared = {claim for claim, count in Counter(record["claim_id"] for record in records).items() if count > 1}
    actors: dict[str, int] = {}

    def actor(entry: dict) -> int:
        return actors.setdefault(names.get(entry["actor_id"], entry["name"]), len(actors))

    out_articles, out_records = [], {}
    for doc_id, own in by_article.items():
        row, text = rows[doc_id], rows[doc_id]["text"]
        unit = Utf16(text)
        evidence: list[Range] = []
        for record in own:
            cue, allegation = record["cue"], record["allegation"]
            sentence = find_sentence(text, sentences.get(record["id"], ""), (cue["start"], cue["end"]))
            passages = merge([sentence, *spans(record)], gap=0 if sentences_only else GAP)
            evidence += passages
            out_records[record["id"]] = {
                "id": record["id"],
                "article": places[doc_id],
                "act": record["act"],
                "asserted": record["asserted"],
                **{role: [[unit(e["start"]), unit(e["end"]), actor(e)] for e in record[role]] for role in ROLES},
                "cue": [unit(cue["start"]), unit(cue["end"])],
                "allegation": allegation and [unit(allegation["start"]), unit(allegation["end"])],
                "passages": [[unit(start), unit(end)] for start, end in passages],
                "category": record["category"],
                "quoted": record["quoted"],
                "answers": order.get(record["responds_to"]),
                "claim": record["claim_id"] if record["claim_id"] in shared else None,
                "frame": record["frame"],
                "confidence": record["confidence"],
            }
        parts = merge(evidence) if sentences_only else [(0, len(text))]
        out_articles.append(
            {
                "id": doc_id,
                **{field: row[field] for field in ("title", "date", "outlet", "url")},
                "parts": [[unit(start), text[start:end]] for start, end in parts],
            }
        )
    return {
        "whole": not sentences_only,
        "actors": list(actors),
        "articles": out_articles,
        "records": [out_records[record["id"]] for record in records],
    }


def page(data: dict, *, title: str = "", narrative: str = "") -> str:
    """The page as HTML.

    Args:
        data: what :func:`payload` returns.
        title: of the study; empty for none.
        narrative: relative address of the narrative, linked from the heading; empty for none.
    """
    style = pages.text("base.css") + pages.text("evidence.css")
    script = pages.text("evidence.js")
    policy = (
        f"default-src 'none'; script-src {pages.csp_hash(script)}; style-src {pages.csp_hash(style)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        pages.environment()
        .get_template("evidence.html")
        .render(
            title=title,
            narrative=narrative,
            version=__version__,
            policy=Markup(policy),
            style=Markup(style),
            script=Markup(script),
            data=embed(data),
            records=len(data["records"]),
            articles=len(data["articles"]),
            whole=data["whole"],
        )
    )


def read_articles(folder: Path) -> list[dict]:
    """The articles of all shards in ``folder``."""
    shards = sorted(folder.glob("*.jsonl"))
    if not shards:
        raise UserError(f"{folder} holds no articles (*.jsonl): run 'chargesheet ingest' first, or name its folder.")
    return [row for shard in shards for row in read_jsonl(shard)]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tables", type=Path, required=True, help="folder with accusations.jsonl and the tables")
    parser.add_argument("--articles", type=Path, required=True, help="folder with the ingested articles, *.jsonl")
    parser.add_argument("--out", type=Path, required=True, help="the page to write")
    parser.add_argument("--title", default="", help="title of the study, as heading of the page")
    parser.add_argument("--narrative", default="", help="relative address of the narrative, to link to it")
    parser.add_argument(
        "--sentences-only",
        action="store_true",
        help="embed only the sentences that are evidence, not the whole articles (for texts that may not be shared)",
    )


def run(args: argparse.Namespace) -> None:
    tables = schemas.read(args.tables)
    data = payload(
        read_jsonl(args.tables / "accusations.jsonl"),
        read_articles(args.articles),
        tables["actors"].set_index("actor_id")["name"].to_dict(),
        tables["accusations"].set_index("id")["sentence_text"].to_dict(),
        sentences_only=args.sentences_only,
    )
    write_text(args.out, page(data, title=args.title, narrative=args.narrative))
