"""Which tokens of a batch are real and which only fill it up: what masks are taken, and refused.

Sentences of unequal length are padded to one; an ``attention_mask`` (B, S) is true at their own
tokens. A mask that is read the other way round gives numbers that look like any others, so that
what is not clearly such a mask is an error.
"""

import torch
from torch import Tensor


def real_tokens(
    attention_mask: Tensor,
    x: Tensor | None = None,
    done: int = 0,
    name: str = "attention_mask",
    each_row: bool = False,
) -> Tensor:
    """The mask as bool (B, S), true at real tokens, if it is one; every model of ours asks here.

    Accepted: bool; integers 0 and 1; floats 0 and 1 with a 1 in every row (nothing but zeros could
    be a mask to be added that hides nothing). Values are looked at where they are not bool.

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
    hint = "a mask to be added to the scores? true is what may be seen"
    if not (real | (mask == 0)).all():
        odd = mask[~real & (mask != 0)][0].item()
        raise ValueError(f"expected {name} {wanted} of 0 and 1 or bool, got {odd}: {hint}")
    if mask.is_floating_point() and not real.any(dim=-1).all():
        row = (~real.any(dim=-1)).nonzero()[0].tolist()
        raise ValueError(
            f"expected {name} {wanted}, of floats with a 1 in each row, got zeros in {row}: {hint}"
        )
    return real


def hide_padding(x: Tensor, attention_mask: Tensor | None) -> Tensor:
    """Zeros in place of the tokens x (B, T, ...) that are not real, whatever they are, NaN too."""
    if attention_mask is None:
        return x
    hidden = ~real_tokens(attention_mask, x)  # (B, T)
    return x.masked_fill(hidden.view(*hidden.shape, *[1] * (x.ndim - 2)), 0)
