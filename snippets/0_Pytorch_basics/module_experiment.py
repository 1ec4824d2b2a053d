"""What two untrained layers make of a digit, and where the ReLU bends what they compute.

    python snippets/0_Pytorch_basics/module_experiment.py

writes docs/assets/results/module.json. Half a minute of one core.
"""

import statistics
import time
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from two_layers import TwoLayers
from wode.book import results
from wode.data import digits_tensors

SEEDS, PAIRS = 100, 10
#: Of the trained networks, each at each rate.
TRAINED, RATES, EPOCHS = 5, [0.03, 0.1, 0.3, 1.0], 40
#: How far along the way from one digit to another the second point lies.
DISTANCES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]


def one_digit() -> dict[str, list]:
    """The first digit on its way through the network of the page: values at each stop."""
    image = digits_tensors(train=True)[0][0]
    torch.manual_seed(0)
    model = TwoLayers()
    with torch.no_grad():
        hidden = model.hidden(image.flatten())
        scores = model(image[None])[0]
    return {"image": image[0].tolist(), "hidden": hidden.tolist(), "scores": scores.tolist()}


def untrained() -> dict[str, float]:
    """Test accuracy before any training, over the seeds."""
    images, labels = digits_tensors(train=False)
    found = []
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        with torch.no_grad():
            found.append((TwoLayers()(images).argmax(dim=1) == labels).double().mean().item())
    return {"mean": sum(found) / SEEDS, "least": min(found), "most": max(found)}


def bent(network: nn.Module, a: Tensor, b: Tensor) -> Tensor:
    """(N,) bool: whether the value half-way from a to b is not half-way between their values."""
    middle = network((a + b) / 2)
    return ((middle - (network(a) + network(b)) / 2).abs() > 1e-10).any(dim=1)


def bends() -> dict[str, Any]:
    """Share of pairs of points between which a random network bends, by their distance.

    ``agrees``: how many pairs bend exactly if a hidden unit is off at one point and on at another.
    """
    images = digits_tensors(train=True)[0].double()
    share: dict[str, dict[str, float]] = {"relu": {}, "none": {}}
    switched, agree, pairs = {}, 0, 0
    for distance in DISTANCES:
        counts = {"relu": 0, "none": 0, "switched": 0}
        for seed in range(SEEDS):
            torch.manual_seed(seed)
            model = TwoLayers().double()
            straight = nn.Sequential(nn.Flatten(), model.hidden, model.output)
            a, other = images[torch.randperm(len(images))[: 2 * PAIRS]].split(PAIRS)
            b = a + distance * (other - a)
            with torch.no_grad():
                curve, line = bent(model, a, b), bent(straight, a, b)
                on = [model.hidden(x.flatten(1)) > 0 for x in (a, (a + b) / 2, b)]
            switch = ((on[0] != on[1]) | (on[1] != on[2])).any(dim=1)
            counts["relu"] += int(curve.sum())
            counts["none"] += int(line.sum())
            counts["switched"] += int(switch.sum())
            agree += int((curve == switch).sum())
            pairs += PAIRS
        key = f"{distance:g}".replace(".", "_")
        for name in share:
            share[name][key] = counts[name] / (SEEDS * PAIRS)
        switched[key] = counts["switched"] / (SEEDS * PAIRS)
    return {"share": share, "switched": switched, "agree": agree / pairs, "pairs": pairs}


def dropped() -> dict[str, list]:
    """One digit after dropout with p = 0.5: three draws in training, once in evaluation."""
    image = digits_tensors(train=True)[0][0, 0]
    torch.manual_seed(0)
    dropout = nn.Dropout(p=0.5)
    draws = [dropout(image).tolist() for _ in range(2)]
    return {"train": draws, "eval": [dropout.eval()(image).tolist() for _ in range(2)]}


def network(name: str) -> nn.Module:
    model = TwoLayers()
    if name == "none":
        return nn.Sequential(nn.Flatten(), model.hidden, model.output)
    return model if name == "relu" else nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


def trained() -> dict[str, Any]:
    """Medians of the test accuracy with the ReLU, without, and of one linear layer, by rate."""
    images, labels = digits_tensors(train=True)
    test_images, test_labels = digits_tensors(train=False)
    found: dict[str, Any] = {
        "seeds": TRAINED,
        "epochs": EPOCHS,
        "rates": RATES,
        "best": {},
        "at_0_1": {},
    }
    for name in ("relu", "none", "one"):
        found[name] = {}
        for rate in RATES:
            runs = []
            for seed in range(TRAINED):
                torch.manual_seed(seed)
                model = network(name)
                optimizer = torch.optim.SGD(model.parameters(), lr=rate)
                for _ in range(EPOCHS):
                    for index in torch.randperm(len(labels)).split(64):
                        optimizer.zero_grad()
                        F.cross_entropy(model(images[index]), labels[index]).backward()
                        optimizer.step()
                with torch.no_grad():
                    right = model(test_images).argmax(dim=1) == test_labels
                runs.append(right.double().mean().item())
            found[name][f"{rate:g}".replace(".", "_")] = runs
        found["at_0_1"][name] = statistics.median(found[name]["0_1"])
        best = max(found[name].values(), key=statistics.median)
        found["best"][name] = {
            "median": statistics.median(best), "least": min(best), "most": max(best)
        }  # fmt: skip
    return found


def main() -> None:
    torch.set_num_threads(1)
    numbers = {
        "digit": one_digit(),
        "untrained": untrained(),
        "bends": bends(),
        "trained": trained(),
        "dropout": dropped(),
        "distances": DISTANCES,
        "shapes": {n: list(p.shape) for n, p in TwoLayers().named_parameters()},
        "seeds": SEEDS,
    }
    path = results.write(
        "module",
        {**numbers, "cpu_seconds": round(time.process_time())},
        seed=list(range(SEEDS)),
        command="python snippets/0_Pytorch_basics/module_experiment.py",
        note_zh="没训练的两层网络：一张图片在各层的值，100 个种子的准确率，"
        "有无 ReLU 时两点之间弯折的比例；训练之后有无 ReLU 的测试准确率。",
        note_en="Two untrained layers: one digit's values on the way, accuracy over 100 seeds, how "
        "often they bend between two points with and without the ReLU; test accuracy of both when "
        "trained.",
    )
    print(path, numbers["bends"], numbers["trained"])


if __name__ == "__main__":
    main()
