"""wode.wordpiece equals the reference, ids and offsets: the real vocabulary, any text."""

import json
import math
import random
import sys
import unicodedata
from collections import Counter
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import BertTokenizer
from transformers.models.bert.tokenization_bert_legacy import BertTokenizerLegacy

from wode.files import hub
from wode.files.download import data_root
from wode.files.hub import MINILM, find
from wode.subwords import (
    association,
    byte_pairs,
    count_words,
    frequency,
    learn,
    likelihood,
    merged,
    wordpiece_vocabulary,
)
from wode.tasks.sentences import translation_pairs
from wode.unicode import borders, canonical, is_, normalise, unicode_tables
from wode.wordpiece import SPECIAL, WordPiece, truncate


@cache
def ours(lowercase: bool = True) -> WordPiece:
    return WordPiece(WordPiece.from_pretrained(MINILM).vocabulary, lowercase)


@cache
def reference(lowercase: bool = True) -> Tokenizer:
    settings_ = json.loads(find(MINILM, "tokenizer.json").path.read_text(encoding="utf-8"))
    settings_["normalizer"]["lowercase"] = lowercase
    tokenizer = Tokenizer.from_str(json.dumps(settings_))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def assert_equal(text: str, lowercase: bool = True) -> None:
    expected = reference(lowercase).encode(text, add_special_tokens=False)
    pieces = ours(lowercase).pieces_of(text)
    assert [piece.id for piece in pieces] == expected.ids, ascii(text)
    assert [(piece.start, piece.end) for piece in pieces] == expected.offsets, ascii(text)


# ---------------------------------------------------------------- the same as the reference

characters = st.characters(exclude_categories=("Cs",))
awkward = st.sampled_from(
    [
        *(chr(i) for i in (*range(0x20), *range(0x7F, 0xA1), 0xAD, 0xFFFD, 0xFEFF, 0x85)),
        *(chr(i) for i in range(0x300, 0x370)),  # combining marks
        *(chr(i) for i in (*range(0x1D157, 0x1D173), 0x302E, 0x302F, 0x1B44, 0x11938, 0x10F46)),
        *("각", "가", "İ", "ı", "ß", "ẞ", "ﬁ", "Ǆ", "Σ", "ς", "Å", "é", "e\u0301", "Ａ", "①"),
        *(
            "👩‍👩‍👧",
            "🏳️‍🌈",
            "🇨🇳",
            "👍🏽",
            "\u200d",
            "\ufe0f",
            "中",
            "𠀀",
            "\U0002b820",
            "\U0002b920",
        ),
        *("שָׁלוֹם", "مَرْحَبًا", "\u202e", "हिन्दी", "ไทย", "[MASK]", "[CLS", "[SEP]", "##", "don't"),
    ]
)
texts = st.lists(st.one_of(characters, awkward, st.text("abcdé, .", max_size=8))).map("".join)


@settings(max_examples=1000)
@given(texts)
def test_any_text(text):
    assert_equal(text)


@settings(max_examples=500)
@given(texts)
def test_any_text_with_case(text):
    assert_equal(text, lowercase=False)


def test_every_character_there_is(exhaustive):
    """Of long runs of one kind (ideographs, syllables, what is not assigned) both ends, those of
    our tables' ranges and each 16th, unless exhaustive."""
    edges = {b for kind in unicode_tables() if kind != "lower" for b in borders(kind)}
    near = {edge + step for edge in edges for step in range(-8, 9)}
    kinds = [unicodedata.category(chr(i)) for i in range(sys.maxunicode + 1)]

    def inside(i: int) -> bool:
        return kinds[i] in ("Lo", "Cn", "Co") and set(kinds[i - 8 : i + 9]) == {kinds[i]}

    every = [
        chr(i)
        for i, kind in enumerate(kinds)
        if kind != "Cs" and (exhaustive or i % 16 == 0 or i in near or not inside(i))
    ]
    random.Random(0).shuffle(every)
    for i in range(0, len(every), 64):
        text = "".join(f"a{c}\u0301\u0316b" for c in every[i : i + 64])  # marks of other classes
        assert_equal(text)
        # most words are [UNK] all the same, so their letters are compared, too
        expected = reference().normalizer.normalize_str(text)
        assert "".join(c for c, _ in normalise(text)) == expected, ascii(text)


