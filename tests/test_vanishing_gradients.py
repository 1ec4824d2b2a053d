"""What the page compares is comparable, and differs where it says so and nowhere else."""

import sys

import pytest
import torch
from torch import nn

from wode.book import ROOT

sys.path.insert(0, str(ROOT / "snippets" / "2_transformer_basics"))
import vanishing_gradients as page


@pytest.mark.parametrize("name", page.ENCODERS)
def test_all_have_about_as_many_parameters(name):
    parameters = sum(p.numel() for p in page.Reader(name).parameters())
    extra = 65 * page.ENCODERS[name][0] if "positions" in name else 0
    assert abs(parameters - extra - 5850) < 300


def test_the_orthogonal_start_is_orthogonal():
    U = page.ENCODERS["RNN, orthogonal"][1](48).get_parameter("weight_hh_l0")
    assert torch.allclose(U @ U.T, torch.eye(48), atol=1e-5)
    other = page.ENCODERS["RNN"][1](48).get_parameter("weight_hh_l0")
    assert not torch.allclose(other @ other.T, torch.eye(48), atol=0.1)


@pytest.mark.parametrize("kind", [nn.RNN, nn.LSTM, nn.GRU])
def test_held_changes_the_gradient_alone(kind):
    torch.manual_seed(0)
    recurrent = kind(6, 6, batch_first=True)
    x = torch.randn(3, 20, 6, requires_grad=True)
    y, plain = page.Held(recurrent)(x), recurrent(x)[0]
    assert torch.allclose(y, plain, atol=1e-6)
    held, free = (torch.autograd.grad(o[:, -1].sum(), x)[0][:, 0].norm() for o in (y, plain))
    assert held > 10 * free


def test_shrunk_is_held_and_halved_with_each_step_back():
    torch.manual_seed(0)
    recurrent = nn.RNN(6, 6, batch_first=True)
    x = torch.randn(3, 9, 6, requires_grad=True)
    held, shrunk = (
        torch.autograd.grad(page.Held(recurrent, shrink)(x)[:, -1].sum(), x)[0]
        for shrink in (1.0, 0.5)
    )
    halves = 0.5 ** torch.arange(8.0, -1.0, -1.0)
    assert torch.allclose(shrunk, held * halves[:, None], rtol=1e-4)


def test_the_open_gate_is_the_one_that_keeps():
    x = torch.zeros(1, 30, 4)
    lstm = page.open_gate(nn.LSTM(4, 4, batch_first=True), 20.0)
    c_0 = torch.full((1, 1, 4), 3.0)
    with torch.no_grad():
        for name in ("weight_hh_l0", "bias_hh_l0"):
            lstm.get_parameter(name).zero_()
        lstm.get_parameter("bias_ih_l0")[8:12] = 0.0  # nothing new comes in
        _, (_, c) = lstm(x, (torch.zeros(1, 1, 4), c_0))
        assert torch.allclose(c, c_0)
        gru = page.open_gate(nn.GRU(4, 4, batch_first=True), 20.0)
        h_0 = torch.rand(1, 1, 4)
        gru.get_parameter("weight_hh_l0").zero_()
        assert torch.allclose(gru(x, h_0)[1], h_0, atol=1e-4)


def test_the_tasks_ask_what_they_say():
    tokens, labels = page.order_batch(500, 5, torch.Generator().manual_seed(0))
    assert tokens.shape == (500, 6)
    assert torch.equal(tokens[:, 0] - page.VALUES, labels)
    assert (tokens[:, :2] >= page.VALUES).all() and (tokens[:, 2:] < page.VALUES).all()
    assert (tokens[:, 0] != tokens[:, 1]).all()
    tokens, labels = page.recall_batch(500, 5, torch.Generator().manual_seed(0))
    assert torch.equal(tokens[:, 0] - page.VALUES, labels)
    assert (tokens[:, 1:] < page.VALUES).all()


def test_left_only_sees_nothing_to_its_right():
    torch.manual_seed(0)
    for causal in (True, False):
        model = page.Attention(8, layers=2, causal=causal)
        x = torch.randn(1, 6, 8)
        changed = x.clone()
        changed[0, 5] += 1
        assert torch.allclose(model(x)[0, :5], model(changed)[0, :5], atol=1e-6) == causal
