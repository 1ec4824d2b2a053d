"""What the built site's files say, without a browser."""

import json
import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import nbformat
import pytest
from built_site import IDS, MODULES, PAGES, address, sources
from extras import closure

from wode.book import LANGUAGES, ROOT
from wode.book.fences import EXECUTED, kind_of
from wode.book.pages import load

_LOADS = {"img": "src", "script": "src", "source": "src", "iframe": "src", "link": "href"}


class Document(HTMLParser):
    """The ids, links, loaded resources, metadata and code blocks of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.switchers: list[str] = []  # links to the other language
        self.meta: dict[str, str] = {}
        self.blocks: list[str] = []
        self.lang = self.title = ""
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        self.ids |= {
            attributes[key] for key in ("id", "name") if key in attributes and tag != "meta"
        }
        if tag in ("a", "area") and "href" in attributes:
            self.links.append(attributes["href"])
            if "book-switch" in attributes.get("class", ""):
                self.switchers.append(attributes["href"])
        if tag in _LOADS and _LOADS[tag] in attributes:
            (
                self.links if attributes.get("rel") in ("canonical", "prev", "next") else self.loads
            ).append(attributes[_LOADS[tag]])
        if tag == "html":
            self.lang = attributes["lang"]
        if tag == "meta":
            self.meta[attributes.get("name") or attributes.get("property", "")] = attributes.get(
                "content", ""
            )
        if found := re.match(r"language-(\S+)", attributes.get("class", "")):
            self.blocks.append(found[1])
        self._in_title = tag == "title" and not self.title

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False


@cache
def document(path: Path) -> Document:
    return Document(path.read_text(encoding="utf-8"))


def broken(site: Path, page: Path) -> Iterator[str]:
    """The links and resources of a page that lead nowhere, or to another host's resources."""
    here = "http://site/" + page.relative_to(site).as_posix()
    seen = document(page)
    for target in seen.loads:
        if urlsplit(target).scheme not in ("", "data"):
            yield f"loads from another host: {target}"
    for target in seen.links + seen.loads:
        if urlsplit(target).scheme or target.startswith("//"):
            continue
        parts = urlsplit(urljoin(here, target))
        file = site / unquote(parts.path).lstrip("/")
        if not file.is_file():
            yield f"no such file: {target}"
        elif parts.fragment and unquote(parts.fragment) not in document(file).ids:
            yield f"no such anchor: {target}"


@pytest.mark.parametrize(("name", "lang"), [*PAGES, *MODULES, ("404", "zh"), ("404", "en")])
def test_links_and_anchors_exist(site: Path, name: str, lang: str) -> None:
    assert list(broken(site, site / address(name, lang))) == []


@pytest.mark.parametrize(("name", "lang"), [*PAGES, *MODULES])
def test_switcher_leads_to_the_same_page(site: Path, name: str, lang: str) -> None:
    """That it does so when it is clicked: ``test_reading.py``."""
    page, other = site / address(name, lang), LANGUAGES[1 - LANGUAGES.index(lang)]
    (target,) = document(page).switchers
    assert (page.parent / target).resolve() == site / address(name, other)


