"""Has a classifier collapsed, that is, does it give every input the same answer?

Accuracy alone does not show it: on labels that are mostly of one class, answering that class always
looks like a result. `majority` says what it scores and `prior_entropy` what it loses at best;
`diagnose` counts what a model answers.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader

from wode.metrics import applied, device_of, moved, no_batch


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
