"""ingest: what becomes an article, what a reject and why, and which shard files are touched."""

import json
import os
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargesheet import cli, files, ingest
from chargesheet.errors import UserError

ENGLISH = "The government accused the army of killing civilians in the north. The army denied it.\n"


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def put(folder, name, content=ENGLISH):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def read(raw, language="en"):
    items = list(ingest.read_all(raw, language))
    articles = {item.file: item for item in items if isinstance(item, ingest.Article)}
    rejects = {item.file: item for item in items if isinstance(item, ingest.Reject)}
    return articles, rejects


def run(raw, shards=3):
    out, rejects = raw.parent / "articles", raw.parent / "rejects.jsonl"
    status = cli.main(
        ["ingest", "--raw", str(raw), "--out", str(out), "--shards", str(shards), "--rejects", str(rejects)]
    )
    return status, out, rejects


# --- text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        ("It’s a lie.\r\n\r\nHe said.\r\n".encode(), "It’s a lie.\r\n\r\nHe said.\r\n", "utf-8"),
        (b"\xef\xbb\xbf" + "Zoë spoke".encode(), "Zoë spoke", "utf-8-sig"),
        ("Zoë spoke\r\n".encode("utf-16"), "Zoë spoke\r\n", "utf-16"),
        (b"\xfe\xff" + "Zoë spoke".encode("utf-16-be"), "Zoë spoke", "utf-16"),
        ("Zoë spoke".encode("utf-32"), "Zoë spoke", "utf-32"),
        ("“It’s a lie,” the minister said – in Kabul.".encode("cp1252"), None, "cp1252"),
        ("“It’s a lie,” the minister said – in Kabul.".encode("mac_roman"), None, "mac-roman"),
        ("The government denied £5m fraud.".encode("cp1252"), "The government denied £5m fraud.", "cp1252"),
    ],
)
def test_text_is_decoded_and_otherwise_unchanged(data, text, encoding):
    assert ingest.decode(data) == (text or "“It’s a lie,” the minister said – in Kabul.", encoding)


def test_two_broken_bytes_do_not_spoil_the_rest_of_a_utf8_file():
    data = ("“It’s a lie”, the minister said. " * 20).encode() + b"\xe2\x80 the end \xff"
    text, encoding = ingest.decode(data)
    assert text.startswith("“It’s a lie”") and text.count("\ufffd") == 2
    assert encoding == "utf-8 (2 unreadable)"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Co", "Cn"])))
def test_every_utf8_text_comes_back_as_it_was(text):
    if text.lstrip()[:5].lower() not in ("<html", "%pdf-", "{\\rtf") and not text.startswith(("\ufeff", "PK")):
        assert ingest.decode(text.encode("utf-8")) == (text, "utf-8")


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 20,
        b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)) * 9,
        b"The army\0denied it.",
        b"%PDF-1.7\nThe army denied it.",
        b"PK\x03\x04\x14\x00The army denied it.",
        b"{\\rtf1 The army denied it.}",
        b"\n<!DOCTYPE html><p>The army denied it.</p>",
        b"\x01\x02\x03\x04 a few words " * 5,
    ],
)
def test_what_is_not_text_is_said_to_be_none(data):
    with pytest.raises(ingest.NotText):
        ingest.decode(data)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Army Denies Killings\n\nThe army denied it.", "Army Denies Killings"),
        ("\n  # Who killed the judge?\nThe army denied it.", "Who killed the judge?"),
        ("Attack on the U.S.\nThe army denied it.", "Attack on the U.S."),
        ("The army denied it.\nThe end.", ""),
        ("The army denied it. (Reuters)\nThe end.", ""),
        ("“We did not do it.”\nThe end.", ""),
        ("KABUL, March 26 (Reuters) –\nThe army denied it.", ""),
        ("Friday, July 21, 2017\nThe army denied it.", ""),
        ("Vienna, Austria\nThe army denied it.", ""),
        ("Army Denies Killings", ""),
        ("word " * 60 + "\nThe army denied it.", ""),
        ("", ""),
    ],
)
def test_the_first_line_is_the_title_where_it_looks_like_one(text, title):
    assert ingest.first_line_title(text) == title


