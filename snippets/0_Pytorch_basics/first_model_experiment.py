"""Points on a line: one run in full, the same over 100 seeds, the bowl, and metres for kilometres.

    python snippets/0_Pytorch_basics/first_model_experiment.py

writes docs/assets/results/first_model.json. Half a minute of one core.
"""

import statistics
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from wode.book import results

SEEDS = range(100)
LOSS = nn.MSELoss()
Pair = tuple[Tensor, Tensor]


def orders(count: int, noise: float = 1.0) -> Pair:
    """Distances in km and delivery times in minutes, each (count, 1)."""
    km = 3 * torch.rand(count, 1)
    return km, 8 + 5 * km + noise * torch.randn(count, 1)


def trained(seed: int, noise: float = 1.0) -> tuple[Pair, Pair, nn.Linear, dict[str, list[float]]]:
    """The page's run: its data, its model, and both losses before and after each epoch."""
    torch.manual_seed(seed)
    km, minutes = orders(200, noise)
    model = nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    train, test = (km[:160], minutes[:160]), (km[160:], minutes[160:])
    curves = {"train": [loss_of(model, *train)], "test": [loss_of(model, *test)]}
    for _ in range(20):
        for x, y in DataLoader(TensorDataset(*train), batch_size=32, shuffle=True):
            loss = LOSS(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        curves["train"].append(loss_of(model, *train))
        curves["test"].append(loss_of(model, *test))
    return train, test, model, curves


def loss_of(predict: Callable[[Tensor], Tensor], x: Tensor, y: Tensor) -> float:
    """The mean squared error of a prediction."""
    with torch.no_grad():
        return LOSS(predict(x), y).item()


def true_line(x: Tensor) -> Tensor:
    """The line that made the data."""
    return 8 + 5 * x


def copier(x: Tensor, y: Tensor) -> Callable[[Tensor], Tensor]:
    """A prediction that copies the time of the nearest distance."""
    return lambda asked: y[(asked - x.T).abs().argmin(dim=1)]


def descent(x: Tensor, y: Tensor, lr: float, steps: int, w: float = -1.0) -> list[list[float]]:
    """w and the loss on the way down, with b held at 8."""
    path = []
    for _ in range(steps + 1):
        path.append([w, ((w * x + 8 - y) ** 2).mean().item()])
        w -= lr * (2 * (w * x + 8 - y) * x).mean().item()
    return path


def line_loss(
    x: Tensor, y: Tensor, lr: float, steps: int, b: float | None = None
) -> list[float] | None:
    """w, b and the loss after so many steps from the page's start, or from another b; None where
    they blew up."""
    torch.manual_seed(0)
    line = nn.Linear(1, 1)
    if b is not None:
        nn.init.constant_(line.bias, b)
    optimizer = torch.optim.SGD(line.parameters(), lr=lr)
    for _ in range(steps):
        loss = LOSS(line(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = [line.weight.item(), line.bias.item(), loss_of(line, x, y)]
    return found if all(abs(value) < 1e6 for value in found) else None


def first_slope(x: Tensor, y: Tensor) -> float:
    """The slope along w where the page's line starts."""
    torch.manual_seed(0)
    line = nn.Linear(1, 1)
    LOSS(line(x), y).backward()
    assert line.weight.grad is not None
    return line.weight.grad.item()


def over_seeds() -> dict[str, list[list[float]]]:
    """Train and test loss of the model, the true line and the copier, a row a seed."""
    rows: dict[str, list[list[float]]] = {"model": [], "true": [], "nearest": []}
    for seed in SEEDS:
        train, test, model, _ = trained(seed)
        for name, predict in [("model", model), ("true", true_line), ("nearest", copier(*train))]:
            rows[name].append([loss_of(predict, *train), loss_of(predict, *test)])
    return rows


def main() -> None:
    torch.set_num_threads(1)
    train, test, model, curves = trained(0)
    torch.manual_seed(1)
    fresh = orders(100_000)
    by_name = {
        name: {
            "train": loss_of(predict, *train),
            "test": loss_of(predict, *test),
            "fresh": loss_of(predict, *fresh),
        }
        for name, predict in [("model", model), ("true", true_line), ("nearest", copier(*train))]
    }
    forties = [
        loss_of(model, *part) for part in zip(fresh[0].split(40), fresh[1].split(40), strict=True)
    ]
    rows = over_seeds()
    tests = [test for _, test in rows["model"]]
    grid = [i / 10 for i in range(-80, 181)]
    metres = []
    for lr in (1e-8, 1e-7, 2e-7, 2.5e-7, 3e-7, 4e-7, 1e-6, 1e-4):
        found = line_loss(1000 * train[0], train[1], lr, 50_000)
        w, b, loss = found or ("nan", "nan", "nan")
        metres.append({"lr": lr, "w": w, "b": b, "loss": loss})
    exact = [trained(seed, noise=0.0) for seed in range(5)]
    best = torch.linalg.lstsq(torch.cat([train[0], torch.ones_like(train[0])], 1), train[1])
    path = results.write(
        "first_model",
        {
            "km": [round(value, 3) for value in torch.cat([train[0], test[0]]).flatten().tolist()],
            "minutes": [
                round(value, 3) for value in torch.cat([train[1], test[1]]).flatten().tolist()
            ],
            "w": model.weight.item(),
            "b": model.bias.item(),
            "curves": curves,
            **by_name,
            "gap_share": (by_name["true"]["test"] - by_name["true"]["train"])
            / (by_name["model"]["test"] - by_name["model"]["train"]),
            "forties": {
                "sets": len(forties),
                "mean": statistics.mean(forties),
                "low": statistics.quantiles(forties, n=40)[0],
                "high": statistics.quantiles(forties, n=40)[-1],
                "as_bad": sum(value >= by_name["model"]["test"] for value in forties),
            },
            "seeds": len(SEEDS),
            "rows": rows,
            "higher": {name: sum(b > a for a, b in pairs) for name, pairs in rows.items()},
            "mean_train": {
                name: statistics.mean(a for a, _ in pairs) for name, pairs in rows.items()
            },
            "mean_test": {
                name: statistics.mean(b for _, b in pairs) for name, pairs in rows.items()
            },
            "rank": 1 + sum(value > tests[0] for value in tests),
            "no_noise": [curves["train"][-1] for *_, curves in exact],
            "no_noise_w": exact[0][2].weight.item(),
            "no_noise_b": exact[0][2].bias.item(),
            "best_line": best.solution.flatten().tolist(),
            "bowl": {
                "w": grid,
                "loss": [((w * train[0] + 8 - train[1]) ** 2).mean().item() for w in grid],
                "small": descent(*train, lr=0.1, steps=8),
                "large": descent(*train, lr=0.4, steps=3),
            },
            "metres": metres,
            "metres_best": min(row["loss"] for row in metres if row["loss"] != "nan"),
            "metres_from_8": line_loss(1000 * train[0], train[1], lr=1e-7, steps=1000, b=8.0),
            "steeper": first_slope(1000 * train[0], train[1]) / first_slope(*train),
            "kilometres": line_loss(*train, lr=0.1, steps=100),
        },
        seed=list(SEEDS),
        command="python snippets/0_Pytorch_basics/first_model_experiment.py",
        note_zh="200 单外卖上训练的一条线：一次运行的全部，100 个种子的训练损失与测试损失，"
        "路程写成米之后的学习率。",
        note_en="A line trained on 200 deliveries: one run in full, train and test loss over 100 "
        "seeds, and learning rates once distances are in metres.",
    )
    print(path)


if __name__ == "__main__":
    main()
