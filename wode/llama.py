"""Llama's architecture, which SmolLM2 and most open models share: a GPT with four parts exchanged.

*LLaMA: Open and Efficient Foundation Language Models* (Touvron et al., arXiv:2302.13971, section
2.2): RMSNorm in place of layer norm, rotary positions (arXiv:2104.09864) in place of learned ones,
SwiGLU (arXiv:2002.05202) in place of GELU; and, since Llama 2, several query heads share a key and
a value (grouped queries, arXiv:2305.13245). Names in the state dict are those of ``transformers``.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import KeyValueCache, mask_and_positions, scaled_dot_product
from wode.files.gguf import local_model
from wode.files.pretrained import load_pretrained
from wode.files.settings import Reads, check_one_of, check_value, shown
from wode.gpt import initialise
from wode.padding import hide_padding, real_tokens


@dataclass(frozen=True)
class Config:
    """Sizes under the names of ``config.json``; the defaults are SmolLM2-135M's."""

    vocab_size: int = 49152
    hidden_size: int = 576
    intermediate_size: int = 1536
    num_hidden_layers: int = 30
    num_attention_heads: int = 9
    num_key_value_heads: int = 3
    max_position_embeddings: int = 8192
    rms_norm_eps: float = 1e-5
    rope_theta: float = 100_000.0
    tie_word_embeddings: bool = True

    def __post_init__(self) -> None:
        heads, shared = self.num_attention_heads, self.num_key_value_heads
        if self.hidden_size % heads or (self.hidden_size // heads) % 2 or heads % shared:
            raise ValueError(
                "expected hidden_size an even multiple of num_attention_heads, and that a multiple "
                f"of num_key_value_heads, got {self.hidden_size}, {heads} and {shared}"
            )


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """x divided by the root of its mean square, times a learned weight (arXiv:1910.07467)."""
    return weight * x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + eps)


def rotate(x: Tensor, positions: Tensor, theta: float) -> Tensor:
    """Turn the pair (x_i, x_{i + d/2}) by the angle position · θ^(−2i / d).

    The product of a query and a key so turned depends on how far apart they are, not on where.

    x: (B, h, T, d); positions: (B, T) or (1, T).
    """
    half = x.shape[-1] // 2
    speed = theta ** (-torch.arange(half, device=x.device) / half)  # (d/2,)
    angle = positions[:, None, :, None] * speed  # (B, 1, T, d/2)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


def turns(positions: Tensor, size: int, theta: float, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """The angles of `rotate`, the same in all layers: cos and (−sin, sin) for `turn`.

    (B, T, 1, 1, d/2) and (B, T, 1, 2, d/2).
    """
    speed = theta ** (-torch.arange(size // 2, device=positions.device) / (size // 2))  # (d/2,)
    angle = positions[:, :, None, None, None] * speed  # (B, T, 1, 1, d/2)
    cos, sin = angle.cos().to(dtype), angle.sin().to(dtype)
    return cos, torch.cat([-sin, sin], dim=-2)


def turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """`rotate` for x (B, T, h, d) by the angles of `turns`; its halves (a, b), exchanged (b, a)."""
    halves = x.unflatten(-1, (2, -1))  # (B, T, h, 2, d/2)
    return torch.addcmul(halves * cos, halves.flip(-2), sin).flatten(-2)


class RMSNorm(nn.Module):
    """`rms_norm` with a weight of its own: (..., size) → (..., size)."""

    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(size)), eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, self.weight.shape, self.weight, self.eps)  # `rms_norm`, in one call


class Attention(nn.Module):
    """Causal self-attention in which ``shared_by`` queries share a key and a value; no biases."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size = config.hidden_size
        self.heads, self.head_size = config.num_attention_heads, size // config.num_attention_heads
        self.shared_by = config.num_attention_heads // config.num_key_value_heads
        shared = self.head_size * config.num_key_value_heads
        self.q_proj = nn.Linear(size, size, bias=False)
        self.k_proj = nn.Linear(size, shared, bias=False)
        self.v_proj = nn.Linear(size, shared, bias=False)
        self.o_proj = nn.Linear(size, size, bias=False)

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None,
        angles: tuple[Tensor, Tensor],
        cache: KeyValueCache | None = None,
        maps: list[Tensor] | None = None,
    ) -> Tensor:
        """(B, T, E) → (B, T, E)."""
        both = torch.cat([self.q_proj(x), self.k_proj(x)], dim=-1)  # turned together
        both = turn(both.unflatten(-1, (-1, self.head_size)), *angles).transpose(1, 2)
        q, k = both.split([self.heads, both.shape[1] - self.heads], dim=1)
        v = self.v_proj(x).unflatten(-1, (-1, self.head_size)).transpose(1, 2)
        # (B, h, T, d), (B, g, T, d), (B, g, T, d)
        if cache is not None:
            k, v = cache.extend(k, v)  # the cache holds the g heads, not h
        if maps is not None:
            keys, values = (part.repeat_interleave(self.shared_by, dim=1) for part in (k, v))
            maps.append(scaled_dot_product(q, keys, values, mask)[1])
        if x.shape[1] == 1:  # one new token: the heads that share a key ask as if they were tokens
            q = q.reshape(len(q), -1, self.shared_by, self.head_size)  # (B, g, h/g, d)
            heads = F.scaled_dot_product_attention(q, k, v, mask)
        else:
            heads = F.scaled_dot_product_attention(q, k, v, mask, enable_gqa=True).transpose(1, 2)
        return self.o_proj(heads.reshape(x.shape))  # (B, T, h·d) before, (B, T, E) after


class FeedForward(nn.Module):
    """SwiGLU: one projection, through SiLU, says how much of the other passes; no biases."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size, inner = config.hidden_size, config.intermediate_size
        self.gate_proj = nn.Linear(size, inner, bias=False)
        self.up_proj = nn.Linear(size, inner, bias=False)
        self.down_proj = nn.Linear(inner, size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))  # (B, T, E)


