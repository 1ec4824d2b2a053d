"""What the site needs beyond its plugins: mkdocs calls the functions named ``on_...``.

* A notebook (``docs/<lang>/labs/*.ipynb``) is a page, rendered by mkdocs-jupyter.
* Figures (``pics/*.svg``) are published as ``assets/pics``, interactive ones as scripts, which a
  page opened from ``file://`` may load where it may not fetch JSON.
* Each chapter gets its notebook beside it; each language its own 404 page.
"""

import json
import posixpath
import re
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import nbformat
from mkdocs import utils
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from wode.book import ALT, LANGUAGES, ROOT, api, jupyter, notebooks
from wode.book.svg import lighter

_FIGURE = re.compile(rf"(!\[{ALT}\]\()(?:\.\./)+pics/([\w.-]+\.svg)")
_SHOWN = re.compile(r'<img (?=[^>]*src="[^"]*assets/pics/([\w.-]+\.svg)")')
_MODULE = re.compile(r"(?P<lang>\w+)/api/(?P<name>[\w.]+)\.md")
_COLOURLESS = re.compile(r'<span class="(?:n|o|p|w)">([^<]*)</span>')
_INDENTATION = re.compile(r"\s*\n\s*")
_HEADING = re.compile(r"<h1[^>]*>(.*?)</h1>", re.S)
_MARKUP = re.compile(r'<a class="headerlink.*?</a>|<[^>]+>')


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Let static-i18n take a notebook for a page; offer edits where there is a repository."""
    setattr(utils, "markdown_extensions", (*utils.markdown_extensions[:5], ".ipynb"))  # noqa: B010
    config.edit_uri = "edit/main/docs/" if config.repo_url else None
    search = config.plugins.get("material/search")
    if search is not None and not search.config.enabled:
        del config.plugins["material/search"]  # static-i18n would look for its index
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Publish the figures and the API reference, whose pages stand in no folder."""
    for path in sorted((ROOT / "pics").glob("*.svg")):
        picture = lighter(path.read_text(encoding="utf-8"))
        file = File.generated(config, f"assets/pics/{path.name}", content=picture)
        file.abs_src_path = str(path)  # static-i18n asks every file for one
        files.append(file)
    api.chapters_by_module.cache_clear()
    for lang in [] if config.extra.get("fast") else LANGUAGES:
        for name in api.modules(Path(config.docs_dir, lang, "api.md")):
            src = f"{lang}/api/{name}.md"
            files.append(File(src, config.docs_dir, config.site_dir, config.use_directory_urls))
    return files


def on_page_read_source(page: Page, config: MkDocsConfig) -> str | None:
    """That of a module's page in the API reference; any other page mkdocs reads itself."""
    module = _MODULE.fullmatch(page.file.src_uri)
    if module is None:
        return None
    order = re.findall(r'"(\d[^"]+|how-this-book-runs)\.md"', json.dumps(config.nav))
    page.file.content_string = api.page(module["name"], module["lang"], order)
    page.edit_url = None
    return page.file.content_string


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point a figure's link, which works in the repository, to where the site has the figure.

    The book's Markdown extension is told which page it reads. Blank lines stand for the front
    matter, so that a line named in an error is the line in the file.
    """
    config.mdx_configs["wode.book.markdown"] = {"path": f"docs/{page.file.src_uri}"}
    if page.file.src_uri.endswith(".ipynb"):
        page.meta["description"] = json.loads(markdown)["metadata"].get("description")
        return markdown
    folder = posixpath.dirname(page.file.src_uri)
    markdown = _FIGURE.sub(rf"\1{posixpath.relpath('assets/pics', folder)}/\2", markdown)
    return "\n" * (page.file.content_string.count("\n") - markdown.count("\n")) + markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Take the page's title from its h1, where mkdocs looks at a page's first element only.

    Figures are loaded when they come near, in a place that is kept for them. Tokens of code that
    have no colour of their own become plain text, which makes a page a seventh lighter.
    """
    if page.file.src_uri.endswith(".ipynb"):
        html = jupyter.rendered(html, page, config, files)
    heading = _HEADING.search(html)
    if heading and "title" not in page.meta:
        page.title = cast("Any", _MARKUP.sub("", heading[1]).strip())
    html = _SHOWN.sub(lambda match: f"<img {_place_of(match[1])}", html)
    return _COLOURLESS.sub(r"\1", html)


