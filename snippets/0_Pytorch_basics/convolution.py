"""Experiments of the chapter `convolution`.

python snippets/0_Pytorch_basics/convolution.py writes docs/assets/results/convolution.json.
"""

import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from wode.data import digits_tensors
from wode.vision import conv2d_loops, conv2d_unfold

SOBEL = torch.tensor([[[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]]], dtype=torch.float64)


def fit_convolution(images: Tensor, targets: Tensor) -> Callable[[Tensor], Tensor]:
    """Least squares for one 3 × 3 kernel: each window of an image is an example."""
    windows = F.unfold(images, 3).transpose(1, 2).flatten(0, 1)  # (N · 36, 9)
    found = torch.linalg.lstsq(windows, targets.flatten()[:, None], driver="gelsd")
    return lambda inputs: F.conv2d(inputs, found.solution.reshape(1, 1, 3, 3))


def fit_linear(images: Tensor, targets: Tensor) -> Callable[[Tensor], Tensor]:
    """Least squares from all pixels to all outputs: an image is an example."""
    found = torch.linalg.lstsq(images.flatten(1), targets.flatten(1), driver="gelsd")
    shape = targets.shape[1:]
    return lambda inputs: (inputs.flatten(1) @ found.solution).unflatten(1, shape)


def held_out_error(
    fit: Callable[[Tensor, Tensor], Callable[[Tensor], Tensor]],
    count: int,
    seed: int,
    noise: float,
) -> float:
    """Squared error on test digits after ``count`` images; answering 0 gives 1."""
    generator = torch.Generator().manual_seed(seed)
    # float64: with few images the fit is nearly singular
    images = digits_tensors(train=True)[0].double()
    test = digits_tensors(train=False)[0].double()  # (360, 1, 8, 8)
    chosen = images[torch.randperm(len(images), generator=generator)[:count]]
    clean = F.conv2d(chosen, SOBEL)  # (count, 1, 6, 6)
    noisy = clean + noise * torch.randn(clean.shape, generator=generator).double()
    truth = F.conv2d(test, SOBEL)
    error = fit(chosen, noisy)(test) - truth
    return (error.square().mean() / truth.square().mean()).item()


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
    from wode.book import results

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
        command="python snippets/0_Pytorch_basics/convolution.py",
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
