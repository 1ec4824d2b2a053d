"""WordPiece: any text under any settings, and any folder of files that holds a vocabulary.

The truth is the ``tokenizers`` library, set up by what the trial has drawn and not by the files; a
text with a lone surrogate, and files with a fault in them, must be refused with the file's name.
"""

import copy
import json
import random
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from wode.wordpiece import MORE, SPECIAL, WordPiece

LETTERS = "abcdeéñßıİΣςσ가각行中の𠀀𪛖ﬁǅ1١.,-!？#'_\u0301\u0327\u0345\u1ab0"
EXTRA = ["", "\u2028", " ", "a b", "[unused1]", "[mask]", "##", "###", "a\u0301", "A", "中文"]
PARTS = [
    *SPECIAL, "[MASK", "MASK]", "[mask]", "##", "##a", "[", "]", "don't", "a" * 99, "a" * 100,
    "a" * 101, "é" * 100, "e\u0301" * 100, "中" * 101, "\x00", "\x01", "\x85", "\xa0", "\xad",
    "\ufffd", "\ufeff", "\u200d", "\u200b", "\u202e", "\u2028", "\t", "\n", "\r\n", "\x0b", "\x0c",
    "\u3000", "\ue000", "\U000e0041", "\U0010ffff", "👩\u200d👩\u200d👧", "🇨🇳", "हिन्दी", "ไทย",
    "שָׁלוֹם", "Σ", "ΑΣ", "İ", "ı", "ẞ", "ﬁ", "Ǆ", "Å", "각", "가", "Ａ", "①",
    "\u0301", "\u0327\u0301",
]  # fmt: skip
PLANES = [
    (0, 0x250), (0x250, 0x1000), (0x300, 0x370), (0x1000, 0x2000), (0x2000, 0x3000),
    (0x3000, 0xA000), (0xA000, 0xD800), (0xE000, 0x10000), (0x10000, 0x20000), (0x20000, 0x32000),
    (0x32000, sys.maxunicode + 1),
]  # fmt: skip
TOKEN = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
Files = dict[str, Any]


