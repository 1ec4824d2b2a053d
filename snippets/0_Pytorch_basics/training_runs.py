"""Two layers trained in every way that the page `training` compares."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

from two_layers import TwoLayers
from wode.data import digits_tensors

EPOCHS = 20
BATCH = 32
TRAIN, TEST = digits_tensors(train=True), digits_tensors(train=False)


class Other(TwoLayers):
    """The same two layers with something else than ReLU between them."""

    def __init__(self, bend: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.bend = bend

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.output(self.bend(self.hidden(images.flatten(1))))


BENDS = {"relu": torch.relu, "leaky": F.leaky_relu, "tanh": torch.tanh}  # leaky: 0.01 below 0


def sure_of(model: nn.Module) -> tuple[list[float], list[bool]]:
    """How sure the model is of each test image, and whether it is right."""
    with torch.no_grad():
        sure, answer = model(TEST[0]).softmax(dim=1).max(dim=1)
    return sure.tolist(), (answer == TEST[1]).tolist()


def learn(
    seed: int,
    lr: float,
    *,
    name: str = "SGD",
    clear: bool = True,
    softmax: bool = False,
    batch: int = BATCH,
    epochs: int = EPOCHS,
    shuffle: bool = True,
    by_label: bool = False,
    one_digit: bool = False,
    bend: str = "relu",
    then: int = 0,
    every: bool = False,
    sure: bool = False,
    **options: float,
) -> list:
    """Train loss, train and test accuracy of a variant at the end, or after each epoch.

    ``one_digit`` sorts by label and shuffles the batches; ``then`` epochs follow at the rate 0.1.
    """
    torch.manual_seed(seed)
    model = Other(BENDS[bend])
    optimizer = getattr(torch.optim, name)(model.parameters(), lr=lr, **options)
    images, labels = TRAIN
    if by_label or one_digit:
        order = labels.argsort(stable=True)
        images, labels = images[order], labels[order]
    rows = []
    for epoch in range(1, epochs + then + 1):
        if epoch == epochs + 1:
            optimizer.param_groups[0]["lr"] = 0.1
        mixed = shuffle and not one_digit
        order = torch.randperm(len(images)) if mixed else torch.arange(len(images))
        parts = order.split(batch)
        for k in torch.randperm(len(parts)).tolist() if one_digit else range(len(parts)):
            part = parts[k]
            scores = model(images[part])
            loss = F.cross_entropy(scores.softmax(dim=1) if softmax else scores, labels[part])
            if clear:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if every or epoch == epochs + then:
            with torch.no_grad():
                scores, tested = model(images), model(TEST[0])
            if softmax:
                scores = scores.softmax(dim=1)
            value = F.cross_entropy(scores, labels).item()
            right = (scores.argmax(dim=1) == labels).float().mean().item()
            rows.append([
                value if math.isfinite(value) else 1e9,
                right,
                (tested.argmax(dim=1) == TEST[1]).float().mean().item(),
            ])  # fmt: skip
    return [rows[-1], sure_of(model)] if sure else rows


def silent(lr: float, seed: int) -> int:
    """Hidden numbers, of 32, that are 0 for every training image after 20 epochs of plain SGD."""
    torch.manual_seed(seed)
    model = TwoLayers()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    images, labels = TRAIN
    for _ in range(EPOCHS):
        for part in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            F.cross_entropy(model(images[part]), labels[part]).backward()
            optimizer.step()
    with torch.no_grad():
        return int((model.hidden(images.flatten(1)) <= 0).all(dim=0).sum())
