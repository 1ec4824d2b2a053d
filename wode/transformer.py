"""The transformer: an encoder reads the source, a decoder writes the target token by token.

*Attention Is All You Need* (Vaswani et al., arXiv:1706.03762). `Encoder`, `Decoder` and
`Transformer` equal ``nn.TransformerEncoder``, ``nn.TransformerDecoder`` and ``nn.Transformer``
weight for weight (`wode.attention.torch_weights` renames), with the layer norm after each sublayer
as in the paper, or before it. `TranslationModel` adds what stands around them: embeddings,
positions, logits. `smoothed_cross_entropy` and `warmup_rate` are how the paper trains it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import KeyValueCache, MultiHeadAttention, causal_mask, padding_mask
from wode.padding import hide_padding

LayerCaches = tuple[KeyValueCache, KeyValueCache]  # the target's own keys and values; the source's


@dataclass(frozen=True)
class Config:
    """The sizes of a transformer; the defaults are the paper's base model (table 3).

    ``norm_first``: x + Sublayer(LayerNorm(x)) in place of LayerNorm(x + Sublayer(x));
    easier to train without a warm-up (Xiong et al., arXiv:2002.04745).
    """

    hidden_size: int = 512
    num_heads: int = 8
    num_layers: int = 6
    ffn_size: int = 2048
    dropout: float = 0.1
    norm_first: bool = False


def positional_encoding(length: int, hidden_size: int, first: int = 0) -> Tensor:
    """Sines and cosines of ever longer waves (section 3.5): (length, hidden_size).

    Column 2i holds sin(position / 10000^(2i / hidden_size)), column 2i + 1 the cosine, for the
    positions ``first``, ``first`` + 1, …
    """
    position = torch.arange(first, first + length)[:, None]  # (T, 1)
    even = torch.arange(0, hidden_size, 2)  # (⌈E / 2⌉,)
    angle = position * torch.exp(even * (-math.log(10_000.0) / hidden_size))  # (T, ⌈E / 2⌉)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1)[:, :hidden_size]


# ---------------------------------------------------------------- layers


class Layer(nn.Module):
    """What encoder and decoder layers share: sublayers, each with a residual and a layer norm."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size = config.hidden_size
        self.norm_first = config.norm_first
        self.self_attn = MultiHeadAttention(size, config.num_heads, config.dropout)
        self.linear1 = nn.Linear(size, config.ffn_size)
        self.linear2 = nn.Linear(config.ffn_size, size)
        self.norm1 = nn.LayerNorm(size)
        self.norm2 = nn.LayerNorm(size)
        self.dropout = nn.Dropout(config.dropout)

    def residual(self, x: Tensor, norm: nn.Module, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        """LayerNorm(x + Sublayer(x)), section 3.1, or x + Sublayer(LayerNorm(x))."""
        if self.norm_first:
            return x + self.dropout(sublayer(norm(x)))
        return norm(x + self.dropout(sublayer(x)))

    def feed_forward(self, x: Tensor) -> Tensor:
        """max(0, x W₁ + b₁) W₂ + b₂, equation 2: each position by itself."""
        return self.linear2(self.dropout(F.relu(self.linear1(x))))  # (B, T, E)


class EncoderLayer(Layer):
    """Self-attention over the source, then the feed-forward network."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        x = self.residual(x, self.norm1, lambda x: self.self_attn(x, mask=mask))
        return self.residual(x, self.norm2, self.feed_forward)  # (B, S, E)


class DecoderLayer(Layer):
    """Self-attention over the target so far, attention to the source, the feed-forward network."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.multihead_attn = MultiHeadAttention(
            config.hidden_size, config.num_heads, config.dropout
        )
        self.norm3 = nn.LayerNorm(config.hidden_size)

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        caches: LayerCaches | None = None,
    ) -> Tensor:
        own, source = caches or (None, None)
        x = self.residual(x, self.norm1, lambda x: self.self_attn(x, mask=mask, cache=own))
        x = self.residual(
            x, self.norm2, lambda x: self.multihead_attn(x, memory, None, memory_mask, source)
        )
        return self.residual(x, self.norm3, self.feed_forward)  # (B, T, E)


# ---------------------------------------------------------------- stacks


