"""Learn the weights of ``chargesheet.antecedents`` (about fifteen minutes on one core).

    python benchmarks/train_antecedents.py TAGS.json ANNOTATIONS

TAGS: named entities of GUM (python benchmarks/gum.py TAGS.json); ANNOTATIONS: folder with the
CoNLL-U of shared/gold/train, one file per article. Learns from GUM's train part (coreference) and
from the names of the records in shared/gold/train; writes workflow/chargesheet/models/antecedents.npz.
With ``--folds`` it cross-validates the names by article instead.
"""

# ruff: noqa: B023 - the functions made in loops are called in the same turn of the loop

from __future__ import annotations

import argparse
import json
import sys
import zlib
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

sys.path[:0] = [str(Path(__file__).resolve().parent)]
import actors as measure  # noqa: E402  (benchmarks/actors.py; sets the path)
import gum  # noqa: E402
import score  # noqa: E402

from chargesheet import antecedents, conllu, coreference, mentions  # noqa: E402

UNITS, MIDDLE, EPOCHS, RATE, SEED = 128, 32, 12, 1.5e-3, 11
GENRES = {"news": 2.0, "interview": 1.5, "speech": 1.5}  # weight of a decision; other genres count 0.5
GOLD_WEIGHT = 3.0
DROP, WD = 0.45, 3e-3

Example = tuple[np.ndarray, np.ndarray, float]  # (candidates, WIDTH), right ones, weight


def from_gum(tags: Path, part: str = "train") -> list[Example]:
    """Decisions of GUM's annotators about the mentions that Chargesheet finds, and about GUM's own."""
    examples: list[Example] = []
    for document, text, gold in gum.tagged(part, tags):
        if document.doc_id in gum.HELD_OUT:
            continue
        weight = GENRES.get(document.doc_id.split("_")[1], 0.5)
        entity = {}
        for g in sorted(gold, key=lambda g: g.last - g.first):
            head = mentions.head_of(document.sentences[g.sentence - 1], g.first, g.last)
            entity[g.sentence, head.id] = g.entity
        own = mentions.find(document, text)
        by_key = measure.gold_mentions(document, text, gold)
        theirs = sorted({id(m): m for m, _ in by_key.values()}.values(), key=lambda m: (m.start, -m.end))
        for found in (own, theirs):

            def choose(mention, rows, options):
                mine = entity.get((mention.sentence, mention.head.id))
                right = np.zeros(len(options), dtype=bool)
                for at, option in enumerate(options):
                    if option is not None and mine is not None:
                        right[at] = any(
                            entity.get((m.sentence, m.head.id)) == mine for m in option.mentions if not m.members
                        )
                if not right.any():
                    right[-1] = True
                examples.append((np.asarray(rows, dtype=np.float16), right, weight))
                return int(np.flatnonzero(right)[0])

            coreference.group(document, found, choose, text=text)
    return examples


def from_records(annotations: Path, documents: list[str], weights) -> list[Example]:
    """Decisions that the names in coded records imply: the actor named so is the one meant."""
    gold = score.read(measure.ROOT / "../shared/gold/train/gold.jsonl")
    examples: list[Example] = []
    guess = coreference.by_score(weights)
    for doc_id in documents:
        document = next(conllu.read(annotations / f"{doc_id}.conllu"))
        text = (measure.ROOT / f"../shared/gold/train/text/{doc_id}.txt").read_bytes().decode("utf-8")
        wanted: dict[tuple[int, int], frozenset[str]] = {}
        for record in gold[doc_id]:
            for span in (s for role in ("sources", "via", "targets") for s in record[role]):
                for sentence in document.sentences:
                    ids = [t.id for t in sentence.tokens if t.start < span["end"] and t.end > span["start"]]
                    if ids:
                        head = mentions.head_of(sentence, ids[0], ids[-1])
                        wanted[sentence.number, head.id] = score.words(span["name"] or span["text"])
                        break
        found = mentions.find(document, text)
        forms = defaultdict(set)
        for key, group in coreference.group_names(found).items():
            forms[key] = {score.words(f) for f in group.forms}
        awaited: dict[frozenset[str], set[tuple[int, int]]] = defaultdict(set)

        def called(mention, name):
            if mention.kind == "name":
                return any(name <= form or (form <= name and len(form) > 1) for form in forms[id(mention)])
            return mention.kind == "nominal" and score.words(mention.text) >= name and not mention.members

        def choose(mention, rows, options):
            key = (mention.sentence, mention.head.id)
            name = wanted.get(key)
            right = np.zeros(len(options), dtype=bool)
            if name:
                for at, option in enumerate(options):
                    right[at] = option is not None and any(called(m, name) for m in option.mentions)
                if not right.any() and called(mention, name):
                    right[-1] = True
                if not right.any():
                    awaited[name].add(key)
            elif mention.kind == "name":
                for name, keys in awaited.items():
                    if called(mention, name):
                        for at, option in enumerate(options):
                            right[at] |= option is not None and any(
                                (m.sentence, m.head.id) in keys for m in option.mentions
                            )
            if right.any():
                examples.append((np.asarray(rows, dtype=np.float16), right, GOLD_WEIGHT))
                return int(np.flatnonzero(right)[0])
            return guess(mention, rows, options)

        coreference.group(document, found, choose, text=text)
    return examples


