"""Results files: what a run measured, with what it takes to measure it again.

A page says ``[[training.test_accuracy:.1%]]``; the build puts the number of
``docs/assets/results/training.json`` there. Nothing measured is typed by hand.
"""

import contextlib
import importlib.metadata
import json
import os
import platform
from functools import cache
from pathlib import Path
from typing import Any

from wode.book import ROOT
from wode.files.atomic import write_text
from wode.files.strict_json import read_object

FOLDER = ROOT / "docs" / "assets" / "results"
_PACKAGES = ("torch", "torchvision", "transformers", "numpy", "scikit-learn")


def write(
    name: str,
    numbers: dict[str, Any],
    *,
    command: str,
    seed: int | list[int] | None = None,
    note_zh: str = "",
    note_en: str = "",
    folder: Path = FOLDER,
) -> Path:
    """Write ``docs/assets/results/NAME.json`` atomically and return its path.

    Args:
        numbers: what was measured; dicts may nest, leaves are numbers, strings, or lists of them.
        command: the one command that makes this file again, from the project's root.
        seed: the seed or seeds of the run.
        note_zh: one sentence in Chinese on what was measured and how, for the results page.
        note_en: the same in English.
    """
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            versions[package] = importlib.metadata.version(package)
    record = {
        "command": command,
        "seed": seed,
        "note": {"zh": note_zh, "en": note_en},
        "versions": versions,
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} CPU",
        "numbers": numbers,
    }
    text = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False)
    return write_text(folder / f"{name}.json", text + "\n")


@cache
def parsed(path: Path, _changed: int) -> dict[str, Any]:
    """The file's content, read anew only where it has changed."""
    return read_object(path)


def read(name: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The whole record of a results file.

    Raises:
        FileNotFoundError: no such file; the message lists those there are.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        there = sorted(p.stem for p in folder.glob("*.json"))
        raise FileNotFoundError(f"no results file {path.name}: expected one of {there}")
    return parsed(path, path.stat().st_mtime_ns)


def number(reference: str, folder: Path = FOLDER) -> Any:
    """The value behind ``NAME.KEY[.KEY …]``, for example ``training.test_accuracy``.

    Raises:
        KeyError: the file holds no such number; the message names the keys there are.
    """
    name, *keys = reference.split(".")
    value: Any = read(name, folder)["numbers"]
    for depth, key in enumerate(keys):
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            where = ".".join([name, *keys[:depth]])
            there = sorted(value) if isinstance(value, dict) else f"a {type(value).__name__}"
            raise KeyError(f"{reference}: {where} has no {key!r}; it has {there}")
    return value


def formatted(reference: str, spec: str = "", folder: Path = FOLDER) -> str:
    """The number as text in a Python format spec; numbers and strings only."""
    value = number(reference, folder)
    if isinstance(value, dict | list):
        raise KeyError(
            f"{reference}: expected a number or a string, it is a {type(value).__name__}"
        )
    return format(value, spec)
