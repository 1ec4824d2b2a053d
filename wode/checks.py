"""What is refused before it goes wrong in silence: scores that choose nothing, numbers, bare texts.

torch's own ``argmax`` takes NaN for the largest, and the first of what is −∞ throughout; both look
like an answer. A string is a sequence of texts, each of one letter; a beam search of 0 beams, a
length of −1 do nothing, or fail far from where they were given.
"""

import operator
from collections.abc import Iterable, Sequence
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


def check_optimizer(
    optimizer: "Optimizer", learners: Sequence["nn.Module"], scheduler: Any = None
) -> None:
    """The optimizer moves the learners, a model first: else a loop runs, and nothing is learned.

    It may hold fewer parameters than they have, the others are frozen; or all and more.

    Raises:
        ValueError: it holds others in place of the model's, such as those of a copy, or of a layer
            that was replaced, or none that can be trained; or the scheduler is another optimizer's.
    """
    held = [p for group in optimizer.param_groups for p in group["params"]]
    own = {id(p) for learner in learners for p in learner.parameters()}
    model, ids = learners[0], {id(p) for p in held}
    kind = type(model).__name__
    strange = [tuple(p.shape) for p in held if id(p) not in own]
    missed = [n for n, p in model.named_parameters() if p.requires_grad and id(p) not in ids]
    if strange and missed:
        raise ValueError(
            f"{len(strange)} of the {len(held)} parameters that the optimizer holds are not those "
            f"of this {kind} (their shapes: {str(strange[:4])[1:-1]}); it does not hold "
            f"{', '.join(missed[:4])}{' …' * (len(missed) > 4)}. Was the optimizer "
            "made for another model, or was a layer replaced, or the model copied or converted, "
            "after it was made? Make the optimizer last. (A loss that has parameters of its own "
            "must be a torch.nn.Module)"
        )
    if not any(p.requires_grad and id(p) in own for p in held):
        raise ValueError(
            f"none of the {len(held)} parameters that the optimizer holds is one of this {kind} "
            "with requires_grad=True"
        )
    of = getattr(scheduler, "optimizer", optimizer)  # or one that wraps it: the groups are the same
    if of.param_groups[0] is not optimizer.param_groups[0]:
        raise ValueError("the scheduler belongs to another optimizer: this one's rate would stay")
