"""Collapse: what one answer for all scores and loses, and how a model is found to give it."""

import json
import math
from collections import Counter

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from wode.files.download import data_root
from wode.training.evaluation import accuracy, diagnose, majority, measured, prior_entropy

LABELS = st.lists(st.integers(0, 3), min_size=1, max_size=60)


@given(LABELS)
def test_one_answer_for_all(labels: list[int]) -> None:
    """No constant answer scores more than `majority`, none loses less than `prior_entropy`."""
    target = torch.tensor(labels)
    assert max((target == c).double().mean().item() for c in range(4)) == majority(labels)
    counts = torch.tensor([labels.count(c) for c in range(4)], dtype=torch.double)
    best = (counts / len(labels)).clamp(min=1e-300).log()  # logits
    assert F.cross_entropy(best.expand(len(labels), 4), target).item() == pytest.approx(
        prior_entropy(labels), abs=1e-9
    )
    for other in torch.randn(20, 4, dtype=torch.double):
        loss = F.cross_entropy(other.expand(len(labels), 4), target).item()
        assert loss >= prior_entropy(labels) - 1e-12


@given(LABELS.filter(lambda labels: len(labels) > 1), st.integers(0, 2**31))
def test_diagnosis(labels: list[int], seed: int) -> None:
    """Equal to numbers counted one by one, whatever the batches."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(len(labels), 4, generator=generator)
    found = diagnose(nn.Identity(), DataLoader(TensorDataset(x, torch.tensor(labels)), 7))
    answers = [max(range(4), key=lambda c: row[c]) for row in x.tolist()]
    assert found.answers == [answers.count(c) for c in range(4)]
    assert found.accuracy == pytest.approx(
        sum(a == b for a, b in zip(answers, labels, strict=True)) / len(labels)
    )
    assert found.loss == pytest.approx(F.cross_entropy(x, torch.tensor(labels)).item(), abs=1e-5)
    assert found.spread == pytest.approx(x.double().std(0, correction=0).mean().item(), abs=1e-5)
    assert found.collapsed == (len(set(answers)) == 1)
    assert (found.majority, found.prior) == (majority(labels), prior_entropy(labels))


@given(st.lists(st.lists(st.integers(-1, 3), min_size=1, max_size=6), min_size=1, max_size=9))
def test_labels_left_out_are_not_measured(rows: list[list[int]]) -> None:
    """Tokens of sentences of unequal length, one a batch: means over tokens, not of means."""
    counting = [label for row in rows for label in row if label >= 0]
    batches, kept = [], []
    for row in rows:
        x = torch.randn(1, 4, len(row), generator=torch.Generator().manual_seed(len(batches)))
        y = torch.tensor([[label if label >= 0 else -100 for label in row]])
        batches.append((x, y))
        kept += [x[0, :, i] for i, label in enumerate(row) if label >= 0]
    loader = DataLoader(batches, batch_size=None)  # ty: ignore[invalid-argument-type]
    if not counting:
        with pytest.raises(ValueError, match="all are -100"):
            accuracy(nn.Identity(), loader)
        return
    logits, labels = torch.stack(kept), torch.tensor(counting)
    right = (logits.argmax(dim=1) == labels).double().mean().item()
    assert accuracy(nn.Identity(), loader) == pytest.approx(right)
    found = diagnose(nn.Identity(), loader)
    assert sum(found.answers) == len(counting)
    assert found.majority == majority(counting)
    assert found.loss == pytest.approx(F.cross_entropy(logits, labels).item(), abs=1e-5)


def test_nan_is_no_answer_and_labels_must_fit() -> None:
    x = torch.zeros(5, 3)
    x[3, 1] = torch.nan
    for ask in (accuracy, measured, diagnose):
        with pytest.raises(FloatingPointError, match=r"got nan in scores\[3, :\] of shape"):
            ask(nn.Identity(), DataLoader(TensorDataset(x, torch.zeros(5).long()), 2))
        with pytest.raises(ValueError, match="expected labels from 0 to 2, got 3 to 3"):
            ask(nn.Identity(), DataLoader(TensorDataset(x[:2], torch.tensor([3, 3])), 2))


def test_a_constant_model_has_collapsed() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5)).train()
    nn.init.zeros_(model[0].weight)  # ty: ignore[invalid-argument-type]
    data = TensorDataset(torch.randn(8, 3), torch.tensor([0, 0, 0, 1] * 2))
    found = diagnose(model, DataLoader(data, 3))
    assert found.collapsed and found.spread == 0 and found.loss >= found.prior
    assert found.majority == 0.75 and model.training
    with pytest.raises(ValueError, match="gave no batch"):
        diagnose(model, DataLoader(TensorDataset(torch.zeros(0, 3), torch.zeros(0))))


def test_afqmc() -> None:
    """The counts that the page computes with are those of the real development file."""
    path = data_root() / "afqmc" / "dev.json"
    if not path.is_file():
        pytest.skip(f"no {path}: WODE_DATA names a folder with AFQMC's development file")
    lines = path.read_text(encoding="utf-8").splitlines()
    labels = [int(json.loads(line)["label"]) for line in lines if line.strip()]
    assert Counter(labels) == {0: 2978, 1: 1338}
    assert f"{majority(labels):.1%}" == "69.0%"
    halves = labels[:2158], labels[2158:]
    assert [f"{sum(half) / 2158:.0%}" for half in halves] == ["34%", "28%"]
    assert prior_entropy(labels) == pytest.approx(
        -math.log(2978 / 4316) * 2978 / 4316 - math.log(1338 / 4316) * 1338 / 4316
    )
