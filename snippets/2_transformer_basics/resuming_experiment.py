"""What going on without a part of the state costs; files killed, without power, damaged.

    python snippets/2_transformer_basics/resuming_experiment.py

writes docs/assets/results/resuming.json. About five minutes of one core.
"""

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import mean

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from resuming import Run, step
from resuming_damage import damaged_copies, network, outcome
from resuming_power import disk_may_hold
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.data import digits_tensors
from wode.files.checkpoint import CheckpointError, load_checkpoint, save_checkpoint
from wode.files.safetensors import load_safetensors, save_safetensors

SEEDS = 10
EPOCHS, STEPS = 10, 45
PARTS = ("model", "optimizer", "scheduler", "epoch", "torch", "python", "numpy", "order")
OTHERS = ("rate", "moments", "all but weights", "another seed")
SAME_STEPS = "all but weights, epoch"

OVER_SEEDS = {"mean": mean, "min": min, "max": max}

# ---------------------------------------------------------------- going on without a part


def measured(run: Run) -> tuple[float, float]:
    """Loss and accuracy on the 360 test images."""
    images, labels = digits_tensors(train=False)
    with torch.no_grad():
        scores = run.model.eval()(images)
    right = (likeliest(scores, dim=1) == labels).float().mean().item()
    return F.cross_entropy(scores, labels).item(), right


def trained(run: Run, until: int, detail: int = 0) -> list[float]:
    """Train to epoch ``until``; the test loss after ``detail`` steps, then after every ninth."""
    curve, done = [], 0
    while run.epoch < until:
        for images, labels in run.loader:
            step(run, images, labels)
            done += 1
            if done <= detail or done % 9 == 0:
                curve.append(measured(run)[0])
        run.scheduler.step()
        run.epoch += 1
    return curve


def spread(rows: list[dict]) -> dict:
    """Over the seeds."""
    return {
        key: {name: of(row[key] for row in rows) for name, of in OVER_SEEDS.items()}
        for key in rows[0]
    }


def flat(run: Run) -> Tensor:
    return torch.cat([p.detach().flatten() for p in run.model.parameters()])


def without(seed: int, left_out: str, first_rate: float = 0.01, epochs: int = EPOCHS) -> dict:
    """Stopped halfway, gone on with without a part; against never stopped."""
    stop = epochs // 2
    whole = Run(seed, epochs, first_rate)
    trained(whole, stop)
    with tempfile.TemporaryDirectory() as folder:
        torch.save(whole.state(), Path(folder) / "run.pth")
        state = torch.load(Path(folder) / "run.pth", weights_only=True)
    at_stop = measured(whole)
    after_whole = trained(whole, stop + 1, detail=9) + trained(whole, epochs)
    run = Run(seed, epochs, first_rate)
    fresh = run.state()
    if left_out == "moments":  # the rate is kept
        state["optimizer"] |= {"state": {}}
    if left_out == "rate":  # Adam's averages are kept
        state["scheduler"] = fresh["scheduler"]
        state["optimizer"]["param_groups"] = fresh["optimizer"]["param_groups"]
    kept = ("model", "epoch") if left_out == SAME_STEPS else ("model",)
    alone = left_out.startswith("all but weights")
    gone = [part for part in PARTS if part not in kept] if alone else [left_out]
    run.load(state | {part: fresh[part] for part in gone if part in fresh})
    if left_out == "another seed":
        run.order.manual_seed(seed + 1000)
        torch.manual_seed(seed + 1000)
    began, rate = run.epoch, run.optimizer.param_groups[0]["lr"]
    after = trained(run, run.epoch + 1, detail=9)
    next_rate = run.optimizer.param_groups[0]["lr"]
    after += trained(run, epochs)
    loss, right = measured(run)
    loss_whole, right_whole = measured(whole)
    return {
        "weights": (flat(run) - flat(whole)).abs().max().item(),
        "rate": rate,
        "next_rate": next_rate,
        "steps": STEPS * (epochs - began),
        "stop": at_stop[0],
        "soon": max(after[:9]),
        "soon_whole": max(after_whole[:9]),
        "loss": loss,
        "right": right,
        "loss_whole": loss_whole,
        "right_whole": right_whole,
        "gain": right - right_whole,
        "loss_more": loss - loss_whole,
        "soon_more": max(after[:9]) - max(after_whole[:9]),
        "curve": after,
        "curve_whole": after_whole,
    }


