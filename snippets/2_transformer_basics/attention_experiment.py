"""What √d does to the softmax and to training, what a wrong axis lets through, what fusing saves.

    python snippets/2_transformer_basics/attention_experiment.py

writes attention.json in docs/assets/results. Minutes of one core; a run that was stopped goes
on where it was.
"""

import math
import statistics
import time

import torch
from torch import Tensor

from attention import learn_next
from attention_recall import trained
from wode.attention import fused_attention, scaled_dot_product
from wode.book import ROOT, results
from wode.book.kept import Kept

WAYS = ("scaled", "start", "step", "plain")
RATES = {64: [1e-3, 1e-2], 512: [1e-4, 3e-4, 1e-3, 3e-3]}
SEEDS = [0, 1, 2]


def of_runs(runs: list[list[dict[str, float]]]) -> dict:
    """Accuracy by rate: every seed, the lowest and highest; the scores' spread, by rate."""
    each = [[run["accuracy"] for run in row] for row in runs]
    table: dict = {
        "each": each,
        "low": [min(row) for row in each],
        "high": [max(row) for row in each],
        "highest": max(map(max, each)),
    }
    for name in ("before", "first", "after"):
        table[name] = [statistics.mean(run[name] for run in row) for row in runs]
    return table


def recall(kept: Kept) -> dict:
    """`Recall` by size, way and rate; and what learns slowly from a small start."""
    table: dict = {"steps": 300, "size": {}}
    for size, rates in RATES.items():
        table["size"][str(size)] = {"rates": rates}
        for way in WAYS:
            table["size"][str(size)][way] = of_runs(
                [
                    [kept("recall", trained, size, way, seed, 300, rate) for seed in SEEDS]
                    for rate in rates
                ]
            )
    table["slow"] = of_runs([[kept("recall", trained, 512, "slow", n, 300, 1e-3) for n in SEEDS]])
    return table


def softmax_by_size(sizes: list[int], keys: int = 64, trials: int = 2000) -> dict:
    """Variance of scores, largest weight and gradient of the softmax, with and without √d."""
    torch.manual_seed(0)
    table: dict = {"sizes": sizes, "keys": keys, "trials": trials}
    for name in ("variance", "largest_plain", "largest_scaled", "slope_plain", "slope_scaled"):
        table[name] = []
    for d in sizes:
        q, k = torch.randn(trials, 1, d), torch.randn(trials, keys, d)
        scores = (q * k).sum(dim=-1)  # (trials, keys)
        table["variance"].append(scores.var().item())
        for name, factor in (("plain", 1.0), ("scaled", d**-0.5)):
            p = (factor * scores).softmax(dim=-1)
            jacobian = torch.diag_embed(p) - p[:, :, None] * p[:, None, :]  # (trials, keys, keys)
            table[f"largest_{name}"].append(p.amax(dim=1).mean().item())
            table[f"slope_{name}"].append(jacobian.flatten(1).norm(dim=1).mean().item())
    return table


def leak(kept: Kept) -> dict:
    """Loss of guessing random tokens, the text known and only its beginning known, by axis."""
    table: dict = {"chance": math.log(8), "steps": [300, 1500], "rates": [1e-3, 3e-3, 1e-2]}
    for name, axis in (("rows", -1), ("columns", -2)):
        runs = [
            [kept("leak", learn_next, axis, n, rate, seed) for rate in table["rates"]]
            for n in table["steps"]
            for seed in (0, 1, 2)
        ]
        flat = [run for row in runs for run in row]
        table[name] = {
            "known": [run[0] for run in flat],
            "count": len(flat),
            "lowest": min(min(run) for run in flat),
            "beginning": [run[1] for run in flat],
            "known_range": [min(run[0] for run in flat), max(run[0] for run in flat)],
            "beginning_range": [min(run[1] for run in flat), max(run[1] for run in flat)],
        }
    return table


def fused_and_written_out(lengths: list[int]) -> dict:
    """CPU seconds of forward and backward, and bytes kept between them: written out ÷ fused."""
    table: dict = {"lengths": lengths, "time_ratio": [], "kept_plain": [], "kept_fused": []}
    for length in lengths:
        q, k, v = torch.randn(3, 1, 4, length, 64).requires_grad_()
        times: dict[str, list[float]] = {"plain": [], "fused": []}
        for repeat in range(7):
            for name in times:  # in turn, so that a busy machine hits both alike
                kept: dict[int, int] = {}

                def pack(tensor: Tensor, kept: dict[int, int] = kept) -> Tensor:
                    kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
                    return tensor

                began = time.process_time()
                with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
                    if name == "plain":
                        output = scaled_dot_product(q, k, v)[0]
                    else:
                        output = fused_attention(q, k, v)
                output.sum().backward()
                times[name].append(time.process_time() - began)
                if repeat == 0:
                    table[f"kept_{name}"].append(sum(kept.values()))
        plain, fused = (statistics.median(times[name]) for name in ("plain", "fused"))
        table["time_ratio"].append(plain / fused)
    return table


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "attention.jsonl")
    numbers = {
        "leak": leak(kept),
        "recall": recall(kept),
        "softmax": kept("softmax", softmax_by_size, [2**k for k in range(11)]),
        "fused": kept("fused", fused_and_written_out, [128, 256, 512, 1024, 2048]),
    }
    results.write(
        "attention",
        numbers,
        seed=SEEDS,
        command="python snippets/2_transformer_basics/attention_experiment.py",
        note_zh="缩放对 softmax 的影响；对训练的影响拆成起点和步子两半；softmax 沿错一维时漏进来的"
        "未来；融合算子省下的内存与时间。",
        note_en="What scaling does to the softmax; what to training, its start and its steps taken "
        "apart; the future that a softmax over the wrong axis lets through; what the fused kernel "
        "saves.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
