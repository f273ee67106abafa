"""paragraphs: any text is cut so that the offsets of the stored article stay true."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargesheet import paragraphs
from chargesheet.paragraphs import MAX_CHARS, Paragraph, split

WRAPPED = (
    "The minister of defence said on Monday that the army had not been near\n"
    "the village when it was attacked, and accused the rebels of having shot\n"
    "at civilians who were trying to leave it by the only road that was not\n"
    "under water.\n"
    "\n"
    "A spokesman of the rebels denied it and said that the soldiers had been\n"
    "seen by dozens of people who were ready to testify before any court that\n"
    "would hear them.\n"
)

breaks = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\n \t\n", "\u2028", "\x85", "\x0b", " ", "\u00a0", "\t"])
words = st.sampled_from(
    [
        "army",
        "denied",
        "e\u0301",
        "👩‍👩‍👧",
        "🇦🇫",
        "اتهم",
        "\u202eabc\u202c",
        "# newdoc id = x",
        "\u200b",
        "\ufeff",
        "x" * 70,
    ]
)
texts = st.one_of(st.text(), st.lists(st.one_of(breaks, words), max_size=40).map("".join))


@given(texts)
def test_paragraphs_are_the_articles_characters_at_their_offsets(text):
    end = 0
    for paragraph in split(text):
        span = text[paragraph.start : paragraph.start + len(paragraph.text)]
        assert paragraph.start >= end and len(span) == len(paragraph.text)
        same = [a == b or (b == " " and a.splitlines() == [""]) for a, b in zip(span, paragraph.text, strict=True)]
        assert all(same)
        assert len(paragraph.text.splitlines()) == 1 and paragraph.text.strip()
        end = paragraph.start + len(paragraph.text)


@given(texts)
def test_nothing_but_white_space_is_left_out(text):
    left = list(text)
    for paragraph in split(text):
        left[paragraph.start : paragraph.start + len(paragraph.text)] = " " * len(paragraph.text)
    assert not "".join(left).strip()


def test_every_line_is_a_paragraph():
    assert split("Title\r\n\r\n  First.\u00a0\nSecond.") == [
        Paragraph(0, "Title"),
        Paragraph(11, "First."),
        Paragraph(19, "Second."),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_a_hard_wrapped_file_are_joined(end):
    text = WRAPPED.replace("\n", end)
    first, second = split(text)
    assert first.text.startswith("The minister") and first.text.endswith("under water.")
    assert second.start == text.index("A spokesman") and " ".join(second.text.split()).endswith(
        "court that would hear them."
    )


def test_short_lines_that_end_sentences_are_not_hard_wrapped():
    assert not paragraphs.is_hard_wrapped("\n".join(f"{line} It ends here." for line in WRAPPED.split("\n") if line))
    assert not paragraphs.is_hard_wrapped("A title\nA line\nAnother\nAnd one\nLast")
    assert not paragraphs.is_hard_wrapped("")


@pytest.mark.parametrize("text", ["word " * 30_000, "x" * 150_000])
def test_a_very_long_line_is_cut(text):
    pieces = split(text)
    assert all(len(piece.text) <= MAX_CHARS for piece in pieces)
    assert "".join(piece.text for piece in pieces) == text.strip()
