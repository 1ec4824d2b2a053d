"""For the page `serving-failures`: what the client does when a server fails, measured.

    python snippets/1_NLP_basics/serving_failures_experiment.py

measures the pauses of real clients, a crowd that is refused at once, what a real server computes
for clients that have given up, and whether it refuses what is too long; writes
docs/assets/results/serving_failures.json. Some minutes; a run that was stopped goes on.
"""

import asyncio
import itertools
import json
import multiprocessing
import random
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from wode.book import results
from wode.book.kept import Kept
from wode.files.gguf import local_model
from wode.files.hub import SMOLLM2
from wode.serving.client import backoff
from wode.serving.server import serve

CLIENTS, RETRIES = 20, 4  # real clients, and how often each asks again
CROWD, SLOTS, BUSY = 100, 10, 0.1  # of a crowd, 10 are served at a time, 0.1 s each
JITTERS = {"none": 0.0, "quarter": 0.25, "full": 1.0}  # the share of the pause that is random
SEEDS, WINDOW = 5, 0.02


# ---------------------------------------------------------------- the pauses of real clients


class Door(ThreadingHTTPServer):
    """Lets a crowd in at once; the usual five that may wait would delay the others by seconds."""

    request_queue_size, daemon_threads = 128, True


class Refuses(BaseHTTPRequestHandler):
    """503 to all, and a note of who came when."""

    server: Any

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.came[asked["user"]].append(time.monotonic())
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Not a word."""


def pauses() -> list[list[float]]:
    """Of each of 20 clients, the seconds between its requests as the server saw them."""
    import openai

    server: Any = Door(("127.0.0.1", 0), Refuses)
    server.came = defaultdict(list)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/v1"

    def ask(name: int) -> None:
        with openai.OpenAI(base_url=url, api_key="none", max_retries=RETRIES) as client:
            try:
                client.chat.completions.create(model="m", messages=[], user=str(name))
            except openai.InternalServerError:
                return

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(ask, range(CLIENTS)))
    server.shutdown()
    server.server_close()
    return [[b - a for a, b in itertools.pairwise(t)] for t in server.came.values()]


# ---------------------------------------------------------------- a crowd that is refused at once


def crowd_server(pipe: Any) -> None:
    """Serve SLOTS requests at a time, refuse the others; in a process of its own."""
    busy = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal busy
        while await reader.readline():
            if busy >= SLOTS:
                writer.write(b"503\n")
                continue
            busy += 1
            await asyncio.sleep(BUSY)
            busy -= 1
            writer.write(b"200\n")
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.sleep(1e6)

    asyncio.run(main())


async def crowd(port: int, jitter: float, seed: int) -> dict[str, Any]:
    """CROWD clients ask at once and go on until they are served."""
    draw = random.Random(seed)
    began, sent, tries = 0.0, [], []

    async def client(connection: Any) -> None:
        reader, writer = connection
        for attempt in range(100):
            sent.append(time.monotonic() - began)
            writer.write(b"?\n")
            if await reader.readline() == b"200\n":
                tries.append((attempt + 1, time.monotonic() - began))
                break
            # the client's formula takes a quarter of u off; four times u takes all of it off
            await asyncio.sleep(backoff(attempt, 4 * jitter * draw.random()))
        writer.close()

    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CROWD)]
    began = time.monotonic()
    await asyncio.gather(*[client(connection) for connection in connections])
    later = sorted(moment for moment in sent if moment > 0.1)  # the retries
    peak = max(sum(a <= b < a + WINDOW for b in later) for a in later)
    return {
        "peak": peak,
        "served": sum(n <= 3 for n, _ in tries) / CROWD,  # by the client's two retries
        "requests": len(sent),
        "seconds": max(seconds for _, seconds in tries),
        "sent": [round(moment, 3) for moment in sorted(sent)],
    }


def crowds(kept: Kept) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=crowd_server, args=(there,), daemon=True)
    process.start()
    port, found = here.recv(), {}
    for name, jitter in JITTERS.items():
        runs = [
            kept(f"crowd {name}", lambda seed, j=jitter: asyncio.run(crowd(port, j, seed)), seed)
            for seed in range(SEEDS)
        ]
        keys = ("peak", "served", "requests", "seconds")
        found[name] = {key: [run[key] for run in runs] for key in keys} | {
            "sent": [moment for moment in runs[0]["sent"] if moment < 4],
            "median": {key: statistics.median(run[key] for run in runs) for key in keys},
        }
    process.kill()
    return found


# ---------------------------------------------------------------- a server works on for nobody


def for_nobody() -> dict[str, float]:
    """Processor seconds of the server: an answer; one given up after three tries; one closed."""
    import openai
    import psutil

    long = [{"role": "user", "content": "Write a long story about a cat."}]
    asked: dict[str, Any] = {"model": SMOLLM2, "max_tokens": 40, "temperature": 0}
    found = {}
    with (
        serve(local_model(SMOLLM2), SMOLLM2) as server,
        openai.OpenAI(base_url=server.url, api_key="none") as client,
    ):
        create: Any = client.chat.completions.create
        hasty = client.with_options(timeout=0.2, max_retries=2)
        impatient: Any = hasty.chat.completions.create
        process = psutil.Process(server.process.pid)

        def once() -> None:
            create(messages=long, **asked)

        def given_up() -> None:
            try:
                impatient(messages=long, **asked)
            except openai.APITimeoutError:
                return

        def closed() -> None:
            pieces: Any = create(messages=long, stream=True, **asked)
            next(pieces), next(pieces)
            pieces.close()

        once()
        for do in (once, given_up, closed):
            before = sum(process.cpu_times()[:2])
            do()
            create(messages=long, **asked | {"max_tokens": 1})  # it comes after all of the others
            found[do.__name__] = sum(process.cpu_times()[:2]) - before
    return found


# ---------------------------------------------------------------- longer than it can read


def too_long() -> dict[str, int]:
    """A model whose configuration says 64 positions, a longer prompt: does the server say no?"""
    import openai

    with tempfile.TemporaryDirectory() as place:
        for entry in Path(local_model(SMOLLM2)).iterdir():
            (Path(place) / entry.name).symlink_to(entry)
        config = Path(place) / "config.json"
        told = json.loads(config.read_text(encoding="utf-8")) | {"max_position_embeddings": 64}
        config.unlink()
        config.write_text(json.dumps(told), encoding="utf-8")
        words: Any = [{"role": "user", "content": "word " * 100}]
        with (
            serve(place, SMOLLM2) as server,
            openai.OpenAI(base_url=server.url, api_key="none", max_retries=0) as client,
        ):
            try:
                answer = client.chat.completions.create(
                    model=SMOLLM2, messages=words, max_tokens=4, temperature=0
                )
            except openai.APIStatusError as error:
                return {"limit": 64, "prompt": 0, "status": error.status_code}
            prompt = answer.usage.prompt_tokens if answer.usage else 0
            return {"limit": 64, "prompt": prompt, "status": 200}


def main() -> None:
    kept = Kept(results.ROOT / "build" / "serving_failures.jsonl")
    gaps = kept("pauses", pauses)
    doubled = [0.5 * 2**n for n in range(RETRIES)]
    shares = [[gap / full for gap, full in zip(row, doubled, strict=True)] for row in gaps]
    columns = list(zip(*shares, strict=True))
    found = {
        "clients": CLIENTS,
        "pauses": [[min(column), max(column)] for column in columns],
        "least": min(min(column) for column in columns),
        "most": max(max(column) for column in columns),
        "crowd": CROWD,
        "window": WINDOW,
        "crowds": crowds(kept),
    }
    runs = [kept("for nobody", lambda _: for_nobody(), repeat) for repeat in range(3)]
    found["nobody"] = {
        name: statistics.median(run[name] / run["once"] for run in runs) for name in runs[0]
    }
    found["nobody_runs"] = runs
    found["too_long"] = kept("too long", too_long)
    write(found)
    kept.finish()


def write(numbers: dict[str, Any]) -> None:
    results.write(
        "serving_failures",
        numbers,
        command="python snippets/1_NLP_basics/serving_failures_experiment.py",
        note_zh="客户端重试的间隔；一百个客户端同时被拒；服务器替放弃的人白算多少；太长的提示。",
        note_en="The pauses of a client; a hundred clients refused at once; what a server computes "
        "for those who gave up; a prompt that is too long.",
    )


if __name__ == "__main__":
    main()
