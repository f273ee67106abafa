"""Measure actors: coreference on GUM, names of gold records, speed.

    python benchmarks/actors.py coreference TAGS.json     (tags: python benchmarks/gum.py TAGS.json)
    python benchmarks/actors.py names dev ANNOTATIONS     (folder of CoNLL-U, one file per article)
    python benchmarks/actors.py speed ANNOTATIONS

The gold of shared/gold was coded by language models, not people.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "benchmarks"), str(ROOT / "../shared/gold")]

import gum  # noqa: E402

from chargesheet import actors, conllu, coreference, mentions  # noqa: E402

Clusters = list[set]


def b_cubed(gold: Clusters, found: Clusters) -> tuple[float, float]:
    """Precision and recall (Bagga & Baldwin 1998), mentions that only one side has count as wrong."""

    def one(keys: Clusters, responses: Clusters) -> tuple[float, int]:
        home = {m: i for i, cluster in enumerate(responses) for m in cluster}
        total = 0.0
        for cluster in keys:
            shared = Counter(home[m] for m in cluster if m in home)
            total += sum(n * n for n in shared.values()) / len(cluster)
        return total, sum(map(len, keys))

    (hit_r, n_r), (hit_p, n_p) = one(gold, found), one(found, gold)
    return hit_p / n_p if n_p else 0.0, hit_r / n_r if n_r else 0.0


def lea(gold: Clusters, found: Clusters) -> tuple[float, float, float, float]:
    """Numerator and denominator of precision and of recall (Moosavi & Strube 2016), singletons by self-links."""

    def links(n: int) -> float:
        return n * (n - 1) / 2 if n > 1 else float(n)

    def one(keys: Clusters, responses: Clusters) -> tuple[float, float]:
        home = {m: i for i, cluster in enumerate(responses) for m in cluster}
        top = bottom = 0.0
        for cluster in keys:
            bottom += len(cluster)
            shared = Counter(home[m] for m in cluster if m in home)
            if len(cluster) == 1:
                hit = sum(1.0 for i in shared if len(responses[i]) == 1)
            else:
                hit = sum(links(n) for n in shared.values() if n > 1)
            top += len(cluster) * hit / links(len(cluster))
        return top, bottom

    return (*one(found, gold), *one(gold, found))


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def scores(documents: Iterable[tuple[Clusters, Clusters]]) -> dict[str, float]:
    """B-cubed and LEA over all documents together (micro)."""
    sums: Counter[str] = Counter()
    for gold, found in documents:
        precision, recall = b_cubed(gold, found)
        n_gold, n_found = sum(map(len, gold)), sum(map(len, found))
        sums["bp"] += precision * n_found
        sums["br"] += recall * n_gold
        sums["nf"] += n_found
        sums["ng"] += n_gold
        for name, value in zip(("lpt", "lpb", "lrt", "lrb"), lea(gold, found), strict=True):
            sums[name] += value
    bp, br = sums["bp"] / sums["nf"], sums["br"] / sums["ng"]
    lp, lr = sums["lpt"] / sums["lpb"], sums["lrt"] / sums["lrb"]
    return {
        "b3_p": bp,
        "b3_r": br,
        "b3_f1": f1(bp, br),
        "lea_p": lp,
        "lea_r": lr,
        "lea_f1": f1(lp, lr),
        "mentions": sums["ng"],
    }


def clusters_of(labels: dict) -> Clusters:
    groups = defaultdict(set)
    for mention, label in labels.items():
        groups[label].add(mention)
    return list(groups.values())


def gold_mentions(document, text, gold):
    """Gold actor mentions as (key, Mention, gold), one per head word."""
    by_key = {}
    for g in sorted(gold, key=lambda g: (g.sentence, g.first, -g.last)):
        sentence = document.sentences[g.sentence - 1]
        if g.type in gum.ACTORS:
            by_key.setdefault((g.sentence, g.first, g.last), (mentions.of_span(sentence, g.first, g.last, text), g))
    return by_key


def head_match(by_key: dict, pronouns: bool) -> Clusters:
    """The baseline: one head lemma, one actor. ``pronouns``: "our" goes with "we" (a stronger one)."""
    return clusters_of(
        {key: m.core if pronouns and m.kind == "pronoun" else m.head.lemma.casefold() for key, (m, _) in by_key.items()}
    )


def resolved(document, text: str, by_key: dict, choose=None) -> Clusters:
    found = sorted({id(m): m for m, _ in by_key.values()}.values(), key=lambda m: (m.start, -m.end))
    coreference.group(document, found, choose, text=text)
    return clusters_of({key: m.cluster for key, (m, _) in by_key.items()})


def coreference_scores(
    tags: Path, parts=("dev", "test"), genres=("news", "interview", "speech"), choose=None
) -> dict[str, dict[str, float]]:
    """GUM's gold parses and gold mentions of persons, organisations and places, the bundled tagger's named entities."""
    rows: dict[str, list] = {
        "head match": [],
        "head match, pronouns by person": [],
        "chargesheet": [],
        "own mentions": [],
        "head match, own mentions": [],
    }
    for part in parts:
        for document, text, gold in gum.tagged(part, tags):
            if document.doc_id.split("_")[1] not in genres:
                continue
            by_key = gold_mentions(document, text, gold)
            truth = clusters_of({key: g.entity for key, (_, g) in by_key.items()})
            rows["head match"].append((truth, head_match(by_key, pronouns=False)))
            rows["head match, pronouns by person"].append((truth, head_match(by_key, pronouns=True)))
            rows["chargesheet"].append((truth, resolved(document, text, by_key, choose)))
            heads = {
                (g.sentence, mentions.head_of(document.sentences[g.sentence - 1], g.first, g.last).id): key
                for key, (_, g) in by_key.items()
            }
            found = mentions.find(document, text)
            coreference.group(document, found, choose, text=text)
            sizes = Counter(m.cluster for m in found)
            # what nobody refers to again and is no name or pronoun is no matter of coreference
            own, base = {}, {}
            for m in found:
                key = heads.get((m.sentence, m.head.id), (m.sentence, -m.first, m.last))
                if m.members or (key[1] < 0 and sizes[m.cluster] == 1):
                    continue
                own[key], base[key] = m.cluster, m.core if m.kind == "pronoun" else m.head.lemma.casefold()
            rows["own mentions"].append((truth, clusters_of(own)))
            rows["head match, own mentions"].append((truth, clusters_of(base)))
    return {name: scores(pairs) for name, pairs in rows.items()}


def name_scores(part: str, annotations: Path, resolve=actors.resolve, only: set[str] | None = None) -> dict:
    """Gold spans of records: share whose resolved name is the gold name after the scorer's normalisation."""
    import score

    hits, totals, wrong = Counter(), Counter(), []
    outlets = {}
    for line in (ROOT / "../shared/corpus/index.jsonl").open(encoding="utf-8"):
        row = json.loads(line)
        outlets[row["id"]] = (row.get("outlet") or "", row.get("title") or "")
    for doc_id, records in sorted(score.read(ROOT / f"../shared/gold/{part}/gold.jsonl").items()):
        path = annotations / f"{doc_id}.conllu"
        if not path.exists() or (only is not None and doc_id not in only):
            continue
        document = next(conllu.read(path))
        text = (ROOT / f"../shared/gold/{part}/text/{doc_id}.txt").read_bytes().decode("utf-8")
        outlet, title = outlets.get(doc_id, ("", ""))
        resolution = resolve(document, text, outlet=outlet, title=title)
        for record in records:
            for role in ("sources", "via", "targets"):
                right = True
                for span in record[role]:
                    entity = resolution.entity(span["start"], span["end"])
                    name = span["name"] or span["text"]
                    good = score.words(entity.name) == score.words(name)
                    right &= good
                    hits[role] += good
                    totals[role] += 1
                    kind = (
                        "pronoun"
                        if mentions.LEMMAS.get(span["text"].lower(), span["text"].lower()) in mentions.PERSONAL
                        else relation(score.words(span["text"]), score.words(name))
                    )
                    hits[kind] += good
                    totals[kind] += 1
                    if not good:
                        wrong.append((role, kind, span["text"], name, entity.name, entity.why, doc_id, span["start"]))
                if record[role]:
                    hits[f"{role} sets"] += right
                    totals[f"{role} sets"] += 1
    return {"share": {k: round(hits[k] / totals[k], 4) for k in sorted(totals)}, "n": dict(totals), "wrong": wrong}


