"""What the chapter `positions` includes: attention that is told the order in one of four ways."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.llama import rotate
from wode.transformer import positional_encoding


class Reader(nn.Module):
    """Layers of attention over a row of words (B, T); what it says at the last: (B, answers)."""

    def __init__(self, answers: int, told: str, causal: bool, layers: int = 2) -> None:
        super().__init__()
        size = 32
        self.told, self.causal = told, causal
        self.embedding = nn.Embedding(25, size)
        self.table = nn.Embedding(64, size)  # "learned": a row for each place
        self.qkv = nn.ModuleList([nn.Linear(size, 3 * size) for _ in range(layers)])
        self.mix = nn.ModuleList([nn.Linear(size, size) for _ in range(layers)])
        self.scores = nn.Sequential(nn.Linear(size, 64), nn.ReLU(), nn.Linear(64, answers))

    def forward(self, ids: Tensor) -> Tensor:
        if self.told == "begin":
            ids = F.pad(ids, (1, 0), value=24)  # each row begins with the same word
        places = torch.arange(ids.shape[1])  # (T,)
        x = self.embedding(ids)  # (B, T, E)
        if self.told == "sinusoids":
            x = x + positional_encoding(*x.shape[1:])
        if self.told == "learned":
            x = x + self.table(places)
        for qkv, mix in zip(self.qkv, self.mix, strict=True):
            parts = qkv(x).unflatten(2, (12, -1)).transpose(1, 2)  # (B, 3 · 4 heads, T, d)
            q, k, v = parts.chunk(3, dim=1)
            if self.told == "rotary":
                q, k = rotate(q, places[None], 10_000.0), rotate(k, places[None], 10_000.0)
            heads = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
            x = x + mix(heads.transpose(1, 2).flatten(2))
        return self.scores(x[:, -1])


def rows(task: str, number: int, length: int = 8) -> tuple[Tensor, Tensor]:
    """Rows of words 0 to 15, two marked ones (16 to 23) among them, 24 (the question) last."""
    ids = torch.randint(16, (number, length))
    marked = 16 + torch.rand(number, 8).argsort(dim=1)[:, :2]  # (B, 2): two that differ
    places = torch.rand(number, length - 1).argsort(dim=1)[:, :2].sort(dim=1).values + 1  # (B, 2)
    ids = ids.scatter(1, places, marked)  # neither stands first, so that each has a left neighbour
    answer = {
        "larger": marked.max(dim=1).values,  # whatever their order
        "first": marked[:, 0],
        "third": ids[:, 2],
        "left": ids.gather(1, places[:, :1] - 1)[:, 0],  # left of the marked word that is first
    }[task]
    return F.pad(ids, (0, 1), value=24), answer
