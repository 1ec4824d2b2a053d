"""wode.tree_lstm equals the paper's equations; wode.trees knows which node waits for which."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from helpers import assert_close, assert_same_gradients, compared, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from wode.tree_lstm import BinaryTreeLSTM, ChildSumTreeLSTM, binary_step, child_sum_step, leaf_step
from wode.trees import Forest, balanced, left_branching, right_branching


@pytest.fixture(autouse=True, scope="module")
def float64() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


seeds = st.integers(0, 2**32)
sizes = st.integers(1, 4)


def some_parents(size: int, rng: random.Random) -> list[int]:
    """Any tree of so many nodes, numbered anyhow."""
    number = rng.sample(range(size), size)
    parents = [-1] * size
    for node in range(1, size):
        parents[number[node]] = number[rng.randrange(node)]
    return parents


def some_pairs(leaves: int, rng: random.Random) -> Any:
    """Any binary tree over so many leaves, as nested pairs or lists of two."""
    if leaves == 1:
        return "leaf"
    left = rng.randrange(1, leaves)
    pair = some_pairs(left, rng), some_pairs(leaves - left, rng)
    return pair if rng.random() < 0.5 else list(pair)


trees = st.builds(
    lambda lengths, seed: [some_parents(size, random.Random(seed + size)) for size in lengths],
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    seeds,
)
pairs = st.builds(
    lambda lengths, seed: [some_pairs(size, random.Random(seed + size)) for size in lengths],
    st.lists(st.integers(1, 7), min_size=1, max_size=4),
    seeds,
)


def children_of(forest: Forest) -> list[list[int]]:
    parents = forest.parents.tolist()
    return [[k for k, up in enumerate(parents) if up == node] for node in range(len(forest))]


# ---------------------------------------------------------------- the equations, naively


def naive_child_sum(model: ChildSumTreeLSTM, x: Tensor, forest: Forest) -> tuple[Tensor, Tensor]:
    """Equations 2 to 8, each node after its children."""
    (W_i, W_o, W_u, W_f), (U_i, U_o, U_u, U_f), (b_i, b_o, b_u, b_f) = (
        part.chunk(4) for part in (model.weight_ih, model.weight_hh, model.bias)
    )
    children, done = children_of(forest), dict[int, tuple[Tensor, Tensor]]()

    def state(j: int) -> tuple[Tensor, Tensor]:
        if j not in done:
            below = [state(k) for k in children[j]]
            total = torch.zeros(model.weight_hh.shape[1])
            for h_k, _ in below:
                total = total + h_k  # (2)
            i = torch.sigmoid(W_i @ x[j] + U_i @ total + b_i)  # (3)
            o = torch.sigmoid(W_o @ x[j] + U_o @ total + b_o)  # (5)
            u = torch.tanh(W_u @ x[j] + U_u @ total + b_u)  # (6)
            c = i * u
            for h_k, c_k in below:
                c = c + torch.sigmoid(W_f @ x[j] + U_f @ h_k + b_f) * c_k  # (4), (7)
            done[j] = o * torch.tanh(c), c  # (8)
        return done[j]

    h, c = zip(*(state(j) for j in range(len(forest))), strict=True)
    return torch.stack(h), torch.stack(c)


def naive_binary(model: BinaryTreeLSTM, x: Tensor, forest: Forest) -> tuple[Tensor, Tensor]:
    """Equations 9 to 14 with N = 2; an inner node's x is zero."""
    n, d = model.weight_hh.shape[1] // 2, model.weight_ih.shape[1]
    W_i, W_o, W_u = model.weight_ih.view(3, n, d)
    W_f = torch.randn(n, d)  # it has nothing to say: where there are children x is zero
    b_i, b_o, b_u, b_f = model.bias.view(4, n)
    U_i, U_o, U_u, *U_f = model.weight_hh.view(5, n, 2, n)  # (h, which child, h)
    children, done = children_of(forest), dict[int, tuple[Tensor, Tensor]]()
    inputs = {node: x[number] for number, node in enumerate(forest.leaves.tolist())}

    def state(j: int) -> tuple[Tensor, Tensor]:
        if j not in done:
            x_j, below = inputs.get(j, torch.zeros(d)), [state(k) for k in children[j]]

            def of_both(U: Tensor) -> Tensor:
                return sum((U[:, ell] @ h for ell, (h, _) in enumerate(below)), torch.zeros(n))

            i = torch.sigmoid(W_i @ x_j + of_both(U_i) + b_i)  # (9)
            o = torch.sigmoid(W_o @ x_j + of_both(U_o) + b_o)  # (11)
            u = torch.tanh(W_u @ x_j + of_both(U_u) + b_u)  # (12)
            c = i * u
            for k, (_, c_k) in enumerate(below):
                c = c + torch.sigmoid(W_f @ x_j + of_both(U_f[k]) + b_f) * c_k  # (10), (13)
            done[j] = o * torch.tanh(c), c  # (14)
        return done[j]

    h, c = zip(*(state(j) for j in range(len(forest))), strict=True)
    return torch.stack(h), torch.stack(c)


