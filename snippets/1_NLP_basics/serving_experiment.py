"""For the page `serving`: how long many readers at once wait, and how fast they are served.

    python snippets/1_NLP_basics/serving_experiment.py

asks two servers of the same model, one by one and with continuous batching, and writes
docs/assets/results/serving.json. Some minutes; the waits are true on an idle machine only.
"""

import contextlib
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from wode.book import results
from wode.files.gguf import local_model
from wode.files.hub import SMOLLM2
from wode.serving.client import Endpoint, stream
from wode.serving.server import serve

COUNTS = [1, 2, 4, 8]
TOKENS, REPEATS = 32, 5
Runs = dict[str, list[list[float]]]  # kind of server → (repeats, counts)
ANIMALS = ["cat", "dog", "horse", "bear", "wolf", "fox", "owl", "whale"]


def one(endpoint: Endpoint, animal: str) -> tuple[float, str]:
    """Stream one answer: seconds to its first piece, and its text."""
    messages = [{"role": "user", "content": f"Write a long story about a {animal}."}]
    begin, first, pieces = time.perf_counter(), 0.0, []
    for text in stream(endpoint, messages, TOKENS, temperature=0):
        first = first or time.perf_counter() - begin
        pieces.append(text)
    return first, "".join(pieces)


def together(endpoint: Endpoint, count: int) -> tuple[float, float, list[str]]:
    """``count`` requests at once: the median time to the first piece, tokens a second, texts."""
    begin = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(lambda animal: one(endpoint, animal), ANIMALS[:count]))
    seconds = time.perf_counter() - begin
    first = statistics.median(answer[0] for answer in answers)
    return first, count * TOKENS / seconds, [answer[1] for answer in answers]


def summary(firsts: Runs, rates: Runs) -> dict[str, Any]:
    """Waits in units of one answer, and how many times as fast the batched server is.

    The unit is the time of one answer of the one-by-one server in the same repeat, with the same
    number of requests: what else the machine does in the meantime slows both.
    """
    alone = [[TOKENS / rate for rate in row] for row in rates["one_by_one"]]  # seconds an answer
    waits = {
        kind: [
            [first / unit for first, unit in zip(row, units, strict=True)]
            for row, units in zip(rows, alone, strict=True)
        ]
        for kind, rows in firsts.items()
    }
    faster = [
        [batched / one for batched, one in zip(*rows, strict=True)]
        for rows in zip(rates["batched"], rates["one_by_one"], strict=True)
    ]
    return {
        "wait": waits,
        "faster": faster,
        "wait_median": {kind: medians(rows) for kind, rows in waits.items()},
        "faster_median": medians(faster),
    }


def medians(rows: list[list[float]]) -> list[float]:
    return [statistics.median(values) for values in zip(*rows, strict=True)]


def main() -> None:
    folder = local_model(SMOLLM2)
    kinds = {"one_by_one": [], "batched": ["--continuous-batching"]}
    firsts: Runs = {kind: [] for kind in kinds}
    rates: Runs = {kind: [] for kind in kinds}
    texts = {}
    with contextlib.ExitStack() as held:
        ends = {}
        for kind, options in kinds.items():
            server = held.enter_context(serve(folder, SMOLLM2, options=options))
            ends[kind] = Endpoint(server.url, server.model, timeout=300)
            one(ends[kind], "mouse")  # the first answer pays for what is prepared once
        for _ in range(REPEATS):
            for kind, end in ends.items():
                rows = [together(end, count) for count in COUNTS]
                firsts[kind].append([row[0] for row in rows])
                rates[kind].append([row[1] for row in rows])
                texts[kind] = rows[-1][2]
    numbers = {
        "counts": COUNTS,
        "tokens": TOKENS,
        "repeats": REPEATS,
        "same_texts": sum(a == b for a, b in zip(*texts.values(), strict=True)),
        "texts": len(ANIMALS),
        **summary(firsts, rates),
    }
    write(numbers)


def write(numbers: dict[str, Any]) -> None:
    results.write(
        "serving",
        numbers,
        command="python snippets/1_NLP_basics/serving_experiment.py",
        note_zh="同时 1 到 8 个请求，逐个处理与连续批处理：等第一片多久，快几倍。",
        note_en="1 to 8 requests at once, one by one against continuous batching: the wait for the "
        "first piece, and how many times as fast.",
    )


if __name__ == "__main__":
    main()
