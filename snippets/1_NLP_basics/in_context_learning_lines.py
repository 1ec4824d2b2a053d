"""Lines for the page `in-context-learning`: a GPT learns them, its rivals, linear attention."""

from types import FunctionType
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_context_learning import Learner, nearest, new_lines, teach

SQUARE = nn.MSELoss()


def error(answer: Tensor, y: Tensor) -> list[float]:
    """Squared error over that of always answering 0, by the number of examples."""
    return ((answer - y).square().mean(dim=(0, 2)) / y.square().mean()).tolist()


def regressor(new: FunctionType, seed: int, steps: int, lr: float, longest: int = 16) -> Learner:
    torch.manual_seed(seed)
    model = Learner(question=3, answer=1, longest=longest)
    teach(model, new, SQUARE, steps, lr, n=9)
    return model


def least_squares(x: Tensor, y: Tensor, ridge: float = 0.0) -> Tensor:
    """What the w of the examples before each question answers: (B, n, 1).

    The w with the least squared error plus ridge · |w|²; of equal ones the shortest.
    """
    answers = [torch.zeros_like(y[:, 0])]
    for k in range(1, x.shape[1]):
        X, target = x[:, :k], y[:, :k]  # (B, k, d), (B, k, 1)
        if ridge:
            w = torch.linalg.solve(X.mT @ X + ridge * torch.eye(x.shape[2]), X.mT @ target)
        else:
            w = torch.linalg.pinv(X) @ target  # (B, d, 1)
        answers.append((x[:, k, None] @ w)[:, 0])
    return torch.stack(answers, dim=1)


def descent(x: Tensor, y: Tensor, rate: float, steps: int = 1) -> Tensor:
    """What `steps` steps of gradient descent on the examples from w = 0 answer: (B, n, 1)."""
    answers = [torch.zeros_like(y[:, 0])]
    for k in range(1, x.shape[1]):
        X, w = x[:, :k], x.new_zeros(len(x), x.shape[2], 1)
        for _ in range(steps):
            w = w - rate / k * X.mT @ (X @ w - y[:, :k])
        answers.append((x[:, k, None] @ w)[:, 0])
    return torch.stack(answers, dim=1)


def tuned(x: Tensor, y: Tensor, steps: int) -> Tensor:
    """`descent` at the rate that is best for each number of examples, on other prompts."""
    other = new_lines(2000, x.shape[1])
    rates = [0.05 * n for n in range(1, 25)]
    losses = torch.tensor([error(descent(*other, rate, steps), other[1]) for rate in rates])
    best = losses.nan_to_num(1e9).min(dim=0).indices.tolist()  # (n,)
    answers = [
        descent(x[:, : k + 1], y[:, : k + 1], rates[best[k]], steps) for k in range(len(best))
    ]
    return torch.stack([answer[:, -1] for answer in answers], dim=1)


def measure_lines(seed: int, steps: int, lr: float) -> dict[str, Any]:
    """Error by the number of examples; beyond the range; whose answers the model's are nearest."""
    model = regressor(new_lines, seed, steps, lr)
    torch.manual_seed(1000 + seed)
    x, y = new_lines(2000, 9)
    noisy = y + 0.5 * torch.randn_like(y)
    with torch.no_grad():
        answer = model(x, y)
        found: dict[str, Any] = {"model": error(answer, y)}
        found["stretched"] = [error(model(s * x, s * y), s * y)[8] for s in (1, 2, 3, 4)]
        found["noisy"] = error(model(x, noisy), y)
        rivals = {
            "nearest": nearest(x, y),
            "least_squares": least_squares(x, y),
            **{f"step_{n}": tuned(x, y, n) for n in (1, 2, 4)},
        }
        found["rivals"] = {key: error(value, y) for key, value in rivals.items()}
        found["apart"] = {
            key: ((answer - value)[:, 8].square().mean() / y.square().mean()).item()
            for key, value in rivals.items()
        }
        found["noisy_rivals"] = {
            "least_squares": error(least_squares(x, noisy), y),
            "ridge": error(least_squares(x, noisy, ridge=0.25), y),
        }
    return found


