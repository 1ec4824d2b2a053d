"""What the chapter `transformer` begins with: a transformer that writes digits backwards."""

import torch
from torch import Tensor, nn

from wode.transformer import positional_encoding


class Reverser(nn.Module):
    """Digits (B, S), and what is written so far (B, T): scores of what comes next (B, T, 11)."""

    def __init__(self, size: int = 32) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, size)  # ten digits, and 10: begin
        # 4 heads; encoder and decoder of 1 layer each; 64 in the feed-forward network
        self.transformer = nn.Transformer(size, 4, 1, 1, 64, dropout=0.0, batch_first=True)
        self.scores = nn.Linear(size, 11)

    def placed(self, ids: Tensor) -> Tensor:
        x = self.embedding(ids)  # (B, T, E)
        return x + positional_encoding(*x.shape[1:])

    def forward(self, source: Tensor, written: Tensor) -> Tensor:
        future = torch.ones(written.shape[1], written.shape[1]).triu(1).bool()  # True: hidden
        y = self.transformer(self.placed(source), self.placed(written), tgt_mask=future)
        return self.scores(y)
