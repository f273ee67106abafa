"""The evidence page's data: passages, offsets, and that no text can break out of it."""

import json
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
from chargesheet import cli, evidence
from chargesheet.errors import UserError

HOSTILE = '</script><script>alert(1)</script><!-- "><img src=x onerror=alert(2)> {{7*7}} \u2028 שלום 😀'


def build(*articles, sentences_only=False, **options):
    """The page's data of coded articles, with sentences as the tables have them."""
    records, texts = [], {}
    for row, own, spans in articles:
        for record in own:
            for role in evidence.ROLES:
                for entry in record[role]:
                    entry["actor_id"] = entry["name"].lower()
            start, end = spans[record["sentence"] - 1]
            texts[record["id"]] = " ".join(row["text"][start:end].split())
            records.append({"claim_id": record["id"]} | record)
    rows = [row for row, _, _ in articles]
    return evidence.payload(records, rows, {}, texts, sentences_only=sentences_only, **options)


def characters(text, start, end):
    """What JavaScript's slice gives."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def test_spans_point_at_the_same_words_in_javascript():
    marked = "😀 [v:The 🗞 Post|Post]: [s:Ana 😀|Ana] [c:says] [a:[t:Böris|Boris] took 💰]."
    data = build(ledger.coded("a", [marked]))
    ((_, text),) = data["articles"][0]["parts"]
    (record,) = data["records"]

    def words(span):
        return characters(text, *span[:2])

    assert words(record["sources"][0]) == "Ana 😀"
    assert words(record["targets"][0]) == "Böris"
    assert words(record["via"][0]) == "The 🗞 Post"
    assert words(record["cue"]) == "says"
    assert words(record["allegation"]) == "Böris took 💰"
    assert [words(passage) for passage in record["passages"]] == [text.strip()]
    assert [data["actors"][record[role][0][2]] for role in evidence.ROLES] == ["Ana", "Boris", "Post"]


@given(st.text(), st.data())
def test_utf16_offsets_agree_with_the_codec(text, data):
    offset = data.draw(st.integers(0, len(text)))
    expected = len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2
    assert evidence.Utf16(text)(offset) == expected


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: (pair[0], pair[0] + pair[1]))))
def test_merged_ranges_cover_the_same_characters_and_lie_apart(ranges):
    merged = evidence.merge(ranges)
    assert {i for a, b in ranges for i in range(a, b)} == {i for a, b in merged for i in range(a, b)}
    assert all(left[1] < right[0] for left, right in pairwise(merged))


@given(st.recursive(st.text() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_embedded_json_is_the_same_value_and_cannot_end_its_element(value):
    text = str(evidence.embed(value))
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text) == value


def test_the_sentence_is_found_across_lines_and_only_around_the_cue():
    text = "He lied. He  \n lied, she said. He lied."
    cue = (text.index("said"), text.index("said") + 4)
    start, end = evidence.find_sentence(text, "He lied, she said.", cue)
    assert text[start:end] == "He  \n lied, she said."
    assert evidence.find_sentence(text, "Something else.", cue) == cue
    assert evidence.find_sentence(text, "", cue) == cue


def test_sentences_only_leaves_everything_else_out():
    secret = "A paragraph that may not be passed on."
    row, own, spans = ledger.coded("a", [secret, "[s:Ana] [c:accused] [t:Boris] of [a:theft].", secret, "Boris slept."])
    far = row["text"].index("Boris slept")
    own[0]["targets"] = [{"start": far, "end": far + 5, "text": "Boris", "name": "Boris", "cluster": "Boris"}]
    data = build((row, own, spans), sentences_only=True)
    assert [text for _, text in data["articles"][0]["parts"]] == ["Ana accused Boris of theft.", "Boris"]
    assert "passed on" not in evidence.page(data)
    assert not data["whole"]


def test_articles_without_a_record_are_left_out():
    data = build(ledger.coded("a", ["Nothing here."]), ledger.coded("b", ["[s:Ana] [c:blamed] [t:Boris]."]))
    assert [article["id"] for article in data["articles"]] == ["b"]


def test_answers_and_claims_are_linked():
    charge = "[s:Ana] [c:accused] [t:Boris] of [a:theft]."
    denial = ("[s:Boris] [c:denied] [a:it].", {"act": "deny", "responds_to": "a#1"})
    first, second = ledger.coded("a", [charge, denial]), ledger.coded("b", [charge])
    second[1][0]["claim_id"] = "a#1"
    data = build(first, second)
    assert [record["answers"] for record in data["records"]] == [None, 0, None]
    assert [record["claim"] for record in data["records"]] == ["a#1", None, "a#1"]


def test_hostile_text_stays_inside_the_data():
    row, own, spans = ledger.coded(
        "a", [f"[s:{HOSTILE}|{HOSTILE}] [c:blamed] [t:Boris]."], title=HOSTILE, outlet=HOSTILE
    )
    html = evidence.page(build((row, own, spans)), title=HOSTILE)
    assert html.count("<script") == 2 and html.count("</script>") == 2
    assert "<img" not in html and "<!--" not in html
    block = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.S).group(1)
    assert json.loads(block)["articles"][0]["title"] == HOSTILE


def test_the_page_names_nothing_outside_itself():
    html = evidence.page(build(ledger.coded("a", ["[s:Ana] [c:blamed] [t:Boris]."])))
    assert "default-src 'none'" in html
    assert not re.search(r"""(src|href)=["']?(https?:)?//|@import|url\(""", html)


def test_an_unknown_article_is_an_error_for_the_user():
    row, own, spans = ledger.coded("a", ["[s:Ana] [c:blamed] [t:Boris]."])
    own[0]["doc_id"] = "b"
    with pytest.raises(UserError, match="different runs"):
        build((row, own, spans))


def test_command_line(tmp_path, capsys):
    results = ledger.study(tmp_path, [ledger.coded("a b", ["[s:Ana] [c:accused] [t:Boris] of [a:theft]."])])
    articles, out = tmp_path / "data" / "processed" / "articles", results / "evidence.html"
    command = ["evidence", "--tables", str(results / "tables"), "--articles", str(articles), "--out", str(out)]
    assert cli.main([*command, "--title", "Who blames whom"]) == 0
    first = out.read_bytes()
    assert b"<h1>Who blames whom</h1>" in first
    assert cli.main([*command, "--title", "Who blames whom"]) == 0
    assert out.read_bytes() == first
    assert cli.main([*command[:4], str(tmp_path), *command[5:]]) == 1
    assert "holds no articles" in capsys.readouterr().err
