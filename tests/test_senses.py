"""The sentences with senses: balanced, the word once in each, training and held out apart."""

from itertools import pairwise

import pytest

from wode.tasks.senses import SENSES, WORDS, sentences


def of_note(word: str, texts: list[str]) -> set[str]:
    """Words, or pairs of characters side by side, but for the common ones."""
    if word.isascii():
        found = {one for text in texts for one in text.lower().replace(",", "").split()}
        return found - set(SENSES.common_en.split())
    pairs = {a + b for text in texts for a, b in pairwise(text) if "，" not in a + b}
    return pairs - set(SENSES.common_zh.split())


@pytest.mark.parametrize("word", WORDS)
def test_forty_sentences_a_sense_with_the_word_once(word: str) -> None:
    for held_out in (False, True):
        found = sentences(word, held_out)
        senses = [one.sense for one in found]
        assert {senses.count(sense) for sense in senses} == {40}
        assert len({one.text for one in found}) == len(found)
        for one in found:
            assert [token.lower() for token in one.tokens].count(word) == 1
            assert one.tokens[one.place].lower() == word
            assert (word in one.text.lower()) and "{" not in one.text


@pytest.mark.parametrize("word", WORDS)
def test_no_word_of_note_is_learned_from_and_held_out(word: str) -> None:
    parts = SENSES.words[word]
    clauses = [
        of_note(word, [text for texts in part.clauses.values() for text in texts]) for part in parts
    ]
    shared = clauses[0] & clauses[1]
    assert not shared
    frames = [set(part.frames or SENSES.frames_zh[n]) for n, part in enumerate(parts)]
    assert not frames[0] & frames[1]


@pytest.mark.parametrize("word", WORDS)
def test_all_senses_stand_in_the_same_frames(word: str) -> None:
    for held_out in (False, True):
        found = sentences(word, held_out)
        part = SENSES.words[word][held_out]
        frames = part.frames or SENSES.frames_zh[held_out]
        by_sense: dict[str, list[int]] = {}
        for one in found:
            for n, frame in enumerate(frames):
                before, after = frame.split("{}")
                if one.text.lower().startswith(before.lower()) and one.text.endswith(after):
                    by_sense.setdefault(one.sense, []).append(n)
        counts = [sorted(one) for one in by_sense.values()]
        assert all(one == counts[0] for one in counts)
