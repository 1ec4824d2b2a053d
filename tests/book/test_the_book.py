"""The promises, held against the book itself: parity, glossary, citations, figures, order."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from matplotlib import font_manager

from wode import plotting
from wode.book import ALT, LANGUAGES, ROOT, figures, glossary, includes, references, results
from wode.book.markdown import NUMBER
from wode.book.pages import Page, all_paths, load
from wode.book.parity import drifts, headings, missing, twins

PAGES = [path for lang in LANGUAGES for path in all_paths(lang=lang)]
TWINS = list(twins())
LABS = list((ROOT / "snippets" / "labs").glob("*.py"))  # their notebooks are made of them


class _Loader(yaml.SafeLoader):
    """mkdocs.yml names Python objects; their values do not matter here."""


_Loader.add_multi_constructor("", lambda loader, suffix, node: None)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda loader, suffix, node: None)
_Loader.add_constructor("!ENV", lambda loader, node: None)


def navigation() -> list:
    return yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), _Loader)["nav"]


def order() -> list[str]:
    """The names of the pages in reading order."""
    found: list[str] = []

    def walk(entry) -> None:
        if isinstance(entry, dict):
            for value in entry.values():
                walk(value)
        elif isinstance(entry, list):
            for value in entry:
                walk(value)
        else:
            found.append(entry.removesuffix(".md"))

    walk(navigation())
    return found


def name(path: Path) -> str:
    return path.relative_to(ROOT / "docs").as_posix()


def test_every_page_stands_in_both_languages() -> None:
    assert missing() == []


@pytest.mark.parametrize("pair", TWINS, ids=lambda pair: pair[0].name)
def test_the_two_languages_agree(pair: tuple[Page, Page]) -> None:
    found = drifts(*pair)
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_headings(path: Path) -> None:
    """One title a page; every other heading has an id of its own that both languages share."""
    page = load(path)
    found = headings(page)
    assert [level for _, level, _, _ in found].count(1) == 1
    without = [
        f"{path}:{line}: {title}"
        for line, level, title, anchor in found
        if level > 1 and not anchor
    ]
    assert not without, "\n".join(["a heading needs {#an-id}:", *without])
    anchors = [anchor for _, _, _, anchor in found if anchor]
    assert len(anchors) == len(set(anchors))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_page_describes_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    front = re.match(r"---\n((?:.*\n)*?)---\n", text)
    assert front, "for link previews"
    # What is no YAML ("a: b: c") is shown as text at the top of the page.
    assert str(yaml.safe_load(front[1])["description"]).strip()


def test_the_folders_are_the_sections() -> None:
    """A section's title is its folder's name; ``snippets`` has the same folders."""
    sections = {
        key: value
        for entry in navigation()
        if isinstance(entry, dict)
        for key, value in entry.items()
    }
    parts = {key: value for key, value in sections.items() if isinstance(value, list)}
    folders = {p.name for p in (ROOT / "docs/zh").iterdir() if p.is_dir() and any(p.rglob("*.*"))}
    assert folders <= set(parts) | {"labs"}
    for title, pages in parts.items():
        inside = {
            str(next(iter(p.values())) if isinstance(p, dict) else p).split("/")[0] for p in pages
        }
        assert inside == {title}
        if title[0].isdigit():
            assert (ROOT / "snippets" / title).is_dir()


def test_every_page_is_in_the_navigation() -> None:
    named = set(order())
    assert {load(p).name for p in all_paths()} <= named


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_home_pages_map_is_the_books(lang: str) -> None:
    """Every chapter and lab, in reading order, by its own title, with an icon that is there."""
    home = ROOT / "docs" / lang / "index.md"
    text = home.read_text(encoding="utf-8")
    card = re.compile(r'^- <img src="(?:\.\./)?(\S+)" alt="">\[.+\]\((\S+)\)$', re.MULTILINE)
    cards = card.findall(text)
    assert [target.removesuffix(".md") for _, target in cards] == [p for p in order() if "/" in p]
    for icon, target in cards:
        assert (ROOT / "docs" / icon).is_file(), f"{home}: {target} has no {icon}"
    for title, target in re.findall(
        r"^(?:- <.+>| +1\. )\[(.+)\]\((\S+\.md)\)$", text, re.MULTILINE
    ):
        assert title == headings(load(home.parent / target))[0][2], f"{home}: {target}"


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_the_glossary_is_kept(path: Path) -> None:
    chapters = [page for page in order() if "/" in page]  # the pages around them explain nothing
    found = glossary.complaints(load(path), chapters)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_what_a_page_refers_to_exists(path: Path) -> None:
    """Numbers, citations and figures, in every language."""
    page = load(path)
    for line, text in page.scan.prose:
        for match in NUMBER.finditer(re.sub(r"`[^`]*`", "", text)):
            assert results.formatted(match["reference"], match["spec"] or ""), f"{path}:{line}"
        for target in re.findall(rf"!\[{ALT}\]\(([^)\s]+)", text):
            assert (path.parent / target).resolve().is_file(), f"{path}:{line}: no {target}"
            if target.endswith((".zh.svg", ".en.svg")):
                assert target.endswith(f".{page.lang}.svg"), (
                    f"{path}:{line}: the other language's figure"
                )
        for alt in re.findall(rf"!\[({ALT})\]", text):
            assert alt.strip(), f"{path}:{line}: a figure needs an alternative text"
    for key in references.keys_in(page.text):
        assert references.formatted(key)


def test_every_work_is_cited() -> None:
    pages = [*PAGES, *LABS]
    cited = {key for path in pages for key in references.keys_in(path.read_text(encoding="utf-8"))}
    assert set(references.entries()) - cited == set(), "in references.bib and never cited"


def test_every_works_entry_names_author_year_title() -> None:
    for key, entry in references.entries().items():
        assert {"title", "year"} <= set(entry.fields), key
        assert entry.persons or "organization" in entry.fields, key


def test_a_font_of_the_machine_changes_no_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine may have another version of the book's font under the same name."""
    fonts = font_manager.fontManager
    other = next(font for font in fonts.ttflist if font.name == "DejaVu Serif")
    same_name = replace(other, name="Noto Sans CJK SC")
    monkeypatch.setattr(fonts, "ttflist", [same_name, *fonts.ttflist])
    plotting.chinese_font.cache_clear()
    for path in figures.draw("attention_fused", tmp_path):
        assert path.read_bytes() == (ROOT / "pics" / path.name).read_bytes()
    plotting.chinese_font.cache_clear()


