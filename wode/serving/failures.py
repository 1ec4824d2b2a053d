"""What a failed request means: the service's own words, and what to do.

Services that call themselves compatible agree on statuses, little on bodies. What a refusal is
about is taken from its code or from words that can mean nothing else; what is not understood is
called a refusal and no more. The words are repeated in every case.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from wode.serving.endpoint import Endpoint

LONGEST_PAUSE = 120  # seconds; for a longer Retry-After openai's client does not wait
LONGEST_WORDS = 400  # letters of what a service says, which may be a page
Answer = TypeVar("Answer")

#: What the words say, where the code says nothing; "model" or "too long" alone would say too much.
NO_MODEL = re.compile(
    r"\bmodels?\b.{0,120}\b((does not|doesn't|not) (exist|found)|is not served)"
    r"|(unknown|invalid|no such|not a valid) model\b|is pinned to",
    re.IGNORECASE,
)
TOO_LONG = re.compile(
    r"context.?(length|window|size)|maximum context|too many (input )?tokens"
    r"|\b(prompt|input|messages?)\b.{0,20}\btoo (long|large)",
    re.IGNORECASE,
)
NO_MONEY = re.compile(r"quota|billing|credits?\b|balance", re.IGNORECASE)
NO_PARAMETER = re.compile(
    r"unsupported.parameter|not support|unknown|unrecogni[sz]ed|unexpected|deprecated"
    r"|extra.(forbidden|input|field)|not (permitted|allowed)",
    re.IGNORECASE,
)


class NoAnswer(ValueError):
    """A service sent, as if all were well, what is no answer; the message is what it sent."""


class NotSent(ValueError):
    """A request could not even be written: an option that is none, a text that is none."""


def failures() -> tuple[type[Exception], ...]:
    """What the client raises when a request fails."""
    import httpx2
    import openai

    # the last two: an event of a stream is no JSON, or is nested too deeply
    return (openai.OpenAIError, httpx2.HTTPError, ValueError, RecursionError)


def read(sent: Any, of: Callable[[Any], Answer], text: Callable[[], str]) -> Answer:
    """``of(sent)``, or `NoAnswer` with the ``text`` that came, if it has not the fields."""
    import openai

    try:
        return of(sent)
    except (AttributeError, LookupError, TypeError, ValueError, RecursionError, openai.OpenAIError):
        words = text()
    raise NoAnswer(words or "nothing")


# ---------------------------------------------------------------- the service's words


def words_of(error: BaseException, key: str = "none") -> str:
    """What the service said, without ``key``; the error's own words if it said nothing."""
    import openai

    said: Any = getattr(error, "body", None)
    if isinstance(error, json.JSONDecodeError):
        said = error.doc
    elif isinstance(error, NoAnswer):
        said = str(error)
    elif isinstance(error, openai.APIStatusError):  # its body is what lies in "error", or nothing
        said = error.response.text or said
    if isinstance(said, str):
        said = _unpacked(said)
    for field in ("error", "message", "detail"):  # one in the other, in many services
        if isinstance(said, Mapping) and said.get(field):
            said = _with_rest(said, field)
    text = said if isinstance(said, str) else repr(said) if said else ""
    text = _without_key(text or str(error) or type(error).__name__, key)
    if text.lstrip().startswith("<"):  # a page: what a reader would see of it
        text = re.sub(r"(?is)<(style|script)\b.*?</\1>|<[^>]*>", " ", text) or text
    text = _without_key(" ".join(text.split()), key)  # before it is cut: half a key is one, too
    cut = text if len(text) <= LONGEST_WORDS else text[:LONGEST_WORDS] + " …"
    return "; ".join([cut, *getattr(error, "__notes__", [])])


