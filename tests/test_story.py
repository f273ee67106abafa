"""The narrative's sentences: right for one article, for many, and for none."""

import html
import re

import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
from chargesheet import english, schemas, study
from chargesheet.story import Passage, Story

DENIAL = {"act": "deny", "responds_to": "a#1"}
FIRST = [
    "[s:Ana] [c:accused] [t:Boris] of [a:stealing the silver spoons].",
    ("[s:Boris] [c:denied] [a:it].", DENIAL),
    (
        "[v:The Post] said [s:Ana] [c:blamed] [t:Boris] for [a:“the fire”].",
        {"category": "violence", "quoted": "direct"},
    ),
    ("[s:Ana] did not [c:accuse] [t:Clara].", {"asserted": False}),
]
SECOND = [("[s:Clara] [c:condemned] [t:Ana].", {"act": "condemn", "category": "other"})]


def told(tmp_path, *articles):
    return Story(study.load(ledger.study(tmp_path, list(articles))))


def text(passage):
    """A passage without its links."""
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", passage).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    return told(tmp_path_factory.mktemp("one"), ledger.coded("a", FIRST, date="2024-03-26", outlet="The Echo"))


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    return told(
        tmp_path_factory.mktemp("two"),
        ledger.coded("a", FIRST, date="2024-03-26", outlet="The Echo"),
        ledger.coded("b", SECOND),
        ledger.coded(
            "c",
            ["[s:Ana] [c:accused] [t:Boris] of [a:stealing the silver spoons]."],
            date="2024-05-01",
            outlet="The Mirror",
        ),
    )


def test_one_article(one):
    assert text(one.opening) == (
        "This study read one article, published by The Echo on 26 March 2024, and found two accusations and one "
        "denial. Of the two charges, one (50 %) is answered by a denial."
    )
    assert text(one.voices) == "The charges come from Ana (2). They fall on Boris (2)."
    assert text(one.pair).startswith(
        "Most often, Ana accused Boris (twice). "
        "In the same article, one of these charges was denied. For example:\n\n> “"
    )
    assert text(one.denial) == "There is one denial, by Boris. It answers one charge reported in the same article."
    assert text(one.matters) == "The charges are of crime (1, 50 %) and violence (1, 50 %)."
    assert text(one.hearsay) == (
        "In one charge somebody else stands between, whom the source cites or who relays it: the Post. "
        "Of the two charges, one is quoted in full; the reporter paraphrases the other. "
        "Not counted is one further record, which is negated or hypothetical (as in “did not accuse”)."
    )
    assert one.course == "" and one.carriers == "" and one.echoes == "" and one.exchanges == ""


def test_several_articles(two):
    assert text(two.opening).startswith(
        "This study read three articles, published in two outlets between 26 March 2024 and 1 May 2024 (one of them "
        "without a date), and found three accusations, one condemnation and one denial, in all of them."
    )
    assert two.course.endswith("Articles without a date hold another charge.")
    assert text(two.echoes).startswith("More than one article reports one claim, one of them in more than one outlet.")
    assert "For one article no outlet is given." in two.carriers
    assert two.outlets_table.frame["Outlet"].tolist() == ["The Echo", "The Mirror"]
    assert two.pairs_table.frame.iloc[0][["Accuser", "Accused", "Charges", "Denied"]].tolist() == ["Ana", "Boris", 3, 1]


def test_numbers_agree_with_the_tables(two):
    numbers, records = two.numbers, two.ledger.accusations.query("asserted")
    assert numbers["articles"] == 3 and numbers["records"] == len(records) == 5
    assert numbers["accusations"] == (records["act"] == "accuse").sum()
    assert numbers["charges"] == 4 and numbers["claims"] == records.query("act != 'deny'")["claim_id"].nunique()
    assert numbers["charges_denied"] == len(two.ledger.responses) == 1
    assert numbers["top_accuser"] == "Ana" and numbers["top_accuser_charges"] == 3
    assert numbers["not_asserted"] == 1
    assert (
        sum(count for key, count in numbers.items() if key in ("charges_crime", "charges_violence", "charges_other"))
        == 4
    )


