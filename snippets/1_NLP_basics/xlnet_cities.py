"""What the page `xlnet` shows with one seed, measured with others: `wode.tasks.cities`."""

import math
import time

import torch
from torch import Tensor
from torch.nn import functional as F

from wode.tasks.cities import CITIES, VERBS, WORDS, Ask, encode, learn, visits
from wode.xlnet import XLNetLM, random_order, visible_in

LEARNED_FROM = 600
PLACES = 0.3 * torch.randn(7, 32, generator=torch.Generator().manual_seed(7))  # learned by nobody


def mixed(rows: int) -> Tensor:
    """The two marks' places, then the others in a random order: (B, 7)."""
    return torch.cat([torch.tensor([[0, 6]] * rows), 1 + random_order(rows, 5)], dim=1)


def permuted(model: XLNetLM, ids: Tensor) -> tuple[Tensor, Tensor]:
    """Two streams: every word in its turn."""
    order = mixed(len(ids))
    return model(ids, visible_in(order), order[:, 2:]), ids.gather(1, order[:, 2:])


def following(model: XLNetLM, ids: Tensor) -> tuple[Tensor, Tensor]:
    """One stream: the content of each place answers for the next in the order."""
    order = mixed(len(ids))
    contents = model(ids, visible_in(order))
    return contents[torch.arange(len(ids))[:, None], order[:, 1:-1]], ids.gather(1, order[:, 2:])


def told(model: XLNetLM, ids: Tensor) -> tuple[Tensor, Tensor]:
    """`following`, but to each word's embedding a vector of the place is added that is next."""
    order = mixed(len(ids))
    after = torch.zeros_like(order).scatter(1, order[:, :-1], order[:, 1:])
    hook = model.transformer.word_embedding.register_forward_hook(
        lambda module, given, words: words + PLACES[after]
    )
    contents = model(ids, visible_in(order))
    hook.remove()
    return contents[torch.arange(len(ids))[:, None], order[:, 1:-1]], ids.gather(1, order[:, 2:])


def itself(model: XLNetLM, ids: Tensor) -> tuple[Tensor, Tensor]:
    """One stream: the content of each place answers for its own word."""
    return model(ids, visible_in(mixed(len(ids)))), ids


def cloze(model: XLNetLM, ids: Tensor) -> tuple[Tensor, Tensor]:
    """BERT's question: 15% of the words hidden."""
    hidden = (torch.rand(ids.shape) < 0.15) & (ids > 2)
    return model(ids.masked_fill(hidden, 0))[hidden], ids[hidden]


@torch.no_grad()
def loss(model: XLNetLM, ask: Ask, ids: Tensor) -> float:
    """Nats an answer, over 20 orders of each row."""
    logits, answers = ask(model, ids.repeat(20, 1))
    return F.cross_entropy(logits.flatten(0, -2), answers.flatten()).item()


@torch.no_grad()
def cities(model: XLNetLM, bert: XLNetLM) -> dict[str, float]:
    """The probability of the six right cities together, asked for at once and one by one."""
    six = encode(*(f"she saw {city} yesterday" for city in CITIES))  # (6, 7)
    order = torch.tensor([[0, 6, 1, 2, 5, 3, 4]] * 6)
    apart = visible_in(order)
    apart[:, 4, 3] = False

    def right(logits: Tensor, place: int) -> Tensor:
        return logits.softmax(dim=-1)[range(6), six[:, place]]  # (6,)

    gaps = bert(six.index_fill(1, torch.tensor([3, 4]), 0))
    after = bert(six.index_fill(1, torch.tensor([4]), 0))
    queries, blind = (model(six, seen, order[:, 5:]) for seen in (visible_in(order), apart))
    return {
        "bert_at_once": (right(gaps[:, 3], 3) * right(gaps[:, 4], 4)).sum().item(),
        "bert_one_by_one": (right(gaps[:, 3], 3) * right(after[:, 4], 4)).sum().item(),
        "xlnet_at_once": (right(blind[:, 0], 3) * right(blind[:, 1], 4)).sum().item(),
        "xlnet_one_by_one": (right(queries[:, 0], 3) * right(queries[:, 1], 4)).sum().item(),
    }


@torch.no_grad()
def tense(model: XLNetLM, ids: Tensor) -> dict[str, float]:
    """The mean probability of a held-out sentence's verb, before and after its time was read."""
    found = {}
    for name, order in (("before", [0, 6, 1, 2]), ("after", [0, 6, 1, 5, 2])):
        rest = [place for place in range(7) if place not in order]
        whole = torch.tensor([order + rest] * len(ids))
        logits = model(ids, visible_in(whole), torch.full((len(ids), 1), 2))[:, 0]
        found[name] = logits.softmax(dim=1)[range(len(ids)), ids[:, 2]].mean().item()
    return found


def measured(seed: int) -> dict[str, float]:
    """All of it with other weights, other sentences held out."""
    torch.manual_seed(seed)
    ids = encode(*visits())[torch.randperm(864)]
    seen, new = ids[:LEARNED_FROM], ids[LEARNED_FROM:]
    began = time.process_time()
    model = learn(permuted, seen, len(WORDS), seed=seed)
    seconds = time.process_time() - began
    single, knows, bert = (
        learn(ask, seen, len(WORDS), seed=seed) for ask in (following, told, cloze)
    )
    parrot = learn(itself, seen, len(WORDS), steps=60, seed=seed)
    order = torch.tensor([[0, 6, 5, 1, 2, 3, 4]])
    with torch.no_grad():
        p = single(encode("she saw new york yesterday"), visible_in(order))[0, 1].softmax(dim=0)
    return {
        "seconds": seconds,
        "two": loss(model, permuted, new),
        "one": loss(single, following, new),
        "told": loss(knows, told, new),
        "own": loss(parrot, itself, new),
        "verb": p[[WORDS.index(word) for word in VERBS["past"]]].sum().item(),
        **cities(model, bert),
        **tense(model, new),
    }


#: In nats a word: what the sentences cost, and what they do to who does not know the place.
LEAST = {"two": math.log(864) / 5, "one": (math.log(864) + math.log(120)) / 5}
