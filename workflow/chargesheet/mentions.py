"""Find the mentions of actors in a parsed article: names, nominals, pronouns, joined phrases."""

from __future__ import annotations

from dataclasses import dataclass, field

from chargesheet import gazetteer
from chargesheet.conllu import Document, Sentence, Token

# Stanza's nine newswire classes that can be actors; "" = undecided
NER_TYPES = {"Person": "person", "Organization": "organisation", "Location": "place", "Facility": "place", "NORP": "group of people", "Misc": ""}
PERSONAL = {
    "i": (1, "sing", ""), "we": (1, "plur", ""), "you": (2, "", ""), "he": (3, "sing", "masc"), "she": (3, "sing", "fem"),
    "it": (3, "sing", "neut"), "they": (3, "plur", ""), "one": (3, "sing", ""),
}  # fmt: skip
LEMMAS = {
    "me": "i", "my": "i", "mine": "i", "myself": "i", "us": "we", "our": "we", "ours": "we", "ourselves": "we", "him": "he", "his": "he",
    "himself": "he", "her": "she", "hers": "she", "herself": "she", "its": "it", "itself": "it", "them": "they", "their": "they",
    "theirs": "they", "themselves": "they", "your": "you", "yours": "you", "yourself": "you",
}  # fmt: skip
RECIPROCAL = {"each other", "one another"}
# inside a name's phrase these leave the name: appositions, clauses, other members
LOOSE = ("acl:relcl", "appos", "conj", "cc", "parataxis", "advcl", "punct", "discourse", "orphan", "list", "reparandum", "dep")
INSIDE = ("flat", "compound", "goeswith", "fixed")
POSSESSIVE = {"'s", "’s", "'", "’"}


@dataclass(slots=True)
class Mention:
    """A phrase that stands for an actor. Offsets count characters of the article."""

    start: int
    end: int
    text: str
    head: Token
    sentence: int
    kind: str  # name | nominal | pronoun
    type: str = ""
    cluster: int = -1
    name: str = ""
    why: str = ""
    number: str = ""  # sing | plur | ""
    gender: str = ""  # masc | fem | neut | ""
    person: int = 3
    core: str = ""  # the proper name in it, else the noun with what stands before it
    country: str = ""
    span: tuple[int, int] = (0, 0)  # first and last word, from 1
    members: list[Mention] = field(default_factory=list)


def entities(sentence: Sentence) -> list[tuple[int, int, str]]:
    """Named entities as (first word, last word, class); words count from 1."""
    found, first = [], 0
    for token in sentence.tokens:
        mark, _, kind = token.ner.partition("-")
        if mark in "BS":
            first = token.id
        if mark in "ES" and first:
            found.append(_trimmed(sentence, first, token.id, kind))
            first = 0
        elif mark == "O":
            first = 0
    return [f for f in found if f[0] <= f[1]]


def _trimmed(sentence: Sentence, first: int, last: int, kind: str) -> tuple[int, int, str]:
    """Drop what the tagger took along in front and behind: a verb of a headline, an article, a possessive."""
    tokens = sentence.tokens
    while first <= last:
        token = tokens[first - 1]
        clause = token.upos in ("VERB", "AUX") and token.deprel.split(":")[0] in ("root", "parataxis", "ccomp", "conj", "advcl")
        if token.upos in ("DET", "ADP", "CCONJ", "PUNCT", "PART", "SCONJ") or (clause and first < last):
            first += 1
        else:
            break
    while first <= last and tokens[last - 1].upos in ("PUNCT", "ADP", "PART", "CCONJ", "DET") and tokens[last - 1].form != ".":
        last -= 1
    return first, last, kind


def head_of(sentence: Sentence, first: int, last: int) -> Token:
    """The word of the range that governs the rest: its governor stands outside."""
    inside = [t for t in sentence.tokens[first - 1 : last] if not first <= t.head <= last]
    nominal = [t for t in inside if t.upos in ("NOUN", "PROPN", "PRON")]
    return (nominal or inside or sentence.tokens[first - 1 : first])[0]


def phrase(sentence: Sentence, head: Token, loose: tuple[str, ...] = LOOSE) -> tuple[int, int]:
    """First and last word of the noun phrase of ``head`` without its appositions, clauses and joined members."""
    words = {t.id for t in sentence.subtree(head, without=loose)}
    for child in sentence.children(head):
        edge = child.deprel in ("case", "mark", "cop", "nsubj", "aux") or child.deprel.split(":")[0] in ("nsubj", "advmod", "obl") and child.id < head.id
        if edge and not (child.deprel == "advmod" and child.id > min(words)):
            words -= {t.id for t in sentence.subtree(child)}
    first = last = head.id
    # commas, quotes and hyphens within the phrase do not break it
    bridge = {t.id for t in sentence.tokens if t.upos == "PUNCT"}
    while first - 1 in words or (first - 1 in bridge and first - 2 in words):
        first -= 1
    while last + 1 in words or (last + 1 in bridge and last + 2 in words):
        last += 1
    return first, last


