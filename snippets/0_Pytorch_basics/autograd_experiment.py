"""How small should a nudge be, and what does nudging every weight cost?

    python snippets/0_Pytorch_basics/autograd_experiment.py

writes docs/assets/results/autograd.json, which the page and its figures read. One minute.
"""

import decimal
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import torch
from torch import Tensor

from autograd import nudge
from wode.book import results

STEPS = [10 ** (-k / 2) for k in range(31)]  # 1, 10^-0.5, ..., 10^-15
SIDES = ("one", "two")


def points(count: int, dtype: torch.dtype) -> Tensor:
    return torch.rand(count, generator=torch.Generator().manual_seed(0), dtype=dtype) * 2


def exact_tanh(x: Decimal) -> Decimal:
    """tanh of a Decimal, with as many digits as the context has."""
    grown = (2 * x).exp()
    return (grown - 1) / (grown + 1)


def exact_slopes(x: Tensor) -> list[Decimal]:
    """The slope of tanh at the points x, with 50 digits."""
    return [1 - exact_tanh(Decimal(value)) ** 2 for value in x.tolist()]


def medians(dtype: torch.dtype, count: int) -> dict[str, Any]:
    """Median errors of both nudges at every step, and those of backward: median and worst."""
    x = points(count, dtype)
    exact = exact_slopes(x)

    def errors(slopes: Tensor) -> list[float]:
        pairs = zip(slopes.tolist(), exact, strict=True)
        return [abs(float(Decimal(slope) - true)) for slope, true in pairs]

    w = x.clone().requires_grad_()
    torch.tanh(w).sum().backward()
    assert w.grad is not None
    backward = errors(w.grad)
    found: dict[str, Any] = {"eps": torch.finfo(dtype).eps, "backward": statistics.median(backward)}
    found["backward_worst"] = max(backward)
    rows = [[statistics.median(errors(s)) for s in nudge(torch.tanh, x, h)] for h in STEPS]
    return found | summary(rows)


def medians_with_digits(count: int) -> dict[str, Any]:
    """The same points and steps, computed with 50 decimal digits."""
    x = [Decimal(value) for value in points(count, torch.float64).tolist()]
    exact = [1 - exact_tanh(value) ** 2 for value in x]
    rows = []
    for h in STEPS:
        slopes = [nudge(exact_tanh, value, Decimal(h)) for value in x]
        errors = [
            [abs(float(slope - true)) for slope, true in zip(side, exact, strict=True)]
            for side in zip(*slopes, strict=True)
        ]
        rows.append([statistics.median(error) for error in errors])
    return summary(rows)


def summary(rows: list[list[float]]) -> dict[str, Any]:
    found = {}
    for side, errors in zip(SIDES, zip(*rows, strict=True), strict=True):
        best = min(errors)
        found[side] = {"errors": errors, "best": best, "best_step": STEPS[errors.index(best)]}
    return found


def seconds(action: Callable[[], object], times: int) -> float:
    """CPU seconds of one call, the least of five measurements."""
    measured = []
    for _ in range(5):
        start = time.process_time()
        for _ in range(times):
            action()
        measured.append((time.process_time() - start) / times)
    return min(measured)


