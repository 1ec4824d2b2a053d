"""For `encoders_experiment`: the encoders on SST-2, where nobody gives them a tree."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from wode.attention import padding_mask
from wode.checks import likeliest
from wode.data.formats import Text, read_tsv
from wode.files.download import data_root
from wode.transformer import Config, Encoder, positional_encoding
from wode.tree_lstm import BinaryTreeLSTM
from wode.trees import Forest, balanced, left_branching, right_branching

BATCH, EVERY, DROPOUT = 50, 20, 0.5  # sentences a step; steps between two looks at the dev set
UNKNOWN = 0


class Sentences(NamedTuple):
    """A batch, padded at the end, and its trees."""

    ids: Tensor  # (B, T)
    mask: Tensor  # (B, T)
    labels: Tensor  # (B,)
    forests: dict[str, Forest]


@cache
def film(part: str) -> list[Text]:
    return list(read_tsv(data_root() / "sst2" / f"{part}.tsv"))


@cache
def vocabulary() -> dict[str, int]:
    """The words that stand at least twice in the training sentences; 0 is for all others."""
    counts = Counter(word for text in film("train") for word in text.text.split())
    return {word: n + 1 for n, word in enumerate(w for w, many in counts.items() if many > 1)}


SHAPES = {"balanced": balanced, "left": left_branching, "right": right_branching}


def batch_of(texts: Sequence[Text]) -> Sentences:
    known = vocabulary()
    rows = [torch.tensor([known.get(w, UNKNOWN) for w in text.text.split()]) for text in texts]
    ids = pad_sequence(rows, batch_first=True, padding_value=-1)
    lengths = [len(row) for row in rows]
    forests = {name: shape(lengths) for name, shape in SHAPES.items()}
    labels = torch.tensor([text.label for text in texts])
    return Sentences(ids.clamp(min=0), ids >= 0, labels, forests)


@cache
def batches(part: str) -> list[Sentences]:
    rows = sorted(film(part), key=lambda text: len(text.text.split()))
    return [batch_of(rows[n : n + BATCH]) for n in range(0, len(rows), BATCH)]


# ---------------------------------------------------------------- encoders


class Words(nn.Module):
    """The mean of the words' vectors: a bag."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(vocabulary()) + 1, size)
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, batch: Sentences) -> Tensor:
        x = self.dropout(self.embedding(batch.ids))  # (B, T, E)
        return mean(self.read(x, batch), batch.mask)

    def read(self, x: Tensor, batch: Sentences) -> Tensor:
        return x


def mean(x: Tensor, mask: Tensor) -> Tensor:
    return (x * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)


class AllPairs(Words):
    """Self-attention, then the mean."""

    def __init__(self, size: int, layers: int, ffn: int) -> None:
        super().__init__(size)
        self.encoder = Encoder(Config(size, 4, layers, ffn, dropout=0.1, norm_first=True))

    def read(self, x: Tensor, batch: Sentences) -> Tensor:
        return self.encoder(x + positional_encoding(*x.shape[1:]), padding_mask(batch.mask))


class Chain(Words):
    """The LSTM's last state, or the mean of its states."""

    def __init__(self, size: int, last: bool) -> None:
        super().__init__(size)
        self.lstm, self.last = nn.LSTM(size, size, batch_first=True), last

    def forward(self, batch: Sentences) -> Tensor:
        output, _ = self.lstm(self.dropout(self.embedding(batch.ids)))
        if self.last:
            return output[torch.arange(len(output)), batch.mask.sum(dim=1) - 1]
        return mean(output, batch.mask)


class Tree(Words):
    """A binary tree over the sentence that knows of no grammar; the root's state."""

    def __init__(self, size: int, hidden: int, shape: str) -> None:
        super().__init__(size)
        self.tree, self.shape = BinaryTreeLSTM(size, hidden), shape

    def forward(self, batch: Sentences) -> Tensor:
        forest = batch.forests[self.shape]
        h, _ = self.tree(self.dropout(self.embedding(batch.ids[batch.mask])), forest)
        return h[forest.roots]


