"""annotate: CoNLL-U whose offsets are true, that others can read and that no text can break."""

import hashlib
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chargesheet import annotate, cli, conllu, files, stanza_models

TEXT = (
    "Army Denies Killings\r\n\r\n"
    "Zoë Müller, a judge, said she couldn’t believe the army’s denial. “They’re lying,” she told Reuters in Kabul.\n"
    "The ministry didn't comment. 👩‍⚖️\n"
)
HOSTILE = [
    "# newdoc id = other",
    "# newpar id = x\n# sent_id = 7",
    "1\tThe\tthe\tDET\tDT\t_\t0\troot\t_\tstart_char=0|end_char=3",
    "a\tb\t\tc",
    "one\n\n\ntwo",
    "a | b = c | ner=B-Person|start_char=99",
    "cafe\u0301 👩‍👩‍👧 🇦🇫 اتهم الجيش \u202eabc\u202c",
    "10\u00a0000 km\u2003wide\u2028and\x85long\x0bdeep\x1cend",
    "\u200b \ufeff \u00ad soft\u00adhyphen",
    "_ __ # -",
    "x" * 1500,
    "http://example.org/?a=b|c=d mail@example.org",
]
hostile = st.lists(
    st.one_of(
        st.sampled_from(HOSTILE), st.text(max_size=12), st.sampled_from(["\n", "\r\n", "\t", " ", ". ", "\u2028"])
    ),
    max_size=8,
).map("".join)


@pytest.fixture(scope="module")
def tokenizer():
    """The bundled pipeline without its encoders: what writes forms, sentences and offsets."""
    import stanza

    stanza_models.quiet()
    models = {"tokenize": "compact", "mwt": "compact"}
    return stanza.Pipeline(
        "en", dir=str(stanza_models.BUNDLED), package=None, processors=models, download_method=None, verbose=False
    )


@pytest.fixture(scope="module")
def parsed(pipeline):
    return annotate.to_conllu("an id", TEXT, pipeline)


def read(tmp_path, text):
    path = tmp_path / "a.conllu"
    path.write_text(text, encoding="utf-8", newline="\n")
    return list(conllu.read(path))


def spans(conllu_text):
    """Form, start and end of every token (not of the words inside it) in a CoNLL-U text."""
    last = 0
    for line in conllu_text.split("\n"):
        if not line or line.startswith("#"):
            last = 0
            continue
        number, form, *_, misc = line.split("\t")
        if int(number.split("-")[0]) > last:
            found = re.search(r"start_char=(\d+)\|end_char=(\d+)", misc)
            yield form, int(found[1]), int(found[2])
            last = int(number.split("-")[-1]) if "-" in number else 0


# --- offsets and hostile text --------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(hostile)
def test_offsets_are_those_of_the_article_and_the_file_cannot_be_broken(tokenizer, tmp_path, text):
    written = annotate.to_conllu("the id", text, tokenizer)
    end = 0
    for form, start, stop in spans(written):
        assert end <= start < stop
        end = stop
        if form != "<UNK>":  # Stanza's stand-in for a token of more than 1,000 characters
            assert "".join(text[start:stop].split()) == "".join(form.split())
    lines = written.split("\n")
    assert sum(line.startswith("# newdoc id") for line in lines) == (1 if written else 0)
    assert all(line.count("\t") == 9 for line in lines if line and not line.startswith("#"))
    assert all(len(line.splitlines()) <= 1 for line in lines if line.startswith("#"))
    # Everything but white space belongs to a token.
    left = list(text)
    for _, start, stop in spans(written):
        left[start:stop] = " " * (stop - start)
    assert not re.sub(r"[\s\u0080-\u009f]", "", "".join(left))


def test_a_text_without_words_gives_nothing(tokenizer):
    assert annotate.to_conllu("x", " \n\t\r\n", tokenizer) == ""


def test_a_sentence_without_end_is_cut(tokenizer):
    text = "army and rebels and judges and " * 600
    written = annotate.to_conllu("x", text, tokenizer)
    words = [0]
    for line in written.split("\n"):
        words = [*words, 0] if not line else [*words[:-1], words[-1] + (not line.startswith("#"))]
    assert max(words) <= annotate.MAX_WORDS and sum(words) == len(text.split())
    assert all(text[start:end] == form for form, start, end in spans(written))


def test_a_long_article_is_read_by_and_by(tokenizer, monkeypatch):
    text = "\n".join(f"The army denied charge number {n}." for n in range(300))
    whole = annotate.to_conllu("x", text, tokenizer)
    monkeypatch.setattr(annotate, "BATCH_CHARS", 500)
    assert annotate.to_conllu("x", text, tokenizer) == whole


# --- the whole pipeline --------------------------------------------------------------------------


