"""A run of several ranks, to be killed and compared: ``torchrun ... distributed_job.py JSON``.

With ``--serve`` the ranks are forked, without torchrun; what each says is in folder/said-RANK.

The JSON holds folder, and any of: mode (ddp, fsdp), dropout, samples, batch_size, accumulate,
epochs, ignored (leave labels out), stream (a text file), optimizer (adamw, sgd), timeout, loss (the
settings of a CrossEntropyLoss), and kill ([rank, step]) or nan, raise, stuck likewise. Rank 0
leaves log.jsonl, checkpoint.pt, final.pt and facts.json in folder.
"""

import contextlib
import json
import os
import random
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from forking import HANG, fork, serve
from torch import Tensor, nn
from torch.distributed.elastic.multiprocessing.errors import record
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor
from torch.utils.data import DataLoader, TensorDataset

from wode.data import LineStream
from wode.files.checkpoint import save_checkpoint
from wode.training import (
    MetricsLog,
    averaged_over,
    distributed,
    label_count,
    seed_everything,
    train,
)

OPTIONS = {
    "mode": "ddp", "dropout": 0.0, "samples": 83, "batch_size": 8, "accumulate": 1, "epochs": 2,
    "ignored": False, "stream": None, "kill": None, "nan": None, "raise": None, "stuck": None,
    "timeout": 60, "every": 1, "norm": False, "optimizer": "adamw", "loss": None,
}  # fmt: skip


def local(tensor: Tensor) -> Tensor:
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


@record
def main(given: dict) -> None:
    run: dict[str, Any] = OPTIONS | given
    folder = Path(run["folder"])
    torch.set_num_threads(1)
    generator = seed_everything(5)
    inputs, labels = torch.randn(run["samples"], 12), torch.arange(run["samples"]) % 5
    if run["ignored"]:
        labels[torch.rand(len(labels)) < 0.4] = -100
    data = TensorDataset(inputs, labels)
    model = nn.Sequential(
        nn.Linear(12, 16),
        nn.BatchNorm1d(16) if run["norm"] else nn.Identity(),
        nn.Tanh(),
        nn.Dropout(run["dropout"]),
        nn.Linear(16, 5),
    )
    with distributed.joined(timeout=run["timeout"]):
        rank, ranks = distributed.world()
        if run["mode"] == "fsdp":
            for layer in (model[0], model[4], model):
                fully_shard(layer)
        if run["optimizer"] == "sgd":
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        else:
            optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
        if run["stream"]:
            stream = LineStream(run["stream"], lambda line: (inputs[int(line)], labels[int(line)]))
            loader = DataLoader(stream, run["batch_size"] // ranks)
        else:
            loader = DataLoader(data, run["batch_size"], shuffle=True, generator=generator)
        calls = seen = 0

        @averaged_over(label_count)
        def loss_fn(logits: Tensor, labels: Tensor) -> Tensor:
            nonlocal calls, seen
            calls, seen = calls + 1, seen + len(labels)
            if run["kill"] == [rank, calls]:
                os.kill(os.getpid(), signal.SIGKILL)
            if run["raise"] == [rank, calls]:
                raise ZeroDivisionError(f"rank {rank} is out of luck")
            if run["stuck"] == [rank, calls]:
                time.sleep(600)
            loss = F.cross_entropy(logits, labels)
            return loss * float("nan") if run["nan"] == [rank, calls] else loss

        weights = torch.tensor([0.0, 1, 2, 0.5, 9])
        plain = nn.CrossEntropyLoss(weights, **run["loss"]) if run["loss"] else loss_fn
        train(
            model,
            loader,
            optimizer,
            plain,
            run["epochs"],
            accumulate=run["accumulate"],
            log=MetricsLog(folder / "log.jsonl"),
            checkpoint=folder / "checkpoint.pt",
            every=run["every"],
            progress=False,
        )
        state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
        state = distributed.gathered(state)
        facts = {
            "seen": seen,
            "weights": sum(local(p).numel() for p in model.parameters()),
            "moments": sum(
                local(value).numel()
                for kept in optimizer.state_dict()["state"].values()
                for name, value in kept.items()
                if name != "step"
            ),
        }
        chance = {"seed": torch.initial_seed(), "next": torch.rand(()).item()}
        facts = distributed.from_all(facts | chance)
        if rank == 0:
            save_checkpoint(folder / "final.pt", state)
            (folder / "facts.json").write_text(json.dumps(facts))


def ports_nobody_takes(count: int) -> list[int]:
    """Free ports below those that the system hands out, of which gloo's own sockets take some."""
    free: list[int] = []
    for port in random.sample(range(20_000, 32_000), 3000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("", port))
            free.append(port)
        if len(free) == count:
            break
    return free


def ends(ports: list[int]) -> None:
    """A wrapped model that outlives its group, once for each port."""
    for port in ports:
        os.environ["MASTER_PORT"] = str(port)
        with distributed.joined():
            network = distributed.replicated(nn.Linear(256, 256))
            network(torch.randn(8, 256)).square().mean().backward()
        del network


def ranks(text: str, number: str) -> int:
    """Fork so many ranks and wait for them: 0, or how one of them failed."""
    run, size = json.loads(text), int(number)
    ports = ports_nobody_takes(run.get("ends", 1))
    job: Callable[[], None] = partial(ends, ports) if "ends" in run else partial(main, run)

    def rank_of(rank: int) -> int:
        signal.alarm(HANG)
        os.dup2(os.open(f"{run['folder']}/said-{rank}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        if size > 1:
            names = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": size, "MASTER_PORT": ports[0]}
            os.environ |= {"MASTER_ADDR": "127.0.0.1"} | {n: str(v) for n, v in names.items()}
        job()
        return 0

    pids = [fork(partial(rank_of, rank)) for rank in range(size)]
    return max(abs(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])) for pid in pids)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(ranks)
    else:
        main(json.loads(sys.argv[1]))
