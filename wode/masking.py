"""Masked language modelling: hide some tokens of a text, ask for them.

BERT's cloze test (Devlin et al., arXiv:1810.04805, section 3.1). Chance comes from a
``torch.Generator``, so the same seed hides the same tokens.
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from wode.wordpiece import MASK, SPECIAL

IGNORE_INDEX = -100  # the label that torch's losses leave out


class Words(NamedTuple):
    """What a cloze test must know of a vocabulary: its size, [MASK], and the special tokens.

    Special tokens ([MASK] is one) are never asked for and never drawn as a random word.
    """

    size: int
    mask: int
    special: tuple[int, ...]

    @classmethod
    def of(cls, vocabulary: Mapping[str, int]) -> "Words":
        """Those of ``WordPiece.vocabulary``."""
        numbers = tuple(vocabulary[token] for token in SPECIAL)
        return cls(max(vocabulary.values()) + 1, vocabulary[MASK], numbers)


def mask_tokens(
    input_ids: Tensor, words: Words, share: float = 0.15, generator: torch.Generator | None = None
) -> tuple[Tensor, Tensor]:
    """BERT's cloze test on a batch (B, T): what the model reads, and the labels, (B, T) each.

    A label is the hidden token where one was chosen, -100 elsewhere. Call it anew for each batch:
    then a sentence has other gaps each time it comes (RoBERTa's dynamic masking).

    Raises:
        ValueError: shares, shapes or token numbers make no sense; names them.
    """
    return corrupt(input_ids, choose_tokens(input_ids, words, share, generator), words, generator)


def choose_tokens(
    input_ids: Tensor, words: Words, share: float = 0.15, generator: torch.Generator | None = None
) -> Tensor:
    """Choose each token that is not special with probability ``share``: bool (B, T)."""
    check_share(share)
    return ordinary(input_ids, words) & coins(share, input_ids, generator)


def choose_exactly(
    input_ids: Tensor, words: Words, share: float = 0.15, generator: torch.Generator | None = None
) -> Tensor:
    """Choose ``share`` of each row's n ordinary tokens, rounded, one at least: bool (B, T).

    Google's own program does so (of all tokens, special ones too, and not more than a limit);
    `choose_tokens` may leave a short row untouched.
    """
    candidates = ordinary(input_ids, words)
    check_share(share)
    wanted = (candidates.sum(dim=1) * share).round().clamp(min=1)  # (B,)
    lottery = torch.rand(input_ids.shape, generator=generator).masked_fill(~candidates, 2.0)
    rank = lottery.argsort(dim=1).argsort(dim=1)  # (B, T): 0 for the lowest ticket of a row
    return (rank < wanted[:, None]) & candidates


def corrupt(
    input_ids: Tensor,
    chosen: Tensor,
    words: Words,
    generator: torch.Generator | None = None,
    masked_share: float = 0.8,
    random_share: float = 0.1,
    leaders: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Hide the chosen tokens: 80 % become [MASK], 10 % another word, 10 % stay.

    All (B, T). Returns what the model reads, and the labels: the original token where chosen, -100
    elsewhere. With ``leaders`` (`wode.spans`) what belongs together meets the same fate.
    Raises ValueError where `check_chosen` or `check_shares` does.
    """
    check_chosen(chosen, input_ids, words)
    check_shares(masked_share, random_share)
    rest = 1 - masked_share
    heads = coins(masked_share, chosen, generator)
    others = coins(min(1.0, random_share / rest) if rest else 0.0, chosen, generator)
    if leaders is not None:
        heads, others = heads.gather(1, leaders), others.gather(1, leaders)
    as_mask, as_other = chosen & heads, chosen & ~heads & others
    corrupted = input_ids.masked_fill(as_mask, words.mask)
    corrupted = torch.where(as_other, other_words(input_ids, words, generator), corrupted)
    return corrupted, input_ids.masked_fill(~chosen, IGNORE_INDEX)


def other_words(
    input_ids: Tensor, words: Words, generator: torch.Generator | None = None
) -> Tensor:
    """For each token some other one, all equally likely, none of them special: (B, T).

    So the shares are exact. (Google's program and ``transformers`` draw from the whole vocabulary:
    now and then the "other" word is the same, or [PAD].)
    """
    all_ids = torch.arange(words.size)
    drawable = all_ids[~torch.isin(all_ids, torch.tensor(words.special))]  # (M,), in order
    if len(drawable) < 2:
        raise ValueError(f"expected at least two words to draw from, got {len(drawable)}")
    drawn = torch.randint(len(drawable) - 1, input_ids.shape, generator=generator)
    itself = torch.searchsorted(drawable, input_ids)  # its place among the M: step over it
    return drawable[drawn + (drawn >= itself)]


def ordinary(input_ids: Tensor, words: Words) -> Tensor:
    """Which tokens of (B, T) are not special: bool.

    Raises:
        ValueError: the ids are not whole numbers (B, T), or not of this vocabulary.
    """
    if input_ids.ndim != 2 or input_ids.is_floating_point() or input_ids.dtype == torch.bool:
        raise ValueError(
            f"expected input_ids (B, T) of whole numbers, "
            f"got {input_ids.dtype} {tuple(input_ids.shape)}"
        )
    if words.mask not in words.special:
        raise ValueError(f"expected [MASK] ({words.mask}) among the special {words.special}")
    if input_ids.numel():
        low, high = (int(end) for end in input_ids.aminmax())
        if low < 0 or high >= words.size:
            raise ValueError(f"expected ids from 0 to {words.size - 1}, got {low} to {high}")
    return ~torch.isin(input_ids, torch.tensor(words.special))


def coins(share: float, like: Tensor, generator: torch.Generator | None) -> Tensor:
    """One throw for each element of ``like``, true with probability ``share``: bool."""
    return torch.bernoulli(torch.full(like.shape, share), generator=generator).bool()


def check_share(share: float) -> None:
    """Raise ValueError unless 0 < ``share`` ≤ 1."""
    if not 0 < share <= 1:
        raise ValueError(f"expected a share above 0 and up to 1, got {share}")


def check_chosen(chosen: Tensor, input_ids: Tensor, words: Words) -> None:
    """Raise ValueError unless ``chosen`` is bool of the ids' shape and chose no special token."""
    if chosen.dtype != torch.bool or chosen.shape != input_ids.shape:
        raise ValueError(
            f"expected chosen bool {tuple(input_ids.shape)}, "
            f"got {chosen.dtype} {tuple(chosen.shape)}"
        )
    if (chosen & ~ordinary(input_ids, words)).any():
        raise ValueError("expected no special token among the chosen ones")


def check_shares(masked_share: float, random_share: float) -> None:
    """Raise ValueError unless both are 0 or more and sum to at most 1."""
    if not (min(masked_share, random_share) >= 0 and masked_share + random_share <= 1 + 1e-9):
        raise ValueError(
            f"expected shares ≥ 0 of sum ≤ 1, got {masked_share} [MASK] and {random_share} random"
        )
