"""What the page `loss-landscape` includes: a small network."""

import torch
from torch import nn


def network(seed: int) -> nn.Sequential:
    """8×8 pixels → 32 hidden values → 10 classes: 2410 weights."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