def name_at(sentence: Sentence, head: Token, spans: list[tuple[int, int, str]]) -> tuple[int, int, str] | None:
    """The proper name that ``head`` is the head of, as (first, last, class), None where it is a common noun."""
    for first, last, kind in spans:
        if first <= head.id <= last:
            for mark in range(last - 1, first, -1):  # "Congo's Virunga National Park": the owner is another name
                if sentence.tokens[mark - 1].form in POSSESSIVE and mark < head.id:
                    owner = _text(sentence, first, mark - 1)
                    if gazetteer.load().find(owner) or sentence.tokens[mark].form[:1].islower():
                        first = mark + 1
                        break
            if sentence.tokens[head.id - 1].upos in ("PROPN", "NOUN", "ADJ", "VERB", "X", "NUM", "ADV", "INTJ"):
                return first, last, kind
    if head.upos != "PROPN" or not head.form[:1].isupper() and "-" not in head.form:
        return None
    first = last = head.id
    parts = {t.id for t in sentence.subtree(head) if t.deprel.split(":")[0] in INSIDE and (t.form[:1].isupper() or t.upos == "PROPN")}
    parts |= {t.id for t in sentence.children(head, "amod") if t.form[:1].isupper() and t.id > 1}
    bridge = {t.id for t in sentence.tokens if t.form == "-"}
    while first - 1 in parts or (first - 1 in bridge and first - 2 in parts):
        first -= 1
    while last + 1 in parts or (last + 1 in bridge and last + 2 in parts):
        last += 1
    return first, last, ""


def _text(sentence: Sentence, first: int, last: int) -> str:
    """Words joined as the article has them, as far as offsets tell: one space where there was any."""
    parts = []
    for token in sentence.tokens[first - 1 : last]:
        if parts and token.start > before:
            parts.append(" ")
        parts.append(token.form)
        before = token.end
    return "".join(parts)


def find(document: Document, text: str) -> list[Mention]:
    """All mentions in text order, not yet grouped."""
    known = gazetteer.load()
    found = []
    for sentence in document.sentences:
        found += _in_sentence(sentence, text, known)
    return found


def _in_sentence(sentence: Sentence, text: str, known: gazetteer.Gazetteer) -> list[Mention]:
    spans, found, taken = entities(sentence), [], set()
    for token in sentence.tokens:
        relation = token.deprel.split(":")[0]
        if token.upos == "PRON":
            mention = _pronoun(sentence, token, text)
        elif token.upos in ("NOUN", "PROPN") and relation not in ("flat", "fixed", "goeswith", "compound") and token.deprel != "nmod:desc":
            mention = _noun(sentence, token, text, spans, known)
        elif any(first <= token.id <= last and head_of(sentence, first, last) is token for first, last, _ in spans):
            mention = _noun(sentence, token, text, spans, known, alone=True)
        else:
            continue
        if mention and (mention.start, mention.end) not in taken:
            taken.add((mention.start, mention.end))
            found.append(mention)
    return sorted(found, key=lambda m: (m.start, -m.end))


def _pronoun(sentence: Sentence, token: Token, text: str) -> Mention | None:
    word = token.form.casefold()
    word = LEMMAS.get(word, word)
    two = " ".join(t.form.casefold() for t in sentence.tokens[token.id - 1 : token.id + 1])
    if two in RECIPROCAL:
        end = sentence.tokens[token.id].end
        return Mention(token.start, end, text[token.start : end], token, sentence.number, "pronoun", number="plur", core="each other", span=(token.id, token.id + 1))
    if word not in PERSONAL or token.deprel == "expl" or (word == "one"):
        return None
    if word == "you":
        return None
    person, number, gender = PERSONAL[word]
    kind = "person" if gender in ("masc", "fem") or word == "i" else ""
    return Mention(token.start, token.end, text[token.start : token.end], token, sentence.number, "pronoun", kind, number=number, gender=gender, person=person, core=word, span=(token.id, token.id))


def _noun(sentence: Sentence, token: Token, text: str, spans: list, known: gazetteer.Gazetteer, alone: bool = False) -> Mention | None:
    name = name_at(sentence, token, spans)
    if name and name[2] in ("Date", "Money"):
        return None
    if alone and name and name[2] in ("Misc", "Date", "Money", ""):
        return None
    number = {"Plur": "plur", "Sing": "sing"}.get(token.feats.get("Number", ""), "plur" if token.xpos in ("NNS", "NNPS") else "sing")
    if name:
        first, last, kind = name
        start, end = sentence.tokens[first - 1].start, sentence.tokens[last - 1].end
        core = text[start:end]
        entry = known.find(core)
        if entry is None and known.nationality(core):
            if token.upos == "ADJ" or alone:
                return None
            country = known.nationality(core)
            return Mention(start, end, core, token, sentence.number, "name", "group of people", number="plur", core=core, country=country, span=(first, last))
        country = entry.country if entry else ""
        actor = entry.type if entry else NER_TYPES.get(kind, "")
        if entry and entry.relation == "capital":
            actor = "place"
        if entry is None and alone and kind == "NORP":
            return None
        return Mention(start, end, core, token, sentence.number, "name", actor, number=number, core=core, country=country, span=(first, last))
    types = known.types(token.form) or known.types(token.lemma)
    if not types:
        return None
    first, last = phrase(sentence, token)
    start, end = sentence.tokens[first - 1].start, sentence.tokens[last - 1].end
    actor = "group of people" if number == "plur" and "group of people" in types else types[0]
    if number == "plur" and actor == "person":
        actor = "group of people"
    core = _text(sentence, min(first, token.id), token.id)
    return Mention(start, end, text[start:end], token, sentence.number, "nominal", actor, number=number, core=core, span=(first, last))
