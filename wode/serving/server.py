"""A real OpenAI-compatible server for a model's folder, alive for as long as a with-block lasts.

`serve` starts ``transformers serve`` in a process of its own on a free port of this machine, waits
until it answers, and ends it after the block: also after an exception or Ctrl-C, and also if this
process is killed, for then the pipe to the server closes, and the server removes its folder and
ends itself.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

REVISION = "0" * 40  # a commit's name, which a hub cache must have


class ServerError(RuntimeError):
    """The server did not start; the message holds the last lines of its log."""


@dataclass(frozen=True)
class Server:
    """A running server: ``url`` ends in /v1, ``model`` is the name to ask for."""

    url: str
    model: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def serve(
    folder: str | os.PathLike[str],
    name: str = "local/model",
    *,
    options: Sequence[str] = (),
    patience: float = 120.0,
) -> Iterator[Server]:
    """Serve the model in ``folder`` under ``name`` while the with-block runs.

    Args:
        folder: what ``from_pretrained`` takes, such as `wode.files.gguf.local_model` returns.
        name: "owner/name", by which clients ask for it.
        options: more options of ``transformers serve``.
        patience: seconds until it must answer.

    Raises:
        ServerError: it ended or did not answer in time.
        FileNotFoundError: ``folder`` is no model's folder.
    """
    folder = Path(folder).resolve()
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"no model in {folder}: expected config.json and weights there")
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise ValueError(f"name: expected owner/name, got {name!r}")
    with tempfile.TemporaryDirectory(prefix="wode-serve-") as place:
        cache = hub_cache(folder, name, Path(place) / "hub")
        log = Path(place) / "log.txt"
        port = free_port()
        process = _start([name, "--host", "127.0.0.1", "--port", str(port), *options], cache, log)
        try:
            server = Server(f"http://127.0.0.1:{port}/v1", name, process, log)
            _wait(server, patience)
            yield server
        finally:
            _end(process)


def hub_cache(folder: Path, name: str, root: Path) -> Path:
    """A hub cache in ``root`` whose only model, ``name``, is ``folder``.

    The server lists what it finds in such a cache (``HF_HUB_CACHE``), and calls a model that it got
    as a path by that path, which is nobody's business.
    """
    model = root / f"models--{name.replace('/', '--')}"
    snapshot = model / "snapshots" / REVISION
    snapshot.parent.mkdir(parents=True)
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(REVISION)
    try:
        snapshot.symlink_to(folder, target_is_directory=True)
    except OSError:  # Windows lets few users make links
        shutil.copytree(folder, snapshot)
    return root


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _start(arguments: Sequence[str], cache: Path, log: Path) -> subprocess.Popen[bytes]:
    environment = {k: v for k, v in os.environ.items() if k != "OPENAI_API_KEY"}
    environment |= {
        "HF_HUB_CACHE": str(cache),
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",  # the command would ask the package index
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONUNBUFFERED": "1",
    }
    with log.open("wb") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "wode.serving.server", str(log.parent), "serve", *arguments],
            env=environment,
            stdin=subprocess.PIPE,  # it closes when this process ends, however it ends
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; we end the server
        )


def _wait(server: Server, patience: float) -> None:
    """Until it listens and says that it is well."""
    local = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy
    health = server.url.removesuffix("/v1") + "/health"
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if (code := server.process.poll()) is not None:
            raise ServerError(
                f"the server ended with code {code} before it answered{_tail(server)}"
            )
        # its own word that the port is its own: another process may have taken it meanwhile
        if b"Uvicorn running on" in server.log.read_bytes():
            with contextlib.suppress(OSError), local.open(health, timeout=5) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.05)
    raise ServerError(
        f"the server did not answer within {patience:g} s: give it more patience{_tail(server)}"
    )


def _tail(server: Server) -> str:
    lines = server.log.read_text("utf-8", errors="replace").splitlines()[-15:]
    return "; its log ends with:\n  " + "\n  ".join(lines) if lines else "; its log is empty"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close its pipe, at which it ends itself; if it does not, kill it. It is gone afterwards."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
    finally:
        process.kill()
        process.wait()


def _launch(place: str) -> None:
    """In the server's process: run the command; end, without ``place``, when the pipe closes."""

    def watch() -> None:
        while os.read(0, 1):
            pass
        shutil.rmtree(place, ignore_errors=True)  # the parent, if it was killed, cannot do it
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    from transformers.cli.transformers import main

    main()


if __name__ == "__main__":
    _launch(sys.argv.pop(1))
