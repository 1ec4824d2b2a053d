"""The chapter `checkpoints`: what the files hold, and what becomes of damaged ones.

    python snippets/2_transformer_basics/checkpoints.py

damages hundreds of files, kills processes that write them, times how one tensor is read from a
large one, and writes docs/assets/results/checkpoints.json. About two minutes of one core.
"""

import json
import os
import pickletools
import random
import signal
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from wode.book import results
from wode.files.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from wode.files.hub import find, load_state
from wode.files.safetensors import load_safetensors, save_safetensors

MINILM = "sentence-transformers/all-MiniLM-L6-v2"


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


def calls_in(pickled: bytes) -> list[str]:
    """The functions and classes that a pickle would import and call, without running it."""
    found, strings = [], []
    for opcode, argument, _ in pickletools.genops(pickled):
        if opcode.name == "GLOBAL":
            found.append(str(argument).replace(" ", "."))
        elif "UNICODE" in opcode.name:
            strings.append(str(argument))
        elif opcode.name == "STACK_GLOBAL":
            found.append(".".join(strings[-2:]))
    return found


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 4))


# ---------------------------------------------------------------- damage


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
        found = load(path)
    except Exception:
        return "noticed"
    same = isinstance(found, dict) and found.keys() == right.keys()
    same = same and all(
        torch.equal(found[k], v) and found[k].dtype == v.dtype for k, v in right.items()
    )
    return "harmless" if same else "wrong"


def bare_torch(path: str) -> dict[str, Tensor]:
    return torch.load(path, weights_only=True)


def damage(folder: Path, seed: int = 0) -> dict:
    """Count the outcomes for each format and each way of loading."""
    right = network().state_dict()
    torch.save(right, folder / "a.pth")
    save_file(right, folder / "a.safetensors")
    save_checkpoint(folder / "b.pth", right)
    save_safetensors(folder / "b.safetensors", right)
    ways: dict[str, tuple[str, Callable[[str], dict[str, Tensor]]]] = {
        "torch": ("a.pth", bare_torch),
        "safetensors": ("a.safetensors", load_file),
        "load_checkpoint": ("b.pth", load_checkpoint),
        "load_safetensors": ("b.safetensors", lambda path: load_safetensors(path, True)),
    }
    table: dict = {}
    for way, (name, load) in ways.items():
        counts: dict[str, dict[str, int]] = {}
        rng = random.Random(seed)
        for kind, content in damaged_copies((folder / name).read_bytes(), rng):
            path = folder / f"damaged{Path(name).suffix}"
            path.write_bytes(content)
            result = outcome(load, str(path), right)
            counts.setdefault(kind, {"noticed": 0, "harmless": 0, "wrong": 0})[result] += 1
        table[way] = counts
        total = {r: sum(c[r] for c in counts.values()) for r in ("noticed", "harmless", "wrong")}
        table[way]["all"] = total | {"files": sum(total.values())}
    return table


# ---------------------------------------------------------------- kills


def write_for_ever(path: str, atomically: bool) -> None:
    """Write one checkpoint of 4 MB after another; its number is in it."""
    torch.set_num_threads(1)
    state = {"weight": torch.rand(1_000_000), "number": 0}
    while True:
        state["number"] += 1
        if atomically:
            save_checkpoint(path, state)
        else:
            torch.save(state, path)
        if state["number"] == 1:
            os.write(1, b"began")  # sys.stdout may be somebody else's by now


def kills(folder: Path, atomically: bool, times: int, seed: int = 0) -> dict:
    """SIGKILL a writing process at ``times`` moments; is there a whole file each time?"""
    rng, whole, lost = random.Random(seed), 0, 0
    for number in range(times):
        path = folder / f"{atomically}-{number}.pth"
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(writer, 1)
            write_for_ever(str(path), atomically)
        os.close(writer)
        os.read(reader, 5)  # the first file is there
        os.close(reader)
        time.sleep(rng.uniform(0, 0.05))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        try:
            assert load_checkpoint(path)["number"] >= 1
            whole += 1
        except CheckpointError:
            lost += 1
        for left in folder.glob(f"{atomically}-{number}*"):
            left.unlink()
    return {"killed": times, "whole": whole, "lost": lost}


# ---------------------------------------------------------------- reading a part


def lazy(folder: Path, repeats: int = 9) -> dict:
    """Seconds to get one small tensor of MiniLM's 90 MB, by format and way, ÷ reading it all."""
    found = find(MINILM, "model.safetensors").path
    torch.save(load_state(found), folder / "minilm.pth")
    name = "encoder.layer.0.attention.self.query.bias"

    def part_of_safetensors() -> Tensor:
        with safe_open(found, "pt") as file:
            return file.get_tensor(name)

    ways: dict[str, Callable[[], object]] = {
        "safetensors, all": lambda: [t.sum() for t in load_file(found).values()],
        "safetensors, one": part_of_safetensors,
        "pth, all": lambda: [t.sum() for t in bare_torch(str(folder / "minilm.pth")).values()],
        "pth, one": lambda: bare_torch(str(folder / "minilm.pth"))[name],
        "pth, mmap, one": lambda: torch.load(folder / "minilm.pth", mmap=True, weights_only=True)[
            name
        ],
    }
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way, run in ways.items():
            began = time.perf_counter()
            run()
            seconds[way].append(time.perf_counter() - began)
    medians = {way: statistics.median(each) for way, each in seconds.items()}
    whole = medians["safetensors, all"]
    return {
        "bytes": found.stat().st_size,
        "ways": list(ways),
        "ratio": [medians[way] / whole for way in ways],
    }


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        numbers = {
            "damage": damage(folder),
            "kills": {
                "atomic": kills(folder, True, times=60),
                "naive": kills(folder, False, times=60),
            },
            "lazy": lazy(folder),
        }
    for key, value in numbers.items():
        print(key, value)
    results.write(
        "checkpoints",
        numbers,
        seed=0,
        command="python snippets/2_transformer_basics/checkpoints.py",
        note_zh="损坏的文件有多少被发现，写文件时被杀掉有多少还完整，只读一个张量要多久。",
        note_en="How many damaged files are noticed, how many files survive a kill while they are "
        "written, what reading one tensor costs.",
    )


if __name__ == "__main__":
    sys.exit(main())