def test_a_hard_wrapped_first_line_is_no_title():
    line = "the minister of defence said that the army had not been near the town that"
    assert ingest.first_line_title("\n".join([line] * 6)) == ""
    assert ingest.first_line_title("Army Denies Killings\n\n" + "\n".join([line] * 6)) == "Army Denies Killings"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Regierung hat die Vorwürfe der Opposition am Montag entschieden zurückgewiesen.", "de"),
        ("Le gouvernement a rejeté lundi les accusations de l'opposition, selon un communiqué du ministère.", "fr"),
        ("Правительство отвергло обвинения в адрес военных, сообщило министерство обороны.", "ru"),
    ],
)
def test_other_languages_are_recognised(text, language):
    assert ingest.foreign_language(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "Police",
        "Al-Mirsaad accuses Tajikistan",
        "Zelensky accuses Putin of genocide",
        "Taliban deny Islamabad's claim",
        "Mohammad Sharif Mojahed",
        ENGLISH,
        ENGLISH + "«لا تعليق»، قال الوزير.",
    ],
)
def test_short_texts_full_of_names_are_taken_for_english(text):
    assert ingest.foreign_language(text) is None


# --- names ---------------------------------------------------------------------------------------


def test_ids_are_file_names_and_folders_tell_twins_apart():
    ids = ingest.doc_ids(["a.txt", "2023/a.txt", "2024/a.txt", "2024/b's “story”.txt", "c.v2.TXT"])
    assert ids == {
        "a.txt": "a",
        "2023/a.txt": "2023__a",
        "2024/a.txt": "2024__a",
        "2024/b's “story”.txt": "b's “story”",
        "c.v2.TXT": "c.v2",
    }


def test_an_unsafe_name_keeps_its_letters_and_gets_a_hash():
    (unsafe,) = ingest.doc_ids(["..é\n# newdoc id = x\u202e.txt"]).values()
    assert unsafe.startswith("_é_# newdoc id = x_-") and unsafe.isprintable()
    assert ingest.doc_ids(["..é\n# newdoc id = x\u202e.txt", "other.txt"])["..é\n# newdoc id = x\u202e.txt"] == unsafe


def test_composed_and_decomposed_names_are_told_apart():
    assert len(set(ingest.doc_ids(["caf\u00e9.txt", "cafe\u0301.txt"]).values())) == 2


part = st.text(st.sampled_from(string.ascii_letters + " _-.\\é\u0301\n\t\u202e\u2028\u00a0"), min_size=1, max_size=5)
name = st.lists(part, min_size=1, max_size=3).map("/".join)


@given(st.lists(st.tuples(name, st.sampled_from([".txt", ".TXT"])).map("".join), unique=True, max_size=12))
def test_ids_are_unique_one_line_and_safe_as_a_path(names):
    ids = ingest.doc_ids(names)
    assert len(set(ids.values())) == len(names)
    for doc_id in ids.values():
        assert doc_id == doc_id.strip() != "" and len(doc_id.splitlines()) == 1
        assert not set("/\\\0") & set(doc_id) and not doc_id.startswith(".")
    assert ingest.doc_ids(reversed(names)) == ids


@given(st.text(min_size=1).filter(lambda s: s.isprintable()), st.integers(1, 4096))
def test_a_shard_is_one_of_the_shards(doc_id, shards):
    assert ingest.shard_of(doc_id, shards) in ingest.shard_names(shards)


# --- articles and rejects ------------------------------------------------------------------------


