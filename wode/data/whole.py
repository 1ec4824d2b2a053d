"""Images that fit into memory, given to training in whole batches: one indexing operation each.

CIFAR-10 as JPEG files, decoded once into a uint8 tensor (`wode.data.images.archive_tensors`); where
it is not at hand, scikit-learn's digits blown up to the same size. Some of the training images are
held back for validation, the same ones every time.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    RandomSampler,
    SequentialSampler,
)

from wode.data import digits_tensors
from wode.data.images import archive_tensors
from wode.files.download import cache_root, data_root


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
    """CIFAR-10 from ``$WODE_DATA``; 45 000, 5000 and 10 000 images.

    Raises:
        FileNotFoundError: the archive is not there.
    """
    archive = data_root() / "cifar10" / "cifar10-jpeg.tar.gz"
    splits = {}
    for split in ("train", "test"):
        images, labels, _ = archive_tensors(archive, split, cache=cache_root())
        splits[split] = images, labels
    return prepared("CIFAR-10", splits, held_out=5000)


def digits() -> Images:
    """Scikit-learn's digits at CIFAR-10's size; 1200, 237 and 360 images."""
    splits = {}
    for split in ("train", "test"):
        images, labels = digits_tensors(train=split == "train")  # (N, 1, 8, 8) in [0, 1]
        images = F.interpolate(images.expand(-1, 3, -1, -1), size=32)
        splits[split] = (255 * images).byte(), labels
    return prepared("digits", splits, held_out=237)


def cifar10_or_digits() -> Images:
    """CIFAR-10 where it is at hand, the digits elsewhere."""
    archive = data_root() / "cifar10" / "cifar10-jpeg.tar.gz"
    return cifar10() if archive.is_file() else digits()


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