@pytest.mark.parametrize(
    "text",
    ["", " ", "a" * 100, "a" * 101, "é" * 101, "e\u0301" * 101, "x\n\ny", "\ufffd", "\u0301"],
)
def test_edges(text):
    assert_equal(text)


def test_real_sentences(exhaustive):
    data = data_root()
    if not (data / "cmn-eng").is_dir():
        pytest.skip(f"no {data / 'cmn-eng'}: WODE_DATA names the folder of the real data sets")
    lines = (data / "cmn-eng" / "cmn.txt").read_text(encoding="utf-8").splitlines()
    sentences = [part for line in lines for part in line.split("\t")[:2]]
    with (data / "afqmc" / "dev.json").open(encoding="utf-8") as file:
        sentences += [
            row[key] for row in map(json.loads, file) for key in ("sentence1", "sentence2")
        ]
    sentences += (data / "sst2" / "train.tsv").read_text(encoding="utf-8").splitlines()
    for name in ("en", "zh"):
        pages = json.loads((data / "xquad" / f"xquad.{name}.json").read_text(encoding="utf-8"))
        sentences += [p["context"] for page in pages["data"] for p in page["paragraphs"]]
    assert len(sentences) >= 20_000
    for text in sentences if exhaustive else random.Random(0).sample(sentences, 10_000):
        assert_equal(text)


def test_sentences_of_the_project():
    for pair in translation_pairs(300):
        for text in pair:
            assert_equal(text)


# ---------------------------------------------------------------- settings

RULES = [*product((True, False), (None, True, False), (True, False))]


