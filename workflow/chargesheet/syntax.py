"""What a parse says of a predicate: its logical subject, object, content, and the spans of its parts.

Universal Dependencies v2 (de Marneffe et al. 2021). All functions are pure and look at one sentence.
"""

from __future__ import annotations

from chargesheet.conllu import Sentence, Token

NOMINAL = {"NOUN", "PROPN", "PRON", "NUM", "DET", "ADJ", "X", "SYM"}
RELATIVE = {"who", "which", "that", "whom", "whose", "what"}
OBJECT_CONTROL = {
    "accuse",
    "force",
    "order",
    "urge",
    "ask",
    "tell",
    "persuade",
    "help",
    "let",
    "make",
    "allow",
    "cause",
    "see",
    "hear",
    "catch",
}
DOCUMENTS = {
    "article",
    "report",
    "statement",
    "letter",
    "video",
    "editorial",
    "column",
    "post",
    "message",
    "tweet",
    "story",
    "piece",
}
ISSUING = {
    "publish",
    "issue",
    "release",
    "post",
    "write",
    "send",
    "make",
    "run",
    "print",
    "air",
    "broadcast",
    "carry",
    "put",
}
ASIDES = {"charge", "claim", "allegation", "accusation", "view", "assertion"}
QUOTES = "\"“”„‟«»'‘’"
DOUBLE_QUOTES = '"“”„‟«»'


def is_passive(sentence: Sentence, verb: Token) -> bool:
    """A passive clause, or a bare past participle that modifies a noun ("the men accused of ...")."""
    if sentence.children(verb, "nsubj:pass", "aux:pass", "csubj:pass"):
        return True
    participle = (verb.feats.get("VerbForm") == "Part" and verb.feats.get("Tense") == "Past") or verb.xpos == "VBN"
    if verb.deprel == "conj" and participle and not sentence.children(verb, "nsubj", "aux"):
        head = sentence.head(verb)
        return head is not None and head.xpos == "VBN" and is_passive(sentence, head)
    if sentence.children(verb, "nsubj", "aux"):
        return False
    return participle and (
        verb.deprel in {"acl", "amod"} or (verb.deprel == "advcl" and not sentence.children(verb, "obj"))
    )


def with_conjuncts(sentence: Sentence, tokens: list[Token]) -> list[Token]:
    """Tokens and what is coordinated with them, nominal parts only."""
    found = []
    for token in tokens:
        found.append(token)
        found += [c for c in sentence.children(token, "conj") if c.upos in NOMINAL or c.upos == "PROPN"]
    return found


def _relative(sentence: Sentence, token: Token) -> list[Token]:
    """A relative pronoun stands for the noun that its clause modifies."""
    if token.lemma.lower() in RELATIVE and (token.feats.get("PronType") == "Rel" or token.xpos in {"WDT", "WP"}):
        for up in sentence.ancestors(token):
            if up.deprel in {"acl:relcl", "acl", "advcl:relcl"}:
                head = sentence.head(up)
                return [head] if head is not None else [token]
    return [token]


def subjects(sentence: Sentence, verb: Token, depth: int = 0) -> list[Token]:
    """Logical subjects of a predicate: its own, its agent, or shared by conjunction, control or modification."""
    if is_passive(sentence, verb):
        return agents(sentence, verb)
    own = [s for s in sentence.children(verb, "nsubj", "csubj") if s.deprel != "nsubj:pass"]
    if own:
        found = []
        for s in own[-1:] if not sentence.children(verb, "cop") else own[:1]:
            found += _relative(sentence, s)
        return with_conjuncts(sentence, found)
    head = sentence.head(verb)
    if head is None or depth > 4:
        return []
    relation = verb.deprel.split(":")[0]
    if relation == "xcomp" and head.lemma in OBJECT_CONTROL and sentence.children(head, "obj"):
        return with_conjuncts(sentence, sentence.children(head, "obj"))
    if relation in {"conj", "xcomp", "advcl", "parataxis", "ccomp"} and head.upos in {"VERB", "ADJ", "NOUN", "AUX"}:
        if is_passive(sentence, head):
            return with_conjuncts(
                sentence, [t for s in sentence.children(head, "nsubj:pass") for t in _relative(sentence, s)]
            )
        return subjects(sentence, head, depth + 1)
    if verb.deprel == "acl:relcl" and not sentence.children(verb, "nsubj"):
        return with_conjuncts(sentence, [head])
    if relation == "acl" and head.lemma in DOCUMENTS and head.deprel in {"obj", "obl"}:
        above = sentence.head(head)
        if above is not None and above.upos == "VERB" and above.lemma in ISSUING:
            return subjects(sentence, above, depth + 1)  # "the paper published an article claiming ..."
    if relation in {"acl", "amod"} and (verb.feats.get("VerbForm") in {"Part", "Ger"} or verb.xpos == "VBG"):
        return [head]
    if relation == "acl" and head.upos == "NOUN":
        return with_conjuncts(sentence, sentence.children(head, "nmod:poss")[:1])
    return []


