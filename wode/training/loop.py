"""Training in seven steps, with what a long run needs: a log, a progress bar, checkpoints, resume.

`seven_steps` is the loop of the chapter `training`, seen whole: (1) take data and labels, (2)
forward, (3) loss, (4) zero_grad, (5) backward, (6) step; `train` saves (7) and puts around it what
a long run needs. Under ``torchrun`` the same call trains on several processes (`scaling-out`).
"""

import math
import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader
from tqdm import tqdm

from wode.decoding import device_of
from wode.masking import IGNORE_INDEX
from wode.training import distributed
from wode.training.distributed import Batch, Group
from wode.training.evaluation import MetricsLog, applied, moved, no_batch
from wode.training.resuming import Run

LossFunction = Callable[[Tensor, Any], Tensor]  # logits, labels → the mean loss


def seed_everything(seed: int) -> torch.Generator:
    """Seed Python, NumPy and torch (all devices); return a seeded generator for the DataLoader."""
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 (the global one, for who uses it)
    torch.manual_seed(seed)
    return torch.Generator().manual_seed(seed)


def pick_device(name: str | None = None) -> torch.device:
    """``name`` if given, else the best there is: cuda, then mps (Apple), then cpu.

    Raises:
        ValueError: the device asked for is not there.
    """
    there = [kind for kind in ("cuda", "mps") if getattr(torch, kind).is_available()] + ["cpu"]
    device = torch.device(name or there[0])
    if device.type not in there:
        raise ValueError(f"device {name!r} is not available: this machine has {there}")
    return device


class _Progress(tqdm):
    monitor_interval = 0  # tqdm's watcher thread would outlive the loop


def check_labels(logits: Tensor, labels: Tensor) -> None:
    """Class indices must fit the logits: ``logits`` (B, C, ...), ``labels`` (B, ...) in 0 … C−1.

    On a GPU a label out of range kills the whole CUDA context with an unreadable message.

    Raises:
        ValueError: names both shapes and the range of the labels.
    """
    shapes = f"logits {tuple(logits.shape)}, labels {tuple(labels.shape)}"
    if labels.shape != logits.shape[:1] + logits.shape[2:]:
        raise ValueError(f"expected logits (B, C, ...) and labels (B, ...), got {shapes}")
    used = labels[labels != IGNORE_INDEX]
    low, high = (int(end) for end in used.aminmax()) if used.numel() else (0, 0)
    if low < 0 or high >= logits.shape[1]:
        raise ValueError(
            f"expected labels from 0 to {logits.shape[1] - 1}, got {low} to {high} ({shapes})"
        )


def seven_steps(
    model: nn.Module,
    groups: Iterable[Iterable[tuple[float, Batch]]],
    optimizer: Optimizer,
    loss_fn: LossFunction,
    clip: float | None = None,
) -> Iterator[float]:
    """The loop of the chapter `training`, as far as the weights go; gives each step's mean loss.

    A group is the batches of one optimizer step, each with its share of the labels; one batch alone
    has the share 1. To save, step 7, is for who takes the losses.
    """
    for group in groups:
        mean = 0.0
        optimizer.zero_grad()  # 4 zero_grad
        for share, (inputs, labels) in group:  # 1 take data and labels
            logits = applied(model, inputs)  # 2 forward
            loss = loss_fn(logits, labels)  # 3 loss
            (share * loss).backward()  # 5 backward
            mean += share * loss.item()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()  # 6 step
        yield mean