def folder_of(path: Path, lines: list[str], **settings_) -> str:
    """A tokenizer's folder, with the settings of ``tokenizer_config.json``."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "vocab.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (path / "tokenizer_config.json").write_text(json.dumps(settings_), encoding="utf-8")
    return str(path)


def settings_of(low: bool, accents: bool | None, cn: bool) -> dict[str, bool | None]:
    return {"do_lower_case": low, "strip_accents": accents, "tokenize_chinese_chars": cn}


LINES = [*SPECIAL, *"másMASacñéßσς中文行,.!", "más", "mas", "##más", "##as", "中文", "##文", "é!"]
LINES += [f"##{c}" for c in "másMASacñéßσς中文行\u0301\u0327"]


def test_an_accent_stays_where_it_is_not_to_be_stripped(tmp_path):
    """The input of the issue."""
    kept = WordPiece.from_pretrained(folder_of(tmp_path, LINES, strip_accents=False))
    assert kept.tokens("Más") == ["más"]
    together = WordPiece.from_pretrained(folder_of(tmp_path, LINES, tokenize_chinese_chars=False))
    assert together.tokens("中文 Más") == ["中文", "mas"]
    cased = folder_of(tmp_path, LINES, do_lower_case=False, strip_accents=True)
    assert WordPiece.from_pretrained(cased).tokens("MÁS") == ["M", "##A", "##S"]


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_settings_are_those_of_transformers(tmp_path, rules):
    """The tokenizer that transformers makes of the same folder, and of what it then writes."""
    folder = folder_of(tmp_path / "a", LINES, **settings_of(*rules))
    theirs = BertTokenizer.from_pretrained(folder)
    theirs.save_pretrained(tmp_path / "b")  # a tokenizer.json and no vocab.txt
    assert not (tmp_path / "b" / "vocab.txt").exists()
    tokenizers = [WordPiece.from_pretrained(str(tmp_path / name)) for name in "ab"]
    draw = random.Random(str(rules))
    parts = [*LINES, *"áÁŃñÑΣ漢𠀀가각 ", "\u0301", "\x00", "[MASK]", " "]
    for _ in range(300):
        text, other = ("".join(draw.choices(parts, k=draw.randint(1, 12))) for _ in range(2))
        expected = theirs(text, other, return_offsets_mapping=True)
        for ours_ in tokenizers:
            found = ours_.encode(text, other)
            assert found.ids == expected["input_ids"], ascii(text)
            assert found.offsets == expected["offset_mapping"], ascii(text)
    words = count_words(["Más 中文, más!"], *rules)
    assert ("más" in words) == (not (rules[0] if rules[1] is None else rules[1]))
    assert ("中文" in words) != rules[2]


WRITTEN = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
MARKS = {f"{token[1:-1].lower()}_token": token for token in SPECIAL}
#: tokenizer_config.json as it stands on the hub, and whether case is kept.
REAL = {
    "google-bert/bert-base-uncased": ({"do_lower_case": True, "model_max_length": 512}, False),
    "google-bert/bert-base-chinese": ({"do_lower_case": False, "model_max_length": 512}, True),
    "hfl/chinese-roberta-wwm-ext": ({"init_inputs": []}, False),
    "nghuyong/ernie-3.0-base-zh": (
        {**MARKS, "do_lower_case": True, "do_basic_tokenize": True, "never_split": None,
         "tokenize_chinese_chars": True, "strip_accents": None, "special_tokens_map_file": None,
         "name_or_path": "x", "tokenizer_class": "BertTokenizer", "model_max_length": 10**30},
        False),
    "klue/bert-base": (
        {**MARKS, "do_lower_case": False, "do_basic_tokenize": True, "never_split": None,
         "bos_token": "[CLS]", "eos_token": "[SEP]", "tokenize_chinese_chars": True,
         "strip_accents": None, "model_max_length": 512}, True),
    "what transformers 4.49 writes": (
        {**MARKS, "do_lower_case": False, "clean_up_tokenization_spaces": False,
         "added_tokens_decoder": {
             str(n): {"content": token, "special": True, **WRITTEN}
             for n, token in zip((0, 2, 3, 4, 5), SPECIAL, strict=True)},
         "extra_special_tokens": {}, "max_length": 512, "model_max_length": 512, "stride": 0,
         "pad_to_multiple_of": None, "pad_token_type_id": 0, "padding_side": "right",
         "strip_accents": None, "tokenize_chinese_chars": True, "tokenizer_class": "BertTokenizer",
         "truncation_side": "right", "truncation_strategy": "longest_first"}, True),
}  # fmt: skip


@pytest.mark.parametrize(("settings_", "cased"), REAL.values(), ids=REAL)
def test_tokenizers_in_wide_use_are_read(tmp_path, settings_, cased):
    """With tokenizer.json as it was first written, without its model's type, and beside it."""
    lines = [SPECIAL[0], "[unused1]", *SPECIAL[1:], *LINES[len(SPECIAL) :]]
    folder = folder_of(tmp_path / "a", lines, **settings_)
    BertTokenizer.from_pretrained(folder).save_pretrained(tmp_path / "b")
    whole = json.loads((tmp_path / "b" / "tokenizer.json").read_text("utf-8"))
    del whole["model"]["type"]
    for name, content in (
        ("tokenizer.json", whole), ("added_tokens.json", {}), ("special_tokens_map.json", MARKS)
    ):  # fmt: skip
        (tmp_path / "a" / name).write_text(json.dumps(content), encoding="utf-8")
    found = WordPiece.from_pretrained(folder)
    assert found.tokens("Más [unused1]")[0] == ("M" if cased else "mas")
    theirs = BertTokenizer.from_pretrained(folder)
    for text in ("Más 中文 mas, [MASK]", "másM é! [unused1]"):
        assert found.encode(text).ids == theirs(text)["input_ids"]
    whole["model"]["vocab"]["[unused1]"] = -1
    (tmp_path / "a" / "tokenizer.json").write_text(json.dumps(whole), encoding="utf-8")
    (tmp_path / "a" / "vocab.txt").unlink()
    with pytest.raises(ValueError, match="a number of its own for each piece"):
        WordPiece.from_pretrained(folder)


