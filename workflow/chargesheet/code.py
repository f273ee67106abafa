"""code: find who accuses whom of what in a shard of annotated articles.

The reader proposes cues and weighs words, cue frames over the parse name and cut the parts, learned decisions choose,
``actors`` says who is meant, ``responses`` links denials to what they answer.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from chargesheet import (
    accusations,
    actors,
    categories,
    conllu,
    culpability,
    files,
    frames,
    progress,
    quotes,
    reader,
    responses,
)
from chargesheet.conllu import Document


@dataclass
class Coder:
    """What coding an article takes: the reader with its tokenizer, the frames by lemma, the learned decisions."""

    model: reader.Reader
    tokenizer: object
    table: dict
    decisions: dict[str, culpability.Logistic]
    categories: categories.Chooser

    @classmethod
    def load(cls, cues: Path | None = None) -> "Coder":
        """The shipped coder, with a study's own cue frames. Raises UserError for unusable frames or damaged weights."""
        table = frames.by_lemma(frames.load(cues))
        model, tokenizer = reader.load()
        return cls(model, tokenizer, table, culpability.shipped(), categories.shipped())


def code_article(
    document: Document, text: str, coder: Coder, outlet: str = "", title: str = ""
) -> tuple[list[dict], list[dict]]:
    """The records and the mentions of one article.

    Records have the codebook's fields and ``sentence`` (from 1), ``frame``, ``confidence`` and ``reasons``; mentions
    have doc_id, start, end, text, name, kind, type, cluster, why, country, titles.
    """
    resolution = actors.resolve(document, text, outlet=outlet, title=title)
    article = reader.prepare(document, coder.tokenizer)
    reading = reader.read(
        coder.model, coder.tokenizer, article, accusations.FLOOR, accusations.strong_words(article, coder.table)
    )
    quoted = quotes.intervals(text)
    records = []
    for proposal in accusations.accept(reading, coder.table, coder.decisions):
        record = accusations.record(article, text, proposal, resolution, quoted)
        inside = accusations.words_of(article, proposal.allegation) or {proposal.word}
        chances = reader.categories(coder.model, proposal.cue, inside)
        words = [article.tokens[w] for w in sorted(inside)]
        sentence = document.sentences[record["sentence"] - 1].tokens
        category = coder.categories.choose(categories.features(list(chances), words, sentence))
        records.append(record | {"category": category, "responds_to": None})
    records.sort(key=lambda r: (r["cue"]["start"], r["cue"]["end"], r["act"]))
    records = [{"id": f"{document.doc_id}#{n}", "doc_id": document.doc_id} | r for n, r in enumerate(records, 1)]
    responses.link(document, records, coder.decisions["response"])
    return records, [_mention(document.doc_id, m) for m in resolution.mentions]


def _mention(doc_id: str, mention: actors.Mention) -> dict:
    return {
        "doc_id": doc_id,
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "name": mention.name,
        "kind": mention.kind,
        "type": mention.type,
        "cluster": mention.cluster,
        "why": mention.why,
        "country": mention.country,
        "titles": mention.titles,
    }


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--articles", type=Path, required=True, help="shard of articles (JSONL)")
    parser.add_argument("--annotations", type=Path, required=True, help="their annotations (CoNLL-U)")
    parser.add_argument("--records", type=Path, required=True, help="records found (JSONL)")
    parser.add_argument("--mentions", type=Path, required=True, help="mentions of actors (JSONL)")
    parser.add_argument("--failures", type=Path, required=True, help="articles that failed (JSONL)")
    parser.add_argument("--cues", type=Path, help="the study's own cue frames (YAML)")


def run(args: argparse.Namespace) -> None:
    articles = {a["doc_id"]: a for a in files.read_jsonl(args.articles)}
    records, mentions, failures = [], [], []
    if articles:
        coder = Coder.load(args.cues)
        documents = list(conllu.read(args.annotations))
        for document in progress.track(documents, "article", f"shard {args.articles.stem}"):
            article = articles[document.doc_id]
            try:
                found, named = code_article(document, article["text"], coder, article["outlet"], article["title"])
            except Exception as error:
                detail = f"coding failed with {type(error).__name__}: {error}"
                failures.append({"doc_id": document.doc_id, "file": article["file"], "step": "code", "detail": detail})
                print(f"{article['file']}: {detail}", file=sys.stderr)
                continue
            records += found
            mentions += named
    files.write_jsonl(args.records, records)
    files.write_jsonl(args.mentions, mentions)
    files.write_jsonl(args.failures, failures)
