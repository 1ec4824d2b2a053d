"""What the page `loss-landscape` includes: a small network and its training."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from wode.landscape import Weights, weights_of


def network(seed: int) -> nn.Sequential:
    """8×8 pixels → 32 hidden values → 10 classes: 2410 weights."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def fit(
    model: nn.Module, loss: Callable[[nn.Module], Tensor], under: float = 0.05
) -> list[Weights]:
    """Adam until the loss is at most ``under``; the weights after each step."""
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    path = [weights_of(model)]
    while (now := loss(model)) > under:
        optimizer.zero_grad()
        now.backward()
        optimizer.step()
        path.append(weights_of(model))
    return path