@pytest.mark.parametrize("rules", RULES, ids=str)
def test_the_tokenizer_in_python_differs_in_three_things(tmp_path, rules):
    """BERT's first tokenizer: what Python's Unicode does not know is removed, a Σ at the end of a
    word is lowered to ς, and words are looked up composed. Elsewhere it gives the same ids."""
    folder = folder_of(tmp_path, LINES, **settings_of(*rules))
    slow = BertTokenizerLegacy(f"{folder}/vocab.txt", **settings_of(*rules))
    mine, draw = WordPiece.from_pretrained(folder), random.Random(str(rules))
    parts = [*"másMASacñÑéß中文行漢,.! \t\n\xa0\x00\ufffd\u200b", "[MASK]"]
    for _ in range(300):
        text = "".join(draw.choices(parts, k=12))
        ids = slow.convert_tokens_to_ids(slow.tokenize(text))
        assert [piece.id for piece in mine.pieces_of(text)] == ids, ascii(text)
    assert slow.tokenize("a\U00019a6f") == ["a"]
    assert mine.tokens("a\U00019a6f") == ["[UNK]"]
    if rules[0]:
        assert (slow.tokenize("ΣΣ"), mine.tokens("ΣΣ")) == (["σ", "##ς"], ["σ", "##σ"])
    if not rules[1] and not (rules[0] and rules[1] is None):
        assert (slow.tokenize("e\u0301"), mine.tokens("e\u0301")) == (["é"], ["[UNK]"])


def test_lines_of_a_vocabulary(tmp_path):
    """Numbers are those of the lines: empty ones count, of two the last is meant, \\r\\n is \\n."""
    lines = [*SPECIAL, "$", "", "a", "\u2028", "", "$", "b", " c", "\x85"]
    text = "\r\n".join(lines)
    for end in ("\r\n", "", "\r\n\r\n"):
        folder = folder_of(tmp_path, [])
        (tmp_path / "vocab.txt").write_bytes((text + end).encode())
        found = WordPiece.from_pretrained(folder)
        theirs = BertTokenizer.from_pretrained(folder)
        assert [piece.id for piece in found.pieces_of("$ a b")] == [10, 7, 11]
        assert theirs("$ a b", add_special_tokens=False)["input_ids"] == [10, 7, 11]
        assert found.decode([5, 10]) == "$ $"  # the number that no text has, too


def test_a_package_that_lacks_an_optional_file_does_not_ask_the_hub(monkeypatch):
    """MiniLM's has no added_tokens.json; the hub was asked at each load, and waited for."""
    asked = []
    for look in ("_in_cache", "_on_hub"):
        monkeypatch.setattr(hub, look, lambda *names: asked.append(names) or "not there")
    WordPiece.from_pretrained(MINILM)
    assert asked == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "tokenizer_config.json",
            '{"do_basic_tokenize": false}',
            "_tokenize true, got false",
        ),
        (
            "tokenizer_config.json",
            '{"never_split": ["a"]}',
            r'null or \[\], got \["a"\]',
        ),
        ("tokenizer_config.json", '{"unk_token": "<unk>"}', r'unk_token "\[UNK\]", got "<unk>"'),
        (
            "tokenizer_config.json",
            '{"do_lower_case": "no"}',
            '_lower_case of type bool, got "no"',
        ),
        ("tokenizer_config.json", '{"keep_accents": true}', 'setting "keep_accents": true'),
        ("tokenizer_config.json", '{"tokenizer_class": "T5Tokenizer"}', 'got "T5Tokenizer"'),
        ("tokenizer_config.json", "[]", "expected an object"),
        ("tokenizer_config.json", '{"a": ', "not JSON"),
        ("special_tokens_map.json", '{"cls_token": "<s>"}', r'cls_token "\[CLS\]", got "<s>"'),
        ("added_tokens.json", '{"[E]": 99}', r'expected no added token, got 99: "\[E\]"'),
        ("tokenizer.json", '{"normalizer": null}', "expected normalizer BertNormalizer, got null"),
        ("vocab.txt", "a\nb\n", r"expected \[PAD\].*; no \['\[PAD\]'"),
    ],
)
def test_what_is_not_known_is_refused_with_the_file(tmp_path, name, content, message):
    folder = folder_of(tmp_path, LINES)
    WordPiece.from_pretrained(folder)
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"{name}: .*{message}"):
        WordPiece.from_pretrained(folder)


