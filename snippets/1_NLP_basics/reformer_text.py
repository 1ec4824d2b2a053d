"""For reformer_experiment.py: Shakespeare by the character, read with several attentions."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from reformer import new_model
from reformer_copying import Varied, exchange
from wode.files.download import data_root
from wode.reformer import Config, SelfAttention, hash_buckets, normalised

LENGTH, CHUNK, ROWS, STEPS = 128, 8, 16, 250
ROUNDS = (1, 2, 4, 8)
CONFIG = Config(
    vocab_size=65,
    hidden_size=64,
    num_hidden_layers=2,
    num_attention_heads=2,
    attention_head_size=32,
    feed_forward_size=256,
    num_buckets=32,
    num_hashes=2,
    lsh_attn_chunk_length=CHUNK,
    max_position_embeddings=LENGTH,
    hidden_dropout_prob=0.0,
)


@cache
def text() -> tuple[Tensor, Tensor]:
    """Shakespeare as numbers of characters: to learn from, and held out (the last tenth)."""
    path = data_root() / "tinyshakespeare" / "input.txt"
    letters = path.read_text(encoding="utf-8")
    known = {letter: n for n, letter in enumerate(sorted(set(letters)))}
    ids = torch.tensor([known[letter] for letter in letters])
    cut = len(ids) * 9 // 10
    return ids[:cut], ids[cut:]


def rows_of(ids: Tensor, rows: int, chance: torch.Generator | None = None) -> Tensor:
    at = torch.randint(len(ids) - LENGTH - 1, (rows, 1), generator=chance)
    return ids[at + torch.arange(LENGTH + 1)]  # (rows, LENGTH + 1)


class Windowed(SelfAttention):
    """The same chunks, of tokens in their order: a window of one or two chunks."""

    def forward(
        self, x: Tensor, seen: Tensor, buckets: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        T, heads = x.shape[1], self.config.num_attention_heads
        own = torch.arange(T) // self.config.lsh_attn_chunk_length
        return super().forward(x, seen, own.expand(len(x), heads, 1, T))


# Keys before a token, in the mean: two rounds of hashing 16, windows of chunks of 16 and 8 23.5
# and 11.5.
WAYS: dict[str, tuple[dict[str, int], Callable[[Config], SelfAttention] | None]] = {
    "full": ({"lsh_attn_chunk_length": LENGTH}, None),
    "itself": ({}, lambda config: Varied(config, False, False, True)),
    "hashed": ({}, None),
    "window": ({"lsh_attn_chunk_length": 2 * CHUNK, "num_hashes": 1}, Windowed),
    "narrow": ({"num_hashes": 1}, Windowed),
}


def reader(way: str, seed: int, lr: float, steps: int = STEPS) -> nn.Sequential:
    torch.manual_seed(seed)
    sizes, attention = WAYS[way]
    config = replace(CONFIG, **sizes)
    model = new_model(config)
    if attention is not None:
        exchange(model, partial(attention, config))
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = lr * min((step + 1) / 20, 1 - step / steps)
        ids = rows_of(text()[0], ROWS)
        loss = cost(model, ids)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def cost(model: nn.Sequential, ids: Tensor) -> Tensor:
    """Nats a character."""
    logits = model[1](model[0](ids[:, :-1], reversible=False))
    return F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())


@torch.no_grad()
def held_out(model: nn.Sequential, seed: int) -> float:
    ids = rows_of(text()[1], 128, torch.Generator().manual_seed(7))
    torch.manual_seed(1000 + seed)
    return cost(model, ids).item()


def read(way: str, seed: int, lr: float, steps: int = STEPS) -> dict[str, Any]:
    """Nats a character of held-out text; of "full" and "hashed" also what hashing catches."""
    model = reader(way, seed, lr, steps)
    found: dict[str, Any] = {"nats": held_out(model, seed)}
    if way in ("full", "hashed"):
        found["caught"] = caught(model, seed)
    return found


@torch.no_grad()
def caught(model: nn.Sequential, seed: int) -> dict[str, dict[str, float]]:
    """The share of full attention's weight that chunks see, and of the places: both layers."""
    ids = rows_of(text()[1], 16, torch.Generator().manual_seed(8))[:, :-1]
    config = replace(CONFIG, lsh_attn_chunk_length=LENGTH)
    whole = new_model(config)
    whole.load_state_dict(model.state_dict())
    queries: list[Tensor] = []
    reformer: Any = whole[0]
    for layer in reformer.encoder.layers:
        layer.attention.self_attention.query_key.register_forward_hook(
            lambda _m, _i, y: queries.append(y.unflatten(-1, (2, -1)).transpose(1, 2))
        )
    whole[0](ids)
    torch.manual_seed(2000 + seed)
    shares: dict[str, list[tuple[float, float]]] = {}
    causal = torch.ones(LENGTH, LENGTH, dtype=torch.bool).tril(-1)  # itself counts for nothing
    late = slice(LENGTH // 4, None)
    for query in queries:
        scores = (query @ normalised(query).mT).masked_fill(~causal, -1e9)
        weight = scores.softmax(dim=-1)
        turns = torch.randn(2, 32, max(ROUNDS), 16)
        buckets = hash_buckets(query, turns)
        random = torch.rand(buckets.shape).argsort(dim=-1)
        own = torch.arange(LENGTH)[None, None, None].expand(len(ids), 2, 1, -1)
        for rounds in ROUNDS:
            for name, kind, chunk in (
                ("hashed", buckets[:, :, :rounds], CHUNK),
                ("shuffled", random[:, :, :rounds], CHUNK),
                ("window", own, min(rounds * CHUNK, LENGTH // 2)),
            ):
                see = together(kind, chunk) & causal
                pair = (
                    (weight * see).sum(-1)[..., late].mean().item(),
                    see.sum(-1)[..., late].double().mean().item(),
                )
                shares.setdefault(f"{name}_{rounds}", []).append(pair)
            k = round(shares[f"hashed_{rounds}"][-1][1])
            best = weight.topk(k, dim=-1).values.sum(-1)[..., late].mean().item()
            shares.setdefault(f"best_{rounds}", []).append((best, float(k)))
    return {
        name: {"weight": sum(w for w, _ in of) / len(of), "keys": sum(n for _, n in of) / len(of)}
        for name, of in shares.items()
    }


def together(buckets: Tensor, chunk: int) -> Tensor:
    """(B, h, rounds, T) → (B, h, T, T): which pairs `lsh_attention` compares in any round."""
    T = buckets.shape[-1]
    place = buckets.argsort(dim=-1, stable=True).argsort(dim=-1) // chunk  # the chunk of each token
    gap = place[..., :, None] - place[..., None, :]
    return ((gap == 0) | (gap == 1)).any(dim=2) | torch.zeros(T, T, dtype=torch.bool)