def test_nothing_found(tmp_path):
    story = told(tmp_path, ledger.coded("a", ["Rain fell."]))
    assert text(story.opening) == (
        "This study read one article. "
        "As far as its method can see, nobody in it accuses, condemns or contradicts anybody."
    )
    passages = [name for name in vars(Story) if isinstance(getattr(story, name, None), Passage)]
    assert {name for name in passages if getattr(story, name)} == {"opening", "limits"}
    tables = (story.key_numbers, story.actors_table, story.pairs_table, story.outlets_table, story.outlets_figure)
    assert tables == (None,) * 5


def test_no_article_could_be_read(tmp_path):
    tables = {name: schemas.empty(name) for name in schemas.SCHEMAS}
    row = {"file": "a.txt", "step": "ingest", "reason": "empty", "detail": "The file holds no text."}
    schemas.write(tmp_path / "tables", tables | {"rejects": schemas.frame("rejects", [row])}, {})
    story = Story(study.load(tmp_path))
    assert text(story.opening) == (
        "No article could be read, so there is nothing to tell. One file was set aside; rejects.csv says why."
    )
    assert story.limits == "" and story.numbers["articles"] == 0


def test_a_denial_alone_and_a_charge_alone(tmp_path):
    denial = told(tmp_path / "denial", ledger.coded("a", [("[s:Boris] [c:denied] [a:it].", {"act": "deny"})]))
    assert text(denial.opening) == "This study read one article, and found one denial."
    assert text(denial.denial).endswith("It rejects a charge not found in the same article.")
    charge = told(tmp_path / "charge", ledger.coded("a", ["It is [c:alleged] that [a:[t:Dora] lied]."]))
    assert text(charge.opening).endswith("found one accusation. No denial answers it.")
    assert text(charge.voices).endswith("For one charge the article does not say who makes it.")
    assert charge.pair == ""
    assert text(charge.denial) == "Nobody denies anything here."


def test_links_lead_to_records(two):
    assert two.ledger.evidence("b [x]#1").endswith("evidence.html#b%20%5Bx%5D%231")
    links = re.findall(r"\]\(([^)]*)\)", two.pair)
    assert links and all("evidence.html#" in link for link in links)
    assert "source=Ana&target=Boris&act=accuse&act=condemn" in two.pair


def test_long_sentences_are_cut_around_the_cue(tmp_path):
    filler = "word " * 120
    story = told(tmp_path, ledger.coded("a", [f"{filler}[s:Ana] [c:accused] [t:Boris] of [a:theft] {filler}."]))
    quoted = story.pair.split("> ")[1]
    assert "accused" in quoted and len(quoted) < 420
    assert quoted.count("[…") == 2


@given(st.text())
def test_text_survives_markdown(value):
    shown = mistune.html(f"“{study.md(value)}” x")
    assert html.unescape(re.sub(r"^<p>|</p>\n$", "", shown)) == f"“{' '.join(value.split())}” x"


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("United States", "state", "the United States"),
        ("Tajikistan", "state", "Tajikistan"),
        ("Sudanese government", "state body", "the Sudanese government"),
        ("Sri Lanka's military", "state body", "Sri Lanka's military"),
        ("Police", "state body", "police"),
        ("Ministry of Defence", "state body", "the Ministry of Defence"),
        ("Emily Post", "person", "Emily Post"),
        ("The Guardian", "media", "the Guardian"),
        ("Four suspects", "group of people", "four suspects"),
    ],
)
def test_names_in_a_sentence(name, kind, expected):
    assert english.the(name, kind) == expected


@given(st.integers(1, 10**6), st.data())
def test_a_share_is_never_nothing_or_all_unless_it_is(whole, data):
    part = data.draw(st.integers(0, whole))
    shown = english.percent(part, whole)
    assert (shown.startswith("0")) == (part == 0)
    assert (shown.startswith("100")) == (part == whole)


def test_small_words():
    assert english.listing(["a", "b", "c"]) == "a, b and c"
    assert [english.counted(n, "denial") for n in (0, 1, 2, 13)] == [
        "no denials",
        "one denial",
        "two denials",
        "13 denials",
    ]
    assert [english.times(n) for n in (1, 2, 3, 20)] == ["once", "twice", "three times", "20 times"]
