"""For `encoders_experiment`: the encoders on ListOps, and the rivals that they are held against."""

import random
import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from encoders import AllPairs, Batch, Chain, Operators, Pairs, batch_of
from wode.checks import likeliest
from wode.listops import END, OPERATORS, TOKENS, Tree, distinct, tokens, value
from wode.listops import depth as depth_of
from wode.transformer import positional_encoding
from wode.trees import Forest, balanced

LEARNED, DEEPER = (1, 2, 3), (4, 5, 6)  # depths of expressions
LONGEST, BATCH = 60, 64  # tokens; expressions a step
EACH = 12_000  # expressions of each depth to learn from
TESTED = 500  # of each depth
LENGTHS = (26, 37), (38, 60)  # tokens: depths 3 and 6 compared at equal length
DRAWS = 20  # of what a rival guesses


# ---------------------------------------------------------------- expressions


@cache
def expressions(depth: int, count: int, seed: int = 0) -> list[Tree]:
    """The published generator's, of this depth exactly and no longer than `LONGEST` tokens.

    Shuffled: short ones are soon used up, so that the first ones found are shorter than the rest.
    """

    def fits(tree: Tree) -> bool:
        return depth_of(tree) == depth and len(tokens(tree)) <= LONGEST

    drawn = random.Random(f"{seed} {depth}")
    found = distinct(count, drawn, max_depth=depth + 1, keep=fits)
    return drawn.sample(found, count)


def parts(each: int = EACH, tested: int = TESTED) -> dict[str, dict[int, list[Tree]]]:
    """To learn from, to choose rates by, to test on: all different."""
    every = {depth: expressions(depth, each + 2 * tested) for depth in LEARNED}
    deep = {depth: expressions(depth, tested) for depth in DEEPER}
    return {
        "learn": {depth: trees[2 * tested :] for depth, trees in every.items()},
        "choose": {depth: trees[tested : 2 * tested] for depth, trees in every.items()},
        "test": {depth: trees[:tested] for depth, trees in every.items()} | deep,
    }


@cache
def of_length(depth: int, low: int, high: int, count: int = 300) -> list[Tree]:
    """Fresh ones of this depth and of ``low`` to ``high`` tokens."""
    known = set(expressions(depth, EACH + 2 * TESTED)) if depth in LEARNED else set()

    def fits(tree: Tree) -> bool:
        return depth_of(tree) == depth and low <= len(tokens(tree)) <= high and tree not in known

    return distinct(count, random.Random(f"{depth} {low}"), max_depth=depth + 1, keep=fits)


def batches(trees: Sequence[Tree], seed: int = 0) -> list[Batch]:
    """Those of about the same length together, in an order drawn at random."""
    drawn = random.Random(seed)
    rows = drawn.sample(trees, len(trees))
    rows.sort(key=lambda tree: len(tokens(tree)))
    found = [batch_of(rows[n : n + BATCH]) for n in range(0, len(rows), BATCH)]
    return drawn.sample(found, len(found))


# ---------------------------------------------------------------- rivals


class FastChain(Chain):
    """`Chain` by torch's own loop, which it equals."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.lstm = nn.LSTM(size, size, batch_first=True)

    def forward(self, batch: Batch) -> Tensor:
        output, _ = self.lstm(self.embedded(batch))  # padding stands at the end
        return output[torch.arange(len(output)), batch.mask.sum(dim=1) - 1]

    def embedded(self, batch: Batch) -> Tensor:
        return self.embedding(batch.ids)


def nesting(ids: Tensor) -> Tensor:
    """How many operators are open at each token: (B, T)."""
    opens = (ids >= 10) & (ids < 10 + len(OPERATORS))
    closes = ids == TOKENS.index(END)
    return opens.cumsum(dim=1) - closes.cumsum(dim=1) + closes.long()


class DepthChain(FastChain):
    """Told at each token how deep it stands."""

    def embedded(self, batch: Batch) -> Tensor:
        x = self.embedding(batch.ids)
        return x + positional_encoding(32, x.shape[2])[nesting(batch.ids).clamp(0, 31)]


def edges(batch: Batch) -> Tensor:
    """Who may look at whom: itself, its operator, its operands and its `]`: (B, 1, T, T)."""
    B, T = batch.ids.shape
    seen = torch.eye(T, dtype=torch.bool).repeat(B, 1, 1)
    for row, ids in enumerate(batch.ids.tolist()):
        above = list[int]()
        for t, token in enumerate(ids[: int(batch.mask[row].sum())]):
            if above:
                seen[row, t, above[-1]] = seen[row, above[-1], t] = True
            if TOKENS[token] in OPERATORS:
                above.append(t)
            elif TOKENS[token] == END:
                above.pop()
    return seen[:, None]


class EdgePairs(AllPairs):
    """Attention along the tree's edges alone."""

    def __init__(self, size: int, layers: int = 4, ffn: int = 60) -> None:
        super().__init__(size, layers, ffn)
        self.known = dict[Tensor, Tensor]()  # made once a batch, as the forests are

    def forward(self, batch: Batch) -> Tensor:
        key = batch.ids  # kept, so that no other can take its place
        if key not in self.known:
            self.known[key] = edges(batch)
        x = self.embedding(batch.ids)
        x = x + positional_encoding(x.shape[1], x.shape[2])
        return self.encoder(x, self.known[key])[:, 0]


