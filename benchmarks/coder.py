"""Measure the coder against coded articles.

    python benchmarks/coder.py gold dev ANNOTATIONS        scores of shared/gold/dev, and how much each part contributes
    python benchmarks/coder.py polnear ANNOTATIONS         core acts of PolNeAR's dev split with the right source
    python benchmarks/coder.py sentences ANNOTATIONS       PropBank and QA-SRL sentences: source, target, allegation

ANNOTATIONS is a folder for CoNLL-U files, one an article, made where they are missing. Prints JSON. The gold of
shared/gold was coded by language models that follow the codebook; PolNeAR, PropBank and QA-SRL are human work.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOLD = ROOT / "../shared/gold"
sys.path[:0] = [str(ROOT / "workflow"), str(GOLD)]

import score  # noqa: E402

from chargesheet import annotate, code, conllu, files, frames, stanza_models  # noqa: E402
from chargesheet.conllu import Document  # noqa: E402

ACTS = ["accuse", "condemn", "deny"]


def parsed(texts: dict[str, str], folder: Path) -> dict[str, Document]:
    """The articles' annotations, made where they are missing."""
    pipeline, documents = None, {}
    for doc_id, text in sorted(texts.items()):
        path = folder / (re.sub(r"[^\w.-]+", "_", doc_id) + ".conllu")
        if not path.is_file():
            pipeline = pipeline or stanza_models.load()
            files.write_text(path, annotate.to_conllu(doc_id, text, pipeline))
        documents[doc_id] = next(conllu.read(path))
    return documents


def coded(texts: dict[str, str], documents: dict[str, Document], coder: code.Coder) -> dict[str, list[dict]]:
    """Records by article."""
    return {d: code.code_article(documents[d], text, coder)[0] for d, text in texts.items()}


def by_frames_alone(texts: dict[str, str], documents: dict[str, Document], table: dict) -> dict[str, list[dict]]:
    """What strong frames find without the reader: no learned part, no resolution."""
    found: dict[str, list[dict]] = defaultdict(list)
    strong = {key: [f for f in fs if f.strong] for key, fs in table.items()}
    for doc_id, text in texts.items():
        document = documents[doc_id]
        for sentence in document.sentences:
            for match in frames.matches(sentence, strong):
                if not match.source and not match.target:
                    continue
                found[doc_id].append(_frame_record(doc_id, len(found[doc_id]) + 1, text, match))
    return found


def _frame_record(doc_id: str, number: int, text: str, match: frames.Match) -> dict:
    from chargesheet import syntax

    def span(offsets):
        return {"start": offsets[0], "end": offsets[1], "text": text[offsets[0] : offsets[1]]}

    inside = match.allegation and syntax.clause_span(match.sentence, match.allegation, match.cue)
    return {
        "id": f"{doc_id}#{number}",
        "doc_id": doc_id,
        "act": match.frame.act,
        "asserted": True,
        "sources": [span(syntax.noun_phrase(match.sentence, t)) for t in match.source],
        "targets": [span(syntax.noun_phrase(match.sentence, t)) for t in match.target],
        "via": [],
        "cue": span((match.cue.start, match.cue.end)),
        "allegation": span(inside) if inside else None,
        "quoted": "indirect",
        "category": "other",
        "responds_to": None,
    }


def figures(gold: dict, found: dict, docs: list[str]) -> dict:
    """Score of a set: all acts, each act, each origin of articles."""
    total, _ = score.score(gold, found, docs, ACTS)
    total["by_act"] = {a: _short(score.score(gold, found, docs, [a])[0]) for a in ACTS}
    origins = sorted({d.split("_")[0] for d in docs})
    total["by_origin"] = {
        o: _short(score.score(gold, found, [d for d in docs if d.split("_")[0] == o], ACTS)[0]) for o in origins
    }
    return total


def _short(result: dict) -> dict:
    return {"gold": result["gold"], "detected": result["detected"]["f1"], "triple": result["triple"]["f1"]}


