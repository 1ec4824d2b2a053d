"""wode.data and wode.files.download: real files, real worker processes, a real HTTP server."""

import hashlib
import http.server
import itertools
import os
import random
import signal
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from wode.data import Digits, ImageFolder, LineStream, PairedFolder, digits_tensors, pad_collate
from wode.data.images import list_names, read_image
from wode.files.download import data_root, download, sha256_of
from wode.padding import pad_ids


def items(dataset: Dataset) -> list:
    """Every item by its index, as a data loader asks for them."""
    return [dataset[index] for index in range(len(dataset))]  # ty: ignore


def red(image: Image.Image) -> int:
    return int(np.asarray(image)[0, 0, 0])


# ---------------------------------------------------------------- digits


def test_importing_wode_data_is_quick_to_say_what_it_needs():
    code = (
        "import sys, wode.data; print([m for m in ('sklearn', 'torchvision') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_digits_are_scikit_learns_and_split_once():
    from sklearn.datasets import load_digits

    train, test = Digits(train=True), Digits(train=False)
    assert (len(train), len(test)) == (1437, 360)
    source = load_digits()
    scale = 255 / 16
    counts = {}
    for image, label in zip(np.rint(source.images * scale), source.target, strict=True):
        key = (image.astype(np.uint8).tobytes(), int(label))
        counts[key] = counts.get(key, 0) + 1
    for dataset in (train, test):
        for image, label in zip(dataset.data, dataset.targets, strict=True):
            counts[image.tobytes(), label] -= 1
    assert set(counts.values()) == {0}  # every image in exactly one of the two parts

    share = np.bincount(test.targets) / np.bincount(source.target)
    assert np.abs(share - 0.2).max() < 0.01  # stratified


def test_digits_items_are_like_cifar10s():
    image, label = Digits(train=False)[0]
    assert isinstance(image, Image.Image)
    assert (image.mode, image.size, type(label)) == ("L", (8, 8), int)
    assert Digits.classes[label] == str(label)
    inverted, name = Digits(
        train=False,
        transform=lambda image: Image.eval(image, lambda value: 255 - value),
        target_transform=Digits.classes.__getitem__,
    )[0]
    assert (np.asarray(inverted) == 255 - np.asarray(image)).all()
    assert name == str(label)
    with pytest.raises(IndexError):
        Digits()[1437]


@pytest.mark.parametrize("train", [True, False])
def test_digits_tensors_are_the_same_images(train):
    from torchvision.transforms import v2

    to_tensor = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    dataset = Digits(train, transform=to_tensor)
    images, labels = digits_tensors(train)
    assert images.dtype == torch.float32
    assert labels.dtype == torch.int64
    assert torch.equal(torch.stack([image for image, _ in items(dataset)]), images)
    assert labels.tolist() == dataset.targets
    assert images.min() == 0
    assert images.max() == 1


def test_changing_the_digits_that_were_handed_out_changes_no_others():
    images, labels = digits_tensors(True)
    before = images.clone(), labels.clone()
    images.zero_(), labels.zero_()
    Digits().data[:] = 0
    again = digits_tensors(True)
    assert torch.equal(again[0], before[0])
    assert torch.equal(again[1], before[1])


# ---------------------------------------------------------------- folders


def save_image(path: Path, value: int = 0, mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, (4, 3), value if mode == "L" else (value, 0, 0)).save(path)
    return path


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    root = tmp_path / "animals"
    for value, name in enumerate(
        ["dog/b.png", "cat/10.png", "cat/9.png", "ant/x.JPG", "dog/a.png"]
    ):
        save_image(root / name, value)
    (root / ".DS_Store").write_bytes(b"x")
    (root / "cat" / ".DS_Store").write_bytes(b"x")
    (root / "README.txt").write_text("a file beside the classes is no class")
    return root


def test_image_folder_equals_torchvisions(animals):
    from torchvision.datasets import ImageFolder as Reference

    ours, reference = ImageFolder(animals), Reference(animals)
    assert ours.classes == reference.classes == ["ant", "cat", "dog"]
    assert [(str(path), label) for path, label in ours.samples] == reference.samples
    assert ours.targets == reference.targets
    assert len(ours) == len(reference) == 5
    for (image, label), (expected, expected_label) in zip(
        items(ours), items(reference), strict=True
    ):
        assert image.mode == expected.mode == "RGB"
        assert (np.asarray(image) == np.asarray(expected)).all()
        assert label == expected_label


def test_the_order_does_not_depend_on_the_file_system(animals, monkeypatch):
    expected = ImageFolder(animals).samples
    real = os.listdir
    for seed in range(5):
        shuffled = random.Random(seed)
        monkeypatch.setattr(
            os, "listdir", lambda path, r=shuffled: r.sample(n := real(path), len(n))
        )
        assert ImageFolder(animals).samples == expected


def test_image_folder_reads_an_image_only_when_asked(animals):
    dataset = ImageFolder(animals, transform=red)
    index = dataset.samples.index((animals / "cat" / "9.png", 1))
    save_image(animals / "cat" / "9.png", 200)  # after the constructor
    assert dataset[index] == (200, 1)
    (animals / "cat" / "9.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"9\.png"):
        dataset[index]


@pytest.mark.parametrize("mode", ["L", "RGB", None])
def test_image_folder_converts_to_one_mode(tmp_path, mode):
    save_image(tmp_path / "a" / "1.png", 7, mode="L")
    save_image(tmp_path / "a" / "2.png", 7, mode="RGB")
    modes = [image.mode for image, _ in items(ImageFolder(tmp_path, mode=mode))]
    assert modes == ([mode, mode] if mode else ["L", "RGB"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"this is text",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-40],
        lambda data: data[:60] + bytes(byte ^ 0xFF for byte in data[60:70]) + data[70:],
    ],
    ids=["empty", "text", "half", "end missing", "bytes flipped"],
)
def test_an_unreadable_image_is_named(tmp_path, damage):
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    path = tmp_path / "cat" / "7.png"
    path.parent.mkdir()
    Image.fromarray(noise).save(path)
    assert (np.asarray(read_image(path)) == noise).all()
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=r"cat.7\.png: not a readable image"):
        ImageFolder(tmp_path)[0]


