"""Damaged files for the chapter `resuming`: made, and what became of reading them."""

import random
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn


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
        yield "bit", bytes(flipped)
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
