"""The API reference: one page a module, which mkdocstrings fills from the docstrings.

Which modules, in what order, the index says, ``docs/<lang>/api.md``: it links to each page.
"""

import re
from collections import Counter
from functools import cache
from pathlib import Path

from wode.book import LANGUAGES, ROOT
from wode.book.fences import notation
from wode.book.includes import include

_LINK = re.compile(r"\(api/(wode[\w.]*)\.md\)")
_TITLE = re.compile(r"^# (.+?)(?: *\{.*)?$", re.M)
_TEXT = {
    "zh": ("{} 的参考，由源码里的文档字符串生成。", "[API 参考](../api.md) · 讲到它的页：{}", "、"),
    "en": (
        "Reference of {}, made of its docstrings.",
        "[API reference](../api.md) · taught or used in {}",
        ", ",
    ),
}


def modules(index: Path = ROOT / "docs" / LANGUAGES[0] / "api.md") -> list[str]:
    """The modules that have a page; none where there is no index."""
    return _LINK.findall(index.read_text(encoding="utf-8")) if index.is_file() else []


def page(module: str, lang: str, order: list[str]) -> str:
    """A module's page: the way back to its chapters, and what mkdocstrings is to put there.

    ``order`` names the pages as they are read. First comes the one that shows most of the module's
    code, then those that only use it; the last page takes what no other has.
    """
    description, back, comma = _TEXT[lang]
    links = [link for link, _ in chapters_by_module(lang, tuple(order))[module].most_common()]
    return "\n\n".join(
        [
            f"---\ndescription: {description.format(module)}\n---",
            f"# {module} {{#{module}}}",
            back.format(comma.join(links)),
            f"::: {module}\n    options: {{show_root_heading: false, show_root_toc_entry: false}}",
        ]
    )


@cache
def chapters_by_module(lang: str, order: tuple[str, ...]) -> dict[str, Counter[str]]:
    """How many lines of each module a page shows: none where it only names it.

    Kept for one build; the site's ``on_files`` forgets it.
    """
    lines = {module: Counter[str]() for module in modules()}
    for name in order:
        text = (ROOT / "docs" / lang / f"{name}.md").read_text(encoding="utf-8-sig")
        link = f"[{_TITLE.findall(text)[0]}](../{name}.md)"
        included = [include(line.rstrip()) for line in text.splitlines() if notation(line)]
        shown = Counter(line.path for one in included for line in one.lines)
        for module, pages in lines.items():
            folder = ROOT / module.replace(".", "/")
            file = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
            named = file in shown or re.search(rf"\b{module}\b", text)
            if named or (name == order[-1] and not pages):
                pages[link] += shown[file]
    return lines
