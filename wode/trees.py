"""Trees as tensors: all trees of a batch at once, height by height.

A `Forest` says of a batch of trees who is whose child and in which order the nodes can be computed:
first the leaves, then those whose children are done. `wode.tree_lstm` computes them. `balanced`,
`left_branching` and `right_branching` are binary trees that need no parser.
"""

import operator
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

# ---------------------------------------------------------------- the shape of a batch of trees


class Level(NamedTuple):
    """The M nodes of one height, whose K children are all lower.

    They are sorted by the height of their parents: ``sizes`` says how many states go up to which
    of the levels ``to`` (one past the highest: a root's).
    """

    parent: Tensor  # (K,), whose child: a row of this level, in rising order
    arrived: Tensor  # (K,), which of the states that came up is that child's
    sizes: list[int]
    to: list[int]


@dataclass(frozen=True, eq=False)
class Forest:
    """All trees of a batch, N nodes: build it once, use it for every pass.

    ``parents`` (N,): -1 at a root. ``roots``: a node a tree. ``leaves``: tree after tree from left
    to right. ``order`` (N,): the nodes level by level, as they are computed; ``place`` (N,): where
    in it each node stands.
    """

    parents: Tensor
    roots: Tensor
    leaves: Tensor
    order: Tensor
    place: Tensor
    levels: list[Level]

    def __len__(self) -> int:
        return len(self.parents)

    def to(self, device: torch.device | str) -> "Forest":
        levels = [
            Level(one.parent.to(device), one.arrived.to(device), one.sizes, one.to)
            for one in self.levels
        ]
        moved = (
            part.to(device)
            for part in (self.parents, self.roots, self.leaves, self.order, self.place)
        )
        return Forest(*moved, levels)

    @classmethod
    def from_parents(cls, trees: Iterable[Sequence[int] | np.ndarray]) -> "Forest":
        """From each tree's parents, numbered within it from 0; -1 at its root.

        Siblings stand in the order of their numbers; so do the leaves.

        Raises:
            ValueError: no root or several, a parent that is not there or no integer, a cycle.
        """
        return plan(join([integers(tree) for tree in trees]))

    @classmethod
    def from_nested(cls, trees: Iterable[Any]) -> "Forest":
        """From nested tuples or lists: each is a node, what is in it its children.

        Whatever else stands in it is a leaf. Numbered as they open: a node, its first child, …

        Raises:
            ValueError: a node without children; a list that stands in two places, or in itself.
        """
        return cls.from_parents(map(parents_of, trees))


def parents_of(tree: Any) -> list[int]:
    """The parents of a nested tuple or list, numbered as its nodes open."""
    parents, seen = list[int](), set[int]()
    waiting = [(tree, -1)]
    while waiting:
        node, parent = waiting.pop()
        if isinstance(node, (tuple, list)):
            if not node:
                raise ValueError(f"node {len(parents)}: expected children, got {node!r}")
            if isinstance(node, list) and id(node) in seen:  # a tuple is a value, a list a place
                raise ValueError(f"node {len(parents)}: one list has two parents, or holds itself")
            seen.add(id(node))
            waiting += [(child, len(parents)) for child in reversed(node)]
        parents.append(parent)
    return parents


def integers(parents: Sequence[int] | np.ndarray) -> np.ndarray:
    found = np.asarray(parents)
    if found.size and found.dtype.kind not in "iu":  # int64 would be made of 0.5 without a word
        raise ValueError(
            f"expected parents that are integers, got {found.dtype}: {parents!r}"[:200]
        )
    return found.astype(np.int64)


def join(trees: list[np.ndarray]) -> np.ndarray:
    """The parents of several trees as those of one forest, (N,)."""
    if not trees or any(parents.ndim != 1 for parents in trees):
        raise ValueError("expected a list of parents for each tree, and at least one tree")
    sizes, parents = np.array([len(tree) for tree in trees]), np.concatenate(trees)
    tree = np.arange(len(trees)).repeat(sizes)  # (N,), which one a node is of
    node = np.arange(len(parents)) - (sizes.cumsum() - sizes)[tree]  # its number there
    for n in np.flatnonzero((parents < -1) | (parents >= sizes[tree]))[:1]:
        raise ValueError(
            f"tree {tree[n]}: expected parents -1 … {sizes[tree[n]] - 1}, got {parents[n]} "
            f"at node {node[n]}"
        )
    roots = np.bincount(tree[parents == -1], minlength=len(trees))
    for n in np.flatnonzero(roots != 1)[:1]:
        raise ValueError(f"tree {n}: expected one root (a parent -1), got {roots[n]}")
    return np.where(parents < 0, -1, parents + np.arange(len(parents)) - node)


