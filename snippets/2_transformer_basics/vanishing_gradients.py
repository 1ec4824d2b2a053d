"""What the chapter `vanishing-gradients` includes: encoders to compare, two tasks to learn."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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


class Attention(nn.Module):
    """Layers of self-attention, added to their input. (B, T, d) → (B, T, d)."""

    def __init__(self, d: int, layers: int = 1, causal: bool = False, positions: int = 0) -> None:
        super().__init__()
        self.causal = causal  # an output sees its own place and what is left of it
        self.position = nn.Parameter(torch.randn(positions, d)) if positions else None
        self.maps = nn.ModuleList(nn.Linear(d, 3 * d) for _ in range(layers))
        self.outs = nn.ModuleList(nn.Linear(d, d) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        if self.position is not None:
            x = x + self.position[: x.shape[1]]
        for three, out in zip(self.maps, self.outs, strict=True):
            q, k, v = three(x).chunk(3, dim=-1)  # (B, T, d) each
            x = x + out(F.scaled_dot_product_attention(q, k, v, is_causal=self.causal))
        return x


class Convolutions(nn.Module):
    """Three layers of window 3, ReLU between. (B, T, d) → (B, T, d)."""

    def __init__(self, d: int) -> None:
        super().__init__()
        layers = [nn.Conv1d(d, d, kernel_size=3, padding=1) for _ in range(3)]
        self.layers = nn.Sequential(layers[0], nn.ReLU(), layers[1], nn.ReLU(), layers[2])

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x.mT).mT


def orthogonal_rnn(d: int) -> nn.RNN:
    """A recurrent matrix that turns the state and keeps its length."""
    rnn = nn.RNN(d, d, batch_first=True)
    nn.init.orthogonal_(rnn.get_parameter("weight_hh_l0"))
    return rnn


def open_gate(gated: nn.LSTM | nn.GRU, bias: float) -> nn.LSTM | nn.GRU:
    """Start the gate that keeps the state (the second block in both) at sigmoid(bias)."""
    d = gated.hidden_size
    with torch.no_grad():
        gated.get_parameter("bias_ih_l0")[d : 2 * d] = bias
        gated.get_parameter("bias_hh_l0")[d : 2 * d] = 0.0
    return gated


class Held(nn.Module):
    """The same recurrent network, but its state's gradient gets this length on the way back."""

    def __init__(self, recurrent: nn.RNN | nn.LSTM, shrink: float = 1.0) -> None:
        super().__init__()
        self.recurrent, self.shrink = recurrent, shrink  # by which factor a step, 1: not at all

    def forward(self, x: Tensor) -> Tensor:
        state, outputs = None, []
        for t, x_t in enumerate(x.split(1, dim=1)):  # (B, 1, d)
            y_t, state = self.recurrent(x_t, state)
            outputs.append(y_t)
            size = 0.01 * self.shrink ** (x.shape[1] - 1 - t)
            for part in state if isinstance(state, tuple) else (state,):  # (1, B, d)
                if part.requires_grad:
                    part.register_hook(
                        lambda gradient, size=size: size * F.normalize(gradient, dim=2)
                    )
        return torch.cat(outputs, dim=1)


ENCODERS = {  # a width, so that all have about 5,850 parameters, and how it is made
    "RNN": (48, lambda d: nn.RNN(d, d, batch_first=True)),
    "RNN, orthogonal": (48, orthogonal_rnn),
    "LSTM": (25, lambda d: nn.LSTM(d, d, batch_first=True)),
    "LSTM, bias 2": (25, lambda d: open_gate(nn.LSTM(d, d, batch_first=True), 2.0)),
    "GRU": (29, lambda d: nn.GRU(d, d, batch_first=True)),
    "RNN, orthogonal, held": (48, lambda d: Held(orthogonal_rnn(d))),
    "RNN, orthogonal, shrunk": (48, lambda d: Held(orthogonal_rnn(d), shrink=0.5)),
    "LSTM, held": (25, lambda d: Held(nn.LSTM(d, d, batch_first=True))),
    "CNN": (24, Convolutions),
    "attention": (35, Attention),
    "attention, positions": (34, lambda d: Attention(d, positions=65)),
    "attention, left only": (35, lambda d: Attention(d, causal=True)),
    "two layers": (25, lambda d: Attention(d, layers=2)),
    "two layers, left only": (25, lambda d: Attention(d, layers=2, causal=True)),
}


class Reader(nn.Module):
    """Embedding, an encoder, and its last output classified: (B, T) → logits (B, 8)."""

    def __init__(self, name: str, scale: float = 1.0) -> None:
        super().__init__()
        d, make = ENCODERS[name]
        self.embedding = nn.Embedding(2 * VALUES, d)  # standard deviation 1
        nn.init.normal_(self.embedding.weight, std=scale)
        self.encoder = make(d)
        self.classifier = nn.Linear(d, VALUES)

    def forward(self, tokens: Tensor) -> Tensor:
        y = self.encoder(self.embedding(tokens))
        y = y[0] if isinstance(y, tuple) else y  # RNN, LSTM and GRU give their state too
        return self.classifier(y[:, -1])


def learn(
    name: str, task: str, distance: int, seed: int, lr: float, scale: float = 1.0, steps: int = 500
) -> float:
    """Train on fresh examples, until the loss is next to nothing; accuracy on 2000 others."""
    torch.manual_seed(seed)
    model = Reader(name, scale)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    generator = torch.Generator().manual_seed(1000 + seed)
    for _ in range(steps):
        tokens, labels = TASKS[task](32, distance, generator)
        loss = F.cross_entropy(model(tokens), labels)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if loss < 0.005:
            break
    tokens, labels = TASKS[task](2000, distance, torch.Generator().manual_seed(seed))
    with torch.no_grad():
        return (model(tokens).argmax(dim=1) == labels).double().mean().item()
