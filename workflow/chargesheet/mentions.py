"""Find the mentions of actors in a parsed article: names, nominals, pronouns, joined phrases."""

from __future__ import annotations

from dataclasses import dataclass

from chargesheet import gazetteer, names
from chargesheet.conllu import Document, Sentence, Token

# Stanza's nine newswire classes that can be actors; "" = undecided
NER_TYPES = {
    "Person": "person",
    "Organization": "organisation",
    "Location": "place",
    "Facility": "place",
    "NORP": "group of people",
    "Misc": "",
}
ENTITY = ("Person", "Organization", "Location", "Facility", "NORP")
PERSONAL = {
    "i": ("sing", ""),
    "we": ("plur", ""),
    "you": ("", ""),
    "he": ("sing", "masc"),
    "she": ("sing", "fem"),
    "it": ("sing", "neut"),
    "they": ("plur", ""),
}
LEMMAS = {
    "me": "i",
    "my": "i",
    "mine": "i",
    "myself": "i",
    "us": "we",
    "our": "we",
    "ours": "we",
    "ourselves": "we",
    "him": "he",
    "his": "he",
    "himself": "he",
    "her": "she",
    "hers": "she",
    "herself": "she",
    "its": "it",
    "itself": "it",
    "them": "they",
    "their": "they",
    "theirs": "they",
    "themselves": "they",
    "your": "you",
    "yours": "you",
    "yourself": "you",
}
ARGUMENTS = ("nsubj", "obj", "iobj", "obl", "nmod")
LOCATIVE = frozenset(
    "in at near from to into outside inside around through across toward towards of throughout via".split()
)
MOTION = frozenset("leave enter reach visit bomb capture seize flee approach surround take retake shell occupy".split())
RECIPROCAL = {"each other", "one another"}
DETERMINERS = {
    "the": ("the",), "that": ("this", "that", "these", "those", "such"), "a": ("a", "an", "another"), "both": ("both",),
    "some": ("some", "any", "no", "many", "several", "all", "every", "each", "most", "other"),
}  # fmt: skip
# inside a name's phrase these leave the name: appositions, clauses, other members
LOOSE = (
    "acl",
    "appos",
    "conj",
    "cc",
    "parataxis",
    "advcl",
    "punct",
    "discourse",
    "orphan",
    "list",
    "reparandum",
    "dep",
)
INSIDE = ("flat", "compound", "goeswith", "fixed")
POSSESSIVE = {"'s", "’s", "'", "’"}


@dataclass(slots=True, eq=False)
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
    core: str = ""  # the proper name; of a nominal the words up to its noun; of a pronoun its nominative
    country: str = ""
    first: int = 0  # first and last word of the phrase, from 1
    last: int = 0
    determiner: str = ""  # the | that | a | poss | some | number | ""
    noun: str = ""  # lemma of a nominal's head
    modifiers: frozenset[str] = frozenset()  # what narrows it down: adjectives, compounds, titles before a name
    members: tuple[Mention, ...] = ()  # of "Russia and Iran"

    @property
    def titles(self) -> list[str]:
        """What the phrase says of the actor beside its name: "venezuelan", "president"."""
        if self.kind == "name":
            return sorted(self.modifiers)
        nations = (w for w in self.modifiers if gazetteer.load().nationality(w))
        return sorted({self.noun, *nations}) if self.noun else []


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
    return _with_known(sentence, [f for f in found if f[0] <= f[1]])


