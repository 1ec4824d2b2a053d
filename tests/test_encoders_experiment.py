"""What the page `encoders` and its experiment stand on."""

import importlib
import random
from pathlib import Path
from types import ModuleType

import pytest
import torch
from helpers import assert_close
from torch import nn

from wode.listops import distinct, parse, tokens, value
from wode.lstm import LSTM

FOLDER = Path(__file__).parents[1] / "snippets/1_NLP_basics"
TREES = [parse(text) for text in ("[MAX 2 9 [MIN 4 7 ] 0 ]", "[SM 1 [MED 3 [MIN 8 5 ] 6 ] ]")]


def part(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return importlib.import_module(f"encoders{name}")


def test_every_way_gives_one_vector_an_expression_whatever_stands_beside_it() -> None:
    lib = part("_listops")
    for way, (make, size) in lib.WAYS.items():
        torch.manual_seed(0)
        encoder = make().eval()
        together = encoder(lib.batch_of(TREES))
        assert together.shape == (2, size), way
        alone = torch.cat([encoder(lib.batch_of([tree])) for tree in TREES])
        assert_close(together, alone, 1e-5, way)


def test_the_ways_are_of_one_size() -> None:
    lib = part("_listops")
    sizes = [lib.weights(way) for way in lib.WAYS]
    assert max(sizes) < 1.05 * min(sizes)


def test_the_fast_chain_is_the_chain() -> None:
    lib = part("_listops")
    fast, slow = lib.FastChain(8), part("").Chain(8)
    slow.load_state_dict(fast.state_dict())
    batch = lib.batch_of(TREES)
    assert isinstance(slow.lstm, LSTM)
    assert_close(fast(batch), slow(batch), 1e-6)


def test_how_deep_a_token_stands() -> None:
    lib = part("_listops")
    ids = lib.batch_of(TREES[:1]).ids
    assert lib.nesting(ids)[0].tolist() == [1, 1, 1, 2, 2, 2, 2, 1, 1]


def test_edges_join_an_operator_with_its_operands() -> None:
    lib = part("_listops")
    seen = lib.edges(lib.batch_of(TREES))[0, 0]
    words = tokens(TREES[0])
    assert torch.equal(seen, seen.T)
    assert [words[n] for n in seen[0, :9].nonzero().flatten()] == [
        "[MAX",
        "2",
        "9",
        "[MIN",
        "0",
        "]",
    ]
    assert [words[n] for n in seen[4, :9].nonzero().flatten()] == ["[MIN", "4"]


def test_an_expression_is_of_its_depth_and_in_one_part_alone() -> None:
    lib = part("_listops")
    parts = lib.parts(60, 20)
    every = [tree for rows in parts.values() for trees in rows.values() for tree in trees]
    assert len(every) == len({*every})
    for rows in parts.values():
        for depth, trees in rows.items():
            assert {lib.depth_of(tree) for tree in trees} == {depth}
            assert max(len(tokens(tree)) for tree in trees) <= lib.LONGEST


def test_flat_is_right_where_nothing_is_nested() -> None:
    flat = part("_listops").flat
    assert [flat(tree) for tree in TREES] == [9, 3]
    for tree in distinct(50, random.Random(0), lambda tree: not isinstance(tree, int), 2):
        assert flat(tree) == value(tree)


def test_what_is_learned_and_what_is_asked_are_drawn_alike() -> None:
    parts = part("_listops").parts(3000, 300)
    short = {
        name: sum(len(tree) == 3 for tree in rows[1]) / len(rows[1]) for name, rows in parts.items()
    }
    assert abs(short["learn"] - short["test"]) < 0.07, short  # in the order of finding: 0.3


def test_the_outer_levels_are_kept_and_sums_are_guessed() -> None:
    lib = part("_listops")
    tree, drawn = TREES[1], random.Random(0)
    assert lib.outer(tree, 3, drawn) == tree
    assert lib.depth_of(lib.outer(tree, 2, drawn)) == 2
    assert lib.without_sums(TREES[0], drawn) == value(TREES[0])
    assert len({lib.without_sums(tree, drawn) for _ in range(200)}) == 10


def test_shallow_expressions_are_learned() -> None:
    lib = part("")
    trees = distinct(64, random.Random(0), lambda tree: not isinstance(tree, int), 2, 2)
    batches = [lib.batch_of(trees)]
    torch.manual_seed(0)
    model = lib.learn(lib.Operators(16), batches, 16, 60, 3e-2)
    right = (model(batches[0]).argmax(dim=1) == batches[0].labels).float().mean().item()
    assert right > 0.4  # by chance: 0.1


def test_node_by_node_is_the_batch() -> None:
    lib = part("_speed")
    made = lib.cases(3)
    assert_close(made["loop"][1](), made["child_sum"][1]()[made_roots(lib)], 1e-5)


def made_roots(lib: ModuleType) -> torch.Tensor:
    trees = lib.expressions(3)
    return lib.Forest.from_parents([lib.nodes(tree)[1] for tree in trees]).roots


def test_sentences_are_read_in_every_way(monkeypatch: pytest.MonkeyPatch) -> None:
    lib = part("_sentiment")
    monkeypatch.setattr(lib, "vocabulary", lambda: {"good": 1, "bad": 2, "film": 3})
    texts = [lib.Text("a good film", 1), lib.Text("bad", 0)]
    batch = lib.batch_of(texts)
    assert batch.ids.tolist() == [[0, 1, 3], [2, 0, 0]]
    for way in lib.WAYS:
        torch.manual_seed(0)
        model = lib.fresh(way).eval()
        assert isinstance(model, nn.Module)
        alone = torch.cat([model(lib.batch_of([text])) for text in texts])
        assert_close(model(batch), alone, 1e-5, way)
