"""Data sets in memory and streamed, and the batches made of them.

A map-style data set answers two questions, ``len(dataset)`` and ``dataset[index]``: `Digits`,
`ImageFolder`, `PairedFolder`. An iterable one only says what comes next: `LineStream`.
`pad_collate` makes a batch of sequences of unequal length. Readers of labelled text are in
`wode.data.formats`, of pairs of sentences in `wode.data.pairs`.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from wode.data.digits import Digits, digits_tensors
from wode.data.images import ImageFolder, PairedFolder
from wode.data.lines import LineStream
from wode.padding import check_rows, of_one_type, stacked

__all__ = [
    "Digits",
    "ImageFolder",
    "LineStream",
    "PairedFolder",
    "digits_tensors",
    "pad_collate",
]


def pad_collate(
    batch: Sequence[tuple[Sequence[int] | Tensor, Any]], padding_value: float = 0
) -> tuple[Tensor, Tensor, Tensor]:
    """Make a batch of ``(sequence, label)`` items whose sequences differ in length.

    Where items differ in type, the batch has the one that holds them all: 1 beside 2.7 is 1.0.

    Returns:
        input_ids: (B, T), T the longest length; shorter ones are filled up with ``padding_value``.
        attention_mask: bool (B, T), True where a token is real.
        labels: (B,).

    Raises:
        ValueError: the batch or one of its sequences is empty, or no type holds all its values.
    """
    if not batch:
        raise ValueError("expected a batch of at least one item, got an empty one")
    sequences = of_one_type([sequence for sequence, _ in batch], "sequence")
    check_rows(sequences, padding_value)
    input_ids = pad_sequence(sequences, batch_first=True, padding_value=padding_value)  # (B, T)
    lengths = torch.tensor([len(sequence) for sequence in sequences])  # (B,)
    attention_mask = torch.arange(input_ids.shape[1]) < lengths[:, None]  # (B, T)
    return input_ids, attention_mask, stacked([label for _, label in batch], "label")
