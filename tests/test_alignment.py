"""wode.alignment equals its papers' equations, written naively; a rotated cloud is found again."""

import math
from collections.abc import Iterator

import pytest
import torch
from helpers import assert_close, compared
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from wode.alignment import (
    adversarial_start,
    align,
    csls,
    dictionary,
    discriminator,
    distribution_similarity,
    initial_dictionary,
    normalise,
    orthogonalise,
    procrustes,
    self_learning,
    translations,
)


@pytest.fixture(autouse=True, scope="module")
def float64() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def rotation(size: int) -> Tensor:
    return torch.linalg.qr(torch.randn(size, size)).Q


def cloud(words: int, size: int) -> Tensor:
    """Vectors with a shape of their own: no two words stand alike."""
    return normalise(torch.randn(words, size) ** 3 + torch.randn(size))


sizes, seeds = st.integers(1, 7), st.integers(0, 2**32)


@given(V=sizes, E=sizes, seed=seeds)
def test_normalise_word_by_word(V, E, seed):
    torch.manual_seed(seed)
    vectors = torch.randn(V, E) + 1
    rows = [[v / math.sqrt(sum(u * u for u in row)) for v in row] for row in vectors.tolist()]
    means = [sum(row[e] for row in rows) / V for e in range(E)]
    rows = [[v - m for v, m in zip(row, means, strict=True)] for row in rows]
    lengths = [math.sqrt(sum(u * u for u in row)) for row in rows]
    expected = [[v / n for v in row] for row, n in zip(rows, lengths, strict=True) if n > 1e-6]
    kept = [n > 1e-6 for n in lengths]  # one word alone is its own mean
    assert_close(normalise(vectors)[kept], torch.tensor(expected).view(-1, E), 1e-9)
    assert normalise(torch.zeros(V, E)).isfinite().all()


@pytest.mark.equals("unsupervised")
@given(N=st.integers(8, 20), E=st.integers(1, 7), seed=seeds)
def test_procrustes_finds_the_rotation(N, E, seed):
    torch.manual_seed(seed)
    x, Q = torch.randn(N, E), rotation(E)
    assert_close(procrustes(x, x @ Q), Q, 1e-10)
    compared.configurations += 1


@given(N=sizes, E=st.integers(2, 5), seed=seeds)
@settings(max_examples=30)
def test_no_other_orthogonal_matrix_is_nearer(N, E, seed):
    """Also where no rotation fits, and where pairs are fewer than dimensions."""
    torch.manual_seed(seed)
    x, y = torch.randn(2, N, E)
    W = procrustes(x, y)
    assert_close(W @ W.T, torch.eye(E), 1e-10)
    least = (x @ W - y).norm()
    near = [W @ torch.matrix_exp(size * (S - S.T)) for size in (1e-3, 0.1) for S in
            torch.randn(10, E, E)]  # fmt: skip
    for other in [*near, *(rotation(E) for _ in range(20))]:
        assert (x @ other - y).norm() >= least - 1e-10


def test_procrustes_equals_scipys() -> None:
    linalg = pytest.importorskip("scipy.linalg")
    torch.manual_seed(0)
    x, y = torch.randn(2, 9, 4)
    theirs, _ = linalg.orthogonal_procrustes(x.numpy(), y.numpy())
    assert_close(procrustes(x, y), torch.from_numpy(theirs), 1e-10)


@pytest.mark.equals("unsupervised")
@given(V=sizes, W=sizes, E=st.integers(1, 4), k=st.integers(1, 9), seed=seeds)
def test_csls_word_by_word(V, W, E, k, seed):
    torch.manual_seed(seed)
    x, y = torch.randn(V, E), torch.randn(W, E)

    def cos(a: Tensor, b: Tensor) -> float:
        return ((a @ b) / (a.norm() * b.norm())).item()

    def r(word: Tensor, others: Tensor) -> float:
        nearest = sorted((cos(word, other) for other in others), reverse=True)[:k]
        return sum(nearest) / len(nearest)

    expected = [[2 * cos(a, b) - r(a, y) - r(b, x) for b in y] for a in x]
    unit_x, unit_y = (vectors / vectors.norm(dim=1, keepdim=True) for vectors in (x, y))
    assert_close(csls(unit_x @ unit_y.T, k), torch.tensor(expected), 1e-10)
    compared.configurations += 1
    best = [max(range(W), key=lambda j: row[j]) for row in expected]
    assert translations(unit_x, unit_y, k).tolist() == best


def test_a_hub_is_nobodys_translation() -> None:
    """A vector that is near to all is the nearest of all; by CSLS it is not."""
    eye = torch.eye(4)
    x, hub = eye + 0.45 * (1 - eye), torch.ones(1, 4)
    y = torch.cat([eye, hub])
    x, y = (vectors / vectors.norm(dim=1, keepdim=True) for vectors in (x, y))
    assert translations(x, y, k=0).tolist() == [4, 4, 4, 4]
    assert translations(x, y, k=2).tolist() == [0, 1, 2, 3]