def left_out(kept: Kept) -> dict:
    table: dict = {}
    for part in ("nothing", *PARTS, *OTHERS):
        rows = [kept("without", without, seed, part) for seed in range(SEEDS)]
        curves = {key: [row.pop(key) for row in rows] for key in ("curve", "curve_whole")}
        table[part.replace(" ", "_")] = spread(rows) | curves
    return table


def controls(kept: Kept, seeds: int = 3) -> dict:
    """The weights alone, but no more steps than never stopped; and all of it six times as long."""
    table: dict = {"seeds": seeds}
    for name, part, epochs, count in (
        ("same_steps", SAME_STEPS, EPOCHS, SEEDS),
        ("long_weights", "all but weights", 60, seeds),
        ("long_same_steps", SAME_STEPS, 60, seeds),
        ("long_moments", "moments", 60, seeds),
    ):
        rows = [kept("without", without, seed, part, 0.01, epochs) for seed in range(count)]
        rows = [{k: v for k, v in row.items() if not k.startswith("curve")} for row in rows]
        table[name] = spread(rows)
    return table


def over_rates(kept: Kept, seeds: int = 3) -> dict:
    """Adam's averages left out, the rate kept, at other rates."""
    table: dict = {"seeds": seeds}
    for rate in (0.001, 0.03):
        rows = [kept("without", without, seed, "moments", rate) for seed in range(seeds)]
        rows = [{k: v for k, v in row.items() if not k.startswith("curve")} for row in rows]
        table[f"{rate:g}".replace("0.", "r")] = spread(rows)
    return table


# ---------------------------------------------------------------- killed inside an epoch, often


def often(seed: int, every: int, way: str) -> dict:
    """450 steps, killed after every ``every``; weights, optimizer, rate are kept, the place is not.

    "never": not killed; "new order": each life shuffles in its own way; "same order": each begins
    with the seed with which the script begins; "no moments": the place is kept, but not Adam's
    averages.
    """
    run, seen, rows = Run(seed, EPOCHS), set[int](), iter(())
    images, labels = digits_tensors(train=True)
    for done in range(EPOCHS * STEPS):
        if done % (STEPS if way in ("never", "no moments") else every) == 0:
            life = 0 if way == "same order" else done
            order = torch.Generator().manual_seed(1000 * seed + life)
            rows = iter(torch.randperm(len(images), generator=order).split(32))
        if way == "no moments" and done % every == 0:
            run.optimizer.state.clear()
        batch = next(rows)
        seen.update(batch.tolist())
        step(run, images[batch], labels[batch])
        if (done + 1) % STEPS == 0:
            run.scheduler.step()
    loss, right = measured(run)
    return {"seen": len(seen), "loss": loss, "right": right}


def killed_often(kept: Kept, seeds: int = 3) -> dict:
    ways = [(45, "never")]
    ways += [(n, way) for n in (3, 10) for way in ("new order", "same order")]
    table: dict = {"seeds": seeds}
    for every, way in [*ways, (1, "no moments"), (10, "no moments")]:
        rows = [kept("often", often, seed, every, way) for seed in range(seeds)]
        table[f"{way.replace(' ', '_')}_{every}"] = spread(rows)
    return table


# ---------------------------------------------------------------- kills and power cuts


def plain_rename(path: str, state: dict) -> None:
    torch.save(state, f"{path}.part")
    os.replace(f"{path}.part", path)


WRITERS: dict[str, Callable[[str, dict], object]] = {
    "naive": lambda path, state: torch.save(state, path),
    "rename": plain_rename,
    "atomic": save_checkpoint,
}
PART = "run.pth.part"
WAYS: dict[str, list[tuple[str, ...]]] = {
    "naive": [("write", "run.pth")],
    "rename": [("write", PART), ("rename", PART, "run.pth")],
    "file": [("write", PART), ("fsync", PART), ("rename", PART, "run.pth")],
    "atomic": [("write", PART), ("fsync", PART), ("rename", PART, "run.pth"), ("fsync", ".")],
}


