"""What the page `loss-landscape` includes: a small network, its training, the same one rescaled."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.landscape import Weights, weights_of


def network(seed: int) -> nn.Sequential:
    """8×8 pixels → 32 hidden values → 10 classes: 2410 weights."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))


def fit(model: nn.Module, images: Tensor, labels: Tensor, under: float = 0.05) -> list[Weights]:
    """Adam on all images at once until the loss is ``under``; the weights after each step."""
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    path = [weights_of(model)]
    for _ in range(3000):
        loss = F.cross_entropy(model(images), labels)
        if loss < under:
            break
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        path.append(weights_of(model))
    return path


def rescale(model: nn.Sequential, factors: Tensor) -> None:
    """Each hidden value times its factor (32,), and over it again on its way out."""
    first, bias, second = (model.get_parameter(name) for name in ("1.weight", "1.bias", "3.weight"))
    with torch.no_grad():
        first.mul_(factors[:, None])  # (32, 64)
        bias.mul_(factors)  # (32,)
        second.div_(factors)  # (10, 32)


def raw_direction(weights: Weights, generator: torch.Generator) -> Weights:
    """Random numbers as they come; biases stay, as in `random_direction`."""
    return {
        name: 0.1 * torch.randn(w.shape, generator=generator) if w.dim() > 1 else 0 * w
        for name, w in weights.items()
    }
