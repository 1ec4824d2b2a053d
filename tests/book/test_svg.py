"""The lighter copy of a figure: fewer bytes, the same picture."""

import math
import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wode.book import ROOT
from wode.book.svg import lighter, relative

_SIZES = {"M": 2, "L": 2, "Q": 4, "C": 6}


def absolute(path: str) -> list[tuple[str, list[float]]]:
    """A path of relative commands as absolute ones: an independent, naive reading."""
    sizes = {"m": 2, "l": 2, "h": 1, "v": 1, "q": 4, "c": 6}
    found: list[tuple[str, list[float]]] = []
    x = y = start_x = start_y = 0.0
    for letter, text in re.findall(r"([mlhvqcz])([^a-z]*)", path):
        numbers = [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text)]
        if letter == "z":
            x, y = start_x, start_y
            found.append(("z", []))
            continue
        for first in range(0, len(numbers), sizes[letter]):
            part = numbers[first : first + sizes[letter]]
            part = {"h": [*part, 0.0], "v": [0.0, *part]}.get(letter, part)
            points = [value + (y if place % 2 else x) for place, value in enumerate(part)]
            x, y = points[-2:]
            if letter == "m":
                start_x, start_y = x, y
            found.append(({"h": "L", "v": "L"}.get(letter, letter.upper()), points))
    return found


_POINT = st.floats(-500, 500, allow_nan=False).map(lambda value: round(value, 6))
_COMMAND = st.sampled_from("LQC").flatmap(
    lambda c: st.tuples(st.just(c), st.lists(_POINT, min_size=_SIZES[c], max_size=_SIZES[c]))
)
_PATHS = st.lists(
    st.tuples(
        st.lists(_POINT, min_size=2, max_size=2), st.lists(_COMMAND, max_size=6), st.booleans()
    ),
    min_size=1,
    max_size=4,
)


@given(_PATHS, st.sampled_from([100, 10, 1, 1 / 32]))
def test_relative_path_is_the_same_path(parts, steps):
    wanted: list[tuple[str, list[float]]] = []
    for start, commands, closed in parts:
        wanted += [("M", start), *commands] + ([("z", [])] if closed else [])
    path = " ".join(
        f"{letter} {' '.join(f'{n:.6f}' for n in numbers)}" for letter, numbers in wanted
    )
    got = absolute(relative(path, steps))
    assert len(got) == len(wanted)
    unit = steps if steps < 1 else 1  # a shrunk path is in the shrunk unit
    step = 1 / max(steps, 1)
    here = wanted[0][1]
    for (kind, one), (letter, other) in zip(got, wanted, strict=True):
        other = [value * unit for value in other]
        if kind != letter:  # a curve that hardly bends became a line: near it, to the same end
            assert kind == "L"
            assert letter in "QC"
            for control in zip(other[:-2:2], other[1:-2:2], strict=True):
                assert beside(control, here, other[-2:]) < 3 * step + 1e-9
            other = other[-2:]
        for a, b in zip(one, other, strict=True):
            assert math.isclose(a, b, abs_tol=0.51 * step)
        here = other[-2:] or here  # after z the next command is a move


def beside(point: Sequence[float], begin: Sequence[float], end: Sequence[float]) -> float:
    """How far a point lies from the straight line between two others."""
    first, second, third = (complex(*p) for p in (point, begin, end))
    way = third - second
    part = ((first - second) * way.conjugate()).real / (abs(way) ** 2 or 1)
    return abs(first - (second + way * min(max(part, 0), 1)))


def test_path_with_other_commands_is_left_alone():
    assert relative("M 0 0 A 1 1 0 0 0 2 2 z", 100) == "M 0 0 A 1 1 0 0 0 2 2 z"


@pytest.mark.parametrize("path", sorted((ROOT / "pics").glob("*.svg")), ids=lambda path: path.name)
def test_figures_get_lighter(path):
    text = path.read_text(encoding="utf-8")
    light = lighter(text)
    drawn, before = (len(re.sub(r'base64,[^"]*', "", one)) for one in (light, text))
    assert drawn < 0.8 * before  # an image's own bytes stay as they are
    for element in ("path", "use", "g"):
        assert len(re.findall(rf"<{element}\b", light)) == len(re.findall(rf"<{element}\b", text))
    assert set(re.findall(r'href="#([^"]+)"', light)) <= set(re.findall(r'id="([^"]+)"', light))
