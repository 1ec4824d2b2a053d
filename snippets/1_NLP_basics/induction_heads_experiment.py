"""For the page `induction-heads`: one layer and two, heads silenced, and SmolLM2's heads.

    python snippets/1_NLP_basics/induction_heads_experiment.py

trains attention-only models on rows that repeat (rates, widths, steps, a fixed period), silences
their heads, then scores and silences those of SmolLM2 on repeated and on ordinary text; writes
docs/assets/results/induction_heads.json. About nine minutes of one core; what was stopped goes on.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from induction_heads import AttentionOnly, induction_score, repeated, silenced
from induction_heads_smollm2 import measure_smollm2, previous_score
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest

SEEDS = [0, 1, 2]
SIZES, RATES = [16, 64, 128], [3e-3, 1e-2, 3e-2]


def score(model: AttentionOnly, periods: tuple[int, int] = (8, 20)) -> tuple[float, float]:
    """The share of repeated words that are right, and their mean loss."""
    ids, again = repeated(1000, *periods)
    with torch.no_grad():
        logits = model(ids[:, :-1])[again]
    following = ids[:, 1:][again]
    right = (likeliest(logits, dim=1) == following).float().mean().item()
    return right, F.cross_entropy(logits, following).item()


def twice(words: int = 32, n: int = 16) -> Tensor:
    """Rows of n words, then the same again: (200, 2n)."""
    once = torch.rand(200, words).argsort(dim=1)[:, :n]
    return torch.cat([once, once], dim=1)


def train(
    layers: int,
    size: int,
    rate: float,
    steps: int,
    seed: int,
    periods: tuple[int, int] = (8, 20),
    log: list[dict[str, Any]] | None = None,
) -> AttentionOnly:
    torch.manual_seed(seed)
    model = AttentionOnly(layers, size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0, betas=(0.9, 0.98))
    for step in range(steps + 1):
        if log is not None and step % 10 == 0:
            right, loss = score(model, periods)
            maps: list[Tensor] = []
            with torch.no_grad():
                model(twice(), maps)
            scores = {"previous": previous_score(maps), "induction": induction_score(maps)}
            log.append({"step": step, "right": right, "loss": loss})
            log[-1] |= {key: value.tolist() for key, value in scores.items()}
        optimizer.param_groups[0]["lr"] = rate * min((step + 1) / 50, 1.05 - step / (steps + 1))
        ids, again = repeated(32, *periods)
        loss = F.cross_entropy(model(ids[:, :-1])[again], ids[:, 1:][again])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def measure_grid(layers: int, size: int, rate: float, steps: int) -> tuple[float, float]:
    return score(train(layers, size, rate, steps, seed=0))


def measure_curve(layers: int, seed: int) -> list[dict[str, Any]]:
    log: list[dict[str, Any]] = []
    train(layers, 64, 1e-2, 200, seed, log=log)
    return log


def measure_inside(layers: int, seed: int) -> dict[str, float]:
    """How often the answer is a word of the row, and a word not seen for 7 places."""
    model = train(layers, 64, 1e-2, 400, seed)
    ids, again = repeated(1000)
    with torch.no_grad():
        answer = likeliest(model(ids[:, :-1]), dim=2)  # (B, T)
    back = torch.arange(40)[:, None] - torch.arange(40)  # (T, T): how far
    same = answer[:, :, None] == ids[:, None, :-1]  # (B, T, T)
    inside = (same & (back >= 0)).any(dim=2)[again].float().mean().item()
    recent = (same & (back >= 0) & (back < 7)).any(dim=2)[again].float().mean().item()
    right = (answer == ids[:, 1:])[again].float().mean().item()
    return {"inside": inside, "recent": recent, "right": right}


def measure_fixed(seed: int) -> dict[str, Any]:
    """One layer, the period always 16: right at 16 and at others, and its induction score."""
    model = train(1, 64, 1e-2, 200, seed, periods=(16, 16))
    maps: list[Tensor] = []
    with torch.no_grad():
        model(twice(), maps)
    found = {str(p): score(model, (p, p))[0] for p in (8, 12, 15, 16, 17, 20)}
    return {"right": found, "score": induction_score(maps).max().item()}


def measure_heads(seed: int) -> dict[str, Any]:
    """Two layers: each head's two scores, what is right without it; the relay broken."""
    model = train(2, 64, 1e-2, 200, seed)
    maps: list[Tensor] = []
    ids = twice()
    with torch.no_grad():
        model(ids, maps)
    previous, induction = previous_score(maps), induction_score(maps)
    found: dict[str, Any] = {"right": score(model)[0], "without": {}}
    found |= {"previous": previous.tolist(), "induction": induction.tolist()}
    for layer, heads in ((0, [0]), (0, [1]), (0, [0, 1]), (1, [0]), (1, [1]), (1, [0, 1])):
        part = model.mix[layer]
        assert isinstance(part, nn.Linear)
        key = f"{layer}_" + "".join(map(str, heads))
        with silenced([(part, head) for head in heads], 2):
            found["without"][key] = score(model)[0]
            maps = []
            with torch.no_grad():
                model(ids, maps)
        found[f"induction_without_{key}"] = induction_score(maps)[1].tolist()
    return found


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "induction_heads.jsonl")
    numbers: dict[str, Any] = {"sizes": SIZES, "rates": RATES}
    numbers["curves"] = {
        str(layers): [kept("curve", measure_curve, layers, seed) for seed in SEEDS]
        for layers in (1, 2)
    }
    numbers["heads"] = [kept("heads", measure_heads, seed) for seed in SEEDS]
    numbers["fixed"] = [kept("fixed", measure_fixed, seed) for seed in SEEDS]
    for layers in (1, 2):
        grid = [
            [kept("grid", measure_grid, layers, size, rate, 400) for rate in RATES]
            for size in SIZES
        ]
        numbers[f"grid_{layers}"] = {
            "right": [[cell[0] for cell in row] for row in grid],
            "loss": [[cell[1] for cell in row] for row in grid],
            "best": max(cell[0] for row in grid for cell in row),
            "worst": min(cell[0] for row in grid for cell in row),
        }
    numbers["inside"] = {str(n): kept("inside", measure_inside, n, 0) for n in (1, 2)}
    numbers["smollm2"] = measure_smollm2(kept)
    longer = [kept("grid", measure_grid, 1, 64, rate, 3000) for rate in (3e-3, 1e-2)]
    numbers["longer"] = {
        "right": [cell[0] for cell in longer],
        "loss": [cell[1] for cell in longer],
    }
    results.write(
        "induction_heads",
        numbers,
        seed=SEEDS,
        command="python snippets/1_NLP_basics/induction_heads_experiment.py",
        note_zh="只有注意力的一层、两层模型学重复的序列，学习率、宽度、步数；关掉头；"
        f"SmolLM2 的归纳头，关掉它们与关掉随机的头；CPU {kept.minutes:.0f} 分钟。",
        note_en="One and two layers of attention on rows that repeat, by rate, width and steps; "
        "heads silenced; SmolLM2's induction heads, silenced and set against random heads; "
        f"{kept.minutes:.0f} CPU minutes.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
