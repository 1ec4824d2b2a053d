"""What one waits for: ``python tools/benchmark_install.py [serve] [test] [suite] [--dry]``.

Copies what git tracks, and what it would track, into an empty folder and types the README's two
commands there, twice each, with an empty environment, an empty home and so an empty cache of pip;
only pip's own settings are kept. ``make serve`` counts as done when both home pages answer.
``suite`` is who writes the book: what each command that verifies it takes, with all installed.
Writes ``docs/assets/results/install.json`` and the tables in both READMEs; a test compares them.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from wode.book import ROOT, results

#: The page that ``suite`` edits, and the README's rows for what it measures.
EDITED = "docs/zh/0_Pytorch_basics/tensors.md"
COMMANDS = {
    "docs": "`pytest docs/ --fresh`",
    "docs_again": "`pytest docs/`",
    "docs_edited": "`$EDITOR …; pytest docs/`",
    "tests": "`pytest tests/`",
    "check_all": "`make check-all`",
}
PATIENCE = 1800  # seconds; something is wrong if a command takes longer


def checkout(target: Path) -> None:
    """Copy the files of a clone made now, those not yet committed among them."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def environment(home: Path) -> dict[str, str]:
    """An empty environment but for the places of programs and this machine's settings of pip."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
    settings = Path.home() / ".config" / "pip" / "pip.conf"
    if settings.is_file():
        kept.setdefault("PIP_CONFIG_FILE", str(settings))
    own = str(ROOT / ".venv")  # a newcomer has not activated it
    path = [p for p in os.environ["PATH"].split(os.pathsep) if not p.startswith(own)]
    return {**kept, "HOME": str(home), "PATH": os.pathsep.join(path), "LANG": "C.UTF-8"}


def seconds_to_serve(folder: Path, env: dict[str, str]) -> float:
    """How long after ``make serve`` both home pages answer.

    Raises:
        RuntimeError: it ended, or was not there in time.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    began = time.perf_counter()
    command = ["make", "serve", f"ADDR={address}"]
    server = subprocess.Popen(
        command, cwd=folder, env=env, start_new_session=True, stdout=sys.stderr
    )
    try:
        while server.poll() is None and time.perf_counter() - began < PATIENCE:
            if answers(f"http://{address}/") and answers(f"http://{address}/en/"):
                return time.perf_counter() - began
            time.sleep(0.1)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait()
    raise RuntimeError(f"make serve did not serve: exit code {server.returncode}")


def answers(url: str) -> bool:
    """Whether there is a page at this address."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def seconds_to_test(folder: Path, env: dict[str, str]) -> float:
    """How long ``make test`` takes; it has to pass."""
    began = time.perf_counter()
    subprocess.run(["make", "test"], cwd=folder, env=env, check=True, stdout=sys.stderr)
    return time.perf_counter() - began


def seconds_of_pages(folder: Path) -> dict[str, float]:
    """How long the blocks of each page took in its last pass, as ``pytest docs/`` remembers it."""
    kept = folder / ".pytest_cache" / "v" / "book" / "zh"
    passes = {path: json.loads(path.read_bytes()) for path in kept.rglob("*") if path.is_file()}
    return {
        path.relative_to(kept).as_posix(): round(last["seconds"], 1)
        for path, last in sorted(passes.items())
        if last  # else it was forgotten
    }


def seconds_to_verify(folder: Path, env: dict[str, str]) -> dict[str, Any]:
    """How long each command takes that verifies the book, and ``pages``; each has to pass."""
    page = folder / EDITED
    subprocess.run(["make", "install-all", "browser"], cwd=folder, env=env, check=True)
    pytest = [str(folder / ".venv" / "bin" / "python"), "-m", "pytest"]
    seconds: dict[str, Any] = {}
    for name, command in {
        "docs": [*pytest, "docs/", "--fresh"],
        "docs_again": [*pytest, "docs/"],
        "docs_edited": [*pytest, "docs/"],
        "page": [*pytest, EDITED, "--fresh"],
        "tests": [*pytest, "tests/"],
        "check_all": ["make", "check-all"],
    }.items():
        if name == "docs_edited":
            text = page.read_text(encoding="utf-8")
            page.write_text(text.replace("```python\n", "```python\npass\n", 1), encoding="utf-8")
        began = time.perf_counter()
        subprocess.run(command, cwd=folder, env=env, check=True, stdout=sys.stderr)
        seconds[name] = round(time.perf_counter() - began)
        print(name, seconds[name], flush=True)
        if name == "docs":
            seconds["pages"] = seconds_of_pages(folder)
        if name == "page":
            page.write_text(text, encoding="utf-8")
    return seconds


def megabytes(folder: Path) -> int:
    """The size of a folder's files on the disk."""
    sizes = (p.lstat().st_blocks * 512 for p in folder.rglob("*"))
    return round(sum(sizes) / 1e6)


def filled(readme: str, numbers: dict[str, dict[str, Any]]) -> str:
    """The README with the last cells of each command's row written anew.

    >>> filled("| `make x` | runs | - s | - s | - MB |", {"x": {"first": 9, "again": 1, "mb": 5}})
    '| `make x` | runs | 9 s | 1 s | 5 MB |'
    """
    suite = numbers.get("suite", {})
    ways = numbers.keys() - {"suite", "pages"}
    rows = {f"`make {name}`": [*numbers[name].values()] for name in ways}
    rows |= {command: [suite[name]] for name, command in COMMANDS.items() if name in suite}
    for command, measured in rows.items():
        cells = r" \S+( .*?)?\|" * len(measured)
        found = re.search(rf"^(\| {re.escape(command)} \|.*?\|){cells}$", readme, re.MULTILINE)
        if not found:
            raise ValueError(f"expected a table row for {command}, found none")
        units = [unit or " " for unit in found.groups()[1:]]
        new = "".join(f" {cell}{unit}|" for cell, unit in zip(measured, units, strict=True))
        readme = readme[: found.start()] + found[1] + new + readme[found.end() :]
    return readme


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ways = {"serve": seconds_to_serve, "test": seconds_to_test}
    parser.add_argument("commands", nargs="*", help="serve, test, suite; all where none is named")
    parser.add_argument("--dry", action="store_true", help="write no results file")
    options = parser.parse_args()
    numbers: dict[str, dict[str, Any]] = dict(results.read("install")["numbers"])
    for name in options.commands or [*ways, "suite"]:
        with tempfile.TemporaryDirectory() as place:
            folder, home = Path(place, "book"), Path(place, "home")
            folder.mkdir()
            home.mkdir()
            checkout(folder)
            env = environment(home)
            if name == "suite":
                numbers[name] = seconds_to_verify(folder, env)
                numbers["pages"] = numbers[name].pop("pages")
            else:
                first, second = ways[name](folder, env), ways[name](folder, env)
                disk = megabytes(folder / ".venv")
                numbers[name] = {"first": round(first), "again": round(second), "disk_mb": disk}
            print(name, numbers[name], flush=True)
    if not options.dry:
        written = results.write(
            "install",
            numbers,
            command="python tools/benchmark_install.py",
            note_zh="新克隆里两条命令的秒数（首次、再次）与 .venv 的大小；"
            "各条检查命令的秒数，各页代码的秒数。",
            note_en="The two commands in a fresh clone: seconds (first, again), size of .venv. "
            "Seconds of each command that verifies the book, and of each page's blocks.",
        )
        print(written)
        for name in ("README.md", "README.en.md"):
            readme = ROOT / name
            text = filled(readme.read_text(encoding="utf-8"), numbers)
            readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
