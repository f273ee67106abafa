"""train: learn the coder's models from a folder of coded articles."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from chargesheet import conllu, files, reader
from chargesheet.reader import ACTS, CATEGORIES, ROLES

EMPTY = 0.5  # share of the windows without a record that an epoch sees


@dataclass
class Example:
    """A coded article: gold acts per word, and the arguments of each gold record, by word index."""

    article: reader.Article
    acts: np.ndarray
    records: list[dict]


def inside(article: reader.Article, span: dict | None) -> list[int]:
    """Words that overlap a span."""
    if not span:
        return []
    return [i for i, t in enumerate(article.tokens) if t.start < span["end"] and t.end > span["start"]]


def head_word(article: reader.Article, words: list[int]) -> int | None:
    """The word of a span whose governor lies outside it (the first at the least depth)."""
    best, depth = None, 99
    chosen = set(words)
    for w in words:
        token, sentence = article.tokens[w], article.document.sentences[article.sentence[w]]
        if token.upos == "PUNCT":
            continue
        head = sentence.head(token)
        if head is not None and article.index(sentence, head) in chosen:
            continue
        d = sum(1 for _ in sentence.ancestors(token))
        if d < depth:
            best, depth = w, d
    return best if best is not None else (words[0] if words else None)


def example(article: reader.Article, gold: list[dict]) -> Example:
    """Align gold records with words."""
    acts = np.zeros(len(article.tokens), dtype=np.int64)
    records = []
    for r in gold:
        cue = head_word(article, inside(article, r["cue"]))
        if cue is None:
            continue
        acts[cue] = ACTS.index(r["act"])
        heads = {}
        for role, spans in (("source", r["sources"]), ("target", r["targets"]), ("via", r.get("via") or [])):
            heads[role] = [h for s in spans if (h := head_word(article, inside(article, s))) is not None]
        records.append(
            {
                "cue": cue,
                "allegation": inside(article, r["allegation"]),
                "category": CATEGORIES.index(r["category"]),
                **heads,
            }
        )
    return Example(article, acts, records)


def load(folder: Path, annotations: Path, tokenizer) -> list[Example]:
    """Coded articles of a folder (gold.jsonl and text/), with their annotations (one CoNLL-U file each)."""
    gold: dict[str, list[dict]] = {}
    for r in files.read_jsonl(folder / "gold.jsonl"):
        gold.setdefault(r["doc_id"], []).append(r)
    examples = []
    for path in sorted(annotations.glob("*.conllu")):
        for document in conllu.read(path):
            examples.append(example(reader.prepare(document, tokenizer), gold.get(document.doc_id, [])))
    return examples


def loss_of(model: reader.Reader, items: list[tuple[Example, reader.Window, torch.Tensor]], tokenizer) -> torch.Tensor:
    """Summed loss of the three heads on a batch of windows with the output of the encoder's lower half."""
    ids, mask, starts, features, pointers = reader.batch([(e.article, w) for e, w, _ in items], tokenizer)
    lower = torch.zeros(*ids.shape, items[0][2].shape[-1])
    for k, (_, _, hidden) in enumerate(items):
        lower[k, : len(hidden)] = hidden.float()
    words = model.words(lower, mask, starts, features)
    gold = torch.full(words.shape[:2], -100)
    for k, (e, w, _) in enumerate(items):
        gold[k, : len(w.words)] = torch.from_numpy(np.where(w.own, e.acts[w.words], -100))
    weight = torch.tensor([1.0, 1.6, 1.6, 1.6])
    loss = 2 * F.cross_entropy(model.cue(words, pointers).flatten(0, 1), gold.flatten(), weight=weight, ignore_index=-100)
    rows, cues, relations, labels, within, categories = [], [], [], [], [], []
    for k, (e, w, _) in enumerate(items):
        where = {word: n for n, word in enumerate(w.words)}
        for r in e.records:
            if r["cue"] not in where or not w.own[where[r["cue"]]]:
                continue
            rows.append(k)
            cues.append(where[r["cue"]])
            relation = np.zeros((words.shape[1], 3), dtype=np.int64)
            relation[: len(w.words)] = reader.relate(e.article, r["cue"], w.words)
            relations.append(relation)
            label = np.zeros((words.shape[1], len(ROLES)), dtype=np.float32)
            for j, role in enumerate(ROLES):
                for x in r[role]:
                    if x in where:
                        label[where[x], j] = 1
            labels.append(label)
            real = np.zeros(words.shape[1], dtype=np.float32)
            real[: len(w.words)] = 1
            within.append(real)
            categories.append(r["category"])
    if rows:
        cue = words[rows, cues]
        logits = model.arguments(cue, words[rows], torch.from_numpy(np.stack(relations)))
        label, real = torch.from_numpy(np.stack(labels)), torch.from_numpy(np.stack(within))
        each = F.binary_cross_entropy_with_logits(logits, label, reduction="none") * real[..., None]
        per_cue = each.sum(1)
        n = len(rows)
        loss = loss + 0.35 * per_cue[:, :3].sum() / n / 3 + 0.6 * (per_cue[:, 3] / real.sum(1)).sum() / n
        about = model.about(cue, words[rows], label[..., 3])
        loss = loss + 0.25 * F.cross_entropy(about, torch.tensor(categories))
    return loss


def lower_of(model: reader.Reader, e: Example, window: reader.Window, tokenizer) -> torch.Tensor:
    """Output (pieces, 384) of the frozen half for a window, in half precision."""
    ids, mask, *_ = reader.batch([(e.article, window)], tokenizer)
    return model.lower(ids, mask)[0].half()


def fit(examples: list[Example], tokenizer, epochs: int, seed: int = 1, rank: int = 24, report=None) -> reader.Reader:
    """Train a reader."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = reader.Reader(rank)
    items = [(e, w, lower_of(model, e, w, tokenizer)) for e in examples for w in reader.windows(e.article)]
    adapters = [p for n, p in model.named_parameters() if p.requires_grad and "lora" in n]
    heads = [p for n, p in model.named_parameters() if p.requires_grad and "lora" not in n]
    rates = (1e-3, 1.5e-3)
    optimizer = torch.optim.AdamW([{"params": adapters}, {"params": heads}], lr=1e-3, weight_decay=0.01)
    size = 12
    full = sum(1 if any(e.acts[w.words] * w.own) else EMPTY for e, w, _ in items)
    total, step = int(epochs * (full / size + 1)), 0
    started = time.time()
    for epoch in range(epochs):
        model.train()
        chosen = [x for x in items if any(x[0].acts[x[1].words] * x[1].own) or rng.random() < EMPTY]
        rng.shuffle(chosen)
        batches = []
        for i in range(0, len(chosen), size * 16):
            block = sorted(chosen[i : i + size * 16], key=lambda x: len(x[1].words))
            batches += [block[j : j + size] for j in range(0, len(block), size)]
        rng.shuffle(batches)
        summed = 0.0
        for group in batches:
            scale = min(1, (step + 1) / 60) * max(0.02, 1 - step / total)
            for parameters, rate in zip(optimizer.param_groups, rates, strict=True):
                parameters["lr"] = rate * scale
            loss = loss_of(model, group, tokenizer)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
            optimizer.step()
            step += 1
            summed += loss.item()
        if report:
            model.eval()
            report(epoch, summed / len(batches), time.time() - started, model)
    model.eval()
    return model
