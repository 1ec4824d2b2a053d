"""Checkpoints: a file that is whole or not there, and all it takes to go on bit for bit.

``torch.save`` straight onto the old file destroys the old one first: a process killed in between
leaves neither. `save_checkpoint` writes beside it and renames, so that at every moment the path
holds one whole checkpoint, the previous or the new.
"""

import os
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn

from wode.files.atomic import PathLike, write_atomically

#: How a file of torch.save began before 1.6: a pickle of the number 0x1950a86a20f9469cfc6c.
OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."


class CheckpointError(RuntimeError):
    """A checkpoint is damaged, or does not belong to this model; the message says what to do."""


def save_checkpoint(path: PathLike, state: Mapping[str, Any]) -> Path:
    """Save ``state`` (tensors, numbers, strings; lists, tuples, dicts of them) atomically.

    Raises:
        OSError: it cannot be written; the old file is whole.
    """
    try:
        return write_atomically(path, lambda file: torch.save(dict(state), file))
    except RuntimeError as error:
        why: BaseException | None = error
        while isinstance(why, RuntimeError):  # torch fails again as it closes: "unexpected pos"
            why = why.__context__
        if isinstance(why, OSError | KeyboardInterrupt):  # a full disk, Ctrl-C
            raise why from None
        raise


def load_checkpoint(
    path: PathLike, map_location: str | torch.device | None = "cpu"
) -> dict[str, Any]:
    """Load what `save_checkpoint` wrote, or any dict that torch.save did; run no code of it.

    A file of torch before 1.6 has no checksum: of damage there, only what torch trips over is seen.

    Raises:
        FileNotFoundError: no such file; the message names those that are there.
        CheckpointError: the file is damaged, holds more than plain data, or is no dict.
    """
    path = existing(path, "*.pt*")
    kind = file_kind(path)
    if kind == "safetensors":
        raise CheckpointError(f"{path} is a safetensors file: wode.files.hub.load_state reads it")
    if kind != "pickle":  # the old format has no checksums
        check_zip(path)
    try:
        with path.open("rb") as file:  # given a path, torch goes by its ending
            loaded = torch.load(file, map_location=map_location, weights_only=True)
    except Exception as error:
        reason = unsafe_names(path) or str(error).partition("\n")[0]
        raise CheckpointError(
            f"{path} cannot be read as plain tensors and numbers: {reason} "
            "Save a state_dict, not a whole model or other objects"
        ) from error
    if not isinstance(loaded, dict):
        raise CheckpointError(
            f"{path}: expected a dict of names, it holds a {type(loaded).__name__}; "
            "torch.load(..., weights_only=True) gives it as it is"
        )
    return loaded


def existing(path: PathLike, pattern: str) -> Path:
    """``path``, which must be a file; those beside it that match ``pattern`` are named if not.

    Raises:
        FileNotFoundError: nothing is there.
        CheckpointError: a folder, or what else is no file (a pipe would be waited for), is there.
    """
    path = Path(path)
    if path.is_file():
        return path
    folder = path if path.is_dir() else path.parent
    beside = sorted(p.name for p in folder.glob(pattern)) if folder.is_dir() else []
    if path.exists():
        kind = "a folder" if path.is_dir() else "no regular file"
        raise CheckpointError(f"{path} is {kind}, expected a checkpoint: {folder} holds {beside}")
    raise FileNotFoundError(
        f"no checkpoint {path}: {folder} holds {beside or 'none'}; "
        "give the path that was saved to, or train first"
    )


def file_kind(path: PathLike) -> str:
    """What a file is, by its first bytes, whatever its name ends in.

    "zip" (``torch.save`` since 1.6), "pickle" (before), "safetensors", or "unknown".
    """
    with Path(path).open("rb") as file:
        start = file.read(len(OLD_TORCH))
    if start.startswith(b"PK\x03\x04"):
        return "zip"
    if start == OLD_TORCH:
        return "pickle"
    return "safetensors" if start[8:9] == b"{" else "unknown"


