"""What the page `adapters` includes: a batch of reviews, and training on them."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader

from wode.data.pairs import Pair
from wode.files.hub import MINILM
from wode.training import seed_everything, train
from wode.training.evaluation import accuracy
from wode.wordpiece import WordPiece

tokenizer = WordPiece.from_pretrained(MINILM)


def batch(reviews: Sequence[Pair]) -> tuple[dict[str, Tensor], Tensor]:
    """BERT's inputs (B, T) by name, and labels (B,)."""
    labels = torch.tensor([review.label for review in reviews])
    return tokenizer.batch([review.first for review in reviews]), labels


def teach(model: nn.Module, learn: Sequence[Pair], test: Sequence[Pair], lr: float) -> float:
    """Two epochs of AdamW on ``learn``; the accuracy on ``test``."""
    generator = seed_everything(0)
    loader = DataLoader(list(learn), 16, shuffle=True, generator=generator, collate_fn=batch)
    optimizer = torch.optim.AdamW(model.parameters(), lr)  # passes over what has no gradient
    train(model, loader, optimizer, F.cross_entropy, epochs=2, progress=False)
    return accuracy(model, DataLoader(list(test), 64, collate_fn=batch))