def assert_equal_to(naive: Callable, model: nn.Module, x: Tensor, forest: Forest) -> None:
    """All nodes' h and c, and the gradients of the weights and the inputs."""
    ours, theirs = model(x, forest), naive(model, x, forest)
    weights = torch.randn(2, *ours[0].shape)
    for one, other in zip(ours, theirs, strict=True):
        assert_close(one, other, 1e-10)
    names, parameters = zip(*model.named_parameters(), strict=True)
    wanted = [x, *parameters]
    of_x, *of_weights = torch.autograd.grad(theirs, wanted, [*weights], materialize_grads=True)
    torch.autograd.backward(ours, [*weights])
    for parameter in model.parameters():
        if parameter.grad is None:  # only leaves: no child's weight is read
            parameter.grad = torch.zeros_like(parameter)
    assert_same_gradients(model, dict(zip(names, of_weights, strict=True)), 1e-9)
    assert x.grad is not None
    assert_close(x.grad, of_x, 1e-9)


@pytest.mark.equals("child_sum")
@given(trees=trees, size=sizes, hidden=sizes, seed=seeds)
@settings(max_examples=40)
def test_child_sum_equals_the_papers_equations(trees, size, hidden, seed):
    torch.manual_seed(seed)
    model, forest = randomise(ChildSumTreeLSTM(size, hidden)), Forest.from_parents(trees)
    x = torch.randn(len(forest), size, requires_grad=True)
    assert_equal_to(naive_child_sum, model, x, forest)


@pytest.mark.equals("binary_tree")
@given(trees=pairs, size=sizes, hidden=sizes, seed=seeds)
@settings(max_examples=40)
def test_binary_equals_the_papers_equations(trees, size, hidden, seed):
    torch.manual_seed(seed)
    model, forest = randomise(BinaryTreeLSTM(size, hidden)), Forest.from_nested(trees)
    x = torch.randn(len(forest.leaves), size, requires_grad=True)
    assert_equal_to(naive_binary, model, x, forest)


@pytest.mark.equals("child_sum")
@given(T=st.integers(1, 6), B=st.integers(1, 3), size=sizes, hidden=sizes, seed=seeds)
@settings(max_examples=15)
def test_over_a_chain_child_sum_is_the_lstm(T, B, size, hidden, seed):
    torch.manual_seed(seed)
    model, lstm = ChildSumTreeLSTM(size, hidden), randomise(nn.LSTM(size, hidden, batch_first=True))
    i, f, g, o = range(4)
    with torch.no_grad():
        for ours, theirs in (
            (model.weight_ih, lstm.weight_ih_l0),
            (model.weight_hh, lstm.weight_hh_l0),
            (model.bias, lstm.bias_ih_l0 + lstm.bias_hh_l0),
        ):
            ours.copy_(torch.cat([theirs.chunk(4)[gate] for gate in (i, o, g, f)]))
    x = torch.randn(B, T, size)
    h, c = model(x.flatten(0, 1), Forest.from_parents([[*range(1, T), -1]] * B))
    output, (_, last) = lstm(x)
    assert_close(h.view(B, T, hidden), output, 1e-12)
    compared.configurations += 1
    assert_close(c.view(B, T, hidden)[:, -1], last[0], 1e-12)


# ---------------------------------------------------------------- what must not matter, and must


@given(trees=trees, seed=seeds)
@settings(max_examples=20)
def test_a_tree_does_not_see_the_others_of_its_batch(trees, seed):
    torch.manual_seed(seed)
    model = randomise(ChildSumTreeLSTM(3, 2))
    inputs = [torch.randn(len(tree), 3) for tree in trees]
    order = random.Random(seed).sample(range(len(trees)), len(trees))
    together = Forest.from_parents([trees[n] for n in order])
    h, _ = model(torch.cat([inputs[n] for n in order]), together)
    for row, n in enumerate(order):
        alone = Forest.from_parents([trees[n]])
        assert_close(h[together.roots[row]], model(inputs[n], alone)[0][alone.roots[0]], 1e-12)


