"""BART: a bidirectional encoder reads a damaged text, a decoder writes it as it was.

*BART: Denoising Sequence-to-Sequence Pre-training* (Lewis et al., arXiv:1910.13461, section 2.1):
the transformer of 2017 with GELU, learned positions and a layer norm over the embeddings. How texts
are damaged is in `wode.denoising`. The names in the state dict are those of ``transformers``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import KeyValueCache, MultiHeadAttention, causal_mask
from wode.files.settings import Reads, check_one_of
from wode.padding import hide_padding
from wode.seq2seq import EncoderDecoder, seen
from wode.transformer import LayerCaches

OFFSET = 2  # the first two rows of the positions are unused, a remnant of fairseq


@dataclass(frozen=True)
class Config:
    """A BART's sizes under the names of its ``config.json``; the defaults are BART-large's."""

    vocab_size: int = 50265
    d_model: int = 1024
    encoder_layers: int = 12
    decoder_layers: int = 12
    encoder_attention_heads: int = 16
    decoder_attention_heads: int = 16
    encoder_ffn_dim: int = 4096
    decoder_ffn_dim: int = 4096
    max_position_embeddings: int = 1024
    dropout: float = 0.1
    attention_dropout: float = 0.0
    activation_function: str = "gelu"
    scale_embedding: bool = False
    pad_token_id: int = 1
    decoder_start_token_id: int = 2

    def __post_init__(self) -> None:
        for heads in (self.encoder_attention_heads, self.decoder_attention_heads):
            if self.d_model % heads:
                raise ValueError(
                    f"expected d_model a multiple of the heads, got {self.d_model} and {heads}"
                )
        if self.activation_function != "gelu":
            raise ValueError(
                f'expected activation_function "gelu", got {self.activation_function!r}'
            )


def adapted(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as `Config` has them. Raises ValueError for two numbers of the encoder's layers."""
    layers = settings.get("encoder_layers", Config.encoder_layers)
    check_one_of("num_hidden_layers", settings.pop("num_hidden_layers", layers), (layers,))
    return settings


READS = Reads(
    "bart",
    Config,
    only={
        "is_encoder_decoder": (True,),
        "tie_word_embeddings": (True,),
        "normalize_before": (False,),
        "normalize_embedding": (True,),
        "add_final_layer_norm": (False,),
        "add_bias_logits": (False,),
        "static_position_embeddings": (False,),
        "extra_pos_embeddings": (OFFSET,),
    },
    idle="activation_dropout encoder_layerdrop decoder_layerdrop init_std classif_dropout "
    "force_bos_token_to_be_generated",
    adapt=adapted,
)


class Layer(nn.Module):
    """Self-attention, in a decoder attention to the memory, a feed-forward network; norms after."""

    def __init__(self, config: Config, decoder: bool) -> None:
        super().__init__()
        size, drop = config.d_model, config.attention_dropout
        heads = config.decoder_attention_heads if decoder else config.encoder_attention_heads
        inner = config.decoder_ffn_dim if decoder else config.encoder_ffn_dim
        self.self_attn = MultiHeadAttention(size, heads, drop)
        self.self_attn_layer_norm = nn.LayerNorm(size)
        if decoder:
            self.encoder_attn = MultiHeadAttention(size, heads, drop)
            self.encoder_attn_layer_norm = nn.LayerNorm(size)
        self.fc1, self.fc2 = nn.Linear(size, inner), nn.Linear(inner, size)
        self.final_layer_norm = nn.LayerNorm(size)
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None = None,
        memory: Tensor | None = None,
        memory_mask: Tensor | None = None,
        caches: LayerCaches | None = None,
    ) -> Tensor:
        own, source = caches or (None, None)
        y = self.self_attn(x, mask=mask, cache=own)
        x = self.self_attn_layer_norm(x + self.dropout(y))
        if memory is not None:
            y = self.encoder_attn(x, memory, None, memory_mask, source)
            x = self.encoder_attn_layer_norm(x + self.dropout(y))
        y = self.fc2(F.gelu(self.fc1(x)))
        return self.final_layer_norm(x + self.dropout(y))  # (B, T, E)


