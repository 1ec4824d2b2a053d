"""What the chapter `checkpoints` includes: safetensors by hand."""

import json
import struct
from pathlib import Path

import torch


def write_by_hand(path: str, tensors: dict[str, torch.Tensor]) -> None:
    """A safetensors file in eight lines; float32 only."""
    header, begin = {}, 0
    for name, tensor in tensors.items():
        end = begin + tensor.nbytes
        header[name] = {"dtype": "F32", "shape": [*tensor.shape], "data_offsets": [begin, end]}
        begin = end
    text = json.dumps(header).encode()
    content = b"".join(tensor.numpy().tobytes() for tensor in tensors.values())
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + content)


def read_by_hand(path: str) -> dict[str, torch.Tensor]:
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
