"""annotate: run Stanza over articles and write CoNLL-U with NER and character offsets.

Every paragraph is a document of its own for Stanza, all paragraphs of an article one batch: the
result of an article does not depend on which articles share its shard.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from chargesheet import files, paragraphs


def to_conllu(doc_id: str, text: str, pipeline: Callable) -> str:
    """Annotate one article.

    Returns CoNLL-U: sentences with ``# newdoc id``, ``# sent_id``, and in MISC ``start_char``,
    ``end_char`` (offsets into ``text``) and ``ner`` (BIOES).
    """
    import stanza

    parts = paragraphs.split(text)
    documents = pipeline.bulk_process([stanza.Document([], text=p.text) for p in parts])
    blocks, number = [], 0
    for part, document in zip(parts, documents, strict=True):
        for sentence in document.sentences:
            for token in sentence.tokens:
                token._start_char += part.start
                token._end_char += part.start
                for word in token.words:
                    if word._start_char is not None:
                        word._start_char += part.start
                        word._end_char += part.start
            number += 1
            first, last = sentence.tokens[0].start_char, sentence.tokens[-1].end_char
            head = [f"# newdoc id = {doc_id}"] if number == 1 else []
            if sentence is document.sentences[0]:
                head.append(f"# newpar id = {doc_id}-p{parts.index(part) + 1}")
            head += [f"# sent_id = {doc_id}-{number}"]
            head += ["# text = " + " ".join(text[first:last].split())]
            body = [line for line in f"{sentence:C}".split("\n") if line and not line.startswith("#")]
            blocks.append("\n".join(head + body))
    return "".join(block + "\n\n" for block in blocks)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--articles", type=Path, required=True, help="shard of articles (JSONL)")
    parser.add_argument("--out", type=Path, required=True, help="annotations (CoNLL-U)")
    parser.add_argument("--failures", type=Path, required=True, help="articles that failed (JSONL)")
    parser.add_argument("--package", default="bundled", help="'bundled', or the name of a Stanza package")
    parser.add_argument("--model-dir", type=Path, help="folder of Stanza models (default: Stanza's own cache)")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")


def run(args: argparse.Namespace) -> None:
    articles = files.read_jsonl(args.articles)
    failures = []
    with files.replacing(args.out) as out:
        if articles:
            from chargesheet import stanza_models

            pipeline = stanza_models.load(args.package, args.model_dir, args.device)
        for article in tqdm(articles, unit="article", disable=not sys.stderr.isatty(), leave=False):
            try:
                out.write(to_conllu(article["doc_id"], article["text"], pipeline))
            except Exception as error:
                detail = f"Stanza failed with {type(error).__name__}: {error}"
                failures.append({"doc_id": article["doc_id"], "file": article["file"], "step": "annotate", "detail": detail})
                print(f"{article['file']}: {detail}", file=sys.stderr)
    files.write_jsonl(args.failures, failures)
