"""For `encoders_experiment`: what a node of a Tree-LSTM costs against a token of an LSTM."""

import itertools
import random
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from wode.listops import Tree, binary, depth, distinct, nodes, tokens
from wode.lstm import LSTM
from wode.tree_lstm import BinaryTreeLSTM, ChildSumTreeLSTM, child_sum_step, leaf_step
from wode.trees import Forest

SIZE = 64
LENGTHS = (20, 21)  # tokens: next to no padding, so that a token of ``nn.LSTM`` is a real one


@cache
def expressions(count: int) -> list[Tree]:
    """Of depth 3 and like length, the shorter ones first."""

    def fits(tree: Tree) -> bool:
        return depth(tree) == 3 and len(tokens(tree)) in LENGTHS

    found = distinct(count, random.Random(0), max_depth=4, keep=fits)
    return sorted(found, key=lambda tree: len(tokens(tree)))


def one_by_one(tree: ChildSumTreeLSTM, x: Tensor, parents: list[int]) -> Tensor:
    """The root's state of one tree, a node after the other: what the batch makes unnecessary."""
    own = nn.functional.linear(x, tree.weight_ih, tree.bias)  # (N, 4h)
    states = dict[int, tuple[Tensor, Tensor]]()
    for node in reversed(range(len(parents))):  # a child's number is above its parent's
        children = [n for n, parent in enumerate(parents) if parent == node]
        if not children:
            states[node] = leaf_step(own[node : node + 1, : 3 * SIZE])
        else:
            h, c = (torch.cat(part) for part in zip(*(states[n] for n in children), strict=True))
            parent = torch.zeros(len(children), dtype=torch.long)
            states[node] = child_sum_step(own[node : node + 1], h, c, parent, tree.weight_hh)
    return states[0][0]


def cases(count: int) -> dict[str, tuple[nn.Module, Callable[[], Tensor], int]]:
    """By name: the module, a pass over ``count`` expressions, how many tokens or nodes it has."""
    trees = expressions(count)
    words, parents = [tokens(tree) for tree in trees], [nodes(tree)[1] for tree in trees]
    longest, every = max(map(len, words)), sum(map(len, words))
    mask = torch.arange(longest) < torch.tensor([len(one) for one in words])[:, None]
    x, leaves = torch.randn(count, longest, SIZE), torch.randn(every, SIZE)
    pairs, operators = Forest.from_nested(map(binary, trees)), Forest.from_parents(parents)
    inputs = torch.randn(len(operators), SIZE)
    starts = [*operators.roots.tolist(), len(operators)]
    theirs, ours = nn.LSTM(SIZE, SIZE, batch_first=True), LSTM(SIZE, SIZE)
    two, many = BinaryTreeLSTM(SIZE, SIZE), ChildSumTreeLSTM(SIZE, SIZE)

    def packed() -> PackedSequence:
        return pack_padded_sequence(x, mask.sum(dim=1), batch_first=True, enforce_sorted=False)

    def loop() -> Tensor:
        parts = [inputs[a:b] for a, b in itertools.pairwise(starts)]
        return torch.cat([one_by_one(many, a, b) for a, b in zip(parts, parents, strict=True)])

    return {
        "torch_lstm": (theirs, lambda: theirs(x)[0], every),
        "torch_packed": (theirs, lambda: theirs(packed())[0].data, every),
        "lstm": (ours, lambda: ours(x, mask)[0], every),
        "binary": (two, lambda: two(leaves, pairs)[0], len(pairs)),
        "child_sum": (many, lambda: many(inputs, operators)[0], len(operators)),
        "loop": (many, loop, len(operators)),
    }


def padding(count: int) -> float:
    """The share of a batch that is padding."""
    lengths = [len(tokens(tree)) for tree in expressions(count)]
    return 1 - sum(lengths) / (max(lengths) * count)


def speed(count: int, rounds: int = 7) -> dict[str, Any]:
    """CPU time a token or node, forward alone and with the gradient: the least of the rounds.

    All cases take turns, and are given as multiples of ``nn.LSTM``'s; ``loop_us``, the loop's own
    microseconds a node.
    """
    torch.manual_seed(0)
    made = cases(count)
    best: dict[str, dict[str, float]] = {kind: {} for kind in ("forward", "step")}
    for _ in range(rounds):
        for name, (module, run, many) in made.items():
            if name == "loop" and count > 64:
                continue
            for kind, table in best.items():
                began = time.process_time()
                if kind == "forward":
                    with torch.no_grad():
                        run()
                else:
                    module.zero_grad()
                    run().sum().backward()
                spent = (time.process_time() - began) / many
                table[name] = min(spent, table.get(name, spent))
    found = {
        kind: {name: spent / table["torch_lstm"] for name, spent in table.items()}
        for kind, table in best.items()
    }
    own = {"loop_us": best["step"]["loop"] * 1e6} if "loop" in best["step"] else {}
    return found | own | {"padded": padding(count)}
