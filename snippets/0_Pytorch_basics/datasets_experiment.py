"""What os.listdir gives on real file systems, what wrong pairs cost, what reading at once costs.

    python snippets/0_Pytorch_basics/datasets_experiment.py

writes docs/assets/results/datasets.json. Two minutes of one core. It looks for a folder on ext4 and
one on tmpfs; where a machine has none, the numbers of that file system stay as they are in the file
and `kept_from_before` names it.
"""

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from PIL import Image
from sklearn.datasets import load_sample_image
from torch import Tensor, nn
from torch.nn import functional as F

from two_layers import TwoLayers
from wode.book import ROOT, results
from wode.data import digits_tensors

FILE_SYSTEMS = ("ext4", "tmpfs")
FOLDERS, FILES, SEEDS = 100, 100, 10


def kind(folder: str) -> str:
    """The file system that a folder lies on; empty where nothing can say so."""
    command = ["df", "--output=fstype", folder]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):  # no df, or one that knows no --output
        return ""
    return done.stdout.split()[-1]


def places() -> dict[str, str]:
    """For each of the file systems that this machine has, a folder on it to write to."""
    candidates = [tempfile.gettempdir(), "/dev/shm", str(Path.home()), str(ROOT)]
    writable = [folder for folder in candidates if os.access(folder, os.W_OK)]
    return {kind(folder): folder for folder in reversed(writable) if kind(folder) in FILE_SYSTEMS}


def written(
    root: str, order: Sequence[int], prefix: str = "", labels: str = "txt"
) -> tuple[list[str], list[str]]:
    """Empty images/0000.png … and labels/0000.txt …, made in this order."""
    for folder, suffix in (("images", "png"), ("labels", labels)):
        os.makedirs(f"{root}/{folder}")
        for number in order:
            Path(f"{root}/{folder}/{prefix}{number:04d}.{suffix}").touch()
    return os.listdir(f"{root}/images"), os.listdir(f"{root}/labels")


def number_in(name: str) -> int:
    return int(Path(name).stem[-4:])


def listings(place: str) -> dict[str, Any]:
    """Of 100 folders, how many come sorted; of 100 pairs by position, how many are right."""
    found: dict[str, Any] = {}
    for how in ("in_order", "shuffled", "same_names"):
        is_sorted, right = [], []
        suffix = "png" if how == "same_names" else "txt"  # does the difference come from the names?
        for seed in range(FOLDERS):
            order = list(range(FILES))
            if how == "shuffled":
                random.Random(seed).shuffle(order)
            with tempfile.TemporaryDirectory(dir=place) as root:
                images, labels = written(root, order, f"{seed}-", suffix)
            is_sorted.append(images == sorted(images))
            pairs = zip(images, labels, strict=True)
            right.append(sum(number_in(image) == number_in(label) for image, label in pairs))
        found[how] = {
            "sorted": sum(is_sorted),
            "right": fmean(right),
            "right_least": min(right),
            "right_most": max(right),
            "images": [number_in(name) for name in images],  # of the last folder
            "labels": [number_in(name) for name in labels],
        }
    with tempfile.TemporaryDirectory(dir=place) as root:
        written(root, range(FILES))
        os.remove(f"{root}/images/0050.png")
        Path(f"{root}/images/0050.png").touch()
        images, labels = os.listdir(f"{root}/images"), os.listdir(f"{root}/labels")
    pairs = zip(images, labels, strict=True)
    found["one_written_again"] = sum(number_in(image) == number_in(label) for image, label in pairs)
    return found


def position_of_listing(place: str, count: int, seed: int) -> Tensor:
    """The label that each image gets when two real listings are paired by position."""
    with tempfile.TemporaryDirectory(dir=place) as root:
        images, labels = written(root, range(count), prefix=f"{seed}-")
    dealt = torch.empty(count, dtype=torch.long)
    for image, label in zip(images, labels, strict=True):
        dealt[number_in(image)] = number_in(label)
    return dealt


