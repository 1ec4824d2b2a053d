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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wode.serving import client
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
SNIPPET = ROOT / "snippets" / "1_NLP_basics" / "serving_failures.py"
ONCE = {"choices": [{"delta": {"content": "Once"}, "finish_reason": None}]}
MESSAGES = [{"role": "user", "content": "Hello"}]
KEY = "sk-secret-0123456789abcdefXYZ"


def load(path: Path = SNIPPET) -> Any:
    spec = importlib.util.spec_from_file_location("serving_snippet", path)
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
        ((403, {}), "refused access (403): may this key, from here, use m? It said: scripted 403"),
        ((404, {}), "has no such page (404): does the address end in /v1?"),
        ((422, {}), "refused the request (422). It said: scripted 422"),
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


# ---------------------------------------------------------------- max_tokens, or its newer name

OPENAI = {
    "message": "Unsupported parameter: 'max_tokens' is not supported with this model. "
    "Use 'max_completion_tokens' instead.",
    "type": "invalid_request_error",
    "param": "max_tokens",
    "code": "unsupported_parameter",
}
FORBIDDEN = {
    "type": "extra_forbidden",
    "loc": ["body", "max_completion_tokens"],
    "msg": "Extra inputs are not permitted",
    "input": 64,
}
#: (what is refused, status, body), as services send them.
REFUSALS: dict[str, tuple[str, int, Any]] = {
    "OpenAI": ("max_tokens", 400, {"error": OPENAI}),
    "copilot": (
        "max_tokens",
        400,
        {"error": {"message": OPENAI["message"], "code": "invalid_request_body"}},
    ),
    "Gemini": ("max_tokens", 400, [{"error": {"message": "'max_tokens' is not supported"}}]),
    "FastAPI": ("max_completion_tokens", 422, {"detail": [FORBIDDEN]}),
    "Mistral": (
        "max_completion_tokens",
        422,
        {"object": "error", "message": {"detail": [FORBIDDEN]}, "param": None, "code": None},
    ),
    "vLLM": (
        "max_completion_tokens",
        400,
        {"object": "error", "message": str([FORBIDDEN]), "type": "BadRequestError", "code": 400},
    ),
    "Azure": (
        "max_completion_tokens",
        400,
        {"error": {"message": "Unrecognized request argument supplied: max_completion_tokens"}},
    ),
    "a hint": (
        "max_tokens",
        400,
        {"error": {"message": "`max_tokens` is deprecated, use `max_completion_tokens`"}},
    ),
    "a word": ("max_completion_tokens", 400, {"error": "unknown field `max_completion_tokens`"}),
}


