"""Checkpoints of both formats: every tensor survives, no damage and no kill goes unnoticed."""

import io
import json
import os
import runpy
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from wode.book import ROOT
from wode.files.atomic import replaced_folder
from wode.files.checkpoint import CheckpointError, file_kind, load_checkpoint, save_checkpoint
from wode.files.hub import load_state
from wode.files.safetensors import (
    CHECKSUM,
    DTYPES,
    load_safetensors,
    read_header,
    read_tensor,
    save_safetensors,
)
from wode.files.safetensors_header import header_of

SNIPPETS = ROOT / "snippets" / "2_transformer_basics"


@pytest.mark.parametrize("why", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_checkpoint_that_cannot_be_written_says_why(why, tmp_path, monkeypatch):
    """And not what torch trips over as it closes the file: "unexpected pos 64 vs 0"."""
    old = save_checkpoint(tmp_path / "c.pth", {"a": 1}).read_bytes()

    class Full(io.RawIOBase):
        taken = 0

        def write(self, data: Any) -> int:
            self.taken += memoryview(data).nbytes
            if self.taken > 1000:  # in the middle of a tensor
                raise why
            return memoryview(data).nbytes

    monkeypatch.setattr(Path, "open", lambda path, mode: Full())
    with pytest.raises(type(why), match=r"No space|^$"):
        save_checkpoint(tmp_path / "c.pth", {"a": torch.zeros(10**5)})
    monkeypatch.undo()
    assert (tmp_path / "c.pth").read_bytes() == old


@pytest.fixture(scope="module")
def experiment() -> dict:
    """What the chapter's experiment defines."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(SNIPPETS)  # where it finds its page's code, as a script does
        return runpy.run_path(str(SNIPPETS / "resuming_experiment.py"))


def bits(tensor: Tensor) -> bytes:
    return tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def assert_same(found: dict[str, Tensor], right: dict[str, Tensor]) -> None:
    assert found.keys() == right.keys()
    for name, tensor in right.items():
        assert found[name].dtype == tensor.dtype, name
        assert found[name].shape == tensor.shape, name
        assert bits(found[name]) == bits(tensor), name  # NaN equals itself here


@st.composite
def tensors(draw) -> Tensor:
    """A tensor of any dtype, of 0 to 3 dimensions, empty and not contiguous ones among them."""
    dtype = draw(st.sampled_from(sorted(DTYPES.values(), key=str)))
    shape = draw(st.lists(st.integers(0, 4), max_size=3))
    count = torch.Size(shape).numel()
    content = draw(st.binary(min_size=count * dtype.itemsize, max_size=count * dtype.itemsize))
    if dtype == torch.bool:
        content = bytes(byte % 2 for byte in content)
    if not count:
        return torch.empty(shape, dtype=dtype)
    tensor = torch.frombuffer(bytearray(content), dtype=dtype).reshape(shape)
    return tensor.transpose(0, -1) if tensor.ndim > 1 and draw(st.booleans()) else tensor


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
state_dicts = st.dictionaries(
    names.filter(lambda name: name != "__metadata__"), tensors(), max_size=5
)


@given(state=state_dicts)
def test_every_tensor_survives_both_formats_bit_for_bit(state, tmp_path):
    save_checkpoint(tmp_path / "a.pth", state)
    assert_same(load_checkpoint(tmp_path / "a.pth"), state)
    path = save_safetensors(tmp_path / "a.safetensors", state, {"note": "é"})
    assert_same(load_safetensors(path, need_checksum=True), state)
    assert_same(load_file(path), state)  # the library reads what we write
    header = read_header(path)
    assert header.metadata["note"] == "é"
    for name, tensor in state.items():
        assert_same({name: read_tensor(path, name)}, {name: tensor})
    if state:
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, tmp_path / "b")
        assert_same(load_safetensors(tmp_path / "b"), state)  # and we read what it writes
        with safe_open(path, "pt") as file:
            assert set(file.keys()) == set(state)


def test_views_that_are_conjugated_or_negated_later_keep_their_numbers(tmp_path):
    lazy = torch.tensor([1 + 2j, 3 - 4j]).conj()
    state = {"conjugate": lazy, "negative": lazy.imag}  # of both torch keeps a bit, no numbers
    assert lazy.is_conj() and lazy.imag.is_neg()
    state["conjugate"] = state["conjugate"].clone().conj()  # apart from the other's memory
    found = load_safetensors(save_safetensors(tmp_path / "a.safetensors", state))
    for name, tensor in state.items():
        assert torch.equal(found[name], tensor.resolve_conj().resolve_neg()), name


def test_the_kind_is_told_by_content(tmp_path):
    state = {"a": torch.ones(3)}
    save_checkpoint(tmp_path / "one.safetensors", state)
    save_safetensors(tmp_path / "two.pth", state)
    torch.save(state, tmp_path / "three.bin", _use_new_zipfile_serialization=False)
    kinds = [file_kind(tmp_path / n) for n in ("one.safetensors", "two.pth", "three.bin")]
    assert kinds == ["zip", "safetensors", "pickle"]
    for name in ("one.safetensors", "two.pth", "three.bin"):
        assert_same(load_state(tmp_path / name), state)
    (tmp_path / "lfs.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    with pytest.raises(CheckpointError, match="git lfs pull"):
        load_state(tmp_path / "lfs.bin")
    with pytest.raises(CheckpointError, match=r"wode\.files\.hub\.load_state reads it"):
        load_checkpoint(tmp_path / "two.pth")


@pytest.mark.parametrize("seed", [0, 1])
def test_no_damage_goes_unnoticed(experiment, tmp_path, seed):
    """500 damaged files a format; bare torch and safetensors give wrong weights for many."""
    table = experiment["damage"](tmp_path, seed)
    for way in ("load_checkpoint", "load_safetensors"):
        assert table[way]["all"]["wrong"] == 0, table[way]
        assert table[way]["all"]["files"] == 500
    for way in ("torch", "safetensors"):
        assert table[way]["all"]["wrong"] > 100, table[way]


def test_killed_while_writing_the_file_is_whole(experiment, tmp_path):
    assert experiment["kills"](tmp_path, "atomic", times=15, seed=2) == {
        "killed": 15,
        "whole": 15,
        "lost": 0,
    }
    assert not list(tmp_path.iterdir())


def test_the_bytes_are_on_the_disk_before_the_name_points_to_them(
    experiment, tmp_path, monkeypatch
):
    """And the name after them: the steps that the model of a disk is asked about are these."""
    monkeypatch.chdir(tmp_path)
    save_checkpoint("run.pth", {"step": 1})
    events, fsync, replace = list[tuple[str, ...]](), os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        inode, here = os.fstat(descriptor).st_ino, (".", *os.listdir())
        events.extend(("fsync", name) for name in here if os.stat(name).st_ino == inode)
        fsync(descriptor)

    def noted_replace(old: Path, new: Path) -> None:
        events.append(("rename", os.fspath(old), os.fspath(new)))
        replace(old, new)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    save_checkpoint("run.pth", {"step": 2})
    steps = [("write", "run.pth.part"), *events]
    assert steps == experiment["WAYS"]["atomic"]
    holds = experiment["disk_may_hold"]
    assert all({*holds(steps[:k])} <= {"old", "new"} for k in range(len(steps) + 1))
    assert holds(steps) == ["new"]


def test_without_fsync_a_power_cut_may_leave_a_part(experiment):
    power = experiment["power"]()
    assert power["naive"]["any"] == power["rename"]["any"] == ["a part", "new", "nothing", "old"]
    assert power["file"] == {"any": ["new", "old"], "after": ["new", "old"]}
    assert power["atomic"] == {"any": ["new", "old"], "after": ["new"]}


def test_only_a_whole_state_goes_on_to_the_same_bits(experiment):
    """Each part left out changes the weights, but for the epoch, which costs steps at rate 0."""
    for part in ("nothing", *experiment["PARTS"]):
        found = experiment["without"](1, part)
        assert (found["weights"] > 0) == (part not in ("nothing", "epoch")), part
        assert found["steps"] == (450 if part == "epoch" else 225), part


def test_a_folder_is_put_in_place_whole(tmp_path, monkeypatch):
    folder = tmp_path / "model"
    with replaced_folder(folder) as new:
        (new / "a").write_text("1")
    (tmp_path / "model.part").mkdir()  # a killed process's
    (tmp_path / "model.part" / "b").write_text("?")
    with pytest.raises(FileNotFoundError), replaced_folder(folder) as new:
        (new / "gone" / "a").write_text("2")
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
    assert {p.name: p.read_text() for p in folder.iterdir()} == {"a": "1"}
    events = []
    fsync, replace = os.fsync, Path.replace

    def watched_fsync(descriptor: int) -> None:
        events.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(Path, "replace", lambda *paths: (events.append("name"), replace(*paths)))
    with replaced_folder(folder) as new:
        (new / "a").write_text("2")
    assert (folder / "a").read_text() == "2"
    on_disk = [path.stat().st_ino for path in (folder / "a", folder, tmp_path)]
    assert events == [*on_disk[:2], "name", on_disk[2]]


def test_a_checksum_that_is_missing_or_wrong_is_an_error(tmp_path):
    state = {"a": torch.arange(4.0)}
    path = tmp_path / "a.safetensors"
    save_file(state, path)
    assert_same(load_safetensors(path), state)  # others' files have none
    with pytest.raises(CheckpointError, match="records no checksum"):
        load_safetensors(path, need_checksum=True)
    save_safetensors(path, state)
    content = path.read_bytes()
    recorded = read_header(path).metadata[CHECKSUM].encode()
    path.write_bytes(content.replace(recorded, b"0" * 64))
    with pytest.raises(CheckpointError, match="SHA-256 is not the recorded one"):
        load_safetensors(path)


def test_a_file_written_by_hand_is_still_read_and_verified(tmp_path):
    """Before the library wrote them: these are such a file's bytes."""
    content = (
        b'\x18\x01\0\0\0\0\0\0{"__metadata__":{"note":"\xc3\xa9","wode.sha256":'
        b'"7bc1ff77d2abfdded3cebf6fca5124501a058d5af6b6a6d4c5d0401824dd5e4b"},'
        b'"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]},'
        b'"weight":{"dtype":"F32","shape":[4],"data_offsets":[8,24]},'
        b'"bias":{"dtype":"F16","shape":[1],"data_offsets":[24,26]}}'
        b"\x03\0\0\0\0\0\0\0\0\0\0\0\0\0\x80?\0\0\0@\0\0@@\0<"
    )
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    bias = torch.ones(1, dtype=torch.float16)
    expected = {"n": torch.tensor(3), "weight": torch.arange(4.0), "bias": bias}
    assert_same(load_safetensors(path, need_checksum=True), expected)
    path.write_bytes(content[:-1] + b"=")
    with pytest.raises(CheckpointError, match="SHA-256 is not the recorded one"):
        load_safetensors(path)


def test_what_the_format_cannot_hold_is_named(tmp_path):
    path = tmp_path / "a.safetensors"
    shared = torch.zeros(4, 4)
    cases: list[tuple[dict, str]] = [
        ({"a": 1}, "a is a int: safetensors holds tensors only"),
        ({"__metadata__": shared}, "'__metadata__' cannot name a tensor"),
        ({"a": shared, "b": shared[1]}, "a and b share memory"),
        ({"a": torch.zeros(3).to_sparse()}, "has no place in safetensors"),
    ]
    for state, message in cases:
        with pytest.raises(CheckpointError, match=message):
            save_safetensors(path, state)
        assert not list(tmp_path.iterdir())  # nothing half written
    save_safetensors(path, {"a": shared[:2], "b": shared[2:]})  # beside each other is no overlap


@pytest.mark.parametrize(
    "content",
    [b"", b"1234567", struct.pack("<Q", 1 << 40), struct.pack("<Q", 2) + b"[]" + b"x" * 9],
    ids=["empty", "short", "long header", "no object"],
)
def test_a_header_that_is_none_is_an_error(tmp_path, content):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    for load in (load_safetensors, read_header):
        with pytest.raises(CheckpointError, match=rf"damaged \({len(content)} bytes"):
            load(path)


def entry(**other: object) -> dict:
    """A whole entry, or one with something else in a place."""
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | other


DAMAGED_HEADERS = {
    "before the bytes": {"a": entry(data_offsets=[-8, 8], shape=[4])},
    "in the header": {"a": entry(data_offsets=[-8, 0])},
    "behind the end": {"a": entry(data_offsets=[8, 16])},
    "end before begin": {"a": entry(data_offsets=[8, 0])},
    "a hole": {"a": entry(shape=[1], data_offsets=[0, 4])},
    "an overlap": {"a": entry(), "b": entry(shape=[1], data_offsets=[4, 8])},
    "twice the same bytes": {"a": entry(), "b": entry()},
    "one offset": {"a": entry(data_offsets=[0])},
    "three offsets": {"a": entry(data_offsets=[0, 8, 8])},
    "offsets of another kind": {"a": entry(data_offsets={"0": 8})},
    "a text": {"a": entry(data_offsets=["0", "8"])},
    "a fraction": {"a": entry(shape=[2.0])},
    "true": {"a": entry(shape=[2, True])},
    "a negative length": {"a": entry(shape=[-1, -2])},
    "no list": {"a": entry(shape=2)},
    "another shape": {"a": entry(shape=[3])},
    "a huge shape": {"a": entry(shape=[2**62, 2**62])},
    "a product that wraps to the size": {"a": entry(shape=[2**32, 2**32, 2])},
    "a huge shape beside a zero": {
        "a": entry(),
        "b": entry(shape=[0, 2**62, 2**62], data_offsets=[8, 8]),
    },
    "another dtype": {"a": entry(dtype="F31")},
    "a dtype of another kind": {"a": entry(dtype=["F32"])},
    "no dtype": {"a": {"shape": [2], "data_offsets": [0, 8]}},
    "an unknown field": {"a": entry(strides=[1])},
    "no entry": {"a": None},
    "a list": {"a": [1, 2]},
    "metadata of numbers": {"a": entry(), "__metadata__": {"n": 1}},
    "metadata with half a surrogate pair": {"a": entry(), "__metadata__": {"n": "\ud800"}},
    "a number beyond 64 bits": {"a": entry(), "b": entry(shape=[0, 2**63], data_offsets=[8, 8])},
    "metadata of another kind": {"a": entry(), "__metadata__": "n"},
    "a name twice": '{"a":%(a)s,"a":%(a)s}',
    "metadata twice": '{"a":%(a)s,"__metadata__":{},"__metadata__":{}}',
    "a blank first": ' {"a":%(a)s}',
    "a byte order mark": '\ufeff{"a":%(a)s}',
    "something after": '{"a":%(a)s}x',
    "half a surrogate pair": '{"\\ud800":%(a)s}',
    "not a number": '{"a":%(a)s,"b":NaN}',
    "nested": '{"a":' * 100_000,
    "a list of all": "[%(a)s]",
    "nothing": "",
    "latin-1": b'{"\xe9":%(a)s}',
    "utf-16": '{"a":%(a)s}'.encode("utf-16"),
}


@pytest.mark.parametrize("kind", DAMAGED_HEADERS)
def test_a_damaged_header_is_an_error_for_every_reader(kind, tmp_path):
    """It names the file and what to do, and no reader takes other bytes for weights."""
    header = DAMAGED_HEADERS[kind]
    text = json.dumps(header) if isinstance(header, dict) else header
    if isinstance(text, str):
        text = text.encode()
    text = text.replace(b"%(a)s", json.dumps(entry()).encode())
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(8))
    for read in (load_safetensors, read_header, lambda path: read_tensor(path, "a"), load_state):
        with pytest.raises(CheckpointError, match=r"is damaged .*fetch it again") as info:
            read(path)
        assert str(path) in str(info.value)


