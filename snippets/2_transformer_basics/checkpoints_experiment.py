"""What reading one tensor of a file costs, which calls a deny list stops, how files begin.

    python snippets/2_transformer_basics/checkpoints_experiment.py

writes docs/assets/results/checkpoints.json. About a minute of one core.
"""

import contextlib
import dbm.dumb
import gzip
import io
import logging
import os
import pickle
import py_compile
import shutil
import sqlite3
import statistics
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from wode.book import results
from wode.files.hub import MINILM, SMOLLM2, find, load_state
from wode.files.pickles import calls_in

# ---------------------------------------------------------------- reading a part


def bare_torch(path: str) -> dict[str, Tensor]:
    return torch.load(path, weights_only=True)


def lazy(folder: Path, repeats: int = 9) -> dict:
    """Seconds to get one small tensor of MiniLM's 90 MB, by format and way, ÷ reading it all."""
    path = find(MINILM, "model.safetensors").path
    torch.save(load_state(path), folder / "minilm.pth")
    name = "encoder.layer.0.attention.self.query.bias"

    def part_of_safetensors() -> Tensor:
        with safe_open(path, "pt") as file:
            return file.get_tensor(name)

    ways: dict[str, Callable[[], object]] = {
        "safetensors, all": lambda: [t.sum() for t in load_file(path).values()],
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
        "bytes": path.stat().st_size,
        "ways": list(ways),
        "ratio": [medians[way] / whole for way in ways],
    }


def sizes(folder: Path) -> dict:
    """What part of MiniLM's files is numbers."""
    state = load_state(find(MINILM, "model.safetensors").path)
    numbers = sum(tensor.nbytes for tensor in state.values())
    torch.save(state, folder / "a.pth")
    save_file(state, folder / "a.safetensors")
    files = {kind: (folder / f"a.{kind}").stat().st_size for kind in ("pth", "safetensors")}
    return {
        "tensors": len(state),
        "numbers": numbers,
        "files": files,
        "share": {kind: numbers / size for kind, size in files.items()},
    }


# ---------------------------------------------------------------- what a scan stops

FORBIDDEN = ("os.", "posix.", "subprocess.", "sys.", "builtins.", "__builtin__.")
#: Functions of the standard library that write a file, with arguments; "there" is what they write.
WRITERS: list[tuple[Callable[..., Any], tuple]] = [
    (os.mkdir, ("there",)),
    (shutil.copyfile, ("source", "there")),
    (shutil.copy, ("source", "there")),
    (shutil.move, ("source", "there")),
    (shutil.copytree, (".", "there")),
    (shutil.make_archive, ("there", "tar", ".", "source")),
    (gzip.open, ("there", "wb")),
    (zipfile.ZipFile, ("there", "w")),
    (tarfile.open, ("there", "w")),
    (logging.FileHandler, ("there",)),
    (sqlite3.connect, ("there",)),
    (dbm.dumb.open, ("there", "c")),
    (py_compile.compile, ("source", "there")),
    (io.open, ("there", "w")),
    (Path.touch, (Path("there"),)),
    (tempfile.mkdtemp, ("there", "", ".")),
]


class Call:
    def __init__(self, function: Callable[..., Any], arguments: tuple) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


@contextlib.contextmanager
def empty_folder() -> Iterator[None]:
    """With one file in it, an empty Python source."""
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        Path("source").touch()
        yield


def scan() -> dict:
    """Which of `WRITERS` wrote as the file was read, were denied, were refused."""
    rows: list[dict[str, Any]] = []
    for function, arguments in WRITERS:
        file = io.BytesIO()
        torch.save({"weight": torch.zeros(2), "extra": Call(function, arguments)}, file)
        with zipfile.ZipFile(io.BytesIO(file.getvalue())) as archive:
            (member,) = (name for name in archive.namelist() if name.endswith("data.pkl"))
            asked = calls_in(archive.read(member))
        with empty_folder():
            before = {*os.listdir()}
            with contextlib.suppress(pickle.UnpicklingError):
                torch.load(io.BytesIO(file.getvalue()), weights_only=True)
            refused = {*os.listdir()} == before
            found = torch.load(io.BytesIO(file.getvalue()), weights_only=False)
            wrote = {*os.listdir()} != before
            with contextlib.suppress(Exception):
                found["extra"].close()
        names = [name for name in asked if not name.startswith(("torch.", "collections."))]
        denied = any(name.startswith(FORBIDDEN) for name in names)
        rows.append({"names": names, "wrote": wrote, "denied": denied, "refused": refused})
    return {
        "functions": len(rows),
        **{key: sum(row[key] for row in rows) for key in ("wrote", "denied", "refused")},
        "rows": rows,
    }


# ---------------------------------------------------------------- the first bytes


def first(folder: Path, count: int = 16) -> dict:
    """The first bytes of a file of each kind."""
    state = {"weight": torch.zeros(2, 3)}
    torch.save(state, folder / "zip")
    torch.save(state, folder / "old", _use_new_zipfile_serialization=False)
    save_file(state, folder / "safetensors")
    (folder / "lfs").write_text("version https://git-lfs.github.com/spec/v1\n")
    files = {kind: folder / kind for kind in ("zip", "old", "safetensors", "lfs")}
    files["gguf"] = next(find(SMOLLM2).path.glob("**/*.gguf"))
    found = {}
    for kind, path in files.items():
        with path.open("rb") as file:
            found[kind] = list(file.read(count))
    return found


def main() -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        numbers = {
            "lazy": lazy(folder),
            "sizes": sizes(folder),
            "scan": scan(),
            "first": first(folder),
        }
    for key, value in numbers.items():
        print(key, value)
    results.write(
        "checkpoints",
        numbers,
        seed=0,
        command="python snippets/2_transformer_basics/checkpoints_experiment.py",
        note_zh="只读一个张量要多久，文件里数占多少，黑名单拦下多少调用，各种文件的头几个字节。",
        note_en="What reading one tensor costs, what part of a file is numbers, how many calls a "
        "deny list stops, the first bytes of each kind of file.",
    )


if __name__ == "__main__":
    main()
