"""Rows of unequal length as one tensor, and which of its tokens are real.

``pad_sequence`` gives a batch the type of its first row, so ``[1]`` beside ``[2.7, 3.0]`` makes 2
of 2.7, and ``torch.tensor([])`` is a float beside any number of ids. Here the type is one that
holds every value, by ``torch.promote_types``, or there is an error.

An ``attention_mask`` (B, S) is true at the rows' own tokens. One that is read the other way round
gives numbers that look like any others, so that what is not clearly such a mask is an error.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

INTEGERS = (torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8)

# ---------------------------------------------------------------- rows


def pad_ids(
    rows: Sequence[Sequence[int]], padding_value: int = 0, device: torch.device | None = None
) -> Tensor:
    """Rows of integers → int64 (B, T), T the longest length; a row may be empty.

    Raises:
        ValueError: no row at all, or one that holds something else; names the row.
    """
    if not rows:
        raise ValueError("expected at least one row of ids, got none")
    tensors = list[Tensor]()
    for index, row in enumerate(rows):
        tensor = _tensor(row, f"row {index}") if len(row) else torch.zeros(0, dtype=torch.long)
        if tensor.ndim != 1 or tensor.dtype not in INTEGERS:
            raise ValueError(
                f"row {index}: expected integers (T,), got {tensor.dtype} {tuple(tensor.shape)}"
            )
        tensors.append(tensor.to(device, torch.long))
    return pad_sequence(tensors, batch_first=True, padding_value=padding_value)


def of_one_type(values: Sequence[Any], what: str) -> list[Tensor]:
    """Each value as a tensor, all of the one type that holds them, by ``torch.promote_types``.

    So a bool beside integers is 0 or 1, and integers beside floats become floats. Python's own
    floats take torch's default type, as in ``torch.tensor``, which rounds them. ``what`` is what an
    error calls a value: "label".

    Raises:
        ValueError: something that is no tensor (text, None, rows of unequal length), types without
            a common one, an integer that the common type does not hold exactly, a float that it
            makes infinite; names the value's index.
    """
    tensors = [_tensor(value, f"{what} {index}") for index, value in enumerate(values)]
    common = tensors[0].dtype
    for index, tensor in enumerate(tensors):
        try:
            common = torch.promote_types(common, tensor.dtype)
        except RuntimeError as error:
            raise ValueError(
                f"{what} {index} is {tensor.dtype}, before it {common}: no type holds both"
            ) from error
    return [_promoted(tensor, common, f"{what} {i}") for i, tensor in enumerate(tensors)]


def stacked(values: Sequence[Any], what: str) -> Tensor:
    """`of_one_type` of one shape, put on top of each other: (B, …).

    Raises:
        ValueError: as `of_one_type`, or another shape than the first one's.
    """
    tensors = of_one_type(values, what)
    for index, tensor in enumerate(tensors):
        if tensor.shape != tensors[0].shape:
            raise ValueError(
                f"{what} {index} has shape {tuple(tensor.shape)}, "
                f"{what} 0 has {tuple(tensors[0].shape)}"
            )
    return torch.stack(tensors)


def check_rows(rows: Sequence[Tensor], padding_value: float) -> None:
    """Raise ValueError unless the rows are (T ≥ 1, …) alike, and their type holds the padding."""
    for index, row in enumerate(rows):
        if row.ndim == 0 or row.numel() == 0:
            raise ValueError(
                f"item {index} of the batch: expected a sequence of length ≥ 1, "
                f"got shape {tuple(row.shape)}"
            )
        if row.shape[1:] != rows[0].shape[1:]:
            raise ValueError(
                f"item {index} of the batch has shape {tuple(row.shape)}, item 0 has "
                f"{tuple(rows[0].shape)}: only the first number may differ"
            )
    if not _holds(rows[0].dtype, padding_value):
        raise ValueError(f"padding_value {padding_value} is none that {rows[0].dtype} holds")


def _holds(kind: torch.dtype, number: float) -> bool:
    """Whether a tensor of this type can hold the number, rounded where the type rounds."""
    if kind.is_floating_point or kind.is_complex:
        return not math.isfinite(number) or abs(number) <= torch.finfo(kind).max
    low, high = (0, 1) if kind == torch.bool else (torch.iinfo(kind).min, torch.iinfo(kind).max)
    return (isinstance(number, int) or number.is_integer()) and low <= number <= high


def _tensor(value: Any, name: str) -> Tensor:
    if isinstance(value, Tensor):
        return value
    try:
        tensor = torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise ValueError(f"{name}: not numbers in rows of one length ({error})") from error
    listed = tensor.is_floating_point() and not isinstance(value, np.ndarray)
    if listed and (tensor.abs() >= 2 / torch.finfo(tensor.dtype).eps).any():  # else all are exact
        _check_kept(_numbers(value), tensor, name)
    return tensor


def _numbers(value: Any) -> Iterator[Any]:
    """The numbers of a list in lists, as Python's own."""
    if isinstance(value, (Tensor, np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (int, float)):
        yield value
    else:
        for part in value:
            yield from _numbers(part)


def _promoted(tensor: Tensor, common: torch.dtype, name: str) -> Tensor:
    """``tensor.to(common)``, where integers must not lose digits."""
    if tensor.dtype == common:
        return tensor
    promoted = tensor.to(common)
    if not (tensor.is_floating_point() or tensor.is_complex()):
        _check_kept(tensor.flatten().tolist(), promoted, name)
    return promoted


def _check_kept(numbers: Iterable[float], tensor: Tensor, name: str) -> None:
    """Raise ValueError where an integer is another number now, or a float infinite."""
    for number, kept in zip(numbers, tensor.flatten().tolist(), strict=True):
        if kept != number and (isinstance(number, int) or math.isinf(kept)):
            raise ValueError(f"{name}: {number} is none that {tensor.dtype} holds")


# ---------------------------------------------------------------- masks


def real_tokens(
    attention_mask: Tensor,
    x: Tensor | None = None,
    done: int = 0,
    name: str = "attention_mask",
    each_row: bool = False,
) -> Tensor:
    """The mask as bool (B, S), true at real tokens, if it is one; every model of ours asks here.

    Accepted: bool; integers 0 and 1; floats 0 and 1, unless all are 0 (that could be a mask to be
    added that hides nothing). Values that are not bool are looked at: give bool where there are
    none yet, as in ``torch.export``, ``torch.compile(fullgraph=True)`` and on the device meta.

    Args:
        x: (B, T, ...), the tokens that the mask is of, after ``done`` earlier ones: S = done + T.
        each_row: a row without a real token is an error. Otherwise it is one of which nothing is
            asked: it changes no other row.

    Raises:
        ValueError: other values, another shape, another device.
    """
    shape = None if x is None else (len(x), done + x.shape[1])
    real = as_bool(name, attention_mask, shape, x)
    if each_row and not real.any(dim=1).all():
        counts = real.sum(dim=1).tolist()
        raise ValueError(f"expected a real token in each row of {name}, got {counts} of them")
    return real


def as_bool(
    name: str, mask: Tensor, shape: tuple[int, ...] | None = None, x: Tensor | None = None
) -> Tensor:
    """A mask of this ``shape`` (None: any of two dimensions) on the device of ``x``, as bool."""
    wanted = "(B, S)" if shape is None else shape
    if not isinstance(mask, Tensor):
        raise ValueError(f"expected {name} {wanted}, a tensor, got {type(mask).__name__}")
    if mask.ndim != 2 if shape is None else mask.shape != shape:
        raise ValueError(f"expected {name} {wanted}, got {tuple(mask.shape)}")
    if x is not None and x.device != mask.device:
        raise ValueError(f"expected {name} {wanted} on {x.device}, got it on {mask.device}")
    if mask.dtype == torch.bool:
        return mask
    real = mask == 1
    odd = mask[~real & (mask != 0)]
    if len(odd) or (mask.is_floating_point() and mask.numel() and not real.any()):
        came = odd[0].item() if len(odd) else "floats that are all 0"
        raise ValueError(
            f"expected {name} {wanted} of 0 and 1 or bool, got {came}: "
            "a mask to be added to the scores? true is what may be seen"
        )
    return real


def hide_padding(x: Tensor, attention_mask: Tensor | None) -> Tensor:
    """Zeros in place of the tokens x (B, T, ...) that are not real, whatever they are, NaN too."""
    if attention_mask is None:
        return x
    hidden = ~real_tokens(attention_mask, x)  # (B, T)
    return x.masked_fill(hidden.view(*hidden.shape, *[1] * (x.ndim - 2)), 0)
