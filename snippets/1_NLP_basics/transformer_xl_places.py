"""A Transformer-XL whose places are absolute, for the page `transformer-xl`: what goes wrong."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from wode.transformer_xl import Config, Pairs, TransformerXL, distances, read_on


class Absolute(TransformerXL):
    """Places are added to the words, and a score knows of no distance (r = 0).

    ``counts``: a segment's places go on where the last one's ended; else each begins at 0.
    """

    def __init__(self, config: Config, counts: bool) -> None:
        super().__init__(config)
        self.counts = counts

    def forward(
        self, input_ids: Tensor, memory: Sequence[Tensor] | None = None, start: int = 0
    ) -> tuple[Tensor, list[Tensor]]:
        (B, T), E = input_ids.shape, self.config.d_model
        S, first = memory[0].shape[1] if memory else 0, start if self.counts else 0
        distance = (torch.arange(S, S + T)[:, None] - torch.arange(S + T)).expand(B, T, S + T)
        pairs = Pairs(torch.zeros(2 * (S + T), E), distance, distance >= 0)
        x = self.word_embedding(input_ids) + self.scale * distances(first, first + T - 1, E)
        x, kept = read_on(self.layer, x, memory, pairs, self.config.mem_len)
        return F.linear(x, self.word_embedding.weight), kept

    scale = 0.1  # of the words' own size
