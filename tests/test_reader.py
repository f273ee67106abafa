"""The reader's windows and features."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chargesheet import reader
from chargesheet.conllu import Document, Sentence, Token
from parsed import article


@given(st.lists(st.lists(st.integers(1, reader.PIECES), min_size=1, max_size=60), max_size=30))
def test_every_word_is_judged_in_just_one_window(sentences):
    document = Document("d")
    pieces, offset = [], []
    for number, lengths in enumerate(sentences, 1):
        offset.append(len(pieces))
        tokens = [Token(i, "x", "x", "X", "", {}, 0, "root", 0, 1) for i in range(1, len(lengths) + 1)]
        document.sentences.append(Sentence(number, number, tokens))
        pieces += [[7] * n for n in lengths]
    parsed = reader.Article(document, [t for s in document.sentences for t in s.tokens], [], offset, pieces, None, None)
    judged = np.zeros(len(pieces), dtype=int)
    for window in reader.windows(parsed):
        judged[np.array(window.words)[window.own]] += 1
        assert sum(len(pieces[w]) for w in window.words) + 2 <= 512, "the encoder takes no more"
        assert window.words == list(range(window.words[0], window.words[-1] + 1))
    assert (judged == 1).all()


def test_the_path_in_the_tree_goes_up_and_down():
    document, _ = article("Alvonia/PROPN/2/nsubj said/VERB/0/root=say Dell/PROPN/4/nsubj lied/VERB/2/ccomp=lie")
    sentence = document.sentences[0]
    said, dell = sentence.tokens[1], sentence.tokens[2]
    assert reader.tree_path(sentence, said, dell) == "|ccomp>nsubj"
    assert reader.tree_path(sentence, dell, said) == "nsubj<ccomp|"
    assert reader.tree_path(sentence, said, said) == "|"
