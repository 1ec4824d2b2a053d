"""Images in folders, read item by item, and in one archive, decoded once into one tensor.

`ImageFolder` takes the class from the folder's name, `PairedFolder` takes the label from a file of
the same name. Both list names in the constructor and open nothing until an item is asked for.

Fifty thousand little files are slow to list, to open and to decode, again in every epoch. As one
uint8 tensor CIFAR-10's training images take 154 MB, and a batch is one indexing operation:
`archive_tensors` reads a tar laid out as ``ImageFolder``'s folders are.
"""

import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from wode.files.checkpoint import CheckpointError, load_checkpoint, save_checkpoint

IMAGE_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")


def list_names(folder: str | os.PathLike[str]) -> list[str]:
    """What is in a folder, sorted by name, hidden entries (``.DS_Store``) left out.

    ``os.listdir`` promises no order: it gives whatever the file system keeps.
    """
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))


def read_image(path: str | os.PathLike[str], mode: str | None = None) -> Image.Image:
    """Read one image, whole, and convert it to ``mode`` (None: as it is stored).

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not an image, or a damaged one; names the file.
    """
    try:
        with Image.open(path) as image:
            image.load()  # `open` reads the header only; a cut file shows itself here
    except FileNotFoundError:
        raise
    except Exception as error:  # Pillow's decoders raise half a dozen types
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"{os.fspath(path)}: not a readable image ({reason})") from error
    return image if mode is None else image.convert(mode)


class ImageFolder(Dataset):
    """Images sorted into folders by class: ``root/<class>/<name>.png``.

    Items are ``(image, label)``, the label being the index of the class in ``classes``, which is
    sorted by name. The constructor lists names only; an image is read when it is asked for.

    Args:
        root: the folder that holds one folder per class.
        transform: applied to each PIL image.
        mode: the PIL mode images are converted to; "RGB" as in torchvision, None to leave them.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: no class folder, a class without images, a file that is not an image.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        transform: Callable[[Image.Image], Any] | None = None,
        mode: str | None = "RGB",
    ) -> None:
        self.root = Path(root)
        self.transform = transform
        self.mode = mode
        names = list_names(self.root)
        self.classes = [name for name in names if (self.root / name).is_dir()]
        if not self.classes:
            raise ValueError(
                f"{self.root}: expected a folder per class, found {len(names)} files and no folder"
            )
        self.samples = [
            (path, label)
            for label, name in enumerate(self.classes)
            for path in _image_paths(self.root / name)
        ]
        self.targets = [label for _, label in self.samples]

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        path, label = self.samples[index]
        return apply(self.transform, read_image(path, self.mode)), label


class PairedFolder(Dataset):
    """A folder of images and one of labels: ``images/0007.png`` belongs to ``labels/0007.txt``.

    Items are ``(image, label)``, the label being the stripped text of its file. Image and label are
    matched by name, never by position in a listing.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: an image without label, a label without image, two of one name, an empty folder,
            a file that is not an image.
    """

    def __init__(
        self,
        images: str | os.PathLike[str],
        labels: str | os.PathLike[str],
        transform: Callable[[Image.Image], Any] | None = None,
        target_transform: Callable[[str], Any] | None = None,
        mode: str | None = "RGB",
    ) -> None:
        self.transform = transform
        self.target_transform = target_transform
        self.mode = mode
        image_of = _by_stem(_image_paths(Path(images)))
        label_of = _by_stem(Path(labels, name) for name in list_names(labels))
        if alone := sorted(image_of.keys() - label_of.keys()):
            raise ValueError(f"{_first(image_of, alone)}: no label of that name in {labels}")
        if alone := sorted(label_of.keys() - image_of.keys()):
            raise ValueError(f"{_first(label_of, alone)}: no image of that name in {images}")
        self.samples = [(image_of[stem], label_of[stem]) for stem in image_of]

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image_path, label_path = self.samples[index]
        image = read_image(image_path, self.mode)
        label = label_path.read_text(encoding="utf-8").strip()
        return apply(self.transform, image), apply(self.target_transform, label)


def apply(transform: Callable[[Any], Any] | None, value: Any) -> Any:
    """``transform(value)``, or ``value`` where there is no transform."""
    return value if transform is None else transform(value)


def _image_paths(folder: Path) -> list[Path]:
    paths = [folder / name for name in list_names(folder)]
    if not paths:
        raise ValueError(f"{folder}: expected images, found an empty folder")
    for path in paths:
        if path.suffix.lower() not in IMAGE_SUFFIXES:
            raise ValueError(f"{path}: expected an image ({' '.join(IMAGE_SUFFIXES)})")
    return paths


def _by_stem(paths: Iterable[Path]) -> dict[str, Path]:
    path_of: dict[str, Path] = {}
    for path in paths:
        if path.stem in path_of:
            raise ValueError(f"{path_of[path.stem]} and {path}: two files of one name")
        path_of[path.stem] = path
    return path_of


def _first(path_of: dict[str, Path], stems: list[str]) -> str:
    more = f" (and {len(stems) - 1} more)" if len(stems) > 1 else ""
    return f"{path_of[stems[0]]}{more}"


# ---------------------------------------------------------------- one archive


class LabelledImages(NamedTuple):
    """``images`` uint8 (N, C, H, W), ``labels`` int64 (N,), ``classes`` their names, sorted."""

    images: Tensor
    labels: Tensor
    classes: list[str]


def archive_tensors(
    path: str | os.PathLike[str], split: str, cache: str | os.PathLike[str] | None = None
) -> LabelledImages:
    """All images of one split of an archive, sorted by class and name whatever the tar's order.

    Args:
        path: a tar archive, compressed or not, of ``<split>/<class>/<name>.<image suffix>``.
        split: the first folder, for example "train".
        cache: a folder that keeps the decoded tensor for the next call; it is made if need be. A
            changed archive (size, time) is decoded anew. Without it nothing is kept.

    Raises:
        FileNotFoundError: there is no such archive.
        ValueError: it is no tar archive, has no such split, or holds a file in that split that is
            not an image or an image of another size than the others; names the file.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"no image archive {path}: expected a tar of <split>/<class>/<name>.jpg there; "
            "if it lies elsewhere, set WODE_DATA to the folder of the data sets"
        )
    if cache is None:
        return _decoded(path, split)
    kept = Path(cache) / f"{path.name}-{split}-{_stamp(path)}.pt"
    if kept.is_file():
        try:
            return LabelledImages(**load_checkpoint(kept))
        except (CheckpointError, TypeError):
            pass  # damaged, or another version's: written anew below
    decoded = _decoded(path, split)
    kept.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(kept, decoded._asdict())
    return decoded


