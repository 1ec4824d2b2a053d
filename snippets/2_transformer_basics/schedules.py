"""What the chapter `schedules` includes: the rate over the steps."""

import math


def share(t: int, steps: int, warmup: int, shape: str) -> float:
    """The share of the highest rate at step t = 0, 1, …, steps - 1."""
    if t < warmup:
        return t / warmup
    left = (steps - t) / (steps - warmup)  # 1 … 0
    if shape == "cosine":
        return (1 - math.cos(math.pi * left)) / 2
    return left if shape == "linear" else 1.0
