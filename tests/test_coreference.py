import re

import pytest

from chargesheet import coreference, mending, mentions
from parsed import article


def clusters(*lines, **options):
    document, text = article(*lines)
    mending.titles(document)
    found = mentions.find(document, text)
    coreference.group(document, found, text=text, **options)
    return {(m.sentence, m.text): m.cluster for m in found}


def subject(name, ner="S-Person", pos="PROPN"):
    parts = name.split()
    if len(parts) == 1:
        return f"{name}/{pos}/2/nsubj/{ner} spoke/VERB/0/root=speak ./PUNCT/2/punct"
    words = [f"{parts[0]}/{pos}/{len(parts) + 1}/nsubj/B-{ner[2:]}"]
    words += [f"{p}/{pos}/1/flat/{'E' if p is parts[-1] else 'I'}-{ner[2:]}" for p in parts[1:]]
    return " ".join([*words, "spoke/VERB/0/root=speak", f"./PUNCT/{len(parts) + 1}/punct"])


@pytest.mark.parametrize(
    ("one", "other", "ner"),
    [
        ("Hamid Karzai", "Karzai", "S-Person"),
        ("Lord's Resistance Army", "LRA", "S-Organization"),
        ("Al-Mirsaad", "Al-Miraaad", "S-Person"),
        ("Amnesty International", "Amnesty", "S-Organization"),
        ("United States", "U.S.", "S-Location"),
    ],
)
def test_names_of_one_actor(one, other, ner):
    found = clusters(subject(one, ner), subject(other, ner))
    assert len(set(found.values())) == 1


@pytest.mark.parametrize(
    ("one", "other", "ner"),
    [
        ("North Korea", "South Korea", "S-Location"),
        ("Iran", "Iraq", "S-Location"),
        ("Niger", "Nigeria", "S-Location"),
        ("Bashar Assad", "Hafez Assad", "S-Person"),
    ],
)
def test_names_of_two_actors(one, other, ner):
    found = clusters(subject(one, ner), subject(other, ner))
    assert len(set(found.values())) == 2


def test_father_and_son_share_a_surname_and_stay_two():
    found = clusters(subject("Hafez Assad"), subject("Assad"), subject("Bashar Assad"), subject("Assad"))
    hafez, bashar = found[1, "Hafez Assad"], found[3, "Bashar Assad"]
    assert hafez != bashar
    assert found[2, "Assad"] == hafez  # the one named last
    assert found[4, "Assad"] == bashar


def test_he_and_she_go_by_gender():
    found = clusters(
        "Benazir/PROPN/3/nsubj/B-Person Bhutto/PROPN/1/flat/E-Person accused/VERB/0/root=accuse "
        "Pervez/PROPN/3/obj/B-Person "
        "Musharraf/PROPN/4/flat/E-Person ./PUNCT/3/punct",
        "She/PRON/2/nsubj resigned/VERB/0/root=resign ./PUNCT/2/punct",
        "He/PRON/2/nsubj denied/VERB/0/root=deny it/PRON/2/obj ./PUNCT/2/punct",
    )
    assert found[2, "She"] == found[1, "Benazir Bhutto"]
    assert found[3, "He"] == found[1, "Pervez Musharraf"]


def test_an_apposition_is_the_one_it_explains():
    found = clusters(
        "Al-Mirsaad/PROPN/5/nsubj/S-Person ,/PUNCT/1/punct a/DET/4/det newspaper/NOUN/1/appos "
        "wrote/VERB/0/root=write ./PUNCT/5/punct"
    )
    assert found[1, "Al-Mirsaad"] == found[1, "a newspaper"]


def test_an_institution_speaks_of_itself_as_we_outside_of_quotations():
    lines = (
        "We/PRON/2/nsubj condemn/VERB/0/root Syria/PROPN/2/obj/S-Location ./PUNCT/2/punct",
        "The/DET/3/det United/PROPN/3/compound/B-Location States/PROPN/4/nsubj/E-Location "
        "agrees/VERB/0/root=agree ./PUNCT/4/punct",
    )
    found = clusters(*lines, author="USA")
    assert found[1, "We"] == found[2, "United States"]


def test_quotations_by_line():
    text = 'He said “we do.” Then "no".\nAn open " mark.\n“Next”'
    assert [re.sub(r"\s", " ", text[a + 1 : b]) for a, b in coreference.quotations(text)] == ["we do.", "no", "Next"]


def test_every_mention_has_a_cluster_and_a_reason():
    document, text = article(subject("Hamid Karzai"), "He/PRON/2/nsubj left/VERB/0/root=leave ./PUNCT/2/punct")
    found = mentions.find(document, text)
    groups = coreference.group(document, found)
    assert all(m.cluster >= 0 and m.why for m in found)
    assert [c.id for c in groups] == list(range(len(groups)))


def test_grouping_grows_linearly():
    """Ten times the sentences: no mention is compared with more actors than the window allows."""
    calls = []

    def choose(mention, rows, options):
        calls.append(len(options))
        return len(options) - 1

    lines = [subject(f"Person{i % 97} Name{i}") for i in range(400)] + [
        "They/PRON/2/nsubj left/VERB/0/root=leave"
    ] * 400
    document, text = article(*lines)
    coreference.group(document, mentions.find(document, text), choose)
    assert max(calls) <= coreference.NEAREST + 40
