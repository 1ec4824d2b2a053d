"""wode.cooccurrence counts, weighs and factorizes as naive loops and numpy do."""

import math

import numpy as np
import pytest
import torch
from helpers import assert_close
from hypothesis import given, settings
from hypothesis import strategies as st

from wode.cooccurrence import cooccurrences, factorized, nearest, ppmi

WORDS = list("abcde")
texts = st.lists(st.lists(st.sampled_from([*WORDS, "x", "y"]), max_size=8), max_size=6)
matrices = st.builds(
    lambda rows, columns, seed: torch.randn(
        rows, columns, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
    ),
    rows=st.integers(1, 7),
    columns=st.integers(1, 7),
    seed=st.integers(0, 2**32),
)


@given(sentences=texts, window=st.integers(1, 9))
def test_counts_are_those_of_a_loop_over_pairs(sentences, window):
    expected = torch.zeros(5, 5, dtype=torch.float64)
    for sentence in sentences:
        for i, word in enumerate(sentence):
            for j, other in enumerate(sentence):
                if i != j and abs(i - j) <= window and word in WORDS and other in WORDS:
                    expected[WORDS.index(word), WORDS.index(other)] += 1
    counts = cooccurrences(sentences, WORDS, window)
    assert torch.equal(counts, expected)
    assert torch.equal(counts, counts.T)


def test_an_unknown_word_keeps_its_place() -> None:
    assert cooccurrences([["a", "x", "b"]], ["a", "b"], window=1).sum() == 0
    assert cooccurrences([["a", "x", "b"]], ["a", "b"], window=2).tolist() == [[0, 1], [1, 0]]
    assert cooccurrences([["a", "a"]], ["a"]).tolist() == [[2]]  # each is the other's neighbour


@given(matrix=matrices, smoothing=st.sampled_from([1.0, 0.75, 0.5]), rare=st.integers(0, 3))
def test_ppmi_is_its_formula_cell_by_cell(matrix, smoothing, rare):
    counts = (matrix.abs() * 4 - rare).clamp(min=0).round()
    counts[0, 0] += 1
    total = counts.sum().item()
    powers = [counts[:, c].sum().item() ** smoothing for c in range(counts.shape[1])]
    found = ppmi(counts, smoothing)
    for w, c in np.ndindex(*counts.shape):
        expected = 0.0
        if counts[w, c]:
            p_w, p_c = counts[w].sum().item() / total, powers[c] / sum(powers)
            expected = max(0.0, math.log(counts[w, c].item() / total / (p_w * p_c)))
        assert abs(found[w, c].item() - expected) < 1e-12


def test_ppmi_of_independent_words_is_zero_and_of_inseparable_ones_log_2() -> None:
    assert ppmi(torch.tensor([[1, 2], [2, 4]])).abs().max() < 1e-12
    assert_close(ppmi(torch.eye(2)), torch.eye(2).double() * math.log(2), 1e-12)


@given(matrix=matrices, power=st.sampled_from([0.0, 0.5, 1.0]), data=st.data())
@settings(max_examples=50)
def test_factors_are_numpys_but_for_their_signs(matrix, power, data):
    dimensions = data.draw(st.integers(1, min(matrix.shape)))
    U, S, _ = np.linalg.svd(matrix.numpy(), full_matrices=False)
    expected = torch.from_numpy(U[:, :dimensions] * S[:dimensions] ** power)
    vectors = factorized(matrix, dimensions, power)
    assert_close(vectors.abs(), expected.abs(), 1e-10)
    assert_close(vectors @ vectors.T, expected @ expected.T, 1e-10)
    large = vectors.abs() > 0.99 * vectors.abs().amax(dim=0)
    assert (vectors.where(large, -1).amax(dim=0) > 0).all()
    assert_close(factorized(-matrix, dimensions, power), vectors, 1e-10)  # the same on any machine


def test_all_dimensions_at_power_1_keep_the_inner_products() -> None:
    matrix = torch.randn(6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    vectors = factorized(matrix, 4, power=1)
    assert_close(vectors @ vectors.T, matrix @ matrix.T, 1e-10)


def test_the_first_of_two_equally_large_entries_is_positive() -> None:
    vectors = factorized(torch.tensor([[-1.0, 1.0], [1.0, -1.0]]), 1, power=0)
    assert_close(vectors[:, 0], torch.tensor([1.0, -1.0]).double() / math.sqrt(2), 1e-12)


@given(matrix=matrices, data=st.data())
def test_nearest_is_a_sort_by_cosine(matrix, data):
    rows = len(matrix)
    if rows < 2:
        return
    i, k = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(1, rows - 1))
    cosines = {
        j: float(matrix[i] @ matrix[j] / (matrix[i].norm() * matrix[j].norm()))
        for j in range(rows)
        if j != i
    }
    indices, found = nearest(matrix, i, k)
    assert i not in indices
    expected = sorted(cosines.values(), reverse=True)[:k]
    assert np.allclose(found, expected, atol=1e-10)
    assert np.allclose([cosines[int(j)] for j in indices], expected, atol=1e-10)


def test_a_word_lands_beside_the_one_that_keeps_its_company() -> None:
    sentences = [[a, b, c] for a in "AB" for b in ("cat", "wug") for c in "CD"]
    sentences += [[c, b, a] for a in "EF" for b in ("hat", "gap") for c in "GH"]
    vocabulary = sorted({word for sentence in sentences for word in sentence})
    vectors = factorized(ppmi(cooccurrences(sentences, vocabulary)), 6)
    indices, cosines = nearest(vectors, vocabulary.index("wug"), 1)
    assert vocabulary[int(indices)] == "cat"
    assert abs(cosines.item() - 1) < 1e-10


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="expected window ≥ 1, got 0"):
        cooccurrences([["a"]], ["a"], 0)
    with pytest.raises(ValueError, match="expected distinct words, got 2 with 1 distinct"):
        cooccurrences([["a"]], ["a", "a"])
    with pytest.raises(TypeError, match="expected a sentence's words, a list, got one string"):
        cooccurrences(["a b"], ["a"])
    for counts in (
        torch.zeros(2, 2),
        torch.tensor([[1.0, -1.0]]),
        torch.ones(3),
        torch.zeros(0, 0),
    ):
        with pytest.raises(ValueError, match="expected a matrix of counts ≥ 0, not all of them 0"):
            ppmi(counts)
    for matrix, dimensions in ((torch.ones(3), 1), (torch.ones(3, 2), 3), (torch.ones(3, 2), 0)):
        with pytest.raises(ValueError, match="1 ≤ dimensions ≤ its smaller side"):
            factorized(matrix, dimensions)
    for i, k in ((3, 1), (-1, 1), (0, 3), (0, 0)):
        with pytest.raises(ValueError, match=f"got {i} and {k}"):
            nearest(torch.ones(3, 2), i, k)