class WrongPairs(Pairs):
    """The binary Tree-LSTM over the same tokens, with trees that know of no operators."""

    def __init__(self, size: int, shape: Callable[[Sequence[int]], Forest]) -> None:
        super().__init__(size)
        self.shape, self.known = shape, dict[Tensor, Forest]()

    def forward(self, batch: Batch) -> Tensor:
        key = batch.ids  # kept, so that no other can take its place
        if key not in self.known:
            self.known[key] = self.shape(batch.mask.sum(dim=1).tolist())
        h, _ = self.tree(self.embedding(batch.ids[batch.mask]), self.known[key])
        return h[self.known[key].roots]


#: The encoders, all of 33 to 34 thousand weights: how each is made, and the size of its vector.
WAYS: dict[str, tuple[Callable[[], nn.Module], int]] = {
    "lstm": (lambda: FastChain(64), 64),
    "attention": (lambda: AllPairs(48, 2, 72), 48),
    "attention4": (lambda: AllPairs(32, 4, 60), 32),
    "child_sum": (lambda: Operators(64), 64),
    "binary": (lambda: Pairs(50), 50),
    "balanced": (lambda: WrongPairs(50, balanced), 50),
    "lstm_depth": (lambda: DepthChain(64), 64),
    "attention_edges": (lambda: EdgePairs(32, 4, 60), 32),
}


# ---------------------------------------------------------------- learning


def fresh(way: str) -> nn.Module:
    make, size = WAYS[way]
    return nn.Sequential(make(), nn.Linear(size, 10))


def weights(way: str) -> int:
    return sum(one.numel() for one in fresh(way).parameters())


@cache
def learned_from(each: int = EACH) -> list[Batch]:
    trees = [tree for rows in parts(each)["learn"].values() for tree in rows]
    return batches(trees)


@cache
def asked(part: str) -> dict[int, list[Batch]]:
    return {depth: batches(trees) for depth, trees in parts()[part].items()}


def step(model: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch) -> None:
    loss = F.cross_entropy(model(batch), batch.labels)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def learn(way: str, steps: int, rate: float, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    model, rows = fresh(way), learned_from()
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, pct_start=0.1)
    drawn = random.Random(seed)
    order = list[int]()
    for _ in range(steps):
        order = order or drawn.sample(range(len(rows)), len(rows))
        step(model, optimizer, rows[order.pop()])
        scheduler.step()
    return model.eval()


@torch.no_grad()
def right(model: nn.Module, rows: Sequence[Batch]) -> dict[str, float]:
    """The share that is right, of all and of each outer operator."""
    hits = torch.cat([likeliest(model(batch), dim=1) == batch.labels for batch in rows]).float()
    outer = torch.cat([batch.ids[:, 0] for batch in rows])
    found = {"all": hits.mean().item()}
    for operator in OPERATORS:
        found[operator[1:]] = hits[outer == TOKENS.index(operator)].mean().item()
    return found


@cache
def probes() -> dict[str, list[Batch]]:
    """Depths 3 and 6 at equal length; depth 6 with what is below level 3 hidden, or decisive."""
    drawn, deep = random.Random(0), parts()["test"][6]
    found = {
        f"d{depth}_{low}": batches(of_length(depth, low, high))
        for depth in (3, 6)
        for low, high in LENGTHS
    }
    hidden = [outer(tree, 3, drawn) for tree in deep]
    found["hidden"] = [  # asked for the value of the whole
        batch_of(hidden[n : n + BATCH])._replace(
            labels=torch.tensor([value(tree) for tree in deep[n : n + BATCH]])
        )
        for n in range(0, len(deep), BATCH)
    ]
    return found | {"decisive": batches(decisive())}


def decisive() -> list[Tree]:
    """Those of depth 6 whose value three levels rarely give."""
    drawn = random.Random(1)
    return [
        tree
        for tree in parts()["test"][6]
        if sum(value(outer(tree, 3, drawn)) == value(tree) for _ in range(20)) < 6
    ]


