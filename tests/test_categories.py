"""Categories: the harm lexicon and how its hits are counted."""

import pytest
from parsed import article

from chargesheet import categories
from chargesheet.reader import CATEGORIES


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


@pytest.mark.parametrize(
    ("words", "expected"),
    [("torture/NOUN/0/root", "rights"), ("bribery/NOUN/0/root", "crime"), ("espionage/NOUN/0/root", "espionage")],
)
def test_the_lexicon_decides_where_the_reader_does_not(words, expected):
    said = tokens(words)
    even = [1 / len(CATEGORIES)] * len(CATEGORIES)
    assert categories.shipped().choose(categories.features(even, said, said)) == expected
