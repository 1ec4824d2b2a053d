"""wode.longformer equals transformers' Longformer, and full attention under the same mask."""

import pytest
import torch
import torch.nn.functional as F
from helpers import assert_close, assert_same_gradients, gradients, masks, randomise
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from transformers import LongformerConfig, LongformerModel

from wode.longformer import Config, Longformer, windowed_attention


def config_of(heads: int, head_size: int, windows: list[int], inner: int) -> Config:
    return Config(
        vocab_size=40,
        hidden_size=heads * head_size,
        num_hidden_layers=len(windows),
        num_attention_heads=heads,
        intermediate_size=inner,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        max_position_embeddings=40,
        layer_norm_eps=1e-5,
        attention_window=windows,
    )


configs = st.builds(
    config_of,
    heads=st.integers(1, 3),
    head_size=st.integers(2, 6),
    # A window of 2, or one whose multiple the length is not, the reference cannot take.
    windows=st.lists(st.sampled_from([4, 8, 16]), min_size=1, max_size=3),
    inner=st.integers(1, 12),
)


@pytest.mark.equals("longformer")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@given(
    config=configs,
    B=st.integers(1, 3),
    T=st.integers(1, 30),
    share=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    padded=st.booleans(),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=40)
def test_equals_the_reference(dtype, config, B, T, share, padded, seed):
    torch.manual_seed(seed)
    theirs = randomise(LongformerModel(LongformerConfig(**vars(config)))).to(dtype)
    ours = Longformer(config).to(dtype)
    ours.load_state_dict(theirs.state_dict())
    ids = torch.randint(2, 40, (B, T))
    mask = masks("right", B, T) if padded else torch.ones(B, T, dtype=torch.long)
    ids[mask == 0] = config.pad_token_id
    everywhere = ((torch.rand(B, T) < share) & mask.bool()).long()
    types = torch.randint(2, (B, T))
    real = mask.bool()

    hidden, pooled = ours(ids, mask, everywhere, types)
    expected = theirs(
        ids, attention_mask=mask, global_attention_mask=everywhere, token_type_ids=types
    )
    assert_close(hidden[real], expected.last_hidden_state[real])
    assert_close(pooled, expected.pooler_output)
    weight = torch.randn_like(hidden)[real]
    (hidden[real] * weight).sum().backward()
    (expected.last_hidden_state[real] * weight).sum().backward()
    if dtype == torch.float32:  # rounding, in both; it is gone in float64
        assert_same_gradients(ours, gradients(theirs), 2e-5)
        return
    # The reference hides by float64's lowest number and takes the softmax in float32, where that is
    # -inf: padding that sees nothing has a gradient of NaN.
    expected_gradients = gradients(theirs)
    assume(not any(gradient.isnan().any() for gradient in expected_gradients.values()))
    assert_same_gradients(ours, expected_gradients)


@given(
    B=st.integers(1, 3),
    T=st.integers(1, 30),
    side=st.integers(1, 8),
    share=st.sampled_from([0.0, 0.2, 1.0]),
    kind=st.sampled_from(["none", "right", "left", "holes"]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=100)
def test_windowed_attention_is_full_attention_under_its_mask(B, T, side, share, kind, seed):
    torch.manual_seed(seed)
    query, key, value = torch.randn(3, B, 2, T, 3, dtype=torch.float64, requires_grad=True)
    seen = masks(kind, B, T).bool()
    everywhere = (torch.rand(B, T) < share) & seen
    place = torch.arange(T)
    near = (place[:, None] - place).abs() <= side
    mask = (near | everywhere[:, None, None, :]) & seen[:, None, None, :]
    some = mask.any(dim=3)[:, 0]  # a row that sees nothing is of no use
    assume(some.any())
    full = F.scaled_dot_product_attention(query, key, value, mask)
    ours = windowed_attention(query, key, value, side, seen, everywhere)
    assert torch.allclose(ours, full, rtol=0, atol=1e-10)
    weight = torch.randn_like(full)
    gradients_ = [
        torch.autograd.grad((y * weight).sum(), [query, key, value]) for y in (ours, full)
    ]
    assert all(torch.allclose(a, b, rtol=0, atol=1e-10) for a, b in zip(*gradients_, strict=True))


def test_what_cannot_be_is_named() -> None:
    with pytest.raises(ValueError, match="attention_window even"):
        Longformer(config_of(1, 4, [3], 4))
    model = Longformer(config_of(1, 4, [4], 4))
    with pytest.raises(ValueError, match="expected positions below 40, got 40"):
        model(torch.full((1, 39), 5))
    with pytest.raises(ValueError, match=r"global_attention_mask \(1, 5\), got \(1, 4\)"):
        model(torch.full((1, 5), 5), None, torch.ones(1, 4))
