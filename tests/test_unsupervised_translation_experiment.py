"""What the page `unsupervised-translation` and its experiments stand on, scaled down."""

import importlib
import itertools
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

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


@pytest.mark.parametrize("way", ["whole", "vectors", "two_encoders", "no_mark", "no_alignment"])
def test_each_way_learns(part: ModuleType, way: str) -> None:
    assert way in part.WAYS
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
