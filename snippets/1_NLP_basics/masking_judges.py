"""How the page `masking` judges a model: gaps of each kind, where words begin, question pairs."""

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from masking_data import Texts, data, empty
from masking_learning import hide
from wode.checks import likeliest
from wode.decoding import evaluating
from wode.files.strict_json import read_json_lines
from wode.pretraining import BertForPreTraining
from wode.tasks.baselines import sentence_vectors

TESTS = ("characters", "words", "names", "spans")
COMMON = ("汤姆", "玛丽")  # nine of ten names in Tatoeba


def sizes(leaders: Tensor, chosen: Tensor) -> Tensor:
    """How many chosen tokens the unit of each token has: (B, T)."""
    return torch.zeros_like(leaders).scatter_add_(1, leaders, chosen.long()).gather(1, leaders)


@cache
def gaps() -> dict[str, tuple[Tensor, Tensor]]:
    """The same gaps for all models: what is hidden, (N, T), and the leaders of its units.

    ``words`` and ``inside`` ask for the same characters of words of two and more: all of the word
    hidden, or one character of it.
    """
    _, words, _, held_out = data(0)
    ids, leaders, chance = held_out.ids, held_out.leaders, empty()
    found = {}
    for test in TESTS:
        share = {"names": 1.0, "spans": 0.3}.get(test, 0.15)  # 15 % of 22 are spans of three
        chosen, unit = hide(test, ids, leaders, words, 0, share, chance)
        if test in ("words", "names"):
            chosen &= sizes(unit, torch.ones_like(chosen)) > 1
        found[test] = chosen, unit
    for name in COMMON:
        first, second = (data(0)[0].vocabulary[c] for c in name)
        at = F.pad((ids[:, :-1] == first) & (ids[:, 1:] == second), (0, 1))
        found["names"][0][at | F.pad(at, (1, 0))[:, :-1]] = False
    chosen, unit = found["words"]
    lottery = torch.rand(ids.shape, generator=chance).masked_fill(~chosen, 2.0)
    best = torch.full(ids.shape, 2.0).scatter_reduce(1, unit, lottery, "amin").gather(1, unit)
    found["inside"] = chosen & (lottery == best), unit
    return found


def cloze(model: BertForPreTraining) -> dict[str, dict[str, float]]:
    """For each kind of gaps: nats a character, and the shares of characters and units all right."""
    _, words, _, held_out = data(0)
    ids, found = held_out.ids, {}
    with evaluating(model):
        for test, (chosen, unit) in gaps().items():
            read = ids.masked_fill(chosen, words.mask)
            hidden = torch.cat([model.bert.encode(part, part != 0) for part in read.split(64)])
            logits = model.cls.predictions(hidden[chosen])  # (M, V)
            nats = F.cross_entropy(logits, ids[chosen], reduction="none")
            wrong = torch.zeros_like(chosen)
            wrong[chosen] = likeliest(logits, dim=1) != ids[chosen]
            units_wrong = sizes(unit, wrong)[chosen] > 0
            share = 1 / sizes(unit, chosen)[chosen]  # each unit counts once
            found[test] = {
                "nats": nats.mean().item(),
                "right": 1 - wrong[chosen].float().mean().item(),
                "whole": 1 - (units_wrong * share).sum().item() / share.sum().item(),
            }
            if test == "words":
                own = gaps()["inside"][0][chosen]
                found["same"] = {"nats": nats[own].mean().item()}
    return found


def before_one(marked: Tensor) -> Tensor:
    """The places (N, T) just before those marked."""
    return F.pad(marked, (0, 1))[:, 1:]


def after_one(marked: Tensor) -> Tensor:
    """The places (N, T) just after those marked."""
    return F.pad(marked, (1, 0))[:, :-1]


def without_the_rest(model: BertForPreTraining) -> dict[str, float]:
    """The nats of ``inside`` again: the rest of the word replaced by any characters, or seen with
    the gap one character wider, beyond the word. And those of ``spans``, by the words they are of.
    """
    _, words, _, held_out = data(0)
    ids, leaders, chance = held_out.ids, held_out.leaders["words"], empty()
    real = ~torch.isin(ids, torch.tensor(words.special))
    (whole, _), (inside, _), (spans, _) = (gaps()[name] for name in ("words", "inside", "spans"))
    pool = ids[real]
    noise = pool[torch.randint(len(pool), ids.shape, generator=chance)]
    free = real & ~whole
    from_left = inside & after_one(free)  # a neighbour of another word: before, or else after
    from_right = inside & ~from_left & before_one(free)
    beside, wide = before_one(from_left) | after_one(from_right), from_left | from_right
    one = sizes(leaders, torch.ones_like(spans)) == 1
    mask = words.mask
    asked = {
        "random": (torch.where(whole, noise, ids).masked_fill(inside, mask), inside),
        "seen": (ids.masked_fill(inside, mask), wide),
        "wide": (ids.masked_fill(inside | beside, mask), wide),
        "spans_one": (ids.masked_fill(spans, mask), spans & one),
        "spans_longer": (ids.masked_fill(spans, mask), spans & ~one),
    }
    found = {}
    with evaluating(model):
        for name, (read, at) in asked.items():
            hidden = torch.cat([model.bert.encode(part, part != 0) for part in read.split(64)])
            logits = model.cls.predictions(hidden[at])  # (M, V)
            found[name] = F.cross_entropy(logits, ids[at]).item()
    return found


