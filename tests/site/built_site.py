"""The pages the site must have, and how it is built."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
#: What a host's address adds: ``build``'s environment.
ADDRESSES = {
    "SITE_URL": "https://book.example/wode/",
    "REPO_URL": "https://github.com/someone/wode",
}


def build(target: Path, **environment: str) -> Path:
    """Build the whole site with ``--strict``, not ``--quiet``, under which nothing is strict."""
    known = {k: v for k, v in os.environ.items() if k not in ("REPO_URL", "SITE_URL")}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)],
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
