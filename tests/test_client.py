"""wode.serving.client against a server that fails on command: clear failures, no key is told."""

import functools
import http.client
import importlib.util
import io
import itertools
import json
import logging
import os
import random
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import pytest

from wode.serving.client import (
    Endpoint,
    EndpointError,
    backoff,
    chat,
    check_length,
    complete,
    models,
    stream,
)

ROOT = Path(__file__).parents[1]
SNIPPET = ROOT / "snippets" / "1_NLP_basics" / "serving.py"
ONCE = {"choices": [{"delta": {"content": "Once"}, "finish_reason": None}]}
MESSAGES = [{"role": "user", "content": "Hello"}]
KEY = "sk-secret-0123456789abcdefXYZ"


def load() -> Any:
    spec = importlib.util.spec_from_file_location("serving_snippet", SNIPPET)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


snippet = load()
Faulty = snippet.Faulty


def fails(endpoint: Endpoint, ask: Any = chat) -> EndpointError:
    def whole():
        return list(stream(endpoint, MESSAGES)) if ask is stream else ask(endpoint, MESSAGES)

    with pytest.raises(EndpointError) as info:
        whole()
    assert info.value.__context__ is None and info.value.__cause__ is None
    return info.value


# ---------------------------------------------------------------- retries and their pauses


@pytest.mark.parametrize("statuses", [[], [500], [503, 500], [429], [408]])
def test_what_passes_by_itself_is_tried_again_and_counted(statuses):
    with Faulty(*[(code, {}) for code in statuses], "ok") as server:
        reply = chat(Endpoint(server.url, "m"), MESSAGES)
    assert reply.text == "It works." and reply.finish == "stop"
    assert reply.retries == len(statuses) == len(server.arrivals) - 1
    pauses = [b - a for a, b in itertools.pairwise(server.arrivals)]
    assert all(pause > backoff(n, 1.0) for n, pause in enumerate(pauses))


def test_the_pauses_are_the_clients_own(monkeypatch):
    """The formula on the page against what the client asks of time.sleep, jitter included."""
    pauses = []
    monkeypatch.setattr(time, "sleep", pauses.append)  # 52 seconds in all
    random.seed(7)
    with Faulty((503, {})) as server:
        fails(Endpoint(server.url, "m", retries=10))
    random.seed(7)
    assert pauses == pytest.approx([backoff(n, random.random()) for n in range(10)], rel=1e-12)
    assert backoff(0, 0.0) == 0.5 and backoff(3, 0.0) == 4.0 and backoff(20, 0.0) == 8.0


def test_a_server_that_names_its_pause_gets_it():
    with Faulty((429, {"Retry-After": "1"}), "ok") as server:
        assert chat(Endpoint(server.url, "m"), MESSAGES).retries == 1
    assert server.arrivals[1] - server.arrivals[0] >= 1.0


def test_a_pause_of_many_minutes_is_not_waited_for():
    with Faulty((429, {"Retry-After": "600"})) as server:
        error = fails(Endpoint(server.url, "m"))
    assert len(server.arrivals) == 1
    assert "(429, 1 try); it asks for a pause of 600 s" in str(error)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422])
def test_what_will_not_pass_is_not_tried_again(code):
    with Faulty((code, {})) as server:
        fails(Endpoint(server.url, "m"))
    assert len(server.arrivals) == 1


# ---------------------------------------------------------------- what each failure says


@pytest.mark.parametrize("ask", [chat, stream])
@pytest.mark.parametrize(
    ("script", "says"),
    [
        ((500, {}), "failed (500, 1 try): look into the server's log. It said: scripted 500"),
        ((429, {"Retry-After": "7"}), "(429, 1 try); it asks for a pause of 7 s: send fewer"),
        ((429, {}), "(429, 1 try): send fewer at once, or later"),
        ((401, {}), "refused the key (401): set OPENAI_API_KEY"),
        ((403, {}), "refused the key (403): set OPENAI_API_KEY"),
        ((404, {}), "has no such page (404): does the address end in /v1?"),
        ((422, {}), "refused the request (422): scripted 422"),
    ],
)
def test_a_status_says_what_to_do(ask, script, says):
    with Faulty(script) as server:
        error = fails(Endpoint(server.url, "m", retries=0), ask)
    assert says in str(error) and server.url in str(error) and error.partial == ""


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("The model `m` does not exist", "does not serve 'm' (400): set OPENAI_MODEL to one of"),
        ("This model's maximum context length is 8192 tokens", "the prompt is too long for m"),
        ("prompt is too long: 9000 tokens", "the prompt is too long for m"),
    ],
)
def test_a_refusal_is_understood_by_its_words(said, means, monkeypatch):
    for body in ({"error": {"message": said}}, {"detail": said}):
        answer = functools.partialmethod(snippet.Answer.send, 400, {}, body)
        monkeypatch.setattr(snippet.Answer, "do_POST", answer)
        with Faulty() as server:
            assert means in str(fails(Endpoint(server.url, "m")))


