"""Conversions to be killed: reads a JSON object a line, forks a process that calls local_model.

    {"home": FOLDER, "stop_at": N, "seconds": S}

HF_HOME, the file-system event in HF_HOME to die at, the time after which to be killed; the last two
may be null. Answers with the exit code and the number of events.
One conversion before the forks pays for the imports.
"""

import json
import os
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from forking import fork, nothing_shared

from wode.files.hub import PACKAGES, Package

TINY = "someone/tiny"
EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.scandir")


def make_package(folder: Path) -> None:
    """A folder for sys.path with the installed package "tiny-gguf": a llama of a few kilobytes."""
    import gguf
    import numpy as np

    (folder / "tiny_gguf").mkdir(parents=True)
    info = folder / "tiny_gguf-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-gguf\nVersion: 1.0\n")
    writer = gguf.GGUFWriter(folder / "tiny_gguf" / "tiny.gguf", "llama")
    hidden, heads, inner, layers = 64, 4, 96, 2
    letters = [chr(c) for c in range(33, 127)] + ["Ġ", "Ċ"]
    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *letters, "Ġa"]
    writer.add_name("tiny")
    writer.add_block_count(layers)
    writer.add_context_length(128)
    writer.add_embedding_length(hidden)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(2)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * 3 + [1] * (len(tokens) - 3))
    writer.add_token_merges(["Ġ a"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_chat_template(
        "{% for m in messages %}{{ m['role'] + ': ' + m['content'] }}{% endfor %}"
    )
    rng = np.random.default_rng(0)

    def add(name: str, *shape: int) -> None:
        values = rng.normal(0, 0.05, shape).astype(np.float32)
        if len(shape) == 1:
            writer.add_tensor(name, 1 + values)
            return
        kind = gguf.GGMLQuantizationType.Q4_1
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)

    add("token_embd.weight", len(tokens), hidden)
    add("output_norm.weight", hidden)
    for i in range(layers):
        block = f"blk.{i}."
        add(block + "attn_norm.weight", hidden)
        add(block + "ffn_norm.weight", hidden)
        add(block + "attn_q.weight", hidden, hidden)
        add(block + "attn_k.weight", hidden // 2, hidden)
        add(block + "attn_v.weight", hidden // 2, hidden)
        add(block + "attn_output.weight", hidden, hidden)
        add(block + "ffn_gate.weight", inner, hidden)
        add(block + "ffn_up.weight", inner, hidden)
        add(block + "ffn_down.weight", hidden, inner)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def convert(home: str, stop_at: int | None) -> int:
    """Call local_model with this cache; die at the given event; the number of events."""
    from wode.files.gguf import local_model

    events = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal events
        if event in EVENTS and isinstance(arguments[0], str | os.PathLike):
            if not os.fspath(arguments[0]).startswith(home):
                return
            if events == stop_at:
                os.kill(os.getpid(), signal.SIGKILL)
            events += 1

    os.environ["HF_HOME"] = home
    sys.addaudithook(watch)
    local_model(TINY)
    return events


def count(home: str, stop_at: int | None, report: int) -> int:
    """Convert, and write the number of events to the file descriptor ``report``."""
    os.write(report, str(convert(home, stop_at)).encode())
    return 0


def serve() -> None:
    with tempfile.TemporaryDirectory() as home:
        convert(home, None)
    for line in sys.stdin:
        job = json.loads(line)
        reader, writer = os.pipe()
        pid = fork(partial(count, job["home"], job["stop_at"], writer))
        os.close(writer)
        if job["seconds"] is not None:
            time.sleep(job["seconds"])
            os.kill(pid, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        events = os.read(reader, 20).decode()
        os.close(reader)
        print(json.dumps({"code": code, "events": int(events or 0)}), flush=True)


PACKAGES[TINY] = Package("tiny-gguf", "1.0", "tiny_gguf")
if __name__ == "__main__":
    nothing_shared()
    if sys.argv[1:] == ["--serve"]:
        serve()
    else:  # one call in a process of its own: prints the folder
        from wode.files.gguf import local_model

        print(local_model(sys.argv[1]))
