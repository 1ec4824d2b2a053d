"""The vocabulary of a BERT from its files, and the settings that it is to be used with.

``vocab.txt`` has a piece a line, or ``tokenizer.json`` has them all; ``tokenizer_config.json`` says
how text is prepared. What the files say is followed or refused with the file and the key: other
special tokens or tokens that were added, a ``tokenizer.json`` that contradicts the settings
(``transformers`` follows the settings, the ``tokenizers`` library the other file).
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from wode.files.hub import Found, ModelNotFoundError, find
from wode.files.settings import (
    Reads,
    check_one_of,
    configured,
    naming,
    of_type,
    shown,
)
from wode.files.strict_json import read_object
from wode.files.text import lines_of


@dataclass(frozen=True)
class Rules:
    """How text is prepared; the defaults are those of ``transformers.BertTokenizer``."""

    do_lower_case: bool = True
    strip_accents: bool | None = None
    tokenize_chinese_chars: bool = True


class Cutting(NamedTuple):
    """How words are cut: special tokens ([PAD], [UNK], [CLS], [SEP], [MASK]), the mark, a limit."""

    special: Sequence[str]
    more: str
    longest: int


ONLY = {
    "tokenizer_class": (None, "BertTokenizer", "BertTokenizerFast", "ElectraTokenizer",
                        "ElectraTokenizerFast", "DistilBertTokenizer", "DistilBertTokenizerFast"),
    "do_basic_tokenize": (True,),
    "do_split_on_punc": (True,),
    "never_split": (None, []),
    "clean_text": (True,),
    "split_special_tokens": (False,),
    "additional_special_tokens": (None, []),
    "extra_special_tokens": (None, [], {}),
    "padding_side": ("right",),
    "truncation_side": ("right",),
    "pad_token_type_id": (0,),
}  # fmt: skip
#: How long, how a batch is made, how ids become text again: the caller says it, or nobody asks.
IDLE = """
model_max_length max_len max_length stride truncation truncation_strategy padding pad_to_multiple_of
clean_up_tokenization_spaces tokenizer_file vocab_file special_tokens_map_file full_tokenizer_file
use_fast backend is_local local_files_only init_inputs model_input_names processor_class verbose
chat_template
"""


def read_vocabulary(
    model_id: str, cutting: Cutting
) -> tuple[dict[str, int], dict[int, str], tuple[bool, bool | None, bool]]:
    """The number of each piece; the piece of each number; do_lower_case and the other `Rules`.

    Of a piece that stands on two lines the last one counts, as for the reference: BERT's that are
    in use have such lines (and empty ones, which keep their number).

    Raises:
        ModelNotFoundError: no ``tokenizer_config.json``, or no vocabulary.
        ValueError: a file is damaged, or asks for what is not done here; names the file.
    """
    found = find(model_id, "tokenizer_config.json")
    beside, path = partial(_beside, model_id, found), found.path
    settings = read_object(path)
    added = [(path, _pairs(path, settings.pop("added_tokens_decoder", {})))]
    marks: dict[str, Any] = {f"{token[1:-1].lower()}_token": (token,) for token in cutting.special}
    marks |= dict.fromkeys(("bos_token", "eos_token"), (None, *cutting.special))
    marks["wordpieces_prefix"] = (cutting.more,)
    reads = Reads("bert", Rules, ONLY | marks, IDLE)
    rules = _followed(path, reads, settings)
    if extra := beside("special_tokens_map.json"):
        _followed(extra, reads, read_object(extra))
    if extra := beside("added_tokens.json"):
        added.append((extra, [(number, token) for token, number in read_object(extra).items()]))
    whole, lines = beside("tokenizer.json"), beside("vocab.txt")
    source = lines or whole or find(model_id, "vocab.txt").path  # the last one is an error
    pieces = _pieces(source)
    numbers = {piece: number for number, piece in pieces.items()}
    if missing := [token for token in cutting.special if token not in numbers]:
        raise ValueError(f"{source}: expected {', '.join(cutting.special)}; no {missing}")
    if whole:
        contents = read_object(whole)
        _check_whole(whole, contents, rules, numbers, cutting)
        added.append((whole, _pairs(whole, contents.get("added_tokens") or {})))
    for file, tokens in added:
        for number, token in tokens:
            text = plain(token)
            if text not in cutting.special or f"{number}" != f"{numbers[f'{text}']}":
                raise ValueError(f"{file}: expected no added token, got {number}: {shown(token)}")
    return numbers, pieces, astuple(rules)


def plain(token: object) -> object:
    """The text of a special token, unless it takes spaces or case with it; then all of it."""
    if not isinstance(token, dict):
        return token
    flags = ("lstrip", "rstrip", "single_word", "normalized")
    return token if any(token.get(flag) for flag in flags) else token.get("content")


def _followed(path: Path, reads: Reads[Rules], settings: dict[str, Any]) -> Rules:
    with naming(path):
        return configured(
            reads, {k: plain(v) if k.endswith("_token") else v for k, v in settings.items()}
        )


def _beside(model_id: str, found: Found, name: str) -> Path | None:
    """A file that not every model has; the hub is not asked for what a folder does not hold."""
    if found.source in ("folder", "package"):
        path = found.path.with_name(name)
        return path if path.exists() else None
    try:
        return find(model_id, name).path
    except ModelNotFoundError:
        return None


def _pairs(path: Path, tokens: object) -> list[tuple[object, object]]:
    """Number and token of those that a file adds to the vocabulary, as an object or a list."""
    if isinstance(tokens, dict):
        return list(tokens.items())
    if isinstance(tokens, list) and all(isinstance(token, dict) for token in tokens):
        return [(token.get("id"), token) for token in tokens]
    raise ValueError(f"{path}: expected added tokens with their numbers, got {shown(tokens)}")


def _pieces(path: Path) -> dict[int, str]:
    """The piece of each number, from ``vocab.txt`` or ``tokenizer.json``."""
    if path.suffix == ".json":
        model = read_object(path).get("model")
        vocabulary = model.get("vocab") if isinstance(model, dict) else None
        found = vocabulary.items() if isinstance(vocabulary, dict) else ()
        pieces = {number: piece for piece, number in found if of_type(number, int)}
        if not found or len(pieces) < len(found) or min(pieces) < 0:
            raise ValueError(f"{path}: expected in model.vocab a number of its own for each piece")
        return pieces
    lines = [line for _, line in lines_of(path)]
    return dict(enumerate(lines if lines[-1] else lines[:-1]))


def _check_whole(
    path: Path, contents: dict[str, Any], rules: Rules, numbers: dict[str, int], cutting: Cutting
) -> None:
    """Raise ValueError where ``tokenizer.json`` says another thing than the other files."""
    strip = rules.do_lower_case if rules.strip_accents is None else rules.strip_accents
    expected: dict[str, Mapping[str, Any]] = {
        "normalizer": {
            "type": "BertNormalizer",
            "lowercase": rules.do_lower_case,
            "strip_accents": strip,
            "handle_chinese_chars": rules.tokenize_chinese_chars,
            "clean_text": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {
            "type": "WordPiece",
            "unk_token": cutting.special[1],
            "continuing_subword_prefix": cutting.more,
            "max_input_chars_per_word": cutting.longest,
            "vocab": numbers,
        },
    }
    for part, says in expected.items():
        given = contents.get(part)
        if not isinstance(given, dict):
            raise ValueError(f"{path}: expected {part} {says['type']}, got {shown(given)}")
        if part == "normalizer" and given.get("strip_accents") is None:
            given = given | {"strip_accents": given.get("lowercase")}
        for key in {**says, **given}:
            if key not in says:
                raise ValueError(f"{path}: unknown {part}.{key}: {shown(given[key])}")
            if key in given or key != "type":  # older files of models do not say it
                _check(path, f"{part}.{key}", given.get(key), says[key])
    _check_sequence(path, contents.get("post_processor"), numbers, cutting)


def _check_sequence(path: Path, given: object, numbers: dict[str, int], cutting: Cutting) -> None:
    """Raise ValueError unless inputs are made as BERT's: [CLS] a [SEP], [CLS] a [SEP] b [SEP]."""
    cls, sep = cutting.special[2:4]
    first = [{"SpecialToken": {"id": cls, "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
             {"SpecialToken": {"id": sep, "type_id": 0}}]  # fmt: skip
    second = [{"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": sep, "type_id": 1}}]
    tokens = {t: {"id": t, "ids": [numbers[t]], "tokens": [t]} for t in (cls, sep)}
    template = {"type": "TemplateProcessing", "single": first, "pair": first + second,
                "special_tokens": tokens}  # fmt: skip
    older = {"type": "BertProcessing", "sep": [sep, numbers[sep]], "cls": [cls, numbers[cls]]}
    _check(path, "post_processor", given, template, older)


def _check(path: Path, key: str, value: object, *allowed: object) -> None:
    try:
        check_one_of(key, value, allowed)
    except ValueError as error:
        raise ValueError(f"{path}: {error}, as the other files say") from error
