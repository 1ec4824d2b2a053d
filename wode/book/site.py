"""What the site needs beyond its plugins; mkdocs calls the functions whose names begin with ``on_``.

* A notebook (``docs/<lang>/labs/*.ipynb``) is a page: its cells become Markdown, its stored outputs are shown.
* Figures (``pics/*.svg``) are published as ``assets/pics``, interactive ones as scripts, which a page
  opened from ``file://`` may load where it may not fetch JSON.
* Each chapter gets its notebook beside it; each language gets its own search index and 404 page.
"""

import json
import logging
import posixpath
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import nbformat
from mkdocs import utils
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from wode.book import LANGUAGES, ROOT, notebooks
from wode.book.svg import lighter

_PLAIN = re.compile(r'<span class="(?:n|o|p|w)">([^<]*)</span>')
_SHOWN = re.compile(r'<img (?=[^>]*src="[^"]*assets/pics/([\w.-]+\.svg)")')
_PICTURE = re.compile(r"(!\[[^\]]*\]\()(?:\.\./)+pics/([\w.-]+\.svg)")
_DOLLARS = re.compile(r"(?<![\\$`\w])\$(?![\s$`])([^$\n`]+?)(?<!\s)\$(?![\w$`])")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PICTURE_TYPES = {"image/svg+xml": "svg+xml;utf8", "image/png": "png;base64"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let static-i18n take a notebook for the page it is; offer edits only where there is a repository."""
    if ".ipynb" not in utils.markdown_extensions:
        utils.markdown_extensions += (".ipynb",)
    config.edit_uri = "edit/main/docs/" if config.repo_url else None
    logging.getLogger("jieba").setLevel(logging.WARNING)
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Publish the figures."""
    for path in sorted((ROOT / "pics").glob("*.svg")):
        picture = lighter(path.read_text(encoding="utf-8"))
        file = File.generated(config, f"assets/pics/{path.name}", content=picture)
        file.abs_src_path = str(path)  # static-i18n asks every file for one
        files.append(file)
    return files


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:
    """A notebook's Markdown; ``None`` for any other page, which mkdocs then reads itself."""
    source = page.file.abs_src_path
    if source is None or not source.endswith(".ipynb"):
        return None
    return notebook_markdown(json.loads(Path(source).read_text(encoding="utf-8")))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point a figure's link, which works in the repository, to where the site has the figure.

    The book's Markdown extension is told which page it reads; blank lines stand for the front matter,
    so that the line it names in an error is the line in the file.
    """
    config.mdx_configs["wode.book.markdown"] = {"path": f"docs/{page.file.src_uri}"}
    folder = posixpath.dirname(page.file.src_uri)
    markdown = _PICTURE.sub(rf"\1{posixpath.relpath('assets/pics', folder)}/\2", markdown)
    if page.file.src_uri.endswith(".ipynb"):
        return markdown
    return "\n" * (page.file.content_string.count("\n") - markdown.count("\n")) + markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Take the page's title from its h1, wherever it stands: mkdocs looks at the first element only.

    Figures are loaded when they come near, in a place that is kept for them; tokens of code that have
    no colour of their own are plain text, which makes a page a seventh lighter.
    """
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.S)
    if heading and "title" not in page.meta:
        page.title = re.sub(r"<a class=\"headerlink.*?</a>|<[^>]+>", "", heading[1]).strip()
    html = _SHOWN.sub(lambda m: f"<img {_place(m[1])}", html)
    return _PLAIN.sub(r"\1", html)


@event_priority(-50)  # after static-i18n, whose switcher is wrong on the two home pages
def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """The switcher's links, the language's search index, the chapter's notebook."""
    lang = _language(config)
    _no_alternates(config)
    root = context["base_url"]
    config.extra["scope"] = root  # the reader's choice of theme holds in both languages
    context["base_url"] = posixpath.join(root, _prefix(lang), "")  # where the search index stands
    context["book"] = {
        "lang": lang,
        "home": page.file.name == "index" and "/" not in _inside(page.file.dest_uri, lang),
        "math": 'class="arithmatex"' in (page.content or ""),
        "figures": "data-plotly=" in (page.content or ""),
        "notebook": _notebook_name(page, config),
        "colab": _colab(page, config),
        "title": (page.meta.get("title") or page.title or config.site_name),
        "picture": f"assets/social.{lang}.png",
        "twins": _twins(config, {other: file.url for other, file in page.file.alternates.items()}),
    }
    return context


@event_priority(-50)
def on_template_context(
    context: dict[str, Any], template_name: str, config: MkDocsConfig
) -> dict[str, Any]:
    """The 404 page switches to the other language's home page; its links are absolute."""
    _no_alternates(config)
    homes = {lang: posixpath.join(_prefix(lang), "index.html") for lang in LANGUAGES}
    context["book"] = {
        "home": True,
        "lost": True,
        "lang": _language(config),
        "twins": _twins(config, homes),
    }
    return context


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Write the chapter's notebook beside its page."""
    if _notebook_name(page, config) and page.file.abs_src_path:
        target = Path(page.file.abs_dest_path).with_suffix(".ipynb")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_notebook(Path(page.file.abs_src_path), config), encoding="utf-8")
    return output


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    """Give each language its own 404 page: both builds would write the same file."""
    lang = _language(config)
    if template_name != "404.html" or not _prefix(lang):
        return output_content
    target = Path(config.site_dir) / _prefix(lang) / template_name
    utils.write_file(output_content.encode("utf-8"), str(target))
    return ""  # mkdocs then leaves the other language's page where it is


