"""Damage a text, ask for it back: what encoders and decoders are pretrained on together.

*MASS* (Song et al., arXiv:1905.02450) hides one stretch and asks for it alone; *BART* (Lewis et
al., arXiv:1910.13461, section 2.2) damages in five ways and asks for the whole text; *T5* (Raffel
et al., arXiv:1910.10683, section 3.1.4) puts a numbered mark in place of each span and asks for the
spans, each behind its mark.

A text is a list of tokens, numbers or strings. Chance comes from a ``random.Random``: the same seed
damages the same way.
"""

import math
import random
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

Token = TypeVar("Token", bound=Hashable)


class Pair(NamedTuple):
    """What the encoder reads and what the decoder is to write."""

    source: list
    target: list


# ---------------------------------------------------------------- MASS


class Stretch(NamedTuple):
    """MASS: the source (n tokens), the stretch hidden in it, and where that begins."""

    source: list
    target: list
    begin: int

    def labels(self, ignore: int = -100) -> list:
        """The stretch at its own places; elsewhere the decoder reads nothing and is not asked."""
        behind = len(self.source) - self.begin - len(self.target)
        return [*[ignore] * self.begin, *self.target, *[ignore] * behind]


def mass(
    tokens: Sequence[Token], mask: Token, chance: random.Random, share: float = 0.5
) -> Stretch:
    """Hide one stretch of ``share`` of the tokens, each under a mask of its own.

    The decoder writes the stretch and reads of it what it has written; the rest it has from the
    encoder alone. With one token it is BERT's task, with all of them GPT's (section 3.1, table 1).
    """
    check_share(share)
    length = min(len(tokens), max(1, round(share * len(tokens))))
    begin = chance.randint(0, len(tokens) - length)
    end = begin + length
    source = [*tokens[:begin], *[mask] * length, *tokens[end:]]
    return Stretch(source, list(tokens[begin:end]), begin)


# ---------------------------------------------------------------- BART


def token_masking(
    tokens: Sequence[Token], mask: Token, chance: random.Random, share: float = 0.15
) -> list[Token]:
    """BERT's: a mask in place of a token."""
    gone = drawn(len(tokens), share, chance)
    return [mask if n in gone else token for n, token in enumerate(tokens)]


def token_deletion(
    tokens: Sequence[Token], chance: random.Random, share: float = 0.15
) -> list[Token]:
    """Tokens are gone, and nothing says where."""
    gone = drawn(len(tokens), share, chance)
    return [token for n, token in enumerate(tokens) if n not in gone]


def text_infilling(
    tokens: Sequence[Token],
    mask: Token,
    chance: random.Random,
    share: float = 0.3,
    mean: float = 3.0,
) -> list[Token]:
    """One mask in place of a span; its length is a Poisson number, so nothing says how long it was.

    A span of no token puts a mask where nothing is missing. Spans are drawn until ``share`` of the
    tokens are gone, the last one shortened to fit.
    """
    check_share(share)
    left = min(len(tokens), max(1, round(share * len(tokens))))
    lengths: list[int] = []
    while left:
        lengths.append(min(left, poisson(mean, chance)))
        left -= lengths[-1]
    return [part for kept, _ in spread(tokens, lengths, chance) for part in (*kept, mask)][:-1]


def sentence_permutation(
    sentences: Sequence[Sequence[Token]], chance: random.Random
) -> list[Token]:
    """The sentences in another order, each as it was."""
    mixed = chance.sample(sentences, len(sentences))
    return [token for sentence in mixed for token in sentence]


def document_rotation(tokens: Sequence[Token], chance: random.Random) -> list[Token]:
    """The text begins at some token, what stood before it comes last: where does it begin?"""
    begin = chance.randrange(len(tokens)) if tokens else 0
    return [*tokens[begin:], *tokens[:begin]]


# ---------------------------------------------------------------- T5


def span_corruption(
    tokens: Sequence[Token],
    sentinels: Sequence[Token],
    chance: random.Random,
    share: float = 0.15,
    mean: float = 3.0,
) -> Pair:
    """A numbered mark for each span; the target is each mark and what it stands for, one mark more.

    ``share`` of the tokens in spans of ``mean`` on average: so many tokens and so many spans as in
    T5's program, cut at random. That program ends every text with a span; up to 30 tokens have only
    one, so it always hides the end of a short text. Here a span may stand anywhere.

    Raises:
        ValueError: too few sentinels for the spans.
    """
    check_share(share)
    hidden = min(len(tokens), max(1, round(share * len(tokens))))
    spans = min(max(1, round(hidden / mean)), len(tokens) - hidden + 1) if hidden else 0
    if spans + 1 > len(sentinels):
        raise ValueError(f"expected at least {spans + 1} sentinels, got {len(sentinels)}")
    source, target = list[Token](), list[Token]()
    pieces = spread(tokens, parts(hidden, spans, chance), chance)
    for sentinel, (kept, gone) in zip(sentinels, pieces, strict=False):
        source += [*kept, sentinel]
        target += [sentinel, *gone]
    return Pair(source[:-1], target)  # behind the last piece nothing is gone: its mark is the end


def restore(source: Sequence[Token], target: Sequence[Token], sentinels: Sequence[Token]) -> list:
    """The text that `span_corruption` was given: for each mark what the target says of it."""
    marks, said = set(sentinels), dict[Token, list[Token]]()
    current: list[Token] = []
    for token in target:
        if token in marks:
            current = said.setdefault(token, [])
        else:
            current.append(token)
    return [token for part in source for token in (said.get(part, []) if part in marks else [part])]


# ---------------------------------------------------------------- chance


def drawn(count: int, share: float, chance: random.Random) -> set[int]:
    """``share`` of the places 0 … ``count`` - 1, rounded, one at least."""
    check_share(share)
    return set(chance.sample(range(count), min(count, max(1, round(share * count)))))


def spread(
    tokens: Sequence[Token], lengths: Sequence[int], chance: random.Random
) -> list[tuple[Sequence[Token], Sequence[Token]]]:
    """Lay spans of these lengths anywhere in the text, no two side by side: (kept, gone), in order.

    After the last span stands a piece of which nothing is gone. More spans than there are places
    for (a text almost all hidden) are taken together, the last with the one before it.
    """
    free = len(tokens) - sum(lengths)
    lengths = [*lengths[: free + 1]]
    lengths[-1:] = [len(tokens) - free - sum(lengths[:-1])] if lengths else []
    ends = [*sorted(chance.sample(range(free + 1), len(lengths))), free]  # kept before each span
    pieces, at, before = list[tuple[Sequence[Token], Sequence[Token]]](), 0, 0
    for end, length in zip(ends, [*lengths, 0], strict=True):
        middle = at + end - before
        pieces.append((tokens[at:middle], tokens[middle : middle + length]))
        at, before = middle + length, end
    return pieces


def parts(total: int, count: int, chance: random.Random) -> list[int]:
    """``total`` cut into ``count`` parts of at least one, all ways equally likely."""
    if not count:
        return []
    cuts = sorted(chance.sample(range(1, total), count - 1))
    return [b - a for a, b in pairwise([0, *cuts, total])]


def poisson(mean: float, chance: random.Random) -> int:
    """A Poisson number: how many exponential waits fit into ``mean`` (Knuth)."""
    count, product, least = 0, chance.random(), math.exp(-mean)
    while product > least:
        count += 1
        product *= chance.random()
    return count


def check_share(share: float) -> None:
    if not 0 < share <= 1:
        raise ValueError(f"expected a share above 0 and up to 1, got {share}")
