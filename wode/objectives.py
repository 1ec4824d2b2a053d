"""What BERT is trained on: a cloze test (MLM), and questions about pairs of sentences (NSP, SOP).

Masked language modelling and next sentence prediction are BERT's (Devlin et al., arXiv:1810.04805,
section 3.1); sentence-order prediction is ALBERT's (Lan et al., arXiv:1909.11942, section 3.1).
Nobody labels anything: the text itself is the answer. Chance comes from a ``torch.Generator``, so
the same seed gives the same examples.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

import torch
from torch import Tensor

from wode.distributed import IGNORE_INDEX
from wode.wordpiece import MASK, SPECIAL

# ---------------------------------------------------------------- masked language modelling


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
    return corrupt(input_ids, choose(input_ids, words, share, generator), words, generator)


def choose(
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
    `choose` may leave a short row untouched.
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
) -> tuple[Tensor, Tensor]:
    """Hide the chosen tokens: 80 % become [MASK], 10 % another word, 10 % stay. (B, T) each.

    The other word is any but the token itself and the special ones, so that the shares are exact.
    (Google's program and ``transformers`` draw from the whole vocabulary: now and then the "other"
    word is the same, or [PAD].)

    Returns:
        The corrupted ids, and the labels: the original token where chosen, -100 elsewhere.

    Raises:
        ValueError: ``chosen`` is not bool of the ids' shape, or chose a special token, or the
            shares are negative or sum to more than 1.
    """
    if chosen.dtype != torch.bool or chosen.shape != input_ids.shape:
        raise ValueError(
            f"expected chosen bool {tuple(input_ids.shape)}, "
            f"got {chosen.dtype} {tuple(chosen.shape)}"
        )
    if not (min(masked_share, random_share) >= 0 and masked_share + random_share <= 1 + 1e-9):
        raise ValueError(
            f"expected shares ≥ 0 of sum ≤ 1, got {masked_share} [MASK] and {random_share} random"
        )
    if (chosen & ~ordinary(input_ids, words)).any():
        raise ValueError("expected no special token among the chosen ones")
    rest = 1 - masked_share
    as_mask = chosen & coins(masked_share, chosen, generator)
    as_other = (
        chosen & ~as_mask & coins(min(1.0, random_share / rest) if rest else 0.0, chosen, generator)
    )
    corrupted = input_ids.masked_fill(as_mask, words.mask)
    corrupted = torch.where(as_other, other_words(input_ids, words, generator), corrupted)
    return corrupted, input_ids.masked_fill(~chosen, IGNORE_INDEX)


def other_words(
    input_ids: Tensor, words: Words, generator: torch.Generator | None = None
) -> Tensor:
    """For each token some other one, all equally likely, none of them special: (B, T)."""
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
    if not 0 < share <= 1:
        raise ValueError(f"expected a share above 0 and up to 1, got {share}")


# ---------------------------------------------------------------- pairs of sentences

Sentence = TypeVar("Sentence")


class SentencePair(NamedTuple, Generic[Sentence]):
    """Two sentences, and 0 if the second does follow the first, 1 if not."""

    first: Sentence
    second: Sentence
    label: int


def next_sentence(
    documents: Sequence[Sequence[Sentence]], generator: torch.Generator | None = None
) -> list[SentencePair[Sentence]]:
    """BERT's NSP: each sentence with the next one (0) or, half of the time, with a stranger (1).

    The stranger is any sentence of any other document.

    Raises:
        ValueError: fewer than two documents, or no document of two sentences.
    """
    pairs = neighbours(documents)
    if len([document for document in documents if document]) < 2:
        raise ValueError("expected at least two documents: a stranger comes from another one")
    found = []
    for number, first, second in pairs:
        label = draw(2, generator)
        if label:
            others = [d for n, d in enumerate(documents) if n != number and d]
            place = draw(sum(map(len, others)), generator)  # every sentence equally likely
            for document in others:
                if place < len(document):
                    second = document[place]
                    break
                place -= len(document)
        found.append(SentencePair(first, second, label))
    return found


def sentence_order(
    documents: Sequence[Sequence[Sentence]], generator: torch.Generator | None = None
) -> list[SentencePair[Sentence]]:
    """ALBERT's SOP: two neighbours as they stand (0) or, half of the time, swapped (1).

    Raises:
        ValueError: no document of two sentences.
    """
    found = []
    for _, first, second in neighbours(documents):
        label = draw(2, generator)
        pair = (second, first) if label else (first, second)
        found.append(SentencePair(*pair, label))
    return found


def neighbours(documents: Sequence[Sequence[Sentence]]) -> list[tuple[int, Sentence, Sentence]]:
    """(document, sentence, next sentence) for all documents."""
    for number, document in enumerate(documents):
        if isinstance(document, str):
            raise ValueError(
                f"document {number}: expected a list of sentences, got a string: {document[:30]!r}"
            )
    found = [
        (number, first, second)
        for number, document in enumerate(documents)
        for first, second in itertools.pairwise(document)
    ]
    if not found:
        raise ValueError("expected a document of at least two sentences, got none")
    return found


def draw(below: int, generator: torch.Generator | None) -> int:
    """A number from 0 to below - 1, all equally likely."""
    return int(torch.randint(below, (), generator=generator))
