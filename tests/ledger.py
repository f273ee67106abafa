"""Small studies for tests, written as marked text.

``[s:Ana] [c:accused] [t:Boris] of [a:theft].`` is an article with one record: s source, c cue, t target,
a allegation, v via. Marks nest. A name that differs from the words follows a bar: ``[s:he|Ana]``. :func:`plain`
makes any text safe to stand in it.
"""

import hashlib
import re
import zlib
from pathlib import Path

from chargesheet import cli, files

ROLE = {"s": "sources", "t": "targets", "v": "via"}
MARK = re.compile(r"\[([sctav]):|\|((?:\\.|[^\[\]|\\])*)\]|\]|\\(.)")


def plain(text: str) -> str:
    """Text as marked text without marks."""
    return re.sub(r"([\[\]|\\])", r"\\\1", text)


def parse(marked: str) -> tuple[str, list[tuple[str, int, int, str]]]:
    """The plain text, and its marks as (letter, start, end, name), in order of their ends."""
    text, marks, stack, at = "", [], [], 0
    for match in MARK.finditer(marked):
        text += marked[at : match.start()]
        at = match.end()
        if match.group(1):
            stack.append((match.group(1), len(text)))
        elif match.group(3):
            text += match.group(3)
        else:
            letter, start = stack.pop()
            name = re.sub(r"\\(.)", r"\1", match.group(2) or "")
            marks.append((letter, start, len(text), name or text[start:]))
    assert not stack, f"a mark is open in {marked!r}"
    return text + marked[at:], marks


def record(doc_id: str, number: int, text: str, marks: list, act: str = "accuse", **fields) -> dict:
    """A record in the codebook's format, as ``data/processed/records`` holds it."""

    def entries(letter: str) -> list[dict]:
        return [
            {"start": start, "end": end, "text": text[start:end], "name": name, "cluster": zlib.crc32(name.encode())}
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


def processed(folder: Path, articles: list[tuple], shards: int = 1) -> Path:
    """Write a study's processed files below ``folder``; return ``data/processed``.

    articles: what :func:`coded` returns.
    """
    root = folder / "data" / "processed"
    for shard in range(shards):
        mine = [a for a in articles if int(hashlib.sha256(a[0]["doc_id"].encode()).hexdigest(), 16) % shards == shard]
        records = [made for _, own, _ in mine for made in own]
        files.write_jsonl(root / "articles" / f"{shard}.jsonl", [row for row, _, _ in mine])
        files.write_jsonl(root / "records" / f"{shard}.jsonl", records)
        files.write_jsonl(root / "mentions" / f"{shard}.jsonl", mentions(records))
        trees = "".join(conllu(row["doc_id"], row["text"], spans) for row, _, spans in mine if spans)
        files.write_text(root / "annotations" / f"{shard}.conllu", trees)
        for kind in ("annotations", "records"):
            files.write_jsonl(root / kind / f"{shard}.failures.jsonl", [])
    files.write_jsonl(root / "rejects.jsonl", [])
    return root


def study(folder: Path, articles: list[tuple]) -> Path:
    """Write a study's processed files and tables below ``folder``; return its results folder."""
    root, results = processed(folder, articles), folder / "results"
    assert cli.main(["tabulate", "--processed", str(root), "--out", str(results / "tables")]) == 0
    return results


def three() -> list[tuple]:
    """Three articles: one charge reported in two of them, a denial, a charge that is not made, an article without."""
    first = [
        "[s:Bordany] [c:accuses] [t:Ardland].",
        "[s:Bordany] [c:accused] [t:Ardland] of [a:shelling the market in Tel].",
        ("[s:Ardland] [c:denied] [a:the shelling].", {"act": "deny", "responds_to": "first#2"}),
        ("[s:Cerna] [c:condemned] [t:Bordany] for [a:hiding rebels].", {"act": "condemn", "category": "interference"}),
        ("[s:Police] did not [c:blame] [t:Bordany] for [a:the fire].", {"asserted": False}),
    ]
    second = [
        ("Officials of [s:Bordany] [c:said] [t:Ardland] [a:shelled the market in Tel].", {"confidence": 0.4}),
        "[t:The pact] was [c:accused] of [a:looting the mill], [v:Radio X] said.",
    ]
    return [
        coded("first", first, date="2024-01-05", outlet="Tel Post"),
        coded("second", second, date="2023-12-31", outlet="Radio X"),
        coded("third", ["Nothing happened in Tel today."]),
    ]
