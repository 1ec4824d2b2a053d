"""For the page `batching`: what a pass costs by how many tokens it reads, and what is in the way.

    python snippets/1_NLP_basics/batching_experiment.py

times SmolLM2 in this process and writes docs/assets/results/batching.json. Every number is a ratio
to a pass over one token in the same round; some minutes, true on an idle machine only.
"""

import copy
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import torch
from transformers import AutoTokenizer

from batching import Request, answer, steps_of
from wode.book import results
from wode.files.gguf import local_model
from wode.files.hub import SMOLLM2
from wode.llama import Llama

TOGETHER = [1, 2, 4, 8, 16, 32]  # tokens of one pass
CONTEXTS = [128, 512, 2048, 4096]  # tokens in the cache
CONTEXT, ROUNDS = 128, 7
PLACES, REQUESTS, ORDERS = 8, 64, 100


def seconds(ask: Callable[[], object]) -> float:
    begin = time.perf_counter()
    ask()
    return time.perf_counter() - begin


def decoding(model: Llama, rows: int, context: int) -> Callable[[], object]:
    """One step of ``rows`` requests, each with ``context`` tokens in its cache."""
    caches = model.caches()
    model(torch.randint(1000, 9000, (1, context)), caches=caches, logits_to_keep=1)
    for cache in caches:
        cache.select(torch.zeros(rows, dtype=torch.long))
    token = torch.randint(1000, 9000, (rows, 1))

    def step() -> None:
        model(token, caches=[copy.copy(cache) for cache in caches], logits_to_keep=1)

    return step


def passes(model: Llama, tiny: Llama) -> dict[str, Callable[[], object]]:
    """What is timed, by name."""
    weights = [weight.view(-1) for weight in model.parameters()]
    asked: dict[str, Callable[[], object]] = {
        "read": lambda: [weight.sum() for weight in weights],
        "calls": decoding(tiny, 1, CONTEXT),
    }
    for count in TOGETHER:
        asked[f"decode_{count}"] = decoding(model, count, CONTEXT)
        prompt = torch.randint(1000, 9000, (1, count))
        asked[f"prefill_{count}"] = lambda ids=prompt: model(
            ids, caches=model.caches(), logits_to_keep=1
        )
    for context in CONTEXTS:
        asked[f"context_{context}"] = decoding(model, 1, context)
    return asked


@torch.inference_mode()
def measured(model: Llama, tiny: Llama) -> dict[str, list[float]]:
    """Ratios to a decoding step of one request, round by round; all are run in each round."""
    asked, ratios = passes(model, tiny), {}
    for ask in asked.values():
        ask()
    for _ in range(ROUNDS):
        spent = {name: seconds(ask) for name, ask in asked.items()}
        for name, value in spent.items():
            ratios.setdefault(name, []).append(value / spent["decode_1"])
    return ratios


def medians(ratios: dict[str, list[float]], name: str, counts: Sequence[int]) -> list[float]:
    return [statistics.median(ratios[f"{name}_{count}"]) for count in counts]


QUESTIONS = (
    "Tell me a story about a {}.", "What does a {} eat?", "Where does a {} live?",
    "Write a poem about a {}.",
)  # fmt: skip
ANIMALS = ("cat", "horse", "wolf", "whale")


@torch.inference_mode()
def same_texts(model: Llama, most: int = 32) -> dict[str, int]:
    """How many texts come out the same, written alone and in batches of `PLACES`."""
    tokenizer: Any = AutoTokenizer.from_pretrained(str(local_model(SMOLLM2)))
    end, prompts = tokenizer.eos_token_id, []
    for text in (question.format(animal) for question in QUESTIONS for animal in ANIMALS):
        messages = [{"role": "user", "content": text}]
        prompts.append(
            tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
        )
    found = []
    for places in (1, PLACES):
        requests = [Request(prompt, most) for prompt in prompts]
        answer(model, requests, places, end)
        found.append([request.written for request in requests])
    return {"same": sum(a == b for a, b in zip(*found, strict=True)), "of": len(prompts)}


def waiting() -> dict[str, dict[str, Any]]:
    """Passes of waiting batches for each one of continuous ones, for answers of three kinds."""
    found: dict[str, list[float]] = {"equal": [], "uniform": [], "exponential": []}
    for seed in range(ORDERS):
        chance = Random(seed)
        for kind, lengths in {
            "equal": [100] * REQUESTS,
            "uniform": [chance.randint(1, 200) for _ in range(REQUESTS)],
            "exponential": [1 + int(chance.expovariate(1 / 100)) for _ in range(REQUESTS)],
        }.items():
            found[kind].append(
                steps_of(lengths, PLACES, wait=True) / steps_of(lengths, PLACES, wait=False)
            )
    return {
        kind: {
            "median": statistics.median(values),
            "least": min(values),
            "most": max(values),
            "draws": values,
        }
        for kind, values in found.items()
    }


def main() -> None:
    model = Llama.from_pretrained(SMOLLM2).eval()
    tiny = Llama(  # as many layers and calls, next to no weights
        replace(
            model.config,
            vocab_size=64 * 150,
            hidden_size=36,
            intermediate_size=96,
            num_attention_heads=9,
            num_key_value_heads=3,
        )
    ).eval()
    kinds = {"float32": (model, tiny)}
    kinds["bfloat16"] = (copy.deepcopy(model).bfloat16(), copy.deepcopy(tiny).bfloat16())
    numbers: dict[str, Any] = {
        "together": TOGETHER,
        "contexts": CONTEXTS,
        "context": CONTEXT,
        "rounds": ROUNDS,
        "parameters": sum(weight.numel() for weight in model.parameters()),
        "tiny": sum(weight.numel() for weight in tiny.parameters()),
    }
    for kind, pair in kinds.items():
        torch.manual_seed(0)
        ratios = measured(*pair)
        numbers[kind] = {
            "read": statistics.median(ratios["read"]),
            "calls": statistics.median(ratios["calls"]),
            "decode": medians(ratios, "decode", TOGETHER),
            "prefill": medians(ratios, "prefill", TOGETHER),
            "contexts": medians(ratios, "context", CONTEXTS),
            "rounds": ratios,
            "texts": same_texts(pair[0]),
        }
        numbers[kind]["faster"] = [
            count / ratio for count, ratio in zip(TOGETHER, numbers[kind]["decode"], strict=True)
        ]
    numbers["waiting"] = {"places": PLACES, "requests": REQUESTS, "orders": ORDERS, **waiting()}
    results.write(
        "batching",
        numbers,
        seed=0,
        command="python snippets/1_NLP_basics/batching_experiment.py",
        note_zh="一遍前向读多少个词元要多久：预填充、解码、一批几个请求、缓存多长；等齐了再换一批要多走几步。",
        note_en="What a pass costs by the tokens that it reads: prefill, decoding, requests in a "
        "batch, tokens in the cache; how many more steps batches take that wait for their last.",
    )


if __name__ == "__main__":
    main()
