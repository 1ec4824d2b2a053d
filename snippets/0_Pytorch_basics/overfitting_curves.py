"""Polynomials through ten points of a line, or of steps: how far off, and which are chosen."""

import statistics
from typing import Any

import numpy as np

from overfitting_networks import FOLDS


def polynomial(
    degree: int, noise: float, runs: int = 200, points: int = 10, steps: bool = False
) -> dict[str, float]:
    """Median train and fresh loss of a polynomial through noisy points of a line; or of steps, 5
    minutes for each kilometre begun."""

    def rule(x: np.ndarray) -> np.ndarray:
        return 8 + 5 * (np.ceil(x) if steps else x)

    trains, fresh = [], []
    for seed in range(runs):
        random = np.random.default_rng(seed)
        x = np.sort(3 * random.random(points))
        asked = np.linspace(x[0], x[-1], 500)
        y = rule(x) + noise * random.standard_normal(points)
        fit = np.polynomial.Polynomial.fit(x, y, degree)
        trains.append(float(((fit(x) - y) ** 2).mean()))
        fresh.append(float(((fit(asked) - rule(asked)) ** 2).mean()) + noise**2)
    return {"train": statistics.median(trains), "fresh": statistics.median(fresh)}


def chosen_degrees(runs: int = 200) -> dict[str, int]:
    """How often four folds choose which degree for ten noisy points of a line."""
    counts = {1: 0, 2: 0, 5: 0}
    for seed in range(runs):
        random = np.random.default_rng(seed)
        x = np.sort(3 * random.random(10))
        y = 8 + 5 * x + random.standard_normal(10)
        losses = dict.fromkeys(counts, 0.0)
        for degree in counts:
            for fold in range(FOLDS):
                out = np.arange(10) % FOLDS == fold
                fit = np.polynomial.Polynomial.fit(x[~out], y[~out], degree)
                losses[degree] += ((fit(x[out]) - y[out]) ** 2).mean()
        counts[min(losses, key=losses.__getitem__)] += 1
    return {f"degree_{degree}": count for degree, count in counts.items()}


def pictured() -> dict[str, Any]:
    """The page's ten points, with noise and without, and curves of degree 1 and 9 through them."""
    random = np.random.default_rng(0)
    km = np.sort(3 * random.random(10))
    noisy = 8 + 5 * km + random.standard_normal(10)
    asked = np.linspace(km[0], km[-1], 300)
    found: dict[str, Any] = {"km": km.round(3).tolist(), "asked": asked.round(3).tolist()}
    for name, minutes in (("noisy", noisy), ("exact", 8 + 5 * km)):
        found[name] = {"minutes": minutes.round(3).tolist()}
        for degree in (1, 9):
            fit = np.polynomial.Polynomial.fit(km, minutes, degree)
            found[name][f"degree_{degree}"] = fit(asked).round(3).tolist()
    return found
