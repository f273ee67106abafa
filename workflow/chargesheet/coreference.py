"""Group the mentions of one article: which of them stand for the same actor."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from chargesheet import gazetteer
from chargesheet.conllu import Document, Sentence, Token
from chargesheet.mentions import LEMMAS, Mention

TITLES = set("""mr mrs ms miss dr sir lord lady president vice-president prime minister premier chancellor secretary general colonel captain major
lieutenant sergeant admiral commander judge justice senator sen representative rep congressman congresswoman governor gov mayor ambassador professor prof
king queen prince princess pope sheikh sheik imam ayatollah mullah chairman chief rev reverend bishop archbishop cardinal st attorney""".split())
MALE, FEMALE = {"mr", "sir", "lord", "king", "prince", "pope", "sheikh", "imam"}, {"mrs", "ms", "miss", "lady", "queen", "princess", "madam"}
CONTENT = re.compile(r"\w+", re.UNICODE)
SPEECH = set("""say tell claim argue state add warn write note accuse blame allege charge condemn denounce criticize criticise deny reject dismiss
suggest insist maintain assert declare announce report explain believe think contend describe call reply respond continue comment acknowledge admit
confirm vow pledge urge testify complain stress emphasize emphasise reiterate""".split())
GROUPS = {"person": "person", "organisation": "body", "state": "body", "state body": "body", "armed group": "body", "media": "body", "place": "place", "group of people": "people", "": ""}


@dataclass(slots=True)
class Cluster:
    """Mentions of one actor so far."""

    id: int
    mentions: list[Mention] = field(default_factory=list)
    type: str = ""
    country: str = ""
    gender: str = ""
    number: str = ""
    names: list[str] = field(default_factory=list)
    words: set[str] = field(default_factory=set)

    def add(self, mention: Mention, why: str) -> None:
        mention.cluster, mention.why = self.id, why
        self.mentions.append(mention)
        self.type = self.type or mention.type
        self.country = self.country or mention.country
        if mention.gender in ("masc", "fem"):
            self.gender = self.gender or mention.gender
        if mention.kind == "name":
            self.names.append(mention.core)
            if not self.number or len(self.names) == 1:
                self.number = mention.number
        self.number = self.number or mention.number

    @property
    def last(self) -> Mention:
        return self.mentions[-1]


def content(name: str) -> list[str]:
    """Words of a name without titles and articles, lower case."""
    words = [w for w in CONTENT.findall(gazetteer.clean(name).casefold()) if w not in ("the", "of", "a", "an", "and", "s", "for")]
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    return words


def acronym(name: str) -> str:
    """First letters of the words that begin with a capital."""
    return "".join(w[0] for w in CONTENT.findall(gazetteer.clean(name)) if w[0].isupper())


def misspelt(one: str, other: str) -> bool:
    """Two spellings of one long word: one or two letters apart, same first letter, no digit."""
    if one == other or min(len(one), len(other)) < 5 or one[0] != other[0] or any(c.isdigit() for c in one + other):
        return False
    distance = DamerauLevenshtein.distance(one, other, score_cutoff=2)
    return distance <= (1 if min(len(one), len(other)) < 7 else 2)
    

def same_name(one: str, other: str, type_: str) -> str:
    """Why two names in one article name one actor, "" where they do not."""
    u, v = content(one), content(other)
    if not u or not v:
        return ""
    if u == v:
        return "same name"
    known = gazetteer.load()
    a, b = known.find(one), known.find(other)
    if a and b:
        return "same entry: " + a.name if a.name == b.name else ""
    short, long = (one, other) if len(one) < len(other) else (other, one)
    bare = gazetteer.clean(short)
    if 2 <= len(bare) <= 7 and bare.isupper() and " " not in bare and len(content(long)) > 1 and acronym(long) == bare:
        return "acronym"
    if type_ == "person":
        su, sv = (u, v) if len(u) < len(v) else (v, u)
        if len(su) == 1 and (su[0] == sv[-1] or su[0] == sv[0] or "".join(su) == "".join(sv)):
            return "part of the full name"
        if len(su) > 1 and su[-1] == sv[-1] and set(su) <= set(sv):
            return "part of the full name"
        if len(su) > 1 and len(su) == len(sv) and all(x == y or misspelt(x, y) for x, y in zip(su, sv, strict=True)):
            return "spelling variant"
    elif not (a or b):
        if len(u) > 1 and len(v) > 1 and (u[-len(v) :] == v or v[-len(u) :] == u):
            return "part of the full name"
    if "".join(u) == "".join(v):
        return "same name"
    if not (a or b) and len(u) == len(v) and all(x == y or misspelt(x, y) for x, y in zip(u, v, strict=True)):
        return "spelling variant"
    return ""


def _features(sentence: Sentence, mention: Mention) -> None:
    """Gender and country evidence next to a name: titles, adjectives."""
    if mention.kind == "name" and mention.type in ("person", ""):
        before = [t.form.casefold().strip(".") for t in sentence.tokens[max(0, mention.span[0] - 3) : mention.span[0] - 1]]
        inner = [w.casefold().strip(".") for w in mention.core.split()]
        if MALE & {*before[-1:], *inner[:1]}:
            mention.gender, mention.type = "masc", "person"
        elif FEMALE & {*before[-1:], *inner[:1]}:
            mention.gender, mention.type = "fem", "person"


def agree(cluster: Cluster, mention: Mention) -> bool:
    """Number, gender and kind of actor do not contradict each other."""
    a, b = GROUPS[cluster.type], GROUPS[mention.type]
    if mention.kind == "pronoun":
        if mention.core in ("he", "she"):
            if a not in ("person", "") or cluster.number == "plur":
                return False
            return not cluster.gender or cluster.gender == mention.gender
        if mention.core == "it":
            return a not in ("person", "people") and cluster.number != "plur" or cluster.country != "" and a == "body"
        if mention.core == "they":
            return cluster.number == "plur" or a in ("people", "body")
    return not a or not b or a == b


def _role(token: Token) -> float:
    relation = token.deprel
    if relation.startswith("nsubj"):
        return 1.0
    if relation in ("obj", "iobj", "obl:agent"):
        return 0.5
    if relation == "nmod:poss":
        return 0.3
    return 0.0


def group(document: Document, found: list[Mention]) -> list[Cluster]:
    """Give every mention a cluster, in one pass from the first to the last."""
    sentences = {s.number: s for s in document.sentences}
    for mention in found:
        _features(sentences[mention.sentence], mention)
    clusters: list[Cluster] = []
    names = _names(found, clusters)
    heads: dict[int, dict[int, Mention]] = {}
    for mention in found:
        heads.setdefault(mention.sentence, {})[mention.head.id] = mention
    for mention in found:
        sentence = sentences[mention.sentence]
        if mention.kind == "name":
            names[id(mention)].add(mention, mention.why or "name")
            continue
        if mention.kind == "pronoun":
            cluster, why = _pronoun(mention, sentence, clusters, heads)
        else:
            cluster, why = _nominal(mention, sentence, clusters, heads)
        if cluster is None:
            cluster = Cluster(len(clusters))
            clusters.append(cluster)
            why = "first mention"
        cluster.add(mention, why)
    return clusters


def _names(found: list[Mention], clusters: list[Cluster]) -> dict[int, Cluster]:
    """Group the names first, whole article at once: full names lend themselves to short ones."""
    chosen: dict[int, Cluster] = {}
    entries: list[tuple[Cluster, list[str]]] = []
    index: dict[str, list[int]] = {}
    order = sorted((m for m in found if m.kind == "name"), key=lambda m: (-len(content(m.core)), m.start))
    for mention in order:
        best, why = None, ""
        for at, (cluster, forms) in enumerate(entries):
            if mention.country and cluster.country and mention.country != cluster.country:
                continue
            if (mention.type == "group of people") != (cluster.type == "group of people") and mention.country:
                continue
            if mention.type == "person" and cluster.type in ("place", "state") or cluster.type == "person" and mention.type in ("place", "state"):
                continue
            if mention.gender and cluster.gender and mention.gender != cluster.gender:
                continue
            reason = next((r for r in (same_name(mention.core, form, mention.type or cluster.type) for form in forms) if r), "")
            if reason:
                best, why = at, reason
                break
        if best is None:
            cluster = Cluster(len(clusters), type=mention.type, country=mention.country)
            clusters.append(cluster)
            entries.append((cluster, [mention.core]))
            mention.why = "name"
        else:
            cluster, forms = entries[best]
            if mention.core not in forms:
                forms.append(mention.core)
            mention.why = why
        cluster.gender = cluster.gender or mention.gender
        chosen[id(mention)] = cluster
    return chosen


def _candidates(clusters: list[Cluster], mention: Mention, window: int):
    for cluster in clusters:
        if cluster.mentions and mention.sentence - cluster.last.sentence <= window and cluster.last.start < mention.start:
            yield cluster


def _pronoun(mention: Mention, sentence: Sentence, clusters: list[Cluster], heads: dict) -> tuple[Cluster | None, str]:
    if mention.core == "each other":
        subject = _clause_subject(sentence, mention.head)
        owner = subject and heads[mention.sentence].get(subject.id)
        if owner and owner.cluster >= 0:
            return clusters[owner.cluster], "reciprocal of the subject"
        return None, ""
    if mention.person == 1:
        same = [c for c in clusters if c.mentions and any(m.kind == "pronoun" and m.core == mention.core for m in c.mentions)]
        speaker = _speaker(mention, sentence, clusters, heads)
        if speaker:
            return speaker, "speaker of the quotation"
        return (same[-1], "same speaker") if same else (None, "")
    if mention.head.deprel == "nmod:poss" or LEMMAS.get(mention.text.casefold()) and mention.text.casefold().endswith(("self", "selves")):
        subject = _clause_subject(sentence, mention.head)
        owner = subject and heads[mention.sentence].get(subject.id)
        if owner and owner.cluster >= 0 and owner.start < mention.start and agree(clusters[owner.cluster], mention):
            return clusters[owner.cluster], "subject of its clause"
    best, score = None, 0.0
    subject = _clause_subject(sentence, mention.head)
    for cluster in _candidates(clusters, mention, 3):
        if not agree(cluster, mention):
            continue
        last = cluster.last
        if last.head.head == mention.head.head and last.sentence == mention.sentence and mention.head.deprel != "nmod:poss":
            continue  # two arguments of one verb are two actors
        value = 3.0 - (mention.sentence - last.sentence) + _role(last.head) + min(len(cluster.mentions), 5) * 0.15
        if mention.core in ("he", "she") and cluster.type == "person":
            value += 1.0
        if cluster.gender == mention.gender:
            value += 0.5
        if mention.core == "they" and cluster.number == "plur":
            value += 0.7
        if value > score:
            best, score = cluster, value
    return best, "pronoun agrees, nearest subject"


def _clause_subject(sentence: Sentence, token: Token) -> Token | None:
    for up in sentence.ancestors(token):
        for subject in sentence.children(up, "nsubj"):
            if subject is not token:
                return subject
    return None


def _speaker(mention: Mention, sentence: Sentence, clusters: list[Cluster], heads: dict) -> Cluster | None:
    """The subject of the verb of speech that governs the pronoun's clause."""
    for up in sentence.ancestors(mention.head):
        verbs = [up, *sentence.children(up, "parataxis", "ccomp")]
        for verb in verbs:
            if verb.lemma in SPEECH:
                for subject in sentence.children(verb, "nsubj"):
                    owner = heads[mention.sentence].get(subject.id)
                    if owner and owner.cluster >= 0 and owner is not mention and (mention.core != "i" or clusters[owner.cluster].type in ("person", "")):
                        return clusters[owner.cluster]
    return None


