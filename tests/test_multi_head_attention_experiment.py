"""The layer of the page, its task of two places, what it counts of the heads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from wode.attention import torch_weights

FOLDER = Path(__file__).parents[1] / "snippets/2_transformer_basics"


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        import multi_head_attention

        yield multi_head_attention


@given(h=st.sampled_from([1, 2, 4]), d=st.integers(1, 4), T=st.integers(1, 5), S=st.integers(1, 5))
@settings(max_examples=30)
def test_the_layer_is_torchs(page: Any, h: int, d: int, T: int, S: int) -> None:
    E = h * d
    theirs, ours = nn.MultiheadAttention(E, h, batch_first=True), page.MultiHead(E, h)
    ours.load_state_dict(torch_weights(theirs.state_dict()))
    query, key = torch.randn(2, T, E), torch.randn(2, S, E)
    mask = torch.rand(T, S) < 0.5
    mask[:, 0] = True
    expected, _ = theirs(query, key, key, attn_mask=~mask)
    assert torch.allclose(ours(query, key, mask), expected, atol=1e-5)


def test_two_places_are_asked_for(page: Any) -> None:
    keys, values, asked, answer = page.questions(20)
    for row in range(20):
        assert len(set(asked[row].tolist())) == 2
        for key, value in zip(asked[row], answer[row], strict=True):
            assert values[row, keys[row] == key].tolist() == [value]


def test_both_questions_reach_the_model(page: Any) -> None:
    torch.manual_seed(0)
    model = page.TwoPlaces(2, nn.Linear(64, 16))
    keys, values, asked, _ = page.questions(4)
    before = model(keys, values, asked)
    assert before.shape == (4, 2, 8)
    for which in (0, 1):
        other = asked.clone()
        other[:, which] = (other[:, which] + 1) % 16
        assert not torch.allclose(model(keys, values, other), before)


def test_patterns_are_counted_at_words_alone(page: Any) -> None:
    """A head that looks at the word before; the second sentence is shorter, the rest is padding."""
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]])
    maps = torch.zeros(2, 1, 1, 5, 5)
    for row in range(1, 5):
        maps[:, 0, 0, row, row - 1] = 1
    found = {name: grid.item() for name, grid in page.head_patterns(maps, mask).items()}
    # [CLS] is the word before for the first word of each: 2 of the 5 words
    assert found == pytest.approx(
        {"previous": 1, "next": 0, "itself": 0, "[CLS]": 2 / 5, "[SEP]": 0}
    )
