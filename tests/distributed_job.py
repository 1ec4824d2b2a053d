"""A run under torchrun, to be killed and compared: ``torchrun ... distributed_job.py JSON``.

The JSON holds folder, and any of: mode (ddp, fsdp), dropout, samples, batch_size, accumulate,
epochs, ignored (leave labels out), stream (a text file), optimizer (adamw, sgd), timeout, and kill
([rank, step]) or nan, raise, stuck likewise. Rank 0 leaves log.jsonl, checkpoint.pt, final.pt and
facts.json in folder.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributed.elastic.multiprocessing.errors import record
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor
from torch.utils.data import DataLoader, TensorDataset

from wode.data import LineStream
from wode.files.checkpoint import save_checkpoint
from wode.training import MetricsLog, distributed, seed_everything, train

OPTIONS = {
    "mode": "ddp", "dropout": 0.0, "samples": 83, "batch_size": 8, "accumulate": 1, "epochs": 2,
    "ignored": False, "stream": None, "kill": None, "nan": None, "raise": None, "stuck": None,
    "timeout": 60, "every": 1, "norm": False, "optimizer": "adamw",
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

        train(
            model,
            loader,
            optimizer,
            loss_fn,
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


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
