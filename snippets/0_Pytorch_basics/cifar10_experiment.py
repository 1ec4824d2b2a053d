"""What scaling, normalizing and augmenting buy on digits and photographs: results/cifar10.json.

    WODE_DATA=... python snippets/0_Pytorch_basics/cifar10_experiment.py

Ten minutes of one core; a run that was stopped goes on. The photographs, CIFAR-10 as JPEG files,
come from $WODE_DATA; the statistics of their channels and one grid of them are kept as well.
"""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import fmean
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from two_layers import TwoLayers
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.data import digits_tensors
from wode.data.images import archive_tensors
from wode.files.download import cache_root, data_root

SEEDS, SIZES, STEPS = 10, [5, 20, 80], [500, 4000]
RATES, RATE_SEEDS = [1e-4, 1e-3, 2e-3, 1e-2, 0.1, 0.3, 1.0], 5
LONG_RATES = {"raw": [1e-3, 2e-3, 4e-3], "scaled": [0.1, 0.3, 1.0], "normal": [0.1, 0.3, 1.0]}
WIDE_STEPS, WIDE_SEEDS = [4000, 16000], 3
PHOTOS, PHOTO_STEPS, PHOTO_SEEDS = [500, 4000], [1000, 4000], 3


def moved(images: Tensor, padding: int = 1) -> Tensor:
    """All that RandomCrop(size, padding) can make of the images: (9, N, C, H, W)."""
    height, width = images.shape[-2:]
    padded = F.pad(images, (padding,) * 4)
    corners = [(top, left) for top in range(2 * padding + 1) for left in range(2 * padding + 1)]
    return torch.stack(
        [padded[..., top : top + height, left : left + width] for top, left in corners]
    )


VERSIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "none": lambda images: images[None],
    "crop": moved,
    "flip": lambda images: torch.stack([images, images.flip(-1)]),
    "updown": lambda images: torch.stack([images, images.flip(-2)]),
}


