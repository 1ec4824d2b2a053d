"""What a forward pass keeps in memory, and how far mode, numbers of 16 bits and batches move it.

    python snippets/0_Pytorch_basics/inference_experiment.py

asks small networks of five seeds; writes docs/assets/results/inference.json. Half a minute.
"""

import copy
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import torch

from inference import accuracy_by_batch, saved_bytes, trained_network
from wode.book import results
from wode.data import digits_tensors
from wode.vision import WodeNet

SEEDS = [0, 1, 2, 3, 4]


def memory_and_time(batch_sizes: list[int]) -> dict:
    """Bytes kept and CPU seconds of one forward pass, with gradients, no_grad, inference_mode."""
    model = WodeNet().eval()
    ways: dict[str, Callable[[], AbstractContextManager]] = {
        "grad": torch.enable_grad,
        "no_grad": torch.no_grad,
        "inference_mode": torch.inference_mode,
    }
    kept: dict[str, list[int]] = {name: [] for name in ways}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for batch_size in batch_sizes:
        images = torch.rand(batch_size, 1, 8, 8)
        times: dict[str, list[float]] = {name: [] for name in ways}
        for repeat in range(31):
            for name, context in ways.items():  # in turn, so that a busy machine hits all alike
                with context():
                    start = time.process_time()
                    model(images)
                    times[name].append(time.process_time() - start)
                    if repeat == 0:
                        kept[name].append(saved_bytes(model, images))
        for name in ways:
            seconds[name].append(statistics.median(times[name]))
    ratio = {
        name: [t / g for t, g in zip(seconds[name], seconds["grad"], strict=True)] for name in ways
    }
    per_image = kept["grad"][-1] / batch_sizes[-1]
    return {"batch_sizes": batch_sizes, "bytes": kept, "ratio": ratio, "per_image": per_image}


def modes(models: list[WodeNet], batch_sizes: list[int]) -> dict:
    """Test accuracy in eval mode, and in train mode by batch size, images shuffled or sorted."""
    images, labels = digits_tensors(train=False)
    shuffled = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    by_class = labels.argsort(stable=True)
    table: dict[str, list] = {"eval": [], "shuffled": [], "sorted": []}
    for model in models:
        model.eval()
        table["eval"].append(accuracy_by_batch(model, images, labels, 360))
        model.train()
        for name, order in (("shuffled", shuffled), ("sorted", by_class)):
            torch.manual_seed(0)
            table[name].append(
                [accuracy_by_batch(model, images[order], labels[order], b) for b in batch_sizes]
            )
    mean = {name: torch.tensor(table[name]).mean(dim=0).tolist() for name in table}
    return {"batch_sizes": batch_sizes, "each": table, "mean": mean}


def precision(models: list[WodeNet]) -> dict:
    """How far 16-bit weights and activations move the logits, and how many predictions change."""
    images, labels = digits_tensors(train=False)
    table = {}
    for name, dtype in (("bfloat16", torch.bfloat16), ("float16", torch.float16)):
        largest, relative, changed, accuracy = [], [], 0, []
        for model in models:
            model.eval()
            half = copy.deepcopy(model).to(dtype)
            with torch.inference_mode():
                full, low = model(images), half(images.to(dtype)).float()  # (360, 10)
            largest.append((full - low).abs().max().item())
            relative.append(((full - low).norm() / full.norm()).item())
            changed += int((full.argmax(1) != low.argmax(1)).sum())
            accuracy.append((low.argmax(1) == labels).double().mean().item())
        table[name] = {
            "largest": max(largest),
            "relative": statistics.mean(relative),
            "changed": changed,
            "of": len(models) * len(labels),
            "accuracy": statistics.mean(accuracy),
        }
    return table


def batch_invariance(models: list[WodeNet]) -> dict:
    """The same images one by one, in batches of 7 and 64, and all at once: logits compared."""
    images, _ = digits_tensors(train=False)
    table = {}
    for batch_size in (1, 7, 64):
        largest, equal, changed = 0.0, 0, 0
        for model in models:
            model.eval()
            with torch.inference_mode():
                whole = model(images)  # (360, 10)
                parts = torch.cat([model(batch) for batch in images.split(batch_size)])
            largest = max(largest, (whole - parts).abs().max().item())
            equal += int((whole == parts).sum())
            changed += int((whole.argmax(1) != parts.argmax(1)).sum())
        table[str(batch_size)] = {
            "largest": largest,
            "equal": equal / (len(models) * images.shape[0] * 10),
            "changed": changed,
        }
    return table


def file_sizes(model: WodeNet, folder: Path) -> dict:
    """Bytes of the state dict on disk in float32 and in bfloat16."""
    sizes = {}
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        path = folder / f"{name}.pth"
        torch.save(copy.deepcopy(model).to(dtype).state_dict(), path)
        sizes[name] = path.stat().st_size
    return sizes


def main() -> None:
    models = [trained_network(seed) for seed in SEEDS]
    with tempfile.TemporaryDirectory() as folder:
        numbers = {
            "memory": memory_and_time([1, 4, 16, 64, 256]),
            "modes": modes(models, [1, 2, 4, 8, 16, 32, 64, 128, 360]),
            "precision": precision(models),
            "batch": batch_invariance(models),
            "file": file_sizes(models[0], Path(folder)),
        }
    for name, value in numbers.items():
        print(name, value)
    results.write(
        "inference",
        numbers,
        seed=SEEDS,
        command="python snippets/0_Pytorch_basics/inference_experiment.py",
        note_zh="推理时的内存、训练模式与求值模式、16 位精度、批大小，五个种子的小网络。",
        note_en="Memory of a forward pass, train and eval mode, 16-bit numbers, batch sizes: "
        "small networks of five seeds.",
    )


if __name__ == "__main__":
    main()
