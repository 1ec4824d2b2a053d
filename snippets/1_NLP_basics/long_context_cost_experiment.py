"""For the page `long-context`: time and peak memory of attention against length, several ways.

    python snippets/1_NLP_basics/long_context_cost_experiment.py

One layer of attention with its projections, one head of 64, batch 1, forward and backward, one
thread. Each way and length runs in a process of its own, whose peak memory is read from
/proc (Linux); times are medians of CPU seconds, to be read as ratios. What was measured
goes to build/long_context_cost.jsonl, then into docs/assets/results/long_context_cost.json. About
four minutes.
"""

import math
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import LongformerConfig, LongformerModel

from wode import longformer, reformer
from wode.attention import MultiHeadAttention, scaled_dot_product, window_mask
from wode.bert import Bert
from wode.bert import Config as BertConfig
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.transformer_xl import Pairs, RelativeAttention, distances

LENGTHS = [256, 512, 1024, 2048, 4096, 8192, 16384]
SIZE, SIDE, CHUNK, SEGMENT = 64, 64, 64, 128  # each token sees about 128 others
LONG_END = 4  # the last lengths, through which the exponents are fitted

Run = Callable[[Tensor], None]  # forward and backward over x (1, T, E)


def full(way: str) -> Run:
    layer = MultiHeadAttention(SIZE, 1)

    def run(x: Tensor) -> None:
        query, key, value = (
            part(x)[:, None] for part in (layer.q_proj, layer.k_proj, layer.v_proj)
        )  # (1, 1, T, E)
        if way == "written":
            heads, _ = scaled_dot_product(query, key, value)
        else:
            mask = window_mask(x.shape[1], SIDE + 1, causal=False) if way == "masked" else None
            heads = F.scaled_dot_product_attention(query, key, value, mask)
        layer.out_proj(heads[:, 0]).sum().backward()

    return run


def windowed(everywhere: int) -> Run:
    config = longformer.Config(8, SIZE, 1, 1, attention_probs_dropout_prob=0.0)
    layer, out = longformer.SelfAttention(config, 2 * SIDE), nn.Linear(SIZE, SIZE)

    def run(x: Tensor) -> None:
        seen = torch.ones(x.shape[:2], dtype=torch.bool)
        mask = (torch.arange(x.shape[1]) < everywhere)[None]
        out(layer(x, seen, mask)).sum().backward()

    return run


def hashed(rounds: int, buckets: int) -> Run:
    config = reformer.Config(
        hidden_size=SIZE,
        num_attention_heads=1,
        attention_head_size=SIZE,
        num_buckets=buckets,
        num_hashes=rounds,
        lsh_attn_chunk_length=CHUNK,
        is_decoder=False,
    )
    layer, out = reformer.SelfAttention(config), nn.Linear(SIZE, SIZE)

    def run(x: Tensor) -> None:
        seen = torch.ones(x.shape[:2], dtype=torch.bool)
        out(layer(x, seen)[0]).sum().backward()

    return run


def segments() -> Run:
    layer = RelativeAttention(SIZE, 1, 0.0, 1e-5)
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.1)

    def run(x: Tensor) -> None:
        memory = x[:, :0]
        for part in x.split(SEGMENT, dim=1):
            T, S = part.shape[1], memory.shape[1]
            read = torch.cat([memory, part], dim=1)
            places = torch.arange(S + T)
            distance = (places[S:, None] - places)[None]
            far = distances(-(S + T), S + T - 1, SIZE)
            layer(part, read, Pairs(far, distance, distance >= 0)).sum().backward()
            memory = part.detach()

    return run


def way_of(name: str, length: int) -> Run:
    torch.manual_seed(0)
    match name:
        case "written" | "fused" | "masked":
            return full(name)
        case "longformer":
            return windowed(0)
        case "longformer_global":
            return windowed(1)
        case "reformer" | "reformer4":
            buckets = 2 * length // CHUNK  # so that one holds half a chunk, however long
            return hashed(4 if name == "reformer4" else 1, buckets)
        case "reformer4_fixed":
            return hashed(4, 8)  # as many as at 256
        case _:
            return segments()


WAYS = [
    "written",
    "fused",
    "masked",
    "longformer",
    "longformer_global",
    "reformer",
    "reformer4",
    "reformer4_fixed",
    "xl",
]


