"""What is measured: a log of rows for plots, a classifier's answers, translations by BLEU.

Accuracy alone does not show that a classifier has collapsed, that is, gives every input the same
answer: on labels that are mostly of one class, that always looks like a result. `majority` says
what it scores, `prior_entropy` what it loses at best; `diagnose` counts what a model answers.
"""

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

from wode.checks import likeliest, several
from wode.decoding import device_of, evaluating
from wode.files.atomic import write_atomically
from wode.masking import IGNORE_INDEX
from wode.training.weighing import check_labels


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


def no_batch(loader: DataLoader) -> str:
    """What to tell of a loader that gave nothing: the three settings that explain it."""
    length = len(loader.dataset) if isinstance(loader.dataset, Sized) else "unknown"
    return (
        f"the loader gave no batch: its data set has length {length}, "
        f"batch_size={loader.batch_size}, drop_last={loader.drop_last}"
    )


# ---------------------------------------------------------------- classifiers


def outputs(model: nn.Module, loader: DataLoader) -> tuple[Tensor, Tensor]:
    """What ``model`` says of each example, in evaluation mode: logits (N, C), labels (N,), on cpu.

    Inputs are as in `wode.training.train`. Logits (B, C, ...) with labels (B, ...) are B × ...
    examples; those whose label is -100 are left out.

    Raises:
        ValueError: the loader gives no batch, or no label counts, or labels do not fit the logits.
    """
    device = device_of(model)
    with evaluating(model):
        batches = [_examples(applied(model, moved(x, device)).cpu(), y.cpu()) for x, y in loader]
    if not batches:
        raise ValueError(no_batch(loader))
    parts = zip(*batches, strict=True)
    logits, labels = (torch.cat(part) for part in parts)  # (N, C), (N,)
    if not len(labels):
        raise ValueError(f"expected labels to measure on, all are {IGNORE_INDEX}: left out")
    return logits, labels


def _examples(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    check_labels(logits, labels)
    counting = labels != IGNORE_INDEX
    return logits.movedim(1, -1)[counting], labels[counting]


def accuracy(model: nn.Module, loader: DataLoader) -> float:
    """Share of `outputs`' examples whose largest logit is the label's; NaN is an error."""
    logits, labels = outputs(model, loader)
    return (likeliest(logits, dim=1) == labels).double().mean().item()


def measured(model: nn.Module, loader: DataLoader) -> dict[str, float]:
    """On held-out pairs: accuracy, mean loss, and the share of pairs answered "same".

    A share of 0 or 1 means that the model gives everything the same answer.

    Raises:
        ValueError: the loader gives no batch.
        FloatingPointError: logits of which none is the largest, see `wode.checks.likeliest`.
    """
    logits, labels = outputs(model, loader)  # (N, 2), (N,)
    answers = likeliest(logits, dim=1)
    return {
        "accuracy": (answers == labels).double().mean().item(),
        "held_out_loss": F.cross_entropy(logits, labels).item(),
        "answered_same": answers.double().mean().item(),
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


def diagnose(model: nn.Module, loader: DataLoader) -> Diagnosis:
    """Ask ``model`` (logits (B, C) for labels (B,)) for every example.

    Raises:
        ValueError: the loader gives no batch.
        FloatingPointError: logits of which none is the largest, see `wode.checks.likeliest`.
    """
    logits, labels = outputs(model, loader)  # (N, C), (N,)
    answers = likeliest(logits, dim=1)  # (N,)
    return Diagnosis(
        answers=answers.bincount(minlength=logits.shape[1]).tolist(),
        accuracy=(answers == labels).double().mean().item(),
        majority=majority(labels.tolist()),
        loss=F.cross_entropy(logits, labels).item(),
        prior=prior_entropy(labels.tolist()),
        spread=logits.std(dim=0, correction=0).mean().item(),
    )


# ---------------------------------------------------------------- translations


def bleu(translations: Sequence[str], references: Sequence[str]) -> float:
    """Corpus BLEU from 0 to 100, upper and lower case alike, by sacrebleu."""
    import sacrebleu

    several("translations", translations), several("references", references)
    if not translations or len(translations) != len(references):
        raise ValueError(
            "expected one reference for each translation, at least one, got "
            f"{len(translations)} translations and {len(references)} references"
        )
    return sacrebleu.corpus_bleu(list(translations), [list(references)], lowercase=True).score
