"""Score which earlier actor a mention stands for: features of a pair, and a small network over them.

A mention-ranking model (Wiseman et al. 2015, Clark & Manning 2016) with features instead of word
vectors, so that it runs on parses alone. ``benchmarks/train_antecedents.py`` learns the weights.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from chargesheet import names
from chargesheet.conllu import Sentence, Token
from chargesheet.mentions import Mention

WEIGHTS = Path(__file__).parent / "models" / "antecedents.npz"
SPEECH = frozenset(
    """
    say tell claim argue state add warn write note accuse blame allege charge condemn denounce criticize
    criticise deny reject dismiss suggest insist maintain assert declare announce report explain believe think
    contend describe call reply respond continue comment acknowledge admit confirm vow pledge urge testify
    complain stress emphasize emphasise reiterate ask recall
    """.split()
)
KIND = {
    "person": "person",
    "organisation": "body",
    "state": "body",
    "state body": "body",
    "armed group": "body",
    "media": "body",
    "group of people": "people",
}
KINDS = ("person", "body", "people", "place", "document", "")
ROLES = ("subject", "object", "owner", "oblique", "other")
CLASSES = (
    "he",
    "she",
    "it",
    "they",
    "i",
    "we",
    "you",
    "each other",
    "name",
    "the",
    "that",
    "a",
    "both",
    "poss",
    "some",
    "number",
    "",
)
# nouns that news uses for many actors: which one a reader takes them for is a habit of its own
NOUNS = tuple(
    """
    government group country president police official people man court statement report ministry company city
    minister leader spokesman spokeswoman secretary force military authority organization party state nation
    department suspect victim agency army rebel militant administration regime soldier member prosecutor
    """.split()
)
TYPES = (
    "person",
    "organisation",
    "state",
    "state body",
    "armed group",
    "media",
    "group of people",
    "place",
    "document",
    "",
)


def kind_of(type_: str) -> str:
    """person, body, people, place, document or "": what agreement looks at."""
    return KIND.get(type_, type_)


def role_of(token: Token) -> str:
    """Grammatical role of a phrase's head."""
    relation = token.deprel
    if relation.startswith("nsubj"):
        return "subject"
    if relation in ("obj", "iobj", "obl:agent"):
        return "object"
    if relation == "nmod:poss":
        return "owner"
    return "oblique" if relation.startswith(("obl", "nmod")) else "other"


@dataclass(eq=False)
class Cluster:
    """The mentions of one actor so far, and what they say of it."""

    id: int
    mentions: list[Mention] = field(default_factory=list)
    votes: Counter[str] = field(default_factory=Counter)
    type: str = ""
    country: str = ""
    gender: str = ""
    number: str = ""
    names: list[str] = field(default_factory=list)
    words: set[str] = field(default_factory=set)  # of its names
    nouns: set[str] = field(default_factory=set)  # heads of its nominals
    described: set[str] = field(default_factory=set)  # titles and appositions
    modifiers: set[str] = field(default_factory=set)
    cores: set[str] = field(default_factory=set)
    joined: int = 0  # members of "Russia and Iran", 0 of others
    pair: tuple[Mention, ...] = ()  # two people that "they" are without being named together

    @property
    def last(self) -> Mention:
        return self.mentions[-1]

    def add(self, mention: Mention, why: str) -> None:
        """Take in a mention; names count most for what the actor is."""
        mention.cluster, mention.why = self.id, why
        self.mentions.append(mention)
        if mention.type:
            self.votes[mention.type] += {"name": 2, "nominal": 1}.get(mention.kind, 0)
        self.country = self.country or mention.country
        if mention.gender in ("masc", "fem") and not self.gender:
            self.gender = mention.gender
        self.modifiers |= mention.modifiers
        if mention.kind == "name":
            self.names.append(mention.core)
            self.words.update(names.words(mention.core))
            self.described |= mention.modifiers
            if len(self.names) == 1:
                self.number = mention.number
        elif mention.kind == "nominal":
            self.joined = max(self.joined, len(mention.members))
            if mention.noun:
                self.nouns.add(mention.noun)
                self.cores.add(mention.core.casefold())
        self.number = self.number or mention.number
        self.settle()

    def settle(self) -> None:
        """Decide the type: a title or apposition outweighs a tagger's guess."""
        if self.votes:
            self.type = max(self.votes, key=lambda t: (self.votes[t], -TYPES.index(t)))
        elif self.mentions and self.mentions[0].type == "person":
            self.type = "person"


