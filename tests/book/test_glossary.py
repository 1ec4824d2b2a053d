"""The glossary is enforced: both languages at the first use, no earlier use, no wrong word."""

from pathlib import Path

import pytest

from wode.book import glossary
from wode.book.pages import load

from .conftest import SmallBook

TERMS = """
- {id: attention, zh: 注意力, en: attention, page: p/b, def_zh: x, def_en: y, avoid_zh: [关注度]}
- {id: self-attention, zh: 自注意力, en: self-attention, page: p/b, def_zh: x, def_en: y}
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


def test_a_wrong_word_is_named(check) -> None:
    assert "'关注度': the glossary's word is '注意力'" in check("关注度", "p/c")[0]


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
