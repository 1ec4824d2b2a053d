"""MiniLM at three rates, step by step; and the large rate for one part of the weights alone.

    python snippets/2_transformer_basics/learning_rate_experiment.py

writes docs/assets/results/learning_rate.json. Three minutes of one core; a stopped run goes on.
"""

from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from wode.book import ROOT, labs, results
from wode.book.kept import Kept
from wode.data.pairs import collate
from wode.files.download import cache_root
from wode.files.hub import MINILM
from wode.training import seed_everything
from wode.training.evaluation import diagnose
from wode.training.finetuning import Settings, build
from wode.wordpiece import WordPiece

LAB = labs.definitions(ROOT / "snippets" / "labs" / "learning-rate.py")
DATA = LAB["review_data"](320, 100)
TOGETHER = collate(WordPiece.from_pretrained(MINILM))
HELD_OUT = DataLoader(DATA.held_out, 50, collate_fn=TOGETHER)
LOOKS = (1, 2, 3, 5, 7, 10, 14, 20, 40, 60)
PARTS = ("head", "embeddings", "vectors", "matrices")
SEEDS = 3


def part(name: str, weight: nn.Parameter) -> str:
    """Where a weight stands: the head, the embeddings, biases and norms, or the matrices."""
    if "classifier" in name:
        return "head"
    if "embeddings" in name:
        return "embeddings"
    return "vectors" if weight.dim() == 1 else "matrices"


def trace(rates: dict[str, float], seed: int, then: float | None = None) -> dict[str, Any]:
    """An epoch of 20 steps, each part at its rate, then two more at ``then``."""
    generator = seed_everything(seed)
    model = LAB["lean"](DATA, 6, build(MINILM, Settings()))
    optimizer = torch.optim.AdamW(
        [{"params": [p], "lr": rates[part(n, p)]} for n, p in model.named_parameters()],
        weight_decay=0.01,
        fused=True,
    )
    loader = DataLoader(DATA.train, 16, shuffle=True, generator=generator, collate_fn=TOGETHER)
    found: dict[str, Any] = {"loss": [], "looks": []}
    for _ in range(1 if then is None else 3):
        for inputs, labels in loader:
            if then is not None and len(found["loss"]) == 20:
                for group in optimizer.param_groups:
                    group["lr"] = then
            model.train()
            loss = F.cross_entropy(model(**inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            found["loss"].append(round(loss.item(), 4))
            if (step := len(found["loss"])) in LOOKS:
                seen = diagnose(model, HELD_OUT)
                found["looks"].append([step, seen.accuracy, seen.loss, seen.spread])
    return found


def experiment() -> dict[str, Any]:
    torch.set_num_threads(1)
    kept = Kept(cache_root() / "learning_rate.jsonl")
    numbers: dict[str, Any] = {"seeds": SEEDS, "rates": {}, "parts": {}}
    runs: dict[str, list] = {}
    for seed in range(SEEDS):
        for name, rate in (("1e-5", 1e-5), ("2e-4", 2e-4), ("3e-3", 3e-3)):
            then = None if name == "2e-4" else 2e-4
            once = partial(trace, dict.fromkeys(PARTS, rate), seed, then)
            runs.setdefault(name, []).append(kept(f"{name} seed {seed}", once))
        for one in PARTS:
            once = partial(trace, {**dict.fromkeys(PARTS, 2e-4), one: 3e-3}, seed)
            runs.setdefault(one, []).append(kept(f"{one} seed {seed}", once))
    for name, found in runs.items():
        numbers["parts" if name in PARTS else "rates"][name] = {
            "loss": [run["loss"][:20] for run in found],
            "looks": [run["looks"][:8] for run in found],
            "accuracy": (right := [run["looks"][7][1] for run in found]),
            "low": min(right),
            "high": max(right),
            "spread": [run["looks"][7][3] for run in found],
            "then": [run["looks"][-1][1] for run in found if len(run["looks"]) > 8],
        }
    for name in ("1e-5", "3e-3"):
        row = numbers["rates"][name]
        row |= {"then_low": min(row["then"]), "then_high": max(row["then"])}
    numbers["timid_least"] = min(numbers["rates"]["1e-5"]["spread"])
    numbers["loss_most"] = max(max(losses) for losses in numbers["rates"]["3e-3"]["loss"])
    numbers["tenth_most"] = max(looks[5][3] for looks in numbers["rates"]["3e-3"]["looks"])
    numbers["broken_most"] = max(numbers["rates"]["3e-3"]["spread"])
    return numbers


if __name__ == "__main__":
    results.write(
        "learning_rate",
        experiment(),
        seed=list(range(SEEDS)),
        command="python snippets/2_transformer_basics/learning_rate_experiment.py",
        note_zh="MiniLM 在短评上的 20 步：三个学习率的损失和离散程度；只让一部分权重用大的学习率。",
        note_en="Twenty steps of MiniLM on short reviews: loss and spread at three rates; "
        "the large rate for one part of the weights alone.",
    )
