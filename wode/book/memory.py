"""What ``pytest docs/`` remembers: the pages that passed, and all that their passing rested on.

The key of a page is a digest of what is known before it runs: its text, the code it includes, the
modules of ``wode`` that its code names and all that those import, the results files it cites, what
runs the pages, Python, platform, installed packages and settings. The files of the project and of
the data sets that it opened are seen while it runs. Where one of all these differs, the page runs.

A page that starts programs, whose files are not seen, rests on every file of ``WODE_DATA``. What
compiled code opens itself is not seen: in this book it opens what installed packages hold (or what
was unpacked from them, and is verified), or what the page has written. Nor is a question whether a
file is there. The record is pytest's cache: local, never committed, gone by --cache-clear.
"""

import ast
import datetime
import hashlib
import importlib.metadata
import json
import multiprocessing
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from wode.book import ROOT
from wode.book.pages import Page
from wode.book.parity import NUMBER
from wode.book.watch import watch
from wode.files.download import data_root

_NAMED = re.compile(r"\bwode(?:\.\w+)+")
_IMPORTED = re.compile(r"\bfrom\s+(wode[\w.]*)\s+import\s+\(?([\w\s,]+)")
#: How the environment variables begin that may change what a page does.
_SETTINGS = ("WODE_", "PYTHON", "PYTORCH_", "TORCH", "ATEN_", "CUDA_", "OMP_", "KMP_", "MKL_")
_SETTINGS += ("OPENBLAS_", "HF_", "TRANSFORMERS_", "TOKENIZERS_", "LANG", "LC_", "TZ")
_UNSEEN = re.compile(r"\bspawn|\bforkserver\b")  # children of multiprocessing without our hook


class Pass(NamedTuple):
    """One page's last pass."""

    key: str
    files: dict[str, str | None]  # what it read: path, digest
    date: str
    seconds: float  # how long its blocks took