class Encoder(nn.Module):
    """A stack of encoder layers and a last layer norm; ``nn.TransformerEncoder``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layers = nn.ModuleList([EncoderLayer(config) for _ in range(config.num_layers)])
        self.norm = nn.LayerNorm(config.hidden_size)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """x: (B, S, E); mask: broadcast to (B, h, S, S). Returns (B, S, E)."""
        for layer in self.layers:
            x = layer(x, mask)
        return self.norm(x)


class Decoder(nn.Module):
    """A stack of decoder layers and a last layer norm; ``nn.TransformerDecoder``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layers = nn.ModuleList([DecoderLayer(config) for _ in range(config.num_layers)])
        self.norm = nn.LayerNorm(config.hidden_size)

    def caches(self) -> list[LayerCaches]:
        """Empty caches, a pair a layer."""
        return [(KeyValueCache(), KeyValueCache(fixed=True)) for _ in self.layers]

    def forward(
        self,
        x: Tensor,
        memory: Tensor,
        mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
        caches: list[LayerCaches] | None = None,
    ) -> Tensor:
        """x: (B, T, E), memory: (B, S, E), masks broadcast to (B, h, T, …). Returns (B, T, E)."""
        for number, layer in enumerate(self.layers):
            x = layer(x, memory, mask, memory_mask, caches[number] if caches else None)
        return self.norm(x)


class Transformer(nn.Module):
    """Encoder and decoder; ``nn.Transformer(batch_first=True)``. Masks: True may be seen."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.xavier_uniform_(parameter)

    def forward(
        self,
        source: Tensor,
        target: Tensor,
        source_mask: Tensor | None = None,
        target_mask: Tensor | None = None,
        memory_mask: Tensor | None = None,
    ) -> Tensor:
        """source: (B, S, E), target: (B, T, E). Returns (B, T, E)."""
        memory = self.encoder(source, source_mask)  # (B, S, E)
        return self.decoder(target, memory, target_mask, memory_mask)


class TranslationModel(nn.Module):
    """Token ids in, logits out: the whole model of the paper.

    One matrix is the embedding of both languages and, transposed, the output layer (section 3.4).

    Args:
        vocab_size: tokens of source and target together.
        pad_id: the token that only fills up.
    """

    def __init__(self, vocab_size: int, config: Config, pad_id: int = 0) -> None:
        super().__init__()
        self.pad_id, self.hidden_size = pad_id, config.hidden_size
        self.transformer = Transformer(config)
        self.embedding = nn.Embedding(vocab_size, config.hidden_size)
        nn.init.normal_(self.embedding.weight, std=config.hidden_size**-0.5)
        self.dropout = nn.Dropout(config.dropout)

    def embed(self, ids: Tensor, first: int = 0) -> Tensor:
        """Embedding × √E plus encoding of positions first, first + 1, …: (B, T) → (B, T, E)."""
        position = positional_encoding(ids.shape[1], self.hidden_size, first).to(ids.device)
        return self.dropout(self.embedding(ids) * math.sqrt(self.hidden_size) + position)

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """source: (B, S). Returns the memory (B, S, E) and its padding mask (B, 1, 1, S)."""
        real = source != self.pad_id  # (B, S)
        x, mask = hide_padding(self.embed(source), real), padding_mask(real)
        return self.transformer.encoder(x, mask), mask

    def decode(
        self,
        target: Tensor,
        memory: Tensor,
        memory_mask: Tensor,
        caches: list[LayerCaches] | None = None,
    ) -> Tensor:
        """target: (B, T), with caches the tokens not yet in them. Logits (B, T, vocabulary)."""
        done = len(caches[0][0]) if caches else 0
        mask = causal_mask(target.shape[1], done + target.shape[1]).to(target.device)
        x = self.embed(target, first=done)
        x = self.transformer.decoder(x, memory, mask, memory_mask, caches)
        return F.linear(x, self.embedding.weight)

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """source: (B, S), target: (B, T), padded on the right. Logits (B, T, vocabulary)."""
        return self.decode(target, *self.encode(source))


# ---------------------------------------------------------------- training


def warmup_rate(step: int, hidden_size: int, warmup: int = 4000) -> float:
    """E^−0.5 · min(step^−0.5, step · warmup^−1.5), equation 3; steps count from 1."""
    return hidden_size**-0.5 * min(step**-0.5, step * warmup**-1.5)


def smoothed_cross_entropy(
    logits: Tensor, labels: Tensor, smoothing: float = 0.1, ignore_index: int = -100
) -> Tensor:
    """Cross entropy against 1 − ε on the label and ε spread over all C classes (section 5.4).

    logits: (N, C), labels: (N,). The mean over the labels that are not ``ignore_index``.
    """
    if not 0 <= smoothing <= 1:
        raise ValueError(f"expected 0 <= smoothing <= 1, got {smoothing}")
    kept = labels != ignore_index
    log_p = logits[kept].log_softmax(dim=-1)  # (K, C)
    of_label = log_p.gather(1, labels[kept][:, None]).squeeze(1)  # (K,)
    return -((1 - smoothing) * of_label + smoothing * log_p.mean(dim=-1)).mean()