def test_an_unreadable_image_is_named_out_of_a_worker_process(tmp_path):
    path = save_image(tmp_path / "cat" / "7.png")
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ValueError, match=r"cat.7\.png: not a readable image"):
        for _ in DataLoader(ImageFolder(tmp_path), num_workers=1):
            pass


def test_image_folder_says_what_is_wrong_with_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        ImageFolder(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="a folder per class, found 0 files"):
        ImageFolder(tmp_path)
    save_image(tmp_path / "1.png")
    with pytest.raises(ValueError, match="a folder per class, found 1 files"):
        ImageFolder(tmp_path)
    (tmp_path / "1.png").unlink()
    (tmp_path / "cat").mkdir()
    with pytest.raises(ValueError, match=r"cat: expected images, found an empty folder"):
        ImageFolder(tmp_path)
    (tmp_path / "cat" / "notes.txt").write_text("x")
    with pytest.raises(ValueError, match=r"notes\.txt: expected an image \("):
        ImageFolder(tmp_path)


@pytest.fixture
def pairs(tmp_path: Path) -> tuple[Path, Path]:
    images, labels = tmp_path / "images", tmp_path / "labels"
    labels.mkdir()
    for value in (3, 1, 2):
        save_image(images / f"{value:04d}.png", value)
        (labels / f"{value:04d}.txt").write_text(f"label {value}\n", encoding="utf-8")
    return images, labels


def test_paired_folder_matches_by_name(pairs, monkeypatch):
    real = os.listdir
    for order in itertools.permutations(range(3)):
        monkeypatch.setattr(os, "listdir", lambda path, o=order: [sorted(real(path))[i] for i in o])
        dataset = PairedFolder(
            *pairs,
            transform=red,
            target_transform=lambda text: int(text.split()[1]),
        )
        assert items(dataset) == [(1, 1), (2, 2), (3, 3)]
        assert len(dataset) == 3


