"""Adapters: a few new weights in a model whose own stay as they are.

LoRA (Hu et al., *LoRA: Low-Rank Adaptation of Large Language Models*, arXiv:2106.09685) adds the
product of two narrow matrices to a linear layer; Houlsby's adapter (*Parameter-Efficient Transfer
Learning for NLP*, arXiv:1902.00751) is a bottleneck after a layer. Both go into any module, to the
parts whose names are given. LoRA's files are those of the library ``peft``.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from wode.checks import several
from wode.files.atomic import replaced_folder
from wode.files.safetensors import load_safetensors, save_safetensors
from wode.files.settings import Reads, configured, naming
from wode.files.strict_json import read_object

_PREFIX = "base_model.model."  # what peft puts before each name


class LoRA(nn.Module):
    """h = W x + b + (α / r) B A x; only A and B learn (equation 3). A begins as in ``peft``."""

    def __init__(
        self, base_layer: nn.Linear, rank: int, alpha: float, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.base_layer = base_layer
        like = {"device": base_layer.weight.device, "dtype": base_layer.weight.dtype}
        self.dropout = nn.Dropout(dropout)
        self.lora_A = nn.Linear(base_layer.in_features, rank, bias=False, **like)
        self.lora_B = nn.Linear(rank, base_layer.out_features, bias=False, **like)
        nn.init.zeros_(self.lora_B.weight)
        self.scale = alpha / rank

    def forward(self, x: Tensor) -> Tensor:
        """(…, in) → (…, out)."""
        return self.base_layer(x) + self.scale * self.lora_B(self.lora_A(self.dropout(x)))

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """The base layer with W + (α / r) B A: as fast as if nothing had been added."""
        self.base_layer.weight += self.scale * self.lora_B.weight @ self.lora_A.weight  # (out, in)
        return self.base_layer


class Bottleneck(nn.Module):
    """x + U φ(D x + d) + u after what ``layer`` gives (section 2.1); begins as in section 3.6."""

    def __init__(self, layer: nn.Module, width: int, size: int, **like: Any) -> None:
        super().__init__()  # ``like``: device and dtype, where they are not the usual ones
        self.layer = layer
        self.down, self.up = nn.Linear(width, size, **like), nn.Linear(size, width, **like)
        for linear in (self.down, self.up):
            nn.init.trunc_normal_(linear.weight, std=0.01, a=-0.02, b=0.02)
            nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor) -> Tensor:
        """(…, width) → (…, width)."""
        x = self.layer(x)
        return x + self.up(nn.functional.gelu(self.down(x)))


# ---------------------------------------------------------------- into a model, by name


def named(model: nn.Module, targets: Sequence[str]) -> dict[str, nn.Module]:
    """The parts of a model whose names are ``targets`` or end in a dot and one of them.

    Raises:
        ValueError: a target names nothing; says which names there are.
    """
    found = {
        name: part
        for name, part in model.named_modules()
        if any(name == one or name.endswith(f".{one}") for one in several("targets", targets))
    }
    for target in targets:
        if not any(name == target or name.endswith(f".{target}") for name in found):
            ends = sorted({name.rpartition(".")[2] for name, _ in model.named_modules() if name})
            raise ValueError(f"no part of the model is named {target!r}; names end in {ends}")
    return found


def freeze(model: nn.Module, but: Sequence[str] = ()) -> nn.Module:
    """No parameter learns but those with a name of ``but`` among the parts of their own.

    ``["classifier"]`` leaves a head, ``["bias"]`` all biases (BitFit, arXiv:2106.10199).

    Raises:
        ValueError: a name of ``but`` is no parameter's.
    """
    names = dict(model.named_parameters())
    for wanted in several("but", but):
        if not any(f".{wanted}." in f".{name}." for name in names):
            raise ValueError(f"no parameter of the model has {wanted!r} in its name")
    for name, parameter in names.items():
        parameter.requires_grad_(any(f".{wanted}." in f".{name}." for wanted in but))
    return model


def side_by_side(parts: dict[str, nn.Module]) -> dict[str, nn.Module]:
    """The parts, if there is one at least and none inside another; a ValueError names it."""
    if not parts:
        raise ValueError("expected the names of parts to adapt, got none")
    for name in parts:
        if outer := next((other for other in parts if name.startswith(f"{other}.")), None):
            raise ValueError(f"expected parts side by side, got {name} inside {outer}")
    return parts


def put(
    model: nn.Module,
    targets: Sequence[str],
    make: Callable[[Any], nn.Module],
    learned: Sequence[str] = (),
) -> nn.Module:
    """``make(part)`` in place of each part called ``targets``; but for ``learned``, all freeze."""
    parts = side_by_side(named(model, targets))
    freeze(model, learned)
    for name, part in parts.items():
        parent, _, own = name.rpartition(".")
        made = make(part)
        setattr(model.get_submodule(parent), own, made.train(part.training))
    return model


def add_lora(
    model: nn.Module,
    targets: Sequence[str],
    rank: int = 8,
    alpha: float = 16.0,
    dropout: float = 0.0,
    learned: Sequence[str] = (),
) -> nn.Module:
    """LoRA on the linear layers called ``targets``, see `put`.

    Raises:
        ValueError: a rank below 1, or a part that is no `torch.nn.Linear`.
    """
    if rank < 1:
        raise ValueError(f"LoRA: expected a rank of at least 1, got {rank}")
    for name, part in named(model, targets).items():
        if not isinstance(part, nn.Linear):
            raise ValueError(f"LoRA: expected {name} to be a Linear, got {type(part).__name__}")
    return put(model, targets, lambda part: LoRA(part, rank, alpha, dropout), learned)


def merge(model: nn.Module) -> nn.Module:
    """Every `LoRA` becomes its base layer again, with the learned product added to its weight."""
    for name, part in list(model.named_modules()):
        if isinstance(part, LoRA):
            parent, _, own = name.rpartition(".")
            setattr(model.get_submodule(parent), own, part.merged())
    return model


# ---------------------------------------------------------------- what is learned, what is not


def learned_state(model: nn.Module) -> dict[str, Tensor]:
    """What a task needs beside the model: copies of the parameters that learn, by name."""
    learned = ((name, p) for name, p in model.named_parameters() if p.requires_grad)
    return {name: parameter.detach().clone() for name, parameter in learned}


def switch(model: nn.Module, state: Mapping[str, Tensor]) -> nn.Module:
    """Put another task's `learned_state` into the model.

    Raises:
        ValueError: it is of other parameters, or of other shapes, than those that learn here.
    """
    own = {name: tuple(p.shape) for name, p in model.named_parameters() if p.requires_grad}
    came = {name: tuple(tensor.shape) for name, tensor in state.items()}
    if odd := sorted(own.items() ^ came.items()):
        raise ValueError(f"expected {len(own)} parameters, got {len(came)}; not in both: {odd[:4]}")
    model.load_state_dict(state, strict=False)
    return model


def fingerprint(model: nn.Module) -> str:
    """SHA-256 of what does not learn, buffers too: equal before and after a training."""
    digest = hashlib.sha256()
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        if not tensor.requires_grad:
            digest.update(name.encode())
            row = tensor.detach().cpu().contiguous().flatten()
            digest.update(row.view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


# ---------------------------------------------------------------- files


def save_lora(model: nn.Module, folder: str | os.PathLike[str], base: str | None = None) -> Path:
    """Write what learns as ``peft`` does: ``adapter_config.json``, ``adapter_model.safetensors``.

    Args:
        base: the pretrained model's name, for those who open the folder.

    Raises:
        ValueError: there is no LoRA in the model, their ranks or scales differ, or of a part beside
            them only some parameters learn, which such a file cannot say.
    """
    loras = {name: part for name, part in model.named_modules() if isinstance(part, LoRA)}
    sizes = {(p.lora_A.out_features, p.scale, p.dropout.p) for p in loras.values()}
    if len(sizes) != 1:
        found = sorted(sizes) or "none (merged already? save it before that)"
        raise ValueError(f"expected LoRA of one rank, scale and dropout, got {found}")
    ((rank, scale, dropout),) = sizes
    learned = learned_state(model)
    inside = tuple(f"{name}." for name in loras)
    others = sorted({n.rpartition(".")[0] for n in learned if not n.startswith(inside)})
    for name in others:
        own = {f"{name}.{part}" for part, _ in model.get_submodule(name).named_parameters()}
        if still := sorted(own - learned.keys()):
            raise ValueError(f"expected all of {name} to learn, {still[0]} does not")
    config = {
        "peft_type": "LORA",
        "task_type": None,
        "base_model_name_or_path": base,
        "r": rank,
        "lora_alpha": scale * rank,
        "lora_dropout": dropout,
        "bias": "none",
        "target_modules": sorted(loras),
        "modules_to_save": others or None,
        "inference_mode": True,
    }
    tensors = {_PREFIX + name: tensor for name, tensor in learned.items()}
    path = Path(folder)
    with replaced_folder(path) as partial:
        save_safetensors(partial / "adapter_model.safetensors", tensors)
        text = json.dumps(config, indent=2) + "\n"
        (partial / "adapter_config.json").write_text(text, encoding="utf-8")
    return path


@dataclass(frozen=True)
class Saved:
    """What `load_lora` follows of an ``adapter_config.json``; the defaults are ``peft``'s."""

    target_modules: Sequence[str]
    r: int = 8
    lora_alpha: float = 8.0
    lora_dropout: float = 0.0
    modules_to_save: Sequence[str] | None = None