@pytest.mark.parametrize("figure", figures.names())
def test_a_figure_drawn_again_changes_no_byte(figure: str, tmp_path: Path) -> None:
    for path in figures.draw(figure, tmp_path):
        committed = ROOT / "pics" / path.name
        assert committed.is_file(), f"python -m wode.book.figures {figure}"
        assert path.read_bytes() == committed.read_bytes(), f"python -m wode.book.figures {figure}"


@pytest.mark.parametrize("figure", figures.names())
def test_an_interactive_figure_shows_the_same_numbers(figure: str, tmp_path: Path) -> None:
    for path in figures.interactive(figure, tmp_path):
        committed = (figures.INTERACTIVE / path.name).read_text(encoding="utf-8")
        assert path.read_text(encoding="utf-8") == committed, f"wode.book.figures {figure}"


@pytest.mark.parametrize("figure", figures.names())
def test_a_figures_text_is_paths(figure: str) -> None:
    for lang in LANGUAGES:
        text = (ROOT / "pics" / f"{figure}.{lang}.svg").read_text(encoding="utf-8")
        assert "<text" not in text
        assert "http://" not in re.sub(
            r'xmlns[:\w]*="[^"]*"|<!DOCTYPE[^>]*>|rdf:resource="[^"]*"', "", text
        )


def test_every_figure_is_on_a_page() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in [*PAGES, *LABS])
    unused = [f for f in figures.names() if f"pics/{f}." not in text]
    assert unused == []


def test_every_results_file_names_a_command_that_exists() -> None:
    for path in results.FOLDER.glob("*.json"):
        command = results.read(path.stem)["command"]
        scripts = re.findall(r"\S+\.py\b", command)
        assert scripts or "-m " in command, f"{path.name}: {command}"
        for script in scripts:
            assert (ROOT / script).is_file(), f"{path.name}: {command}"


def test_a_results_files_command_is_the_one_that_its_script_writes() -> None:
    """A file that outlives its script's options would name a command that does not run."""
    written: dict[str, str] = {}
    for path in [*(ROOT / "snippets").rglob("*.py"), *(ROOT / "tools").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "results.write":
                said = [node.args[0], *(k.value for k in node.keywords if k.arg == "command")]
                if all(isinstance(value, ast.Constant) for value in said):
                    name, command = map(ast.literal_eval, said)
                    written[name] = command
    names = {path.stem for path in results.FOLDER.glob("*.json")} & written.keys()
    assert len(names) > 30
    for name in names:
        assert results.read(name)["command"] == written[name], name


def off_the_page(path: Path, shown: set[int]) -> list[str]:
    """What a file does that no page shows and nothing shown uses; shown: numbers of its lines."""
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    nodes = [n for n in nodes if not isinstance(n, ast.Import | ast.ImportFrom | ast.Expr)]
    reached = [n for n in nodes if any(n.lineno <= line <= (n.end_lineno or 0) for line in shown)]
    for node in reached:  # it grows by what each uses
        names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
        local = {name.id for name in names if isinstance(name.ctx, ast.Store)}
        used = {name.id for name in names} - local
        for other in nodes:
            targets = getattr(other, "targets", [getattr(other, "target", None)])
            defines = {getattr(other, "name", None), *(getattr(t, "id", None) for t in targets)}
            if other not in reached and used & defines:
                reached.append(other)
    return [ast.unparse(node).splitlines()[0] for node in nodes if node not in reached]


def test_snippets_are_on_pages() -> None:
    """A page shows what its file in ``snippets`` does; an experiment, or a part that it imports,
    makes a results file.
    """
    shown: dict[Path, set[int]] = {}
    for page in map(load, all_paths()):
        for target in {target for block in page.blocks for target in block.includes}:
            for line in includes.include(f'--8<-- "{target}"').lines:
                shown.setdefault(line.path, set()).add(line.number)
    commands = [results.read(p.stem)["command"].split() for p in results.FOLDER.glob("*.json")]
    scripts = {ROOT / word for command in commands for word in command}
    parts = {
        path.with_name(f"{module}.py")
        for path in (ROOT / "snippets").rglob("*_experiment.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for module in (getattr(node, "module", None), *(alias.name for alias in node.names))
    }
    for path in (ROOT / "snippets").rglob("*.py"):
        if "labs" in path.parts:
            continue
        if path.stem.endswith("_experiment"):
            assert path in scripts, f"{path}: no results file names it"
            assert path not in shown, f"{path}: a page shows it"
        elif path not in parts or path in shown:
            assert path in shown, f"{path}: no page shows it, no experiment imports it"
            assert off_the_page(path, shown[path]) == [], path


def test_includes_resolve_to_code() -> None:
    for path in all_paths():
        for block in load(path).blocks:
            for include in block.includes:
                assert includes.include(f'--8<-- "{include}"')