def test_child_sum_does_not_know_the_order_of_children_and_binary_does() -> None:
    torch.manual_seed(0)
    x = torch.randn(3, 4)
    swapped = x[[0, 2, 1]]
    child_sum, forest = ChildSumTreeLSTM(4, 5), Forest.from_parents([[-1, 0, 0]])
    assert_close(child_sum(x, forest)[0][0], child_sum(swapped, forest)[0][0], 1e-12)
    binary, forest = BinaryTreeLSTM(4, 5), Forest.from_nested([("a", "b")])
    one, other = (binary(part, forest)[0][0] for part in (x[:2], x[[1, 0]]))
    assert (one - other).abs().max() > 1e-3


def test_each_child_has_a_forget_gate_of_its_own() -> None:
    """Of two children one is kept and one forgotten, whichever comes first."""
    weight = torch.zeros(4, 1)
    weight[3] = 100.0  # f: a child with h > 0 is kept, one with h < 0 is forgotten
    h, c = torch.tensor([[0.5], [-0.5]]), torch.tensor([[0.3], [0.7]])
    parent = torch.tensor([0, 0])
    _, kept = child_sum_step(torch.zeros(1, 4), h, c, parent, weight)
    assert_close(kept, torch.tensor([[0.3]]), 1e-12)
    _, kept = child_sum_step(torch.zeros(1, 4), h.flip(0), c.flip(0), parent, weight)
    assert_close(kept, torch.tensor([[0.3]]), 1e-12)
    weight = torch.zeros(5, 2)
    weight[3, 1], weight[4, 1] = -100.0, 100.0  # the right one's h says: forget left, keep right
    _, kept = binary_step(torch.zeros(4), torch.tensor([[0.0], [1.0]]), c, weight)
    assert_close(kept, torch.tensor([0.7]), 1e-12)


def test_a_leaf_is_a_node_whose_children_are_none() -> None:
    x = torch.randn(3, 8)
    none = torch.zeros(0, 2)
    h, c = child_sum_step(x, none, none, torch.zeros(0, dtype=torch.long), torch.randn(8, 2))
    for one, other in zip(leaf_step(x[:, :6]), (h, c), strict=True):
        assert_close(one, other, 1e-12)


# ---------------------------------------------------------------- forests


@given(trees=trees)
def test_a_forest_computes_children_before_parents_and_gives_each_its_own(trees):
    forest = Forest.from_parents(trees)
    assert len(forest) == sum(map(len, trees))
    order, children = forest.order.tolist(), children_of(forest)
    assert sorted(order) == list(range(len(forest)))
    assert order == [order[place] for place in forest.place[forest.order].tolist()]
    height = list[int]([-1] * len(forest))
    for node in order:
        height[node] = 1 + max((height[k] for k in children[node]), default=-1)
        assert all(height[k] >= 0 for k in children[node])
    assert [height[node] for node in order] == sorted(height)
    counts = [height.count(n) for n in range(max(height) + 1)]
    assert counts == [sum(level.sizes) for level in forest.levels]
    assert forest.leaves.tolist() == [n for n in range(len(forest)) if not children[n]]
    assert forest.roots.tolist() == [n for n, up in enumerate(forest.parents.tolist()) if up < 0]
    # Whose states come up: each level's children, parent by parent.
    waiting = [list[int]() for _ in range(len(forest.levels) + 1)]
    done = 0
    for number, level in enumerate(forest.levels):
        nodes = order[done : done + sum(level.sizes)]
        came = [waiting[number][place] for place in level.arrived.tolist()]
        assert came == [k for node in nodes for k in children[node]]
        assert [nodes[row] for row in level.parent.tolist()] == [
            node for node in nodes for _ in children[node]
        ]
        for size, goal in zip(level.sizes, level.to, strict=True):
            waiting[goal] += order[done : done + size]
            done += size
    assert sorted(waiting[-1]) == forest.roots.tolist()
    moved = forest.to("cpu")
    assert len(moved) == len(forest)
    assert moved.levels[-1].to == forest.levels[-1].to
    assert torch.equal(moved.place, forest.place)


