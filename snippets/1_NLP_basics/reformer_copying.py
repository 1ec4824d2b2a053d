"""For reformer_experiment.py: 0w0w learned with other attentions, and what each finds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from reformer import copies, new_model, right, teach
from wode.checks import likeliest
from wode.reformer import Config, SelfAttention, hash_buckets, initialise, normalised

CHUNK, LENGTH, BUCKETS = 8, 64, 16
ROUNDS = (1, 2, 4, 8)


def config_of(rounds: int = 2, chunk: int = CHUNK) -> Config:
    return Config(
        vocab_size=16,
        hidden_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        attention_head_size=32,
        feed_forward_size=128,
        num_buckets=BUCKETS,
        num_hashes=rounds,
        lsh_attn_chunk_length=chunk,
        max_position_embeddings=LENGTH,
        hidden_dropout_prob=0.0,
    )


def learned(way: str, seed: int, lr: float, steps: int = 200) -> nn.Sequential:
    """``way``: "full", or the number of rounds in training."""
    torch.manual_seed(seed)
    config = config_of(1, LENGTH) if way == "full" else config_of(int(way))
    return teach(new_model(config), steps, lr)


def copied(way: str, seed: int, lr: float, steps: int = 200) -> dict[str, float]:
    """Share right with full attention and with each number of rounds, whatever was trained."""
    model = learned(way, seed, lr, steps)
    torch.manual_seed(1000 + seed)
    found = {"full": right(model, config_of(1, LENGTH))}
    for rounds in ROUNDS:
        found[str(rounds)] = right(model, config_of(rounds))
    return found


class Varied(SelfAttention):
    """Dense attention with a mask of buckets: with one matrix or two, with or without itself."""

    def __init__(self, config: Config, apart: bool, hashed: bool, itself: bool) -> None:
        super().__init__(config)
        self.hashed, self.itself = hashed, itself
        inner = config.num_attention_heads * config.attention_head_size
        self.key = nn.Linear(config.hidden_size, inner, bias=False) if apart else None

    def forward(
        self, x: Tensor, seen: Tensor, buckets: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        query, value, key = (
            linear(x).unflatten(-1, (self.config.num_attention_heads, -1)).transpose(1, 2)
            for linear in (self.query_key, self.value, self.key or self.query_key)
        )  # (B, h, T, d)
        T = x.shape[1]
        may = torch.ones(T, T, dtype=torch.bool).tril()
        if self.hashed:
            rotations = self.rotations()
            of_query, of_key = hash_buckets(query, rotations), hash_buckets(key, rotations)
            may = may & (of_query[..., :, None] == of_key[..., None, :]).any(dim=2)
        scores = (query @ normalised(key).mT).masked_fill(~may, -1e9)
        diagonal = torch.eye(T, dtype=torch.bool)
        last = diagonal if not self.itself else diagonal & ~may  # sees itself if nothing else
        scores = scores.masked_fill(last, -1e5)
        return (scores.softmax(dim=-1) @ value).transpose(1, 2).flatten(2), buckets


def exchange(model: nn.Sequential, make: Callable[[], SelfAttention]) -> None:
    """Another attention in each layer, with the first weights of a Reformer."""
    reformer: Any = model[0]
    for layer in reformer.encoder.layers:
        layer.attention.self_attention = make().apply(initialise)


WAYS = {
    "shared_full": (False, False, False),
    "apart_full": (True, False, True),
    "itself_full": (False, False, True),
    "shared_hashed": (False, True, False),
    "apart_hashed": (True, True, True),
    "itself_hashed": (False, True, True),
}


def varied(way: str, rounds: int, seed: int, lr: float, steps: int = 200) -> float:
    """Share right of 0w0w after learning with one of `WAYS`; hashed: rounds of 64 buckets.

    So many that two tokens seldom meet by chance.
    """
    torch.manual_seed(seed)
    config = replace(config_of(rounds), num_buckets=64)
    model = new_model(config)
    exchange(model, lambda: Varied(config, *WAYS[way]))
    teach(model, steps, lr)
    torch.manual_seed(1000 + seed)
    ids = copies(100)
    with torch.no_grad():
        said = likeliest(model(ids)[:, 32:-1], dim=-1)
    return (said == ids[:, 33:]).float().mean().item()
