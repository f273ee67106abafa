"""Links from denials to the accusations that they answer."""

from chargesheet import responses
from chargesheet.culpability import Logistic, shipped
from parsed import article


def records(text: str) -> list[dict]:
    def span(words: str) -> dict:
        at = text.index(words)
        return {"start": at, "end": at + len(words), "text": words}

    def actor(words: str) -> dict:
        return span(words) | {"name": words}

    first = {
        "id": "a#1",
        "act": "accuse",
        "cue": span("accused"),
        "sources": [actor("Alvonia")],
        "targets": [actor("Brennia")],
        "allegation": span("shelling villages"),
    }
    second = {
        "id": "a#2",
        "act": "accuse",
        "cue": span("blamed"),
        "sources": [actor("Carth")],
        "targets": [actor("Dell")],
        "allegation": span("floods"),
    }
    third = {
        "id": "a#3",
        "act": "deny",
        "cue": span("denied"),
        "sources": [actor("Brennia")],
        "targets": [],
        "allegation": span("shelling any village"),
    }
    return [first, second, third]


DOCUMENT, TEXT = article(
    "Alvonia/PROPN/2/nsubj accused/VERB/0/root=accuse Brennia/PROPN/2/obj of/SCONJ/5/mark "
    "shelling/VERB/2/advcl=shell villages/NOUN/5/obj=village ./PUNCT/2/punct",
    "Carth/PROPN/2/nsubj blamed/VERB/0/root=blame Dell/PROPN/2/obj for/ADP/5/case "
    "floods/NOUN/2/obl=flood ./PUNCT/2/punct",
    "Brennia/PROPN/2/nsubj denied/VERB/0/root=deny shelling/VERB/2/xcomp=shell any/DET/5/det "
    "village/NOUN/3/obj ./PUNCT/2/punct",
)


def test_content_comes_before_distance():
    found = records(TEXT)
    responses.link(DOCUMENT, found, shipped()["response"])
    assert found[2]["responds_to"] == "a#1"


def test_below_the_threshold_there_is_no_link():
    found = records(TEXT)
    responses.link(DOCUMENT, found, Logistic((), (), -20.0, 0.5))
    assert found[2]["responds_to"] is None


def test_a_denial_alone_answers_nothing():
    found = records(TEXT)[2:]
    responses.link(DOCUMENT, found, shipped()["response"])
    assert found[0]["responds_to"] is None
