"""The same losses on several processes, and what becomes of killed ones.

    python snippets/2_transformer_basics/scaling_out_experiment.py

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
from torch import nn

from scaling_out import SCRIPT, gradient_error
from wode.book import results
from wode.training import distributed

KILLS = 12


def command(ranks: int, *arguments: str | Path) -> list[str]:
    """The command line that runs a script in ``ranks`` processes; one: plain Python."""
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={ranks}"]
    return [sys.executable, *(launcher if ranks > 1 else []), *map(str, arguments)]


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
    by_width = {}
    for width, first in tables[0].items():
        shares = sorted(table[width]["share"] for table in tables)
        share = {"low": shares[0], "median": statistics.median(shares), "high": shares[-1]}
        by_width[width] = {"parameters": first["parameters"], "share": share}
    return {"runs": runs, **by_width}


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
    rng = random.Random(0)
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
        row, victim = rng.randrange(1, len(never_killed) - 20), rng.randrange(2)
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
        command="python snippets/2_transformer_basics/scaling_out_experiment.py",
        note_zh="一个进程与两个进程的损失、平均方式的误差、通信占的时间、杀掉工作进程之后的续训。",
        note_en="Losses of one process and of two, the error of naive averages, the share of "
        "communication, and runs that go on after a worker was killed.",
    )


if __name__ == "__main__":
    if sys.argv[1:] == ["timing"]:
        exchange_share()
    else:
        main()
