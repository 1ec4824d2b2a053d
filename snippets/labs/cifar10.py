# %% [markdown] zh description
# 在 CIFAR-10 上比较教程里的小卷积网络与一个用心搭建的小残差网络。

# %%
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler

from wode.archive import archive_tensors
from wode.data import cache_root, data_root, digits_tensors
from wode.training import accuracy, seed_everything, train
from wode.vision import conv_block

torch.set_num_threads(1)  # CPU seconds then mean the same on every machine


# %%
class Images(NamedTuple):
    """Pictures in memory by split: uint8 (N, 3, 32, 32), labels int64 (N,)."""

    name: str
    splits: dict[str, tuple[Tensor, Tensor]]  # train, validation, test
    mean: Tensor  # (1, 3, 1, 1), of the training split
    std: Tensor


def prepared(name: str, splits: dict[str, tuple[Tensor, Tensor]], held_out: int) -> Images:
    """Hold ``held_out`` training images back for validation; measure what is left."""
    images, labels = splits["train"]
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    back, rest = order[:held_out], order[held_out:]
    splits["validation"] = images[back], labels[back]
    splits["train"] = images[rest], labels[rest]
    std, mean = torch.std_mean(images[rest[:10_000]].float(), dim=(0, 2, 3), keepdim=True)
    return Images(name, splits, mean, std)


def cifar10() -> Images:
    """CIFAR-10 from ``$WODE_DATA``: 45 000 images to train on, 5000 to choose by, 10 000 kept."""
    archive = data_root() / "cifar10" / "cifar10-jpeg.tar.gz"
    splits = {}
    for split in ("train", "test"):
        images, labels, _ = archive_tensors(archive, split, cache=cache_root())
        splits[split] = images, labels
    return prepared("CIFAR-10", splits, held_out=5000)


def digits() -> Images:
    """A stand-in for where CIFAR-10 is not: scikit-learn's digits, blown up to its size."""
    splits = {}
    for split in ("train", "test"):
        images, labels = digits_tensors(train=split == "train")  # (N, 1, 8, 8) in [0, 1]
        images = F.interpolate(images.expand(-1, 3, -1, -1), size=32)
        splits[split] = (255 * images).byte(), labels
    return prepared("digits", splits, held_out=237)


# %%
class Batches(Dataset):
    """A data set that is asked for a whole batch at once: a list of rows, not one row."""

    def __init__(self, images: Images, split: str, flip: bool = False) -> None:
        self.pixels, self.labels = images.splits[split]
        self.mean, self.std, self.flip = images.mean, images.std, flip

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: list[int]) -> tuple[Tensor, Tensor]:
        inputs = (self.pixels[index] - self.mean) / self.std  # (B, 3, 32, 32)
        if self.flip:
            mirrored = torch.rand(len(index)) < 0.5
            inputs[mirrored] = inputs[mirrored].flip(3)
        return inputs, self.labels[index]


def to_train(
    images: Images, batch_size: int, steps: int, flip: bool, generator: torch.Generator
) -> DataLoader:
    """``steps`` batches, every image once before any comes again."""
    dataset = Batches(images, "train", flip)
    rows = RandomSampler(dataset, num_samples=steps * batch_size, generator=generator)
    return DataLoader(dataset, batch_size=None, sampler=BatchSampler(rows, batch_size, False))


def to_test(images: Images, split: str) -> DataLoader:
    """The whole split in its order."""
    dataset = Batches(images, split)
    rows = BatchSampler(SequentialSampler(dataset), 500, drop_last=False)
    return DataLoader(dataset, batch_size=None, sampler=rows)


# %%
class TutorialNet(nn.Module):
    """The network of PyTorch's tutorial *Training a Classifier*."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, 32, 32)
        x = self.pool(F.relu(self.conv1(x)))  # (B, 6, 14, 14)
        x = self.pool(F.relu(self.conv2(x)))  # (B, 16, 5, 5)
        x = x.flatten(start_dim=1)  # (B, 400)
        x = F.relu(self.fc1(x))  # (B, 120)
        x = F.relu(self.fc2(x))  # (B, 84)
        return self.fc3(x)  # (B, 10)


# %%
class Residual(nn.Module):
    """``x + f(x)``, f being two convolutions."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.f = nn.Sequential(conv_block(channels, channels), conv_block(channels, channels))

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W)
        return x + self.f(x)


class SmallResNet(nn.Module):
    """A residual network for 32 × 32 images that halves them before it does anything else."""

    def __init__(self, first: int = 16, second: int = 32, third: int = 64) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, first, kernel_size=4, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(first),
            nn.ReLU(),
        )
        self.stage1 = nn.Sequential(conv_block(first, second), nn.MaxPool2d(2), Residual(second))
        self.stage2 = nn.Sequential(conv_block(second, third), nn.MaxPool2d(2), Residual(third))
        self.classifier = nn.Linear(third, 10)

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, 32, 32)
        x = self.stem(x)  # (B, 16, 16, 16)
        x = self.stage1(x)  # (B, 32, 8, 8)
        x = self.stage2(x)  # (B, 64, 4, 4)
        return self.classifier(x.amax(dim=(2, 3)))  # (B, 10)