def measure_wide(seed: int) -> list[float]:
    """Trained on prompts stretched by 1/2 to 4: error at the stretches 1, 2, 3, 4."""

    def stretched(batch: int, n: int) -> tuple[Tensor, Tensor]:
        x, y = new_lines(batch, n)
        by = 2 ** (3 * torch.rand(batch, 1, 1) - 1)
        return by * x, by * y

    model = regressor(stretched, seed, 400, 1e-2)
    torch.manual_seed(1000 + seed)
    x, y = new_lines(2000, 9)
    with torch.no_grad():
        return [error(model(s * x, s * y), s * y)[8] for s in (1, 2, 3, 4)]


class Placeless(Learner):
    """A learner whose position vectors are zero and stay it."""

    def __init__(self, question: int, answer: int, longest: int = 16) -> None:
        super().__init__(question, answer, longest)
        nn.init.zeros_(self.gpt.wpe.weight).requires_grad_(False)


def measure_longer(seed: int) -> dict[str, list[float]]:
    """Trained with up to 8 examples, asked with up to 24: a table with room, and no positions."""
    torch.manual_seed(1000 + seed)
    x, y = new_lines(2000, 25)
    found = {}
    for key, kind in {"table": Learner, "none": Placeless}.items():
        torch.manual_seed(seed)
        model = kind(question=3, answer=1, longest=32)
        teach(model, new_lines, SQUARE, 400, 1e-2, n=9)
        with torch.no_grad():
            found[key] = error(model(x, y), y)
    return found


def measure_tasks(number: int, seed: int, steps: int) -> dict[str, list[float]]:
    """Trained on ``number`` lines (0: a new one each time): error on those, and on new ones."""
    torch.manual_seed(500 + seed)
    known = torch.randn(number, 3) if number else None

    def some(batch: int, n: int) -> tuple[Tensor, Tensor]:
        return new_lines(batch, n, known)

    model = regressor(some, seed, steps, 1e-2)
    with torch.no_grad():
        old, new = some(2000, 9), new_lines(2000, 9)
        return {"known": error(model(*old), old[1]), "new": error(model(*new), new[1])}


# ---------------------------------------------------------------- one layer of linear attention


class LinearAttention(nn.Module):
    """One layer without softmax over rows (x, y), the last of them (x, 0): its y."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Parameter(0.1 * torch.randn(4, 4))  # W_Q W_Kᵀ
        self.say = nn.Parameter(0.1 * torch.randn(4, 4))  # W_V P

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        """x: (B, n, 3), y: (B, n, 1). Answers to the last question: (B, 1)."""
        rows = torch.cat([x, torch.cat([y[:, :-1], 0 * y[:, -1:]], dim=1)], dim=2)  # (B, n, 4)
        examples, question = rows[:, :-1], rows[:, -1:]
        weights = question @ self.look @ examples.mT / examples.shape[1]  # (B, 1, n − 1)
        return (weights @ examples @ self.say)[:, 0, 3:]


def measure_linear(seed: int) -> dict[str, Any]:
    """Trained from random weights: its error, and how far from one step at the best rate."""
    torch.manual_seed(seed)
    model = LinearAttention()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(3000):
        optimizer.param_groups[0]["lr"] = 1e-2 * (1 - step / 3000)
        x, y = new_lines(256, 9)
        loss = F.mse_loss(model(x, y), y[:, -1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    x, y = new_lines(20_000, 9)
    size = y.square().mean()
    rates = [0.05 * n for n in range(1, 31)]
    steps = torch.stack([descent(x[:, :9], y, rate)[:, 8] for rate in rates])  # (30, B, 1)
    losses = (steps - y[:, -1]).square().mean(dim=(1, 2)) / size
    best = int(losses.min(dim=0).indices)
    with torch.no_grad():
        answer = model(x, y)
    return {
        "error": ((answer - y[:, -1]).square().mean() / size).item(),
        "one_step": losses[best].item(),
        "rate": rates[best],
        "apart": ((answer - steps[best]).square().mean() / size).item(),
        "look": model.look.tolist(),
        "say": model.say.tolist(),
    }