def agents(sentence: Sentence, verb: Token) -> list[Token]:
    """The "by" phrase of a passive."""
    by = [o for o in sentence.children(verb, "obl") if o.deprel == "obl:agent" or case_of(sentence, o) == "by"]
    return with_conjuncts(sentence, [t for o in by[:1] for t in _relative(sentence, o)])


def objects(sentence: Sentence, verb: Token) -> list[Token]:
    """Logical objects of a predicate: its object, its passive subject, or the noun that a participle modifies."""
    own = sentence.children(verb, "obj", "iobj")
    if own and not is_passive(sentence, verb):
        return with_conjuncts(sentence, [t for o in own[:1] for t in _relative(sentence, o)])
    if is_passive(sentence, verb):
        passive = sentence.children(verb, "nsubj:pass", "nsubj")
        if passive:
            return with_conjuncts(sentence, [t for s in passive[:1] for t in _relative(sentence, s)])
        head = sentence.head(verb)
        if head is not None and verb.deprel in {"acl", "amod", "acl:relcl"}:
            return [head]
        if head is not None and verb.deprel in {"conj", "xcomp", "advcl"}:
            if is_passive(sentence, head) or sentence.children(head, "nsubj:pass"):
                return objects(sentence, head) if head.id != verb.id else []
            return subjects(sentence, head)
    if verb.deprel == "conj":
        head = sentence.head(verb)
        if (
            head is not None
            and head.upos == "VERB"
            and not sentence.children(verb, "ccomp", "obl")
            and sentence.children(head, "obj")
        ):
            return objects(sentence, head)
    if verb.deprel == "acl:relcl" and sentence.children(verb, "nsubj"):
        head = sentence.head(verb)
        return [head] if head is not None else []
    return own


def case_of(sentence: Sentence, token: Token) -> str:
    """The preposition or subordinator in front of a phrase or clause, lower case, fixed parts joined ("because of")."""
    marks = [c for c in sentence.children(token, "case", "mark") if c.id < token.id]
    if not marks:
        return ""
    first = marks[0]
    return " ".join([first.lemma.lower(), *(f.lemma.lower() for f in sentence.children(first, "fixed"))])


def phrases(sentence: Sentence, head: Token, prepositions: tuple[str, ...]) -> list[Token]:
    """Heads of the phrases or clauses below ``head`` that one of the prepositions opens."""
    found = []
    for child in sentence.children(head, "obl", "nmod", "advcl", "acl", "xcomp", "ccomp"):
        if case_of(sentence, child) in prepositions:
            found.append(child)
    return found


def content(sentence: Sentence, verb: Token) -> Token | None:
    """The clause that a verb of speaking reports: complement, quotation beside it, or the clause it interrupts."""
    clauses = [c for c in sentence.children(verb, "ccomp") if c.id != verb.id]
    if clauses:
        return clauses[0]
    beside = [c for c in sentence.children(verb, "parataxis") if c.upos in {"VERB", "ADJ", "NOUN", "PROPN", "AUX"}]
    if beside:
        return max(beside, key=lambda c: len(sentence.subtree(c)))
    if (
        verb.deprel in {"parataxis", "advcl", "dep"}
        and (head := sentence.head(verb)) is not None
        and (
            verb.deprel == "parataxis"
            or case_of(sentence, verb) == "as"
            or any(m.lemma == "as" for m in sentence.children(verb, "mark", "advmod"))
        )
    ):
        return head
    inner = [c for c in sentence.children(verb, "xcomp", "csubj") if c.upos in {"VERB", "ADJ", "NOUN"}]
    return inner[0] if inner else None


def doers(sentence: Sentence, clause: Token) -> list[Token]:
    """Who does what a clause says: its logical subject; a possessor where the subject is a deed ("T's attacks")."""
    found = subjects(sentence, clause)
    if found:
        return found
    if is_passive(sentence, clause):
        return []
    owned = sentence.children(clause, "nmod:poss")
    return with_conjuncts(sentence, owned[:1])


def noun_phrase(sentence: Sentence, head: Token, until: int | None = None) -> tuple[int, int]:
    """Offsets of the maximal noun phrase of ``head``: modifiers, apposition, relative clause; no coordination.

    Where the parse hangs an allegation on the noun ("accused troops of shelling ..."), ``until``, the offset at which
    the allegation begins, ends the phrase before it.
    """
    start, end = _noun_phrase(sentence, head)
    if until is not None and head.end <= until < end:
        run = [t for t in sentence.tokens if start <= t.start and t.end <= until]
        while run and run[-1].id > head.id and run[-1].upos in {"ADP", "SCONJ", "PUNCT", "CCONJ"}:
            run = run[:-1]
        return trim(run) or (head.start, head.end)
    return start, end


