"""What the chapter `training` includes: the seven steps, and what surrounds them."""

import itertools
from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR
from torch.utils.data import DataLoader, Dataset, TensorDataset, default_collate
from torchvision.transforms import v2

from wode.data import Digits, digits_tensors
from wode.training import accuracy, seed_everything, train
from wode.vision import WodeNet

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
