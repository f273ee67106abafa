import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargesheet import mending, mentions
from parsed import article

PARSED = article(
    "Lebanese/ADJ/2/amod/S-NORP lawmaker/NOUN/5/nsubj Saad/PROPN/5/nsubj/B-Person Hariri/PROPN/3/flat/E-Person "
    "accused/VERB/0/root=accuse Syria/PROPN/5/obj/S-Location and/CCONJ/8/cc Iran/PROPN/6/conj/S-Location "
    "./PUNCT/5/punct",
    "They/PRON/2/nsubj rejected/VERB/0/root the/DET/4/det charge/NOUN/2/obj ./PUNCT/2/punct",
    "The/DET/2/det militants/NOUN.Plur/3/nsubj=militant blamed/VERB/0/root each/DET/5/det other/ADJ/3/obj "
    "./PUNCT/3/punct",
)


def found(*lines):
    document, text = article(*lines)
    mending.titles(document)
    return {m.text: m for m in mentions.find(document, text)}


def test_names_nominals_pronouns_and_joined_phrases():
    document, text = PARSED
    mending.titles(document)
    kinds = {m.text: m.kind for m in mentions.find(document, text)}
    assert kinds["Saad Hariri"] == "name"
    assert kinds["They"] == "pronoun"
    assert kinds["The militants"] == "nominal"
    assert kinds["Syria and Iran"] == "nominal"
    assert "lawmaker" not in kinds  # a title is part of the name's phrase


def test_a_joined_phrase_has_its_members():
    document, text = PARSED
    whole = next(m for m in mentions.find(document, text) if m.members)
    assert [m.text for m in whole.members] == ["Syria", "Iran"]
    assert whole.number == "plur"


def test_a_title_tells_gender_and_stands_among_the_modifiers():
    mention = found("Mrs./PROPN/2/nmod:desc Thatcher/PROPN/3/nsubj/S-Person spoke/VERB/0/root ./PUNCT/3/punct")[
        "Thatcher"
    ]
    assert (mention.gender, mention.type, mention.modifiers) == ("fem", "person", {"mrs"})


def test_the_owner_belongs_to_the_name_of_a_body_but_not_of_a_person():
    both = found(
        "Norway/PROPN/4/nmod:poss/S-Location 's/PART/1/case Catholic/ADJ/4/amod/B-Organization "
        "Church/PROPN/5/nsubj/E-Organization objected/VERB/0/root ./PUNCT/5/punct",
        "Cuba/PROPN/3/nmod:poss/S-Location 's/PART/1/case Castro/PROPN/4/nsubj/S-Person "
        "objected/VERB/0/root ./PUNCT/4/punct",
    )
    assert "Norway's Catholic Church" in both
    assert "Castro" in both


def test_a_headline_verb_is_no_part_of_a_name():
    names = found("Claims/VERB/0/root/B-Organization Taliban/PROPN/1/obj/E-Organization")
    assert list(names) == ["Taliban"]


def test_names_of_the_codebook_that_the_tagger_missed():
    names = found(
        "Boko/PROPN/3/nsubj Haram/PROPN/1/flat struck/VERB/0/root the/DET/6/det Central/ADJ/6/amod/S-Location "
        "African/ADJ/3/obj Republic/PROPN/6/flat ./PUNCT/3/punct"
    )
    assert names["Boko Haram"].type == "armed group"
    assert names["Boko Haram"].country == "NGA"


@pytest.mark.parametrize(
    ("word", "country", "kind"), [("Afghans", "AFG", "group of people"), ("Tehran", "IRN", "state")]
)
def test_peoples_and_capitals(word, country, kind):
    mention = found(f"{word}/PROPN.Plur/2/nsubj/S-Location protested/VERB/0/root ./PUNCT/2/punct")[word]
    assert (mention.country, mention.type) == (country, kind)


def test_a_capital_is_a_city_or_a_government():
    assert (
        found("Riots/NOUN.Plur/4/nsubj=riot in/ADP/3/case Tehran/PROPN/1/nmod/S-Location spread/VERB/0/root")[
            "Tehran"
        ].type
        == "place"
    )
    assert (
        found("Talks/NOUN.Plur/4/nsubj=talk with/ADP/3/case Tehran/PROPN/1/nmod/S-Location failed/VERB/0/root")[
            "Tehran"
        ].type
        == "state"
    )


def test_it_in_it_rains_is_no_mention():
    assert not found("It/PRON/2/expl rains/VERB/0/root ./PUNCT/2/punct")


def test_mending_twice_changes_nothing():
    document, _ = article(
        "Lebanese/ADJ/2/amod lawmaker/NOUN/5/nsubj Saad/PROPN/5/nsubj/B-Person Hariri/PROPN/3/flat/E-Person "
        "spoke/VERB/0/root"
    )
    mending.titles(document)
    once = [(t.head, t.deprel) for t in document.sentences[0].tokens]
    mending.titles(document)
    assert [(t.head, t.deprel) for t in document.sentences[0].tokens] == once
    assert once[1] == (3, "nmod:desc")
    assert once[2] == (5, "nsubj")


WORDS = st.sampled_from(
    [
        "Iran/PROPN/{}/nsubj/S-Location",
        "police/NOUN/{}/obj",
        "they/PRON/{}/nsubj",
        "said/VERB/{}/conj",
        "and/CCONJ/{}/cc",
        "’s/PART/{}/case",
        "U.S./PROPN/{}/compound/B-Organization",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WORDS, st.integers(0, 30)), min_size=1, max_size=12))
def test_offsets_hold_on_any_tree(words):
    """Whatever the parser does: no crash, spans that lie in the text and match it."""
    size = len(words)
    line = " ".join(
        word.format(0 if at == 1 else max(1, head % size) if max(1, head % size) < at else at - 1)
        for at, (word, head) in enumerate(words, start=1)
    )
    document, text = article(line)
    mending.titles(document)
    for mention in mentions.find(document, text):
        assert 0 <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        assert mention.kind in ("name", "nominal", "pronoun")
