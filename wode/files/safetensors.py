"""The safetensors format: read by hand, written by its library, with the checksum that it lacks.

A file is 8 bytes (the header's length, little-endian), the header (JSON: for each tensor its dtype,
its shape and where its bytes begin and end), and the bytes. It holds no code. It holds no checksum
either, so `save_safetensors` puts one into the header's ``__metadata__``, where every reader of the
format passes over it and `load_safetensors` checks it.

The format: https://github.com/huggingface/safetensors#format
"""

import hashlib
import itertools
import os
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from wode.files.atomic import PathLike, write_atomically
from wode.files.checkpoint import CheckpointError, damaged, existing
from wode.files.safetensors_header import DTYPES, Header, header_of

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


def read_header(path: PathLike) -> Header:
    """Read the first 8 + n bytes of a safetensors file, and nothing else.

    Raises:
        FileNotFoundError: no such file; the message names those that are there.
        CheckpointError: they are no header, or not one for a file of this size.
    """
    path = existing(path, "*.safetensors")
    with path.open("rb") as file:
        return header_of(file, path)[0]


def read_tensor(path: PathLike, name: str) -> Tensor:
    """One tensor by hand: from the file only the header and this tensor's bytes are read.

    Raises:
        KeyError: no such tensor; the message names those there are.
        FileNotFoundError, CheckpointError: as for `read_header`, or the file ends too early.
    """
    path = existing(path, "*.safetensors")
    with path.open("rb") as file:
        header, _ = header_of(file, path)
        if name not in header.tensors:
            raise KeyError(f"no tensor {name!r} in {path}: it holds {sorted(header.tensors)}")
        return _tensor(_bytes(file, path, header, name), header.tensors[name])


def load_safetensors(path: PathLike, need_checksum: bool = False) -> dict[str, Tensor]:
    """Load the tensors of any safetensors file, and compare the checksum if it records one.

    The file is read once, into memory: what is compared is what is returned, whatever happens to
    the file meanwhile or later.

    Args:
        need_checksum: refuse a file without one; say so for files that `save_safetensors` wrote.

    Raises:
        FileNotFoundError: no such file; the message names those that are there.
        CheckpointError: the file is damaged, or was written to while it was read.
    """
    path = existing(path, "*.safetensors")
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        header, head = header_of(file, path)
        recorded = header.metadata.get(CHECKSUM)
        if recorded is None and need_checksum:
            raise damaged(path, "it records no checksum")
        sha = hashlib.sha256(head.replace(_entry(recorded or ZEROS), _entry(ZEROS), 1))
        tensors = {}
        for name, entry in header.tensors.items():
            content = _bytes(file, path, header, name)
            if recorded is not None:
                sha.update(content.numpy())
            tensors[name] = _tensor(content, entry)
        after = os.fstat(file.fileno())
    if recorded is not None and recorded != sha.hexdigest():
        raise damaged(path, "its SHA-256 is not the recorded one")
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise CheckpointError(f"{path} was written to while it was read: read it again")
    return tensors


def _bytes(file: BufferedReader, path: Path, header: Header, name: str) -> Tensor:
    """One tensor's bytes, uint8 (n,)."""
    begin, end = header.tensors[name]["data_offsets"]
    content = torch.empty(end - begin, dtype=torch.uint8)
    file.seek(header.start + begin)
    if file.readinto(content.numpy()) != end - begin:
        raise damaged(path, f"it ends within {name}")
    return content


def _tensor(content: Tensor, entry: dict[str, Any]) -> Tensor:
    return content.view(DTYPES[entry["dtype"]]).reshape(entry["shape"])
