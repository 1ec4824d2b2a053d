"""What the chapter `transformer` includes: a small model that learns to translate."""

import itertools
import random
import statistics
from collections.abc import Sequence

import torch
from torch.optim.lr_scheduler import LambdaLR

from wode.decoding import device_of
from wode.tasks.sentences import translation_pairs
from wode.transformer import Config, TranslationModel, smoothed_cross_entropy, warmup_rate
from wode.translation import (
    PAD,
    Example,
    Vocabulary,
    batch_of,
    batches,
    tokens_of,
)


def train_epoch(
    model: TranslationModel,
    optimizer: torch.optim.Optimizer,
    scheduler: LambdaLR,
    examples: Sequence[Example],
    size: int,
    rng: random.Random,
) -> float:
    """The steps of training over all examples once; return the mean of their losses."""
    model.train()
    losses = []
    for group in batches(examples, size, rng):
        source, reads, says = (part.to(device_of(model)) for part in batch_of(group))  # 1 take
        logits = model(source, reads)  # 2 forward: (B, T, vocabulary)
        loss = smoothed_cross_entropy(logits.flatten(0, 1), says.flatten(), ignore_index=PAD)  # 3
        optimizer.zero_grad()  # 4
        loss.backward()  # 5
        optimizer.step()  # 6
        scheduler.step()
        losses.append(loss.item())
    return statistics.mean(losses)


def optimizer_of(
    model: TranslationModel, warmup: int, factor: float = 1.0
) -> tuple[torch.optim.Optimizer, LambdaLR]:
    """Adam with the paper's settings and its schedule (section 5.3), times ``factor``."""
    optimizer = torch.optim.Adam(model.parameters(), lr=factor, betas=(0.9, 0.98), eps=1e-9)
    size = model.hidden_size
    return optimizer, LambdaLR(optimizer, lambda done: warmup_rate(done + 1, size, warmup))


SMALL = Config(hidden_size=64, num_heads=4, num_layers=1, ffn_size=128, norm_first=True)


def small_task(
    train: int = 2000, test: int = 200
) -> tuple[Vocabulary, list[Example], dict[str, list[tuple[str, str]]]]:
    """Vocabulary, training examples, and two tests: new sentences, and new combinations."""
    pairs = translation_pairs(train + test)
    tokenized = [(tokens_of(pair.zh), tokens_of(pair.en)) for pair in pairs[:train]]
    vocabulary = Vocabulary(itertools.chain.from_iterable(tokenized))
    examples = [(vocabulary.encode(zh), vocabulary.encode(en)) for zh, en in tokenized]
    tests = {"sentences": pairs[train:], "combinations": translation_pairs(test, held_out=True)}
    return vocabulary, examples, {k: [(p.zh, p.en) for p in some] for k, some in tests.items()}


def learn(
    vocabulary: Vocabulary,
    examples: list[Example],
    config: Config = SMALL,
    *,
    seed: int = 0,
    epochs: int = 8,
    warmup: int = 60,
    factor: float = 0.5,
) -> tuple[TranslationModel, list[float]]:
    """A model trained from scratch, and its mean loss in each epoch."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = TranslationModel(len(vocabulary), config)
    optimizer, scheduler = optimizer_of(model, warmup, factor)
    losses = [train_epoch(model, optimizer, scheduler, examples, 64, rng) for _ in range(epochs)]
    return model, losses
