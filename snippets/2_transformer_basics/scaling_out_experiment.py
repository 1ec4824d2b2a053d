"""The same losses on several processes, and what becomes of killed ones.

    python snippets/2_transformer_basics/scaling_out_experiment.py

trains one model in five ways, and in two of them from other weights on each rank, measures what
naive averaging does to a gradient, times the exchange beside the computing, counts what goes over
the wire, kills workers at random moments, resumes with and without each rank's own chance, trains
with a global batch eight times as large, and writes docs/assets/results/scaling_out.json. What was
measured goes to build/scaling_out.jsonl, so that a run that was stopped goes on. About four minutes
of two cores.
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
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.fsdp import fully_shard
from torch.utils.data import DataLoader, TensorDataset

from scaling_out import gradient_error
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.data import digits_tensors
from wode.files.checkpoint import load_checkpoint, save_checkpoint
from wode.training import distributed

KILLS = 6
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
from wode.training import MetricsLog, averaged_over, label_count, seed_everything, train


@record  # so that torchrun's report quotes a rank's error
def main(
    name: str,
    batch_size: int = 32,
    accumulate: int = 1,
    epochs: int = 2,
    dropout: float = 0.0,
    fsdp: bool = False,
    own: bool = False,  # weights of its own on each rank
    die: tuple[int, int] | None = None,  # (rank, its n-th loss): be killed
) -> None:
    torch.set_num_threads(1)
    generator = seed_everything(0)  # alike on all ranks
    data = Subset(TensorDataset(*digits_tensors(train=True)), range(161))  # the last batch: 1
    loader = DataLoader(data, batch_size, shuffle=True, generator=generator)
    if own:
        torch.manual_seed(int(os.environ["RANK"]))
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

        @averaged_over(label_count)  # what our own mean divides by; off torch's losses it is read
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


def losses(folder: Path) -> dict:
    """Losses of one process, of two, with accumulation, of FSDP; samples and parameters a rank."""
    ways = {
        "one": (1, {}),
        "accumulated": (1, {"batch_size": 16, "accumulate": 2}),
        "two": (2, {}),
        "two_accumulated": (2, {"batch_size": 16, "accumulate": 2}),
        "fsdp": (2, {"fsdp": True}),
        "two_own": (2, {"own": True}),
        "fsdp_own": (2, {"fsdp": True, "own": True}),
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
    table: dict = {"seeds": len(seeds)}
    for way in ("weighted", "means", "padded"):
        for size in (5, 65):
            errors = [gradient_error(size, 2, way, seed) for seed in seeds]
            spread = {"low": min(errors), "high": max(errors)}
            table[f"{way}_{size}"] = {"mean": statistics.mean(errors), **spread}
    return table


def exchange_time() -> None:
    """Under torchrun: seconds of an all-reduce, and of computing on so many samples; as JSON.

    The shortest of many, for other programs run on this machine: of the exchange by the clock, of
    the computing by the CPU time of the process.
    """
    torch.set_num_threads(1)
    with distributed.joined():
        rank, _ = distributed.world()
        torch.manual_seed(0)
        layers = [nn.Linear(64, 512), nn.Tanh(), nn.Linear(512, 512), nn.Linear(512, 1)]
        network = nn.Sequential(*layers)
        gradient = torch.ones(sum(p.numel() for p in network.parameters()))
        seconds = {}

        def shortest(name: str, clock: Callable[[], float], work: Callable[[], object]) -> None:
            each = []
            for _ in range(100):
                distributed.barrier()
                start = clock()
                work()
                each.append(clock() - start)
            seconds[name] = min(each)

        shortest("all_reduce", time.perf_counter, lambda: dist.all_reduce(gradient))
        for samples in (16, 32, 512, 1024):
            inputs = torch.randn(samples, 64)
            compute = lambda x=inputs: network(x).square().mean().backward()  # noqa: E731
            shortest(str(samples), time.process_time, compute)
        if rank == 0:
            print(json.dumps({"parameters": gradient.numel(), "seconds": seconds}))


def timing(runs: int = 3) -> dict:
    """Milliseconds of the exchange and of the computing: each run of two processes its own."""
    tables = []
    for _ in range(runs):
        done = subprocess.run(command(2, __file__, "timing"), check=True, capture_output=True)
        tables.append(json.loads(done.stdout.splitlines()[-1]))
    ms = {}
    for name in tables[0]["seconds"]:
        each = sorted(1000 * table["seconds"][name] for table in tables)
        ms[name] = {"low": each[0], "median": statistics.median(each), "high": each[-1]}
    return {"runs": runs, "parameters": tables[0]["parameters"], "ms": ms}


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


def wire() -> None:
    """Under torchrun: bytes that each rank sends in a step, of DDP and FSDP; as JSON.

    All ranks are on one machine and talk over its loopback, whose counter the kernel keeps.
    """
    torch.set_num_threads(1)
    with distributed.joined():
        rank, ranks = distributed.world()
        table = {"ranks": ranks}
        for way in ("ddp", "no_sync", "fsdp"):
            torch.manual_seed(0)
            layers = [nn.Linear(512, 512, bias=False) for _ in range(4)]
            network = nn.Sequential(*layers)
            table["parameters"] = sum(p.numel() for p in network.parameters())
            if way == "fsdp":
                for part in (*layers, network):
                    fully_shard(part)
            else:
                network = distributed.replicated(network)
                distributed.exchange(network, way == "ddp")
            for batch in (4, 64):
                x = torch.randn(batch, 512)
                step = lambda x=x, f=network: f(x).square().mean().backward()  # noqa: E731
                step()  # the first one sends what later ones do not
                table[f"{way}_{batch}"] = least_sent(step) / ranks
        whole = torch.ones(table["parameters"])
        part = torch.ones(table["parameters"] // ranks)
        calls = {  # what DDP and FSDP are made of, one by one
            "all_reduce": lambda: dist.all_reduce(whole),
            "all_gather": lambda: dist.all_gather_into_tensor(whole, part),
            "reduce_scatter": lambda: dist.reduce_scatter_tensor(part, whole),
        }
        for name, call in calls.items():
            table[name] = least_sent(call) / ranks
        if rank == 0:
            print(json.dumps(table))


def least_sent(work: Callable[[], object], tries: int = 10) -> int:
    """Bytes over the loopback during ``work`` of all ranks; the least, for others send there too.

    No rank begins before rank 0 has read the counter, nor goes on before it has read it again.
    """
    each = []
    for _ in range(tries):
        distributed.barrier()
        before = loopback()
        distributed.barrier()
        work()
        distributed.barrier()
        each.append(loopback() - before)
        distributed.barrier()
    return min(each)


def loopback() -> int:
    """Bytes that this machine has sent to itself."""
    (line,) = [r for r in Path("/proc/net/dev").read_text().splitlines() if "lo:" in r]
    return int(line.split()[9])


def sent() -> list[dict]:
    return [
        json.loads(
            subprocess.run(
                command(ranks, __file__, "wire"), check=True, capture_output=True
            ).stdout.splitlines()[-1]
        )
        for ranks in (2, 4)
    ]


def chance() -> dict:
    """A run with dropout, taken up in its middle: with each rank's chance, and rank 0's for all."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "job.py").write_text(SCRIPT)

        def losses_of(which: str, epochs: int) -> list[float]:
            options = {"name": str(folder / which), "epochs": epochs, "dropout": 0.3}
            line = command(2, folder / "job.py", json.dumps(options))
            done = subprocess.run(line, check=True, capture_output=True)
            return json.loads(done.stdout.splitlines()[-1])["losses"]

        whole = losses_of("whole", 4)
        table = {}
        for way in ("each", "of_rank_0"):
            losses_of(way, 2)
            if way == "of_rank_0":
                state = load_checkpoint(folder / f"{way}.pt")
                state["chance_of_ranks"] = state["chance_of_ranks"][:1] * 2
                save_checkpoint(folder / f"{way}.pt", state)
            again = losses_of(way, 4)
            table[way] = max(abs(a - b) for a, b in zip(again, whole, strict=True))
        return table


