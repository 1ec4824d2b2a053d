"""Attention equals torch's, values and gradients, whatever the shapes and masks."""

import math

import pytest
import torch
import torch.nn.functional as F
from helpers import assert_same_gradients, gradient, gradients
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from wode.attention import (
    KeyValueCache,
    MultiHeadAttention,
    causal_mask,
    draw_mask,
    fused_attention,
    padding_mask,
    prefix_mask,
    scaled_dot_product,
    torch_weights,
    window_mask,
)

sizes = st.integers(1, 6)


def naive(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """The formula in loops, float64: (T, d), (S, d), (S, v), (T, S) → (T, v)."""
    rows = []
    for t in range(len(query)):
        seen = [s for s in range(len(key)) if mask[t, s]]
        total = torch.zeros(value.shape[1], dtype=torch.float64)
        e = [math.exp(float(query[t] @ key[s]) / math.sqrt(query.shape[1])) for s in seen]
        for weight, s in zip(e, seen, strict=True):
            total = total + weight / sum(e) * value[s]
        rows.append(total)
    return torch.stack(rows)


@given(T=sizes, S=sizes, d=sizes, v=sizes, seed=st.integers(0, 2**32), keep=st.floats(0, 1))
@settings(max_examples=100)
def test_scaled_dot_product_is_the_formula(T, S, d, v, seed, keep):
    generator = torch.Generator().manual_seed(seed)
    query, key, value = (
        torch.randn(n, width, generator=generator, dtype=torch.float64)
        for n, width in ((T, d), (S, d), (S, v))
    )
    mask = torch.rand(T, S, generator=generator) < keep
    output, weights = scaled_dot_product(query, key, value, mask)
    assert torch.allclose(output, naive(query, key, value, mask), rtol=0, atol=1e-10)
    assert torch.allclose(weights.sum(-1), mask.any(-1).double())
    assert not weights[~mask].any()


@given(
    shape=st.tuples(sizes, sizes, sizes, sizes, sizes),
    seed=st.integers(0, 2**32),
    keep=st.sampled_from([None, 0.0, 0.3, 0.8, 1.0]),
)
@settings(max_examples=100)
def test_written_out_and_fused_are_equal_with_gradients(shape, seed, keep):
    B, h, T, S, d = shape
    generator = torch.Generator().manual_seed(seed)
    mask = None if keep is None else torch.rand(B, 1, T, S, generator=generator) < keep
    inputs = [torch.randn(B, h, n, d, generator=generator).requires_grad_() for n in (T, S, S)]
    q, k, v = inputs
    upstream = torch.randn(B, h, T, d, generator=generator)
    results = []
    for output in (scaled_dot_product(q, k, v, mask)[0], fused_attention(q, k, v, mask)):
        results.append([output, *torch.autograd.grad(output, inputs, upstream)])
    for ours, fused in zip(*results, strict=True):
        assert ours.isfinite().all() and fused.isfinite().all()
        assert torch.allclose(ours, fused, atol=1e-5)


@given(data=st.data(), batch=st.lists(sizes, max_size=3), T=sizes, S=sizes, d=sizes)
@settings(max_examples=150)
def test_any_mask_that_broadcasts_is_taken_and_nan_behind_it_goes_nowhere(data, batch, T, S, d):
    """(S,) and () too, in both ways alike; what no query may see does not matter, bit by bit."""
    torch.manual_seed(data.draw(st.integers(0, 2**32 - 1)))
    full = (*batch, T, S)
    shape = full[data.draw(st.integers(0, len(full))) :]
    shape = tuple(data.draw(st.sampled_from([1, size])) for size in shape)
    mask = torch.rand(shape) < data.draw(st.sampled_from([0.0, 0.3, 0.7, 1.0]))
    inputs = [torch.randn(*batch, n, d) for n in (T, S, S)]
    hidden = ~mask.expand(full).any(dim=-2)[..., None]  # (..., S, 1)
    for other in (0.0, 1e30, -torch.inf, torch.inf, torch.nan):
        results = []
        for attend in (lambda *given: scaled_dot_product(*given)[0], fused_attention):
            q, k, v = leaves = [x.clone().requires_grad_() for x in inputs]
            output = attend(q, k.masked_fill(hidden, other), v.masked_fill(hidden, other), mask)
            results.append([output, *torch.autograd.grad(output.square().sum(), leaves)])
        for written_out, fused in zip(*results, strict=True):
            assert torch.allclose(written_out, fused, atol=1e-5)
        if other == 0.0:
            expected = results
        for ours, wanted in zip(results, expected, strict=True):
            assert all(map(torch.equal, ours, wanted)), other
        assert not results[0][0][~mask.expand(full).any(dim=-1)].any()


@given(
    B=st.integers(1, 4), T=sizes, S=sizes, kind=st.integers(0, 4), seed=st.integers(0, 2**32 - 1)
)
@settings(max_examples=60)
def test_tokens_that_no_head_sees_may_be_nan(B, T, S, kind, seed):
    torch.manual_seed(seed)
    layer, query, key = MultiHeadAttention(8, 2), torch.randn(B, T, 8), torch.randn(B, S, 8)
    mask = torch.rand([(S,), (T, S), (2, T, S), (B, 1, 1, S), (B, 2, T, S)][kind]) < 0.6
    hidden = ~mask.expand(B, 2, T, S).any(dim=2).any(dim=1)[..., None]  # (B, S, 1)
    expected = layer(query, key, mask=mask)
    for other in (torch.nan, torch.inf):
        output = layer(query, key.masked_fill(hidden, other), mask=mask)
        assert torch.equal(output, expected)
        layer.zero_grad()
        output.sum().backward()
        assert gradients(layer)["k_proj.weight"].isfinite().all()
        assert gradients(layer)["v_proj.weight"].isfinite().all()
    with pytest.raises(ValueError, match=r"broadcasts to .*, got \(1, 1, "):
        layer(query, key, mask=torch.ones(1, 1, T + 2, S).bool())
    with pytest.raises(ValueError, match=rf"broadcasts to .*, got \({T}, {S + 2}\): query"):
        layer(query, key, mask=torch.ones(T, S + 2).bool())


@given(
    B=st.integers(1, 4),
    heads=st.sampled_from([1, 2, 4]),
    head_size=st.integers(1, 5),
    T=sizes,
    S=sizes,
    bias=st.booleans(),
    cross=st.booleans(),
    kind=st.sampled_from(["none", "padding", "causal", "random", "per head"]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=150)
def test_multi_head_attention_equals_torch(B, heads, head_size, T, S, bias, cross, kind, seed):
    torch.manual_seed(seed)
    size = heads * head_size
    theirs = nn.MultiheadAttention(size, heads, bias=bias, batch_first=True).double()
    for parameter in theirs.parameters():  # its biases begin at zero, where a mistake hides
        nn.init.normal_(parameter)
    ours = MultiHeadAttention(size, heads, bias=bias).double()
    ours.load_state_dict(torch_weights(theirs.state_dict()))

    S = S if cross else T
    query, key, value = (torch.randn(B, n, size, dtype=torch.float64) for n in (T, S, S))
    if not cross:
        key = value = query
    mask: Tensor | None = None
    to_torch: dict[str, Tensor] = {}
    if kind == "padding":
        real = torch.rand(B, S) < 0.6  # rows that are padding throughout among them
        mask, to_torch["key_padding_mask"] = padding_mask(real), ~real
    elif kind == "causal" and T <= S:
        mask = causal_mask(T, S)
        to_torch["attn_mask"] = ~mask
    elif kind in ("random", "per head"):
        mask = torch.rand(B, heads if kind == "per head" else 1, T, S) < 0.6
        to_torch["attn_mask"] = ~mask.expand(B, heads, T, S).flatten(0, 1)

    leaves = [x.clone().requires_grad_() for x in (query, key, value)]
    copies = [x.clone().requires_grad_() for x in (query, key, value)]
    output = ours(*leaves, mask=mask)
    # need_weights=True takes torch's other path, which gives NaN where a row sees nothing
    expected, _ = theirs(*copies, **to_torch, need_weights=False)
    assert output.isfinite().all()
    assert torch.allclose(output, expected, rtol=0, atol=1e-9)

    upstream = torch.randn_like(output)
    output.backward(upstream)
    expected.backward(upstream)
    for ours_leaf, their_leaf in zip(leaves, copies, strict=True):
        assert torch.allclose(gradient(ours_leaf), gradient(their_leaf), rtol=0, atol=1e-9)
    assert_same_gradients(ours, torch_weights(gradients(theirs)), 1e-9)

    everyone_sees = mask is None or mask.expand(B, heads, T, S).any(-1).all()
    if everyone_sees:  # their weights would be NaN
        _, average = theirs(query, key, value, **to_torch)
        assert torch.allclose(ours.weights(query, key, mask).mean(1), average, rtol=0, atol=1e-9)


def test_torch_s_other_path_gives_nan_where_ours_gives_the_bias():
    """What the page says of a row that sees nothing."""
    theirs = nn.MultiheadAttention(8, 2, batch_first=True)
    ours = MultiHeadAttention(8, 2)
    ours.load_state_dict(torch_weights(theirs.state_dict()))
    x, nothing = torch.randn(1, 3, 8), torch.zeros(1, 3, dtype=torch.bool)
    assert theirs(x, x, x, key_padding_mask=~nothing)[0].isnan().all()
    assert torch.equal(ours(x, mask=padding_mask(nothing)), ours.out_proj.bias.expand(1, 3, 8))


def test_dropout_falls_on_the_weights_in_training_only():
    torch.manual_seed(0)
    layer = MultiHeadAttention(8, 2, dropout=0.5)
    x = torch.randn(2, 5, 8)
    layer.eval()
    assert torch.equal(layer(x), layer(x))
    still = layer(x)
    layer.train()
    assert not torch.equal(layer(x), layer(x))
    mean = torch.stack([layer(x) for _ in range(3000)]).mean(0)
    assert torch.allclose(mean, still, atol=0.05)


@given(T=st.integers(1, 12), cut=st.data(), seed=st.integers(0, 2**32))
@settings(max_examples=50)
def test_a_cache_changes_nothing(T, cut, seed):
    torch.manual_seed(seed)
    layer = MultiHeadAttention(8, 2)
    x = torch.randn(2, T, 8)
    whole = layer(x, mask=causal_mask(T))
    cache, pieces, done = KeyValueCache(), [], 0
    while done < T:
        n = cut.draw(st.integers(1, T - done))
        pieces.append(layer(x[:, done : done + n], mask=causal_mask(n, done + n), cache=cache))
        done += n
    assert len(cache) == T
    assert torch.allclose(torch.cat(pieces, dim=1), whole, atol=1e-6)


def test_a_fixed_cache_is_filled_once_and_rows_can_be_chosen():
    layer = MultiHeadAttention(8, 2)
    memory, cache = torch.randn(3, 4, 8), KeyValueCache(fixed=True)
    x = torch.randn(3, 2, 8)
    expected = layer(x, memory)
    assert torch.equal(layer(x, memory, cache=cache), expected)
    assert torch.equal(layer(x, torch.full_like(memory, torch.nan), cache=cache), expected)
    assert len(cache) == 4
    rows = torch.tensor([2, 2, 0])
    cache.select(rows)
    assert torch.allclose(layer(x[rows], memory[rows], cache=cache), expected[rows], atol=1e-6)


# ---------------------------------------------------------------- masks


@given(T=st.integers(1, 9), data=st.data())
def test_masks_by_their_definitions(T, data):
    S = data.draw(st.integers(T, 12))
    prefix = data.draw(st.integers(0, T))
    window = data.draw(st.integers(1, 12))
    for t in range(T):
        for s in range(T):
            assert prefix_mask(T, prefix)[t, s] == (s <= t or s < prefix)
            assert window_mask(T, window)[t, s] == (t - window < s <= t)
            assert window_mask(T, window, causal=False)[t, s] == (abs(t - s) < window)
        for s in range(S):
            assert causal_mask(T, S)[t, s] == (s <= S - T + t)
    lengths = torch.tensor([prefix, T])
    assert torch.equal(prefix_mask(T, lengths)[0, 0], prefix_mask(T, prefix))
    assert prefix_mask(T, lengths)[1].all()


def test_masks_draw_themselves():
    assert draw_mask(causal_mask(3)) == "■ · ·\n■ ■ ·\n■ ■ ■"
    with pytest.raises(ValueError, match=r"one mask \(T, S\), got \(1, 3, 3\)"):
        draw_mask(causal_mask(3)[None])


# ---------------------------------------------------------------- wrong input


@pytest.mark.parametrize("attend", [scaled_dot_product, fused_attention])
def test_wrong_input_is_named(attend):
    query, key = torch.randn(2, 3, 4), torch.randn(2, 5, 4)
    with pytest.raises(ValueError, match=r"query \(2, 3, 4\), key \(2, 5, 3\)"):
        attend(query, key[..., :3], key)
    with pytest.raises(ValueError, match=r"value \(2, 4, 4\)"):
        attend(query, key, key[:, :4])
    with pytest.raises(TypeError, match=r"boolean mask.*float32"):
        attend(query, key, key, torch.zeros(3, 5))
    with pytest.raises(TypeError, match=r"boolean mask.*int64"):
        attend(query, key, key, torch.ones(3, 5, dtype=torch.long))
    with pytest.raises(ValueError, match="mask on cpu, got one on meta"):
        attend(query, key, key, torch.ones(3, 5, dtype=torch.bool, device="meta"))
    with pytest.raises(ValueError, match=r"broadcasts to \(2, 3, 5\), got \(5, 3\)"):
        attend(query, key, key, torch.ones(5, 3, dtype=torch.bool))
    with pytest.raises(ValueError, match=r"broadcasts to \(2, 3, 5\), got \(7, 2, 3, 5\)"):
        attend(query, key, key, torch.ones(7, 2, 3, 5, dtype=torch.bool))
    with pytest.raises(ValueError, match="multiple of num_heads, got 10 and 3"):
        MultiHeadAttention(10, 3)


def test_masks_refuse_what_would_hide_too_much_or_too_little():
    with pytest.raises(ValueError, match="key_length >= length, got 3 and 5"):
        causal_mask(5, 3)
    for window in (0, -1):
        with pytest.raises(ValueError, match=f"window >= 1, got {window}"):
            window_mask(3, window)
    additive = torch.zeros(2, 3)  # 0 at real tokens, -inf at padding: the other way round
    for wrong in (additive, torch.ones(3, dtype=torch.long), torch.ones(1, 2, 3).bool()):
        with pytest.raises(ValueError, match=r"attention_mask \(B, S\)"):
            padding_mask(wrong)
    for prefix in (torch.tensor([[1], [2]]), torch.tensor([1.5]), torch.tensor([2, -1]), -1):
        with pytest.raises(ValueError, match=r"tensor \(B,\) of ints, >= 0"):
            prefix_mask(3, prefix)


def test_multi_head_attention_refuses_a_query_without_a_batch_and_no_heads():
    with pytest.raises(ValueError, match=r"expected query \(B, T, E\), got \(5, 8\)"):
        MultiHeadAttention(8, 1)(torch.randn(5, 8))
    with pytest.raises(ValueError, match="multiple of num_heads, got 8 and 0"):
        MultiHeadAttention(8, 0)


def test_a_hidden_key_gets_nothing_however_large_its_score():
    query, key = torch.tensor([[1e5]]), torch.tensor([[-1.0], [1.0]])  # scores -1e5 and 1e5
    value = torch.tensor([[1.0], [2.0]])
    output, weights = scaled_dot_product(query, key, value, torch.tensor([[True, False]]))
    assert weights.tolist() == [[1.0, 0.0]]
    assert output.item() == 1.0


def test_the_kernel_gets_the_whole_dropout_in_training_and_none_in_evaluation(monkeypatch):
    kernel, seen = F.scaled_dot_product_attention, []

    def spy(*args, **kwargs):
        seen.append(kwargs["dropout_p"])
        return kernel(*args, **kwargs)

    monkeypatch.setattr(F, "scaled_dot_product_attention", spy)
    layer, x = MultiHeadAttention(8, 2, dropout=0.25), torch.randn(1, 3, 8)
    layer(x)
    layer.eval()(x)
    assert seen == [0.25, 0.0]


def test_the_scale_keeps_the_variance_of_scores():
    """Without √d this fails: for unit normal q and k, scores have variance 1."""
    torch.manual_seed(0)
    q, k = torch.randn(2, 2000, 64)
    _, weights = scaled_dot_product(q, k, k)
    logits = weights.log()
    variance = (logits - logits.mean(dim=-1, keepdim=True)).var()
    assert abs(variance - 1) < 0.1


def test_equal_to_the_kernel_without_a_mask_and_on_half_precision():
    q = torch.randn(2, 3, 5, 16, dtype=torch.bfloat16)
    ours, _ = scaled_dot_product(q, q, q, causal_mask(5))
    theirs = F.scaled_dot_product_attention(q, q, q, is_causal=True)
    assert ours.dtype == torch.bfloat16
    assert torch.allclose(ours.float(), theirs.float(), atol=3e-2)
