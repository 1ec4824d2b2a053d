"""What the chapter `datasets` includes: pairs of files, and what a wrong pairing costs."""

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import Dataset

from wode.data import Digits, digits_tensors


def write_pairs(root: Path, indices: Sequence[int]) -> None:
    """Write digits as root/images/0000.png and their labels as root/labels/0000.txt."""
    digits = Digits(train=True)
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    for number, index in enumerate(indices):
        image, label = digits[index]
        image.save(root / "images" / f"{number:04d}.png")
        (root / "labels" / f"{number:04d}.txt").write_text(f"{label}\n", encoding="utf-8")


class FolderDataset(Dataset):
    def __init__(self, images: Path, labels: Path) -> None:
        self.images, self.labels = Path(images), Path(labels)
        self.names = sorted(os.listdir(images))

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> tuple[Image.Image, str]:
        image_path = self.images / self.names[index]
        label_path = self.labels / f"{image_path.stem}.txt"
        with Image.open(image_path) as image:
            image.load()
        return image, label_path.read_text(encoding="utf-8-sig").strip()


def pair(labels: Tensor, how: str, generator: torch.Generator) -> Tensor:
    """The labels as three loaders would deal them out to images 0, 1, 2, …

    "name" matches names; "missing" pairs two sorted listings by position though the label file of
    image 0 is missing; "unsorted" pairs two listings in whatever order the file system keeps.
    """
    if how == "name":
        return labels
    if how == "missing":
        return labels.roll(-1)  # image i gets label i + 1
    return labels[torch.randperm(len(labels), generator=generator)]


def train_with(labels: Tensor, seed: int, epochs: int = 20) -> nn.Module:
    """A small network trained on the digits with these labels."""
    images, _ = digits_tensors(train=True)  # (N, 1, 8, 8)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(labels)).split(64):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


@torch.no_grad()
def judge(model: nn.Module, train_labels: Tensor) -> dict[str, float]:
    """Loss on the labels it was given; on test images, shares of right and "one too many"."""
    images, labels = digits_tensors(train=False)
    answers = model(images).argmax(dim=1)  # (360,)
    return {
        "train_loss": F.cross_entropy(model(digits_tensors(train=True)[0]), train_labels).item(),
        "accuracy": (answers == labels).float().mean().item(),
        "one_too_many": (answers == (labels + 1) % 10).float().mean().item(),
    }
