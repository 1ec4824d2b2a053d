"""What the page `transformer-xl` shows: a letter asked for later, a memory as a mask, places."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wode.transformer_xl import Config, Pairs, TransformerXL, distances, read_on

WORDS = "0123456789abcdefgh?"


def letters(rows: int, segments: int = 2, asked: Sequence[int] = (-1,)) -> tuple[Tensor, Tensor]:
    """Digits, a letter in the first segment of 8, `?` at the end of those asked; the answers."""
    ids = torch.randint(10, (rows, segments, 8))
    letter = torch.randint(10, 18, (rows,))
    ids[torch.arange(rows), 0, torch.randint(7, (rows,))] = letter
    answers = torch.full_like(ids, -100)  # -100: nothing is asked
    for n in asked:
        ids[:, n, 7], answers[:, n, 7] = WORDS.index("?"), letter
    return ids.flatten(1), answers.flatten(1)  # (B, 8 · segments)


def small(mem_len: int | None, layers: int = 2) -> TransformerXL:
    model = TransformerXL(Config(len(WORDS), 32, layers, 2, 128, dropout=0.0, mem_len=mem_len))
    for weight in model.parameters():
        if weight.ndim > 1:
            nn.init.normal_(weight, std=0.1)  # 0.02 is little for so small a model
    return model


def read(model: TransformerXL, ids: Tensor) -> Tensor:
    """Segment after segment: logits (B, T, V)."""
    memory, parts = None, []
    for segment in ids.split(8, dim=1):
        logits, memory = model(segment, memory)
        parts.append(logits)
    return torch.cat(parts, dim=1)


def at_once(model: TransformerXL, ids: Tensor) -> Tensor:
    """The same in one pass: a memory is a mask, and nothing cuts the gradient."""
    words, place = model.word_embedding.weight, torch.arange(ids.shape[1])
    distance, oldest = place[:, None] - place, place // 8 * 8 - (model.config.mem_len or 0)
    visible = (distance >= 0) & (place >= oldest[:, None])
    far = distances(-len(place), len(place) - 1, model.config.d_model).to(words)
    pairs = Pairs(far, *(one.expand(len(ids), -1, -1) for one in (distance, visible)))
    x, _ = read_on(model.layer, F.embedding(ids, words), None, pairs, 0)
    return x @ words.T


def learn(
    model: TransformerXL, make: Callable = letters, reader: Callable = read, steps: int = 70
) -> TransformerXL:
    """From 32 texts of ``make`` a step, read by ``reader``."""
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, steps, pct_start=0.1)
    for _ in range(steps):
        ids, answers = make(32)
        loss = F.cross_entropy(reader(model, ids).flatten(0, 1), answers.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    return model


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
