"""Quotation marks: curly, straight, mixed, unclosed; and the kinds of the codebook."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargesheet import quotes


def quoted(text: str) -> list[str]:
    return [text[a:b] for a, b in quotes.intervals(text)]


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("He said “they lied” twice.", ["they lied"]),
        ('He said "they lied" twice.', ["they lied"]),
        ('She spoke of "exporting terror to the region”.', ["exporting terror to the region"]),
        ("They called it 'a lie' and left.", ["a lie"]),
        ("They called it ‘a lie’ and left.", ["a lie"]),
        ("The men's and women's teams don't play.", []),
        ("“It began here.\nNobody spoke.", ["It began here."]),
        ("Nothing is quoted.", []),
    ],
)
def test_what_stands_in_quotation_marks(text, inside):
    assert quoted(text) == inside


@pytest.mark.parametrize(
    ("span", "kind"),
    [("they lied", "direct"), ("said “they", "mixed"), ("He said", "indirect")],
)
def test_kinds(span, kind):
    text = "He said “they lied” twice."
    start = text.index(span)
    assert quotes.kind((start, start + len(span)), quotes.intervals(text)) == kind


def test_a_missing_allegation_is_indirect():
    assert quotes.kind(None, [(0, 5)]) == "indirect"


@given(st.text(alphabet="ab \n\"“”‘’'.,«»"))
def test_intervals_lie_in_the_text_in_order_and_on_one_line(text):
    found = quotes.intervals(text)
    assert found == sorted(found)
    for a, b in found:
        assert 0 <= a <= b <= len(text)
        assert "\n" not in text[a:b]
