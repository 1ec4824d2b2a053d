"""The handwritten digits of scikit-learn, as a data set and as two tensors."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from wode.data.images import apply


@cache
def _digits(train: bool) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (N, 8, 8) and labels int64 (N,) of one part of the fixed split."""
    from sklearn.datasets import load_digits  # half a second of import, paid only when asked for

    images, labels = load_digits(return_X_y=True)
    images = np.rint(images.reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)  # 0…16 → 0…255
    by_class = np.argsort(labels, kind="stable")
    is_test = np.zeros(len(labels), dtype=bool)
    is_test[by_class[::5]] = True  # every fifth image of each class: 360 of 1797
    chosen = ~is_test if train else is_test
    return images[chosen], labels[chosen].astype(np.int64)


class Digits(Dataset):
    """The handwritten digits of scikit-learn, with the interface of torchvision's ``CIFAR10``.

    Items are ``(image, label)``: a PIL image of mode "L" and 8×8 pixels, and an int from 0 to 9.
    1437 images for training, 360 for testing; the split is fixed and keeps the share of each class.
    ``data`` is uint8 (N, 8, 8), ``targets`` a list of N ints.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998 (its
    test part); scans of 32×32 bits reduced to 8×8 counts from 0 to 16, here spread over 0 to 255.
    """

    classes = tuple("0123456789")

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Image.Image], Any] | None = None,
        target_transform: Callable[[int], Any] | None = None,
    ) -> None:
        self.train = train
        self.transform = transform
        self.target_transform = target_transform
        images, labels = _digits(bool(train))
        self.data = images.copy()
        self.targets: list[int] = labels.tolist()

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image, label = Image.fromarray(self.data[index]), self.targets[index]
        return apply(self.transform, image), apply(self.target_transform, label)


def digits_tensors(train: bool) -> tuple[Tensor, Tensor]:
    """The same digits as two tensors: images float32 (N, 1, 8, 8) in [0, 1], labels int64 (N,).

    Bit for bit what torchvision's ``v2.ToImage()`` and ``v2.ToDtype(torch.float32, scale=True)``
    make of the items of ``Digits(train)``.
    """
    images, labels = _digits(bool(train))
    return torch.tensor(images).unsqueeze(1).float() * (1 / 255), torch.tensor(labels)
