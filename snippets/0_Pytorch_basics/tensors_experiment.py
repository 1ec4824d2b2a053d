"""Digits told apart by tensor operations alone: ten mean pictures, the nearest picture, rivals.

    python snippets/0_Pytorch_basics/tensors_experiment.py

writes docs/assets/results/tensors.json, which the page and its figures read. Two minutes.
"""

from collections.abc import Sequence

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from wode.book import ROOT, results
from wode.book.kept import Kept

DRAWS, SEEDS, PER_DIGIT, GROUPS = 100, 20, (1, 5, 20, 100), (1, 2, 4, 8, 16)
digits = load_digits()
images = torch.tensor(digits.images, dtype=torch.float32)  # (1797, 8, 8)
labels = torch.tensor(digits.target)  # (1797,)
TRAIN, TEST = torch.arange(1437), torch.arange(1437, 1797)


def means_of(x: Tensor, y: Tensor) -> Tensor:
    """The mean picture of each digit, (10, 8, 8)."""
    return torch.stack([x[y == digit].mean(dim=0) for digit in range(10)])


def nearest(x: Tensor, others: Tensor) -> Tensor:
    """For each picture of x the index of the one of others at the smallest squared distance."""
    return torch.cdist(x.flatten(1), others.flatten(1)).argmin(dim=1)


def right(guesses: Tensor, rows: Tensor) -> float:
    return (guesses == labels[rows]).float().mean().item()


def both(train: Tensor, test: Tensor) -> tuple[float, float]:
    """Test accuracy of the ten means, and of the nearest picture."""
    x, y = images[train], labels[train]
    by_mean = nearest(images[test], means_of(x, y))
    return right(by_mean, test), right(y[nearest(images[test], x)], test)


def spread(accuracies: Sequence[float]) -> dict[str, float]:
    values = torch.tensor(accuracies)
    return {
        "mean": values.mean().item(),
        "std": values.std().item(),
        "min": values.min().item(),
        "max": values.max().item(),
    }


def few(per_digit: int) -> dict[str, dict[str, float]]:
    """Both on the 360, learned from so many pictures of each digit, drawn anew each time."""
    found = []
    for seed in range(DRAWS):
        order = torch.randperm(1437, generator=torch.Generator().manual_seed(seed))
        rows = [order[labels[order] == digit][:per_digit] for digit in range(10)]
        found.append(both(torch.cat(rows), TEST))
    return {
        name: spread(accs)
        for name, accs in zip(("means", "nearest"), zip(*found, strict=True), strict=True)
    }


def any_split() -> dict[str, dict[str, float]]:
    """Both with other 360 pictures held out, drawn from all 1797."""
    found = []
    for seed in range(SEEDS):
        order = torch.randperm(1797, generator=torch.Generator().manual_seed(seed))
        found.append(both(order[:1437], order[1437:]))
    return {
        name: spread(accs)
        for name, accs in zip(("means", "nearest"), zip(*found, strict=True), strict=True)
    }


def grouped(x: Tensor, groups: int, generator: torch.Generator, steps: int) -> Tensor:
    """Means of groups of the pictures x; steps of k-means, or none: groups dealt at random."""
    dealt = torch.randperm(len(x), generator=generator) % groups
    centres = torch.stack([x[dealt == group].mean(dim=0) for group in range(groups)])
    if steps:
        centres = x[torch.randperm(len(x), generator=generator)[:groups]]
    for _ in range(steps):
        place = nearest(x, centres)
        centres = torch.stack(
            [
                x[place == group].mean(dim=0) if (place == group).any() else centres[group]
                for group in range(groups)
            ]
        )
    return centres


def several_means(groups: int, steps: int) -> dict[str, float]:
    """Several means a digit: of pictures that look alike, or of groups dealt at random."""
    found = []
    for seed in range(SEEDS):
        generator = torch.Generator().manual_seed(seed)
        centres = torch.cat(
            [
                grouped(images[TRAIN][labels[TRAIN] == digit], groups, generator, steps)
                for digit in range(10)
            ]
        )
        guesses = nearest(images[TEST], centres) // groups
        found.append(right(guesses, TEST))
    return spread(found)


def two_ones() -> list[list]:
    """Two means of the ones and of the nines, for the figure."""
    generator = torch.Generator().manual_seed(0)
    pictures = [images[TRAIN][labels[TRAIN] == digit] for digit in (1, 9)]
    return [grouped(x, 2, generator, 20).round(decimals=2).tolist() for x in pictures]


