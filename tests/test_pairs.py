"""wode.data.pairs: AFQMC's form read with clear errors; the question pairs that come with wode."""

import json
import re
from collections import Counter
from itertools import combinations

import jieba
import pytest
import torch
from torch.utils.data import DataLoader

from wode.data.pairs import LABELS, Pair, PairFile, PairStream, collate, line_number
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.tasks.questions import question_items, question_pairs
from wode.wordpiece import WordPiece


def line(first="花呗怎么还款", second="怎样还花呗", label: object = "1", **more: object) -> str:
    row = {"sentence1": first, "sentence2": second, "label": label, **more}
    return json.dumps(row, ensure_ascii=False) + "\n"


# ---------------------------------------------------------------- the form of AFQMC


def test_a_file_and_a_stream_give_the_same_pairs(tmp_path):
    path = tmp_path / "train.json"
    lines = [line(f"第 {i} 句", "另一句", str(i % 2), id=i) for i in range(57)]
    path.write_text("".join(lines), encoding="utf-8")
    pairs = PairFile(path)
    assert len(pairs) == 57
    assert pairs[3] == Pair("第 3 句", "另一句", 1)
    assert list(PairStream(path)) == pairs.pairs
    for workers in (1, 3):
        loader = DataLoader(PairStream(path), batch_size=None, num_workers=workers)
        assert sorted(map(tuple, loader)) == sorted(map(tuple, pairs.pairs))
    assert list(PairStream(path, lambda pair: pair.label)) == [pair.label for pair in pairs.pairs]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
def test_line_ends_empty_lines_and_labels_that_are_numbers(tmp_path, end, start):
    path = tmp_path / "pairs.json"
    text = (line(label="0") + "\n" + line(label=1).rstrip("\n")).replace("\n", end)
    path.write_bytes(start + text.encode())
    wanted = [Pair("花呗怎么还款", "怎样还花呗", label) for label in (0, 1)]
    assert PairFile(path).pairs == list(PairStream(path)) == wanted