def test_a_header_longer_than_the_library_reads_is_refused(tmp_path):
    path = tmp_path / "a.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 100_000_001) + b"{}")
        file.truncate(100_000_100)  # a hole: it takes no room on the disk
    with pytest.raises(CheckpointError, match="a header of 100000001 bytes is announced"):
        read_header(path)


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path, monkeypatch):
    path, module = tmp_path / "a.safetensors", "wode.files.safetensors"
    state = {"a": torch.ones(9999), "b": torch.zeros(9999)}  # more than Python reads ahead
    save_file(state, path)
    found = load_safetensors(path)
    path.write_bytes(bytes(path.stat().st_size))  # after it was read: the tensors are our own
    assert_same(found, state)

    def then(change):
        save_file(state, path)
        monkeypatch.setattr(f"{module}.header_of", lambda *a: (header_of(*a), change())[0])

    for read in (load_safetensors, lambda path: read_tensor(path, "b")):
        then(lambda: os.truncate(path, path.stat().st_size - 4))
        with pytest.raises(CheckpointError, match="it ends within b"):
            read(path)
    then(lambda: os.utime(path, ns=(0, 0)))
    with pytest.raises(CheckpointError, match="was written to while it was read: read it again"):
        load_safetensors(path)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_of_torch_cut_anywhere_is_an_error(zipped, tmp_path):
    path = tmp_path / "a.pth"
    state = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones(4, dtype=torch.bfloat16)}
    torch.save(state, path, _use_new_zipfile_serialization=zipped)
    content = path.read_bytes()
    assert_same(load_state(path), state)
    for size in range(len(content)):
        path.write_bytes(content[:size])
        for load in (load_checkpoint, load_state):
            with pytest.raises(CheckpointError) as info:
                load(path)
            assert str(path) in str(info.value)


