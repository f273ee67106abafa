"""mst: the same trees as Stanza's own search."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stanza.models.common.chuliu_edmonds import chuliu_edmonds_one_root

from chargesheet.mst import single_root_tree


def log_probabilities(seed: int, words: int, peak: float) -> np.ndarray:
    """Scores as the parser gives them: the lower ``peak``, the surer of one head."""
    scores = np.log(np.random.default_rng(seed).dirichlet(np.full(words + 1, peak), words + 1) + 1e-9).astype("float32")
    np.fill_diagonal(scores, -np.inf)
    return scores


@given(st.integers(0, 2**32 - 1), st.integers(1, 25), st.sampled_from([0.02, 0.2, 1.0]))
def test_the_tree_is_that_of_stanzas_search(seed, words, peak):
    scores = log_probabilities(seed, words, peak)
    before = scores.copy()
    tree = single_root_tree(scores)
    assert tree.tolist() == chuliu_edmonds_one_root(scores).tolist()
    assert np.array_equal(scores, before), "the parser goes on with the scores"
    assert np.count_nonzero(tree[1:] == 0) == 1


@pytest.mark.parametrize(
    ("heads", "expected"),
    [
        ([0, 2, 0, 2], [0, 2, 0, 2]),  # a tree: taken as it is
        ([0, 2, 1, 2], [0, 2, 0, 2]),  # 1 and 2 head each other: the cheaper root arc breaks the cycle
        ([0, 0, 0, 2], [0, 2, 0, 2]),  # two roots: one of them has to go
    ],
)
def test_cycles_and_second_roots_are_mended(heads, expected):
    scores = np.full((4, 4), -9.0, dtype="float32")
    scores[2, 0], scores[1, 2] = -1.0, -2.0
    scores[range(4), heads] = -0.5
    scores[1, 0] -= 0.25
    np.fill_diagonal(scores, -np.inf)
    assert single_root_tree(scores).tolist() == expected
    assert chuliu_edmonds_one_root(scores).tolist() == expected
