import csv
import re

import pycountry
import pytest

from chargesheet import gazetteer

KNOWN = gazetteer.load()


def rows(name):
    with open(gazetteer.CODEBOOK / name, encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_country_has_code_name_adjective_people_and_capital():
    countries = rows("countries.csv")
    assert len(countries) >= 195
    for row in countries:
        assert row["country"] == "XKX" or pycountry.countries.get(alpha_3=row["country"]), row
        assert row["name"] and row["adjectives"] and (row["people"] or row["country"] == "VAT"), row
    without = {r["name"] for r in countries if not r["capitals"]}
    assert without <= {"Singapore", "Vatican City", "Hong Kong", "Macau", "Bermuda", "Gibraltar", "Western Sahara"}


def test_every_iso_country_is_known_by_name():
    for country in pycountry.countries:
        assert country.alpha_3 in KNOWN.countries


def test_no_two_entries_share_a_name():
    seen = {}
    for row in rows("countries.csv") + rows("organisations.csv"):
        for name in [row["name"], *filter(None, re.split(r";\s*", row["aliases"]))]:
            assert seen.setdefault(gazetteer.key(name), row["name"]) == row["name"], name


def test_organisations_have_types_and_countries_that_exist():
    for row in rows("organisations.csv") + rows("metonyms.csv"):
        if row.get("stands_for", "x"):
            assert row["type"] in ("organisation", "state", "state body", "armed group", "media"), row
            assert not row["country"] or row["country"] in KNOWN.countries, row


@pytest.mark.parametrize(
    ("name", "actor", "country"),
    [
        ("the U.S.", "United States", "USA"),
        ("US", "United States", "USA"),
        ("the Kremlin", "Russia", "RUS"),
        ("Kabul", "Afghanistan", "AFG"),
        ("Burma", "Myanmar", "MMR"),
        ("Cote d’Ivoire", "Ivory Coast", "CIV"),
        ("DPRK", "North Korea", "PRK"),
        ("South Korea", "South Korea", "KOR"),
        ("Taleban", "Taliban", "AFG"),
        ("The White House", "White House", "USA"),
    ],
)
def test_names_lead_to_actors(name, actor, country):
    entry = KNOWN.find(name)
    assert (entry.name, entry.country) == (actor, country)


def test_a_pronoun_is_no_country():
    assert KNOWN.find("us") is None
    assert KNOWN.find("who") is None
    assert KNOWN.find("is") is None


@pytest.mark.parametrize(("word", "code"), [("Tajik", "TJK"), ("Afghans", "AFG"), ("U.S.", "USA"), ("Dutch", "NLD")])
def test_nationalities(word, code):
    assert KNOWN.nationality(word) == code


def test_adjectives_as_newsrooms_write_them():
    assert [KNOWN.adjective(c) for c in ("USA", "GBR", "TJK", "COG", "COD")] == [
        "U.S.",
        "British",
        "Tajik",
        "Congolese",
        "Congolese",
    ]
    assert all(KNOWN.adjective(code) for code in KNOWN.countries)


def test_nouns_tell_types():
    assert KNOWN.types("newspaper")[0] == "media"
    assert KNOWN.types("vice-president") == ("person",)
    assert KNOWN.types("umbrella") == ()


def test_first_names():
    assert (KNOWN.gender("Benazir"), KNOWN.gender("Hugo"), KNOWN.gender("Al-Mirsaad")) == ("fem", "masc", "")