@pytest.mark.parametrize("value", [[1], torch.ones(2), 3, None])
def test_what_is_no_dict_is_an_error(value, tmp_path):
    torch.save(value, tmp_path / "a.pth")
    for load in (load_checkpoint, load_state):
        with pytest.raises(CheckpointError, match=f"it holds a {type(value).__name__}"):
            load(tmp_path / "a.pth")


def test_a_run_is_no_state_dict(tmp_path):
    state = {"model": {"a": torch.ones(2)}, "epoch": 3, "b": torch.ones(2)}
    assert load_checkpoint(save_checkpoint(tmp_path / "a.pth", state))["epoch"] == 3
    with pytest.raises(CheckpointError, match=r"alone, but 'model' is a dict; 'epoch' is a int"):
        load_state(tmp_path / "a.pth")


def test_two_members_of_one_name_are_damage(tmp_path):
    path = save_checkpoint(tmp_path / "a.pth", {"a": torch.ones(2)})
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(next(n for n in archive.namelist() if n.endswith("data/0")), bytes(8))
    with pytest.raises(CheckpointError, match="two members have one name"):
        load_checkpoint(path)


def test_what_is_no_file_is_named(tmp_path):
    (tmp_path / "model.safetensors").mkdir()
    (tmp_path / "model.safetensors" / "b.safetensors").touch()
    os.mkfifo(tmp_path / "pipe")  # to open it would wait for a writer
    for load in (load_checkpoint, load_safetensors, read_header, load_state):
        with pytest.raises(CheckpointError, match=r"is a folder.*b\.safetensors|is a folder"):
            load(tmp_path / "model.safetensors")
        with pytest.raises(CheckpointError, match="is no regular file"):
            load(tmp_path / "pipe")
        with pytest.raises(FileNotFoundError, match=r"gone\.safetensors"):
            load(tmp_path / "gone.safetensors")


