"""What the tests of several models do: random weights, padded batches, equality to a reference."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn


def randomise(module: Any, std: float = 0.3) -> Any:
    """Biases begin at zero and norms at one, where a mistake hides."""
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=std)
    return module


def masks(kind: str, B: int, T: int) -> Tensor:
    """int64 (B, T): which tokens are real, "none" meaning that none is missing."""
    if kind == "right":
        return (torch.arange(T) < torch.randint(1, T + 1, (B, 1))).long()
    if kind == "left":
        return (torch.arange(T) >= torch.randint(0, T, (B, 1))).long()
    mask = torch.ones(B, T, dtype=torch.long)
    if kind == "holes":
        mask = (torch.rand(B, T) < 0.7).long()
        mask[torch.arange(B), torch.randint(T, (B,))] = 1  # each row has one
    return mask


def assert_close(ours: Tensor, theirs: Tensor, tolerance: float = 1e-5, what: str = "") -> None:
    """Equal to ``tolerance``, counted from the largest number where that is above 1."""
    scale = theirs.abs().max().clamp(min=1)
    assert torch.allclose(ours / scale, theirs / scale, rtol=0, atol=tolerance), what


def gradient(tensor: Tensor) -> Tensor:
    assert tensor.grad is not None
    return tensor.grad


def gradients(module: nn.Module) -> dict[str, Tensor]:
    """Of the parameters that have one."""
    return {n: p.grad for n, p in module.named_parameters() if p.grad is not None}


def assert_same_gradients(
    ours: nn.Module, theirs: Mapping[str, Tensor], tolerance: float = 1e-5
) -> None:
    """Each parameter has its gradient of ``theirs``; none, or zeros, where that has none."""
    for name, parameter in ours.named_parameters():
        if name in theirs:
            assert_close(gradient(parameter), theirs[name], tolerance, name)
        else:
            assert parameter.grad is None or not parameter.grad.any(), name
