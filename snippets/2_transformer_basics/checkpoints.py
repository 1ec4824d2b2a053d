"""What the chapter `checkpoints` includes: safetensors by hand, and damaged files."""

import json
import random
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn


def write_by_hand(path: str, tensors: dict[str, Tensor]) -> None:
    """A safetensors file in eight lines; float32 only."""
    header, begin = {}, 0
    for name, tensor in tensors.items():
        end = begin + tensor.nbytes
        header[name] = {"dtype": "F32", "shape": [*tensor.shape], "data_offsets": [begin, end]}
        begin = end
    text = json.dumps(header).encode()
    content = b"".join(tensor.numpy().tobytes() for tensor in tensors.values())
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + content)


def read_by_hand(path: str) -> dict[str, Tensor]:
    """And back: the header says where each tensor's bytes are."""
    content = bytearray(Path(path).read_bytes())
    (length,) = struct.unpack("<Q", content[:8])
    header, tensors = json.loads(content[8 : 8 + length]), {}
    header.pop("__metadata__", None)
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        numbers = torch.frombuffer(content[begin:end], dtype=torch.float32)
        tensors[name] = numbers.reshape(entry["shape"])
    return tensors


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4))


def damaged_copies(content: bytes, rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """What a disk, a network or a careless hand makes of a file: its kind and its bytes."""
    size = len(content)
    yield "truncated", b""
    for _ in range(119):
        yield "truncated", content[: rng.randrange(1, size)]
    for _ in range(300):
        place = rng.randrange(8 * size)
        flipped = bytearray(content)
        flipped[place // 8] ^= 1 << (place % 8)
        yield "one bit", bytes(flipped)
    for _ in range(60):
        begin = rng.randrange(size)
        hole = content[begin : begin + 64]
        if any(hole):  # zeros in place of zeros are no damage
            yield "zeros", content[:begin] + bytes(len(hole)) + content[begin + 64 :]
    for _ in range(20):
        yield "appended", content + rng.randbytes(rng.randrange(1, 100))


def outcome(load: Callable[[str], dict[str, Tensor]], path: str, right: dict[str, Tensor]) -> str:
    """ "noticed" (an error), "harmless" (the same tensors) or "wrong" (others, and no error)."""
    try:
        loaded = load(path)
    except Exception:
        return "noticed"
    same = isinstance(loaded, dict) and loaded.keys() == right.keys()
    same = same and all(
        torch.equal(loaded[k], v) and loaded[k].dtype == v.dtype for k, v in right.items()
    )
    return "harmless" if same else "wrong"
