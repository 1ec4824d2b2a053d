"""A Transformer-XL whose places are absolute, for the page `transformer-xl`: what goes wrong."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wode.transformer_xl import Config, Pairs, TransformerXL, distances, read_on


class Absolute(TransformerXL):
    """Places are added to the words, and a score knows of no distance (r = 0).

    ``counts``: a segment's places go on where the last one's ended; else each begins at 0.
    """

    def __init__(self, config: Config, counts: bool) -> None:
        super().__init__(config)
        self.counts = counts

    def forward(
        self, input_ids: Tensor, memory: Sequence[Tensor] | None = None, start: int = 0
    ) -> tuple[Tensor, list[Tensor]]:
        (B, T), E = input_ids.shape, self.config.d_model
        S, first = memory[0].shape[1] if memory else 0, start if self.counts else 0
        distance = (torch.arange(S, S + T)[:, None] - torch.arange(S + T)).expand(B, T, S + T)
        words = self.word_embedding(input_ids)  # (B, T, E)
        x = words + distances(first, first + T - 1, E).to(words)
        pairs = Pairs(words.new_zeros(2 * (S + T), E), distance, distance >= 0)
        x, kept = read_on(self.layer, x, memory, pairs, self.config.mem_len)
        return F.linear(x, self.word_embedding.weight), kept


def copied(
    way: str, steps: int, lr: float, seed: int, layers: int = 2, back: int = 11
) -> dict[str, float]:
    """Say the digit that stood 11 places ago, 3 to 10 of them before the segment (8) began.

    Learned on texts of 4 segments with a memory of two, which ``alone`` does not read. Returns how
    many of the last segment's are right, in such texts, in longer ones, and far from the start.
    """
    torch.manual_seed(seed)
    config = Config(10, 32, layers, 2, 128, 0.0, mem_len=16)
    counts = {"restarts": False, "counts": True}
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
        logits, answers = last(torch.randint(10, (32, 32)))
        loss = F.cross_entropy(logits.flatten(0, 1), answers.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()

    @torch.no_grad()
    def right(length: int, start: int) -> float:
        logits, answers = last(torch.randint(10, (400, length)), start)
        return (logits.argmax(dim=2) == answers).float().mean().item()

    return {"as learned": right(32, 0), "longer": right(96, 0), "later": right(32, 800)}
