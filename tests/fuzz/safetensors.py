"""Safetensors files, whole and damaged, against the format's own library.

What the library refuses must be refused; what both read must be equal, bit for bit, and what was
built without damage must be what was built. What the library reads and we refuse is on a list.
"""

import json
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from wode.files.checkpoint import CheckpointError
from wode.files.hub import load_state
from wode.files.safetensors import DTYPES, load_safetensors, read_header, read_tensor

#: Reasons to refuse what the library reads: its description forbids it, or torch has no such thing.
STRICTER = (
    "occurs twice",
    "expected dtype, shape, data_offsets",
    "expected a dtype",
    "begins with",
    "more than torch can count",
)
NO_NUMBERS = [True, False, None, "1", 1.0, -1, [], [1], {}, 2**31, 2**62, 2**63, 2**64, -(2**62)]
TEXTS = [
    '{"__metadata__":{"a":1}}', '{"__metadata__":[]}', '{"__metadata__":null}', "{}", "[]", "null",
    "1", '""', "", "{", '{"a":' * 2000 + "1" + "}" * 2000, "[" * 50_000, '{"a":{}}', '{"a":null}',
    '{"\\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}', '{"a":NaN}', "{}x", " {}", "{} ",
    '{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}', '{"__metadata__":{"a":"\\udc00"}}',
    '{"a":{"dtype":"U8","shape":[0,9223372036854775807,3],"data_offsets":[0,0]}}', "\ufeff{}",
    '{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}', "{}\n\t ",
    '{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}', '{"a":1e999}',
]  # fmt: skip
NAMES = ["a", "weight", "", "层.0", "a.b", "__metadata", "\u007f", "é", "\ud83d\ude00"]
PATH = Path("a.safetensors")  # in the current folder, which is empty for each input


def build(draw: random.Random) -> tuple[dict[str, Any], bytes, dict[str, Tensor]]:
    """Header, bytes and tensors of a file without damage."""
    header: dict[str, Any] = {}
    content, right = b"", {}
    for name in draw.sample(NAMES, draw.randrange(4)):
        name = name.encode("utf-16", "surrogatepass").decode("utf-16")
        kind = draw.choice(sorted(DTYPES))
        shape = [draw.randrange(4) for _ in range(draw.randrange(4))]
        numbers = draw.randbytes(torch.Size(shape).numel() * DTYPES[kind].itemsize)
        if kind == "BOOL":
            numbers = bytes(byte % 2 for byte in numbers)
        right[name] = torch.tensor(list(numbers), dtype=torch.uint8).view(DTYPES[kind])
        right[name] = right[name].reshape(shape)
        offsets = [len(content), len(content) + len(numbers)]
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": offsets}
        content += numbers
    entries = list(header.items())
    draw.shuffle(entries)  # the order of the names is free
    if draw.random() < 0.4:
        entries.insert(draw.randrange(len(entries) + 1), ("__metadata__", {"format": "pt"}))
    return dict(entries), content, right


def spoil_entry(draw: random.Random, header: dict[str, Any]) -> None:
    """Another value in the place of one of an entry's, or of a part of one."""
    name = draw.choice([*header])
    entry = header[name]
    what = draw.randrange(7)
    if what == 0 or name == "__metadata__":
        header[name] = draw.choice([*NO_NUMBERS, {"format": 1}, {"a": {"b": "c"}}])
        return
    key = draw.choice([*entry])
    if what == 6:  # the right length at the wrong place
        by = draw.choice([-8, -1, 1, 2, 8, entry["data_offsets"][1] - entry["data_offsets"][0]])
        entry["data_offsets"] = [offset + by for offset in entry["data_offsets"]]
    elif what == 1:
        del entry[key]
    elif what == 2:
        entry[draw.choice(["strides", "Dtype", "x"])] = 0
    elif what == 3 or key == "dtype":
        entry[key] = draw.choice([*NO_NUMBERS, "F4", "F31", "f32", "F32", "I16", "U8", [1, 1]])
    elif what == 4 or not entry[key]:
        entry[key].append(draw.choice([*NO_NUMBERS, 0, 1, 2]))
    else:
        place = draw.randrange(len(entry[key]))
        value = entry[key][place]
        entry[key][place] = draw.choice([*NO_NUMBERS, 0, value + 1, value - 1, -value, value - 8])


