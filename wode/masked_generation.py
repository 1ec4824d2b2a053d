"""Writing with a masked model, and scoring with it, beside the chain rule of a causal one.

A model is a function: ids (B, T) → logits (B, T, V). Row t of a masked model names the token at t,
row t of a causal one the token at t + 1. Rows of a batch may be padded; which tokens are written or
scored is said by ``places`` (B, T), and in which order by ``order`` (B, N), from `in_order`.

Gibbs sampling: *BERT has a Mouth, and It Must Speak* (Wang and Cho, arXiv:1902.04094, section 3).
Pseudo-log-likelihood: *Masked Language Model Scoring* (Salazar et al., arXiv:1910.14659, eq. 1).
"""

from collections.abc import Callable

import torch
from torch import Tensor

Model = Callable[[Tensor], Tensor]
Pick = Callable[[Tensor], Tensor]  # logits (N, V) → tokens (N,), such as `wode.decoding.sample`


def in_order(places: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """The columns of each row's places (B, T), from left to right, or at random: (B, N).

    A row with fewer places than another ends with -1.
    """
    if places.dtype != torch.bool or places.ndim != 2:
        raise ValueError(f"expected places bool (B, T), got {places.dtype} {tuple(places.shape)}")
    ticket = torch.arange(places.shape[1]).expand(places.shape).float()
    if generator is not None:
        ticket = torch.rand(places.shape, generator=generator)
    most = int(places.sum(dim=1).max())
    order = ticket.masked_fill(~places, torch.inf).argsort(dim=1)[:, :most]  # (B, N)
    return order.masked_fill(~places.gather(1, order), -1)


# ---------------------------------------------------------------- scoring


@torch.no_grad()
def log_probability(model: Model, ids: Tensor, places: Tensor) -> Tensor:
    """log p(x) = Σ_t log p(x_t | x_<t) under a causal model, in one pass: (B,).

    The first column is given and is no place.
    """
    log_p = model(ids)[:, :-1].log_softmax(dim=-1)  # (B, T − 1, V)
    steps = log_p.gather(2, ids[:, 1:, None]).squeeze(2)  # (B, T − 1): log p(x_t | x_<t)
    return steps.masked_fill(~places[:, 1:], 0).sum(dim=1)


def chain_log_probability(model: Model, ids: Tensor, order: Tensor, mask_id: int) -> Tensor:
    """log p(x) = Σ_k log p(x_σ(k) | x_σ(<k)) under a masked model, N passes: (B,).

    All places begin hidden, and are shown one after another in the order σ.
    """
    return _one_by_one(model, ids, _hide(ids, order, mask_id), order, mask_id)


def pseudo_log_likelihood(model: Model, ids: Tensor, order: Tensor, mask_id: int) -> Tensor:
    """Σ_t log p(x_t | x_∖t) under a masked model, N passes: (B,). No log-probability of x.

    One place is hidden at a time; all others are shown.
    """
    return _one_by_one(model, ids, ids.clone(), order, mask_id)


@torch.no_grad()
def _one_by_one(model: Model, ids: Tensor, read: Tensor, order: Tensor, mask_id: int) -> Tensor:
    total = torch.zeros(len(ids))
    for column in order.T:  # (B,)
        rows = (column >= 0).nonzero().squeeze(1)
        place = column[rows]
        read[rows, place] = mask_id
        log_p = model(read[rows])[range(len(rows)), place].log_softmax(dim=-1)  # (n, V)
        total[rows] += log_p[range(len(rows)), ids[rows, place]]
        read[rows, place] = ids[rows, place]
    return total


def _hide(ids: Tensor, order: Tensor, mask_id: int) -> Tensor:
    """The ids with [MASK] at every column that ``order`` names."""
    rows, nth = (order >= 0).nonzero(as_tuple=True)
    hidden = ids.clone()
    hidden[rows, order[rows, nth]] = mask_id
    return hidden


# ---------------------------------------------------------------- writing


@torch.no_grad()
def rewrite(model: Model, ids: Tensor, order: Tensor, mask_id: int, pick: Pick) -> Tensor:
    """Hide one place, ask the model, write what ``pick`` takes; then the next: (B, T).

    From a row of [MASK]s this is writing in that order.
    """
    ids = ids.clone()
    for column in order.T:  # (B,)
        rows = (column >= 0).nonzero().squeeze(1)
        place = column[rows]
        ids[rows, place] = mask_id
        ids[rows, place] = pick(model(ids[rows])[range(len(rows)), place])
    return ids


def gibbs(
    model: Model,
    ids: Tensor,
    places: Tensor,
    sweeps: int,
    mask_id: int,
    pick: Pick,
    generator: torch.Generator,
) -> Tensor:
    """`rewrite` every place, in a new random order each sweep: (B, T)."""
    for _ in range(sweeps):
        ids = rewrite(model, ids, in_order(places, generator), mask_id, pick)
    return ids


@torch.no_grad()
def mask_predict(
    model: Model, ids: Tensor, places: Tensor, rounds: int, mask_id: int, pick: Pick
) -> Tensor:
    """Write all places at once, hide the least certain again, fewer each round: (B, T).

    *Mask-Predict* (Ghazvininejad et al., arXiv:1904.09324, section 3): after round t of R, of N
    places N·(R − t)/R are hidden, those whose token had the lowest probability when written.
    """
    ids, sure = ids.clone(), torch.ones(ids.shape).masked_fill(places, 0)
    hidden, count = places, places.sum(dim=1)  # (B, T), (B,)
    for done in range(1, rounds + 1):
        logits = model(ids.masked_fill(hidden, mask_id))[hidden]  # (n, V)
        ids[hidden] = tokens = pick(logits)
        sure[hidden] = logits.softmax(dim=-1)[range(len(tokens)), tokens]
        again = count * (rounds - done) // rounds  # (B,)
        rank = sure.masked_fill(~places, torch.inf).argsort(dim=1).argsort(dim=1)
        hidden = rank < again[:, None]
        if not hidden.any():
            break
    return ids
