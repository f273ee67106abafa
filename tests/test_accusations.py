"""What is said of an act, and how its parts are chosen, on parses written down by hand."""

import numpy as np
import pytest

from chargesheet import accusations, culpability, frames, reader
from chargesheet.culpability import Logistic
from parsed import article

TABLE = frames.by_lemma(frames.load())
ACCUSED = (
    "Alvonia/PROPN/2/nsubj accused/VERB/0/root=accuse Brennia/PROPN/2/obj of/SCONJ/5/mark shelling/VERB/2/advcl=shell "
    "villages/NOUN.Plur/5/obj ./PUNCT/2/punct"
)


def sentence(words: str):
    return article(words)[0].sentences[0]


@pytest.mark.parametrize(
    ("words", "cue", "said"),
    [
        (ACCUSED, "accused", True),
        (
            "Alvonia/PROPN/4/nsubj did/AUX/4/aux not/PART/4/advmod accuse/VERB/0/root Brennia/PROPN/4/obj",
            "accuse",
            False,
        ),
        (
            "Alvonia/PROPN/2/nsubj refused/VERB/0/root=refuse to/PART/4/mark condemn/VERB/2/xcomp Dell/PROPN/4/obj",
            "condemn",
            False,
        ),
        (
            "If/SCONJ/3/mark Dell/PROPN/3/nsubj denies/VERB/5/advcl=deny we/PRON/5/nsubj leave/VERB/0/root",
            "denies",
            False,
        ),
        ("No/DET/2/det accusation/NOUN/4/nsubj:pass was/AUX/4/aux made/VERB/0/root=make", "accusation", False),
    ],
)
def test_asserted(words, cue, said):
    parsed = sentence(words)
    token = next(t for t in parsed.tokens if t.form == cue)
    assert accusations.asserted(parsed, token) is said


def reading_of(words: str, acts: dict[str, list[float]], roles: dict[str, dict[str, float]]) -> tuple:
    """A reading as the reader would give it: chances of acts by word, logits of roles by word."""
    document, text = article(words)
    tokens = document.sentences[0].tokens
    parsed = reader.Article(
        document,
        tokens,
        [0] * len(tokens),
        [0],
        [[0]] * len(tokens),
        np.zeros((len(tokens), 4)),
        np.zeros((len(tokens), 3)),
    )
    chances = np.tile([1.0, 0, 0, 0], (len(tokens), 1))
    cues = {}
    for i, t in enumerate(tokens):
        if t.form in acts:
            chances[i] = acts[t.form]
            logits = np.full((len(tokens), len(reader.ROLES)), -8.0)
            for role, by_word in roles.items():
                for k, other in enumerate(tokens):
                    logits[k, reader.ROLES.index(role)] = by_word.get(other.form, -8.0)
            cues[i] = reader.Cue(i, list(range(len(tokens))), logits, None, i)
    return reader.Reading(parsed, chances, cues), text


def test_a_strong_frame_and_a_sure_reader_give_a_record():
    reading, text = reading_of(
        ACCUSED,
        {"accused": [0.02, 0.97, 0.005, 0.005]},
        {"source": {"Alvonia": 4.0}, "target": {"Brennia": 4.0}, "allegation": {"shelling": 4.0, "villages": 4.0}},
    )
    (proposal,) = accusations.accept(reading, TABLE, culpability.shipped())
    record = accusations.record(reading.article, text, proposal, None, [])
    assert [s["text"] for s in record["sources"]] == ["Alvonia"]
    assert [t["text"] for t in record["targets"]] == ["Brennia"]
    assert record["allegation"]["text"] == "shelling villages"
    assert record["frame"] == "accuse-of" and record["asserted"]
    for span in (record["cue"], record["allegation"], *record["sources"], *record["targets"]):
        assert text[span["start"] : span["end"]] == span["text"]


def test_a_cue_with_neither_source_nor_target_is_no_record():
    reading, _ = reading_of(
        "Accusations/NOUN.Plur/2/nsubj=accusation followed/VERB/0/root=follow", {"Accusations": [0.1, 0.9, 0, 0]}, {}
    )
    never = {name: Logistic((), (), -9.0) for name in ("source", "target", "via")} | {"record": Logistic((), (), 9.0)}
    assert accusations.accept(reading, TABLE, never) == []


def test_a_word_that_the_reader_and_no_frame_names_is_not_proposed():
    reading, _ = reading_of(ACCUSED, {"villages": [0.99, 0.01, 0, 0]}, {})
    assert accusations.propose(reading, TABLE) == []
