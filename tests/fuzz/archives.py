"""Archives of images, whole and damaged: the whole set or an error, never a smaller set.

The truth is what the archive was made of. Damage that no reader can see is not drawn: a plain tar
has no checksum over its files' bytes, so there only headers are changed.
"""

import bz2
import gzip
import io
import lzma
import random
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from wode.data.images import archive_tensors

Content = tuple[bytes, np.ndarray]  # a file's bytes and its pixels
Entry = tuple[str, bytes, str]  # name, content, kind: "" for a file


def _picture(number: int, kind: str, size: int = 3) -> Content:
    pixels = np.random.default_rng(number).integers(0, 256, (size, size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    buffer.seek(0)
    return buffer.getvalue(), np.asarray(Image.open(buffer).convert("RGB"))


POOL = [_picture(i, ("PNG", "BMP", "JPEG", "PPM", "WEBP")[i % 5]) for i in range(20)]
OTHER_SIZE = _picture(20, "PNG", 4)[0]
SUFFIXES = (".png", ".JPG", ".bmp", ".ppm")
#: What must be refused, as entries beside the good ones; {} stands for the name of a good one.
BAD: tuple[Callable[[str], Entry], ...] = (
    lambda name: ("train/cat/link.png", name.encode(), "symbolic"),
    lambda name: ("train", b"elsewhere", "symbolic"),
    lambda name: ("train/link", b"cat", "symbolic"),
    lambda name: ("train/cat/link.png", name.encode(), "hard"),
    lambda name: ("train/cat/fifo.png", b"", "fifo"),
    lambda name: ("train/empty/", b"", "folder"),
    lambda name: ("train/empty/.DS_Store", b"x", ""),
    lambda name: ("train/cat/deep/", b"", "folder"),
    lambda name: ("train/cat/deep/1.png", POOL[0][0], ""),
    lambda name: ("set/train/cat/1.png", POOL[0][0], ""),
    lambda name: ("train/1.png", POOL[0][0], ""),
    lambda name: ("train/cat/notes.txt", b"x", ""),
    lambda name: ("train/cat/big.png", OTHER_SIZE, ""),
    lambda name: ("train/cat/half.png", POOL[0][0][:50], ""),
    lambda name: ("../train/cat/1.png", POOL[0][0], ""),
    lambda name: ("/train/cat/1.png", POOL[0][0], ""),
    lambda name: (name, POOL[0][0], ""),
    lambda name: (f"./{name}", POOL[0][0], ""),
    lambda name: (name.replace("/", "//", 1), POOL[0][0], ""),
)
#: What is passed over.
OVER: tuple[Entry, ...] = (
    ("train/", b"", "folder"),
    ("train/.DS_Store", b"x", ""),
    ("._train", b"x", ""),  # macOS keeps there what its tar has no room for
    ("train/._cat", b"x", ""),
    ("__MACOSX/train/cat/._1.png", b"x", ""),  # and there in a zip
    ("train/.cache/x.png", b"x", ""),
    (".hidden/train/1.png", b"x", ""),
    ("README.txt", b"x", ""),
    ("train/labels.csv", b"x", ""),
    ("test/cat/1.png", b"not looked at", ""),
    ("test/1.png", b"not looked at", ""),
    ("test/link.png", b"1.png", "symbolic"),
)
TYPES = {"symbolic": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "fifo": tarfile.FIFOTYPE}


def _tar(entries: list[Entry], draw: random.Random) -> bytes:
    buffer = io.BytesIO()
    formats = [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
    if max(len(name.encode()) for name, *_ in entries) < 100:
        formats.append(tarfile.USTAR_FORMAT)
    said = {"comment": "of all members"} if draw.random() < 0.3 else {}  # as git archive does
    form = draw.choice(formats)
    with tarfile.open(fileobj=buffer, mode="w", format=form, pax_headers=said) as tar:
        for name, content, kind in entries:
            member = tarfile.TarInfo(name)
            if kind == "folder":
                member.type = tarfile.DIRTYPE
            elif kind:
                member.type, member.linkname = TYPES[kind], content.decode()
            else:
                member.size = len(content)
            tar.addfile(member, io.BytesIO(content) if member.isreg() else None)
    return buffer.getvalue()


class _Pipe:
    """What cannot be sought in: the sizes and checksums of a zip then follow the contents."""

    def __init__(self, buffer: io.BytesIO) -> None:
        self.write, self.flush = buffer.write, buffer.flush


def _zip(entries: list[Entry], draw: random.Random) -> bytes:
    buffer = io.BytesIO()
    place: Any = _Pipe(buffer) if draw.random() < 0.3 else buffer
    with (
        warnings.catch_warnings(),
        zipfile.ZipFile(place, "w") as archive,
    ):
        warnings.simplefilter("ignore")  # of names that occur twice
        for name, content, kind in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            if kind == "symbolic":
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, b"" if kind == "folder" else content)
        archive.comment = draw.choice((b"", b"", b"photographs"))
    return buffer.getvalue()


PACKED = {
    "tar": _tar,
    "tar.gz": lambda entries, draw: gzip.compress(_tar(entries, draw), 1),
    "tar.bz2": lambda entries, draw: bz2.compress(_tar(entries, draw), 1),
    "tar.xz": lambda entries, draw: lzma.compress(_tar(entries, draw), preset=0),
    "zip": _zip,
}


def _damaged(data: bytes, kind: str, entries: list[Entry], draw: random.Random) -> bytes:
    """Bytes lost, changed or added, where the format can tell."""
    place = draw.randrange(len(data))
    how = draw.choice(("cut", "cut", "flip", "flip", "lose", "add", "append", "twice", "forge"))
    if how == "cut":
        return data[: place // 512 * 512 if draw.random() < 0.3 else place]
    if how == "twice":
        return data + data
    if how == "append":
        return data + draw.choice((b"x", b"\0", bytes(512), draw.randbytes(40), data[:place]))
    if kind == "tar":  # its headers only, and nothing a whole member long
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            member = draw.choice(tar.getmembers())
        if how == "forge":
            return _forged(data, member, draw)
        place = member.offset + draw.randrange(512)
    if how in ("flip", "forge"):
        return data[:place] + bytes([data[place] ^ 1 << draw.randrange(8)]) + data[place + 1 :]
    if how == "lose":
        return data[:place] + data[place + draw.randint(1, 500) :]
    return data[:place] + draw.randbytes(draw.randint(1, 500)) + data[place:]


def _forged(data: bytes, member: tarfile.TarInfo, draw: random.Random) -> bytes:
    """A member's header says another size, under a checksum that fits."""
    offset = member.offset_data - 512
    header = bytearray(data[offset : member.offset_data])
    size = draw.choice((-1, -512, -1024, -(10**6), 2**40, 2**62, member.size + 10**5))
    header[124:136] = (size + (0x80 << 88 if size >= 0 else 1 << 96)).to_bytes(12, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return data[:offset] + header + data[member.offset_data :]


def trial(draw: random.Random) -> str:
    truth: dict[tuple[str, str], np.ndarray] = {}
    entries, prefix = list[Entry](), draw.choice(("", "", "./"))
    for _ in range(draw.randint(1, 5)):
        content, pixels = draw.choice(POOL)
        name = draw.choice(("a", "b", "A", "图", "n" * 99, "n" * 120)) + draw.choice(SUFFIXES)
        key = draw.choice(("cat", "Cat", "dog", "train", "猫")), name
        if key not in truth:
            truth[key] = pixels
            entries.append((f"{prefix}train/{key[0]}/{name}", content, ""))
            around = (f"{prefix}train/{key[0]}/", b"", "folder")
            hidden = (f"{prefix}train/{key[0]}/.DS_Store", b"x", "")
            entries += [
                one for one in (around, hidden) if one not in entries and draw.random() < 0.3
            ]
    kind, good = draw.choice(tuple(PACKED)), entries[0][0].removeprefix("./")
    entries += draw.sample(OVER, draw.randint(0, 3))
    bad = draw.random() < 0.3
    if bad:
        entry = draw.choice(BAD)(good)
        while kind == "zip" and entry[2] in ("hard", "fifo"):  # a zip has none
            entry = draw.choice(BAD)(good)
        entries.append(entry)
    draw.shuffle(entries)
    data = PACKED[kind](entries, draw)
    damaged = not bad and draw.random() < 0.6
    if damaged:
        data = _damaged(data, kind, entries, draw)
    path = Path(f"set.{kind}" if draw.random() < 0.5 else "set")
    path.write_bytes(data)
    error = ""
    try:
        images, labels, classes = archive_tensors(path, "train")
    except ValueError as refusal:
        error = str(refusal)
    if error:
        assert error.startswith(f"{path}: "), f"the message names no file: {error}"
        assert bad or damaged, f"a whole {kind} was refused: {error}"
        return "refused"
    assert not bad, f"accepted {entry[:1] + entry[2:]} in a {kind}"
    keys = sorted(truth)
    assert classes == sorted({name for name, _ in keys}), f"classes {classes}"
    assert labels.tolist() == [classes.index(name) for name, _ in keys], f"labels {labels}"
    expected = torch.from_numpy(np.stack([truth[key] for key in keys])).permute(0, 3, 1, 2)
    assert torch.equal(images, expected), f"other images of a {kind}"
    return "right"
