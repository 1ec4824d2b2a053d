"""Ask any OpenAI-compatible endpoint, and say in plain words what went wrong and what to do.

`chat`, `complete` and `stream` call the ``openai`` client. Every failure comes back as an
`EndpointError`. The key is in no message, no representation and no log of this module: an error is
raised outside the ``except`` that caught its cause, so that not even its context holds a request.
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import openai

Messages = Sequence[Mapping[str, str]]
LOCAL = ("127.0.0.1", "localhost", "::1")
LONGEST_PAUSE = 120  # seconds; for a longer Retry-After openai's client does not wait


class EndpointError(RuntimeError):
    """A request failed; the message says what to do, ``partial`` is the text that had come."""

    def __init__(self, message: str, partial: str = "") -> None:
        super().__init__(message)
        self.partial = partial


@dataclass(frozen=True)
class Endpoint:
    """Where to ask, for which model, with which key, how patiently.

    ``timeout`` is how many seconds the server may send nothing, ``retries`` how often a request
    that failed is sent again.
    """

    url: str
    model: str
    key: str = field(default="none", repr=False)  # a local server wants none, the client some
    timeout: float = 60.0
    retries: int = 2

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[!-~]+", self.key):  # a header's error message would quote it
            raise ValueError(
                "the key holds a space, a line break or a letter beyond ASCII, or is empty: "
                "OPENAI_API_KEY must hold the key alone"
            )
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(
                "OPENAI_BASE_URL: expected an address such as http://127.0.0.1:8000/v1"
            )
        if parts.username or parts.password or parts.query:
            raise ValueError(
                "OPENAI_BASE_URL holds more than an address: a key has its own variable"
            )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Endpoint":
        """From OPENAI_BASE_URL, OPENAI_MODEL and OPENAI_API_KEY; a local server needs no key."""
        missing = [n for n in ("OPENAI_BASE_URL", "OPENAI_MODEL") if not environment.get(n)]
        if missing:
            raise EndpointError(
                f"set {' and '.join(missing)}: the server's address, which ends in /v1, and the "
                "name of a model that it serves"
            )
        key = environment.get("OPENAI_API_KEY", "").strip() or "none"
        return cls(environment["OPENAI_BASE_URL"], environment["OPENAI_MODEL"], key)

    def client(self) -> "openai.OpenAI":
        """The client for this endpoint; close it, or use it in a with-block."""
        import openai

        direct = urlsplit(self.url).hostname in LOCAL  # no proxy stands between us and ourselves
        return openai.OpenAI(
            base_url=self.url,
            api_key=self.key,
            timeout=self.timeout,
            max_retries=self.retries,
            http_client=openai.DefaultHttpxClient(trust_env=not direct),
        )


@dataclass(frozen=True)
class Reply:
    """A whole answer: its text, why it ended, the tokens counted, the requests sent again."""

    text: str
    finish: str  # "stop": the model ended; "length": max_tokens was reached
    prompt_tokens: int
    completion_tokens: int
    retries: int


# ---------------------------------------------------------------- asking


def models(endpoint: Endpoint) -> list[str]:
    """The names that the endpoint lists."""
    return _try(endpoint, lambda client: [m.id for m in client.models.list().data])


def chat(endpoint: Endpoint, messages: Messages, max_tokens: int = 64, **options: Any) -> Reply:
    """The answer to ``messages`` ({"role", "content"} each), in one piece."""
    settings = {"model": endpoint.model, "messages": messages, "max_tokens": max_tokens}

    def ask(client: Any) -> Reply:
        raw = client.chat.completions.with_raw_response.create(**settings, **options)
        return _reply(raw, lambda choice: choice.message.content)

    return _try(endpoint, ask)


def complete(endpoint: Endpoint, prompt: str, max_tokens: int = 64, **options: Any) -> Reply:
    """How the model goes on after ``prompt``, with no chat template around it."""
    settings = {"model": endpoint.model, "prompt": prompt, "max_tokens": max_tokens}

    def ask(client: Any) -> Reply:
        raw = client.completions.with_raw_response.create(**settings, **options)
        return _reply(raw, lambda choice: choice.text)

    return _try(endpoint, ask)


def stream(
    endpoint: Endpoint, messages: Messages, max_tokens: int = 64, **options: Any
) -> Iterator[str]:
    """The pieces of an answer as they come.

    A stream that ends without a ``finish_reason`` was cut off, even if no error says so.
    """
    settings: dict[str, Any] = {"model": endpoint.model, "messages": messages, "stream": True}
    settings |= {"max_tokens": max_tokens, **options}
    text, begun, finished, message = "", False, False, None
    with endpoint.client() as client:
        try:
            with client.chat.completions.create(**settings) as chunks:
                begun = True
                for chunk in chunks:
                    for choice in chunk.choices:
                        finished = finished or choice.finish_reason is not None
                        if piece := choice.delta.content:
                            text += piece
                            yield piece
        except failures() as error:
            message = explain(error, endpoint, text if begun else None)
    if message is None and not finished:
        message = f"{endpoint.url} ended the stream without a finish_reason: {lost(text)}"
    if message is not None:
        raise EndpointError(message, text)


def check_length(
    tokenizer: Any, messages: Messages, max_tokens: int, limit: int | None = None
) -> int:
    """The prompt's length in tokens; raises if it and ``max_tokens`` do not fit into ``limit``.

    Some servers refuse a prompt that is too long, some cut it, some go on beyond what the model has
    learned. Without ``limit`` it is the tokenizer's ``model_max_length``.
    """
    limit = limit or tokenizer.model_max_length
    prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)
    length = len(prompt["input_ids"])
    if length + max_tokens > limit:
        raise EndpointError(
            f"the prompt has {length} tokens and {max_tokens} are to follow, the model has room "
            f"for {limit}: shorten the prompt by {length + max_tokens - limit} tokens"
        )
    return length


# ---------------------------------------------------------------- failing


def backoff(attempt: int, u: float, first: float = 0.5, largest: float = 8.0) -> float:
    """Seconds to wait before retry ``attempt`` (0, 1, …), for ``u`` uniform in [0, 1)."""
    return min(largest, first * 2**attempt) * (1 - u / 4)


def explain(error: BaseException, endpoint: Endpoint, text: str | None = None) -> str:
    """What a failure means and what to do; never with the key in it.

    ``text`` is what a stream had brought, None if none had begun.
    """
    import openai

    url = endpoint.url
    tries = f"{endpoint.retries + 1} tries" if endpoint.retries else "1 try"
    detail = _without_key(_said(error), endpoint.key)
    silence = f"{url} sent nothing for {endpoint.timeout:g} s"
    if text is not None:
        why = silence if isinstance(error, openai.APITimeoutError) else f"{url}: {detail}"
        return f"the stream broke ({why}): {lost(text)}"
    if isinstance(error, openai.APITimeoutError):
        return f"{silence} ({tries}): give it a longer timeout, ask for fewer tokens, or stream"
    if isinstance(error, openai.APIConnectionError):
        return f"cannot reach {url} ({tries}): does the server run, is OPENAI_BASE_URL its address?"
    if not isinstance(error, openai.APIStatusError):
        return (
            f"{url} sent what is no answer of this interface ({detail}): "
            "does OPENAI_BASE_URL end in /v1, or does something else answer there?"
        )
    code = error.status_code
    if code in (401, 403):
        return f"{url} refused the key ({code}): set OPENAI_API_KEY to one for {endpoint.model}"
    if code == 429:
        wait = error.response.headers.get("retry-after", "")
        asked = f"; it asks for a pause of {wait} s" if wait.isdigit() else ""
        if wait.isdigit() and int(wait) > LONGEST_PAUSE:
            tries = "1 try"  # the client gave up at once
        return f"{url} has too many requests (429, {tries}){asked}: send fewer at once, or later"
    if code >= 500:
        return f"{url} failed ({code}, {tries}): look into the server's log. It said: {detail}"
    if re.search(r"context.?(length|window)|too long|too many tokens", detail, re.IGNORECASE):
        return f"the prompt is too long for {endpoint.model} ({code}): shorten it. {detail}"
    if re.search(r"pinned to|model", detail):
        return f"{url} does not serve {endpoint.model!r} ({code}): {_listed(endpoint)}"
    if code == 404:
        return f"{url} has no such page (404): does the address end in /v1?"
    return f"{url} refused the request ({code}): {detail}"


def _said(error: BaseException) -> str:
    """The server's own words, which stand in different places, or the error's."""
    body = getattr(error, "body", None)
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail") or body
    return str(body or error or type(error).__name__)[:300]


def _listed(endpoint: Endpoint) -> str:
    try:
        with endpoint.client() as client:
            names = [m.id for m in client.with_options(max_retries=0, timeout=5).models.list().data]
    except failures():
        return "set OPENAI_MODEL to a model that it serves"
    return f"set OPENAI_MODEL to one of {names}"


def lost(text: str) -> str:
    return f"{len(text)} characters had come, and the rest is lost; ask again"


def _without_key(text: str, key: str) -> str:
    return text if key == "none" else text.replace(key, "[key]")


def failures() -> tuple[type[Exception], ...]:
    import httpx2
    import openai

    # the last four: the answer is a page, is no JSON, or has other fields
    return (
        openai.OpenAIError,
        httpx2.HTTPError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    )


def _reply(raw: Any, text_of: Callable[[Any], str | None]) -> Reply:
    answer = raw.parse()
    choice, usage = answer.choices[0], answer.usage
    return Reply(
        text_of(choice) or "",
        choice.finish_reason,
        usage.prompt_tokens if usage else 0,
        usage.completion_tokens if usage else 0,
        raw.retries_taken,
    )


def _try(endpoint: Endpoint, ask: Callable[[Any], Any]) -> Any:
    with endpoint.client() as client:
        try:
            return ask(client)
        except failures() as error:
            message = explain(error, endpoint)
    raise EndpointError(message)
