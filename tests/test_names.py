import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargesheet import names

PEOPLE = st.sampled_from(
    [
        "Hugo Chavez",
        "Hugo Chávez Frías",
        "George W. Bush",
        "Bush",
        "Mr. Bush",
        "Gaddafi",
        "Muammar Gaddafi",
        "Kim Jong-il",
    ]
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mr. Karzai", "Hamid Karzai"),
        ("Saddam", "Saddam Hussein"),
        ("al-Zarqawi", "Abu Musab al-Zarqawi"),
        ("Hugo Chávez", "President Hugo Chavez"),
        ("Yuliya Tymoshenko", "Yulia Tymoshenko"),
        ("Moammar Gadhafi", "Muammar Qaddafi"),
        ("Secretary Blinken", "Antony J. Blinken"),
    ],
)
def test_one_person(one, other):
    assert names.same_person(one, other)
    assert names.same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Bashar al-Assad", "Hafez al-Assad"),
        ("George Bush Jr.", "George Bush Sr."),
        ("Jeb Bush", "George Bush"),
        ("Kim Jong-il", "Kim Jong-un"),
        ("Hillary Clinton", "Bill Clinton"),
    ],
)
def test_two_people(one, other):
    assert not names.same_person(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Al-Miraaad", "Al-Mirsaad"),
        ("LRA", "Lord's Resistance Army"),
        ("the State Department", "U.S. State Department"),
        ("Justice Ministry", "Ministry of Justice"),
        ("U.N. Security Council", "UN Security Council"),
    ],
)
def test_one_body(one, other):
    assert names.same_body(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Iran", "Iraq"),
        ("North Korea", "South Korea"),
        ("Niger", "Nigeria"),
        ("M23", "M24"),
        ("Austria", "Australia"),
        ("Sudan", "South Sudan"),
    ],
)
def test_two_bodies(one, other):
    assert not names.same_body(one, other)


@given(PEOPLE, PEOPLE)
def test_order_does_not_matter(one, other):
    assert bool(names.same_person(one, other)) == bool(names.same_person(other, one))


@given(st.text(max_size=30))
def test_any_text_has_words(text):
    names.words(text), names.initials(text), names.generation(text)
