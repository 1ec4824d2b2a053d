"""What the page `batching` includes: a batch that requests join and leave at any step."""

from collections import deque
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from wode.checks import likeliest
from wode.llama import Llama


@dataclass
class Request:
    prompt: list[int]
    most: int  # tokens to write, if the end does not come first
    written: list[int] = field(default_factory=list)

    def done(self, end: int) -> bool:
        return len(self.written) == self.most or end in self.written


class Batch:
    """Requests that write together, one token each a step."""

    def __init__(self, model: Llama) -> None:
        self.model, self.requests = model, []
        self.caches, self.mask = model.caches(), torch.ones(0, 0, dtype=torch.bool)  # (B, S)

    def join(self, request: Request) -> None:
        """Prefill: read the prompt alone, in one pass, then take a row among the others."""
        alone = self.model.caches()
        logits = self.model(torch.tensor([request.prompt]), caches=alone, logits_to_keep=1)
        request.written.append(int(likeliest(logits[0, -1])))
        self.mask = stack(self.mask, torch.ones(1, len(request.prompt), dtype=torch.bool), axis=1)
        for cache, new in zip(self.caches, alone, strict=True):  # keys and values: (B, h, S, d)
            both = zip((cache.key, cache.value), (new.key, new.value), strict=True)
            cache.key, cache.value = (stack(old, x, axis=2) for old, x in both if x is not None)
        self.requests.append(request)

    def step(self) -> None:
        """Decoding: one token for every request, with one pass over the weights."""
        last = torch.tensor([request.written[-1:] for request in self.requests])  # (B, 1)
        self.mask = F.pad(self.mask, (0, 1), value=True)  # the new token is no padding
        logits = self.model(last, self.mask, self.caches, logits_to_keep=1)[:, -1]  # (B, V)
        for request, token in zip(self.requests, likeliest(logits).tolist(), strict=True):
            request.written.append(token)

    def leave(self, end: int) -> None:
        """Those that are done give their rows back, and columns that only they needed."""
        stay = torch.tensor([not request.done(end) for request in self.requests], dtype=torch.bool)
        self.requests = [r for r in self.requests if not r.done(end)]
        self.mask = self.mask[stay]
        needed = self.mask.any(dim=0)
        self.mask = self.mask[:, needed]
        for cache in self.caches:
            cache.select(stay)
            both = (cache.key, cache.value)
            cache.key, cache.value = (x[:, :, needed] for x in both if x is not None)


def stack(rows: Tensor | None, new: Tensor, axis: int) -> Tensor:
    """One more row; the shorter along ``axis``, that of the tokens, is padded at its beginning."""
    if rows is None or not len(rows):
        return new
    length, after = max(rows.shape[axis], new.shape[axis]), (0, 0) * (new.ndim - 1 - axis)
    return torch.cat([F.pad(x, (*after, length - x.shape[axis], 0)) for x in (rows, new)])


def answer(model: Llama, requests: list[Request], places: int, end: int, wait: bool = False) -> int:
    """Answer all; how many passes the decoding took. ``wait``: new ones only when all are done."""
    waiting, batch, steps = deque(requests), Batch(model), 0
    while waiting or batch.requests:
        if not (wait and batch.requests):
            while waiting and len(batch.requests) < places:
                batch.join(waiting.popleft())
        batch.leave(end)  # one token may have been all
        if batch.requests:
            batch.step()
            batch.leave(end)
            steps += 1
    return steps


def steps_of(lengths: list[int], places: int, wait: bool = False) -> int:
    """`answer` without a model: the passes for answers of these lengths, in this order."""
    waiting, running, steps = deque(lengths), [], 0
    while waiting or running:
        if not (wait and running):
            while waiting and len(running) < places:
                running.append(waiting.popleft())
        running = [left - 1 for left in running if left > 1]
        steps += 1
    return steps
