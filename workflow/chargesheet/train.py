"""train: learn the coder's models from a folder of coded articles.

Two steps. The *reader* is fitted on all articles. The *decisions* (logistic regressions) are fitted on readings by
readers that have not seen the article: articles fall into folds by a hash of their id, and each fold is read by a
reader fitted on the others. What the decisions learn is then true of new articles, and so are the figures printed.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from chargesheet import accusations, annotate, categories, conllu, culpability, files, frames, reader, responses
from chargesheet.culpability import Logistic
from chargesheet.errors import UserError
from chargesheet.reader import ACTS, CATEGORIES, ROLES, Reading

EMPTY = 0.5  # share of the windows without a record that an epoch sees
EPOCHS = 5


@dataclass
class Example:
    """A coded article: gold acts per word, and the arguments of each gold record, by word index."""

    article: reader.Article
    acts: np.ndarray
    records: list[dict]
    gold: list[dict]


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
    return Example(article, acts, records, gold)


def load(folder: Path, annotations: Path, tokenizer) -> list[Example]:
    """Coded articles of a folder (gold.jsonl and text/) with their annotations (CoNLL-U; made where missing).

    Raises:
        UserError: the folder does not hold coded articles.
    """
    texts = sorted((folder / "text").glob("*.txt"))
    if not texts or not (folder / "gold.jsonl").is_file():
        raise UserError(f"{folder} holds no coded articles: it needs gold.jsonl and text/*.txt")
    gold: dict[str, list[dict]] = {}
    for r in files.read_jsonl(folder / "gold.jsonl"):
        gold.setdefault(r["doc_id"], []).append(r)
    missing = [p for p in texts if not (annotations / f"{p.stem}.conllu").is_file()]
    if missing:
        from chargesheet import stanza_models

        pipeline = stanza_models.load()
        for n, path in enumerate(missing, 1):
            text = path.read_bytes().decode("utf-8")
            files.write_text(annotations / f"{path.stem}.conllu", annotate.to_conllu(path.stem, text, pipeline))
            if n % 50 == 0:
                print(f"annotated {n} of {len(missing)} articles", file=sys.stderr)
    examples = []
    for path in texts:
        for document in conllu.read(annotations / f"{path.stem}.conllu"):
            examples.append(example(reader.prepare(document, tokenizer), gold.get(document.doc_id, [])))
    return examples


def fold_of(doc_id: str, folds: int) -> int:
    """The fold of an article: by a hash of its id, so that it does not depend on the others."""
    return hashlib.sha256(doc_id.encode()).digest()[0] % folds


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
    loss = 2 * F.cross_entropy(
        model.cue(words, pointers).flatten(0, 1), gold.flatten(), weight=weight, ignore_index=-100
    )
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


def fit(
    examples: list[Example], tokenizer, epochs: int = EPOCHS, seed: int = 1, report: Callable | None = None
) -> reader.Reader:
    """Fit a reader; ``report(epoch, loss, seconds, model)`` is called after each epoch."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = reader.Reader()
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


def logistic(rows: list[dict[str, float]], labels: np.ndarray) -> Logistic:
    """A logistic regression (scikit-learn, L2) with the scaling of the features folded into the weights."""
    from sklearn.linear_model import LogisticRegression

    names = tuple(rows[0])
    values = np.array([[row[n] for n in names] for row in rows], dtype=float)
    mean, spread = values.mean(0), values.std(0) + 1e-9
    model = LogisticRegression(max_iter=3000).fit((values - mean) / spread, labels)
    weights = model.coef_[0] / spread
    return Logistic(names, tuple(float(w) for w in weights), float(model.intercept_[0] - (weights * mean).sum()))


