"""Warm-up, decay and clipping, each beside runs without it: rates, seeds, where it does not help.

    python snippets/2_transformer_basics/schedules_experiment.py

writes docs/assets/results/schedules.json. Four minutes of one core; a stopped run goes on.
"""

from functools import partial
from statistics import fmean
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from schedules import share
from schedules_runs import digits
from wode.book import results
from wode.book.kept import Kept
from wode.files.download import cache_root

WORDS, LENGTH, WIDTH, LAYERS, STEPS, RISING, EARLY = 16, 12, 32, 6, 200, 100, 60
RATES = {"SGD": [0.03, 0.1, 0.3, 1.0, 2.0], "AdamW": [1e-3, 3e-3, 1e-2, 3e-2, 0.1]}
WHOLE = {"SGD": [0.1, 0.3, 1.0, 1.5, 2.0], "AdamW": [3e-3, 1e-2, 3e-2, 0.1, 0.2]}


class Reverser(nn.Module):
    """Says a sequence backwards; normalised before each half of a layer, or after it."""

    def __init__(self, first: bool) -> None:
        super().__init__()
        self.words = nn.Embedding(WORDS, WIDTH)
        self.places = nn.Parameter(torch.randn(LENGTH, WIDTH))
        layer = nn.TransformerEncoderLayer(
            WIDTH, 4, 2 * WIDTH, dropout=0.0, batch_first=True, norm_first=first
        )
        self.layers = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.answer = nn.Linear(WIDTH, WORDS)
        for weight in self.layers.parameters():
            if weight.dim() > 1:
                nn.init.xavier_uniform_(weight)

    def forward(self, x: Tensor) -> Tensor:  # (B, T) → (B, T, words)
        return self.answer(self.layers(self.words(x) + self.places))


def reverse(
    first: bool, lr: float, warmup: int, seed: int, idle: int = 0, forget: int = 0, jump: int = 0
) -> dict[str, Any]:
    """200 steps; before them ``idle`` ones at a rate of 0, in which Adam fills its averages.

    At step ``forget`` the averages start again from nothing, and the weights stay; at step
    ``jump`` the rate goes to its height at once.
    """
    torch.manual_seed(seed)
    model = Reverser(first)
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    schedule = LambdaLR(
        optimizer,
        lambda k: (
            0.0
            if k < idle
            else share(k - idle + 1, STEPS + 2, 0 if 0 < jump <= k else warmup, "constant")
        ),
    )
    losses = []
    for k in range(idle + STEPS):
        if forget and k == forget:
            optimizer.state.clear()
        x = torch.randint(WORDS, (32, LENGTH))
        loss = F.cross_entropy(model(x).flatten(0, 1), x.flip(1).flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    x = torch.randint(WORDS, (256, LENGTH))
    with torch.no_grad():
        right = (model(x).argmax(dim=-1) == x.flip(1)).float().mean().item()
    by_ten = [round(fmean(losses[k : k + 10]), 4) for k in range(idle, len(losses), 10)]
    return {"right": round(right, 4), "loss": by_ten}


def mean(found: dict[str, Any]) -> dict[str, Any]:
    """Over the seeds: mean loss and accuracy by rate, the lowest loss, each run's."""
    loss = [round(fmean(row), 4) for row in found["loss"]]
    right = [round(fmean(row), 4) for row in found["right"]]
    return {
        "loss": loss,
        "right": right,
        "best": min(loss),
        "best_right": right[loss.index(min(loss))],
        "each": [[round(x, 4) for x in row] for row in found["loss"]],
        "curve": [[round(fmean(seeds), 4) for seeds in row] for row in found["curve"]],
    }


def warmup(kept: Kept, seed: int) -> dict[tuple[str, str], dict[str, Any]]:
    """All runs of a seed, by kind and rate: three rates, norms after or before, warm-up."""
    found = {}
    for rate in ("1e-2", "3e-3", "1e-3"):
        for first in (False, True):
            for steps in (0, RISING):
                kind = f"{'pre' if first else 'post'}_{'warm' if steps else 'none'}"
                once = partial(reverse, first, float(rate), steps, seed)
                found[kind, rate] = kept(f"{kind} {rate} seed {seed}", once)
    once = partial(reverse, False, 1e-2, 0, seed, idle=RISING)
    found["post_idle", "1e-2"] = kept(f"idle seed {seed}", once)
    for kind, cut in (
        ("forget", {"forget": EARLY}),
        ("jump", {"jump": EARLY}),
        ("both", {"forget": EARLY, "jump": EARLY}),
    ):
        once = partial(reverse, False, 1e-2, RISING, seed, **cut)
        found[f"post_{kind}", "1e-2"] = kept(f"{kind} {cut} seed {seed}", once)
    return found


def experiment() -> dict[str, Any]:
    torch.set_num_threads(1)
    kept = Kept(cache_root() / "schedules.jsonl")
    numbers: dict[str, Any] = {"rates": RATES, "whole_rates": WHOLE}
    for name, rates in RATES.items():
        adam = name == "AdamW"
        for shape in ("constant", "linear", "cosine"):
            once = partial(digits, rates, 5, adam=adam, shape=shape)
            found = kept(f"decay {name} {shape}", once)
            numbers.setdefault("decay", {}).setdefault(name, {})[shape] = mean(found)
            once = partial(digits, WHOLE[name], 2, adam=adam, shape=shape, batch=0, steps=300)
            found = kept(f"whole {name} {WHOLE[name]} {shape}", once)
            numbers.setdefault("whole", {}).setdefault(name, {})[shape] = mean(found)
        twice = partial(digits, WHOLE[name], 2, adam=adam, shape="linear", batch=0, steps=600)
        numbers["whole"][name]["twice"] = mean(kept(f"whole {name} {WHOLE[name]} twice", twice))
        for spike in (None, 200):
            for clip in (None, 1.0):
                once = partial(digits, rates, 5, adam=adam, steps=500, spike=spike, clip=clip)
                found = kept(f"clip {name} {spike} {clip}", once)
                key = f"{'spike' if spike else 'calm'}_{'clip' if clip else 'none'}"
                numbers.setdefault("clip", {}).setdefault(name, {})[key] = mean(found)
    runs: dict[str, dict[str, list]] = {}
    for seed in range(3):
        for (kind, rate), found in warmup(kept, seed).items():
            runs.setdefault(kind, {}).setdefault(rate, []).append(found)
    numbers["warmup"] = {
        key: {
            name: {
                "right": round(fmean(run["right"] for run in found), 3),
                "each": (each := [run["right"] for run in found]),
                "low": min(each),
                "high": max(each),
                "loss": [run["loss"] for run in found],
            }
            for name, found in by_rate.items()
        }
        for key, by_rate in runs.items()
    }
    return numbers


if __name__ == "__main__":
    results.write(
        "schedules",
        experiment(),
        seed=list(range(5)),
        command="python snippets/2_transformer_basics/schedules_experiment.py",
        note_zh="预热、下降、裁剪，每样都有不用它的对照：手写数字和倒背序列，几个学习率，几个种子。",
        note_en="Warm-up, decay, clipping, each beside runs without it: digits, and sequences said "
        "backwards, several rates, several seeds.",
    )
