"""What the page `adapters` includes: training on the book's reviews."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader

from wode.data.pairs import collate
from wode.files.hub import MINILM
from wode.training import seed_everything, train
from wode.training.evaluation import accuracy
from wode.wordpiece import WordPiece

batch = collate(WordPiece.from_pretrained(MINILM))


def teach(model: nn.Module, learn: Any, test: Any, lr: float) -> float:
    """One epoch of AdamW on the pairs ``learn``; the accuracy on those of ``test``."""
    generator = seed_everything(0)
    loader = DataLoader(learn, 16, shuffle=True, generator=generator, collate_fn=batch)
    optimizer = torch.optim.AdamW(model.parameters(), lr)  # passes over the frozen
    train(model, loader, optimizer, F.cross_entropy, epochs=1, progress=False)
    return accuracy(model, DataLoader(test, 64, collate_fn=batch))
