"""The test loop of the page `training`: what TwoLayers, which has no dropout, cannot show there."""

import importlib
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

FOLDER = Path(__file__).parents[1] / "snippets/0_Pytorch_basics"


class Watched(nn.Module):
    """Drops half of its scores in training, and notes whether gradients are recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.recorded: list[bool] = []
        self.layer, self.dropout = nn.Linear(4, 3), nn.Dropout(0.5)

    def forward(self, x):
        self.recorded.append(torch.is_grad_enabled())
        return self.dropout(self.layer(x))


def test_it_evaluates_without_gradients_and_weighs_a_short_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    loop = importlib.import_module("training").test
    torch.manual_seed(0)
    model, x, y = Watched(), torch.randn(10, 4), torch.randint(3, (10,))
    loader = DataLoader(TensorDataset(x, y), batch_size=4)  # 4, 4 and 2
    loss, right = loop(model.train(), loader, nn.CrossEntropyLoss(), "cpu")
    assert model.recorded == [False] * 3
    scores = model.layer(x)
    assert loss == pytest.approx(F.cross_entropy(scores, y).item(), abs=1e-6)
    assert right == (scores.argmax(dim=1) == y).float().mean().item()
