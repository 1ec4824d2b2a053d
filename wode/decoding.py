"""Writing with a model, token by token: greedy search and beam search.

A search knows nothing of the model but this: given the tokens so far it says how likely each next
one is; the search itself runs on the CPU. `TranslationSteps` says it for `TranslationModel`, with a
key–value cache or without; the cache changes the time and nothing else.
"""

from itertools import takewhile
from typing import Protocol

import torch
from torch import Tensor

from wode.transformer import TranslationModel


class Steps(Protocol):
    """What a search asks of a model."""

    def next_logits(self, tokens: Tensor) -> Tensor:
        """Tokens so far (N, t) → logits of the next (N, V); each call has one token more."""
        ...

    def select(self, rows: Tensor) -> None:
        """Go on with these of the N hypotheses, in this order; one may be taken more than once."""
        ...


class TranslationSteps:
    """The steps of translating ``source`` (B, S), each row ``beams`` times."""

    def __init__(
        self, model: TranslationModel, source: Tensor, beams: int = 1, cache: bool = True
    ) -> None:
        self.model = model
        memory, mask = model.encode(source)
        self.memory = memory.repeat_interleave(beams, dim=0)  # (B·beams, S, E)
        self.mask = mask.repeat_interleave(beams, dim=0)
        self.caches = model.transformer.decoder.caches() if cache else None

    def next_logits(self, tokens: Tensor) -> Tensor:
        if self.caches is not None:
            tokens = tokens[:, len(self.caches[0][0]) :]  # only what the caches do not hold
        tokens = tokens.to(self.memory.device)
        return self.model.decode(tokens, self.memory, self.mask, self.caches)[:, -1].cpu()

    def select(self, rows: Tensor) -> None:
        rows = rows.to(self.memory.device)
        self.memory, self.mask = self.memory[rows], self.mask[rows]
        for pair in self.caches or []:
            for cache in pair:
                cache.select(rows)


@torch.no_grad()
def greedy_search(
    steps: Steps, batch: int, begin_id: int, end_id: int, max_length: int, pad_id: int = 0
) -> list[list[int]]:
    """Take the likeliest token each time, until ``end_id`` or ``max_length`` tokens.

    Returns:
        B lists of token ids, without ``begin_id`` and ``end_id``.
    """
    tokens = torch.full((batch, 1), begin_id)  # (B, t)
    running = torch.ones(batch, dtype=torch.bool)
    for _ in range(max_length):
        following = steps.next_logits(tokens).argmax(dim=-1)  # (B,)
        following = following.where(running, pad_id)
        tokens = torch.cat([tokens, following[:, None]], dim=1)
        running &= following != end_id
        if not running.any():
            break
    rows = tokens[:, 1:].tolist()
    return [list(takewhile(lambda token: token != end_id, row)) for row in rows]


@torch.no_grad()
def beam_search(
    steps: Steps,
    batch: int,
    beams: int,
    begin_id: int,
    end_id: int,
    max_length: int,
    alpha: float = 0.6,
) -> list[list[int]]:
    """Keep the ``beams`` likeliest beginnings; return the best whole one of each source.

    Whole ones are compared by log p / ((5 + length) / 6)^alpha, ``length`` counting ``end_id``
    (Wu et al., arXiv:1609.08144, equation 14; the transformer's paper takes 4 beams, alpha 0.6);
    alpha ≥ 0.
    A source's search ends when no beginning can overtake its best. What is not whole after
    ``max_length`` tokens is compared as it stands.

    Args:
        steps: for B·beams hypotheses.

    Returns:
        B lists of token ids, without ``begin_id`` and ``end_id``.
    """
    tokens = torch.full((batch * beams, 1), begin_id)  # (B·k, t)
    score = torch.full((batch, beams), -torch.inf)  # log p of each beginning
    score[:, 0] = 0  # all are alike at first: go on from one
    best: list[tuple[float, list[int]]] = [(-torch.inf, [])] * batch

    def offer(row: int, value: float, ids: list[int]) -> None:
        best[row] = max(best[row], (value, ids), key=lambda pair: pair[0])

    for length in range(1, max_length + 1):
        log_p = steps.next_logits(tokens).log_softmax(dim=-1)  # (B·k, V)
        vocabulary = log_p.shape[-1]
        total = score[:, :, None] + log_p.view(batch, beams, vocabulary)  # (B, k, V)
        for row, whole in enumerate(total[:, :, end_id].tolist()):
            for beam, value in enumerate(whole):
                if value / penalty(length, alpha) > best[row][0]:
                    offer(
                        row, value / penalty(length, alpha), tokens[row * beams + beam, 1:].tolist()
                    )
        total[:, :, end_id] = -torch.inf
        score, flat = total.flatten(1).topk(beams)  # (B, k)
        rows = (torch.arange(batch)[:, None] * beams + flat // vocabulary).flatten()  # (B·k,)
        tokens = torch.cat([tokens[rows], (flat % vocabulary).view(-1, 1)], dim=1)
        # Log p only falls, and no later length divides it by more than this.
        bound = score[:, 0] / penalty(max_length, alpha)
        if all(limit <= found for limit, (found, _) in zip(bound.tolist(), best, strict=True)):
            break
        steps.select(rows)
    else:
        for row, value in enumerate((score[:, 0] / penalty(max_length, alpha)).tolist()):
            offer(row, value, tokens[row * beams, 1:].tolist())
    return [ids for _, ids in best]


def penalty(length: int, alpha: float) -> float:
    """((5 + length) / 6)^alpha: with alpha > 0, longer sentences lose less."""
    return ((5 + length) / 6) ** alpha
