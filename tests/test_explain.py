"""explain: from a record's id to how it was decided."""

import pytest

from chargesheet import cli, explain, files
from chargesheet.errors import UserError
from parsed import article

DOCUMENT, TEXT = article(
    "Alvonia/PROPN/2/nsubj accused/VERB/0/root=accuse Brennia/PROPN/2/obj of/SCONJ/5/mark spying/VERB/2/advcl=spy"
)


def span(words: str) -> dict:
    at = TEXT.index(words)
    return {"start": at, "end": at + len(words), "text": words, "name": words}


RECORD = {
    "id": "test#1",
    "doc_id": "test",
    "act": "accuse",
    "asserted": True,
    "sources": [span("Alvonia")],
    "via": [],
    "targets": [span("Brennia")],
    "cue": span("accused"),
    "allegation": span("spying"),
    "quoted": "indirect",
    "category": "espionage",
    "responds_to": None,
    "sentence": 1,
    "frame": "accuse-of",
    "confidence": 0.97,
    "reasons": {
        "parts": {"source": "subject"},
        "chances": {"cue": 0.9, "source": 0.8, "target": 0.7, "allegation_fit": 0.6},
    },
}


def test_the_explanation_names_frame_paths_confidence_and_shows_the_tree():
    said = explain.describe(RECORD, DOCUMENT)
    for words in (
        "Frame 'accuse-of'",
        "found by 'subject'",
        "|nsubj  'Alvonia'",
        "Confidence 0.97",
        "<- cue",
        "<- target",
    ):
        assert words in said


def test_an_unknown_record_is_told_with_what_there_is(tmp_path):
    files.write_jsonl(tmp_path / "records" / "0.jsonl", [RECORD])
    with pytest.raises(UserError, match="test#1"):
        explain.find(tmp_path, "test#9")
    assert explain.find(tmp_path, "test#1")[0]["id"] == "test#1"


def test_without_a_study_the_message_says_so(tmp_path, capsys):
    assert cli.main(["explain", "a#1", "--processed", str(tmp_path)]) == 1
    assert "run the study first" in capsys.readouterr().err