def whole_numbers() -> dict[str, float]:
    """The nearest picture by absolute differences: uint8, float32, float32 that goes round at 256.

    The last is the cause alone: the numbers of uint8, in a type that has room for negative ones.
    """
    found = {}
    for name in ("uint8", "float32", "wrapped"):
        x = images.to(torch.uint8) if name == "uint8" else images
        guesses = []
        for row in TEST:
            apart = x[TRAIN] - x[row]
            apart = apart % 256 if name == "wrapped" else apart.abs()
            guesses.append(labels[apart.sum(dim=(1, 2)).argmin()])
        found[name] = right(torch.stack(guesses), TEST)
    return found


def sharp() -> float:
    """One real picture of each digit, the one nearest to its mean: as few, and not blurred."""
    x, y = images[TRAIN], labels[TRAIN]
    pictures = [x[y == digit] for digit in range(10)]
    means = means_of(x, y)
    chosen = [own[nearest(means[k : k + 1], own)[0]] for k, own in enumerate(pictures)]
    return right(nearest(images[TEST], torch.stack(chosen)), TEST)


def blocks() -> dict[str, dict[str, float]]:
    """Both on five blocks of 360 neighbours; the last are the 360 of the page."""
    found = []
    for start in (0, 359, 718, 1077, 1437):
        test = torch.arange(start, start + 360)
        found.append(both(torch.cat([torch.arange(start), torch.arange(start + 360, 1797)]), test))
    return {
        name: spread(accs)
        for name, accs in zip(("means", "nearest"), zip(*found, strict=True), strict=True)
    }


def neighbours(seed: int | None) -> float:
    """How often the nearest picture of the same digit is at most 130 places away.

    With a seed the pictures are shuffled first: what chance gives.
    """
    x, y = images.flatten(1), labels
    if seed is not None:
        order = torch.randperm(1797, generator=torch.Generator().manual_seed(seed))
        x, y = x[order], y[order]
    apart = torch.cdist(x, x).masked_fill(y[:, None] != y, torch.inf).fill_diagonal_(torch.inf)
    places = torch.arange(1797)
    return ((apart.argmin(dim=1) - places).abs() <= 130).float().mean().item()


def trained(seed: int, epochs: int) -> float:
    """Test accuracy of one linear layer, as first-model's exercise trains it (20 epochs)."""
    torch.manual_seed(seed)
    x, y = images.flatten(1) / 16, labels
    model, loss_fn = nn.Linear(64, 10), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(epochs):
        for rows in torch.randperm(1437).split(32):
            loss = loss_fn(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return right(model(x[TEST]).argmax(dim=1), TEST)


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "tensors.jsonl")
    x, y = images[TRAIN], labels[TRAIN]
    means = means_of(x, y)
    guesses = {"means": nearest(images[TEST], means), "nearest": y[nearest(images[TEST], x)]}
    good = guesses["means"] == labels[TEST]
    correct, wrong = good.nonzero().flatten(), (~good).nonzero().flatten()
    numbers = {
        "draws": DRAWS,
        "seeds": SEEDS,
        "all": {name: right(guess, TEST) for name, guess in guesses.items()},
        "few": {str(n): kept("few", few, n) for n in PER_DIGIT},
        "splits": kept("splits", any_split),
        "alike": {str(k): kept("alike", several_means, k, 20) for k in GROUPS},
        "dealt": {str(k): kept("dealt", several_means, k, 0) for k in GROUPS},
        "linear": spread([kept("linear", trained, seed, 20) for seed in range(SEEDS)]),
        "linear_long": spread([kept("long", trained, seed, 200) for seed in range(5)]),
        "sharp": sharp(),
        "blocks": blocks(),
        "neighbours": neighbours(None),
        "neighbours_shuffled": spread([neighbours(seed) for seed in range(SEEDS)]),
        "absolute": kept("absolute", whole_numbers),
        "figure": {
            "zero": images[0].int().tolist(),
            "first": images[:10].int().tolist(),
            "means": means.round(decimals=2).tolist(),
            "two": two_ones(),
            "answers": [
                {
                    "image": images[TEST[row]].int().tolist(),
                    "label": int(labels[TEST[row]]),
                    "guess": int(guesses["means"][row]),
                    "nearest": int(guesses["nearest"][row]),
                }
                for row in [*correct[:6].tolist(), *wrong[::9].tolist()]
            ],
        },
    }
    path = results.write(
        "tensors",
        numbers=numbers,
        seed=list(range(DRAWS)),
        command="python snippets/0_Pytorch_basics/tensors_experiment.py",
        note_zh="只用张量运算认 360 张手写数字：十张平均图、最近的一张图，学过的图有多有少。",
        note_en="360 digits told by tensor operations alone: ten means, the nearest picture.",
    )
    kept.finish()
    print(path)


if __name__ == "__main__":
    main()
