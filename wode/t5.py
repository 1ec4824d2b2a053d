"""T5, the *Text-to-Text Transfer Transformer*: an encoder and a decoder with relative places.

*Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer* (Raffel et al.,
arXiv:1910.10683, section 2.1). What differs from the transformer of 2017: norms before the
sublayers and without a mean or a bias, no bias anywhere, and in place of positions a number that
each head adds to its scores for each range of distances. The names in the state dict are those of
``transformers``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import KeyValueCache, causal_mask
from wode.files.settings import Reads, check_one_of, check_value
from wode.llama import RMSNorm
from wode.padding import hide_padding
from wode.seq2seq import EncoderDecoder, seen
from wode.transformer import LayerCaches


@dataclass(frozen=True)
class Config:
    """A T5's sizes under the names of its ``config.json``; the defaults are T5-small's.

    ``feed_forward_proj`` "relu" and tied words are the paper's; version 1.1 has "gated-gelu"
    (arXiv:2002.05202) and an output matrix of its own.
    """

    vocab_size: int = 32128
    d_model: int = 512
    d_kv: int = 64  # a head's
    d_ff: int = 2048
    num_layers: int = 6
    num_decoder_layers: int | None = None  # None: as many
    num_heads: int = 8
    relative_attention_num_buckets: int = 32
    relative_attention_max_distance: int = 128
    dropout_rate: float = 0.1
    layer_norm_epsilon: float = 1e-6
    feed_forward_proj: str = "relu"
    tie_word_embeddings: bool = True
    decoder_start_token_id: int = 0

    def __post_init__(self) -> None:
        if self.feed_forward_proj not in ("relu", "gated-gelu"):
            raise ValueError(
                f'expected feed_forward_proj "relu" or "gated-gelu", got {self.feed_forward_proj!r}'
            )
        buckets, longest = self.relative_attention_num_buckets, self.relative_attention_max_distance
        if buckets < 4 or longest in (buckets // 2, buckets // 4):  # `bucket` divides by log 1
            raise ValueError(
                "expected relative_attention_num_buckets of at least 4, and no half or quarter of "
                f"it as relative_attention_max_distance, got {buckets} and {longest}"
            )


def adapted(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as `Config` has them: transformers 5 says the same things twice.

    Raises:
        ValueError: the two differ.
    """
    forward = settings.get("feed_forward_proj", "relu")
    tied = settings.get("tie_word_embeddings", True)
    check_value("feed_forward_proj", forward, str)
    gated = {"relu": ("relu", False), "gated-gelu": ("gelu_new", True)}.get(forward)
    twins = {"dense_act_fn": gated and gated[0], "is_gated_act": gated and gated[1]}
    for key, value in (twins | {"scale_decoder_outputs": tied}).items():
        check_one_of(key, settings.pop(key, value), (value,))
    return settings


READS = Reads(
    "t5",
    Config,
    only={"is_encoder_decoder": (True,), "pad_token_id": (0,)},
    idle="initializer_factor n_positions",
    adapt=adapted,
)


def bucket(distance: Tensor, both_ways: bool, buckets: int = 32, longest: int = 128) -> Tensor:
    """The range that a distance (key's place - query's) falls into: 0 … ``buckets`` - 1.

    Half of the buckets hold one distance each, the others grow as its logarithm up to ``longest``;
    all beyond is the last. Both ways, half are for what lies ahead; else what lies ahead is 0.
    """
    ahead = 0
    if both_ways:
        buckets //= 2
        ahead = (distance > 0) * buckets
        distance = distance.abs()
    else:
        distance = (-distance).clamp(min=0)
    exact = buckets // 2
    ratio = (distance.float() / exact).log() / math.log(longest / exact)
    far = (exact + (ratio * (buckets - exact)).long()).clamp(max=buckets - 1)
    return ahead + torch.where(distance < exact, distance, far)


# ---------------------------------------------------------------- layers


