"""Ask any OpenAI-compatible endpoint, and say in plain words what went wrong and what to do.

`chat`, `complete` and `stream` call the ``openai`` client. Every failure comes back as an
`EndpointError`. The key is in no message, no representation and no log of this module: an error is
raised outside the ``except`` that caught its cause, so that not even its context holds a request.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wode.serving.endpoint import Endpoint, EndpointError
from wode.serving.failures import (
    NoAnswer,
    NotSent,
    explain,
    failures,
    lost,
    names_of,
    read,
    refuses,
    words_of,
)

Messages = Sequence[Mapping[str, str]]
#: What newer services call the largest length, which the others do not know.
NEWER = "max_completion_tokens"
#: The name that (address, model) takes, if it has refused the other one.
LENGTHS: dict[tuple[str, str], str] = {}


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

    def ask(client: Any) -> list[str]:
        raw = client.models.with_raw_response.list()
        return read(raw, names_of, lambda: raw.text)

    return _try(endpoint, ask)


def chat(endpoint: Endpoint, messages: Messages, max_tokens: int = 64, **options: Any) -> Reply:
    """The answer to ``messages`` ({"role", "content"} each), in one piece.

    A service that refuses ``max_tokens`` gets ``max_completion_tokens``, from then on at once.
    """

    def ask(client: Any) -> Reply:
        create = client.chat.completions.with_raw_response.create
        raw = send(create, endpoint, max_tokens, messages=messages, **options)
        return _reply(raw, lambda choice: choice.message.content)

    return _try(endpoint, ask)


def complete(endpoint: Endpoint, prompt: str, max_tokens: int = 64, **options: Any) -> Reply:
    """How the model goes on after ``prompt``, with no chat template around it."""

    def ask(client: Any) -> Reply:
        create = client.completions.with_raw_response.create
        raw = send(create, endpoint, max_tokens, prompt=prompt, **options)
        return _reply(raw, lambda choice: "" + choice.text)

    return _try(endpoint, ask)


def stream(
    endpoint: Endpoint, messages: Messages, max_tokens: int = 64, **options: Any
) -> Iterator[str]:
    """The pieces of an answer as they come.

    A stream that ends without a ``finish_reason`` was cut off, even if no error says so.
    """
    options |= {"messages": messages, "stream": True}
    text, begun, finished, message = "", False, False, None
    with endpoint.client() as client:
        try:
            with send(client.chat.completions.create, endpoint, max_tokens, **options) as chunks:
                check_stream(chunks)
                begun = True
                for chunk in chunks:
                    piece, finish_reason = piece_of(chunk)
                    finished = finished or finish_reason is not None
                    if piece:
                        text += piece
                        yield piece
        except failures() as error:
            message = explain(error, endpoint, text if begun else None)
    if message is None and not finished:
        message = f"{endpoint.url} ended the stream without a finish_reason: {lost(text)}"
    if message is not None:
        raise EndpointError(message, text)


def send(create: Callable[..., Any], endpoint: Endpoint, max_tokens: int, **settings: Any) -> Any:
    """``create(...)`` with ``max_tokens`` under the name that the service takes.

    If it refuses the one, the other is sent, and remembered if that is accepted. An option
    ``max_completion_tokens`` stands in the place of both.
    """
    settings = {"model": endpoint.model, **settings}
    if NEWER in settings or "prompt" in settings:  # completions know the old name only
        names = [NEWER if NEWER in settings else "max_tokens"]
    else:
        known = LENGTHS.get((endpoint.url, endpoint.model), "max_tokens")
        names = [known, "max_tokens" if known == NEWER else NEWER]
    try:
        return _sent(create, {names[0]: max_tokens, **settings})
    except failures() as error:
        if len(names) == 1 or not refuses(error, names[0]):
            raise
        refusal = f"before, of {names[0]}: {words_of(error, endpoint.key)}"
    try:
        answer = _sent(create, {names[1]: max_tokens, **settings})
    except failures() as error:
        error.add_note(refusal)
        raise
    LENGTHS[endpoint.url, endpoint.model] = names[1]
    return answer


def _sent(create: Callable[..., Any], settings: dict[str, Any]) -> Any:
    """What is wrong before anything is sent is no answer of the service: `NotSent`."""
    import httpx2
    import openai

    try:
        return create(**settings)
    except (openai.OpenAIError, httpx2.HTTPError):
        raise
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError) as error:
        why = str(error)
    raise NotSent(why)


def check_stream(chunks: Any) -> None:
    """Raise `NoAnswer` if a page, or one piece of JSON, came instead of a stream."""
    response = chunks.response
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in ("application/json", "text/html"):
        text = response.read().decode(errors="replace")
        if not text.lstrip().startswith(("data:", "event:", ":")):  # a stream under another name
            raise NoAnswer(text or "nothing")


def piece_of(chunk: Any) -> tuple[str, str | None]:
    """The text and the ``finish_reason`` of one event of a stream."""
    return read(chunk, _piece, lambda: _as_text(chunk))


def _piece(chunk: Any) -> tuple[str, str | None]:
    text, finish = "", None
    for choice in chunk.choices:
        _check_whole(choice)
        if choice.delta is not None:
            text += choice.delta.content or ""
        elif any(v for k, v in choice.model_extra.items() if not k.startswith("content_filter")):
            raise ValueError("something else, perhaps a whole answer, in the place of a piece")
        finish = finish or choice.finish_reason
    return text, finish or None  # some services write "" for none


def _as_text(sent: Any) -> str:
    dump = getattr(sent, "model_dump_json", None)
    return dump(exclude_unset=True, warnings=False) if dump is not None else repr(sent)


def _check_whole(part: Any) -> None:
    """Some services put an error beside, or into, a choice of an answer that counts as good."""
    if getattr(part, "error", None) or getattr(part, "finish_reason", None) == "error":
        raise ValueError("an error")


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


def _reply(raw: Any, text_of: Callable[[Any], str | None]) -> Reply:
    def of(raw: Any) -> Reply:
        answer = raw.parse()
        choice, usage = answer.choices[0], answer.usage
        for part in (answer, choice):
            _check_whole(part)
        return Reply(
            "" + (text_of(choice) or ""),  # a TypeError for what is no text
            choice.finish_reason,
            usage.prompt_tokens if usage else 0,
            usage.completion_tokens if usage else 0,
            raw.retries_taken,
        )

    return read(raw, of, lambda: raw.text)


def _try(endpoint: Endpoint, ask: Callable[[Any], Any]) -> Any:
    with endpoint.client() as client:
        try:
            return ask(client)
        except failures() as error:
            message = explain(error, endpoint)
    raise EndpointError(message)