BROKEN = {
    "broken JSON": (line()[:20], r"not JSON \(Unterminated string starting at column 15\)"),
    "another shape": ('["a", "b", "1"]', "expected an object .* got list"),
    "no label": ('{"sentence1": "a", "sentence2": "b"}', r"no label: its keys are \['sentence1'"),
    "no sentences": ('{"label": "1", "a": 2}', "no sentence1 and no sentence2"),
    "unknown label": (line(label="2"), """label: expected "0" or "1", got '2'"""),
    "label as a word": (line(label="yes"), "label: expected"),
    "label true": (line(label=True), "label: expected .* got True"),
    "label 1.0": (line(label=1.0), "label: expected .* got 1.0"),
    "label null": (line(label=None), "label: expected .* got None"),
    "empty sentence": (line(second="  "), "sentence2: expected a sentence, got '  '"),
    "number as a sentence": (line(first=7), "sentence1: expected a sentence, got 7"),
    "half a surrogate": (r'{"sentence1": "\ud83d", "sentence2": "b", "label": "1"}', "surrogate"),
    "a key twice": (
        '{"sentence1": "a", "sentence2": "b", "label": "1", "label": "0"}',
        "'label' tw",
    ),
    "not a number": ('{"sentence1": "a", "sentence2": "b", "label": "1", "n": NaN}', "NaN is no"),
    "nested": (f'{{"sentence1": {"[" * 100_000}', "nested more than 100 deep"),
    "GBK": (line().encode("gbk"), r"not UTF-8 \(byte 0xbb at place 15, .*iconv"),
    "UTF-16": (line().encode("utf-16"), "not UTF-8"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("read", [PairFile, lambda path: list(PairStream(path))])
def test_an_error_names_the_file_the_line_and_the_reason(tmp_path, name, read):
    broken, reason = BROKEN[name]
    path = tmp_path / "train.json"
    broken = broken.encode() if isinstance(broken, str) else broken
    path.write_bytes(line().encode() * 4 + broken + b"\n" + line().encode())
    with pytest.raises(ValueError, match=rf"train\.json, line 5: .*{reason}"):
        read(path)


def test_the_line_is_right_in_a_worker_that_began_half_way(tmp_path):
    path = tmp_path / "train.json"
    path.write_text(line() * 90 + "{\n" + line() * 9, encoding="utf-8")
    with pytest.raises(ValueError, match="line 91: not JSON"):
        list(DataLoader(PairStream(path), batch_size=None, num_workers=2))


def test_line_numbers_of_a_large_file(tmp_path):
    path = tmp_path / "large.json"
    path.write_bytes(b"x" * 99 + b"\n" + (b"y" * 1023 + b"\n") * 3000)
    assert line_number(path, 0) == 1
    assert line_number(path, 100) == 2
    assert line_number(path, 100 + 1024 * 2999) == 3001


def test_no_file_and_no_pair(tmp_path):
    for read in (PairFile, PairStream):
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "none.json")
    (tmp_path / "empty.json").write_text("\n\n")
    with pytest.raises(ValueError, match=r"empty\.json: expected a pair a line"):
        PairFile(tmp_path / "empty.json")


def test_a_batch_is_what_the_tokenizer_makes_of_the_pairs():
    tokenizer = WordPiece.from_pretrained(MINILM)
    pairs = [Pair("How are you?", "Fine.", 0), Pair("word " * 40, "other " * 9, 1)]
    inputs, labels = collate(tokenizer, max_length=16)(pairs)
    assert labels.tolist() == [0, 1]
    assert inputs["input_ids"].shape == (2, 16)
    types = inputs["token_type_ids"] * inputs["attention_mask"]
    assert types.sum(1).tolist() == [3, 7]  # the second sentence and its [SEP]
    for row, pair in zip(inputs["input_ids"], pairs, strict=True):
        wanted = tokenizer.encode(pair.first, pair.second, 16).ids
        assert row[: len(wanted)].tolist() == wanted


def test_the_real_development_file():
    path = data_root() / "afqmc" / "dev.json"
    if not path.is_file():
        pytest.skip(f"no {path}: WODE_DATA names the folder of the real data sets")
    pairs = PairFile(path)
    assert len(pairs) == 4316
    assert Counter(pair.label for pair in pairs.pairs) == {0: 2978, 1: 1338}
    assert pairs[0] == Pair("双十一花呗提额在哪", "里可以提花呗额度", 0)
    assert list(PairStream(path)) == pairs.pairs


# ---------------------------------------------------------------- the pairs that come with wode

#: Words without a subject of their own, which both splits may use; compared without their endings.
GENERAL = """
a above add after again against age ahead all along am an and any are at away back be because
become before bring but by can cannot change come could day did do does don't done down due
during each else enough far first for forward four from full get give given go goes going gone
good half has have he help hour how i in inside instead into is it its keep kept kind later
leave lie little live long longer lose make many may me mean minute more must my need new next
night no not now of off often old on once one only open or our out over own place possible put
really remain right saturday set should side so some someone stay still stop straight sunday
take tell than that the their them there these they thing third this those though through to too
top turn twice two under up use used was way we week weekend what when where whether which while
who why will with within without would wrong year you
"""
GENERAL_ZH = """
一 一个 一次 一直 上 上去 不 不了 不会 不用 不过 个 为什么 之前 之后 也 了 人 什么 从 以后 会 住
做 再 几个 几周 几天 出来 到 办法 去 取 只 可以 吃 后 吗 周末 哪 哪个 哪儿 哪种 回来 因为 在 地方
多 多久 多大 夜里 够不够 大 好 它 完 对 小 就 年 往 得 得到 快 怎么 怎样 怎样才能 我 我们 才 才能
把 拿 按 换 放 新 时 时候 星期 星期六 星期天 是 最 有 来 比 没 没有 点 用 的 直接 看 着 给 能
自己 行 被 要 让 该 谁 走 起来 跟着 身上 过 还 还是 这 这个 这么 这是 这种 那 那个 都 里 附近
"""


def stem(word: str) -> str:
    for ending in ("'s", "ings", "ing", "ies", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def tokens(text: str, lang: str) -> list[str]:
    """English words without their endings; Chinese words, digits and Latin ones left out."""
    if lang == "en":
        return [stem(word) for word in re.findall(r"[a-z']+", text.lower())]
    return [word for word in jieba.cut(text) if re.search(r"[\u4e00-\u9fff]", word)]


def grams(words: list[str], n: int) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + n]) for i in range(len(words) - n + 1)}


@pytest.fixture(scope="module", autouse=True)
def _quiet_jieba():
    jieba.setLogLevel(60)