@event_priority(-200)  # after static-i18n has stacked up the entries of all languages
def on_post_build(config: MkDocsConfig) -> None:
    """Write the interactive figures and the search index, one a language, as scripts for ``file://``."""
    for figure in sorted((ROOT / "docs" / "assets" / "figures").glob("*.json")):
        text = json.dumps(json.loads(figure.read_text(encoding="utf-8")), separators=(",", ":"))
        script = f'(window.bookFigures ??= {{}})["{figure.name}"] = {text};\n'
        utils.write_file(script.encode(), f"{config.site_dir}/assets/figures/{figure.name}.js")
    whole = Path(config.site_dir) / "search" / "search_index.json"
    if not whole.is_file():
        return
    index = json.loads(whole.read_text(encoding="utf-8"))
    docs = index.pop("docs")
    others = tuple(f"{_prefix(lang)}/" for lang in LANGUAGES if _prefix(lang))
    for lang in LANGUAGES:
        prefix = f"{_prefix(lang)}/" if _prefix(lang) else ""
        mine = [
            {**entry, "location": entry["location"].removeprefix(prefix)}
            for entry in docs
            if entry["location"].startswith(prefix or others) == bool(prefix)
        ]
        text = json.dumps({**index, "docs": mine}, ensure_ascii=False, separators=(",", ":"))
        folder = Path(config.site_dir) / prefix / "search"
        utils.write_file(text.encode("utf-8"), str(folder / "search_index.json"))
        utils.write_file(f"var __index = {text}".encode(), str(folder / "search_index.js"))


def notebook_markdown(notebook: dict[str, Any]) -> str:
    """A notebook (nbformat 4, as JSON) as a page of the book: prose, fences, stored outputs."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(_DOLLARS.sub(r"$`\1`$", source))
        elif cell["cell_type"] == "code":
            parts.append(_fence("python", source))
            parts += [_shown(output) for output in cell.get("outputs", [])]
    return "\n\n".join(part for part in parts if part)


def _shown(output: dict[str, Any]) -> str:
    """One stored output: the richest form that a page can show."""
    if output["output_type"] == "stream":
        return _fence("output", "".join(output["text"]))
    if output["output_type"] == "error":
        return _fence("output", _ANSI.sub("", "\n".join(output["traceback"])))
    data = {
        kind: "".join(text) for kind, text in output["data"].items() if isinstance(text, str | list)
    }
    alt = data.get("text/plain", "")
    for kind, encoding in _PICTURE_TYPES.items():
        if kind in data:
            body = quote(data[kind]) if kind == "image/svg+xml" else data[kind].replace("\n", "")
            return f'<p><img alt="{alt}" src="data:image/{encoding},{body}"></p>'
    return data.get("text/html") or _fence("output", alt)


def _place(name: str) -> str:
    """The attributes that keep a figure's place until it is loaded: its size in pixels of 1/96 inch."""
    head = (ROOT / "pics" / name).read_text(encoding="utf-8").partition("<svg ")[2].partition(">")[0]
    points = dict(re.findall(r'\b(width|height)="([\d.]+)pt"', head))
    size = [f'{side}="{float(value) * 96 / 72:.0f}"' for side, value in sorted(points.items())]
    return " ".join(['loading="lazy"', *size, ""])


def _fence(language: str, text: str) -> str:
    marks = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`{3,}", text)), 3)
    return f"{marks}{language}\n{text.rstrip()}\n{marks}" if text.strip() else ""


def _twins(config: MkDocsConfig, links: dict[str, str]) -> list[dict[str, str]]:
    languages = config.plugins["i18n"].config.languages
    return [
        {"lang": language.locale, "name": language.name, "link": links[language.locale]}
        for language in languages
        if language.build and language.locale in links
    ]


def _no_alternates(config: MkDocsConfig) -> None:
    """Not a list, so that the theme writes no <link rel=alternate>: its script would fetch a sitemap
    from each, at another host when the site has an address. The sitemap itself names the twins."""
    config.extra.alternate = True  # ty: ignore[unresolved-attribute]


def _language(config: MkDocsConfig) -> str:
    return config.plugins["i18n"].current_language


def _prefix(lang: str) -> str:
    """The language's folder on the site: none for the default language."""
    return "" if lang == LANGUAGES[0] else lang


def _inside(uri: str, lang: str) -> str:
    return uri.removeprefix(f"{lang}/")


def _notebook_name(page: Page, config: MkDocsConfig) -> str:
    """The file name of the page's notebook; empty for a page that has none, and in the writers' setting."""
    chapter = "/" in _inside(page.file.dest_uri, _language(config))
    return "" if config.extra.get("fast") or not chapter else f"{page.file.name}.ipynb"


def _notebook(source: Path, config: MkDocsConfig) -> str:
    if source.suffix == ".ipynb":
        return source.read_text(encoding="utf-8")
    return nbformat.writes(notebooks.build(source, repository=config.repo_url or ""))


def _colab(page: Page, config: MkDocsConfig) -> str:
    """Where Colab opens the page's notebook from: the branch that holds the published site."""
    repository = urlsplit(config.repo_url or "")
    name = _notebook_name(page, config)
    if repository.netloc != "github.com" or not name:
        return ""
    path = posixpath.join(posixpath.dirname(page.file.dest_uri), name)
    return f"https://colab.research.google.com/github{repository.path.rstrip('/')}/blob/gh-pages/{path}"