class Context:
    """What the scorer needs to know of a mention and its surroundings, worked out once."""

    __slots__ = (
        "above",
        "appositive",
        "copula",
        "country",
        "kind",
        "mention",
        "mods",
        "quoted",
        "role",
        "row",
        "speakers",
        "subject",
    )

    def __init__(self, mention: Mention, sentence: Sentence, quoted: bool = False):
        head = mention.head
        self.mention, self.mods, self.quoted = mention, mention.modifiers, quoted
        self.kind, self.role = kind_of(mention.type), role_of(head)
        self.above = {t.id for t in sentence.ancestors(head)}
        self.subject = clause_subject(sentence, head)
        self.speakers = speakers(sentence, head)
        self.copula = -1
        if any(c.deprel == "cop" for c in sentence.children(head)):
            self.copula = next((c.id for c in sentence.children(head, "nsubj")), -1)
        self.appositive = head.head if head.deprel == "appos" else -1
        self.country = mention.country
        self.row = self._row()

    def _row(self) -> list[float]:
        """Features of the mention alone."""
        m = self.mention
        class_ = m.core if m.kind == "pronoun" else "name" if m.kind == "name" else m.determiner
        row = [float(class_ == c) for c in CLASSES]
        row += [float(self.role == r) for r in ROLES]
        row += [float(m.type == t) for t in TYPES]
        row += [float(m.noun == n) for n in NOUNS]
        row += [
            float(m.number == "plur"),
            float(m.sentence == 1),
            float(bool(self.mods)),
            float(m.last > m.head.id),
            float(m.head.deprel == "appos"),
            float(self.copula > 0),
            float(m.text.casefold().endswith(("self", "selves"))),
            float(bool(self.country)),
            min(m.sentence, 30) / 30,
            float(bool(self.speakers)),
            float(self.quoted),
        ]
        return row


def clause_subject(sentence: Sentence, token: Token) -> int:
    """Head of the subject of the nearest clause around ``token``, -1 where there is none."""
    for up in sentence.ancestors(token):
        for subject in sentence.children(up, "nsubj"):
            if subject is not token:
                return subject.id
    return -1


def speakers(sentence: Sentence, token: Token) -> frozenset[int]:
    """Heads of the subjects of verbs of speech that the words around ``token`` hang on."""
    found = set()
    for up in sentence.ancestors(token):
        for verb in (up, *sentence.children(up, "parataxis", "ccomp", "advcl")):
            if verb.lemma in SPEECH:
                found |= {s.id for s in sentence.children(verb, "nsubj") if s is not token}
    return frozenset(found)


DISTANCES = (0, 1, 2, 3, 6, 15, 10**6)


