"""explain: show how a record was decided: the sentence, the frame, the paths in the tree, the chances."""

import argparse
from pathlib import Path

from chargesheet import conllu, files, frames, reader
from chargesheet.conllu import Document, Sentence, Token
from chargesheet.errors import UserError


def find(processed: Path, record_id: str) -> tuple[dict, Path]:
    """The record of an id and the shard that holds it; raises UserError where there is none."""
    shards = sorted((processed / "records").glob("*.jsonl"))
    shards = [s for s in shards if not s.name.endswith(".failures.jsonl")]
    if not shards:
        raise UserError(
            f"there are no records in {processed / 'records'}: run the study first, and call this in its folder"
        )
    doc_id = record_id.rpartition("#")[0]
    near = []
    for shard in shards:
        for record in files.read_jsonl(shard):
            if record["id"] == record_id:
                return record, shard
            if record["doc_id"] in (doc_id, record_id):
                near.append(record["id"])
    hint = (
        f"its article has {near[0]} to {near[-1]}" if near else "ids stand in results/tables/accusations.csv, column id"
    )
    raise UserError(f"there is no record '{record_id}': {hint}")


def head_of(sentence: Sentence, span: dict) -> Token | None:
    """The word of a span that stands highest in the tree, None if the span lies in another sentence."""
    inside = [t for t in sentence.tokens if t.start < span["end"] and t.end > span["start"] and t.upos != "PUNCT"]
    return min(inside, key=lambda t: sum(1 for _ in sentence.ancestors(t)), default=None)


def tree(sentence: Sentence, marks: dict[int, str]) -> list[str]:
    """The dependency tree as indented lines, the words of ``marks`` named."""
    lines = []

    def walk(token: Token, depth: int) -> None:
        mark = f"   <- {marks[token.id]}" if token.id in marks else ""
        lines.append(f"{'  ' * depth}{token.form}  [{token.deprel} {token.upos}]{mark}")
        for child in sentence.children(token):
            if child.deprel != "punct":
                walk(child, depth + 1)

    walk(sentence.root, 1)
    return lines


def describe(record: dict, document: Document) -> str:
    """The explanation of a record, as text."""
    sentence = document.sentences[record["sentence"] - 1]
    cue = head_of(sentence, record["cue"])
    frame = next((f for f in frames.load() if f.id == record["frame"]), None)
    names = {
        role: ", ".join(f"{e['name']} ({e['text']!r})" for e in record[role]) or "unspecified"
        for role in ("sources", "via", "targets")
    }
    lines = [
        f"{record['id']}: {record['act']}{'' if record['asserted'] else ' (not asserted)'}"
        f", {record['category']}, {record['quoted']}",
        f"  source      {names['sources']}",
        *([f"  via         {names['via']}"] if record["via"] else []),
        f"  target      {names['targets']}",
        f"  cue         {record['cue']['text']}",
        f"  allegation  {record['allegation']['text'] if record['allegation'] else 'none'}",
        *([f"  answers     {record['responds_to']}"] if record.get("responds_to") else []),
        "",
        "Sentence",
        "  " + " ".join(t.form for t in sentence.tokens),
        "",
    ]
    if frame:
        lines.append(
            f"Frame '{frame.id}' ({frame.act}, "
            f"{'its cue says what act it is' if frame.strong else 'the content decides'})"
        )
    elif record["frame"] == "reader":
        lines.append("No frame has this cue: the reader alone proposed it")
    else:
        lines.append(f"Frame '{record['frame']}', of the study's own cue file")
    for part, selector in record["reasons"]["parts"].items():
        lines.append(f"  {part:<11} found by '{selector}'")
    marks = {cue.id: "cue"} if cue else {}
    lines += ["", "Paths from the cue"]
    for role in ("sources", "via", "targets"):
        for e in record[role]:
            head = head_of(sentence, e)
            if head is None or cue is None:
                where = next((s.number for s in document.sentences if s.start <= e["start"] < s.end), 0)
                lines.append(
                    f"  {role.removesuffix('s'):<11} '{e['text']}' stands in sentence {where}, "
                    f"this is {sentence.number}"
                )
            else:
                marks.setdefault(head.id, role.removesuffix("s"))
                lines.append(f"  {role.removesuffix('s'):<11} {reader.tree_path(sentence, cue, head)}  '{e['text']}'")
    chances = record["reasons"]["chances"]
    lines += [
        "",
        f"Confidence {record['confidence']}",
        f"  the cue reports an act   {chances['cue']:.3f}  (reader)",
        f"  best source              {chances['source']:.3f}",
        f"  best target              {chances['target']:.3f}",
        f"  fit of the allegation    {chances['allegation_fit']:.3f}",
        "",
        "Tree",
        *tree(sentence, marks),
    ]
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("record", help="id of a record, as in results/tables/accusations.csv (doc#1)")
    parser.add_argument("--processed", type=Path, default=Path("data/processed"), help="the study's processed data")


def run(args: argparse.Namespace) -> None:
    record, shard = find(args.processed, args.record)
    for document in conllu.read(args.processed / "annotations" / f"{shard.stem}.conllu"):
        if document.doc_id == record["doc_id"]:
            print(describe(record, document))
            return
    raise UserError(f"the annotations of '{record['doc_id']}' are gone: run the study again")
