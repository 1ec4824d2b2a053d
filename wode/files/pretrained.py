"""A real model from its files: ``config.json`` gives the sizes, weights go in by their names."""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from torch import Tensor, nn

from wode.files.checkpoint import load_weights
from wode.files.hub import ModelNotFoundError, find, load_state

Config = TypeVar("Config")
Model = TypeVar("Model", bound=nn.Module)


def load_pretrained(
    model_id: str,
    model_type: str,
    build: Callable[[dict[str, Any]], Model],
    renamed: Callable[[dict[str, Tensor], Model], dict[str, Tensor]],
) -> Model:
    """The model ``model_id`` ("owner/name", or a folder) with its weights, in evaluation mode.

    ``build`` makes it from the settings in ``config.json``, whose ``model_type`` (old ones have
    none) must be this; ``renamed`` gives the file's tensors the names of its state dict.

    Raises:
        ModelNotFoundError: no such model; says what to do.
        ValueError: the configuration is not that of such a model; names the file.
        CheckpointError: the weights do not fit, or the file is damaged.
    """
    path = find(model_id, "config.json").path
    settings = json.loads(path.read_text(encoding="utf-8"))
    if (came := settings.get("model_type", model_type)) != model_type:
        raise ValueError(f'{path}: expected model_type "{model_type}", got {came!r}')
    try:
        model = build(settings)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    try:
        weights = find(model_id, "model.safetensors").path
    except ModelNotFoundError as error:
        try:
            weights = find(model_id, "pytorch_model.bin").path
        except ModelNotFoundError:
            raise error from None
    load_weights(model, renamed(load_state(weights), model), weights)
    return model.eval()


def known(config: Callable[..., Config], settings: Mapping[str, Any]) -> Config:
    """``config`` of those settings that it has a field for."""
    names = inspect.signature(config).parameters.keys() & settings.keys()
    return config(**{name: settings[name] for name in names})


def tie(state: dict[str, Tensor], name: str, twin: str) -> None:
    """Put ``name`` into ``state``, equal to its ``twin``: files may leave out what is tied."""
    if twin in state:
        state.setdefault(name, state[twin])
