"""The chapter `training`: the seven steps, and its experiments.

    python snippets/0_Pytorch_basics/training.py

trains the digits with ten seeds, compares recipes by cross-validation on the training part alone,
and measures what forgetting ``zero_grad`` does, all into docs/assets/results/training.json. About
five minutes of one core.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset, default_collate
from torchvision.transforms import v2

from wode.book import results
from wode.data import Digits, digits_tensors
from wode.training import accuracy, seed_everything, train
from wode.vision import WodeNet

EPOCHS = 20
SEEDS = list(range(10))


# --8<-- [start:data]
to_tensor = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
train_data = Digits(train=True, transform=to_tensor)
test_data = Digits(train=False, transform=to_tensor)
# --8<-- [end:data]


def jitter(images: Tensor) -> Tensor:
    """Turn, scale and shift each image (B, C, 8, 8) a little: ±10°, ±10 %, ±half a pixel."""
    angle, scale, right, down = torch.empty(4, len(images)).uniform_(-1, 1)  # (B,) each
    angle, scale = torch.deg2rad(10 * angle), 1 + 0.1 * scale
    cos, sin = angle.cos() / scale, angle.sin() / scale
    theta = torch.stack([cos, -sin, right / 8, sin, cos, down / 8], dim=1)  # (B, 6)
    grid = F.affine_grid(theta.unflatten(1, (2, 3)), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)  # (B, C, 8, 8)


def jittered(batch: list[tuple[Tensor, int]]) -> tuple[Tensor, Tensor]:
    """Collate a batch as usual, then move its images: images (B, C, H, W), labels (B,)."""
    images, labels = default_collate(batch)
    return jitter(images), labels


def seven_steps(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    optimizer: Optimizer,
    scheduler: LRScheduler,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    epochs: int,
    path: str,
) -> list[float]:
    """Train ``model`` and save its weights to ``path``; return each step's loss."""
    losses = []
    model.train()
    for _epoch in range(epochs):
        for images, labels in loader:  # 1. take data and labels: (B, 1, 8, 8), (B,)
            logits = model(images)  # 2. forward: (B, 10)
            loss = loss_fn(logits, labels)  # 3. loss: ()
            optimizer.zero_grad()  # 4. zero_grad
            loss.backward()  # 5. backward
            optimizer.step()  # 6. step
            scheduler.step()
            losses.append(loss.item())
    torch.save(model.state_dict(), path)  # 7. save
    return losses


