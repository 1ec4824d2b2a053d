"""Where to ask, for which model, with which key; the error of all that fails there."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import openai

LOCAL = ("127.0.0.1", "localhost", "::1")


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
