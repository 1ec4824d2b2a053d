"""The reviews that come with wode: what they share and what they do not."""

import re

import pytest

from wode.tasks.baselines import bag_of_words
from wode.tasks.reviews import MATERIAL, Material, reviews

SMALL = set(
    re.findall(
        r"\w+",
        "the was not at all i would never call rather what an a we that it is from to about our "
        "and their me this here one must be how could as of isn really after first thing on by in "
        "you they he she s t well up has no for",
    )
)  # words that say nothing for or against, nor what a review is about


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def content(material: Material) -> set[str]:
    verdicts = (words(text) for group in material.verdicts for text in group)
    adjectives = (set(group) for group in material.adjectives)
    return set(material.nouns).union(*verdicts, *adjectives) - SMALL


def test_enough_and_balanced() -> None:
    for count, held_out in ((640, False), (240, True), (2000, False)):
        pairs = reviews(count, held_out=held_out)
        assert len({pair.first for pair in pairs}) == count
        assert sum(pair.label for pair in pairs) == count // 2
        assert all(pair.second is None for pair in pairs)


def test_the_same_seed_gives_the_same_reviews() -> None:
    assert reviews(50) == reviews(50) != reviews(50, seed=1)
    assert not set(reviews(640)) & set(reviews(640, held_out=True))


def test_no_content_word_and_no_template_is_shared() -> None:
    assert not content(MATERIAL.train) & content(MATERIAL.held_out)
    both = [{re.sub(r"\{\w+\}", "", t) for t in (*m.plain, *m.negated, *m.open)} for m in MATERIAL]
    assert not both[0] & both[1]
    train = MATERIAL.train
    assert len(both[0]) == len(train.plain + train.negated + train.open)
    negations = [
        {w for t in m.negated for w in words(t) & {"not", "never", "nobody", "isn"}}
        for m in MATERIAL
    ]
    assert all(negations) and not negations[0] & negations[1]


@pytest.mark.parametrize("material", MATERIAL, ids=MATERIAL._fields)
def test_blame_and_praise_are_different_words(material: Material) -> None:
    against, in_favour = material.adjectives
    assert len(set(against)) == len(set(in_favour)) == 12 and not set(against) & set(in_favour)
    assert not set(material.verdicts[0]) & set(material.verdicts[1])
    assert len(set(material.nouns)) == len(material.nouns) == 20


def test_labels_follow_the_words() -> None:
    for pair in reviews(500):
        negated = "not" in pair.first.split() or "never" in pair.first.split()
        for label, group in enumerate(MATERIAL.train.adjectives):
            if words(pair.first) & set(group):
                assert pair.label == (1 - label if negated else label), pair
        assert not re.search(r"\ba [aeiou]|\ban [^aeiou]", pair.first), pair


def test_counting_words_does_not_help() -> None:
    train, held_out = (
        [(pair.first, pair.label) for pair in pairs]
        for pairs in (reviews(640), reviews(240, held_out=True))
    )
    assert bag_of_words(train, train) > 0.7
    assert 0.4 < bag_of_words(train, held_out) < 0.6


@pytest.mark.parametrize("count", [-1, 2001])
def test_too_many(count: int) -> None:
    with pytest.raises(ValueError, match=f"from 0 to 2000, got {count}"):
        reviews(count)
