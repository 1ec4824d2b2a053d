"""wode.reformer equals transformers' Reformer; hashing finds neighbours; layers can be reversed."""

import logging
from typing import Any

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from transformers import ReformerConfig, ReformerModel

from wode.reformer import Config, Reformer, hash_buckets, lsh_attention, normalised
from wode.reversible import run, run_reversibly

logging.getLogger("transformers").setLevel(logging.ERROR)

configs = st.builds(
    Config,
    vocab_size=st.just(40),
    hidden_size=st.integers(2, 12),
    num_hidden_layers=st.integers(1, 3),
    num_attention_heads=st.integers(1, 3),
    attention_head_size=st.integers(2, 6),
    feed_forward_size=st.integers(1, 12),
    num_buckets=st.sampled_from([2, 4, 8]),
    num_hashes=st.integers(1, 3),
    lsh_attn_chunk_length=st.sampled_from([3, 4, 8]),
    max_position_embeddings=st.just(40),
    hidden_dropout_prob=st.just(0.0),
    layer_norm_eps=st.just(1e-5),
    is_decoder=st.booleans(),
    hash_seed=st.integers(0, 1000),
)


@pytest.mark.equals("reformer")
@given(
    config=configs,
    B=st.integers(1, 3),
    T=st.integers(2, 30),
    padded=st.booleans(),
    reversible=st.booleans(),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=80)
def test_equals_the_reference(config, B, T, padded, reversible, seed):
    torch.manual_seed(seed)
    more = {"attn_layers": ["lsh"] * config.num_hidden_layers, "axial_pos_embds": False}
    theirs = ReformerModel(ReformerConfig(**vars(config), **more)).double().eval()
    randomise(theirs)
    ours = Reformer(config).double()
    ours.load_state_dict(theirs.state_dict())
    ids = torch.randint(1, 40, (B, T))
    mask = masks("right", B, T) if padded else torch.ones(B, T, dtype=torch.long)
    real = mask.bool()

    hidden = ours(ids, mask, reversible)
    expected = theirs(ids, attention_mask=mask, use_cache=False).last_hidden_state
    assert_close(hidden[real], expected[real], 1e-7)
    weight = torch.randn_like(hidden) * real[:, :, None]
    (hidden * weight).sum().backward()
    whole = T % config.lsh_attn_chunk_length == 0 or config.lsh_attn_chunk_length > T
    if whole:  # else the reference pads in evaluation mode alone, and refuses in training mode
        theirs.train()
        expected = theirs(ids, attention_mask=mask, use_cache=False).last_hidden_state
        (expected * weight).sum().backward()
        assert_same_gradients(ours, gradients(theirs), 1e-7)


@given(
    T=st.sampled_from([4, 8, 12]),
    rounds=st.integers(1, 3),
    causal=st.booleans(),
    seed=st.integers(0, 9999),
)
@settings(max_examples=30)
def test_in_one_bucket_and_chunk_it_is_full_attention(T, rounds, causal, seed):
    """All tokens in one bucket and one chunk: everything is seen, in every round."""
    torch.manual_seed(seed)
    query, value = torch.randn(2, 2, 3, T, 5, dtype=torch.float64)
    ours = lsh_attention(query, value, torch.zeros(2, 3, rounds, T).long(), T, causal=causal)
    scores = query @ normalised(query).transpose(2, 3)
    itself = torch.eye(T).bool()
    scores = scores.masked_fill(itself, -1e5)
    if causal:
        scores = scores.masked_fill(torch.ones(T, T).triu(1).bool(), -1e9)
    assert torch.allclose(ours, scores.softmax(dim=-1) @ value, rtol=0, atol=1e-10)


def test_near_vectors_share_a_bucket_and_more_rounds_find_more() -> None:
    torch.manual_seed(0)
    vectors = torch.randn(1, 1, 200, 16)
    near = vectors + 0.3 * torch.randn_like(vectors)
    other = torch.randn_like(vectors)
    rotations = torch.randn(1, 16, 8, 8)
    home = hash_buckets(vectors, rotations)[0, 0]  # (8, 200)

    def met(more: Tensor) -> list[float]:
        same = home == hash_buckets(more, rotations)[0, 0]
        return [same[:r].any(dim=0).float().mean().item() for r in (1, 2, 4, 8)]

    found, chance = met(near), met(other)
    assert found == sorted(found)
    assert found[0] > 0.5 and found[-1] > 0.95
    assert chance[0] < 0.15
    assert torch.equal(home, hash_buckets(5 * vectors, rotations)[0, 0])  # directions alone


def test_padding_has_a_bucket_of_its_own() -> None:
    buckets = hash_buckets(
        torch.randn(1, 1, 4, 6), torch.randn(1, 6, 2, 4), torch.tensor([[1, 1, 0, 0]]).bool()
    )
    assert (buckets[..., 2:] == 8).all() and (buckets[..., :2] < 8).all()