def after_epochs(kind: str, lr: float, seed: int, epochs: int) -> float:
    """Test accuracy on the digits with pixels from 0 to 255, from 0 to 1, or normalized."""
    images, labels = digits_tensors(train=True)
    test_images, test_labels = digits_tensors(train=False)
    mean, std = images.mean(), images.std(correction=0)
    change = {"raw": (0, 1 / 255), "scaled": (0, 1), "normal": (mean, std)}[kind]
    inputs, test_inputs = ((part - change[0]) / change[1] for part in (images, test_images))
    torch.manual_seed(seed)
    model = TwoLayers()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for rows in torch.randperm(len(labels)).split(32):
            loss = F.cross_entropy(model(inputs[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return share_right(model, test_inputs, test_labels)


class Photographs(NamedTuple):
    """CIFAR-10: pixels float32 (N, 3, 32, 32), normalized by ``mean`` and ``std``, each (3,)."""

    images: Tensor
    labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    mean: Tensor
    std: Tensor
    classes: list[str]


def few(labels: Tensor, per_class: int, seed: int) -> Tensor:
    """Rows of ``per_class`` images of each class."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    return torch.cat([order[labels[order] == label][:per_class] for label in range(10)])


def trained(model: nn.Module, versions: Tensor, labels: Tensor, steps: int, lr: float) -> nn.Module:
    """Each image is drawn in one of its versions, anew every time."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(steps):
        rows = torch.randint(len(labels), (32,))
        version = torch.randint(len(versions), (32,))
        loss = F.cross_entropy(model(versions[version, rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


@torch.no_grad()
def share_right(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    return (model(images).argmax(dim=1) == labels).float().mean().item()


def on_digits(
    augment: str, per_class: int, steps: int, seed: int, hidden: int = 32
) -> dict[str, float]:
    images, labels = digits_tensors(train=True)
    rows = few(labels, per_class, seed)
    torch.manual_seed(seed)
    layers = nn.Flatten(), nn.Linear(64, hidden), nn.ReLU(), nn.Linear(hidden, 10)  # TwoLayers
    model = trained(
        nn.Sequential(*layers), VERSIONS[augment](images[rows]), labels[rows], steps, 0.1
    )
    test_images, test_labels = digits_tensors(train=False)
    by_one = moved(test_images)[[1, 3, 5, 7]]  # up, left, right, down
    return {
        "train": share_right(model, images[rows], labels[rows]),
        "test": share_right(model, test_images, test_labels),
        "moved": fmean(share_right(model, part, test_labels) for part in by_one),
        "mirrored": share_right(model, test_images.flip(-1), test_labels),
    }


def photographs() -> Photographs:
    """CIFAR-10's pixels in [0, 1], less the training set's mean, over its deviation."""
    archive = data_root() / "cifar10" / "cifar10-jpeg.tar.gz"
    splits = [archive_tensors(archive, split, cache=cache_root()) for split in ("train", "test")]
    images = [split.images.float() / 255 for split in splits]
    std, mean = torch.std_mean(images[0], dim=(0, 2, 3), correction=0)
    normal = [(part - mean[:, None, None]) / std[:, None, None] for part in images]
    labels = splits[0].labels, splits[1].labels
    return Photographs(normal[0], labels[0], normal[1], labels[1], mean, std, splits[0].classes)


def on_photographs(
    data: Photographs, augment: str, count: int, steps: int, seed: int
) -> dict[str, float]:
    rows = few(data.labels, count // 10, seed)
    images, labels = data.images[rows], data.labels[rows]
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 64), nn.ReLU(), nn.Linear(64, 10))
    trained(model, VERSIONS[augment](images), labels, steps, 0.03)
    return {
        "train": share_right(model, images, labels),
        "test": share_right(model, data.test_images, data.test_labels),
        "mirrored": share_right(model, data.test_images.flip(-1), data.test_labels),
    }


def summary(runs: Sequence[dict[str, float]]) -> dict[str, float]:
    found = {key: round(fmean(run[key] for run in runs), 4) for key in runs[0]}
    for key in runs[0]:
        values = [run[key] for run in runs]
        found |= {f"{key}_low": round(min(values), 4), f"{key}_high": round(max(values), 4)}
    return found


def inputs(kept: Kept) -> dict[str, Any]:
    """Three kinds of pixels at several rates after 5 epochs; near the best of them after 20."""
    found: dict[str, Any] = {"rates": RATES, "seeds": RATE_SEEDS, "epochs": 5}
    for kind, long_rates in LONG_RATES.items():
        found[kind] = {}
        for name, epochs, rates in (("", 5, RATES), ("long_", 20, long_rates)):
            runs = [
                [kept("inputs", after_epochs, kind, lr, seed, epochs) for seed in range(RATE_SEEDS)]
                for lr in rates
            ]
            means = [round(fmean(run), 4) for run in runs]
            found[kind] |= {
                f"{name}mean": means,
                f"{name}low": [round(min(run), 4) for run in runs],
                f"{name}high": [round(max(run), 4) for run in runs],
                f"{name}best": max(means),
                f"{name}best_rate": rates[means.index(max(means))],
            }
        found[kind]["usual"] = found[kind]["mean"][RATES.index(0.1)]
    return found


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "cifar10.jsonl")
    numbers: dict[str, Any] = {"seeds": SEEDS, "sizes": SIZES, "steps": STEPS}
    for augment in ("none", "crop", "flip"):
        for size in SIZES:
            for steps in STEPS:
                runs = [kept("digits", on_digits, augment, size, steps, s) for s in range(SEEDS)]
                name = f"per_class_{size}.steps_{steps}".split(".")
                numbers.setdefault(augment, {}).setdefault(name[0], {})[name[1]] = summary(runs)
    for augment in ("none", "crop"):  # is it the small network or the small budget?
        for steps in WIDE_STEPS:
            runs = [kept("wide", on_digits, augment, 20, steps, s, 256) for s in range(WIDE_SEEDS)]
            numbers[augment].setdefault("wide", {})[f"steps_{steps}"] = summary(runs)
    numbers["wide_seeds"] = WIDE_SEEDS
    numbers["inputs"] = inputs(kept)
    data = photographs()
    photos: dict[str, Any] = {"seeds": PHOTO_SEEDS, "sizes": PHOTOS, "steps": PHOTO_STEPS}
    for augment in ("none", "flip", "updown"):
        for count in PHOTOS:
            for steps in PHOTO_STEPS:
                runs = [
                    kept("photographs", partial(on_photographs, data), augment, count, steps, s)
                    for s in range(PHOTO_SEEDS)
                ]
                by_count = photos.setdefault(augment, {})
                of = by_count.setdefault(f"images_{count}", {})
                of[f"steps_{steps}"] = summary(runs)
    photos["mean"] = [round(value, 4) for value in data.mean.tolist()]
    photos["std"] = [round(value, 4) for value in data.std.tolist()]
    photos["classes"] = data.classes
    numbers["photographs"] = photos
    images = digits_tensors(train=True)[0]
    numbers["digits_mean"] = round(images.mean().item(), 4)
    numbers["digits_std"] = round(images.std(correction=0).item(), 4)
    results.write(
        "cifar10",
        numbers,
        seed=list(range(SEEDS)),
        command="python snippets/0_Pytorch_basics/cifar10_experiment.py",
        note_zh="两层网络：像素不缩放、缩放、标准化，几种学习率；数字图片平移、左右翻转，"
        "CIFAR-10 的照片左右、上下翻转，几种张数和步数。",
        note_en="A network of two layers: pixels raw, scaled, normalized, at several rates; digits "
        "moved and mirrored, CIFAR-10's photographs mirrored left–right and up–down, several "
        "amounts of data and of steps.",
    )


if __name__ == "__main__":
    main()
