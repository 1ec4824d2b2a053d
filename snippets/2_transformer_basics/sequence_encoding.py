"""What the chapter `sequence-encoding` includes: costs counted, and two tasks to learn."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from wode.checks import likeliest
from wode.sequence import CNN, AttentionEncoder, attention, cnn, rnn


def scaled_orthogonal(size: int, radius: float) -> Tensor:
    """A random orthogonal matrix times ``radius``: every singular value equals it. (size, size)."""
    return radius * torch.linalg.qr(torch.randn(size, size)).Q


def step_jacobian(y_t: Tensor, weight_hh: Tensor) -> Tensor:
    """∂y_t/∂y_{t-1} = diag(1 − y_t²) W_hh for a tanh step: (h,), (h, h) → (h, h)."""
    return (1 - y_t**2)[:, None] * weight_hh


def multiplications(run: Callable[[], object]) -> int:
    """Scalar multiplications in the matrix products that ``run`` does (a FLOP count, halved)."""
    with FlopCounterMode(display=False) as counter:
        run()
    return counter.get_total_flops() // 2


def graph_depth(y: Tensor) -> int:
    """The longest chain of operations, each needing the one before, from the leaves to y."""
    depth: dict = {}
    stack = [y.grad_fn]
    while stack:
        node = stack[-1]
        before = [n for n, _ in node.next_functions if n is not None] if node else []
        waiting = [n for n in before if n not in depth]
        if waiting:
            stack.extend(waiting)
        else:
            depth[stack.pop()] = 1 + max((depth[n] for n in before), default=0)
    return depth[y.grad_fn]


def three_layers(x: Tensor) -> dict[str, Callable[[], Tensor]]:
    """RNN, CNN and self-attention without its projections, on x (1, n, d), ready to be called."""
    d = x.shape[2]
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(2, d, d, generator=generator) / d
    kernel = torch.randn(d, d, 3, generator=generator) / d
    return {
        "rnn": lambda: rnn(x, *weight)[0],
        "cnn": lambda: cnn(x, kernel),
        "attention": lambda: attention(x, x, x),
    }


VALUES = 8  # tokens 0 … 7 fill up, 8 … 15 are marked


def recall_batch(size: int, distance: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """One marked token, ``distance`` steps before the end: which? (B, distance + 1), (B,)."""
    tokens = torch.randint(VALUES, (size, distance + 1), generator=generator)
    labels = torch.randint(VALUES, (size,), generator=generator)
    tokens[:, 0] = VALUES + labels
    return tokens, labels


def order_batch(size: int, distance: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Two different marked tokens, side by side: which comes first? distance ≥ 2."""
    tokens, labels = recall_batch(size, distance, generator)
    other = torch.randint(1, VALUES, (size,), generator=generator)
    tokens[:, 1] = VALUES + (labels + other) % VALUES
    return tokens, labels


TASKS = {"recall": recall_batch, "order": order_batch}
WIDTHS = {"rnn": 48, "cnn": 24, "attention": 35}  # close to the same number of parameters


class Reader(nn.Module):
    """Embedding, one of the three encoders, and the last output classified."""

    def __init__(self, kind: str, positions: int = 0) -> None:
        super().__init__()
        d = WIDTHS[kind]
        self.embedding = nn.Embedding(2 * VALUES, d)
        self.position = nn.Embedding(positions, d) if positions else None
        self.encoder: nn.Module
        if kind == "rnn":
            self.encoder = nn.RNN(d, d, batch_first=True)  # equal to ours, and faster
            nn.init.orthogonal_(self.encoder.get_parameter("weight_hh_l0"))
        else:
            self.encoder = CNN(d, (1, 1, 1)) if kind == "cnn" else AttentionEncoder(d)
        self.classifier = nn.Linear(d, VALUES)

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, T) → logits (B, 8)."""
        x = self.embedding(tokens)  # (B, T, d)
        if self.position is not None:
            x = x + self.position.weight[: x.shape[1]]
        y = self.encoder(x)
        y = y[0] if isinstance(y, tuple) else y  # (B, T, d)
        return self.classifier(y[:, -1])


def learn(
    kind: str, task: str, distance: int, seed: int, steps: int, lr: float, positions: int = 0
) -> float:
    """Train on fresh examples; accuracy on 2000 others."""
    torch.manual_seed(seed)
    model = Reader(kind, positions)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    generator = torch.Generator().manual_seed(1000 + seed)
    batch = TASKS[task]
    for _ in range(steps):
        tokens, labels = batch(32, distance, generator)
        loss = F.cross_entropy(model(tokens), labels)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    tokens, labels = batch(2000, distance, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return (likeliest(model(tokens)) == labels).double().mean().item()
