"""wode.t5 equals transformers' T5, and its buckets the paper's description of them."""

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import T5Config, T5ForConditionalGeneration

from wode.t5 import T5, Config, bucket

configs = st.builds(
    Config,
    vocab_size=st.just(40),
    d_model=st.integers(2, 16),
    d_kv=st.integers(1, 6),
    d_ff=st.integers(1, 20),
    num_layers=st.integers(1, 3),
    num_decoder_layers=st.sampled_from([None, 1, 2]),
    num_heads=st.integers(1, 4),
    relative_attention_num_buckets=st.sampled_from([8, 32]),
    relative_attention_max_distance=st.sampled_from([9, 128]),
    dropout_rate=st.just(0.0),
    layer_norm_epsilon=st.sampled_from([1e-6, 1e-3]),
    feed_forward_proj=st.sampled_from(["relu", "gated-gelu"]),
)


def pair(config: Config, attention: str) -> tuple[T5, T5ForConditionalGeneration]:
    reference = T5Config(**vars(config), pad_token_id=0)
    reference._attn_implementation = attention
    theirs = randomise(T5ForConditionalGeneration(reference).double())
    ours = T5(config).double()
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


@pytest.mark.equals("t5")
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
    ours, theirs = pair(config, attention)
    source, labels = torch.randint(40, (B, S)), torch.randint(1, 40, (B, T))
    mask = None if kind == "none" else masks(kind, B, S)
    labels[torch.arange(T) >= torch.randint(1, T + 1, (B, 1))] = -100
    expected = theirs(source, attention_mask=mask, labels=labels)
    start = torch.zeros(B, 1, dtype=torch.long)
    before = torch.cat([start, labels[:, :-1].clamp(min=0)], dim=1)
    assert_close(ours(source, before, mask), expected.logits, 1e-6)
    loss = ours.loss(source, labels, mask)
    assert_close(loss, expected.loss, 1e-6)
    loss.backward()
    expected.loss.backward()
    assert_same_gradients(ours, gradients(theirs), 1e-6)


def test_words_that_are_not_tied_are_scored_as_they_are() -> None:
    """As in version 1.1, whose files have a ``lm_head`` of their own; transformers 5 ties it."""
    torch.manual_seed(0)
    tied = T5(Config(40, 8, 4, 8, 1, dropout_rate=0.0, tie_word_embeddings=True))
    own = T5(Config(40, 8, 4, 8, 1, dropout_rate=0.0, tie_word_embeddings=False))
    own.load_state_dict(tied.state_dict())
    ids = torch.randint(40, (2, 5))
    assert_close(own(ids, ids), tied(ids, ids) * 8**0.5)
    assert own.lm_head.weight is not own.shared.weight


def test_transformers_ties_a_new_t5_whatever_its_configuration_says() -> None:
    """The page says so; when it is mended, the page is to be changed."""
    config = T5Config(**vars(Config(40, 8, 4, 8, 1, tie_word_embeddings=False)))
    theirs = T5ForConditionalGeneration(config)
    assert theirs.lm_head.weight is theirs.shared.weight


@given(config=configs, S=st.integers(1, 8), T=st.integers(2, 12), seed=st.integers(0, 2**32))
@settings(max_examples=20)
def test_token_by_token_with_caches_is_the_same(config, S, T, seed):
    torch.manual_seed(seed)
    model = randomise(T5(config)).double()
    source, target = torch.randint(40, (2, S)), torch.randint(40, (2, T))
    mask = masks("right", 2, S)
    memory, caches = model.encode(source, mask), model.caches()
    parts = [model.decode(target[:, t : t + 1], memory, mask, caches) for t in range(T)]
    assert_close(torch.cat(parts, dim=1), model(source, target, mask), 1e-9)


def test_buckets_are_exact_then_logarithmic_then_one() -> None:
    near = bucket(-torch.arange(16), both_ways=False)
    assert near.tolist() == list(range(16))
    far = bucket(-torch.tensor([16, 20, 60, 127, 128, 5000]), both_ways=False)
    assert far.tolist() == [16, 17, 26, 31, 31, 31]
    assert bucket(torch.tensor([1, 50]), both_ways=False).tolist() == [0, 0]  # the future: masked
    both = bucket(torch.tensor([-3, 0, 3, -200, 200]), both_ways=True)
    assert both.tolist() == [3, 0, 19, 15, 31]


def test_the_start_is_as_wide_as_the_reference_begins() -> None:
    torch.manual_seed(0)
    config = Config(300, 128, 32, 256, 1, num_heads=4)
    theirs = T5ForConditionalGeneration(T5Config(**vars(config))).state_dict()
    for name, weight in T5(config).state_dict().items():
        assert weight.std().item() == pytest.approx(theirs[name].std().item(), rel=0.1), name


def test_what_cannot_be_is_named() -> None:
    with pytest.raises(ValueError, match="feed_forward_proj"):
        Config(feed_forward_proj="gelu")