@event_priority(-50)  # after static-i18n
def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """What the templates show of a page: its twin, its notebook, whether it holds formulas."""
    lang = _language(config)
    _without_alternates(config)
    root = context["base_url"]
    config.extra["scope"] = root  # the reader's choice of theme holds in both languages
    context["base_url"] = posixpath.join(root, _folder(lang), "")  # where its search index stands
    content = page.content or ""
    twins: dict[str, File] = getattr(page.file, "alternates", {})
    context["book"] = {
        "lang": lang,
        "home": page.file.dest_uri == posixpath.join(_folder(lang), "index.html"),
        "title": page.meta.get("title") or page.title or config.site_name,
        "math": 'class="arithmatex"' in content,
        "figures": "data-plotly=" in content,
        "notebook": _notebook_name(page, config),
        "colab": _colab(page, config),
        "twins": _twins(config, {other: file.url for other, file in twins.items()}),
    }
    return context


@event_priority(-50)
def on_template_context(
    context: dict[str, Any], template_name: str, config: MkDocsConfig
) -> dict[str, Any]:
    """The 404 page switches to the other language's home page."""
    _without_alternates(config)
    homes = {lang: posixpath.join(_folder(lang), "index.html") for lang in LANGUAGES}
    context["book"] = {"lost": True, "twins": _twins(config, homes)}
    return context


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Write the chapter's notebook beside its page; drop the templates' indentation."""
    source = page.file.abs_src_path
    if source and source.endswith(".md") and _notebook_name(page, config):
        notebook = nbformat.writes(notebooks.build(source, repository=config.repo_url or ""))
        target = Path(page.file.abs_dest_path).with_suffix(".ipynb")
        utils.write_file(notebook.encode(), str(target))
    before, article, rest = output.partition("<article")
    article, end, after = (article + rest).partition("</article>")
    return _INDENTATION.sub("\n", before) + article + end + _INDENTATION.sub("\n", after)


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    """Give each language its own 404 page: both builds would write the same file."""
    folder = _folder(_language(config))
    if template_name != "404.html" or not folder:
        return output_content
    utils.write_file(output_content.encode(), f"{config.site_dir}/{folder}/404.html")
    return ""  # mkdocs then leaves the other language's page where it is


def on_post_build(config: MkDocsConfig) -> None:
    """Write the interactive figures as scripts, for ``file://``."""
    for figure in sorted((ROOT / "docs" / "assets" / "figures").glob("*.json")):
        text = json.dumps(
            json.loads(figure.read_bytes()), ensure_ascii=False, separators=(",", ":")
        )
        script = f'(window.bookFigures ??= {{}})["{figure.name}"] = {text};\n'
        utils.write_file(script.encode(), f"{config.site_dir}/assets/figures/{figure.name}.js")


def _place_of(figure: str) -> str:
    """The attributes that keep a figure's place until it is loaded: its size in CSS pixels. One
    that holds a photograph, which must not be inverted in the dark, gets a class.
    """
    text = (ROOT / "pics" / figure).read_text(encoding="utf-8")
    points = re.findall(
        r'\b(width|height)="([\d.]+)pt"', text.partition("<svg ")[2].partition(">")[0]
    )
    size = [f'{side}="{float(value) * 96 / 72:.0f}"' for side, value in sorted(points)]
    photo = ['class="book-photo"'] if "<image " in text else []
    return " ".join(['loading="lazy"', *photo, *size, ""])


def _language(config: MkDocsConfig) -> str:
    return cast("Any", config.plugins["i18n"]).current_language


def _folder(lang: str) -> str:
    """The language's folder on the site: none for the default language."""
    return "" if lang == LANGUAGES[0] else lang


def _twins(config: MkDocsConfig, links: dict[str, str]) -> list[dict[str, str]]:
    """The page in each language that is built: ``lang``, ``name``, ``link``."""
    return [
        {"lang": language.locale, "name": language.name, "link": links[language.locale]}
        for language in config.plugins["i18n"].config.languages
        if language.build and language.locale in links
    ]


def _without_alternates(config: MkDocsConfig) -> None:
    """No ``<link rel=alternate>``: the theme's script would fetch a sitemap from each, at another
    host when the site has an address. What is no list is not written; sitemap.xml names the twins.
    """
    setattr(config.extra, "alternate", True)  # noqa: B010


def _notebook_name(page: Page, config: MkDocsConfig) -> str:
    """The file name of the page's notebook; empty where there is none: outside of the parts."""
    inside = page.file.dest_uri.removeprefix(f"{_folder(_language(config))}/").partition("/")
    chapter = inside[1] and inside[0] != "api"
    return f"{page.file.name}.ipynb" if chapter and not config.extra.get("fast") else ""


def _colab(page: Page, config: MkDocsConfig) -> str:
    """Where Colab opens the page's notebook from: the branch that holds the published site."""
    repository = urlsplit(config.repo_url or "")
    name = _notebook_name(page, config)
    if repository.netloc != "github.com" or not name:
        return ""
    path = posixpath.join(posixpath.dirname(page.file.dest_uri), name)
    place = repository.path.removesuffix("/").removesuffix(".git")
    return f"https://colab.research.google.com/github{place}/blob/gh-pages/{path}"
