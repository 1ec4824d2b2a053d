"""Text as it comes from files: UTF-8, and its lines.

A line ends at ``\\n`` (or ``\\r\\n``) and nowhere else. ``str.splitlines`` also cuts at U+0085,
U+2028, U+001C and five more, ``str.split`` at U+00A0, U+3000 and all other spaces of Unicode: each
of them occurs inside real sentences, and what is cut there is other data.
"""

import os
from collections.abc import Iterator
from pathlib import Path

BOM = b"\xef\xbb\xbf"  # what some editors put at the beginning of a UTF-8 file
SPACE = " \t"  # what a line of data may hold and still be empty


def decoded(content: bytes, where: str = "") -> str:
    """UTF-8 → text. A BOM stays: where a file begins is for the caller to know.

    Raises:
        ValueError: it is not UTF-8; names ``where``, the byte and its place.
    """
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        name, code = ("UTF-16", "utf-16") if utf16 else ("GBK", "gbk")
        raise ValueError(
            f"{where}{': ' if where else ''}not UTF-8 (byte 0x{content[error.start]:02x} at place "
            f"{error.start}, {error.reason}); if it is in {name}: iconv -f {code} -t utf-8"
        ) from error


def read_utf8(path: str | os.PathLike[str]) -> str:
    """A whole file as text, byte for byte, without the BOM before it.

    Raises:
        ValueError: it is not UTF-8; names the file and the byte, counted from 0 behind a BOM.
    """
    return decoded(Path(path).read_bytes().removeprefix(BOM), f"{path}")


def lines_of(path: str | os.PathLike[str]) -> Iterator[tuple[str, str]]:
    """Each line with where it stands, ``file:line``; the end of a line is no part of it.

    Raises:
        ValueError: a line is not UTF-8 (names file and line, and the byte's place in the line), or
            lines end at ``\\r`` alone: all of them would be one, its first columns taken for it.
    """
    content = Path(path).read_bytes().removeprefix(BOM)
    if b"\n" not in content and b"\r" in content.rstrip(b"\r"):
        raise ValueError(rf"{path}: lines end at \r, expected \n: tr '\r' '\n' changes it")
    for number, line in enumerate(content.split(b"\n"), start=1):
        where = f"{path}:{number}"
        yield where, decoded(line.removesuffix(b"\r"), where)
