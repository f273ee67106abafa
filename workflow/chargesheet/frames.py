"""Cue frames over Universal Dependencies: which words report an act, and where its parts stand.

The frames are data (``codebook/cues.yaml``, and a study's own file); this module is their one engine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz import process

from chargesheet import syntax
from chargesheet.conllu import Sentence, Token
from chargesheet.errors import UserError

SHIPPED = Path(__file__).parent / "codebook" / "cues.yaml"
PARTS = ("source", "target", "allegation", "via")
ACTS = ("accuse", "condemn", "deny")
KEYS = {"id", "act", "strong", "lemmas", "with", "example", "expect", "note", *PARTS}
STEP = re.compile(
    r"^(subject|object|content|doer|owner|modified|clause|governor|xcomp|relative|self|predicate|with|light|source|target|if|prep\(([^)]*)\))$"
)


@dataclass(frozen=True)
class Frame:
    """One entry of ``cues.yaml``."""

    id: str
    act: str
    lemmas: dict[str, tuple[str, ...]]
    parts: dict[str, tuple[str, ...]]
    strong: bool = False
    companions: tuple[str, ...] = ()
    example: str = ""
    expect: dict[str, str] = field(default_factory=dict, compare=False, hash=False)


@dataclass
class Match:
    """A cue found in a sentence with the heads of its parts, and the selector that found each part."""

    frame: Frame
    sentence: Sentence
    cue: Token
    source: list[Token] = field(default_factory=list)
    target: list[Token] = field(default_factory=list)
    allegation: Token | None = None
    paths: dict[str, str] = field(default_factory=dict)


def parse(text: str, where: str) -> list[Frame]:
    """Frames of a YAML text. All mistakes are reported at once.

    Raises:
        UserError: the text is not YAML, or a frame has an unknown key, act, part of speech or selector.
    """
    try:
        rows = yaml.safe_load(text) or []
    except yaml.YAMLError as error:
        raise UserError(f"{where} is not valid YAML: {error}") from None
    if not isinstance(rows, list):
        raise UserError(f"{where}: write a list of frames, each beginning with '- id: ...'")
    frames, problems, seen = [], [], set()
    for number, row in enumerate(rows, 1):
        name = f"{where}, frame {number}" + (f" ({row['id']})" if isinstance(row, dict) and "id" in row else "")
        if not isinstance(row, dict):
            problems.append(f"{name}: write 'id: ...', 'act: ...', 'lemmas: {{VERB: [...]}}'")
            continue
        for key in row.keys() - KEYS:
            close = process.extractOne(str(key), sorted(KEYS), score_cutoff=70)
            problems.append(
                f"{name}: unknown key '{key}'"
                + (f" - did you mean '{close[0]}'?" if close else f"; known: {', '.join(sorted(KEYS))}")
            )
        for key in ("id", "act", "lemmas"):
            if not row.get(key):
                problems.append(f"{name}: '{key}' is missing")
        if row.get("act") not in (None, *ACTS):
            problems.append(f"{name}: act '{row['act']}' - write accuse, condemn or deny")
        if row.get("id") in seen:
            problems.append(f"{name}: this id stands twice")
        seen.add(row.get("id"))
        lemmas = row.get("lemmas") if isinstance(row.get("lemmas"), dict) else {}
        for pos, words in lemmas.items():
            if pos not in {"VERB", "NOUN", "ADJ", "ADV", "ADP", "PRON", "PROPN"} or not isinstance(words, list):
                problems.append(
                    f"{name}: lemmas - write VERB, NOUN, ADJ, ADV, ADP or PRON and a list, "
                    "as in {VERB: [accuse, blame]}"
                )
        parts = {}
        for part in PARTS:
            selectors = row.get(part) or []
            selectors = [selectors] if isinstance(selectors, str) else selectors
            for selector in selectors:
                for step in _steps(selector):
                    if not STEP.match(step):
                        problems.append(
                            f"{name}: {part} - unknown selector '{step}' in '{selector}'; "
                            f"the head of {SHIPPED.name} lists them"
                        )
            parts[part] = tuple(selectors)
        if not problems:
            companions = row.get("with") or []
            frames.append(
                Frame(
                    row["id"],
                    row["act"],
                    {pos: tuple(words) for pos, words in lemmas.items()},
                    parts,
                    bool(row.get("strong")),
                    tuple([companions] if isinstance(companions, str) else companions),
                    row.get("example", ""),
                    row.get("expect") or {},
                )
            )
    if problems:
        raise UserError("\n  ".join(["the cue frames can't be used:", *problems]))
    return frames


@cache
def load(own: Path | None = None) -> tuple[Frame, ...]:
    """The shipped frames, with those of a study's own file added (same id: replaced)."""
    frames = {f.id: f for f in parse(SHIPPED.read_text(encoding="utf-8"), SHIPPED.name)}
    if own is not None:
        try:
            text = Path(own).read_text(encoding="utf-8")
        except OSError as error:
            raise UserError(
                f"can't read the study's cue file {own} ({error.strerror}); see 'code.cues' in config/config.yaml"
            ) from None
        frames |= {f.id: f for f in parse(text, str(own))}
    return tuple(frames.values())


def by_lemma(frames: tuple[Frame, ...]) -> dict[tuple[str, str], list[Frame]]:
    """Frames by (lemma, part of speech), in file order."""
    table: dict[tuple[str, str], list[Frame]] = {}
    for frame in frames:
        for pos, lemmas in frame.lemmas.items():
            for lemma in lemmas:
                table.setdefault((lemma, pos), []).append(frame)
    return table