def test_stylesheets_load_nothing_from_elsewhere(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        for target in re.findall(r"url\(([^)]+)\)", sheet.read_text(encoding="utf-8")):
            target = target.strip("\"'")
            if target.startswith("data:"):
                continue
            assert not urlsplit(target).scheme, f"{sheet}: {target}"
            assert (sheet.parent / target.partition("?")[0].partition("#")[0]).is_file(), (
                f"{sheet}: {target}"
            )


@pytest.mark.parametrize(("name", "lang"), [*PAGES, *MODULES])
def test_page_says_what_it_is(site: Path, name: str, lang: str) -> None:
    page = document(site / address(name, lang))
    book = {"zh": "我的大模型练习", "en": "wode LLMs practice"}[lang]
    assert page.lang == lang
    assert page.title == book if name == "index" else page.title.endswith(f" · {book}")
    assert "None" not in page.title
    assert page.meta["description"] and page.meta["og:description"] == page.meta["description"]
    assert page.meta["og:title"]
    assert "og:image" not in page.meta  # a preview needs an absolute address, and none was given


#: Of the API reference the blocks are signatures, a lab's page is a notebook.
RUN = [(n, lang) for n, lang in PAGES if n != "api" and not n.startswith("labs/")]


@pytest.mark.parametrize(("name", "lang"), RUN)
def test_as_many_blocks_as_are_run(site: Path, name: str, lang: str) -> None:
    """A fence that a reader sees and the parser does not would never be run."""
    shown = map(kind_of, document(site / address(name, lang)).blocks)
    run = [block.kind for block in load(ROOT / "docs" / lang / f"{name}.md").blocks]
    assert [kind for kind in shown if kind in EXECUTED] == run


@pytest.mark.parametrize(("name", "lang"), [(n, lang) for n, lang in PAGES if "/" in n])
def test_chapter_has_its_notebook(site: Path, name: str, lang: str) -> None:
    page = site / address(name, lang)
    assert f"{page.stem}.ipynb" in document(page).links
    nbformat.validate(nbformat.read(page.with_suffix(".ipynb"), as_version=4))


_CODE = re.compile("<pre.*?</pre>", re.S)
_SOURCE = re.compile(r'<span class="filename">(.*?)</span><pre', re.S)
_LINKED = re.compile(r'<a class="[^"]*" href="([^"#]*)#([^"]*)">([^<]*)</a>')


@pytest.mark.parametrize(("name", "lang"), PAGES, ids=IDS)
def test_included_code_and_its_reference_link_to_each_other(
    site: Path, name: str, lang: str
) -> None:
    """The anchors exist: ``test_links_and_anchors_exist``."""
    page = site / address(name, lang)
    labels = _SOURCE.findall(page.read_text(encoding="utf-8"))
    source = ROOT / "docs" / lang / f"{name}.md"
    blocks = load(source).blocks if source.exists() else []
    wanted = [include for block in blocks for include in block.includes]
    assert len(labels) >= len([block for block in blocks if block.includes])
    linked = [link for label in labels for link in _LINKED.findall(label)]
    for include in wanted:
        path, _, definition = include.partition(":")
        assert any(path in label and definition in label for label in labels), include
        if path.startswith("wode/"):
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            reference = page.parent / next(to for to, at, _ in linked if at == module)
            assert reference.resolve() == site / address(f"api/{module}", lang)
            assert f"{module}.{definition}" in [at for _, at, _ in linked]
            assert f"../{name}.html" in document(reference.resolve()).links


def test_every_module_leads_to_a_chapter(site: Path) -> None:
    for name, lang in MODULES:
        page = document(site / address(name, lang))
        assert any(re.match(r"\.\./(\d_\w+/|how-this)", link) for link in page.links), name
        text = (site / address(name, lang)).read_text(encoding="utf-8")
        assert not re.search("参数：|返回：|引发：|名称</b>|默认</b>", text), (
            f"{name}: docstrings are English"
        )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_search_index_holds_one_language(site: Path, lang: str) -> None:
    folder = site / ("" if lang == LANGUAGES[0] else lang)
    index = json.loads((folder / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"]}
    written = {f"{name}.html" for name in sources(lang)}
    assert found == written | {f"{name}.html" for name, _ in MODULES}
    script = (folder / "search" / "search_index.js").read_text(encoding="utf-8")
    assert json.loads(script.removeprefix("var __index = ")) == index


def test_nothing_is_invented(site: Path) -> None:
    """Without addresses from the environment no page links to a repository or to Colab."""
    for name, lang in PAGES + MODULES:
        text = (site / address(name, lang)).read_text(encoding="utf-8")
        assert (
            'rel="edit"' not in text
            and "colab.research" not in text
            and 'rel="canonical"' not in text
        )
    assert not (site / "sitemap.xml").exists()


def test_the_light_extra_alone_builds_every_page_with_the_same_code(
    site: Path, addressed: Path
) -> None:
    """In an environment that holds what ``make serve`` installs and nothing else."""
    assert not closure("site") & {"torch", "numpy", "matplotlib", "mplfonts", "pytest"}
    for name, lang in PAGES + MODULES:
        one, other = (folder / address(name, lang) for folder in (site, addressed))
        assert document(one).ids == document(other).ids, (name, lang)
        code, again = (_CODE.findall(page.read_text(encoding="utf-8")) for page in (one, other))
        assert code == again, (name, lang)


def test_addresses_come_from_the_environment(addressed: Path) -> None:
    site = addressed
    for lang in LANGUAGES:
        name = next(name for name in sources(lang) if "/" in name)
        path = address(name, lang)
        page = document(site / path)
        assert f"https://book.example/wode/{path}" in page.links
        assert page.meta["og:url"] == f"https://book.example/wode/{path}"
        image = page.meta["og:image"].removeprefix("https://book.example/wode/")
        assert (site / image).read_bytes().startswith(b"\x89PNG")
        assert f"https://github.com/someone/wode/edit/main/docs/{lang}/{name}.md" in page.links
        notebook = path.replace(".html", ".ipynb")
        assert (
            f"https://colab.research.google.com/github/someone/wode/blob/gh-pages/{notebook}"
            in page.links
        )
        assert [load for load in page.loads if "//" in load] == []
        assert 'data-md-component="source"' not in (site / path).read_text(encoding="utf-8")
        home = (site / address("index", lang)).read_text(encoding="utf-8")
        assert 'rel="alternate"' not in home  # the theme's script would fetch a sitemap from each
    sitemap = (site / "sitemap.xml").read_text(encoding="utf-8")
    for name, lang in PAGES + MODULES:
        assert f"<loc>https://book.example/wode/{address(name, lang)}</loc>" in sitemap


@pytest.mark.parametrize("lang", LANGUAGES)
def test_preview_picture_is_what_its_code_draws(lang: str, tmp_path: Path) -> None:
    import runpy

    from PIL import Image, ImageChops

    drawn = runpy.run_path(str(ROOT / "pics" / "_social.py"))["save"](lang, tmp_path)
    kept = ROOT / "docs" / "assets" / drawn.name
    with Image.open(drawn) as new, Image.open(kept) as old:
        assert new.size == old.size == (1200, 630)
        assert ImageChops.difference(new.convert("RGB"), old.convert("RGB")).getbbox() is None