def test_nobody_there():
    error = fails(Endpoint("http://127.0.0.1:9/v1", "m", retries=1))
    assert str(error) == (
        "cannot reach http://127.0.0.1:9/v1 (2 tries): does the server run, "
        "is OPENAI_BASE_URL its address?"
    )
    with pytest.raises(EndpointError, match="cannot reach"):
        models(Endpoint("http://127.0.0.1:9/v1", "m", retries=0))


@pytest.mark.parametrize(("ask", "retries"), [(chat, 0), (chat, 1), (stream, 0)])
def test_a_stall_ends_after_the_timeout_times_the_tries(ask, retries):
    with Faulty("stall") as server:
        begin = time.monotonic()
        error = fails(Endpoint(server.url, "m", timeout=0.3, retries=retries), ask)
        seconds = time.monotonic() - begin
    assert (
        f"sent nothing for 0.3 s ({'2 tries' if retries else '1 try'}): give it a longer timeout"
        in str(error)
    )
    assert len(server.arrivals) == retries + 1
    assert seconds >= 0.3 * (retries + 1)


@pytest.mark.parametrize("entry", ["cut", "short"])
def test_half_a_stream_is_an_error_with_the_half_that_came(entry):
    with Faulty(entry) as server:
        got: list[str] = []
        with pytest.raises(EndpointError) as info:
            got.extend(stream(Endpoint(server.url, "m", retries=2), MESSAGES))
    assert got == ["It", " works."] and info.value.partial == "It works."
    assert "9 characters had come, and the rest is lost; ask again" in str(info.value)
    assert ("without a finish_reason" in str(info.value)) == (entry == "short")
    assert len(server.arrivals) == 1, "half an answer must not be asked for again in secret"


