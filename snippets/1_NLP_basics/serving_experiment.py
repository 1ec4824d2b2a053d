"""For the page `serving`: how long it is to the first token, alone and in a queue.

    python snippets/1_NLP_basics/serving_experiment.py

asks two servers of the same model, one by one and with continuous batching, and writes
docs/assets/results/serving.json. The time of an answer alone is measured apart, right before what
is compared with it. A run that was stopped goes on; the times are true on an idle machine only.
"""

import contextlib
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from serving import waits
from wode.book import results
from wode.book.kept import Kept
from wode.files.gguf import local_model
from wode.files.hub import SMOLLM2
from wode.serving.client import Endpoint, chat, stream
from wode.serving.server import serve

COUNTS = [1, 2, 4, 8]
TOKENS, LONG, REPEATS = 24, 72, 3
#: Eight requests: when each comes, in answers alone, and how many tokens it asks for.
PATTERNS: dict[str, tuple[list[float], list[int]]] = {
    "at_once": ([0.0] * 8, [TOKENS] * 8),
    "half": ([0.5 * i for i in range(8)], [TOKENS] * 8),
    "slower": ([1.5 * i for i in range(8)], [TOKENS] * 8),
    "first_long": ([0.0, *[0.4] * 7], [LONG, *[8] * 7]),
    "last_long": ([*[0.0] * 7, 0.4], [*[8] * 7, LONG]),
}
PROMPTS = {0: 45, 8: 157, 30: 465, 110: 1585}  # sentences in the prompt: tokens of it
SENTENCE = "The cat sat by the window and watched the birds in the garden. "
LENGTHS = [4, 16, 64]  # tokens of the answer
ANIMALS = ["cat", "dog", "horse", "bear", "wolf", "fox", "owl", "whale"]


def one(endpoint: Endpoint, text: str, tokens: int, after: float = 0.0) -> dict[str, Any]:
    """Stream one answer: when it was sent, when its first and last piece came, its text."""
    time.sleep(after)
    messages = [{"role": "user", "content": text}]
    sent, times, pieces = time.perf_counter(), [], []
    for piece in stream(endpoint, messages, tokens, temperature=0):
        times.append(time.perf_counter())
        pieces.append(piece)
    return {"sent": sent, "first": times[0], "last": times[-1], "text": "".join(pieces)}


def story(animal: str) -> str:
    return f"Write a long story about a {animal}."


def alone(endpoint: Endpoint, tokens: int = TOKENS) -> tuple[float, float]:
    """Seconds to the first and the last piece of an answer, nobody else there: medians of 3."""
    runs = [one(endpoint, story("mouse"), tokens) for _ in range(3)]
    return tuple(statistics.median(r[end] - r["sent"] for r in runs) for end in ("first", "last"))


def together(
    endpoint: Endpoint, tokens: Sequence[int], after: Sequence[float]
) -> list[dict[str, Any]]:
    """Requests for ``tokens`` each, each sent ``after`` so many seconds."""
    with ThreadPoolExecutor(len(tokens)) as pool:
        asked = [
            pool.submit(one, endpoint, story(animal), n, seconds)
            for animal, n, seconds in zip(ANIMALS, tokens, after, strict=False)
        ]
        return [job.result() for job in asked]


def burst(endpoint: Endpoint, unit: float, count: int) -> dict[str, Any]:
    """``count`` at once: the median wait for the first piece, tokens a second × the unit."""
    begin = time.perf_counter()
    answers = together(endpoint, [TOKENS] * count, [0.0] * count)
    seconds = time.perf_counter() - begin
    first = statistics.median(a["first"] - a["sent"] for a in answers) / unit
    return {"first": first, "rate": count * unit / seconds, "texts": [a["text"] for a in answers]}