def learn_arguments(readings: list[tuple[Example, Reading]], table: dict, role: str) -> tuple[Logistic, float]:
    """The decision which words are arguments of a role, given gold cues; and how often the whole set is right."""
    rows, labels, groups = [], [], []
    for e, reading in readings:
        for r in e.records:
            cue = reading.cues.get(r["cue"])
            if cue is None:
                continue
            token, sentence = e.article.tokens[cue.word], e.article.document.sentences[e.article.sentence[cue.word]]
            match = accusations.best_match(sentence, token, ACTS[e.acts[cue.word]], table)
            words, features = culpability.argument_features(reading, cue, match, role, ACTS[e.acts[cue.word]])
            groups.append((words, len(rows), set(r[role])))
            rows += features
            labels += [w in r[role] for w in words]
    model = logistic(rows, np.array(labels))
    chances = [model.chance(row) for row in rows]
    best = (-1.0, 0.5)
    for threshold in (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5):
        right = 0
        for words, first, gold in groups:
            scored = list(zip(words, chances[first : first + len(words)], strict=True))
            chosen = {w for w, p in scored if p >= 0.5}
            if not chosen and scored:
                w, p = max(scored, key=lambda x: x[1])
                chosen = {w} if p >= threshold else set()
            right += chosen == gold
        best = max(best, (right / len(groups), threshold))
    return Logistic(model.names, model.weights, model.intercept, best[1]), best[0]


def learn_record(
    readings: list[tuple[Example, Reading]], table: dict, models: dict
) -> tuple[Logistic, list[tuple[float, bool]], int]:
    """The decision whether to code a proposal; chances and truths of all proposals; the number of gold records."""
    rows, labels, total = [], [], 0
    for e, reading in readings:
        total += len(e.gold)
        for p in accusations.propose(reading, table):
            accusations.assemble(reading, p, models)
            if p.facts["neither"]:
                continue
            token = e.article.tokens[p.word]
            rows.append(culpability.record_features(reading, p.cue, p.act, p.match, p.facts))
            labels.append(
                any(
                    g["act"] == p.act and g["cue"]["start"] < token.end and g["cue"]["end"] > token.start
                    for g in e.gold
                )
            )
    model = logistic(rows, np.array(labels))
    scored = [(model.chance(row), bool(label)) for row, label in zip(rows, labels, strict=True)]
    threshold = max(np.arange(0.2, 0.7, 0.02), key=lambda t: detection(scored, total, t)[0])
    return Logistic(model.names, model.weights, model.intercept, round(float(threshold), 2)), scored, total


def detection(scored: list[tuple[float, bool]], total: int, threshold: float) -> tuple[float, float, float]:
    """F1, precision and recall of the proposals above a threshold against ``total`` gold records."""
    hit = sum(y for p, y in scored if p >= threshold)
    found = sum(p >= threshold for p, _ in scored)
    return 2 * hit / max(1, found + total), hit / max(1, found), hit / max(1, total)


def learn_categories(readings: list[tuple[Example, Reading]]) -> categories.Chooser:
    """The choice of a category from the reader's view of gold allegations and the lexicon."""
    from sklearn.linear_model import LogisticRegression

    rows, labels = [], []
    for e, reading in readings:
        for r in e.records:
            if r["cue"] in reading.about:
                words = [e.article.tokens[w] for w in r["allegation"] or [r["cue"]]]
                sentence = e.article.document.sentences[e.article.sentence[r["cue"]]].tokens
                rows.append(categories.features(list(reading.about[r["cue"]]), words, sentence))
                labels.append(CATEGORIES[r["category"]])
    names = list(rows[0])
    model = LogisticRegression(C=1.0, max_iter=3000).fit(np.array([[r[n] for n in names] for r in rows]), labels)
    return categories.Chooser(
        {c: float(v) for c, v in zip(model.classes_, model.intercept_, strict=True)},
        {
            c: {n: float(w) for n, w in zip(names, weights, strict=True)}
            for c, weights in zip(model.classes_, model.coef_, strict=True)
        },
    )


def learn_response(examples: list[Example]) -> tuple[Logistic, float]:
    """The decision which accusation a denial answers, from gold records; and the F1 of the links."""
    groups = [g for e in examples for g in responses.candidates(e.article.document, e.gold)]
    rows = [f for _, charges in groups for _, f in charges]
    model = logistic(rows, np.array([d["responds_to"] == c["id"] for d, charges in groups for c, _ in charges]))
    best = (-1.0, 0.5)
    for threshold in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4):
        hit = said = 0
        for denial, charges in groups:
            p, _, id_ = max(
                ((model.chance(f), -abs(c["cue"]["start"] - denial["cue"]["start"]), c["id"]) for c, f in charges),
                default=(0.0, 0, None),
            )
            said += p >= threshold
            hit += p >= threshold and id_ == denial["responds_to"]
        best = max(best, (2 * hit / max(1, said + sum(d["responds_to"] is not None for d, _ in groups)), threshold))
    return Logistic(model.names, model.weights, model.intercept, best[1]), best[0]


