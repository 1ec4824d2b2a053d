"""A lighter copy of a figure for the site: the same picture, two thirds of the bytes.

matplotlib writes a Chinese character's outline in 6400 units an em, absolute. Here outlines are
kept in 100 units an em, curves in tenths of a point, both relative, and what bends by less than a
unit or so is drawn as a straight line.
"""

import math
import re
from collections.abc import Iterator
from functools import cache

_NOISE = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.S)
_GLYPH = re.compile(r'<path id="(?P<id>[^"]*)" d="(?P<d>[^"]*)" transform="scale\(0\.015625\)"/>')
_PATH = re.compile(r'(?<=[ \n]d=")[^"]+(?=")')
_PLACE = re.compile(r'(translate\(|\b[xy]=")(-?[\d.]+)(?: (-?[\d.]+))?(?=[")])')
_GROUP = re.compile(r'<g id="[a-z0-9]+_\d+">')
_STYLE = re.compile(r'(?<=[ \n]style=")[^"]+(?=")')
_COMMAND = re.compile(r"([MLQCz])([^A-Za-z]*)")
_SIZES = {"M": 2, "L": 2, "Q": 4, "C": 6}
_SHRINK = 64  # units of 6400 an em to units of 100 an em
_STEPS = 10  # to a point
_FLAT = 1.5  # units that a curve's control points may lie beside a line that replaces it


@cache
def lighter(svg: str) -> str:
    """The same figure in fewer bytes; what is not understood is left as it is."""
    svg = _NOISE.sub("", svg)
    svg = _PATH.sub(lambda m: relative(m[0], _STEPS) if "." in m[0] else m[0], svg)
    svg = _GLYPH.sub(_glyph, svg)
    svg = _PLACE.sub(_place, svg)
    svg = _GROUP.sub("<g>", svg)
    svg = _STYLE.sub(lambda m: re.sub(r"(?<=[:;]) ", "", m[0]), svg)
    for number, name in enumerate(dict.fromkeys(re.findall(r'<path id="([\w-]+-\w+)"', svg))):
        svg = svg.replace(f'"{name}"', f'"g{number}"').replace(f'"#{name}"', f'"#g{number}"')
    return re.sub(r">\s+<", "><", svg).strip() + "\n"


def _glyph(match: re.Match[str]) -> str:
    outline = relative(match["d"], 1 / _SHRINK)
    return f'<path id="{match["id"]}" d="{outline}"/>'  # its scale of 1/64 is in the outline now


def _place(match: re.Match[str]) -> str:
    values = [round(float(value) * _STEPS) for value in match.groups()[1:] if value]
    return match[1] + " ".join(_number(value, _STEPS) for value in values)


@cache  # the same characters stand in many figures
def relative(path: str, steps: float) -> str:
    """A path of absolute M, L, Q, C and z in relative commands, rounded to ``1 / steps``.

    Each point is rounded where it stands, so that no error adds up. Any other path is returned
    as it is.
    """
    if set(re.findall(r"[A-Za-z]", path)) - set("MLQCz"):
        return path
    return "".join(_commands(path, steps))


def _commands(path: str, steps: float) -> Iterator[str]:
    unit = max(1, round(steps))
    x = y = start_x = start_y = 0
    previous = ""
    for letter, numbers in _COMMAND.findall(path):
        if letter == "z":
            x, y, previous = start_x, start_y, "z"
            yield "z"
            continue
        points = [round(float(value) * steps) for value in numbers.split()]
        for first in range(0, len(points), _SIZES[letter]):
            part = points[first : first + _SIZES[letter]]
            command = letter.lower()
            if len(part) > 2 and _flat(x, y, part):
                command, part = "l", part[-2:]
            moved = [value - (y if place % 2 else x) for place, value in enumerate(part)]
            x, y = part[-2:]
            if letter == "M":
                start_x, start_y = x, y
            if command == "l" and 0 in moved:
                command, moved = ("h", moved[:1]) if moved[1] == 0 else ("v", moved[1:])
            text = _joined(_number(value, unit) for value in moved)
            again = command == previous and command != "m"
            yield (text if text.startswith("-") else f" {text}") if again else command + text
            previous = command


def _flat(x: int, y: int, points: list[int]) -> bool:
    """Whether the curve from (x, y) stays beside the straight line to its end, and within it."""
    right, down = points[-2] - x, points[-1] - y
    square = right * right + down * down
    for a, b in zip(points[:-2:2], points[1:-2:2], strict=True):
        along = ((a - x) * right + (b - y) * down) / square if square else 0.0
        along = min(1.0, max(0.0, along))
        if math.hypot(a - x - along * right, b - y - along * down) >= _FLAT:
            return False
    return True


def _number(value: int, unit: int) -> str:
    text = f"{value / unit:.2f}".rstrip("0").rstrip(".") if unit > 1 else str(value)
    return re.sub(r"^(-?)0\.", r"\1.", text) if text not in ("-0", "") else "0"


def _joined(numbers: Iterator[str]) -> str:
    return re.sub(r" -", "-", " ".join(numbers))
