"""wode.tasks.stories: what is learned from and what is held out have no content word in common."""

import re

import pytest
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from wode.tasks.stories import stories


def words(held_out: bool) -> set[str]:
    text = " ".join(sentence for story in stories(held_out) for sentence in story)
    return {*re.findall(r"[a-z]+", text.lower())} - ENGLISH_STOP_WORDS


@pytest.mark.parametrize("held_out", [False, True])
def test_three_sentences_each_and_none_twice(held_out: bool) -> None:
    sentences = [sentence for story in stories(held_out) for sentence in story]
    assert {len(story) for story in stories(held_out)} == {3}
    assert len({*sentences}) == len(sentences) == 3 * (30 if held_out else 60)
    assert all(sentence[0].isupper() and sentence[-1] == "." for sentence in sentences)


def test_no_content_word_is_learned_from_and_held_out() -> None:
    assert not words(False) & words(True)


def test_a_caller_cannot_change_them() -> None:
    stories()[0].append("The end.")
    assert len(stories()[0]) == 3
