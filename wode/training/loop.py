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

from wode.checks import check_optimizer
from wode.decoding import device_of
from wode.training import distributed
from wode.training.distributed import Batch, Group
from wode.training.evaluation import MetricsLog, applied, moved, no_batch
from wode.training.limits import COUNT, SEED
from wode.training.resuming import Run
from wode.training.weighing import LossFunction, Weighed, weighed


def seed_everything(seed: int) -> torch.Generator:
    """Seed Python, NumPy and torch (all devices); return a seeded generator for the DataLoader.

    Raises:
        ValueError: the seed is no whole number from 0 to 2**64 - 1.
    """
    SEED.check("seed", seed)
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
    try:
        device = torch.device(there[0] if name is None else name)
    except RuntimeError:
        raise ValueError(f"device {name!r} is unknown: this machine has {there}") from None
    if device.type not in there:
        raise ValueError(f"device {name!r} is not available: this machine has {there}")
    if device.index is not None and device.index >= getattr(torch, device.type).device_count():
        raise ValueError(
            f"device {name!r} is not available: this machine has "
            f"{getattr(torch, device.type).device_count()} of {device.type}, counted from 0"
        )
    return device


class _Progress(tqdm):
    monitor_interval = 0  # tqdm's watcher thread would outlive the loop


def seven_steps(
    model: nn.Module,
    groups: Iterable[Iterable[tuple[float, Batch]]],
    optimizer: Optimizer,
    loss_fn: LossFunction,
    clip: float | None = None,
) -> Iterator[float]:
    """The loop of the chapter `training`, as far as the weights go; gives each step's mean loss.

    A group is the batches of one optimizer step, each with its share of the labels; one batch alone
    has the share 1. Step 4 comes first, since the gradients of a group's batches are added up. To
    save, step 7, is for who takes the losses.
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
    step, mean of the steps' losses since the last row, learning rate, what ``evaluate(model)``
    returns), and all it takes to go on goes to ``checkpoint``, with which no other process may
    train meanwhile. Called again with the same arguments it goes on from there, and ends with the
    same weights, log and data order, bit for bit, as a run that was never interrupted.
    (Not covered: chance inside workers that outlive an epoch, ``persistent_workers=True``.)

    Under torchrun, inside `wode.training.distributed.joined`, each rank takes its share of every
    batch, and the steps are those of one process, up to rounding and chance in the forward pass.
    Rank 0 alone writes. A checkpoint may be taken up by another number of ranks; bit for bit only
    by the same.

    Args:
        loss_fn: the loss of a batch, one number. Where several batches make a step, on several
            processes too, `wode.training.weighing.weighed` reads off it how each weighs
            (``reduction``, ``ignore_index``, class weights), and refuses what it cannot read.
        accumulate: batches to an optimizer step; its loss and gradient are those of one batch of
            them all.
        scheduler: steps once an optimizer step.
        clip: the gradient's largest norm, all parameters together (Pascanu et al., arXiv:1211.5063,
            algorithm 1); a longer one is shortened to it. None: never.
        resume: False starts anew; the old checkpoint and log are overwritten.

    Raises:
        ValueError: the loader gives no batch, or labels do not fit the logits (names both shapes),
            or ``epochs``, ``accumulate``, ``every`` < 1, ``clip`` ≤ 0, or the optimizer or the
            scheduler belongs to another model, or the ranks would not draw the same batches.
        FloatingPointError: the loss is not finite (names epoch and step): the weights are those
            before that step, and the last checkpoint is whole. Or what ``evaluate`` returned is
            not: it cannot be logged.
        CheckpointError: the checkpoint is damaged or belongs to another model.
        InUseError: another process trains with this checkpoint.
    """
    counts = {"epochs": epochs, "accumulate": accumulate, "every": 1 if every is None else every}
    for name, number in counts.items():
        COUNT.check(name, number)
    if clip is not None and not clip > 0:
        raise ValueError(f"expected clip > 0, or None for no clipping, got {clip}")
    rank, ranks = distributed.world()
    weighing = weighed(loss_fn, several=accumulate * ranks > 1)
    learners = [part for part in (model, weighing.loss_fn) if isinstance(part, nn.Module)]
    check_optimizer(optimizer, learners, scheduler)
    log = log if log is not None and rank == 0 else MetricsLog()
    distributed.spread_chance()
    generator = loader.generator or getattr(loader.sampler, "generator", None)
    run = Run(model, optimizer, scheduler, generator, checkpoint)
    loss_fn, losses = checked(weighing, run), list[float]()  # the losses since the last row

    def report(epoch: int, lr: float) -> None:
        row = {"epoch": epoch, "step": run.step, "loss": sum(losses) / len(losses), "lr": lr}
        if evaluate is not None:
            row |= finite(evaluate(model), epoch, run.step)
            model.train()
        losses.clear()
        log.write(row)
        run.save(log.rows)  # 7 save: the model's state_dict, and all it takes to go on

    with run.alone():
        log.restart(run.restore() if resume else [])
        loader, network = distributed.sharded(loader), distributed.replicated(model)
        off, steps = not progress or rank > 0, _total(loader, epochs, accumulate)
        with _Progress(disable=off, initial=run.step, total=steps, unit="step") as bar:
            for epoch in range(run.epoch, epochs + 1):
                model.train()
                bar.set_description(f"epoch {epoch}/{epochs}")
                taken = run.groups(loader, accumulate, weighing.divisor)
                groups = (placed(group, network) for group in taken)
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


def checked(loss_fn: Weighed, run: Run) -> LossFunction:
    """``loss_fn`` with clear errors: labels that do not fit, a loss that is not finite."""

    def loss_of(logits: Tensor, labels: Any) -> Tensor:
        if labels is not None:
            loss_fn.check(logits, labels)
        loss = 0 * logits.sum() if labels is None else loss_fn(logits, labels)
        if loss.numel() != 1:
            raise ValueError(f"expected a loss of one number, got one of shape {tuple(loss.shape)}")
        if not math.isfinite(loss.item()):
            why = "lower the learning rate, or look for NaN in the data"
            if labels is not None and bool((labels == loss_fn.left_out).all()):
                why = f"all labels of the batch are {loss_fn.left_out}, which the loss leaves out"
            raise FloatingPointError(f"the loss is {loss.item()} at {run.where}: {why}")
        return loss

    return loss_of


def finite(measured: Mapping[str, float], epoch: int, step: int) -> Mapping[str, float]:
    """What ``evaluate`` returned, if it can be logged: JSON knows neither NaN nor infinity."""
    for name, value in measured.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise FloatingPointError(
                f"{name} is {value} at epoch {epoch}, step {step}: lower the learning rate, or "
                "look for NaN in the data that it is measured on"
            )
    return measured


def _total(loader: DataLoader, epochs: int, accumulate: int) -> int | None:
    try:
        return -(-len(loader) // accumulate) * epochs
    except TypeError:  # a stream has no length
        return None
