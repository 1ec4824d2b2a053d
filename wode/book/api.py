"""The API reference: one page a module, which mkdocstrings fills from the docstrings.

Which modules, in what order, the index says, ``docs/<lang>/api.md``: it links to each page.
"""

import re
from collections import Counter
from functools import cache

from wode.book import LANGUAGES, ROOT
from wode.book.pages import load
from wode.book.parity import headings

_LINK = re.compile(r"\(api/(wode[\w.]*)\.md\)")
_TEXT = {
    "zh": ("{} 的参考，由源码里的文档字符串生成。", "[API 参考](../api.md) · 见 {}", "、"),
    "en": ("Reference of {}, made of its docstrings.", "[API reference](../api.md) · see {}", ", "),
}


def modules() -> list[str]:
    """The modules that have a page."""
    return _LINK.findall((ROOT / "docs" / LANGUAGES[0] / "api.md").read_text(encoding="utf-8"))


def page(module: str, lang: str, order: list[str]) -> str:
    """A module's page: the way back to its chapters, and what mkdocstrings is to put there.

    ``order`` names the pages as they are read. First comes the one that shows most of the module's
    code, last those that only use it; what no page uses serves the book itself.
    """
    description, back, comma = _TEXT[lang]
    links = [link for link, _ in _chapters(lang, tuple(order))[module].most_common()]
    return "\n\n".join(
        [
            f"---\ndescription: {description.format(module)}\n---",
            f"# {module} {{#{module}}}",
            back.format(comma.join(links)),
            f"::: {module}\n    options: {{show_root_heading: false, show_root_toc_entry: false}}",
        ]
    )


@cache
def _chapters(lang: str, order: tuple[str, ...]) -> dict[str, Counter[str]]:
    """How many lines of each module a page shows: none where it only names it."""
    lines = {module: Counter[str]() for module in modules()}
    for name in order:
        chapter = load(ROOT / "docs" / lang / f"{name}.md")
        link = f"[{headings(chapter)[0][2]}](../{name}.md)"
        shown = Counter(line.path for block in chapter.blocks for line in block.lines)
        for module, pages in lines.items():
            file = (ROOT / module.replace(".", "/")).with_suffix(".py")
            if file in shown or re.search(rf"\b{module}\b", chapter.text):
                pages[link] += shown[file]
    return lines