def test_a_stall_in_the_middle_of_a_stream(monkeypatch):
    def pause(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(f"data: {json.dumps(ONCE)}\n\n".encode())
        self.server.over.wait(60)

    monkeypatch.setattr(snippet.Answer, "do_POST", pause)
    with Faulty() as server:
        error = fails(Endpoint(server.url, "m", timeout=2), stream)
    assert f"the stream broke ({server.url} sent nothing for 2 s)" in str(error)
    assert error.partial == "Once"


@pytest.mark.parametrize(
    "body",
    [b"<html>log in</html>", b"{", b"[]", b"{}", b'{"choices": []}', b"null", b'{"choices": null}'],
)
@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_what_is_no_answer_at_all(body, kind, monkeypatch):
    def answer(self):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    monkeypatch.setattr(snippet.Answer, "do_POST", answer)
    with Faulty() as server:
        for ask in (chat, lambda endpoint, _: complete(endpoint, "Hello")):
            error = fails(Endpoint(server.url, "m", retries=0), ask)
            assert "sent what is no answer of this interface" in str(error)
        assert server.url in str(fails(Endpoint(server.url, "m", retries=0), stream))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'data: {"error": "out of memory"}\n\n', "out of memory"),
        (b'data: {"error": {"message": "overloaded"}}\n\n', "overloaded"),
        (b"data: {nonsense\n\n", "the stream broke"),
        (b'data: {"choices": null}\n\n', "the stream broke"),
    ],
)
def test_an_error_inside_a_stream(data, says, monkeypatch):
    def answer(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(f"data: {json.dumps(ONCE)}\n\n".encode() + data)

    monkeypatch.setattr(snippet.Answer, "do_POST", answer)
    with Faulty() as server:
        error = fails(Endpoint(server.url, "m", retries=0), stream)
    assert says in str(error) and error.partial == "Once"


def test_a_whole_stream():
    with Faulty("ok") as server:
        assert list(stream(Endpoint(server.url, "m"), MESSAGES)) == ["It", " works."]
        assert models(Endpoint(server.url, "m")) == ["faulty"]


def test_half_of_a_whole_answer(monkeypatch):
    def answer(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"choices": [')

    monkeypatch.setattr(snippet.Answer, "do_POST", answer)
    with Faulty() as server:
        assert server.url in str(fails(Endpoint(server.url, "m", retries=0)))


# ---------------------------------------------------------------- settings, lengths


class Letters:
    """A tokenizer with one token a character."""

    model_max_length = 20

    def apply_chat_template(self, messages, **_):
        return {"input_ids": [ord(c) for m in messages for c in m["content"]]}


def test_a_prompt_that_does_not_fit_is_refused_before_it_is_sent():
    assert check_length(Letters(), MESSAGES, 15) == 5
    with pytest.raises(EndpointError) as info:
        check_length(Letters(), MESSAGES, 18)
    assert str(info.value) == (
        "the prompt has 5 tokens and 18 are to follow, the model has room for 20: "
        "shorten the prompt by 3 tokens"
    )
    assert check_length(Letters(), MESSAGES, 18, limit=23) == 5


def test_the_environment_names_an_endpoint():
    given = {"OPENAI_BASE_URL": "https://example.org/v1", "OPENAI_MODEL": "m"}
    assert Endpoint.from_environment(given).key == "none"
    endpoint = Endpoint.from_environment(given | {"OPENAI_API_KEY": f" {KEY}\n"})
    assert (endpoint.url, endpoint.model, endpoint.key) == ("https://example.org/v1", "m", KEY)
    for name in given:
        with pytest.raises(EndpointError, match=f"set {name}: the server's address"):
            Endpoint.from_environment({k: v for k, v in given.items() if k != name})


@pytest.mark.parametrize("url", ["127.0.0.1:8000/v1", "ftp://a/v1", "", "http://"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="expected an address such as"):
        Endpoint(url, "m")


# ---------------------------------------------------------------- the key is told to nobody


@pytest.mark.parametrize("key", [f"{KEY}\nX: y", f"{KEY} ", "", f"密{KEY}", f"{KEY}\x00"])
def test_a_key_that_no_header_may_hold_is_refused_without_telling_it(key):
    with pytest.raises(ValueError, match="OPENAI_API_KEY must hold the key alone") as info:
        Endpoint("http://127.0.0.1:9/v1", "m", key)
    assert KEY not in "".join(traceback.format_exception(info.value))


def test_an_address_with_a_password_is_refused_without_telling_it():
    for url in (f"http://me:{KEY}@127.0.0.1/v1", f"http://127.0.0.1/v1?api-key={KEY}"):
        with pytest.raises(ValueError, match="a key has its own variable") as info:
            Endpoint(url, "m")
        assert KEY not in "".join(traceback.format_exception(info.value))


def every_failure(monkeypatch) -> list[EndpointError]:
    """One error of each kind, from a server that repeats the key in all it says."""

    def tell(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        token = self.headers["Authorization"]
        assert token == f"Bearer {KEY}", "the key must reach the server"
        self.send(int(self.path.split("/")[1]), {}, {"error": {"message": token}})

    errors = []
    with monkeypatch.context() as patch:
        patch.setattr(snippet.Answer, "do_POST", tell)
        with Faulty() as server:
            for code in (400, 401, 403, 404, 409, 422, 429, 500):
                address = server.url.replace("/v1", f"/{code}/v1")
                for ask in (chat, stream):
                    errors.append(fails(Endpoint(address, "m", KEY, retries=0), ask))
    for entry in ("stall", "cut", "short"):
        with Faulty(entry) as server:
            errors.append(fails(Endpoint(server.url, "m", KEY, 0.3, 0), stream))
    errors.append(fails(Endpoint("http://127.0.0.1:9/v1", "m", KEY, retries=0)))
    return errors


def test_the_key_is_in_no_error_representation_or_log(monkeypatch):
    endpoint = Endpoint("http://127.0.0.1:9/v1", "m", KEY)
    assert KEY not in repr(endpoint) and KEY not in str(endpoint)
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        errors = every_failure(monkeypatch)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    assert len(errors) == 20
    for error in errors:
        seen: list[BaseException | None] = [error, error.__cause__, error.__context__]
        for one in filter(None, seen):
            assert KEY not in "".join(traceback.format_exception(one)) + repr(vars(one))
    assert "[key]" in "".join(map(str, errors)), "the server did repeat it"
    assert KEY not in heard.getvalue() and "127.0.0.1" in heard.getvalue()


CHILD = """
import os, sys
from wode.serving.client import Endpoint, EndpointError, chat, stream
endpoint = Endpoint.from_environment()
print(endpoint)
messages = [{"role": "user", "content": "Hello"}]
try:
    chat(endpoint, messages)
except EndpointError as error:
    print(error)
list(stream(endpoint, messages))  # ends with a traceback
"""


def test_a_whole_run_leaves_no_key_in_output_or_files(tmp_path):
    """Everything on: debug logs, a traceback, and a folder for whatever might be written."""
    with Faulty((401, {"X": KEY})) as server:
        result = subprocess.run(
            [sys.executable, "-X", "dev", "-c", CHILD],
            cwd=tmp_path,
            env=os.environ
            | {
                "OPENAI_BASE_URL": server.url,
                "OPENAI_API_KEY": KEY,
                "OPENAI_MODEL": "m",
                "OPENAI_LOG": "debug",
                "HOME": str(tmp_path),
                "TMPDIR": str(tmp_path),
                "XDG_CACHE_HOME": str(tmp_path),
                "PYTHONPATH": str(ROOT),
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 1
    assert "refused the key (401)" in result.stdout
    assert "EndpointError" in result.stderr and "DEBUG" in result.stderr
    assert KEY not in result.stdout + result.stderr
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes()


def test_a_proxy_is_not_asked_for_what_is_on_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Faulty("ok") as server:
        assert chat(Endpoint(server.url, "m", retries=0), MESSAGES).text == "It works."


def test_the_faulty_server_is_gone_after_its_block():
    with Faulty("ok") as server:
        port = server.server_port
    with pytest.raises(OSError, match="refused"):
        http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
