"""What the site shows: includes, formulas, numbers, citations, hovers, skips."""

import json
from pathlib import Path

import markdown
import pytest
from mkdocs.exceptions import BuildError

from wode.book import glossary, references, results
from wode.book.fences import PageError
from wode.book.markdown import expanded

EXTENSIONS = [
    "attr_list",
    "admonition",
    "tables",
    "pymdownx.arithmatex",
    "pymdownx.superfences",
    "wode.book.markdown",
]
MATH = {"generic": True, "inline_syntax": [], "block_syntax": ["dollar"]}

BIB = """
@article{one, title = {On {BERT} and {\\"U}ber}, author = {Jacob Devlin}, year = 2018,
  eprint = {1810.04805}}
@book{two, title = {A Book}, author = {Li, Ming and Wang, Hua}, year = 2020, publisher = {Press},
  url = {https://example.org/b}}
@misc{three, title = {Three}, author = {A. One and B. Two and C. Three}, year = 2021}
"""

TERMS = """
- {id: attention, zh: 注意力, en: attention, page: p/a, def_zh: 加权, def_en: a weighting}
- {id: self-attention, zh: 自注意力, en: self-attention, page: p/a, def_zh: 对自身, def_en: itself}
- {id: tensor, zh: 张量, en: tensor, page: p/b, def_zh: 数组, def_en: an array, avoid_zh: [张量体]}
"""


@pytest.fixture(autouse=True)
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bibliography, a glossary and a results file of the test's own."""
    (tmp_path / "r.bib").write_text(BIB, encoding="utf-8")
    (tmp_path / "g.yml").write_text(TERMS, encoding="utf-8")
    results.write(
        "run", {"a": {"b": 0.98765}, "list": [1, 2], "name": "x"}, command="c", folder=tmp_path
    )
    for function in (references.entries, references.label, references.formatted, references._entry):
        monkeypatch.setattr(
            function, "__defaults__", (tmp_path / "r.bib",) if function.__defaults__ else None
        )
    monkeypatch.setattr(references._entry, "__defaults__", (tmp_path / "r.bib",))
    for function in (glossary.terms,):
        monkeypatch.setattr(function, "__defaults__", (tmp_path / "g.yml",))
    monkeypatch.setattr(results.read, "__defaults__", (tmp_path,))
    for function in (results.number, results.formatted):
        monkeypatch.setattr(
            function, "__defaults__", (*(function.__defaults__ or ())[:-1], tmp_path)
        )
    return tmp_path


def render(text: str, lang: str = "zh") -> str:
    configuration = {
        "wode.book.markdown": {"path": f"docs/{lang}/p/a.md"},
        "pymdownx.arithmatex": MATH,
    }
    return markdown.markdown(text, extensions=EXTENSIONS, extension_configs=configuration)


def test_formulas_of_both_kinds_reach_the_page_untouched() -> None:
    html = render("行内 $`a_1 < b_2 * c * d`$，不是 $5 也不是 `$x$`。\n\n$$\nx_1 * y * z\n$$\n")
    assert '<span class="arithmatex">\\(a_1 &lt; b_2 * c * d\\)</span>' in html
    assert "<code>$x$</code>" in html
    assert "$5" in html
    assert '<div class="arithmatex">' in html
    assert "x_1 * y * z" in html


def test_numbers_come_from_the_results_file() -> None:
    assert "98.8%" in render("得到 [[run.a.b:.1%]]。")
    assert "是 x，" in render("是 [[run.name]]，")
    assert "<code>[[run.a.b]]</code>" in render("写作 `[[run.a.b]]`")
    assert "[[run.a.b:.1%]]" in render("```text\n[[run.a.b:.1%]]\n```")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[run.a.c]]", r"run\.a has no 'c'; it has \['b'\]"),
        ("[[nothing.a]]", r"no results file nothing\.json: expected one of"),
        ("[[run.a]]", "expected a number or a string, it is a dict"),
        ("[[run.name:.1%]]", "Unknown format code"),
        ("[@four]", "no entry 'four' in r.bib; it has: one, three, two"),
    ],
)
def test_what_does_not_exist_stops_the_build_with_its_line(text: str, message: str) -> None:
    with pytest.raises(PageError, match=rf"^docs/zh/p/a\.md:3: .*{message}"):
        render(f"# T\n\nsome {text}\n")


def test_mkdocs_shows_such_an_error_as_one_line() -> None:
    """A BuildError is printed; anything else would be a traceback of sixty lines."""
    with pytest.raises(BuildError):
        render("[@four]")


def test_citations_link_to_the_list() -> None:
    html = render("见 [@one; @two] 和 [@three]。\n\n[[references]]\n")
    assert (
        '(<a href="#ref-one">Devlin, 2018</a>; <a href="#ref-two">Li &amp; Wang, 2020</a>)' in html
    )
    assert ">One et al., 2021</a>" in html
    assert '<span id="ref-one"></span>Jacob Devlin (2018). <em>On BERT and Über</em>.' in html
    assert 'href="https://arxiv.org/abs/1810.04805">arXiv:1810.04805</a>' in html
    assert 'href="https://example.org/b"' in html
    assert html.index("ref-two") < html.index("ref-three")


def test_the_glossary_explains_each_term_once() -> None:
    html = render("# 注意力\n\n自注意力机制与注意力，`张量`，再说注意力。\n\n张量 张量")
    assert html.count("<abbr") == 3
    assert (
        '<abbr title="self-attention：对自身">自注意力</abbr>机制与'
        '<abbr title="attention：加权">注意力</abbr>' in html
    )
    assert "<h1>注意力</h1>" in html
    assert "<code>张量</code>" in html


def test_english_terms_are_whole_words() -> None:
    html = render("inattention, *Tensors* and tensor, attention; self-attention.", "en")
    assert "inattention" in html
    assert '<abbr title="张量: an array">Tensors</abbr>' in html
    assert html.count("<abbr") == 3


def test_a_skip_is_shown_with_its_reason() -> None:
    assert "不运行: 需要显卡" in render('<!-- skip: next "需要显卡" -->\n\n```python\nx\n```\n')


def test_includes_by_name_become_ranges_of_lines(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("def f():\n    return 1\n")
    text = '!!! note\n\n    ```python\n    --8<-- "s.py:f"\n    f()\n    ```\n'
    assert expanded(text, Path("p.md"), "zh", tmp_path).split("\n")[2:5] == [
        '    ```python title="s.py · f" title_mode="html"',
        '    --8<-- "s.py:1:2"',
        "    f()",
    ]
    with pytest.raises(PageError, match=r"^p\.md:4: no file t\.py"):
        expanded(text.replace("s.py", "t.py"), Path("p.md"), "zh", tmp_path)


def test_lists_show_every_entry() -> None:
    assert render("[[bibliography]]\n").count("ref-") == 3
    assert render("[[glossary]]\n").count("<tr>") == 4


def test_a_results_file_says_how_it_was_made(tmp_path: Path) -> None:
    path = results.write("x", {"a": 1}, command="python x.py", seed=[1, 2], folder=tmp_path)
    record = json.loads(path.read_text())
    assert record["command"] == "python x.py"
    assert record["seed"] == [1, 2]
    assert {"python", "torch"} <= set(record["versions"])
    with pytest.raises(ValueError, match="JSON"):
        results.write("x", {"a": float("nan")}, command="", folder=tmp_path)
    assert json.loads(path.read_text()) == record
    assert sorted(p.name for p in tmp_path.glob("x*")) == ["x.json"]
