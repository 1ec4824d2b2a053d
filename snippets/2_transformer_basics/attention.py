"""What the chapter `attention` includes: a model that guesses the next token."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import causal_mask


class NextToken(nn.Module):
    """One causal attention with 32 numbers a token; the softmax goes along ``axis``."""

    def __init__(self, axis: int) -> None:
        super().__init__()
        self.token, self.place = nn.Embedding(8, 32), nn.Embedding(4, 32)
        self.qkv, self.out = nn.Linear(32, 96), nn.Linear(32, 8)
        self.mix, self.axis = nn.Linear(32, 32), axis

    def forward(self, x: Tensor) -> Tensor:
        """Tokens (B, T), T ≤ 4 → scores of each next token (B, T, 8)."""
        h = self.token(x) + self.place.weight[: x.shape[1]]  # (B, T, 32)
        q, k, v = self.qkv(h).chunk(3, dim=-1)
        scores = q @ k.transpose(1, 2) / math.sqrt(32)  # (B, T, T)
        scores = scores.masked_fill(~causal_mask(x.shape[1]), -torch.inf)
        h = h + self.mix(F.relu(scores.softmax(dim=self.axis) @ v))
        return self.out(h)


def learn_next(
    axis: int, steps: int = 300, learning_rate: float = 3e-3, seed: int = 0
) -> tuple[float, float]:
    """Train on sequences of random tokens, where nobody can do better than ln 8.

    Returns:
        known: the loss on fresh sequences, all of a sequence given at once, as in training.
        beginning: the same when each token is guessed from those before it, as in writing.
    """
    torch.manual_seed(seed)
    model = NextToken(axis)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for _ in range(steps):
        x = torch.randint(8, (64, 5))
        loss = F.cross_entropy(model(x[:, :4]).transpose(1, 2), x[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    x = torch.randint(8, (2000, 5))
    with torch.no_grad():
        known = F.cross_entropy(model(x[:, :4]).transpose(1, 2), x[:, 1:])
        scores = torch.stack([model(x[:, :t])[:, -1] for t in range(1, 5)], dim=2)
        return known.item(), F.cross_entropy(scores, x[:, 1:]).item()
