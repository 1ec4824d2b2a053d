"""Where in a text an answer stands: its tokens, the best span of them, and windows on a long text.

Section 4.2 of BERT's paper (Devlin et al., arXiv:1810.04805): a score for each token to begin the
answer, another to end it; section 4.3: no answer is the span from [CLS] to [CLS].
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from wode.checks import likeliest
from wode.wordpiece import Encoding, WordPiece, is_


def best_span(start: Tensor, end: Tensor, first: int, last: int, longest: int) -> tuple[int, int]:
    """The span of highest ``start[i] + end[j]``, first ≤ i ≤ j ≤ last, of at most ``longest``.

    Scores (T,) each. Only such pairs are ever looked at: an impossible span cannot come out.
    """
    check_possible(start, end, first, last, longest)
    start, end = start[first : last + 1], end[first : last + 1]
    best = [  # of the spans of 1, 2, … tokens
        (start[: len(start) - more] + end[more:]).max(dim=0)
        for more in range(min(longest, len(start)))
    ]
    more = int(likeliest(torch.stack([span.values for span in best])))
    begin = first + int(best[more].indices)
    return begin, begin + more


def check_possible(start: Tensor, end: Tensor, first: int, last: int, longest: int) -> None:
    """ValueError: no span is possible, or the scores are not two rows of equal length.

    Where no sum is the largest, all being −∞ or one NaN, `likeliest` raises FloatingPointError.
    """
    if start.dim() != 1 or start.shape != end.shape:
        raise ValueError(
            f"expected start and end (T,), got {tuple(start.shape)} and {tuple(end.shape)}"
        )
    if not (0 <= first <= last < len(start) and longest >= 1):
        raise ValueError(
            f"no span is possible: first {first}, last {last}, longest {longest} "
            f"in {len(start)} tokens"
        )


def context_of(encoding: Encoding) -> tuple[int, int]:
    """The first and the last token of the second text, the one that answers are copied from."""
    places = [i for i, which in enumerate(encoding.sequence) if which == 1]
    if not places:
        raise ValueError("expected a pair with a context, found no token of a second text")
    return places[0], places[-1]


def tokens_of(
    encoding: Encoding, context: str, begin: int, end: int
) -> tuple[int, int] | Literal["cut off", "no token"]:
    """The first and last token of the answer ``context[begin:end]``, or why there are none.

    Characters at its ends that have no token are passed over: spaces, controls, and the marks that
    a tokenizer strips with accents, which are many in Thai or Hebrew. A token that is in the answer
    in part is taken whole.

    Returns:
        "cut off": the answer has a token for which `WordPiece.encode` found no room;
        "no token": none of its characters has one.

    Raises:
        ValueError: there are no characters ``begin`` to ``end`` in the context.
    """
    if not 0 <= begin <= end <= len(context):
        raise ValueError(
            f"expected an answer within the context's {len(context)} characters, "
            f"got {begin} to {end}"
        )
    if any(which == 1 and max(a, begin) < min(b, end) for which, a, b in encoding.cut):
        return "cut off"
    inside = [
        i
        for i, (which, (a, b)) in enumerate(zip(encoding.sequence, encoding.offsets, strict=True))
        if which == 1 and max(a, begin) < min(b, end)
    ]
    return (inside[0], inside[-1]) if inside else "no token"


def text_of(encoding: Encoding, context: str, first: int, last: int) -> str:
    """The context's own text from token ``first`` to token ``last``, every character kept.

    So are the marks on the last one's last letter, for which there is no token.
    """
    own, later = encoding.sequence[last], range(last + 1, len(encoding.ids))
    begun = [encoding.offsets[i][0] for i in later if encoding.sequence[i] == own]
    end = encoding.offsets[last][1]
    begun += [a for which, a, _ in encoding.cut if which == own and a >= end]
    stop = min(begun, default=len(context))
    while end < stop and is_("accent", context[end]):
        end += 1
    return context[encoding.offsets[first][0] : end]


def windows(
    tokenizer: WordPiece, question: str, context: str, max_length: int, stride: int
) -> list[Encoding]:
    """[CLS] question [SEP] part [SEP], each part begun ``stride`` pieces after the one before.

    Every piece of the context is in one of them; what one leaves out is in its ``cut``.
    """
    whole = tokenizer.encode(question, context)
    first, last = context_of(whole)
    room, parts = max_length - first - 1, list[Encoding]()  # room: for pieces of the context
    check_stride(stride, room)
    for begin in range(first, last + 1, stride):
        end = min(begin + room, last + 1)
        kept = [*range(first), *range(begin, end), last + 1]
        cut = [(1, *whole.offsets[i]) for i in range(first, last + 1) if not begin <= i < end]
        parts.append(part_of(whole, kept, cut))
        if end > last:
            break
    return parts


def part_of(whole: Encoding, kept: Sequence[int], cut: list[tuple[int, int, int]]) -> Encoding:
    """The tokens at some places."""
    return Encoding(
        [whole.ids[i] for i in kept],
        [whole.types[i] for i in kept],
        [whole.offsets[i] for i in kept],
        [whole.sequence[i] for i in kept],
        cut,
    )


def check_stride(stride: int, room: int) -> None:
    """ValueError: no room for a piece of the context, or the stride leaves some out."""
    if not 1 <= stride <= room:
        raise ValueError(f"expected a stride from 1 to the {room} pieces of a window, got {stride}")