def prepare(
    seed: int, epochs: int, data: Dataset, collate_fn: Callable | None = None
) -> tuple[WodeNet, DataLoader, Optimizer, LRScheduler]:
    """A new network with what trains it; the seed decides its weights and the order of the data."""
    generator = seed_everything(seed)
    model = WodeNet()
    loader = DataLoader(
        data, batch_size=64, shuffle=True, collate_fn=collate_fn, generator=generator
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    scheduler = OneCycleLR(optimizer, max_lr=1e-2, total_steps=epochs * len(loader))
    return model, loader, optimizer, scheduler


def cross_entropy_gradient(logits: Tensor, labels: Tensor) -> Tensor:
    """Gradient of the mean cross-entropy by the logits (B, K): (p − y) / B."""
    p = logits.softmax(dim=1)  # (B, K)
    y = F.one_hot(labels, num_classes=logits.shape[1])  # (B, K)
    return (p - y) / len(logits)


def interruptible(checkpoint: str | None, stop: int | None = None) -> dict[str, Tensor]:
    """Train three epochs, a checkpoint every five steps; Ctrl-C, as it were, in step ``stop``."""
    generator = seed_everything(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.Dropout(0.2), nn.Linear(32, 10))
    data = TensorDataset(*digits_tensors(train=True))
    loader = DataLoader(data, batch_size=64, shuffle=True, generator=generator)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    steps = itertools.count(1)

    def loss_fn(logits: Tensor, labels: Tensor) -> Tensor:
        if next(steps) == stop:
            raise KeyboardInterrupt
        return F.cross_entropy(logits, labels)

    train(model, loader, optimizer, loss_fn, 3, checkpoint=checkpoint, every=5, progress=False)
    return model.state_dict()


def without_zero_grad(
    optimizer_name: str, lr: float, clear: bool, seed: int, epochs: int = 5
) -> float:
    """Test accuracy of a small network on the digits, trained with or without ``zero_grad``."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = getattr(torch.optim, optimizer_name)(model.parameters(), lr=lr)
    loader = DataLoader(TensorDataset(*digits_tensors(train=True)), 64, shuffle=True)
    for _epoch in range(epochs):
        for images, labels in loader:
            loss = F.cross_entropy(model(images), labels)
            if clear:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return accuracy(model, DataLoader(TensorDataset(*digits_tensors(train=False)), 360))


# ---------------------------------------------------------------- experiments


def curves() -> dict:
    """Loss and test accuracy after each epoch, for each seed, with the chapter's recipe."""
    test_loader = DataLoader(test_data, batch_size=360)
    rows, seconds = [], []
    for seed in SEEDS:
        model, loader, optimizer, scheduler = prepare(seed, EPOCHS, train_data, jittered)
        start = time.process_time()
        rows.append(
            train(
                model,
                loader,
                optimizer,
                nn.CrossEntropyLoss(label_smoothing=0.1),
                EPOCHS,
                scheduler=scheduler,
                progress=False,
                evaluate=lambda model: {"accuracy": accuracy(model, test_loader)},
            )
        )
        seconds.append(time.process_time() - start)
        print(f"seed {seed}: {rows[-1][-1]['accuracy']:.4f} in {seconds[-1]:.1f} CPU s", flush=True)
    final = [run[-1]["accuracy"] for run in rows]
    return {
        "loss": [[row["loss"] for row in run] for run in rows],
        "accuracy": [[row["accuracy"] for row in run] for run in rows],
        "final": {
            "mean": statistics.mean(final),
            "min": min(final),
            "max": max(final),
            "each": final,
            "wrong_min": round(360 * (1 - max(final))),
            "wrong_max": round(360 * (1 - min(final))),
            "reached": sum(value >= 0.99 for value in final),
        },
        "epochs": EPOCHS,
        "seeds": len(SEEDS),
        "cpu_seconds": statistics.median(seconds),
    }


def cross_validation(folds: int = 4) -> dict:
    """Accuracy of three recipes on held-out quarters of the training part, no test image."""
    shuffled = torch.randperm(len(train_data), generator=torch.Generator().manual_seed(99))
    parts = shuffled.chunk(folds)
    recipes = {"plain": (None, 0.0), "smoothing": (None, 0.1), "both": (jittered, 0.1)}
    table = {}
    for name, (collate_fn, smoothing) in recipes.items():
        loss_fn = nn.CrossEntropyLoss(label_smoothing=smoothing)
        right = []
        for fold, held_out in enumerate(parts):
            kept = torch.cat([part for i, part in enumerate(parts) if i != fold]).tolist()
            model, loader, optimizer, scheduler = prepare(
                fold, EPOCHS, Subset(train_data, kept), collate_fn
            )
            train(model, loader, optimizer, loss_fn, EPOCHS, scheduler=scheduler, progress=False)
            held_out_data = Subset(train_data, held_out.tolist())
            right.append(accuracy(model, DataLoader(held_out_data, batch_size=400)))
        table[name] = {"mean": statistics.mean(right), "min": min(right), "each": right}
        print(name, f"{table[name]['mean']:.4f}", flush=True)
    return table


def forgotten() -> dict:
    """Accuracy with and without ``zero_grad``: two optimizers, several rates, five seeds."""
    rates = {
        "SGD": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0],
        "AdamW": [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03],
    }
    table: dict[str, dict] = {}
    for name, values in rates.items():
        table[name] = {"rates": values}
        for key, clear in (("cleared", True), ("forgotten", False)):
            runs = [[without_zero_grad(name, lr, clear, s) for s in range(5)] for lr in values]
            mean = [statistics.mean(run) for run in runs]
            table[name][key] = {"each": runs, "mean": mean, "best": max(mean)}
            print(name, key, [f"{value:.3f}" for value in mean], flush=True)
    return table


def main() -> None:
    numbers = curves()
    numbers["forgotten"] = forgotten()
    numbers["validation"] = cross_validation()
    results.write(
        "training",
        numbers,
        seed=SEEDS,
        command="python snippets/0_Pytorch_basics/training.py",
        note_zh="WodeNet 在 360 张测试数字上的正确率，十个种子；忘记 zero_grad 的对照；"
        "只用训练部分做的交叉验证。",
        note_en="Accuracy of WodeNet on the 360 test digits over ten seeds; what forgetting "
        "zero_grad does; a cross-validation on the training part alone.",
    )


if __name__ == "__main__":
    main()