@pytest.fixture(scope="module")
def items():
    return question_items()


def test_counts_and_balance(items):
    assert len(items) >= 400
    for split, at_least in (("train", 300), ("held_out", 100)):
        labels = Counter(item.label for item in items if item.split == split)
        assert labels[0] == labels[1] >= at_least // 2
    topics = [{item.topic for item in items if item.split == s} for s in ("train", "held_out")]
    assert not topics[0] & topics[1]
    assert min(map(len, topics)) >= 6


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_sentence_comes_twice(items, lang):
    sentences = Counter(
        re.sub(r"\W", "", text.lower()) for item in items for text in getattr(item, lang)
    )
    assert [text for text, n in sentences.items() if n > 1] == []


@pytest.mark.parametrize(("lang", "general"), [("en", GENERAL), ("zh", GENERAL_ZH)])
def test_held_out_content_words_are_not_in_training(items, lang, general):
    general = {stem(word) if lang == "en" else word for word in general.split()}
    seen, unseen = (
        {
            w
            for item in items
            if item.split == s
            for t in getattr(item, lang)
            for w in tokens(t, lang)
        }
        for s in ("train", "held_out")
    )
    assert seen & unseen - general == set()
    assert len(unseen - general) > 300


@pytest.mark.parametrize(("lang", "n"), [("en", 4), ("zh", 3)])
def test_no_template_crosses_the_split(items, lang, n):
    """Runs of n words in common are turns of speech made of general words, never a whole frame."""
    sides = {"train": [], "held_out": []}
    for item in items:
        sides[item.split] += [tokens(text, lang) for text in getattr(item, lang)]
    common = set.intersection(
        *({g for words in side for g in grams(words, n)} for side in sides.values())
    )
    assert len(common) <= 16, sorted(common)
    assert (
        set.intersection(*({g for w in s for g in grams(w, n + 2)} for s in sides.values()))
        == set()
    )
    for words in sides["held_out"]:  # no sentence is mostly made of such runs
        shared = sum(gram in common for gram in grams(words, n))
        assert shared <= max(1, len(words) // 3), words


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_two_pairs_are_near_duplicates(items, lang):
    pairs = [grams(tokens(" ".join(getattr(item, lang)), lang), 2) for item in items]
    for (a, first), (b, second) in combinations(enumerate(pairs), 2):
        assert len(first & second) <= 0.5 * min(len(first), len(second)), (items[a], items[b])


@pytest.mark.parametrize("held_out", [False, True])
def test_the_overlap_of_words_alone_does_not_tell(held_out):
    """The best threshold on shared words, chosen on the very pairs, stays far from right."""
    pairs = question_pairs("en", held_out)
    bags = [[set(tokens(str(text), "en")) for text in pair[:2]] for pair in pairs]
    overlap = torch.tensor([len(a & b) / len(a | b) for a, b in bags])
    labels = torch.tensor([pair.label for pair in pairs])
    right = [((overlap >= t).long() == labels).double().mean().item() for t in overlap]
    assert max(*right, *(1 - share for share in right)) < 0.65
    for label in (0, 1):  # both labels with much and with little in common
        of_label = overlap[labels == label]
        assert (of_label > 0.4).double().mean() > 0.25
        assert (of_label < 0.2).double().mean() > 0.25


HALF_WIDTH = re.compile(r"[,;:?!()\"']|\.(?!\w)")
UNSPACED = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9*=]|[A-Za-z0-9*=][\u4e00-\u9fff]")


def test_typography(items):
    for item in items:
        for text in item.zh:
            assert not HALF_WIDTH.search(text), text
            assert not UNSPACED.search(text), text
            assert text[-1] in "。？！", text
            assert "  " not in text and text == text.strip()
            assert not re.search(r" [，。？！]|[，。？！] ", text), text
        for text in item.en:
            assert text.isascii(), text
            assert text[-1] in ".?", text
            assert text[0].isupper(), text
            assert "  " not in text and text == text.strip()


def test_both_languages_hold_the_same_pairs():
    for held_out in (False, True):
        en, zh = question_pairs("en", held_out), question_pairs("zh", held_out)
        assert [pair.label for pair in en] == [pair.label for pair in zh]
        assert {*LABELS.values()} == {pair.label for pair in en}
    with pytest.raises(ValueError, match='lang: expected "en" or "zh", got \'fr\''):
        question_pairs("fr")
