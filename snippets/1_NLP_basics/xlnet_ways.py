"""One network, `wode.xlnet`, asked in nine ways; all else is the same: size, data, steps.

A row is [SEP], [CLS] and the pieces of a sentence; a batch is of one length: there is no padding.
The two marks are the first of every order and never asked for. There are two of them because a
query that sees a single token cannot tell where it stands: distances are in the scores alone, and
the softmax of one score is 1.
"""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from wode.masking import IGNORE_INDEX, Words, mask_tokens
from wode.xlnet import Config, XLNetLM, last_of, random_order, visible_in

#: XLNet with K = 6; the same, but the context sees itself; K = 1; K = 1, but few turns are asked
#: for, drawn at random; BERT's 80/10/10; [MASK] alone; any share hidden; left to right; left to
#: right, asked for as few tokens as BERT
WAYS = (
    "xlnet6", "full6", "xlnet1", "xlnet_few", "bert", "bert_mask", "any", "left", "left_few"
)  # fmt: skip
SHARE, MARKS = 0.15, 2


class Batches:
    """Rows of one length, drawn at random: a length as often as there are rows of it."""

    def __init__(self, rows: Sequence[Tensor], size: int, seed: int) -> None:
        groups: dict[int, list[Tensor]] = defaultdict(list)
        for row in rows:
            groups[len(row)].append(row)
        self.groups = {length: torch.stack(group) for length, group in sorted(groups.items())}
        self.size, self.random = size, random.Random(seed)

    def draw(self) -> Tensor:
        lengths = [*self.groups]
        (length,) = self.random.choices(lengths, [len(self.groups[one]) for one in lengths])
        group = self.groups[length]
        return group[[self.random.randrange(len(group)) for _ in range(self.size)]]  # (B, T)


def orders(ids: Tensor, chance: torch.Generator) -> Tensor:
    """The marks first, the others in a random order: (B, T)."""
    B, T = ids.shape
    mixed = MARKS + random_order(B, T - MARKS, chance)
    return torch.cat([torch.arange(MARKS).expand(B, MARKS), mixed], dim=1)


def causal(ids: Tensor) -> Tensor:
    """(B, T, T): each token sees what is to its left; itself it always sees."""
    B, T = ids.shape
    return torch.ones(B, T, T, dtype=torch.bool).tril()


def context_sees_itself(order: Tensor, asked: int) -> Tensor:
    """`visible_in`, but those before the ``asked`` last see one another: (B, T, T)."""
    context = order.argsort(dim=1) < order.shape[1] - asked  # (B, T)
    return visible_in(order) | (context[:, :, None] & context[:, None, :])


def question(
    way: str, model: XLNetLM, ids: Tensor, words: Words, chance: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Logits (n, vocabulary) of the tokens that this way asks for, and the tokens (n,)."""
    if way.startswith(("xlnet", "full")):
        order = orders(ids, chance)
        targets = order[:, MARKS:]
        if way == "xlnet_few":
            few = max(1, round(SHARE * targets.shape[1]))
            turns = random_order(len(ids), targets.shape[1], chance)[:, :few]
            targets = targets.gather(1, turns)  # (B, few)
        else:
            targets = last_of(targets, int(way[-1]))
        full = way.startswith("full")
        visible = context_sees_itself(order, targets.shape[1]) if full else visible_in(order)
        logits = model(ids, visible, targets)
        return logits.flatten(0, 1), ids.gather(1, targets).flatten()
    read, visible = ids, None
    if way.startswith("left"):
        labels, visible = F.pad(ids[:, 1:], (0, 1), value=IGNORE_INDEX), causal(ids)
        labels[:, : MARKS - 1] = IGNORE_INDEX
        if way == "left_few":
            few = torch.rand(ids.shape, generator=chance) < SHARE
            labels = labels.masked_fill(~few, IGNORE_INDEX)
    elif way == "bert":
        read, labels = mask_tokens(ids, words, SHARE, chance)
    else:
        share = SHARE if way == "bert_mask" else torch.rand(len(ids), 1, generator=chance)
        chosen = torch.rand(ids.shape, generator=chance) < share
        chosen[:, :MARKS] = False
        read, labels = (
            ids.masked_fill(chosen, words.mask),
            ids.masked_fill(~chosen, IGNORE_INDEX),
        )
    wanted = labels != IGNORE_INDEX
    hidden, _ = model.transformer(read, visible)
    return model.lm_loss(hidden[wanted]), labels[wanted]


def train(
    way: str,
    rows: Sequence[Tensor],
    words: Words,
    config: Config,
    steps: int,
    lr: float,
    seed: int,
    batch: int = 32,
) -> tuple[XLNetLM, float]:
    """The trained model, and the share of the tokens that it was asked for."""
    torch.manual_seed(seed)
    chance = torch.Generator().manual_seed(seed)
    model, drawn = XLNetLM(config), Batches(rows, batch, seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    asked = read = 0
    for _ in range(steps):
        ids = drawn.draw()
        logits, answers = question(way, model, ids, words, chance)
        asked, read = asked + len(answers), read + ids[:, MARKS:].numel()
        if len(answers):
            loss = F.cross_entropy(logits, answers)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        scheduler.step()
    return model.eval(), asked / read


def step_times(config: Config, shapes: Sequence[tuple[int, int]], rounds: int) -> dict:
    """CPU time of forward and backward, that of BERT's questions as 1: medians over rounds."""
    table, words = {}, Words(config.vocab_size, 4, (0, 1, 2, 3, 4))
    for B, T in shapes:
        torch.manual_seed(0)
        ids = torch.randint(5, config.vocab_size, (B, T))
        model, chance = XLNetLM(config), torch.Generator().manual_seed(0)
        spent: dict[str, list[float]] = defaultdict(list)
        for _ in range(rounds):
            for way in ("bert", "xlnet6", "xlnet1", "left"):
                began = time.process_time()
                logits, answers = question(way, model, ids, words, chance)
                F.cross_entropy(logits, answers).backward()
                spent[way].append(time.process_time() - began)
        middle = {way: statistics.median(times[3:]) for way, times in spent.items()}
        table[f"t{T}"] = {way: value / middle["bert"] for way, value in middle.items()}
    return table
