"""Writing with a masked model, and scoring with it, beside the chain rule of a causal one.

A model is a function: ids (B, T) → logits (B, T, V). Row t of a masked model names the token at t,
row t of a causal one the token at t + 1. Rows of a batch may be padded; which tokens are written or
scored is said by ``places`` (B, T), and in which order by ``order`` (B, N), from `in_order`.

Gibbs sampling: *BERT has a Mouth, and It Must Speak* (Wang and Cho, arXiv:1902.04094).
Pseudo-log-likelihood: *Masked Language Model Scoring* (Salazar et al., arXiv:1910.14659).
`Writer` is one transformer for both kinds of model, `train_writer` trains it.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import causal_mask
from wode.bert import Bert, Config
from wode.checks import whole
from wode.decoding import sample
from wode.masking import IGNORE_INDEX, Words, mask_tokens, ordinary
from wode.pretraining import Predictions
from wode.wordpiece import Encoding, pad

Model = Callable[[Tensor], Tensor]
Pick = Callable[[Tensor], Tensor]  # logits (N, V) → tokens (N,)


def in_order(places: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """The columns of each row's places (B, T), from left to right, or at random: (B, N).

    A row with fewer places than another ends with -1.

    Raises:
        ValueError: places are not bool (B, T), or there are no rows.
    """
    check_places(places)
    if not len(places):
        raise ValueError(f"expected at least one row of places, got {tuple(places.shape)}")
    ticket = torch.arange(places.shape[1]).expand(places.shape).float()
    if generator is not None:
        ticket = torch.rand(places.shape, generator=generator)
    most = int(places.sum(dim=1).max())
    order = ticket.masked_fill(~places, torch.inf).argsort(dim=1)[:, :most]  # (B, N)
    return order.masked_fill(~places.gather(1, order), -1)


def check_places(places: Tensor, shape: tuple[int, ...] | None = None) -> None:
    """Numbers would name columns where a mask was meant."""
    if places.dtype != torch.bool or (places.ndim != 2 if shape is None else places.shape != shape):
        wanted = "(B, T)" if shape is None else shape
        raise ValueError(f"expected places bool {wanted}, got {places.dtype} {tuple(places.shape)}")


# ---------------------------------------------------------------- scoring


@torch.no_grad()
def log_probability(model: Model, ids: Tensor, places: Tensor) -> Tensor:
    """Σ_t log p(x_t | x_<t) over the places t ≥ 1, under a causal model, one pass: (B,)."""
    log_p = model(ids)[:, :-1].log_softmax(dim=-1)  # (B, T - 1, V)
    steps = log_p.gather(2, ids[:, 1:, None]).squeeze(2)  # (B, T - 1): log p(x_t | x_<t)
    return steps.masked_fill(~places[:, 1:], 0).sum(dim=1)


def chain_log_probability(model: Model, ids: Tensor, order: Tensor, mask_id: int) -> Tensor:
    """log p(x) = Σ_k log p(x_σ(k) | x_σ(1) … x_σ(k-1)) under a masked model, N passes: (B,)."""
    return uncover(model, ids, cover(ids, order, mask_id), order, mask_id)


def pseudo_log_likelihood(model: Model, ids: Tensor, order: Tensor, mask_id: int) -> Tensor:
    """Σ_t log p(x_t | all others) under a masked model, N passes: (B,). Not log p(x)."""
    return uncover(model, ids, ids, order, mask_id)


@torch.no_grad()
def uncover(model: Model, ids: Tensor, read: Tensor, order: Tensor, mask_id: int) -> Tensor:
    """The model reads ``read``; hide a place, ask for its token, show it; then the next: (B,)."""
    read, total = read.clone(), torch.zeros(len(ids))
    for column in order.T:  # (B,)
        rows = (column >= 0).nonzero().squeeze(1)
        place = column[rows]
        read[rows, place] = mask_id
        log_p = model(read[rows])[range(len(rows)), place].log_softmax(dim=-1)  # (n, V)
        total[rows] += log_p[range(len(rows)), ids[rows, place]]
        read[rows, place] = ids[rows, place]
    return total


def cover(ids: Tensor, order: Tensor, mask_id: int) -> Tensor:
    """The ids with [MASK] at every column that ``order`` names: (B, T)."""
    rows, nth = (order >= 0).nonzero(as_tuple=True)
    covered = ids.clone()
    covered[rows, order[rows, nth]] = mask_id
    return covered


# ---------------------------------------------------------------- writing


@torch.no_grad()
def rewrite(model: Model, ids: Tensor, order: Tensor, mask_id: int, pick: Pick) -> Tensor:
    """Hide a place, ask the model, write what ``pick`` takes; then the next: (B, T)."""
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
    """`rewrite` every place, in a new random order each sweep: (B, T); one sweep at least."""
    for _ in range(whole("sweeps", sweeps, 1)):
        ids = rewrite(model, ids, in_order(places, generator), mask_id, pick)
    return ids


@torch.no_grad()
def mask_predict(
    model: Model, ids: Tensor, places: Tensor, rounds: int, mask_id: int, pick: Pick
) -> Tensor:
    """Write all places at once, hide the least certain again, fewer each round: (B, T).

    *Mask-Predict* (Ghazvininejad et al., arXiv:1904.09324, section 3): after round t of R, of N
    places N · (R - t) / R are hidden, those whose token had the lowest probability when written.
    The paper takes the likeliest token; ``pick`` may draw.

    Raises:
        ValueError: no rounds: every place would stay as it is.
    """
    rounds = whole("rounds", rounds, 1)
    check_places(places, tuple(ids.shape))
    ids, sure = ids.clone(), torch.ones(ids.shape)
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


def drawing(
    words: Words, temperature: float, generator: torch.Generator, but: Sequence[int] = ()
) -> Pick:
    """Draw from the model's probabilities; special tokens, ``but`` these, are left out.

    The function raises as `wode.decoding.sample` does.
    """
    banned = torch.tensor([t for t in words.special if t not in but], dtype=torch.long)
    return lambda logits: sample(
        logits.index_fill(-1, banned, -torch.inf), temperature, generator=generator
    )


# ---------------------------------------------------------------- one model, two masks


class Writer(nn.Module):
    """A token sees its whole sentence or, if ``causal``, itself and what is to its left.

    All else is one BERT with its head. A causal one is also the steps of `wode.decoding.write`.
    """

    def __init__(self, config: Config, causal: bool) -> None:
        super().__init__()
        self.bert, self.causal = Bert(config), causal
        self.predictions = Predictions(config, self.bert.embeddings.word_embeddings)

    def forward(self, ids: Tensor, wanted: Tensor | None = None) -> Tensor:
        """(B, T) → logits (B, T, V), or (M, V) of the M tokens that ``wanted`` (B, T) names."""
        B, T = ids.shape
        if wanted is not None:
            check_places(wanted, (B, T))
        left = causal_mask(T).expand(B, T, T) if self.causal else None
        hidden = self.bert.encode(ids, ids != 0, None, left)  # (B, T, E); 0 is padding
        return self.predictions(hidden if wanted is None else hidden[wanted])

    def next_logits(self, tokens: Tensor) -> Tensor:
        """Tokens so far (N, t) → logits of the next (N, V)."""
        return self(tokens)[:, -1]

    def select(self, rows: Tensor) -> None:
        """Nothing is kept from one step to the next."""


def questions(
    way: str, ids: Tensor, words: Words, chance: torch.Generator
) -> tuple[Tensor, Tensor]:
    """What the model reads, and what it is asked for, (B, T) each; -100: nothing.

    Raises:
        ValueError: another ``way`` than these five.
    """
    if way == "masked":  # BERT's 15 %
        return mask_tokens(ids, words, generator=chance)
    if way == "any":  # from almost nothing to almost everything
        share = torch.rand(len(ids), 1, generator=chance)  # of each sentence
        chosen = ordinary(ids, words) & (torch.rand(ids.shape, generator=chance) < share)
        return ids.masked_fill(chosen, words.mask), ids.masked_fill(~chosen, IGNORE_INDEX)
    if way == "prefix":  # what writing from left to right asks: the first of the hidden ones
        free, column = ordinary(ids, words), torch.arange(ids.shape[1])
        first = 1 + (torch.rand(len(ids), 1, generator=chance) * free.sum(1, True)).long()
        read = ids.masked_fill(free & (column >= first), words.mask)
        return read, ids.masked_fill(column != first, IGNORE_INDEX)
    if way not in ("causal", "causal15"):
        raise ValueError(f"expected causal, causal15, masked, any or prefix, got {way!r}")
    asked = F.pad(ids[:, 1:], (0, 1))  # at each token: the next one; at the last: padding
    nothing = asked == 0
    if way == "causal15":  # as few labels as BERT has
        nothing |= torch.rand(ids.shape, generator=chance) > 0.15
    return ids, asked.masked_fill(nothing, IGNORE_INDEX)


def train_writer(
    way: str,
    sentences: Sequence[Encoding],
    words: Words,
    config: Config,
    steps: int,
    batch: int = 64,
    lr: float = 2e-3,
    seed: int = 0,
    std: float | None = None,
) -> Writer:
    """Train a `Writer` on one of the `questions`; all else is the same for each.

    ``std``: of the initial weights; None: BERT's 0.02, which is little for a very small model.
    """
    steps, batch = whole("steps", steps, 1), whole("batch", batch, 1)
    torch.manual_seed(seed)
    chance = torch.Generator().manual_seed(seed)
    model = Writer(config, causal=way.startswith("causal"))
    if std is not None:
        for parameter in model.parameters():
            if parameter.ndim == 2:
                nn.init.normal_(parameter, std=std)
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    for _ in range(steps):
        drawn = torch.randint(len(sentences), (batch,), generator=chance).tolist()
        ids = pad([sentences[n] for n in drawn])["input_ids"]  # (B, T)
        read, asked = questions(way, ids, words, chance)
        wanted = asked != IGNORE_INDEX
        loss = F.cross_entropy(model(read, wanted), asked[wanted])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    return model.eval()
