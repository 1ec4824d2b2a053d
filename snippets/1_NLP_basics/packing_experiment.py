"""For the page `packing`: a batch without its padding, beside its limit and beside its rivals.

    python snippets/1_NLP_basics/packing_experiment.py [--rounds N]

MiniLM, 32 sentences of up to 128 tokens, a share p of the batch padding; everything in turn within
each round, so that a busy machine is busy for all. The limit is the time of the matrix products of
the real tokens alone: the layers' own ``F.linear`` and attention's two products, a sentence's
tokens with themselves. A training step is compared with ``transformers`` times 1 / (1 − p), both
with the same fused AdamW. Writing is SmolLM2's, greedy with a cache; its limit is the same: the
products of the prompt and of each token written, the weights read once for each.

Written to ``docs/assets/results/packing.json``: medians over the rounds, of seconds (the least of
three) and of the ratios within a round, in wall time, and (``cpu``) in CPU time. Some
minutes of two idle cores.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, BertModel

from wode.bert import Bert
from wode.book import results
from wode.book.kept import Kept
from wode.decoding import generate
from wode.files.gguf import local_model
from wode.files.hub import MINILM, find
from wode.llama import Llama
from wode.packing import SHARED, masks, pack

SHARES = {"forward": [0.0, 0.1, 0.3, 0.5, 0.7], "step": [0.0, 0.1, 0.3, 0.5, 0.7]}
BATCH, LONGEST = 32, 128
SMOLLM = "HuggingFaceTB/SmolLM2-135M-Instruct"
PROMPT, WRITTEN, REPEATS = 32, 48, 3
Runs = dict[str, Callable[[], object]]
Seconds = dict[str, list[float]]  # wall and CPU, by what was timed


def batch_with(share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """input_ids and attention_mask (32, 128), ``share`` of them padding, lengths spread evenly."""
    mean = LONGEST * (1 - share)
    low = max(1, int(2 * mean - LONGEST))  # lengths from low to 128 have this mean
    lengths = torch.linspace(low, LONGEST, BATCH).round().long()
    if low == 1 and share > 0.5:  # more padding than an even spread can have: bend it
        power = 1.0
        while lengths.float().mean() > mean:
            power += 0.05
            spread = torch.linspace(0, 1, BATCH) ** power
            lengths = (1 + spread * (LONGEST - 1)).round().long()
    lengths = lengths[torch.randperm(BATCH, generator=generator)]
    mask = torch.arange(LONGEST) < lengths[:, None]
    return torch.randint(1000, 20000, mask.shape, generator=generator) * mask, mask.long()


# ---------------------------------------------------------------- what is timed


def products(model: Bert, mask: Tensor) -> Callable[[], None]:
    """The matrix products of the real tokens, and nothing else."""
    size, heads = model.config.hidden_size, model.config.num_attention_heads
    lengths = mask.sum(dim=1).tolist()
    x = torch.randn(sum(lengths), size)  # (N, E)
    y = torch.randn(sum(lengths), model.config.intermediate_size)
    attention = list[tuple[Tensor, Tensor, Tensor]]()
    for t in sorted(set(lengths)):
        n = lengths.count(t)
        q, w = torch.randn(n, heads, t, size // heads), torch.randn(n, heads, t, t)
        attention.append((q, q.transpose(2, 3).contiguous(), w))

    def run() -> None:
        for layer in model.encoder.layer:
            for name, linear in layer.named_modules():
                if isinstance(linear, nn.Linear):
                    linear(y if name == "output.dense" else x)
            for q, k, w in attention:
                q @ k
                w @ q

    return run


def in_buckets(model: nn.Module, ids: Tensor, mask: Tensor, size: int = 8) -> None:
    """Sorted by length, ``size`` sentences at a time, padded to the longest among them."""
    for rows in mask.sum(dim=1).argsort().split(size):
        longest = int(mask[rows].sum(dim=1).max())
        model(ids[rows, :longest], attention_mask=mask[rows, :longest])


def packed(model: Bert, ids: Tensor, mask: Tensor, shared: int, whole: bool = False) -> None:
    """The hidden states; other settings than ours: sequences that several share, no parts."""
    packing = pack(mask, shared)
    if not whole:
        model.packed(ids, packing)
        return
    rows, columns, groups = packing
    x = model.embed(ids[rows, columns], columns, torch.zeros_like(columns))
    model.encoder.through(x, groups, masks(packing, None, x.dtype))


def timed(runs: Runs, number: int) -> Seconds:
    """Wall and CPU seconds of each, the least of `REPEATS`, in turn, after a turn that warms up."""
    took: Seconds = {}
    for turn in range(1 + REPEATS):
        for name in list(runs)[:: 1 if (number + turn) % 2 else -1]:
            wall, cpu = time.perf_counter(), time.process_time()
            runs[name]()
            seconds = [time.perf_counter() - wall, time.process_time() - cpu]
            if turn:
                took[name] = list(map(min, took.get(name, seconds), seconds))
    return took


def several(
    kept: Kept, name: str, run: Callable[..., Seconds], rounds: int, *args: float
) -> dict[str, list[list[float]]]:
    """Round by round, each kept by itself."""
    took: dict[str, list[list[float]]] = {}
    for number in range(rounds):
        for which, seconds in kept(name, run, number, *args).items():
            took.setdefault(which, []).append(seconds)
    return took


def forward(number: int, share: float) -> Seconds:
    ours = Bert.from_pretrained(MINILM).eval()
    theirs = BertModel.from_pretrained(find(MINILM).path, attn_implementation="sdpa").eval()
    ids, mask = batch_with(share, torch.Generator().manual_seed(0))
    real = mask.bool()
    with torch.inference_mode():
        away = ours(ids, mask)[0][real] - theirs(ids, attention_mask=mask)[0][real]
        if away.abs().max() > 1e-4:
            raise AssertionError(f"the two differ by {away.abs().max():.1e}")
        runs: Runs = {
            "limit": products(ours, mask),
            "ours": lambda: ours(ids, mask),
            "theirs": lambda: theirs(ids, attention_mask=mask),
            "buckets": lambda: in_buckets(theirs, ids, mask),
            "whole": lambda: packed(ours, ids, mask, SHARED, whole=True),
        }
        if share == 0.5:
            runs["one_sequence"] = lambda: packed(ours, ids, mask, 10**9)
            runs["by_length"] = lambda: packed(ours, ids, mask, 0)
        return timed(runs, number)


def step(number: int, share: float) -> Seconds:
    models = {
        "ours": Bert.from_pretrained(MINILM).train(),
        "theirs": BertModel.from_pretrained(find(MINILM).path, attn_implementation="sdpa").train(),
    }
    ids, mask = batch_with(share, torch.Generator().manual_seed(0))

    def stepping(model: nn.Module) -> Callable[[], None]:
        optimizer = torch.optim.AdamW(model.parameters(), lr=0.0, fused=True)

        def run() -> None:
            hidden = model(ids, attention_mask=mask)[0]
            hidden[mask.bool()].square().mean().backward()
            optimizer.step()
            optimizer.zero_grad()

        return run

    return timed({name: stepping(model) for name, model in models.items()}, number)


def writing(number: int) -> Seconds:
    ours = Llama.from_pretrained(SMOLLM).eval()
    theirs = AutoModelForCausalLM.from_pretrained(local_model(SMOLLM), dtype=torch.float32).eval()
    ids = torch.randint(0, 49152, (1, PROMPT), generator=torch.Generator().manual_seed(0))
    linears = [part for part in ours.modules() if isinstance(part, nn.Linear)]
    tokens = [torch.randn(1, part.in_features) for part in linears]
    prompt = [x if part is ours.lm_head else x.repeat(PROMPT, 1) for part, x in
              zip(linears, tokens, strict=True)]  # fmt: skip

    def limit() -> None:
        with torch.inference_mode():
            for number in range(WRITTEN):
                for part, x in zip(linears, tokens if number else prompt, strict=True):
                    part(x)

    def mine() -> list[int]:
        return generate(ours, ids, WRITTEN, temperature=0)[0]

    def other() -> list[int]:
        written = theirs.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=WRITTEN,
            min_new_tokens=WRITTEN,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
        )
        return written[0, PROMPT:].tolist()

    if mine() != other():
        raise AssertionError("the two write different tokens")
    return timed({"limit": limit, "ours": mine, "theirs": other}, number)


def ratio(took: dict[str, list[list[float]]], high: str, low: str, place: int) -> float:
    pairs = zip(took[high], took[low], strict=True)
    return statistics.median(a[place] / b[place] for a, b in pairs)


def add(table: dict, took: dict[str, list[list[float]]], low: str, padding: float) -> None:
    """A column: how fast each is beside ``low``; beside `transformers`, with its 1 / (1 − p)."""
    table["padding"].append(padding)
    table["rounds"].append(len(took[low]))
    for name in took:
        seconds = statistics.median(t[0] for t in took[name])
        table.setdefault(f"ms_{name}", []).append(1000 * seconds)
        for place, kind in enumerate(("", "cpu_")):
            found = ratio(took, low, name, place) * (1 - padding if low == "theirs" else 1)
            table.setdefault(f"{kind}{name}", []).append(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--dry", action="store_true", help="write no results file")
    options = parser.parse_args()
    kept = Kept(Path(f"build/packing_{torch.get_num_threads()}.jsonl"))
    numbers: dict = {
        "threads": torch.get_num_threads(),
        "rounds": options.rounds,
        "repeats": REPEATS,
    }
    took = several(kept, "writing", writing, options.rounds)
    numbers["writing"] = {
        "limit_over_ours": ratio(took, "limit", "ours", 0),
        "theirs_over_ours": ratio(took, "theirs", "ours", 0),
        "limit_over_theirs": ratio(took, "limit", "theirs", 0),
        "cpu_limit_over_ours": ratio(took, "limit", "ours", 1),
        "cpu_theirs_over_ours": ratio(took, "theirs", "ours", 1),
    }
    print(numbers["writing"], flush=True)
    for what, run in (("forward", forward), ("step", step)):
        table: dict = {"padding": [], "rounds": []}
        for share in SHARES[what]:
            mask = batch_with(share, torch.Generator().manual_seed(0))[1]
            padding = 1 - mask.float().mean().item()
            took = several(kept, what, run, options.rounds, share)
            add(table, took, "limit" if what == "forward" else "theirs", padding)
            print(what, {k: round(v[-1], 3) for k, v in table.items()}, flush=True)
        numbers[what] = table
    tokens = int(batch_with(0.5, torch.Generator().manual_seed(0))[1].sum())
    more = tokens / (6 * 384)  # attention N², beside the linear layers' 6 E N (MiniLM's E)
    expected = numbers["forward"]["cpu_ours"][SHARES["forward"].index(0.5)] / (1 + more)
    numbers["one_sequence"] = {"tokens": tokens, "attention": more, "expected": expected}
    if not options.dry:
        print(
            results.write(
                "packing",
                numbers,
                seed=0,
                command="python snippets/1_NLP_basics/packing_experiment.py",
                note_zh="不算填充的 BERT 与极限、与 transformers 之比；SmolLM2 写作的速度。",
                note_en="BERT without padding: ratios to the limit of its matrix products and to "
                "transformers; how fast SmolLM2 writes.",
            )
        )


if __name__ == "__main__":
    main()
