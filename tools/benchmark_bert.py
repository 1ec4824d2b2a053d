"""BERT packed against BERT padded: ``python tools/benchmark_bert.py [--rounds N] [--threads N]``.

`wode.bert.Bert` and ``transformers``' BertModel with sdpa, the same weights (MiniLM's sizes), the
same batches of sentences of unequal length, in turn, several rounds. With a share p of padding the
ideal is 1 / (1 - p): the padding left out and nothing else. Written to
``docs/assets/results/bert_speed.json``: medians of CPU time, and ratios within each round.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor
from transformers import BertModel

from wode.bert import Bert
from wode.book import results
from wode.hub import find

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
SHARES = [0.0, 0.1, 0.3, 0.5, 0.7]
BATCH, LONGEST = 32, 128


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


def seconds(run: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--dry", action="store_true", help="write no results file")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    ours = Bert.from_pretrained(MINILM)
    theirs = BertModel.from_pretrained(find(MINILM).path, attn_implementation="sdpa")
    optimizers: dict[torch.nn.Module, torch.optim.Optimizer] = {
        model: torch.optim.AdamW(model.parameters(), lr=0.0, fused=True) for model in (ours, theirs)
    }
    half = Bert.from_pretrained(MINILM).to(torch.bfloat16).eval()
    generator = torch.Generator().manual_seed(0)

    def forward(model: torch.nn.Module, ids: Tensor, mask: Tensor) -> None:
        model.eval()
        with torch.inference_mode():
            model(ids, attention_mask=mask)

    def step(model: torch.nn.Module, ids: Tensor, mask: Tensor) -> None:
        model.train()
        hidden = model(ids, attention_mask=mask)[0]
        optimizers[model].zero_grad()
        hidden[mask.bool()].square().mean().backward()
        optimizers[model].step()

    numbers: dict = {"threads": options.threads, "rounds": options.rounds, "shares": []}
    for name in ("ideal", "forward", "step", "bfloat16"):
        numbers[name] = []
    numbers["forward_of_ideal"], numbers["step_of_ideal"] = [], []
    for share in SHARES:
        ids, mask = batch_with(share, generator)
        with torch.inference_mode():
            real = mask.bool()
            ours.eval()
            theirs.eval()
            equal = ours(ids, mask)[0][real] - theirs(ids, attention_mask=mask)[0][real]
            if equal.abs().max() > 1e-4:
                raise AssertionError(f"the two differ by {equal.abs().max():.1e}")
        ratios: dict[str, list[float]] = {"forward": [], "step": [], "bfloat16": []}
        for _ in range(options.rounds + 1):
            for name, run in (("forward", forward), ("step", step)):
                mine = seconds(run, ours, ids, mask)
                other = seconds(run, theirs, ids, mask)
                ratios[name].append(other / mine)
                if name == "forward":
                    ratios["bfloat16"].append(mine / seconds(forward, half, ids, mask))
        padding = 1 - mask.float().mean().item()
        numbers["shares"].append(padding)
        numbers["ideal"].append(1 / (1 - padding))
        for name, each in ratios.items():
            numbers[name].append(statistics.median(each[1:]))  # the first round warms up
        for name in ("forward", "step"):
            numbers[f"{name}_of_ideal"].append(numbers[name][-1] * (1 - padding))
        print(
            f"padding {padding:.2f}  ideal {numbers['ideal'][-1]:.2f}",
            *(f"{name} {numbers[name][-1]:.2f}" for name in ratios),
            *(f"{name} {numbers[name][-1]:.2f}" for name in ("forward_of_ideal", "step_of_ideal")),
            flush=True,
        )
    if not options.dry:
        path = results.write(
            "bert_speed",
            numbers,
            seed=0,
            command="python tools/benchmark_bert.py",
            note_zh="拼接的 BERT 与 transformers 的 BERT 速度之比，MiniLM 的大小，随填充的份额。",
            note_en="BERT packed against transformers' BERT padded: ratio of times by share of "
            "padding, MiniLM's sizes.",
        )
        print(path)


if __name__ == "__main__":
    main()