def judged(
    images: Tensor, given: Tensor, seed: int, epochs: int, wide: bool = False
) -> dict[str, float]:
    """Train on the labels given; on the test digits, how many right and how many one too many."""
    torch.manual_seed(seed)
    model = (
        nn.Sequential(nn.Flatten(), nn.Linear(64, 1024), nn.ReLU(), nn.Linear(1024, 10))
        if wide
        else TwoLayers()
    )
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    means = []
    for _ in range(epochs):
        losses = []
        for rows in torch.randperm(len(given)).split(32):
            loss = F.cross_entropy(model(images[rows]), given[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        means.append(fmean(losses))
    test_images, test_labels = digits_tensors(train=False)
    with torch.no_grad():
        answers = model(test_images).argmax(dim=1)
        fits = (model(images).argmax(dim=1) == given).float().mean().item()
    return {
        "accuracy": (answers == test_labels).float().mean().item(),
        "one_too_many": (answers == (test_labels + 1) % 10).float().mean().item(),
        "first_loss": means[0],
        "last_loss": means[-1],
        "fits": fits,  # share of the labels it was given that it answers
    }


def a_quarter_one_more(labels: Tensor, seed: int) -> Tensor:
    """Labels drawn at random, of which about a quarter are the true one plus one."""
    source = torch.Generator().manual_seed(seed)
    drawn = torch.randint(10, labels.shape, generator=source)
    chosen = torch.rand(labels.shape, generator=source) < 0.17  # 0.17 + 0.83 / 10 = 0.25
    return torch.where(chosen, (labels + 1) % 10, drawn)


def cost_of_pairing(places: dict[str, str]) -> dict[str, dict[str, Any]]:
    """By name; the first label file missing; real listings by position; and controls."""
    images, labels = digits_tensors(train=True)
    count = len(labels)
    hows = ("name", "missing", "missing_mixed", "quarter", *places)
    arms: dict[str, list[tuple[Tensor, Tensor, Tensor]]] = {how: [] for how in hows}
    for seed in range(SEEDS):
        mixed = torch.randperm(count, generator=torch.Generator().manual_seed(seed))
        arms["name"].append((images, labels, labels))
        arms["missing"].append((images[:-1], labels[1:], labels[:-1]))
        arms["missing_mixed"].append((images[mixed][:-1], labels[mixed][1:], labels[mixed][:-1]))
        arms["quarter"].append((images, a_quarter_one_more(labels, seed), labels))
        for name, place in places.items():
            dealt = labels[position_of_listing(place, count, seed)]
            arms[name].append((images, dealt, labels))
    found: dict[str, dict[str, Any]] = {}
    for how, runs in arms.items():
        verdicts = [
            judged(x, given, seed, epochs=20)
            | {"right_labels": (given == true).float().mean().item()}
            for seed, (x, given, true) in enumerate(runs)
        ]
        found[how] = {key: round(fmean(v[key] for v in verdicts), 4) for key in verdicts[0]}
        found[how]["accuracies"] = [round(verdict["accuracy"], 4) for verdict in verdicts]
        print(how, found[how], flush=True)
    for epochs, wide in ((200, False), (200, True)):
        for how in [how for how in ("name", "ext4") if how in arms]:
            verdicts = [
                judged(x, given, seed, epochs, wide)
                for seed, (x, given, _) in enumerate(arms[how][:3])
            ]
            name = f"{how}_{'wide' if wide else 'long'}"
            found[name] = {key: round(fmean(v[key] for v in verdicts), 4) for key in verdicts[0]}
            print(name, found[name], flush=True)
    return found


MEMORY = """
import os, sys
import psutil
from PIL import Image
folder = sys.argv[1]
Image.open(f"{folder}/{sorted(os.listdir(folder))[0]}").convert("RGB")  # the decoder is loaded
before = psutil.Process().memory_info().rss
names = sorted(os.listdir(folder))
eager = names if sys.argv[2] == "eager" else []
images = [Image.open(f"{folder}/{name}").convert("RGB") for name in eager]
print((psutil.Process().memory_info().rss - before) / 2**20)
"""


def memory() -> dict[str, Any]:
    """MiB held after the constructor, in a process of its own, reading at once and names only."""
    photo = Image.fromarray(load_sample_image("china.jpg"))  # 640 × 427
    sizes = [200, 400, 800, 1600, 3200]
    held: dict[str, list[float]] = {"lazy": [], "eager": []}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for index in range(size):
                left, top = index % 512, index // 512 * 37 % 299
                crop = photo.crop((left, top, left + 128, top + 128))
                crop.save(f"{folder}/{index:05d}.jpg")
            for how, values in held.items():
                command = [sys.executable, "-c", MEMORY, folder, how]
                out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                values.append(round(float(out), 2))
        print(size, held, flush=True)
    return {"sizes": sizes, **held, "eager_last": held["eager"][-1], "lazy_last": held["lazy"][-1]}


def main() -> None:
    torch.set_num_threads(1)
    there = places()
    if missing := [name for name in FILE_SYSTEMS if name not in there]:
        named = " or ".join(missing)
        print(f"no folder on {named} here: those numbers stay as they are in the file", flush=True)
    count = len(digits_tensors(train=True)[1])
    numbers: dict[str, Any] = {"seeds": SEEDS, "folders": FOLDERS, "images": count}
    numbers["listing"] = {name: listings(place) for name, place in there.items()}
    numbers["memory"] = memory()
    numbers |= cost_of_pairing(there)
    if missing:
        before = results.read("datasets")["numbers"]
        for name in missing:
            numbers["listing"][name] = before["listing"][name]
            numbers |= {how: before[how] for how in before if how.split("_")[0] == name}
        numbers["kept_from_before"] = missing
    results.write(
        "datasets",
        numbers,
        seed=list(range(SEEDS)),
        command="python snippets/0_Pytorch_basics/datasets_experiment.py",
        note_zh="真实的文件系统列出名字的顺序；几种配对训练同一个小网络；"
        "一次读完与用到才读各占多少内存（各在新进程里测）。",
        note_en="The order in which real file systems list names; one small network on several "
        "pairings; memory of reading at once and on demand, each in a fresh process.",
    )


if __name__ == "__main__":
    main()
