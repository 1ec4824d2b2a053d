"""Downstream: what SST-2 can be told from the models of `xlnet_ways`; no [MASK] stands in it."""

import functools
import random
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wode.checks import likeliest
from wode.data.formats import read_tsv
from wode.files.download import data_root
from wode.wordpiece import WordPiece
from wode.xlnet import XLNetLM
from xlnet_ways import causal

LEARNED_FROM, TESTED_ON, LONGEST = 1500, 800, 40
Labelled = list[tuple[str, Tensor, int]]


@functools.cache
def sst2(name: str, count: int) -> list[tuple[str, int]]:
    """Film reviews and whether they are favourable, the first ``count`` of a fixed drawing."""
    found = [(row[0], int(row[1])) for row in read_tsv(data_root() / "sst2" / f"{name}.tsv")]
    return random.Random(0).sample(found, min(count, len(found)))


def encoded(tokenizer: WordPiece, texts: Sequence[tuple[str, int]]) -> Labelled:
    """The two marks and at most ``LONGEST`` pieces of each."""
    marks = [tokenizer.vocabulary["[SEP]"], tokenizer.vocabulary["[CLS]"]]
    ids = (torch.tensor(marks + tokenizer.encode(text).ids[1:-1][:LONGEST]) for text, _ in texts)
    return [(text, row, label) for row, (text, label) in zip(ids, texts, strict=True)]


def vectors(way: str, model: XLNetLM, rows: Sequence[Tensor]) -> Tensor:
    """The mean of a row's contents: (N, E). A model of the left side sees the left side."""
    found: dict[int, Tensor] = {}
    lengths: dict[int, list[int]] = {}
    for n, row in enumerate(rows):
        lengths.setdefault(len(row), []).append(n)
    for numbers in lengths.values():
        ids = torch.stack([rows[n] for n in numbers])
        visible = causal(ids) if way.startswith("left") else None
        means = model.transformer(ids, visible)[0].mean(dim=1)
        found |= dict(zip(numbers, means, strict=True))
    return torch.stack([found[n] for n in range(len(rows))])


def probed(way: str, model: XLNetLM, learn: Labelled, test: Labelled) -> float:
    """Accuracy of logistic regression on the frozen vectors."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    with torch.no_grad():
        (x, y), (new, truth) = (
            (vectors(way, model, [row for _, row, _ in part]).numpy(), [one[2] for one in part])
            for part in (learn, test)
        )
    fit = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000)).fit(x, y)
    return float(fit.score(new, truth))


def frozen(way: str, model: XLNetLM, tokenizer: WordPiece) -> float:
    """`probed` on SST-2."""
    learn, test = (
        encoded(tokenizer, sst2(*one)) for one in (("train", LEARNED_FROM), ("test", TESTED_ON))
    )
    return probed(way, model, learn, test)


def question_or_not(rows: Sequence[Tensor], mark: int, stop: int) -> tuple[Labelled, Labelled]:
    """Sentences without their last piece: was it "?" or "."? As many of each, halved."""
    kinds = [[row[:-1] for row in rows if row[-1] == last][:1000] for last in (stop, mark)]
    size = min(map(len, kinds))
    both = [("", row, label) for label, kind in enumerate(kinds) for row in kind[:size]]
    random.Random(0).shuffle(both)
    return both[: len(both) // 2], both[len(both) // 2 :]


def counted(learn: Labelled, test: Labelled, pieces: int) -> float:
    """The same from counts of pieces alone."""
    from sklearn.linear_model import LogisticRegression

    (x, y), (new, truth) = (
        (
            torch.stack([row.bincount(minlength=pieces) for _, row, _ in part]).numpy(),
            [one[2] for one in part],
        )
        for part in (learn, test)
    )
    return float(LogisticRegression(C=1, max_iter=2000).fit(x, y).score(new, truth))


def bag_of_words() -> float:
    """The same from counts of words alone."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    (x, y), (new, truth) = (
        zip(*sst2(*one), strict=True) for one in (("train", LEARNED_FROM), ("test", TESTED_ON))
    )
    fit = make_pipeline(CountVectorizer(binary=True), LogisticRegression(C=1, max_iter=2000))
    return float(fit.fit(x, y).score(new, truth))


def fine_tuned(
    way: str, model: XLNetLM, tokenizer: WordPiece, seed: int, lr: float, epochs: int = 2
) -> float:
    """Accuracy after all weights, and a new layer on the mean, have learned the task."""
    torch.manual_seed(seed)
    chance = random.Random(seed)
    learn, test = (
        encoded(tokenizer, sst2(*one)) for one in (("train", LEARNED_FROM), ("test", TESTED_ON))
    )
    head = nn.Linear(model.transformer.config.d_model, 2)
    weights = [*model.transformer.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(weights, lr, weight_decay=0.01, fused=True)
    groups: dict[int, Labelled] = {}
    for one in learn:
        groups.setdefault(len(one[1]), []).append(one)
    for epoch in range(epochs):
        parts = []
        for group in groups.values():
            chance.shuffle(group)
            parts += [group[n : n + 32] for n in range(0, len(group), 32)]
        chance.shuffle(parts)
        for n, part in enumerate(parts):
            done = (epoch * len(parts) + n) / (epochs * len(parts))
            optimizer.param_groups[0]["lr"] = lr * min(1, 10 * done + 0.1, 1 - done)
            scores = head(vectors(way, model, [row for _, row, _ in part]))
            loss = F.cross_entropy(scores, torch.tensor([label for *_, label in part]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        answers = likeliest(head(vectors(way, model, [row for _, row, _ in test])), dim=1)
    return (answers == torch.tensor([label for *_, label in test])).float().mean().item()
