"""wode.listops draws as the published program draws, and reads what it writes."""

import random
import re
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wode.listops import (
    OPERATORS,
    TOKENS,
    binary,
    depth,
    distinct,
    generate,
    nodes,
    parse,
    tokens,
    value,
)
from wode.trees import Forest

expressions = st.recursive(
    st.integers(0, 9),
    lambda below: st.tuples(
        st.sampled_from([*OPERATORS]), st.lists(below, min_size=1, max_size=5)
    ).map(lambda parts: (parts[0], *parts[1])),
    max_leaves=25,
)
EXAMPLE = "[MAX 2 9 [MIN 4 7 ] 0 ]"


def naive_value(words: list[str]) -> int:
    """Innermost brackets first, until one digit is left."""
    while len(words) > 1:
        last = max(place for place, word in enumerate(words) if word.startswith("["))
        end = words.index("]", last)
        numbers = sorted(map(int, words[last + 1 : end]))
        n = len(numbers)
        result = {
            "[MIN": numbers[0],
            "[MAX": numbers[-1],
            "[MED": (numbers[(n - 1) // 2] + numbers[n // 2]) // 2,
            "[SM": int(str(sum(numbers))[-1]),
        }[words[last]]
        words = [*words[:last], str(result), *words[end + 1 :]]
    return int(words[0])


def published(rng: random.Random, deepest: int, most: int, chance: float) -> Any:
    """The data's program in its own words: pairs, told by the draws of one generator."""

    def draw(level: int) -> Any:
        r = rng.random() if level < deepest else 1
        if r > chance:
            return str(rng.choice(range(10)))
        values = [draw(level + 1) for _ in range(rng.randint(2, most))]
        pair: Any = rng.choice(["[MIN", "[MAX", "[MED", "[SM"])
        for one in values:
            pair = (pair, one)
        return (pair, "]")

    return draw(1)


def evaluated(pair: Any) -> Any:
    """As the program evaluates pairs: a function takes one argument more, until its end."""
    if isinstance(pair, str):
        return int(pair) if pair.isdigit() else pair
    left, right = map(evaluated, pair)
    if isinstance(left, str):
        return left, [right]
    name, arguments = left
    if right != "]":
        return name, [*arguments, right]
    return {
        "[MIN": min,
        "[MAX": max,
        "[MED": lambda numbers: int(np.median(numbers)),
        "[SM": lambda numbers: sum(numbers) % 10,
    }[name](arguments)


def leaves(pair: Any) -> list[str]:
    return [pair] if isinstance(pair, str) else [*leaves(pair[0]), *leaves(pair[1])]


@given(tree=expressions)
def test_text_and_tree_are_one(tree):
    words = tokens(tree)
    assert set(words) <= set(TOKENS)
    assert parse(" ".join(words)) == tree
    assert leaves(binary(tree)) == words
    assert value(tree) == naive_value(words) == evaluated(binary(tree))


@given(tree=expressions)
def test_nodes_are_the_words_without_closing_brackets(tree):
    labels, parents = nodes(tree)
    assert labels == [word for word in tokens(tree) if word != "]"]
    assert parents[0] == -1
    assert all(parent < node for node, parent in enumerate(parents))

    def again(node: int) -> Any:
        below = [again(k) for k, parent in enumerate(parents) if parent == node]
        return (labels[node], *below) if below else int(labels[node])

    assert again(0) == tree
    assert depth(tree) == len(Forest.from_parents([parents]).levels) - 1


@given(
    seed=st.integers(0, 2**32),
    max_depth=st.integers(1, 8),
    max_args=st.integers(2, 6),
    operator_p=st.floats(0, 0.4),
)
@settings(max_examples=50)
def test_draws_what_the_published_program_draws(seed, max_depth, max_args, operator_p):
    ours, theirs = random.Random(seed), random.Random(seed)
    for _ in range(20):
        tree = generate(ours, max_depth, max_args, operator_p)
        assert binary(tree) == published(theirs, max_depth, max_args, operator_p)
        assert depth(tree) < max_depth
    assert ours.getstate() == theirs.getstate()


def test_chances_are_those_of_the_grammar() -> None:
    rng = random.Random(0)
    drawn = [generate(rng) for _ in range(40_000)]
    operators = sum(isinstance(tree, tuple) for tree in drawn) / len(drawn)
    assert abs(operators - 0.25) < 0.01
    arguments, names, digits = Counter[int](), Counter[str](), Counter[int]()
    waiting = [tree for tree in drawn if isinstance(tree, tuple)]
    while waiting:
        name, *below = waiting.pop()
        names[name] += 1
        arguments[len(below)] += 1
        digits.update(one for one in below if isinstance(one, int))
        waiting += [one for one in below if isinstance(one, tuple)]
    for counts, kinds in ((arguments, range(2, 6)), (names, OPERATORS), (digits, range(10))):
        assert set(counts) == set(kinds)
        for count in counts.values():
            assert abs(count / counts.total() * len(counts) - 1) < 0.04


def test_distinct_has_no_expression_twice_and_is_the_same_for_the_same_seed() -> None:
    def keep(tree: Any) -> bool:
        return 1 <= depth(tree) <= 3

    found = distinct(300, random.Random(5), keep, max_depth=6, max_args=3, operator_p=0.4)
    assert len(set(found)) == len(found) == 300
    assert all(map(keep, found))
    assert max(len(tree) for tree in found if isinstance(tree, tuple)) <= 4
    assert found == distinct(300, random.Random(5), keep, 6, 3, 0.4)
    with pytest.raises(ValueError, match="expected 11 expressions, found 10 and no more"):
        distinct(11, random.Random(0), max_depth=1)


def test_the_example() -> None:
    tree = ("[MAX", 2, 9, ("[MIN", 4, 7), 0)
    assert parse(EXAMPLE) == tree
    assert (value(tree), depth(tree), depth(3)) == (9, 2, 0)
    assert binary(("[MIN", 4, 7)) == ((("[MIN", "4"), "7"), "]")
    assert nodes(tree) == (["[MAX", "2", "9", "[MIN", "4", "7", "0"], [-1, 0, 0, 0, 3, 3, 0])
    assert [value(parse(text)) for text in ("[MED 4 7 ]", "[SM 9 8 7 ]", "[MED 1 9 3 ]")] == [
        5,
        4,
        3,
    ]
    assert len(TOKENS) == len(set(TOKENS)) == 15


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "token 0: expected an expression, got the end of the text"),
        ("[MAX 2 9", "token 3: expected ], got the end of the text"),
        ("[MAX 2 [MIN 3 ]", "token 5: expected ], got the end of the text"),
        ("[MAX 2 ] ]", "token 3: expected the end, got ']'"),
        ("[MAX 2 ] 3", "token 3: expected the end, got '3'"),
        ("3 [MAX", "token 1: expected the end, got '[MAX'"),
        ("[MAX ]", "token 1: expected an argument or an operator before ']'"),
        ("] 3", "token 0: expected an argument or an operator before ']'"),
        ("[MAX 12 3 ]", "token 1: expected one of 0 1"),
        ("[MEAN 1 ]", "token 0: expected one of 0 1"),
        ("[MAX 2 9]", "token 2: expected one of 0 1"),
    ],
)
def test_what_is_no_expression_is_named_by_its_place(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse(text)


@pytest.mark.parametrize("wrong", [{"max_depth": 0}, {"max_args": 1}, {"operator_p": 1.5}])
def test_what_cannot_be_drawn_is_named(wrong):
    with pytest.raises(ValueError, match="expected max_depth ≥ 1, max_args ≥ 2"):
        generate(random.Random(0), **wrong)