def spoil_text(draw: random.Random, text: str) -> str:
    what = draw.randrange(6)
    if what == 0:
        return draw.choice(TEXTS)
    if what == 1:
        return draw.choice([" ", "\n", "\ufeff", "x", "\0"]) + text
    if what == 2:
        return text + draw.choice(["x", "\0", "{}", ",", "]", '"'])
    if what == 3 and len(text) > 2:  # one name twice
        return text[:-1] + "," + text[1:]
    place = draw.randrange(len(text) + 1)
    return text[:place] + draw.choice('{}[]",:0-1.eE\\ntx ') + text[place + draw.randrange(2) :]


def damaged(draw: random.Random, header: dict[str, Any], content: bytes) -> bytes:
    """The file, with one or two kinds of damage."""
    kinds = draw.sample(
        ["entry", "text", "length", "cut", "more", "bit", "bytes"], draw.choice([1, 1, 2])
    )
    if "entry" in kinds and header:
        spoil_entry(draw, header)
    text = json.dumps(header, ensure_ascii=draw.random() < 0.5)
    if "text" in kinds:
        text = spoil_text(draw, text)
    start = text.encode(errors="surrogatepass")
    length = len(start)
    if "length" in kinds:
        length = draw.choice(
            [0, 1, length - 1, length + 1, length + 8, 2**31, 10**8 + 1, 2**63, 2**64 - 1]
        )
    whole = bytearray(struct.pack("<Q", max(length, 0)) + start + content)
    if "cut" in kinds:
        del whole[draw.randrange(len(whole)) :]
    if "more" in kinds:
        whole += draw.randbytes(draw.randrange(1, 9))
    if "bit" in kinds and whole:
        place = draw.randrange(
            min(len(whole), 8 + len(start))
        )  # in the numbers nobody could see it
        whole[place] ^= 1 << draw.randrange(8)
    if "bytes" in kinds and whole:
        place = draw.randrange(min(len(whole), 8 + len(start)))
        whole[place : place + draw.randrange(9)] = draw.randbytes(draw.randrange(9))
    return bytes(whole)


def same(left: dict[str, Tensor], right: dict[str, Tensor]) -> bool:
    return left.keys() == right.keys() and all(
        left[name].dtype == tensor.dtype
        and left[name].shape == tensor.shape
        and left[name].reshape(-1).view(torch.uint8).equal(tensor.reshape(-1).view(torch.uint8))
        for name, tensor in right.items()
    )


def by_library(path: Path) -> dict[str, Tensor] | None:
    try:
        return load_file(path)
    except Exception:
        return None


def refusal(read: Callable[[Path], object]) -> str:
    """What ``read`` says of a file that `load_safetensors` refuses."""
    try:
        read(PATH)
    except CheckpointError as error:
        return str(error)
    return "read"


def trial(draw: random.Random) -> str:
    header, content, right = build(draw)
    intact = draw.random() < 0.25
    if intact:
        text = json.dumps(header, ensure_ascii=False) + " " * draw.randrange(8)
        whole = struct.pack("<Q", len(text.encode())) + text.encode() + content
    else:
        whole = damaged(draw, header, content)
    PATH.unlink(missing_ok=True)  # the library's tensors are the last file's own bytes
    PATH.write_bytes(whole)
    theirs = by_library(PATH)
    try:
        ours = load_safetensors(PATH)
    except CheckpointError as error:
        said = str(error)
        assert not intact, f"a whole file is refused: {said}"
        assert theirs is None or any(reason in said for reason in STRICTER), (
            f"the library reads it: {said}"
        )
        others = (read_header, load_state, lambda path: read_tensor(path, "a"))
        refusals = [said, *(refusal(read) for read in others)]
        for words in refusals:
            assert PATH.name in words and "or fetch it again" in words, words
        return "refused"
    assert theirs is not None, "read, and the library refuses it"
    assert same(ours, theirs), "others than the library's"
    if intact:
        assert same(ours, right), "others than what was built"
    assert same({name: read_tensor(PATH, name) for name in ours}, ours), "read_tensor differs"
    return "right"