def layers(number: int, size: int, dropout: float) -> list[tuple[nn.Module, nn.Module]]:
    def half() -> nn.Module:
        return nn.Sequential(
            nn.LayerNorm(size), nn.Linear(size, size), nn.Tanh(), nn.Dropout(dropout)
        )

    return [(half(), half()) for _ in range(number)]


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_reversed_layers_have_the_gradients_of_stored_ones(dropout: float) -> None:
    torch.manual_seed(0)
    pairs = [(f.double(), g.double()) for f, g in layers(5, 6, dropout)]
    parameters = [p for pair in pairs for half in pair for p in half.parameters()]
    x1, x2 = torch.randn(2, 4, 6, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 4, 6, dtype=torch.float64)
    results = []
    for way in (run, lambda *a: run_reversibly(*a, parameters)):
        torch.manual_seed(1)
        y = torch.stack(way(x1, x2, pairs))
        results.append((y, *torch.autograd.grad((y * weight).sum(), [x1, x2, *parameters])))
    for stored, reversed_ in zip(*results, strict=True):
        assert torch.allclose(stored, reversed_, rtol=0, atol=1e-10)


def test_reversed_layers_keep_as_much_however_many_they_are() -> None:
    def kept(number: int, reversibly: bool) -> int:
        pairs = layers(number, 8, 0.1)
        parameters = [p for pair in pairs for half in pair for p in half.parameters()]
        own = {p.data_ptr() for p in parameters}
        total = 0

        def pack(tensor: Tensor) -> Tensor:
            nonlocal total
            total += 0 if tensor.data_ptr() in own else tensor.nbytes
            return tensor

        x = torch.randn(16, 8, requires_grad=True)
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            run_reversibly(x, x, pairs, parameters) if reversibly else run(x, x, pairs)
        return total

    assert kept(2, True) == kept(8, True) > 0
    assert kept(8, False) == 4 * kept(2, False)


@pytest.mark.parametrize("hash_seed", [None, 3])
def test_with_dropout_and_new_rotations_reversed_gradients_are_the_stored_ones(hash_seed) -> None:
    """Each layer's dropout is the same the second time, though its buckets are not drawn again."""
    torch.manual_seed(0)
    model = Reformer(Config(40, 8, 3, 2, 4, 8, 4, 2, 4, 40, 0.3, hash_seed=hash_seed)).double()
    ids, results = torch.randint(40, (2, 16)), []
    for reversible in (False, True):
        model.zero_grad()
        torch.manual_seed(1)
        y = model(ids, reversible=reversible)
        y.square().sum().backward()
        results.append([y, *gradients(model).values()])
    for stored, reversed_ in zip(*results, strict=True):
        assert torch.allclose(stored, reversed_, rtol=0, atol=1e-10)


def reference(**more: Any) -> ReformerModel:
    config = Config(40, 16, 1, 2, 8, 16, 4, 1, 4, 40, 0.3)
    kinds: dict[str, Any] = {"attn_layers": ["lsh"], "axial_pos_embds": False, "use_cache": False}
    return ReformerModel(ReformerConfig(**{**vars(config), **kinds, **more}))


@pytest.mark.parametrize("hash_seed", [None, 3])
def test_the_reference_drops_other_numbers_the_second_time(hash_seed) -> None:
    """If this fails, transformers is mended: say so on the page `reformer`."""
    model, ids = reference(hash_seed=hash_seed).train(), torch.randint(40, (1, 16))
    dropped = {"attention.output": [], "feed_forward": []}
    for name, masks_ in dropped.items():
        half = model.encoder.layers[0].get_submodule(name)
        half.register_forward_hook(lambda _m, _i, y, to=masks_: to.append(y == 0))
    model(ids).last_hidden_state.sum().backward()
    first, second = dropped["feed_forward"]
    assert torch.equal(first, second)
    first, second = dropped["attention.output"]
    assert not torch.equal(first, second)


def test_the_reference_takes_the_seed_of_the_whole_program() -> None:
    """If this fails, transformers is mended: say so on the page `reformer`."""
    ids = torch.randint(40, (1, 16))

    def drawn_after(model: nn.Module, seed: int) -> float:
        torch.manual_seed(seed)
        model(ids)
        return torch.rand(1).item()

    theirs = reference().train()
    assert drawn_after(theirs, 0) != drawn_after(theirs, 0)
    theirs = reference(hash_seed=3).eval()
    assert drawn_after(theirs, 0) == drawn_after(theirs, 5)
    ours = Reformer(Config(40, 16, 1, 2, 8, 16, 4, 1, 4, 40, 0.3, hash_seed=3))
    assert drawn_after(ours, 0) == drawn_after(ours, 0)
    assert drawn_after(ours, 0) != drawn_after(ours, 5)


def test_dropout_leaves_the_chance_of_what_follows_alone() -> None:
    torch.manual_seed(0)
    config = Config(40, 8, 2, 2, 4, 8, 4, 2, 4, 40, 0.5)
    model, ids = Reformer(config), torch.randint(40, (1, 8))
    torch.manual_seed(3)
    loss = model(ids).sum()
    state = torch.get_rng_state()
    loss.backward()
    assert torch.equal(state, torch.get_rng_state())


def test_what_cannot_be_is_named() -> None:
    with pytest.raises(ValueError, match="num_buckets even"):
        Config(num_buckets=3)
    with pytest.raises(ValueError, match="whole chunks of 4, got 6"):
        lsh_attention(
            torch.ones(1, 1, 6, 2), torch.ones(1, 1, 6, 2), torch.zeros(1, 1, 1, 6).long(), 4
        )
    with pytest.raises(ValueError, match="at most 40 tokens, got 41"):
        Reformer(Config(40, 8, 1, 2, 4, 8, 4, 1, 4, 40))(torch.zeros(1, 41).long())
