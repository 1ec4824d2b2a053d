"""GPT: a decoder alone, which reads from left to right and predicts the next token.

GPT-2 (Radford et al., *Language Models are Unsupervised Multitask Learners*, 2019) normalises
before each sublayer and learns its positions; GPT-3 (Brown et al., arXiv:2005.14165, section 2.1)
is GPT-2 with layers that see everything before them and layers that see only a band, in turn. The
names in the state dict are those of ``transformers``, whose matrices stand transposed in the file.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import (
    KeyValueCache,
    fused_attention,
    mask_and_positions,
    scaled_dot_product,
    window_mask,
)
from wode.files.pretrained import load_pretrained
from wode.files.settings import Reads
from wode.padding import hide_padding, real_tokens


@dataclass(frozen=True)
class Config:
    """A GPT's sizes under the names of its ``config.json``; the defaults are GPT-2's smallest.

    ``window_size``: the second, fourth … layer sees only so many tokens, itself the last; None, as
    in GPT-2: every layer sees everything before it.
    """

    vocab_size: int = 50257
    n_positions: int = 1024
    n_embd: int = 768
    n_layer: int = 12
    n_head: int = 12
    n_inner: int | None = None  # of the feed-forward network; None: 4 · n_embd
    embd_pdrop: float = 0.1
    attn_pdrop: float = 0.1
    resid_pdrop: float = 0.1
    layer_norm_epsilon: float = 1e-5
    activation_function: str = "gelu_new"
    window_size: int | None = None

    def __post_init__(self) -> None:
        if self.n_embd % self.n_head:
            raise ValueError(
                f"expected n_embd a multiple of n_head, got {self.n_embd} and {self.n_head}"
            )
        if self.activation_function != "gelu_new":
            raise ValueError(
                f'expected activation_function "gelu_new", got {self.activation_function!r}'
            )


class Attention(nn.Module):
    """Causal self-attention; queries, keys and values come from one matrix."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.num_heads, self.dropout = config.n_head, config.attn_pdrop
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)

    def split(self, x: Tensor) -> list[Tensor]:
        """(B, T, E) → queries, keys, values, each (B, h, T, d)."""
        parts = self.c_attn(x).chunk(3, dim=-1)
        return [part.unflatten(-1, (self.num_heads, -1)).transpose(1, 2) for part in parts]

    def forward(
        self,
        x: Tensor,
        mask: Tensor,
        cache: KeyValueCache | None = None,
        maps: list[Tensor] | None = None,
    ) -> Tensor:
        """x: (B, T, E); mask: True may be seen. ``maps`` takes the weights (B, h, T, S)."""
        q, k, v = self.split(x)
        if cache is not None:
            k, v = cache.extend(k, v)  # (B, h, S, d)
        if maps is not None:
            maps.append(scaled_dot_product(q, k, v, mask)[1])
        drop = self.dropout if self.training else 0.0
        heads = fused_attention(q, k, v, mask, drop, finite=True)  # `run` hides padding
        return self.c_proj(heads.transpose(1, 2).flatten(2))  # (B, T, E)


