"""What the chapter `tensors` includes on finite differences: how wrong they are."""

import mpmath
import torch
from torch import Tensor


def f(x: Tensor) -> Tensor:
    return torch.exp(torch.sin(x))


def forward_difference(x: Tensor, h: float) -> Tensor:
    return (f(x + h) - f(x)) / h


def central_difference(x: Tensor, h: float) -> Tensor:
    return (f(x + h) - f(x - h)) / (2 * h)


def autograd_derivative(x: Tensor) -> Tensor:
    x = x.detach().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x)[0]


def exact_derivative(x: Tensor) -> Tensor:
    """f' at the points ``x``, computed with 40 digits and rounded once, to float64."""
    with mpmath.workdps(40):
        values = [mpmath.cos(v) * mpmath.exp(mpmath.sin(v)) for v in x.tolist()]
        return torch.tensor([float(value) for value in values], dtype=torch.float64)


# One list of step sizes for all curves: 1, 10^-0.5, 10^-1, ... 10^-15.
STEP_SIZES = [10 ** (-k / 2) for k in range(31)]


def measure(dtype: torch.dtype, points: int, seed: int = 0) -> dict:
    """Median error of both schemes at every step size, the best of each; autograd's worst error."""
    x = torch.rand(points, generator=torch.Generator().manual_seed(seed), dtype=dtype) * 3
    exact = exact_derivative(x)
    result: dict = {
        "eps": torch.finfo(dtype).eps,
        "autograd_max": (autograd_derivative(x).double() - exact).abs().max().item(),
    }
    for name, scheme in {"forward": forward_difference, "central": central_difference}.items():
        errors = [(scheme(x, h).double() - exact).abs().median().item() for h in STEP_SIZES]
        best_error = min(errors)
        best_step = STEP_SIZES[errors.index(best_error)]
        result[name] = {"errors": errors, "best_step": best_step, "best_error": best_error}
    return result
