"""For the page `bert-pretraining`: BERT packed against BERT padded.

    python snippets/1_NLP_basics/bert_speed_experiment.py [--rounds N]

`wode.bert.Bert` and ``transformers``' BertModel with sdpa, the same weights (MiniLM's sizes), the
same batches of sentences of unequal length, in turn, several rounds. With a share p of padding the
ideal is 1 / (1 - p): the padding left out and nothing else. Both train with the same fused AdamW.
Written to ``docs/assets/results/bert_speed.json``: medians of the ratios within each round, of wall
time and (``cpu``) of CPU time, which other programs on the machine disturb less; and the peak
memory of a forward pass and of a step above what the model keeps, each in a process of its own.
Some minutes of two idle cores.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch import Tensor, nn
from transformers import BertModel

from wode.bert import Bert
from wode.book import results
from wode.files.hub import MINILM, find

SHARES = [0.0, 0.1, 0.3, 0.5, 0.7]
BATCH, LONGEST = 32, 128
STATUS, REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def batch_with(share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """input_ids and attention_mask (32, 128), ``share`` of them padding, lengths spread evenly."""
    mean = LONGEST * (1 - share)
    low = max(1, int(2 * mean - LONGEST))  # lengths from low to 128 have this mean
    lengths = torch.linspace(low, LONGEST, BATCH).round().long()
    if low == 1 and share > 0.5:  # more padding than an even spread can have: bend it
        power = 1.0
        while True:
            spread = torch.linspace(0, 1, BATCH) ** power
            lengths = (1 + spread * (LONGEST - 1)).round().long()
            if lengths.float().mean() <= mean:
                break
            power += 0.05
    lengths = lengths[torch.randperm(BATCH, generator=generator)]
    mask = torch.arange(LONGEST) < lengths[:, None]
    return torch.randint(1000, 20000, mask.shape, generator=generator) * mask, mask.long()


def ours() -> nn.Module:
    return Bert.from_pretrained(MINILM)


def theirs() -> nn.Module:
    return BertModel.from_pretrained(find(MINILM).path, attn_implementation="sdpa")


def fused(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.AdamW(model.parameters(), lr=0.0, fused=True)


def forward(model: nn.Module, ids: Tensor, mask: Tensor) -> None:
    model.eval()
    with torch.inference_mode():
        model(ids, attention_mask=mask)


def step(model: nn.Module, optimizer: torch.optim.Optimizer, ids: Tensor, mask: Tensor) -> None:
    model.train()
    hidden = model(ids, attention_mask=mask)[0]
    hidden[mask.bool()].square().mean().backward()
    optimizer.step()
    optimizer.zero_grad()


# ---------------------------------------------------------------- time


def seconds(run: Callable[..., object], *arguments: object) -> tuple[float, float]:
    """Wall and CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    run(*arguments)
    return time.perf_counter() - wall, time.process_time() - cpu


