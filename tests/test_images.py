"""The archive reader: order, cache, and what it says of archives that are not as expected."""

import io
import os
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from wode.data import images
from wode.data.images import archive_tensors
from wode.files.download import data_root

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 4, 5, 3), dtype=np.uint8)
NAMES = [
    "test/cat/1.png",
    "train/dog/2.png",
    "train/cat/b.png",
    "train/dog/10.png",
    "train/cat/a.png",
]


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()


def write(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def made(tmp_path: Path) -> Path:
    files = {name: png(PIXELS[i]) for i, name in enumerate(NAMES)}
    files["train/cat/.DS_Store"] = b"not looked at"
    return write(tmp_path / "images.tar.gz", files)


def test_sorted_by_class_and_name_whatever_the_order(made: Path) -> None:
    images, labels, classes = archive_tensors(made, "train")
    assert classes == ["cat", "dog"]
    assert labels.tolist() == [0, 0, 1, 1]
    assert images.dtype == torch.uint8 and images.is_contiguous()
    expected = torch.from_numpy(PIXELS[[4, 2, 3, 1]]).permute(0, 3, 1, 2)  # a, b, 10, 2
    assert torch.equal(images, expected)


def test_cache_is_used_and_renewed(made: Path, tmp_path: Path, monkeypatch) -> None:
    cache = tmp_path / "cache"
    first = archive_tensors(made, "train", cache)
    assert len(list(cache.iterdir())) == 1
    monkeypatch.setattr(images, "_decoded", lambda *_: pytest.fail("decoded again"))
    again = archive_tensors(made, "train", cache)
    assert torch.equal(first.images, again.images) and again.classes == first.classes
    monkeypatch.undo()
    next(cache.iterdir()).write_bytes(b"damaged")
    assert torch.equal(archive_tensors(made, "train", cache).images, first.images)
    write(made, {"train/cat/new.png": png(PIXELS[5])})
    os.utime(made, ns=(1, 1))
    assert len(archive_tensors(made, "train", cache).labels) == 1


def test_no_cache_unless_asked_for(made: Path, tmp_path: Path) -> None:
    archive_tensors(made, "test")
    assert list(tmp_path.iterdir()) == [made]


def test_absent(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no image archive .*nowhere\.tar"):
        archive_tensors(tmp_path / "nowhere.tar", "train")


def test_unknown_split(made: Path) -> None:
    with pytest.raises(
        ValueError, match=r"images in dev/<class>/; its splits are \['test', 'train'\]"
    ):
        archive_tensors(made, "dev")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train/cat/c.png", png(PIXELS[0][:3]), r"train/cat/c\.png is \(3, 5, 3\).*is \(4, 5, 3\)"),
        ("train/cat/c.png", png(PIXELS[0])[:-40], r"train/cat/c\.png: not a readable image"),
        ("train/cat/c.txt", b"a cat", r"train/cat/c\.txt: expected an image"),
    ],
)
def test_what_does_not_fit_is_named(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = write(tmp_path / "a.tar", {"train/cat/a.png": png(PIXELS[0]), name: content})
    with pytest.raises(ValueError, match=message):
        archive_tensors(path, "train", tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_no_archive_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"x" * 2000)
    with pytest.raises(ValueError, match="not a readable tar archive"):
        archive_tensors(tmp_path / "a.tar", "train")


def test_cut_archive(made: Path) -> None:
    made.write_bytes(made.read_bytes()[: made.stat().st_size // 2])
    with pytest.raises(ValueError, match="not a readable tar archive"):
        archive_tensors(made, "train")


def test_real_cifar10() -> None:
    path = data_root() / "cifar10" / "cifar10-jpeg.tar.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not there: set WODE_DATA to the folder of the data sets")
    images, labels, classes = archive_tensors(path, "test")
    assert images.shape == (10_000, 3, 32, 32)
    assert labels.bincount().tolist() == [1000] * 10
    assert classes[:3] == ["airplane", "automobile", "bird"]
    means = images.double().mean(dim=(0, 2, 3)) / 255
    torch.testing.assert_close(
        means, torch.tensor([0.494, 0.485, 0.450]).double(), atol=0.01, rtol=0
    )