class Layer(nn.Module):
    """x + Attention(RMSNorm(x)), then x + FeedForward(RMSNorm(x))."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.self_attn, self.mlp = Attention(config), FeedForward(config)
        self.input_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.rms_norm_eps)

    def forward(
        self,
        x: Tensor,
        mask: Tensor | None,
        angles: tuple[Tensor, Tensor],
        cache: KeyValueCache | None = None,
        maps: list[Tensor] | None = None,
    ) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), mask, angles, cache, maps)
        return x + self.mlp(self.post_attention_layernorm(x))


class LlamaModel(nn.Module):
    """Embeddings, layers and a last norm."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([Layer(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)


class Llama(nn.Module):
    """Token ids in, logits out; ``transformers.LlamaForCausalLM``. New weights are as GPT-2's."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.model = LlamaModel(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        self.apply(initialise)
        if config.tie_word_embeddings:
            self.lm_head.weight = self.model.embed_tokens.weight

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        caches: list[KeyValueCache] | None = None,
        logits_to_keep: int = 0,
        maps: list[Tensor] | None = None,
    ) -> Tensor:
        """input_ids: (B, T), with caches the tokens not yet in them. Logits (B, T, V).

        ``attention_mask``: (B, S), as in `wode.attention.mask_and_positions`. ``logits_to_keep``:
        of the last tokens only; 0, of all. ``maps``: each layer appends what its heads look at.
        """
        x, done = self.model.embed_tokens(input_ids), len(caches[0]) if caches else 0  # (B, T, E)
        if attention_mask is not None:
            attention_mask = real_tokens(attention_mask, x, done)
            x = hide_padding(x, attention_mask[:, done:])
        mask, positions = mask_and_positions(x, caches, attention_mask)
        if x.shape[1] == 1 and attention_mask is None:
            mask = None  # the newest token sees all
        size = self.config.hidden_size // self.config.num_attention_heads
        angles = turns(positions, size, self.config.rope_theta, x.dtype)
        for number, layer in enumerate(self.model.layers):
            x = layer(x, mask, angles, caches[number] if caches else None, maps)
        return self.lm_head(self.model.norm(x[:, -logits_to_keep:]))

    def caches(self) -> list[KeyValueCache]:
        """Empty caches, one a layer."""
        return [KeyValueCache() for _ in self.model.layers]

    @classmethod
    def from_pretrained(cls, model_id: str) -> "Llama":
        """A real model, such as ``HuggingFaceTB/SmolLM2-135M-Instruct``, in float32.

        Errors are those of `load_pretrained` and `wode.files.gguf.local_model`.
        """
        return load_pretrained(str(local_model(model_id)), READS, cls, renamed)


def adapted(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as `Config` has them: one θ, one number of shared heads, heads that fill the size.

    Raises:
        ValueError: scaled or partial rotary positions, or heads of another size.
    """
    plain = {"rope_type": ("default",), "type": ("default",), "partial_rotary_factor": (1.0, 1)}
    for name in ("rope_parameters", "rope_scaling"):  # as transformers 5 writes it, and 4
        rope = settings.pop(name, None) or {}
        inside = rope if isinstance(rope, dict) else {name: rope}
        if any(
            key != "rope_theta" and value not in plain.get(key, ()) for key, value in inside.items()
        ):
            raise ValueError(f"expected plain rotary positions, got {name} {shown(rope)}")
        if "rope_theta" in inside:
            check_one_of(
                "rope_theta",
                settings.setdefault("rope_theta", inside["rope_theta"]),
                (inside["rope_theta"],),
            )
    heads = settings.get("num_attention_heads", ABSENT["num_attention_heads"])
    if settings.get("num_key_value_heads") is None:
        settings["num_key_value_heads"] = heads
    size, own = settings.get("hidden_size", ABSENT["hidden_size"]), settings.pop("head_dim", None)
    check_value("num_attention_heads", heads, int)
    check_value("hidden_size", size, int)
    check_one_of("head_dim", own, (None, size // heads))
    return settings


#: What transformers takes for a size that a file leaves out: those of the first Llama.
ABSENT = {
    "vocab_size": 32000,
    "hidden_size": 4096,
    "intermediate_size": 11008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "max_position_embeddings": 2048,
    "rms_norm_eps": 1e-6,
    "rope_theta": 10_000.0,
    "tie_word_embeddings": False,
}
READS = Reads(
    "llama",
    Config,
    only={
        "hidden_act": ("silu", "swish"),
        "attention_bias": (False,),
        "mlp_bias": (False,),
        "rope_interleaved": (False,),
        "is_llama_config": (True,),
    },
    idle="attention_dropout pretraining_tp pad_token_id unk_token_id max_sequence_length",
    absent=ABSENT,
    adapt=adapted,
)


def renamed(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Without the speeds of rotation that the first Llamas stored with each layer."""
    return {name: part for name, part in state.items() if not name.endswith("rotary_emb.inv_freq")}
