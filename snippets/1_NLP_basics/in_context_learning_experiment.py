"""For the page `in-context-learning`: small models that learn from their prompt, and their rivals.

    python snippets/1_NLP_basics/in_context_learning_experiment.py

Classes (random points and handwritten digits), lines, one layer of linear attention, the number of
training tasks; writes docs/assets/results/in_context_learning.json. About
eight minutes of one core; what was stopped goes on.
"""

import math
import statistics
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_context_learning import Learner, digits, nearest, new_classes, teach
from in_context_learning_lines import (
    measure_linear,
    measure_lines,
    measure_longer,
    measure_tasks,
    measure_wide,
)
from induction_heads import largest, silenced
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest

SEEDS = [0, 1, 2]
CHOICE = nn.CrossEntropyLoss()
TASKS = [1, 4, 16, 64, 256, 1024]


def mean(rows: list[list[float]]) -> list[float]:
    return [statistics.mean(column) for column in zip(*rows, strict=True)]


def right(answer: Tensor, y: Tensor) -> list[float]:
    """The share of right answers by the number of examples."""
    return (likeliest(answer, dim=2) == likeliest(y, dim=2)).float().mean(dim=0).tolist()


def majority(y: Tensor) -> Tensor:
    """The commonest name before each question; of equal ones one at random."""
    before = y.cumsum(dim=1) - y  # (B, n, 4)
    return before + 0.1 * torch.rand(y.shape)


def class_means(x: Tensor, y: Tensor) -> Tensor:
    """How near each question is to the mean of each name's examples; a name without any: far."""
    answers = [torch.rand_like(y[:, 0])]
    for k in range(1, x.shape[1]):
        count = y[:, :k].sum(dim=1)[..., None]  # (B, 4, 1)
        centre = y[:, :k].mT @ x[:, :k] / count.clamp(min=1)  # (B, 4, d)
        far = (centre - x[:, k, None]).square().sum(dim=2)
        answers.append(-far - 1e6 * (count[..., 0] == 0))
    return torch.stack(answers, dim=1)


def ceiling(y: Tensor) -> list[float]:
    """Of one who tells classes without fail: a name seen is known, an unseen one guessed."""
    seen = (y.cumsum(dim=1) - y).clamp(max=1)  # (B, n, 4)
    known = (seen * y).sum(dim=2)
    chance = torch.where(known > 0, 1.0, 1 / (4 - seen.sum(dim=2)).clamp(min=1))
    return chance.mean(dim=0).tolist()


def matching_score(maps: list[Tensor], name: Tensor) -> Tensor:
    """How much of its weight a question gives to examples of its own class: (layers, heads).

    maps: each (B, h, 2n − 1, 2n − 1), of a `Learner`; name: (B, n). Over questions whose class has
    been shown before.
    """
    n = name.shape[1]
    earlier = torch.ones(n, n).tril(-1).bool()
    match = (name[:, :, None] == name[:, None, :]) & earlier  # (B, questions, examples)
    asked = match.any(dim=2)  # (B, n)
    scores = []
    for weights in maps:
        to_examples = F.pad(weights[:, :, ::2, 1::2], (0, 1))  # (B, h, n, n): the last is not shown
        mass = (to_examples * match[:, None]).sum(dim=-1)  # (B, h, n)
        scores.append((mass * asked[:, None]).sum(dim=(0, 2)) / asked.sum())
    return torch.stack(scores)


def parts(model: Learner, heads: list[tuple[int, int]]) -> list[tuple[nn.Linear, int]]:
    found = []
    for layer, head in heads:
        part = model.gpt.h[layer].get_submodule("attn.c_proj")
        assert isinstance(part, nn.Linear)
        found.append((part, head))
    return found


def measure_classes(seed: int, steps: int = 200) -> dict[str, Any]:
    """A learner of classes, one that only ever saw four of them, their rivals and their heads."""
    torch.manual_seed(seed)
    model = Learner(question=16, answer=4)
    teach(model, new_classes, CHOICE, steps, lr=8e-3)
    four = 4 * F.normalize(torch.randn(4, 16), dim=1)

    def same(batch: int, n: int) -> tuple[Tensor, Tensor]:
        name = torch.randint(4, (batch, n))
        return four[name] + 0.7 * torch.randn(batch, n, 16), F.one_hot(name, 4).float()

    fixed = Learner(question=16, answer=4)
    teach(fixed, same, CHOICE, steps, lr=8e-3)
    found: dict[str, Any] = {}
    maps: list[Tensor] = []
    with torch.no_grad():
        for task, new in {"points": new_classes, "digits": digits}.items():
            x, y = new(2000, 13)
            found[task] = {
                "model": right(model(x, y, maps if task == "points" else None), y),
                "fixed": right(fixed(x, y), y),
                "nearest": [0.25, *right(nearest(x, y), y)[1:]],
                "means": right(class_means(x, y), y),
                "majority": right(majority(y), y),
                "ceiling": ceiling(y),
            }
            if task == "points":
                name, points = likeliest(y, dim=2), (x, y)
        found["fixed_known"] = right(fixed(*(known := same(2000, 13))), known[1])
        scores = matching_score(maps, name)
        order = largest(scores)
        matching = [place for place in order if scores[place] > 0.5]
        late = {"none": [], "one": order[:1], "matching": matching}
        late["others"] = order[::-1][: len(matching)]
        found["matching"] = len(matching)
        for key, heads in late.items():
            with silenced(parts(model, heads), 4):
                found[f"without_{key}"] = statistics.mean(right(model(*points), points[1])[8:])
    layer, head = order[0]
    found["episode"] = {
        "name": name[0].tolist(),
        "weights": [[round(w, 3) for w in row] for row in maps[layer][0, head, ::2].tolist()],
    }
    return found


