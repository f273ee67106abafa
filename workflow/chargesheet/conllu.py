"""Read annotations: CoNLL-U with NER and character offsets, as ``annotate`` writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from chargesheet.errors import UserError


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


def _pairs(column: str) -> dict[str, str]:
    """The contents of FEATS or MISC."""
    return dict(item.split("=", 1) for item in column.split("|") if "=" in item)


def _words(lines: list[str]) -> list[Token]:
    """The words of a sentence from its lines.

    A word inside a multi-word token has the offsets of its own characters where Stanza gives
    them, else those of the token; the token's NER tag counts for each of its words.
    """
    words, outer, last = [], {}, 0
    for line in lines:
        number, form, lemma, upos, xpos, feats, head, deprel, _, rest = line.split("\t")
        misc = _pairs(rest)
        if "-" in number:
            outer, last = misc, int(number.split("-")[1])
        elif "." not in number:
            if int(number) <= last:
                misc = outer | misc
            words.append(
                Token(
                    id=int(number),
                    form=form,
                    lemma=lemma,
                    upos=upos,
                    xpos="" if xpos == "_" else xpos,
                    feats=_pairs(feats),
                    head=int(head),
                    deprel=deprel,
                    start=int(misc["start_char"]),
                    end=int(misc["end_char"]),
                    ner=misc.get("ner", "O"),
                )
            )
    return words


def read(path: Path | str) -> Iterator[Document]:
    """Yield the documents of a CoNLL-U file in order. Raises UserError for a file that ``annotate`` didn't write."""
    document, paragraph, block = None, 0, []
    with Path(path).open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            line = line.removesuffix("\n")
            try:
                if line.startswith("# newdoc id = "):
                    if document:
                        yield document
                    document, paragraph = Document(line.removeprefix("# newdoc id = ")), 0
                elif line.startswith("# newpar"):
                    paragraph += 1
                elif line and not line.startswith("#"):
                    block.append(line)
                elif not line and block:
                    document.sentences.append(Sentence(len(document.sentences) + 1, max(1, paragraph), _words(block)))
                    block = []
            except (ValueError, KeyError, AttributeError):
                raise UserError(
                    f"{path}, line {number}: not what annotate writes; delete the file and run again"
                ) from None
    if block:
        raise UserError(f"{path} breaks off in the middle; delete it and run again")
    if document:
        yield document
