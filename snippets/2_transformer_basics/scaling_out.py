"""The chapter `scaling-out`: the same losses on several processes, and its experiments.

    python snippets/2_transformer_basics/scaling_out.py

trains one model in four ways, measures what naive averaging does to a gradient, times a step with
and without exchange, kills workers at random moments, and writes
docs/assets/results/scaling_out.json. About five minutes of two cores.
"""

import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.book import results
from wode.data import digits_tensors
from wode.training import distributed

KILLS = 12

SCRIPT = """\
import json
import os
import signal
import sys

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributed.elastic.multiprocessing.errors import record
from torch.distributed.fsdp import fully_shard
from torch.utils.data import DataLoader, Subset, TensorDataset

from wode.training import distributed
from wode.data import digits_tensors
from wode.training import MetricsLog, seed_everything, train


@record  # so that torchrun's report quotes a rank's error
def main(
    name: str,
    batch_size: int = 32,
    accumulate: int = 1,
    epochs: int = 2,
    dropout: float = 0.0,
    fsdp: bool = False,
    die: tuple[int, int] | None = None,  # (rank, its n-th loss): be killed
) -> None:
    torch.set_num_threads(1)
    generator = seed_everything(0)  # alike on all ranks
    data = Subset(TensorDataset(*digits_tensors(train=True)), range(161))  # the last batch: 1
    loader = DataLoader(data, batch_size, shuffle=True, generator=generator)
    layers = nn.Linear(64, 32), nn.Tanh(), nn.Dropout(dropout), nn.Linear(32, 10)
    model = nn.Sequential(nn.Flatten(), *layers)
    with distributed.joined(timeout=60) as device:
        model.to(device)  # before the optimizer takes its parameters
        if fsdp:
            for part in (*layers[::3], model):
                fully_shard(part)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        log = MetricsLog(f"{name}.jsonl")
        seen = []  # how many samples each loss of this rank is about
        options = {"log": log, "checkpoint": f"{name}.pt", "every": 1, "progress": False}

        def loss_fn(logits: Tensor, labels: Tensor) -> Tensor:
            seen.append(len(labels))
            if die is not None and (distributed.world()[0], len(seen)) == tuple(die):
                os.kill(os.getpid(), signal.SIGKILL)
            return F.cross_entropy(logits, labels)

        rows = train(model, loader, optimizer, loss_fn, epochs, accumulate=accumulate, **options)
        local = [p.to_local() if fsdp else p for p in model.parameters()]
        facts = {
            "losses": [row["loss"] for row in rows],
            "seen": distributed.from_all(sum(seen)),
            "held": distributed.from_all(sum(p.numel() for p in local)),
        }
        if distributed.world()[0] == 0:
            print(json.dumps(facts))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))
"""


def command(ranks: int, *arguments: str | Path) -> list[str]:
    """The command line that runs a script in ``ranks`` processes; one: plain Python."""
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={ranks}"]
    return [sys.executable, *(launcher if ranks > 1 else []), *map(str, arguments)]


def gradient_error(n: int, ranks: int, way: str, seed: int) -> float:
    """‖wrong − right‖ / ‖right‖ of the gradient of ``n`` digits spread over ``ranks`` processes.

    Ways: "weighted" n_r/n, "means" (the mean of the ranks' means), "padded" (samples repeated until
    all ranks have as many, as DistributedSampler does).
    """
    torch.manual_seed(seed)
    images, labels = digits_tensors(train=True)
    chosen = torch.randperm(len(labels))[:n].tolist()
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10)).double()

    def gradient(batch: list[int]) -> Tensor:
        loss = F.cross_entropy(model(images[batch].double()), labels[batch])
        grads = torch.autograd.grad(loss, list(model.parameters()))
        return torch.cat([g.flatten() for g in grads])

    padded = chosen + chosen[: -n % ranks] if way == "padded" else chosen
    shares = [distributed.share_of(padded, rank, ranks) for rank in range(ranks)]
    weights = [len(s) / n if way == "weighted" else 1 / ranks for s in shares]
    wrong = torch.stack([w * gradient(s) for w, s in zip(weights, shares, strict=True)]).sum(dim=0)
    right = gradient(chosen)
    return ((wrong - right).norm() / right.norm()).item()


def ring_bytes(parameters: int, ranks: int) -> float:
    """Bytes that each rank sends in one ring all-reduce of float32 gradients."""
    return 2 * (ranks - 1) / ranks * parameters * 4


def ring_all_reduce(parts: list[list[float]]) -> int:
    """Sum ``parts[rank][piece]`` in place, as many pieces as ranks; how many pieces each rank sent.

    R − 1 rounds add a piece to the right neighbour's, R − 1 more pass the finished pieces on.
    """
    ranks, sent = len(parts), 0
    for turn in range(2 * (ranks - 1)):
        pieces = [(rank - turn) % ranks for rank in range(ranks)]
        outgoing = [parts[rank][pieces[rank]] for rank in range(ranks)]  # all send at once
        for rank in range(ranks):
            right, piece = (rank + 1) % ranks, pieces[rank]
            finished = turn >= ranks - 1
            parts[right][piece] = outgoing[rank] + (0 if finished else parts[right][piece])
        sent += 1
    return sent


# ---------------------------------------------------------------- experiments


def losses(folder: Path) -> dict:
    """Losses of one process, of two, with accumulation, of FSDP; samples and parameters a rank."""
    ways = {
        "one": (1, {}),
        "accumulated": (1, {"batch_size": 16, "accumulate": 2}),
        "two": (2, {}),
        "two_accumulated": (2, {"batch_size": 16, "accumulate": 2}),
        "fsdp": (2, {"fsdp": True}),
    }
    table = {}
    for name, (ranks, options) in ways.items():
        options = json.dumps({"name": str(folder / name), "epochs": 10, **options})
        done = subprocess.run(
            command(ranks, folder / "job.py", options), check=True, capture_output=True
        )
        table[name] = json.loads(done.stdout.splitlines()[-1])
    one = table["one"]["losses"]
    for row in table.values():
        row["steps"] = len(row["losses"])
        row["largest"] = max(abs(a - b) for a, b in zip(one, row["losses"], strict=True))
    return table


