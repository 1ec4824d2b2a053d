"""What the page `bert-generation` includes: one transformer with two masks, and three tasks."""

import itertools
from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import causal_mask
from wode.bert import Bert, Config
from wode.decoding import sample
from wode.masking import IGNORE_INDEX, Words, mask_tokens, ordinary
from wode.pretraining import Predictions
from wode.tasks.sentences import NOUNS, VERBS
from wode.wordpiece import Encoding, pad


def statements() -> list[str]:
    """All statements of seven words that a small grammar allows: she bought two red books daily."""
    found = []
    people = {"i": 0, "you": 0, "he": 1, "she": 1, "we": 0, "they": 0}  # 1: verbs take -s
    counts, colours = ("a", "two", "three", "five"), ("new", "old", "red", "big")
    for who, count, colour, noun in itertools.product(people, counts, colours, NOUNS):
        one = ("an" if colour == "old" else "a", colour, noun.one)
        things = one if count == "a" else (count, colour, noun.many)
        for verb in VERBS:
            present = verb.third if people[who] else verb.base
            found.append(" ".join((who, verb.past, *things, "yesterday", ".")))
            found.append(" ".join((who, present, *things, "daily", ".")))
    return found


class Writer(nn.Module):
    """One transformer, two masks: a token sees all of its sentence, or itself and its left."""

    def __init__(self, config: Config, causal: bool) -> None:
        super().__init__()
        self.bert, self.causal = Bert(config), causal
        self.predictions = Predictions(config, self.bert.embeddings.word_embeddings)

    def forward(self, ids: Tensor, wanted: Tensor | None = None) -> Tensor:
        """(B, T) → logits (B, T, V), or (M, V) for the M tokens that ``wanted`` (B, T) names."""
        B, T = ids.shape
        left = causal_mask(T).expand(B, T, T) if self.causal else None
        hidden = self.bert.encode(ids, ids != 0, None, left)  # (B, T, E); 0 is padding
        return self.predictions(hidden if wanted is None else hidden[wanted])


def questions(
    way: str, ids: Tensor, words: Words, chance: torch.Generator
) -> tuple[Tensor, Tensor]:
    """What a model reads, and what it is asked for, (B, T) each; -100: nothing."""
    if way.startswith("causal"):  # at each token: the next one
        following = ids.roll(-1, dims=1)
        following[:, -1] = 0
        nothing = following == 0
        if way == "causal15":
            nothing |= torch.rand(ids.shape, generator=chance) > 0.15
        return ids, following.masked_fill(nothing, IGNORE_INDEX)
    if way == "masked":  # BERT's 15 %
        return mask_tokens(ids, words, generator=chance)
    share = torch.rand(len(ids), 1, generator=chance)  # "any": from nearly none to nearly all
    chosen = ordinary(ids, words) & (torch.rand(ids.shape, generator=chance) < share)
    return ids.masked_fill(chosen, words.mask), ids.masked_fill(~chosen, IGNORE_INDEX)


def learn(
    way: str,
    sentences: Sequence[Encoding],
    words: Words,
    config: Config,
    steps: int,
    batch: int = 64,
    lr: float = 2e-3,
    seed: int = 0,
    std: float = 0.02,
) -> Writer:
    """Train a `Writer` in one of these ways; all else is the same."""
    torch.manual_seed(seed)
    chance = torch.Generator().manual_seed(seed)
    model = Writer(config, causal=way.startswith("causal"))
    for parameter in model.parameters():
        if parameter.ndim == 2:
            nn.init.normal_(parameter, std=std)  # BERT's 0.02 is small for a small model
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    for _ in range(steps):
        drawn = torch.randint(len(sentences), (batch,), generator=chance).tolist()
        ids = pad([sentences[n] for n in drawn])["input_ids"]  # (B, T)
        read, asked = questions(way, ids, words, chance)
        wanted = asked != IGNORE_INDEX
        loss = F.cross_entropy(model(read, wanted), asked[wanted])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    return model.eval()


class LeftToRight:
    """What `wode.decoding.write` asks of a causal `Writer`."""

    def __init__(self, model: Writer) -> None:
        self.model = model

    def next_logits(self, tokens: Tensor) -> Tensor:
        return self.model(tokens)[:, -1]  # (N, V)

    def select(self, rows: Tensor) -> None:
        pass  # nothing is kept from one step to the next


def drawing(
    words: Words, temperature: float, chance: torch.Generator, but: Sequence[int] = ()
) -> Callable[[Tensor], Tensor]:
    """How the next token is taken: drawn from the model's probabilities, special ones left out."""
    banned = [token for token in words.special if token not in but]
    return lambda logits: sample(
        logits.index_fill(-1, torch.tensor(banned), -torch.inf), temperature, generator=chance
    )