class Stack(nn.Module):
    """The encoder or the decoder: words and positions, added and normalised; then the layers."""

    def __init__(self, config: Config, words: nn.Embedding, decoder: bool) -> None:
        super().__init__()
        size, layers = config.d_model, config.decoder_layers if decoder else config.encoder_layers
        self.embed_tokens, self.decoder = words, decoder
        self.embed_positions = nn.Embedding(config.max_position_embeddings + OFFSET, size)
        self.scale = math.sqrt(size) if config.scale_embedding else 1.0
        self.layernorm_embedding = nn.LayerNorm(size)
        self.layers = nn.ModuleList([Layer(config, decoder) for _ in range(layers)])
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        ids: Tensor,
        mask: Tensor | None = None,
        memory: Tensor | None = None,
        memory_mask: Tensor | None = None,
        caches: Sequence[LayerCaches] | None = None,
    ) -> Tensor:
        """ids (B, T), the new ones. Masks (B, 1, 1, S) are true where may be seen: (B, T, E).

        Raises:
            ValueError: more tokens than positions.
        """
        done = len(caches[0][0]) if caches else 0
        last = done + ids.shape[1]
        if last > (most := self.embed_positions.num_embeddings - OFFSET):
            raise ValueError(f"expected at most {most} tokens, got {last}")
        places = torch.arange(done, last, device=ids.device) + OFFSET
        x = self.embed_tokens(ids) * self.scale
        x = x if mask is None else hide_padding(x, mask[:, 0, 0])
        x = self.dropout(self.layernorm_embedding(x + self.embed_positions(places)))
        if self.decoder:
            mask = causal_mask(ids.shape[1], last).to(ids.device)
        for n, layer in enumerate(self.layers):
            x = layer(x, mask, memory, memory_mask, caches[n] if caches else None)
        return x


class Model(nn.Module):
    """Both stacks and the words they share; ``transformers.BartModel``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.shared = nn.Embedding(config.vocab_size, config.d_model, config.pad_token_id)
        self.encoder = Stack(config, self.shared, decoder=False)
        self.decoder = Stack(config, self.shared, decoder=True)


class Bart(EncoderDecoder):
    """Token ids in, logits out; ``transformers.BartForConditionalGeneration``."""

    def __init__(self, config: Config) -> None:
        super().__init__(config.decoder_start_token_id, config.pad_token_id)
        self.config, self.model = config, Model(config)
        self.lm_head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        self.register_buffer("final_logits_bias", torch.zeros(1, config.vocab_size))
        self.apply(initialise)
        self.lm_head.weight = self.model.shared.weight

    def encode(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """input_ids, attention_mask (B, S), true at real tokens. Returns the memory (B, S, E)."""
        return self.model.encoder(input_ids, seen(attention_mask, input_ids))

    def decode(
        self,
        target_ids: Tensor,
        memory: Tensor,
        attention_mask: Tensor | None = None,
        caches: Sequence[LayerCaches] | None = None,
    ) -> Tensor:
        """target_ids (B, T), with caches the new ones; memory, its mask. Logits (B, T, vocab)."""
        memory = hide_padding(memory, attention_mask)
        x = self.model.decoder(target_ids, None, memory, seen(attention_mask, memory), caches)
        return self.lm_head(x) + self.final_logits_bias

    def caches(self) -> list[LayerCaches]:
        """Empty caches for writing, a pair a layer."""
        layers = self.model.decoder.layers
        return [(KeyValueCache(), KeyValueCache(fixed=True)) for _ in layers]


def initialise(module: nn.Module) -> None:
    """Normal with standard deviation 0.02; biases, and the word of padding, zero."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
    if isinstance(module, nn.Embedding) and module.padding_idx is not None:
        module.weight.data[module.padding_idx].zero_()
