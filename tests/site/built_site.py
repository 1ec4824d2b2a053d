"""The pages the site must have, and how it is built."""

import importlib.metadata
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from extras import closure

from wode.book import LANGUAGES, ROOT, api


def sources(lang: str) -> list[str]:
    """The pages of one language, without ending: ``0_Pytorch_basics/tensors``."""
    folder = ROOT / "docs" / lang
    files = [path for ending in ("md", "ipynb") for path in folder.rglob(f"*.{ending}")]
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in files)


def address(name: str, lang: str) -> str:
    """Where the site has a page, from its root."""
    return f"{name}.html" if lang == LANGUAGES[0] else f"{lang}/{name}.html"


#: Every page that is written, as parameters: (name, language).
PAGES = [(name, lang) for lang in LANGUAGES for name in sources(lang)]
IDS = [address(name, lang) for name, lang in PAGES]
#: The API reference's pages, which the build makes of docstrings.
MODULES = [(f"api/{module}", lang) for lang in LANGUAGES for module in api.modules()]
#: What a host's address adds: ``light_build``'s environment.
ADDRESSES = {
    "SITE_URL": "https://book.example/wode/",
    "REPO_URL": "https://github.com/someone/wode",
}


def build(target: Path) -> Path:
    """Build the whole site, which has no address."""
    return _built([sys.executable, "-m", "mkdocs"], target, {})


def light_build(target: Path, packages: Path, **environment: str) -> Path:
    """Build it where the extra ``site`` alone is installed: in ``packages``, a new folder."""
    packages.mkdir()
    for name in closure("site"):
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or [] if file.parts[0] != ".."}:
            if not (packages / top).exists():
                (packages / top).symlink_to(str(distribution.locate_file(top)))
    program = f"import sys; sys.path += [{str(packages)!r}, {str(ROOT)!r}]; import mkdocs.__main__"
    light = {
        "PYTHONPATH": "",
        # ruff is a program, and nbconvert has templates
        "PATH": f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_PATH": f"{sysconfig.get_path('data')}/share/jupyter",
    }
    command = [sys.executable, "-S", "-c", f"{program}; mkdocs.__main__.cli()"]
    return _built(command, target, light | environment)


def _built(mkdocs: list[str], target: Path, environment: dict[str, str]) -> Path:
    """With ``--strict``, and not with ``--quiet``, under which nothing is strict."""
    known = {k: v for k, v in os.environ.items() if k not in ("REPO_URL", "SITE_URL")}
    done = subprocess.run(
        [*mkdocs, "build", "--strict", "--site-dir", str(target)],
        cwd=ROOT,
        env=known | {"NO_MKDOCS_2_WARNING": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(
            f"mkdocs build --strict failed:\n{(done.stdout + done.stderr)[-3000:]}", pytrace=False
        )
    return target
