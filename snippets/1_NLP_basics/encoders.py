"""What the page `encoders` shows: a chain, all pairs, a tree, called the same way."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from wode.attention import padding_mask
from wode.listops import TOKENS, Tree, binary, nodes, tokens, value
from wode.lstm import LSTM
from wode.transformer import Config, Encoder, positional_encoding
from wode.tree_lstm import BinaryTreeLSTM, ChildSumTreeLSTM
from wode.trees import Forest


class Batch(NamedTuple):
    """Expressions as the three read them, and their values."""

    ids: Tensor  # (B, T), padded at the end
    mask: Tensor  # (B, T), true at real tokens
    pairs: Forest  # the binary trees: leaves are the tokens
    operators: Forest  # an operator and what it is applied to; no "]"
    node_ids: Tensor  # (N,), the token of each node of `operators`
    labels: Tensor  # (B,)


def numbers(words: Sequence[str]) -> Tensor:
    """Their places in `TOKENS`."""
    return torch.tensor([TOKENS.index(word) for word in words])


def batch_of(trees: Sequence[Tree]) -> Batch:
    """Padded tokens, and both kinds of trees, planned once."""
    ids = pad_sequence([numbers(tokens(tree)) for tree in trees], True, padding_value=-1)
    labels, parents = zip(*(nodes(tree) for tree in trees), strict=True)
    return Batch(
        ids.clamp(min=0),
        ids >= 0,
        Forest.from_nested([binary(tree) for tree in trees]),
        Forest.from_parents(list(parents)),
        torch.cat([numbers(words) for words in labels]),
        torch.tensor([value(tree) for tree in trees]),
    )


class Chain(nn.Module):
    """Token after token; the last state."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(TOKENS), size)
        self.lstm = LSTM(size, size)

    def forward(self, batch: Batch) -> Tensor:
        _, (h, _) = self.lstm(self.embedding(batch.ids), batch.mask)
        return h[-1]  # (B, E)


class AllPairs(nn.Module):
    """Every token asks every other; what the first one, the outer operator, has gathered."""

    def __init__(self, size: int, layers: int = 2, ffn: int = 72) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(TOKENS), size)
        self.encoder = Encoder(Config(size, 4, layers, ffn, dropout=0.0, norm_first=True))

    def forward(self, batch: Batch) -> Tensor:
        x = self.embedding(batch.ids)  # (B, T, E)
        x = x + positional_encoding(x.shape[1], x.shape[2])
        return self.encoder(x, padding_mask(batch.mask))[:, 0]  # (B, E)


class Pairs(nn.Module):
    """A node of two children after the other, from the leaves; the root's state."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(TOKENS), size)
        self.tree = BinaryTreeLSTM(size, size)

    def forward(self, batch: Batch) -> Tensor:
        h, _ = self.tree(self.embedding(batch.ids[batch.mask]), batch.pairs)  # (N, E)
        return h[batch.pairs.roots]  # (B, E)


class Operators(nn.Module):
    """An operator's node sums its children, however many; the root's state."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(len(TOKENS), size)
        self.tree = ChildSumTreeLSTM(size, size)

    def forward(self, batch: Batch) -> Tensor:
        h, _ = self.tree(self.embedding(batch.node_ids), batch.operators)  # (N, E)
        return h[batch.operators.roots]  # (B, E)


def learn(
    encoder: nn.Module, batches: Sequence[Batch], size: int, steps: int, rate: float = 3e-3
) -> nn.Module:
    """The encoder and a linear layer to ten digits, over the batches again and again."""
    model = nn.Sequential(encoder, nn.Linear(size, 10))
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, pct_start=0.1)
    for n in range(steps):
        batch = batches[n % len(batches)]
        loss = F.cross_entropy(model(batch), batch.labels)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()
    return model.eval()
