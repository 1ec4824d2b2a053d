"""The digit 11 places ago, found by places or by distances: for the page `transformer-xl`."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_xl import Absolute
from wode.checks import likeliest
from wode.transformer_xl import Config, TransformerXL


def copied(
    way: str, steps: int, lr: float, seed: int, layers: int = 2, back: int = 11
) -> dict[str, float]:
    """Say the digit that stood 11 places ago, 3 to 10 of them before the segment (8) began.

    Learned on texts of 4 segments with a memory of two, which ``alone`` does not read; those of
    ``anywhere`` begin at a place drawn at random. Returns how many of the last segment's are right,
    in such texts, in longer ones, and far from the start.
    """
    torch.manual_seed(seed)
    config = Config(10, 32, layers, 2, 128, 0.0, mem_len=16)
    counts = {"restarts": False, "counts": True, "anywhere": True}
    model = Absolute(config, counts[way]) if way in counts else TransformerXL(config)
    for weight in model.parameters():
        if weight.ndim > 1:
            nn.init.normal_(weight, std=0.1)

    def last(ids: Tensor, start: int = 0) -> tuple[Tensor, Tensor]:
        memory, logits = None, ids
        for n, part in enumerate(ids.split(8, dim=1)):
            memory = None if way == "alone" else memory
            if isinstance(model, Absolute):
                logits, memory = model(part, memory, start + 8 * n)
            else:
                logits, memory = model(part, memory)
        return logits, ids[:, -8 - back : -back]  # (B, 8, V), (B, 8)

    optimizer = torch.optim.AdamW(model.parameters(), lr, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, steps, pct_start=0.1)
    for _ in range(steps):
        start = int(torch.randint(832, ())) if way == "anywhere" else 0
        logits, answers = last(torch.randint(10, (32, 32)), start)
        loss = F.cross_entropy(logits.flatten(0, 1), answers.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()

    @torch.no_grad()
    def right(length: int, start: int) -> float:
        logits, answers = last(torch.randint(10, (400, length)), start)
        return (likeliest(logits, dim=2) == answers).float().mean().item()

    return {"as learned": right(32, 0), "longer": right(96, 0), "later": right(32, 800)}