def test_words_have_tags_heads_lemmas_and_names(parsed, tmp_path):
    (document,) = read(tmp_path, parsed)
    assert document.doc_id == "an id"
    assert [s.paragraph for s in document.sentences[:2]] == [1, 2]
    title, first = document.sentences[:2]
    assert [t.form for t in title.tokens] == ["Army", "Denies", "Killings"]
    said = first.root
    assert (said.lemma, said.upos) == ("say", "VERB")
    assert [t.form for t in first.children(said, "nsubj")] == ["Zoë"]
    assert [t.ner for t in first.tokens[:2]] == ["B-Person", "E-Person"]
    assert {"could", "n’t"} <= {t.form for t in first.tokens} and {"’s"} <= {t.form for t in first.tokens}
    for sentence in document.sentences:
        assert sum(t.head == 0 for t in sentence.tokens) == 1
        assert all(TEXT[t.start : t.end].endswith(t.form) for t in sentence.tokens)


def test_stanzas_own_reader_takes_the_file(parsed, tmp_path):
    from stanza.utils.conll import CoNLL

    path = tmp_path / "a.conllu"
    path.write_text(parsed, encoding="utf-8", newline="\n")
    document = CoNLL.conll2doc(str(path))
    tokens = [token for sentence in document.sentences for token in sentence.tokens]
    assert all(TEXT[t.start_char : t.end_char] == t.text for t in tokens)
    names = [(token.text, token.ner) for token in tokens if token.ner != "O"]
    assert names[:2] == [("Zoë", "B-Person"), ("Müller", "E-Person")]
    assert names[-2:] == [("Reuters", "S-Organization"), ("Kabul", "S-Location")]
    document.build_ents()
    assert document.ents[0].type == "Person" and TEXT[document.ents[0].start_char :].startswith("Zoë Müller,")
    assert all(word.deprel and word.lemma and word.upos for s in document.sentences for word in s.words)


def test_hostile_text_passes_through_all_processors(pipeline, tmp_path):
    text = "\n".join(HOSTILE)
    (document,) = read(tmp_path, annotate.to_conllu("x", text, pipeline))
    assert document.doc_id == "x"
    for sentence in document.sentences:
        assert [t.id for t in sentence.tokens] == list(range(1, len(sentence.tokens) + 1))


def test_an_article_does_not_depend_on_its_shard(pipeline):
    alone = annotate.to_conllu("x", TEXT, pipeline)
    annotate.to_conllu("y", "Quite another article, about a trial.\n" * 5, pipeline)
    assert annotate.to_conllu("x", TEXT, pipeline) == alone


# --- the verb ------------------------------------------------------------------------------------


@pytest.fixture
def shard(tmp_path, monkeypatch):
    """Run the verb over articles (name, text) with a pipeline; return status, CoNLL-U and failures."""

    def run(articles, pipeline=None):
        if pipeline:
            monkeypatch.setattr(stanza_models, "load", lambda *args: pipeline)
        else:
            monkeypatch.setattr(stanza_models, "load", lambda *args: pytest.fail("Stanza was loaded"))
        rows = [{"doc_id": name, "file": f"{name}.txt", "text": text} for name, text in articles]
        files.write_jsonl(tmp_path / "0.jsonl", rows)
        out, failures = tmp_path / "0.conllu", tmp_path / "0.failures.jsonl"
        arguments = ["--articles", tmp_path / "0.jsonl", "--out", out, "--failures", failures]
        status = cli.main(["annotate", *map(str, arguments)])
        return status, out.read_text(encoding="utf-8"), files.read_jsonl(failures)

    return run


def test_an_empty_shard_gives_empty_files_without_stanza(shard):
    assert shard([]) == (0, "", [])


def test_an_article_that_fails_is_named_and_the_others_go_on(shard, tokenizer, monkeypatch, capsys):
    real = annotate.to_conllu

    def fail(doc_id, text, pipeline):
        if doc_id == "bad":
            raise RuntimeError("DefaultCPUAllocator: not enough memory")
        return real(doc_id, text, pipeline)

    monkeypatch.setattr(annotate, "to_conllu", fail)
    status, written, failures = shard([("a", "One."), ("bad", "Two."), ("c", "Three.")], tokenizer)
    assert status == 0
    assert re.findall("# newdoc id = (.*)", written) == ["a", "c"]
    (failure,) = failures
    assert (failure["doc_id"], failure["file"], failure["step"]) == ("bad", "bad.txt", "annotate")
    assert "not enough memory" in failure["detail"]
    assert "bad.txt" in capsys.readouterr().err


def test_the_same_articles_give_the_same_bytes(shard, tokenizer):
    articles = [("a", TEXT), ("b", "\n".join(HOSTILE))]
    first, second = shard(articles, tokenizer), shard(articles, tokenizer)
    assert hashlib.sha256(first[1].encode()).digest() == hashlib.sha256(second[1].encode()).digest()
