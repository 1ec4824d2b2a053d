"""What a result is to be held against: methods that know words alone, or learn no more than a line.

Labelled texts are ``(text, label)``: `wode.data.formats.Text`, a prompt's examples, a `Rewriting`.
"""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor

from wode.bert import Bert
from wode.checks import likeliest
from wode.decoding import device_of, evaluating
from wode.wordpiece import WordPiece

Label = TypeVar("Label")


def bag_of_words(
    learned: Sequence[tuple[str, int | str]],
    test: Sequence[tuple[str, int | str]],
    pattern: str = r"(?u)\b\w\w+\b",
) -> float:
    """Accuracy of logistic regression on word counts: it knows which words there are, not where.

    Of a word that was not learned from it knows nothing. ``pattern`` says what a word is.
    """
    from sklearn.feature_extraction.text import CountVectorizer  # a second of import
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = CountVectorizer(token_pattern=pattern)
    model = make_pipeline(words, LogisticRegression(max_iter=1000))
    model.fit(*zip(*learned, strict=True))
    return float(model.score(*zip(*test, strict=True)))


def nearest_answer(learned: Sequence[tuple[str, Label]], text: str) -> Label:
    """The label of the text that shares most words with ``text``: it knows them by heart."""
    words = set(text.split())
    return max(learned, key=lambda one: len(words & set(one[0].split())))[1]


def shared_words(first: str, second: str, ignored: AbstractSet[str] = frozenset()) -> float:
    """Words in both sentences over words in either (Jaccard), but for those ``ignored``."""
    a, b = (set(re.findall(r"\w+", text.lower())) - ignored for text in (first, second))
    return len(a & b) / max(1, len(a | b))


def sentence_vectors(
    bert: Bert, tokenizer: WordPiece, sentences: Sequence[str], max_length: int = 256
) -> Tensor:
    """The mean of the hidden states, of length 1, as MiniLM was trained to be used: (N, E)."""
    means = []
    for begin in range(0, len(sentences), 64):
        inputs = tokenizer.batch(sentences[begin : begin + 64], max_length)
        mask = inputs["attention_mask"][:, :, None]  # (B, T, 1)
        with evaluating(bert):
            there = {name: tensor.to(device_of(bert)) for name, tensor in inputs.items()}
            hidden = bert.encode(**there).cpu()  # (B, T, E)
        means.append((hidden * mask).sum(dim=1) / mask.sum(dim=1))
    return F.normalize(torch.cat(means), dim=1)


def frozen_vectors(
    bert: Bert,
    tokenizer: WordPiece,
    learned: Sequence[tuple[str, int | str]],
    test: Sequence[tuple[str, int | str]],
) -> float:
    """Accuracy of a linear layer on `sentence_vectors`: the encoder as it is, not fine-tuned."""
    from sklearn.linear_model import LogisticRegression

    def vectors(texts: Sequence[tuple[str, int | str]]) -> Any:
        return sentence_vectors(bert, tokenizer, [text for text, _ in texts]).numpy()  # (N, E)

    model = LogisticRegression(max_iter=1000)
    model.fit(vectors(learned), [label for _, label in learned])
    return float(model.score(vectors(test), [label for _, label in test]))


def best_threshold(scores: Tensor, labels: Tensor) -> float:
    """The score from which on to answer 1 and not 0, so that most of the labels are met."""
    likeliest(scores)  # NaN would be below every threshold, or one itself
    right = ((scores[None] >= scores[:, None]).long() == labels).sum(dim=1)  # (N,)
    return float(scores[right.argmax()])


def dictionary(pairs: Iterable[tuple[list[str], list[str]]], rounds: int = 5) -> dict[str, str]:
    """Each source token's likeliest target token, by IBM model 1 (Brown et al. 1993)."""
    pairs = list(pairs)
    p: dict[tuple[str, str], float] = {}
    for _ in range(rounds):
        counts: dict[tuple[str, str], float] = {}
        totals: dict[str, float] = {}
        for source, target in pairs:
            for word in target:
                weights = [p.get((token, word), 1.0) for token in source]
                for token, weight in zip(source, weights, strict=True):
                    share = weight / sum(weights)
                    counts[token, word] = counts.get((token, word), 0.0) + share
                    totals[token] = totals.get(token, 0.0) + share
        p = {(token, word): count / totals[token] for (token, word), count in counts.items()}
    best: dict[str, str] = {}
    for (token, word), probability in sorted(p.items()):
        if probability > p.get((token, best.get(token, "")), 0.0):
            best[token] = word
    return best
