"""Small images in one tar archive, decoded once into one tensor.

Fifty thousand little files are slow to list, to open and to decode, again in every epoch. As one
uint8 tensor CIFAR-10's training images take 154 MB, and a batch is one indexing operation. The
archive is laid out as ``ImageFolder``'s folders are: ``<split>/<class>/<name>.jpg``.
"""

import hashlib
import io
import os
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from wode.files.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from wode.folders import IMAGE_SUFFIXES


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
    found = _decoded(path, split)
    kept.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(kept, found._asdict())
    return found


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
