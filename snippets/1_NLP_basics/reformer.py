"""The task of the page `reformer`: write a word again that has been read, 0w0w."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.checks import likeliest
from wode.reformer import Config, Reformer


def copies(rows: int, half: int = 32, words: int = 15) -> Tensor:
    """Rows of 0w0w, (rows, 2 · half): w is half - 1 numbers from 1 to ``words``."""
    w = torch.randint(1, words + 1, (rows, half - 1))
    zero = torch.zeros(rows, 1, dtype=torch.long)
    return torch.cat([zero, w, zero, w], dim=1)


def teach(model: nn.Sequential, steps: int, lr: float = 3e-3) -> nn.Sequential:
    """Learn the second w, always from new rows."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = lr * min((step + 1) / 20, 1 - step / steps)
        ids = copies(32)
        logits = model(ids)[:, 32:-1]  # each place from the second 0 on says what comes next
        loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 33:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def new_model(config: Config) -> nn.Sequential:
    return nn.Sequential(Reformer(config), nn.Linear(2 * config.hidden_size, config.vocab_size))


@torch.no_grad()
def right(model: nn.Sequential, config: Config) -> float:
    """The share of the second w that is right, with other rounds or chunks than in training."""
    same = new_model(config)
    same.load_state_dict(model.state_dict())  # no weight knows of rounds, buckets or chunks
    ids = copies(100)
    return (likeliest(same(ids)[:, 32:-1]) == ids[:, 33:]).float().mean().item()