def gold(args: argparse.Namespace) -> dict:
    folder = GOLD / args.set
    texts = {p.stem: p.read_bytes().decode("utf-8") for p in folder.glob("text/*.txt")}
    documents = parsed(texts, args.annotations)
    truth = score.read(folder / "gold.jsonl")
    coder = code.Coder.load()
    docs = sorted(texts)
    found = coded(texts, documents, coder)
    result = {"full": figures(truth, found, docs)}
    if args.errors:
        files.write_jsonl(args.errors, score.score(truth, found, docs, ACTS)[1])
    plain = by_frames_alone(texts, documents, coder.table)
    result["strong frames alone"] = _brief(score.score(truth, plain, docs, ACTS)[0])
    no_frames = dataclasses.replace(coder, table={})
    result["without frames"] = _brief(score.score(truth, coded(texts, documents, no_frames), docs, ACTS)[0])
    words = _without_names(found)
    result["without resolution of actors"] = _brief(score.score(truth, words, docs, ACTS)[0])
    return result


def _brief(result: dict) -> dict:
    return {key: result[key]["f1"] for key in ("detected", "source", "target", "triple")} | {
        "allegation": result["allegation"]
    }


def _without_names(found: dict[str, list[dict]]) -> dict[str, list[dict]]:
    """The records with each actor's name as it stands in the text."""
    plain = {}
    for doc_id, records in found.items():
        plain[doc_id] = [
            r | {role: [e | {"name": e["text"]} for e in r[role]] for role in ("sources", "targets")} for r in records
        ]
    return plain


def overlap(a: dict, b: dict) -> bool:
    return a["start"] < b["end"] and b["start"] < a["end"]


def polnear(args: argparse.Namespace) -> dict:
    rows = [r for r in files.read_jsonl(GOLD / "other/polnear_accuse.jsonl") if r["split"] == "dev"]
    texts = {r["doc_id"]: r["text"] for r in rows}
    found = coded(texts, parsed(texts, args.annotations), code.Coder.load())
    count: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        for a in row["attributions"]:
            kind = a["accuse"]["class"] if a.get("accuse") and a["accuse"]["core"] else None
            if kind not in {"ACCUSE", "CONDEMN", "DENY"}:
                continue
            near = [
                r
                for r in found[row["doc_id"]]
                if overlap(r["cue"], a["cue"])
                or (r["allegation"] and a["content"] and overlap(r["allegation"], a["content"]))
            ]
            right = any(
                (not r["sources"] if not a["source"] else any(overlap(s, a["source"]) for s in r["sources"]))
                for r in near
            )
            for key in (kind, "all"):
                count[key][0] += 1
                count[key][1] += bool(near)
                count[key][2] += right
    return {k: {"acts": n, "found": round(f / n, 3), "right source": round(r / n, 3)} for k, (n, f, r) in count.items()}


def sentences(args: argparse.Namespace) -> dict:
    result = {}
    for name in ("propbank_ewt", "qasrl_gs"):
        rows = files.read_jsonl(GOLD / f"other/{name}.jsonl")
        texts = {r["id"]: r["text"] for r in rows}
        found = coded(texts, parsed(texts, args.annotations), code.Coder.load())
        right = {"found": 0, "source": 0, "target": 0, "allegation": 0}
        for row in rows:
            cue = dict(zip(("start", "end"), row["predicate"]["span"], strict=True))
            record = next((r for r in found[row["id"]] if overlap(r["cue"], cue)), None)
            if record is None:
                continue
            right["found"] += 1
            for role, key in (("source", "sources"), ("target", "targets")):
                spans = [{"start": a["span"][0], "end": a["span"][1]} for a in row[f"{role}_actors"]]
                right[role] += any(overlap(e, s) for e in record[key] for s in spans) if spans else not record[key]
            spans = [{"start": a["span"][0], "end": a["span"][1]} for a in row["allegation"]]
            said = record["allegation"]
            right["allegation"] += any(overlap(said, s) for s in spans) if spans and said else not spans and not said
        n = max(1, right["found"])
        result[name] = {"sentences": len(rows), "found": round(right["found"] / len(rows), 3)} | {
            f"{k}, where found": round(right[k] / n, 3) for k in ("source", "target", "allegation")
        }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    modes = parser.add_subparsers(required=True)
    for run in (gold, polnear, sentences):
        mode = modes.add_parser(run.__name__)
        if run is gold:
            mode.add_argument("set", choices=["dev", "train"])
            mode.add_argument("--errors", type=Path, help="write missed, spurious and wrong-actor records here (JSONL)")
        mode.add_argument("annotations", type=Path)
        mode.set_defaults(run=run)
    args = parser.parse_args()
    print(json.dumps(args.run(args), indent=1))


if __name__ == "__main__":
    main()
