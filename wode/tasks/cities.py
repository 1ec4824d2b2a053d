"""Sentences of five words in which words determine one another: "she saw new york yesterday".

The verb's form and the time go together, on the two sides of the city; so do the city's two words.
All else is free, so that the probability of each word given any others can be counted.
"""

import itertools
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wode.xlnet import Config, XLNetLM

PEOPLE = ("she", "he", "mary", "tom", "ann", "ben")
CITIES = ("new york", "los angeles", "san diego", "las vegas", "hong kong", "buenos aires")
VERBS = {
    "present": ("sees", "leaves", "loves", "knows", "finds", "draws"),
    "past": ("saw", "left", "loved", "knew", "found", "drew"),
}
TIMES = {"present": ("daily", "often"), "past": ("yesterday", "once")}

#: What a model is asked while it learns: ids (B, T) → logits (..., vocabulary) and answers (...).
Ask = Callable[[XLNetLM, Tensor], tuple[Tensor, Tensor]]


def visits() -> list[str]:
    """All 864 of them."""
    return [
        " ".join(words)
        for tense in VERBS
        for words in itertools.product(PEOPLE, VERBS[tense], CITIES, TIMES[tense])
    ]


def brief(text: str) -> str:
    """A sentence's time, city, person and verb in short: "yesterday york she sees"."""
    who, verb, _, city, time = text.split()
    present = dict(zip(VERBS["past"], VERBS["present"], strict=True)).get(verb, verb)
    return f"{time} {city} {who} {present}"


WORDS = ["[MASK]", "[CLS]", "[SEP]", *sorted({w for text in visits() for w in text.split()})]


def encode(*texts: str) -> Tensor:
    """The ids of texts of five words, the two marks around them: (B, 7)."""
    return torch.tensor([[WORDS.index(w) for w in f"[CLS] {t} [SEP]".split()] for t in texts])


def learn(ask: Ask, ids: Tensor, vocabulary: int, steps: int = 250, seed: int = 0) -> XLNetLM:
    """A small XLNet that has learned from 64 of the rows ``ids`` (N, T) a step."""
    torch.manual_seed(seed)
    model = XLNetLM(Config(vocabulary, 32, 2, 2, 128, 0.0))
    for weight in model.parameters():
        if weight.ndim > 1:
            nn.init.normal_(weight, std=0.2)  # 0.02 is little for so small a model
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, steps, pct_start=0.1)
    for _ in range(steps):
        logits, answers = ask(model, ids[torch.randint(len(ids), (64,))])
        loss = F.cross_entropy(logits.flatten(0, -2), answers.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    return model.eval()
