"""What the chapter `finetuning` includes: predictions, and cosines to compare them with."""

from collections.abc import Sequence

from torch import Tensor, nn

from wode.bert import Bert
from wode.data.pairs import Pair
from wode.decoding import evaluating
from wode.tasks.baselines import sentence_vectors
from wode.wordpiece import WordPiece


def predict(model: nn.Module, tokenizer: WordPiece, pairs: Sequence[tuple[str, str]]) -> Tensor:
    """The probability that each pair means the same: (N,)."""
    with evaluating(model):
        logits = model(**tokenizer.batch(pairs, max_length=128))  # (N, 2)
    return logits.softmax(dim=1)[:, 1]


def cosines(bert: Bert, tokenizer: WordPiece, pairs: Sequence[Pair]) -> Tensor:
    """The cosine of the two sentence vectors of each pair: (N,)."""
    first = sentence_vectors(bert, tokenizer, [pair.first for pair in pairs])
    second = sentence_vectors(bert, tokenizer, [str(pair.second) for pair in pairs])
    return (first * second).sum(dim=1)