OFF = """
use_dora use_rslora use_qalora use_bdlora lora_bias fan_in_fan_out rank_pattern alpha_pattern
exclude_modules layers_to_transform layers_pattern layer_replication target_parameters
trainable_token_indices ensure_weight_tying loftq_config eva_config corda_config lora_ga_config
velora_config alora_invocation_tokens monteclora_config arrow_config kasa_config megatron_config
enable_lora merge_weights
"""
READS = Reads(
    "",
    Saved,
    only={key: (None, False, {}, []) for key in OFF.split()}
    | {"peft_type": ("LORA",), "bias": ("none",), "init_lora_weights": (True, False, "gaussian")},
    idle="task_type auto_mapping peft_version base_model_name_or_path revision inference_mode "
    "megatron_core qalora_group_size runtime_config",
    absent={"peft_type": None},
)


def load_lora(model: nn.Module, folder: str | os.PathLike[str]) -> nn.Module:
    """Put a folder that `save_lora` or ``peft`` wrote into a model without adapters.

    Raises:
        ValueError: it is no LoRA, one with a setting that is not known here, or of another model.
    """
    path = Path(folder)
    settings = read_object(file := path / "adapter_config.json")
    with naming(file):
        config = configured(READS, settings)
    tensors = load_safetensors(path / "adapter_model.safetensors")
    before = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    alpha, dropout, learned = config.lora_alpha, config.lora_dropout, config.modules_to_save or ()
    add_lora(model, config.target_modules, config.r, alpha, dropout, learned)
    try:
        return switch(model, {n.removeprefix(_PREFIX): tensor for n, tensor in tensors.items()})
    except ValueError:
        merge(model)  # B is zero yet: the layers are what they were
        for parameter, learned in before:
            parameter.requires_grad_(learned)
        raise
