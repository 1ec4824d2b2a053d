"""What the chapter `resuming` includes: a run that can be gone on with, and what a disk may hold."""

import contextlib
import os
import random
from collections.abc import Iterator
from unittest import mock

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from wode.data import digits_tensors


class Run:
    """A training run: whatever changes while it trains is an attribute."""

    def __init__(self, seed: int, epochs: int = 10) -> None:
        torch.manual_seed(seed)  # dropout
        random.seed(seed)  # how far an image is moved
        self.noise = np.random.default_rng(seed)
        self.order = torch.Generator().manual_seed(seed)
        self.model = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10)
        )
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=0.01)
        self.scheduler = torch.optim.lr_scheduler.LinearLR(self.optimizer, 1, 0, epochs)
        data = TensorDataset(*digits_tensors(train=True))
        self.loader = DataLoader(data, batch_size=32, shuffle=True, generator=self.order)
        self.epoch = 0

    def state(self) -> dict:
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scheduler": self.scheduler.state_dict(),
            "epoch": self.epoch,
            "torch": torch.get_rng_state(),
            "python": random.getstate(),
            "numpy": self.noise.bit_generator.state,
            "order": self.order.get_state(),
        }

    def load(self, state: dict) -> None:
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.scheduler.load_state_dict(state["scheduler"])
        self.epoch = state["epoch"]
        torch.set_rng_state(state["torch"])
        random.setstate(state["python"])
        self.noise.bit_generator.state = state["numpy"]
        self.order.set_state(state["order"])


def step(run: Run, images: Tensor, labels: Tensor) -> float:
    """One of the seven steps' rounds, the images (B, 1, 8, 8) moved and made noisy."""
    images = images.roll(random.randint(-1, 1), dims=3)
    images = images + torch.from_numpy(run.noise.normal(0, 0.1, images.shape)).float()
    loss = F.cross_entropy(run.model.train()(images), labels)
    run.optimizer.zero_grad()
    loss.backward()
    run.optimizer.step()
    return loss.item()


def one_epoch(run: Run) -> float:
    """Train through the data once; return the mean loss."""
    losses = [step(run, images, labels) for images, labels in run.loader]
    run.scheduler.step()
    run.epoch += 1
    return sum(losses) / len(losses)


@contextlib.contextmanager
def recorded() -> Iterator[list[tuple[str, ...]]]:
    """What the block asks of the file system, in this folder, beside writing."""
    events, fsync, replace = list[tuple[str, ...]](), os.fsync, os.replace

    def noted_fsync(descriptor: int) -> None:
        inode = os.fstat(descriptor).st_ino
        events.extend(
            ("fsync", name) for name in (".", *os.listdir()) if os.stat(name).st_ino == inode
        )
        fsync(descriptor)

    def noted_replace(old: os.PathLike[str], new: os.PathLike[str]) -> None:
        events.append(("rename", os.fspath(old), os.fspath(new)))
        replace(old, new)

    with mock.patch("os.fsync", noted_fsync), mock.patch("os.replace", noted_replace):
        yield events


def disk_may_hold(steps: list[tuple[str, ...]], path: str = "run.pth") -> list[str]:
    """What ``path`` may hold if the power goes after ``steps``: they are in memory, not all on disk.

    Bytes that no fsync has forced out may be there, in part or not; names reach the disk in order,
    the last of them perhaps not.
    """
    names, kept_names = {path: 0}, [{path: 0}]  # name -> file; as it was after each change
    content = {0: {"old"}}  # file -> what the disk may hold of it
    for what, name, *new in steps:
        if what == "write":
            names.setdefault(name, len(content))
            content[names[name]] = {"nothing", "a part", "new"} | content.get(names[name], set())
        elif what == "rename":
            names[new[0]] = names.pop(name)
        elif name == ".":
            kept_names = []  # the folder is on the disk: no older list of names comes back
        else:
            content[names[name]] = {"new"}
        kept_names.append(dict(names))
    return sorted({held for listing in kept_names for held in content[listing[path]]})