def nested(length: int, split: Callable[[int], int]) -> Any:
    if length == 1:
        return "token"
    left = split(length)
    return nested(left, split), nested(length - left, split)


@pytest.mark.parametrize(
    ("make", "split"),
    [
        (balanced, lambda length: (length + 1) // 2),
        (left_branching, lambda length: length - 1),
        (right_branching, lambda _: 1),
    ],
)
@given(lengths=st.lists(st.integers(1, 12), min_size=1, max_size=4), seed=seeds)
@settings(max_examples=15)
def test_trees_over_sequences(make, split, lengths, seed):
    """The same as nested pairs, though the nodes have other numbers."""
    torch.manual_seed(seed)
    ours, theirs = make(lengths), Forest.from_nested([nested(n, split) for n in lengths])
    assert len(ours.leaves) == sum(lengths)
    model, x = randomise(BinaryTreeLSTM(3, 2)), torch.randn(sum(lengths), 3)
    one, other = (model(x, forest)[0][forest.roots] for forest in (ours, theirs))
    assert_close(one, other, 1e-12)
    assert torch.equal(make(torch.tensor(lengths)).parents, ours.parents)


def test_balanced_is_as_low_as_can_be() -> None:
    assert [len(balanced([length]).levels) - 1 for length in (1, 2, 3, 4, 5, 8, 9, 64)] == [
        0,
        1,
        2,
        2,
        3,
        3,
        4,
        6,
    ]
    assert len(left_branching([64]).levels) == len(right_branching([64]).levels) == 64


def test_a_deep_tree_is_no_recursion() -> None:
    tree: Any = "leaf"
    for _ in range(5000):
        tree = (tree, "leaf")
    assert len(Forest.from_nested([tree]).levels) == 5001


def test_an_expression_that_stands_twice_is_two_nodes() -> None:
    pair = ("a", "b")
    assert Forest.from_nested([(pair, pair)]).parents.tolist() == [-1, 0, 1, 1, 0, 4, 4]


@pytest.mark.parametrize(
    ("parents", "message"),
    [
        ([[-1], [-1, 2, 1]], r"nodes \[2, 3\] of all go round in a cycle"),
        ([[-1, 1]], r"nodes \[1\] of all go round in a cycle"),
        ([[-1], [-1, 0, -1]], r"tree 1: expected one root \(a parent -1\), got 2"),
        ([[0]], r"tree 0: expected one root \(a parent -1\), got 0"),
        ([[-1], []], r"tree 1: expected one root \(a parent -1\), got 0"),
        ([[-1], [-1, 2]], r"tree 1: expected parents -1 … 1, got 2 at node 1"),
        ([[-1], [-1, -2]], r"tree 1: expected parents -1 … 1, got -2 at node 1"),
        ([], "a list of parents for each tree, and at least one tree"),
        ([-1, 0, 0], "a list of parents for each tree, and at least one tree"),
    ],
)
def test_what_is_no_tree_is_named(parents, message):
    with pytest.raises(ValueError, match=message):
        Forest.from_parents(parents)


def test_what_is_no_nested_tree_is_named() -> None:
    with pytest.raises(ValueError, match=r"node 2: expected children, got \(\)"):
        Forest.from_nested([("a", ())])
    shared = ["a", "b"]
    with pytest.raises(ValueError, match="node 4: one list has two parents, or holds itself"):
        Forest.from_nested([(shared, shared)])
    shared.append(shared)
    with pytest.raises(ValueError, match="one list has two parents, or holds itself"):
        Forest.from_nested([shared])


def test_what_does_not_fit_is_named() -> None:
    binary, forest = BinaryTreeLSTM(3, 2), Forest.from_nested([("a", ("b",))])
    with pytest.raises(ValueError, match="expected two children or none, got 1 at node 2"):
        binary(torch.zeros(2, 3), forest)
    with pytest.raises(ValueError, match=r"an input for each leaf, \(2, 3\), got \(4, 3\)"):
        binary(torch.zeros(4, 3), forest)
    with pytest.raises(ValueError, match=r"an input for each node, \(4, 3\), got \(2, 3\)"):
        ChildSumTreeLSTM(3, 2)(torch.zeros(2, 3), forest)
    for make in (balanced, left_branching, right_branching):
        with pytest.raises(ValueError, match="expected lengths ≥ 1, got 0"):
            make([3, 0])