def measured(way: str, steps: int, rate: float, seed: int, part: str) -> dict[str, float]:
    """How many are right by depth, and over the depths that were learned."""
    began = time.process_time()
    model = learn(way, steps, rate, seed)
    seconds = time.process_time() - began
    by_depth = {depth: right(model, rows) for depth, rows in asked(part).items()}
    found = {f"d{depth}": table["all"] for depth, table in by_depth.items()}
    for name in by_depth[1]:
        found[name] = sum(by_depth[depth][name] for depth in LEARNED) / len(LEARNED)
    if part == "test":
        found |= {name: right(model, rows)["all"] for name, rows in probes().items()}
    return found | {"seconds": seconds}


def step_seconds(ways: Sequence[str], rounds: int = 40) -> dict[str, float]:
    """CPU seconds a step, the ways in turn over the same batches: the mean of the rounds."""
    torch.manual_seed(0)
    models = {way: fresh(way) for way in ways}
    optimizers = {
        way: torch.optim.AdamW(one.parameters(), 1e-3, fused=True) for way, one in models.items()
    }
    rows = learned_from()[:rounds]
    times: dict[str, list[float]] = {way: [] for way in ways}
    for batch in rows:
        for way, model in models.items():
            step(model, optimizers[way], batch)  # what is made once a batch is made here
            began = time.process_time()
            step(model, optimizers[way], batch)
            times[way].append(time.process_time() - began)
    return {way: sum(one) / len(one) for way, one in times.items()}


# ---------------------------------------------------------------- baselines


def flat(tree: Tree) -> int:
    """The outer operator applied to all digits, however deep they stand."""
    words = tokens(tree)
    digits = [int(word) for word in words if word.isdigit()]
    return value((words[0], *digits))


def outer(tree: Tree, levels: int, drawn: random.Random) -> Tree:
    """Its outer levels; each operator below them has become a random digit."""
    if isinstance(tree, int):
        return tree
    if not levels:
        return drawn.randrange(10)
    return (tree[0], *(outer(argument, levels - 1, drawn) for argument in tree[1:]))


def without_sums(tree: Tree, drawn: random.Random) -> int:
    """The value for one who knows three operators and guesses at each ``[SM``."""
    if isinstance(tree, int):
        return tree
    if tree[0] == "[SM":
        return drawn.randrange(10)
    return OPERATORS[tree[0]]([without_sums(argument, drawn) for argument in tree[1:]])


READERS: dict[str, Callable[[Tree, random.Random], int]] = {
    "no_sum": without_sums,
    "three_levels": lambda tree, drawn: value(outer(tree, 3, drawn)),
    "three_no_sum": lambda tree, drawn: without_sums(outer(tree, 3, drawn), drawn),
}


def baselines() -> dict[str, dict[str, float]]:
    """The commonest value, the outer operator on all digits, counts of tokens; who reads a part.

    ``no_sum`` guesses at each sum, ``three_levels`` at what is below the third, and
    ``three_no_sum`` at both.
    """
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    every = parts()
    trees = [tree for rows in every["learn"].values() for tree in rows]
    texts, values = [" ".join(tokens(tree)) for tree in trees], [value(tree) for tree in trees]
    counts = make_pipeline(CountVectorizer(token_pattern=r"\S+"), LogisticRegression(max_iter=300))
    counts.fit(texts, values)
    common = max(set(values), key=values.count)
    found: dict[str, dict[str, float]] = {}
    for depth, rows in every["test"].items():
        truth = [value(tree) for tree in rows]
        said: dict[str, list[int]] = {
            "majority": [common] * len(rows),
            "flat": [flat(tree) for tree in rows],
            "counts": [int(one) for one in counts.predict([" ".join(tokens(t)) for t in rows])],
        }
        for name, answers in said.items():
            hits = sum(a == b for a, b in zip(answers, truth, strict=True)) / len(rows)
            found.setdefault(name, {})[f"d{depth}"] = hits
        for name, read in READERS.items():
            drawn, many = random.Random(depth), rows * DRAWS
            hits = sum(read(tree, drawn) == value(tree) for tree in many) / len(many)
            found.setdefault(name, {})[f"d{depth}"] = hits
    for table in found.values():
        table["all"] = sum(table[f"d{depth}"] for depth in LEARNED) / len(LEARNED)
    return found


def facts() -> dict[str, Any]:
    """How long the expressions are, and how many there are."""
    every = parts()["test"]
    lengths = {
        f"d{depth}": sum(len(tokens(t)) for t in rows) / len(rows) for depth, rows in every.items()
    }
    counts = {"learned_from": EACH * len(LEARNED), "tested": TESTED, "decisive": len(decisive())}
    return {"lengths": lengths} | counts
