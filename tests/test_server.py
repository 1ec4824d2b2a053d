"""wode.serving.server with the real command and model: it answers, and it is always gone."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest

from wode.book.state import PageState
from wode.files.gguf import local_model
from wode.files.hub import PACKAGES, SMOLLM2
from wode.serving.client import Endpoint, EndpointError, chat, complete, models, stream
from wode.serving.server import Server, ServerError, free_port, hub_cache, serve

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]
ENDLESS = [{"role": "user", "content": "Repeat forever: la la la la la la la la"}]  # > 250 tokens
pytestmark = pytest.mark.skipif(
    PACKAGES[SMOLLM2].locate() is None,
    reason="the packaged model is not installed: make test installs it",
)


@pytest.fixture(scope="module")
def folder() -> Path:
    return local_model(SMOLLM2)


@pytest.fixture(scope="module")
def server(folder) -> Iterator[Server]:
    with serve(folder, SMOLLM2) as running:
        yield running
    assert gone(running.process.pid)
    assert not running.log.exists(), "its temporary folder is gone, too"


@pytest.fixture
def endpoint(server) -> Endpoint:
    return Endpoint(server.url, SMOLLM2, timeout=600)


def gone(pid: int, seconds: float = 600.0) -> bool:
    """The process ends, long before ``seconds``; a zombie whose parent is not ours counts as ended.

    One whose first thread alone is a zombie does not: while the others end (some 40 ms here) its
    sockets still listen.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


# ---------------------------------------------------------------- it answers


def test_the_answers_are_the_models_own(endpoint, folder):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model: Any = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    for text in ("What is the capital of France?", "Tell me a story."):
        messages = [{"role": "user", "content": text}]
        prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
        ids = tokenizer(prompt, return_tensors="pt")
        tokens = model.generate(**ids, max_new_tokens=16, do_sample=False)[0]
        tokens = tokens[ids["input_ids"].shape[1] :]
        expected = tokenizer.decode(tokens, skip_special_tokens=True)
        reply = chat(endpoint, messages, 16, temperature=0)
        assert reply.text == expected
        assert reply.prompt_tokens == ids["input_ids"].shape[1]
        assert reply.completion_tokens == len(tokens) and reply.retries == 0
        assert reply.finish == ("length" if len(tokens) == 16 else "stop")
        assert "".join(stream(endpoint, messages, 16, temperature=0)) == expected
        assert complete(endpoint, prompt, 16, temperature=0).text == expected


def test_it_lists_its_model_and_hears_on_this_machine_only(server, endpoint):
    assert models(endpoint) == [SMOLLM2]
    listening = [
        c.laddr.ip
        for c in psutil.Process(server.process.pid).net_connections()
        if c.status == "LISTEN"
    ]
    assert listening == ["127.0.0.1"]


def test_the_wrong_name_gets_the_list(server):
    with pytest.raises(EndpointError, match="does not serve 'gpt-4'") as info:
        chat(Endpoint(server.url, "gpt-4"), QUESTION)
    assert f"set OPENAI_MODEL to one of ['{SMOLLM2}']" in str(info.value)
    with pytest.raises(EndpointError, match="does the address end in /v1"):
        chat(Endpoint(server.url.removesuffix("/v1"), SMOLLM2), QUESTION)


def test_a_reader_who_leaves_in_the_middle_stops_the_work(server, endpoint):
    """The server notices a closed stream: counted in its own processor time, not in seconds."""
    process = psutil.Process(server.process.pid)

    def spent() -> float:
        times = process.cpu_times()
        return times.user + times.system

    begin = spent()
    assert chat(endpoint, ENDLESS, 60, temperature=0).completion_tokens == 60
    sixty = spent() - begin
    begin = spent()
    pieces: Any = stream(endpoint, ENDLESS, 1000, temperature=0)
    assert next(pieces)
    pieces.close()
    chat(endpoint, QUESTION, 1)
    before = -1.0
    while spent() > before + 0.05:  # until it rests
        before = spent()
        time.sleep(1)
    assert spent() - begin < sixty


def test_the_server_is_not_told_the_key(folder, monkeypatch, server):
    for line in Path(f"/proc/{server.process.pid}/environ").read_bytes().split(b"\0"):
        assert not line.startswith(b"OPENAI_API_KEY")


