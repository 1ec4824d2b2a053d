"""A batch without its padding: the real tokens end to end, and who attends to whom among them.

Layers that treat a token by itself do not notice; attention runs once for each group of sequences
of equal length. A sequence is a sentence, or several short ones of different lengths, so that there
are few calls; a mask then keeps each sentence to itself.
"""

import itertools
from typing import NamedTuple

import torch
from torch import Tensor

from wode.padding import real_tokens

SHARED = 96  # tokens; on the CPUs measured, from 64 to 128 is about as fast
PART = 1024  # tokens that go through all layers together, see `cut`


class Packing(NamedTuple):
    """Where a batch's N real tokens stand: rows, columns (N,), groups (sequences, length)."""

    rows: Tensor
    columns: Tensor
    groups: list[tuple[int, int]]


def pack(attention_mask: Tensor, shared: int = SHARED) -> Packing:
    """Put the real tokens of ``attention_mask`` (B, T) end to end.

    Sentences of one length are a group, if they have more than ``shared`` tokens together. The
    others fill sequences of up to ``shared`` tokens: the longest first, into the first with room.
    A group of more than `PART` tokens becomes several. Sentences without a real token are in none.
    Masks are those of `wode.padding.real_tokens`.
    """
    mask = real_tokens(attention_mask)
    alike: dict[int, list[int]] = {}  # the sentences of a length
    for row, length in enumerate(mask.sum(dim=1).tolist()):
        alike.setdefault(length, []).append(row)
    alike.pop(0, None)
    order, groups = list[int](), list[tuple[int, int]]()
    mixed, filled = list[list[int]](), list[int]()  # sequences of several sentences, their tokens
    for length in sorted(alike, reverse=True):
        if length * len(alike[length]) > shared:
            groups += split(len(alike[length]), length)
            order += alike[length]
            continue
        for row in alike[length]:
            place = next((i for i, n in enumerate(filled) if n + length <= shared), len(filled))
            if place == len(filled):
                mixed.append([])
                filled.append(0)
            mixed[place].append(row)
            filled[place] += length
    for tokens in sorted(set(filled), reverse=True):
        same = [rows for rows, n in zip(mixed, filled, strict=True) if n == tokens]
        groups += split(len(same), tokens)
        order += itertools.chain.from_iterable(same)
    sentences = torch.tensor(order, dtype=torch.long, device=mask.device)
    rows, columns = mask[sentences].nonzero(as_tuple=True)  # (N,), (N,)
    return Packing(sentences[rows], columns, groups)


def split(sequences: int, length: int) -> list[tuple[int, int]]:
    """One group as several of at most `PART` tokens, or of one sequence."""
    most = max(1, PART // length)
    return [(min(most, sequences - done), length) for done in range(0, sequences, most)]


def cut(groups: list[tuple[int, int]], most: int = PART) -> list[tuple[int, slice]]:
    """Groups next to each other, about ``most`` tokens together: their tokens, their slice."""
    parts, begin, tokens = list[tuple[int, slice]](), 0, 0
    for number, (sequences, length) in enumerate(groups, start=1):
        tokens += sequences * length
        if tokens > most * 3 / 4 or number == len(groups):
            parts.append((tokens, slice(begin, number)))
            begin, tokens = number, 0
    return parts


def masks(packing: Packing, visible: Tensor | None, dtype: torch.dtype) -> list[Tensor | None]:
    """What to add to each group's attention scores: (n, 1, t, t), 0 or -inf; None: nothing.

    A token sees those of its own sentence, and of them, if ``visible`` (B, T, T) is given, those
    of whose columns its row there is true.
    """
    added, begin = list[Tensor | None](), 0
    for sequences, length in packing.groups:
        here = slice(begin, begin + sequences * length)
        begin += sequences * length
        row = packing.rows[here].view(sequences, length)
        if visible is None and torch.equal(row[:, 0], row[:, -1]):  # a sentence to a sequence
            added.append(None)
            continue
        seen = row[:, :, None] == row[:, None, :]  # (n, t, t)
        if visible is not None:
            column = packing.columns[here].view(sequences, length)
            seen &= visible[row[:, :, None], column[:, :, None], column[:, None, :]]
        mask = torch.zeros(seen.shape, dtype=dtype, device=seen.device)
        added.append(mask.masked_fill(~seen, -torch.inf)[:, None])
    return added
