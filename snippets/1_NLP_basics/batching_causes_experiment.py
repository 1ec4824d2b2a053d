"""For the page `batching`: where a pass spends its time, and what a batch does to the last digits.

    python snippets/1_NLP_basics/batching_causes_experiment.py

times SmolLM2 in this process, true on an idle machine only, and compares logits, which needs none;
writes docs/assets/results/batching_causes.json. Two minutes; a run that was stopped goes on.
"""

import copy
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from random import Random
from typing import Any
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import AutoTokenizer

from batching import Batch, Request, answer, steps_of
from batching_experiment import ANIMALS, CONTEXTS, PLACES, QUESTIONS, decoding, seconds
from wode.attention import KeyValueCache
from wode.book import results
from wode.book.kept import Kept
from wode.files.gguf import local_model
from wode.files.hub import SMOLLM2
from wode.llama import Llama

ROUNDS, WAIT_ROUNDS = 7, 3
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
SIDE, MANY = 576, 320  # as many weights as the layers of SmolLM2, in matrices of one size
SIZES = [2, 4, 8, 16, 32]  # rows of a product
WAITING, MEAN = 24, 10  # requests, tokens of an answer


# ---------------------------------------------------------------- where a pass spends its time


@contextmanager
def clock() -> Iterator[dict[str, float]]:
    """Seconds inside the products with weights, the attention, the copying of the cache."""
    spent: dict[str, float] = defaultdict(float)

    def timed(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def inside(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter()
            found = call(*args, **kwargs)
            spent[name] += time.perf_counter() - begin
            return found

        return inside

    attention = timed("attention", F.scaled_dot_product_attention)
    with (
        patch.object(nn.Linear, "forward", timed("products", nn.Linear.forward)),
        patch.object(KeyValueCache, "extend", timed("copy", KeyValueCache.extend)),
        patch.object(F, "scaled_dot_product_attention", attention),
    ):
        yield spent


@torch.inference_mode()
def shares(model: Llama) -> dict[str, dict[str, float]]:
    """Of a step of one request, by the tokens in its cache: the share of each part, medians."""
    steps = {str(context): decoding(model, 1, context) for context in CONTEXTS}
    runs: dict[str, list[dict[str, float]]] = {context: [] for context in steps}
    for number in range(ROUNDS + 1):
        for context, step in steps.items():
            with clock() as spent:
                whole = seconds(step)
            parts = {name: spent[name] / whole for name in ("products", "attention", "copy")}
            if number:  # the first one prepares
                runs[context].append(parts | {"rest": 1 - sum(parts.values())})
    return {
        context: {name: statistics.median(run[name] for run in rows) for name in rows[0]}
        for context, rows in runs.items()
    }


def multiply(x: Tensor, weights: list[Tensor]) -> None:
    for weight in weights:
        F.linear(x, weight)


@torch.inference_mode()
def fetching(dtype: torch.dtype) -> dict[str, float]:
    """The same products with weights that must be fetched from memory, and with one that need not.

    The unit is a token times MANY matrices, each another one; medians.
    """
    weights = [torch.randn(SIDE, SIDE, dtype=dtype) for _ in range(MANY)]
    runs: dict[str, list[float]] = defaultdict(list)
    for number in range(ROUNDS + 1):
        spent = {"sum": seconds(lambda: [weight.sum() for weight in weights])}
        for rows in (1, 32):
            x = torch.randn(rows, SIDE, dtype=dtype)
            spent[f"others_{rows}"] = seconds(partial(multiply, x, weights))
            spent[f"one_{rows}"] = seconds(partial(multiply, x, weights[:1] * MANY))
        for name, value in spent.items():
            if number:
                runs[name].append(value / spent["others_1"])
    return {name: statistics.median(values) for name, values in runs.items()}


# ---------------------------------------------------------------- the last digits


def prompts() -> list[list[int]]:
    """The stories and poems of `batching_experiment`."""
    tokenizer: Any = AutoTokenizer.from_pretrained(str(local_model(SMOLLM2)))
    return [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": question.format(animal)}],
            add_generation_prompt=True,
            return_dict=False,
        )
        for question in QUESTIONS
        for animal in ANIMALS
    ]


@contextmanager
def row_by_row() -> Iterator[None]:
    """Each product with weights is that of one row, however many rows there are."""

    def apart(self: nn.Linear, x: Tensor) -> Tensor:
        return torch.cat([F.linear(row, self.weight, self.bias) for row in x.split(1)])

    with patch.object(nn.Linear, "forward", apart):
        yield


def logits(batch: Batch, mask: bool) -> Tensor:
    """Of the next step, (B, V); the batch stays as it is."""
    last = torch.tensor([request.written[-1:] for request in batch.requests])
    caches = [copy.copy(cache) for cache in batch.caches]
    hidden = F.pad(batch.mask, (0, 1), value=True) if mask else None
    return batch.model(last, hidden, caches, logits_to_keep=1)[:, -1].float()


def of(model: Llama, rows: list[list[int]]) -> Batch:
    batch = Batch(model)
    for row in rows:
        batch.join(Request(row, 2))
    return batch


def changed(batch: Batch, requests: int, padding: int = 0) -> Batch:
    """The one request of ``batch`` so many times, with so many columns of padding."""
    other = Batch(batch.model)
    other.requests = batch.requests * requests
    other.mask = F.pad(batch.mask.expand(requests, -1), (padding, 0), value=False)
    for new, old in zip(other.caches, batch.caches, strict=True):
        both = [x for x in (old.key, old.value) if x is not None]
        new.key, new.value = (F.pad(x, (0, 0, padding, 0)) for x in both)
        new.select(torch.zeros(requests, dtype=torch.long))
    return other


def ways(alone: Batch) -> dict[str, Tensor]:
    """The next logits of the one request of ``alone``, computed in several ways: (1, V) each."""
    copies, padded = changed(alone, PLACES), changed(alone, 1, padding=8)
    found = {
        "again": logits(alone, mask=False),
        "mask": logits(alone, mask=True),
        "padding": logits(padded, mask=True),
        "copies": logits(copies, mask=False)[:1],
    }
    with row_by_row():
        found["copies_apart"] = logits(copies, mask=False)[:1]
    return found


@torch.inference_mode()
def digits(model: Llama) -> dict[str, dict[str, float]]:
    """One step of 16 requests: in how many is any logit another than alone, and by how much."""
    found: dict[str, list[Tensor]] = defaultdict(list)
    rows = prompts()
    for start in range(0, len(rows), PLACES):
        expected = []
        for row in rows[start : start + PLACES]:
            alone = of(model, [row])
            expected.append(logits(alone, mask=False))
            for name, other in ways(alone).items():
                found[name].append(other - expected[-1])
        together = of(model, rows[start : start + PLACES])
        found["batch"].append(logits(together, mask=True) - torch.cat(expected))
        with row_by_row():
            found["batch_apart"].append(logits(together, mask=True) - torch.cat(expected))
    return {
        name: {
            "rows": int((torch.cat(parts) != 0).any(dim=1).sum()),
            "most": float(torch.cat(parts).abs().max()),
        }
        for name, parts in found.items()
    }


@torch.inference_mode()
def products(model: Llama) -> dict[str, float]:
    """One product alone: the share of a row's results that are others when it has company."""
    torch.manual_seed(0)
    linears = [m for m in model.model.layers[:3].modules() if isinstance(m, nn.Linear)]
    found: dict[str, float] = {}
    for size in SIZES:
        others = total = 0
        for linear in linears:
            x = torch.randn(size, linear.in_features, dtype=linear.weight.dtype)
            others += int((linear(x)[:1] != linear(x[:1])).sum())
            total += linear.out_features
        found[str(size)] = others / total
    return found


# ---------------------------------------------------------------- seconds beside steps


def answered(model: Llama, requests: list[Request], wait: bool) -> dict[str, float]:
    """Seconds until all is written, and those spent in the steps: the rest is prefill."""
    plain, stepping = Batch.step, []
    step = lambda batch: stepping.append(seconds(partial(plain, batch)))  # noqa: E731
    with patch.object(Batch, "step", step):
        whole = seconds(partial(answer, model, requests, PLACES, -1, wait))
    return {"seconds": whole, "decoding": sum(stepping)}


@torch.inference_mode()
def waits(model: Llama) -> dict[str, Any]:
    """The same answers, with batches that wait for their last and without: steps and seconds."""
    chance, rows = Random(0), prompts()
    lengths = [2 + int(chance.expovariate(1 / MEAN)) for _ in range(WAITING)]
    ratios: dict[str, list[float]] = {"seconds": [], "decoding": []}
    for _ in range(WAIT_ROUNDS):
        spent = {
            wait: answered(
                model,
                [Request(rows[i % len(rows)], length) for i, length in enumerate(lengths)],
                wait,
            )
            for wait in (True, False)
        }
        for name, values in ratios.items():
            values.append(spent[True][name] / spent[False][name])
    left = [length - 1 for length in lengths]
    counts = [steps_of(left, PLACES, wait=wait) for wait in (True, False)]
    return {
        "requests": WAITING,
        "steps": counts,
        "ratio": counts[0] / counts[1],
        **{name: statistics.median(values) for name, values in ratios.items()},
        "rounds": ratios,
    }


def main() -> None:
    kept = Kept(results.ROOT / "build" / "batching_causes.jsonl")
    model = Llama.from_pretrained(SMOLLM2).eval()
    numbers: dict[str, Any] = {
        "contexts": CONTEXTS,
        "rounds": ROUNDS,
        "requests": len(QUESTIONS) * len(ANIMALS),
        "sizes": SIZES,
    }
    for name, dtype in DTYPES.items():
        used = copy.deepcopy(model).to(dtype)
        numbers[name] = {
            "digits": kept(f"digits {name}", lambda used=used: digits(used)),
            "products": kept(f"products {name}", lambda used=used: products(used)),
            "shares": kept(f"shares {name}", lambda used=used: shares(used)),
            "fetching": kept(f"fetching {name}", lambda dtype=dtype: fetching(dtype)),
        }
    numbers["waits"] = kept("waits", lambda: waits(model))
    results.write(
        "batching_causes",
        numbers,
        seed=0,
        command="python snippets/1_NLP_basics/batching_causes_experiment.py",
        note_zh="一遍前向的时间花在哪里；批、掩码、填充各让最后几位变多少；"
        "等齐了换一批，多花多少秒。",
        note_en="Where a pass spends its time; what a batch, a mask, padding do to the last "
        "digits; how many more seconds batches take that wait for their last.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
