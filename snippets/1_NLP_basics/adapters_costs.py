"""For `adapters_experiment`: memory, time and arithmetic of a training step."""

import copy
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from adapters_methods import METHODS, learned_from, lora, tokens
from wode.adapters import add_lora, learned_state, merge
from wode.data.pairs import collate
from wode.files.hub import MINILM
from wode.heads import SequenceClassifier

PHASES = ("forward", "backward", "step")


@contextmanager
def saved_bytes(model: nn.Module) -> Iterator[list[int]]:
    """Counts the bytes that autograd keeps between forward and backward, parameters left out."""
    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    seen: dict[int, int] = {}
    total: list[int] = []

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        yield total
    total.append(sum(seen.values()))


def costs() -> dict[str, Any]:
    """Bytes and CPU seconds of one step in float32: 16 sentences, the median of 15 rounds."""
    inputs, labels = collate(tokens())(learned_from(0)[:16])
    names = ["full", "houlsby16", "lora1", "lora8", "lora32", "bias", "head"]
    models, found = {}, dict[str, dict[str, Any]]()
    for name in names:
        torch.manual_seed(0)
        model = METHODS[name][0](SequenceClassifier.from_pretrained(MINILM, 2)).train()
        models[name] = model, torch.optim.AdamW(model.parameters(), 1e-4, fused=True)
        with saved_bytes(model) as saved:
            loss = F.cross_entropy(model(**inputs), labels)
        loss.backward()
        models[name][1].step()
        learn = [p for p in model.parameters() if p.requires_grad]
        moments = [t for state in models[name][1].state.values() for t in state.values() if t.dim()]
        found[name] = {
            "parameters": sum(p.numel() for p in model.parameters()),
            "learned": sum(p.numel() for p in learn),
            "weights_mb": sum(p.nbytes for p in model.parameters()) / 1e6,
            "gradients_mb": sum(p.grad.nbytes for p in learn if p.grad is not None) / 1e6,
            "moments_mb": sum(t.nbytes for t in moments) / 1e6,
            "saved_mb": saved[0] / 1e6,
        }
    times: dict[str, list[list[float]]] = {name: [] for name in names}
    for _ in range(15):  # in turn, so that what else the machine does meets all of them
        for name, (model, optimizer) in models.items():
            optimizer.zero_grad()
            marks = [time.process_time()]
            loss = F.cross_entropy(model(**inputs), labels)
            marks.append(time.process_time())
            loss.backward()
            marks.append(time.process_time())
            optimizer.step()
            marks.append(time.process_time())
            times[name].append([b - a for a, b in pairwise(marks)])
    whole = [sum(each) for each in times["full"]]
    for name, rows in times.items():
        for key, column in zip(PHASES, zip(*rows, strict=True), strict=True):
            found[name][key] = statistics.median(column) / statistics.median(whole)
        found[name]["time"] = statistics.median(map(sum, rows)) / statistics.median(whole)
    torch.manual_seed(0)
    plain = SequenceClassifier.from_pretrained(MINILM, 2)
    added = lora(copy.deepcopy(plain), 8)
    for name, tensor in learned_state(added).items():
        nn.init.normal_(tensor, std=0.02)
        added.get_parameter(name).data = tensor
    merged = merge(copy.deepcopy(added))
    with torch.inference_mode():
        apart = (added.eval()(**inputs) - merged.eval()(**inputs)).abs().max().item()
        asked_: dict[str, list[float]] = {"plain": [], "added": [], "merged": []}
        for _ in range(30):
            for name, model in zip(asked_, (plain.eval(), added, merged), strict=True):
                began = time.process_time()
                model(**inputs)
                asked_[name].append(time.process_time() - began)
    base = statistics.median(asked_["plain"])
    answers = {name: statistics.median(values) / base for name, values in asked_.items()}
    return {"step": found, "answer": answers, "merged_apart": apart}


def arithmetic() -> dict[str, Any]:
    """The arithmetic of both passes of a step; the forward pass with all weights is 1.

    Beside the methods, LoRA of rank 8 in the highest layer alone.
    """
    inputs, labels = collate(tokens())(learned_from(0)[:16])
    found: dict[str, dict[str, float]] = {}
    top = [f"encoder.layer.5.attention.self.{name}" for name in ("query", "value")]
    ways = {name: METHODS[name][0] for name in ("full", "lora8", "bias", "head")}
    ways["lora_top"] = partial(add_lora, targets=top, learned=["classifier"])
    for name, way in ways.items():
        model = way(SequenceClassifier.from_pretrained(MINILM, 2)).train()
        with FlopCounterMode(display=False) as forward, saved_bytes(model) as saved:
            loss = F.cross_entropy(model(**inputs), labels)
        with FlopCounterMode(display=False) as backward:
            loss.backward()
        passes = {"forward": forward, "backward": backward}
        found[name] = {key: float(one.get_total_flops()) for key, one in passes.items()}
        found[name]["saved_mb"] = saved[0] / 1e6
    one = found["full"]["forward"]
    return {
        name: {key: n if key == "saved_mb" else n / one for key, n in row.items()}
        for name, row in found.items()
    }