@given(V=st.integers(2, 7), E=st.integers(2, 5), seed=seeds)
@settings(max_examples=30)
def test_distribution_similarity_word_by_word(V, E, seed):
    torch.manual_seed(seed)
    x, y = torch.randn(2, V, E)
    sorted_rows = []
    for vectors in (x, y):
        values, Q = torch.linalg.eigh(vectors @ vectors.T)
        root = Q @ torch.diag(values.clamp(min=0).sqrt()) @ Q.T
        assert_close(root @ root, vectors @ vectors.T, 1e-10)
        sorted_rows.append(normalise(torch.tensor([sorted(row) for row in root.tolist()])))
    expected = [[(a * b).sum().item() for b in sorted_rows[1]] for a in sorted_rows[0]]
    # The square root of an eigenvalue that is 0 but for rounding is known to 1e-8.
    assert_close(distribution_similarity(x, y), torch.tensor(expected), 1e-5)
    # It sees the shape alone: neither a rotation nor the order of the other words.
    order = torch.randperm(V)
    again = distribution_similarity(x[order] @ rotation(E), y)
    assert_close(again, distribution_similarity(x, y)[order], 1e-5)


@given(V=sizes, W=sizes, seed=seeds)
def test_dictionary_word_by_word(V, W, seed):
    torch.manual_seed(seed)
    scores = torch.randn(V, W)
    rows = scores.tolist()
    forward = [[i, max(range(W), key=lambda j: rows[i][j])] for i in range(V)]
    backward = [[max(range(V), key=lambda i: rows[i][j]), j] for j in range(W)]
    assert dictionary(scores).tolist() == forward + backward


@given(keep=st.floats(0.05, 1), seed=st.integers(0, 2**31))
@settings(max_examples=20)
def test_only_a_part_of_the_scores_may_be_chosen(keep, seed):
    scores = -1 - torch.rand(30, 40, generator=torch.Generator().manual_seed(seed))
    chosen = [
        dictionary(scores, keep, torch.Generator().manual_seed(seed)).tolist() for _ in range(2)
    ]
    assert chosen[0] == chosen[1]
    allowed = torch.rand(30, 40, generator=torch.Generator().manual_seed(seed)) < keep
    left = scores.masked_fill(~allowed, -torch.inf)
    forward = [[i, int(left[i].argmax())] for i in range(30) if allowed[i].any()]
    backward = [[int(left[:, j].argmax()), j] for j in range(40) if allowed[:, j].any()]
    assert chosen[0] == forward + backward  # all are negative: no dropped one wins


@given(V=st.integers(20, 60), E=st.integers(4, 12), seed=seeds)
@settings(max_examples=10)
def test_a_rotated_cloud_is_found_without_any_pair(V, E, seed):
    torch.manual_seed(seed)
    y = cloud(V, E)
    order, Q = torch.randperm(V), rotation(E)
    x = y[order] @ Q.T
    assert (initial_dictionary(x, y)[:V, 1] == order).double().mean() > 0.6
    found = align(x, y, keep=1.0, patience=1)
    assert_close(found.weight, Q, 1e-8)
    assert translations(x @ found.weight, y, k=0).tolist() == order.tolist()
    assert found.objective[-1] == pytest.approx(1)


def test_self_learning_mends_a_poor_dictionary() -> None:
    torch.manual_seed(0)
    y, Q = normalise(torch.randn(100, 10)), rotation(10)
    x = normalise(y @ Q.T + 0.05 * torch.randn(100, 10))
    pairs = torch.stack([torch.arange(100), torch.randperm(100)], dim=1)
    pairs[:40, 1] = torch.arange(40)  # less than half of it is right
    first = translations(x @ procrustes(x[pairs[:, 0]], y[pairs[:, 1]]), y)
    runs = [
        self_learning(
            x, y, pairs, keep=0.5, patience=10, generator=torch.Generator().manual_seed(s)
        )
        for s in (0, 0, 1)
    ]
    right = (translations(x @ runs[0].weight, y) == torch.arange(100)).double().mean()
    assert (first == torch.arange(100)).double().mean() < 0.95 < 0.99 <= right
    assert torch.equal(runs[0].weight, runs[1].weight)
    assert runs[0].objective == runs[1].objective != runs[2].objective
    assert runs[0].objective[-1] > runs[0].objective[0]
    # It ends with the whole dictionary, patience times and once more after the last doubling.
    assert len(runs[0].objective) >= 2 * 11
    W = runs[0].weight
    assert torch.equal(procrustes(x[runs[0].pairs[:, 0]], y[runs[0].pairs[:, 1]]), W)
    assert torch.equal(dictionary(csls(x @ W @ y.T)), runs[0].pairs)


def test_only_the_frequent_take_part() -> None:
    torch.manual_seed(0)
    y, Q = cloud(40, 6), rotation(6)
    x = y @ Q.T
    x[30:] = torch.randn(10, 6)
    found = align(x, y, cutoff=30, keep=1.0, patience=1)
    assert found.pairs.max() < 30
    assert_close(found.weight, procrustes(x[:30], y[:30]), 1e-10)
    assert len(initial_dictionary(x[:25], y)) == 50  # the smaller language


