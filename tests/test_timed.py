"""CPU seconds without evaluation, rates chosen by doubling and halving, several seeds."""

import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from wode.training.timed import Timed, Twice, spread, tuned


def test_both_neighbours_of_the_rate_that_is_found_score_no_higher() -> None:
    best, scores = tuned(0.1, lambda rate: -abs(rate - 0.7))
    assert best == 0.8 and list(scores) == [0.1, 0.2, 0.4, 0.8, 1.6]
    best, scores = tuned(0.1, lambda rate: -abs(rate - 0.03))
    assert best == 0.025 and list(scores) == [0.0125, 0.025, 0.05, 0.1, 0.2]
    best, scores = tuned(0.1, lambda rate: 1.0)
    assert best == 0.1 and list(scores) == [0.05, 0.1, 0.2]


def test_a_spread_is_mean_lowest_and_highest() -> None:
    rows = [{"cpu_seconds": 1.0, "test": value} for value in (0.1, 0.4, 0.1)]
    assert spread(rows, ["test"]) == {
        "cpu_seconds": 1.0,
        "test": 0.2,
        "test_low": 0.1,
        "test_high": 0.4,
    }


def test_evaluation_is_not_counted() -> None:
    class Slow(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            began = time.process_time()
            while time.process_time() - began < 0.2:
                pass
            return x

    loader = DataLoader(TensorDataset(torch.randn(4, 3), torch.zeros(4, dtype=torch.long)), 4)
    timed = Timed({"validation": loader})
    timed(Slow())
    assert timed(Slow())["cpu_seconds"] < 0.2


def test_twice_is_the_same_for_a_picture_and_its_mirror_image() -> None:
    torch.manual_seed(0)
    network = Twice(nn.Sequential(nn.Flatten(), nn.Linear(48, 5)))
    pictures = torch.randn(2, 3, 4, 4)
    assert torch.allclose(network(pictures), network(pictures.flip(3)), atol=1e-6)
    alone = network.network(pictures) + network.network(pictures.flip(3))
    assert torch.equal(network(pictures), alone)


def test_twice_is_another_row() -> None:
    """The network looks at the left edge alone; the pictures show their class on the right."""
    inputs = torch.zeros(2, 1, 1, 2)
    inputs[0, 0, 0, 1], inputs[1, 0, 0, 1] = -1, 1
    loader = DataLoader(TensorDataset(inputs, torch.tensor([0, 1])), 2)
    network = nn.Sequential(nn.Flatten(), nn.Linear(2, 2, bias=False))
    network[1].weight.data = torch.tensor([[-1.0, 0.0], [1.0, 0.0]])
    row = Timed({"test": loader}, twice=True)(network)
    assert (row["test"], row["test_twice"]) == (0.5, 1.0)
