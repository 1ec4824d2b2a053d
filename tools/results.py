"""Run the book's experiments anew: ``python tools/results.py [--labs] [NAME ...]``.

Every ``docs/assets/results/NAME.json`` holds the command that writes it. Without names, all those
run whose script is in ``snippets/``, but for the labs', which take long and run with ``--labs``.
"""

import argparse
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from wode.book import ROOT, results


def commands(
    labs: bool = False, names: Sequence[str] = (), folder: Path = results.FOLDER
) -> list[str]:
    """The commands in the results files, each once; those named, or all of the pages or labs.

    Raises:
        FileNotFoundError: a name is no results file's; the message lists those there are.
    """
    chosen = names or sorted(path.stem for path in folder.glob("*.json"))
    found = [results.read(name, folder)["command"] for name in chosen]
    if not names:
        ours = [command for command in found if " snippets/" in command]
        found = [command for command in ours if (" snippets/labs/" in command) == labs]
    return list(dict.fromkeys(found))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="results files, without .json")
    parser.add_argument("--labs", action="store_true", help="the labs' instead of the pages'")
    options = parser.parse_args()
    try:
        todo = commands(options.labs, options.names)
    except FileNotFoundError as error:
        parser.error(str(error))
    if not todo:
        print("results: no results file names such a command")
    for command in todo:
        print(f"results: {command}", flush=True)
        began = time.monotonic()
        words = shlex.split(command)
        program = [sys.executable, *words[1:]] if words[0] == "python" else words
        if code := subprocess.run(program, cwd=ROOT).returncode:
            sys.exit(f"results: {command!r} ended with exit code {code}")
        print(f"results: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