class Block(nn.Module):
    """x + Attention(LayerNorm(x)), then x + FeedForward(LayerNorm(x))."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size = config.n_embd
        inner = config.n_inner or 4 * size
        self.ln_1 = nn.LayerNorm(size, eps=config.layer_norm_epsilon)
        self.attn = Attention(config)
        self.ln_2 = nn.LayerNorm(size, eps=config.layer_norm_epsilon)
        gelu_new = nn.GELU(approximate="tanh")
        c_fc, c_proj = nn.Linear(size, inner), nn.Linear(inner, size)
        self.mlp = nn.Sequential(OrderedDict(c_fc=c_fc, act=gelu_new, c_proj=c_proj))
        self.dropout = nn.Dropout(config.resid_pdrop)

    def forward(
        self,
        x: Tensor,
        mask: Tensor,
        cache: KeyValueCache | None = None,
        maps: list[Tensor] | None = None,
    ) -> Tensor:
        x = x + self.dropout(self.attn(self.ln_1(x), mask, cache, maps))
        return x + self.dropout(self.mlp(self.ln_2(x)))  # (B, T, E)


class GptModel(nn.Module):
    """Embeddings, blocks and a last layer norm; ``transformers.GPT2Model``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.n_positions, config.n_embd)
        self.drop = nn.Dropout(config.embd_pdrop)
        self.h = nn.ModuleList([Block(config) for _ in range(config.n_layer)])
        self.ln_f = nn.LayerNorm(config.n_embd, eps=config.layer_norm_epsilon)
        self.apply(initialise)
        for name, parameter in self.named_parameters():
            if name.endswith("c_proj.weight"):  # 2 · n_layer of them are added up
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * config.n_layer))

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        caches: list[KeyValueCache] | None = None,
    ) -> Tensor:
        """input_ids: (B, T). Returns (B, T, E); arguments as in `run`."""
        return self.run(self.wte(input_ids), attention_mask, caches)

    def run(
        self,
        x: Tensor,
        attention_mask: Tensor | None = None,
        caches: list[KeyValueCache] | None = None,
        maps: list[Tensor] | None = None,
    ) -> Tensor:
        """From embeddings of any kind to hidden states: (B, T, E) → (B, T, E).

        Args:
            x: with caches, of the tokens not yet in them.
            attention_mask: (B, S), as in `wode.attention.mask_and_positions`.
            caches: one a layer, from `Gpt.caches`; extended by these tokens.
            maps: each block appends what its heads look at, (B, h, T, S).

        Raises:
            ValueError: more tokens than positions, or a mask that `real_tokens` refuses.
        """
        T, done = x.shape[1], len(caches[0]) if caches else 0
        if self.config.n_positions < done + T:
            raise ValueError(
                f"expected at most {self.config.n_positions} tokens (n_positions), "
                f"got {T} after {done} in the caches"
            )
        if attention_mask is not None:
            attention_mask = real_tokens(attention_mask, x, done)
            x = hide_padding(x, attention_mask[:, done:])
        mask, positions = mask_and_positions(x, caches, attention_mask)  # (…, T, S), (…, T)
        x = self.drop(x + self.wpe(positions))
        for number, block in enumerate(self.h):
            seen = mask
            if self.config.window_size is not None and number % 2:
                band = window_mask(done + T, self.config.window_size)[done:]  # (T, S)
                seen = mask & band.to(x.device)
            x = block(x, seen, caches[number] if caches else None, maps)
        return self.ln_f(x)


class Gpt(nn.Module):
    """GPT with its output layer, the embedding transposed; ``transformers.GPT2LMHeadModel``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.transformer = GptModel(config)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.lm_head.weight = self.transformer.wte.weight

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        caches: list[KeyValueCache] | None = None,
        logits_to_keep: int = 0,
    ) -> Tensor:
        """input_ids: (B, T). Returns logits (B, T, V), or those of the last tokens to keep."""
        hidden = self.transformer(input_ids, attention_mask, caches)
        return self.lm_head(hidden[:, -logits_to_keep:])

    def caches(self) -> list[KeyValueCache]:
        """Empty caches, one a layer."""
        return [KeyValueCache() for _ in self.transformer.h]

    def loss(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Tensor:
        """The mean of −log p(next token), over the real tokens that follow a real one.

        Raises:
            ValueError: there are none; the mean over nothing would be NaN.
        """
        logits = self(input_ids, attention_mask)[:, :-1]  # (B, T − 1, V)
        following = input_ids[:, 1:]  # (B, T − 1)
        if attention_mask is not None:
            real = attention_mask[:, 1:].bool() & attention_mask[:, :-1].bool()
            logits, following = logits[real], following[real]
        if not following.numel():
            raise ValueError(f"expected a token after another, none in {tuple(input_ids.shape)}")
        return F.cross_entropy(logits.flatten(0, -2), following.flatten())

    @classmethod
    def from_pretrained(cls, model_id: str) -> "Gpt":
        """A real model, such as ``openai-community/gpt2``; errors as in `load_pretrained`."""
        return load_pretrained(model_id, READS, cls, renamed)


READS = Reads(
    "gpt2",
    Config,
    only={
        "scale_attn_weights": (True,),
        "scale_attn_by_inverse_layer_idx": (False,),
        "tie_word_embeddings": (True,),
    },
    idle="n_ctx n_special predict_special_tokens reorder_and_upcast_attn summary_type "
    "summary_use_proj summary_activation summary_proj_to_labels summary_first_dropout pad_token_id",
)


def renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state dict of ``transformers``' GPT-2, with or without its head, as `Gpt` takes it.

    Its Conv1D keeps a matrix as (in, out), ``nn.Linear`` as (out, in).
    """
    weights = {}
    for name, tensor in state.items():
        if name.endswith((".attn.bias", ".attn.masked_bias")):  # the causal mask, once stored
            continue
        if name != "lm_head.weight":
            name = "transformer." + name.removeprefix("transformer.")
        transposed = name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))
        weights[name] = tensor.T.contiguous() if transposed else tensor
    return weights


def initialise(module: nn.Module) -> None:
    """GPT-2's initial weights: normal with standard deviation 0.02, biases zero."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)
