"""What adding up losses keeps in memory."""

import gc
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from training_runs import BATCH, TRAIN
from two_layers import TwoLayers


def resident() -> int:
    """Bytes of memory that this process holds (Linux)."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def kept_memory(backward: bool, item: bool, steps: int = 2000) -> float:
    """Bytes a step by which the process grows when the losses are added up."""
    torch.manual_seed(0)
    model = TwoLayers()
    images, labels = TRAIN
    x, y = images[:BATCH], labels[:BATCH]

    def run(count: int) -> Any:
        total = 0.0
        for _ in range(count):
            loss = F.cross_entropy(model(x.clone()), y)
            if backward:
                model.zero_grad()
                loss.backward()
            total = total + (loss.item() if item else loss)
        return total

    run(50)
    gc.collect()
    before = resident()
    total = run(steps)
    grown = resident() - before
    del total
    return grown / steps
