"""What the chapter `resuming` includes: a run that can be gone on with."""

import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from wode.data import digits_tensors
from wode.files.checkpoint import save_checkpoint


class Run:
    def __init__(self, seed: int, epochs: int = 10, rate: float = 0.01) -> None:
        torch.manual_seed(seed)
        random.seed(seed)
        self.noise = np.random.default_rng(seed)
        self.order = torch.Generator().manual_seed(seed)
        self.model = nn.Sequential(
            nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10)
        )
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=rate)
        self.scheduler = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda epoch: max(0, 1 - epoch / epochs)
        )
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


def step(run: Run, images: torch.Tensor, labels: torch.Tensor) -> None:
    images = images.roll(random.randint(-1, 1), dims=3)  # Python's generator
    noise = torch.from_numpy(run.noise.normal(0, 0.1, images.shape))  # NumPy's
    loss = F.cross_entropy(run.model.train()(images + noise.float()), labels)  # torch's: dropout
    run.optimizer.zero_grad()
    loss.backward()
    run.optimizer.step()


def go_on(path: str, epochs: int) -> Run:
    """Begin, or go on where the file says, to the end; save after each epoch."""
    run = Run(seed=0, epochs=epochs)
    if Path(path).exists():
        run.load(torch.load(path, weights_only=True))
    while run.epoch < epochs:
        for images, labels in run.loader:
            step(run, images, labels)
        run.scheduler.step()
        run.epoch += 1
        save_checkpoint(path, run.state())
    return run
