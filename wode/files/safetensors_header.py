"""The header of a safetensors file, read and checked: nothing in it is believed.

What the format's own library refuses is refused here. So is what its description forbids and the
library reads: a name that occurs twice, an entry with a field that we do not know, a blank before
the brace; and so is a shape that torch cannot count.

The format: https://github.com/huggingface/safetensors#format
"""

import json
import os
import struct
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import torch

from wode.files.checkpoint import damaged

DTYPES = {
    "BOOL": torch.bool,
    "U8": torch.uint8,
    "I8": torch.int8,
    "F8_E5M2": torch.float8_e5m2,
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E8M0": torch.float8_e8m0fnu,
    "F8_E4M3FNUZ": torch.float8_e4m3fnuz,
    "F8_E5M2FNUZ": torch.float8_e5m2fnuz,
    "I16": torch.int16,
    "U16": torch.uint16,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I32": torch.int32,
    "U32": torch.uint32,
    "F32": torch.float32,
    "C64": torch.complex64,
    "F64": torch.float64,
    "I64": torch.int64,
    "U64": torch.uint64,
}
LONGEST_HEADER = 100_000_000  # bytes; the format's library reads no longer one
MOST_NUMBERS = 2**63  # in one tensor: torch counts them in 64 bits with a sign


@dataclass(frozen=True)
class Header:
    """What a safetensors file says of itself; the tensors' bytes begin at ``start``."""

    tensors: dict[str, dict[str, Any]]  # name → dtype, shape, data_offsets; in order of the bytes
    metadata: dict[str, str]
    start: int


def header_of(file: BufferedReader, path: Path) -> tuple[Header, bytes]:
    """The header of an open file, checked against its size, and the bytes it was read from.

    Raises:
        CheckpointError: it is no header, or not one for a file of this size.
    """
    size = os.fstat(file.fileno()).st_size
    first = file.read(8)
    if len(first) < 8:
        raise damaged(path, "shorter than the 8 bytes of the header's length")
    (length,) = struct.unpack("<Q", first)
    if length > size - 8 or length > LONGEST_HEADER:
        raise damaged(path, f"a header of {length} bytes is announced")
    content = file.read(length)
    try:
        text = content.decode("utf-8")
        if not text.startswith("{"):
            raise ValueError(f"it begins with {text[:1]!r}")
        entries = json.loads(text, object_pairs_hook=_unique, parse_int=_whole)
    except (ValueError, RecursionError) as error:  # RecursionError: brackets within brackets
        raise damaged(path, f"the header is no JSON object of the format: {error}") from error
    try:
        metadata = _metadata(entries.pop("__metadata__", None))
        ordered = _ordered(entries, size - 8 - length)
    except ValueError as error:
        raise damaged(path, str(error)) from error
    return Header(ordered, metadata, 8 + length), first + content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, whose keys must differ: of two tensors with one name, which is right?"""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key!r} occurs twice")
        key.encode()  # raises a ValueError for half a surrogate pair, which is no text
        found[key] = value
    return found


def _whole(digits: str) -> int:
    if digits.startswith("-") or int(digits) >= MOST_NUMBERS:
        raise ValueError(f"expected a number from 0 to 2**63 - 1, got {digits[:24]}")
    return int(digits)


def _metadata(found: object) -> dict[str, str]:
    if found is None:  # not there, or null, which the format's library takes for that
        return {}
    if not isinstance(found, dict):
        raise ValueError(f"__metadata__: expected an object, got {found!r:.40}")
    for key, value in found.items():
        if not isinstance(value, str):
            raise ValueError(f"__metadata__: expected a text for {key!r}, got {value!r:.40}")
        value.encode()
    return found


def _ordered(entries: dict[str, Any], size: int) -> dict[str, dict[str, Any]]:
    """The entries in the order of their bytes, which must fill ``size`` without hole or overlap."""
    for name, entry in entries.items():
        _check_entry(name, entry)
    ordered = sorted(entries.items(), key=lambda item: item[1]["data_offsets"])
    place = 0
    for name, entry in ordered:
        begin, end = entry["data_offsets"]
        if begin != place:
            kind = "overlap" if begin < place else "leave a hole"
            raise ValueError(f"{name!r} begins at {begin}, expected {place}: the tensors {kind}")
        place = end
    if place != size:
        raise ValueError(f"{size} bytes follow the header, its tensors take {place}")
    return dict(ordered)


def _check_entry(name: str, entry: object) -> None:
    """Raise `ValueError` unless dtype, shape and offsets are those of one tensor."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"{name!r}: expected dtype, shape, data_offsets, got {entry!r:.80}")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise ValueError(f"{name!r}: expected a dtype of {', '.join(DTYPES)}, got {dtype!r:.40}")
    for kind, numbers in (("a shape", shape), ("two offsets", offsets)):
        # type, not isinstance: True is an int
        if not isinstance(numbers, list) or any(type(n) is not int for n in numbers):
            raise ValueError(f"{name!r}: expected {kind} of whole numbers, got {numbers!r:.80}")
    if len(offsets) != 2:
        raise ValueError(f"{name!r}: expected two offsets, got {offsets!r:.80}")
    count = 1
    for length in shape:  # a 0 does not excuse the others: torch's strides multiply them
        count *= length or 1
        if count >= MOST_NUMBERS:
            raise ValueError(f"{name!r}: a shape {shape!r:.80} is more than torch can count")
    needed = (0 if 0 in shape else count) * DTYPES[dtype].itemsize
    if offsets[1] - offsets[0] != needed:
        raise ValueError(
            f"{name!r}: {dtype} of shape {shape!r:.80} takes {needed} bytes, offsets {offsets} are "
            f"{offsets[1] - offsets[0]}"
        )
