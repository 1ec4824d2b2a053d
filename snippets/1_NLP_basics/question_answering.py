"""What the page `question-answering` includes: an answer from a text of any length, its score."""

import re
import string
from collections import Counter

import torch

from wode.extraction import best_span, context_of, text_of, windows
from wode.heads import SpanReader
from wode.wordpiece import WordPiece, pad


def answer(
    model: SpanReader, tokenizer: WordPiece, question: str, context: str, max_length: int = 128
) -> tuple[str, float]:
    """The best span of all windows on the context, and by how much it beats "no answer"."""
    parts = windows(tokenizer, question, context, max_length, stride=max_length // 2)
    with torch.no_grad():
        logits = model(**pad(parts))  # (windows, T, 2)
    found = []
    for part, row in zip(parts, logits, strict=True):
        start, end = row.unbind(dim=1)  # (T,) each
        first, last = best_span(start, end, *context_of(part), longest=20)
        found.append((float(start[first] + end[last]), text_of(part, context, first, last)))
    nothing = float(logits[:, 0].sum(dim=1).min())
    best, text = max(found)
    return text, best - nothing


def normal(text: str) -> list[str]:
    """The words that are compared: lower case, no punctuation, no articles."""
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def f1(said: str, right: str) -> float:
    """How many words two answers share."""
    a, b = normal(said), normal(right)
    both = sum((Counter(a) & Counter(b)).values())
    return 2 * both / (len(a) + len(b)) if both else float(a == b)
