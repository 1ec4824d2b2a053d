"""Drawn digits against scans: what a drawing may change before the answer does; memory; 16 bits.

    python snippets/0_Pytorch_basics/inference_experiment.py

asks networks of ten seeds about fifty drawings and 360 scans, each changed in several ways, and
writes docs/assets/results/inference.json. Three minutes.
"""

import copy
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from drawings import HANDS, digits_of
from two_layers import TwoLayers
from wode.book import results
from wode.data import digits_tensors
from wode.training import train

Scores = Callable[[Tensor], Tensor]
SEEDS = list(range(10))
THIN = ("pen", "calculator", "slanted")
SHIFTS = {"right": (1, 0), "left": (-1, 0), "down": (0, 1), "up": (0, -1)}


def shifted(images: Tensor, dx: int, dy: int) -> Tensor:
    """Moved by up to two pixels; what leaves is lost, what comes in is 0."""
    moved = F.pad(images, (2, 2, 2, 2)).roll((dy, dx), dims=(2, 3))
    return moved[:, :, 2:-2, 2:-2]


def spread(images: Tensor) -> Tensor:
    """Each line a pixel wider on both sides, with the same ink: all of it paler."""
    kernel = torch.tensor([[1, 2, 1], [2, 4, 2], [1, 2, 1.0]]) / 16
    return F.conv2d(images, kernel[None, None], padding=1)


def soft(images: Tensor) -> Tensor:
    """Each line a pixel wider on both sides, grey at its edges."""
    return (2 * spread(images)).clamp(max=1)


def centres(images: Tensor) -> Tensor:
    """Where the middle of the ink is, row and column: (B, 2)."""
    share = images / images.sum(dim=(1, 2, 3), keepdim=True)
    places = torch.arange(8.0)
    rows, columns = share.sum(dim=(1, 3)) @ places, share.sum(dim=(1, 2)) @ places
    return torch.stack([rows, columns], dim=1)


def centred(images: Tensor) -> Tensor:
    """Each moved by whole pixels to where the scans' ink has its middle on average."""
    by = (centres(digits_tensors(train=True)[0]).mean(dim=0) - centres(images)).round().int()
    return torch.cat(
        [
            shifted(image[None], *pair)
            for image, pair in zip(images, by.flip(1).tolist(), strict=True)
        ]
    )


CHANGES = {
    "as_is": lambda images: images,
    "black": lambda images: (images > 0.4).float(),  # + and # alike: no greys
    "blacker": lambda images: (images > 0.8).float(),
    "thick": lambda images: torch.maximum(images, shifted(images, 1, 0)),  # one pixel, to the right
    "soft": soft,
    "spread": spread,
    "centred": centred,
    "soft_black": lambda images: (soft(images) > 0.4).float(),  # as wide, but no greys
    "half": lambda images: images / 2,
    "inverted": lambda images: 1 - images,
    **{name: lambda images, by=by: shifted(images, *by) for name, by in SHIFTS.items()},
}


def linear() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


def fitted(
    seed: int,
    images: Tensor,
    labels: Tensor,
    make: Callable[[], nn.Module] = TwoLayers,
    epochs: int = 20,
    lr: float = 0.1,
) -> nn.Module:
    """The seven steps as on the page."""
    torch.manual_seed(seed)
    data = TensorDataset(images, labels)
    model = make()
    sgd = torch.optim.SGD(model.parameters(), lr=lr)
    loader = DataLoader(data, batch_size=32, shuffle=True)
    train(model, loader, sgd, F.cross_entropy, epochs=epochs, progress=False)
    return model.eval()


def nearest(images: Tensor, labels: Tensor) -> Scores:
    """A rival that learns nothing: the label of the scan that differs least."""

    def scores(asked: Tensor) -> Tensor:
        rows = torch.cdist(asked.flatten(1), images.flatten(1)).argmin(dim=1)
        return F.one_hot(labels[rows], 10).float()

    return scores


def share_right(model: Scores, images: Tensor, labels: Tensor) -> float:
    with torch.no_grad():
        return (model(images).argmax(dim=1) == labels).double().mean().item()


def asked(models: Sequence[Scores]) -> dict[str, dict]:
    """Of each change and group: the mean over the models, the lowest and the highest."""
    groups = {"scans": digits_tensors(train=False)}
    groups |= {hand: (digits_of(hand), torch.arange(10)) for hand in HANDS}
    for name, hands in (("thin", THIN), ("all", HANDS)):
        drawings = torch.cat([digits_of(hand) for hand in hands])
        groups[name] = (drawings, torch.arange(10).repeat(len(hands)))
    table: dict[str, dict] = {}
    for change, apply in CHANGES.items():
        table[change] = {}
        for group, (images, labels) in groups.items():
            found = [share_right(model, apply(images), labels) for model in models]
            table[change][group] = {
                "mean": statistics.fmean(found),
                "low": min(found),
                "high": max(found),
            }
    table["shifted"] = {
        group: {"mean": statistics.fmean(table[name][group]["mean"] for name in SHIFTS)}
        for group in groups
    }
    return table


def kept_bytes(model: nn.Module, images: Tensor) -> int:
    """Bytes that a forward pass keeps for the backward pass, the parameters left out."""
    own = {parameter.data_ptr() for parameter in model.parameters()}
    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        if tensor.data_ptr() not in own:
            kept[tensor.data_ptr()] = tensor.nbytes  # once, however often it is kept
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        scores = model(images)  # held, so that no address is used twice
    del scores
    return sum(kept.values())