def costs(count: int) -> dict[str, float]:
    """What a slope for each of ``count`` weights costs, in losses: by nudging, by backward."""
    generator = torch.Generator().manual_seed(0)
    x, y = torch.randn(200, count, generator=generator), torch.randn(200, generator=generator)
    w = torch.zeros(count)

    def loss(w: Tensor) -> Tensor:
        return ((x @ w - y) ** 2).mean()

    def nudge_all() -> Tensor:
        base, slopes = loss(w), torch.empty(count)
        for k in range(count):
            moved = w.clone()
            moved[k] += 0.01
            slopes[k] = (loss(moved) - base) / 0.01
        return slopes

    def backward() -> Tensor:
        leaf = w.clone().requires_grad_()
        loss(leaf).backward()
        assert leaf.grad is not None
        return leaf.grad

    agree = (nudge_all() - backward()).abs().max().item()
    one = seconds(lambda: loss(w), 1000)
    by_nudging, by_backward = seconds(nudge_all, max(1, 100 // count)), seconds(backward, 300)
    return {
        "nudging": round(by_nudging / one, 1),
        "backward": round(by_backward / one, 1),
        "largest_difference": agree,
    }


def deliveries() -> tuple[Tensor, Tensor]:
    """The two hundred deliveries of the page: km and minutes."""
    torch.manual_seed(0)
    km = 3 * torch.rand(200, 1)
    return km, 8 + 5 * km + torch.randn(200, 1)


def descend(loss: Callable[..., Tensor], clear: bool, lr: float, steps: int) -> list[list[float]]:
    """Gradient descent by hand from w = b = 0; all (w, b) on the way."""
    weights = torch.zeros(2, requires_grad=True)  # w and b
    way = [weights.tolist()]
    for _ in range(steps):
        if clear:
            weights.grad = None
        loss(*weights).backward()
        assert weights.grad is not None
        with torch.no_grad():
            weights -= lr * weights.grad
        way.append(weights.tolist())
    return way


def line() -> dict[str, Any]:
    """The bowl of the line's loss, and descents on it, cleared and not."""
    km, minutes = deliveries()

    def loss(w: Any, b: Any) -> Tensor:
        return ((w * km + b - minutes) ** 2).mean()

    means = {
        name: round(value.mean().item(), 5)
        for name, value in {
            "x": km,
            "xx": km**2,
            "y": minutes,
            "xy": km * minutes,
            "yy": minutes**2,
        }.items()
    }
    found: dict[str, Any] = {"means": means, "rates": [0.1, 0.03, 0.01, 0.003, 0.001]}
    for kind, clear in {"cleared": True, "kept": False}.items():
        for rate in found["rates"]:
            way = descend(loss, clear, rate, 1000)
            losses = [loss(*place).item() for place in way]
            found.setdefault(kind, {})[str(rate)] = {
                "way": [[round(value, 4) for value in place] for place in way[:101]],
                "losses": [round(value, 4) for value in losses[:101]],
                "last": losses[-1],
                "least_of_last_100": min(losses[-100:]),
                "greatest_of_last_100": max(losses[-100:]),
            }
    kept = found["kept"].values()
    found["kept_lows"] = max(run["least_of_last_100"] for run in kept)
    found["kept_highs"] = min(run["greatest_of_last_100"] for run in kept)
    found["cleared_last"] = found["cleared"]["0.1"]["last"]
    ones = torch.ones_like(km)
    w, b = torch.linalg.lstsq(torch.cat([km, ones], dim=1), minutes).solution.flatten().tolist()
    return found | {"w": w, "b": b, "least": loss(w, b).item()}


def main() -> None:
    torch.set_num_threads(1)
    decimal.getcontext().prec = 50
    counts = [1, 10, 100, 1000]
    numbers: dict[str, Any] = {
        "line": line(),
        "points": 2000,
        "steps": STEPS,
        "float32": medians(torch.float32, 2000),
        "float64": medians(torch.float64, 2000),
        "digits50": medians_with_digits(300),
        "counts": counts,
        "costs": {str(count): costs(count) for count in counts},
    }
    path = results.write(
        "autograd",
        numbers=numbers,
        seed=0,
        command="python snippets/0_Pytorch_basics/autograd_experiment.py",
        note_zh="tanh 的斜率：挪一点量出来的误差，backward 的误差；挪遍每个权重的代价。",
        note_en="The slope of tanh: errors of nudging and of backward; the cost of nudging all.",
    )
    print(path)
    for name in ("float32", "float64", "digits50"):
        got = numbers[name]
        print(name, *(f"{s} {got[s]['best']:.1e} at {got[s]['best_step']:.1e}" for s in SIDES))
        print(got.get("backward"), got.get("backward_worst"))
    print(numbers["costs"])
    for kind in ("cleared", "kept"):
        for rate, got in numbers["line"][kind].items():
            print(kind, rate, *(f"{got[key]:.2f}" for key in list(got)[2:]))


if __name__ == "__main__":
    main()
