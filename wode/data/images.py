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
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import torch
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import BITSPERSAMPLE, PHOTOMETRIC_INTERPRETATION
from torch import Tensor
from torch.utils.data import Dataset

from wode.data.archives import class_files
from wode.files.checkpoint import CheckpointError, load_checkpoint, save_checkpoint

IMAGE_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp")


def list_names(folder: str | os.PathLike[str]) -> list[str]:
    """What is in a folder, sorted by name, hidden entries (``.DS_Store``) left out.

    ``os.listdir`` promises no order: it gives whatever the file system keeps.
    """
    return sorted(name for name in os.listdir(folder) if not name.startswith("."))


def read_image(
    source: str | os.PathLike[str] | IO[bytes], mode: str | None = None, name: str | None = None
) -> Image.Image:
    """Read one image, whole, turn it upright, and convert it to ``mode`` (None: as it is stored).

    Upright is as EXIF's orientation says. Of an animation it is the first frame. What ``mode`` does
    to 16 bits a channel, to a palette and to transparency: see `in_mode`. ``name`` is what errors
    call the image, if it is not a file of its own.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is not an image, a damaged one, or one that ``mode`` cannot hold; names it.
    """
    try:
        with Image.open(source) as image:
            image.load()  # `open` reads the header only; a cut file shows itself here
            ImageOps.exif_transpose(image, in_place=True)
            return in_mode(image, mode)
    except FileNotFoundError:
        raise
    except Exception as error:  # Pillow's decoders raise half a dozen types
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"{name or source}: not a readable image ({reason})") from error


def in_mode(image: Image.Image, mode: str | None) -> Image.Image:
    """``image.convert(mode)``, but for what has more than 8 bits a channel: Pillow clips it at 255.

    16 bits of grey (I;16) keep the upper 8, as Pillow itself does with 16 bits of colour, and so do
    the 12 of a TIFF. A palette is looked up. Transparency is dropped; what lies under it keeps its
    colour. CMYK goes to RGB by Pillow's formula, without a colour profile.

    Raises:
        ValueError: 32 bits a channel (I, F), which have no range to scale from; or Pillow knows no
            way to ``mode``.
    """
    if mode is None or image.mode == mode:
        return image
    if image.mode in ("I", "F"):
        raise ValueError(
            f"mode {image.mode}, 32 bits a channel, has no range to bring to {mode}: read it with "
            "mode=None and scale it"
        )
    if image.mode.startswith("I;16") and mode not in ("I", "F"):
        image = _upper_eight(image)
    if image.mode == "P" and "transparency" in image.info:  # Pillow warns on the straight way
        image = image.convert("RGBA")
    return image.convert(mode)


def _upper_eight(image: Image.Image) -> Image.Image:
    """I;16 → L. Pillow leaves to us how many bits of a TIFF count, and whether its 0 is white."""
    tags = getattr(image, "tag_v2", {})
    (bits, *_), white = tags.get(BITSPERSAMPLE, (16,)), tags.get(PHOTOMETRIC_INTERPRETATION) == 0
    upper = (np.asarray(image) >> (bits - 8)).astype(np.uint8)
    return Image.fromarray(~upper if white else upper)


class ImageFolder(Dataset):
    """Images sorted into folders by class: ``root/<class>/<name>.png``.

    Items are ``(image, label)``, the label being the index of the class in ``classes``, which is
    sorted by name. The constructor lists names only; `read_image` reads when an item is asked for.

    Args:
        root: the folder that holds one folder per class.
        transform: applied to each PIL image.
        mode: the PIL mode images are converted to; "RGB" as in torchvision, None to leave them.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: no class folder, a class without images, in it what is not an image; an image or
            a link to nowhere beside the classes, where other files are passed over.
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
        self.classes = _class_names(self.root)
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
            what is not an image or not a file; and for an item, a label that is empty or not UTF-8.
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
        label_of = _by_stem(_files(Path(labels)))
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
        return apply(self.transform, image), apply(self.target_transform, _label(label_path))


def apply(transform: Callable[[Any], Any] | None, value: Any) -> Any:
    """``transform(value)``, or ``value`` where there is no transform."""
    return value if transform is None else transform(value)


def _class_names(root: Path) -> list[str]:
    names = list_names(root)
    classes = [name for name in names if (root / name).is_dir()]
    if not classes:
        raise ValueError(
            f"{root}: expected a folder per class, found {len(names)} files and no folder"
        )
    for path in (root / name for name in names if name not in set(classes)):
        if path.suffix.lower() in IMAGE_SUFFIXES or not path.is_file():
            raise ValueError(f"{path}: beside the folders of the classes, so it is in none")
    return classes


def _image_paths(folder: Path) -> list[Path]:
    paths = _files(folder)
    if not paths:
        raise ValueError(f"{folder}: expected images, found an empty folder")
    for path in paths:
        if path.suffix.lower() not in IMAGE_SUFFIXES:
            raise ValueError(f"{path}: expected an image ({' '.join(IMAGE_SUFFIXES)})")
    return paths


def _files(folder: Path) -> list[Path]:
    paths = [folder / name for name in list_names(folder)]
    for path in paths:
        if not path.is_file():
            what = "a folder, one level too deep" if path.is_dir() else "not a file"
            raise ValueError(f"{path}: expected a file, it is {what}")
    return paths


def _label(path: Path) -> str:
    try:
        label = path.read_text(encoding="utf-8-sig").strip()  # a byte order mark is no label
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: not UTF-8 ({error})") from error
    if not label:
        raise ValueError(f"{path}: expected a label, the file is empty")
    return label


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
    """All images of one split of an archive, sorted by class and name whatever the archive's order.

    Passed over, as `ImageFolder` does: what begins with a dot, and beside the folders of the
    classes files that are no images. What lies in another folder than ``split`` is not looked at.
    Names that differ in case only are two names.

    Args:
        path: a tar, compressed or not, or a zip, of ``<split>/<class>/<name>.<image suffix>``.
        split: the first folder, for example "train".
        cache: a folder that keeps the decoded tensor for the next call; it is made if need be. A
            changed archive (size, time) is decoded anew. Without it nothing is kept.

    Raises:
        FileNotFoundError: there is no such archive.
        ValueError: it is no whole archive (see `members`), has no such split, or holds in that
            split a link, a file that is not an image, an image of another size than the others, one
            in no class or one level too deep, a name that occurs twice, a class without images;
            names the file.
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
    """Eight digits that change when the archive does, or how it is read (the 2 in front)."""
    status = path.stat()
    return hashlib.sha256(f"2 {status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:8]


def _decoded(path: Path, split: str) -> LabelledImages:
    pixels: dict[tuple[str, str], np.ndarray] = {}  # (class, name) -> (H, W, 3)
    first, shape = "", tuple[int, ...]()
    for key, name, content in class_files(path, split, IMAGE_SUFFIXES):
        image = np.asarray(read_image(io.BytesIO(content), "RGB", f"{path}: {name}"))
        first, shape = first or name, shape or image.shape
        if image.shape != shape:
            raise ValueError(
                f"{path}: {name} is {image.shape} (height, width, channels), "
                f"{first} is {shape}: one tensor takes images of one size"
            )
        pixels[key] = image
    keys = sorted(pixels)
    classes = sorted({name for name, _ in keys})
    index = {name: label for label, name in enumerate(classes)}
    stacked = np.stack([pixels.pop(key) for key in keys])  # (N, H, W, C)
    return LabelledImages(
        torch.from_numpy(stacked).permute(0, 3, 1, 2).contiguous(),  # (N, C, H, W)
        torch.tensor([index[name] for name, _ in keys]),
        classes,
    )
