"""A long text read in pieces: what the memory of `wode.xlnet` is worth, and by whose places."""

import statistics

import torch
from torch import Tensor
from torch.nn import functional as F

from wode.files.download import data_root
from wode.xlnet import Config, XLNetLM

WAYS = ("alone", "memory", "longer")  # pieces alone; with a memory; pieces twice as long
PIECE, LONGEST = 32, 128


def characters() -> tuple[Tensor, Tensor]:
    """Shakespeare's plays as numbers of characters: to learn from, and the last tenth."""
    (path,) = (data_root() / "tinyshakespeare").glob("*.txt")
    text = path.read_text(encoding="utf-8")
    number = {one: n for n, one in enumerate(sorted(set(text)))}
    ids = torch.tensor([number[one] for one in text])
    cut = len(ids) * 9 // 10
    return ids[:cut], ids[cut:]


def read(
    model: XLNetLM, piece: Tensor, memory: list[Tensor] | None, keep: int
) -> tuple[Tensor, list[Tensor] | None]:
    """Logits of the next characters (B, T, V), and the last ``keep`` states as memory."""
    B, T = piece.shape
    left = torch.ones(B, T, T, dtype=torch.bool).tril()
    hidden, states = model.transformer(piece, left, memory=memory)
    return model.lm_loss(hidden), [one[:, -keep:] for one in states] if keep else None


def learn(way: str, ids: Tensor, config: Config, steps: int, lr: float, seed: int) -> XLNetLM:
    """Rows of the text read on and on, 512 characters a step; the memory is one piece."""
    torch.manual_seed(seed)
    chance = torch.Generator().manual_seed(seed)
    model = XLNetLM(config)
    length = PIECE * (2 if way == "longer" else 1)
    rows, keep = 512 // length, PIECE if way == "memory" else 0
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    at = torch.randint(len(ids) - 1, (rows,), generator=chance)
    memory = None
    for _ in range(steps):
        places = (at[:, None] + torch.arange(length + 1)) % len(ids)  # (B, T + 1)
        logits, memory = read(model, ids[places[:, :-1]], memory, keep)
        loss = F.cross_entropy(logits.flatten(0, 1), ids[places[:, 1:]].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        at = at + length
    return model.eval()


@torch.no_grad()
def by_place(model: XLNetLM, ids: Tensor, keep: int, wrong: bool = False) -> list[float]:
    """-log p by place in the piece, reading on with a memory of ``keep``; ``wrong``: a neighbour's.

    64 rows of the held-out text, 8 pieces each; the first four fill the memory and do not count.
    """
    rows = ids[: len(ids) // 64 * 64].view(64, -1)[:, : 8 * PIECE + 1]
    memory, costs = None, []
    for n in range(8):
        part = rows[:, n * PIECE : (n + 1) * PIECE + 1]
        if wrong and memory:
            memory = [one.roll(1, dims=0) for one in memory]
        logits, memory = read(model, part[:, :-1], memory, keep)
        cost = F.cross_entropy(logits.transpose(1, 2), part[:, 1:], reduction="none")  # (B, T)
        if n >= 4:
            costs.append(cost.mean(dim=0))
    return torch.stack(costs).mean(dim=0).tolist()


def measured(way: str, steps: int, lr: float, seed: int) -> dict[str, list[float]]:
    """By place, read with memories of several lengths."""
    learned_from, held_out = characters()
    config = Config(int(learned_from.max()) + 1, 128, 2, 4, 512, 0.0)
    model = learn(way, learned_from, config, steps, lr, seed)
    table = {f"keep{keep}": by_place(model, held_out, keep) for keep in (0, PIECE, LONGEST)}
    return table | {"wrong": by_place(model, held_out, PIECE, wrong=True)}


def means(runs: list[dict[str, list[float]]]) -> dict:
    """Over the seeds: the mean loss of each way of reading, each seed's, and the mean by place."""
    return {
        name: {
            "mean": statistics.mean(statistics.mean(run[name]) for run in runs),
            "seeds": [statistics.mean(run[name]) for run in runs],
            "places": [
                statistics.mean(column) for column in zip(*(r[name] for r in runs), strict=True)
            ],
        }
        for name in runs[0]
    }
