"""For the page `induction-heads`: what could overturn its sentences.

    python snippets/1_NLP_basics/induction_heads_controls_experiment.py

The first layer told where to look; the grid and the long training with more seeds (the first seed
is that of induction_heads_experiment.py); SmolLM2's first layer, a head at a time. Writes
docs/assets/results/induction_heads_controls.json. About eight minutes of one core.
"""

import statistics
from typing import Any
from unittest import mock

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import induction_heads
import induction_heads_experiment as experiment
import induction_heads_smollm2 as smollm2
from induction_heads import AttentionOnly, induction_score, repeated, silenced
from wode.attention import scaled_dot_product
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.prompting import from_pretrained

SEEDS, SIZES, RATES = experiment.SEEDS, experiment.SIZES, experiment.RATES
BACK = {"own": 0, "previous": 1, "two": 2, "three": 3}
D = 64  # numbers of a head of SmolLM2's


def told(back: int) -> Any:
    """Attention whose first call looks ``back`` places back, whatever it is asked."""
    calls = []

    def look(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        calls.append(back)
        if len(calls) > 1:
            return scaled_dot_product(q, k, v, mask)
        T = q.shape[2]
        place = (torch.arange(T) - back).clamp(min=0)
        weights = F.one_hot(place, T).to(q.dtype).expand(*q.shape[:2], T, T)
        return weights @ v, weights

    return look


def measure_told(seed: int) -> dict[str, dict[str, float]]:
    """Two layers; both heads of the first look elsewhere, with what they say left as it is."""
    model = experiment.train(2, 64, 1e-2, 200, seed)
    ids, again = repeated(1000)
    rows = experiment.twice()
    found = {}
    for key, back in BACK.items():
        with torch.no_grad():
            with mock.patch.object(induction_heads, "scaled_dot_product", told(back)):
                answer = likeliest(model(ids[:, :-1]), dim=2)
            maps: list[Tensor] = []
            with mock.patch.object(induction_heads, "scaled_dot_product", told(back)):
                model(rows, maps)
        found[key] = {
            "right": (answer == ids[:, 1:])[again].float().mean().item(),
            "induction": induction_score(maps)[1].mean().item(),
        }
    return found


def measure_grid(layers: int, size: int, rate: float, steps: int, seed: int) -> float:
    model: AttentionOnly = experiment.train(layers, size, rate, steps, seed)
    return experiment.score(model)[0]


def measure_first_layer() -> dict[str, Any]:
    """SmolLM2's first layer: each head silenced, or saying its mean, or looking evenly.

    The loss of the second time; where each head looks, over the second half of each row.
    """
    model, tokenizer = from_pretrained()
    ids, others = smollm2.sequences(3, seed=0), smollm2.sequences(3, seed=7)
    layer = model.model.layers[0]
    mix, value = layer.get_submodule("self_attn.o_proj"), layer.get_submodule("self_attn.v_proj")
    assert isinstance(mix, nn.Linear)
    seen: dict[str, Tensor] = {}

    def second() -> float:
        return smollm2.surprise(model, ids)[:, smollm2.N :].mean().item()

    def note(module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
        seen["says" if module is mix else "values"] = inputs[0] if module is mix else output

    hooks = [part.register_forward_hook(note) for part in (mix, value)]
    with torch.no_grad():
        model(others)
    hooks[0].remove()
    mean = seen["says"].mean(dim=(0, 1))  # (9 · D,), of other sequences
    found: dict[str, Any] = {"whole": second(), "silent": [], "mean": [], "even": [], "looks": {}}
    for head in range(9):
        mine, group = slice(D * head, D * (head + 1)), slice(D * (head // 3), D * (head // 3 + 1))

        def constant(_: nn.Module, inputs: tuple[Tensor], mine: slice = mine) -> tuple[Tensor]:
            says = inputs[0].clone()
            says[..., mine] = mean[mine]
            return (says,)

        def even(
            _: nn.Module, inputs: tuple[Tensor], mine: slice = mine, group: slice = group
        ) -> tuple[Tensor]:
            says = inputs[0].clone()
            count = torch.arange(1, says.shape[1] + 1)[:, None]
            says[..., mine] = seen["values"][..., group].cumsum(dim=1) / count
            return (says,)

        with silenced([(mix, head)], 9):
            found["silent"].append(second())
        for key, change in (("mean", constant), ("even", even)):
            hook = mix.register_forward_pre_hook(change)
            found[key].append(second())
            hook.remove()
    hooks[1].remove()
    for name, rows in (("random", ids), ("prose", smollm2.prose(tokenizer))):
        maps: list[Tensor] = []
        with torch.no_grad():
            model(rows, maps=maps)
        weights = maps[0]  # (B, 9, T, T)
        late = torch.arange(weights.shape[-1] // 2, weights.shape[-1])
        found["looks"][name] = {
            "self": weights[:, :, late, late].mean(dim=(0, 2)).tolist(),
            "previous": weights[:, :, late, late - 1].mean(dim=(0, 2)).tolist(),
            "first": weights[:, :, late, 0].mean(dim=(0, 2)).tolist(),
            "largest": weights[:, :, late].amax(dim=3).mean(dim=(0, 2)).tolist(),
        }
    return found


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "induction_heads_controls.jsonl")
    first = results.read("induction_heads")["numbers"]
    numbers: dict[str, Any] = {"sizes": SIZES, "rates": RATES}
    numbers["first_layer"] = kept("first layer", measure_first_layer)
    runs = [kept("told", measure_told, seed) for seed in SEEDS]
    numbers["told"] = {
        key: {of: [run[key][of] for run in runs] for of in ("right", "induction")} for key in BACK
    }
    for layers in (1, 2):
        each = [
            [
                [
                    first[f"grid_{layers}"]["right"][row][column],
                    *(kept("grid", measure_grid, layers, size, rate, 400, s) for s in SEEDS[1:]),
                ]
                for column, rate in enumerate(RATES)
            ]
            for row, size in enumerate(SIZES)
        ]
        numbers[f"grid_{layers}"] = {
            "each": each,
            "mean": [[statistics.mean(cell) for cell in row] for row in each],
            "best": max(one for row in each for cell in row for one in cell),
        }
    inside = [kept("inside", experiment.measure_inside, 1, seed) for seed in SEEDS[1:]]
    numbers["inside"] = {
        key: [first["inside"]["1"][key], *(run[key] for run in inside)]
        for key in ("inside", "recent", "right")
    }
    numbers["longer_128"] = [
        kept("grid", measure_grid, 1, 128, rate, 3000, 0) for rate in (3e-3, 1e-2)
    ]
    numbers["longer_64"] = [
        [right, kept("grid", measure_grid, 1, 64, rate, 3000, 1)]
        for right, rate in zip(first["longer"]["right"], (3e-3, 1e-2), strict=True)
    ]
    numbers["small_longer"] = [
        kept("grid", measure_grid, 2, 16, 3e-2, 1200, seed) for seed in SEEDS
    ]
    results.write(
        "induction_heads_controls",
        numbers,
        seed=SEEDS,
        command="python snippets/1_NLP_basics/induction_heads_controls_experiment.py",
        note_zh="第一层被告知看哪里；学习率与宽度的网格三个种子，更长的训练；"
        f"SmolLM2 第一层的头一个一个换；CPU {kept.minutes:.0f} 分钟。",
        note_en="The first layer told where to look; the grid of rates and widths with three "
        "seeds, longer training; the heads of SmolLM2's first layer changed one at a time; "
        f"{kept.minutes:.0f} CPU minutes.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