def test_every_file_is_an_article_or_a_reject_with_a_reason(raw):
    put(raw, "good.txt")
    put(raw, "sub folder/naïve 'quoted'.txt", "Another story: the army denied that it had killed civilians.")
    put(raw, "one.txt", "Police")
    put(raw, "empty.txt", " \n\t\n")
    put(raw, "numbers.txt", "12 34 --- 56")
    put(raw, "picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)
    put(raw, "german.txt", "Die Regierung hat die Vorwürfe der Opposition am Montag entschieden zurückgewiesen.")
    put(raw, "the same.txt", ENGLISH.replace("\n", "\r\n"))
    put(raw, "story.docx", b"PK")
    put(raw, "huge.txt", "accused " * 200_000)
    put(raw, "README.md")
    put(raw, "sub folder/readme.txt")
    put(raw, ".DS_Store", b"\0")
    put(raw, ".git/config.txt")
    articles, rejects = read(raw)
    assert set(articles) == {"good.txt", "one.txt", "sub folder/naïve 'quoted'.txt"}
    assert {file: reject.reason for file, reject in rejects.items()} == {
        "empty.txt": "empty",
        "numbers.txt": "not-text",
        "picture.txt": "not-text",
        "german.txt": "not-english",
        "the same.txt": "duplicate",
        "story.docx": "not-txt",
        "huge.txt": "too-long",
    }
    assert "good.txt" in rejects["the same.txt"].detail
    assert "de" in rejects["german.txt"].detail
    assert all(reject.detail.endswith(".") for reject in rejects.values())


def test_an_article_keeps_its_text_and_knows_its_file(raw):
    text = "Army Denies Killings\r\n\r\nThe army denied it.\r\n"
    put(raw, "2024/a.txt", text)
    (article,) = read(raw)[0].values()
    assert article.text == text
    assert (article.doc_id, article.file, article.title) == ("a", "2024/a.txt", "Army Denies Killings")
    assert article.sha256 == ingest.hashlib.sha256(text.encode()).hexdigest()


def test_any_language_is_taken_where_the_check_is_off(raw):
    put(raw, "g.txt", "Die Regierung hat die Vorwürfe der Opposition am Montag entschieden zurückgewiesen.")
    articles, rejects = read(raw, "any")
    assert articles["g.txt"].language == "de" and not rejects


def test_links_out_of_the_folder_are_not_followed(raw, tmp_path):
    secret = put(tmp_path, "secret.txt")
    (raw / "link.txt").symlink_to(secret)
    (raw / "folder").symlink_to(tmp_path)
    (raw / "nowhere.txt").symlink_to(raw / "missing.txt")
    put(raw, "here.txt")
    articles, rejects = read(raw)
    assert set(articles) == {"here.txt"}
    assert {f: r.reason for f, r in rejects.items()} == {
        "link.txt": "link",
        "folder/": "link",
        "nowhere.txt": "unreadable",
    }


def test_a_pipe_does_not_block(raw):
    os.mkfifo(raw / "pipe.txt")
    assert read(raw)[1]["pipe.txt"].reason == "not-text"


def test_what_cannot_be_read_is_a_reject(raw, monkeypatch):
    put(raw, "a.txt")
    put(raw, "locked/b.txt", "The rebels denied that they had attacked the village.")
    real = os.scandir

    def scandir(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(ingest.Path, "read_bytes", lambda path: (_ for _ in ()).throw(PermissionError(13, "Denied")))
    articles, rejects = read(raw)
    assert not articles
    assert {f: r.reason for f, r in rejects.items()} == {"a.txt": "unreadable", "locked/": "unreadable"}


def test_a_name_that_is_not_utf8_is_a_reject(raw):
    try:
        (raw / os.fsdecode(b"caf\xe9.txt")).write_text(ENGLISH)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (reject,) = read(raw)[1].values()
    assert reject.reason == "unreadable" and "name" in reject.detail
    json.dumps(reject.file).encode("utf-8")


# --- metadata ------------------------------------------------------------------------------------


def test_metadata_is_taken_over(raw):
    put(raw, "a.txt")
    put(raw, "cafe\u0301.txt", "The rebels denied that they had attacked the village.")
    put(
        raw,
        "metadata.csv",
        "\ufefffile;title;date;outlet;url;language\r\n"
        'a.txt;"The title; with a semicolon";2024-03-26;Reuters;https://example.org/a;en-GB\r\n'
        "caf\u00e9.txt;;2024-03-26T10:00:00+02:00;;;\r\n\r\n",
    )
    articles, rejects = read(raw)
    assert not rejects
    a = articles["a.txt"]
    assert (a.title, a.date, a.outlet, a.url, a.language) == (
        "The title; with a semicolon",
        "2024-03-26",
        "Reuters",
        "https://example.org/a",
        "en",
    )
    assert articles["cafe\u0301.txt"].date == "2024-03-26"


def test_metadata_decides_the_language(raw):
    put(raw, "a.txt")
    put(raw, "b.txt", "Ja, sagte er, die Regierung hat die Vorwürfe der Opposition entschieden zurückgewiesen.")
    put(raw, "metadata.csv", "file,language\na.txt,fr\nb.txt,en\n")
    articles, rejects = read(raw)
    assert set(articles) == {"b.txt"}
    assert rejects["a.txt"].reason == "not-english" and "metadata.csv" in rejects["a.txt"].detail


def test_all_problems_of_the_metadata_are_named_at_once(raw, capsys):
    put(raw, "article one.txt")
    put(raw, "b.txt", "The rebels denied that they had attacked the village.")
    put(
        raw,
        "metadata.csv",
        "file,title,date,outlet,url,language\n"
        "articel one.txt,,,,,\n"
        "b.txt,,26/03/2024,,,\n"
        "b.txt,,,,javascript:alert(1),English language\n"
        ",,03/04/2024,,,\n"
        "article one.txt,Army, rebels and police,,,,en\n",
    )
    status, out, _ = run(raw)
    message = capsys.readouterr().err
    assert status == 1 and not list(out.iterdir())
    assert str(raw / "metadata.csv") in message and "8 problems" in message
    for expected in (
        "row 2, column 'file': 'articel one.txt' is not there: did you mean 'article one.txt'?",
        "row 3, column 'date': '26/03/2024' is not a date: write 2024-03-26",
        "row 4, column 'file': 'b.txt' has a row already (row 3)",
        "row 4, column 'url': 'javascript:alert(1)' is not a web address",
        "row 4, column 'language': 'English language' is not a language code",
        "row 5, column 'file': is empty",
        "row 5, column 'date': '03/04/2024' is not a date: write 2024-03-04 or 2024-04-03",
        "row 6: 7 values for 6 columns: put quotes",
    ):
        assert expected in message


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("name,date\na.txt,2024-03-26\n", "the column 'file' is missing"),
        ("file,titel\na.txt,x\n", "unknown column 'titel': did you mean 'title'?"),
        ("file,date,date\na.txt,,\n", "the column 'date' is there twice"),
        ("", "the column 'file' is missing"),
        (b"PK\x03\x04\0\0", "not a CSV file"),
        ('file,title\na.txt,"an open quote\n', "not a CSV file"),
    ],
)
def test_what_is_not_a_table_of_metadata_is_an_error(raw, table, message):
    put(raw, "a.txt")
    put(raw, "metadata.csv", table)
    with pytest.raises(UserError, match=message.replace("?", r"\?")):
        read(raw)


