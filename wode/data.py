"""Data sets in memory and streamed, and the batches made of them.

A map-style data set answers two questions, ``len(dataset)`` and ``dataset[index]``: `Digits` here,
`ImageFolder` and `PairedFolder` in `wode.folders`. An iterable one only says what comes next:
`LineStream`. `pad_collate` makes a batch of sequences of unequal length.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset, IterableDataset, get_worker_info

from wode.folders import ImageFolder, PairedFolder, apply, list_names, read_image

__all__ = [
    "Digits",
    "ImageFolder",
    "LineStream",
    "PairedFolder",
    "digits_tensors",
    "list_names",
    "pad_collate",
    "read_image",
]


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


class LineStream(IterableDataset):
    """The lines of a UTF-8 text file that need not fit in memory, each line once.

    With several workers, worker w of W takes the lines that *begin* in bytes [w·S/W, (w+1)·S/W) of
    the file's S bytes, so each worker reads its own part of the disk and no line comes twice.
    Under torchrun the workers of all ranks count: worker v of V on rank r is w = r·V + v.
    A line ends at ``\\n`` (or ``\\r\\n``), which is not part of it.

    Args:
        path: the file.
        transform: applied to each line, in the worker.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: (while iterating) a line is not UTF-8; names the byte where it begins.
    """

    def __init__(
        self, path: str | os.PathLike[str], transform: Callable[[str], Any] | None = None
    ) -> None:
        self.path = Path(path)
        self.transform = transform
        self.path.stat()  # a missing file is an error here, not later in a worker

    def __iter__(self) -> Iterator[Any]:
        for position, line in self.raw():
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"{self.path}: the line at byte {position} is not UTF-8 ({error.reason})"
                ) from error
            yield apply(self.transform, text.removesuffix("\n").removesuffix("\r"))

    def raw(self) -> Iterator[tuple[int, bytes]]:
        """This worker's lines as bytes, each with the byte where it begins."""
        info = get_worker_info()
        worker, workers = (0, 1) if info is None else (info.id, info.num_workers)
        worker += int(os.environ.get("RANK", 0)) * workers
        workers *= int(os.environ.get("WORLD_SIZE", 1))
        size = self.path.stat().st_size
        begin, end = size * worker // workers, size * (worker + 1) // workers
        with self.path.open("rb") as file:
            if begin > 0:  # the line that holds byte begin - 1 is the previous worker's
                file.seek(begin - 1)
                file.readline()
            while (position := file.tell()) < end:
                yield position, file.readline()


def pad_collate(
    batch: Sequence[tuple[Sequence[int] | Tensor, Any]], padding_value: int = 0
) -> tuple[Tensor, Tensor, Tensor]:
    """Make a batch of ``(sequence, label)`` items whose sequences differ in length.

    Returns:
        input_ids: (B, T), T the longest length; shorter ones are filled up with ``padding_value``.
        attention_mask: bool (B, T), True where a token is real.
        labels: (B,).

    Raises:
        ValueError: the batch or one of its sequences is empty.
    """
    if not batch:
        raise ValueError("expected a batch of at least one item, got an empty one")
    sequences = [torch.as_tensor(sequence) for sequence, _ in batch]
    for index, sequence in enumerate(sequences):
        if sequence.ndim == 0 or len(sequence) == 0:
            raise ValueError(
                f"item {index} of the batch: expected a sequence of length ≥ 1, "
                f"got shape {tuple(sequence.shape)}"
            )
    input_ids = pad_sequence(sequences, batch_first=True, padding_value=padding_value)  # (B, T)
    lengths = torch.tensor([len(sequence) for sequence in sequences])  # (B,)
    attention_mask = torch.arange(input_ids.shape[1]) < lengths[:, None]  # (B, T)
    return input_ids, attention_mask, torch.as_tensor([label for _, label in batch])
