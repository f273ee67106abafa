"""conllu: what annotate writes is read back, by this reader and by others."""

import pytest

from chargesheet import conllu
from chargesheet.errors import UserError

TWO = """\
# newdoc id = a "quoted" name
# newpar id = a-p1
# sent_id = a-1
# text = They couldn't  go.
1	They	they	PRON	PRP	Case=Nom|Person=3	4	nsubj	_	start_char=0|end_char=4|ner=O
2-3	couldn't	_	_	_	_	_	_	_	start_char=5|end_char=13|ner=S-Misc
2	could	can	AUX	MD	VerbForm=Fin	4	aux	_	start_char=5|end_char=10
3	n't	not	PART	RB	_	4	advmod	_	_
4	go	go	VERB	VB	_	0	root	_	SpaceAfter=No|start_char=15|end_char=17|ner=O
5	.	.	PUNCT	.	_	4	punct	_	start_char=17|end_char=18|ner=O

# sent_id = a-2
# text = # newdoc id = b
1	#	#	SYM	_	_	2	dep	_	start_char=20|end_char=21|ner=O
2	newdoc  id	=	X	FW	_	0	root	_	start_char=22|end_char=32|ner=O

# newpar id = a-p2
# sent_id = a-3
# text = 10 000
1	10 000	10 000	NUM	CD	_	0	root	_	start_char=40|end_char=46|ner=O

# newdoc id = b
# newpar id = b-p1
# sent_id = b-1
# text = Yes
1	Yes	yes	INTJ	UH	_	0	root	_	start_char=0|end_char=3|ner=O

"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "two.conllu"
    path.write_text(TWO, encoding="utf-8", newline="\n")
    return path


def test_documents_sentences_and_paragraphs(path):
    first, second = conllu.read(path)
    assert (first.doc_id, second.doc_id) == ('a "quoted" name', "b")
    assert [(s.number, s.paragraph, s.start, s.end) for s in first.sentences] == [
        (1, 1, 0, 18),
        (2, 1, 20, 32),
        (3, 2, 40, 46),
    ]


def test_words_have_offsets_tags_and_heads(path):
    sentence = next(conllu.read(path)).sentences[0]
    they, could, nt, go, stop = sentence.tokens
    assert (they.form, they.lemma, they.upos, they.xpos, they.deprel) == ("They", "they", "PRON", "PRP", "nsubj")
    assert they.feats == {"Case": "Nom", "Person": "3"} and nt.feats == {}
    assert (could.start, could.end) == (5, 10)
    assert (nt.start, nt.end) == (5, 13), "without offsets of its own a word has those of its token"
    assert (could.ner, nt.ner, go.ner) == ("S-Misc", "S-Misc", "O")
    assert sentence.root is go and sentence.head(they) is go and sentence.head(go) is None
    assert stop.id == 5


def test_a_form_may_hold_spaces_and_look_like_a_comment(path):
    second = next(conllu.read(path)).sentences[1]
    assert [token.form for token in second.tokens] == ["#", "newdoc  id"]
    assert second.tokens[0].xpos == ""


def test_children_take_subtypes_and_subtrees_stop():
    words = [
        conllu.Token(1, "He", "he", "PRON", "", {}, 3, "nsubj:pass", 0, 2),
        conllu.Token(2, "was", "be", "AUX", "", {}, 3, "aux:pass", 3, 6),
        conllu.Token(3, "accused", "accuse", "VERB", "", {}, 0, "root", 7, 14),
        conllu.Token(4, "of", "of", "ADP", "", {}, 5, "case", 15, 17),
        conllu.Token(5, "theft", "theft", "NOUN", "", {}, 3, "obl", 18, 23),
    ]
    sentence = conllu.Sentence(1, 1, words)
    assert sentence.children(sentence.root, "nsubj") == [words[0]]
    assert sentence.children(sentence.root, "nsubj:pass") == [words[0]]
    assert sentence.children(sentence.root, "nsubj:outer") == []
    assert sentence.subtree(words[2], without=("obl",)) == words[:3]
    assert list(sentence.ancestors(words[3])) == [words[4], words[2]]


@pytest.mark.parametrize(
    "text",
    [
        "1\tonly\tthree\n\n",
        TWO.replace("start_char=0|", ""),
        "# sent_id = 1\n1\tYes\tyes\tINTJ\tUH\t_\t0\troot\t_\tstart_char=0|end_char=3\n\n",
        TWO.rstrip(),
    ],
)
def test_a_damaged_file_is_an_error_that_names_it(tmp_path, text):
    path = tmp_path / "damaged.conllu"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r"damaged\.conllu"):
        list(conllu.read(path))


def test_an_empty_file_holds_no_document(tmp_path):
    (tmp_path / "empty.conllu").touch()
    assert list(conllu.read(tmp_path / "empty.conllu")) == []
