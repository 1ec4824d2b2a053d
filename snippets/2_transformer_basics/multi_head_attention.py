"""What the chapter `multi-head-attention` includes: the layer, a task of two places, heads."""

import codecs
import contextlib
import io

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class MultiHead(nn.Module):
    """Several attentions side by side, each over its own d = E / h of the E numbers."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q_proj, self.k_proj = nn.Linear(size, size), nn.Linear(size, size)
        self.v_proj, self.out_proj = nn.Linear(size, size), nn.Linear(size, size)

    def split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, T, E) → (B, h, T, d)

    def forward(self, query: Tensor, key: Tensor, mask: Tensor | None = None) -> Tensor:
        q = self.split(self.q_proj(query))  # (B, h, T, d)
        k = self.split(self.k_proj(key))  # (B, h, S, d)
        v = self.split(self.v_proj(key))  # (B, h, S, d)
        heads = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)  # (B, h, T, d)
        return self.out_proj(heads.transpose(1, 2).flatten(2))  # (B, T, E)


def questions(size: int, places: int = 2) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """8 keys of 16, each with a value of 8 (B, 8); the keys asked for and their values (B, 2)."""
    keys = torch.rand(size, 16).argsort(dim=1)[:, :8]
    values, where = torch.randint(8, (size, 8)), torch.rand(size, 8).argsort(dim=1)[:, :places]
    return keys, values, keys.gather(1, where), values.gather(1, where)


class TwoPlaces(nn.Module):
    """One query asks for two keys at once: what stood beside the first, what beside the second?"""

    def __init__(self, h: int, read: nn.Module, places: int = 2) -> None:
        super().__init__()
        self.keys, self.values = nn.Embedding(16, 64), nn.Embedding(8, 64)
        self.asked = nn.ModuleList(nn.Embedding(16, 64) for _ in range(places))
        self.attention, self.read = MultiHead(64, h), read

    def forward(self, keys: Tensor, values: Tensor, asked: Tensor) -> Tensor:
        memory = self.keys(keys) + self.values(values)  # (B, 8, 64)
        query = sum(table(asked[:, i]) for i, table in enumerate(self.asked))  # (B, 64)
        read = self.read(self.attention(query[:, None], memory))  # (B, 1, places * 8)
        return read.unflatten(-1, (-1, 8)).flatten(0, 1)  # (B, places, 8)


def learn(model: nn.Module, places: int = 2, steps: int = 300, lr: float = 3e-3) -> list[float]:
    """Train, and say how many of 2000 fresh questions are answered: the first, the second."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for _ in range(steps):
        *question, answer = questions(64, places)
        loss = F.cross_entropy(model(*question).flatten(0, 1), answer.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    *question, answer = questions(2000, places)
    with torch.no_grad():
        return (model(*question).argmax(dim=-1) == answer).float().mean(dim=0).tolist()


def zen() -> list[str]:
    """The sentences that ``import this`` prints: a text that comes with every Python."""
    with contextlib.redirect_stdout(io.StringIO()):
        import this
    return codecs.decode(this.s, "rot13").strip().splitlines()[2:]


PATTERNS = ("previous", "next", "itself", "[CLS]", "[SEP]")


def head_patterns(maps: Tensor, attention_mask: Tensor) -> dict[str, Tensor]:
    """The mean weight that each head's words give to five places: a matrix (layers, heads) each.

    maps: (B, layers, heads, T, T). Only words are asked, [CLS] and [SEP] are not.
    """
    weights: dict[str, list[Tensor]] = {name: [] for name in PATTERNS}
    for one, length in zip(maps, attention_mask.sum(dim=1).tolist(), strict=True):
        rows = torch.arange(1, length - 1)  # the words
        places = {"previous": rows - 1, "next": rows + 1, "itself": rows}
        places |= {"[CLS]": torch.zeros_like(rows), "[SEP]": torch.full_like(rows, length - 1)}
        for name, columns in places.items():
            weights[name].append(one[:, :, rows, columns])  # (layers, heads, words)
    return {name: torch.cat(parts, dim=-1).mean(dim=-1) for name, parts in weights.items()}
