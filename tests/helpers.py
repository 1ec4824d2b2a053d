"""What the tests of several models do: random weights, padded batches, equality to a reference."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


@dataclass
class Compared:
    """How far a system was from its reference in a test's examples (``--equality``)."""

    configurations: int = 0
    outputs: float = 0.0
    gradients: float = 0.0


#: What the running test compares.
compared = Compared()


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
    difference = relative(ours, theirs)
    assert difference <= tolerance, f"{what}: {difference}"
    compared.outputs = max(compared.outputs, difference)


def relative(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference, counted from the largest number where that is above 1."""
    assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
    if not ours.numel():
        return 0.0
    scale = theirs.abs().max().clamp(min=1)
    return (ours.detach() / scale - theirs.detach() / scale).abs().max().item()


def gradient(tensor: Tensor) -> Tensor:
    assert tensor.grad is not None
    return tensor.grad


def gradients(module: nn.Module) -> dict[str, Tensor]:
    """Of the parameters that have one."""
    return {n: p.grad for n, p in module.named_parameters() if p.grad is not None}


def assert_same_gradients(
    ours: nn.Module, theirs: Mapping[str, Tensor], tolerance: float = 1e-5
) -> None:
    """Each parameter has its gradient of ``theirs``; none, or zeros, where that has none.

    Called once for each configuration that a test compares.
    """
    compared.configurations += 1
    for name, parameter in ours.named_parameters():
        if name in theirs:
            difference = relative(gradient(parameter), theirs[name])
            assert difference <= tolerance, f"{name}: {difference}"
            compared.gradients = max(compared.gradients, difference)
        else:
            assert parameter.grad is None or not parameter.grad.any(), name


class Drops(TorchFunctionMode):
    """Counts what is dropped: (rate, how many numbers) of each call, attention's weights too."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[tuple[float, int]] = Counter()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func is F.dropout and kwargs.get("training", True) and kwargs.get("p", 0.5):
            self.seen[kwargs.get("p", 0.5), args[0].numel()] += 1
        if func is F.scaled_dot_product_attention:
            rate = kwargs.get("dropout_p", args[4] if len(args) > 4 else 0.0)
            if rate:
                self.seen[rate, args[0].shape[:-1].numel() * args[1].shape[-2]] += 1
        return func(*args, **kwargs)


def dropped(model: nn.Module, *args: Any, **kwargs: Any) -> Counter[tuple[float, int]]:
    with Drops() as drops:
        model.train()(*args, **kwargs)
    return drops.seen
