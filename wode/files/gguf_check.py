"""The structure of a GGUF file, checked to its last byte before anything is unpacked.

``gguf``'s reader takes what is there: a count or a length that points behind the end gives fewer
bytes than it says, an offset into another tensor gives that one's numbers. Here every length must
lie in the file, and the tensors must follow each other as llama.cpp demands it. The format has no
checksum: a flipped bit of a weight is not seen here.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import math
import mmap
import struct
from pathlib import Path

from wode.files.checkpoint import damaged, existing

#: Bytes of a value of each type; 8 is a string, 9 an array.
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
STRING, ARRAY = 8, 9
DEEPEST = 4  # arrays within arrays
MOST_DIMENSIONS = 4


def check_gguf(path: Path) -> None:
    """Raise `CheckpointError` unless ``path`` is a whole GGUF file (version 2 or 3).

    The error says at which byte it stopped making sense.
    """
    path = existing(path, "*.gguf")
    if path.stat().st_size == 0:  # mmap refuses it in its own words
        raise damaged(path, "it is empty")
    with (
        path.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
    ):
        cursor = Cursor(content)
        try:
            _check(cursor)
        except ValueError as error:
            raise damaged(path, f"at byte {cursor.place}: {error}") from error


class Cursor:
    """A place in the file that moves over what is read and never beyond the end."""

    def __init__(self, content: mmap.mmap) -> None:
        self.content, self.place, self.size = content, 0, len(content)

    def skip(self, length: int) -> int:
        """Move on by ``length`` bytes; where it was."""
        begin = self.place
        if length > self.size - begin:
            raise ValueError(f"{length} bytes are announced, {self.size - begin} are left")
        self.place += length
        return begin

    def number(self, form: str) -> int:
        return struct.unpack_from(f"<{form}", self.content, self.skip(struct.calcsize(form)))[0]

    def text(self) -> str:
        length = self.number("Q")
        begin = self.skip(length)
        return self.content[begin : begin + length].decode("utf-8")  # a ValueError if it is none


def _check(cursor: Cursor) -> None:
    if cursor.content[cursor.skip(4) : 4] != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    if (version := cursor.number("I")) not in (2, 3):
        raise ValueError(f"expected version 2 or 3, little-endian, got {version}")
    tensors, fields = cursor.number("Q"), cursor.number("Q")
    keys, alignment = set[str](), 32
    for _ in range(fields):
        key = _unique(cursor.text(), keys)
        kind, begin = cursor.number("I"), cursor.place
        _skip_value(cursor, kind)
        if key == "general.alignment":
            if kind != 4:
                raise ValueError(f"{key}: expected type 4 (uint32), got {kind}")
            (alignment,) = struct.unpack_from("<I", cursor.content, begin)
            if alignment == 0 or alignment & (alignment - 1):
                raise ValueError(f"{key}: expected a power of two, got {alignment}")
    names, place = set[str](), 0
    for _ in range(tensors):
        place = _after_tensor(cursor, _unique(cursor.text(), names), place, alignment)
    if tensors or cursor.place < cursor.size:  # a vocabulary alone need not be padded, but may be
        cursor.skip(-cursor.place % alignment)
    left, whole = cursor.size - cursor.place, -(-place // alignment) * alignment
    if not place <= left <= whole:  # the last tensor's padding may be left out
        raise ValueError(f"{left} bytes are left for the tensors, which take {place}")


def _unique(name: str, seen: set[str]) -> str:
    if name in seen:
        raise ValueError(f"{name!r} occurs twice")
    seen.add(name)
    return name


def _skip_value(cursor: Cursor, kind: int, depth: int = 0) -> None:
    if kind == STRING:
        cursor.text()
    elif kind == ARRAY:
        if depth == DEEPEST:
            raise ValueError(f"arrays lie more than {DEEPEST} deep")
        inner, count = cursor.number("I"), cursor.number("Q")
        if inner in SIZES:
            cursor.skip(SIZES[inner] * count)
        else:
            for _ in range(count):  # ends with the file, whatever the count: each takes some bytes
                _skip_value(cursor, inner, depth + 1)
    elif kind in SIZES:
        begin = cursor.skip(SIZES[kind])
        if kind == 7 and cursor.content[begin] > 1:
            raise ValueError(f"expected 0 or 1 for a truth value, got {cursor.content[begin]}")
    else:
        raise ValueError(f"a value is of type {kind}, which there is not")


def _after_tensor(cursor: Cursor, name: str, place: int, alignment: int) -> int:
    """Where a tensor ends that must begin at ``place``, or after its padding."""
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    if (dimensions := cursor.number("I")) > MOST_DIMENSIONS:
        raise ValueError(f"{name!r}: {dimensions} dimensions, there are at most {MOST_DIMENSIONS}")
    shape = [cursor.number("Q") for _ in range(dimensions)]
    kind, offset = cursor.number("I"), cursor.number("Q")
    known = {int(one): one for one in GGMLQuantizationType}
    if kind not in known:
        raise ValueError(f"{name!r} is of type {kind}, which gguf does not know")
    numbers, width = GGML_QUANT_SIZES[known[kind]]
    if [*shape, 1][0] % numbers:  # without a shape it is one number
        raise ValueError(f"{name!r}: a shape {shape} is not made of blocks of {numbers}")
    expected = -(-place // alignment) * alignment
    if offset != expected:
        raise ValueError(f"{name!r} begins at {offset}, expected {expected}")
    return offset + math.prod(shape) // numbers * width
