"""What the page `unsupervised-translation` and its experiments stand on, scaled down."""

import importlib
import itertools
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from wode.files.download import data_root

FOLDER = Path(__file__).parents[1] / "snippets/1_NLP_basics"


@pytest.fixture(scope="module")
def part() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        module = importlib.import_module("unsupervised_translation_experiment")
        for name, value in {"LINES": 300, "TEST": 5, "BATCH": 4}.items():
            patch.setattr(module, name, value)
        module.languages.cache_clear()
        yield module
        module.languages.cache_clear()


def test_words_are_put_in_the_likeliest_order(part: ModuleType) -> None:
    lines = ["<s> a b c </s>", "<s> a b d </s>", "<s> c a b </s>", "<s> d c a </s>"]
    bigrams, singles = Counter(), Counter()
    for line in lines:
        bigrams.update(itertools.pairwise(line.split()))
        singles.update(line.split())

    def chance(order: tuple[str, ...]) -> float:
        pairs = itertools.pairwise(["<s>", *order, "</s>"])
        return sum(math.log((bigrams[a, b] + 0.01) / (singles[a] + 1)) for a, b in pairs)

    found = part.ordered(["c", "b", "a", "d"], bigrams, singles, beam=100)
    assert sorted(found) == ["a", "b", "c", "d"]
    best = max(map(chance, itertools.permutations("abcd")))
    assert chance(tuple(found)) == pytest.approx(best)
    assert Counter(part.ordered(["b"], bigrams, singles, extra="a"))["b"] == 1


def test_scores_of_the_right_the_shuffled_and_the_wrong(part: ModuleType) -> None:
    lines = [["the", "old", "fox", "eats", "fish"], ["the", "cook", "buys", "hot", "bread"]]
    assert part.scores(lines, lines) == pytest.approx({"bleu": 100, "exact": 1, "words": 1})
    turned = part.scores([line[::-1] for line in lines], lines)
    assert turned["exact"] == 0 and turned["words"] == 1 and turned["bleu"] < 50
    assert part.scores([["x"], ["y"]], lines)["words"] == 0


@pytest.mark.parametrize(
    "way", ["whole", "vectors", "two_encoders", "no_alignment", "no_mark", "lists_alone"]
)
def test_each_way_learns(part: ModuleType, way: str) -> None:
    assert way in (*part.WAYS, *part.MARKED)
    found = part.learned(way, 0, 2)
    for direction in ("to_english", "to_sister"):
        assert 0 <= found[direction]["bleu"] <= 100 and 0 <= found[direction]["words"] <= 1


def test_a_supervised_model_is_given_pairs(part: ModuleType) -> None:
    assert part.learned("no_alignment", 0, 2, 8)["to_english"]["exact"] == 0


def test_clouds_are_judged_with_no_pair_ten_and_all(part: ModuleType) -> None:
    found = part.clouds(0, 300)
    for way in ("none", "ten", "all"):
        assert 0 <= found[way]["right"] <= 1
    assert found["all"]["right"] > 0.15  # a guess: 0.012


def test_other_starts_are_shares_of_words_and_ranks_beat_a_guess(part: ModuleType) -> None:
    found = part.starts(0, 300)
    assert all(0 <= share <= 1 for share in found.values())
    assert found["frequency"] > 0.05  # a guess: 0.012
    assert len(part.singles(0, 300)) == 8 and 0 <= part.returning(0) <= 1


def test_only_the_mark_tells_two_languages_apart_where_every_word_may_be_written(
    part: ModuleType,
) -> None:
    vocabulary = part.Vocabulary([*part.languages(0)[0], *part.languages(0)[1], ["<a>", "<b>"]])
    neither, mark, lists = (part.model_of(way, 0, vocabulary) for way in part.MARKED)
    assert neither.begins[0] == neither.begins[1] == lists.begins[0] == lists.begins[1]
    assert mark.begins[0] != mark.begins[1]
    assert neither.get_buffer("words").all() and mark.get_buffer("words").all()
    assert not lists.get_buffer("words").all()


@pytest.mark.skipif(
    not (data_root() / "cmn-eng" / "cmn.txt").exists(), reason="no cmn-eng in WODE_DATA"
)
def test_sentences_of_the_real_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    real = importlib.import_module("unsupervised_translation_tatoeba_experiment")
    monkeypatch.setattr(real, "TEST", 10)
    monkeypatch.setattr(real, "BATCH", 4)
    real.split.cache_clear()
    english, chinese = real.spoken(False)
    heard, read = set(map(tuple, english)), set(map(tuple, chinese))
    pairs = [(tuple(en), tuple(zh)) for en, zh in real.split().train]
    assert len(heard) > 5000 < len(read)
    assert not any(en in heard and zh in read for en, zh in pairs)
    for way in ("given", "pairs"):
        found = real.learned(way, 0, 2)
        assert 0 <= found["to_english"]["bleu"] < 20 and found["to_chinese"]["exact"] == 0
    real.split.cache_clear()
