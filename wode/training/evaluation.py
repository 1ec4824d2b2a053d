"""What is measured while training: a log of rows for plots, and the accuracy of a classifier."""

import json
import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence, Sized
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader

from wode.decoding import device_of
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


def no_batch(loader: DataLoader) -> str:
    """What to tell of a loader that gave nothing: the three settings that explain it."""
    length = len(loader.dataset) if isinstance(loader.dataset, Sized) else "unknown"
    return (
        f"the loader gave no batch: its data set has length {length}, "
        f"batch_size={loader.batch_size}, drop_last={loader.drop_last}"
    )


@torch.no_grad()
def measured(model: nn.Module, loader: DataLoader) -> dict[str, float]:
    """On the held-out pairs: accuracy, mean loss, and the share of pairs answered "same".

    A share of 0 or 1 means that the model gives everything the same answer.
    """
    was_training, device = model.training, device_of(model)
    model.eval()
    right = loss = same = total = 0.0
    for inputs, labels in loader:
        logits, labels = applied(model, moved(inputs, device)), labels.to(device)  # (B, 2), (B,)
        predicted = logits.argmax(dim=1)  # (B,)
        right += (predicted == labels).sum().item()
        same += predicted.sum().item()
        loss += F.cross_entropy(logits, labels, reduction="sum").item()
        total += len(labels)
    model.train(was_training)
    return {
        "accuracy": right / total,
        "held_out_loss": loss / total,
        "answered_same": same / total,
    }


# ---------------------------------------------------------------- has a classifier collapsed?


def majority(labels: Sequence[int]) -> float:
    """The accuracy of always answering the commonest label: max n_c / n."""
    return max(Counter(labels).values()) / len(labels)


def prior_entropy(labels: Sequence[int]) -> float:
    """The least mean cross-entropy of one answer for all: -Σ p_c ln p_c, p_c = n_c / n, in nats."""
    shares = [count / len(labels) for count in Counter(labels).values()]
    return -sum(share * math.log(share) for share in shares)


class Diagnosis(NamedTuple):
    """What a model answers on labelled examples, and how far its answers differ.

    Attributes:
        answers: how often each class is answered.
        accuracy: the share of right answers.
        majority: the accuracy of always answering the commonest label.
        loss: the mean cross-entropy, in nats.
        prior: the least loss of one answer for all.
        spread: the standard deviation, over the examples, of the logits (the mean of the classes').
    """

    answers: list[int]
    accuracy: float
    majority: float
    loss: float
    prior: float
    spread: float

    @property
    def collapsed(self) -> bool:
        """Every example is given the same class."""
        return max(self.answers) == sum(self.answers)


@torch.no_grad()
def diagnose(model: nn.Module, loader: DataLoader) -> Diagnosis:
    """Ask ``model`` (logits (B, C) for labels (B,)) for every example; its mode is put back.

    Raises:
        ValueError: the loader gives no batch.
    """
    was_training, device = model.training, device_of(model)
    model.eval()
    parts: list[tuple[Tensor, Tensor]] = [
        (applied(model, moved(inputs, device)).cpu(), labels) for inputs, labels in loader
    ]
    model.train(was_training)
    if not parts:
        raise ValueError(no_batch(loader))
    logits, labels = (torch.cat(part) for part in zip(*parts, strict=True))  # (N, C), (N,)
    predicted = logits.argmax(dim=1)  # (N,)
    return Diagnosis(
        answers=predicted.bincount(minlength=logits.shape[1]).tolist(),
        accuracy=(predicted == labels).double().mean().item(),
        majority=majority(labels.tolist()),
        loss=F.cross_entropy(logits, labels).item(),
        prior=prior_entropy(labels.tolist()),
        spread=logits.std(dim=0, correction=0).mean().item(),
    )


# ---------------------------------------------------------------- translations


def bleu(translations: Sequence[str], references: Sequence[str]) -> float:
    """Corpus BLEU from 0 to 100, upper and lower case alike, by sacrebleu."""
    import sacrebleu

    if isinstance(translations, str) or isinstance(references, str):
        raise TypeError("expected lists of sentences, got a single string")
    if not translations or len(translations) != len(references):
        raise ValueError(
            "expected one reference for each translation, at least one, got "
            f"{len(translations)} translations and {len(references)} references"
        )
    return sacrebleu.corpus_bleu(list(translations), [list(references)], lowercase=True).score
