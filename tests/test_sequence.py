"""The three encoders equal torch's, values and gradients, whatever the shapes and the padding."""

import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from wode.attention import torch_weights
from wode.sequence import (
    CNN,
    RNN,
    AttentionEncoder,
    attention,
    attention_step,
    cnn,
    graph_depth,
    influence,
    receptive_field,
    rnn,
    rnn_step,
    shift,
)

sizes = st.integers(1, 6)
seeds = st.integers(0, 2**32)
TOLERANCE = 1e-10


@pytest.fixture(autouse=True)
def double():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def draw_lengths(B: int, T: int) -> tuple[Tensor, Tensor]:
    lengths = torch.randint(1, T + 1, (B,))
    return lengths, torch.arange(T) < lengths[:, None]  # (B,), (B, T)


def assert_same(ours: tuple[Tensor, ...], theirs: tuple[Tensor, ...], inputs: list[Tensor]) -> None:
    """Outputs, and gradients with respect to the inputs; the outputs weighed alike for both."""
    gradients = []
    upstream = [torch.randn_like(output) for output in theirs]
    for outputs in (ours, theirs):
        loss = torch.stack([(g * y).sum() for g, y in zip(upstream, outputs, strict=True)]).sum()
        gradients.append(torch.autograd.grad(loss, inputs, retain_graph=True))
    for a, b in zip((*ours, *gradients[0]), (*theirs, *gradients[1]), strict=True):
        assert a.shape == b.shape
        assert torch.allclose(a, b, rtol=0, atol=TOLERANCE)


@given(
    B=sizes, T=sizes, d=sizes, h=sizes, seed=seeds,
    kind=st.sampled_from(["tanh", "relu"]), bias=st.booleans(), both=st.booleans(),
    padded=st.booleans(), start=st.booleans(),
)  # fmt: skip
@settings(max_examples=150)
def test_rnn_equals_torch(B, T, d, h, seed, kind, bias, both, padded, start):
    torch.manual_seed(seed)
    theirs = nn.RNN(d, h, nonlinearity=kind, bias=bias, batch_first=True, bidirectional=both)
    ours = RNN(d, h, kind, bias, both)
    ours.load_state_dict(theirs.state_dict())  # same names, same shapes
    x = torch.randn(B, T, d, requires_grad=True)
    y_0 = torch.randn(1 + both, B, h, requires_grad=True) if start else None
    mask = None
    if padded:
        lengths, mask = draw_lengths(B, T)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, state = theirs(packed, y_0)
        output, _ = pad_packed_sequence(output, batch_first=True, total_length=T)
    else:
        output, state = theirs(x, y_0)
    mine = ours(x, y_0, mask)
    assert_same(mine, (output, state), [x] if y_0 is None else [x, y_0])
    upstream = torch.randn_like(output)
    grads = [
        dict(
            zip(
                names,
                torch.autograd.grad((upstream * y).sum(), list(model.parameters())),
                strict=True,
            )
        )
        for model, y, names in (
            (ours, mine[0], [n for n, _ in ours.named_parameters()]),
            (theirs, output, [n for n, _ in theirs.named_parameters()]),
        )
    ]
    for name, gradient in grads[1].items():
        assert torch.allclose(grads[0][name], gradient, rtol=0, atol=TOLERANCE), name


@given(
    B=sizes, T=st.integers(1, 9), d=sizes, h=sizes, seed=seeds, dilation=st.integers(1, 4),
    bias=st.booleans(), causal=st.booleans(), padded=st.booleans(),
)  # fmt: skip
@settings(max_examples=150)
def test_cnn_equals_torch(B, T, d, h, seed, dilation, bias, causal, padded):
    torch.manual_seed(seed)
    conv = nn.Conv1d(d, h, 3, padding=0 if causal else dilation, dilation=dilation, bias=bias)
    x = torch.randn(B, T, d, requires_grad=True)
    mask = draw_lengths(B, T)[1] if padded else None
    clean = x if mask is None else x.masked_fill(~mask[..., None], 0.0)
    padding = (2 * dilation, 0) if causal else (0, 0)
    expected = conv(F.pad(clean.transpose(1, 2), padding)).transpose(1, 2)
    if mask is not None:
        expected = expected.masked_fill(~mask[..., None], 0.0)
    mine = cnn(x, conv.weight, conv.bias, mask, dilation, causal)
    inputs = [x, *conv.parameters()]
    assert_same((mine,), (expected,), inputs)


