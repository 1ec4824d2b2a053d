"""How many images an edge filter takes to learn, and what three convolutions cost.

    python snippets/0_Pytorch_basics/convolution_experiment.py

writes docs/assets/results/convolution.json. Half a minute of one core.
"""

import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F

from convolution import fit_convolution, fit_linear, held_out_error
from wode.book import results
from wode.data import digits_tensors
from wode.vision import conv2d_loops, conv2d_unfold


def cpu_seconds(function: Callable[[], object], repeats: int = 5) -> float:
    """The least CPU time of one call, over ``repeats`` measurements of at least 20 ms each."""
    best, calls = float("inf"), 1
    while repeats:
        start = time.process_time()
        for _ in range(calls):
            function()
        spent = time.process_time() - start
        if spent < 0.02:
            calls *= 2
            continue
        best, repeats = min(best, spent / calls), repeats - 1
    return best


def measure_cost(size: int, channels: int = 8, batch: int = 8) -> dict[str, float]:
    """CPU seconds of a 3 × 3 convolution that keeps size and channels, three ways."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(batch, channels, size, size, generator=generator)
    weight = torch.randn(channels, channels, 3, 3, generator=generator)
    ways = {"loops": conv2d_loops, "unfold": conv2d_unfold, "torch": F.conv2d}
    with torch.inference_mode():
        return {
            name: cpu_seconds(lambda way=way: way(images, weight, padding=1))
            for name, way in ways.items()
        }


def main() -> None:
    torch.set_num_threads(1)
    counts = [1, 2, 5, 10, 20, 30, 40, 50, 60, 80, 100, 150, 200, 300, 500, 1000, 1437]
    seeds, noise = range(10), 0.5
    errors: dict[str, list[list[float]]] = {}
    for name, fit in {"convolution": fit_convolution, "linear": fit_linear}.items():
        errors[name] = [[held_out_error(fit, n, seed, noise) for seed in seeds] for n in counts]
    medians = {name: [statistics.median(row) for row in rows] for name, rows in errors.items()}
    sizes = [4, 8, 16, 32, 64]
    cost = {str(size): measure_cost(size) for size in sizes}
    numbers = {
        "counts": counts,
        "noise": noise,
        "errors": errors,
        "one_image": medians["convolution"][0],
        "linear_catches_up": next(
            count
            for count, error in zip(counts, medians["linear"], strict=True)
            if error <= medians["convolution"][0]
        ),
        "linear_peak": max(medians["linear"]),
        "linear_peak_at": counts[medians["linear"].index(max(medians["linear"]))],
        "linear_all": medians["linear"][-1],
        "convolution_all": medians["convolution"][-1],
        "rank": int(torch.linalg.matrix_rank(digits_tensors(train=True)[0].flatten(1))),
        "sizes": sizes,
        "cost": cost,
        "loops_over_unfold": {s: c["loops"] / c["unfold"] for s, c in cost.items()},
        "unfold_over_torch": {s: c["unfold"] / c["torch"] for s, c in cost.items()},
        "loops_over_torch": {s: c["loops"] / c["torch"] for s, c in cost.items()},
    }
    path = results.write(
        "convolution",
        numbers,
        seed=list(seeds),
        command="python snippets/0_Pytorch_basics/convolution_experiment.py",
        note_zh="学会一个 3×3 边缘滤波器要几张图片（10 个种子）；"
        "三种卷积实现的 CPU 时间（单线程）。",
        note_en="Images needed to learn a 3 × 3 edge filter (10 seeds); CPU time of three "
        "implementations of convolution (one thread).",
    )
    print(path)
    for name in medians:
        print(name, [f"{value:.4f}" for value in medians[name]])
    for size in sizes:
        print(size, {name: f"{seconds * 1e6:.0f} us" for name, seconds in cost[str(size)].items()})


if __name__ == "__main__":
    main()
