"""How much each batch weighs where several make one step: what the mean of its loss divides by.

The mean loss of micro-batches together is Σ (n_i/n) L_i, n = Σ n_i, where n_i is what torch divides
by in batch i: the labels that are not left out, or the sum of their class weights. `weighed` reads
that off a loss of `torch.nn`; a loss of one's own says it with `averaged_over`.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from wode.masking import IGNORE_INDEX

LossFunction = Callable[[Tensor, Any], Tensor]  # logits, labels → the mean loss
Divisor = Callable[[Tensor], float]  # labels → what the mean over them divides by

BY_INDEX = (nn.CrossEntropyLoss, nn.NLLLoss)
BY_ROW = (nn.MultiMarginLoss, nn.MultiLabelMarginLoss)
FUNCTIONS = (  # and what computes the same; those of neither kind are about numbers
    (F.cross_entropy, nn.CrossEntropyLoss),
    (F.nll_loss, nn.NLLLoss),
    (F.binary_cross_entropy_with_logits, nn.BCEWithLogitsLoss),
    (F.binary_cross_entropy, nn.BCELoss),
    (F.mse_loss, nn.MSELoss),
    (F.l1_loss, nn.L1Loss),
    (F.smooth_l1_loss, nn.SmoothL1Loss),
    (F.huber_loss, nn.HuberLoss),
    (F.kl_div, nn.KLDivLoss),
    (F.poisson_nll_loss, nn.PoissonNLLLoss),
    (F.soft_margin_loss, nn.SoftMarginLoss),
    (F.hinge_embedding_loss, nn.HingeEmbeddingLoss),
    (F.multilabel_soft_margin_loss, nn.MultiLabelSoftMarginLoss),
    (F.multi_margin_loss, nn.MultiMarginLoss),
    (F.multilabel_margin_loss, nn.MultiLabelMarginLoss),
)


def label_count(labels: Tensor) -> int:
    """How many terms the mean loss has: class indices but -100, or all numbers of float labels."""
    return labels.numel() if labels.is_floating_point() else int((labels != IGNORE_INDEX).sum())


@dataclass(frozen=True)
class Weighed:
    """A loss function and how its batches weigh; called, it is the loss function.

    Attributes:
        divisor: what the mean over the labels divides by; None where the loss adds up.
        check: raises ValueError where logits and labels do not fit.
        left_out: the class index that the loss leaves out.
    """

    loss_fn: LossFunction
    divisor: Divisor | None
    check: Callable[[Tensor, Tensor], None]
    left_out: int = IGNORE_INDEX

    def __call__(self, logits: Tensor, labels: Any) -> Tensor:
        return self.loss_fn(logits, labels)


def averaged_over(
    divisor: Divisor | None, ignore_index: int = IGNORE_INDEX
) -> Callable[[LossFunction], Weighed]:
    """Say of a loss of one's own what its mean divides by, `label_count` for one; None: it adds up.

    As a decorator, or ``averaged_over(label_count)(loss_fn)``. ``ignore_index`` is the class index
    that it leaves out.
    """
    check = functools.partial(_check_if_classes, ignore_index=ignore_index)
    return lambda loss_fn: Weighed(loss_fn, divisor, check, ignore_index)


def weighed(loss_fn: LossFunction, several: bool) -> Weighed:
    """``loss_fn`` with what its mean divides by, read off its settings.

    Read are the losses of `torch.nn` about (input, target), the functions of the same name in
    `torch.nn.functional`, and a `functools.partial` of these with keywords. Where one batch is one
    step (not ``several``), any function will do: there is nothing to weigh.

    Raises:
        ValueError: the loss is no single number (``reduction="none"``), or it cannot be read though
            ``several`` batches make a step; says what to do.
    """
    if isinstance(loss_fn, Weighed):
        return loss_fn
    if (loss := _module_of(loss_fn)) is not None:
        if loss.reduction not in ("mean", "sum", "batchmean"):
            raise ValueError(
                'expected a loss of one number, reduction="mean" or "sum", '
                f"got reduction={loss.reduction!r}"
            )
        divisor = _divisor(loss) if several else _one
        divisor = None if loss.reduction == "sum" else divisor
        left_out = getattr(loss, "ignore_index", IGNORE_INDEX)
        return Weighed(loss_fn, divisor, _check(loss, several), left_out)
    if several:
        of = getattr(loss_fn, "func", loss_fn)  # a partial's function
        raise ValueError(
            "several batches make a step, and how each weighs cannot be read off "
            f"{getattr(of, '__qualname__', type(of).__name__)}: expected a loss of "
            "torch.nn, its function in torch.nn.functional, or a functools.partial of that with "
            "keywords; of your own loss say what its mean divides by: wode.training.averaged_over("
            "label_count)(loss_fn) for the labels but -100, averaged_over(None)(loss_fn) for a sum"
        )
    return Weighed(loss_fn, _one, _check_if_classes)


def _one(labels: Tensor) -> float:
    return 1.0  # a batch alone


def _module_of(loss_fn: Any) -> Any | None:
    """The loss of `torch.nn` that computes the same, None if that cannot be told."""
    if isinstance(loss_fn, nn.Module):  # one of its own forward computes something of its own
        forward = getattr(type(loss_fn), "forward", None)
        return loss_fn if any(forward is kind.forward for _, kind in FUNCTIONS) else None
    keywords: dict[str, Any] = {}
    if isinstance(loss_fn, functools.partial):
        if loss_fn.args:
            return None
        loss_fn, keywords = loss_fn.func, loss_fn.keywords
    for function, kind in FUNCTIONS:
        if loss_fn is function:
            try:
                return kind(**keywords)
            except TypeError:  # a setting that the module does not have, as mse_loss(weight=…)
                return None
    return None


# ---------------------------------------------------------------- what the mean divides by


def _divisor(loss: Any) -> Divisor:
    if isinstance(loss, BY_INDEX):
        return functools.partial(_sum_of_weights, loss)
    if loss.reduction == "batchmean":
        return len
    return Tensor.numel  # or the rows, which are a fixed part of it


def _sum_of_weights(loss: Any, labels: Tensor) -> float:
    """Of class indices, the sum of the class weights of those that count (1 each without)."""
    if labels.is_floating_point():  # probabilities: the mean is over the rows, weights or not
        return labels.numel()
    counting = labels[labels != loss.ignore_index].cpu()
    if loss.weight is None:
        return counting.numel()
    weight = loss.weight.detach().cpu().double()  # (C,)
    if not (weight.isfinite() & (weight >= 0)).all():
        raise ValueError(f"expected class weights from 0 on, finite, got {weight.tolist()}")
    check_range(counting, len(weight), f"{len(weight)} class weights")
    total = weight[counting].sum().item()
    if total == 0 and len(counting) and getattr(loss, "label_smoothing", 0):
        raise ValueError(
            "the class weights of all labels of a batch are 0, but label smoothing gives the other "
            "classes a loss, and its mean is infinite: use larger batches, or no weights of 0"
        )
    return total


# ---------------------------------------------------------------- do logits and labels fit?


def check_labels(logits: Tensor, labels: Tensor, ignore_index: int = IGNORE_INDEX) -> None:
    """Class indices must fit the logits: ``logits`` (B, C, ...), ``labels`` (B, ...) in 0 … C−1.

    On a GPU a label out of range kills the whole CUDA context with an unreadable message.

    Raises:
        ValueError: names both shapes and the range of the labels.
    """
    shapes = f"logits {tuple(logits.shape)}, labels {tuple(labels.shape)}"
    if labels.shape != logits.shape[:1] + logits.shape[2:]:
        raise ValueError(f"expected logits (B, C, ...) and labels (B, ...), got {shapes}")
    check_range(labels[labels != ignore_index], logits.shape[1], shapes)


def check_range(labels: Tensor, classes: int, where: str) -> None:
    """ValueError if one of ``labels`` is none of the ``classes``."""
    low, high = (int(end) for end in labels.aminmax()) if labels.numel() else (0, 0)
    if low < 0 or high >= classes:
        raise ValueError(f"expected labels from 0 to {classes - 1}, got {low} to {high} ({where})")


def _check(loss: Any, several: bool) -> Callable[[Tensor, Tensor], None]:
    if isinstance(loss, BY_INDEX):
        return functools.partial(_check_if_classes, ignore_index=loss.ignore_index)
    if isinstance(loss, BY_ROW):
        return _no_check
    return functools.partial(_check_alike, loss if several else None)


def _check_if_classes(logits: Tensor, labels: Tensor, ignore_index: int = IGNORE_INDEX) -> None:
    if not labels.is_floating_point():
        check_labels(logits, labels, ignore_index)


def _check_alike(loss: Any, logits: Tensor, labels: Tensor) -> None:
    """Else torch repeats the smaller one, (B,) beside (B, 1) B times, and averages B² numbers."""
    if logits.shape != labels.shape:
        raise ValueError(
            "expected labels of the shape of what the model gives, "
            f"got {tuple(labels.shape)} beside {tuple(logits.shape)}"
        )
    for name in ("weight", "pos_weight"):
        weight = getattr(loss, name, None)
        if weight is not None and weight.dim() >= labels.dim() and weight.shape[0] > 1:
            raise ValueError(
                f"{name} of shape {tuple(weight.shape)} weighs the places of one batch, labels "
                f"{tuple(labels.shape)}: several batches that make a step need other ones each"
            )


def _no_check(logits: Tensor, labels: Tensor) -> None:
    """What torch says is clear."""
