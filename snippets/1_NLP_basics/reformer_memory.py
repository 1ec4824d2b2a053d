"""For reformer_experiment.py: what reversible layers keep, take and round; the reference's seeds.

    python snippets/1_NLP_basics/reformer_memory.py WAY LAYERS

prints by how many MB a training step raises the peak of this process.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from wode.reformer import Config, Layer, Reformer, halves
from wode.reversible import run, run_reversibly

CONFIG = Config(
    vocab_size=100, hidden_size=128, num_attention_heads=4, attention_head_size=32,
    feed_forward_size=512, num_buckets=16, num_hashes=1, lsh_attn_chunk_length=32,
    max_position_embeddings=512, hidden_dropout_prob=0.0,
)  # fmt: skip


def layers_of(number: int, std: float = 0.02, config: Config = CONFIG) -> nn.ModuleList:
    torch.manual_seed(0)
    layers = nn.ModuleList([Layer(config) for _ in range(number)])
    for parameter in layers.parameters():
        if parameter.ndim == 2:
            nn.init.normal_(parameter, std=std)
    return layers


def each_again(x1: Tensor, x2: Tensor, pairs: Any) -> tuple[Tensor, Tensor]:
    """torch's own: keep each layer's input, run the layer once more in the backward pass."""
    for pair in pairs:
        x1, x2 = checkpoint(run, x1, x2, [pair], use_reentrant=True)
    return x1, x2


def step(way: str, layers: nn.ModuleList, x: Tensor) -> Tensor:
    """Forward and backward; the outputs."""
    seen = torch.ones(x.shape[:2], dtype=torch.bool)
    pairs = [halves(layer, seen) for layer in layers]  # ty: ignore[invalid-argument-type]
    x1, x2 = x, x
    if way == "reversible":
        x1, x2 = run_reversibly(x1, x2, pairs, list(layers.parameters()))
    elif way == "checkpoint":
        x1, x2 = each_again(x1, x2, pairs)
    else:
        x1, x2 = run(x1, x2, pairs)
    return torch.cat([x1, x2], dim=-1)


WAYS = ("stored", "reversible", "checkpoint")


def kept_by(way: str, number: int) -> float:
    """MB that are kept after the forward pass, weights left out.

    What autograd keeps, and what it does not see: each layer's buckets, and the generator's states
    (of a reversible layer two, of a checkpoint one).
    """
    layers, x = layers_of(number), torch.randn(4, 512, 128, requires_grad=True)
    own = {p.untyped_storage().data_ptr() for p in layers.parameters()}
    sizes: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        y = step(way, layers, x)
    del y
    states = {"stored": 0, "reversible": 2, "checkpoint": 1}[way]
    buckets = 8 * 4 * 512 * CONFIG.num_attention_heads * CONFIG.num_hashes  # int64
    unseen = states * torch.get_rng_state().nbytes + (buckets if states else 0)
    return (sum(sizes.values()) + number * unseen) / 1e6


def seconds(way: str, number: int = 6, times: int = 4) -> float:
    """CPU seconds of a forward and a backward pass, the best of some."""
    layers, x = layers_of(number), torch.randn(4, 512, 128, requires_grad=True)
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        step(way, layers, x).square().sum().backward()
        best = min(best, time.process_time() - began)
    return best


def rounding(number: int, std: float, kind: str = "float32") -> dict[str, float]:
    """How far from float64: gradients of stored and reversed layers, and the input computed back.

    Full attention and 64 tokens, so that no bucket can change.
    """
    config = replace(CONFIG, lsh_attn_chunk_length=512)
    x = torch.randn(2, 64, 128, generator=torch.Generator().manual_seed(1))
    results: dict[str, Tensor] = {}
    for name, way, dtype in (
        ("exact", "stored", torch.float64),
        ("stored", "stored", getattr(torch, kind)),
        ("reversed", "reversible", getattr(torch, kind)),
    ):
        layers = layers_of(number, std, config).to(dtype)
        mine = x.to(dtype).requires_grad_()
        step(way, layers, mine).mean().backward()
        layer: Any = layers[0]
        first = layer.attention.self_attention.value.weight.grad
        results[name] = first.double()
    size = results["exact"].norm()
    return {
        name: ((results[name] - results["exact"]).norm() / size).item()
        for name in ("stored", "reversed")
    } | {"input": back(number, std, kind)}


@torch.no_grad()
def back(number: int, std: float, kind: str) -> float:
    """The input computed back from the output: its error, in units of the input's size."""
    config = replace(CONFIG, lsh_attn_chunk_length=512)
    layers = layers_of(number, std, config).to(getattr(torch, kind))
    x = torch.randn(2, 64, 128, generator=torch.Generator().manual_seed(1)).to(getattr(torch, kind))
    pairs = [halves(layer, torch.ones(2, 64, dtype=torch.bool)) for layer in layers]  # ty: ignore
    y1, y2 = run(x, x, pairs)
    for f, g in reversed(pairs):
        y2 = y2 - g(y1)
        y1 = y1 - f(y2)
    return ((y1 - x).double().norm() / x.double().norm()).item()


def peak(again: bool = False) -> float:
    """MB that this process has held at most, since the start or since it was asked ``again``."""
    if again:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def rise(way: str, number: int) -> float:
    layers, x = layers_of(number), torch.randn(4, 512, 128, requires_grad=True)
    for parameter in layers.parameters():
        parameter.grad = torch.zeros_like(parameter)
    step(way, layers_of(1), x[:, :32]).sum().backward()  # what torch loads at its first step
    before = peak(again=True)
    step(way, layers, x).square().sum().backward()
    return peak() - before


# ---------------------------------------------------------------- the reference


def theirs(config: Config, **more: Any) -> Any:
    from transformers import ReformerConfig, ReformerModel

    kinds: dict[str, Any] = {
        "attn_layers": ["lsh"] * config.num_hidden_layers,
        "axial_pos_embds": False,
    }
    return ReformerModel(ReformerConfig(**{**vars(config), **kinds, **more}))


def reference() -> dict[str, Any]:
    """A step of transformers' Reformer as a multiple of ours; what dropout drops in both runs."""
    config = replace(CONFIG, num_hidden_layers=4)
    ids = torch.randint(100, (4, 512))

    def best(compute: Callable[[], Tensor]) -> float:
        least = float("inf")
        for _ in range(4):
            began = time.process_time()
            compute().square().sum().backward()
            least = min(least, time.process_time() - began)
        return least

    model, other = Reformer(config).train(), theirs(config).train()
    ratio = best(lambda: other(ids, use_cache=False).last_hidden_state) / best(lambda: model(ids))
    dropping = theirs(replace(config, num_hidden_layers=1, hidden_dropout_prob=0.3)).train()
    zeros: dict[str, list[Tensor]] = {"attention.output": [], "feed_forward": []}
    for name, of in zeros.items():
        half = dropping.encoder.layers[0].get_submodule(name)
        half.register_forward_hook(lambda _m, _x, y, of=of: of.append(y == 0))
    dropping(ids, use_cache=False).last_hidden_state.sum().backward()
    same = {k: (one == two).double().mean().item() for k, (one, two) in zeros.items()}
    return {
        "slower": ratio,
        "attention_same": same["attention.output"],
        "feed_forward_same": same["feed_forward"],
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(rise(sys.argv[1], int(sys.argv[2])))
