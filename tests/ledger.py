"""Small studies for tests, written as marked text.

``[s:Ana] [c:accused] [t:Boris] of [a:theft].`` is an article with one record: s source, c cue, t target,
a allegation, v via. Marks nest. A name that differs from the words follows a bar: ``[s:he|Ana]``.
"""

import hashlib
import re
from pathlib import Path

from chargesheet import cli, files

ROLE = {"s": "sources", "t": "targets", "v": "via"}
MARK = re.compile(r"\[([sctav]):|\|([^\[\]|]*)\]|\]")


def parse(marked: str) -> tuple[str, list[tuple[str, int, int, str]]]:
    """The plain text, and its marks as (letter, start, end, name), in order of their ends."""
    text, marks, stack, at = "", [], [], 0
    for match in MARK.finditer(marked):
        text += marked[at : match.start()]
        at = match.end()
        if match.group(1):
            stack.append((match.group(1), len(text)))
        else:
            letter, start = stack.pop()
            marks.append((letter, start, len(text), match.group(2) or text[start:]))
    assert not stack, f"a mark is open in {marked!r}"
    return text + marked[at:], marks


def record(doc_id: str, number: int, text: str, marks: list, act: str = "accuse", **fields) -> dict:
    """A record in the codebook's format, as ``data/processed/records`` holds it."""

    def entries(letter: str) -> list[dict]:
        return [
            {"start": start, "end": end, "text": text[start:end], "name": name, "cluster": name}
            for mark, start, end, name in sorted(marks, key=lambda mark: mark[1])
            if mark == letter
        ]

    def span(letter: str) -> dict | None:
        return next(({key: e[key] for key in ("start", "end", "text")} for e in entries(letter)), None)

    made = {"id": f"{doc_id}#{number}", "doc_id": doc_id, "act": act, "asserted": True}
    made |= {role: entries(letter) for letter, role in ROLE.items()}
    made |= {"cue": span("c"), "allegation": span("a"), "quoted": "indirect", "category": "crime"}
    made |= {"responds_to": None, "sentence": 1, "frame": f"{act}-of", "confidence": 0.9}
    return made | fields


def article(doc_id: str, text: str, **fields) -> dict:
    """An article as ``data/processed/articles`` holds it."""
    made = {"doc_id": doc_id, "title": f"Title of {doc_id}", "date": "", "outlet": "", "url": "", "language": "en"}
    made |= {"file": f"{doc_id}.txt", "sha256": hashlib.sha256(text.encode()).hexdigest(), "encoding": "utf-8"}
    return made | {"text": text} | fields


def coded(doc_id: str, sentences: list, **fields) -> tuple[dict, list[dict], list[tuple[int, int]]]:
    """An article, its records and its sentences' spans.

    sentences: marked text, or (marked text, fields of its record); unmarked text has no record.
    """
    text, records, spans = "", [], []
    for sentence in sentences:
        marked, extra = sentence if isinstance(sentence, tuple) else (sentence, {})
        plain, marks = parse(marked)
        start = len(text)
        spans.append((start, start + len(plain)))
        text += plain + " "
        if marks:
            shifted = [(letter, a + start, b + start, name) for letter, a, b, name in marks]
            options = {"sentence": len(spans)} | extra
            records.append(record(doc_id, len(records) + 1, text, shifted, **options))
    return article(doc_id, text, **fields), records, spans


def conllu(doc_id: str, text: str, spans: list[tuple[int, int]]) -> str:
    """A flat annotation: enough for counting sentences and words."""
    blocks = []
    for number, (start, end) in enumerate(spans, 1):
        lines = [f"# newdoc id = {doc_id}"] if number == 1 else []
        lines.append(f"# sent_id = {doc_id}-{number}")
        for at, token in enumerate(re.finditer(r"\w+|[^\w\s]", text[start:end]), 1):
            upos = "X" if token.group()[0].isalnum() else "PUNCT"
            misc = f"start_char={start + token.start()}|end_char={start + token.end()}|ner=O"
            head, relation = ("0", "root") if at == 1 else ("1", "dep")
            lines.append(f"{at}\t{token.group()}\t{token.group()}\t{upos}\t_\t_\t{head}\t{relation}\t_\t{misc}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n\n"


def mentions(records: list[dict]) -> list[dict]:
    """One mention per actor span."""
    found = {}
    for made in records:
        for role in ROLE.values():
            for entry in made[role]:
                mention = {"doc_id": made["doc_id"], **{key: entry[key] for key in ("start", "end", "text", "name")}}
                mention |= {"kind": "name", "type": "organisation", "cluster": entry["cluster"], "why": "test"}
                found[made["doc_id"], entry["start"], entry["end"]] = mention
    return [found[key] for key in sorted(found)]


def study(folder: Path, articles: list[tuple]) -> Path:
    """Write a study's processed files and tables below ``folder``; return its results folder.

    articles: what :func:`coded` returns.
    """
    processed = folder / "data" / "processed"
    records = [made for _, own, _ in articles for made in own]
    files.write_jsonl(processed / "articles" / "0.jsonl", [row for row, _, _ in articles])
    files.write_jsonl(processed / "records" / "0.jsonl", records)
    files.write_jsonl(processed / "mentions" / "0.jsonl", mentions(records))
    trees = "".join(conllu(row["doc_id"], row["text"], spans) for row, _, spans in articles if spans)
    files.write_text(processed / "annotations" / "0.conllu", trees)
    for kind in ("annotations", "records"):
        files.write_jsonl(processed / kind / "0.failures.jsonl", [])
    files.write_jsonl(processed / "rejects.jsonl", [])
    results = folder / "results"
    assert cli.main(["tabulate", "--processed", str(processed), "--out", str(results / "tables")]) == 0
    return results
