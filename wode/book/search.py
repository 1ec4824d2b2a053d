"""The search, for someone who does not know the book's words: mkdocs calls the functions named
``on_...``.

* jieba cuts Chinese by the glossary's terms and the pages' tags, too; a page's entry holds the
  terms that it introduces, in both languages; pages that list rather than teach come last.
* Each language has an index of its own, also as a script, for ``file://``.
* The theme's worker asks ``docs/assets/js/search.js`` how to cut a query and how to rank.
"""

import json
import logging
import re
from pathlib import Path
from typing import Any

import jieba
from mkdocs import utils
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import BuildError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from wode.book import LANGUAGES, ROOT, glossary

_FORMULA = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.S)
_TEX = re.compile(r"\\[A-Za-z]+|[\\{}^_&]")  # what a search result would show of a formula
#: How much a hit counts on pages that list rather than teach; a folder's pages like a page's.
_WEIGHTS = {"labs": 0.8, "index": 0.1, "glossary": 0.1}
_WEIGHTS |= dict.fromkeys(("api", "results", "references"), 0.01)
#: What the theme's search worker does itself, and the function of search.js that does it instead.
MENDS = {
    r'e=e.replace(new RegExp("\\p{sc=Han}+","gu"),s=>[...fe(s,this.index.invertedIndex)]'
    '.join("* ")),e=ce(e)': "e=ce(bookWords(e,this.index.invertedIndex))",
    "this.index.search(e)": "this.index.search(bookQuery(e,this.index.invertedIndex))",
    "e[s].startsWith(o.term)": "bookFound(e[s],o.term)",
    "score:a*(1+K(g,2))": "score:bookScore(a,g,c.parent)",
}


def on_config(config: MkDocsConfig) -> None:
    logging.getLogger("jieba").setLevel(logging.WARNING)
    if "material/search" in config.plugins:
        jieba.load_userdict(form for term in glossary.terms() for form in term.forms("zh"))


def on_files(files: Files, config: MkDocsConfig) -> None:
    workers = [file for file in files if re.search(r"/workers/search\..*\.js$", file.src_uri)]
    if len(workers) != 1:
        raise BuildError(f"The theme has {len(workers)} search workers; the book mends one.")
    path, workers[0].content_string = workers[0].abs_src_path, mended(workers[0].content_string)
    workers[0].abs_src_path = path


def mended(worker: str) -> str:
    """The script that searches, with the book's functions in it.

    Raises:
        BuildError: it is not the script that ``MENDS`` was written for.
    """
    for theirs, ours in MENDS.items():
        if (count := worker.count(theirs)) != 1:
            raise BuildError(
                f"The theme's search worker has changed: expected {theirs!r} in it once, found it "
                f"{count} times. docs/assets/js/search.js says what the book needs of it."
            )
        worker = worker.replace(theirs, ours)
    return worker + (ROOT / "docs" / "assets" / "js" / "search.js").read_text(encoding="utf-8")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> None:
    if "material/search" in config.plugins:
        jieba.load_userdict(map(str, page.meta.get("tags", ())))
    if weight := _WEIGHTS.get(page.file.src_uri.split("/")[1].removesuffix(".md")):
        page.meta["search"] = {"boost": weight}


@event_priority(-200)  # after static-i18n has stacked up the entries of all languages
def on_post_build(config: MkDocsConfig) -> None:
    """Write each language's index."""
    whole = Path(config.site_dir) / "search" / "search_index.json"
    if not whole.is_file():
        return
    index = json.loads(whole.read_text(encoding="utf-8"))
    entries = index.pop("docs")
    others = LANGUAGES[1:]
    for folder in ("", *(f"{lang}/" for lang in others)):
        places = folder or tuple(f"{lang}/" for lang in others)
        mine = [e for e in entries if e["location"].startswith(places) == bool(folder)]
        own = {**index, "docs": [_entry(entry, folder) for entry in mine]}
        text = json.dumps(own, ensure_ascii=False, separators=(",", ":"))
        search = f"{config.site_dir}/{folder}search"
        utils.write_file(text.encode(), f"{search}/search_index.json")
        utils.write_file(f"var __index = {text}".encode(), f"{search}/search_index.js")


def _entry(entry: dict[str, Any], folder: str) -> dict[str, Any]:
    """A section as the search has it; a page's first has its tags and, in both languages, terms."""
    location = entry["location"].removeprefix(folder)
    text = _FORMULA.sub(lambda m: _TEX.sub("", m[1] or m[2]), entry["text"])
    entry = {**entry, "location": location, "text": text}
    if "#" in location:
        entry.pop("tags", None)
    else:
        terms = [term for term in glossary.terms() if f"{term.page}.html" == location]
        forms = (form for lang in LANGUAGES for term in terms for form in term.forms(lang))
        entry["terms"] = " ".join(forms)
    return entry
