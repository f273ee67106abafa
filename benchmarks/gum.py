"""The GUM treebank's coreference (shared/training/en_compact-ud-*.conllu.gz) as documents and gold clusters.

Parses, lemmas and entities are GUM's own; named entities come from the bundled tagger, since
GUM has none: run ``python benchmarks/gum.py OUT`` once to tag all parts (about ten minutes).
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import conllu as conllu_format

from chargesheet.conllu import Document, Sentence, Token

SHARED = Path(__file__).resolve().parents[1] / "../shared/training"
MARK = re.compile(r"\((\d+)-([a-z]+)-[^()]*|(\d+)\)|\)")
# coded articles of shared/gold/dev: never learned from
HELD_OUT = ("GUM_news_defector", "GUM_news_homeopathic", "GUM_news_imprisoned")
ACTORS = ("person", "organization", "place")


class Gold:
    """A gold mention: sentence number, first and last word (from 1), entity, GUM type."""

    __slots__ = ("entity", "first", "last", "sentence", "type")

    def __init__(self, sentence: int, first: int, last: int, entity: str, type_: str):
        self.sentence, self.first, self.last, self.entity, self.type = sentence, first, last, entity, type_


def read(part: str) -> Iterator[tuple[Document, str, list[Gold]]]:
    """Yield (document, text, gold mentions) of a part: train, dev or test."""
    with gzip.open(SHARED / f"en_compact-ud-{part}.conllu.gz", "rt", encoding="utf-8") as lines:
        document, pieces, gold, at = None, [], [], 0
        for block in conllu_format.parse_incr(lines):
            name = block.metadata.get("newdoc id")
            if name is not None:
                if document is not None and document.doc_id.startswith("GUM_"):
                    yield document, "".join(pieces), gold
                document, pieces, gold, at = Document(name), [], [], 0
            if document is None or not document.doc_id.startswith("GUM_"):
                continue
            number = len(document.sentences) + 1
            tokens, at = _tokens(block, at, pieces)
            document.sentences.append(Sentence(number, number, tokens))
            gold += _gold(block, number)
        if document is not None and document.doc_id.startswith("GUM_"):
            yield document, "".join(pieces), gold


def _tokens(block, at: int, pieces: list[str]) -> tuple[list[Token], int]:
    tokens, spans = [], {}
    for row in block:
        if isinstance(row["id"], tuple):
            if row["id"][1] == "-":
                inside = list(range(row["id"][0], row["id"][2] + 1))
                space = (row["misc"] or {}).get("SpaceAfter") != "No"
                spans[inside[0]] = (row["form"], inside, space)
            continue
        misc = row["misc"] or {}
        covering = next((s for s in spans.values() if row["id"] in s[1]), None)
        space = misc.get("SpaceAfter") != "No" if covering is None else covering[2] and row["id"] == covering[1][-1]
        start, end = at, at + len(row["form"])
        pieces.append(row["form"] + (" " if space else ""))
        at = end + space
        tokens.append(
            Token(
                row["id"],
                row["form"],
                row["lemma"] or row["form"],
                row["upos"],
                row["xpos"] or "",
                row["feats"] or {},
                row["head"] or 0,
                row["deprel"] or "dep",
                start,
                end,
            )
        )
    return tokens, at


def _gold(block, number: int) -> list[Gold]:
    stack: list[tuple[str, int, str]] = []
    found = []
    for row in block:
        if not isinstance(row["id"], int):
            continue
        value = (row["misc"] or {}).get("Entity")
        if not value:
            continue
        for match in re.finditer(r"\((\d+)-([a-z]+)-[^()]*(\)?)|(\d+)\)", value):
            if match.group(1):
                if match.group(3):
                    found.append(Gold(number, row["id"], row["id"], match.group(1), match.group(2)))
                else:
                    stack.append((match.group(1), row["id"], match.group(2)))
            else:
                for at in range(len(stack) - 1, -1, -1):
                    if stack[at][0] == match.group(4):
                        entity, first, kind = stack.pop(at)
                        found.append(Gold(number, first, row["id"], entity, kind))
                        break
    return found


def tag(out: Path) -> None:
    """Write the bundled tagger's BIOES tags of every GUM sentence: {part: {doc: [[tag, ...], ...]}}."""
    import stanza

    from chargesheet import stanza_models

    pipeline = stanza_models.load()
    tagger = pipeline.processors["ner"]
    tags: dict[str, dict[str, list[list[str]]]] = {}
    for part in ("dev", "test", "train"):
        tags[part] = {}
        for document, _, _ in read(part):
            words = [[{"id": t.id, "text": t.form} for t in s.tokens] for s in document.sentences]
            tagged = tagger.process(stanza.Document(words))
            tags[part][document.doc_id] = [[t.ner for t in s.tokens] for s in tagged.sentences]
            print(part, document.doc_id, flush=True)
        out.write_text(json.dumps(tags), encoding="utf-8")


def tagged(part: str, tags: Path) -> Iterator[tuple[Document, str, list[Gold]]]:
    """As ``read``, with named entities."""
    by_document = json.loads(tags.read_text(encoding="utf-8"))[part]
    for document, text, gold in read(part):
        if document.doc_id not in by_document:
            continue
        for sentence, marks in zip(document.sentences, by_document[document.doc_id], strict=True):
            for token, mark in zip(sentence.tokens, marks, strict=True):
                token.ner = mark
        yield document, text, gold


if __name__ == "__main__":
    tag(Path(sys.argv[1]))