BROAD = {"group", "organization", "organisation", "movement", "body", "agency", "country", "nation", "company", "firm", "outlet", "publication", "newspaper", "network", "man", "woman"}
ROLES = {"president", "minister", "premier", "chancellor", "leader", "secretary", "spokesman", "spokeswoman", "ambassador", "senator", "governor", "mayor", "king", "pope", "general"}


def _nominal(mention: Mention, sentence: Sentence, clusters: list[Cluster], heads: dict) -> tuple[Cluster | None, str]:
    head = mention.head
    # apposition: "Al-Mirsaad, a media outlet", "the minister, X"
    if head.deprel == "appos":
        owner = heads[mention.sentence].get(head.head)
        if owner and owner.cluster >= 0:
            _retype(clusters[owner.cluster], mention)
            return clusters[owner.cluster], "apposition"
    for child in sentence.children(head, "appos", "flat"):
        owner = heads[mention.sentence].get(child.id)
        if owner and owner.kind == "name":
            cluster = next((c for c in clusters for m in c.mentions if m is owner), None)
            if cluster:
                return cluster, "apposition"
    dets = [t.form.casefold() for t in sentence.children(head, "det")]
    definite = any(d in ("the", "this", "that", "these", "those", "both") for d in dets)
    if not definite:
        return None, ""
    mods = set(content(mention.core)) - {head.form.casefold(), head.lemma.casefold()}
    best, score, why = None, 0.0, ""
    for cluster in _candidates(clusters, mention, 40):
        distance = mention.sentence - cluster.last.sentence
        value, reason = 0.0, ""
        for m in cluster.mentions:
            if m.kind == "nominal" and m.head.lemma == head.lemma and m.number == mention.number:
                other = set(content(m.core)) - {m.head.form.casefold(), m.head.lemma.casefold()}
                if mods <= other or not mods:
                    value, reason = 3.0, "same noun"
            elif m.kind == "name" and head.form.casefold() in content(m.core) and mods <= set(content(m.core)):
                value, reason = 3.5, "noun of the name"
        if not value and not mods and distance <= 3 and cluster.names and mention.number == "sing":
            if head.lemma in BROAD and agree(cluster, mention) and GROUPS[cluster.type] == GROUPS[mention.type] and not (mention.type == "media" and cluster.type == "state"):
                if (head.lemma in ("country", "nation")) == (cluster.type in ("state",)):
                    value, reason = 2.0 + 0.5 * _role(cluster.last.head), "definite noun, nearest actor of its kind"
        if value and value - 0.1 * distance > score:
            best, score, why = cluster, value - 0.1 * distance, reason
    return best, why


def _retype(cluster: Cluster, mention: Mention) -> None:
    """An apposition says what the name is: "Al-Mirsaad, a media outlet" is no person."""
    if mention.type and (GROUPS[cluster.type] != GROUPS[mention.type] or cluster.type == "organisation") and cluster.type != "state":
        cluster.type = mention.type