def naive(seeds: range) -> dict:
    """Relative gradient error of the three averages, by the size of the batch: two processes."""
    sizes = [3, 5, 9, 17, 33, 65]
    ways = ("weighted", "means", "padded")
    each = {w: [[gradient_error(n, 2, w, s) for n in sizes] for s in seeds] for w in ways}
    mean = {w: [statistics.mean(column) for column in zip(*each[w], strict=True)] for w in ways}
    return {"sizes": sizes, "each": each, "mean": mean, "seeds": len(seeds)}


def exchange_share() -> None:
    """Under torchrun: seconds of a step with the exchange of gradients, and without; as JSON."""
    torch.set_num_threads(1)
    with distributed.joined():
        rank, _ = distributed.world()
        table = {}
        for width in (32, 128, 512):
            torch.manual_seed(0)
            layers = [nn.Linear(64, width), nn.Tanh(), nn.Linear(width, width), nn.Linear(width, 1)]
            network = distributed.replicated(nn.Sequential(*layers))
            inputs, seconds = torch.randn(16, 64), {True: [], False: []}
            for repeat in range(120):
                on = repeat % 2 == 0
                distributed.exchange(network, on)
                distributed.barrier()
                start = time.perf_counter()
                network(inputs).square().mean().backward()
                seconds[on].append(time.perf_counter() - start)
            both, alone = (statistics.median(seconds[on][10:]) for on in (True, False))
            count = sum(p.numel() for p in network.parameters())
            table[str(width)] = {"share": 1 - alone / both, "parameters": count}
        if rank == 0:
            print(json.dumps(table))


def timing(runs: int = 7) -> dict:
    """What share of forward and backward the exchange takes: each run of two processes its own."""
    tables = []
    for _ in range(runs):
        done = subprocess.run(command(2, __file__, "timing"), check=True, capture_output=True)
        tables.append(json.loads(done.stdout.splitlines()[-1]))
    found = {}
    for width, first in tables[0].items():
        shares = sorted(table[width]["share"] for table in tables)
        share = {"low": shares[0], "median": statistics.median(shares), "high": shares[-1]}
        found[width] = {"parameters": first["parameters"], "share": share}
    return {"runs": runs, **found}


def workers_of(pid: int) -> list[int]:
    """The processes that ``pid`` has started, oldest first: rank 0, rank 1, …"""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in children.read_text().split()] if children.exists() else []


def kill_one(folder: Path, options: dict, row: int, victim: int) -> dict | None:
    """Run, SIGKILL rank ``victim`` when the log has ``row`` rows; what torchrun said; None: late.

    Raises:
        subprocess.TimeoutExpired: torchrun has not ended after 60 seconds.
    """
    log = Path(options["name"] + ".jsonl")
    with (folder / "stderr").open("w") as stderr:
        process = subprocess.Popen(
            command(2, folder / "job.py", json.dumps(options)),
            stderr=stderr,
            stdout=subprocess.DEVNULL,
        )
        while process.poll() is None:
            if log.exists() and log.read_bytes().count(b"\n") >= row:
                os.kill(workers_of(process.pid)[victim], signal.SIGKILL)
                break
            time.sleep(0.002)
        start = time.monotonic()
        code = process.wait(timeout=60)
    said = (folder / "stderr").read_text()
    if code == 0:
        return None
    named = re.search(rf"rank\s+: {victim} .*\n\s*exitcode\s+: -9 .*\(SIGKILL\)", said)
    return {"seconds": time.monotonic() - start, "named": named is not None}


def kills(folder: Path) -> dict:
    """Kill a rank at random moments of a run with dropout; resume; compare with the whole run."""
    chance = random.Random(0)
    run = {"epochs": 20, "dropout": 0.3}

    def whole(name: str) -> list[float]:
        options = json.dumps({"name": str(folder / name), **run})
        done = subprocess.run(
            command(2, folder / "job.py", options), check=True, capture_output=True
        )
        return json.loads(done.stdout.splitlines()[-1])["losses"]

    never_killed = whole("never")
    ends, equal, rows = [], 0, []
    while len(ends) < KILLS:
        name = f"killed{len(ends)}"
        row, victim = chance.randrange(1, len(never_killed) - 20), chance.randrange(2)
        end = kill_one(folder, {"name": str(folder / name), **run}, row, victim)
        if end is None:
            continue
        ends.append(end)
        rows.append(row)
        equal += whole(name) == never_killed
    return {
        "kills": len(ends),
        "steps": len(never_killed),
        "at_row": rows,
        "named": sum(end["named"] for end in ends),
        "slowest": max(end["seconds"] for end in ends),
        "equal": equal,
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "job.py").write_text(SCRIPT)
        numbers = {"losses": losses(folder), "naive": naive(range(10))}
        numbers["timing"] = timing()
        numbers["kills"] = kills(folder)
    for key, value in numbers.items():
        print(key, value)
    results.write(
        "scaling_out",
        numbers,
        seed=0,
        command="python snippets/2_transformer_basics/scaling_out.py",
        note_zh="一个进程与两个进程的损失、平均方式的误差、通信占的时间、杀掉工作进程之后的续训。",
        note_en="Losses of one process and of two, the error of naive averages, the share of "
        "communication, and runs that go on after a worker was killed.",
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["timing"]:
        exchange_share()
    else:
        main()
