"""Reformer: look only where the scores can be large, and keep no layer's activations.

*Reformer: The Efficient Transformer* (Kitaev et al., arXiv:2001.04451). Attention by hashing: a
softmax is ruled by its largest scores, near vectors fall into one bucket, so sort the tokens by
bucket and let each chunk look at itself and the chunk before. Its layers are reversible,
`wode.reversible`. The names in the state dict are those of ``transformers`` (with
``attn_layers`` all "lsh" and no axial positions).
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from wode.padding import hide_padding, real_tokens
from wode.reversible import Pair, run, run_reversibly

HIDDEN, ITSELF = -1e9, -1e5  # scores of what must not be seen, and of a token to itself


@dataclass(frozen=True)
class Config:
    """A Reformer's sizes under the names of its ``config.json``.

    ``hash_seed``: the same rotations in every layer and step; None: new ones each time.
    """

    vocab_size: int = 320
    hidden_size: int = 256
    num_hidden_layers: int = 6
    num_attention_heads: int = 2
    attention_head_size: int = 64
    feed_forward_size: int = 512
    num_buckets: int = 64
    num_hashes: int = 1
    lsh_attn_chunk_length: int = 64
    max_position_embeddings: int = 4096
    hidden_dropout_prob: float = 0.05
    layer_norm_eps: float = 1e-12
    is_decoder: bool = True
    pad_token_id: int = 0
    hash_seed: int | None = None

    def __post_init__(self) -> None:
        if self.num_buckets < 2 or self.num_buckets % 2:
            raise ValueError(f"expected num_buckets even, got {self.num_buckets}")


# ---------------------------------------------------------------- attention by hashing


def hash_buckets(vectors: Tensor, rotations: Tensor, seen: Tensor | None = None) -> Tensor:
    """The bucket of each vector in each round, from 0: argmax of [xR; -xR]; (B, h, rounds, T).

    ``vectors`` x: (B, h, T, d). ``rotations`` R: (h, d, rounds, buckets / 2), normal numbers.
    ``seen``: (B, T), false at padding, which goes into a bucket of its own, the last.
    """
    turned = torch.einsum("bhtd,hdrn->bhrtn", vectors.detach(), rotations)
    buckets = torch.cat([turned, -turned], dim=-1).argmax(dim=-1)
    if seen is not None and not seen.all():
        buckets = buckets.masked_fill(~seen[:, None, None, :], 2 * rotations.shape[3])
    return buckets


def normalised(query: Tensor) -> Tensor:
    """The key that belongs to a query: of the same direction, of length one (section 2)."""
    length = query.square().mean(dim=-1, keepdim=True).add(1e-6).sqrt()
    return query / length / math.sqrt(query.shape[-1])


def scores_of(
    query: Tensor, key: Tensor, query_at: Tensor, key_at: Tensor, seen: Tensor, causal: bool
) -> Tensor:
    """query (…, n, d), key (…, m, d), their places (…, n), (…, m); seen (…, m) → (…, n, m).

    A token would always be nearest to itself: it sees itself only where it sees nothing else.
    """
    scores = query @ key.transpose(-1, -2)
    may = seen[..., None, :]
    if causal:
        may = may & (query_at[..., :, None] >= key_at[..., None, :])
    scores = torch.where(may, scores, HIDDEN)
    return torch.where(query_at[..., :, None] == key_at[..., None, :], ITSELF, scores)


def lsh_attention(
    query: Tensor,
    value: Tensor,
    buckets: Tensor,
    chunk: int,
    seen: Tensor | None = None,
    causal: bool = False,
) -> Tensor:
    """Attention within chunks of the tokens sorted by bucket: (B, h, T, d) → (B, h, T, v).

    ``query`` serves as key too (`normalised`). ``buckets`` (B, h, rounds, T): all rounds are sorted
    into one long row, each chunk sees itself and the one before, and a token's rounds are weighed
    by how much each has found, the sum of its exponentials. T is a multiple of ``chunk``.
    """
    B, _, _, T = buckets.shape
    if T % chunk:
        raise ValueError(f"expected tokens in whole chunks of {chunk}, got {T}")
    if seen is None:
        seen = torch.ones(B, T, dtype=torch.bool, device=query.device)
    return within_chunks(query, value, buckets, chunk, seen, causal)


def within_chunks(
    query: Tensor, value: Tensor, buckets: Tensor, chunk: int, seen: Tensor, causal: bool
) -> Tensor:
    """`lsh_attention` itself."""
    B, h, rounds, T = buckets.shape
    round_of = torch.arange(rounds, device=query.device)[:, None] * (int(buckets.max()) + 1)
    order = (buckets + round_of).flatten(2).argsort(dim=-1, stable=True)  # (B, h, rounds · T)
    places = order % T

    def chunks(x: Tensor) -> Tensor:
        """(B, h, T, …) in the order of the buckets: (B, h, chunks, chunk, …)."""
        index = places.view(B, h, -1, *[1] * (x.ndim - 3)).expand(-1, -1, -1, *x.shape[3:])
        return x.gather(2, index).unflatten(2, (-1, chunk))

    def with_before(x: Tensor) -> Tensor:
        return torch.cat([x.roll(1, dims=2), x], dim=3)  # (B, h, chunks, 2 · chunk, …)

    asking, at = chunks(query), places.unflatten(2, (-1, chunk))
    known = with_before(chunks(seen[:, None].expand(B, h, T)))
    scores = scores_of(
        asking, with_before(normalised(asking)), at, with_before(at), known, causal
    )  # (B, h, chunks, chunk, 2 · chunk)
    found = scores.logsumexp(dim=-1)  # (B, h, chunks, chunk)
    answers = (scores - found[..., None]).exp() @ with_before(chunks(value))
    back = order.argsort(dim=-1)  # where each round's token has gone
    found = found.flatten(2).gather(2, back).unflatten(2, (rounds, T))
    index = back[..., None].expand(-1, -1, -1, value.shape[-1])
    answers = answers.flatten(2, 3).gather(2, index).unflatten(2, (rounds, T))
    return (answers * found.softmax(dim=2)[..., None]).sum(dim=2)


class SelfAttention(nn.Module):
    """Projections and hashing; one matrix for queries and keys."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config, inner = config, config.num_attention_heads * config.attention_head_size
        self.query_key = nn.Linear(config.hidden_size, inner, bias=False)
        self.value = nn.Linear(config.hidden_size, inner, bias=False)

    def rotations(self) -> Tensor:
        config, weight = self.config, self.value.weight
        chance = None
        if config.hash_seed is not None:
            chance = torch.Generator(weight.device).manual_seed(config.hash_seed)
        shape = (
            config.num_attention_heads,
            config.attention_head_size,
            config.num_hashes,
            config.num_buckets // 2,
        )
        return torch.randn(shape, generator=chance, dtype=weight.dtype, device=weight.device)

    def forward(
        self, x: Tensor, seen: Tensor, buckets: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """x (B, T, E), seen (B, T) → (B, T, E) and the buckets, those given or new ones."""
        chunk, T, config = self.config.lsh_attn_chunk_length, x.shape[1], self.config
        more = -T % chunk if chunk < T else 0
        x, seen = nn.functional.pad(x, (0, 0, 0, more)), nn.functional.pad(seen, (0, more))
        query, value = (
            linear(x).unflatten(-1, (config.num_attention_heads, -1)).transpose(1, 2)
            for linear in (self.query_key, self.value)
        )  # (B, h, T, d)
        if chunk >= T:
            at = torch.arange(T, device=x.device).expand(*query.shape[:3])
            known = seen[:, None].expand(*query.shape[:3])
            scores = scores_of(query, normalised(query), at, at, known, config.is_decoder)
            heads = scores.softmax(dim=-1) @ value
        else:
            turn = self.rotations()  # drawn the second time, too: what chance brings next is alike
            if buckets is None:
                buckets = hash_buckets(query, turn, seen)
            heads = lsh_attention(query, value, buckets, chunk, seen, config.is_decoder)
        return heads.transpose(1, 2).flatten(2)[:, :T], buckets


# ---------------------------------------------------------------- reversible layers


class Attention(nn.Module):
    """Attention(LayerNorm(x)), without the residual."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        inner = config.num_attention_heads * config.attention_head_size
        self.layer_norm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.self_attention = SelfAttention(config)
        dense = nn.Linear(inner, config.hidden_size, bias=False)
        self.output = nn.Sequential(
            OrderedDict(dense=dense, dropout=nn.Dropout(config.hidden_dropout_prob))
        )

    def forward(
        self, x: Tensor, seen: Tensor, buckets: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        heads, buckets = self.self_attention(self.layer_norm(x), seen, buckets)
        return self.output(heads), buckets


class FeedForward(nn.Module):
    """FFN(LayerNorm(x)), without the residual."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size, inner, drop = config.hidden_size, config.feed_forward_size, config.hidden_dropout_prob
        self.layer_norm = nn.LayerNorm(size, config.layer_norm_eps)
        self.dense = nn.Sequential(
            OrderedDict(dense=nn.Linear(size, inner), dropout=nn.Dropout(drop), act=nn.ReLU())
        )
        self.output = nn.Sequential(
            OrderedDict(dense=nn.Linear(inner, size), dropout=nn.Dropout(drop))
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.output(self.dense(self.layer_norm(x)))


class Layer(nn.Module):
    """y₁ = x₁ + Attention(x₂), y₂ = x₂ + FFN(y₁)."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.attention, self.feed_forward = Attention(config), FeedForward(config)


def halves(layer: Layer, seen: Tensor) -> Pair:
    """A layer's two functions; attention, run once more, looks into the buckets of the first time.

    Hashed anew, a vector that has changed in its last digit could fall into another.
    """
    kept: list[Tensor | None] = [None]

    def attention(x: Tensor) -> Tensor:
        y, kept[0] = layer.attention(x, seen, kept[0])
        return y

    return attention, layer.feed_forward


# ---------------------------------------------------------------- the model


class Embeddings(nn.Module):
    """Words and positions, added."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(config.vocab_size, config.hidden_size)
        self.position_embeddings = nn.ModuleDict(
            {"embedding": nn.Embedding(config.max_position_embeddings, config.hidden_size)}
        )
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, ids: Tensor) -> Tensor:
        places = torch.arange(ids.shape[1], device=ids.device)
        positions = self.position_embeddings["embedding"](places)
        return self.dropout(self.word_embeddings(ids)) + self.dropout(positions)


class Encoder(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        self.layers = nn.ModuleList([Layer(config) for _ in range(config.num_hidden_layers)])
        self.layer_norm = nn.LayerNorm(2 * config.hidden_size, config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)


class Reformer(nn.Module):
    """Token ids in, hidden states out; ``transformers.ReformerModel``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.embeddings, self.encoder = Embeddings(config), Encoder(config)
        self.apply(initialise)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, reversible: bool = True
    ) -> Tensor:
        """input_ids, attention_mask (B, T) → (B, T, 2E); ``reversible``: keep no activations.

        Raises:
            ValueError: more tokens than positions, or a mask that `wode.padding.real_tokens`
                refuses.
        """
        if input_ids.shape[1] > self.config.max_position_embeddings:
            raise ValueError(
                f"expected at most {self.config.max_position_embeddings} tokens, "
                f"got {input_ids.shape[1]}"
            )
        seen = torch.ones_like(input_ids).bool()
        if attention_mask is not None:
            seen = real_tokens(attention_mask, input_ids)
        x = hide_padding(self.embeddings(input_ids), seen)
        pairs = [halves(layer, seen) for layer in self.encoder.layers if isinstance(layer, Layer)]
        if reversible:
            parts = run_reversibly(x, x, pairs, list(self.encoder.layers.parameters()))
        else:
            parts = run(x, x, pairs)
        y = torch.cat(parts, dim=-1)
        return self.encoder.dropout(self.encoder.layer_norm(y))


def initialise(module: nn.Module) -> None:
    """Normal with standard deviation 0.02, biases zero."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
