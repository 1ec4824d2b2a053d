"""What augmentation buys on few digits, and the digits' mean and deviation: results/cifar10.json.

    python snippets/0_Pytorch_basics/cifar10_experiment.py

trains three augmentations, three sizes of training set and ten seeds. Six minutes of one core.
"""

import statistics
from collections.abc import Callable

from torch import Tensor
from torchvision.transforms import v2

from cifar10 import accuracy_on, channel_statistics, moved_by_one, train_with
from wode.book import results
from wode.data import digits_tensors

AUGMENTATIONS: dict[str, Callable[[Tensor], Tensor] | None] = {
    "none": None,
    "shift": v2.RandomAffine(degrees=(-10, 10), translate=(0.125, 0.125)),
    "flip": v2.RandomHorizontalFlip(),
}


def main() -> None:
    images, labels = digits_tensors(train=False)
    moved, moved_labels = moved_by_one(images), labels.repeat(4)
    seeds, sizes = list(range(10)), [5, 20, 80]
    numbers: dict[str, object] = {"seeds": len(seeds), "sizes": sizes, "steps": 300}
    for kind, augment in AUGMENTATIONS.items():
        by_size: dict[str, object] = {}
        for per_class in sizes:
            as_is, after_move = [], []
            for seed in seeds:
                model = train_with(augment, per_class, seed)
                as_is.append(accuracy_on(model, images, labels))
                after_move.append(accuracy_on(model, moved, moved_labels))
            by_size[f"per_class_{per_class}"] = {
                "test": round(statistics.fmean(as_is), 4),
                "test_low": round(min(as_is), 4),
                "test_high": round(max(as_is), 4),
                "moved": round(statistics.fmean(after_move), 4),
                "moved_low": round(min(after_move), 4),
                "moved_high": round(max(after_move), 4),
            }
            print(kind, per_class, by_size[f"per_class_{per_class}"], flush=True)
        numbers[kind] = by_size
    mean, std = channel_statistics(digits_tensors(train=True)[0].split(64))
    numbers["digits_mean"], numbers["digits_std"] = round(mean.item(), 4), round(std.item(), 4)
    results.write(
        "cifar10",
        numbers,
        seed=seeds,
        command="python snippets/0_Pytorch_basics/cifar10_experiment.py",
        note_zh="WodeNet（宽 16）在少量数字图片上训练 300 步，三种数据增强，两种测试图片。",
        note_en="WodeNet (width 16), 300 steps on few digits, three augmentations, two test sets.",
    )


if __name__ == "__main__":
    main()