def test_missing_files_and_tensors_are_named(tmp_path):
    save_safetensors(tmp_path / "there.safetensors", {"a": torch.ones(2)})
    with pytest.raises(FileNotFoundError, match=r"holds \['there\.safetensors'\]"):
        load_safetensors(tmp_path / "gone.safetensors")
    with pytest.raises(KeyError, match=r"no tensor 'b' in .*: it holds \['a'\]"):
        read_tensor(tmp_path / "there.safetensors", "b")


def test_a_pickle_that_runs_code_is_refused_and_named(tmp_path):
    class Evil:
        def __reduce__(self):
            return Path.touch, (tmp_path / "ran",)

    torch.save({"a": torch.ones(2), "b": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(CheckpointError, match=r"it asks for .*pathlib\.Path"):
        load_checkpoint(tmp_path / "evil.pth")
    torch.save({"b": Evil()}, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    with pytest.raises(CheckpointError):
        load_checkpoint(tmp_path / "old.pth")
    assert not (tmp_path / "ran").exists()


def test_offsets_point_to_the_numbers(tmp_path):
    page = runpy.run_path(str(SNIPPETS / "checkpoints.py"))
    state = {"b": torch.arange(6.0).reshape(2, 3), "a": torch.ones(2)}
    page["write_by_hand"](str(tmp_path / "mine.safetensors"), state)
    assert_same(load_safetensors(tmp_path / "mine.safetensors"), state)
    path = save_safetensors(tmp_path / "theirs.safetensors", state)
    assert_same(page["read_by_hand"](str(path)), state)
    (length,) = struct.unpack("<Q", path.read_bytes()[:8])
    assert length % 8 == 0
    assert CHECKSUM in json.loads(path.read_bytes()[8 : 8 + length])["__metadata__"]
