"""Read annotations: CoNLL-U with NER and character offsets, as ``annotate`` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import conllu as _conllu


@dataclass(slots=True)
class Token:
    """A syntactic word. ``id`` counts from 1 in its sentence; ``start``/``end`` are article offsets."""

    id: int
    form: str
    lemma: str
    upos: str
    xpos: str
    feats: dict[str, str]
    head: int
    deprel: str
    start: int
    end: int
    ner: str = "O"


@dataclass
class Sentence:
    """A dependency tree (UD v2). ``number`` counts from 1 in the article, so does ``paragraph``."""

    number: int
    paragraph: int
    tokens: list[Token] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def end(self) -> int:
        return self.tokens[-1].end

    @cached_property
    def _children(self) -> dict[int, list[Token]]:
        children: dict[int, list[Token]] = {}
        for token in self.tokens:
            children.setdefault(token.head, []).append(token)
        return children

    @property
    def root(self) -> Token:
        return self._children[0][0]

    def children(self, token: Token, *deprels: str) -> list[Token]:
        """Dependents in text order; with ``deprels``, those of these relations.

        A relation named without subtype ("nsubj") takes its subtypes too ("nsubj:pass").
        """
        found = self._children.get(token.id, [])
        if not deprels:
            return list(found)
        return [t for t in found if t.deprel in deprels or t.deprel.split(":")[0] in deprels]

    def head(self, token: Token) -> Token | None:
        """The governor, None for the root."""
        return self.tokens[token.head - 1] if token.head else None

    def ancestors(self, token: Token) -> Iterator[Token]:
        """Governor, its governor, ... up to the root."""
        while (token := self.head(token)) is not None:
            yield token

    def subtree(self, token: Token, without: tuple[str, ...] = ()) -> list[Token]:
        """``token`` and all below it in text order, not descending into relations in ``without``."""
        found, stack = [], [token]
        while stack:
            at = stack.pop()
            found.append(at)
            stack += [
                c
                for c in self._children.get(at.id, [])
                if c.deprel.split(":")[0] not in without and c.deprel not in without
            ]
        return sorted(found, key=lambda t: t.id)


@dataclass
class Document:
    """The annotated sentences of one article."""

    doc_id: str
    sentences: list[Sentence] = field(default_factory=list)


def _token(row: dict, spans: dict[int, dict]) -> Token:
    misc = row["misc"] or {}
    outer = spans.get(row["id"], {})
    return Token(
        id=row["id"],
        form=row["form"],
        lemma=row["lemma"] or row["form"],
        upos=row["upos"] or "X",
        xpos=row["xpos"] or "",
        feats=row["feats"] or {},
        head=row["head"] or 0,
        deprel=row["deprel"] or "dep",
        start=int(misc.get("start_char", outer.get("start_char", 0))),
        end=int(misc.get("end_char", outer.get("end_char", 0))),
        ner=misc.get("ner") or outer.get("ner") or "O",
    )


def read(path: Path | str) -> Iterator[Document]:
    """Yield the documents of a CoNLL-U file in order.

    A word inside a multi-word token has the offsets of its own characters where Stanza gives
    them, else those of the token; the token's NER tag counts for each of its words.
    """
    document, paragraph = None, 0
    with open(path, encoding="utf-8") as lines:
        for block in _conllu.parse_incr(lines):
            meta = block.metadata
            if "newdoc id" in meta:
                if document:
                    yield document
                document, paragraph = Document(meta["newdoc id"]), 0
            paragraph += "newpar id" in meta
            spans: dict[int, dict] = {}
            for row in block:
                if isinstance(row["id"], tuple) and row["id"][1] == "-":
                    spans |= {i: row["misc"] or {} for i in range(row["id"][0], row["id"][2] + 1)}
            words = [_token(row, spans) for row in block if isinstance(row["id"], int)]
            document.sentences.append(Sentence(len(document.sentences) + 1, max(1, paragraph), words))
    if document:
        yield document
