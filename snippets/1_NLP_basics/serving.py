"""Serving: a server that fails on command, and how long many readers at once wait.

``python snippets/1_NLP_basics/serving.py`` measures and writes docs/assets/results/serving.json.
"""

import contextlib
import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from wode.book import results
from wode.files.gguf import local_model
from wode.serving.client import Endpoint, stream
from wode.serving.server import serve


class Faulty(ThreadingHTTPServer):
    """A server that does what ``script`` says, one entry a request, and notes when each came.

    An entry is "ok", a status with headers such as ``(429, {"Retry-After": "1"})``, "stall" (accept
    and send nothing), "cut" (a stream whose connection breaks) or "short" (a stream that ends too
    early, but politely). The last entry repeats.
    """

    daemon_threads = True

    def __init__(self, *script: Any) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.script, self.arrivals, self.over = script, [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_port}/v1"

    def __enter__(self) -> "Faulty":
        self.thread = threading.Thread(target=self.serve_forever, args=[0.01])
        self.thread.start()
        return self

    def __exit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        self.over.set()  # whoever stalls stops stalling
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class Answer(BaseHTTPRequestHandler):
    """One request to a `Faulty` server."""

    server: Any  # the Faulty that it answers for

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.arrivals.append(time.monotonic())
        script = self.server.script
        entry = script[min(len(self.server.arrivals), len(script)) - 1]
        if entry == "stall":
            self.server.over.wait(60)
        elif isinstance(entry, tuple):
            self.send(entry[0], entry[1], {"error": {"message": f"scripted {entry[0]}"}})
        elif asked.get("stream"):
            self.pieces(entry)
        else:
            choice = {"message": {"content": "It works."}, "finish_reason": "stop"}
            self.send(200, {}, {"choices": [choice]})

    def do_GET(self) -> None:
        self.send(200, {}, {"data": [{"id": "faulty"}]})

    def send(self, status: int, headers: dict[str, str], content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def pieces(self, entry: str) -> None:
        """A stream of chunks; for "cut" one more is announced and never comes."""
        self.protocol_version, self.close_connection = "HTTP/1.1", True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for text in ("It", " works."):
            self.piece({"delta": {"content": text}, "finish_reason": None})
        if entry == "ok":
            self.piece({"delta": {}, "finish_reason": "stop"})
        self.wfile.write(b"ff\r\n" if entry == "cut" else b"0\r\n\r\n")

    def piece(self, choice: dict[str, Any]) -> None:
        data = f"data: {json.dumps({'choices': [choice]})}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, format: str, *args: Any) -> None:
        """Not a word."""


# ---------------------------------------------------------------- the experiment

SMOLLM = "HuggingFaceTB/SmolLM2-135M-Instruct"
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
    folder = local_model(SMOLLM)
    kinds = {"one_by_one": [], "batched": ["--continuous-batching"]}
    firsts: Runs = {kind: [] for kind in kinds}
    rates: Runs = {kind: [] for kind in kinds}
    texts = {}
    with contextlib.ExitStack() as held:
        ends = {}
        for kind, options in kinds.items():
            server = held.enter_context(serve(folder, SMOLLM, options=options))
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
        command="python snippets/1_NLP_basics/serving.py",
        note_zh="同时 1 到 8 个请求，逐个处理与连续批处理：等第一片多久，快几倍。",
        note_en="1 to 8 requests at once, one by one against continuous batching: the wait for the "
        "first piece, and how many times as fast.",
    )


if __name__ == "__main__":
    main()
