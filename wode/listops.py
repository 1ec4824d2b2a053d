"""ListOps: expressions of nested lists, each of which comes to a digit.

*ListOps: A Diagnostic Dataset for Latent Tree Learning* (Nangia and Bowman, arXiv:1804.06028).
``[MAX 2 9 [MIN 4 7 ] 0 ]`` is 9. Who does not see which bracket closes which cannot know the value.
The grammar and its chances are those of the data's own program (nyu-mll/spinn,
``python/spinn/data/listops/make_data.py``): so many expressions as you like, of any depth.
"""

import random
from collections.abc import Callable
from statistics import median

Tree = int | tuple  # a digit, or an operator and its arguments: ("[MAX", 2, 9, ("[MIN", 4, 7), 0)

OPERATORS: dict[str, Callable[[list[int]], int]] = {
    "[MIN": min,
    "[MAX": max,
    "[MED": lambda arguments: int(median(arguments)),  # of 4 and 7: 5
    "[SM": lambda arguments: sum(arguments) % 10,  # sum modulo 10
}
END = "]"
TOKENS = [*map(str, range(10)), *OPERATORS, END]


def generate(
    rng: random.Random, max_depth: int = 20, max_args: int = 5, operator_p: float = 0.25
) -> Tree:
    """One expression, drawn as the published program draws it, number by number.

    An operator with chance ``operator_p`` (called VALUE_P there, though it is not a value's), else
    a digit; an operator has 2 to ``max_args`` arguments, drawn in the same way. The root stands at
    depth 1 and at ``max_depth`` are only digits: at most ``max_depth`` − 1 operators hold each
    other.
    """
    if max_depth < 1 or max_args < 2 or not 0 <= operator_p <= 1:
        raise ValueError(
            "expected max_depth ≥ 1, max_args ≥ 2 and 0 ≤ operator_p ≤ 1, got "
            f"{max_depth}, {max_args} and {operator_p}"
        )
    if max_depth == 1 or rng.random() > operator_p:
        return rng.choice(range(10))
    count = rng.randint(2, max_args)
    arguments = [generate(rng, max_depth - 1, max_args, operator_p) for _ in range(count)]
    return (rng.choice(list(OPERATORS)), *arguments)


def distinct(
    count: int,
    rng: random.Random,
    keep: Callable[[Tree], bool] = lambda _: True,
    max_depth: int = 20,
    max_args: int = 5,
    operator_p: float = 0.25,
) -> list[Tree]:
    """``count`` expressions, none of them twice, of those that ``keep`` wants.

    The published program also keeps a set: else three of four would be a single digit.

    Raises:
        ValueError: nothing new in 100 000 draws one after another.
    """
    found, missed = dict[Tree, None](), 0
    while len(found) < count:
        tree = generate(rng, max_depth, max_args, operator_p)
        missed = missed + 1 if tree in found or not keep(tree) else 0
        if not missed:
            found[tree] = None
        if missed == 100_000:
            raise ValueError(f"expected {count} expressions, found {len(found)} and no more")
    return list(found)


def value(tree: Tree) -> int:
    """What it comes to, 0 … 9."""
    if isinstance(tree, int):
        return tree
    return OPERATORS[tree[0]]([value(argument) for argument in tree[1:]])


def depth(tree: Tree) -> int:
    """How many operators hold each other: 0 for a digit, 1 for ``[MAX 1 2 ]``."""
    return 0 if isinstance(tree, int) else 1 + max(map(depth, tree[1:]))


def tokens(tree: Tree) -> list[str]:
    """``["[MAX", "2", "9", "[MIN", "4", "7", "]", "0", "]"]``."""
    if isinstance(tree, int):
        return [str(tree)]
    return [tree[0], *(token for argument in tree[1:] for token in tokens(argument)), END]


def parse(text: str) -> Tree:
    """From the tokens, with spaces between them, back to the tree.

    Raises:
        ValueError: no expression, with the number of the token where it fails.
    """
    words = text.split()
    open_ones: list[list] = [[]]  # the arguments so far of each operator that is not closed
    for place, word in enumerate(words):
        if len(open_ones) == 1 and open_ones[0]:
            raise ValueError(f"token {place}: expected the end, got {word!r}")
        if word in OPERATORS:
            open_ones.append([word])
        elif word in TOKENS[:10]:
            open_ones[-1].append(int(word))
        elif word != END:
            raise ValueError(f"token {place}: expected one of {' '.join(TOKENS)}, got {word!r}")
        elif len(open_ones[-1]) < 2:
            raise ValueError(f"token {place}: expected an argument or an operator before {END!r}")
        else:
            closed = tuple(open_ones.pop())
            open_ones[-1].append(closed)
    if len(open_ones) > 1 or not open_ones[0]:
        wanted = END if len(open_ones) > 1 else "an expression"
        raise ValueError(f"token {len(words)}: expected {wanted}, got the end of the text")
    return open_ones[0][0]


# ---------------------------------------------------------------- as trees of nodes


def binary(tree: Tree) -> str | tuple:
    """In pairs, as the data brackets it: ((([MAX 2) 9) ]), the operator taking one more each time.

    The leaves are the `tokens`.
    """
    if isinstance(tree, int):
        return str(tree)
    pair: str | tuple = tree[0]
    for argument in tree[1:]:
        pair = (pair, binary(argument))
    return (pair, END)


def nodes(tree: Tree) -> tuple[list[str], list[int]]:
    """An operator above its arguments: what stands at each node, and which is its parent.

    Numbered as they are written, without the brackets that close; -1 is the root's parent.
    """
    labels, parents = list[str](), list[int]()
    waiting: list[tuple[Tree, int]] = [(tree, -1)]
    while waiting:
        node, parent = waiting.pop()
        if isinstance(node, tuple):
            waiting += [(argument, len(labels)) for argument in reversed(node[1:])]
        labels.append(str(node) if isinstance(node, int) else node[0])
        parents.append(parent)
    return labels, parents
