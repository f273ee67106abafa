"""Mend what the parser often gets wrong about names: a title and the name behind it are one phrase."""

from __future__ import annotations

from chargesheet import gazetteer, names
from chargesheet.conllu import Document, Sentence, Token

_JOINING = ("conj", "cc", "acl", "acl:relcl", "appos", "punct", "parataxis", "advcl", "nmod")
_OUTER = ("case", "mark", "cc", "cop", "nsubj", "aux")
_HEADS = ("nmod", "appos", "flat", "compound", "nmod:desc", "nmod:unmarked", "dep", "amod")


def titles(document: Document) -> None:
    """Make "Lebanese lawmaker" a description (nmod:desc) of "Saad Hariri" behind it, in place.

    The parser often hangs both on one verb, or the name on the title. Running it again changes nothing.
    """
    for sentence in document.sentences:
        for name in sentence.tokens[1:]:
            if name.ner not in ("B-Person", "S-Person"):
                continue
            title = _title_before(sentence, name)
            if title is not None and _side_by_side(sentence, title, name):
                _attach(sentence, title, name)


def _title_before(sentence: Sentence, name: Token) -> Token | None:
    """The title that ends before a name: "lawmaker" of "lawmaker Saad Hariri", "head" of "head of Amnesty International
    Jane Doe"."""
    at = name.id - 2
    if sentence.tokens[at].ner[:2] in ("E-", "S-") and sentence.tokens[at].ner[2:] in ("Location", "Organization"):
        while at > 0 and sentence.tokens[at].ner[:2] not in ("B-", "S-"):
            at -= 1
        at -= 1
        while at > 0 and sentence.tokens[at].upos in ("DET", "ADP"):
            at -= 1
        if sentence.tokens[at + 1].upos != "ADP":
            return None
    title = sentence.tokens[at]
    return title if title.upos in ("NOUN", "PROPN") and title.ner == "O" and _is_title(title) else None


def _is_title(token: Token) -> bool:
    known = gazetteer.load()
    types = known.types(token.lemma) or known.types(token.form)
    return "person" in types or token.form.casefold().strip(".") in names.TITLES


def _side_by_side(sentence: Sentence, title: Token, name: Token) -> bool:
    if any(c.deprel in ("case", "cop") and title.id < c.id for c in sentence.children(name)):
        return False
    if name.head == title.head or (name.head == title.id and name.deprel in _HEADS):
        return True
    # "Representative for Iran Brian Hook": the name hangs on what the title is about
    return name.deprel in _HEADS and title.id < name.head < name.id and sentence.head(sentence.head(name)) is title


def _attach(sentence: Sentence, title: Token, name: Token) -> None:
    children = sentence.children(title)
    name.head, name.deprel = title.head, title.deprel
    title.head, title.deprel = name.id, "nmod:desc"
    for child in children:
        if child is not name and ((child.id > name.id and child.deprel in _JOINING) or child.deprel in _OUTER):
            child.head = name.id
    sentence.__dict__.pop("_children", None)
