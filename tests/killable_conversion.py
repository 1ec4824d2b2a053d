"""Conversions to be killed: ``local_model`` of a tiny package, with the HF_HOME that is given."""

import os
import sys
import tempfile
from functools import partial
from pathlib import Path

from forking import fork, nothing_shared, serve

from wode.files.hub import PACKAGES, Package

TINY = "someone/tiny"


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


def convert(home: str) -> int:
    """Call local_model with this cache."""
    from wode.files.gguf import local_model

    os.environ["HF_HOME"] = home
    local_model(TINY)
    return 0


def together(home: str, processes: str) -> int:
    """`convert` in so many processes at once; what number i says is in ``home``/i."""

    def heard(number: int) -> int:
        os.dup2(os.open(f"{home}/{number}", os.O_WRONLY | os.O_CREAT), 2)
        return convert(home)

    pids = [fork(partial(heard, number)) for number in range(int(processes))]
    return max(os.waitpid(pid, 0)[1] for pid in pids)


PACKAGES[TINY] = Package("tiny-gguf", "1.0", "tiny_gguf")
if __name__ == "__main__":
    nothing_shared()
    if sys.argv[1] == "--serve":
        with tempfile.TemporaryDirectory() as first:
            convert(first)  # it pays for the imports
        serve(lambda home, processes="": together(home, processes) if processes else convert(home))
    else:  # one call in a process of its own: prints the folder
        from wode.files.gguf import local_model

        print(local_model(sys.argv[1]))
