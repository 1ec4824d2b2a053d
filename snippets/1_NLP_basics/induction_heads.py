"""What the page `induction-heads` includes: attention alone, rows that repeat, a score."""

import contextlib
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import causal_mask, scaled_dot_product


class AttentionOnly(nn.Module):
    """A language model of attention layers alone: ids (B, T) → logits (B, T, V)."""

    def __init__(self, layers: int, size: int = 64, heads: int = 2, words: int = 32) -> None:
        super().__init__()
        self.heads = heads
        self.word, self.place = nn.Embedding(words, size), nn.Embedding(48, size)
        self.qkv = nn.ModuleList([nn.Linear(size, 3 * size) for _ in range(layers)])
        self.mix = nn.ModuleList([nn.Linear(size, size) for _ in range(layers)])
        self.out = nn.Linear(size, words)

    def forward(self, ids: Tensor, maps: list[Tensor] | None = None) -> Tensor:
        T = ids.shape[1]
        x = self.word(ids) + self.place(torch.arange(T))  # (B, T, E)
        for qkv, mix in zip(self.qkv, self.mix, strict=True):
            parts = F.layer_norm(x, x.shape[-1:])
            parts = qkv(parts).unflatten(2, (3 * self.heads, -1)).transpose(1, 2)
            q, k, v = parts.chunk(3, dim=1)  # each (B, h, T, d)
            seen, weights = scaled_dot_product(q, k, v, causal_mask(T))
            if maps is not None:
                maps.append(weights)  # (B, h, T, T)
            x = x + mix(seen.transpose(1, 2).flatten(2))
        return self.out(F.layer_norm(x, x.shape[-1:]))


def repeated(
    batch: int, shortest: int = 8, longest: int = 20, length: int = 40, words: int = 32
) -> tuple[Tensor, Tensor]:
    """Rows of different random words said again and again, each row with a period of its own.

    ids (B, length); again (B, length): True where the next word has stood before.
    """
    period = torch.randint(shortest, longest + 1, (batch, 1))
    order = torch.rand(batch, words).argsort(dim=1)  # (B, words): no word twice
    t = torch.arange(length + 1).expand(batch, -1)
    ids = order.gather(1, t % period)
    return ids, (t >= period)[:, 1:]


def induction_score(maps: list[Tensor]) -> Tensor:
    """Weight from a repeated token to the one after its earlier occurrence: (layers, heads).

    maps: each (B, h, 2n, 2n), of sequences whose second half repeats the first.
    """
    n = maps[0].shape[-1] // 2
    t = torch.arange(n, 2 * n)
    return torch.stack([weights[:, :, t, t - n + 1].mean(dim=(0, 2)) for weights in maps])


@contextlib.contextmanager
def silenced(projections: list[tuple[nn.Linear, int]], num_heads: int) -> Iterator[None]:
    """Within the block these heads say nothing: their columns of the output projection are 0."""
    kept = [(layer, layer.weight.detach().clone()) for layer, _ in projections]
    with torch.no_grad():
        for layer, head in projections:
            layer.weight.unflatten(1, (num_heads, -1))[:, head] = 0
    try:
        yield
    finally:
        with torch.no_grad():
            for layer, weight in reversed(kept):
                layer.weight.copy_(weight)


def largest(scores: Tensor, k: int | None = None) -> list[tuple[int, int]]:
    """The k (layer, head) with the largest scores, the largest first; None: all, in order."""
    order = scores.flatten().argsort(descending=True, stable=True)[:k].tolist()
    return [divmod(index, scores.shape[1]) for index in order]
