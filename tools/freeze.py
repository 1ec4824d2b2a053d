"""Write ``constraints.txt`` anew: ``python tools/freeze.py [NAME==VERSION ...]``.

Installs the extra ``all`` into an empty environment, within the ranges of ``pyproject.toml``, and
writes down every version that pip chose. What is named on the command line is held at its version.

Left out is what differs from one platform to the next: the local part of a version (``+cpu``) and
the CUDA packages, which torch itself pins.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = """\
# The versions that the book was verified with. Written by `make constraints`; do not edit.
"""
CUDA = ("nvidia-", "cuda-", "triton")


def portable(frozen: str) -> str:
    """``pip freeze``'s lines, those that hold on every platform, without local versions.

    >>> portable("torch==2.13.0+cpu\\ntriton==3.7.0\\nwcwidth==0.9.4\\n-e /a/folder\\n")
    'torch==2.13.0\\nwcwidth==0.9.4\\n'
    """
    pins = [line.split("+")[0] for line in frozen.splitlines() if "==" in line and line[0] != "-"]
    return "".join(f"{pin}\n" for pin in pins if not pin.lower().startswith(CUDA))


def main(held: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/python", "-m", "pip"]
        hold = Path(folder, "held.txt")
        hold.write_text("\n".join(held), encoding="utf-8")
        command = [*pip, "install", "--quiet", "--constraint", str(hold), "--editable", ".[all]"]
        subprocess.run(command, check=True, cwd=ROOT)
        freeze = [*pip, "freeze", "--exclude-editable"]
        frozen = subprocess.run(freeze, check=True, capture_output=True, text=True).stdout
    (ROOT / "constraints.txt").write_text(HEAD + portable(frozen), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
