"""What the page `serving-failures` includes: asking with care, a server that fails on command."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import openai


def ask(url: str, model: str, messages: list[dict[str, str]], **patience: Any) -> str:
    """The answer, or what went wrong."""
    with openai.OpenAI(base_url=url, api_key="none", **patience) as client:
        try:
            settings: Any = {"model": model, "messages": messages, "max_tokens": 9}
            answer = client.chat.completions.create(**settings, temperature=0)
            return answer.choices[0].message.content or ""
        except openai.APIStatusError as error:  # the server answered: no
            return f"{error.status_code} {error.response.text}"
        except openai.APITimeoutError:  # before the next, of which it is a kind
            return "nothing came in time"
        except openai.APIConnectionError:
            return "no connection"


class Faulty(ThreadingHTTPServer):
    """A server that does what ``script`` says, one entry a request, and notes when each came.

    An entry is "ok", a status with headers such as ``(429, {"Retry-After": "1"})``, "stall" (accept
    and send nothing), "lost" (break the connection before the answer), "drip" (a stream of slow
    pieces), "cut" (a stream whose connection breaks) or "short" (a stream that ends too early, but
    politely). The last entry repeats.
    """

    daemon_threads = True

    def __init__(self, *script: Any) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.script, self.arrivals, self.keys = script, [], []
        self.over = threading.Event()
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
        self.server.keys.append(self.headers.get("Idempotency-Key"))
        script = self.server.script
        entry = script[min(len(self.server.arrivals), len(script)) - 1]
        if entry == "stall":
            self.server.over.wait(60)
        elif entry == "lost":
            self.close_connection = True
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
        for text in ("It", *" wor", "ks.") if entry == "drip" else ("It", " works."):
            time.sleep(0.25 if entry == "drip" else 0)
            self.piece({"delta": {"content": text}, "finish_reason": None})
        if entry in ("ok", "drip"):
            self.piece({"delta": {}, "finish_reason": "stop"})
        self.wfile.write(b"ff\r\n" if entry == "cut" else b"0\r\n\r\n")

    def piece(self, choice: dict[str, Any]) -> None:
        data = f"data: {json.dumps({'choices': [choice]})}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, format: str, *args: Any) -> None:
        """Not a word."""
