"""Training in seven steps, with what a long run needs: a log, a progress bar, checkpoints, resume.

The loop in `train` is the loop of the chapter `training`: (1) take data and labels, (2) forward,
(3) loss, (4) zero_grad, (5) backward, (6) step, (7) save. Everything else here serves it.
Under ``torchrun`` the same call trains on several processes (chapter `scaling-out`).
"""

import itertools
import math
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader
from tqdm import tqdm

from wode.decoding import device_of
from wode.files.checkpoint import (
    CheckpointError,
    check_fits,
    load_checkpoint,
    load_weights,
    random_state,
    save_checkpoint,
    set_random_state,
)
from wode.masking import IGNORE_INDEX
from wode.training import MetricsLog, distributed
from wode.training.evaluation import applied, moved, no_batch


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


def train(
    model: nn.Module,
    loader: DataLoader,
    optimizer: Optimizer,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    epochs: int,
    *,
    accumulate: int = 1,
    scheduler: LRScheduler | None = None,
    clip: float | None = None,
    device: str | torch.device | None = None,
    generator: torch.Generator | None = None,
    log: MetricsLog | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int | None = None,
    resume: bool = True,
    progress: bool = True,
    evaluate: Callable[[nn.Module], Mapping[str, float]] | None = None,
) -> list[dict[str, Any]]:
    """Train ``model`` on the batches ``(inputs, labels)`` of ``loader``; return the log's rows.

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
        device: where the model goes; default: where it is.
        generator: the loader's own generator (default: ``loader.generator``).
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
    device = torch.device(device) if device else device_of(model)
    model.to(device)
    rank, ranks = distributed.world()
    generator = generator if generator is not None else getattr(loader, "generator", None)
    log = log if log is not None and rank == 0 else MetricsLog()
    parts = {"optimizer": optimizer, "scheduler": scheduler}
    parts = {name: part for name, part in parts.items() if part is not None}

    distributed.spread_chance()
    first_epoch, done, step = 1, 0, 0  # done: batches of this epoch already trained on
    saved = None
    if checkpoint is not None and resume and Path(checkpoint).exists():
        saved = _restore(checkpoint, model, parts)
        first_epoch, done, step = saved["epoch"], saved["done"], saved["step"]
        set_random_state(saved["random_at_epoch_start" if done else "random"], generator)
    log.restart(saved["rows"] if saved else [])
    loader, network = distributed.sharded(loader), distributed.replicated(model)
    unreported: list[float] = []

    def report(epoch: int, goes_on: tuple[int, int]) -> None:
        row: dict[str, Any] = {"epoch": epoch, "step": step}
        row |= {"loss": sum(unreported) / len(unreported), "lr": lr}
        if evaluate is not None:
            row |= evaluate(model)
            model.train()
        unreported.clear()
        log.write(row)
        if checkpoint is not None:  # 7 save: the model's state_dict, and all it takes to go on
            state: dict[str, Any] = {"model": model.state_dict()}
            state |= {name: part.state_dict() for name, part in parts.items()}
            state = distributed.gathered(state)
            state |= {"epoch": goes_on[0], "done": goes_on[1], "step": step, "rows": log.rows}
            chance = {"random_at_epoch_start": at_start, "random": random_state(generator)}
            state |= chance
            if ranks > 1:
                state["chance_of_ranks"] = distributed.from_all(chance)
            if rank == 0:
                save_checkpoint(checkpoint, state)
            distributed.barrier()  # nobody goes on before the file is there

    steps = _total(loader, epochs, accumulate)
    bar = _Progress(disable=not progress or rank > 0, initial=step, total=steps, unit="step")
    with bar:
        for epoch in range(first_epoch, epochs + 1):
            model.train()
            at_start = random_state(generator)
            batches, last = iter(loader), None
            if saved is not None and done:  # the same order again, up to where the run stopped
                for last in itertools.islice(batches, done):  # noqa: B007 (groups may need it)
                    pass
                set_random_state(saved["random"], generator)
            saved = None
            bar.set_description(f"epoch {epoch}/{epochs}")
            for group in distributed.groups(batches, accumulate, last):
                value = 0.0
                for number, (share, (inputs, labels)) in enumerate(group, start=1):
                    inputs = moved(inputs, device)  # 1 take data and labels
                    labels = labels.to(device)
                    distributed.exchange(network, on=number == len(group))
                    logits = applied(network, inputs)  # 2 forward
                    if not labels.is_floating_point():
                        check_labels(logits, labels)
                    loss = loss_fn(logits, labels) if share else 0 * logits.sum()  # 3 loss
                    where = f"epoch {epoch}, step {step + 1}" + f", rank {rank}" * (ranks > 1)
                    value += share * _finite(loss, where)
                    if number == 1:
                        optimizer.zero_grad()  # 4 zero_grad
                    (loss * (share * ranks)).backward()  # 5 backward; DDP divides by ranks
                if clip is not None:
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                optimizer.step()  # 6 step
                lr = float(optimizer.param_groups[0]["lr"])
                if scheduler is not None:
                    scheduler.step()
                step, done = step + 1, done + len(group)
                value = distributed.total(value)
                unreported.append(value)
                bar.update()
                bar.set_postfix(loss=f"{value:.3f}", refresh=False)
                if every is not None and step % every == 0:
                    report(epoch, goes_on=(epoch, done))
            if done == 0:
                raise ValueError(no_batch(loader))
            if unreported:
                report(epoch, goes_on=(epoch + 1, 0))
            done = 0
    return log.rows


def _restore(
    path: str | os.PathLike[str], model: nn.Module, parts: Mapping[str, Any]
) -> dict[str, Any]:
    """Load a checkpoint of `train` into the model, the optimizer and the scheduler."""
    state = load_checkpoint(path)
    wanted = {"model", "epoch", "done", "step", "rows", "random", "random_at_epoch_start", *parts}
    if missing := sorted(wanted - state.keys()):
        raise CheckpointError(
            f"{path} is not a checkpoint of this training run: {missing} missing, it holds "
            f"{sorted(state)[:8]}; give another path, or resume=False to overwrite it"
        )
    check_fits(model, state["model"], path)  # look at everything before anything is changed
    settings, saved_settings = (
        [sorted(group) for group in state_dict["param_groups"]]
        for state_dict in (parts["optimizer"].state_dict(), state["optimizer"])
    )
    if settings != saved_settings:
        raise CheckpointError(
            f"{path} was written with another optimizer or scheduler: "
            f"its settings are {saved_settings}, this one's {settings}"
        )
    state["optimizer"] = distributed.spread_moments(parts["optimizer"], state["optimizer"])
    for name, part in parts.items():
        part.load_state_dict(state[name])
    load_weights(model, distributed.spread_weights(model, state["model"]), path)
    rank, ranks = distributed.world()
    chances = state.get("chance_of_ranks", [])
    return state | chances[rank] if len(chances) == ranks else state


def _finite(loss: Tensor, where: str) -> float:
    value = loss.item()
    if not math.isfinite(value):
        raise FloatingPointError(
            f"the loss is {value} at {where}: lower the learning rate, or look for NaN in the data"
        )
    return value


def _total(loader: DataLoader, epochs: int, accumulate: int) -> int | None:
    try:
        return -(-len(loader) // accumulate) * epochs
    except TypeError:  # a stream has no length
        return None
