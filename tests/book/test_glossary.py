"""The glossary is enforced: both languages at the first use, no earlier use, no wrong word."""

from pathlib import Path

import pytest

from wode.book import ROOT, glossary, results
from wode.book.pages import load

from .conftest import SmallBook

TERMS = """
- {id: attention, zh: 注意力, en: attention, page: p/b, def_zh: x, def_en: y, avoid_zh: [关注度]}
- {id: self-attention, zh: 自注意力, en: self-attention, page: p/b, def_zh: x, def_en: y}
- {avoid_zh: [次序, 先后次第], instead_zh: 顺序}
"""
ORDER = ["p/a", "p/b", "p/c"]
BOTH = "先有自注意力（self-attention）和注意力（attention）。"


@pytest.fixture
def check(book: SmallBook, monkeypatch: pytest.MonkeyPatch):
    file = book.root / "glossary.yml"
    file.write_text(TERMS, encoding="utf-8")
    monkeypatch.setattr(glossary.terms, "__defaults__", (file,))

    def complaints(text: str, name: str = "p/b", lang: str = "zh") -> list[str]:
        return glossary.complaints(load(book.page(text, lang, name), book.root), ORDER, file)

    return complaints


def test_both_languages_at_the_first_use(check) -> None:
    assert check(BOTH) == []
    assert check("We have self-attention (自注意力), then *attention* (注意力).", lang="en") == []
    assert check("# 注意力\n\n`注意力` " + BOTH) == []


def test_a_first_use_in_one_language_is_named(check) -> None:
    (found,) = check("text\n\n注意力很重要。自注意力（self-attention）")
    assert "p.md" not in found
    assert found.endswith(":3: the first use of '注意力' must read '注意力（attention）'")
    assert (
        "must read 'attention (注意力)'"
        in check("attention. self-attention (自注意力)", lang="en")[0]
    )


def test_a_term_never_used_is_named(check) -> None:
    assert "introduces '自注意力'; it never says it" in check("注意力（attention）")[0]


def test_a_use_before_its_page_is_named(check) -> None:
    assert "'注意力' is used before p/b introduces it" in check("注意力", "p/a")[0]
    assert check("`注意力`", "p/a") == []
    assert check("注意力", "p/c") == []


@pytest.mark.parametrize("link", ["b.md", "b.md#x", "../p/b.md", "../../zh/p/b.md"])
def test_a_use_before_its_page_may_link_there(check, link) -> None:
    assert check(f"[注意力]({link})", "p/a") == []


@pytest.mark.parametrize("link", ["ab.md", "../q/b.md", "b.markdown"])
def test_a_link_elsewhere_does_not_count(check, link) -> None:
    assert "is used before p/b" in check(f"[注意力]({link})", "p/a")[0]


def test_a_wrong_word_is_named(check) -> None:
    assert "'关注度': the glossary's word is '注意力'" in check("关注度", "p/c")[0]


def test_a_phrase_not_to_use_is_named_wherever_it_stands(check) -> None:
    said = "'次序': the glossary's word is '顺序'"
    assert check("打乱\n次序。", "p/c")[0].endswith(f":2: {said}")
    for text in (
        "# 次序",
        "![次序](a.svg)",
        '好\n\n```python\nprint("次序")\n```',
        "别的\n\n的次序",
    ):
        assert said in check(text, "p/c")[0], text
    assert check("顺序", "p/c") == [] == check("次序", "p/c", "en")


def test_the_authors_own_words_stay_as_they_are(check) -> None:
    assert check("笔记说“不打乱次序”，这里打乱顺序。", "p/c") == []
    assert check("“一段引文，\n换了行，次序”", "p/c") == []
    for text in ("“引文”之外的次序", "次序“引文”", "“没有合上的次序", "“没有合上\n\n的次序”"):
        assert len(check(text, "p/c")) == 1, text


#: What a reader of Chinese sees beside the pages: labs, figures, the repository's own texts.
BESIDE = [
    *sorted((ROOT / "snippets" / "labs").glob("*.py")),
    *sorted((ROOT / "docs" / "zh" / "labs").glob("*.ipynb")),
    *sorted((ROOT / "pics").glob("*.py")),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "docs" / "claims.yml",
    ROOT / "docs" / "systems.yml",
    ROOT / "mkdocs.yml",
    *sorted((ROOT / "docs" / "assets" / "figures").glob("*.zh.json")),
    *sorted((ROOT / "docs" / "assets" / "js").glob("*.js")),
    *sorted(
        path for path in (ROOT / "wode" / "book" / "theme").rglob("*") if path.suffix == ".html"
    ),
]


@pytest.mark.parametrize("path", BESIDE, ids=lambda path: path.name)
def test_the_phrases_not_to_use_are_nowhere_beside_the_pages(path: Path) -> None:
    found = [*glossary.avoided(path.read_text(encoding="utf-8"), "zh")]
    assert not found, f"{path}: {found}"


def test_the_phrases_not_to_use_are_in_no_note_and_no_definition() -> None:
    notes = [results.read(path.stem)["note"]["zh"] for path in results.FOLDER.glob("*.json")]
    definitions = [term.definition["zh"] for term in glossary.terms()]
    assert len(notes) > 20
    assert [*glossary.avoided("\n\n".join(notes + definitions), "zh")] == []


def test_the_books_words_are_chosen() -> None:
    chosen = {phrase.instead for phrase in glossary.phrases("zh")}
    assert {"词元", "图片", "顺序", "副本", "准确率", "评估模式", "词袋"} <= chosen


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {id: a, zh: 甲}", r"entry 1 \(a\): lacks \['en', 'page', 'def_zh', 'def_en'\]"),
        (TERMS + "- {id: attention, zh: a, en: b, page: c, def_zh: d, def_en: e}", "stands twice"),
    ],
)
def test_a_broken_glossary_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(glossary.GlossaryError, match=message):
        glossary.terms(path)