def write_for_ever(path: str, way: str) -> None:
    """Write one checkpoint of 4 MB after another; its number is in it."""
    torch.set_num_threads(1)
    state = {"weight": torch.rand(1_000_000), "number": 0}
    while True:
        state["number"] += 1
        WRITERS[way](path, state)
        if state["number"] == 1:
            os.write(1, b"began")  # sys.stdout may be somebody else's by now


def kills(folder: Path, way: str, times: int, seed: int = 0) -> dict:
    """SIGKILL a writing process at ``times`` moments; is there a whole file each time?"""
    rng, whole, lost = random.Random(seed), 0, 0
    for number in range(times):
        path = folder / f"{way}-{number}.pth"
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(writer, 1)
            write_for_ever(str(path), way)
        os.close(writer)
        os.read(reader, 5)  # the first file is there
        os.close(reader)
        time.sleep(rng.uniform(0, 0.05))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        try:
            assert load_checkpoint(path)["number"] >= 1
            whole += 1
        except CheckpointError:
            lost += 1
        for left in folder.glob(f"{way}-{number}*"):
            left.unlink()
    return {"killed": times, "whole": whole, "lost": lost}


def power() -> dict:
    """By way of writing: what the disk may hold at any moment, and once the call has returned."""
    return {
        way: {
            "any": sorted({h for k in range(len(steps) + 1) for h in disk_may_hold(steps[:k])}),
            "after": disk_may_hold(steps),
        }
        for way, steps in WAYS.items()
    }


# ---------------------------------------------------------------- damage


def damage(folder: Path, seed: int = 0) -> dict:
    """Count the outcomes for each format and each way of loading."""
    right = network().state_dict()
    torch.save(right, folder / "a.pth")
    save_file(right, folder / "a.safetensors")
    save_checkpoint(folder / "b.pth", right)
    save_safetensors(folder / "b.safetensors", right)
    ways: dict[str, tuple[str, Callable[[str], dict[str, Tensor]]]] = {
        "torch": ("a.pth", lambda path: torch.load(path, weights_only=True)),
        "safetensors": ("a.safetensors", load_file),
        "load_checkpoint": ("b.pth", load_checkpoint),
        "load_safetensors": ("b.safetensors", lambda path: load_safetensors(path, True)),
    }
    table: dict = {}
    for way, (name, load) in ways.items():
        counts: dict[str, dict[str, int]] = {}
        rng = random.Random(seed)
        for kind, content in damaged_copies((folder / name).read_bytes(), rng):
            path = folder / f"damaged{Path(name).suffix}"
            path.write_bytes(content)
            result = outcome(load, str(path), right)
            counts.setdefault(kind, {"noticed": 0, "harmless": 0, "wrong": 0})[result] += 1
        table[way] = counts
        total = {r: sum(c[r] for c in counts.values()) for r in ("noticed", "harmless", "wrong")}
        table[way]["all"] = total | {"files": sum(total.values())}
    return table


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(Path("/tmp/resuming_kept.jsonl"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        numbers = {
            "seeds": SEEDS,
            "left_out": left_out(kept),
            "controls": controls(kept),
            "over_rates": over_rates(kept),
            "often": killed_often(kept),
            "kills": {way: kills(folder, way, times=60) for way in WRITERS},
            "power": power(),
            "damage": damage(folder),
        }
    results.write(
        "resuming",
        numbers,
        seed=0,
        command="python snippets/2_transformer_basics/resuming_experiment.py",
        note_zh="接着训练时少了一样状态要付出多少；写文件时被杀、断电，文件还完整吗；"
        "损坏的文件有多少被发现。",
        note_en="What going on without a part of the state costs; what a kill or a power cut "
        "leaves of a file; how many damaged files are noticed.",
    )


if __name__ == "__main__":
    main()