def test_columns_that_are_not_used_are_named(raw, capsys):
    put(raw, "a.txt")
    put(raw, "metadata.csv", "file,author\na.txt,Somebody\n")
    assert set(read(raw)[0]) == {"a.txt"}
    assert "columns not used: author" in capsys.readouterr().err


# --- shards --------------------------------------------------------------------------------------


def test_shards_hold_all_articles_and_only_changed_ones_are_touched(raw, capsys):
    for number in range(12):
        put(raw, f"a{number}.txt", f"{ENGLISH}This is story number {number}, which nobody denied.")
    status, out, rejects = run(raw)
    assert status == 0
    assert capsys.readouterr().out == "12 articles, 0 rejects\n"
    shards = sorted(out.iterdir())
    assert [path.name for path in shards] == ["0.jsonl", "1.jsonl", "2.jsonl"]
    rows = {path.stem: files.read_jsonl(path) for path in shards}
    assert sorted(row["doc_id"] for shard in rows.values() for row in shard) == sorted(f"a{n}" for n in range(12))
    assert all(ingest.shard_of(row["doc_id"], 3) == shard for shard, found in rows.items() for row in found)
    assert list(rows["0"][0]) == "doc_id title date outlet url language file sha256 encoding text".split()

    for path in [*shards, rejects]:
        os.utime(path, (1, 1))
    put(raw, "a3.txt", ENGLISH + "This story is another one now.")
    put(raw, "empty.txt", "")
    assert run(raw)[0] == 0
    assert capsys.readouterr().out == "12 articles, 1 reject (1 empty)\n"
    changed = {path.stem for path in shards if path.stat().st_mtime > 1}
    assert changed == {ingest.shard_of("a3", 3)}
    assert files.read_jsonl(rejects)[0]["reason"] == "empty"


def test_shards_of_another_number_are_cleared_away(raw):
    put(raw, "a.txt")
    run(raw, shards=12)
    _, out, _ = run(raw, shards=2)
    assert sorted(path.name for path in out.iterdir()) == ["0.jsonl", "1.jsonl"]


def test_a_folder_without_articles_is_an_error(raw, capsys):
    put(raw, "README.md")
    assert run(raw)[0] == 1
    assert "holds no article" in capsys.readouterr().err
    raw.rename(raw.parent / "elsewhere")
    assert run(raw)[0] == 1
    assert "is not a folder" in capsys.readouterr().err


def test_an_interrupted_run_leaves_the_shards_as_they_were(raw, monkeypatch):
    put(raw, "a.txt")
    _, out, _ = run(raw)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    put(raw, "b.txt", "The rebels denied that they had attacked the village.")
    real = ingest.read_article

    def fail(*args):
        if args[1] == "b.txt":
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(ingest, "read_article", fail)
    with pytest.raises(KeyboardInterrupt):
        run(raw)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
