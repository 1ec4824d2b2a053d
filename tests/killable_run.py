"""A training run to be killed: ``python tests/killable_run.py FOLDER WORKERS``.

It leaves checkpoint.pth, log.jsonl and, at its end, final.pth in FOLDER; started again it goes on.
Chance comes from everywhere: dropout, shuffling, and augmentation by torch, NumPy and Python.
"""

import random
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from forking import nothing_shared, serve
from torch import nn
from torch.utils.data import DataLoader, Dataset

from wode.files.checkpoint import random_state, save_checkpoint
from wode.training import MetricsLog, seed_everything, train

EPOCHS, EXAMPLES, BATCH, EVERY = 3, 100, 8, 2  # 13 steps an epoch, 21 rows and checkpoints
STEPS = EPOCHS * -(-EXAMPLES // BATCH)


class Noisy(Dataset):
    """Items whose values depend on three global sources of chance; the first is the index."""

    def __len__(self) -> int:
        return EXAMPLES

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        noise = [torch.rand(()).item(), float(np.random.rand()), random.random()]  # noqa: NPY002
        return torch.tensor([float(index), *noise, index % 7.0]), index % 3


class Model(nn.Module):
    """Remembers the order of the data, and weighs more than the log, to be told from it."""

    order: torch.Tensor
    step: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(4, 16), nn.BatchNorm1d(16), nn.Dropout(0.3), nn.Linear(16, 3)
        )
        self.register_buffer("order", torch.full((STEPS, BATCH), -1.0))
        self.register_buffer("step", torch.tensor(0))
        self.register_buffer("ballast", torch.rand(20_000))  # 80 KB

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training:
            self.order[self.step, : len(x)] = x[:, 0]
            self.step += 1
        return self.net(x[:, 1:])


def run(place: str, workers: str) -> int:
    """Train, from the checkpoint in ``place`` if there is one, and save what came out."""
    folder, generator = Path(place), seed_everything(7)
    loader = DataLoader(Noisy(), BATCH, shuffle=True, generator=generator, num_workers=int(workers))
    model = Model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=STEPS)
    train(
        model,
        loader,
        optimizer,
        F.cross_entropy,
        EPOCHS,
        scheduler=scheduler,
        log=MetricsLog(folder / "log.jsonl"),
        checkpoint=folder / "checkpoint.pth",
        every=EVERY,
        progress=False,
    )
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    state |= {"scheduler": scheduler.state_dict(), "random": random_state(generator)}
    save_checkpoint(folder / "final.pth", state)
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(run)
    else:
        nothing_shared()
        run(*sys.argv[1:])
