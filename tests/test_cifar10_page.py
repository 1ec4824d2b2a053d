"""The block of `cifar10` that downloads: run on an archive made here, and on the real one."""

import hashlib
import io
import pickle
import tarfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from torchvision.datasets import CIFAR10

from wode.book import ROOT
from wode.book.pages import Block, load

CLASSES = [f"class {number}" for number in range(10)]


def blocks() -> list[Block]:
    """The page's blocks, from the first to the one that downloads."""
    page = load(ROOT / "docs" / "zh" / "0_Pytorch_basics" / "cifar10.md")
    end = next(index for index, block in enumerate(page.blocks) if block.skip is not None)
    return page.blocks[: end + 1]


def archive(path: Path, per_batch: int) -> dict[str, str]:
    """A set of images made up, as CIFAR-10's author packs them; the MD5 of each file in it."""
    draw = np.random.default_rng(0)
    files = {"batches.meta": pickle.dumps({"label_names": CLASSES}, protocol=2)}
    for name, _ in [*CIFAR10.train_list, *CIFAR10.test_list]:
        batch = {
            "data": draw.integers(0, 256, (per_batch, 3072), dtype=np.uint8),
            "labels": draw.integers(0, 10, per_batch).tolist(),
        }
        files[name] = pickle.dumps(batch, protocol=2)
    with tarfile.open(path, "w:gz") as packed:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{CIFAR10.base_folder}/{name}")
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))
    return {name: hashlib.md5(content).hexdigest() for name, content in files.items()}


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a folder's files can be fetched meanwhile."""
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def run(capsys: pytest.CaptureFixture[str]) -> str:
    """What the block that downloads prints last."""
    namespace: dict[str, object] = {}
    try:
        with torch.random.fork_rng(devices=[]):
            for block in blocks():
                exec(compile(block.source, "cifar10.md", "exec"), namespace)
    finally:
        plt.close("all")
    assert Path("photographs.png").stat().st_size > 1000
    return capsys.readouterr().out.splitlines()[-1]


def test_the_block_that_downloads_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / CIFAR10.filename
    md5 = archive(made, per_batch=20)
    monkeypatch.setattr(CIFAR10, "tgz_md5", hashlib.md5(made.read_bytes()).hexdigest())
    for listed in ("train_list", "test_list"):
        names = [name for name, _ in getattr(CIFAR10, listed)]
        monkeypatch.setattr(CIFAR10, listed, [[name, md5[name]] for name in names])
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": md5["batches.meta"]})
    (tmp_path / "reader").mkdir()
    monkeypatch.chdir(tmp_path / "reader")
    with served(tmp_path) as address:
        monkeypatch.setattr(CIFAR10, "url", f"{address}/{made.name}")
        assert run(capsys) == "100 (32, 3, 32, 32) (32,)"
    assert (Path("data") / CIFAR10.base_folder / "data_batch_5").is_file()


def test_the_real_download(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    exhaustive: bool,
) -> None:
    if not exhaustive:
        pytest.skip("170 MB; under make check-all (--exhaustive), where a network answers")
    try:
        urllib.request.urlopen(CIFAR10.url, timeout=10).close()
    except OSError as error:
        pytest.skip(f"no network answers: {error}")
    monkeypatch.chdir(tmp_path)
    assert run(capsys) == "50000 (32, 3, 32, 32) (32,)"
    for lang in ("zh", "en"):
        page = (ROOT / "docs" / lang / "0_Pytorch_basics" / "cifar10.md").read_text("utf-8")
        assert "`50000 (32, 3, 32, 32) (32,)`" in page