def test_paired_folder_names_what_has_no_partner(pairs):
    images, labels = pairs
    (labels / "0002.txt").unlink()
    with pytest.raises(ValueError, match=r"0002\.png: no label of that name in .*labels"):
        PairedFolder(images, labels)
    (labels / "0001.txt").unlink()
    with pytest.raises(ValueError, match=r"0001\.png \(and 1 more\): no label of that name"):
        PairedFolder(images, labels)
    (images / "0001.png").unlink()
    (images / "0002.png").unlink()
    assert len(PairedFolder(images, labels)) == 1
    (labels / "0009.txt").write_text("nine")
    with pytest.raises(ValueError, match=r"0009\.txt: no image of that name in .*images"):
        PairedFolder(images, labels)
    (labels / "0009.txt").unlink()
    save_image(images / "0003.jpg")
    with pytest.raises(ValueError, match=r"0003\.jpg and .*0003\.png: two files of one name"):
        PairedFolder(images, labels)


@settings(max_examples=15)
@given(names=st.sets(st.text("abcxyzABC019_-é图", min_size=1, max_size=5), max_size=20))
def test_list_names_is_sorted_whatever_the_order(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("names")
    for name in names | {".hidden"}:
        (folder / name).touch()
    assert list_names(folder) == sorted(names)


# ---------------------------------------------------------------- streams

TEXTS = st.text(
    st.one_of(
        st.sampled_from("\n\r\n ab中\U0001f600\u2028\x85\x0b\x00\ufeff"),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)


def lines_of(text: str) -> list[str]:
    """The definition: what lies between newlines, a carriage return before one belonging to it.

    A BOM before the first line belongs to no line.
    """
    lines = text.removeprefix("\ufeff").split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def read_by(workers: int, path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the workers read, one after the other, without starting processes."""
    seen = []
    for worker in range(workers):
        info = type("Info", (), {"id": worker, "num_workers": workers})
        monkeypatch.setattr("wode.data.lines.get_worker_info", lambda info=info: info)
        seen += list(LineStream(path))
    return seen


@given(text=TEXTS, workers=st.integers(1, 9))
@settings(max_examples=200)
def test_every_line_comes_once_whatever_the_number_of_workers(tmp_path, monkeypatch, text, workers):
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode("utf-8"))
    assert read_by(workers, path, monkeypatch) == lines_of(text)


def test_every_short_text_however_the_borders_fall(tmp_path, monkeypatch):
    path = tmp_path / "text.txt"
    for length in range(7):
        for characters in itertools.product("a\n", repeat=length):
            path.write_bytes("".join(characters).encode())
            for workers in (1, 2, 3, 4):
                assert read_by(workers, path, monkeypatch) == lines_of("".join(characters))


@pytest.mark.parametrize(
    ("workers", "context"), [(0, None), (1, "fork"), (2, "fork"), (2, "spawn")]
)
def test_line_stream_in_real_workers(tmp_path, workers, context):
    path = tmp_path / "text.txt"
    lines = [f"第 {index} 行 " + "x" * (index % 17) for index in range(1000)]
    path.write_text("\n".join(lines), encoding="utf-8")  # no newline after the last
    loader = DataLoader(
        LineStream(path, transform=str.upper),
        batch_size=16,
        num_workers=workers,
        multiprocessing_context=context,
    )
    seen = [line for batch in loader for line in batch]
    assert sorted(seen) == sorted(line.upper() for line in lines)
    if workers < 2:
        assert seen == [line.upper() for line in lines]


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path, monkeypatch):
    path = tmp_path / "text.txt"
    for text in ("\ufeffa\n\ufeffb", "\ufeff", "\ufeff\n", "\ufeffa"):
        path.write_text(text, encoding="utf-8")
        for workers in range(1, 9):
            assert read_by(workers, path, monkeypatch) == lines_of(text)


def test_line_stream_reads_lazily(tmp_path):
    path = tmp_path / "big.txt"
    with path.open("wb") as file:
        file.write(b"first\nsecond\n")
        file.truncate(1 << 40)  # a sparse file of a terabyte
    assert list(itertools.islice(LineStream(path), 2)) == ["first", "second"]


def test_line_stream_errors_name_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.txt"):
        LineStream(tmp_path / "none.txt")
    path = tmp_path / "latin.txt"
    path.write_bytes(b"good\n" + "café\n".encode("latin-1"))
    with pytest.raises(
        ValueError, match=r"latin\.txt, the line at byte 5: not UTF-8 .*0xe9 at place 3"
    ):
        list(LineStream(path))


# ---------------------------------------------------------------- batches


@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 99), min_size=1, max_size=12), st.integers(0, 4)),
        min_size=1,
        max_size=8,
    ),
    st.integers(-3, 3),
)
def test_padding_can_be_undone(batch, padding_value):
    input_ids, attention_mask, labels = pad_collate(batch, padding_value)
    longest = max(len(sequence) for sequence, _ in batch)
    assert input_ids.shape == attention_mask.shape == (len(batch), longest)
    assert attention_mask.dtype == torch.bool
    assert [(row[mask].tolist()) for row, mask in zip(input_ids, attention_mask, strict=True)] == [
        sequence for sequence, _ in batch
    ]
    assert (input_ids[~attention_mask] == padding_value).all()
    assert labels.tolist() == [label for _, label in batch]


def test_pad_collate_takes_tensors_and_vectors_per_token():
    batch = [(torch.ones(2, 3), 0.5), (torch.ones(4, 3), 1.5)]
    input_ids, attention_mask, labels = pad_collate(batch)
    assert input_ids.shape == (2, 4, 3)
    assert attention_mask.shape == (2, 4)
    assert input_ids.sum() == 18
    assert labels.dtype == torch.float32


def test_pad_collate_refuses_what_has_no_batch():
    with pytest.raises(ValueError, match="at least one item"):
        pad_collate([])
    with pytest.raises(ValueError, match=r"item 1 of the batch: .* got shape \(0,\)"):
        pad_collate([([1, 2], 0), ([], 1)])
    with pytest.raises(ValueError, match=r"item 0 of the batch: .* got shape \(\)"):
        pad_collate([(torch.tensor(3), 0)])


def test_pad_collate_works_in_workers():
    sequences = [([index] * (1 + index % 4), index % 2) for index in range(10)]
    loader = DataLoader(sequences, batch_size=4, collate_fn=pad_collate, num_workers=2)  # ty: ignore
    batches = list(loader)
    assert [input_ids.shape for input_ids, _, _ in batches] == [(4, 4), (4, 4), (2, 2)]


NUMBER = st.one_of(st.booleans(), st.integers(-(2**24), 2**24), st.floats(width=32))
KINDS = (torch.bool, torch.uint8, torch.int16, torch.int64, torch.float16, torch.bfloat16)
KINDS += (torch.float32, torch.float64)


@given(batch=st.lists(st.tuples(st.lists(NUMBER, min_size=1, max_size=4), NUMBER), min_size=1))
def test_collating_changes_no_value(batch):
    input_ids, attention_mask, labels = pad_collate(batch)
    for row, mask, (sequence, _) in zip(input_ids, attention_mask, batch, strict=True):
        np.testing.assert_array_equal(row[mask].double().numpy(), np.array(sequence, float))
    expected = [label for _, label in batch]
    np.testing.assert_array_equal(labels.double().numpy(), np.array(expected, float))
    kinds = {bool: torch.bool, int: torch.int64, float: torch.float32}
    tokens = [number for sequence, _ in batch for number in sequence]
    for found, numbers in ((input_ids, tokens), (labels, expected)):
        wanted = torch.bool
        for number in numbers:
            wanted = torch.promote_types(wanted, kinds[type(number)])
        assert found.dtype == wanted


@given(number=st.integers(-(2**63), 2**63 - 1) | st.integers(0, 62).map(lambda n: -(2**n)))
def test_an_integer_among_floats_is_kept_exactly_or_refused(number):
    exact = int(np.float32(number)) == number
    batches: list[Any] = [[([number, 0.5], 0)], [([number], 0), ([0.5], 0)]]
    for batch in (*batches, [([1], number), ([1], 0.5)]):
        if exact:
            rows, _, labels = pad_collate(batch)
            assert number in (int(rows[0, 0]), int(labels[0]))
        else:
            with pytest.raises(
                ValueError, match=rf" 0: {number} is none that torch\.float32 holds"
            ):
                pad_collate(batch)


@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=5))
def test_a_batch_of_tensors_has_their_common_type(kinds):
    batch = [
        (torch.ones(1 + i % 3).to(kind), torch.ones(2).to(kind)) for i, kind in enumerate(kinds)
    ]
    wanted = kinds[0]
    for kind in kinds:
        wanted = torch.promote_types(wanted, kind)
    input_ids, attention_mask, labels = pad_collate(batch)
    assert input_ids.dtype == labels.dtype == wanted
    assert (input_ids == attention_mask).all() and (labels == 1).all()


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ([([2**24 + 1], 0), ([0.5], 1)], r"sequence 0: 16777217 is none that .*float32"),
        ([([0.5, -(2**24) - 1], 0)], r"sequence 0: -16777217 is none that torch\.float32"),
        ([([1], 2**60 + 1), ([1], 0.5)], r"label 0: 1152921504606846977 is none that"),
        ([([1e300], 0)], r"sequence 0: 1e\+300 is none that torch\.float32"),
        ([([torch.tensor(2**53 + 1), torch.tensor(0.5)], 0)], "sequence 0: 9007199254740993 is"),
        (
            [([1], 0), (np.array([1], np.uint16), 0)],
            "sequence 1 is torch.uint16, before it torch.int64",
        ),
        ([("abc", 0)], "sequence 0: not numbers"),
        ([([1, None], 0)], "sequence 0: not numbers"),
        ([([1], "neg")], "label 0: not numbers"),
        ([([1], 0), ([1], None)], "label 1: not numbers"),
        ([([[1, 2], [3]], 0)], "sequence 0: not numbers in rows of one length"),
        ([([[1, 2]], 0), ([[1]], 0)], r"item 1 .* has shape \(1, 1\), item 0 has \(1, 2\)"),
        ([([[], []], 0)], r"item 0 of the batch: .* got shape \(2, 0\)"),
        ([([1], [1, 2]), ([1], [1])], r"label 1 has shape \(1,\), label 0 has \(2,\)"),
    ],
    ids=str,
)
def test_what_no_type_holds_is_refused(batch, message):
    with pytest.raises(ValueError, match=message):
        pad_collate(batch)


@pytest.mark.parametrize(
    ("row", "value"),
    [([1], 0.5), ([1], float("nan")), ([1], 2**63), ([True], 2), ([0.5], 1e300)]
    + [(torch.ones(1, dtype=torch.uint8), value) for value in (-1, 256)],
    ids=str,
)
def test_padding_that_the_batch_does_not_hold_is_refused(row, value):
    with pytest.raises(ValueError, match=r"padding_value .* is none that"):
        pad_collate([(row, 0)], value)
    assert pad_collate([(row, 0)], 1.0)[0].shape == (1, 1)


@given(rows=st.lists(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4), min_size=1))
def test_ids_stay_ids_also_of_empty_rows(rows):
    ids = pad_ids(rows, padding_value=-5)
    longest = max(map(len, rows))
    assert ids.dtype == torch.int64
    assert ids.tolist() == [row + [-5] * (longest - len(row)) for row in rows]
    for other, message in (([0.5], "row 1: .*float32"), ([[1]], "row 1: "), ([True], "row 1: ")):
        with pytest.raises(ValueError, match=message):
            pad_ids([[1], other])  # ty: ignore
    with pytest.raises(ValueError, match="at least one row"):
        pad_ids([])


def test_no_reader_of_rows_makes_floats_of_an_empty_one():
    from wode.denoising import Pair
    from wode.seq2seq import batch_of
    from wode.translation import batch_of as translations
    from wode.trees import Forest
    from wode.wordpiece import pad

    for part in batch_of([Pair([5], []), Pair([6], [7])]) + translations([([], [5]), ([6], [])]):
        assert part.dtype == torch.int64
    assert {part.dtype for part in pad([]).values()} == {torch.int64}
    with pytest.raises(ValueError, match="parents that are integers, got float64"):
        Forest.from_parents([[-1, 0.5]])  # ty: ignore


# ---------------------------------------------------------------- download

CONTENT = random.Random(0).randbytes(3_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(http.server.ThreadingHTTPServer):
    """A file server with ranges, and with every way to misbehave that a test asks for."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, str | None]] = []  # (path, its Range header)
        self.sent = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server  # ty: ignore
    timeout = 30

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.requests.append((self.path, asked))
        kind = self.path.strip("/")
        if kind == "missing":
            return self.send_error(404)
        if kind == "broken":
            return self.send_error(503)
        begin = 0
        if asked and kind != "no-ranges":
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(CONTENT):
                return self.send_error(416)
            self.send_response(206)
            first = begin + 1 if kind == "wrong-range" else begin
            self.send_header("Content-Range", f"bytes {first}-{len(CONTENT) - 1}/{len(CONTENT)}")
        else:
            self.send_response(200)
        if kind == "odd-length":
            self.send_header("Content-Length", "many")
        elif kind not in ("no-length", "cut-no-length"):
            self.send_header("Content-Length", str(len(CONTENT) - begin))
        self.end_headers()
        body = CONTENT[begin:]
        if kind == "wrong":
            body = b"X" + body[1:]
        if kind in ("dies", "cut-no-length") and not asked:
            body = body[: len(body) // 3]
        step = 65536
        for start in range(0, len(body), step):
            if kind == "slow":
                time.sleep(0.02)
            if kind == "hangs" and start >= 10 * step and not asked:
                time.sleep(3)
                return None
            try:
                self.wfile.write(body[start : start + step])
            except (BrokenPipeError, ConnectionResetError):
                return None
            self.server.sent += len(body[start : start + step])
        self.close_connection = True
        return None


@pytest.fixture
def server():
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def part_of(path: Path) -> Path:
    return path.with_name(path.name + ".part")


@pytest.mark.parametrize("kind", ["good", "no-ranges", "no-length", "odd-length"])
def test_download(server, tmp_path, kind):
    path = tmp_path / "new" / "folder" / "data.bin"
    assert download(f"{server.url}/{kind}", path, SHA256.upper()) == path
    assert path.read_bytes() == CONTENT
    assert os.listdir(path.parent) == ["data.bin"]
    assert sha256_of(path) == SHA256

    download(f"{server.url}/{kind}", path, SHA256)  # it is there: the server is not asked again
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["good", "no-ranges", "no-length"])
@pytest.mark.parametrize("have", [1, 1_000_000, len(CONTENT) - 1, len(CONTENT)])
def test_a_started_download_goes_on(server, tmp_path, kind, have):
    path = tmp_path / "data.bin"
    part_of(path).write_bytes(CONTENT[:have])
    download(f"{server.url}/{kind}", path, SHA256)
    assert path.read_bytes() == CONTENT
    assert server.requests == [(f"/{kind}", f"bytes={have}-")]
    assert server.sent == (len(CONTENT) if kind == "no-ranges" else len(CONTENT) - have)
    assert not part_of(path).exists()


@settings(max_examples=15)
@given(cuts=st.lists(st.integers(0, len(CONTENT)), max_size=3))
def test_a_download_cut_anywhere_ends_in_the_right_file(server, tmp_path, cuts):
    path = tmp_path / "data.bin"
    path.unlink(missing_ok=True)
    for cut in sorted(cuts):
        part_of(path).write_bytes(CONTENT[:cut])
    assert download(f"{server.url}/good", path, SHA256).read_bytes() == CONTENT


def test_a_killed_download_leaves_a_part_and_never_a_wrong_file(server, tmp_path):
    path = tmp_path / "data.bin"
    code = "import sys; from wode.files.download import download; download(*sys.argv[1:])"
    command = [sys.executable, "-c", code, f"{server.url}/slow", str(path), SHA256]
    process = subprocess.Popen(command)
    try:
        while not (part_of(path).exists() and part_of(path).stat().st_size > 0):
            assert process.poll() is None, "it ended before it could be killed"
            time.sleep(0.01)
    finally:
        process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not path.exists()
    have = part_of(path).stat().st_size
    assert 0 < have < len(CONTENT)
    assert part_of(path).read_bytes() == CONTENT[:have]

    download(f"{server.url}/good", path, SHA256)
    assert server.requests[-1] == ("/good", f"bytes={have}-")
    assert path.read_bytes() == CONTENT


@pytest.mark.parametrize("kind", ["dies", "hangs"])
def test_a_server_that_stops_half_way(server, tmp_path, kind):
    path = tmp_path / "data.bin"
    with pytest.raises(OSError, match=r"stopped after \d+ bytes .* call again to go on"):
        download(f"{server.url}/{kind}", path, SHA256, timeout=2)
    assert not path.exists()
    have = part_of(path).stat().st_size
    assert 0 < have < len(CONTENT)

    download(f"{server.url}/{kind}", path, SHA256)
    assert server.requests[-1] == (f"/{kind}", f"bytes={have}-")
    assert path.read_bytes() == CONTENT


def test_a_server_that_is_not_there(tmp_path):
    with Server() as gone:
        url = gone.url
    with pytest.raises(OSError, match=r"127\.0\.0\.1:\d+/x: cannot reach the server: .*refused"):
        download(f"{url}/x", tmp_path / "data.bin", SHA256, timeout=5)
    assert not (tmp_path / "data.bin").exists()


@pytest.mark.parametrize(("kind", "message"), [("missing", "404 Not Found"), ("broken", "503")])
def test_a_server_that_refuses(server, tmp_path, kind, message):
    path = tmp_path / "data.bin"
    with pytest.raises(OSError, match=f"{kind}: the server answered {message}"):
        download(f"{server.url}/{kind}", path, SHA256)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["wrong", "cut-no-length"])
def test_a_wrong_download_is_removed(server, tmp_path, kind):
    path = tmp_path / "data.bin"
    with pytest.raises(ValueError, match=rf"sha256 [0-9a-f]{{64}}, expected {SHA256}"):
        download(f"{server.url}/{kind}", path, SHA256)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("have", [100, len(CONTENT), len(CONTENT) + 5])
def test_a_part_of_something_else_is_removed(server, tmp_path, have):
    path = tmp_path / "data.bin"
    part_of(path).write_bytes(b"?" * have)
    with pytest.raises(ValueError, match="it was removed"):
        download(f"{server.url}/good", path, SHA256)
    assert os.listdir(tmp_path) == []
    download(f"{server.url}/good", path, SHA256)
    assert path.read_bytes() == CONTENT


def test_other_bytes_than_asked_for_are_refused(server, tmp_path):
    path = tmp_path / "data.bin"
    part_of(path).write_bytes(CONTENT[:100])
    with pytest.raises(OSError, match="asked for bytes 100-, the server sent other ones"):
        download(f"{server.url}/wrong-range", path, SHA256)
    assert part_of(path).read_bytes() == CONTENT[:100]


def test_a_wrong_file_of_the_users_is_left_alone(server, tmp_path):
    path = tmp_path / "data.bin"
    path.write_bytes(b"mine")
    with pytest.raises(ValueError, match="remove it to download it again"):
        download(f"{server.url}/good", path, SHA256)
    assert path.read_bytes() == b"mine"
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "sha256", "message"),
    [
        ("http://127.0.0.1:1/x", "123", "64 hexadecimal digits"),
        ("http://127.0.0.1:1/x", "z" * 64, "64 hexadecimal digits"),
        ("file:///etc/passwd", SHA256, "http or https"),
        ("127.0.0.1/x", SHA256, "http or https"),
    ],
)
def test_arguments_are_looked_at_first(tmp_path, url, sha256, message):
    with pytest.raises(ValueError, match=message):
        download(url, tmp_path / "data.bin", sha256)


