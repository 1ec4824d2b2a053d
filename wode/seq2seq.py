"""What stands around an encoder–decoder (`wode.bart`, `wode.t5`): batches, training, writing.

The numbers of padding, begin and end are those of `wode.translation`.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import padding_mask
from wode.checks import several, whole
from wode.decoding import device_of, evaluating, greedy_search
from wode.denoising import Pair
from wode.padding import pad_ids, real_tokens
from wode.transformer import LayerCaches
from wode.translation import BEGIN, END, PAD

IGNORE = -100  # no loss here


class EncoderDecoder(nn.Module):
    """What reads a source (B, S) and writes a target (B, T), whatever its stacks are.

    ``start`` is what the decoder reads first, ``padding`` what it reads where no label is.
    """

    def __init__(self, start: int, padding: int) -> None:
        super().__init__()
        self.start, self.padding = start, padding

    def encode(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """The memory (B, S, E) of input_ids (B, S)."""
        raise NotImplementedError

    def decode(
        self,
        target_ids: Tensor,
        memory: Tensor,
        attention_mask: Tensor | None = None,
        caches: Sequence[LayerCaches] | None = None,
    ) -> Tensor:
        """Logits (B, T, vocabulary) of target_ids (B, T), with caches the new ones."""
        raise NotImplementedError

    def caches(self) -> list[LayerCaches]:
        """Empty caches for writing, a pair a layer."""
        raise NotImplementedError

    def forward(
        self, input_ids: Tensor, target_ids: Tensor, attention_mask: Tensor | None = None
    ) -> Tensor:
        """input_ids (B, S), target_ids (B, T), padded on the right. Logits (B, T, vocabulary)."""
        return self.decode(target_ids, self.encode(input_ids, attention_mask), attention_mask)

    def loss(
        self, input_ids: Tensor, labels: Tensor, attention_mask: Tensor | None = None
    ) -> Tensor:
        """The mean over ``labels`` (B, T) that are not -100; the decoder reads them shifted."""
        start = labels.new_full((len(labels), 1), self.start)
        before = labels[:, :-1].masked_fill(labels[:, :-1] == IGNORE, self.padding)
        logits = self(input_ids, torch.cat([start, before], dim=1), attention_mask)
        return F.cross_entropy(logits.flatten(0, 1), labels.flatten())


def seen(attention_mask: Tensor | None, x: Tensor) -> Tensor | None:
    """The mask that attention takes, (B, 1, 1, S), if there is one; it is of ``x`` (B, S, …)."""
    return None if attention_mask is None else padding_mask(real_tokens(attention_mask, x))


def batch_of(pairs: Sequence[Pair]) -> tuple[Tensor, Tensor, Tensor]:
    """The ids (B, S), padded; which are real (B, S); the labels (B, T), -100 behind them.

    Raises:
        ValueError: no pair, or a source of no token.
    """
    if not pairs or not all(pair.source for pair in pairs):
        raise ValueError("expected pairs whose sources have at least one token")
    ids = pad_ids([pair.source for pair in pairs], PAD)
    mask = pad_ids([[1] * len(pair.source) for pair in pairs])
    return ids, mask, pad_ids([pair.target for pair in pairs], IGNORE)


class SourceSteps:
    """The steps of writing for ``ids`` (B, S), of which ``mask`` (B, S) are real."""

    def __init__(self, model: EncoderDecoder, ids: Tensor, mask: Tensor) -> None:
        self.model, self.mask = model, mask
        self.memory, self.caches = model.encode(ids, mask), model.caches()  # (B, S, E)

    def next_logits(self, tokens: Tensor) -> Tensor:
        new = tokens[:, len(self.caches[0][0]) :].to(self.memory.device)
        return self.model.decode(new, self.memory, self.mask, self.caches)[:, -1].cpu()

    def select(self, rows: Tensor) -> None:
        rows = rows.to(self.memory.device)
        self.memory, self.mask = self.memory[rows], self.mask[rows]
        for pair in self.caches:
            for cache in pair:
                cache.select(rows)


def answers(
    model: EncoderDecoder, sources: Sequence[Sequence[int]], max_length: int = 30
) -> list[list[int]]:
    """What the model writes for each source, the likeliest token each time, without the end."""
    written: list[list[int]] = []
    for first in range(0, len(several("sources", sources)), 100):
        part = [Pair([*source], [END]) for source in sources[first : first + 100]]
        ids, mask, _ = batch_of(part)
        device = device_of(model)
        with evaluating(model):
            steps = SourceSteps(model, ids.to(device), mask.to(device))
            written += greedy_search(steps, len(part), BEGIN, END, max_length)
    return written


def train(
    model: EncoderDecoder, draw: Callable[[], Sequence[Pair]], steps: int, lr: float
) -> list[float]:
    """Each step on the pairs that ``draw`` gives, the rate up and down again; the losses."""
    steps = whole("steps", steps, 1)
    optimizer = torch.optim.AdamW(model.parameters(), lr, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, total_steps=steps)
    losses, device = [], device_of(model)
    model.train()
    for _ in range(steps):
        ids, mask, labels = (part.to(device) for part in batch_of(draw()))
        loss = model.loss(ids, labels, mask)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    model.train(False)
    return losses