def learn(readings: list[tuple[Example, Reading]], table: dict) -> tuple[dict[str, Logistic], dict]:
    """All decisions, and a report of how good they are on the readings, with a reliability table of the confidence."""
    models, report = {}, {"articles": len(readings), "records": sum(len(e.gold) for e, _ in readings)}
    for role in ("source", "target", "via"):
        models[role], right = learn_arguments(readings, table, role)
        report[f"{role} set right, given the cue"] = round(right, 3)
    models["record"], scored, total = learn_record(readings, table, models)
    f1, precision, recall = detection(scored, total, models["record"].threshold)
    report["detection"] = {"f1": round(f1, 3), "precision": round(precision, 3), "recall": round(recall, 3)}
    report["reliability"] = reliability(scored)
    models["response"], right = learn_response([e for e, _ in readings])
    report["response links, on gold records"] = round(right, 3)
    return models, report


def reliability(scored: list[tuple[float, bool]], bins: int = 10) -> list[dict]:
    """Mean confidence and share of true records in bins of the confidence."""
    table = []
    for k in range(bins):
        inside = [(p, y) for p, y in scored if k / bins <= p < (k + 1) / bins or (k == bins - 1 and p == 1)]
        if inside:
            table.append(
                {
                    "from": k / bins,
                    "to": (k + 1) / bins,
                    "proposals": len(inside),
                    "confidence": round(sum(p for p, _ in inside) / len(inside), 3),
                    "true": round(sum(y for _, y in inside) / len(inside), 3),
                }
            )
    return table


def read_all(model: reader.Reader, tokenizer, examples: list[Example], table: dict) -> list[tuple[Example, Reading]]:
    """Readings of examples, with every gold cue looked at and its category judged; the word vectors are let go."""
    readings = []
    for e in examples:
        also = accusations.strong_words(e.article, table) | {r["cue"] for r in e.records}
        reading = reader.read(model, tokenizer, e.article, accusations.FLOOR, frozenset(also))
        for r in e.records:
            if r["cue"] in reading.cues:
                inside = set(r["allegation"]) or {r["cue"]}
                reading.about[r["cue"]] = reader.categories(model, reading.cues[r["cue"]], inside)
        for cue in reading.cues.values():
            cue.vectors = None
        readings.append((e, reading))
    return readings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("gold", type=Path, help="folder of coded articles: gold.jsonl and text/*.txt")
    parser.add_argument(
        "--annotations", type=Path, required=True, help="folder for their annotations (made where missing)"
    )
    parser.add_argument("--out", type=Path, default=reader.WEIGHTS.parent, help="folder for the models")
    parser.add_argument("--folds", type=int, default=2, help="parts for cross-validation")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument(
        "--share", type=float, default=1.0, help="learn from this share of the articles (for a learning curve)"
    )


def run(args: argparse.Namespace) -> None:
    from transformers import AutoTokenizer

    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(reader.encoder_folder())
    table = frames.by_lemma(frames.load())
    examples = load(args.gold, args.annotations, tokenizer)
    if args.share < 1:
        random.Random(3).shuffle(examples)
        examples = examples[: max(args.folds, round(args.share * len(examples)))]

    def progress(name: str) -> Callable:
        return lambda epoch, loss, seconds, _: print(
            f"{name}: epoch {epoch + 1}, loss {loss:.3f}, {seconds:.0f} s", file=sys.stderr
        )

    readings = []
    for fold in range(args.folds):
        held = [e for e in examples if fold_of(e.article.document.doc_id, args.folds) == fold]
        rest = [e for e in examples if fold_of(e.article.document.doc_id, args.folds) != fold]
        model = fit(rest, tokenizer, args.epochs, report=progress(f"fold {fold + 1} of {args.folds}"))
        readings += read_all(model, tokenizer, held, table)
    decisions, report = learn(readings, table)
    model = fit(examples, tokenizer, args.epochs, report=progress("all articles"))
    reader.write(model, args.out / reader.WEIGHTS.name)
    files.write_json(args.out / culpability.WEIGHTS.name, culpability.to_json(decisions))
    files.write_json(args.out / categories.WEIGHTS.name, categories.to_json(learn_categories(readings)))
    files.write_json(args.out / "report.json", report)
    print(f"models written to {args.out}; detection F1 in cross-validation {report['detection']['f1']}")
