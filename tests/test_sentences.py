"""The translation pairs: the same for everyone, no test pair among those for training."""

import pytest

from wode.tasks.sentences import NOUNS, VERBS, is_held_out, meetings, translation_pairs


def test_the_same_pairs_for_the_same_seed():
    assert translation_pairs(50) == translation_pairs(50)
    assert translation_pairs(50) == translation_pairs(80)[:50]
    assert translation_pairs(50) != translation_pairs(50, seed=1)
    assert translation_pairs(0) == []


def test_no_sentence_twice_and_held_out_combinations_apart():
    train, new = translation_pairs(3000), translation_pairs(500, held_out=True)
    assert len({pair.zh for pair in train}) == 3000
    assert not {pair.zh for pair in train} & {pair.zh for pair in new}
    seen, unseen = ({(pair.verb, pair.form) for pair in pairs} for pairs in (train, new))
    assert not seen & unseen
    assert len(seen) + len(unseen) == len(VERBS) * 9
    assert {verb for verb, _ in unseen} <= {verb for verb, _ in seen}
    assert {form for _, form in unseen} <= {form for _, form in seen}
    assert sum(is_held_out(v, f) for v in range(len(VERBS)) for f in range(9)) == len(unseen) == 8


def test_every_word_of_the_test_occurs_in_training():
    train, new = translation_pairs(2000), translation_pairs(500, held_out=True)
    words = {word for pair in train for word in pair.en.lower().rstrip(".?").split()}
    unseen = {w for pair in new for w in pair.en.lower().rstrip(".?").split()} - words
    assert unseen == set()
    assert {c for pair in new for c in pair.zh} <= {c for pair in train for c in pair.zh}


def test_grammar():
    by_zh = {pair.zh: pair.en for pair in translation_pairs(20_000)}
    for zh, en in by_zh.items():
        assert zh.endswith("吗？") == en.endswith("?")
        assert en[0].isupper() and "  " not in en
        assert ("了" in zh) <= (not any(w in en for w in (" not ", " never ", " will ", "Will ")))
    assert sum("an umbrella" in en for en in by_zh.values()) > 10
    assert not any(
        "a umbrella" in en or ("an old" not in en and " a old" in en) for en in by_zh.values()
    )
    assert {noun.measure for noun in NOUNS} <= {c for zh in by_zh for c in zh}


@pytest.mark.parametrize("count", [-1, 20_001])
def test_a_count_that_cannot_be_had(count):
    with pytest.raises(ValueError, match=f"from 0 to 20000, got {count}"):
        translation_pairs(count)


def test_of_each_meeting_the_reverse_is_in_the_same_part():
    train, test = meetings()
    assert len({zh for zh, _ in train + test}) == len(train + test) == 12 * 11 * 6
    assert len(test) == 80
    for part in (train, test):
        words = [en.split() for _, en in part]
        right = {en for _, en in part}
        for _, who, did, _, whom in words:
            assert f"The {whom.rstrip('.')} {did} the {who}." in right
        english = {en.lower().rstrip(".").replace("the ", "") for _, en in part}
        assert len(english) == len(part)
    assert ("老师看见了学生。", "The teacher saw the student.") in train + test
