"""The two languages hold the same book; a drift is seen and named."""

from pathlib import Path

import pytest

from wode.book.pages import load
from wode.book.parity import drifts, missing

from .conftest import SmallBook

ZH = """\
# 张量

## 概念 {#idea}

向量 $`\\boldsymbol{x}`$ 与 $`n`$，见 [@a]，共 [[run.n:.1f]]。

$$
y = x^2
$$

![图](../../../pics/f.zh.svg)

```python
x = 1  # 注释
name = "数"  # (1)!
```

1. 说明

```python
--8<-- "snippets/s.py:f"
```

!!! question "练习 1"

    ??? success "解答"

        ```python
        x + 1
        ```

        ```output
        2
        ```
"""
EN = """\
# Tensors

## The idea {#idea}

With $`n`$ and the vector $`\\boldsymbol{x}`$ there are [[run.n:.2f]], see [@a].

$$
y = x^2
$$

![figure](../../../pics/f.en.svg)

```python
x = 1  # a comment
name = "number"  # (1)!
```

1. what it says

```python
--8<-- "snippets/s.py:f"
```

!!! question "Exercise 1"

    ??? success "Solution"

        ```python
        x + 1
        ```

        ```output
        2
        ```
"""


def drift(book: SmallBook, en: str, zh: str = ZH) -> list[str]:
    same = "# --8<-- [start:same]\ndef f():\n    return 1\n# --8<-- [end:same]\n"
    book.snippet(f"{same}\n\ndef g():\n    return 2\n")
    name = "0_part/p"
    a, b = book.page(zh, "zh", name), book.page(en, "en", name)
    return [str(d) for d in drifts(load(a, book.root), load(b, book.root))]


def test_pages_that_differ_in_words_only_agree(book: SmallBook) -> None:
    assert drift(book, EN) == []


DRIFTED = {
    "a heading's id": ("{#idea}", "{#the-idea}", "headings"),
    "a heading's level": ("## The idea", "### The idea", "headings"),
    "a missing heading": ("## The idea {#idea}\n", "", "headings"),
    "a number in the code": ("x = 1  #", "x = 2  #", "code differ"),
    "a name in the code": ("name = ", "title = ", "code differ"),
    "a missing block": ('```python\n--8<-- "snippets/s.py:f"\n```\n', "", "code differ"),
    "an include": ("s.py:f", "s.py:g", "code differ"),
    "the same code by another name": ("s.py:f", "s.py:same", "includes"),
    "an inline formula": ("$`n`$", "$`m`$", "formulas"),
    "a display formula": ("x^2", "x^3", "formulas"),
    "a figure": ("pics/f.en", "pics/g.en", "figures"),
    "a missing figure": ("![figure](../../../pics/f.en.svg)", "", "figures"),
    "an exercise": ("!!! question", "!!! note", "exercises"),
    "a solution": ("??? success", "!!! note", "exercises"),
    "an annotation's number": ("# (1)!", "# (2)!", "annotations"),
    "a result": ("[[run.n:.2f]]", "[[run.m:.2f]]", "numbers"),
    "a citation": ("[@a]", "[@b]", "citations"),
    "an output not shown": ("\n        ```output\n        2\n        ```\n", "", "show output"),
}


@pytest.mark.parametrize("what", DRIFTED)
def test_a_drift_is_named_with_both_lines(book: SmallBook, what: str) -> None:
    old, new, aspect = DRIFTED[what]
    assert old in EN
    found = drift(book, EN.replace(old, new))
    assert any(aspect in d for d in found), found
    assert all("/zh/0_part/p.md:" in d and "/en/0_part/p.md:" in d for d in found)


def test_a_missing_translation_is_named(book: SmallBook) -> None:
    book.page("# a\n", "zh", "0_part/only")
    book.page("# a\n", "en", "0_part/other")
    Path(book.root / "docs/zh/lab.ipynb").write_text("{}")
    assert missing(book.root) == [
        "docs/en/0_part/only.md is missing",
        "docs/en/lab.ipynb is missing",
        "docs/zh/0_part/other.md is missing",
    ]
