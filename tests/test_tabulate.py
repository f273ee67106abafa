"""From coded articles to tables."""

import filecmp
import json

import pytest

from chargesheet import cli, conllu, files, schemas, tabulate
from ledger import coded, processed, three


def run(folder, *options):
    return cli.main(["tabulate", "--processed", str(folder / "data/processed"), "--out", str(folder / "out"), *options])


@pytest.fixture
def made(tmp_path):
    processed(tmp_path, three())
    assert run(tmp_path) == 0
    return schemas.read(tmp_path / "out")


def test_one_row_per_record_with_its_sentence(made):
    table = made["accusations"].set_index("id")
    assert len(table) == 7
    row = table.loc["first#2"]
    assert (row["source"], row["target"], row["act"], row["date"].isoformat()[:10]) == (
        "Bordany",
        "Ardland",
        "accuse",
        "2024-01-05",
    )
    assert row["sentence_text"] == "Bordany accused Ardland of shelling the market in Tel."
    assert table.loc["second#2", "source"] == ""
    assert table.loc["second#2", "via"] == "Radio X"


def test_a_claim_spans_articles_and_is_named_by_the_earliest(made):
    claims = made["accusations"].set_index("id")["claim_id"]
    assert claims["first#2"] == claims["second#1"] == "second#1"
    assert claims["first#1"] == "first#1"


def test_only_asserted_records_are_counted(made):
    article_row = made["articles"].set_index("doc_id").loc["first"]
    assert (article_row["accusations"], article_row["condemnations"], article_row["denials"]) == (2, 1, 1)
    actors = made["actors"].set_index("name")
    assert actors.loc["Police", "accusations_made"] == 0
    assert actors.loc["Bordany", "accusations_received"] == 0
    assert actors.loc["Bordany", ["accusations_made", "condemnations_received"]].tolist() == [3, 1]


def test_dyads_count_charges_denials_and_answers(made):
    names = made["dyads"].set_index(["source", "target"])
    there = names.loc[("Bordany", "Ardland")]
    assert there[["accusations", "answered", "claims", "articles"]].tolist() == [3, 1, 2, 2]
    assert (f"{there['first']:%F}", f"{there['last']:%F}") == ("2023-12-31", "2024-01-05")
    assert there["categories"] == "crime:3"
    # a denial that names no accuser goes to the source of what it answers
    assert names.loc[("Ardland", "Bordany"), "denials"] == 1
    assert names.loc[("", "The pact"), "accusations"] == 1
    assert ("Police", "Bordany") not in names.index


def test_a_response_tells_both_sides(made):
    row = made["responses"].iloc[0]
    assert (row["denier"], row["accuser"], row["distance"], row["same_sentence"]) == ("Ardland", "Bordany", 1, False)
    assert (row["allegation"], row["denial"]) == ("shelling the market in Tel", "the shelling")


def test_spans_and_keys_hold(made):
    texts = {row["doc_id"]: row["text"] for row, _, _ in three()}
    schemas.validate(made, texts)
    for row in made["mentions"].itertuples():
        assert texts[row.doc_id][row.start : row.end] == row.text


def test_records_carry_claim_and_actor_ids(tmp_path, made):
    rows = files.read_jsonl(tmp_path / "out" / "accusations.jsonl")
    assert [row["id"] for row in rows] == made["accusations"]["id"].tolist()
    actors = set(made["actors"]["actor_id"])
    assert {e["actor_id"] for row in rows for role in tabulate.ROLES for e in row[role]} <= actors
    assert rows[1]["cue"] == {"start": 33, "end": 40, "text": "accused"}


def test_records_are_ordered_by_number_not_by_letter(tmp_path):
    processed(tmp_path, [coded("x", ["[s:Bordany] [c:accused] [t:Ardland]."] * 11)])
    assert run(tmp_path) == 0
    assert [r["id"] for r in files.read_jsonl(tmp_path / "out" / "accusations.jsonl")] == [
        f"x#{n}" for n in range(1, 12)
    ]


def test_shards_do_not_change_a_byte(tmp_path):
    for shards in (1, 3):
        processed(tmp_path / str(shards), three(), shards)
        assert run(tmp_path / str(shards)) == 0
    compared = filecmp.dircmp(tmp_path / "1/out", tmp_path / "3/out")
    assert len(compared.common_files) == 16
    assert not compared.left_only and not compared.right_only
    assert filecmp.cmpfiles(tmp_path / "1/out", tmp_path / "3/out", compared.common_files, shallow=False)[1:] == (
        [],
        [],
    )


