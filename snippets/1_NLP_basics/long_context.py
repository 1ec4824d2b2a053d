"""For the page `long-context`: a task that needs the distance."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.checks import likeliest

CLS = 1  # 0 is padding
ASK = 2
NAMES = range(3, 11)
WORDS = range(11, 43)
Answer = Callable[[Tensor], Tensor]  # ids (B, T) → a score for each name (B, 8)


def texts(distance: Tensor, length: int, chance: torch.Generator) -> tuple[Tensor, Tensor]:
    """Words at random, one name ``distance`` (B,) before the last token, which asks for it.

    Returns ids (B, T) and which name it is (B,), from 0.
    """
    B = len(distance)
    ids = torch.randint(WORDS.start, WORDS.stop, (B, length), generator=chance)
    names = torch.randint(len(NAMES), (B,), generator=chance)
    ids[torch.arange(B), length - 1 - distance] = names + NAMES.start
    ids[:, 0], ids[:, -1] = CLS, ASK
    return ids, names


def learn(
    model: nn.Module, answer: Answer, length: int, steps: int, lr: float, seed: int = 0
) -> list[float]:
    """New texts in each step, near names as many as far ones; the losses."""
    chance = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=0.0, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps, pct_start=0.1)
    losses = []
    for _ in range(steps):
        distance = ((length - 1) ** torch.rand(32, generator=chance)).long()  # 1 … length - 2
        ids, names = texts(distance, length, chance)
        loss = F.cross_entropy(answer(ids), names)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return losses


@torch.no_grad()
def right(answer: Answer, distance: int, length: int, number: int = 200) -> float:
    """The share of new texts in which the name asked for gets the largest score."""
    chance = torch.Generator().manual_seed(1_000_000 + distance)
    ids, names = texts(torch.full((number,), distance), length, chance)
    return (likeliest(answer(ids)) == names).float().mean().item()