#: How each is made, and the size of its vector: the words' vectors have 64 numbers in all of them.
WAYS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "bag": (lambda: Words(64), 64),
    "lstm": (lambda: Chain(64, last=True), 64),
    "lstm_mean": (lambda: Chain(64, last=False), 64),
    "attention": (lambda: AllPairs(64, 1, 128), 64),
    "left": (lambda: Tree(64, 50, "left"), 50),
    "right": (lambda: Tree(64, 50, "right"), 50),
    "balanced": (lambda: Tree(64, 50, "balanced"), 50),
}


# ---------------------------------------------------------------- learning


def fresh(way: str) -> nn.Module:
    make, size = WAYS[way]
    return nn.Sequential(make(), nn.Dropout(DROPOUT), nn.Linear(size, 2))


def weights(way: str) -> dict[str, int]:
    model = fresh(way)
    every = sum(one.numel() for one in model.parameters())
    words = (len(vocabulary()) + 1) * 64
    return {"words": words, "rest": every - words}


@torch.no_grad()
def right(model: nn.Module, part: str) -> float:
    model.eval()
    found = [(likeliest(model(batch), dim=1) == batch.labels).float() for batch in batches(part)]
    model.train()
    return torch.cat(found).mean().item()


def orders(seed: int) -> Iterator[Sentences]:
    """The training batches again and again, each time in another order."""
    drawn, rows = random.Random(seed), batches("train")
    while True:
        yield from drawn.sample(rows, len(rows))


def step(model: nn.Module, optimizer: torch.optim.Optimizer, batch: Sentences) -> None:
    loss = F.cross_entropy(model(batch), batch.labels)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def measured(way: str, steps: int, rate: float, seed: int) -> dict[str, float]:
    """Test accuracy where the dev set was best on the way, looked at every `EVERY` steps."""
    torch.manual_seed(seed)
    model, rows, seconds = fresh(way), orders(seed), 0.0
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.01, fused=True)
    best = {"dev": 0.0, "test": 0.0, "step": 0.0}
    for n in range(1, steps + 1):
        batch, began = next(rows), time.process_time()
        step(model, optimizer, batch)
        seconds += time.process_time() - began
        if n % EVERY == 0 or n == steps:
            dev = right(model, "dev")
            if dev > best["dev"]:
                best = {"dev": dev, "test": right(model, "test"), "step": n}
    return best | {"seconds": seconds, "steps": steps}


def step_seconds(ways: Sequence[str], rounds: int = 40) -> dict[str, float]:
    """CPU seconds a step, the ways in turn over the same batches: the mean of the rounds."""
    torch.manual_seed(0)
    models = {way: fresh(way) for way in ways}
    optimizers = {
        way: torch.optim.AdamW(m.parameters(), 1e-3, fused=True) for way, m in models.items()
    }
    rows, times = orders(0), dict.fromkeys(ways, 0.0)
    for _ in range(rounds):
        batch = next(rows)
        for way, model in models.items():
            began = time.process_time()
            step(model, optimizers[way], batch)
            times[way] += time.process_time() - began
    return {way: spent / rounds for way, spent in times.items()}


def baselines() -> dict[str, float]:
    """The commoner class; logistic regression on counts, and on frozen MiniLM's vectors."""
    from wode.bert import Bert
    from wode.files.hub import MINILM
    from wode.tasks.baselines import bag_of_words, frozen_vectors
    from wode.wordpiece import WordPiece

    train, test = film("train"), film("test")
    labels = [text.label for text in train]
    common = max(set(labels), key=labels.count)
    frozen = frozen_vectors(
        Bert.from_pretrained(MINILM), WordPiece.from_pretrained(MINILM), train, test
    )
    return {
        "majority": sum(text.label == common for text in test) / len(test),
        "counts": bag_of_words(train, test, r"\S+"),
        "minilm": frozen,
        "words": len(vocabulary()),
        "train": len(train),
        "test": len(test),
    }