def test_a_tokenizer_json_that_contradicts_the_settings_is_refused(tmp_path):
    """transformers lowercases here, the tokenizers library does not: one of them is wrong."""
    folder = folder_of(tmp_path / "a", LINES, do_lower_case=False)
    BertTokenizer.from_pretrained(folder).save_pretrained(tmp_path / "b")
    (tmp_path / "b" / "tokenizer_config.json").write_text("{}")
    theirs = BertTokenizer.from_pretrained(tmp_path / "b")
    assert theirs.tokenize("MAS") == ["mas"]
    assert Tokenizer.from_file(str(tmp_path / "b" / "tokenizer.json")).encode("M").tokens[1] == "M"
    with pytest.raises(ValueError, match=r"tokenizer\.json: expected normalizer\.lowercase true"):
        WordPiece.from_pretrained(str(tmp_path / "b"))


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("post_processor", {"pair": []}, "expected post_processor"),  # other places for [SEP]
        ("normalizer", {"nfkc": True}, "unknown normalizer.nfkc: true"),
        ("model", {"max_input_chars_per_word": 20}, "max_input_chars_per_word 100, got 20"),
        ("added_tokens", [{"id": 9, "content": "más"}], "expected no added token, got 9"),
        ("added_tokens", [{"id": 4, "content": "[MASK]", "lstrip": True}], "got 4: .*lstrip"),
    ],
)
def test_what_tokenizer_json_alone_asks_for_is_refused(tmp_path, part, change, message):
    theirs = BertTokenizer.from_pretrained(folder_of(tmp_path / "a", LINES))
    theirs.save_pretrained(tmp_path / "b")
    WordPiece.from_pretrained(str(tmp_path / "b"))
    path = tmp_path / "b" / "tokenizer.json"
    whole = json.loads(path.read_text("utf-8"))
    whole[part] = whole[part] | change if isinstance(change, dict) else whole[part] + change
    path.write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"tokenizer\.json: .*{message}"):
        WordPiece.from_pretrained(str(tmp_path / "b"))


def test_the_place_of_half_a_character_is_that_in_the_whole_text():
    with pytest.raises(ValueError, match=r"surrogate U\+D83D at 8"):
        ours().encode("[MASK]a \ud83d")


def test_two_pieces_of_one_number_are_refused():
    with pytest.raises(ValueError, match="a number of its own"):
        WordPiece({**{token: n for n, token in enumerate(SPECIAL)}, "a": 4})


# ---------------------------------------------------------------- inputs of BERT


@settings(max_examples=300)
@given(texts, st.none() | texts, st.none() | st.integers(3, 40))
def test_inputs_and_truncation(text, pair, max_length):
    tokenizer = reference()
    if max_length is not None:
        tokenizer.enable_truncation(max_length, strategy="longest_first")
    expected = tokenizer.encode(text, pair)
    tokenizer.no_truncation()
    found = ours().encode(text, pair, max_length)
    assert (found.ids, found.types) == (expected.ids, expected.type_ids)
    assert (found.offsets, found.sequence) == (expected.offsets, expected.sequence_ids)