@given(
    B=sizes, T=sizes, d=sizes, seed=seeds,
    dilations=st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple),
)  # fmt: skip
@settings(max_examples=50)
def test_a_stack_equals_torchs_layers_with_relu_between(B, T, d, seed, dilations):
    torch.manual_seed(seed)
    ours = CNN(d, dilations)
    theirs: list[nn.Module] = []
    for layer, dilation in zip(ours.layers, dilations, strict=True):
        theirs += [nn.ReLU(), nn.Conv1d(d, d, 3, padding=dilation, dilation=dilation)]
        theirs[-1].load_state_dict(layer.state_dict())
    x = torch.randn(B, T, d, requires_grad=True)
    expected = nn.Sequential(*theirs[1:])(x.transpose(1, 2)).transpose(1, 2)
    assert_same((ours(x),), (expected,), [x])


@given(B=sizes, T=sizes, S=sizes, d=sizes, v=sizes, seed=seeds, padded=st.booleans())
@settings(max_examples=100)
def test_attention_equals_torch(B, T, S, d, v, seed, padded):
    torch.manual_seed(seed)
    x, A, values = (torch.randn(B, n, w, requires_grad=True) for n, w in ((T, d), (S, d), (S, v)))
    mask = draw_lengths(B, S)[1][:, None] if padded else None  # (B, 1, S)
    expected = F.scaled_dot_product_attention(x, A, values, mask)
    mine = attention(x, A, values, mask)
    assert_same((mine,), (expected,), [x, A, values])
    t = int(torch.randint(T, ()))
    one = attention_step(x[:, t], A, values, None if mask is None else mask[:, 0])
    assert torch.allclose(one, expected[:, t], rtol=0, atol=TOLERANCE)


@given(B=sizes, T=sizes, S=sizes, d=sizes, seed=seeds, padded=st.booleans(), itself=st.booleans())
@settings(max_examples=100)
def test_attention_encoder_equals_multihead_attention_with_one_head(
    B, T, S, d, seed, padded, itself
):
    torch.manual_seed(seed)
    theirs = nn.MultiheadAttention(d, num_heads=1, batch_first=True)
    ours = AttentionEncoder(d)
    ours.load_state_dict(torch_weights(theirs.state_dict()))
    x = torch.randn(B, T, d, requires_grad=True)
    memory = x if itself else torch.randn(B, S, d, requires_grad=True)
    mask = draw_lengths(B, memory.shape[1])[1] if padded else None
    ignore = None if mask is None else ~mask
    expected, _ = theirs(x, memory, memory, key_padding_mask=ignore)
    mine = ours(x, None if itself else memory, None if mask is None else mask[:, None])
    assert_same((mine,), (expected,), [x] if itself else [x, memory])
    for y in (mine, expected):
        (y * torch.arange(d)).sum().backward(retain_graph=True)
    expected_grads = torch_weights(
        {name: p.grad for name, p in theirs.named_parameters() if p.grad is not None}
    )
    for name, parameter in ours.named_parameters():
        assert parameter.grad is not None
        assert torch.allclose(parameter.grad, expected_grads[name], rtol=0, atol=TOLERANCE), name


@given(B=sizes, T=st.integers(2, 6), d=sizes, seed=seeds)
@settings(max_examples=50)
def test_what_stands_in_the_padding_changes_nothing(B, T, d, seed):
    torch.manual_seed(seed)
    _, mask = draw_lengths(B, T)
    x = torch.randn(B, T, d)
    noise = torch.where(mask[..., None], x, torch.full_like(x, 1e3))
    both, stack, attend = RNN(d, 3, bidirectional=True), CNN(d, (1, 2)), AttentionEncoder(d)
    encoders = (
        lambda x: both(x, attention_mask=mask)[0],
        lambda x: stack(x, mask),
        lambda x: attend(x, mask=mask[:, None]) * mask[..., None],
    )
    for encode in encoders:
        assert torch.equal(encode(x), encode(noise))


@given(
    dilations=st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple), causal=st.booleans(),
    seed=seeds,
)  # fmt: skip
@settings(max_examples=30)
def test_a_cnn_sees_exactly_its_receptive_field(dilations, causal, seed):
    torch.manual_seed(seed)
    length, reach = 24, sum(dilations)
    model = CNN(4, dilations, causal)
    for layer in model.layers:  # all positive: no path is cut by a ReLU, none cancels another
        nn.init.uniform_(layer.get_parameter("weight"), 0.1, 1.0)
        nn.init.zeros_(layer.get_parameter("bias"))
    seen = influence(model, torch.rand(length, 4) + 0.1) > 0
    reachable = {0}
    for dilation in dilations:
        steps = (-2 * dilation, -dilation, 0) if causal else (-dilation, 0, dilation)
        reachable = {place + step for place in reachable for step in steps}
    difference = torch.arange(length) - torch.arange(length)[:, None]
    t = length - 1 if causal else length // 2
    if causal or (reach <= t and reach < length - t):
        offsets = [int(difference[t, s]) for s in range(length) if seen[t, s]]
        assert set(offsets) == {o for o in reachable if 0 <= t + o < length}
        if dilations == (1,) * len(dilations):
            assert len(offsets) == receptive_field(dilations) == 1 + len(dilations) * 2


