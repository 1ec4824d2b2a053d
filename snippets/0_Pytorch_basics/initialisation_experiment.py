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
ALL, SOME, FEW = [3e-4, 1e-3, 3e-3, 1e-2, 3e-2], [1e-3, 3e-3, 1e-2], [1e-3, 1e-2]
#: Five networks at a rate cost ten seconds of a core: not each start is tried at each rate.
RATES = {
    "plain": {"small": ALL, "default": ALL, "xavier": ALL, "he": ALL},
    "batch_norm": {"small": ALL, "default": ALL, "xavier": ALL[:4], "he": SOME},
    "residual": {"small": FEW, "default": SOME, "xavier": FEW, "he": ALL},
}
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
            names = [f"layers.{i}.weight" for i in range(20)] + ["output.weight"]
            for name, weight in zip(names, many.weights, strict=True):
                one, stacked = network.get_parameter(name).grad, weight.grad
                assert one is not None and stacked is not None
                worst = max(worst, float((one - stacked[index]).norm() / one.norm()))
    return worst


def signal(name: str, kind: str, seed: int) -> dict[str, list[float]]:
    torch.manual_seed(seed)
    model = Deep("default" if name == "no_bias" else name, kind)
    if name == "no_bias":
        for depth in range(20):
            nn.init.zeros_(model.get_parameter(f"layers.{depth}.bias"))
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
                key: [
                    statistics.geometric_mean(at)
                    for at in zip(*(r[key] for r in runs), strict=True)
                ]
                for key in ("size", "difference")
            }

    few = EPOCHS[: EPOCHS.index(10) + 1]
    depths = {
        name: {
            str(depth): {
                f"{rate:g}".replace(".", "_"): kept(
                    "depth", accuracies, name, "plain", "AdamW", rate, SEEDS, few, depth
                )["10"]
                for rate in ALL[:4]
            }
            for depth in (1, 2, 5, 10)
        }
        for name in ("default", "he")
    }
    few_at, all_at = ("AdamW", 1e-3, SEEDS, few), ("AdamW", 1e-3, SEEDS, EPOCHS)
    root = 6**0.5  # He's weights are so many times those of nn.Linear
    controls = {
        key: {epoch: statistics.median(values) for epoch, values in found.items()}
        for key, found in {
            # with batch normalization: each start, its weights at the other's rate relative to them
            "he_faster": kept("c", accuracies, "he", "batch_norm", *few_at, 20, root),
            "default_slower": kept("c", accuracies, "default", "batch_norm", *few_at, 20, 1 / root),
            # with residual connections: each layer adds a tenth; or only the scores are small
            "he_tenth": kept("c", accuracies, "he", "residual", *all_at, 20, 1.0, 0.1),
            "he_scores": kept("c", accuracies, "he", "residual", *all_at, 20, 1.0, 1.0, 5e-5),
        }.items()
    }
    accuracy = {
        kind: {
            name: {
                f"{rate:g}".replace(".", "_"): kept(
                    "trained", accuracies, name, kind, "AdamW", rate, SEEDS, EPOCHS
                )
                for rate in RATES[kind][name]
            }
            for name in NAMES
        }
        for kind in KINDS
    }
    median = {
        kind: {
            name: {
                rate: {epoch: statistics.median(values) for epoch, values in found.items()}
                for rate, found in by_rate.items()
            }
            for name, by_rate in by_name.items()
        }
        for kind, by_name in accuracy.items()
    }
    by_depth = {
        name: {
            depth: {rate: statistics.median(values) for rate, values in by_rate.items()}
            for depth, by_rate in found.items()
        }
        | {"20": {rate: values["10"] for rate, values in median["plain"][name].items()}}
        for name, found in depths.items()
    }
    for by_rate in (rates for found in by_depth.values() for rates in found.values()):
        by_rate["best"] = max(by_rate.values())
    path = results.write(
        "initialisation",
        {
            "depth": 20,
            "seeds": SEEDS,
            "epochs": EPOCHS,
            "signal": signals,
            "accuracy": accuracy,
            "median": median,
            "depths": by_depth,
            "controls": controls,
            "same_as_alone": difference,
            "cpu_minutes": kept.minutes,
        },
        seed=list(range(SEEDS)),
        command="python snippets/0_Pytorch_basics/initialisation_experiment.py",
        note_zh="20 层、宽 64 的网络：四种初始化下每层的信号，与各学习率、各轮数的测试准确率；"
        "不加、加批量归一化、加残差连接，5 个种子。",
        note_en="Networks of 20 layers, width 64: the signal by layer under four initialisations, "
        "and test accuracy by learning rate and epochs; plain, with batch normalization, with "
        "residual connections, 5 seeds.",
    )
    kept.finish()
    print(path)


if __name__ == "__main__":
    main()