def pair(
    context: Context, cluster: Cluster | None, rank: int, agreeing: int, before: set[int], told: set[int]
) -> list[float]:
    """Features of a mention and a candidate actor; of a new actor where ``cluster`` is None.

    rank: how many actors were mentioned since; agreeing: how many of these agree; before, told: ids
    of the clusters that were subjects, and speakers, in the sentence before.
    """
    if cluster is None:
        return context.row + [1.0] + [0.0] * (WIDTH - len(context.row) - 1)
    m, last = context.mention, cluster.last
    distance = m.sentence - last.sentence
    same = distance == 0
    size = len(cluster.mentions)
    kind, role = kind_of(cluster.type), role_of(last.head)
    row = [0.0]
    # the candidate
    row += [float(cluster.type == t) for t in TYPES]
    row += [float(role == r) for r in ROLES]
    row += [
        float(bool(cluster.names)),
        min(size, 8) / 8,
        float(size == 1),
        float(cluster.number == "sing"),
        float(cluster.number == "plur"),
        float(cluster.gender != ""),
        float(cluster.country != ""),
        float(cluster.joined > 0),
        float(last.kind == "name"),
        float(last.kind == "pronoun"),
        float(last.kind == "nominal" and last.determiner == "a"),
        float(cluster.mentions[0].sentence == 1),
    ]
    # how far
    step = next(i for i, d in enumerate(DISTANCES) if distance <= d)
    row += [float(step == i) for i in range(len(DISTANCES))]
    row += [
        min(rank, 20) / 20,
        float(rank == 0),
        float(rank == 1),
        min(agreeing, 10) / 10,
        float(agreeing == 0),
        float(agreeing == 1),
        min(m.head.id - last.head.id, 40) / 40 if same else 0.0,
        float(cluster.id in before),
        float(cluster.id in told),
    ]
    # agreement
    gender = m.gender if m.gender in ("masc", "fem") else ""
    row += [
        float(gender != "" and cluster.gender == gender),
        float(gender != "" and cluster.gender not in ("", gender)),
        float(m.number != "" and cluster.number == m.number),
        float(m.number != "" and cluster.number not in ("", m.number)),
        float(context.kind != "" and context.kind == kind),
        float(context.kind not in ("", kind) and kind != ""),
        float(m.type != "" and m.type == cluster.type),
        float(context.country != "" and context.country == cluster.country),
        float(context.country != "" and cluster.country not in ("", context.country)),
    ]
    # words in common
    noun, mods = m.noun, context.mods
    alike = (
        [x for x in cluster.mentions[-12:] if x.noun == noun and x.number == m.number]
        if noun and noun in cluster.nouns
        else []
    )
    strangers = mods - cluster.modifiers - cluster.words if mods else mods
    row += [
        float(bool(alike)),
        float(noun != "" and noun in cluster.nouns),
        float(noun != "" and noun in cluster.words),
        float(noun != "" and noun in cluster.described),
        float(noun != "" and m.core.casefold() in cluster.cores),
        float(bool(mods) and not strangers),
        float(bool(strangers)),
        float(any(x.modifiers == mods for x in alike)),
        float(bool(alike) and all(x.modifiers and mods and not x.modifiers & mods for x in alike)),
        float(bool(alike) and not mods),
        float(any(x.determiner in ("the", "that") for x in alike)),
        float(bool(alike) and m.sentence - alike[-1].sentence <= 2),
        float(m.kind == "pronoun" and any(x.core == m.core for x in cluster.mentions[-3:] if x.kind == "pronoun")),
        float(m.kind == "name" and bool(mods & cluster.nouns)),
        float(cluster.joined == 2 and (m.determiner == "both" or "two" in mods)),
        float(noun != "" and bool(cluster.nouns) and noun not in cluster.nouns),
    ]
    # syntax
    inside = same and (last.head.id in context.above or last.first <= m.head.id <= last.last)
    near = [x.head.id for x in cluster.mentions[-4:] if x.sentence == m.sentence]
    row += [
        float(inside),
        float(same and last.head.head == m.head.head and not inside),
        float(context.subject in near),
        float(context.appositive in near),
        float(context.copula in near),
        float(any(x in context.speakers for x in near)),
        float(same and last.start > m.start),
        float(role == context.role),
        float(last.kind == "pronoun" and last.core in ("i", "we")),
    ]
    return context.row + row


WIDTH = 159  # features of a pair


@lru_cache(maxsize=1)
def load(path: Path = WEIGHTS) -> tuple[np.ndarray, ...] | None:
    """Weights of the network: (hidden, bias, out), hidden of shape (WIDTH, units)."""
    with np.load(path) as stored:
        return tuple(stored[name].astype(np.float32) for name in ("hidden", "bias", "middle", "middle_bias", "out"))


def score(rows: list[list[float]], weights: tuple[np.ndarray, ...]) -> np.ndarray:
    """Scores of candidates, shape (len(rows),): the highest is the actor meant."""
    hidden, bias, middle, middle_bias, out = weights
    x = np.maximum(np.asarray(rows, dtype=np.float32) @ hidden + bias, 0)
    return np.maximum(x @ middle + middle_bias, 0) @ out
