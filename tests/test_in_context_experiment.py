"""The pages `in-context-learning` and `induction-heads`: what their snippets say they do."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from wode.book import ROOT

FOLDER = ROOT / "snippets" / "1_NLP_basics"


@pytest.fixture(scope="module", autouse=True)
def _modules() -> Any:
    before, threads = {*sys.modules}, torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        yield
    torch.set_num_threads(threads)
    for name in {*sys.modules} - before:
        if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == FOLDER:
            del sys.modules[name]


def test_classes_and_digits_are_as_they_say() -> None:
    from in_context_learning import digits, new_classes

    torch.manual_seed(0)
    for new in (new_classes, digits):
        x, y = new(200, 13)
        assert x.shape == (200, 13, 16)
        assert y.shape == (200, 13, 4)
        assert torch.equal(y.sum(dim=2), torch.ones(200, 13))
        same = (y[:, :, None] * y[:, None]).sum(dim=3).bool()  # (B, n, n)
        far = torch.cdist(x, x)
        assert far[same & (far > 0)].mean() < far[~same].mean() - 0.5
    assert torch.allclose(x.norm(dim=2), torch.full((200, 13), 4.0), atol=1e-4)


@pytest.mark.parametrize("known", [None, torch.eye(3)])
def test_lines_are_lines(known: torch.Tensor | None) -> None:
    from in_context_learning import new_lines

    x, y = new_lines(50, 9, known)
    w = torch.linalg.lstsq(x, y).solution  # (B, 3, 1)
    assert torch.allclose(x @ w, y, atol=1e-3)
    if known is not None:
        assert torch.allclose(w[..., 0].sort(dim=1).values, torch.tensor([0.0, 0, 1]), atol=1e-3)


def test_the_rivals_never_see_the_question_s_answer() -> None:
    from in_context_learning import nearest
    from in_context_learning_experiment import class_means, majority
    from in_context_learning_lines import descent, least_squares, tuned

    torch.manual_seed(0)
    x, y = torch.randn(20, 9, 3), torch.randn(20, 9, 1)
    other = y.clone()
    other[:, 5:] += 1
    for rival in (nearest, least_squares, lambda x, y: descent(x, y, 0.1, 3)):
        assert torch.equal(rival(x, y)[:, :6], rival(x, other)[:, :6])
        assert not torch.equal(rival(x, y)[:, 6:], rival(x, other)[:, 6:])
    torch.manual_seed(1)
    one = tuned(x, y, 2)
    torch.manual_seed(1)
    assert torch.equal(one[:, :6], tuned(x, other, 2)[:, :6])
    names = F.one_hot(torch.randint(4, (20, 9)), 4).float()
    changed = torch.cat([names[:, :5], names[:, 5:].roll(1, dims=2)], dim=1)
    for rival in (class_means, lambda _, y: majority(y)):
        torch.manual_seed(2)
        one = rival(x, names)
        torch.manual_seed(2)
        assert torch.equal(one[:, :6], rival(x, changed)[:, :6])


def test_the_nearest_is_the_nearest() -> None:
    from in_context_learning import nearest

    x = torch.tensor([[[0.0], [5.0], [1.0], [4.0]]])
    y = torch.tensor([[[1.0], [2.0], [3.0], [4.0]]])
    assert nearest(x, y).flatten().tolist() == [0, 1, 1, 2]


def test_ridge_is_the_formula_and_least_squares_its_limit() -> None:
    from in_context_learning_lines import least_squares

    torch.manual_seed(0)
    x, y = torch.randn(10, 9, 3).double(), torch.randn(10, 9, 1).double()
    X, target = x[:, :5], y[:, :5]
    for ridge in (0.0, 0.25):
        w = torch.linalg.solve(X.mT @ X + ridge * torch.eye(3), X.mT @ target)
        found = least_squares(x, y, ridge)[:, 5]
        assert torch.allclose(found, (x[:, 5:6] @ w)[:, 0], atol=1e-10)


def test_the_ceiling_knows_a_name_once_seen() -> None:
    from in_context_learning_experiment import ceiling

    y = F.one_hot(torch.tensor([[0, 0, 1, 2, 3]]), 4).float()
    assert ceiling(y) == pytest.approx([1 / 4, 1, 1 / 3, 1 / 2, 1])


def test_matching_scores_count_examples_of_the_class() -> None:
    from in_context_learning_experiment import matching_score

    name = torch.tensor([[0, 1, 0]])
    weights = torch.zeros(1, 1, 5, 5)
    weights[0, 0, 4, 1] = 0.7  # the third question looks at the first example
    weights[0, 0, 4, 3] = 0.3
    assert matching_score([weights], name).item() == pytest.approx(0.7)


def test_rows_repeat_with_a_period_of_their_own() -> None:
    from induction_heads import repeated

    torch.manual_seed(0)
    ids, again = repeated(200)
    assert ids.shape == (200, 41)
    periods = set()
    for row, seen in zip(ids.tolist(), again.tolist(), strict=True):
        period = 1 + seen.index(True)
        periods.add(period)
        assert len({*row[:period]}) == period
        assert row[period:] == row[:-period]
        assert all(seen[period - 1 :])
    assert periods == {*range(8, 21)}


def test_a_silenced_head_says_nothing_and_comes_back() -> None:
    from induction_heads import AttentionOnly, repeated, silenced

    torch.manual_seed(0)
    model = AttentionOnly(2)
    ids, _ = repeated(4)
    part = model.mix[1]
    assert isinstance(part, nn.Linear)
    weight, whole = part.weight.clone(), model(ids)
    with silenced([(part, 1), (part, 0), (part, 1)], 2):
        assert torch.equal(part.weight, torch.zeros_like(weight))
        assert not torch.allclose(model(ids), whole)
    assert torch.equal(part.weight, weight)
    with pytest.raises(RuntimeError), silenced([(part, 0)], 2):
        raise RuntimeError
    assert torch.equal(part.weight, weight)


def test_scores_are_means_of_what_they_say() -> None:
    from induction_heads import induction_score, largest
    from induction_heads_smollm2 import inducible, previous_score

    previous, induction = torch.zeros(2, 10, 10), torch.zeros(2, 10, 10)
    for t in range(1, 10):
        previous[:, t, t - 1] = 1
    for t in range(5, 10):
        induction[:, t, t - 4] = 1
    maps = [torch.stack([previous, induction], dim=1)]  # one layer, two heads
    assert previous_score(maps).tolist() == [[1, 0]]
    assert induction_score(maps).tolist() == [[0, 1]]
    assert largest(torch.tensor([[0.1, 0.3], [0.2, 0.3]]), 3) == [(0, 1), (1, 1), (1, 0)]
    ids = torch.tensor([[1, 2, 3, 1, 2, 1, 3]])
    assert inducible(ids).tolist() == [[False, False, False, True, False, False]]


def test_other_heads_are_drawn_in_the_same_layers_as_many() -> None:
    from induction_heads import largest
    from induction_heads_smollm2 import draw

    torch.manual_seed(0)
    scores = 0.09 * torch.rand(30, 9)
    scores[20, :2], scores[22, 3] = 0.9, 0.8
    order = largest(scores)
    assert draw("top", 3, 0, order, scores) == order[:3]
    chosen = draw("layers", 3, 0, order, scores)
    assert sorted(layer for layer, _ in chosen) == [20, 20, 22]
    for kind in ("layers", "any"):
        chosen = draw(kind, 3, 0, order, scores)
        assert len({*chosen}) == 3
        assert not {*chosen} & {*order[:3]}


def test_the_first_layer_looks_where_it_is_told() -> None:
    from unittest import mock

    import induction_heads
    from induction_heads import AttentionOnly
    from induction_heads_controls_experiment import told

    torch.manual_seed(0)
    model, ids = AttentionOnly(2), torch.randint(32, (3, 10))
    before: list[torch.Tensor] = []
    model(ids, before)
    for back in (0, 2):
        maps: list[torch.Tensor] = []
        with mock.patch.object(induction_heads, "scaled_dot_product", told(back)):
            model(ids, maps)
        t = torch.arange(back, 10)
        assert torch.equal(maps[0][:, :, t, t - back], torch.ones(3, 2, 10 - back))
        assert torch.equal(maps[0].sum(dim=3), torch.ones(3, 2, 10))
        assert not torch.allclose(maps[1], before[1])  # reads what layer 1 now notes
        assert 0 < maps[1][:, :, 1:].max() < 1


def test_in_the_designs_no_place_says_anything_of_another() -> None:
    from calibration_causes_experiment import by_place, patterns

    for k in (3, 4, 5):
        for a in range(k):
            for b in range(k):
                both = sum(p[a] == p[b] == "1" for p in patterns(k))
                assert both == len(patterns(k)) // (2 if a == b else 4)
    runs = {p: [{"sum": {"first": 10 + 20 * int(p[3])}}] * 2 for p in patterns(4)}
    assert [place["gain"] for place in by_place(runs, 2)] == [0, 0, 0, 0.5]
