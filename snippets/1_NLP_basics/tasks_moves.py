"""For `tasks_experiment`: one task moved to another cell of the table, and a confusion of axes."""

import random
import statistics
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from bert_heads_experiment import TAGS
from wode.checks import likeliest
from wode.files.hub import MINILM
from wode.heads import best_span
from wode.patterns import WordEncoder, fit, scores, span_tags, tagged_spans, words_of
from wode.tasks.heads import asked, names, questions
from wode.tasks.reviews import reviews

WORDS = 3  # the layer whose vectors the page gives to tasks about words


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Labels of unequal length → (B, T), -100 at padding."""
    return pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=-100)


def share(right: Sequence[bool]) -> float:
    return sum(right) / len(right)


# ---------------------------------------------------------------- a span, moved


def best_tagged(logits: Tensor, first: int, last: int, longest: int) -> tuple[int, int]:
    """The one span whose tags, all others O, are likeliest: logits (3, T) of B, I, O."""
    b, i, o = logits.log_softmax(dim=0)
    gain = (i - o).cumsum(dim=0)  # of tagging I and not O, up to here
    spans = [
        (float(b[start] - o[start] + gain[end] - gain[start]), start, end)
        for start in range(first, last + 1)
        for end in range(start, min(start + longest, last + 1))
    ]
    return max(spans)[1:]


def span(seed: int) -> dict[str, Any]:
    """The same answers as two places and as a tag for each word, learned by the same vectors."""
    encoder = WordEncoder.from_pretrained(MINILM, WORDS)
    new = questions(80, 0, held_out=True)
    *texts_of_new, right = asked(new)
    hidden, real = encoder(*texts_of_new)
    truth = [tuple(row) for row in right.tolist()]
    inside = [
        (len(words_of(q.question)), int(n) - 1) for q, n in zip(new, real.sum(1), strict=True)
    ]
    numbers: dict[str, Any] = {}
    for count in (48, 96, 400):
        *learn, spans = asked(questions(count, seed))
        vectors, there = encoder(*learn)
        torch.manual_seed(seed)
        head = fit(vectors, there, spans, 2, "copy")
        logits = scores(head, hidden, real, "copy")  # (B, T, 2)
        plain = [tuple(row) for row in likeliest(logits, dim=1).tolist()]
        rows = list(zip(plain, logits.detach(), inside, strict=True))
        kept = [best_span(*row.unbind(1), *part, 8) for _, row, part in rows]
        possible = [part[0] <= a <= b for (a, b), _, part in rows]
        tags = padded(
            [
                ["BIO".index(tag) for tag in span_tags(a, b, int(n))]
                for (a, b), n in zip(spans.tolist(), there.sum(dim=1), strict=True)
            ]
        )
        torch.manual_seed(seed)
        head = fit(vectors, there, tags, 3, "token")
        logits = scores(head, hidden, real, "token").detach()  # (B, 3, T)
        named = [
            tagged_spans(["BIO"[n] for n in row[: part[1] + 1]])
            for row, part in zip(likeliest(logits, dim=1).tolist(), inside, strict=True)
        ]
        one = [best_tagged(row, *part, 8) for row, part in zip(logits, inside, strict=True)]
        numbers[str(count)] = {
            "places": share([a == b for a, b in zip(plain, truth, strict=True)]),
            "places_kept": share([a == b for a, b in zip(kept, truth, strict=True)]),
            "places_possible": share(possible),
            "tags": share([a == [b] for a, b in zip(named, truth, strict=True)]),
            "tags_kept": share([a == b for a, b in zip(one, truth, strict=True)]),
            "tags_none": share([not found for found in named]),
            "tags_one": share([len(found) == 1 for found in named]),
            "tags_several": share([len(found) > 1 for found in named]),
        }
    return numbers


# ---------------------------------------------------------------- a class, as a place


def pointing(
    hidden: Tensor,
    real: Tensor,
    places: Tensor,
    new: Tensor,
    new_real: Tensor,
    right: Tensor,
    rate: float,
    seed: int,
) -> float:
    """Two places, learned from the first three and asked of the next; exact match."""
    torch.manual_seed(seed)
    head = fit(hidden, real, places, 2, "copy", 200, rate)
    found = likeliest(scores(head, new, new_real, "copy"), dim=1)
    return float((found == right).all(dim=1).float().mean())


def options(seed: int) -> dict[str, Any]:
    """Praise or blame as a place: both words stand before the review, and one is pointed at."""
    rng = random.Random(seed)
    numbers: dict[str, Any] = {}

    def either(count: int, draw: int, held_out: bool) -> tuple[list, list, Tensor]:
        questions, texts, where = [], [], []
        for pair in reviews(count, draw, held_out):
            both = rng.sample(["bad", "good"], 2)
            questions.append([both[0], "or", both[1], "?"])
            texts.append(words_of(pair.first))
            where.append([2 * both.index(("bad", "good")[pair.label])] * 2)  # start is end
        return questions, texts, torch.tensor(where)

    *learn, places = either(96, seed, held_out=False)
    *new, right = either(192, 0, held_out=True)
    fold = torch.arange(len(places)) % 3
    in_folds: dict[str, float] = {}
    for layer in (WORDS, 6):
        encoder = WordEncoder.from_pretrained(MINILM, layer)
        (hidden, real), test = encoder(*learn), encoder(*new)
        for rate in (1e-3, 1e-2, 1e-1):
            name = f"layer{layer}_{rate:g}"
            numbers[name] = pointing(hidden, real, places, *test, right, rate, seed)
            some = [
                pointing(
                    *(part[fold != k] for part in (hidden, real, places)),
                    *(part[fold == k] for part in (hidden, real, places)),
                    rate,
                    seed,
                )
                for k in range(3)
            ]
            in_folds[name] = statistics.mean(some)
    best = max(in_folds, key=lambda name: in_folds[name])  # held-out reviews are not looked at
    return numbers | {"chosen": numbers[best], "in_folds": in_folds[best]}


# ---------------------------------------------------------------- a mistake


def square(seed: int) -> dict[str, Any]:
    """Names in sentences of exactly seven words, with seven tags: the classes in dimension 1 or 2.

    Accuracy on the words inside of names, where always answering O gets nothing.
    """
    encoder = WordEncoder.from_pretrained(MINILM, WORDS)
    long = [[s for s in names(960, 0, held) if len(s.words) >= 7] for held in (False, True)]
    rng = random.Random(seed)
    numbers: dict[str, Any] = {}
    parts = []
    for sentences in long:
        some = rng.sample(sentences, 96)
        tags = torch.tensor([[TAGS.index(tag) for tag in s.tags[:7]] for s in some])
        parts.append((*encoder([s.words[:7] for s in some]), tags))
    (hidden, _, labels), (test, _, right) = parts
    for name in ("right", "wrong"):
        torch.manual_seed(seed)
        head = torch.nn.Linear(hidden.shape[2], 7)
        optimizer = torch.optim.AdamW(head.parameters(), 0.01)
        losses = []
        for _ in range(100):
            logits = head(hidden)  # (B, T, C), and T is C
            loss = F.cross_entropy(logits.transpose(1, 2) if name == "right" else logits, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        found = likeliest(head(test), dim=2)
        numbers[name] = float((found == right)[right > 0].float().mean())
        numbers[f"{name}_first"], numbers[f"{name}_last"] = losses[0], losses[-1]
    return numbers