def times(rounds: int) -> dict:
    """The ratios, share by share."""
    mine, other = ours(), theirs()
    half = Bert.from_pretrained(MINILM).to(torch.bfloat16)
    optimizers = {model: fused(model) for model in (mine, other)}
    kinds = ("forward", "step", "bfloat16")
    numbers: dict = {name: [] for name in ("shares", "ideal", *kinds)}
    numbers |= {f"{name}_of_ideal": [] for name in kinds[:2]}
    numbers["cpu"] = {name: [] for name in kinds}
    numbers["cpu"] |= {f"{name}_of_ideal": [] for name in kinds[:2]}
    for share in SHARES:
        ids, mask = batch_with(share, torch.Generator().manual_seed(0))
        with torch.inference_mode():
            real = mask.bool()
            mine.eval()
            other.eval()
            equal = mine(ids, mask)[0][real] - other(ids, attention_mask=mask)[0][real]
            if equal.abs().max() > 1e-4:
                raise AssertionError(f"the two differ by {equal.abs().max():.1e}")
        ratios: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
        for number in range(rounds + 1):
            pair = (mine, other) if number % 2 else (other, mine)  # each is first half of the time
            took = {model: seconds(forward, model, ids, mask) for model in pair}
            small = seconds(forward, half, ids, mask)
            stepped = {model: seconds(step, model, optimizers[model], ids, mask) for model in pair}
            for name, high, low in (
                ("forward", took[other], took[mine]),
                ("bfloat16", took[mine], small),
                ("step", stepped[other], stepped[mine]),
            ):
                ratios[name].append((high[0] / low[0], high[1] / low[1]))
        padding = 1 - mask.float().mean().item()
        numbers["shares"].append(padding)
        numbers["ideal"].append(1 / (1 - padding))
        for place, table in enumerate((numbers, numbers["cpu"])):
            for name, each in ratios.items():  # the first round warms up
                table[name].append(statistics.median(ratio[place] for ratio in each[1:]))
            for name in kinds[:2]:
                table[f"{name}_of_ideal"].append(table[name][-1] * (1 - padding))
        print(f"padding {padding:.2f}  ideal {numbers['ideal'][-1]:.2f}", end="")
        for name in (*kinds, "forward_of_ideal", "step_of_ideal"):
            print(f"  {name} {numbers[name][-1]:.2f} ({numbers['cpu'][name][-1]:.2f})", end="")
        print("  wall (CPU)", flush=True)
    return numbers


# ---------------------------------------------------------------- memory


def resident(key: str) -> int:
    """VmRSS or VmHWM (its peak) of this process, in bytes."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(key))
    return 1024 * int(line.split()[1])


def peak(which: str, what: str, share: float) -> int:
    """Bytes that one run needs above what stays; to be called in a process of its own."""
    model = {"ours": ours, "theirs": theirs}[which]()
    optimizer = fused(model)
    ids, mask = batch_with(share, torch.Generator().manual_seed(0))

    def run(ids: Tensor, mask: Tensor) -> None:
        if what == "forward":
            forward(model, ids, mask)
        else:
            step(model, optimizer, ids, mask)

    run(ids[:1, :2], mask[:1, :2])  # once small: what is loaded late is there, Adam's state too
    REFS.write_text("5")  # the peak counts from here
    before = resident("VmRSS")
    run(ids, mask)
    return resident("VmHWM") - before


def memory() -> dict:
    """Megabytes at the peak, share by share, and theirs over ours."""
    numbers: dict = {}
    for what in ("forward", "step"):
        peaks: dict[str, list[float]] = {"ours": [], "theirs": []}
        for share in SHARES:
            for which, sizes in peaks.items():
                command = [sys.executable, __file__, "--peak", json.dumps([which, what, share])]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                sizes.append(int(done.stdout.split()[-1]) / 1e6)
        pairs = zip(peaks["theirs"], peaks["ours"], strict=True)
        numbers[what] = {**peaks, "ratio": [theirs / ours for theirs, ours in pairs]}
        print(f"peak of {what}:", *(f"{ratio:.2f}" for ratio in numbers[what]["ratio"]), flush=True)
    return numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--dry", action="store_true", help="write no results file")
    parser.add_argument("--peak", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        print(peak(*options.peak))
        return
    torch.set_num_threads(options.threads)
    numbers: dict = {"threads": options.threads, "rounds": options.rounds, **times(options.rounds)}
    numbers["memory"] = memory() if REFS.exists() else {}
    if not options.dry:
        path = results.write(
            "bert_speed",
            numbers,
            seed=0,
            command="python snippets/1_NLP_basics/bert_speed_experiment.py",
            note_zh="拼接的 BERT 与 transformers 的 BERT 的时间、内存之比，随填充的份额。",
            note_en="BERT packed against transformers' BERT padded: ratios of time and memory by "
            "share of padding, MiniLM's sizes.",
        )
        print(path)


if __name__ == "__main__":
    main()