def status(field: str) -> int:
    """Kilobytes of this process: VmRSS now, VmHWM at its peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = (one for one in lines if one.startswith(field + ":"))
    return int(line.split()[1])


def cost(name: str, length: int) -> tuple[float, float]:
    """MB above what stood there before, of the first run; then the median of the times."""
    run, small = way_of(name, length), way_of(name, 256)
    x = torch.randn(1, length, SIZE)
    small(torch.randn(1, 256, SIZE))  # code is loaded, buffers are made
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is now
    before = status("VmRSS")
    run(x)
    memory = (status("VmHWM") - before) / 1024
    times, began = [], time.process_time()
    while len(times) < 3 or (len(times) < 15 and time.process_time() - began < 1):
        start = time.process_time()
        run(x)
        times.append(time.process_time() - start)
        if times[0] > 3:
            break
    return memory, statistics.median(times)


def apart(name: str, length: int) -> tuple[float, float]:
    """`cost` in a process of its own."""
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(cost, (name, length))


def exponent(values: list[float]) -> float:
    """b of a · lengthᵇ, least squares in logarithms through the long end."""
    x = [math.log(length) for length in LENGTHS[-LONG_END:]]
    y = [math.log(value) for value in values[-LONG_END:]]
    return statistics.linear_regression(x, y).slope


def share(length: int) -> float:
    """Of the time of a layer of BERT-base, what its fused attention takes (heads alone)."""
    config = BertConfig(8, num_hidden_layers=1, max_position_embeddings=length)
    model = Bert(config).eval()
    ids = torch.zeros(1, length, dtype=torch.long)
    heads = torch.randn(3, 1, 12, length, 64)
    layer, alone = [], []
    with torch.no_grad():
        for _ in range(5):
            for times, run in (
                (layer, lambda: model(ids, torch.ones_like(ids))),
                (alone, lambda: F.scaled_dot_product_attention(*heads)),
            ):
                start = time.process_time()
                run()
                times.append(time.process_time() - start)
    return statistics.median(alone) / statistics.median(layer)


def theirs(length: int) -> float:
    """Time of transformers' Longformer by ours: a layer, a window of 128, one global token."""
    sizes: dict[str, Any] = {
        "vocab_size": 8, "hidden_size": SIZE, "num_hidden_layers": 1, "num_attention_heads": 1,
        "intermediate_size": SIZE, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
        "max_position_embeddings": length + 2, "attention_window": 2 * SIDE,
    }  # fmt: skip
    models = (
        longformer.Longformer(longformer.Config(**sizes)),
        LongformerModel(LongformerConfig(**sizes)),
    )
    ids = torch.full((1, length), 5)
    first = (torch.arange(length) == 0)[None].long()
    times: list[list[float]] = [[], []]
    for _ in range(7):
        for model, row in zip(models, times, strict=True):
            start = time.process_time()
            model(ids, global_attention_mask=first)[0].sum().backward()
            row.append(time.process_time() - start)
    return statistics.median(times[1]) / statistics.median(times[0])


def short(length: int = 20, side: int = 256) -> float:
    """Time of a window of 512 by that of full attention, in a text of 20."""
    heads = torch.randn(3, 1, 12, length, 64)
    times: list[list[float]] = [[], []]
    for _ in range(50):
        for row, run in (
            (times[0], lambda: F.scaled_dot_product_attention(*heads)),
            (times[1], lambda: longformer.windowed_attention(*heads, side)),
        ):
            start = time.process_time()
            run()
            row.append(time.process_time() - start)
    return statistics.median(times[1]) / statistics.median(times[0])


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "long_context_cost.jsonl")
    rows = {name: [kept("cost", apart, name, length) for length in LENGTHS] for name in WAYS}
    fused = [seconds for _, seconds in rows["fused"]]
    numbers: dict[str, Any] = {"lengths": LENGTHS, "side": SIDE, "long_end": LENGTHS[-LONG_END]}
    for name, row in rows.items():
        memory, seconds = ([one[n] for one in row] for n in (0, 1))
        ratio = [s / f for s, f in zip(seconds, fused, strict=True)]
        faster = [length for length, r in zip(LENGTHS, ratio, strict=True) if r < 1]
        numbers[name] = {
            "mb": memory,
            "time": [s / fused[0] for s in seconds],  # the fused kernel at 256 is 1
            "over_fused": ratio,
            "faster_from": min(faster, default=0),
            "time_exponent": exponent(seconds),
            "memory_exponent": exponent(memory),
        }
    numbers["theirs"] = {str(n): kept("theirs", theirs, n) for n in (512, 4096)}
    numbers["short"] = kept("short", short)
    numbers["share"] = {str(n): kept("share", share, n) for n in (512, 4096)}
    results.write(
        "long_context_cost",
        numbers,
        command="python snippets/1_NLP_basics/long_context_cost_experiment.py",
        seed=0,
        note_zh="一层注意力（一个头，64 维）正向加反向，长度 256 到 16384：CPU 时间是同一次"
        "运行里的比，峰值内存各在自己的进程里量。",
        note_en="One layer of attention (one head of 64), forward and backward, length 256 to "
        "16384: CPU times as ratios within one run, peak memory of a process each.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
