"""The members of a tar or zip archive, one by one, and an error unless the archive is whole.

Python's `tarfile` takes whatever is not a header for the end of the archive: cut short, or with one
damaged header, a tar reads as a smaller one (python/cpython issue 120740). `bz2`, `lzma` and
`zipfile` pass over bytes that they do not know. Here every byte is accounted for: a compressed
stream ends by itself, a tar ends with its two blocks of zeros and nothing but zeros follows, a
zip's members stand one after the other from its first byte to its directory, and each has the
CRC-32 that was written down.

Sources: POSIX.1-2017, pax, "ustar Interchange Format"; PKWARE's APPNOTE.TXT 6.3.10.
"""

import bz2
import lzma
import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NamedTuple

CHUNK = 1 << 16  # bytes a read
HEAD = 10  # bytes that tell how a file is compressed
FILE, FOLDER = "a file", "a folder"  # what else a member is, its kind says in words


class Member(NamedTuple):
    """One entry of an archive: its name as stored, what it is, its bytes (b"" if no file)."""

    name: str
    kind: str
    content: bytes


def members(
    path: str | os.PathLike[str], wanted: Callable[[str], bool] = lambda name: True
) -> Iterator[Member]:
    """Every entry of an archive in its order: .tar, .tar.gz, .tar.bz2, .tar.xz, .tar.lzma or .zip.

    How it is packed is told by its first bytes, not by its name. Whether it is whole is known once
    the last member has been asked for: use nothing of it before.

    Args:
        path: the archive.
        wanted: the files whose content is to be kept, by name; that of others comes as b"".

    Raises:
        FileNotFoundError: there is no such archive.
        ValueError: it is none, it ends early, bytes of it belong to no member, a checksum is wrong,
            or a name is not UTF-8; names the file.
    """
    with open(path, "rb") as file:
        head = file.read(HEAD)
        file.seek(0)
        packed = head.startswith(b"PK")
        try:
            yield from _zipped(file, wanted) if packed else _tarred(_Stream(file, head), wanted)
        except Exception as error:  # a damaged archive shows itself in a dozen types
            reason = str(error) or type(error).__name__
            what = "zip" if packed else "tar"
            raise ValueError(f"{path}: not a readable {what} archive ({reason})") from error


def class_files(
    path: str | os.PathLike[str], split: str, suffixes: tuple[str, ...]
) -> Iterator[tuple[tuple[str, str], str, bytes]]:
    """The files of ``<split>/<class>/<name><suffix>``: (class, name), the whole name, the bytes.

    Passed over are names with a part that begins with a dot, and files without such a suffix beside
    the folders of the classes. Other folders than ``split`` are not looked at. Names that differ in
    case only are two names.

    Raises:
        ValueError: as `members`; no file at all; in ``split`` a link, a file of another suffix, in
            no class or one level too deep, a name that occurs twice, a class without files; the
            whole layout one level too deep; a name that leads out of the archive's own folder.
    """
    splits, classes, found = set[str](), set[str](), set[tuple[str, str]]()
    for name, kind, content in members(path, lambda name: split in PurePosixPath(name).parts):
        parts = PurePosixPath(name).parts  # without ./ and //
        if name.startswith("/") or ".." in parts:
            raise ValueError(f"{path}: {name}: leads out of the archive's own folder")
        hidden = [part.startswith(".") for part in parts]
        if parts[:1] == (split,) and hidden == [False, False, True]:
            classes.add(parts[1])  # there is such a folder, if only for this file
        if not parts or any(hidden):
            continue
        splits.update(parts[:1] if kind == FILE and len(parts) == 3 else ())
        if parts[0] != split and (len(parts) != 4 or parts[1] != split or kind == FOLDER):
            continue
        if kind not in (FILE, FOLDER):
            raise ValueError(f"{path}: {name}: expected a file, it is {kind}")
        known = parts[-1].lower().endswith(suffixes)
        if len(parts) < 3 and (kind == FOLDER or not known):
            classes.update(parts[1:] if kind == FOLDER else ())
            continue
        if len(parts) != 3 or kind == FOLDER:
            raise ValueError(f"{path}: {name}: expected {split}/<class>/<name>, found {kind} there")
        if not known:
            raise ValueError(f"{path}: {name}: expected an image ({' '.join(suffixes)})")
        if parts[1:] in found:
            raise ValueError(f"{path}: {name}: the name occurs twice")
        found.add((parts[1], parts[2]))
        yield (parts[1], parts[2]), name, content
    if not found:
        raise ValueError(f"{path}: no images in {split}/<class>/; its splits are {sorted(splits)}")
    if empty := sorted(classes - {name for name, _ in found}):
        raise ValueError(f"{path}: {split}/{empty[0]}: expected images, found an empty folder")


# ---------------------------------------------------------------- tar


def _unpacker(head: bytes) -> Callable[[], Any] | None:
    """What makes a decompressor for a file that begins so; None: it is not compressed."""
    if head.startswith(b"\x1f\x8b"):
        return lambda: zlib.decompressobj(wbits=31)  # 31: with gzip's header and checksum
    if re.match(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)", head):  # a tar may begin with the name "BZh"
        return bz2.BZ2Decompressor
    if head.startswith(b"\xfd7zXZ\0") or re.match(rb"\]\0\0(?!\0\0)", head):
        return lzma.LZMADecompressor
    return None