def _stamp(path: Path) -> str:
    """Eight digits that change when the archive does."""
    status = path.stat()
    return hashlib.sha256(f"{status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:8]


def _decoded(path: Path, split: str) -> LabelledImages:
    pixels: dict[tuple[str, str], np.ndarray] = {}  # (class, name) -> (H, W, C)
    splits: set[str] = set()
    first = ""
    try:
        with tarfile.open(path, "r|*") as tar:  # as a stream: each byte is read once
            for member in tar:
                parts = PurePosixPath(member.name).parts
                if not member.isfile() or len(parts) != 3 or parts[2].startswith("."):
                    continue
                splits.add(parts[0])
                if parts[0] != split:
                    continue
                pixels[parts[1:]] = image = _pixels(tar, member, path)
                first = first or member.name
                expected = next(iter(pixels.values())).shape
                if image.shape != expected:
                    raise ValueError(
                        f"{path}: {member.name} is {image.shape} (height, width, channels), "
                        f"{first} is {expected}: one tensor takes images of one size"
                    )
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ValueError(f"{path}: not a readable tar archive ({error})") from error
    if not pixels:
        raise ValueError(f"{path}: no images in {split}/<class>/; its splits are {sorted(splits)}")
    keys = sorted(pixels)
    classes = sorted({name for name, _ in keys})
    index = {name: label for label, name in enumerate(classes)}
    stacked = np.stack([pixels.pop(key) for key in keys])  # (N, H, W, C)
    return LabelledImages(
        torch.from_numpy(stacked).permute(0, 3, 1, 2).contiguous(),  # (N, C, H, W)
        torch.tensor([index[name] for name, _ in keys]),
        classes,
    )


def _pixels(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> np.ndarray:
    """One image as uint8 (H, W, 3)."""
    if not member.name.lower().endswith(IMAGE_SUFFIXES):
        raise ValueError(f"{path}: {member.name}: expected an image ({' '.join(IMAGE_SUFFIXES)})")
    file = tar.extractfile(member)
    assert file is not None  # only a link or a folder has no content
    content = file.read()
    try:
        return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    except Exception as error:  # Pillow's decoders raise half a dozen types
        raise ValueError(f"{path}: {member.name}: not a readable image ({error})") from error