def test_batches_are_those_of_transformers():
    tokenizer = BertTokenizer.from_pretrained(find(MINILM).path)
    pairs = [("How are you?", "你好吗？"), ("a", "b " * 40), ("", "")]
    expected = tokenizer(
        [a for a, _ in pairs],
        [b for _, b in pairs],
        padding=True,
        truncation=True,
        max_length=20,
        return_tensors="pt",
    )
    found = ours().batch(pairs, 20)
    for name, tensor in found.items():
        assert torch.equal(tensor, expected[name])
    single = ours().batch(["one two", "three"])
    assert single["input_ids"].shape == (2, 4)
    assert single["attention_mask"].tolist() == [[1, 1, 1, 1], [1, 1, 1, 0]]


def test_offsets_lead_back_to_the_text():
    text = "Ｔhe naïve 行长 走了[MASK]"
    found = [text[p.start : p.end] for p in ours().pieces_of(text)]
    assert found[-1] == "[MASK]"
    assert "naïve" in found
    assert "行" in found


def test_errors_say_what_is_wrong():
    with pytest.raises(ValueError, match=r"lone surrogate U\+D83D at 2"):
        ours().encode("ok\ud83d")
    with pytest.raises(ValueError, match=r"max_length of at least 3, got 2"):
        ours().encode("a", "b", 2)
    with pytest.raises(ValueError, match=r"no \['\[MASK\]'\]"):
        WordPiece({token: n for n, token in enumerate(SPECIAL[:-1])})
    assert truncate([[], []], 0) == [[], []]


def test_decoded():
    ids = ours().encode("Unbelievably good").ids[1:-1]
    for kind in (list, torch.tensor, np.array):
        assert ours().decode(kind(ids)) == "unbelievably good"
    wrongs: list[Any] = [2.7, -100, torch.tensor(2.0), True]
    for wrong in wrongs:
        with pytest.raises(ValueError, match=r"expected an id, a whole number .*, got"):
            ours().decode([wrong])


@given(st.text(characters, max_size=20))
def test_decomposition_is_unicodes_where_both_know_the_characters(text):
    if not any(is_("unknown", c) for c in unicodedata.normalize("NFD", text) + text):
        found = canonical([(c, i) for i, c in enumerate(text)])
        assert "".join(c for c, _ in found) == unicodedata.normalize("NFD", text)
        assert [i for _, i in found] == sorted(i for _, i in found)


# ---------------------------------------------------------------- training