def check_zip(path: Path) -> None:
    """Compare each member of a zip archive with its CRC-32.

    torch.load does not: a flipped bit would come back as another weight. An archive written with
    ``torch.serialization.set_crc32_options(False)`` has no CRC-32 to compare, and fails.

    Raises:
        CheckpointError: it is no whole zip archive, or a checksum is wrong.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names, member = archive.namelist(), archive.testzip()
    except Exception as error:  # a damaged header shows itself in half a dozen types
        raise damaged(path, f"{type(error).__name__}: {error}") from error
    if member is not None:
        raise damaged(path, f"checksum of {member} is wrong")
    if len(set(names)) < len(names):  # only one of the two was compared, perhaps not torch's
        raise damaged(path, "two members have one name")


def unsafe_names(path: Path) -> str:
    """What the file asks for beyond plain data, as words for a message; "" if that is not clear."""
    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(os.fspath(path))
    except Exception:  # no zip, or opcodes that torch does not read
        return ""
    return f"it asks for {', '.join(sorted(names))}." if names else ""


def damaged(path: Path, why: str) -> CheckpointError:
    """The error for a damaged file: how large it is, what is wrong, what to do."""
    return CheckpointError(
        f"{path} is damaged ({path.stat().st_size} bytes; {why}): restore a copy of it or fetch it "
        "again, or delete it and train from the start"
    )


def check_fits(
    model: nn.Module, state_dict: Mapping[str, Any], name: object = "state_dict"
) -> None:
    """Raise `CheckpointError`, naming the first few differences, unless the two fit.

    They have the same keys, of the same shapes, and floats where the model has floats: integers in
    their place are quantized weights, which torch would copy without their scale.
    """
    wanted = {key: tuple(value.shape) for key, value in model.state_dict().items()}
    given = {
        key: tuple(value.shape) if isinstance(value, torch.Tensor) else type(value).__name__
        for key, value in state_dict.items()
    }
    problems = [f"{key} is missing" for key in wanted if key not in given]
    problems += [f"{key} is not in the model" for key in given if key not in wanted]
    problems += [
        f"{key} has shape {wanted[key]} in the model, {given[key]} in the file"
        for key in wanted
        if key in given and wanted[key] != given[key]
    ]
    problems += [
        f"{key} holds {_kind(value)} in the model, {_kind(state_dict[key])} in the file"
        for key, value in model.state_dict().items()
        if given.get(key) == wanted[key] and _kind(state_dict[key]) != _kind(value)
    ]
    if problems:
        more = f"; and {len(problems) - 4} more" if len(problems) > 4 else ""
        raise CheckpointError(
            f"{name} does not fit {type(model).__name__}: {'; '.join(problems[:4])}{more}. "
            "Build the model with the settings it was saved with, or give another path"
        )


def _kind(value: Any) -> str:
    """What it holds, in words; within one kind torch converts as it copies."""
    if not isinstance(value, Tensor):
        return type(value).__name__
    if value.is_complex():
        return "complex numbers"
    return "floats" if value.is_floating_point() else "integers"


def load_weights(
    model: nn.Module, state_dict: Mapping[str, Any], name: object = "state_dict"
) -> None:
    """``model.load_state_dict(state_dict)``, but all or nothing (see `check_fits`).

    torch copies what fits before it complains of what does not; this looks first.
    """
    check_fits(model, state_dict, name)
    model.load_state_dict(state_dict)


# ---------------------------------------------------------------- the state of chance


def random_state(generator: torch.Generator | None = None) -> dict[str, Any]:
    """Where each source of chance stands: torch (all devices), NumPy, Python, ``generator``."""
    name, key, *rest = cast(tuple, np.random.get_state())  # noqa: NPY002 (the global one)
    return {
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "mps": torch.mps.get_rng_state() if torch.mps.is_available() else None,
        "numpy": (name, key.tolist(), *rest),
        "python": random.getstate(),
        "generator": None if generator is None else generator.get_state(),
    }


def set_random_state(state: Mapping[str, Any], generator: torch.Generator | None = None) -> None:
    """Put each source of chance back to where `random_state` found it."""
    torch.set_rng_state(state["torch"])
    if state["cuda"] and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"][: torch.cuda.device_count()])
    if state["mps"] is not None and torch.mps.is_available():
        torch.mps.set_rng_state(state["mps"])
    name, key, *rest = state["numpy"]
    np.random.set_state((name, np.array(key, dtype=np.uint32), *rest))  # noqa: NPY002
    random.setstate(state["python"])
    if generator is not None and state["generator"] is not None:
        generator.set_state(state["generator"])
