"""What is refused before it goes wrong in silence: scores that choose nothing, numbers, bare texts.

torch's own ``argmax`` takes NaN for the largest, and the first of what is −∞ throughout; both look
like an answer. A string is a sequence of texts, each of one letter; a beam search of 0 beams, a
length of −1 do nothing, or fail far from where they were given.
"""

import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # what reads texts alone needs no torch
    from torch import Tensor, nn
    from torch.optim import Optimizer

Several = TypeVar("Several", bound=Iterable[Any])


def likeliest(scores: "Tensor", dim: int = -1) -> "Tensor":
    """Where the largest score along ``dim`` stands, of equal ones the first; as ``argmax``, but

    Raises:
        FloatingPointError: somewhere the largest is not finite: NaN, +∞, or −∞ throughout. Names
            the first such place and the shape.
    """
    best = scores.max(dim=dim)
    if scores.is_meta:  # no numbers to look at
        return best.indices
    if not (finite := best.values.isfinite()).all():
        place = (~finite).nonzero()[0].tolist()
        got = best.values[tuple(place)].item()
        place.insert(dim % scores.ndim, ":")
        raise FloatingPointError(
            f"expected a finite score to be the largest, got {got} in "
            f"scores[{', '.join(map(str, place))}] of shape {tuple(scores.shape)}: the model "
            "diverged, or nothing may be chosen"
        )
    return best.indices


def whole(name: str, value: Any, least: int = 0) -> int:
    """``value``, if it is a whole number of at least ``least``.

    Raises:
        ValueError: names the argument and what came.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or isinstance(value, bool):
        raise ValueError(f"expected {name}, a whole number of at least {least}, got {value!r}")
    return number


def several(name: str, texts: Several) -> Several:
    """``texts``, if they are more than one string, which would pass for its letters.

    Raises:
        TypeError: names the argument, and how to give a single text.
    """
    if isinstance(texts, str | bytes):
        start = texts if len(texts) <= 40 else texts[:40]
        raise TypeError(f"expected {name}, a list, got one string: write [{start!r}]")
    return texts


def check_optimizer(optimizer: "Optimizer", model: "nn.Module") -> None:
    """The optimizer changes parameters of this model, and of no other.

    Raises:
        ValueError: it has one that the model has not, such as those of a copy, or of the model
            before `torch.nn.Module.to` made new ones: the model itself would learn nothing.
    """
    own = {id(parameter) for parameter in model.parameters()}
    given = [p for group in optimizer.param_groups for p in group["params"]]
    foreign = sum(id(parameter) not in own for parameter in given)
    if foreign:
        raise ValueError(
            f"expected an optimizer of this model's parameters, got one of {len(given)} of which "
            f"{foreign} belong to no part of {type(model).__name__}"
        )
