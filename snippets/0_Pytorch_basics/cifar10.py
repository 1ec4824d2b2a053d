"""What the chapter `cifar10` includes: its files, a data set's statistics, augmentation."""

import hashlib
import pickle
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_sample_image
from torch import Tensor
from torch.nn import functional as F

from wode.data import digits_tensors
from wode.vision import WodeNet


def photo_crops(name: str, count: int, seed: int) -> np.ndarray:
    """Pieces of a photograph that comes with scikit-learn: uint8 (count, 32, 32, 3)."""
    photo = load_sample_image(name)[::4, ::4]  # (107, 160, 3), every fourth pixel
    rng = np.random.default_rng(seed)
    tops = rng.integers(0, photo.shape[0] - 32, count)
    lefts = rng.integers(0, photo.shape[1] - 32, count)
    corners = zip(tops, lefts, strict=True)
    return np.stack([photo[top : top + 32, left : left + 32] for top, left in corners])


def write_batch(path: Path, images: np.ndarray, labels: Sequence[int]) -> None:
    """Write images uint8 (N, 32, 32, 3) and labels as one batch file of CIFAR-10."""
    rows = images.transpose(0, 3, 1, 2).reshape(len(images), 3072)  # all red, all green, all blue
    names = [f"{path.name}_{index:04d}.png" for index in range(len(images))]
    batch = {
        "batch_label": path.name,
        "labels": list(labels),
        "data": rows,
        "filenames": names,
    }
    path.write_bytes(pickle.dumps(batch, protocol=2))


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def channel_statistics(batches: Iterable[Tensor]) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of each channel, in one pass over batches (B, C, H, W)."""
    count, total, squares = 0, torch.tensor(0.0), torch.tensor(0.0)
    for images in batches:
        images = images.double()
        count += images.numel() // images.shape[1]
        total = total + images.sum(dim=(0, 2, 3))  # (C,)
        squares = squares + images.square().sum(dim=(0, 2, 3))  # (C,)
    mean = total / count
    return mean, (squares / count - mean.square()).sqrt()


def few_images(per_class: int, seed: int) -> tuple[Tensor, Tensor]:
    """``per_class`` training digits of each class: (10 per_class, 1, 8, 8), (10 per_class,)."""
    images, labels = digits_tensors(train=True)
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    rows = torch.cat([order[labels[order] == digit][:per_class] for digit in range(10)])
    return images[rows], labels[rows]


def train_with(
    augment: Callable[[Tensor], Tensor] | None, per_class: int, seed: int, steps: int = 300
) -> WodeNet:
    """WodeNet trained on a few digits, each augmented anew every time that it is drawn."""
    images, labels = few_images(per_class, seed)
    torch.manual_seed(seed)
    model = WodeNet(width=16)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=steps)
    for _ in range(steps):
        rows = torch.randint(len(labels), (32,))
        batch = images[rows]  # (32, 1, 8, 8)
        if augment is not None:
            batch = torch.stack([augment(image) for image in batch])
        loss = F.cross_entropy(model(batch), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


@torch.no_grad()
def accuracy_on(model: WodeNet, images: Tensor, labels: Tensor) -> float:
    return (model(images).argmax(dim=1) == labels).float().mean().item()


def moved_by_one(images: Tensor) -> Tensor:
    """Each image moved by one pixel up, down, left and right: (4 N, C, H, W)."""
    padded = F.pad(images, (1, 1, 1, 1))
    height, width = images.shape[-2:]
    corners = [(0, 1), (2, 1), (1, 0), (1, 2)]
    return torch.cat(
        [padded[..., top : top + height, left : left + width] for top, left in corners]
    )
