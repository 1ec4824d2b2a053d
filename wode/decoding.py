"""Writing with a model, token by token: greedy search, beam search, sampling.

A search knows nothing of the model but its `Steps`: given the tokens so far they say how likely
each next one is; the search itself runs on the CPU. `write` is the loop, whether the likeliest
token is taken or one is drawn. `generate` goes on with a prompt, for models without an encoder
(`wode.gpt`, `wode.llama`). Whoever asks a model, to write or to be measured, does it within
`evaluating`.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import KeyValueCache
from wode.checks import likeliest, whole
from wode.padding import real_tokens


@contextmanager
def evaluating(model: object) -> Iterator[None]:
    """The model in evaluation mode and without gradients; its mode is put back, come what may."""
    modules = list(model.modules()) if isinstance(model, nn.Module) else []
    modes = [module.training for module in modules]
    try:
        for module in modules:
            module.training = False
        with torch.no_grad():
            yield
    finally:
        for module, training in zip(modules, modes, strict=True):
            module.training = training  # each its own: parts may be frozen in evaluation mode


def device_of(model: object) -> torch.device:
    """The device of the model's first parameter; cpu for a model without parameters."""
    parameters = model.parameters() if isinstance(model, nn.Module) else iter(())
    return next((tensor.device for tensor in parameters), torch.device("cpu"))


class Steps(Protocol):
    """What a search asks of a model."""

    def next_logits(self, tokens: Tensor) -> Tensor:
        """Tokens so far (N, t) → logits of the next (N, V), both on the CPU.

        Each call has one token more.
        """
        ...

    def select(self, rows: Tensor) -> None:
        """Go on with these of the N hypotheses, in this order; one may be taken more than once."""
        ...


@torch.no_grad()
def write(
    steps: Steps,
    tokens: Tensor,
    max_length: int,
    end_id: int | None,
    pick: Callable[[Tensor], Tensor] = likeliest,
    enough: Callable[[list[int]], bool] = lambda row: False,
) -> list[list[int]]:
    """The tokens after each row of ``tokens`` (B, t), until ``end_id``, which is left out.

    ``pick`` takes the next ones (N,) from the logits (N, V) of the rows that still write; a row
    whose new tokens are ``enough`` has ended, too.
    """
    written: list[list[int]] = [[] for _ in tokens]
    rows = list(range(len(tokens)))  # those that still write
    for _ in range(whole("max_length", max_length)):
        if not rows:
            break
        following, going = pick(steps.next_logits(tokens)), list[int]()  # (N,)
        for place, token in enumerate(following.tolist()):
            if token != end_id:
                written[rows[place]].append(token)
                if not enough(written[rows[place]]):
                    going.append(place)
        tokens = torch.cat([tokens, following[:, None]], dim=1)  # (N, t + 1)
        if len(going) < len(rows):
            tokens, rows = tokens[going], [rows[place] for place in going]
            steps.select(torch.tensor(going, dtype=torch.long))
    return written


