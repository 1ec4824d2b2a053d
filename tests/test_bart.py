"""wode.bart equals transformers' BART: both stacks, padding, gradients, written token by token."""

from typing import Any

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BartConfig, BartForConditionalGeneration

from wode.bart import Bart, Config


def config_of(heads: tuple[int, int], head_size: int, **sizes: Any) -> Config:
    return Config(
        vocab_size=40,
        d_model=heads[0] * heads[1] * head_size,
        encoder_attention_heads=heads[0],
        decoder_attention_heads=heads[1],
        max_position_embeddings=14,
        dropout=0.0,
        **sizes,
    )


configs = st.builds(
    config_of,
    heads=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    head_size=st.integers(1, 4),
    encoder_layers=st.integers(1, 2),
    decoder_layers=st.integers(1, 2),
    encoder_ffn_dim=st.integers(1, 20),
    decoder_ffn_dim=st.integers(1, 20),
    scale_embedding=st.booleans(),
)


@pytest.mark.equals("bart")
@given(
    config=configs,
    B=st.integers(1, 4),
    S=st.integers(1, 14),
    T=st.integers(1, 14),
    kind=st.sampled_from(["none", "right", "left", "holes"]),
    attention=st.sampled_from(["eager", "sdpa"]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=60)
def test_equals_the_reference(config, B, S, T, kind, attention, seed):
    torch.manual_seed(seed)
    reference = BartConfig(**vars(config))
    reference._attn_implementation = attention
    theirs = randomise(BartForConditionalGeneration(reference).double())
    theirs.final_logits_bias.normal_()
    ours = Bart(config).double()
    ours.load_state_dict(theirs.state_dict())
    source, labels = torch.randint(40, (B, S)), torch.randint(2, 40, (B, T))
    mask = None if kind == "none" else masks(kind, B, S)
    labels[torch.arange(T) >= torch.randint(1, T + 1, (B, 1))] = -100
    start = torch.full((B, 1), config.decoder_start_token_id)
    before = torch.cat([start, labels[:, :-1].masked_fill(labels[:, :-1] == -100, 1)], dim=1)
    expected = theirs(source, attention_mask=mask, decoder_input_ids=before, labels=labels)
    assert_close(ours(source, before, mask), expected.logits, 1e-8)
    loss = ours.loss(source, labels, mask)
    assert_close(loss, expected.loss, 1e-8)
    loss.backward()
    expected.loss.backward()
    assert_same_gradients(ours, gradients(theirs), 1e-8)


@given(config=configs, S=st.integers(1, 8), T=st.integers(2, 12), seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_token_by_token_with_caches_is_the_same(config, S, T, seed):
    torch.manual_seed(seed)
    model = randomise(Bart(config)).double()
    source, target = torch.randint(40, (2, S)), torch.randint(40, (2, T))
    mask = masks("right", 2, S)
    memory, caches = model.encode(source, mask), model.caches()
    parts = [model.decode(target[:, t : t + 1], memory, mask, caches) for t in range(T)]
    assert_close(torch.cat(parts, dim=1), model(source, target, mask), 1e-9)


def test_what_cannot_be_is_named() -> None:
    with pytest.raises(ValueError, match="multiple of the heads"):
        Config(d_model=10, encoder_attention_heads=3)
    with pytest.raises(ValueError, match="gelu"):
        Config(activation_function="relu")
    model = Bart(config_of((1, 1), 4, encoder_layers=1, decoder_layers=1))
    with pytest.raises(ValueError, match="at most 14 tokens, got 15"):
        model.encode(torch.zeros(1, 15, dtype=torch.long))