def test_unsure_records_can_be_left_out(tmp_path):
    accused = "[s:Bordany] [c:accused] [t:Ardland] of [a:theft].", {"confidence": 0.3}
    denied = "[s:Ardland] [c:denied] [a:it].", {"act": "deny", "responds_to": "x#1"}
    processed(tmp_path, [coded("x", [accused, denied])])
    assert run(tmp_path, "--minimum-confidence", "0.5") == 0
    made = schemas.read(tmp_path / "out")
    assert made["accusations"][["id", "responds_to"]].to_numpy().tolist() == [["x#2", ""]]
    assert made["responses"].empty
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["chargesheet"] == {"minimum_confidence": 0.5, "records_left_out": 1}


def test_failures_and_rejects_stand_in_one_table(tmp_path):
    root = processed(tmp_path, three())
    files.write_jsonl(root / "rejects.jsonl", [{"file": "b.txt", "reason": "empty", "detail": "No text."}])
    failed = {"doc_id": "third", "file": "third.txt", "step": "annotate", "detail": "out of memory"}
    files.write_jsonl(root / "annotations" / "0.failures.jsonl", [failed])
    assert run(tmp_path) == 0
    rows = schemas.read(tmp_path / "out")["rejects"].to_numpy().tolist()
    assert rows == [["b.txt", "ingest", "empty", "No text."], ["third.txt", "annotate", "failed", "out of memory"]]


def test_a_study_without_records_still_has_tables(tmp_path):
    processed(tmp_path, three()[2:])
    assert run(tmp_path) == 0
    made = schemas.read(tmp_path / "out")
    assert len(made["articles"]) == 1
    assert made["accusations"].empty and made["dyads"].empty


def test_names_with_the_separator_do_not_add_an_actor(tmp_path):
    processed(tmp_path, [coded("x", ["[s:Smith; Sons] [c:accused] [t:Ardland] of [a:theft]."])])
    assert run(tmp_path) == 0
    row = schemas.read(tmp_path / "out")["accusations"].iloc[0]
    assert row["source"] == "Smith, Sons"


def _drop(name):
    def change(root):
        (root / name).unlink()

    return change


def _twice(root):
    for kind, ending in (
        ("articles", ".jsonl"),
        ("annotations", ".conllu"),
        ("records", ".jsonl"),
        ("mentions", ".jsonl"),
    ):
        old = (root / kind / f"0{ending}").read_text(encoding="utf-8")
        files.write_text(root / kind / f"7{ending}", old if kind == "articles" else "")
    for kind in ("annotations", "records"):
        files.write_text(root / kind / "7.failures.jsonl", "")


def _other_text(root):
    rows = files.read_jsonl(root / "articles/0.jsonl")
    files.write_jsonl(root / "articles/0.jsonl", [row | {"text": "X" + row["text"]} for row in rows])


def _no_mentions(root):
    files.write_text(root / "mentions/0.jsonl", "")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_drop("records/0.jsonl"), "is missing: run the earlier steps"),
        (_drop("articles/0.jsonl"), "holds no articles"),
        (_twice, "stands in two shards"),
        (_other_text, "The article changed after it was coded"),
        (_no_mentions, "is not among the mentions"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_written(tmp_path, capsys, damage, says):
    root = processed(tmp_path, three())
    damage(root)
    assert run(tmp_path) == 1
    assert says in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_confidence_out_of_range_is_refused(tmp_path, capsys):
    processed(tmp_path, three())
    assert run(tmp_path, "--minimum-confidence", "50") == 1
    assert "from 0 to 1" in capsys.readouterr().err


def test_the_scan_of_annotations_agrees_with_the_reader(tmp_path):
    path = tmp_path / "a.conllu"
    rows = [
        "# newdoc id = a",
        "1-2\tdon't\t_\t_\t_\t_\t_\t_\t_\tstart_char=2|end_char=7|ner=O",
        "1\tdo\tdo\tAUX\t_\t_\t0\troot\t_\tstart_char=2|end_char=4",
        "2\tn't\tnot\tPART\t_\t_\t1\tadvmod\t_\tstart_char=4|end_char=7",
        "3\t!\t!\tPUNCT\t_\t_\t1\tpunct\t_\tstart_char=7|end_char=8|ner=O",
        "",
        "1\tGo\tgo\tVERB\t_\t_\t0\troot\t_\tstart_char=9|end_char=11|ner=O",
        "",
        "# newdoc id = b",
        "1-2\tit's\t_\t_\t_\t_\t_\t_\t_\tstart_char=0|end_char=4|ner=O",
        "1\tit\tit\tPRON\t_\t_\t0\troot\t_\t_",
        "2\t's\tbe\tAUX\t_\t_\t1\tcop\t_\t_",
        "",
    ]
    files.write_text(path, "\n".join(rows) + "\n")
    scanned = {doc_id: (spans, words) for doc_id, spans, words in tabulate.sentence_spans(path)}
    assert scanned == {"a": ([(2, 8), (9, 11)], 2), "b": ([(0, 4)], 1)}
    for document in conllu.read(path):
        assert scanned[document.doc_id][0] == [(s.start, s.end) for s in document.sentences]