class Memory:
    """The passes of earlier sessions, in the cache of this one's pytest."""

    def __init__(self, config: pytest.Config) -> None:
        self._cache = getattr(config, "cache", None)  # None with -p no:cacheprovider
        options = map(config.getoption, ("page_seconds", "pythonwarnings"))
        self._options = [*options, config.getini("filterwarnings")]

    def recall(self, page: Page) -> Pass | None:
        """The page's last pass, if all that it rested on is as it was."""
        kept = self._cache.get(place(page), None) if self._cache is not None else None
        if not kept or kept["key"] != self._key(page):
            return None
        last = Pass(**kept)
        return last if all(_digest(f) == digest for f, digest in last.files.items()) else None

    def seen(self, page: Page, read: Iterable[str], since: float, seconds: float) -> Pass | None:
        """The pass of a page that has just run; None if what it read has changed ``since``."""
        names = [name for name in read if _is_input(Path(name), page.root)]
        forked = multiprocessing.get_all_start_methods()[0] == "fork"
        unseen = watch().started or any(_UNSEEN.search(block.source) for block in page.blocks)
        if (unseen or not forked) and os.environ.get("WODE_DATA"):
            root = data_root().resolve()
            names += map(str, [root, *root.rglob("*")])
        if any(os.path.exists(name) and os.stat(name).st_ctime >= since for name in names):
            return None
        files = {name: _digest(name) for name in sorted(names)}
        today = datetime.date.today().isoformat()
        return Pass(self._key(page), files, today, round(seconds, 1))

    def keep(self, page: Page, last: Pass) -> None:
        """Keep the page's pass, or that of its twin."""
        if self._cache is not None:
            self._cache.set(place(page), last._replace(key=self._key(page))._asdict())

    def forget(self, page: Page, lang: str | None = None) -> None:
        """Forget the page's pass, or that of the page in another language."""
        if self._cache is not None and self._cache.get(place(page, lang), None) is not None:
            self._cache.set(place(page, lang), None)

    def _key(self, page: Page) -> str:
        sources = [block.source for block in page.blocks]
        cited = {match[1].partition(".")[0] for _, match in page.scan.matches(NUMBER)}
        results = [page.root / f"docs/assets/results/{name}.json" for name in sorted(cited)]
        parts = [
            page.text,
            sources,
            _closure("\n".join(sources)),
            [_digest(str(path)) for path in results],
            surroundings(),
            self._options,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def inputs(page: Page) -> list[Path]:
    """The folders whose files a page may read: the project, the data sets.

    Without WODE_DATA these are in the user's cache, which holds what is verified by its SHA-256.
    """
    return [page.root, data_root()] if os.environ.get("WODE_DATA") else [page.root]


def place(page: Page, lang: str | None = None) -> str:
    """Where in pytest's cache a page's last pass is kept."""
    return f"book/{lang or page.lang}/{page.name}"


def _is_input(path: Path, root: Path) -> bool:
    """Whether the key does not hold it already, and no tool made it."""
    if not path.is_relative_to(root):
        return True
    parts = path.relative_to(root).parts
    return parts[:1] not in (("wode",), ("site",)) and not any(map(_is_made, parts))


def _is_made(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"


def _digest(name: str) -> str | None:
    """A file's content; size and time of a data set's; a folder's names; None if it is absent."""
    path = Path(name)
    try:
        if path.is_dir():
            content = "\0".join(sorted(n for n in os.listdir(path) if not _is_made(n))).encode()
        elif path.is_relative_to(data_root().resolve()):
            content = f"{path.stat().st_size} {path.stat().st_mtime_ns}".encode()
        else:
            content = path.read_bytes()
    except OSError:
        return None
    return hashlib.sha256(content).hexdigest()


class _Module(NamedTuple):
    digest: str  # of its text, and of what is no Python in its folder
    imports: frozenset[str]


@cache
def _modules() -> dict[str, _Module]:
    """The modules of ``wode`` by name, read once."""
    paths = {}
    for path in sorted((ROOT / "wode").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        paths[".".join(parts).removesuffix(".__init__")] = path
    read = {}
    for name, path in paths.items():
        beside = [p for p in path.parent.iterdir() if p.suffix != ".py" and p.is_file()]
        digest = "".join(str(_digest(str(p))) for p in [path, *sorted(beside)])
        read[name] = _Module(digest, frozenset(_imported(path.read_text(encoding="utf-8"))))
    return read


def _imported(code: str) -> Iterator[str]:
    """What a module imports, also inside functions, and what it names in strings, as the command
    of a program that it starts; not what its docstrings speak of."""
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Expr(value=ast.Constant() as docstring):
                docstring.value = None
            case ast.Constant(value=str(text)):
                yield from _NAMED.findall(text)


def _closure(code: str) -> dict[str, str]:
    """The modules that a page's code names and all that these import, with their digests."""
    reached = {}
    ahead = ["wode", *_NAMED.findall(code)]
    for module, names in _IMPORTED.findall(code):
        ahead += [f"{module}.{name}" for name in re.findall(r"\w+", names)]
    while ahead:
        name = ahead.pop()
        ahead += [name.rpartition(".")[0]] if "." in name else []  # its package, or it is a name
        if name in _modules() and name not in reached:
            reached[name] = _modules()[name].digest
            ahead += _modules()[name].imports
    return dict(sorted(reached.items()))


@cache
def surroundings() -> list[Any]:
    """What every page rests on; read once, by the plugin before a page imports a module."""
    installed = {f"{d.name} {d.version}" for d in importlib.metadata.distributions()}
    return [
        _closure("wode.book.plugin"),
        _digest(str(ROOT / "docs" / "conftest.py")),
        sys.version,
        list(sys.flags),
        sys.warnoptions,
        platform.platform(),
        sorted(installed),
        sorted(item for item in os.environ.items() if item[0].startswith(_SETTINGS)),
        str(data_root()),
    ]
