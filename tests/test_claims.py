"""Which accusations are one claim."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargesheet import claims


def made(doc, number, words, source="a", target="b", act="accuse", asserted=True):
    return {
        "id": f"{doc}#{number}",
        "doc_id": doc,
        "act": act,
        "asserted": asserted,
        "sources": [{"actor_id": source}] if source else [],
        "targets": [{"actor_id": target}] if target else [],
        "cue": {"start": number},
        "allegation": {"text": words} if words is not None else None,
    }


def same(one, two):
    found = claims.assign([one, two], {})
    return len(set(found.values())) == 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("shelling the market in Tel", "it shelled the market in Tel"),
        ("secretly developing nuclear weapons", "Tehran is secretly developing nuclear weapons"),
        ("the killing of twelve monks in a temple", "killing 12 monks in the temple"),
        ("stealing 1,200 goats near Bo", "near Bo, stealing 1200 goats"),
    ],
)
def test_the_same_in_other_words(one, two):
    assert same(made("x", 1, one), made("y", 1, two))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("killing 12 monks in a temple", "killing 40 monks in a temple"),
        ("he was at the scene of the fire", "he was not at the scene of the fire"),
        ("the charge", "the charge"),  # points back at what each article says for itself
        (
            "shelling the market",
            "shelling the hospital and the market, hiding mines, looting grain and burning the town",
        ),
        ("bribing a judge", "poisoning a well"),
        (None, None),
        ("", ""),
    ],
)
def test_not_the_same(one, two):
    assert not same(made("x", 1, one), made("y", 1, two))


@pytest.mark.parametrize("change", [{"source": "c"}, {"target": "c"}, {"act": "condemn"}, {"asserted": False}])
def test_other_actor_or_act_is_another_claim(change):
    assert not same(made("x", 1, "shelling the market"), made("y", 1, "shelling the market", **change))


def test_nobody_of_nothing_is_never_joined():
    assert not same(made("x", 1, "war crimes", None, None), made("y", 1, "war crimes", None, None))


def test_one_word_is_the_same_inside_an_article():
    assert same(made("x", 1, "spying"), made("x", 2, "spying"))


def test_claim_is_named_by_its_first_record_undated_last():
    records = [
        made("a", 1, "shelling the market"),
        made("b", 1, "shelling the market"),
        made("c", 1, "shelling the market"),
    ]
    found = claims.assign(records, {"a": "", "b": "2024-02-01", "c": "2024-01-01"})
    assert set(found.values()) == {"c#1"}


WORDS = st.lists(st.sampled_from(["shelling", "market", "spying", "bank", "12", "not", "the"]), max_size=5).map(
    " ".join
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), WORDS, st.sampled_from(["s", "t", ""])), max_size=12), st.randoms())
def test_order_of_records_does_not_matter(rows, random):
    records = [made(doc, n, words, source) for n, (doc, words, source) in enumerate(rows, 1)]
    shuffled = records[:]
    random.shuffle(shuffled)
    found = claims.assign(records, {"a": "2024-01-01"})
    assert claims.assign(shuffled, {"a": "2024-01-01"}) == found
    assert all(found[claim] == claim for claim in found.values())