def queue(endpoint: Endpoint, pattern: str) -> dict[str, list[float]]:
    """Measured waits of eight requests and what `waits` says, in answers alone.

    What each takes was measured apart: alone, before. The queue is in the order of arrival.
    """
    after, tokens = PATTERNS[pattern]
    single = {n: alone(endpoint, n) for n in sorted({*tokens, TOKENS})}
    unit = single[TOKENS][1]
    answers = together(endpoint, tokens, [share * unit for share in after])
    ranked = sorted(range(8), key=lambda i: answers[i]["first"])  # as the server took them
    sent = [answers[i]["sent"] for i in ranked]
    begin = [answers[i]["first"] - single[tokens[i]][0] for i in ranked]  # its first piece took
    told = waits([s - sent[0] for s in sent], [single[tokens[i]][1] for i in ranked])
    return {
        "measured": [(b - s) / unit for b, s in zip(begin, sent, strict=True)],
        "told": [wait / unit for wait in told],
    }


def prompt_row(endpoint: Endpoint, sentences: int) -> list[float]:
    """Seconds until the first event, the first piece, the last of 16 pieces."""
    from openai import OpenAI

    told = SENTENCE * sentences
    text = f"Read this story: {told}\nNow write another long story about a cat."
    with OpenAI(base_url=endpoint.url, api_key="none") as client:
        begin, events, pieces = time.perf_counter(), [], []
        for chunk in client.chat.completions.create(
            model=endpoint.model,
            messages=[{"role": "user", "content": text}],
            max_tokens=16,
            temperature=0,
            stream=True,
        ):
            events.append(time.perf_counter() - begin)
            if chunk.choices[0].delta.content:
                pieces.append(events[-1])
    return [events[0], pieces[0], pieces[-1]]


def fields(endpoint: Endpoint) -> dict[str, str]:
    """What the server does with a field: obeys it, ignores it, refuses it."""
    import openai

    asked: dict[str, Any] = {"model": endpoint.model, "temperature": 0}
    asked["messages"] = [{"role": "user", "content": "What is the capital of France?"}]
    tried: list[tuple[dict[str, Any], Callable[[Any], bool]]] = [
        ({"n": 2}, lambda answer: len(answer.choices) == 2),
        ({"logprobs": True}, lambda answer: answer.choices[0].logprobs is not None),
        (
            {"response_format": {"type": "json_object"}},
            lambda answer: answer.choices[0].message.content.lstrip().startswith("{"),
        ),
        ({"stop": " "}, lambda answer: answer.usage.completion_tokens < 5),
        ({"max_completion_tokens": 3}, lambda answer: answer.usage.completion_tokens == 3),
        ({"max_tokens": 3}, lambda answer: answer.usage.completion_tokens == 3),
        ({"top_k": 1}, lambda _: True),
        ({"logit_bias": {"504": 9}}, lambda _: True),
    ]
    found = {}
    with openai.OpenAI(base_url=endpoint.url, api_key="none", max_retries=0) as client:
        for field, obeyed in tried:
            try:
                answer = client.chat.completions.create(**asked, extra_body=field)
            except openai.APIStatusError as error:
                found[next(iter(field))] = str(error.status_code)
            else:
                found[next(iter(field))] = "obeyed" if obeyed(answer) else "ignored"
    return found


def temperatures(endpoint: Endpoint) -> dict[str, int]:
    """How many of eight answers differ: at 1.5 as it is, with sampling on, at 0.01 with it."""
    sampling = {"generation_config": '{"do_sample": true}'}
    animal = [{"role": "user", "content": "Name an animal."}]
    found = {}
    for name, heat, extra in [
        ("as_it_is", 1.5, {}),
        ("on", 1.5, sampling),
        ("cold", 0.01, sampling),
    ]:
        more: dict[str, Any] = {"temperature": heat, "extra_body": extra}
        found[name] = len({chat(endpoint, animal, 5, seed=n, **more).text for n in range(8)})
    return found


def medians(rows: Sequence[Sequence[float]]) -> list[float]:
    return [statistics.median(values) for values in zip(*rows, strict=True)]