def _noun_phrase(sentence: Sentence, head: Token) -> tuple[int, int]:
    drop = {
        "conj",
        "cc",
        "case",
        "punct",
        "cop",
        "mark",
        "parataxis",
        "dep",
        "aux",
        "nsubj",
        "csubj",
        "ccomp",
        "discourse",
        "list",
    }
    parts = [head]
    stack = [
        c
        for c in sentence.children(head)
        if c.deprel.split(":")[0] not in drop and not (c.deprel == "advmod" and c.id > head.id)
    ]
    if head.upos in {"VERB", "AUX"}:
        stack = []
    for child in stack:
        parts += sentence.subtree(child)
    inner = {p.id for p in parts}
    low, high = min(inner), max(inner)
    span = list(sentence.tokens[low - 1 : high])
    if head.deprel == "conj" or sentence.children(head, "conj"):
        block = [c for c in sentence.children(head, "conj", "cc") if low <= c.id <= high]
        for c in block:
            span = [t for t in span if t.id < c.id] if c.id > head.id else [t for t in span if t.id > c.id]
    return trim(span) or (head.start, head.end)


def trim(tokens: list[Token]) -> tuple[int, int] | None:
    """Offsets of a run of tokens without punctuation at its edges; a closing mark or bracket stays with its opening."""
    while tokens and tokens[0].upos == "PUNCT":
        tokens = tokens[1:]
    while tokens and tokens[-1].upos == "PUNCT":
        last = tokens[-1].form
        if last in ")]" and any(t.form in "([" for t in tokens):
            break
        if last[-1:] in QUOTES and any(t.form[:1] in QUOTES for t in tokens[:-1] if t.upos == "PUNCT"):
            break
        tokens = tokens[:-1]
    return (tokens[0].start, tokens[-1].end) if tokens else None


def clause_span(
    sentence: Sentence, head: Token, cue: Token | None = None, subject: bool = True, without: tuple[Token, ...] = ()
) -> tuple[int, int] | None:
    """Offsets of a clause or phrase as an allegation (codebook rulings 18 and 19).

    Leaves out the opening preposition or subordinator, the part that holds ``cue``, edge punctuation, and phrases of
    ``without`` ("accusations of fraud *against the director*").
    """
    ids = {t.id for t in sentence.subtree(head)}
    if cue is not None and cue.id in ids:
        below = cue
        for up in sentence.ancestors(cue):
            if up.id == head.id:
                break
            below = up
        ids -= {t.id for t in sentence.subtree(below)}
    for opening in sentence.children(head, "case", "mark", "cc"):
        if opening.id < head.id and not any(
            i < opening.id
            for i in ids - {t.id for t in sentence.subtree(opening)}
            if sentence.tokens[i - 1].upos != "PUNCT"
        ):
            ids -= {t.id for t in sentence.subtree(opening)}
    for other in without:
        if other.id in ids and other.id != head.id and case_of(sentence, other) in {"against", "to", "on"}:
            ids -= {t.id for t in sentence.subtree(other)}
    for aside in sentence.children(head, "appos", "parataxis"):
        if aside.lemma.lower() in ASIDES and aside.id > head.id:
            ids -= {t.id for t in sentence.subtree(aside)}
    if not subject:
        for s in sentence.children(head, "nsubj"):
            if s.id < head.id:
                ids -= {t.id for t in sentence.subtree(s)}
    if not ids:
        return None
    low, high = min(ids), max(ids)
    run = list(sentence.tokens[low - 1 : high])
    if cue is not None and low <= cue.id <= high:
        left = [t for t in run if t.id < cue.id]
        right = [t for t in run if t.id > cue.id]
        run = left if sum(t.id in ids for t in left) >= sum(t.id in ids for t in right) else right
        run = [t for t in run if t.id in ids or t.upos == "PUNCT"] if len([t for t in run if t.id in ids]) else run
    return trim(run)


def predicate_span(sentence: Sentence, head: Token, cue: Token) -> tuple[int, int] | None:
    """Offsets of what an adverb qualifies: the predicate without its subject ("he allegedly *stole the files*")."""
    ids = {t.id for t in sentence.subtree(head, without=("parataxis",))} - {t.id for t in sentence.subtree(cue)}
    for s in sentence.children(head, "nsubj", "aux", "cc", "mark", "case"):
        if s.id < head.id:
            ids -= {t.id for t in sentence.subtree(s)}
    first = cue.id if any(i > cue.id for i in ids) and cue.id < head.id else 0
    ids = {i for i in ids if i > first}
    return trim(sentence.tokens[min(ids) - 1 : max(ids)]) if ids else None
