"""Two measurements on folders of images. Writes results/datasets.json.

    python snippets/0_Pytorch_basics/datasets.py

What a wrong pairing of images and labels costs, and what reading everything at once costs.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import Dataset

from wode.data import Digits, digits_tensors


def write_pairs(root: Path, indices: Sequence[int]) -> None:
    """Write digits as root/images/0000.png and their labels as root/labels/0000.txt."""
    digits = Digits(train=True)
    for folder in ("images", "labels"):
        (root / folder).mkdir(parents=True)
    for number, index in enumerate(indices):
        image, label = digits[index]
        image.save(root / "images" / f"{number:04d}.png")
        (root / "labels" / f"{number:04d}.txt").write_text(f"{label}\n", encoding="utf-8")


class FolderDataset(Dataset):
    def __init__(self, images: Path, labels: Path) -> None:
        self.images, self.labels = Path(images), Path(labels)
        self.names = sorted(os.listdir(images))

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> tuple[Image.Image, str]:
        image_path = self.images / self.names[index]
        label_path = self.labels / f"{image_path.stem}.txt"
        with Image.open(image_path) as image:
            image.load()
        return image, label_path.read_text(encoding="utf-8").strip()


def expected_share(counts: Sequence[int]) -> float:
    """Share of right labels when labels are dealt out at random: the sum of the squared shares."""
    total = sum(counts)
    return sum((count / total) ** 2 for count in counts)


def pair(labels: Tensor, how: str, generator: torch.Generator) -> Tensor:
    """The labels as three loaders would deal them out to images 0, 1, 2, …

    "name" matches names; "missing" pairs two sorted listings by position though the label file of
    image 0 is missing; "unsorted" pairs two listings in whatever order the file system keeps.
    """
    if how == "name":
        return labels
    if how == "missing":
        return labels.roll(-1)  # image i gets label i + 1
    return labels[torch.randperm(len(labels), generator=generator)]


def train_with(labels: Tensor, seed: int, epochs: int = 20) -> nn.Module:
    """A small network trained on the digits with these labels."""
    images, _ = digits_tensors(train=True)  # (N, 1, 8, 8)
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(epochs):
        for rows in torch.randperm(len(labels)).split(64):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


@torch.no_grad()
def judge(model: nn.Module, train_labels: Tensor) -> dict[str, float]:
    """Loss on the labels it was given; on test images, shares of right and "one too many"."""
    images, labels = digits_tensors(train=False)
    answers = model(images).argmax(dim=1)  # (360,)
    return {
        "train_loss": F.cross_entropy(model(digits_tensors(train=True)[0]), train_labels).item(),
        "accuracy": (answers == labels).float().mean().item(),
        "one_too_many": (answers == (labels + 1) % 10).float().mean().item(),
    }


MEMORY = """
import sys
from pathlib import Path
import psutil
from wode.data.images import list_names, read_image
folder = Path(sys.argv[1])
read_image(folder / list_names(folder)[0])  # Pillow's decoder is loaded before the measurement
before = psutil.Process().memory_info().rss
paths = [folder / name for name in list_names(folder)]
images = [read_image(path) for path in paths] if sys.argv[2] == "eager" else []
print((psutil.Process().memory_info().rss - before) / 2**20)
"""


def memory_of_constructor(folder: Path, kind: str) -> float:
    """Memory held in MiB, measured in a fresh process; kind is "eager" or "lazy"."""
    out = subprocess.run(
        [sys.executable, "-c", MEMORY, str(folder), kind],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(out.stdout)


def main() -> None:
    from sklearn.datasets import load_sample_image

    from wode.book import results

    seeds = list(range(10))
    _, labels = digits_tensors(train=True)
    numbers: dict[str, object] = {
        "seeds": len(seeds),
        "images": len(labels),
        "expected_share": expected_share(labels.bincount().tolist()),
    }
    for how in ("name", "missing", "unsorted"):
        verdicts = []
        for seed in seeds:
            dealt = pair(labels, how, torch.Generator().manual_seed(seed))
            verdict = judge(train_with(dealt, seed), dealt)
            verdicts.append(verdict | {"right_labels": (dealt == labels).float().mean().item()})
        means = {key: statistics.fmean(verdict[key] for verdict in verdicts) for key in verdicts[0]}
        numbers[how] = {key: round(value, 4) for key, value in means.items()} | {
            "accuracies": [round(verdict["accuracy"], 4) for verdict in verdicts]
        }
        print(how, numbers[how])

    sizes = [200, 400, 800, 1600, 3200]
    photo = Image.fromarray(load_sample_image("china.jpg"))  # 640 × 427
    lazy, eager = [], []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            for index in range(size):
                left, top = index % 512, index // 512 * 37 % 299
                crop = photo.crop((left, top, left + 128, top + 128))
                crop.save(Path(folder, f"{index:05d}.jpg"))
            lazy.append(memory_of_constructor(Path(folder), "lazy"))
            eager.append(memory_of_constructor(Path(folder), "eager"))
        print(size, lazy[-1], eager[-1])
    numbers["memory"] = {
        "sizes": sizes,
        "pixels": 128,
        "lazy_mib": [round(memory, 2) for memory in lazy],
        "eager_mib": [round(memory, 2) for memory in eager],
        "eager_last": round(eager[-1], 1),
        "lazy_last": round(lazy[-1], 1),
        "count_last": sizes[-1],
    }
    results.write(
        "datasets",
        numbers,
        seed=seeds,
        command="python snippets/0_Pytorch_basics/datasets.py",
        note_zh="三种配对方式训练同一个小网络；一次读完与用到才读各占多少内存（各在新进程里测）。",
        note_en="One small network trained on three pairings of images and labels; memory of "
        "reading everything at once against reading on demand, each in a fresh process.",
    )


if __name__ == "__main__":
    main()
