"""The coder on the seed article: golden records, offsets, determinism; and its quality on coded articles.

To change the records on purpose run ``CHARGESHEET_GOLDEN=write pytest tests/test_code.py`` and read the
difference that git shows.
"""

import importlib.util
import os
from pathlib import Path

import pytest

from chargesheet import annotate, code, conllu, files

GOLDEN = Path(__file__).parent / "data" / "seed_records.jsonl"


@pytest.fixture(scope="module")
def coder():
    return code.Coder.load()


@pytest.fixture(scope="module")
def parse(pipeline, tmp_path_factory):
    """Parse a text."""

    def parse(doc_id: str, text: str):
        path = tmp_path_factory.mktemp("code") / "article.conllu"
        path.write_text(annotate.to_conllu(doc_id, text, pipeline), encoding="utf-8")
        return next(conllu.read(path), conllu.Document(doc_id))

    return parse


@pytest.fixture(scope="module")
def seed_coded(seed, parse, coder):
    text = seed.read_bytes().decode("utf-8")
    document = parse(seed.stem, text)
    records, mentions = code.code_article(document, text, coder, "Afghanistan International", text.split("\n")[0])
    return text, document, records, mentions


def brief(record: dict) -> dict:
    """What of a record a change of code should not change unseen."""
    return {
        "id": record["id"],
        "act": record["act"],
        "sources": [e["name"] for e in record["sources"]],
        "via": [e["name"] for e in record["via"]],
        "targets": [e["name"] for e in record["targets"]],
        "cue": record["cue"]["text"],
        "allegation": record["allegation"] and record["allegation"]["text"],
        "quoted": record["quoted"],
        "category": record["category"],
        "responds_to": record["responds_to"],
        "frame": record["frame"],
    }


def test_the_seed_gives_its_golden_records(seed_coded):
    found = [brief(r) for r in seed_coded[2]]
    if os.environ.get("CHARGESHEET_GOLDEN") == "write":
        files.write_jsonl(GOLDEN, found)
    assert found == files.read_jsonl(GOLDEN)


def test_every_span_is_the_articles_own_words(seed_coded):
    text, _, records, mentions = seed_coded
    spans = [s for r in records for s in (r["cue"], r["allegation"], *r["sources"], *r["via"], *r["targets"]) if s]
    for span in spans + mentions:
        assert text[span["start"] : span["end"]] == span["text"]


def test_every_actor_of_a_record_is_among_the_mentions_of_its_cluster(seed_coded):
    _, _, records, mentions = seed_coded
    clusters = {m["cluster"] for m in mentions}
    assert all(e["cluster"] in clusters for r in records for e in (*r["sources"], *r["via"], *r["targets"]))


def test_coding_twice_gives_the_same(seed_coded, coder):
    text, document, records, mentions = seed_coded
    assert code.code_article(document, text, coder, "Afghanistan International", text.split("\n")[0]) == (
        records,
        mentions,
    )


def test_links_lead_from_denials_to_charges_of_the_same_article(seed_coded):
    by_id = {r["id"]: r for r in seed_coded[2]}
    links = [(r, by_id[r["responds_to"]]) for r in by_id.values() if r["responds_to"]]
    assert links and all(denial["act"] == "deny" and charge["act"] != "deny" for denial, charge in links)


@pytest.mark.parametrize("text", ["", "Hello", "\n\n", "The museum opens at nine on weekdays."])
def test_an_article_with_nothing_to_code_gives_nothing(text, parse, coder):
    records, _ = code.code_article(parse("empty", text), text, coder)
    assert records == []


@pytest.mark.parametrize(
    ("text", "act", "source", "target"),
    [
        ("Alvonia accused Brennia of shelling two border villages on Monday.", "accuse", "Alvonia", "Brennia"),
        ("Brennia's government has condemned Alvonia for the killing of protesters.", "condemn", None, "Alvonia"),
        ("The rebels denied that they had attacked the hospital.", "deny", "rebels", None),
        ("Police say the militia kidnapped three aid workers.", "accuse", "Police", "militia"),
    ],
)
def test_plain_sentences(text, act, source, target, parse, coder):
    records, _ = code.code_article(parse("plain", text), text, coder)
    record = next(r for r in records if r["act"] == act)
    assert source is None or any(source.lower() in e["text"].lower() for e in record["sources"])
    assert target is None or any(target.lower() in e["text"].lower() for e in record["targets"])


@pytest.mark.shared
def test_the_seed_is_coded_as_by_careful_readers(seed_coded, shared):
    specification = importlib.util.spec_from_file_location("score", shared / "gold" / "score.py")
    score = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(score)
    doc_id = seed_coded[1].doc_id
    gold = score.read(shared / "gold" / "dev" / "gold.jsonl")
    result, _ = score.score(gold, {doc_id: seed_coded[2]}, [doc_id], ["accuse", "condemn", "deny"])
    assert result["triple"]["f1"] >= 0.6