def relation(text: frozenset, name: frozenset) -> str:
    if text == name:
        return "as written"
    return "name within the words" if name < text else "words within the name" if text < name else "other words"


def speed(annotations: Path, limit: int = 300) -> dict:
    """Words per second of ``resolve`` on one core."""
    documents = [next(conllu.read(path)) for path in sorted(annotations.glob("*.conllu"))[:limit]]
    texts = [_rebuilt(d) for d in documents]
    actors.resolve(documents[0], texts[0])
    start = time.perf_counter()
    for document, text in zip(documents, texts, strict=True):
        actors.resolve(document, text)
    seconds = time.perf_counter() - start
    words = sum(len(s.tokens) for d in documents for s in d.sentences)
    return {
        "articles": len(documents),
        "words": words,
        "seconds": round(seconds, 2),
        "words_per_second": round(words / seconds),
    }


def _rebuilt(document) -> str:
    text = [" "] * (document.sentences[-1].end + 1)
    for sentence in document.sentences:
        for token in sentence.tokens:
            text[token.start : token.end] = token.form.ljust(token.end - token.start)[: token.end - token.start]
    return "".join(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("coreference").add_argument("tags", type=Path)
    name_parser = verbs.add_parser("names")
    name_parser.add_argument("part", choices=["dev", "train"])
    name_parser.add_argument("annotations", type=Path)
    name_parser.add_argument("--wrong", type=int, default=0, help="print so many wrong ones")
    verbs.add_parser("speed").add_argument("annotations", type=Path)
    args = parser.parse_args()
    if args.verb == "coreference":
        for name, row in coreference_scores(args.tags).items():
            print(f"{name:28s}", {k: round(v, 4) for k, v in row.items()})
    elif args.verb == "names":
        result = name_scores(args.part, args.annotations)
        print(json.dumps({"share": result["share"], "n": result["n"]}, indent=1))
        for row in result["wrong"][: args.wrong]:
            print(*row, sep=" | ")
    else:
        print(json.dumps(speed(args.annotations)))


if __name__ == "__main__":
    main()
