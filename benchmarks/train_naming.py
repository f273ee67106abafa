"""Learn how readers name an actor that an article only describes (about two minutes on one core).

    python benchmarks/train_naming.py ANNOTATIONS

ANNOTATIONS: folder with the CoNLL-U of shared/gold/train. Writes workflow/chargesheet/models/naming.json,
a weight for each kind of variant and feature (``chargesheet.naming``).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import torch

sys.path[:0] = [str(Path(__file__).resolve().parent)]
import actors as measure  # noqa: E402
import score  # noqa: E402

from chargesheet import actors, conllu, naming  # noqa: E402

RARE, DECAY, STEPS, RATE = 3, 2e-3, 300, 0.05

Example = tuple[list[str], list[str], list[str]]  # features, kinds on offer, kinds that give the gold name


def examples_of(
    doc_id: str, annotations: Path, gold: dict, outlets: dict, part: str = "train", weights=None
) -> list[Example]:
    """Spans of records whose actor the article never names."""
    document = next(conllu.read(annotations / f"{doc_id}.conllu"))
    text = (measure.ROOT / f"../shared/gold/{part}/text/{doc_id}.txt").read_bytes().decode("utf-8")
    outlet, title = outlets.get(doc_id, ("", ""))
    resolution = actors.resolve(document, text, outlet=outlet, title=title, weights=weights)
    namer, found = resolution._namer, []
    for record in gold[doc_id]:
        for span in (s for role in ("sources", "via", "targets") for s in record[role]):
            mention = resolution._mention(span["start"], span["end"])
            cluster = resolution._clusters[mention.cluster]
            if namer.name(cluster) or mention.members:
                continue
            fullest = namer.fullest(cluster)
            if fullest.members or cluster.pair:
                continue
            options = namer.variants(fullest, (span["start"], span["end"]) if fullest is mention else None)
            if len(options) == 1:
                continue
            name = score.words(span["name"] or span["text"])
            right = [kind for kind, variant in options.items() if score.words(variant.text) == name]
            found.append((namer.features(fullest, options), list(options), right))
    return found


def learn(examples: list[Example]) -> dict[str, dict[str, float]]:
    """Multinomial logistic regression over the variants on offer; all that give the gold name are right."""
    examples = [e for e in examples if e[2] and len(e[1]) > 1]
    counts = Counter(f for features, _, _ in examples for f in set(features))
    vocabulary = {f: i for i, f in enumerate(sorted(f for f, n in counts.items() if n >= RARE))}
    x = np.zeros((len(examples), len(vocabulary)), dtype=np.float32)
    offered = np.full((len(examples), len(naming.KINDS)), -1e9, dtype=np.float32)
    right = offered.copy()
    for row, (features, kinds, good) in enumerate(examples):
        for feature in features:
            if feature in vocabulary:
                x[row, vocabulary[feature]] = 1
        offered[row, [naming.KINDS.index(k) for k in kinds]] = 0
        right[row, [naming.KINDS.index(k) for k in good]] = 0
    torch.set_num_threads(1)
    weight = torch.zeros(len(vocabulary), len(naming.KINDS), requires_grad=True)
    optimiser = torch.optim.Adam([weight], lr=RATE)
    inputs, on_offer, good = map(torch.from_numpy, (x, offered, right))
    for _ in range(STEPS):
        value = inputs @ weight
        loss = (torch.logsumexp(value + on_offer, 1) - torch.logsumexp(value + good, 1)).mean() + DECAY * (
            weight**2
        ).sum() / 10
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    table = weight.detach().numpy()
    return {
        kind: {f: round(float(table[i, k]), 3) for f, i in vocabulary.items() if abs(table[i, k]) >= 0.02}
        for k, kind in enumerate(naming.KINDS)
    }


def hits(examples: list[Example], weights: dict[str, dict[str, float]]) -> tuple[int, int]:
    """How many examples get their gold name, how many could."""
    right = possible = 0
    for features, kinds, good in examples:
        value = {k: sum(weights[k].get(f, 0.0) for f in features) for k in kinds}
        right += max(value, key=lambda k: (value[k], -naming.KINDS.index(k))) in good
        possible += bool(good)
    return right, possible


def outlets() -> dict[str, tuple[str, str]]:
    rows = map(json.loads, (measure.ROOT / "../shared/corpus/index.jsonl").open(encoding="utf-8"))
    return {row["id"]: (row.get("outlet") or "", row.get("title") or "") for row in rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("annotations", type=Path)
    args = parser.parse_args()
    gold = score.read(measure.ROOT / "../shared/gold/train/gold.jsonl")
    known = outlets()
    by_document = {
        d: examples_of(d, args.annotations, gold, known)
        for d in sorted(gold)
        if (args.annotations / f"{d}.conllu").exists()
    }
    everything = [e for examples in by_document.values() for e in examples]
    right = total = possible = 0
    for fold in range(5):
        inside = [e for i, d in enumerate(sorted(by_document)) if i % 5 != fold for e in by_document[d]]
        outside = [e for i, d in enumerate(sorted(by_document)) if i % 5 == fold for e in by_document[d]]
        got, could = hits(outside, learn(inside))
        right, possible, total = right + got, possible + could, total + len(outside)
    print(
        f"cross-validated: {right / total:.3f} of {total} named as the coders did; "
        f"a variant fits {possible / total:.3f}"
    )
    naming.WEIGHTS.write_text(json.dumps(learn(everything), indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
