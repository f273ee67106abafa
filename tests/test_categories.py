"""Categories: the harm lexicon and how its hits are counted."""

import pytest

from chargesheet import categories
from chargesheet.reader import CATEGORIES
from parsed import article


def tokens(words: str):
    return article(words)[0].sentences[0].tokens


def test_the_lexicon_has_words_for_each_category():
    assert tuple(categories.lexicon()) == CATEGORIES
    assert all(len(words) >= 8 for words in categories.lexicon().values())


def test_phrases_count_as_whole_words():
    found = categories.hits(tokens("war/NOUN/2/compound crimes/NOUN.Plur/0/root=crime"))
    assert found["rights"] == 1
    assert categories.hits(tokens("spyglass/NOUN/0/root"))["espionage"] == 0


def test_many_hits_say_no_more_than_three():
    words = " ".join("bribe/NOUN/0/root" for _ in range(9))
    assert categories.hits(tokens(words))["crime"] == categories.MOST


@pytest.mark.parametrize("expected", ["rights", "crime", "espionage"])
def test_a_sure_reader_is_believed(expected):
    chances = [0.97 if c == expected else 0.03 / 9 for c in CATEGORIES]
    assert categories.shipped().choose(categories.features(chances, [], [])) == expected


def test_the_lexicon_tips_the_scale_where_the_reader_wavers():
    chances = [0.4 if c in ("rights", "violence") else 0.2 / 8 for c in CATEGORIES]
    torture, shells = tokens("torture/NOUN/0/root"), tokens("shelling/NOUN/0/root")
    choose = categories.shipped().choose
    assert choose(categories.features(chances, torture, torture)) == "rights"
    assert choose(categories.features(chances, shells, shells)) == "violence"


def test_the_choice_survives_json():
    chooser = categories.shipped()
    assert categories.from_json(categories.to_json(chooser)) == chooser
