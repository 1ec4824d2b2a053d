"""Tree-LSTM: a node's state from its children's.

*Improved Semantic Representations From Tree-Structured Long Short-Term Memory Networks* (Tai,
Socher and Manning, arXiv:1503.00075). `child_sum_step` adds up any number of children, whose order
does not matter; `binary_step` knows left from right. Each keeps of every child's memory what a
forget gate of that child's own lets through. `climb` runs a step over a `wode.trees.Forest`: all
nodes of one height at once, whatever tree they are of.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, linear

from wode.lstm import State
from wode.trees import Forest

# ---------------------------------------------------------------- one height at once


def leaf_step(x: Tensor) -> State:
    """A node without children, from the rows i, o and u of W x + b, (..., 3h): nothing to keep."""
    i, o, u = x.chunk(3, dim=-1)
    c = i.sigmoid() * u.tanh()
    return o.sigmoid() * c.tanh(), c


def child_sum_step(x: Tensor, h: Tensor, c: Tensor, parent: Tensor, weight_hh: Tensor) -> State:
    """M nodes from the states of their K children: equations 2 to 8.

    Args:
        x: (M, 4h), W x_j + b: the nodes' own share of i, o, u and f.
        h: (K, h), the children's.
        c: (K, h), the children's.
        parent: (K,), the row of x that each is a child of.
        weight_hh: (4h, h), U of i, o, u and f.
    """
    size = h.shape[1]
    x_iou, x_f = x.split([3 * size, size], dim=1)
    U_iou, U_f = weight_hh.split([3 * size, size])
    total = h.new_zeros(len(x), size).index_add(0, parent, h)  # (2), (M, h)
    f = (embedding(parent, x_f) + h @ U_f.T).sigmoid()  # (4), one for each child, (K, h)
    i, o, u = (x_iou + total @ U_iou.T).chunk(3, dim=1)  # (3), (5), (6), (M, h) each
    c = (i.sigmoid() * u.tanh()).index_add(0, parent, f * c)  # (7)
    return o.sigmoid() * c.tanh(), c  # (8)


def binary_step(x: Tensor, h: Tensor, c: Tensor, weight_hh: Tensor) -> State:
    """Nodes from the states of their left and right child: equations 9 to 14 with N = 2.

    Args:
        x: (..., 4h), W x_j + b, the nodes' own share of i, o, u and f; b alone where nothing is
            read. Both children's gates have the same share, and a U of their own.
        h: (..., 2, h), the children's.
        c: (..., 2, h), the children's.
        weight_hh: (5h, 2h), U of i, o, u, f of the left and f of the right: for both children's h.
    """
    i, o, u, left, right = (h.flatten(-2) @ weight_hh.T).chunk(5, dim=-1)
    x_i, x_o, x_u, x_f = x.chunk(4, dim=-1)
    kept = (x_f + left).sigmoid() * c[..., 0, :] + (x_f + right).sigmoid() * c[..., 1, :]  # (10)
    c = (x_i + i).sigmoid() * (x_u + u).tanh() + kept  # (9), (12), (13)
    return (x_o + o).sigmoid() * c.tanh(), c  # (11), (14)


def climb(forest: Forest, leaves: State, step: Callable[[int, State], State]) -> State:
    """From the leaves to the roots, one call of ``step`` a height.

    Args:
        leaves: h and c of level 0, (leaves, h) each, in the order of ``forest.order``.
        step: the h and c of a level (its number) from those of its children (K, h), which stand
            parent by parent, from left to right.

    Returns:
        h and c of all nodes, (N, h) each, by their numbers.
    """
    waiting = [list[Tensor]() for _ in range(len(forest.levels) + 1)]
    states = [torch.cat(leaves, dim=1)]  # h and c side by side
    for number, level in enumerate(forest.levels):
        if number:
            children = embedding(level.arrived, torch.cat(waiting[number]))  # (K, 2h)
            h, c = children.chunk(2, dim=1)
            states.append(torch.cat(step(number, (h, c)), dim=1))
        for part, goal in zip(states[-1].split(level.sizes), level.to, strict=True):
            waiting[goal].append(part)
    h, c = embedding(forest.place, torch.cat(states)).chunk(2, dim=1)
    return h, c


# ---------------------------------------------------------------- modules


class ChildSumTreeLSTM(nn.Module):
    """A state for each node from what stands there and the sum of its children (section 3.1).

    Over a chain, where each node has one child, it is `wode.lstm.LSTM`, rows sorted differently.
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(4 * hidden_size, input_size))  # i, o, u, f
        self.weight_hh = nn.Parameter(torch.empty(4 * hidden_size, hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(hidden_size**-0.5), hidden_size**-0.5)

    def forward(self, x: Tensor, forest: Forest) -> State:
        """x: (N, d), an input for each node, by their numbers. Returns h and c, (N, h) each."""
        check_inputs("node", x, len(forest), self.weight_ih.shape[1])
        size, leaves = self.weight_hh.shape[1], len(forest.leaves)
        x = embedding(forest.order, x)  # level by level
        own = linear(x[leaves:], self.weight_ih, self.bias)  # all inner nodes at once
        levels = own.split([sum(level.sizes) for level in forest.levels[1:]])  # (M, 4h) each
        parents = [level.parent for level in forest.levels]
        i_o_u = slice(3 * size)  # a leaf has nothing to forget
        return climb(
            forest,
            leaf_step(linear(x[:leaves], self.weight_ih[i_o_u], self.bias[i_o_u])),
            lambda n, state: child_sum_step(levels[n - 1], *state, parents[n], self.weight_hh),
        )


class BinaryTreeLSTM(nn.Module):
    """A state for each node of binary trees that have their inputs at the leaves (section 3.2).

    An inner node's x_j is zero, so that its own share of the gates is their bias, and W of the
    forget gate is read by nobody: it is left out. (The authors' Lua code has no gate i and no tanh
    at a leaf, c = W x + b; this is the paper's.)
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.weight_ih = nn.Parameter(torch.empty(3 * hidden_size, input_size))  # i, o, u
        self.weight_hh = nn.Parameter(torch.empty(5 * hidden_size, 2 * hidden_size))
        self.bias = nn.Parameter(torch.empty(4 * hidden_size))  # i, o, u, f
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -(hidden_size**-0.5), hidden_size**-0.5)

    def forward(self, x: Tensor, forest: Forest) -> State:
        """x: (leaves, d), in the order of ``forest.leaves``. Returns h and c, (N, h) each.

        Raises:
            ValueError: a node with other than two children, or none.
        """
        check_inputs("leaf", x, len(forest.leaves), self.weight_ih.shape[1])
        check_binary(forest)
        size = self.weight_hh.shape[1] // 2
        x = embedding(torch.searchsorted(forest.leaves, forest.order[: len(x)]), x)

        def step(_: int, state: State) -> State:
            h, c = (part.unflatten(0, (-1, 2)) for part in state)  # (M, 2, h) each
            return binary_step(self.bias, h, c, self.weight_hh)

        return climb(forest, leaf_step(linear(x, self.weight_ih, self.bias[: 3 * size])), step)


def check_inputs(what: str, x: Tensor, count: int, size: int) -> None:
    if x.shape != (count, size):
        raise ValueError(
            f"expected an input for each {what}, ({count}, {size}), got {tuple(x.shape)}"
        )


def check_binary(forest: Forest) -> None:
    """Every node has two children or none."""
    children = forest.parents[forest.parents >= 0].bincount(minlength=len(forest))
    wrong = ((children != 0) & (children != 2)).nonzero().flatten()
    if len(wrong):
        raise ValueError(
            f"expected two children or none, got {int(children[wrong[0]])} at node {int(wrong[0])}"
        )
