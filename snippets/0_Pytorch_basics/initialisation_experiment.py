"""What the first weights do to a network of 20 layers: to its signal and to what it learns.

    python snippets/0_Pytorch_basics/initialisation_experiment.py

writes docs/assets/results/initialisation.json. A quarter of an hour of one core; a run that was
stopped goes on.
"""

import statistics

import torch
import torch.nn.functional as F
from torch import nn

from initialisation import Deep
from initialisation_many import Many, accuracies, signal_by_depth, standardised
from wode.book import ROOT, results
from wode.book.kept import Kept

NAMES = ["small", "default", "xavier", "he"]
KINDS = ["plain", "batch_norm", "residual"]
RATES = {"AdamW": [3e-4, 1e-3, 3e-3, 1e-2, 3e-2], "SGD": [0.01, 0.03, 0.1, 0.3, 1.0]}
EPOCHS = [1, 3, 5, 10, 20, 30, 40, 50, 60]
SEEDS = 5


def same_as_alone() -> float:
    """The largest difference of a gradient in a stack of networks from that of one, float64."""
    images, labels = (tensor[:64] for tensor in standardised(train=True))
    images, worst = images.double(), 0.0
    for kind in KINDS:
        torch.manual_seed(0)
        networks = [Deep("he", kind).double() for _ in range(3)]
        many = Many(networks).double()
        scores = many(images.expand(3, -1, -1, -1, -1))
        (F.cross_entropy(scores.flatten(0, 1), labels.repeat(3)) * 3).backward()
        for index, network in enumerate(networks):
            F.cross_entropy(network(images), labels).backward()
            for layer, weight in zip([*network.layers, network.output], many.weights, strict=True):
                one, stacked = layer.weight.grad, weight.grad[index]
                worst = max(worst, ((one - stacked).norm() / one.norm()).item())
    return worst


def signal(name: str, kind: str, seed: int) -> dict[str, list[float]]:
    torch.manual_seed(seed)
    model = Deep("default" if name == "no_bias" else name, kind)
    if name == "no_bias":
        for layer in model.layers:
            nn.init.zeros_(layer.bias)
    return signal_by_depth(model, standardised(train=True)[0])


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "initialisation.jsonl")
    difference = kept("same alone in float64", same_as_alone)
    assert difference < 1e-10, difference

    signals: dict[str, dict] = {}
    for kind in KINDS:
        signals[kind] = {}
        for name in [*NAMES, "no_bias"]:
            runs = [kept("signal", signal, name, kind, seed) for seed in range(SEEDS)]
            signals[kind][name] = {
                key: [statistics.geometric_mean(at) for at in zip(*(r[key] for r in runs), strict=True)]
                for key in ("size", "difference")
            }

    accuracy: dict[str, dict] = {}
    for optimizer, kinds in {"AdamW": KINDS, "SGD": ["plain"]}.items():
        accuracy[optimizer] = {}
        for kind in kinds:
            accuracy[optimizer][kind] = {}
            for name in NAMES:
                accuracy[optimizer][kind][name] = {
                    f"{rate:g}".replace(".", "_"): kept(
                        "trained", accuracies, name, kind, optimizer, rate, SEEDS, EPOCHS
                    )
                    for rate in RATES[optimizer]
                }
    depths = {
        name: {
            str(depth): kept(
                "depth", accuracies, name, "plain", "AdamW", 1e-3, SEEDS, EPOCHS, depth
            )
            for depth in (1, 2, 5, 10)
        }
        for name in ("default", "he")
    }
    print(results.FOLDER, kept.minutes, signals.keys(), accuracy.keys(), depths.keys())


if __name__ == "__main__":
    main()
