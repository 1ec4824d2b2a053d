"""Reversible layers: what a layer read is computed from what it gave, not kept.

*The Reversible Residual Network* (Gomez et al., arXiv:1707.04585), as Reformer uses it
(arXiv:2001.04451, section 3). With two streams in place of one,

    y₁ = x₁ + f(x₂),  y₂ = x₂ + g(y₁)   can be turned round:   x₂ = y₂ - g(y₁),  x₁ = y₁ - f(x₂),

so that the memory of a training step does not grow with the number of layers. The price is that
each is computed once more.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import get_device_states, set_device_states

Chance = tuple[Tensor, list[int], list[Tensor]]  # of the CPU, of each other device
Pair = tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]  # f and g of a layer


def run(x1: Tensor, x2: Tensor, pairs: Sequence[Pair]) -> tuple[Tensor, Tensor]:
    """The layers one after the other, as torch keeps them."""
    for f, g in pairs:
        x1 = x1 + f(x2)
        x2 = x2 + g(x1)
    return x1, x2


def run_reversibly(
    x1: Tensor, x2: Tensor, pairs: Sequence[Pair], parameters: Sequence[nn.Parameter]
) -> tuple[Tensor, Tensor]:
    """`run`, with the same gradients and only the last outputs kept.

    ``parameters``: all that the pairs use and that learn. What else the functions use has no
    gradient; what they draw (dropout) is drawn alike the second time.
    """
    return Reversible.apply(pairs, x1, x2, *parameters)


def chance_at(x: Tensor) -> Chance:
    """The generators' states, the CPU's and that of the device where x is."""
    return torch.get_rng_state(), *get_device_states(x)


@contextmanager
def drawn_again(chance: Chance, kind: str) -> Iterator[None]:
    """What is drawn within is what was drawn then; afterwards chance goes on as it was."""
    on_cpu, devices, there = chance
    with torch.random.fork_rng(devices, device_type=kind):
        torch.set_rng_state(on_cpu)
        set_device_states(devices, there, device_type=kind)
        yield


class Reversible(torch.autograd.Function):
    """Only the last outputs are kept; going back, each layer's inputs are computed from them."""

    @staticmethod
    def forward(
        ctx: Any, pairs: Sequence[Pair], x1: Tensor, x2: Tensor, *parameters: Tensor
    ) -> tuple[Tensor, Tensor]:
        ctx.pairs, ctx.parameters, ctx.chances = pairs, parameters, []
        for f, g in pairs:
            chances = [chance_at(x2)]
            x1 = x1 + f(x2)
            chances.append(chance_at(x1))
            x2 = x2 + g(x1)
            ctx.chances.append(chances)
        ctx.save_for_backward(x1, x2)
        return x1, x2

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (y1, y2), (d1, d2) = ctx.saved_tensors, gradients
        learned = [torch.zeros_like(parameter) for parameter in ctx.parameters]

        def again(compute: Callable, x: Tensor, d: Tensor, chance: Chance) -> tuple[Tensor, Tensor]:
            """compute(x) with the chance of the first time; what ``d`` there means for x."""
            x = x.detach().requires_grad_()
            with drawn_again(chance, x.device.type), torch.enable_grad():
                y = compute(x)
            of_x, *more = torch.autograd.grad(y, [x, *ctx.parameters], d, allow_unused=True)
            for total, gradient in zip(learned, more, strict=True):
                if gradient is not None:
                    total += gradient
            return y.detach(), of_x

        for (f, g), chances in zip(reversed(ctx.pairs), reversed(ctx.chances), strict=True):
            y, d = again(g, y1, d2, chances[1])
            y2, d1 = y2 - y, d1 + d  # now x₂
            y, d = again(f, y2, d1, chances[0])
            y1, d2 = y1 - y, d2 + d  # now x₁
        return None, d1, d2, *learned
