"""What the chapter `translation` includes: a small model that learns to translate."""

import itertools
import random
import statistics
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch.optim.lr_scheduler import LambdaLR

from wode.decoding import device_of
from wode.tasks.sentences import meetings, translation_pairs
from wode.transformer import Config, TranslationModel, warmup_rate
from wode.translation import PAD, Example, Vocabulary, batch_of, batches, tokens_of


def small_task(
    train: int = 2000, test: int = 200, who: bool = False
) -> tuple[Vocabulary, list[Example], dict[str, list[tuple[str, str]]]]:
    """Vocabulary, training examples, and tests: new sentences, new combinations, who met whom."""
    pairs = [(pair.zh, pair.en) for pair in translation_pairs(train + test)]
    held = [(pair.zh, pair.en) for pair in translation_pairs(test, held_out=True)]
    tests = {"sentences": pairs[train:], "combinations": held}
    pairs = pairs[:train]
    if who:
        fresh, tests["who"] = meetings()
        pairs += fresh
    tokenized = [(tokens_of(zh), tokens_of(en)) for zh, en in pairs]
    vocabulary = Vocabulary(itertools.chain.from_iterable(tokenized))
    examples = [(vocabulary.encode(zh), vocabulary.encode(en)) for zh, en in tokenized]
    return vocabulary, examples, tests


def train_epoch(
    model: TranslationModel,
    optimizer: torch.optim.Optimizer,
    scheduler: LambdaLR,
    examples: Sequence[Example],
    size: int,
    rng: random.Random,
    smoothing: float = 0.1,
    ignore: int = PAD,
) -> float:
    """The steps of training over all examples once; return the mean of their losses."""
    model.train()
    losses = []
    for group in batches(examples, size, rng):
        source, reads, says = (part.to(device_of(model)) for part in batch_of(group))  # 1. data
        logits = model(source, reads).flatten(0, 1)  # 2. forward: (B·T, vocabulary)
        loss = F.cross_entropy(  # 3. loss
            logits, says.flatten(), ignore_index=ignore, label_smoothing=smoothing
        )
        optimizer.zero_grad()  # 4. clear the old gradients
        loss.backward()  # 5. backward
        optimizer.step()  # 6. step
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


def learn(
    vocabulary: Vocabulary,
    examples: list[Example],
    config: Config = SMALL,
    *,
    seed: int = 0,
    epochs: int = 8,
    warmup: int = 60,
    factor: float = 0.5,
    kind: type[TranslationModel] = TranslationModel,
) -> tuple[TranslationModel, list[float]]:
    """A model trained from scratch, and its mean loss in each epoch."""
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = kind(len(vocabulary), config)
    optimizer, scheduler = optimizer_of(model, warmup, factor)
    losses = [train_epoch(model, optimizer, scheduler, examples, 64, rng) for _ in range(epochs)]
    return model, losses
