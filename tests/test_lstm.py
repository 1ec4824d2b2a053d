"""wode.lstm equals nn.LSTM, its gradients too; padding is never read."""

import pytest
import torch
from helpers import assert_close, assert_same_gradients, gradient, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from wode.lstm import LSTM, lstm, lstm_step

configs = st.fixed_dictionaries(
    {
        "input_size": st.integers(1, 5),
        "hidden_size": st.integers(1, 5),
        "num_layers": st.integers(1, 3),
        "bias": st.booleans(),
        "bidirectional": st.booleans(),
    }
)
seeds = st.integers(0, 2**32)


def both(config: dict) -> tuple[LSTM, nn.LSTM]:
    """Ours, and torch's with the same state dict."""
    theirs = randomise(nn.LSTM(batch_first=True, dtype=torch.float64, **config))
    ours = LSTM(**config).double()
    assert {name: one.shape for name, one in ours.state_dict().items()} == {
        name: one.shape for name, one in theirs.state_dict().items()
    }
    ours.load_state_dict(theirs.state_dict())
    return ours, theirs


def beginning(model: LSTM, config: dict, B: int) -> tuple[Tensor, Tensor]:
    directions = config["num_layers"] * (1 + config["bidirectional"])
    h, c = torch.randn(2, directions, B, model.hidden_size, dtype=torch.float64)
    return h.requires_grad_(), c.requires_grad_()


def assert_same(ours: nn.Module, theirs: nn.Module, results: tuple, inputs: list[Tensor]) -> None:
    """The output and both states; the gradients of the weights, the input and the first state."""
    (one, (h, c)), (expected, last) = results
    weights = [torch.randn_like(part) for part in (one, h, c)]
    for part, other in zip((one, h, c), (expected, *last), strict=True):
        assert_close(part, other, 1e-12)
    names, parameters = zip(*theirs.named_parameters(), strict=True)
    gradients = torch.autograd.grad((expected, *last), [*inputs, *parameters], weights)
    torch.autograd.backward((one, h, c), weights)
    of_weights = dict(zip(names, gradients[len(inputs) :], strict=True))
    assert_same_gradients(ours, of_weights, 1e-12)
    for part, other in zip(inputs, gradients, strict=False):
        assert_close(gradient(part), other, 1e-12)


@pytest.mark.equals("lstm")
@given(config=configs, B=st.integers(1, 3), T=st.integers(1, 6), state=st.booleans(), seed=seeds)
@settings(max_examples=30)
def test_equals_nn_lstm(config, B, T, state, seed):
    torch.manual_seed(seed)
    ours, theirs = both(config)
    x = torch.randn(B, T, config["input_size"], dtype=torch.float64, requires_grad=True)
    start = beginning(ours, config, B) if state else None
    assert_same(ours, theirs, (ours(x, None, start), theirs(x, start)), [x, *(start or ())])


@pytest.mark.equals("lstm")
@given(config=configs, B=st.integers(1, 4), T=st.integers(1, 6), state=st.booleans(), seed=seeds)
@settings(max_examples=30)
def test_equals_nn_lstm_on_packed_sequences(config, B, T, state, seed):
    torch.manual_seed(seed)
    ours, theirs = both(config)
    mask = masks("right", B, T)
    x = torch.randn(B, T, config["input_size"], dtype=torch.float64, requires_grad=True)
    start = beginning(ours, config, B) if state else None
    packed = pack_padded_sequence(x, mask.sum(1), batch_first=True, enforce_sorted=False)
    output, last = theirs(packed, start)
    output, _ = pad_packed_sequence(output, batch_first=True, total_length=T)
    results = ours(x, mask, start), (output, last)
    assert_same(ours, theirs, results, [x, *(start or ())])


@given(config=configs, kind=st.sampled_from(["right", "left", "holes"]), seed=seeds)
@settings(max_examples=20)
def test_padding_is_as_if_it_were_not_there(config, kind, seed):
    torch.manual_seed(seed)
    model = randomise(LSTM(**config)).double()
    mask = masks(kind, 3, 6)
    x = torch.randn(3, 6, config["input_size"], dtype=torch.float64)
    x[mask == 0] = torch.nan
    output, (h, c) = model(x, mask)
    assert not output[mask == 0].any()
    for row in range(3):
        real = mask[row].bool()
        alone, (h_1, c_1) = model(x[row : row + 1, real])
        assert_close(output[row, real], alone[0], 1e-12)
        assert_close(h[:, row], h_1[:, 0], 1e-12)
        assert_close(c[:, row], c_1[:, 0], 1e-12)
    output.sum().backward()
    assert all(one.grad is not None and one.grad.isfinite().all() for one in model.parameters())


def test_a_step_is_the_equations() -> None:
    torch.manual_seed(0)
    x, h, c = torch.randn(8), torch.randn(2), torch.randn(2)
    weight = torch.randn(8, 2)
    i, f, g, o = (x + weight @ h).view(4, 2)
    expected = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    h_t, c_t = lstm_step(x, h, c, weight)
    assert_close(c_t, expected)
    assert_close(h_t, torch.sigmoid(o) * torch.tanh(expected))


def test_an_open_forget_gate_keeps_the_memory_for_ever() -> None:
    bias = torch.tensor([-50.0, 50.0, 0.0, 50.0])  # i shut, f and o open
    memory = torch.full((1, 1), 0.7)
    _, (_, c) = lstm(
        torch.randn(1, 500, 1), torch.zeros(4, 1), torch.zeros(4, 1), bias, state=(memory, memory)
    )
    assert_close(c, memory, 1e-6)


def test_what_does_not_fit_is_named() -> None:
    model = LSTM(3, 2, num_layers=2)
    x = torch.zeros(1, 4, 3)
    with pytest.raises(ValueError, match=r"expected input_size, hidden_size and num_layers ≥ 1"):
        LSTM(3, 0)
    with pytest.raises(ValueError, match=r"expected x \(B, T, 3\) with T ≥ 1, got \(1, 4, 5\)"):
        model(torch.zeros(1, 4, 5))
    with pytest.raises(ValueError, match=r"expected attention_mask \(1, 4\), got \(1, 5\)"):
        model(x, torch.ones(1, 5))
    state = torch.zeros(1, 1, 2)
    with pytest.raises(ValueError, match=r"h_0 .* \(2, 1, 2\), got \(1, 1, 2\)"):
        model(x, state=(state, state))
    with pytest.raises(ValueError, match=r"expected c_0 \(B, h\) = \(1, 2\), got \(2, 2\)"):
        lstm(x, torch.zeros(8, 3), torch.zeros(8, 2), state=(torch.zeros(1, 2), torch.zeros(2, 2)))
