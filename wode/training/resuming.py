"""What it takes to go on with a training run where it stopped, bit for bit."""

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader

from wode.files.checkpoint import (
    CheckpointError,
    check_fits,
    load_checkpoint,
    load_weights,
    random_state,
    save_checkpoint,
    set_random_state,
)
from wode.files.locking import alone_with
from wode.training import distributed
from wode.training.distributed import Group
from wode.training.weighing import Divisor


class Run:
    """A run of `wode.training.train`: what changes in it, and where it is.

    Attributes:
        epoch: the one that is being run, from 1.
        done: its batches already trained on.
        step: the optimizer steps so far, of all epochs.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: Optimizer,
        scheduler: LRScheduler | None,
        generator: torch.Generator | None,
        path: str | os.PathLike[str] | None,
    ) -> None:
        self.model, self.optimizer, self.generator, self.path = model, optimizer, generator, path
        parts = {"optimizer": optimizer, "scheduler": scheduler}
        self.parts: dict[str, Any] = {name: p for name, p in parts.items() if p is not None}
        self.epoch, self.done, self.step = 1, 0, 0
        self.at_start = random_state(generator)  # of the epoch
        self.stopped: dict[str, Any] | None = None  # the state of chance, if it was inside an epoch

    @property
    def where(self) -> str:
        """Where it is, for a message."""
        rank, ranks = distributed.world()
        return f"epoch {self.epoch}, step {self.step}" + f", rank {rank}" * (ranks > 1)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else trains with this checkpoint during the block; else an InUseError."""
        with contextlib.ExitStack() as held:
            if self.path is not None and distributed.world()[0] == 0:
                path = Path(self.path)
                held.enter_context(alone_with(path.with_name(f".{path.name}.lock"), path))
            yield

    def groups(
        self, loader: DataLoader, accumulate: int, divisor: Divisor | None
    ) -> Iterator[Group]:
        """The rest of the epoch, a group of batches for each optimizer step."""
        self.at_start = random_state(self.generator)
        batches, last = iter(loader), None
        if self.stopped is not None:  # the same order again, up to where the run stopped
            for last in itertools.islice(batches, self.done):  # noqa: B007 (groups may need it)
                pass
            set_random_state(self.stopped, self.generator)
            self.stopped = None
        for group in distributed.groups(batches, accumulate, last, divisor):
            self.done, self.step = self.done + len(group), self.step + 1
            yield group

    def save(self, rows: list[dict[str, Any]]) -> None:
        """Put the run into its checkpoint, with the log's ``rows``; all ranks must call."""
        if self.path is None:
            return
        state: dict[str, Any] = {"model": self.model.state_dict()}
        state |= {name: part.state_dict() for name, part in self.parts.items()}
        state = distributed.gathered(state)
        state |= {"epoch": self.epoch, "done": self.done, "step": self.step, "rows": rows}
        chance = {"random_at_epoch_start": self.at_start, "random": random_state(self.generator)}
        state |= chance
        rank, ranks = distributed.world()
        if ranks > 1:
            state["chance_of_ranks"] = distributed.from_all(chance)
        if rank == 0:
            save_checkpoint(self.path, state)
        distributed.barrier()  # nobody goes on before the file is there

    def restore(self) -> list[dict[str, Any]]:
        """Take the run up from its checkpoint, if there is one; return the log's rows.

        Raises:
            CheckpointError: it is damaged, or of another run; nothing was changed.
        """
        if self.path is None or not Path(self.path).exists():
            return []
        state = load_checkpoint(self.path)
        self.check(state)
        old = {name: part.state_dict() for name, part in self.parts.items()}
        before = random_state(self.generator)
        try:
            rank, ranks = distributed.world()
            chances = state.get("chance_of_ranks", [])
            state |= chances[rank] if len(chances) == ranks else {}
            state["optimizer"] = distributed.spread_moments(self.optimizer, state["optimizer"])
            for name, part in self.parts.items():
                part.load_state_dict(state[name])
            names = ["random", "random_at_epoch_start"]
            for name in names if state["done"] else reversed(names):  # both must do; the last stays
                set_random_state(state[name], self.generator)
            weights = distributed.spread_weights(self.model, state["model"])
            load_weights(self.model, weights, self.path)
        except Exception as error:
            for name, part in self.parts.items():
                part.load_state_dict(old[name])
            set_random_state(before, self.generator)
            raise CheckpointError(
                f"{self.path} does not continue this run: {type(error).__name__}: {error}; "
                "give another path, or resume=False to overwrite it"
            ) from error
        self.epoch, self.done, self.step = state["epoch"], state["done"], state["step"]
        self.stopped = state["random"] if self.done else None
        return state["rows"]

    def check(self, state: dict[str, Any]) -> None:
        """Look at everything that a checkpoint holds before anything is changed."""
        wanted = {"model", "epoch", "done", "step", "rows", "random", "random_at_epoch_start"}
        if missing := sorted((wanted | self.parts.keys()) - state.keys()):
            raise CheckpointError(
                f"{self.path} is not a checkpoint of this training run: {missing} missing, it "
                f"holds {sorted(state)[:8]}; give another path, or resume=False to overwrite it"
            )
        kinds = {"epoch": int, "done": int, "step": int, "rows": list}
        for name in wanted | self.parts.keys():
            if not isinstance(state[name], kind := kinds.get(name, dict)):
                raise CheckpointError(
                    f"{self.path}: expected a {kind.__name__} as {name!r}, "
                    f"got a {type(state[name]).__name__}; give another path, or resume=False"
                )
        check_fits(self.model, state["model"], self.path)
        groups = state["optimizer"].get("param_groups")
        ours = [sorted(group) for group in self.optimizer.state_dict()["param_groups"]]
        whole = isinstance(groups, list) and all(isinstance(group, dict) for group in groups)
        theirs = [sorted(group) for group in groups] if whole else groups
        if ours != theirs:
            raise CheckpointError(
                f"{self.path} was written with another optimizer or scheduler: "
                f"its settings are {theirs}, this one's {ours}"
            )
