"""A task for one attention, and what dividing by √d does to it: at the start, and in each step.

`Recall` is asked which value stood beside a key. Without the division the scores start √d times as
far apart, and a step of Adam on the queries' weights, whose length the learning rate alone
decides, moves them √d times as far. `trained` takes the two apart.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import MultiHeadAttention
from wode.checks import likeliest

KEYS, VALUES, PAIRS = 64, 16, 16


class Recall(nn.Module):
    """One attention and no more: which value stood beside this key?

    Keys and values are tokens with embeddings of their own; the answer is read from the output.
    """

    def __init__(self, head_size: int, scaled: bool = True) -> None:
        super().__init__()
        self.keys = nn.Embedding(KEYS, head_size)
        self.values = nn.Embedding(VALUES, head_size)
        self.attention = MultiHeadAttention(head_size, num_heads=1)
        self.output = nn.Linear(head_size, VALUES)
        self.factor = 1.0 if scaled else math.sqrt(head_size)  # undoes the division by √d

    def forward(self, keys: Tensor, values: Tensor, asked: Tensor) -> Tensor:
        """keys, values: (B, S), asked: (B,). Logits (B, VALUES).

        The few tokens there are go through the weights once, not each time they stand: a score is
        looked up, and a value's weight is that of all places where it stands.
        """
        weights = self.scores()[asked[:, None], keys].softmax(dim=-1)  # (B, S)
        share = torch.einsum("bs,bsv->bv", weights, F.one_hot(values, VALUES).to(weights.dtype))
        head = share @ self.attention.v_proj(self.values.weight)  # (B, d)
        return self.output(self.attention.out_proj(head))

    def scores(self) -> Tensor:
        """What each key gets when each is asked for, as the softmax has it: (KEYS, KEYS)."""
        q = self.factor * self.attention.q_proj(self.keys.weight)  # (KEYS, d)
        return q @ self.attention.k_proj(self.keys.weight).T / math.sqrt(q.shape[-1])

    def spread(self) -> float:
        """How far the scores of a question lie apart: the mean deviation over all keys."""
        return self.scores().std(dim=1).mean().item()


def questions(size: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """keys and values (B, PAIRS), no key twice; the key asked for (B,), and its value (B,)."""
    keys = torch.rand(size, KEYS).argsort(dim=1)[:, :PAIRS]
    values, place = torch.randint(VALUES, (size, PAIRS)), torch.randint(PAIRS, (size, 1))
    return keys, values, keys.gather(1, place).squeeze(1), values.gather(1, place).squeeze(1)


def trained(
    head_size: int,
    way: str = "scaled",
    seed: int = 0,
    steps: int = 300,
    learning_rate: float = 1e-3,
) -> dict[str, float]:
    """Train `Recall` by Adam.

    way:
        ``scaled``: divided by √d; ``plain``: not divided.
        ``start``: divided, and the queries' weights start √d times as large, so that the scores
            start as without the division. What meets these weights learns √d times as slowly, so
            that a step moves the scores no farther than with the division.
        ``slow``: divided, its start too, and the same learn slowly: the control of ``start``.
        ``step``: not divided, and the queries' weights start √d times as small, so that the scores
            start as with the division.

    Returns:
        accuracy: on 2000 fresh questions.
        before, first, after: the spread of the scores before training; by how much the first step
            changed a score, its mean size; the spread after training.
    """
    torch.manual_seed(seed)
    model = Recall(head_size, scaled=way in ("scaled", "start", "slow"))
    root = math.sqrt(head_size)
    with torch.no_grad():
        for parameter in model.attention.q_proj.parameters():
            parameter *= {"start": root, "step": 1 / root}.get(way, 1.0)
    meets = [*model.keys.parameters(), *model.attention.k_proj.parameters()]
    rest = [p for p in model.parameters() if all(p is not other for other in meets)]
    slowly = learning_rate / root if way in ("start", "slow") else learning_rate
    groups = [{"params": rest}, {"params": meets, "lr": slowly}]
    optimizer = torch.optim.Adam(groups, lr=learning_rate, fused=True)
    with torch.no_grad():
        before, scores = model.spread(), model.scores()
    first = 0.0
    for number in range(steps):
        keys, values, asked, answer = questions(64)
        loss = F.cross_entropy(model(keys, values, asked), answer)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if number == 0:
            first = (model.scores() - scores).abs().mean().item()
    with torch.no_grad():
        keys, values, asked, answer = questions(2000)
        right = (likeliest(model(keys, values, asked), dim=1) == answer).double().mean().item()
        return {"accuracy": right, "before": before, "first": first, "after": model.spread()}
