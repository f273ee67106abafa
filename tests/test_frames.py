"""Cue frames: every frame's example, the mistakes that one can make in a cue file, and the engine on parses."""

import pytest

from chargesheet import annotate, conllu, frames, syntax
from chargesheet.errors import UserError
from parsed import article

FRAMES = [f for f in frames.load() if f.example]


@pytest.fixture(scope="module")
def examples(pipeline, tmp_path_factory):
    """The example sentence of each frame, parsed, by frame id, with its text."""
    text = "\n".join(f.example for f in FRAMES)
    path = tmp_path_factory.mktemp("frames") / "examples.conllu"
    path.write_text(annotate.to_conllu("examples", text, pipeline), encoding="utf-8")
    sentences = {}
    for sentence in next(conllu.read(path)).sentences:
        sentences.setdefault(sentence.paragraph, sentence)
    return {f.id: (sentences[n], text) for n, f in enumerate(FRAMES, 1)}


def spans(match: frames.Match, text: str) -> dict:
    """The parts of a match as texts."""
    sentence, heads = match.sentence, match.allegation
    inside = None
    if heads is not None:
        if match.paths["allegation"].endswith("predicate"):
            inside = syntax.predicate_span(sentence, heads, match.cue)
        else:
            inside = syntax.clause_span(sentence, heads, match.cue, without=tuple(match.target))
    until = inside[0] if inside else None

    def phrase(token):
        start, end = syntax.noun_phrase(sentence, token, until)
        return text[start:end]

    return {
        "source": [phrase(t) for t in match.source],
        "target": [phrase(t) for t in match.target],
        "allegation": [text[inside[0] : inside[1]]] if inside else [],
    }


@pytest.mark.parametrize("frame", FRAMES, ids=lambda f: f.id)
def test_the_example_of_each_frame_is_coded_as_it_says(frame, examples):
    sentence, text = examples[frame.id]
    found = [spans(m, text) for m in frames.matches(sentence, frames.by_lemma((frame,)))]
    assert any(all(wanted in parts[part] for part, wanted in frame.expect.items()) for parts in found), found


def test_the_shipped_frames_cover_all_acts_and_many_cues():
    lemmas = {(lemma, pos) for f in frames.load() for pos, words in f.lemmas.items() for lemma in words}
    assert len(lemmas) >= 40
    assert {f.act for f in frames.load()} == set(frames.ACTS)
    assert all(f.example and f.expect for f in frames.load())


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ("- id: x\n  act: accuse\n  lemas: {VERB: [blame]}", "did you mean 'lemmas'?"),
        ("- id: x\n  act: praise\n  lemmas: {VERB: [laud]}", "write accuse, condemn or deny"),
        ("- id: x\n  act: deny\n  lemmas: {VERB: [deny]}\n  source: [sbject]", "unknown selector 'sbject'"),
        ("- id: x\n  act: deny\n  lemmas: {WORD: [deny]}", "write VERB, NOUN"),
        ("- id: x\n  act: deny", "'lemmas' is missing"),
        (
            "- id: x\n  act: deny\n  lemmas: {VERB: [deny]}\n- id: x\n  act: deny\n  lemmas: {VERB: [deny]}",
            "stands twice",
        ),
        ("frames: [", "not valid YAML"),
        ("id: x", "write a list of frames"),
    ],
)
def test_mistakes_in_a_cue_file_are_told(yaml, said):
    with pytest.raises(UserError, match="(?s)" + said.replace("(", r"\(").replace("?", r"\?").replace("[", r"\[")):
        frames.parse(yaml, "cues.yaml")


def test_all_mistakes_are_told_at_once():
    with pytest.raises(UserError) as error:
        frames.parse("- id: x\n  act: praise\n  colour: red\n- act: deny", "cues.yaml")
    assert str(error.value).count("\n") >= 4


def test_a_study_adds_a_cue_and_replaces_one(tmp_path):
    own = tmp_path / "my cues.yaml"
    own.write_text(
        "- id: smear\n  act: accuse\n  lemmas: {VERB: [smear]}\n  source: [subject]\n  target: [object]\n"
        "- id: deny\n  act: deny\n  lemmas: {VERB: [naysay]}\n  source: [subject]\n",
        encoding="utf-8",
    )
    table = frames.by_lemma(frames.load(own))
    assert ("smear", "VERB") in table and ("naysay", "VERB") in table and ("deny", "VERB") not in table


def test_a_missing_cue_file_is_told(tmp_path):
    with pytest.raises(UserError, match=r"code\.cues"):
        frames.load(tmp_path / "none.yaml")


def found(words: str, lemma: str) -> dict:
    document, text = article(words)
    sentence = document.sentences[0]
    match = next(m for m in frames.matches(sentence, frames.by_lemma(frames.load())) if m.cue.lemma == lemma)
    return spans(match, text)


def test_a_passive_turns_the_roles_round():
    parts = found(
        "Brennia/PROPN/3/nsubj:pass was/AUX/3/aux:pass accused/VERB/0/root=accuse of/SCONJ/5/mark "
        "spying/VERB/3/advcl=spy by/ADP/7/case Alvonia/PROPN/3/obl:agent ./PUNCT/3/punct",
        "accuse",
    )
    assert parts == {"source": ["Alvonia"], "target": ["Brennia"], "allegation": ["spying"]}


def test_a_passive_without_agent_has_no_source():
    parts = found(
        "Brennia/PROPN/3/nsubj:pass was/AUX/3/aux:pass accused/VERB/0/root=accuse of/SCONJ/5/mark "
        "spying/VERB/3/advcl=spy",
        "accuse",
    )
    assert parts["source"] == [] and parts["target"] == ["Brennia"]


def test_conjoined_sources_and_targets_are_entries_of_their_own():
    parts = found(
        "Alvonia/PROPN/4/nsubj and/CCONJ/3/cc Carth/PROPN/1/conj accused/VERB/0/root=accuse Brennia/PROPN/4/obj "
        "and/CCONJ/7/cc Dell/PROPN/5/conj of/SCONJ/9/mark spying/VERB/4/advcl=spy",
        "accuse",
    )
    assert parts["source"] == ["Alvonia", "Carth"] and parts["target"] == ["Brennia", "Dell"]


def test_a_participle_takes_the_noun_that_it_modifies():
    document, text = article(
        "Two/NUM/2/nummod men/NOUN.Plur/6/nsubj accused/VERB/2/acl=accuse of/ADP/5/case arson/NOUN/3/obl "
        "fled/VERB/0/root"
    )
    sentence = document.sentences[0]
    sentence.tokens[2].feats = {"VerbForm": "Part", "Tense": "Past"}
    (match,) = frames.matches(sentence, frames.by_lemma(frames.load()))
    assert match.source == [] and [t.form for t in match.target] == ["men"]
    assert spans(match, text)["allegation"] == ["arson"]
