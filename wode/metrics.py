"""What is measured while training: a log of rows for plots, and the accuracy of a classifier."""

import json
import os
from collections.abc import Mapping, Sized
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from wode.files.atomic import write_atomically


class MetricsLog:
    """One dict a row, in memory (``rows``) and, with a path, in a file of JSON lines."""

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = None if path is None else Path(path)
        self.rows: list[dict[str, Any]] = []

    def write(self, row: Mapping[str, Any]) -> None:
        """Append one row; it is in the file when this returns."""
        line = self._line(row)
        self.rows.append(dict(row))
        if self.path is not None:
            with self.path.open("ab") as file:
                file.write(line)

    def restart(self, rows: list[dict[str, Any]]) -> None:
        """Make ``rows`` the whole log: what a killed run wrote after its checkpoint is dropped."""
        self.rows = [dict(row) for row in rows]
        if self.path is not None:
            write_atomically(self.path, lambda file: file.writelines(map(self._line, self.rows)))

    @staticmethod
    def _line(row: Mapping[str, Any]) -> bytes:
        return json.dumps(dict(row), allow_nan=False, ensure_ascii=False).encode() + b"\n"


Inputs = Tensor | Mapping[str, Tensor]  # a mapping gives the model's arguments by their names


def moved(inputs: Inputs, device: torch.device) -> Inputs:
    """The inputs of a batch, on ``device``."""
    if isinstance(inputs, Tensor):
        return inputs.to(device)
    return {name: tensor.to(device) for name, tensor in inputs.items()}


def applied(model: nn.Module, inputs: Inputs) -> Tensor:
    """``model(inputs)``, or ``model(name=tensor, …)`` where the inputs have names."""
    return model(inputs) if isinstance(inputs, Tensor) else model(**inputs)


@torch.no_grad()
def accuracy(
    model: nn.Module, loader: DataLoader, device: str | torch.device | None = None
) -> float:
    """Share of examples whose largest logit is the label's; the model's mode is put back.

    The model gives logits (B, C) for labels (B,); inputs are as in `wode.training.train`.
    """
    device = torch.device(device) if device else device_of(model)
    was_training = model.training
    model.eval()
    right = total = 0
    for inputs, labels in loader:
        predicted = applied(model, moved(inputs, device)).argmax(dim=1)  # (B,)
        right += int((predicted == labels.to(device)).sum())
        total += len(labels)
    model.train(was_training)
    if total == 0:
        raise ValueError(no_batch(loader))
    return right / total


def device_of(model: nn.Module) -> torch.device:
    """The device of the model's first parameter; cpu for a model without parameters."""
    return next((tensor.device for tensor in model.parameters()), torch.device("cpu"))


def no_batch(loader: DataLoader) -> str:
    """What to tell of a loader that gave nothing: the three settings that explain it."""
    length = len(loader.dataset) if isinstance(loader.dataset, Sized) else "unknown"
    return (
        f"the loader gave no batch: its data set has length {length}, "
        f"batch_size={loader.batch_size}, drop_last={loader.drop_last}"
    )
