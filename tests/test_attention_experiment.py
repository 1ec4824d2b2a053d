"""The page's experiments: the task for one attention, its two knobs, the guess of random tokens."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from wode.attention import scaled_dot_product

FOLDER = Path(__file__).parents[1] / "snippets/2_transformer_basics"


@pytest.fixture(scope="module")
def recall() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        import attention_recall

        yield attention_recall


@pytest.mark.parametrize("scaled", [True, False])
def test_recall_is_one_attention(recall: Any, scaled: bool) -> None:
    """Against the layer run on every place, with the division by √d or without."""
    torch.manual_seed(0)
    model = recall.Recall(8, scaled)
    keys, values, asked, _ = recall.questions(5)
    layer = model.attention
    q = layer.q_proj(model.keys(asked)[:, None])  # (B, 1, d)
    if not scaled:
        q = q * math.sqrt(8)
    k, v = layer.k_proj(model.keys(keys)), layer.v_proj(model.values(values))  # (B, S, d)
    head, weights = scaled_dot_product(q, k, v)
    expected = model.output(layer.out_proj(head))[:, 0]
    assert torch.allclose(model(keys, values, asked), expected, atol=1e-5)
    scores = model.scores()[asked[:, None], keys]
    assert torch.allclose(scores.softmax(dim=-1), weights[:, 0], atol=1e-6)


def test_recall_answers_what_stood_beside_the_key(recall: Any) -> None:
    keys, values, asked, answer = recall.questions(50)
    for row in range(50):
        assert len(set(keys[row].tolist())) == recall.PAIRS
        (place,) = (keys[row] == asked[row]).nonzero()
        assert values[row, place] == answer[row]


def test_start_and_steps_are_taken_apart(recall: Any) -> None:
    """The start's scores or the step's movement as without the division, the other one as with."""
    root = math.sqrt(256)
    runs = {
        way: recall.trained(256, way, steps=1)
        for way in ("scaled", "start", "step", "plain", "slow")
    }
    before, first = ({w: run[name] for w, run in runs.items()} for name in ("before", "first"))
    assert math.isclose(before["plain"], root * before["scaled"], rel_tol=1e-3)
    assert math.isclose(before["start"], before["plain"], rel_tol=1e-3)
    assert math.isclose(before["step"], before["scaled"], rel_tol=1e-3)
    assert before["slow"] == before["scaled"]
    assert first["plain"] > 0.5 * root * first["scaled"]
    assert first["step"] > 0.4 * root * first["scaled"]
    assert first["slow"] < first["scaled"]
    assert first["start"] < 1.1 * first["scaled"]


def test_recall_learns(recall: Any) -> None:
    assert recall.trained(16, steps=150, learning_rate=1e-2)["accuracy"] > 0.5
    assert recall.trained(16, steps=0)["accuracy"] < 0.2


def test_only_the_wrong_axis_sees_the_next_token() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        from attention import NextToken, learn_next

        torch.manual_seed(0)
        x = torch.randint(8, (1, 4))
        changed = x.clone()
        changed[0, 3] = (x[0, 3] + 1) % 8
        for axis, moves in ((-1, False), (-2, True)):
            model = NextToken(axis)
            before, after = model(x)[0, :3], model(changed)[0, :3]
            assert torch.equal(before, after) != moves
        known, beginning = learn_next(-1, steps=50)
        assert abs(known - beginning) < 1e-4
        assert known > math.log(8) - 0.02
