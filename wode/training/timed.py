"""What a budget of CPU seconds buys: training timed without its evaluation, and runs compared.

Two recipes are compared fairly when each has had its own rate chosen (`tuned`), and when several
seeds show how far apart two runs of one recipe come out (`spread`).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

from torch import Tensor, nn
from torch.utils.data import DataLoader

from wode.training.evaluation import accuracy


class Twice(nn.Module):
    """A network that is asked about each picture and about its mirror image."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, C) of pictures (B, 3, H, W): the sum of both answers."""
        return self.network(x) + self.network(x.flip(3))


class Timed:
    """A log's row for `wode.training.train`: CPU seconds spent on training so far, and accuracies.

    Args:
        loaders: what accuracy is measured on, by name.
        twice: also with mirror images, as ``NAME_twice``.
    """

    def __init__(self, loaders: Mapping[str, DataLoader], twice: bool = False) -> None:
        self.loaders, self.twice = loaders, twice
        self.began = time.process_time()

    def __call__(self, model: nn.Module) -> dict[str, float]:
        stopped = time.process_time()
        row = {"cpu_seconds": stopped - self.began}
        for name, loader in self.loaders.items():
            row[name] = accuracy(model, loader)
            if self.twice:
                row[f"{name}_twice"] = accuracy(Twice(model), loader)
        self.began += time.process_time() - stopped  # what was spent here does not count
        return row


def tuned(rate: float, score: Callable[[float], float]) -> tuple[float, dict[float, float]]:
    """The rate of the highest score, and all scores tried, by rate.

    From ``rate`` on it is doubled, then halved, for as long as the score rises: both neighbours of
    the rate that is found score no higher.
    """
    scores, best = {rate: score(rate)}, rate
    for factor in (2, 0.5):
        while (new := best * factor) not in scores:
            scores[new] = score(new)
            if scores[new] > scores[best]:
                best = new
    return best, dict(sorted(scores.items()))


def spread(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, float]:
    """Mean, ``_low`` and ``_high`` of several runs' rows."""
    found = {"cpu_seconds": round(fmean(row["cpu_seconds"] for row in rows), 1)}
    for name in names:
        values = [row[name] for row in rows]
        found |= {name: round(fmean(values), 4)}
        found |= {f"{name}_low": round(min(values), 4), f"{name}_high": round(max(values), 4)}
    return found