def test_shift_beyond_the_end_is_zero():
    x = torch.arange(1.0, 4.0)[None, :, None]
    assert shift(x, 1).flatten().tolist() == [0, 1, 2]
    assert shift(x, -2).flatten().tolist() == [3, 0, 0]
    for steps in (3, 5, -3, -5):
        assert not shift(x, steps).any()


def test_influence_is_the_jacobian_of_a_linear_rnn():
    W = torch.tensor([[0.5]])
    found = influence(
        lambda x: rnn(x, torch.eye(1), W, activation=lambda y: y)[0], torch.ones(4, 1)
    )
    t = torch.arange(4)
    expected = torch.where(t[:, None] >= t, 0.5 ** (t[:, None] - t), 0.0)
    assert torch.allclose(found, expected)
    assert torch.equal(
        rnn_step(torch.zeros(1), torch.ones(1), torch.eye(1), W), torch.ones(1).tanh()
    )


def test_wrong_input_is_named():
    model = RNN(3, 2)
    with pytest.raises(ValueError, match=r"expected x \(B, T, 3\) with T ≥ 1, got \(2, 5, 4\)"):
        model(torch.zeros(2, 5, 4))
    with pytest.raises(ValueError, match=r"expected attention_mask \(2, 5\), got \(5, 2\)"):
        model(torch.zeros(2, 5, 3), attention_mask=torch.ones(5, 2))
    with pytest.raises(ValueError, match="expected x"):
        CNN(3)(torch.zeros(2, 0, 3))
    with pytest.raises(ValueError, match="nonlinearity"):
        RNN(3, 2, "gelu")
    x = torch.zeros(4, 5, 3)
    for wrong in ((4, 2), (1, 2), (2, 4, 2), (1, 1, 2)):
        got = r"expected y_0 \(directions, B, h\) = \(1, 4, 2\), got " + re.escape(str(wrong))
        with pytest.raises(ValueError, match=got):
            model(x, torch.zeros(wrong))
    with pytest.raises(ValueError, match=r"expected x \(B, T, 3\)"):  # x before y_0
        model(x[0], torch.zeros(1, 2))
    W, U = torch.zeros(2, 3), torch.zeros(2, 2)
    with pytest.raises(ValueError, match=r"expected y_0 \(B, h\) = \(4, 2\), got \(2,\)"):
        rnn(x, W, U, y_0=torch.zeros(2))
    kernel = r"expected weight \(h, d, 3\) = \(2, 3, 3\), got \(2, 3, 5\)"
    with pytest.raises(ValueError, match=kernel):
        cnn(x, torch.zeros(2, 3, 5))
    with pytest.raises(ValueError, match="expected dilation ≥ 1, got 0"):
        cnn(x, torch.zeros(2, 3, 3), dilation=0)
    with pytest.raises(TypeError, match="expected a tuple of dilations, one per layer, got 2"):
        CNN(3, 2)  # ty: ignore[invalid-argument-type]


def test_influence_wants_one_tensor_of_all_positions():
    x = torch.randn(4, 3)
    for model in (RNN(3, 3), nn.RNN(3, 3, batch_first=True)):
        with pytest.raises(TypeError, match=r"one tensor \(1, 4, h\), got tuple; for an RNN pass"):
            influence(model, x)
        assert influence(lambda x, model=model: model(x)[0], x).shape == (4, 4)
    with pytest.raises(TypeError, match=r"one tensor \(1, 4, h\), got \(1, 3\)"):
        influence(lambda x: x[:, -1], x)


def test_the_depth_of_a_graph_is_its_longest_chain():
    x = torch.ones(2, requires_grad=True)
    assert graph_depth(x.exp()) == 2  # the leaf's own node counts
    y = x
    for _ in range(5):
        y = y.tanh() + x
    assert graph_depth(y) == 1 + 2 * 5
    with pytest.raises(ValueError, match="requires grad"):
        graph_depth(torch.ones(2))
