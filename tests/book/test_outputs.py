"""What the page shows is what ran: numbers to half a unit of the last digit, the rest as text."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from wode.book.outputs import cleaned, matches, rewrite
from wode.book.pages import load
from wode.book.run import Run

from .conftest import SmallBook

SAME = [
    ("0.5", "0.5432"),
    ("0.5", "0.45"),
    ("0.5", "0.55"),
    ("1e-05", "1.4e-05"),
    ("1e-05", "0.00001"),
    ("0.3333", "0.33332"),
    ("-0.00", "0.001"),
    ("1.5+2.5j", "1.52+2.46j"),
    ("tensor([1., 2.])", "tensor([1.0000, 2.0001])"),
    ("12.5%, 0.5s", "12.53%, 0.51s"),
    ("准确率0.5。", "准确率0.52。"),
    ("It is 0.5.", "It is 0.51."),
    ("torch 2.13.0 0.5", "torch 2.13.0 0.51"),
    ("0.12...", "0.1274"),
    ("[0.12, ..., 0.34]", "[0.1234, 0.5, 0.9, 0.3391]"),
    ("x ... 0.5\ny", "x 0.7 3 0.51\ny"),
    ("took ...\n0.5", "took\n0.51"),
    ("a 0.5 ... b 0.5 c", "a 0.51 0.8 b 0.5 b 0.7 b 0.52 c"),
    ("0.5\n<BLANKLINE>\n0.7\n", "0.51\n\n0.68\n"),
]
DIFFERENT = [
    ("0.5", "0.6"),
    ("0.5", "0.5500001"),
    ("0.5", "-0.5"),
    ("[0.5, 0.5]", "[0.6, 0.4]"),
    ("1e-05", "2e-05"),
    ("1e5", "1.6e5"),
    ("0.3333", "0.33"),
    ("0.50", "0.5"),
    ("3", "3.2"),
    ("3", "3.0"),
    ("2.13.0", "2.13.1"),
    ("1.2.3", "1.21.3"),
    ("v1.5", "v1.52"),
    ("layer0.25", "layer0.253"),
    ("127.0.0.1", "127.0.0.12"),
    ("2024.01.05", "2024.01.051"),
    ("nan", "0.5"),
    ("0.5", "nan"),
    ("0.12...", "0.1199"),
    ("x ... 0.5", "x 0.7 3 0.57"),
    ("0.5\n", "0.5\n0.5\n"),
]


@pytest.mark.parametrize(("shown", "printed"), SAME)
def test_what_stands_for_what_was_printed(shown: str, printed: str) -> None:
    assert matches(shown, printed)


@pytest.mark.parametrize(("shown", "printed"), DIFFERENT)
def test_what_does_not(shown: str, printed: str) -> None:
    assert not matches(shown, printed)


NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)


@given(st.lists(NUMBERS, min_size=1, max_size=5), st.integers(1, 8), st.sampled_from("fe"))
def test_a_rounded_number_is_what_was_printed(xs: list[float], digits: int, kind: str) -> None:
    assert matches(f"{[f'{x:.{digits}{kind}}' for x in xs]}", f"{[f'{x:.40e}' for x in xs]}")


@given(NUMBERS, st.integers(1, 8), st.sampled_from([-1, 1]))
def test_a_unit_off_is_something_else(number: float, digits: int, off: int) -> None:
    unit = Decimal((0, (1,), -digits))
    shown = Decimal(number).quantize(unit) + off * unit
    assume(abs(shown - Decimal(number)) > unit / 2)  # a tie rounds either way
    assert not matches(f"{shown:f}", f"{Decimal(number):.40f}")


@given(st.lists(st.sampled_from(["0.5", "0.52", "1.", "3", "2.13.0", "a"]), max_size=8), st.data())
def test_dots_stand_for_any_part(words: list[str], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(words)))
    last = data.draw(st.integers(first, len(words)))
    printed = " ".join(["begin", *words, "end"]).replace("0.52", "0.5213")
    shown = " ".join(["begin", *words[:first], "...", *words[last:], "end"])
    assert matches(shown, printed) == (first < last)


@pytest.mark.parametrize("character", ["\u2028", "\x85", "\x0c", "\x1e"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_page_is_rewritten_where_it_differs_and_nowhere_else(
    book: SmallBook, character: str, newline: str, mark: str
) -> None:
    text = (
        f"{mark}one{character}line\n\n```python\nprint('a{character}b', 2)\n```\n\n"
        "```output\nold\n```\n\n```pycon\n>>> print('x{character}y\\n\\n1')\nold\n```\n"
    ).replace("{character}", character)
    path = book.page("")
    path.write_bytes(text.replace("\n", newline).encode())
    page = load(path, book.root)
    run = Run(page, update=True)
    for block in page.blocks:
        run.execute(block)
    rewrite(path, run.changes)
    wanted = text.replace("old", f"a{character}b 2", 1)
    wanted = wanted.replace("old", f"x{character}y\n<BLANKLINE>\n1")
    assert path.read_bytes().decode() == wanted.replace("\n", newline)
    run = Run(load(path, book.root))
    assert len([run.execute(block) for block in run.page.blocks]) == 2


def test_what_was_printed_with_a_carriage_return_can_be_shown(tmp_path: Path) -> None:
    assert cleaned("1%\r2%\r\n\tdone") == "1%\n2%\n    done\n"