def _with_known(sentence: Sentence, spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Names of several words from the codebook, where the tagger saw none or only a part."""
    known, tokens, at = gazetteer.load(), sentence.tokens, 0
    longest: list[tuple[int, int, str]] = []
    while at < len(tokens):
        limit = (
            known.openers.get(tokens[at].form.casefold().rstrip("."), 0)
            if tokens[at].form[:1].isupper() or tokens[at].form == "al"
            else 0
        )
        end = at + 1
        for last in range(at + 1, len(tokens)) if limit else ():
            if tokens[last].start - tokens[at].start > limit + 4:
                break
            if (tokens[last].form[:1].isupper() or tokens[last].form.isdigit()) and (
                entry := known.find(_text(sentence, at + 1, last + 1))
            ):
                end, kind = last + 1, "Location" if entry.type == "state" else "Organization"
        if end > at + 1:
            longest.append((at + 1, end, kind))
        at = end
    kept = [s for s in longest if not any(a <= s[0] and s[1] <= b for a, b, _ in spans)]
    return sorted(kept + [s for s in spans if not any(s[0] <= b and a <= s[1] for a, b, _ in kept)]) if kept else spans


def _trimmed(sentence: Sentence, first: int, last: int, kind: str) -> tuple[int, int, str]:
    """Drop what the tagger took along in front and behind: a verb of a headline, an article, a possessive."""
    tokens = sentence.tokens
    known = gazetteer.load()
    while first <= last:
        token = tokens[first - 1]
        relation = token.deprel.split(":")[0]
        verb = token.upos in ("VERB", "AUX") and relation in ("root", "parataxis", "ccomp", "conj", "advcl")
        state = (
            kind == "Person"
            and (e := known.find(token.form)) is not None
            and e.type == "state"
            and e.relation != "capital"
        )
        if token.upos in ("DET", "ADP", "CCONJ", "PUNCT", "PART", "SCONJ") or ((verb or state) and first < last):
            first += 1
        else:
            break
    while (
        first <= last
        and tokens[last - 1].upos in ("PUNCT", "ADP", "PART", "CCONJ", "DET")
        and tokens[last - 1].form != "."
    ):
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
        edge = child.deprel in ("case", "mark", "cop", "nsubj", "aux") or (
            child.deprel.split(":")[0] in ("nsubj", "advmod", "obl") and child.id < head.id
        )
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
    if head.upos != "PROPN" or (not head.form[:1].isupper() and "-" not in head.form):
        return None
    first = last = head.id
    parts = {
        t.id
        for t in sentence.subtree(head)
        if t.deprel.split(":")[0] in INSIDE and (t.form[:1].isupper() or t.upos == "PROPN")
    }
    parts |= {t.id for t in sentence.children(head, "amod") if t.form[:1].isupper() and t.id > 1}
    bridge = {t.id for t in sentence.tokens if t.form == "-"}
    while first - 1 in parts or (first - 1 in bridge and first - 2 in parts):
        first -= 1
    while last + 1 in parts or (last + 1 in bridge and last + 2 in parts):
        last += 1
    return first, last, ""


def _text(sentence: Sentence, first: int, last: int) -> str:
    """Words joined as the article has them, as far as offsets tell: one space where there was any."""
    parts, before = [], 0
    for token in sentence.tokens[first - 1 : last]:
        if parts and token.start > before:
            parts.append(" ")
        parts.append(token.form)
        before = token.end
    return "".join(parts)


def find(document: Document, text: str) -> list[Mention]:
    """All mentions in text order, the longer first where two begin together; not yet grouped."""
    found = []
    for sentence in document.sentences:
        found += _in_sentence(sentence, text)
    return found


def of_span(sentence: Sentence, first: int, last: int, text: str) -> Mention:
    """The mention that a given phrase is, whatever its noun; words count from 1."""
    head = head_of(sentence, first, last)
    mention = _pronoun(sentence, head, text)
    if mention is None and head.upos in ("NOUN", "PROPN"):
        mention = _noun(sentence, head, text, entities(sentence), known_only=False, bounds=(first, last))
    if mention is None:
        mention = _nominal(sentence, head, text, gazetteer.load().types(head.form))
    start, end = sentence.tokens[first - 1].start, sentence.tokens[last - 1].end
    if mention.kind == "nominal":
        mention.start, mention.end, mention.text, mention.first, mention.last = start, end, text[start:end], first, last
    return mention


def _in_sentence(sentence: Sentence, text: str) -> list[Mention]:
    spans, found = entities(sentence), {}
    names_inside = {head_of(sentence, first, last).id for first, last, kind in spans if kind in ENTITY}
    for token in sentence.tokens:
        mention = _at(sentence, token, text, spans, token.id in names_inside)
        if mention is not None:
            found.setdefault((mention.start, mention.end), mention)
    by_head = {m.head.id: m for m in found.values()}
    joined = [j for m in found.values() if (j := _joined(sentence, m, by_head, text))]
    return sorted([*found.values(), *joined], key=lambda m: (m.start, -m.end))


def _at(sentence: Sentence, token: Token, text: str, spans: list, named: bool) -> Mention | None:
    """The mention whose head is ``token``, None where it heads none; ``named``: it heads a tagged name."""
    relation = token.deprel.split(":")[0]
    if token.upos in ("PRON", "DET") and (mention := _pronoun(sentence, token, text)):
        return mention
    if token.upos in ("NOUN", "PROPN") and relation not in (*INSIDE, "nmod:desc") and token.deprel != "nmod:desc":
        return _noun(sentence, token, text, spans)
    if named:
        return _noun(sentence, token, text, spans, name_only=True)
    if token.upos in ("ADJ", "NUM", "VERB", "DET") and relation in ARGUMENTS:  # "the accused", "the two", "both"
        definite = token.form.casefold() == "both" or any(
            c.form.casefold() == "the" for c in sentence.children(token, "det")
        )
        types = gazetteer.load().types(token.form) or (("group of people",) if token.upos in ("NUM", "DET") else ())
        return _nominal(sentence, token, text, types) if definite and types else None
    return None


def _joined(sentence: Sentence, mention: Mention, by_head: dict[int, Mention], text: str) -> Mention | None:
    """ "Russia and Iran" as one mention, given its first member."""
    rest = [by_head.get(t.id) for t in sentence.children(mention.head, "conj")]
    if not rest or None in rest or not any(t.upos == "CCONJ" for r in rest for t in sentence.children(r.head, "cc")):
        return None
    end = max(m.end for m in rest)
    last = max(m.last for m in rest)
    core = text[mention.start : end]
    return Mention(
        mention.start,
        end,
        core,
        mention.head,
        mention.sentence,
        "nominal",
        "group of people",
        number="plur",
        core=core,
        first=mention.first,
        last=last,
        members=(mention, *rest),
    )


def _pronoun(sentence: Sentence, token: Token, text: str) -> Mention | None:
    word = token.form.casefold()
    if token.upos not in ("PRON", "DET"):
        return None
    following = sentence.tokens[token.id : token.id + 1]
    if following and f"{word} {following[0].form.casefold()}" in RECIPROCAL:
        end = following[0].end
        return Mention(
            token.start,
            end,
            text[token.start : end],
            token,
            sentence.number,
            "pronoun",
            number="plur",
            core="each other",
            first=token.id,
            last=token.id + 1,
        )
    word = LEMMAS.get(word, word)
    if word not in PERSONAL or token.deprel == "expl":
        return None
    number, gender = PERSONAL[word]
    kind = "person" if gender in ("masc", "fem") or word == "i" else ""
    return Mention(
        token.start, token.end, text[token.start : token.end], token, sentence.number, "pronoun", kind,
        number=number, gender=gender, core=word, first=token.id, last=token.id,
    )  # fmt: skip


def _noun(
    sentence: Sentence,
    token: Token,
    text: str,
    spans: list,
    name_only: bool = False,
    known_only: bool = True,
    bounds: tuple[int, int] | None = None,
) -> Mention | None:
    known = gazetteer.load()
    types = known.types(token.form) or known.types(token.lemma)
    name = name_at(sentence, token, spans)
    if name and bounds:
        name = (max(name[0], bounds[0]), min(name[1], bounds[1]), name[2])
    if name and name[2] in ("Date", "Money"):
        return None
    # "the Secretary", "the Court": a noun in capitals is a title or a body's kind, no name; "Congress" is one
    title = name and name[0] == name[1] and types and not (name[2] and known.find(token.form))
    title = title and ("person" in types or _determiner(sentence, token) != "")
    if name and not title and not (name_only and not name[2]):
        return _name(sentence, token, text, name, name_only)
    if name_only or (known_only and not types):
        return None
    return _nominal(sentence, token, text, types)


def _number(token: Token) -> str:
    return {"Plur": "plur", "Sing": "sing"}.get(
        token.feats.get("Number", ""), "plur" if token.xpos in ("NNS", "NNPS") else "sing"
    )


def _name(sentence: Sentence, token: Token, text: str, name: tuple[int, int, str], adjective: bool) -> Mention | None:
    known = gazetteer.load()
    first, last, kind = name
    start, end = sentence.tokens[first - 1].start, sentence.tokens[last - 1].end
    core = text[start:end]
    entry = known.find(core)
    if NER_TYPES.get(kind) == "organisation" and not (entry and entry.type == "state"):
        whole = _whole(sentence, token, first, last, entry.country if entry else "")
        if whole != (first, last):
            first, last = whole
            start, end = sentence.tokens[first - 1].start, sentence.tokens[last - 1].end
            core = text[start:end]
            entry = known.find(core)
    before = _before(sentence, token, first)
    mention = Mention(
        start,
        end,
        core,
        token,
        sentence.number,
        "name",
        NER_TYPES.get(kind, ""),
        number=_number(token),
        core=core,
        first=first,
        last=last,
        modifiers=before,
    )
    if entry:
        city = entry.relation == "capital" and _is_city(sentence, token)
        mention.country, mention.type, mention.number = entry.country, "place" if city else entry.type, "sing"
    elif nation := known.nationality(core):
        if adjective:
            return None
        mention.country, mention.type, mention.number = nation, "group of people", "plur"
    elif kind == "NORP" and adjective:
        return None
    if mention.type in ("person", ""):
        words = {w.casefold().strip(".") for w in core.split()[:1]} | before
        if words & names.MALE or words & names.FEMALE:
            mention.type, mention.gender = "person", "masc" if words & names.MALE else "fem"
        elif mention.type == "person":
            mention.gender = next(
                filter(None, (known.gender(w) for w in gazetteer.clean(core).split()[:-1] or core.split())), ""
            )
    return mention


def _is_city(sentence: Sentence, token: Token) -> bool:
    """Whether a capital is a place here ("in Kabul", "left Kabul") and not a government ("Kabul says")."""
    while token.deprel == "conj":
        token = sentence.head(token)
    if any(c.form.casefold() in LOCATIVE for c in sentence.children(token, "case")):
        return True
    governor = sentence.head(token)
    if token.deprel in ("compound", "appos", "flat", "nmod:desc", "nmod:unmarked", "root", "nsubj:pass"):
        return True
    return token.deprel == "obj" and governor is not None and governor.lemma.casefold() in MOTION


def _whole(sentence: Sentence, head: Token, first: int, last: int, country: str) -> tuple[int, int]:
    """A body's name with what tells it from its like: "Norway's Catholic Church", "Fifth Division of the Army".

    ``country``: where the codebook has the body; its owner adds nothing then.
    """
    known, tokens = gazetteer.load(), sentence.tokens
    if not known.types(head.form) and not known.types(tokens[last - 1].form):
        return first, last
    for child in sentence.children(head):
        if child.deprel == "nmod:poss" and child.id < first and tokens[first - 2].form in POSSESSIVE:
            owner = phrase(sentence, child)
            if (entry := known.find(_text(sentence, *owner))) and entry.type == "state" and entry.country != country:
                first = next((t.id for t in tokens[owner[0] - 1 : owner[1]] if t.upos != "DET"), first)
        elif child.deprel == "amod" and child.id == first - 1 and known.nationality(child.form) not in ("", country):
            first = child.id
        elif child.deprel == "nmod" and child.id > last and last < len(tokens) and tokens[last].form == "of":
            rest = phrase(sentence, child)
            if child.upos == "PROPN" and rest[0] - last <= 2 and rest[1] - last <= 8:
                last = rest[1]
    return first, last


def _before(sentence: Sentence, head: Token, first: int) -> frozenset[str]:
    """Words that stand before a name in its phrase, lower case: "Afghan President" of Hamid Karzai."""
    words = set()
    for child in sentence.children(head):
        if (
            child.id < first
            and child.deprel.split(":")[0] in ("nmod", "compound", "amod")
            and child.upos in ("NOUN", "PROPN", "ADJ")
        ):
            words |= {
                t.form.casefold().strip(".") for t in sentence.subtree(child) if t.upos in ("NOUN", "PROPN", "ADJ")
            }
    return frozenset(words)


def _nominal(sentence: Sentence, token: Token, text: str, types: tuple[str, ...]) -> Mention:
    number = "plur" if token.upos in ("NUM", "DET") else _number(token)
    first, last = phrase(sentence, token)
    start, end = sentence.tokens[first - 1].start, sentence.tokens[last - 1].end
    kind = types[0] if types else ""
    if number == "plur" and ("group of people" in types or kind == "person"):
        kind = "group of people"
    before = [t for t in sentence.tokens[first - 1 : token.id - 1] if t.upos in ("ADJ", "NOUN", "PROPN", "NUM", "VERB")]
    behind = [t for t in sentence.children(token, "nmod") if token.id < t.id <= last]
    words = frozenset(t.form.casefold() for t in before + behind)
    return Mention(
        start,
        end,
        text[start:end],
        token,
        sentence.number,
        "nominal",
        kind,
        number=number,
        core=text[start : token.end],
        country=_nation(sentence, token),
        first=first,
        last=last,
        determiner=_determiner(sentence, token),
        noun=token.lemma.casefold(),
        modifiers=words,
    )


def _nation(sentence: Sentence, head: Token) -> str:
    """The country that a description names as its own: "Sudanese officials", "Sudan's army", "the army of Sudan"."""
    known = gazetteer.load()
    for child in sentence.children(head, "amod", "compound", "nmod"):
        if child.id < head.id and (code := known.nationality(child.form)):
            return code
        case = next((c.form.casefold() for c in sentence.children(child, "case")), "")
        if child.upos == "PROPN" and (child.deprel in ("nmod:poss", "compound") or case == "of"):
            entry = known.find(_text(sentence, *phrase(sentence, child)))
            if entry and entry.type == "state" and entry.relation != "capital":
                return entry.country
    return ""


def _determiner(sentence: Sentence, head: Token) -> str:
    for child in sentence.children(head, "det", "nmod:poss", "nummod"):
        form = child.form.casefold()
        if child.deprel == "nmod:poss":
            return "poss"
        if child.deprel.startswith("nummod"):
            return "number"
        for kind, forms in DETERMINERS.items():
            if form in forms:
                return kind
    return ""
