"""What a file of settings asks for is honoured or refused, never passed over.

A setting that changes the result and that a loader does not know makes a model that computes
something else, and says nothing. So each loader has a `Reads`: the settings that it honours (the
fields of its configuration), those that must have the one value with which it computes, and those
that change nothing it computes. Any other key is refused, with its value.
"""

import dataclasses
import json
import math
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

Config = TypeVar("Config")
Values = tuple[Any, ...]

#: They say where a model comes from, how it is trained, what is returned or how it is to write; in
#: evaluation its outputs stay the same. (The settings of writing: ours come with the call.) Of the
#: last two lines nothing was ever read by a model: old versions and other tools wrote them.
WITHOUT_EFFECT = """
model_type _name_or_path _model_name_or_path name_or_path _commit_hash architectures
transformers_version dtype torch_dtype torchscript use_bfloat16 tf_legacy_loss tokenizer_class
attn_implementation _attn_implementation _attn_implementation_autoset gradient_checkpointing
initializer_range use_cache output_past output_attentions output_hidden_states output_scores
return_dict return_dict_in_generate chunk_size_feed_forward id2label label2id num_labels
_num_labels problem_type finetuning_task task_specific_params classifier_dropout bos_token_id
eos_token_id sep_token_id decoder_start_token_id forced_bos_token_id forced_eos_token_id prefix
max_length min_length do_sample early_stopping num_beams num_beam_groups diversity_penalty
temperature top_k top_p typical_p repetition_penalty length_penalty no_repeat_ngram_size
encoder_no_repeat_ngram_size bad_words_ids num_return_sequences suppress_tokens
begin_suppress_tokens remove_invalid_values exponential_decay_length_penalty
xla_device eos_token_ids vocab_size_or_config_json_file language name transformers.js_config
sentence_transformers sbert_ce_default_activation_function unsloth_fixed unsloth_version
"""
#: They make another model of any of ours.
OTHER_MODELS: dict[str, Values] = {
    "is_encoder_decoder": (False,),
    "is_decoder": (False,),
    "add_cross_attention": (False,),
    "cross_attention_hidden_size": (None,),
    "tie_encoder_decoder": (False,),
    "pruned_heads": ({}, None),
    "quantization_config": (None,),
}


@dataclass(frozen=True)
class Reads(Generic[Config]):
    """How a loader reads settings.

    Args:
        model_type: what ``config.json`` calls such a model; the oldest do not say.
        config: the class whose fields are honoured; their types and ranges are looked at.
        only: a key that changes the result, and the values with which it is what we compute.
        idle: more keys without an effect, beside `WITHOUT_EFFECT`; words in one string.
        absent: what it means that a key is absent, where that is not the field's default.
        adapt: rewrites settings before they are read, where one key says what others say too.
    """

    model_type: str
    config: Callable[..., Config]
    only: dict[str, Values] = field(default_factory=dict)
    idle: str = ""
    absent: Mapping[str, Any] = field(default_factory=dict)
    adapt: Callable[[dict[str, Any]], dict[str, Any]] = dict


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let a ValueError begin with the file that it is about."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def configured(reads: Reads[Config], settings: Mapping[str, Any]) -> Config:
    """The configuration that ``settings`` ask for.

    Raises:
        ValueError: they are those of another model, or ask for what is not computed here: names
            the key, its value and what was expected.
    """
    if (came := settings.get("model_type", reads.model_type)) != reads.model_type:
        raise ValueError(f'expected model_type "{reads.model_type}", got {shown(came)}')
    kinds, only = field_types(reads.config), {**OTHER_MODELS, **reads.only}
    idle, given = f"{WITHOUT_EFFECT} {reads.idle}".split(), {}
    for key, value in {**reads.absent, **reads.adapt(dict(settings))}.items():
        if key in kinds:
            check_value(key, value, kinds[key])
            given[key] = value
        elif key in only:
            check_one_of(key, value, only[key])
        elif key not in idle:
            raise ValueError(
                f'unknown setting "{key}": {shown(value)}; it may change the result. If you know '
                "that it does not, take it out of the file"
            )
    missing = [one.name for one in fields_of(reads.config) if needed(one) and one.name not in given]
    if missing:
        raise ValueError(f"expected the setting {', '.join(missing)}")
    config = reads.config(**given)
    values = vars(config)
    for key in values:
        if key.endswith("token_id") and (values[key] or 0) >= (size := values["vocab_size"]):
            raise ValueError(f"expected {key} below vocab_size {size}, got {values[key]}")
    return config


def check_one_of(key: str, value: object, allowed: Values) -> None:
    """Raise ValueError if ``value`` is none of those ``allowed`` (true is not 1, but 1.0 is)."""
    kind = isinstance(value, bool)
    if not any(isinstance(one, bool) == kind and value == one for one in allowed):
        expected = " or ".join(shown(one) for one in allowed)
        raise ValueError(f"expected {key} {expected}, got {shown(value)}")


def shown(value: object) -> str:
    """A value as the file has it, cut if it is long."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 80 else f"{text[:77]}…"


# ---------------------------------------------------------------- types and ranges


def fields_of(config: Callable[..., object]) -> tuple[dataclasses.Field[Any], ...]:
    """The fields of a configuration's class."""
    return dataclasses.fields(config)  # ty: ignore[invalid-argument-type]


def needed(one: dataclasses.Field[Any]) -> bool:
    """Whether a field has no default."""
    return one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING


@cache
def field_types(config: Callable[..., object]) -> dict[str, Any]:
    """The types of a configuration's fields."""
    hints = get_type_hints(config)
    return {one.name: hints[one.name] for one in fields_of(config)}


def check_value(key: str, value: object, kind: Any) -> None:
    """Raise ValueError if a field cannot be this: of another type, or out of its range."""
    if not of_type(value, kind):
        name = kind.__name__ if isinstance(kind, type) else str(kind).replace("NoneType", "null")
        raise ValueError(f"expected {key} of type {name}, got {shown(value)}")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    least = 1 if isinstance(value, int) and kind is not float else 0  # a size, or a probability
    if number and not key.endswith(("_id", "_seed")) and not least <= value < 2**40:
        raise ValueError(f"expected {key} of at least {least}, got {shown(value)}")


def of_type(value: object, kind: Any) -> bool:
    """Whether a value of JSON can be one of type ``kind``: an int is a float, true is no number."""
    if get_origin(kind) in (Union, types.UnionType):
        return any(of_type(value, one) for one in get_args(kind))
    if get_origin(kind) is not None:  # a sequence of one kind
        inside = get_args(kind)[0]
        return isinstance(value, list | tuple) and all(of_type(one, inside) for one in value)
    if kind is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and math.isfinite(value)
    return type(value) is kind