def trained_by_the_reference(texts: list[str], size: int) -> list[tuple[str, str]]:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, show_progress=False))
    return [tuple(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]


def lower(texts: list[str]) -> list[str]:
    return ["".join(c for c, _ in normalise(text)) for text in texts]


def test_byte_pair_encoding_is_the_references():
    texts = [pair.en for pair in translation_pairs(500)]
    expected = trained_by_the_reference(lower(texts), 150)
    _, found = learn(count_words(texts), len(expected), frequency)
    assert len(found) > 50
    assert found == expected


def test_the_librarys_wordpiece_trainer_goes_by_frequency():
    """Of its pieces most are those of frequency, fewer those of the likelihood, of the quotient."""
    texts = lower([pair.en for pair in translation_pairs(500)])
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    special = [*SPECIAL]
    trainer = trainers.WordPieceTrainer(vocab_size=160, show_progress=False, special_tokens=special)
    tokenizer.train_from_iterator(texts, trainer)
    theirs = tokenizer.get_vocab().keys() - SPECIAL
    shared = [
        len(theirs & {*learn(count_words(texts), 160, score, "##")[0][: len(theirs)]})
        for score in (frequency, likelihood, association)
    ]
    assert shared[0] > 0.85 * len(theirs) > shared[1] > shared[2]


@given(st.dictionaries(st.text("abc", min_size=1, max_size=6), st.integers(1, 9), max_size=8))
def test_counts_kept_up_are_counts_made_anew(counts):
    """Each merge is the best of a fresh count, for each score."""
    for score in (frequency, association, likelihood):
        _, merges = learn(counts, 5, score)
        words = {word: list(word) for word in counts}
        for pair in merges:
            pairs: Counter[tuple[str, str]] = Counter()
            single: Counter[str] = Counter()
            for word, symbols in words.items():
                single.update({s: n * counts[word] for s, n in Counter(symbols).items()})
                neighbours = Counter(pairwise(symbols))
                pairs.update({p: n * counts[word] for p, n in neighbours.items()})
            total = single.total()
            best = max(score(n, single[a], single[b], total) for (a, b), n in pairs.items())
            assert score(pairs[pair], single[pair[0]], single[pair[1]], total) == best
            words = {w: merged(s, pair, "".join(pair)) for w, s in words.items()}
        for word, symbols in words.items():
            assert byte_pairs(word, merges) == symbols


def test_a_trained_vocabulary_encodes():
    texts = [pair.en for pair in translation_pairs(500)]
    vocabulary = wordpiece_vocabulary(count_words(texts), 120)
    assert list(vocabulary)[:5] == list(SPECIAL)
    assert len(vocabulary) == 120
    tokenizer = WordPiece(vocabulary)
    for text in texts:
        assert "[UNK]" not in tokenizer.tokens(text)
    assert "[UNK]" in tokenizer.tokens("中")
    with pytest.raises(ValueError, match=r"a size of at least \d+, .* got 10"):
        wordpiece_vocabulary(count_words(texts), 10)


def test_the_two_scores_prefer_different_pairs():
    """Frequent letters meet by chance; rare ones that always meet are worth more to WordPiece."""
    counts = {"eat": 10, "tea": 10, "ate": 10, "quiz": 1}
    assert learn(counts, 1, frequency)[1][0] != learn(counts, 1, association)[1][0]
    assert learn(counts, 1, association)[1] == [("i", "z")]


def log_likelihood(words: dict[str, list[str]], counts: dict[str, int]) -> float:
    """Of all words, each symbol standing by itself with its share of the text as probability."""
    single: Counter[str] = Counter()
    for word, symbols in words.items():
        single.update({s: n * counts[word] for s, n in Counter(symbols).items()})
    return sum(n * math.log(n / single.total()) for n in single.values())


def test_the_likelihoods_score_is_the_rise_of_the_likelihood():
    """Against the likelihood itself, before and after each merge; the quotient is another order."""
    counts = count_words(pair.en for pair in translation_pairs(300))
    words = {word: list(word) for word in counts}
    single: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for word, symbols in words.items():
        single.update({s: n * counts[word] for s, n in Counter(symbols).items()})
        pairs.update({p: n * counts[word] for p, n in Counter(pairwise(symbols)).items()})
    before, total = log_likelihood(words, counts), single.total()
    rises = {}
    for a, b in pairs:
        if a == b:  # overlapping places, as in "aaa", are fewer merges than neighbours
            continue
        after = log_likelihood({w: merged(s, (a, b), a + b) for w, s in words.items()}, counts)
        rises[a, b] = after - before
        expected = likelihood(pairs[a, b], single[a], single[b], total)
        assert rises[a, b] == pytest.approx(expected, abs=1e-6)
    best = max(rises, key=lambda pair: rises[pair])
    assert learn(counts, 1, likelihood)[1] == [best]
    assert learn(counts, 1, association)[1] != [best]


@pytest.mark.parametrize("nothing", [None, math.nan, 5, b"ab"])
def test_what_is_no_text_is_named(nothing):
    for asked in ([nothing], ["a", nothing], [("a", "b"), (nothing, "b")]):
        with pytest.raises(TypeError, match=f"expected text, got {nothing!r}"):
            ours().batch(asked)