def unigram() -> dict[str, float]:
    """The nats of one who knows how frequent each character is, and nothing else."""
    _, words, learned, held_out = data(0)
    counts = torch.ones(words.size) + torch.bincount(learned.ids.flatten(), minlength=words.size)
    counts[list(words.special)] = 0
    log_p = (counts / counts.sum()).log()
    return {
        test: -log_p[held_out.ids[chosen]].mean().item() for test, (chosen, _) in gaps().items()
    }


# ---------------------------------------------------------------- something else


def begins(texts: Texts, rows: int) -> tuple[Tensor, Tensor]:
    """Where there is a Chinese character, (rows, T), and where a word of jieba begins with it."""
    ids, leaders = texts.ids[:rows], texts.leaders["words"][:rows]
    tokenizer = data(0)[0]
    chinese = {n for c, n in tokenizer.vocabulary.items() if re.fullmatch(r"[\u4e00-\u9fff]", c)}
    there = torch.isin(ids, torch.tensor([*chinese]))
    return there, leaders == torch.arange(ids.shape[1]).expand_as(ids)


def logistic(x: Any, y: Any, test_x: Any, test_y: Any) -> Any:
    """The probabilities on the test of a logistic regression of standardised features."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    dense = isinstance(x, np.ndarray)
    scale = StandardScaler(with_mean=dense, with_std=dense)
    model = make_pipeline(scale, LogisticRegression(C=0.1 if dense else 1.0, max_iter=300))
    model.fit(x, y)
    return model.predict_proba(test_x)[:, 1]


def marks(p: Any, y: Any) -> dict[str, float]:
    from sklearn.metrics import roc_auc_score

    return {"right": float(((p > 0.5) == y).mean()), "auc": float(roc_auc_score(y, p))}


def segmentation(model: BertForPreTraining) -> dict[str, float]:
    """A linear layer on the frozen vector of a character: does a word begin here?"""
    _, _, learned, held_out = data(0)
    vectors, labels = [], []
    for texts, rows in ((learned, 600), (held_out, len(held_out.ids))):
        there, begin = begins(texts, rows)
        with evaluating(model):
            ids = texts.ids[:rows]
            hidden = torch.cat([model.bert.encode(part, part != 0) for part in ids.split(64)])
        vectors.append(hidden[there].numpy())
        labels.append(begin[there].numpy())
    return marks(logistic(vectors[0], labels[0], vectors[1], labels[1]), labels[1])


def segmentation_baselines() -> dict[str, dict[str, float]]:
    """The majority, and a linear layer on which three characters stand before, here and after."""
    from sklearn.preprocessing import OneHotEncoder

    _, _, learned, held_out = data(0)
    three, labels = [], []
    for texts, rows in ((learned, 600), (held_out, len(held_out.ids))):
        there, begin = begins(texts, rows)
        ids = texts.ids[:rows]
        before, after = F.pad(ids, (1, 0))[:, :-1], F.pad(ids, (0, 1))[:, 1:]
        three.append(torch.stack([before, ids, after], dim=2)[there].numpy())  # (M, 3)
        labels.append(begin[there].numpy())
    encoder = OneHotEncoder(handle_unknown="ignore").fit(three[0])
    p = logistic(encoder.transform(three[0]), labels[0], encoder.transform(three[1]), labels[1])
    most = max(labels[1].mean(), 1 - labels[1].mean())
    return {"majority": {"right": float(most)}, "three": marks(p, labels[1])}


@cache
def questions() -> tuple[list[str], list[str], Any]:
    path = Path(os.environ["WODE_DATA"]) / "afqmc" / "dev.json"
    rows = [row for _, row in read_json_lines(path)]
    label = np.array([row["label"] == "1" for row in rows])
    return [row["sentence1"] for row in rows], [row["sentence2"] for row in rows], label


def same_question(model: BertForPreTraining) -> dict[str, float]:
    """AFQMC: a linear layer on two frozen mean vectors, |u - v| and u * v; two thirds to learn."""
    first, second, label = questions()
    tokenizer, cut = data(0)[0], 2 * len(label) // 3
    u, v = (sentence_vectors(model.bert, tokenizer, texts, 64).numpy() for texts in (first, second))
    x = np.concatenate([abs(u - v), u * v], axis=1)
    return marks(logistic(x[:cut], label[:cut], x[cut:], label[cut:]), label[cut:])


def question_baselines() -> dict[str, dict[str, float]]:
    """The majority; the share of characters in common; and which characters only one has."""
    from sklearn.feature_extraction.text import CountVectorizer

    first, second, label = questions()
    cut = 2 * len(label) // 3
    sets = [(set(a), set(b)) for a, b in zip(first, second, strict=True)]
    common = np.array([[len(a & b) / len(a | b)] for a, b in sets])
    bag = CountVectorizer(analyzer="char", binary=True).fit(first[:cut] + second[:cut])
    x = abs(bag.transform(first) - bag.transform(second))
    most = max(label[cut:].mean(), 1 - label[cut:].mean())
    known = data(0)[0].vocabulary
    asked = [c for text in first + second for c in text]
    return {
        "majority": {"right": float(most)},
        "common": marks(
            logistic(common[:cut], label[:cut], common[cut:], label[cut:]), label[cut:]
        ),
        "bag": marks(logistic(x[:cut], label[:cut], x[cut:], label[cut:]), label[cut:]),
        "known": {"share": sum(c in known for c in asked) / len(asked)},
    }