@cache
def folder() -> Path:
    """One folder for all trials, in memory where the machine has a place for that."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))


def trial(draw: random.Random) -> str:
    """A folder of a tokenizer, intact or with a fault; then a text, read under its rules."""
    lines = vocabulary(draw)
    rules = (
        draw.choice([True, True, False]),
        draw.choice([None, None, True, False]),
        draw.random() < 0.7,
    )
    files, fault = written(draw, lines, *rules), ""
    if draw.random() < 0.3:
        name, fault, damage = draw.choice(FAULTS)
        damage(draw, files)
        fault = fault or name
    for path in folder().iterdir():
        path.unlink()
    for name, content in files.items():
        content = content if isinstance(content, str | bytes) else json.dumps(content)
        content = content.encode() if isinstance(content, str) else content
        (folder() / name).write_bytes(content)
    tokenizer, said = None, ""
    try:
        tokenizer = WordPiece.from_pretrained(str(folder()))
    except (ValueError, FileNotFoundError) as error:
        said = str(error)
    if tokenizer is None:
        assert fault, f"intact files refused: {said}"
        assert str(folder()) in said, f"no file is named: {said}"
        assert fault in said, f"expected {fault} to be named: {said}"
        return "refused"
    assert not fault, f"accepted in spite of {fault}: {files}"
    return read(draw, tokenizer, reference(lines, *rules))


def read(draw: random.Random, tokenizer: WordPiece, truth: Tokenizer) -> str:
    """A text of any characters: the ids and the places of the reference."""
    text = text_of(draw)
    if draw.random() < 0.05:
        place = draw.randint(0, len(text))
        text = text[:place] + chr(draw.randint(0xD800, 0xDFFF)) + text[place:]
        said = "nothing"
        try:
            tokenizer.encode(text)
        except ValueError as error:
            said = str(error)
        assert f"surrogate U+{ord(text[place]):X} at {place}" in said, f"{text!a}: {said}"
        return "refused"
    other = text_of(draw) if draw.random() < 0.3 else None
    expected, found = truth.encode(text, other), tokenizer.encode(text, other)
    same = (found.ids, found.types, found.offsets, found.sequence) == (
        expected.ids, expected.type_ids, expected.offsets, expected.sequence_ids)  # fmt: skip
    assert same, f"{text!a}, {other!a}: {found.ids}, expected {expected.ids}"
    return "right"


def text_of(draw: random.Random) -> str:
    """Characters of all planes, letters of the vocabulary, and what is awkward."""

    def part() -> str:
        kind = draw.random()
        if kind < 0.4:
            return "".join(draw.choices(LETTERS, k=draw.randint(1, 8)))
        if kind < 0.7:
            return "".join(chr(draw.randrange(*draw.choice(PLANES))) for _ in range(3))
        return draw.choice([" ", " ", draw.choice(PARTS)])

    return "".join(part() for _ in range(draw.randint(0, 12)))


# ---------------------------------------------------------------- files


def vocabulary(draw: random.Random) -> list[str]:
    """The lines of a vocabulary: pieces, some twice, some empty, the special tokens anywhere."""
    pieces = ["".join(draw.choices(LETTERS, k=draw.choice([1, 1, 1, 2, 3]))) for _ in range(40)]
    pieces += [MORE + piece for piece in draw.choices([*pieces, *LETTERS], k=40)]
    lines = [*pieces, *draw.choices(EXTRA, k=4)]
    if draw.random() < 0.5:  # none twice
        lines = list(dict.fromkeys(lines))
    draw.shuffle(lines)
    places = sorted(draw.randint(0, len(lines)) for _ in SPECIAL)
    for place, token in zip(reversed(places), SPECIAL, strict=True):
        lines.insert(place, token)
    return lines


def reference(lines: list[str], lower: bool, accents: bool | None, chinese: bool) -> Tokenizer:
    numbers = {piece: number for number, piece in enumerate(lines)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(True, chinese, accents, lower)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1",
        [(token, numbers[token]) for token in ("[CLS]", "[SEP]")])  # fmt: skip
    return tokenizer


def written(
    draw: random.Random, lines: list[str], lower: bool, accents: bool | None, chinese: bool
) -> Files:
    """A folder's files, as one program or another writes them; all say the same."""
    names = {f"{token[1:-1].lower()}_token": token for token in SPECIAL}
    settings = {"do_lower_case": lower, "strip_accents": accents, "tokenize_chinese_chars": chinese}
    usual = {"do_lower_case": True, "strip_accents": None, "tokenize_chinese_chars": True}
    config: Files = {k: v for k, v in settings.items() if v != usual[k] or draw.random() < 0.5}
    more = {"tokenizer_class": "BertTokenizer", "model_max_length": 8, "never_split": None,
            "do_basic_tokenize": True, "padding_side": "right", "name_or_path": "x",
            **names}  # fmt: skip
    config |= {key: value for key, value in more.items() if draw.random() < 0.5}
    numbers = {piece: number for number, piece in enumerate(lines)}
    if draw.random() < 0.3:
        config["added_tokens_decoder"] = {
            str(numbers[token]): TOKEN | {"content": token, "special": True} for token in SPECIAL
        }
    end = draw.choice(["\n", "\n", "\r\n"])
    files: Files = {
        "tokenizer_config.json": config,
        "vocab.txt": end.join(lines) + end * (draw.random() < 0.9 or not lines[-1]),
    }
    if draw.random() < 0.3:
        files["special_tokens_map.json"] = {
            name: draw.choice([token, TOKEN | {"content": token}]) for name, token in names.items()
        }
    if draw.random() < 0.2:
        files["tokenizer.json"] = json.loads(reference(lines, lower, accents, chinese).to_str())
        if draw.random() < 0.5 and len(numbers) == len(lines):
            del files["vocab.txt"]
    return files


# ---------------------------------------------------------------- faults

Damage = Callable[[random.Random, Files], Any]
CONFIG, WHOLE = "tokenizer_config.json", "tokenizer.json"


def setting(key: str, *values: object) -> Damage:
    """One key of the settings, with a value that asks for what we do not do."""
    return lambda draw, files: files[CONFIG].update({key: copy.deepcopy(draw.choice(values))})


def in_whole(change: Callable[[Files], Any]) -> Damage:
    """One part of a tokenizer.json that says another thing than the settings."""

    def damage(draw: random.Random, files: Files) -> None:
        if WHOLE not in files:
            lines = files["vocab.txt"].replace("\r\n", "\n").removesuffix("\n").split("\n")
            config = files[CONFIG]
            rules = (config.get("do_lower_case", True), config.get("strip_accents"),
                     config.get("tokenize_chinese_chars", True))  # fmt: skip
            files[WHOLE] = json.loads(reference(lines, *rules).to_str())
        change(files[WHOLE])

    return damage


def flip(part: str, key: str) -> Damage:
    def change(whole: Files) -> None:
        value = whole[part][key]
        whole[part][key] = (not value) if isinstance(value, bool) else f"{value}x"

    return in_whole(change)