def _steps(selector: str) -> list[str]:
    return re.findall(r"(?:[^.(]|\([^)]*\))+", str(selector))


def _light(sentence: Sentence, noun: Token) -> Token | None:
    """The verb that governs a noun cue: "S levelled charges against T", "S faces charges", "charges were brought"."""
    for up in sentence.ancestors(noun):
        if up.upos in {"VERB", "AUX"} or sentence.children(up, "nsubj", "nsubj:pass", "cop"):
            return up
        if up.upos not in {"NOUN", "PROPN", "ADJ"}:
            return None
    return None


# Governing verbs whose subject is the accused, not the accuser ("faces charges", "drew criticism").
RECEIVE = set(
    "face draw receive attract await deny reject earn provoke spark prompt confront meet dismiss refute answer fight "
    "dispute plead hear have stand go come be suffer endure fend".split()
)


class Selection:
    """Evaluate selectors at one cue."""

    def __init__(self, sentence: Sentence, cue: Token, frame: Frame, companion: Token | None):
        self.sentence, self.cue, self.frame, self.companion = sentence, cue, frame, companion

    def find(self, selector: str) -> list[Token]:
        """Tokens that a selector finds, in text order."""
        steps = _steps(selector)
        if "if" in steps:
            cut = steps.index("if")
            if not self.find(".".join(steps[cut + 1 :])):
                return []
            steps = steps[:cut]
        at = [self.cue]
        for number, step in enumerate(steps):
            at = [x for t in at for x in self._step(step, t, number == 0)]
            at = list({t.id: t for t in at}.values())
        return at

    def _step(self, step: str, at: Token, first: bool) -> list[Token]:
        s = self.sentence
        if step.startswith("prep("):
            names = tuple(n.strip() for n in step[5:-1].split(","))
            found = syntax.phrases(s, at, names)
            return syntax.with_conjuncts(s, found[:1]) if found else []
        if step == "subject":
            return syntax.subjects(s, at)
        if step == "object":
            return syntax.objects(s, at)
        if step == "content":
            clause = syntax.content(s, at)
            return [clause] if clause is not None else []
        if step == "doer":
            return syntax.doers(s, at)
        if step == "xcomp":
            return s.children(at, "xcomp")[:1]
        if step == "relative":
            return s.children(at, "acl", "ccomp")[:1]
        if step == "owner":
            owned = s.children(at, "nmod:poss") or [
                c for c in s.children(at, "compound", "nmod:desc") if c.upos in {"PROPN", "NOUN"}
            ]
            return syntax.with_conjuncts(s, owned[:1])
        if step == "modified":
            head = s.head(at)
            return [head] if head is not None and at.deprel in {"amod", "acl", "compound", "nmod:desc"} else []
        if step == "governor":
            if at.deprel in {"case", "fixed"} and (head := s.head(at)) is not None:
                head = s.head(head) if at.deprel == "fixed" else head
                return syntax.with_conjuncts(s, [head]) if head is not None else []
            return syntax.with_conjuncts(s, s.children(at, "obl", "nmod", "obj")[:1])
        if step == "predicate":
            return [at]
        if step == "clause":
            for up in s.ancestors(at):
                if up.upos in {"VERB", "AUX"} or s.children(up, "cop", "nsubj"):
                    return [up]
            return [up] if at.head and (up := s.head(at)) else []
        if step == "light":
            verb = _light(s, at)
            return [verb] if verb is not None else []
        if step == "source":
            return [] if self._receives(at) else syntax.subjects(s, at)
        if step == "target":
            if self._receives(at):
                return (
                    (syntax.subjects(s, at) or syntax.objects(s, at))
                    if not syntax.is_passive(s, at)
                    else syntax.objects(s, at)
                )
            return [o for o in syntax.objects(s, at) if o.id != self.cue.id]
        if step == "with":
            return [self.companion] if self.companion is not None else []
        return [at]

    def _receives(self, verb: Token) -> bool:
        return verb.lemma in RECEIVE


def companion(sentence: Sentence, cue: Token, words: tuple[str, ...]) -> Token | None:
    """The first word of ``words`` that stands below the cue (or above it, for a noun cue)."""
    near = [t for t in sentence.subtree(cue) if t.id != cue.id]
    if cue.upos != "VERB":
        near += [t for up in list(sentence.ancestors(cue))[:1] for t in [up, *sentence.children(up)]]
    return next((t for t in near if t.lemma.lower() in words or t.form.lower() in words), None)


def apply(frame: Frame, sentence: Sentence, cue: Token) -> Match | None:
    """The frame at a cue word, or None where its companion word is missing."""
    mate = companion(sentence, cue, frame.companions) if frame.companions else None
    if frame.companions and mate is None:
        return None
    selection = Selection(sentence, cue, frame, mate)
    match = Match(frame, sentence, cue)
    taken: set[int] = set()
    for part in ("source", "allegation", "target"):
        for selector in frame.parts[part]:
            found = [t for t in selection.find(selector) if t.id != cue.id or selector == "self"]
            if part == "target":
                found = [t for t in found if t.id not in taken]
            if not found:
                continue
            match.paths[part] = selector
            if part == "allegation":
                match.allegation = found[0]
            else:
                setattr(match, part, found)
                taken |= {t.id for t in found}
            break
    return match


def matches(sentence: Sentence, table: dict[tuple[str, str], list[Frame]]) -> list[Match]:
    """Every frame at every word of a sentence."""
    found = []
    for token in sentence.tokens:
        for frame in table.get((token.lemma.lower(), token.upos), []):
            match = apply(frame, sentence, token)
            if match is not None:
                found.append(match)
    return found
