"""Llama's architecture, which SmolLM2 and most open models share: a GPT with four parts exchanged.

*LLaMA: Open and Efficient Foundation Language Models* (Touvron et al., arXiv:2302.13971, section
2.2): RMSNorm in place of layer norm, rotary positions (arXiv:2104.09864) in place of learned ones,
SwiGLU (arXiv:2002.05202) in place of GELU; and, since Llama 2, several query heads share a key and
a value (grouped queries, arXiv:2305.13245). Names in the state dict are those of ``transformers``.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.attention import (
    KeyValueCache,
    causal_mask,
    fused_attention,
    padding_mask,
    scaled_dot_product,
)
from wode.files.checkpoint import load_weights
from wode.files.gguf import local_model
from wode.files.hub import load_state


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
    cos, sin = angle.cos(), angle.sin()
    first, second = x[..., :half], x[..., half:]
    return torch.cat([first * cos - second * sin, second * cos + first * sin], dim=-1)


class RMSNorm(nn.Module):
    def __init__(self, size: int, eps: float) -> None:
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(size)), eps

    def forward(self, x: Tensor) -> Tensor:
        return rms_norm(x, self.weight, self.eps)


class Layer(nn.Module):
    """x + Attention(RMSNorm(x)), then x + SwiGLU(RMSNorm(x)); no biases."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size, inner = config.hidden_size, config.intermediate_size
        self.head_size, self.theta = size // config.num_attention_heads, config.rope_theta
        self.shared_by = config.num_attention_heads // config.num_key_value_heads
        shared = self.head_size * config.num_key_value_heads
        outputs = {"q_proj": size, "k_proj": shared, "v_proj": shared, "o_proj": size}
        self.self_attn = nn.ModuleDict(
            {name: nn.Linear(size, width, bias=False) for name, width in outputs.items()}
        )
        self.mlp = nn.ModuleDict(
            {
                "gate_proj": nn.Linear(size, inner, bias=False),
                "up_proj": nn.Linear(size, inner, bias=False),
                "down_proj": nn.Linear(inner, size, bias=False),
            }
        )
        self.input_layernorm = RMSNorm(size, config.rms_norm_eps)
        self.post_attention_layernorm = RMSNorm(size, config.rms_norm_eps)

    def attend(
        self,
        x: Tensor,
        mask: Tensor,
        positions: Tensor,
        cache: KeyValueCache | None,
        maps: list[Tensor] | None,
    ) -> Tensor:
        """(B, T, E) → (B, T, E)."""
        q, k, v = (
            self.self_attn[name](x).unflatten(-1, (-1, self.head_size)).transpose(1, 2)
            for name in ("q_proj", "k_proj", "v_proj")
        )  # (B, h, T, d), (B, g, T, d), (B, g, T, d)
        q, k = rotate(q, positions, self.theta), rotate(k, positions, self.theta)
        if cache is not None:
            k, v = cache.extend(k, v)  # the cache holds the g heads, not h
        k, v = (part.repeat_interleave(self.shared_by, dim=1) for part in (k, v))  # (B, h, S, d)
        if maps is not None:
            maps.append(scaled_dot_product(q, k, v, mask)[1])
        heads = fused_attention(q, k, v, mask)
        return self.self_attn["o_proj"](heads.transpose(1, 2).flatten(2))

    def forward(
        self,
        x: Tensor,
        mask: Tensor,
        positions: Tensor,
        cache: KeyValueCache | None = None,
        maps: list[Tensor] | None = None,
    ) -> Tensor:
        x = x + self.attend(self.input_layernorm(x), mask, positions, cache, maps)
        y = self.post_attention_layernorm(x)
        gated = F.silu(self.mlp["gate_proj"](y)) * self.mlp["up_proj"](y)  # (B, T, inner)
        return x + self.mlp["down_proj"](gated)


class LlamaModel(nn.Module):
    """Embeddings, layers and a last norm."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList([Layer(config) for _ in range(config.num_hidden_layers)])
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)


class Llama(nn.Module):
    """Token ids in, logits out; ``transformers.LlamaForCausalLM``."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.model = LlamaModel(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
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

        ``attention_mask``: (B, S), true at real tokens, those in the caches too; positions count
        real tokens, so that padding may stand on the left. ``logits_to_keep``: of the last tokens
        only; 0, of all. ``maps``: each layer appends what its heads look at, (B, h, T, S).
        """
        T, done = input_ids.shape[1], len(caches[0]) if caches else 0
        mask = causal_mask(T, done + T).to(input_ids.device)  # (T, S)
        positions = torch.arange(done, done + T, device=input_ids.device)[None]  # (1, T)
        if attention_mask is not None:
            if attention_mask.shape != (len(input_ids), done + T):
                raise ValueError(
                    f"expected attention_mask {(len(input_ids), done + T)}, "
                    f"got {tuple(attention_mask.shape)}"
                )
            mask = mask & padding_mask(attention_mask)  # (B, 1, T, S)
            positions = (attention_mask.long().cumsum(dim=1) - 1).clamp(min=0)[:, done:]  # (B, T)
        x = self.model.embed_tokens(input_ids)  # (B, T, E)
        for number, layer in enumerate(self.model.layers):
            x = layer(x, mask, positions, caches[number] if caches else None, maps)
        return self.lm_head(self.model.norm(x[:, -logits_to_keep:]))

    def caches(self) -> list[KeyValueCache]:
        """Empty caches, one a layer."""
        return [KeyValueCache() for _ in self.model.layers]

    @classmethod
    def from_pretrained(cls, model_id: str) -> "Llama":
        """A real model, such as ``HuggingFaceTB/SmolLM2-135M-Instruct``, in float32.

        Raises:
            ModelNotFoundError: no such model; says what to do.
        """
        return cls.from_folder(local_model(model_id))

    @classmethod
    def from_folder(cls, folder: str | Path) -> "Llama":
        """A real model from a folder with ``config.json`` and ``model.safetensors``, in float32.

        Raises:
            FileNotFoundError: one of the two is not there.
            ValueError: the configuration is not that of a model this module knows.
            CheckpointError: the weights do not fit.
        """
        path = Path(folder, "config.json")
        settings = json.loads(path.read_text(encoding="utf-8"))
        if settings.get("model_type") != "llama":
            raise ValueError(
                f'{path}: expected model_type "llama", got {settings.get("model_type")!r}'
            )
        rope = settings.get("rope_parameters") or settings.get("rope_scaling") or {}
        if rope.get("rope_type", "default") != "default":
            raise ValueError(f"{path}: expected plain rotary positions, got {rope}")
        settings = rope | settings
        model = cls(
            Config(**{f.name: settings[f.name] for f in fields(Config) if f.name in settings})
        )
        weights = Path(folder, "model.safetensors")
        state = {name: tensor.float() for name, tensor in load_state(weights).items()}
        state.setdefault("lm_head.weight", state["model.embed_tokens.weight"])
        load_weights(model, state, weights)
        return model.eval()