class Attention(nn.Module):
    """Multi-head attention without biases, and without the division by √d: so it is initialised."""

    def __init__(self, config: Config, with_bias: bool = False, both_ways: bool = True) -> None:
        super().__init__()
        self.config, self.both_ways, inner = config, both_ways, config.num_heads * config.d_kv
        self.q, self.k, self.v = (nn.Linear(config.d_model, inner, bias=False) for _ in range(3))
        self.o = nn.Linear(inner, config.d_model, bias=False)
        if with_bias:  # the first layer's serves them all
            buckets = config.relative_attention_num_buckets
            self.relative_attention_bias = nn.Embedding(buckets, config.num_heads)

    def bias(self, queries: int, keys: int) -> Tensor:
        """What is added to the scores of the last ``queries`` of ``keys`` tokens: (1, h, T, S)."""
        place = torch.arange(keys, device=self.q.weight.device)
        distance = place[None, :] - place[keys - queries :, None]  # (T, S)
        number = self.config.relative_attention_num_buckets
        longest = self.config.relative_attention_max_distance
        index = bucket(distance, self.both_ways, number, longest)
        return self.relative_attention_bias(index).permute(2, 0, 1)[None]

    def forward(
        self,
        x: Tensor,
        source: Tensor | None = None,
        bias: Tensor | None = None,
        cache: KeyValueCache | None = None,
    ) -> Tensor:
        """From ``x`` (B, T, E) to ``source`` (B, S, E), or to itself; bias: (…, h, T, S)."""

        def heads(y: Tensor) -> Tensor:
            return y.unflatten(-1, (self.config.num_heads, -1)).transpose(1, 2)  # (B, h, T, d)

        source = x if source is None else source
        if cache is not None and cache.fixed and cache.key is not None and cache.value is not None:
            key, value = cache.key, cache.value
        else:
            key, value = heads(self.k(source)), heads(self.v(source))
            if cache is not None:
                key, value = cache.extend(key, value)
        drop = self.config.dropout_rate if self.training else 0.0
        y = F.scaled_dot_product_attention(heads(self.q(x)), key, value, bias, drop, scale=1.0)
        return self.o(y.transpose(1, 2).flatten(2))  # (B, T, E)


