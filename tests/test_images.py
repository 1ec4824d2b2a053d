"""Archives of images (order, cache, whole or an error), and images of every mode."""

import bz2
import gzip
import hashlib
import io
import itertools
import lzma
import os
import random
import shutil
import stat
import struct
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fuzz import archives as fuzz
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wode.data import images
from wode.data.archives import members
from wode.data.images import ImageFolder, PairedFolder, archive_tensors, read_image
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


def test_what_was_kept_before_archives_had_to_be_whole_is_not_used(made: Path) -> None:
    status = made.stat()
    old = hashlib.sha256(f"{status.st_size} {status.st_mtime_ns}".encode()).hexdigest()[:8]
    kept = made.parent / f"{made.name}-train-{old}.pt"
    images.save_checkpoint(kept, images.LabelledImages(*archive_tensors(made, "test"))._asdict())
    assert len(archive_tensors(made, "train", made.parent).labels) == 4


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


# ---------------------------------------------------------------- whole, or an error


def jpeg(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.roll(PIXELS[number], number)).save(buffer, format="JPEG")
    return buffer.getvalue()


def tar_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def zip_of(files: dict[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.comment = b"three photographs"
    return buffer.getvalue()


PHOTOS = {f"train/{name}/1.jpg": jpeg(i) for i, name in enumerate(("cat", "dog", "emu"))}
PACKED: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "tar": tar_of,
    "tar.gz": lambda files: gzip.compress(tar_of(files)),
    "tar.bz2": lambda files: bz2.compress(tar_of(files)),
    "tar.xz": lambda files: lzma.compress(tar_of(files)),
    "tar.lzma": lambda files: lzma.compress(tar_of(files), lzma.FORMAT_ALONE),
    "zip": zip_of,
    "zip deflated": lambda files: zip_of(files, zipfile.ZIP_DEFLATED),
}


@pytest.mark.parametrize("kind", PACKED)
def test_a_whole_archive_whatever_its_compression(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "archive"  # its name says nothing
    path.write_bytes(PACKED[kind](PHOTOS))
    images, labels, classes = archive_tensors(path, "train")
    assert (labels.tolist(), classes) == ([0, 1, 2], ["cat", "dog", "emu"])
    for image, content in zip(images, PHOTOS.values(), strict=True):
        expected = np.array(Image.open(io.BytesIO(content)).convert("RGB"))
        assert torch.equal(image, torch.from_numpy(expected).permute(2, 0, 1))


@pytest.mark.parametrize("name", ["BZh", "BZh9", "]"])
def test_a_tar_whose_first_name_looks_like_a_compression(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(tar_of({name: b""} | PHOTOS))
    assert len(archive_tensors(path, "train").labels) == 3


def test_the_tar_of_three_images_that_was_read_as_two(tmp_path: Path) -> None:
    files = {f"train/{i}/1.png": png(PIXELS[i]) for i in range(3)}
    path = tmp_path / "a.tar"
    path.write_bytes(tar_of(files)[:2048])
    with pytest.raises(ValueError, match=r"a\.tar: not a readable tar archive \(it ends early"):
        archive_tensors(path, "train")


@pytest.mark.parametrize("kind", PACKED)
def test_an_archive_cut_at_any_byte_is_an_error(tmp_path: Path, kind: str) -> None:
    data, path = PACKED[kind](PHOTOS), tmp_path / "archive"
    end = len(data)
    if kind == "tar":  # blocks of zeros behind the two that end it are padding
        end = len(data.rstrip(b"\0")) // 512 * 512 + 512 + 1024
        assert end < len(data)
        for length in (end, end + 1, end + 512, len(data) - 1):
            path.write_bytes(data[:length])
            assert len(archive_tensors(path, "train").labels) == 3
    for length in range(end):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match=r"archive: not a readable (tar|zip) archive"):
            for _ in members(path):
                pass


def test_what_follows_or_lies_between_the_members_is_an_error(tmp_path: Path) -> None:
    path, other = tmp_path / "archive", {"train/fox/1.jpg": jpeg(3)}
    for kind, pack in PACKED.items():
        data, more = pack(PHOTOS), pack(other)
        junk = [data + more, data + b"x", data + b"\0" * 600 + b"x"]
        junk += [more + data] if kind.startswith("zip") else []
        for changed in junk:
            path.write_bytes(changed)
            with pytest.raises(ValueError, match="archive: not a readable"):
                archive_tensors(path, "train")
    data = tar_of(PHOTOS)
    for place in range(512, 2048, 512):  # a damaged header in the middle, or zeros
        if data[place + 257 : place + 262] == b"ustar":
            for header in (b"?" + data[place + 1 : place + 512], bytes(512)):
                path.write_bytes(data[:place] + header + data[place + 512 :])
                with pytest.raises(
                    ValueError, match=r"from byte \d+ on: neither a member's header"
                ):
                    archive_tensors(path, "train")


def test_a_header_that_leads_back_does_not_go_round_in_circles(tmp_path: Path) -> None:
    """CVE-2025-8194: a size of -512 made `tarfile` read the same header for ever."""
    data = bytearray(tar_of({"train/.a": b"", "train/.b": b""} | PHOTOS))
    header = data[512:1024]
    header[124:136] = (2**96 - 512).to_bytes(12, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    data[512:1024] = header
    (tmp_path / "a.tar").write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.tar: .*sends the reader back from byte 1024 to 511"):
        archive_tensors(tmp_path / "a.tar", "train")


@pytest.mark.parametrize("form", ["ustar", "pax"])
def test_what_the_tar_of_this_machine_packs(tmp_path: Path, form: str) -> None:
    """GNU's or BSD's: headers, padding and long names are theirs."""
    for name, content in PHOTOS.items():
        for place in (name, name.replace("1.jpg", f"{'long' * 20}.jpg"), name.replace("1", "猫")):
            (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / place).write_bytes(content)
    hole = with_a_hole(tmp_path / "train" / "cat" / "hole.bmp")
    program = shutil.which("tar") or pytest.skip("no tar on this machine")
    ways = [["-cf"], ["-czf"], ["-b", "1", "-cf"]]
    if form == "pax" and b"GNU" in subprocess.check_output([program, "--version"]):
        ways.append(["-Scf"])
    for options in ways:
        command = [program, f"--format={form}", "-C", str(tmp_path), *options]
        packed = [*command, str(tmp_path / "set"), "./train"]
        subprocess.run(packed, check=True, env=os.environ | {"COPYFILE_DISABLE": "1"})
        images, labels, classes = archive_tensors(tmp_path / "set", "train")
        assert (labels.bincount().tolist(), classes) == ([4, 3, 3], ["cat", "dog", "emu"])
        assert torch.equal(images[1], torch.from_numpy(hole).permute(2, 0, 1))


def with_a_hole(path: Path) -> np.ndarray:
    """A BMP whose pixels stand after 300,000 zeros, which `tar -S` leaves out."""
    buffer = io.BytesIO()
    Image.fromarray(PIXELS[5]).save(buffer, "BMP")
    data, begin = buffer.getvalue(), 300_000
    with path.open("wb") as file:
        file.write(data[:10] + struct.pack("<I", begin) + data[14:54])
        file.seek(begin)
        file.write(data[54:])
    return PIXELS[5]


def test_several_compressed_streams_one_after_the_other(tmp_path: Path) -> None:
    data, path = tar_of(PHOTOS), tmp_path / "archive"
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        parts = [pack(data[:700]), pack(data[700:2000]), pack(data[2000:])]
        path.write_bytes(b"\0\0\0\0".join(parts))
        assert len(archive_tensors(path, "train").labels) == 3
        for left_out in range(3):
            path.write_bytes(b"".join(parts[:left_out] + parts[left_out + 1 :]))
            with pytest.raises(ValueError, match=r"archive: .*not a readable"):
                archive_tensors(path, "train")


@given(number=st.integers(0, 10**9))
def test_drawn_archives_are_whole_or_refused(tmp_path: Path, monkeypatch, number: int) -> None:
    monkeypatch.chdir(tmp_path)
    assert fuzz.trial(random.Random(number)) in ("right", "refused")


# ---------------------------------------------------------------- named, not dropped


def link(name: str, kind: bytes, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (link("train/cat/b.png", tarfile.SYMTYPE, "a.png"), "it is a symbolic link to a.png"),
        (link("train/cat/b.png", tarfile.LNKTYPE, "train/cat/a.png"), "it is a hard link to train"),
        (link("train/cow", tarfile.SYMTYPE, "cat"), "it is a symbolic link to cat"),
        (link("train/cat/b.png", tarfile.FIFOTYPE, ""), "it is neither a file nor a folder"),
        (link("train/cat/deep", tarfile.DIRTYPE, ""), "expected train/<class>/<name>, found a fol"),
        (
            link("train/cow", tarfile.DIRTYPE, ""),
            "train/cow: expected images, found an empty folder",
        ),
        ("train/cat/deep/b.png", "expected train/<class>/<name>, found a file there"),
        ("set/train/cat/b.png", "expected train/<class>/<name>, found a file there"),
        ("train/b.png", "expected train/<class>/<name>, found a file there"),
        ("train/cat/a.png", "the name occurs twice"),
        ("./train//cat/a.png", "the name occurs twice"),
        ("/train/cat/b.png", "leads out of the archive's own folder"),
        ("train/cat/../dog/b.png", "leads out of the archive's own folder"),
    ],
    ids=lambda part: part if isinstance(part, str) else f"{part.name} {part.type}",
)
def test_a_member_that_does_not_fit_is_named(
    tmp_path: Path, member: tarfile.TarInfo | str, message: str
) -> None:
    content = png(PIXELS[0])
    entry = tarfile.TarInfo(member) if isinstance(member, str) else member
    entry.size = len(content) if isinstance(member, str) else 0
    good = tarfile.TarInfo("train/cat/a.png")
    good.size = len(content)
    path = tmp_path / "a.tar"
    for order in itertools.permutations((good, entry)):
        with tarfile.open(path, "w") as tar:
            for one in order:
                tar.addfile(one, io.BytesIO(content) if one.size else None)
        with pytest.raises(ValueError, match=r"a\.tar: .*") as refusal:
            archive_tensors(path, "train")
        assert message in str(refusal.value)
        if message != "the name occurs twice":
            assert entry.name in str(refusal.value)


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    data = tar_of({"train/\udcffcat/a.png": png(PIXELS[0])})  # ASCII but for a byte 0xff
    assert b"\xffcat" in data
    (tmp_path / "a.tar").write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.tar: not a readable tar archive \('utf-8' codec"):
        archive_tensors(tmp_path / "a.tar", "train")


def test_names_that_differ_in_case_only_are_two(tmp_path: Path) -> None:
    names = ("train/cat/a.png", "train/cat/A.png", "train/Cat/a.png")
    path = tmp_path / "a.tar"
    path.write_bytes(tar_of({name: png(PIXELS[i]) for i, name in enumerate(names)}))
    assert archive_tensors(path, "train")[1:][0].tolist() == [0, 1, 1]


def test_zip_links_and_names(tmp_path: Path) -> None:
    path, content = tmp_path / "a.zip", png(PIXELS[0])
    link = zipfile.ZipInfo("train/cat/b.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "a.png")
    with pytest.raises(ValueError, match=r"b\.png: .* it is a symbolic link to a\.png"):
        archive_tensors(path, "train")
    data = zip_of({"train/aa/1.png": content})
    path.write_bytes(data.replace(b"train/aa/", "train/é/".encode()))  # UTF-8, and no flag says so
    assert archive_tensors(path, "train").classes == ["é"]
    for name in (b"train\\aa\\", b"train/\xff\xff/", b"train/a\0/"):
        path.write_bytes(data.replace(b"train/aa/", name))
        with pytest.raises(ValueError, match=r"a\.zip: not a readable zip archive"):
            archive_tensors(path, "train")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_zip_whose_directory_leaves_bytes_out(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"first")
        archive.writestr("a", b"later")
    data, place = path.read_bytes(), archive.start_dir
    assert [member.content for member in members(path)] == [b"first", b"later"]
    end = data.index(b"PK\5\6")
    moved = struct.pack("<I", place + 4)
    between = data[:place] + b"junk" + data[place : end + 16] + moved + data[end + 20 :]
    second = data.rindex(b"PK\1\2")
    twice = data[:second] + data[place:second] + data[end:]  # both entries: the first member
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"first"), archive.writestr("b", b"later")
    data = path.read_bytes()
    size = data.rindex(b"PK\1\2") + 24
    longer = data[:size] + b"\6" + data[size + 1 :]  # a byte more than there is
    for changed in (between, twice, longer):
        path.write_bytes(changed)
        with zipfile.ZipFile(path) as archive:
            assert len([archive.read(entry) for entry in archive.infolist()]) == 2  # no complaint
        with pytest.raises(ValueError, match=r"a\.zip: not a readable zip archive \(.*\d bytes"):
            list(members(path))


def test_a_streamed_zip_whose_sizes_follow_the_contents(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for long in (False, True):  # 4 and 8 bytes a size
        pipe = io.BytesIO()
        stream: Any = type("Pipe", (), {"write": pipe.write, "flush": pipe.flush})()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in (PHOTOS | {"train/.empty": b""}).items():
                with archive.open(name, "w", force_zip64=long) as file:
                    file.write(content)
        path.write_bytes(pipe.getvalue())
        assert len(archive_tensors(path, "train").labels) == 3
        path.write_bytes(pipe.getvalue().replace(b"PK\7\10", b"PK\7\7", 1))
        with pytest.raises(ValueError, match=r"a\.zip: not a readable zip .*do not follow"):
            archive_tensors(path, "train")


def test_folders_name_what_they_would_have_dropped(tmp_path: Path) -> None:
    root, photo = tmp_path / "set", png(PIXELS[0])
    (root / "cat").mkdir(parents=True)
    (root / "cat" / "1.png").write_bytes(photo)
    (root / "README.txt").write_text("a file beside the classes is no class")
    (root / "dog").symlink_to(root / "cat")
    (root / "cat" / "2.png").symlink_to(root / "cat" / "1.png")  # links that lead somewhere
    assert len(ImageFolder(root)) == 4

    def refused(path: Path, message: str) -> None:
        with pytest.raises(ValueError, match=message) as refusal:
            ImageFolder(root)
        assert str(path) in str(refusal.value)
        path.unlink() if path.is_symlink() or path.is_file() else path.rmdir()

    (root / "1.png").write_bytes(photo)
    refused(root / "1.png", "beside the folders of the classes")
    (root / "cow").symlink_to(root / "nowhere")
    refused(root / "cow", "beside the folders of the classes")
    (root / "cat" / "deep.png").mkdir()
    refused(root / "cat" / "deep.png", "expected a file, it is a folder, one level too deep")
    (root / "cat" / "3.png").symlink_to(root / "nowhere")
    refused(root / "cat" / "3.png", "expected a file, it is not a file")
    (root / "cow").mkdir()
    refused(root / "cow", "found an empty folder")
    assert len(ImageFolder(root)) == 4


def test_paired_labels_are_read_or_named(tmp_path: Path) -> None:
    images, labels = tmp_path / "images", tmp_path / "labels"
    images.mkdir(), labels.mkdir()
    (images / "1.png").write_bytes(png(PIXELS[0]))
    label = labels / "1.txt"
    label.write_bytes(b"\xef\xbb\xbfcat\r\n")
    assert PairedFolder(images, labels)[0][1] == "cat"
    for content, message in ((b" \n", "expected a label, the file is empty"), (b"\xff", "UTF-8")):
        label.write_bytes(content)
        with pytest.raises(ValueError, match=rf"1\.txt: .*{message}"):
            PairedFolder(images, labels)[0]
    label.unlink()
    (labels / "1").mkdir()
    with pytest.raises(ValueError, match=r"labels.1: expected a file, it is a folder"):
        PairedFolder(images, labels)


# ---------------------------------------------------------------- modes


def png16(pixels: np.ndarray) -> bytes:
    """A PNG of 16 bits a channel, grey (H, W) or RGB (H, W, 3): Pillow writes no coloured one."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    height, width = pixels.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 16, 0 if pixels.ndim == 2 else 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


GREY = st.lists(st.integers(0, 65535), min_size=12, max_size=12)


@given(values=GREY)
def test_sixteen_bits_are_scaled_as_pillow_scales_colour(values: list[int]) -> None:
    deep = np.array(values, dtype=np.uint16).reshape(3, 4)
    expected = (deep >> 8).astype(np.uint8)
    for mode, channels in (("L", 1), ("RGB", 3)):
        image = np.asarray(read_image(io.BytesIO(png16(deep)), mode)).reshape(3, 4, channels)
        assert (image == expected[..., None]).all()
    colour = np.stack([deep, deep, deep], axis=2)
    assert (np.asarray(read_image(io.BytesIO(png16(colour)), "L")) == expected).all()
    for mode in ("I", "F", None):  # all of it
        assert (np.asarray(read_image(io.BytesIO(png16(deep)), mode)) == deep).all()
    for order in (">u2", "<u2"):
        buffer = io.BytesIO()
        Image.fromarray(deep.astype(order)).save(buffer, "TIFF")
        assert (np.asarray(read_image(buffer, "L")) == expected).all()


def tiff(bits: int, data: bytes, white_is_zero: bool) -> bytes:
    """One row of grey in TIFF 6.0: Pillow writes neither 12 bits a value nor 0 as white."""
    values = {256: len(data) * 8 // bits, 257: 1, 258: bits, 259: 1, 262: 1 - white_is_zero}
    values |= {273: 8, 277: 1, 278: 1, 279: len(data)}
    tags = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in values.items())
    head = struct.pack("<2sHI", b"II", 42, 8 + len(data))
    return head + data + struct.pack("<H", len(values)) + tags + bytes(4)


@given(values=GREY)
def test_grey_of_a_tiff_has_the_bits_and_the_white_that_it_says(values: list[int]) -> None:
    row, upper = np.array(values, dtype="<u2"), np.array(values) >> 8
    packed = int("".join(f"{value >> 4:012b}" for value in values), 2).to_bytes(18, "big")
    for bits, data, white in (
        (16, row.tobytes(), False),
        (16, row.tobytes(), True),
        (12, packed, False),
    ):
        found = np.asarray(read_image(io.BytesIO(tiff(bits, data, white)), "L"))[0]
        assert (found == (255 - upper if white else upper)).all()


@pytest.mark.parametrize("mode", ["I", "F"])
def test_thirty_two_bits_are_refused_or_left_as_they_are(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "set" / "cat" / "1.tif"
    path.parent.mkdir(parents=True)
    pixels = np.array([[0, 70000], [255, 256]], dtype=np.int32 if mode == "I" else np.float32)
    Image.fromarray(pixels).save(path)
    for wanted in ("L", "RGB"):
        with pytest.raises(ValueError, match=rf"1\.tif: .*mode {mode}, 32 bits .* to {wanted}"):
            ImageFolder(tmp_path / "set", mode=wanted)[0]
    assert (np.asarray(ImageFolder(tmp_path / "set", mode=None)[0][0]) == pixels).all()
    archive = tmp_path / "a.tar"
    archive.write_bytes(tar_of({"train/cat/1.tif": path.read_bytes()}))
    with pytest.raises(ValueError, match=rf"a\.tar: train/cat/1\.tif: .*mode {mode}, 32 bits"):
        archive_tensors(archive, "train")


def test_other_modes_have_one_meaning(tmp_path: Path) -> None:
    def through(image: Image.Image, kind: str = "PNG", **options: object) -> list[int]:
        image.save(tmp_path / "x", kind, **options)
        return np.asarray(read_image(tmp_path / "x", "RGB")).reshape(-1, 3)[0].tolist()

    assert through(Image.new("1", (2, 2), 1)) == [255] * 3
    assert through(Image.new("LA", (2, 2), (7, 0))) == [7] * 3  # transparency is dropped
    assert through(Image.new("RGBA", (2, 2), (1, 2, 3, 0))) == [1, 2, 3]
    assert through(Image.new("CMYK", (2, 2), (255, 0, 55, 0)), "TIFF") == [0, 255, 200]
    palette = Image.new("P", (2, 2), 1)
    palette.putpalette([9, 9, 9, 10, 20, 30])
    assert through(palette) == through(palette, transparency=b"\0\0") == [10, 20, 30]
    with pytest.raises(ValueError, match=r"x: not a readable image .*mode"):
        read_image(tmp_path / "x", "rgb")


@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_exif_orientation_is_followed(tmp_path: Path, turned: int, kind: str) -> None:
    upright = PIXELS[0]
    undo = {  # EXIF 2.32, tag 0x0112: where the stored row 0 and column 0 are to be seen
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright),
        7: np.rot90(upright, 2).transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = turned
    path = tmp_path / "cat" / f"1.{kind.lower()}"
    path.parent.mkdir()
    Image.fromarray(np.ascontiguousarray(undo[turned])).save(path, kind, exif=exif)
    for mode in ("RGB", None):
        assert (np.asarray(ImageFolder(tmp_path, mode=mode)[0][0]) == upright).all()
    archive = tmp_path / "a.tar"
    archive.write_bytes(tar_of({f"train/cat/{path.name}": path.read_bytes()}))
    expected = torch.from_numpy(upright).permute(2, 0, 1)
    assert torch.equal(archive_tensors(archive, "train").images[0], expected)


# ---------------------------------------------------------------- real data


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
