"""What a wrong pairing of images and labels costs, and what reading everything at once costs.

    python snippets/0_Pytorch_basics/datasets_experiment.py

writes docs/assets/results/datasets.json. Half a minute of one core.
"""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from sklearn.datasets import load_sample_image

from datasets import judge, pair, train_with
from wode.book import results
from wode.data import digits_tensors


def expected_share(counts: Sequence[int]) -> float:
    """Share of right labels when labels are dealt out at random: the sum of the squared shares."""
    total = sum(counts)
    return sum((count / total) ** 2 for count in counts)


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
        command="python snippets/0_Pytorch_basics/datasets_experiment.py",
        note_zh="三种配对方式训练同一个小网络；一次读完与用到才读各占多少内存（各在新进程里测）。",
        note_en="One small network trained on three pairings of images and labels; memory of "
        "reading everything at once against reading on demand, each in a fresh process.",
    )


if __name__ == "__main__":
    main()