def main() -> None:
    kept = Kept(results.ROOT / "build" / "serving.jsonl")
    folder = local_model(SMOLLM2)
    kinds = {"one_by_one": [], "batched": ["--continuous-batching"]}
    with contextlib.ExitStack() as held:
        ends: dict[str, Endpoint] = {}
        for kind, options in kinds.items():
            server = held.enter_context(serve(folder, SMOLLM2, options=options))
            ends[kind] = Endpoint(server.url, server.model, timeout=300)
            one(ends[kind], story("mouse"), 4)  # the first answer pays for what is prepared once
        single = ends["one_by_one"]

        def bursts(repeat: int) -> dict[str, Any]:
            unit = alone(single)[1]
            return {k: [burst(e, unit, count) for count in COUNTS] for k, e in ends.items()}

        obeyed = kept("fields", lambda _: fields(single), 0)
        heats = kept("temperatures", lambda _: temperatures(single), 0)
        rows: list[Any] = []
        queues: dict[str, list[Any]] = {name: [] for name in PATTERNS}
        prompts: dict[str, list[Any]] = {str(tokens): [] for tokens in PROMPTS.values()}
        lengths: dict[str, list[Any]] = {str(n): [] for n in LENGTHS}
        for r in range(REPEATS):
            rows.append(kept("burst", bursts, r))
            for name, runs in queues.items():
                runs.append(kept(name, lambda _, name=name: queue(single, name), r))
            for n, tokens in PROMPTS.items():
                row = kept(f"prompt {n}", lambda _, n=n: prompt_row(single, n), r)
                prompts[str(tokens)].append(row)
            for n in LENGTHS:
                lengths[str(n)].append(kept(f"length {n}", lambda _, n=n: alone(single, n), r))
    numbers = numbers_of(rows, queues, prompts, lengths)
    kinds_of = {name: sum(v == name for v in obeyed.values()) for name in ("obeyed", "ignored")}
    kinds_of["refused"] = len(obeyed) - sum(kinds_of.values())
    write(numbers | {"fields": obeyed, "field_counts": kinds_of, "temperatures": heats})
    kept.finish()


def numbers_of(rows: list[Any], queues: Any, prompts: Any, lengths: Any) -> dict[str, Any]:
    kinds = ("one_by_one", "batched")
    wait = {k: [[cell["first"] for cell in row[k]] for row in rows] for k in kinds}
    rate = {k: [[cell["rate"] for cell in row[k]] for row in rows] for k in kinds}
    texts = [row[-1]["texts"] for row in rows[-1].values()]
    return {
        "counts": COUNTS,
        "tokens": TOKENS,
        "repeats": REPEATS,
        "same_texts": sum(a == b for a, b in zip(*texts, strict=True)),
        "texts": len(ANIMALS),
        "wait": wait,
        "wait_median": {k: medians(wait[k]) for k in kinds},
        "rate": rate,
        "rate_median": {k: medians(rate[k]) for k in kinds},
        "queues": {
            name: {key: medians([run[key] for run in runs]) for key in ("measured", "told")}
            for name, runs in queues.items()
        },
        "queue_mean": {
            name: {
                key: statistics.mean(medians([run[key] for run in runs]))
                for key in ("measured", "told")
            }
            for name, runs in queues.items()
        },
        "prompts": {name: medians(runs) for name, runs in prompts.items()},
        "lengths": {name: medians(runs) for name, runs in lengths.items()},
        "line_16": line(16, {n: medians(lengths[str(n)])[1] for n in LENGTHS}),
    }


def line(tokens: int, seconds: dict[int, float]) -> float:
    """What the line through the shortest and the longest answer says of another."""
    least, most = min(seconds), max(seconds)
    slope = (seconds[most] - seconds[least]) / (most - least)
    return seconds[least] + slope * (tokens - least)


def write(numbers: dict[str, Any]) -> None:
    results.write(
        "serving",
        numbers,
        command="python snippets/1_NLP_basics/serving_experiment.py",
        note_zh="首 token 延迟：提示长短、回答长短；1 到 8 个请求同时到，或者散开来；"
        "逐个处理与几个一起做（--continuous-batching）。单位是单独一个回答的时间，另外量的。",
        note_en="Time to first token: by the length of prompt and answer; 1 to 8 requests at once "
        "or spread, one by one and several together (--continuous-batching). The unit is an answer "
        "alone, measured apart.",
    )


if __name__ == "__main__":
    main()