def heights(parents: np.ndarray) -> np.ndarray:
    """0 at a leaf, else one more than the highest child: (N,) → (N,)."""
    missing = np.bincount(parents[parents >= 0], minlength=len(parents))  # children to come
    height = np.full(len(parents), -1)
    ready, level = np.flatnonzero(missing == 0), 0
    while len(ready):
        height[ready] = level
        above = parents[ready]
        above = above[above >= 0]
        np.subtract.at(missing, above, 1)
        ready, level = np.unique(above[missing[above] == 0]), level + 1
    if (height < 0).any():
        raise ValueError(f"nodes {np.flatnonzero(height < 0).tolist()} of all go round in a cycle")
    return height


def plan(parents: np.ndarray) -> Forest:
    """In which order the nodes are computed, and where their states are read again."""
    number, height = np.arange(len(parents)), heights(parents)
    top = height.max() + 1
    goal = np.where(parents < 0, top, height[parents])  # the level that reads a node's state
    order = np.lexsort((number, goal, height))
    place = np.empty_like(order)
    place[order] = number
    start = np.searchsorted(height[order], np.arange(top + 1))  # of each level, in order
    children = np.flatnonzero(parents >= 0)
    coming = children[np.lexsort((place[children], goal[children]))]  # as they come up
    arrival = np.empty_like(order)
    arrival[coming] = np.arange(len(coming))
    kept = children[np.lexsort((children, place[parents[children]]))]  # by parent, from left
    first = np.searchsorted(goal[kept], np.arange(top + 1))
    parent = torch.from_numpy(place[parents[kept]] - start[goal[kept]])
    arrived = torch.from_numpy(arrival[kept] - first[goal[kept]])
    ways, counts = np.unique(height * (top + 1) + goal, return_counts=True)
    level, to = np.divmod(ways, top + 1)  # from where, and where to
    way = np.searchsorted(level, np.arange(top + 1))
    levels = []
    for n in range(top):
        up, below = slice(way[n], way[n + 1]), slice(first[n], first[n + 1])
        levels.append(Level(parent[below], arrived[below], counts[up].tolist(), to[up].tolist()))
    leaves = np.flatnonzero(height == 0)
    arrays = (parents, np.flatnonzero(parents < 0), leaves, order, place)
    return Forest(*map(torch.from_numpy, arrays), levels)


# ---------------------------------------------------------------- trees without a parser


def balanced(lengths: Iterable[int]) -> Forest:
    """Halves of halves over sequences of tokens, the first half the longer; leaves: the tokens."""
    return Forest.from_parents([balanced_parents(operator.index(length)) for length in lengths])


def left_branching(lengths: Iterable[int]) -> Forest:
    """((t₀ t₁) t₂) …: what was read so far and the next token, as an LSTM reads."""
    return Forest.from_parents([chain_parents(operator.index(length)) for length in lengths])


def right_branching(lengths: Iterable[int]) -> Forest:
    """t₀ (t₁ (t₂ …)): the same from the end."""
    chains = [chain_parents(operator.index(length))[::-1] for length in lengths]
    return Forest.from_parents([np.where(up < 0, -1, len(up) - 1 - up) for up in chains])


@lru_cache(maxsize=4096)
def chain_parents(length: int) -> np.ndarray:
    """Tokens 0, 2, 4 …, and at 2k − 1 the node that joins token k to those before it."""
    parents = np.arange(-1, 2 * check_length(length) - 2)
    parents[1::2] += 3
    parents[-2:-1] = -1
    parents[0] = 1 if length > 1 else -1
    return parents


@lru_cache(maxsize=4096)
def balanced_parents(length: int) -> np.ndarray:
    """Tokens 0, 2, 4 …, and between two of them the node that joins what is beside it."""
    if check_length(length) == 1:
        return np.array([-1])
    left, right = balanced_parents((length + 1) // 2), balanced_parents(length // 2)
    root = len(left)
    right = np.where(right < 0, -1, right + root + 1)
    return np.concatenate([np.where(left < 0, root, left), [-1], np.where(right < 0, root, right)])


def check_length(length: int) -> int:
    if length < 1:
        raise ValueError(f"expected lengths ≥ 1, got {length}")
    return length
