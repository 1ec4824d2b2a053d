"""Real pages for the page `c4`: what this machine surely has, and the book itself."""

import ast
import re
import sysconfig
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from c4 import readme
from wode.cleaning import text_of
from wode.files.download import data_root
from wode.files.strict_json import read_object

#: Libraries whose documentation the experiment reads.
LIBRARIES = ("numpy", "scipy", "sklearn", "networkx", "matplotlib")
CHAPTERS = re.compile(r"\d_\w+/")


def readmes() -> Iterator[str]:
    """The pages of all installed packages that are written in Markdown."""
    for package in sorted(distributions(), key=lambda package: package.name.lower()):
        if str(package.metadata.json.get("description_content_type")).startswith("text/markdown"):
            yield readme(package.name)


def manuals(libraries: tuple[str, ...] = LIBRARIES, wrapped: bool = False) -> Iterator[str]:
    """A page for each documented function, class and module, as a reference manual has it."""
    packages = Path(sysconfig.get_paths()["purelib"])
    for library in libraries:
        for path in sorted((packages / library).rglob("*.py")):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                    text = ast.get_docstring(node) or ""
                    if text.count("\n") > 2:  # more than a summary
                        yield text if wrapped else unwrapped(text)


def unwrapped(text: str) -> str:
    """A paragraph a line, as a browser would show it; lists and listings keep their lines."""
    runs: list[list[str]] = []
    for line in text.split("\n"):
        stripped = line.strip()
        begins = not stripped or re.match(r"[-*+•>.:|=~#]|\d+[.)]", stripped)
        if runs and runs[-1] and not begins and indent(line) == indent(runs[-1][0]):
            runs[-1].append(line)
        else:
            runs.append([line] if stripped else [])
    return "\n".join(" ".join(map(str.strip, run)) for run in runs if run)


def indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def book(site: Path, lang: str) -> Iterator[str]:
    """The book's own built chapters in one language."""
    root = site / "en" if lang == "en" else site
    for path in sorted(root.rglob("*.html")):
        if CHAPTERS.match(path.relative_to(root).as_posix()):
            yield text_of(path.read_text(encoding="utf-8"))


def wikipedia(lang: str) -> list[str]:
    """XQuAD's articles: paragraphs of Wikipedia, and the same translated by people."""
    path = data_root() / "xquad" / f"xquad.{lang}.json"
    articles = read_object(path)["data"]
    return ["\n".join(p["context"] for p in article["paragraphs"]) for article in articles]
