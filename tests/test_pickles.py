"""What a pickle imports, found without running it, against Python's own readers."""

import collections
import io
import pickle
import pickletools
import random
import struct
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wode.files.pickles import calls_in


class Nothing:
    """What the recording readers get for every name: it does nothing, whatever is done to it."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *_: Any, **__: Any) -> "Nothing":
        return self

    append = extend = add = __setitem__ = __setstate__ = __call__


def recorded(reader: Any, pickled: bytes) -> tuple[list[str], bool]:
    """The names that a reader of Python's asks for, and whether it came to the end."""
    names = []

    class Recorder(reader):
        def find_class(self, module: str, name: str) -> type:
            names.append(f"{module}.{name}")
            return Nothing

        def persistent_load(self, _: object) -> Nothing:
            return Nothing()

    try:
        Recorder(io.BytesIO(pickled)).load()
    except Exception:
        return names, False
    return names, True


READERS: list[Any] = [pickle.Unpickler, vars(pickle)["_Unpickler"]]  # in C, in Python
TEXTS = ["os", "system", "torch", "a b", "posix", "", "é"]


def instruction(draw: random.Random) -> bytes:
    """One instruction of any protocol; the most those that take texts to an import."""
    text = draw.choice(TEXTS)
    content, ascii_only = text.encode(), text.encode("ascii", "ignore")
    number = draw.randrange(4)
    texts = [
        b"\x8c" + bytes([len(content)]) + content,
        b"X" + struct.pack("<I", len(content)) + content,
        b"\x8d" + struct.pack("<Q", len(content)) + content,
        b"V" + text.encode("raw-unicode-escape") + b"\n",
        b"S'" + ascii_only + b"'\n",
        b"U" + bytes([len(ascii_only)]) + ascii_only,
    ]
    memo = [
        *(b"\x94", b"q%c" % number, b"p%d\n" % number, b"r" + struct.pack("<I", number)),
        *(b"h%c" % number, b"g%d\n" % number, b"j" + struct.pack("<I", number)),
    ]
    imports = [
        b"\x93",
        b"\x93",
        b"cos\nsystem\n",
        "cé\nx\n".encode(),
        b"ios\nsystem\n",
        b"\x82\x07",
    ]
    stack = [b"0", b"1", b"2", b"(", b"(", b"t", b"l", b"d", b"\x90", b"\x91", b"o", b"e", b"u"]
    values = [b")", b"]", b"}", b"\x8f", b"N", b"\x88", b"K\x01", b"C\x01a", b"Q", b"P1\n", b"I1\n"]
    calls = [b"\x85", b"\x86", b"\x87", b"a", b"s", b"b", b"R", b"\x81", b"\x92"]
    return draw.choice(draw.choice([texts, texts, texts, memo, imports, stack, values, calls]))


@pytest.mark.parametrize("part", range(4))
def test_what_a_reader_would_import_is_listed(part, exhaustive):
    """Random programs: each name that a reader asks for, in its order, or a "?" that says so."""
    listed = ended = 0
    for number in range(part, 200_000 if exhaustive else 12_000, 4):
        draw = random.Random(number)
        program = draw.choice([b"", b"\x80\x02", b"\x80\x04"])
        program += b"".join(instruction(draw) for _ in range(draw.randrange(1, 25))) + b"."
        program += draw.randbytes(draw.choice([0, 0, 0, 3]))
        found = calls_in(program)
        for reader in READERS:
            names, whole = recorded(reader, program)
            unread = next((n for n, name in enumerate(found) if "breaks off" in name), None)
            assert names[:unread] == found[: len(names)][:unread], (number, program)
            assert unread is not None or not whole or len(names) <= len(found)
            listed, ended = listed + bool(names), ended + (whole and bool(names))
    assert listed > 300 and ended > 30


objects = st.recursive(
    st.sampled_from(
        [
            None,
            1,
            "os",
            "system",
            torch.nn.Linear,
            collections.OrderedDict,
            collections.Counter("ab"),
            torch.float32,
            Path("a"),
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
)


@given(value=objects, protocol=st.integers(0, 5), shorter=st.booleans())
def test_every_protocol_gives_the_names_a_reader_asks_for(value, protocol, shorter):
    """The texts of a name repeat, so from protocol 4 on they come out of the memo."""
    pickled = pickle.dumps([value, "system", value, str, "os"], protocol)
    pickled = pickletools.optimize(pickled) if shorter else pickled
    assert calls_in(pickled) == recorded(pickle.Unpickler, pickled)[0]
    assert recorded(pickle.Unpickler, pickled)[1]


def test_texts_from_the_memo_and_a_text_between():
    """Both fooled the scan that took the last two texts for the name."""
    program = (
        b"\x80\x04\x8c\x05posix\x94\x8c\x05mkdir\x94\x8c\x05torch\x8c\x04ones00h\x00h\x01\x93."
    )
    assert calls_in(program) == ["posix.mkdir"]
    filled = b"\x80\x04\x8c\x05posix(u\x8c\x06system\x93."  # a text "filled" with nothing stays one
    assert calls_in(filled) == ["posix.system"]
    assert recorded(pickle.Unpickler, filled)[0] == ["posix.system"]


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (b"cbuiltins\nlist\n)R\x8c\x01x\x93.", ["builtins.list", "?.x"]),  # a name that is computed
        (b"\x82\x07.", ["? number 7 of the reader's copyreg"]),
        (b"cos\nsystem\n\xff.", ["os.system", "? the pickle at byte 0 breaks off"]),
        (b"cos\nsystem\n", ["os.system", "? the pickle at byte 0 breaks off"]),
        (b"N.cos\nsystem\n.", ["os.system"]),  # behind the first one
        (b"N.junk", ["? the pickle at byte 2 breaks off"]),
        (b"h\x00.", ["? the pickle at byte 0 breaks off"]),
        (b"", []),
    ],
)
def test_what_cannot_be_known_is_said(program, says):
    found = calls_in(program)
    assert [name.split(":")[0] for name in found] == says