def learn(examples: list[Example], epochs: int = EPOCHS, seed: int = SEED) -> tuple[np.ndarray, ...]:
    """Fit the network: the right candidates together get the highest probability."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    net = torch.nn.Sequential(
        torch.nn.Linear(antecedents.WIDTH, UNITS),
        torch.nn.ReLU(),
        torch.nn.Dropout(DROP),
        torch.nn.Linear(UNITS, MIDDLE),
        torch.nn.ReLU(),
        torch.nn.Linear(MIDDLE, 1, bias=False),
    )
    order = np.random.default_rng(seed)
    size = 256
    steps = epochs * (len(examples) // size + 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=WD)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: max(0.0, 1 - step / steps))
    for epoch in range(epochs):
        total = 0.0
        # batches of like length, in random order
        ranked = sorted(range(len(examples)), key=lambda i: (len(examples[i][1]), order.random()))
        batches = [ranked[i : i + size] for i in range(0, len(ranked), size)]
        for at in order.permutation(len(batches)):
            batch = [examples[i] for i in batches[at]]
            lengths = [len(b[1]) for b in batch]
            rows = torch.from_numpy(np.concatenate([b[0] for b in batch]).astype(np.float32))
            value = net(rows).squeeze(-1)
            owner = torch.repeat_interleave(torch.arange(len(batch)), torch.tensor(lengths))
            right = torch.from_numpy(np.concatenate([b[1] for b in batch]))
            padded = torch.full((len(batch), max(lengths)), -1e9)
            column = torch.cat([torch.arange(n) for n in lengths])
            padded[owner, column] = value
            good = torch.full_like(padded, -1e9)
            good[owner[right], column[right]] = value[right]
            weight = torch.tensor([b[2] for b in batch])
            loss = ((torch.logsumexp(padded, 1) - torch.logsumexp(good, 1)) * weight).sum() / weight.sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(f"epoch {epoch + 1}: loss {total / len(examples):.4f}", flush=True)
    first, second, last = net[0], net[3], net[5]
    return tuple(
        p.detach().numpy().astype(np.float32)
        for p in (first.weight.T.contiguous(), first.bias, second.weight.T.contiguous(), second.bias, last.weight[0])
    )


def stack(networks: list[tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
    """One network that averages the scores of several: their layers side by side."""
    hidden, bias, middle, middle_bias, out = zip(*networks, strict=True)
    block = np.zeros((sum(m.shape[0] for m in middle), sum(m.shape[1] for m in middle)), dtype=np.float32)
    row = column = 0
    for m in middle:
        block[row : row + m.shape[0], column : column + m.shape[1]] = m
        row, column = row + m.shape[0], column + m.shape[1]
    together = np.concatenate
    return together(hidden, axis=1), together(bias), block, together(middle_bias), together(out) / len(networks)


def save(weights: tuple[np.ndarray, ...], path: Path) -> None:
    np.savez(
        path,
        **dict(
            zip(
                ("hidden", "bias", "middle", "middle_bias", "out"), (w.astype(np.float16) for w in weights), strict=True
            )
        ),
    )


def fold_of(doc_id: str, folds: int) -> int:
    return zlib.crc32(doc_id.encode()) % folds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tags", type=Path)
    parser.add_argument("annotations", type=Path)
    parser.add_argument("--folds", type=int, default=0, help="cross-validate the names instead of writing weights")
    parser.add_argument("--out", type=Path, default=antecedents.WEIGHTS)
    args = parser.parse_args()
    documents = sorted(
        {
            json.loads(line)["doc_id"]
            for line in (measure.ROOT / "../shared/gold/train/gold.jsonl").open(encoding="utf-8")
        }
    )
    documents = [d for d in documents if (args.annotations / f"{d}.conllu").exists()]
    treebank = from_gum(args.tags)
    print(len(treebank), "decisions from GUM", flush=True)
    first = learn(treebank, epochs=6)
    records = {d: from_records(args.annotations, [d], first) for d in documents}
    print(sum(map(len, records.values())), "decisions from records", flush=True)
    if not args.folds:
        weights = learn(treebank + [e for d in documents for e in records[d]])
        save(weights, args.out)
        return
    hits, totals = defaultdict(float), defaultdict(int)
    for fold in range(args.folds):
        weights = learn(treebank + [e for d in documents if fold_of(d, args.folds) != fold for e in records[d]])
        save(weights, args.out.with_suffix(f".fold{fold}.npz"))
        measure.actors.WEIGHTS = weights
        result = measure.name_scores(
            "train",
            args.annotations,
            lambda *a, **k: measure.actors.resolve(*a, **k, weights=weights),
            {d for d in documents if fold_of(d, args.folds) == fold},
        )
        for key, n in result["n"].items():
            hits[key] += result["share"][key] * n
            totals[key] += n
    print({k: round(hits[k] / totals[k], 4) for k in sorted(totals)})


if __name__ == "__main__":
    main()
