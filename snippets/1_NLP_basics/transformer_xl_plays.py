"""Shakespeare, character by character, in segments of 16: three ways to learn, several to read."""

import time

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from wode.files.download import data_root
from wode.transformer_xl import Config, TransformerXL

SEGMENT, CHARACTERS = 16, 512  # a step learns from so many characters
#: The length of a segment and whether a memory of as much is read.
WAYS = {
    "alone": (SEGMENT, False),
    "longer": (2 * SEGMENT, False),
    "memory": (SEGMENT, True),
}
SWAPPED = "swapped"  # as "memory", but what is read is a neighbouring row's


def characters() -> tuple[Tensor, Tensor, Tensor]:
    """The plays as numbers: to learn from, to choose rates by, to test on (the last tenths)."""
    (path,) = (data_root() / "tinyshakespeare").glob("*.txt")
    text = path.read_text(encoding="utf-8")
    number = {one: n for n, one in enumerate(sorted(set(text)))}
    ids = torch.tensor([number[one] for one in text])
    learn, choose, test = (len(ids) * n // 20 for n in (18, 1, 1))
    return ids[:learn], ids[learn : learn + choose], ids[-test:]


def fresh(vocabulary: int, mem_len: int | None, size: int = 64) -> TransformerXL:
    model = TransformerXL(Config(vocabulary, size, 2, 4, 4 * size, 0.0, mem_len=mem_len))
    for weight in model.parameters():
        if weight.ndim > 1:
            nn.init.normal_(weight, std=0.1)  # 0.02 is little for so small a model
    return model


def learn(way: str, ids: Tensor, steps: int, lr: float, seed: int) -> TransformerXL:
    """Each row of a batch reads on through the text, from a place drawn at random."""
    torch.manual_seed(seed)
    length, remembers = WAYS["memory" if way == SWAPPED else way]
    model = fresh(int(ids.max()) + 1, length)
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, steps, pct_start=0.1)
    at, memory = torch.randint(len(ids), (CHARACTERS // length,)), None
    for n in range(steps):
        places = (at[:, None] + torch.arange(n * length, (n + 1) * length + 1)) % len(ids)
        part = ids[places]  # (B, T + 1)
        if way == SWAPPED and memory:
            memory = [one.roll(1, dims=0) for one in memory]
        logits, memory = model(part[:, :-1], memory if remembers else None)
        loss = F.cross_entropy(logits.flatten(0, 1), part[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    return model.eval()


@torch.no_grad()
def by_place(
    model: TransformerXL, ids: Tensor, length: int, mem_len: int, other: bool = False
) -> list[float]:
    """-log p by place in a segment: 64 rows, 256 characters each after 256 that fill the memory.

    ``other``: the memory is a neighbouring row's.
    """
    rows, memory = ids[: len(ids) // 64 * 64].view(64, -1)[:, :513], None
    config, costs = model.config, []
    model.config = Config(**vars(config) | {"mem_len": mem_len})
    for n in range(512 // length):
        part = rows[:, n * length : (n + 1) * length + 1]
        if other and memory:
            memory = [one.roll(1, dims=0) for one in memory]
        logits, memory = model(part[:, :-1], memory if mem_len else None)
        if n * length >= 256:
            cost = F.cross_entropy(logits.transpose(1, 2), part[:, 1:], reduction="none")
            costs.append(cost.mean(dim=0))
    model.config = config
    return torch.stack(costs).mean(dim=0).tolist()


def measured(way: str, steps: int, lr: float, seed: int, test: bool) -> dict:
    """By place, read as it was learned; of those tested, read with other memories, too."""
    learned_from, choose, held_out = characters()
    began = time.process_time()
    model = learn(way, learned_from, steps, lr, seed)
    seconds = time.process_time() - began
    ids, (length, remembers) = held_out if test else choose, WAYS[way]
    found = {"as learned": by_place(model, ids, length, length * remembers)}
    if test:
        for mem_len in (0, 16, 32, 64, 128, 256):
            found[f"keep{mem_len}"] = by_place(model, ids, length, mem_len)
    if test and way == "memory":
        found["other"] = by_place(model, ids, length, length, other=True)
    return {"places": found, "seconds": seconds}


def swapped(steps: int, lr: float, seed: int) -> float:
    """-log p of a model that learned, and reads, with a neighbouring row's memory."""
    learned_from, _, ids = characters()
    model = learn(SWAPPED, learned_from, steps, lr, seed)
    places = by_place(model, ids, SEGMENT, SEGMENT, other=True)
    return sum(places) / len(places)


def sliding(way: str, steps: int, lr: float, seed: int) -> float:
    """-log p where each character is the last of a window computed for it alone.

    The same characters as `by_place` scores, each with a segment's length in view.
    """
    learned_from, _, ids = characters()
    model, (length, _) = learn(way, learned_from, steps, lr, seed), WAYS[way]
    rows = ids[: len(ids) // 64 * 64].view(64, -1)[:, :513]
    windows = rows[:, 257 - length :].unfold(1, length + 1, 1)  # (64, 256, W + 1)
    costs = []
    with torch.no_grad():
        for part in windows.transpose(0, 1):  # (64, W + 1)
            logits, _ = model(part[:, :-1])
            costs.append(F.cross_entropy(logits[:, -1], part[:, -1]))
    return torch.stack(costs).mean().item()


@torch.no_grad()
def costs(window: int, size: int = 64) -> dict[str, float]:
    """What a character costs, read on with a memory, or in a window computed anew for it."""
    torch.manual_seed(0)
    model = fresh(65, window, size).eval()
    ids = torch.randint(65, (16, window))
    _, memory = model(ids)
    found = {}
    for name, read_with in (("on", memory), ("anew", None)):
        with FlopCounterMode(display=False) as counter:
            model(ids, read_with)
        times = []
        for _ in range(5):
            began = time.process_time()
            model(ids, read_with)
            times.append(time.process_time() - began)
        # reading on, a pass answers for all its characters; the window, for its last one alone
        answered = ids.numel() if name == "on" else len(ids)
        found |= {f"flops_{name}": counter.get_total_flops() / answered}
        found |= {f"time_{name}": min(times) / answered}
    return {
        "window": window,
        "flops": found["flops_anew"] / found["flops_on"],
        "time": found["time_anew"] / found["time_on"],
    }