def test_of_several_runs_the_best_is_kept() -> None:
    torch.manual_seed(0)
    x, y = cloud(30, 5), cloud(30, 5)
    pairs, generator = initial_dictionary(x, y), torch.Generator().manual_seed(3)
    runs = [self_learning(x, y, pairs, patience=3, generator=generator) for _ in range(4)]
    generator.manual_seed(3)
    best = align(x, y, patience=3, restarts=4, generator=generator)
    assert best.objective[-1] == max(run.objective[-1] for run in runs)
    assert len({run.objective[-1] for run in runs}) > 1


@given(E=st.integers(1, 6), beta=st.floats(0.001, 0.1), seed=seeds)
@settings(max_examples=20)
def test_orthogonalise_entry_by_entry(E, beta, seed):
    torch.manual_seed(seed)
    W = torch.randn(E, E)
    w = W.tolist()
    gram = [[sum(w[i][e] * w[j][e] for e in range(E)) for j in range(E)] for i in range(E)]
    expected = [
        [(1 + beta) * w[i][j] - beta * sum(gram[i][m] * w[m][j] for m in range(E))
         for j in range(E)] for i in range(E)
    ]  # fmt: skip
    assert_close(orthogonalise(W, beta), torch.tensor(expected), 1e-10)
    Q = rotation(E)
    assert_close(orthogonalise(Q, beta), Q, 1e-10)
    near = Q + 0.05 * torch.randn(E, E) / E
    for _ in range(2000):
        near = orthogonalise(near, 0.05)
    assert_close(near @ near.T, torch.eye(E), 1e-8)


@pytest.mark.equals("unsupervised")
@given(E=st.integers(1, 4), steps=st.integers(1, 3), seed=st.integers(0, 2**31))
@settings(max_examples=5)
def test_the_adversarial_game_move_by_move(E, steps, seed):
    torch.manual_seed(seed)
    x, y = torch.randn(9, E), torch.randn(7, E)
    generator = torch.Generator().manual_seed(seed)
    torch.manual_seed(seed)
    found = adversarial_start(x, y, steps, 3, 4, 0.5, 0.2, generator)
    generator.manual_seed(seed)
    torch.manual_seed(seed)
    W, judge = torch.eye(E, requires_grad=True), discriminator(E, 4)
    for _ in range(steps):
        for move in range(6):
            mapped = x[torch.randint(9, (3,), generator=generator)] @ W
            real = y[torch.randint(7, (3,), generator=generator)]
            p = judge(torch.cat([mapped, real])).sigmoid()[:, 0]  # of being a mapped one
            says = [0.8] * 3 + [0.2] * 3  # the truth, smoothed
            if move == 5:
                says = [0.2] * 3 + [0.8] * 3
            loss = -sum(s * p[i].log() + (1 - s) * (1 - p[i]).log() for i, s in enumerate(says)) / 6
            moved = [W] if move == 5 else list(judge.parameters())
            with torch.no_grad():
                for one, slope in zip(moved, torch.autograd.grad(loss, moved), strict=True):
                    one -= 0.5 * slope
                if move == 5:
                    W.copy_(1.01 * W - 0.01 * W @ W.T @ W)
    assert_close(found, W.detach(), 1e-10)
    compared.configurations += 1


def test_the_adversarial_start_finds_where_the_cloud_lies() -> None:
    torch.manual_seed(0)
    y = torch.randn(400, 2) * 0.3 + torch.tensor([1.0, 0.0])
    x = y[torch.randperm(400)] @ torch.tensor([[0.0, 1.0], [-1.0, 0.0]])  # a quarter turn
    W = adversarial_start(x, y, steps=100, hidden=16, generator=torch.Generator().manual_seed(0))
    assert (x.mean(dim=0) - y.mean(dim=0)).norm() > 1
    assert ((x @ W).mean(dim=0) - y.mean(dim=0)).norm() < 0.5


def test_what_does_not_fit_is_named() -> None:
    x, y = torch.randn(3, 2), torch.randn(4, 2)
    with pytest.raises(ValueError, match=r"\(N, E\), got \[3, 2\] and \[4, 2\]"):
        procrustes(x, y)
    with pytest.raises(ValueError, match="as many words of x as of y, got 3 and 4"):
        distribution_similarity(x, y)
    with pytest.raises(ValueError, match=r"vectors \(V, E\), got \(3,\)"):
        normalise(torch.ones(3))
    with pytest.raises(ValueError, match="got 0"):
        dictionary(x @ y.T, keep=0)
    with pytest.raises(ValueError, match="k = 0"):
        csls(x @ y.T, k=0)
    with pytest.raises(ValueError, match="patience ≥ 1, got 0"):
        self_learning(x, y, torch.zeros(2, 2).long(), patience=0)
    with pytest.raises(ValueError, match="restarts ≥ 1, got 0"):
        align(x, y, restarts=0)
