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
from wode.tree_lstm import ChildSumTreeLSTM, child_sum_step

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
        if "random" not in way:  # whose trees are drawn anew for each batch
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


def test_one_gate_is_child_sum_where_there_is_one_child() -> None:
    lib = part("_listops")
    tree, x = ChildSumTreeLSTM(3, 4), torch.randn(2, 16)
    h, c, parent = torch.randn(2, 4), torch.randn(2, 4), torch.arange(2)
    ours = lib.one_gate_step(x, h, c, parent, tree.weight_hh)
    for one, other in zip(ours, child_sum_step(x, h, c, parent, tree.weight_hh), strict=True):
        assert_close(one, other, 1e-6)
    parent = torch.zeros(2, dtype=torch.long)
    ours = lib.one_gate_step(x[:1], h, c, parent, tree.weight_hh)
    assert not torch.allclose(ours[1], child_sum_step(x[:1], h, c, parent, tree.weight_hh)[1])


def test_random_trees_have_the_tokens_of_the_right_ones() -> None:
    lib = part("_listops")
    batch = lib.batch_of(TREES)
    wrong = lib.shuffled(batch)
    assert torch.equal(wrong.roots, batch.operators.roots) and len(wrong) == len(batch.operators)


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
    trees = sorted(lib.expressions(3, 400)[:3], key=lambda tree: len(tokens(tree)))
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