@pytest.fixture
def picky(monkeypatch) -> Iterator[Any]:
    """A server that refuses requests with the field ``refused``; ``asked`` holds all that came."""

    def answer(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        if found := [body for name, body in self.server.refused.items() if name in asked]:
            return self.send(*found[0])
        if asked.get("stream"):
            return self.pieces("ok")
        choice = {"message": {"content": "It works."}, "text": "So it does."}
        return self.send(200, {}, {"choices": [choice | {"finish_reason": "stop"}]})

    monkeypatch.setattr(snippet.Answer, "do_POST", answer)
    monkeypatch.setattr(client, "LENGTHS", {})
    with Faulty() as server:
        server.asked, server.refused = [], {}
        yield server


@pytest.mark.parametrize("ask", [chat, stream])
@pytest.mark.parametrize("service", REFUSALS)
def test_the_length_goes_under_the_name_that_a_service_takes(ask, service, picky):
    refused, status, body = REFUSALS[service]
    other = {"max_tokens": client.NEWER, client.NEWER: "max_tokens"}[refused]
    endpoint = Endpoint(picky.url, "m", retries=0)
    client.LENGTHS[endpoint.url, "m"] = refused  # of the newer name: it took that one before
    picky.refused = {refused: (status, {}, body)}
    for _ in range(2):  # the second time it is known
        answer = ask(endpoint, MESSAGES, 7, temperature=0)
        assert (answer.text if ask is chat else "".join(answer)) == "It works."
    sent = [{name: value for name, value in one.items() if "tokens" in name} for one in picky.asked]
    assert sent == [{refused: 7}, {other: 7}, {other: 7}]
    assert all(one["messages"] == MESSAGES and one["temperature"] == 0 for one in picky.asked)


def test_another_model_of_the_service_is_asked_anew(picky):
    picky.refused = {"max_tokens": (400, {}, {"error": OPENAI})}
    for model in ("new", "old"):
        chat(Endpoint(picky.url, model), MESSAGES)
    assert [one["model"] for one in picky.asked] == ["new", "new", "old", "old"]
    chat(Endpoint(picky.url, "new"), MESSAGES, max_completion_tokens=5)
    assert picky.asked[-1]["max_completion_tokens"] == 5 and "max_tokens" not in picky.asked[-1]


def test_a_service_that_takes_neither_name_is_quoted_on_both(picky):
    said = "Unrecognized request argument supplied: max_completion_tokens"
    picky.refused = {
        "max_tokens": (400, {}, {"error": OPENAI}),
        "max_completion_tokens": (400, {}, {"error": {"message": said}}),
    }
    for ask in (chat, stream):
        error = fails(Endpoint(picky.url, "m"), ask)
        assert "refused the request (400). It said: " + said in str(error)
        assert f"before, of max_tokens: {OPENAI['message']}" in str(error)
        assert "OPENAI_MODEL" not in str(error)
    assert len(picky.asked) == 4 and not client.LENGTHS


def test_a_refusal_of_another_parameter_is_not_asked_again(picky):
    said = "'n' is not supported together with 'max_tokens'"
    picky.refused = {"max_tokens": (400, {}, {"error": {"message": said, "param": "n"}})}
    for ask in (chat, stream):
        assert said in str(fails(Endpoint(picky.url, "m", retries=0), ask))
    assert len(picky.asked) == 2


def test_completions_know_the_old_name_only(picky):
    picky.refused = {"max_tokens": (400, {}, {"error": OPENAI})}
    error = fails(Endpoint(picky.url, "m"), lambda endpoint, _: complete(endpoint, "Hello"))
    assert OPENAI["message"] in str(error) and len(picky.asked) == 1
    picky.refused = {}
    assert complete(Endpoint(picky.url, "m"), "Hello", 5).text == "So it does."


@pytest.mark.parametrize(
    "message",
    [
        "max_tokens is too large: 100000. This model supports at most 4096 completion tokens.",
        "This model's maximum context length is 8192 tokens, reduce max_tokens",
        "Unsupported value: 'temperature' does not support 0 with this model.",
        "Unrecognized request argument supplied: seed",
    ],
)
def test_another_refusal_is_not_tried_with_the_other_name(message, picky):
    picky.refused = {"model": (400, {}, {"error": {"message": message}})}
    assert message in str(fails(Endpoint(picky.url, "m")))
    assert len(picky.asked) == 1


# ---------------------------------------------------------------- the service's own words


@pytest.fixture(scope="module")
def told() -> Iterator[Any]:
    """A server that answers with its ``said``: a status, a type and a body."""

    import openai

    def tell(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status, kind, body = self.server.said
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    # to read the certificates takes 0.1 s for each client, and nothing here asks for them
    quick = functools.partial(openai.DefaultHttpxClient, verify=False)
    with Faulty() as server, pytest.MonkeyPatch.context() as patch:
        server.RequestHandlerClass = type("Told", (snippet.Answer,), {"do_POST": tell})
        patch.setattr(openai, "DefaultHttpxClient", quick)
        yield server


JSON, SSE = "application/json", "text/event-stream"


@pytest.mark.parametrize(
    ("status", "error", "means"),
    [
        (404, {"message": "The model `m` does not exist or you do not have access to it.",
               "code": "model_not_found"}, "does not serve 'm' (404)"),
        (404, "model 'm' not found, try pulling it first", "does not serve 'm' (404)"),
        (400, {"message": "Model Not Exist"}, "does not serve 'm' (400)"),
        (400, {"message": "Invalid model: m", "type": "invalid_model"}, "does not serve 'm' (400)"),
        (400, {"message": "invalid model ID", "param": "model"}, "does not serve 'm' (400)"),
        (400, {"message": "m is not a valid model ID"}, "does not serve 'm' (400)"),
        (404, {"message": "Unable to access m"}, "does not serve 'm' (404)"),
        (404, {"message": "Not Found"}, "has no such page (404)"),
        (400, OPENAI | {"param": "n", "message": "'n' is not supported with this model"},
         "refused the request (400)"),
        (400, {"message": "'temperature' does not support 0 with this model. Only the default (1) "
               "value is supported.", "param": "temperature"},
         "refused the request (400)"),
        (400, {"message": "The model m does not support images"}, "refused the request (400)"),
        (400, {"message": "Invalid 'user': string too long. Expected at most 64 letters"},
         "refused the request (400)"),
        (400, {"message": "tokens of a kind", "code": "context_length_exceeded"}, "too long for m"),
        (413, {"message": "Request too large, too many tokens"}, "too long for m"),
        (401, {"message": "Incorrect API key provided: x"}, "refused the key (401)"),
        (403, {"message": "Country, region, or territory not supported"}, "refused access (403)"),
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"},
         "has no more quota for this key (429)"),
        (429, {"message": "Rate limit reached"}, "too many requests (429, 1 try): send fewer"),
        (429, {"message": "Rate limit reached for m on requests per min (RPM): Limit 3. You can "
               "increase it at https://platform.openai.com/account/billing."},
         "too many requests (429, 1 try): send fewer"),
        (402, {"message": "Insufficient Balance"}, "has no more quota for this key (402)"),
        (503, {"message": "The model is overloaded"}, "failed (503, 1 try)"),
        (502, {"message": "Provider returned error", "metadata": {"raw": "out of memory"}},
         "It said: Provider returned error {'metadata': {'raw': 'out of memory'}}"),
    ],
)  # fmt: skip
def test_a_refusal_is_taken_for_what_it_is_and_quoted(status, error, means, told):
    told.said = (status, JSON, json.dumps({"error": error}).encode())
    for ask in (chat, stream):
        message = str(fails(Endpoint(told.url, "m", retries=0), ask))
        assert means in message
        assert (error if isinstance(error, str) else error["message"]) in message
        assert ("does not serve" in message) == ("does not serve" in means)


def test_a_name_that_is_listed_is_not_advised(told):
    told.said = (404, JSON, b'{"error": {"message": "no access", "code": "model_not_found"}}')
    message = str(fails(Endpoint(told.url, "faulty", retries=0)))
    assert "it lists this name, though; may the key use it? It said: no access" in message


phrases = st.from_regex(r"[a-z]{4,9}( [a-zé中'{}:,]{1,9}){0,4}", fullmatch=True)


def as_json(content: Any) -> tuple[str, bytes]:
    return JSON, json.dumps(content).encode()


#: What may stand in the place of an answer, with some words in it.
BODIES: list[Callable[[str], tuple[str, bytes]]] = [
    lambda words: as_json({"error": {"message": words, "type": None, "code": 7}}),
    lambda words: as_json({"error": words}),
    lambda words: as_json({"error": {"code": words}}),
    lambda words: as_json({"error": None, "message": words}),
    lambda words: as_json({"detail": words}),
    lambda words: as_json({"detail": [{"loc": ["body", words], "msg": words}]}),
    lambda words: as_json({"object": "error", "message": {"detail": [{"msg": words}]}}),
    lambda words: as_json({"message": {"en": {"text": words}}}),
    lambda words: as_json([{"error": {"message": words}}]),
    lambda words: as_json(words),
    lambda words: as_json({words: 1}),
    lambda words: as_json({"choices": words}),
    lambda words: as_json({"choices": [{"error": {"message": words}, "message": {"content": ""}}]}),
    lambda words: as_json({"choices": [{"message": {"content": {"text": words}}}]}),
    lambda words: as_json({"error": {"message": words}, "choices": [{"message": {"content": ""}}]}),
    lambda words: ("text/html", f"<html><style>a {{}}</style><h1>{words}</h1>".encode()),
    lambda words: ("text/html; charset=utf-8", f"<p>{'<br>' * 300}{words}".encode()),
    lambda words: (JSON, f"{{{words}".encode()),
    lambda words: (JSON, words.encode()),
    lambda words: (JSON, f"{words}".encode() + b'{"a":' * 50_000),
]
EVENTS: list[Callable[[str], str]] = [
    lambda words: json.dumps({"error": {"message": words}}),
    lambda words: json.dumps({"error": words}),
    lambda words: json.dumps({"error": {"code": words}}),
    lambda words: json.dumps({"object": "error", "message": words}),
    lambda words: json.dumps(
        {"choices": [{"error": {"message": words}, "delta": {"content": ""}}]}
    ),
    lambda words: json.dumps({"choices": words}),
    lambda words: json.dumps({"choices": [{"delta": {"content": {"text": words}}}]}),
    lambda words: json.dumps(
        {"choices": [{"message": {"content": words}, "finish_reason": "stop"}]}
    ),
    lambda words: json.dumps({"choices": [{"text": words, "finish_reason": "length"}]}),
    lambda words: json.dumps({"detail": [{"msg": words}]}),
    lambda words: json.dumps([words]),
    lambda words: json.dumps(words),
    lambda words: f"{{{words}",
]


@given(
    words=phrases,
    body=st.sampled_from(BODIES),
    status=st.sampled_from([200, 400, 401, 402, 403, 404, 409, 413, 418, 422, 429, 500, 502, 503]),
    ask=st.sampled_from([chat, stream, lambda endpoint, _: complete(endpoint, "Hello")]),
)
def test_every_error_holds_the_words_of_the_service(words, body, status, ask, told):
    told.said = (status, *body(words))
    message = str(fails(Endpoint(told.url, "m", retries=0), ask))
    assert told.url in message
    quoted = [words, json.dumps(words)[1:-1], repr(words)[1:-1], repr(json.dumps(words))[3:-3]]
    assert any(form in message for form in quoted), message


@given(words=phrases, event=st.sampled_from(EVENTS), begun=st.booleans())
def test_every_error_inside_a_stream_holds_the_words(words, event, begun, told):
    before = f"data: {json.dumps(ONCE)}\n\n" if begun else ""
    told.said = (200, SSE, f"{before}data: {event(words)}\n\n".encode())
    error = fails(Endpoint(told.url, "m", retries=0), stream)
    assert error.partial == ("Once" if begun else "")
    quoted = [words, json.dumps(words)[1:-1], repr(words)[1:-1]]
    assert any(form in str(error) for form in quoted), error


HI = 'data: {"choices": [{"delta": {"content": "hi"}, "finish_reason": %s}]}\n\n'
STOP = 'data: {"choices": [{"delta": null, "finish_reason": "stop"}]}\n\n'


@pytest.mark.parametrize(
    "events",
    [
        HI % '"stop"',
        HI % '""' + STOP,
        ": a comment\n\n" + HI % "null" + STOP,
        'event: x\ndata: {"choices": []}\n\n' + HI % '"stop"',
        'data: {"choices": [{"content_filter_offsets": {"a": 1}}]}\n\n' + HI % '"stop"',
        HI % "null" + STOP + 'data: {"choices": [], "usage": {"prompt_tokens": 1}}\n\n',
    ],
)
@pytest.mark.parametrize("kind", [SSE, JSON, "text/html", "text/plain; charset=utf-8"])
def test_a_stream_is_read_whatever_it_is_called_and_holds_besides(events, kind, told):
    told.said = (200, kind, (events + "data: [DONE]\n\n").encode())
    assert "".join(stream(Endpoint(told.url, "m", retries=0), MESSAGES)) == "hi"


def test_an_empty_finish_reason_is_none(told):
    told.said = (200, SSE, (HI % '""').encode())
    error = fails(Endpoint(told.url, "m", retries=0), stream)
    assert "without a finish_reason" in str(error) and error.partial == "hi"


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[" * 100_000, b"0", b'""', b"{}", b"\0"])
def test_a_body_without_words_is_an_error_of_ours(body, status, told):
    for kind, ask in itertools.product((JSON, SSE, "text/html", "x"), (chat, stream)):
        told.said = (status, kind, body)
        assert told.url in str(fails(Endpoint(told.url, "m", retries=0), ask))


def test_what_cannot_be_sent_is_not_the_services_fault(told):
    told.said = (200, JSON, b"{}")
    endpoint = Endpoint(told.url, "m", retries=0)
    for ask in (
        lambda: chat(endpoint, MESSAGES, temprature=1),
        lambda: list(stream(endpoint, MESSAGES, temprature=1)),
        lambda: complete(endpoint, "Hello", seed=object()),
        lambda: chat(endpoint, [{"role": "user", "content": "\ud800"}]),
    ):
        with pytest.raises(EndpointError, match=f"the request to {told.url} was not sent: "):
            ask()


def test_a_key_at_the_end_of_long_words_is_not_cut_in_two(told):
    for before in range(360, 420, 3):
        told.said = (400, *as_json({"error": {"message": "x" * before + KEY + " and more"}}))
        message = str(fails(Endpoint(told.url, "m", KEY, retries=0)))
        assert KEY[:6] not in message


def test_a_key_with_a_quote_or_a_backslash_is_hidden_as_well(told):
    key = "sk-'quoted\"and\\slashed"
    for body in ({"detail": [{"msg": key}]}, {"error": key}, {key: key}):
        for kind in ("text/plain", JSON):
            told.said = (400, kind, json.dumps(body).encode())
            assert "slashed" not in str(fails(Endpoint(told.url, "m", key, retries=0)))


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


# ---------------------------------------------------------------- what the pages include


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9)), min_size=1, max_size=9))
def test_the_waits_are_those_of_a_queue_walked_tick_by_tick(asked):
    asked.sort(key=lambda request: request[0])
    begun: dict[int, int] = {}
    left, tick = 0, 0
    while len(begun) < len(asked):
        if left == 0 and asked[len(begun)][0] <= tick:
            left = asked[len(begun)][1]
            begun[len(begun)] = tick
        left, tick = max(left - 1, 0), tick + 1
    waits = load(SNIPPET.with_name("serving.py")).waits(*zip(*asked, strict=True))
    assert waits == [begun[i] - arrival for i, (arrival, _) in enumerate(asked)]


@pytest.mark.parametrize(
    ("entry", "says"), [("ok", "It works."), ("lost", "no connection"), ("stall", "nothing came")]
)
def test_asking_with_care_says_what_went_wrong(entry, says):
    with Faulty(entry) as server:
        assert says in snippet.ask(server.url, "m", MESSAGES, timeout=0.5, max_retries=0)


def test_a_slow_stream_is_whole_though_it_takes_longer_than_the_timeout():
    with Faulty("drip") as server:
        begin = time.monotonic()
        assert "".join(stream(Endpoint(server.url, "m", timeout=0.7), MESSAGES)) == "It works."
        assert time.monotonic() - begin > 0.7