def greedy_search(
    steps: Steps, batch: int, begin_id: int, end_id: int, max_length: int
) -> list[list[int]]:
    """Take the likeliest token each time, until ``end_id`` or ``max_length`` tokens.

    Returns:
        B lists of token ids, without ``begin_id`` and ``end_id``.

    Raises:
        ValueError: a length that is none.
        FloatingPointError: logits of which none can be the largest, see `wode.checks.likeliest`.
    """
    return write(steps, torch.full((whole("batch", batch), 1), begin_id), max_length, end_id)


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
    0 ≤ alpha ≤ 10. A source's search ends when no beginning can overtake its best. What is not
    whole after ``max_length`` tokens is compared as it stands.

    Args:
        steps: for B·beams hypotheses.

    Returns:
        B lists of token ids, without ``begin_id`` and ``end_id``.

    Raises:
        ValueError: no beam, a length or an alpha that is none, an end that is no token.
        FloatingPointError: logits of which none can be the largest, see `wode.checks.likeliest`.
    """
    batch, max_length = whole("batch", batch), whole("max_length", max_length)
    if not 0 <= alpha <= 10:
        raise ValueError(f"expected 0 <= alpha <= 10, got {alpha}")
    tokens = torch.full((batch * whole("beams", beams, 1), 1), begin_id)  # (B·k, t)
    score = torch.full((batch, beams), -torch.inf)  # log p of each beginning
    score[:, 0] = 0  # all are alike at first: go on from one
    best: list[tuple[float, list[int]]] = [(-torch.inf, [])] * batch
    for length in range(1, max_length + 1):
        logits = steps.next_logits(tokens)  # (B·k, V)
        likeliest(logits)  # raises: no row is a distribution without a largest
        log_p = logits.log_softmax(dim=-1)
        vocabulary = log_p.shape[-1]
        if not 0 <= end_id < vocabulary:
            raise ValueError(f"expected an end_id below {vocabulary}, got {end_id}")
        total = score[:, :, None] + log_p.view(batch, beams, vocabulary)  # (B, k, V)
        for row, ended in enumerate(total[:, :, end_id].tolist()):
            for beam, value in enumerate(ended):
                if (value := value / penalty(length, alpha)) > best[row][0]:
                    best[row] = value, tokens[row * beams + beam, 1:].tolist()
        total[:, :, end_id] = -torch.inf
        score, flat = total.flatten(1).topk(beams)  # (B, k)
        rows = (torch.arange(batch)[:, None] * beams + flat // vocabulary).flatten()  # (B·k,)
        tokens = torch.cat([tokens[rows], (flat % vocabulary).view(-1, 1)], dim=1)
        # Log p only falls, and no later length divides it by more than this.
        bound = score[:, 0] / penalty(max_length, alpha)
        if all(limit <= value for limit, (value, _) in zip(bound.tolist(), best, strict=True)):
            break
        steps.select(rows)
    else:
        for row, value in enumerate((score[:, 0] / penalty(max_length, alpha)).tolist()):
            if value > best[row][0]:
                best[row] = value, tokens[row * beams, 1:].tolist()
    return [ids for _, ids in best]


def penalty(length: int, alpha: float) -> float:
    """((5 + length) / 6)^alpha: with alpha > 0, longer sentences lose less."""
    return ((5 + length) / 6) ** alpha


# ---------------------------------------------------------------- sampling


class CausalModel(Protocol):
    """What `generate` asks of a model: `wode.gpt.Gpt`, `wode.llama.Llama`."""

    def __call__(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        caches: list[KeyValueCache] | None = None,
        logits_to_keep: int = 0,
    ) -> Tensor:
        """Tokens (B, T) → logits (B, T, V); with caches, the tokens not yet in them."""
        ...

    def caches(self) -> list[KeyValueCache]:
        """Empty caches, one a layer."""
        ...


def keep_top_k(logits: Tensor, k: int) -> Tensor:
    """All but the k largest of each row (…, V) become −∞; what ties with the k-th stays."""
    least = logits.topk(min(whole("top_k", k, 1), logits.shape[-1])).values[..., -1:]  # (…, 1)
    return logits.masked_fill(logits < least, -torch.inf)


def keep_top_p(logits: Tensor, p: float) -> Tensor:
    """Keep of each row (…, V) the likeliest tokens that have the probability ``p`` together.

    The nucleus of Holtzman et al. (arXiv:1904.09751, section 3.1): the fewest tokens whose
    probabilities sum to at least p; the others become −∞.
    """
    if not 0 < p <= 1:
        raise ValueError(f"expected 0 < top_p <= 1, got {p}")
    ascending, order = logits.sort(dim=-1)
    outside = ascending.softmax(dim=-1).cumsum(dim=-1) <= 1 - p  # the unlikely tail
    outside[..., -1] = False  # the likeliest is always kept
    return logits.masked_fill(outside.scatter(-1, order, outside), -torch.inf)


def sample(
    logits: Tensor,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Draw a token from each row of logits (B, V) → (B,).

    ``temperature``: logits are divided by it; below 1 the likely becomes likelier, at 0 the
    likeliest is taken and nothing is drawn. So small a one that the quotient overflows draws from
    what the softmax tends to: the largest alone, if others tie with it each alike.

    Raises:
        ValueError: a temperature, top_k or top_p that is none.
        FloatingPointError: logits of which none can be the largest, see `wode.checks.likeliest`.
    """
    if not 0 <= temperature < math.inf:
        raise ValueError(f"expected temperature, a finite number of at least 0, got {temperature}")
    best = likeliest(logits)  # (B,)
    if temperature == 0:
        return best
    logits = logits.double()
    below = logits - logits.gather(-1, best[:, None])  # 0 at the largest: no quotient is +∞
    logits = (below / temperature).float()
    if top_k is not None:
        logits = keep_top_k(logits, top_k)
    if top_p is not None:
        logits = keep_top_p(logits, top_p)
    return torch.multinomial(logits.softmax(dim=-1), 1, generator=generator).squeeze(1)