def larger_batch(batch: int, rate: float, epochs: int, seed: int) -> dict:
    """Digits of the test set read rightly after SGD in batches of so many; steps taken."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10))
    sgd = torch.optim.SGD(model.parameters(), lr=rate)
    data = TensorDataset(*digits_tensors(train=True))
    loader = DataLoader(data, batch, shuffle=True)
    for _ in range(epochs):
        for x, y in loader:
            sgd.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            sgd.step()
    x, y = digits_tensors(train=False)
    right = (likeliest(model(x), dim=1) == y).double().mean().item()
    return {"right": right, "steps": epochs * len(loader)}


def batches() -> dict:
    """A batch of 32, and eight times as large: same rate, eight times the rate, as many steps."""
    ways = {
        "small": (32, 0.1, 5),
        "large": (256, 0.1, 5),
        "large_scaled": (256, 0.8, 5),
        "large_longer": (256, 0.1, 40),
    }
    table = {}
    for name, settings in ways.items():
        runs = [larger_batch(*settings, seed) for seed in range(5)]
        right = [each["right"] for each in runs]
        table[name] = {"right": right, "mean": statistics.mean(right), "steps": runs[0]["steps"]}
    return table


def in_folder(measure: Callable[[Path], dict]) -> dict:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "job.py").write_text(SCRIPT)
        return measure(Path(name))


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "scaling_out.jsonl")
    numbers = {
        "losses": kept("losses", lambda: in_folder(losses)),
        "naive": kept("naive", lambda: naive(range(10))),
        "timing": kept("timing", timing),
        "wire": kept("wire", sent),
        "batches": kept("batches", batches),
        "chance": kept("chance", chance),
        "kills": kept("kills", lambda: in_folder(kills)),
    }
    for table in numbers["wire"]:
        whole = 4 * table["parameters"]
        facts = ("ranks", "parameters")
        table["over_4p"] = {key: sent / whole for key, sent in table.items() if key not in facts}
    results.write(
        "scaling_out",
        numbers,
        seed=0,
        command="python snippets/2_transformer_basics/scaling_out_experiment.py",
        note_zh="一个进程与两个进程的损失、平均方式的误差、通信占的时间和字节、批大八倍之后、"
        "杀掉工作进程之后的续训。",
        note_en="Losses of one process and of two, the error of naive averages, the time and bytes "
        "of communication, batches eight times as large, and runs that go on after a kill.",
    )
    kept.finish()


if __name__ == "__main__":
    if sys.argv[1:] == ["timing"]:
        exchange_time()
    elif sys.argv[1:] == ["wire"]:
        wire()
    else:
        main()
