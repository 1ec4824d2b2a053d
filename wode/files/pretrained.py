"""A real model from its files: ``config.json`` gives the sizes, weights go in by their names."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from wode.files.checkpoint import CheckpointError, load_weights
from wode.files.hub import ModelNotFoundError, find, load_state
from wode.files.settings import Reads, configured, naming
from wode.files.strict_json import read_object

Model = TypeVar("Model", bound=nn.Module)
State = dict[str, Tensor]


def load_pretrained(
    model_id: str,
    reads: Reads[Any],
    build: Callable[[Any], Model],
    renamed: Callable[[State], State] = dict,
) -> Model:
    """The model ``model_id`` ("owner/name", or a folder) with its weights, in evaluation mode.

    ``build`` makes it from the configuration that ``reads`` finds in ``config.json``; ``renamed``
    gives the file's tensors the names of its state dict. It computes in float32, whatever ``dtype``
    the settings name. What such a model has beside our parts is left out (`of_body`); the other
    tensors must all fit.

    Raises:
        ModelNotFoundError: no such model; says what to do.
        ValueError: the configuration is not that of such a model, or asks for what is not computed
            here (`wode.files.settings`); names the file, the key and its value.
        CheckpointError: the weights do not fit, or the file is damaged.
    """
    path = find(model_id, "config.json").path
    settings = read_object(path)
    with naming(path):
        model = build(configured(reads, settings))
    try:
        weights = find(model_id, "model.safetensors").path
    except ModelNotFoundError as error:
        try:
            weights = find(model_id, "pytorch_model.bin").path
        except ModelNotFoundError:
            raise error from None
    state = renamed(load_state(weights))
    try:
        share_tied(state, model)
    except ValueError as error:
        raise CheckpointError(f"{weights}: {error}") from error
    load_weights(model, state, weights)
    return model.eval()


def share_tied(state: State, model: nn.Module) -> None:
    """Give all names of one parameter one tensor: files may leave out all but one of them.

    Raises:
        ValueError: the file has different tensors for them, so it is a model that does not tie.
    """
    names = defaultdict[int, list[str]](list)
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names[id(parameter)].append(name)
    for twins in names.values():
        there = [name for name in twins if name in state]
        for name in there[1:]:
            if not torch.equal(state[name], state[there[0]]):
                raise ValueError(f"expected {there[0]} and {name} to be equal, for they are tied")
        for name in twins if there else ():
            state[name] = state[there[0]]


def of_body(
    prefix: str,
    parts: tuple[str, ...] = ("embeddings.", "embeddings_project.", "encoder.", "pooler."),
) -> Callable[[State], State]:
    """A ``renamed`` that keeps a body's ``parts``, stored with or without ``prefix``; no head.

    Nothing of a body is left out, but the places, which earlier versions stored: a layer too many
    does not fit.
    """

    def renamed(state: State) -> State:
        bare = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
        return {
            name: tensor
            for name, tensor in bare.items()
            if name.startswith(parts) and not name.endswith((".position_ids", ".token_type_ids"))
        }

    return renamed