def _pieces(file: BinaryIO, unpacker: Callable[[], Any] | None) -> Iterator[bytes]:
    """What a file holds, decompressed. Several streams may follow one another, padded by zeros."""
    data = file.read(CHUNK)
    while data:
        if unpacker is None:
            yield data
            data = file.read(CHUNK)
            continue
        stream = unpacker()
        while not stream.eof:
            if not data:
                raise EOFError("it ends early: the compressed stream is not complete")
            yield stream.decompress(data)
            data = stream.unused_data if stream.eof else file.read(CHUNK)
        data = data.lstrip(b"\0")
        while not data and (more := file.read(CHUNK)):
            data = more.lstrip(b"\0")


class _Stream:
    """What `tarfile` reads from: forward only, so no damaged header can send it round in circles.

    ``last`` is what the latest `read` gave.
    """

    def __init__(self, file: BinaryIO, head: bytes) -> None:
        self.pieces = _pieces(file, _unpacker(head))
        self.waiting, self.place, self.last = bytearray(), 0, b""

    def read(self, count: int) -> bytes:
        while len(self.waiting) < count and (piece := next(self.pieces, None)) is not None:
            self.waiting += piece
        self.last = bytes(self.waiting[:count])
        del self.waiting[:count]
        self.place += len(self.last)
        return self.last

    def tell(self) -> int:
        return self.place

    def seek(self, place: int) -> None:
        if place < self.place:
            raise ValueError(f"a header sends the reader back from byte {self.place} to {place}")
        while self.place < place and self.read(min(CHUNK, place - self.place)):
            pass


def _tarred(stream: _Stream, wanted: Callable[[str], bool]) -> Iterator[Member]:
    file: Any = stream
    with tarfile.open(fileobj=file, mode="r:", encoding="utf-8", errors="strict") as tar:
        while (entry := tar.next()) is not None:
            content = tar.extractfile(entry) if entry.isfile() and wanted(entry.name) else None
            yield Member(entry.name, _kind(entry), content.read() if content else b"")
            tar.members.clear()  # ty: ignore -- it would keep them all
    zeros, piece = 0, stream.last  # what made `tarfile` stop
    while piece:
        if piece.strip(b"\0"):
            where = stream.place - len(piece)
            raise ValueError(f"from byte {where} on: neither a member's header nor padding")
        zeros, piece = zeros + len(piece), stream.read(CHUNK)
    if zeros < 2 * tarfile.BLOCKSIZE:
        raise EOFError(f"it ends early: without two blocks of zeros, after byte {stream.place}")


def _kind(entry: tarfile.TarInfo) -> str:
    if entry.isfile() or entry.isdir():
        return FILE if entry.isfile() else FOLDER
    if entry.islnk() or entry.issym():
        return _link("hard" if entry.islnk() else "symbolic", entry.linkname)
    return "neither a file nor a folder"


def _link(which: str, target: str) -> str:
    """The kind of a link. It is not followed, but whoever packed it can pack what it leads to."""
    return f"a {which} link to {target} (tar -h --hard-dereference, zip without -y store files)"


# ---------------------------------------------------------------- zip


def _zipped(file: BinaryIO, wanted: Callable[[str], bool]) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        _check_no_gap(archive, file)
        for entry in archive.infolist():
            name, content = _name(entry), archive.read(entry)  # compares names and the CRC-32
            if len(content) != entry.file_size:
                raise ValueError(f"{name} has {len(content)} bytes, expected {entry.file_size}")
            kind = FOLDER if entry.is_dir() else FILE
            if stat.S_ISLNK(entry.external_attr >> 16):
                kind = _link("symbolic", content.decode(errors="replace"))
            yield Member(name, kind, content if kind == FILE and wanted(name) else b"")


def _name(entry: zipfile.ZipInfo) -> str:
    """The name, in UTF-8 also where the archive forgot to say so (macOS does)."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        name = name.encode("cp437").decode("utf-8")
    if "\0" in entry.orig_filename or "\\" in name:
        raise ValueError(f"{entry.orig_filename!r} is no name of a zip's member: use /")
    return name


def _check_no_gap(archive: zipfile.ZipFile, file: BinaryIO) -> None:
    """Members touch each other, the directory and its end record the end of the file."""
    place = 0
    for entry in sorted(archive.infolist(), key=lambda entry: entry.header_offset):
        gap = entry.header_offset - place
        if gap:
            raise ValueError(f"{abs(gap)} bytes {'before' if gap > 0 else 'in'} {entry.filename}")
        file.seek(place + 26)  # the lengths of its name and of what is added, in its own header
        name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
        place += 30 + name + extra + entry.compress_size
        if entry.flag_bits & 0x08:  # sizes and checksum follow the content
            file.seek(place)
            place += _descriptor(file.read(24), entry)
    if place != archive.start_dir:
        raise ValueError(f"{archive.start_dir - place} bytes between the members and the directory")
    file.seek(-22 - len(archive.comment), os.SEEK_END)
    end = file.read(22)
    if not end.startswith(b"PK\5\6") or int.from_bytes(end[20:], "little") != len(archive.comment):
        raise EOFError("it does not end with its end record")


def _descriptor(after: bytes, entry: zipfile.ZipInfo) -> int:
    """How many bytes of ``after`` repeat the member's checksum and sizes (4 or 8 bytes each)."""
    crc = entry.CRC.to_bytes(4, "little")
    for width in (8, 4):  # of an empty file the shorter would pass for the longer
        if entry.file_size >> 8 * width or entry.compress_size >> 8 * width:
            continue
        sizes = (entry.compress_size, entry.file_size)
        wanted = crc + b"".join(size.to_bytes(width, "little") for size in sizes)
        for begin in (b"PK\7\10", b""):
            if after.startswith(begin + wanted):
                return len(begin + wanted)
    raise ValueError(f"{entry.filename}: its checksum and sizes do not follow its content")
