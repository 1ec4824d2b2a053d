"""The safetensors format: read by hand, written by its library, with the checksum that it lacks.

A file is 8 bytes (the header's length, little-endian), the header (JSON: for each tensor its dtype,
its shape and where its bytes begin and end), and the bytes. It holds no code. It holds no checksum
either, so `save_safetensors` puts one into the header's ``__metadata__``, where every reader of the
format passes over it and `load_safetensors` checks it.

The format: https://github.com/huggingface/safetensors#format
"""

import hashlib
import itertools
import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from wode.files.atomic import PathLike, write_atomically
from wode.files.checkpoint import CheckpointError, damaged

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
CHECKSUM = "wode.sha256"  # of the file itself, with zeros in this place
ZEROS = "0" * 64


# ---------------------------------------------------------------- writing


def save_safetensors(
    path: PathLike, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None
) -> Path:
    """Save ``tensors`` atomically, with a SHA-256 of the whole file in its header.

    The file is built in memory first: its checksum stands at its beginning.

    Raises:
        CheckpointError: a value is no dense tensor, or two tensors share memory.
    """
    check_writable(tensors)
    plain = {  # numbers in row-major order, none still to be conjugated or negated
        name: tensor.detach().resolve_conj().resolve_neg().contiguous()
        for name, tensor in tensors.items()
    }
    content = save(plain, {**(metadata or {}), CHECKSUM: ZEROS})
    signed = _entry(hashlib.sha256(content).hexdigest())
    begin = content.index(_entry(ZEROS))
    rest = memoryview(content)[begin + len(signed) :]  # no second copy of the numbers
    return write_atomically(path, lambda file: file.writelines([content[:begin], signed, rest]))


def _entry(sha256: str) -> bytes:
    """The checksum as it stands in the header."""
    return f'"{CHECKSUM}":"{sha256}"'.encode()


def check_writable(tensors: Mapping[str, Tensor]) -> None:
    """Raise `CheckpointError` for what the format cannot hold: it knows names and tensors only."""
    spans = []  # the memory that each takes
    for name, tensor in tensors.items():
        if not isinstance(name, str) or name == "__metadata__":
            raise CheckpointError(f"{name!r} cannot name a tensor in a safetensors file")
        if not isinstance(tensor, Tensor):
            raise CheckpointError(
                f"{name} is a {type(tensor).__name__}: safetensors holds tensors only; "
                "save numbers and settings beside it, or the whole with save_checkpoint"
            )
        dense = tensor.layout is torch.strided and not tensor.is_meta
        if not dense or tensor.dtype not in DTYPES.values():
            raise CheckpointError(
                f"{name}: {tensor.dtype} on {tensor.device}, {tensor.layout}, has no place in "
                f"safetensors; expected a dense tensor with data of {', '.join(DTYPES)}"
            )
        if tensor.numel():
            begin = tensor.data_ptr()
            last = sum((n - 1) * s for n, s in zip(tensor.shape, tensor.stride(), strict=True))
            spans.append((str(tensor.device), begin, begin + (last + 1) * tensor.itemsize, name))
    for (device, _, end, left), (other, begin, _, right) in itertools.pairwise(sorted(spans)):
        if device == other and begin < end:
            raise CheckpointError(
                f"{left} and {right} share memory, which safetensors cannot say: leave one "
                "out and tie it again after loading, or save a .clone() of it"
            )


# ---------------------------------------------------------------- reading


@dataclass(frozen=True)
class Header:
    """What a safetensors file says of itself; the tensors' bytes begin at ``start``."""

    tensors: dict[str, dict[str, Any]]  # name → dtype, shape, data_offsets
    metadata: dict[str, str]
    start: int


def read_header(path: PathLike) -> Header:
    """Read the first 8 + n bytes of a safetensors file, and nothing else.

    Raises:
        CheckpointError: they are no header.
    """
    path = Path(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        first = file.read(8)
        if len(first) < 8:
            raise damaged(path, "shorter than the 8 bytes of the header's length")
        (length,) = struct.unpack("<Q", first)
        if length > size - 8:
            raise damaged(path, f"a header of {length} bytes is announced")
        try:
            tensors = json.loads(file.read(length))
            metadata = tensors.pop("__metadata__", {})
        except (ValueError, AttributeError, TypeError) as error:
            raise damaged(path, f"the header is no JSON object: {error}") from error
    return Header(tensors, metadata, 8 + length)


def read_tensor(path: PathLike, name: str) -> Tensor:
    """One tensor by hand: from the file only the header and this tensor's bytes are read.

    Raises:
        KeyError: no such tensor; the message names those there are.
        CheckpointError: the header is damaged, or the file ends too early.
    """
    header = read_header(path)
    if name not in header.tensors:
        raise KeyError(f"no tensor {name!r} in {path}: it holds {sorted(header.tensors)}")
    entry = header.tensors[name]
    begin, end = entry["data_offsets"]
    with Path(path).open("rb") as file:
        file.seek(header.start + begin)
        content = bytearray(file.read(end - begin))  # a bytearray: a tensor must be writable
    if len(content) != end - begin:
        raise damaged(Path(path), f"it ends within {name}")
    if not content:
        return torch.empty(entry["shape"], dtype=DTYPES[entry["dtype"]])
    return torch.frombuffer(content, dtype=DTYPES[entry["dtype"]]).reshape(entry["shape"])


def file_checksum(path: PathLike, header: Header) -> str:
    """SHA-256 of a safetensors file, its recorded checksum (if any) counted as zeros."""
    with Path(path).open("rb") as file:
        head = file.read(header.start)
        if recorded := header.metadata.get(CHECKSUM):
            head = head.replace(_entry(recorded), _entry(ZEROS), 1)
        sha = hashlib.sha256(head)
        while block := file.read(1 << 20):
            sha.update(block)
    return sha.hexdigest()


def load_safetensors(path: PathLike, need_checksum: bool = False) -> dict[str, Tensor]:
    """Load the tensors of any safetensors file, and compare the checksum if it records one.

    Args:
        need_checksum: refuse a file without one; say so for files that `save_safetensors` wrote.

    Raises:
        FileNotFoundError: no such file; the message names those that are there.
        CheckpointError: the file is damaged.
    """
    path = Path(path)
    if not path.is_file():
        beside = sorted(p.name for p in path.parent.glob("*.safetensors"))
        raise FileNotFoundError(f"no checkpoint {path}: {path.parent} holds {beside or 'none'}")
    header = read_header(path)
    recorded = header.metadata.get(CHECKSUM) if isinstance(header.metadata, dict) else None
    if recorded is None and need_checksum:
        raise damaged(path, "it records no checksum")
    if recorded is not None and recorded != file_checksum(path, header):
        raise damaged(path, "its SHA-256 is not the recorded one")

    try:
        return load_file(os.fspath(path))
    except Exception as error:  # SafetensorError, and what a damaged name or shape brings on
        raise damaged(path, f"{type(error).__name__}: {error}") from error
