"""Where the layer norm belongs, what it and the residual are worth: digits turned round.

    python snippets/2_transformer_basics/transformer_norm_experiment.py

trains narrow transformers of four layers to write eight digits backwards, at three learning
rates: norm last, first, none, no residual. Writes docs/assets/results/transformer_norm.json.
About eight minutes of one core.
"""

import itertools
import statistics
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.book import results
from wode.book.kept import Kept
from wode.transformer import Config, Layer, TranslationModel

SEEDS = [0, 1]
RATES = [1e-3, 3e-3, 1e-2]
KINDS = ["pre", "post", "post_warmup", "no_norm", "no_residual"]
STEPS, WARMUP, BEGIN = 200, 100, 11
LONGER = {"post": RATES, "no_residual": [1e-3], "no_norm": [3e-4]}  # three times the steps


def plain(self: Layer, x: Tensor, norm: nn.Module, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
    """A layer without its residual."""
    return norm(sublayer(x))


def model_of(kind: str, layers: int) -> TranslationModel:
    config = Config(32, 4, layers, 64, dropout=0.0, norm_first=kind.startswith("pre"))
    model = TranslationModel(12, config)
    if kind == "no_norm":
        for module in list(model.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, nn.LayerNorm):
                    setattr(module, name, nn.Identity())
    if kind == "no_residual":
        for layer in model.modules():
            if isinstance(layer, Layer):
                layer.residual = plain.__get__(layer)
    return model


def pairs(number: int) -> tuple[Tensor, Tensor, Tensor]:
    """Source, what the decoder reads, what it is to say: (B, 8) each; 0 is padding, digits 1–10."""
    source = torch.randint(1, 11, (number, 8))
    says = source.flip(1)
    return source, F.pad(says[:, :-1], (1, 0), value=BEGIN), says


def trained(kind: str, rate: float, seed: int, steps: int, layers: int = 4) -> float:
    """The share of digits of 500 fresh rows that it gives rightly, told the ones before."""
    torch.manual_seed(seed)
    model = model_of(kind, layers)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    for step in range(steps):
        if kind.endswith("warmup"):
            optimizer.param_groups[0]["lr"] = rate * min(1.0, (step + 1) / WARMUP)
        source, reads, says = pairs(32)
        loss = F.cross_entropy(model(source, reads).flatten(0, 1), says.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    source, reads, says = pairs(500)
    with torch.no_grad():
        return (model(source, reads).argmax(dim=2) == says).float().mean().item()


def gradients(kind: str) -> list[float]:
    """At the start: the gradient's norm in each decoder layer's second linear map."""
    every = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        model = model_of(kind, 4)
        source, reads, says = pairs(500)
        F.cross_entropy(model(source, reads).flatten(0, 1), says.flatten()).backward()
        row = []
        for name, parameter in model.transformer.decoder.named_parameters():
            if name.endswith("linear2.weight") and parameter.grad is not None:
                row.append(parameter.grad.norm().item())
        every.append(row)
    return [statistics.mean(column) for column in zip(*every, strict=True)]


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "transformer_norm.jsonl")
    numbers: dict = {"rates": RATES, "steps": STEPS, "warmup": WARMUP, "right": {}}
    for seed, kind, rate in itertools.product(SEEDS, KINDS, RATES):
        kept("trained", trained, kind, rate, seed, STEPS)
    for kind, rate in itertools.product(KINDS, RATES):
        each = [kept("trained", trained, kind, rate, seed, STEPS) for seed in SEEDS]
        row = numbers["right"].setdefault(kind, {"mean": [], "each": []})
        row["mean"].append(statistics.mean(each))
        row["each"].append(each)
    for kind in KINDS:
        row = numbers["right"][kind]
        row["best"] = max(row["mean"])
    numbers["longer"] = {}
    for kind, rates in LONGER.items():
        each = [kept("trained", trained, kind, rate, SEEDS[0], 3 * STEPS) for rate in rates]
        numbers["longer"][kind] = {"rates": rates, "each": each}
    numbers["gradients"] = {kind: gradients(kind) for kind in ("post", "pre")}
    numbers["minutes"] = kept.minutes
    path = results.write(
        "transformer_norm",
        numbers,
        seed=SEEDS,
        command="python snippets/2_transformer_basics/transformer_norm_experiment.py",
        note_zh="四层的窄模型把八个数字倒过来写：层归一化放后面、放前面、不放，不要残差；三个学习率，两个种子。",
        note_en="Four narrow layers write eight digits backwards: layer norm last, first, none, "
        "no residual; three rates, two seeds.",
    )
    kept.finish()
    print(path)


if __name__ == "__main__":
    main()
