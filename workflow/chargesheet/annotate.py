"""annotate: run Stanza over articles and write CoNLL-U with NER and character offsets.

Every paragraph is a document of its own for Stanza, all paragraphs of an article one batch: the
result of an article does not depend on which articles share its shard.
"""

import argparse
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from chargesheet import files, paragraphs, progress
from chargesheet.paragraphs import Paragraph

if TYPE_CHECKING:
    import stanza

# Bounds of memory, which no ordinary article reaches: the parser's grows with the square of a sentence.
MAX_WORDS = 300  # the longest of 11,000 sentences of news has 141
BATCH_CHARS = 50_000


def to_conllu(doc_id: str, text: str, pipeline: "stanza.Pipeline") -> str:
    """Annotate one article.

    Returns CoNLL-U: sentences with ``# newdoc id``, ``# newpar id``, ``# sent_id``, and in MISC
    ``start_char``, ``end_char`` (offsets into ``text``) and ``ner`` (BIOES).
    """
    blocks, paragraph = [], 0
    for batch in _batches(paragraphs.split(text)):
        for part, document in _parse(batch, pipeline):
            paragraph += 1
            for index, sentence in enumerate(document.sentences):
                _shift(sentence, part.start)
                first, last = sentence.tokens[0].start_char, sentence.tokens[-1].end_char
                head = [f"# newdoc id = {doc_id}"] if not blocks else []
                head += [f"# newpar id = {doc_id}-p{paragraph}"] if index == 0 else []
                head += [f"# sent_id = {doc_id}-{len(blocks) + 1}"]
                head += ["# text = " + " ".join(text[first:last].split())]
                body = [line for line in f"{sentence:C}".split("\n") if line and not line.startswith("#")]
                blocks.append("\n".join(head + body))
    return "".join(block + "\n\n" for block in blocks)


def _batches(parts: list[Paragraph]) -> Iterator[list[Paragraph]]:
    """All paragraphs of an article at once; those of a very long one by and by."""
    numbers, chars = [], 0
    for part in parts:
        numbers.append(chars // BATCH_CHARS)
        chars += len(part.text)
    for _, batch in groupby(zip(numbers, parts, strict=True), key=lambda item: item[0]):
        yield [part for _, part in batch]


def _parse(parts: list[Paragraph], pipeline: "stanza.Pipeline") -> list[tuple[Paragraph, "stanza.Document"]]:
    tokenized = _tokenize(parts, pipeline)
    rest = [name for name in pipeline.processors if name not in ("tokenize", "mwt")]
    documents = pipeline.bulk_process([document for _, document in tokenized], processors=rest)
    return list(zip([part for part, _ in tokenized], documents, strict=True))


def _tokenize(parts: list[Paragraph], pipeline: "stanza.Pipeline") -> list[tuple[Paragraph, "stanza.Document"]]:
    """Tokens and sentences of paragraphs; one that holds a sentence of more than MAX_WORDS is cut there."""
    import stanza

    done = []
    documents = pipeline.bulk_process([stanza.Document([], text=part.text) for part in parts], processors="tokenize")
    for part, document in zip(parts, documents, strict=True):
        long = next((s for s in document.sentences if len(s.tokens) > MAX_WORDS), None)
        if long:
            at = long.tokens[MAX_WORDS].start_char
            pieces = [Paragraph(part.start, part.text[:at]), Paragraph(part.start + at, part.text[at:])]
            done += _tokenize(pieces, pipeline)
        else:
            done.append((part, document))
    return done


def _shift(sentence: "stanza.models.common.doc.Sentence", by: int) -> None:
    """Move the offsets of a sentence from its paragraph's to the article's."""
    for token in sentence.tokens:
        token._start_char += by
        token._end_char += by
        for word in token.words:
            if word._start_char is not None:
                word._start_char += by
                word._end_char += by


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--articles", type=Path, required=True, help="shard of articles (JSONL)")
    parser.add_argument("--out", type=Path, required=True, help="annotations (CoNLL-U)")
    parser.add_argument("--failures", type=Path, required=True, help="articles that failed (JSONL)")
    parser.add_argument(
        "--package", default="bundled", help="'bundled', the name of a Stanza package, or a folder of Stanza models"
    )
    parser.add_argument("--model-dir", type=Path, help="where downloaded models are kept (else Stanza's own cache)")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto", help="auto: a GPU if there is one")


def run(args: argparse.Namespace) -> None:
    articles = files.read_jsonl(args.articles)
    failures = []
    with files.replacing(args.out) as out:
        if articles:
            from chargesheet import stanza_models

            pipeline = stanza_models.load(args.package, args.model_dir, args.device)
        for article in progress.track(articles, "article", f"shard {args.articles.stem}"):
            try:
                out.write(to_conllu(article["doc_id"], article["text"], pipeline))
            except Exception as error:
                detail = f"Stanza failed with {type(error).__name__}: {error}"
                failures.append(
                    {"doc_id": article["doc_id"], "file": article["file"], "step": "annotate", "detail": detail}
                )
                print(f"{article['file']}: {detail}", file=sys.stderr)
    files.write_jsonl(args.failures, failures)
