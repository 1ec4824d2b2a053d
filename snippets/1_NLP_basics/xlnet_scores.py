"""What hidden tokens of held-out sentences cost a model of `xlnet_ways`, in nats."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from wode.masking import Words
from wode.xlnet import XLNetLM, visible_in
from xlnet_ways import MARKS, Batches, causal, orders


def two_streams(way: str) -> bool:
    return way.startswith(("xlnet", "full"))


@torch.no_grad()
def nats(way: str, model: XLNetLM, rows: Sequence[Tensor], words: Words, seed: int) -> dict:
    """Mean -log p of a token: given all others, its left side, what comes before in an order.

    Also of neighbouring pairs, each asked for at once (``product``) or one after the other.
    """
    chance, pairs = torch.Generator().manual_seed(seed), 0
    total: dict[str, float] = {}
    count = sum(len(row) - MARKS for row in rows)
    for ids in Batches(rows, 1, 0).groups.values():
        B, T = ids.shape
        natural = torch.arange(T).expand(B, T)
        if way.startswith("left"):
            logits = model(ids, causal(ids))[:, MARKS - 1 : -1]
            found = {"left": cost(logits.flatten(0, 1), ids[:, MARKS:].flatten())}
        else:
            found = {
                "both": given_all(way, model, ids, words),
                "left": in_turn(way, model, ids, natural, words),
                "chain": in_turn(way, model, ids, orders(ids, chance), words),
            }
            first = MARKS + int(torch.randint(T - MARKS - 1, (), generator=chance))
            found |= of_a_pair(way, model, ids, first, words)
        pairs += B
        for name, value in found.items():
            total[name] = total.get(name, 0.0) + value
    of = {"product": pairs, "one_by_one": pairs}
    return {name: value / of.get(name, count) for name, value in total.items()}


def cost(logits: Tensor, answers: Tensor) -> float:
    """The sum of -log p of the answers (n,) under logits (n, vocabulary)."""
    return F.cross_entropy(logits, answers, reduction="sum").item()


def hidden_logits(
    way: str, model: XLNetLM, ids: Tensor, hidden: Tensor, asked: Tensor, words: Words
) -> Tensor:
    """Logits (B, M, vocabulary) at ``asked`` (B, M), nobody seeing the places ``hidden`` (B, N)."""
    seen = torch.ones_like(ids, dtype=torch.bool).scatter(1, hidden, False)  # (B, T)
    if two_streams(way):
        return model(ids, seen[:, None].expand(-1, ids.shape[1], -1), asked)
    states, _ = model.transformer(ids.masked_fill(~seen, words.mask))  # (B, T, E)
    return model.lm_loss(states[torch.arange(len(ids))[:, None], asked])


def given_all(way: str, model: XLNetLM, ids: Tensor, words: Words) -> float:
    """Each token given all others: a pass for each, so that no content carries its word."""
    total = 0.0
    for place in range(MARKS, ids.shape[1]):
        at = torch.full((len(ids), 1), place)
        total += cost(hidden_logits(way, model, ids, at, at, words)[:, 0], ids[:, place])
    return total


def in_turn(way: str, model: XLNetLM, ids: Tensor, order: Tensor, words: Words) -> float:
    """-log p of the rows by the chain rule: one pass with queries, a pass a token with [MASK]s."""
    if two_streams(way):
        logits = model(ids, visible_in(order), order[:, MARKS:])
        return cost(logits.flatten(0, 1), ids.gather(1, order[:, MARKS:]).flatten())
    total = 0.0
    for turn in range(MARKS, ids.shape[1]):
        at = order[:, turn : turn + 1]  # (B, 1)
        logits = hidden_logits(way, model, ids, order[:, turn:], at, words)
        total += cost(logits[:, 0], ids.gather(1, at)[:, 0])
    return total


def of_a_pair(way: str, model: XLNetLM, ids: Tensor, first: int, words: Words) -> dict:
    """Two neighbours given all others: the product of two answers, and the chain rule."""
    both = torch.tensor([[first, first + 1]]).expand(len(ids), 2)
    at_once = hidden_logits(way, model, ids, both, both, words)  # (B, 2, vocabulary)
    after = hidden_logits(way, model, ids, both[:, 1:], both[:, 1:], words)[:, 0]
    one = cost(at_once[:, 0], ids[:, first])
    return {
        "product": one + cost(at_once[:, 1], ids[:, first + 1]),
        "one_by_one": one + cost(after, ids[:, first + 1]),
    }