def test_data_root(monkeypatch, tmp_path):
    monkeypatch.setenv("WODE_DATA", str(tmp_path))
    assert data_root() == tmp_path
    monkeypatch.setenv("WODE_DATA", "")
    if sys.platform != "linux":
        assert data_root().name == "wode"
        return
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert data_root() == tmp_path / "cache" / "wode"
    assert not data_root().exists()
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert data_root() == Path.home() / ".cache" / "wode"


# ---------------------------------------------------------------- real data


def test_real_cifar10(tmp_path):
    archive = data_root() / "cifar10" / "cifar10-jpeg.tar.gz"
    if not archive.exists():
        pytest.skip(f"no {archive}: WODE_DATA names the folder of the real data sets")
    with tarfile.open(archive, "r|gz") as tar:  # the first test images are enough; 60 000 take long
        wanted: dict[str, int] = {}
        for member in tar:
            parts = Path(member.name).parts
            if member.isfile() and parts[-3] == "test" and wanted.get(parts[-2], 0) < 20:
                wanted[parts[-2]] = wanted.get(parts[-2], 0) + 1
                tar.extract(member, tmp_path, filter="data")
    root = next(tmp_path.rglob("test"))
    dataset = ImageFolder(root)
    assert len(dataset.classes) == 10
    assert "airplane" in dataset.classes
    assert len(dataset) == 200
    image, label = dataset[0]
    assert (image.mode, image.size, label) == ("RGB", (32, 32), 0)
    assert np.mean([np.asarray(image).std() for image, _ in items(dataset)]) > 20  # photographs