def _unpacked(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _with_rest(said: Mapping[str, Any], field: str) -> Any:
    """The field, and behind its text what else a service puts beside it."""
    usual = {field, "message", "type", "param", "code", "object", "status", "request_id", "error"}
    rest = {key: value for key, value in said.items() if key not in usual and value}
    return f"{said[field]} {rest}" if rest and isinstance(said[field], str) else said[field]


def _without_key(text: str, key: str) -> str:
    if key == "none":
        return text
    for form in (key, repr(key)[1:-1], json.dumps(key)[1:-1]):
        text = text.replace(form, "[key]")
    return text


def refuses(error: Any, parameter: str) -> bool:
    """Whether a service refuses a request because it has no such ``parameter``."""
    if getattr(error, "status_code", 0) not in (400, 404, 422):
        return False
    about, text = getattr(error, "param", None), words_of(error)
    if about and about != parameter:
        return False
    named = re.search(rf"\b{parameter}\b", f"{about} {text}")
    return bool(named and NO_PARAMETER.search(f"{getattr(error, 'code', '')} {text}"))


# ---------------------------------------------------------------- what to do


def explain(error: BaseException, endpoint: Endpoint, text: str | None = None) -> str:
    """What a failure means, what the service said, what to do; never with the key in it.

    ``text`` is what a stream had brought, None if none had begun.
    """
    import openai

    url, said = endpoint.url, words_of(error, endpoint.key)
    tries = f"{endpoint.retries + 1} tries" if endpoint.retries else "1 try"
    silence = f"{url} sent nothing for {endpoint.timeout:g} s"
    if text is not None:
        why = silence if isinstance(error, openai.APITimeoutError) else f"{url}: {said}"
        return f"the stream broke ({why}): {lost(text)}"
    if isinstance(error, NotSent):
        return f"the request to {url} was not sent: {said}"
    if isinstance(error, openai.APITimeoutError):
        return f"{silence} ({tries}): give it a longer timeout, ask for fewer tokens, or stream"
    if isinstance(error, openai.APIConnectionError):
        return _unreached(error, url, tries, endpoint.key)
    if isinstance(error, openai.APIStatusError):
        what = _refused(error, endpoint, tries)
        return f"{what}{'' if what.endswith('?') else '.'} It said: {said}"
    return (
        f"{url} sent what is no answer of this interface: does OPENAI_BASE_URL end in /v1, or does "
        f"something else answer there? It said: {said}"
    )


def _unreached(error: BaseException, url: str, tries: str, key: str) -> str:
    """No connection, or one that broke: the system's words say which, unless it is the usual."""
    cause = _without_key(str(error.__cause__ or ""), key)
    usual = re.search(r"refused|attempts failed", cause)
    why = f"; {cause}" if cause and not usual else ""
    return (
        f"cannot reach {url} ({tries}{why}): does the server run, is OPENAI_BASE_URL its address?"
    )


def _refused(error: Any, endpoint: Endpoint, tries: str) -> str:
    """What a status means, with the words if they say more."""
    url, model, status = endpoint.url, endpoint.model, error.status_code
    said = f"{error.code or ''} {error.type or ''} {words_of(error, endpoint.key)}"
    said = re.sub(r"https?://\S+", "", said)  # where to read on: ".../billing", ".../rate-limits"
    if status == 402 or (status in (403, 429) and NO_MONEY.search(said)):
        return f"{url} has no more quota for this key ({status}): look at its account"
    if status == 401:
        return f"{url} refused the key (401): set OPENAI_API_KEY to one for {model}"
    if status == 403:
        return f"{url} refused access (403): may this key, from here, use {model}?"
    if status == 429:
        wait = error.response.headers.get("retry-after", "")
        asked = f"; it asks for a pause of {wait} s" if wait.isdigit() else ""
        if wait.isdigit() and int(wait) > LONGEST_PAUSE:
            tries = "1 try"  # the client gave up at once
        return f"{url} has too many requests (429, {tries}){asked}: send fewer at once, or later"
    if status >= 500:
        return f"{url} failed ({status}, {tries}): look into the server's log"
    if "context_length" in said or (status in (400, 413, 422) and TOO_LONG.search(said)):
        return f"the prompt is too long for {model} ({status}): shorten it"
    named = rf"(?<!\w){re.escape(model)}(?!\w)"  # no page of that name was asked for
    not_served = NO_MODEL.search(said) or (status == 404 and re.search(named, said))
    if (
        error.param == "model"
        or "model_not_found" in said
        or (status in (400, 404, 422) and not_served)
    ):
        return f"{url} does not serve {model!r} ({status}): {_listed(endpoint)}"
    if status == 404:
        return f"{url} has no such page (404): does the address end in /v1?"
    return f"{url} refused the request ({status})"


def _listed(endpoint: Endpoint) -> str:
    try:
        with endpoint.client() as client:
            raw = client.with_options(max_retries=0, timeout=5).models.with_raw_response.list()
            names = read(raw, names_of, lambda: raw.text)
    except failures():
        return "set OPENAI_MODEL to a model that it serves"
    if endpoint.model in names:
        return "it lists this name, though; may the key use it?"
    return f"set OPENAI_MODEL to one of {names}"


def names_of(raw: Any) -> list[str]:
    """The models' names in an answer to ``/models``."""
    return [str(model.id) for model in raw.parse().data]


def lost(text: str) -> str:
    return f"{len(text)} characters had come, and the rest is lost; ask again"
