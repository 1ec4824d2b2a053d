"""For reformer_experiment.py: the law of collisions, random vectors, and a model never hashed."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

import wode.llama
from wode.files.download import data_root
from wode.prompting import from_pretrained
from wode.reformer import hash_buckets

ROUNDS = (1, 2, 4, 8, 16)


def law(angle: float, buckets: int) -> float:
    """The chance that two vectors so far apart share a bucket, as an integral over a grid.

    One of the ``buckets`` is first for both: its two numbers are normal with correlation
    cos(angle), and all other pairs of numbers are smaller in size.
    """
    if angle >= math.pi:
        return 0.0
    n, far = 600, 6.0
    x = (torch.arange(n, dtype=torch.float64) + 0.5) * far / n
    rho = math.cos(angle)
    u, v = x[:, None], x[None, :]

    def density(sign: int) -> Tensor:
        square = (u * u - 2 * sign * rho * u * v + v * v) / (2 * (1 - rho * rho))
        return (-square).exp() / (2 * math.pi * math.sqrt(1 - rho * rho))

    cell = (far / n) ** 2
    smaller = 2 * cell * (density(1) + density(-1))  # of both signs; now P(|U| < u, |V| < v)
    for axis in (0, 1):
        smaller = smaller.cumsum(axis) - smaller / 2  # to the middle of a cell
    return float((buckets * cell * density(1) * smaller ** (buckets // 2 - 1)).sum())


def counted(angle: float, buckets: int, size: int = 64, pairs: int = 20_000) -> float:
    """The share of pairs at this angle that share a bucket, each pair with its own rotation."""
    chance = torch.Generator().manual_seed(0)
    one = torch.zeros(pairs, 1, 1, size)
    one[..., 0] = 1
    other = torch.zeros(pairs, 1, 1, size)
    other[..., 0], other[..., 1] = math.cos(angle), math.sin(angle)
    turns = torch.randn(pairs, size, 1, buckets // 2, generator=chance)
    both = torch.cat([one, other], dim=2).transpose(0, 1)  # (1, pairs, 2, size): a head a pair
    found = hash_buckets(both, turns)[0, :, 0]  # (pairs, 2)
    return (found[:, 0] == found[:, 1]).float().mean().item()


def collisions() -> dict[str, list[float]]:
    degrees = list(range(0, 181, 15))
    found: dict[str, list[float]] = {"degrees": [float(d) for d in degrees]}
    for buckets in (2, 4, 16, 64):
        found[f"law_{buckets}"] = [1.0] + [law(math.radians(d), buckets) for d in degrees[1:]]
        found[f"counted_{buckets}"] = [counted(math.radians(d), buckets) for d in degrees]
    return found


def same_bucket(query: Tensor, key: Tensor, rounds: int, buckets: int) -> tuple[Tensor, Tensor]:
    """(h, T, d) twice → (h, rounds, T, T): pairs in one bucket; and with keys dealt out anew."""
    turns = torch.randn(query.shape[0], query.shape[-1], rounds, buckets // 2)
    of_query, of_key = hash_buckets(query[None], turns)[0], hash_buckets(key[None], turns)[0]
    dealt = of_key.gather(-1, torch.rand(of_key.shape).argsort(dim=-1))
    return (
        of_query[..., :, None] == of_key[..., None, :],
        of_query[..., :, None] == dealt[..., None, :],
    )


def nearest(seed: int) -> dict[str, float]:
    """512 vectors of 64 numbers: is the nearest in a bucket? Random ones, and with a twin each."""
    torch.manual_seed(seed)
    alone = torch.nn.functional.normalize(torch.randn(1, 512, 64), dim=-1)
    half = torch.nn.functional.normalize(torch.randn(1, 256, 64), dim=-1)
    near = torch.nn.functional.normalize(half + 0.06 * torch.randn(1, 256, 64), dim=-1)
    found = {}
    for name, vectors in (("random", alone), ("twins", torch.cat([half, near], dim=1))):
        cosine = (vectors @ vectors.mT)[0].fill_diagonal_(-1)
        best, at = cosine.max(dim=-1)
        found[f"{name}_cosine"] = best.mean().item()
        for kind, pairs in zip(
            ("hashed", "dealt"), same_bucket(vectors, vectors, 16, 16), strict=True
        ):
            for rounds in ROUNDS:
                see = pairs[0, :rounds].any(dim=0)
                found[f"{name}_{kind}_{rounds}"] = see[range(512), at].float().mean().item()
    return found


@contextmanager
def overheard() -> Iterator[list[tuple[Tensor, Tensor]]]:
    """The queries and keys (1, h, T, d) of each of SmolLM2's layers while it reads."""
    heard: list[tuple[Tensor, Tensor]] = []
    module: Any = wode.llama
    attention = module.fused_attention

    def listening(query: Tensor, key: Tensor, *more: Any) -> Tensor:
        heard.append((query.float(), key.float()))
        return attention(query, key, *more)

    module.fused_attention = listening
    try:
        yield heard
    finally:
        module.fused_attention = attention


@torch.no_grad()
def real(passage: int, length: int = 384) -> dict[str, float]:
    """SmolLM2's attention, all layers and heads: the weight that fewer keys catch, and how many.

    ``_rest``: without the first token, which many heads give most of their weight.
    """
    torch.manual_seed(passage)
    model, tokenizer = from_pretrained()
    text = (data_root() / "tinyshakespeare" / "input.txt").read_text("utf-8")
    ids = tokenizer(text[100_000 * (passage + 1) :][:4000], return_tensors="pt").input_ids
    with overheard() as heard:
        model(ids[:, :length])
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    place = torch.arange(length)
    gap = place[:, None] - place
    late = slice(length // 4, None)
    sums: dict[str, list[float]] = {}

    def note(name: str, weight: Tensor, see: Tensor) -> float:
        keys = see.sum(-1)[:, late].double().mean().item()
        sums.setdefault(name, []).append((weight * see).sum(-1)[:, late].mean().item())
        sums.setdefault(f"{name}_keys", []).append(keys)
        return keys

    for query, key in heard[::3]:
        scores = (query[0] @ key[0].mT / math.sqrt(query.shape[-1])).masked_fill(~causal, -1e9)
        rest = scores.masked_fill(place == 0, -1e9).softmax(dim=-1)
        weight = scores.softmax(dim=-1)
        first = weight[:, late, 0].mean().item()
        sums.setdefault("first", []).append(first)
        hashed, dealt = same_bucket(query[0], key[0], max(ROUNDS), 16)
        for rounds in ROUNDS:
            see = hashed[:, :rounds].any(dim=1) & causal
            keys = note(f"hashed_{rounds}", weight, see)
            note(f"hashed_{rounds}_rest", rest, see)
            see = dealt[:, :rounds].any(dim=1) & causal
            note(f"dealt_{rounds}", weight, see)
            note(f"dealt_{rounds}_rest", rest, see)
            wide = ((gap < round(keys)) & causal).expand_as(weight)
            note(f"window_{rounds}", weight, wide)
            note(f"window_{rounds}_rest", rest, wide)
            note(f"window_first_{rounds}", weight, wide | (place == 0) & causal)
            best = rest.topk(round(keys), dim=-1).values.sum(-1)[:, late].mean().item()
            sums.setdefault(f"best_{rounds}_rest", []).append(best)
    return {name: sum(values) / len(values) for name, values in sums.items()}