# ---------------------------------------------------------------- it is gone


CHILD = """
import sys, time
from wode.serving.server import serve
with serve(sys.argv[1], "local/model") as server:
    print(server.process.pid, server.url, flush=True)
    {body}
"""


@pytest.mark.parametrize(
    ("body", "end", "code"),
    [
        ("time.sleep(600)", signal.SIGINT, -signal.SIGINT),  # Ctrl-C
        ("time.sleep(600)", signal.SIGKILL, -signal.SIGKILL),  # the pipe tells the server
        ("raise RuntimeError('a block failed')", None, 1),
        ("sys.exit(3)", None, 3),
    ],
)
def test_gone_when_the_program_ends_however_it_ends(body, end, code, folder, tmp_path, exhaustive):
    if end is None and not exhaustive:
        pytest.skip("it leaves the block as Ctrl-C does, and takes 8 seconds; with --exhaustive")
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD.format(body=body), str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    pid, url = process.stdout.readline().split()
    if end is not None:
        assert psutil.pid_exists(int(pid))
        process.send_signal(end)
    assert process.wait() == code
    process.stdout.close()
    assert gone(int(pid))
    assert not list(tmp_path.glob("wode-serve-*"))
    port = int(url.split(":")[2].split("/")[0])
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_a_page_that_fails_with_a_server_open_does_not_keep_it(folder):
    """What the book does after a page whose block failed: it ends the process and says so.

    Here in the middle of a stream, whose reader gets an error and the part that had come.
    """
    state = PageState()
    state.enter()
    try:
        held = ExitStack()
        server = held.enter_context(serve(folder, SMOLLM2))
        endpoint = Endpoint(server.url, SMOLLM2, timeout=600)
        pieces = stream(endpoint, ENDLESS, 1000, temperature=0)
        got = [next(pieces)]
    finally:
        complaints = state.leave()
    assert any(str(server.process.pid) in complaint for complaint in complaints)
    assert all("a process still lives" in complaint for complaint in complaints), complaints
    assert gone(server.process.pid)
    with pytest.raises(EndpointError, match="the stream broke") as info:
        got.extend(pieces)
    assert info.value.partial == "".join(got) and info.value.__context__ is None
    with pytest.raises(EndpointError, match="cannot reach"):
        chat(Endpoint(server.url, SMOLLM2, retries=0), QUESTION)
    held.close()


# ---------------------------------------------------------------- it does not start


def test_no_model_no_name_no_start(tmp_path, folder):
    with pytest.raises(FileNotFoundError, match="and weights there"):
        serve(tmp_path).__enter__()
    with pytest.raises(ValueError, match="expected owner/name, got 'a b'"):
        serve(folder, "a b").__enter__()


def test_what_keeps_it_from_starting_is_in_the_error(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}))
    with pytest.raises(ServerError) as info:
        serve(tmp_path).__enter__()
    assert "the server ended with code 1 before it answered; its log ends with:" in str(info.value)
    assert "rror" in str(info.value).split("its log ends with:")[1]


def test_patience_ends(folder):
    before = set(psutil.Process().children())
    with pytest.raises(ServerError, match=r"did not answer within 0\.1 s: give it more patience"):
        serve(folder, patience=0.1).__enter__()
    assert set(psutil.Process().children()) == before


def test_a_hub_cache_is_one_that_the_hub_reads(folder, tmp_path):
    from huggingface_hub import scan_cache_dir

    (repo,) = scan_cache_dir(hub_cache(folder, SMOLLM2, tmp_path / "hub")).repos
    assert repo.repo_id == SMOLLM2 and list(repo.refs) == ["main"]


def test_a_free_port_can_be_bound():
    for _ in range(20):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", free_port()))


def test_a_foreign_server_on_the_port_is_not_taken_for_ours(folder, monkeypatch):
    """Ours cannot bind, so it ends; that somebody answers there is not enough."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setattr("wode.serving.server.free_port", lambda: other.getsockname()[1])
        with pytest.raises(ServerError, match="ended with code"):
            serve(folder, SMOLLM2).__enter__()