def train(
    model: nn.Module,
    loader: DataLoader,
    optimizer: Optimizer,
    loss_fn: LossFunction,
    epochs: int,
    *,
    accumulate: int = 1,
    scheduler: LRScheduler | None = None,
    clip: float | None = None,
    log: MetricsLog | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int | None = None,
    resume: bool = True,
    progress: bool = True,
    evaluate: Callable[[nn.Module], Mapping[str, float]] | None = None,
) -> list[dict[str, Any]]:
    """Train ``model``, where it is, on the batches ``(inputs, labels)``; return the log's rows.

    All of it is in training mode, also after ``evaluate``.

    ``inputs`` is a tensor, or a dict of tensors that the model takes by their names.
    At the end of each epoch, and every ``every`` steps if given, a row goes to the log (epoch,
    step, mean loss since the last row, learning rate, what ``evaluate(model)`` returns), and all it
    takes to go on goes to ``checkpoint``. Called again with the same arguments it goes on from
    there, and ends with the same weights, log and data order, bit for bit, as a run that was never
    interrupted.
    (Not covered: chance inside workers that outlive an epoch, ``persistent_workers=True``.)

    Under torchrun, inside `wode.training.distributed.joined`, each rank takes its share of every
    batch, and the steps are those of one process, up to rounding and chance in the forward pass.
    Rank 0 alone writes. A checkpoint may be taken up by another number of ranks; bit for bit only
    by the same.

    Args:
        loss_fn: the mean over the labels (float labels: over their numbers; -100 is left out).
        accumulate: batches to an optimizer step; its gradient is that of one batch of them all.
        scheduler: steps once an optimizer step.
        clip: the gradient's largest norm, all parameters together (Pascanu et al., arXiv:1211.5063,
            algorithm 1); a longer one is shortened to it. None: never.
        resume: False starts anew; the old checkpoint and log are overwritten.

    Raises:
        ValueError: the loader gives no batch, or labels do not fit the logits (names both shapes),
            or ``accumulate`` < 1, ``clip`` ≤ 0, or the ranks would not draw the same batches.
        FloatingPointError: the loss is not finite (names epoch and step); the weights are those
            before that step, and the last checkpoint is whole.
        CheckpointError: the checkpoint is damaged or belongs to another model.
    """
    if accumulate < 1:
        raise ValueError(f"expected accumulate ≥ 1, got {accumulate}")
    if clip is not None and not clip > 0:
        raise ValueError(f"expected clip > 0, or None for no clipping, got {clip}")
    rank, ranks = distributed.world()
    log = log if log is not None and rank == 0 else MetricsLog()
    distributed.spread_chance()
    generator = loader.generator or getattr(loader.sampler, "generator", None)
    run = Run(model, optimizer, scheduler, generator, checkpoint)
    log.restart(run.restore() if resume else [])
    loader, network = distributed.sharded(loader), distributed.replicated(model)
    loss_fn, losses = checked(loss_fn, run), list[float]()  # the losses since the last row

    def report(epoch: int, lr: float) -> None:
        row = {"epoch": epoch, "step": run.step, "loss": sum(losses) / len(losses), "lr": lr}
        if evaluate is not None:
            row |= evaluate(model)
            model.train()
        losses.clear()
        log.write(row)
        run.save(log.rows)  # 7 save: the model's state_dict, and all it takes to go on

    steps = _total(loader, epochs, accumulate)
    bar = _Progress(disable=not progress or rank > 0, initial=run.step, total=steps, unit="step")
    with bar:
        for epoch in range(run.epoch, epochs + 1):
            model.train()
            bar.set_description(f"epoch {epoch}/{epochs}")
            groups = (placed(group, network) for group in run.groups(loader, accumulate))
            for loss in seven_steps(network, groups, optimizer, loss_fn, clip):
                lr = float(optimizer.param_groups[0]["lr"])
                if scheduler is not None:
                    scheduler.step()
                losses.append(distributed.total(loss) / ranks)
                bar.update()
                bar.set_postfix(loss=f"{losses[-1]:.3f}", refresh=False)
                if every is not None and run.step % every == 0:
                    report(epoch, lr)
            if run.done == 0:
                raise ValueError(no_batch(loader))
            run.epoch, run.done = epoch + 1, 0
            if losses:
                report(epoch, lr)
    return log.rows


def placed(group: Group, network: nn.Module) -> Iterator[tuple[float, Batch]]:
    """A group's batches where the model is; the last one's backward exchanges the gradients.

    DDP divides by the ranks, which the shares make good. Where no label counts, there are none: the
    rank takes part with nothing.
    """
    device, ranks = device_of(network), distributed.world()[1]
    for number, (share, (inputs, labels)) in enumerate(group, start=1):
        distributed.exchange(network, on=number == len(group))
        yield share * ranks, (moved(inputs, device), labels.to(device) if share else None)


def checked(loss_fn: LossFunction, run: Run) -> LossFunction:
    """``loss_fn`` with clear errors: labels that do not fit, a loss that is not finite."""

    def loss_of(logits: Tensor, labels: Any) -> Tensor:
        if labels is not None and not labels.is_floating_point():
            check_labels(logits, labels)
        loss = 0 * logits.sum() if labels is None else loss_fn(logits, labels)
        if not math.isfinite(loss.item()):
            rank, ranks = distributed.world()
            where = f"epoch {run.epoch}, step {run.step}" + f", rank {rank}" * (ranks > 1)
            raise FloatingPointError(
                f"the loss is {loss.item()} at {where}: lower the learning rate, or look for NaN "
                "in the data"
            )
        return loss

    return loss_of


def _total(loader: DataLoader, epochs: int, accumulate: int) -> int | None:
    try:
        return -(-len(loader) // accumulate) * epochs
    except TypeError:  # a stream has no length
        return None