class FeedForward(nn.Module):
    """max(0, x Wi) Wo, or (GELU(x Wi₀) · x Wi₁) Wo."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.gated = config.feed_forward_proj == "gated-gelu"
        size, inner = config.d_model, config.d_ff
        if self.gated:
            self.wi_0, self.wi_1 = (nn.Linear(size, inner, bias=False) for _ in range(2))
        else:
            self.wi = nn.Linear(size, inner, bias=False)
        self.wo = nn.Linear(config.d_ff, config.d_model, bias=False)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x: Tensor) -> Tensor:
        if self.gated:
            y = F.gelu(self.wi_0(x), approximate="tanh") * self.wi_1(x)
        else:
            y = F.relu(self.wi(x))
        return self.wo(self.dropout(y))


class Residual(nn.Module):
    """x + Dropout(f(RMSNorm(x))), the f under its own name."""

    def __init__(self, config: Config, name: str, sublayer: nn.Module) -> None:
        super().__init__()
        self.name = name
        self.add_module(name, sublayer)
        self.layer_norm = RMSNorm(config.d_model, config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(self, x: Tensor, *others: object) -> Tensor:
        return x + self.dropout(self.get_submodule(self.name)(self.layer_norm(x), *others))


class Block(nn.Module):
    """Self-attention, in a decoder attention to the source, a feed-forward network."""

    def __init__(self, config: Config, decoder: bool, first: bool) -> None:
        super().__init__()
        own = Attention(config, with_bias=first, both_ways=not decoder)
        sublayers = [Residual(config, "SelfAttention", own)]
        if decoder:
            sublayers.append(Residual(config, "EncDecAttention", Attention(config)))
        sublayers.append(Residual(config, "DenseReluDense", FeedForward(config)))
        self.layer = nn.ModuleList(sublayers)

    def forward(
        self,
        x: Tensor,
        bias: Tensor,
        memory: Tensor | None = None,
        memory_bias: Tensor | None = None,
        caches: LayerCaches | None = None,
    ) -> Tensor:
        own, source = caches or (None, None)
        x = self.layer[0](x, None, bias, own)
        if memory is not None:
            x = self.layer[1](x, memory, memory_bias, source)
        return self.layer[-1](x)  # (B, T, E)


# ---------------------------------------------------------------- the model


class Stack(nn.Module):
    """The encoder or the decoder."""

    def __init__(self, config: Config, words: nn.Embedding, decoder: bool) -> None:
        super().__init__()
        self.decoder = decoder
        layers = config.num_layers
        if decoder and config.num_decoder_layers is not None:
            layers = config.num_decoder_layers
        self.embed_tokens = words
        self.block = nn.ModuleList([Block(config, decoder, n == 0) for n in range(layers)])
        self.final_layer_norm = RMSNorm(config.d_model, config.layer_norm_epsilon)
        self.dropout = nn.Dropout(config.dropout_rate)

    def forward(
        self,
        ids: Tensor,
        mask: Tensor | None = None,
        memory: Tensor | None = None,
        memory_mask: Tensor | None = None,
        caches: Sequence[LayerCaches] | None = None,
    ) -> Tensor:
        """ids (B, T), the new ones; masks (B, 1, 1, S), true where may be seen: (B, T, E)."""
        T = ids.shape[1]
        S = T + (len(caches[0][0]) if caches else 0)
        first = self.get_submodule("block.0.layer.0.SelfAttention")
        assert isinstance(first, Attention)
        bias = first.bias(T, S)  # (1, h, T, S): all layers use it
        if self.decoder:
            bias = hidden(bias, causal_mask(T, S).to(ids.device))
        bias = bias if mask is None else hidden(bias, mask)
        x = self.dropout(self.embed_tokens(ids))
        x = x if mask is None else hide_padding(x, mask[:, 0, 0])
        to_memory = None if memory_mask is None else hidden(bias.new_zeros(()), memory_mask)
        for n, block in enumerate(self.block):
            x = block(x, bias, memory, to_memory, caches[n] if caches else None)
        return self.dropout(self.final_layer_norm(x))


def hidden(bias: Tensor, mask: Tensor) -> Tensor:
    """``bias`` with -∞ where ``mask`` is false."""
    return torch.where(mask, bias, -torch.inf)


class T5(EncoderDecoder):
    """Token ids in, logits out; ``transformers.T5ForConditionalGeneration``."""

    def __init__(self, config: Config) -> None:
        super().__init__(config.decoder_start_token_id, padding=0)
        self.config = config
        self.shared = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = Stack(config, self.shared, decoder=False)
        self.decoder = Stack(config, self.shared, decoder=True)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.shared.weight
        initialise(self, config)

    def encode(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """input_ids, attention_mask (B, S). Returns the memory (B, S, E)."""
        return self.encoder(input_ids, seen(attention_mask, input_ids))

    def decode(
        self,
        target_ids: Tensor,
        memory: Tensor,
        attention_mask: Tensor | None = None,
        caches: Sequence[LayerCaches] | None = None,
    ) -> Tensor:
        """target_ids (B, T), with caches the new ones; memory, its mask. Logits (B, T, vocab)."""
        memory = hide_padding(memory, attention_mask)
        x = self.decoder(target_ids, None, memory, seen(attention_mask, memory), caches)
        if self.config.tie_word_embeddings:
            x = x * self.config.d_model**-0.5
        return self.lm_head(x)

    def caches(self) -> list[LayerCaches]:
        """Empty caches for writing, a pair a layer."""
        return [(KeyValueCache(), KeyValueCache(fixed=True)) for _ in self.decoder.block]


def initialise(model: T5, config: Config) -> None:
    """Weights as small as their number of inputs asks; queries smaller by √d for the scores."""
    for name, weight in model.named_parameters():
        if weight.ndim < 2:
            continue  # norms begin at one
        part = name.split(".")[-2]
        inputs = config.d_model if part == "relative_attention_bias" else weight.shape[1]
        inputs = inputs * config.d_kv if part == "q" else inputs
        std = 1.0 if part in ("shared", "lm_head") else inputs**-0.5
        nn.init.normal_(weight, std=std)
