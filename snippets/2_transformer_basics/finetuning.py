"""What the chapter `finetuning` includes: predictions, and cosines to compare them with."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.bert import Bert
from wode.data.pairs import Pair
from wode.wordpiece import WordPiece


@torch.no_grad()
def predict(model: nn.Module, tokenizer: WordPiece, pairs: Sequence[tuple[str, str]]) -> Tensor:
    """The probability that each pair means the same: (N,)."""
    was_training = model.training
    model.eval()
    logits = model(**tokenizer.batch(pairs, max_length=128))  # (N, 2)
    model.train(was_training)
    return logits.softmax(dim=1)[:, 1]


@torch.no_grad()
def sentence_vectors(bert: Bert, tokenizer: WordPiece, sentences: Sequence[str]) -> Tensor:
    """The mean of the hidden states, of length 1, as MiniLM was trained to be used: (N, E)."""
    inputs = tokenizer.batch(sentences)
    hidden, _ = bert(**inputs)  # (N, T, E)
    mask = inputs["attention_mask"][:, :, None]  # (N, T, 1)
    return F.normalize((hidden * mask).sum(dim=1) / mask.sum(dim=1), dim=1)


def cosines(bert: Bert, tokenizer: WordPiece, pairs: Sequence[Pair]) -> Tensor:
    """The cosine of the two sentence vectors of each pair: (N,)."""
    first = sentence_vectors(bert, tokenizer, [pair.first for pair in pairs])
    second = sentence_vectors(bert, tokenizer, [str(pair.second) for pair in pairs])
    return (first * second).sum(dim=1)


def best_threshold(scores: Tensor, labels: Tensor) -> float:
    """The score from which on to answer "same", so that most answers are right."""
    right = ((scores[None] >= scores[:, None]).long() == labels).sum(dim=1)  # (N,)
    return float(scores[right.argmax()])