def memory_and_time(batch_sizes: list[int]) -> dict:
    """Bytes kept, and CPU seconds as a share of those with gradients."""
    model = TwoLayers().eval()
    ways = {
        "grad": torch.enable_grad,
        "no_grad": torch.no_grad,
        "inference_mode": torch.inference_mode,
    }
    kept, ratio = {name: [] for name in ways}, {name: [] for name in ways}
    for size in batch_sizes:
        images = torch.rand(size, 1, 8, 8)
        times = {name: [] for name in ways}
        for _ in range(101):
            for name, context in ways.items():  # in turn: a busy machine hits all alike
                with context():
                    start = time.process_time()
                    for _ in range(20):
                        model(images)
                    times[name].append(time.process_time() - start)
        for name, context in ways.items():
            with context():
                kept[name].append(kept_bytes(model, images))
            ratio[name].append(statistics.median(times[name]) / statistics.median(times["grad"]))
    return {"batch_sizes": batch_sizes, "bytes": kept, "ratio": ratio}


def halves(models: list[nn.Module]) -> dict:
    """How many answers change when weights and images have 16 bits."""
    images, _ = digits_tensors(train=False)
    table = {}
    for name, dtype in (("float16", torch.float16), ("bfloat16", torch.bfloat16)):
        changed, relative = 0, []
        for model in models:
            with torch.no_grad():
                full = model(images)
                low = copy.deepcopy(model).to(dtype)(images.to(dtype)).float()
            changed += int((full.argmax(1) != low.argmax(1)).sum())
            relative.append(((full - low).norm() / full.norm()).item())
        table[name] = {
            "changed": changed,
            "of": len(models) * len(images),
            "relative": statistics.fmean(relative),
        }
    return table


def main() -> None:
    torch.set_num_threads(1)
    images, labels = digits_tensors(train=True)
    copies = torch.cat([images, *(shifted(images, *by) for by in SHIFTS.values())])
    thin = torch.cat([images, CHANGES["blacker"](images)])  # and copies with thinner lines
    models = [fitted(seed, images, labels) for seed in SEEDS]
    numbers: dict[str, Any] = {
        "seeds": len(SEEDS),
        "two_layers": asked(models),
        "linear": asked([fitted(seed, images, labels, linear) for seed in SEEDS]),
        "nearest": asked([nearest(images, labels)]),
        "moved": asked([fitted(seed, copies, labels.repeat(5)) for seed in SEEDS]),
        "thinned": asked([fitted(seed, thin, labels.repeat(2)) for seed in SEEDS]),
        "centres": {"scans": centres(digits_tensors(train=False)[0]).mean(dim=0).tolist()}
        | {hand: centres(digits_of(hand)).mean(dim=0).tolist() for hand in HANDS},
        "moved_short": asked([fitted(seed, copies, labels.repeat(5), epochs=4) for seed in SEEDS]),
        "settings": {},
        "answers": {},
        "drawings": {hand: (2 * digits_of(hand)).int().flatten(1).tolist() for hand in HANDS},
    }
    for epochs, lr in ((5, 0.1), (60, 0.1), (20, 0.03), (20, 0.3)):
        others = [fitted(seed, images, labels, epochs=epochs, lr=lr) for seed in SEEDS]
        found = asked(others)
        numbers["settings"][f"{epochs}_{lr}".replace(".", "")] = {
            change: {group: found[change][group] for group in ("scans", "thin", "pencil", "all")}
            for change in ("as_is", "black", "soft", "soft_black", "shifted")
        }
    for hand in HANDS:
        with torch.no_grad():
            probability = models[0](digits_of(hand)).softmax(dim=1)
        numbers["answers"][hand] = probability.mul(1000).round().div(1000).tolist()
    test_images, test_labels = digits_tensors(train=False)
    with torch.no_grad():
        first = models[0](test_images[:1]).softmax(dim=1)[0]
    numbers["first"] = {
        "label": test_labels[0].item(),
        "probability": first.mul(1000).round().div(1000).tolist(),
        "pixels": test_images[0].mul(16).round().int().flatten().tolist(),
    }
    numbers["grey"] = {
        "ink": (images > 0).double().mean().item(),
        "share": ((images > 0) & (images < 1)).double().sum().item() / int((images > 0).sum()),
    }
    untrained = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        untrained.append(share_right(TwoLayers(), test_images, test_labels))
    numbers["untrained"] = {"low": min(untrained), "high": max(untrained)}
    numbers["half"] = halves(models)
    numbers["memory"] = memory_and_time([1, 4, 16, 64, 256, 1024])
    results.write(
        "inference",
        numbers,
        seed=SEEDS,
        command="python snippets/0_Pytorch_basics/inference_experiment.py",
        note_zh="两层的网络认五十个画出来的数字和 360 张扫描，各变几个样子；"
        "对手是线性层和最近的一张；前向留下的内存，16 位精度。",
        note_en="Two layers asked about fifty drawn digits and 360 scans, changed in several ways; "
        "rivals: a linear layer, the nearest scan; memory of a forward pass; 16-bit numbers.",
    )


if __name__ == "__main__":
    main()