class Bfloat16(nn.Module):
    """A network that computes in bfloat16, channels last; its weights stay float32."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, 32, 32)
        x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            return self.network(x).float()  # (B, 10): the loss is computed in float32


# %%
@dataclass(frozen=True)
class Recipe:
    """A network and all that decides how it is trained."""

    network: Callable[[], nn.Module]
    images_per_second: int  # of one thread; turns a budget into a number of images
    batch_size: int = 128
    adamw: bool = True
    lr: float = 2e-2
    one_cycle: bool = True
    label_smoothing: float = 0.1
    flip: bool = True


TUTORIAL = Recipe(
    TutorialNet,
    1500,
    batch_size=4,
    adamw=False,
    lr=1e-3,
    one_cycle=False,
    label_smoothing=0,
    flip=False,
)
GOOD = Recipe(lambda: Bfloat16(SmallResNet()), images_per_second=3000)


class Measure:
    """A row of the log: CPU seconds spent on training so far, and accuracies."""

    def __init__(self, images: Images, splits: Sequence[str]) -> None:
        self.loaders = {split: to_test(images, split) for split in splits}
        self.began = time.process_time()

    def __call__(self, model: nn.Module) -> dict[str, float]:
        stopped = time.process_time()
        row = {"cpu_seconds": stopped - self.began}
        row |= {split: accuracy(model, loader) for split, loader in self.loaders.items()}
        self.began += time.process_time() - stopped  # what was spent here does not count
        return row


def fit(
    recipe: Recipe,
    images: Images,
    seconds: float,
    seed: int,
    *,
    every: float | None = None,
    splits: Sequence[str] = ("validation",),
) -> list[dict[str, Any]]:
    """Train anew for about ``seconds`` of CPU time; a row at the end, and at ``every`` seconds."""
    generator = seed_everything(seed)
    model = recipe.network()
    per_second = recipe.images_per_second / recipe.batch_size  # steps
    steps = int(seconds * per_second)
    if recipe.adamw:
        optimizer: torch.optim.Optimizer = torch.optim.AdamW(
            model.parameters(), lr=recipe.lr, weight_decay=0.05
        )
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=recipe.lr, momentum=0.9)
    scheduler = None
    if recipe.one_cycle:
        scheduler = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            recipe.lr,
            total_steps=steps,
            pct_start=0.25,
            div_factor=10,
            final_div_factor=100,
        )
    return train(
        model,
        to_train(images, recipe.batch_size, steps, recipe.flip, generator),
        optimizer,
        nn.CrossEntropyLoss(label_smoothing=recipe.label_smoothing),
        epochs=1,  # the loader's one pass is the whole run
        scheduler=scheduler,
        every=int(every * per_second) if every else None,
        evaluate=Measure(images, splits),
        progress=False,
    )


# %%
BUDGETS = (15, 30, 60, 120)  # CPU seconds
SLOW = GOOD.images_per_second // 2  # in float32, measured in the same way
WITHOUT = {
    "bfloat16": replace(GOOD, network=SmallResNet, images_per_second=SLOW),
    "adamw": replace(GOOD, adamw=False, lr=0.1),
    "one_cycle": replace(GOOD, one_cycle=False, lr=3e-3),
    "label_smoothing": replace(GOOD, label_smoothing=0),
    "flip": replace(GOOD, flip=False),
}


def summary(runs: list[dict[str, Any]], recipe: Recipe) -> dict[str, Any]:
    """Rows of several seeds as means, lowest and highest."""
    found: dict[str, Any] = {
        "images": runs[0]["step"] * recipe.batch_size,
        "cpu_seconds": round(fmean(run["cpu_seconds"] for run in runs), 1),
    }
    for split in sorted({"validation", "test"} & runs[0].keys()):
        values = [run[split] for run in runs]
        found[split] = round(fmean(values), 4)
        found[f"{split}_low"], found[f"{split}_high"] = round(min(values), 4), round(max(values), 4)
    return found


def experiment(small: bool, folder: Path) -> None:
    """Both networks at every budget, then the good one without one ingredient at a time."""
    from wode.book import results

    images = digits() if small else cifar10()
    scale, seeds = (0.02, [0]) if small else (1, [0, 1, 2])
    numbers: dict[str, Any] = {"data": images.name, "seeds": len(seeds)}
    for name, recipe in {"tutorial": TUTORIAL, "good": GOOD}.items():
        parameters = sum(p.numel() for p in recipe.network().parameters())
        numbers[name] = {"parameters": parameters}
    longest, both = BUDGETS[-1] * scale, ("validation", "test")
    curves = [
        fit(TUTORIAL, images, longest, seed, every=longest / 8, splits=both) for seed in seeds
    ]
    for eighth in range(1, 9):
        rows = [curve[eighth - 1] for curve in curves]
        numbers["tutorial"][f"at_{eighth * BUDGETS[-1] // 8}"] = summary(rows, TUTORIAL)
    for budget in BUDGETS:
        rows = [fit(GOOD, images, budget * scale, seed, splits=both)[-1] for seed in seeds]
        numbers["good"][f"at_{budget}"] = summary(rows, GOOD)
        print(budget, numbers["good"][f"at_{budget}"], flush=True)
    numbers["without"] = {}
    for name, recipe in WITHOUT.items():
        rows = [fit(recipe, images, 30 * scale, seed)[-1] for seed in seeds]
        numbers["without"][name] = summary(rows, recipe)
        print(name, numbers["without"][name], flush=True)
    results.write(
        "cifar10_lab",
        numbers,
        seed=seeds,
        command="python -m wode.book.labs snippets/labs/cifar10.py",
        note_zh="CIFAR-10：教程网络与小残差网络，准确率与 CPU 秒数，各三个种子；"
        "以及 30 秒预算下去掉一样的结果。",
        note_en="CIFAR-10: the tutorial's network and a small residual one, accuracy against CPU "
        "seconds, three seeds each; ablations at a budget of 30 seconds.",
        folder=folder,
    )