def measure_demo() -> dict[str, Any]:
    """The page's first run: four digits, one example each, and the fifth image."""
    torch.manual_seed(0)
    model = Learner(question=16, answer=4)
    teach(model, new_classes, CHOICE, steps=150, lr=8e-3)
    torch.manual_seed(1)
    x, y = digits(10_000, 5)
    one_each = (y[:, :4].sum(dim=1) == 1).all(dim=1)
    x, y = x[one_each], y[one_each]
    with torch.no_grad():
        answer = model(x, y)
    shown = [
        {
            "images": [[round(v, 2) for v in image] for image in x[row].tolist()],
            "name": likeliest(y[row], dim=1).tolist(),
            "p": answer[row, 4].softmax(dim=0).tolist(),
        }
        for row in range(3)
    ]
    return {
        "shown": shown,
        "prompts": len(x),
        "right": right(answer, y)[4],
        "nearest": right(nearest(x, y), y)[4],
    }


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "in_context_learning.jsonl")
    classes = [kept("classes", measure_classes, seed) for seed in SEEDS]
    numbers: dict[str, Any] = {"classes": {"episode": classes[0]["episode"]}}
    numbers["demo"] = kept("demo", measure_demo)
    for task in ("points", "digits"):
        rows = {key: mean([run[task][key] for run in classes]) for key in classes[0][task]}
        rows["each"] = [run[task]["model"] for run in classes]
        numbers["classes"][task] = rows
    numbers["classes"]["fixed_known"] = mean([run["fixed_known"] for run in classes])
    for key in ("matching", *(f"without_{key}" for key in ("none", "one", "matching", "others"))):
        numbers["classes"][key] = [run[key] for run in classes]
    numbers["linear"] = {"each": [kept("linear", measure_linear, seed) for seed in SEEDS]}
    for key in ("error", "one_step", "rate", "apart"):
        numbers["linear"][key] = statistics.mean(run[key] for run in numbers["linear"]["each"])
    numbers["linear"]["product"] = statistics.mean(
        run["look"][place][place] * run["say"][3][3]
        for run in numbers["linear"]["each"]
        for place in range(3)
    )
    lines = [kept("lines", measure_lines, seed, 400, 1e-2) for seed in SEEDS]
    table: dict[str, Any] = {"each": [run["model"] for run in lines]}
    for key in ("model", "stretched", "noisy"):
        table[key] = mean([run[key] for run in lines])
    for key in ("rivals", "noisy_rivals"):
        table[key] = {name: mean([run[key][name] for run in lines]) for name in lines[0][key]}
    table["apart"] = {
        name: statistics.mean(run["apart"][name] for run in lines) for name in lines[0]["apart"]
    }
    table["wide"] = mean([kept("wide", measure_wide, seed) for seed in SEEDS])
    longer = [kept("longer", measure_longer, seed) for seed in SEEDS]
    table["places"] = {key: mean([run[key] for run in longer]) for key in ("table", "none")}
    numbers["lines"] = table
    tasks = {}
    for number in [*TASKS, 0]:
        runs = [kept("tasks", measure_tasks, number, seed, 400) for seed in SEEDS[:2]]
        tasks[str(number)] = {
            key: {"each": [run[key][8] for run in runs], "mean": mean([r[key] for r in runs])[8]}
            for key in ("known", "new")
        }
    numbers["tasks"] = {"numbers": TASKS, **tasks}
    few = kept("tasks", measure_tasks, 4, 0, 800)
    numbers["tasks"]["four_longer"] = {key: few[key][8] for key in few}
    assert all(math.isfinite(value) for value in numbers["lines"]["model"])
    results.write(
        "in_context_learning",
        numbers,
        seed=SEEDS,
        command="python snippets/1_NLP_basics/in_context_learning_experiment.py",
        note_zh=f"从提示中学分类、学直线的小模型与各种对手，线性注意力，训练任务的个数；"
        f"CPU {kept.minutes:.0f} 分钟。",
        note_en="Small models that learn classes and lines from their prompt, their rivals, linear "
        f"attention, the number of training tasks; {kept.minutes:.0f} CPU minutes.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
