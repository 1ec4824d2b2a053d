"""What the page `copy` shows: headlines of short reports whose names no vocabulary holds."""

import random
from collections.abc import Sequence
from typing import Literal

import torch
from torch import nn

from wode.copying import Config, CopyingModel, Written, example_of
from wode.tasks.reports import Report
from wode.translation import Vocabulary, batch_of, batches


def learn(
    output: Literal["plain", "pointer_generator"],
    vocabulary: Vocabulary,
    data: Sequence[Report],
    steps: int = 120,
) -> CopyingModel:
    """A small model that has learned from 32 reports a step."""
    torch.manual_seed(0)
    rng, examples = random.Random(0), [example_of(vocabulary, *one) for one in data]
    model = CopyingModel(Config(len(vocabulary), output, embedding=32, hidden=48))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, steps, pct_start=0.1)
    rounds = range(1 + 32 * steps // len(data))
    order = [batch for _ in rounds for batch in batches(examples, 32, rng)][:steps]
    for batch in order:
        source, reads, says = batch_of(batch)
        loss = model.loss(source, reads, says)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
    return model.eval()


def names_right(
    written: Sequence[Written], data: Sequence[Report], vocabulary: Vocabulary
) -> float:
    """The share of the headlines' words outside the vocabulary that stand where they should."""
    pairs = [
        (word, one.words[n] if n < len(one.words) else "")
        for one, report in zip(written, data, strict=True)
        for n, word in enumerate(report.headline)
        if word not in vocabulary.ids
    ]
    return sum(right == said for right, said in pairs) / len(pairs)