class PromptSteps:
    """The steps of going on with prompts, padded on the left where ``mask`` (B, T) is false."""

    def __init__(self, model: CausalModel, ids: Tensor, mask: Tensor | None, cache: bool) -> None:
        self.model, self.mask, self.device = model, mask, ids.device
        self.caches = model.caches() if cache else None
        self.rows = torch.arange(len(ids))  # those of the prompts that still write

    def next_logits(self, tokens: Tensor) -> Tensor:
        mask = self.mask
        if mask is not None:  # what is new is no padding
            mask = F.pad(mask, (0, tokens.shape[1] - mask.shape[1]), value=1)  # (N, t)
        fresh = tokens[:, len(self.caches[0]) if self.caches else 0 :].to(self.device)
        return self.model(fresh, mask, self.caches, logits_to_keep=1)[:, -1].cpu()  # (N, V)

    def select(self, rows: Tensor) -> None:
        self.rows, rows = self.rows[rows], rows.to(self.device)
        self.mask = None if self.mask is None else self.mask[rows]
        for cache in self.caches or []:
            cache.select(rows)


def generate(
    model: CausalModel,
    prompt: Tensor,
    length: int,
    *,
    attention_mask: Tensor | None = None,
    end_id: int | None = None,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    generator: torch.Generator | None = None,
    cache: bool = True,
) -> list[list[int]]:
    """Go on with ``prompt`` (B, T) by ``length`` tokens, or until ``end_id``.

    Args:
        attention_mask: (B, T), true at real tokens (`wode.padding.real_tokens`); prompts of unequal
            length are padded on the left, since the model goes on where the row ends.
        length: how many tokens at most.
        temperature: as in `sample`; 0 is greedy search.
        top_k: as in `keep_top_k`; None keeps all.
        top_p: as in `keep_top_p`; None keeps all.
        generator: on the CPU; the same seed writes the same text.
        cache: keep keys and values, so that each step computes one token and not all again.

    Returns:
        B lists of the new token ids, without ``end_id``.

    Raises:
        ValueError: an empty prompt, padding at the end of a row, or a length, temperature, top_k or
            top_p that is none.
        FloatingPointError: logits of which none can be the largest, see `wode.checks.likeliest`.
    """
    if prompt.ndim != 2 or not prompt.shape[1]:
        raise ValueError(f"expected a prompt (B, T) of T ≥ 1 tokens, got {tuple(prompt.shape)}")
    if attention_mask is not None:
        attention_mask = real_tokens(attention_mask, prompt)
        if not attention_mask[:, -1].all():
            raise ValueError("expected padding on the left: attention_mask ends with 0 in some row")
    length, steps = whole("length", length), PromptSteps(model, prompt, attention_mask, cache)

    def pick(logits: Tensor) -> Tensor:
        """Draw for rows that have ended, too: what a row draws depends on no other one's end."""
        every = logits
        if len(logits) < len(prompt):
            every = logits.new_zeros(len(prompt), logits.shape[1])  # (B, V)
            every[steps.rows] = logits
        return sample(every, temperature, top_k, top_p, generator)[steps.rows]

    with evaluating(model), torch.inference_mode():  # nothing that autograd would need is noted
        return write(steps, prompt.cpu(), length, end_id, pick)
