"""The contracts: what is refused, what is written, what is read back."""

import csv
import io
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chargesheet import schemas
from chargesheet.errors import UserError


def tables(**rows):
    return {name: schemas.frame(name, rows.get(name, [])) for name in schemas.SCHEMAS}


def an_article(**more):
    row = {
        "doc_id": "a",
        "title": "T",
        "date": "2024-02-29",
        "outlet": "O",
        "url": "",
        "language": "en",
        "file": "a.txt",
    }
    counts = dict.fromkeys(("characters", "words", "sentences", "accusations", "condemnations", "denials"), 0)
    return row | {"sha256": "0" * 64} | counts | more


def a_mention(**more):
    row = {"doc_id": "a", "start": 0, "end": 3, "text": "Bob", "name": "Bob", "kind": "name", "type": "person"}
    return row | {"cluster": "1", "actor_id": "bob", "why": ""} | more


def an_actor(**more):
    row = {"actor_id": "bob", "name": "Bob", "type": "person", "country": "", "aliases": "", "why": ""}
    counts = [c for c, d in schemas.SCHEMAS["actors"].columns.items() if schemas.field_type(d) == "integer"]
    return row | dict.fromkeys(counts, 0) | more


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"articles": [an_article(), an_article()]}, "doc_id"),
        ({"articles": [an_article(sha256="no")]}, "sha256"),
        ({"articles": [an_article(words=-1)]}, "words"),
        ({"articles": [an_article()], "mentions": [a_mention()]}, "actor_id 'bob' is not in table 'actors'"),
        ({"articles": [an_article()], "actors": [an_actor()], "mentions": [a_mention(text="Rob")]}, "not 'Rob'"),
        ({"articles": [an_article()], "actors": [an_actor()], "mentions": [a_mention(kind="verb")]}, "kind"),
        ({"articles": [an_article()], "actors": [an_actor(type="robot")]}, "type"),
        ({"articles": [an_article()], "actors": [an_actor(country="England")]}, "country"),
    ],
)
def test_a_broken_contract_is_named(broken, says):
    with pytest.raises(UserError, match=says):
        schemas.validate(tables(**broken), {"a": "Bob left."})


def test_what_fits_passes():
    schemas.validate(tables(articles=[an_article()], actors=[an_actor()], mentions=[a_mention()]), {"a": "Bob left."})


def test_an_impossible_date_is_refused():
    with pytest.raises(UserError, match="'2024-02-30' is not a day"):
        tables(articles=[an_article(date="2024-02-30")])


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(ANY, ANY, st.sampled_from(["", "1969-07-20", "2024-02-29"])), max_size=5))
def test_any_text_survives_csv_and_parquet(rows):
    articles = [an_article(doc_id=f"a{i}", title=t, outlet=o, date=d) for i, (t, o, d) in enumerate(rows)]
    made = schemas.frame("articles", articles)
    back = schemas.from_parquet("articles", io.BytesIO(schemas.to_parquet("articles", made)))
    pd.testing.assert_frame_equal(back, made)
    rows = list(csv.DictReader(io.StringIO(schemas.to_csv(made), newline="")))
    assert [(r["title"], r["outlet"], r["date"]) for r in rows] == [
        (a["title"], a["outlet"], a["date"]) for a in articles
    ]


def test_reading_says_what_is_missing(tmp_path):
    with pytest.raises(UserError, match="run 'chargesheet tabulate' first"):
        schemas.read(tmp_path)
    schemas.write(tmp_path, tables(), {})
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "dyads.parquet")
    with pytest.raises(UserError, match="other columns"):
        schemas.read(tmp_path)


def test_every_column_is_described_and_the_dictionary_fits_the_files(tmp_path):
    frames = tables(articles=[an_article()])
    schemas.write(tmp_path, frames, {"minimum_confidence": 0.5})
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert package["chargesheet"] == {"minimum_confidence": 0.5}
    tabular = {r["name"]: r for r in package["resources"] if r["format"] == "csv"}
    assert set(tabular) == set(schemas.SCHEMAS)
    for name, resource in tabular.items():
        fields = resource["schema"]["fields"]
        header = (tmp_path / resource["path"]).read_text(encoding="utf-8").split("\n")[0]
        assert header == ",".join(field["name"] for field in fields)
        assert all(len(field["description"]) > 3 for field in fields), name
        for key in resource["schema"].get("foreignKeys", []):
            other = key["reference"]["resource"] or name
            assert key["reference"]["fields"] in frames[other].columns
    act = next(f for f in tabular["accusations"]["schema"]["fields"] if f["name"] == "act")
    assert act["constraints"] == {"required": True, "enum": ["accuse", "condemn", "deny"]}