def cut(name: str) -> Damage:
    """A JSON file that ends too early, or that is no object."""

    def damage(draw: random.Random, files: Files) -> None:
        text = json.dumps(files.get(name, {"a": "b"}))
        files[name] = draw.choice([text[: draw.randint(0, len(text) - 1)], "[]", "null", b"{\xff}"])

    return damage


def without(draw: random.Random, files: Files) -> None:
    files.pop(WHOLE, None)
    lines = files.get("vocab.txt", "a\n").replace("\r\n", "\n").split("\n")
    gone = draw.choice(SPECIAL)
    files["vocab.txt"] = "\n".join(line for line in lines if line != gone)


def other_bytes(draw: random.Random, files: Files) -> None:
    files.pop(WHOLE, None)
    files["vocab.txt"] = b"[PAD]\n\xff\n"


#: The file or key that the error must name, and how the fault is made.
FAULTS: list[tuple[str, str, Damage]] = [
    (CONFIG, "do_lower_case", setting("do_lower_case", None, "yes", 1, 0.0, [])),
    (CONFIG, "strip_accents", setting("strip_accents", "no", 0, {})),
    (CONFIG, "tokenize_chinese_chars", setting("tokenize_chinese_chars", None, "no", 1)),
    (CONFIG, "never_split", setting("never_split", ["don't"], "a")),
    (CONFIG, "do_basic_tokenize", setting("do_basic_tokenize", False, None, 1)),
    (CONFIG, "wordpieces_prefix", setting("wordpieces_prefix", "", "@@")),
    (CONFIG, "clean_text", setting("clean_text", False)),
    (CONFIG, "padding_side", setting("padding_side", "left")),
    (CONFIG, "truncation_side", setting("truncation_side", "left")),
    (
        CONFIG,
        "tokenizer_class",
        setting("tokenizer_class", "TokenizersBackend", 1),
    ),
    (CONFIG, "unk_token", setting("unk_token", "<unk>", None, TOKEN | {"content": "<unk>"})),
    (
        CONFIG,
        "mask_token",
        setting("mask_token", {"content": "[MASK]", "lstrip": True}, {}),
    ),
    (CONFIG, "sep_token", setting("sep_token", "[SEP]x", TOKEN, [], 3)),
    (CONFIG, "additional_special_tokens", setting("additional_special_tokens", ["[E]"], "[E]")),
    (CONFIG, "keep_newlines", setting("keep_newlines", True, None, 1e308)),
    (CONFIG, "model_type", setting("model_type", "roberta", None)),
    (
        CONFIG,
        "added token",
        setting("added_tokens_decoder", {"7": "[E]"}, {"x": {}}, [{}], "a"),
    ),
    (CONFIG, "", cut(CONFIG)),
    ("special_tokens_map.json", "", cut("special_tokens_map.json")),
    (
        "added_tokens.json",
        "added",
        lambda draw, files: files.update(
            {"added_tokens.json": draw.choice([{"[E]": 99}, {"[MASK]": 1_000}, {"[CLS]": []}])}
        ),
    ),
    (
        "special_tokens_map.json",
        "cls_token",
        lambda draw, files: files.update(
            {"special_tokens_map.json": {"cls_token": draw.choice(["<s>", None, {}])}}
        ),
    ),
    (WHOLE, "normalizer.lowercase", flip("normalizer", "lowercase")),
    (WHOLE, "normalizer.clean_text", flip("normalizer", "clean_text")),
    (WHOLE, "normalizer.handle_chinese_chars", flip("normalizer", "handle_chinese_chars")),
    (WHOLE, "pre_tokenizer.type", flip("pre_tokenizer", "type")),
    (WHOLE, "model.continuing_subword_prefix", flip("model", "continuing_subword_prefix")),
    (
        WHOLE,
        "model.max_input_chars_per_word",
        in_whole(lambda whole: whole["model"].update({"max_input_chars_per_word": 20})),
    ),
    (WHOLE, "normalizer", in_whole(lambda whole: whole.update({"normalizer": None}))),
    (WHOLE, "post_processor", in_whole(lambda whole: whole.update({"post_processor": None}))),
    (WHOLE, "model", in_whole(lambda whole: whole.update({"model": []}))),
    (
        WHOLE,
        "model.vocab",
        in_whole(lambda whole: whole["model"].update(vocab={"a": 0, "b": 0})),
    ),
    (
        WHOLE,
        "added token",
        in_whole(lambda whole: whole["added_tokens"].append({"id": 900, "content": "[E]"})),
    ),
    (WHOLE, "", cut(WHOLE)),
    ("vocab.txt", "no ['[", without),
    ("vocab.txt", "UTF-8", other_bytes),
]
