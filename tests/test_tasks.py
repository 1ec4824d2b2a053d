"""The small tasks: training and held-out sentences share no frame and no content word."""

import re

from wode.data.formats import Tagged
from wode.files.hub import MINILM
from wode.tasks.heads import (
    DATES,
    EVENTS,
    LETTERS,
    MONTHS,
    NAMES,
    QUESTIONS,
    SUBJECTS,
    dates,
    letters,
    names,
    questions,
)
from wode.wordpiece import WordPiece

FUNCTION_WORDS = set(
    re.findall(
        r"\w+",
        "a an the this that these my me i we us you your it its is are was were be been has have "
        "had he she her his they here who what which where when how did do does not no nobody "
        "one there of in on at to from by with for about out into near above as and or but so "
        "after before between because while off up than again still can if all too our "
        "some s t more",
    )
)


def words(texts: list[str]) -> set[str]:
    """The content words of texts, lowercased."""
    return (
        set(re.findall(r"[a-z0-9]+", re.sub(r"{\w+}", "", " ".join(texts)).lower()))
        - FUNCTION_WORDS
    )


def test_no_frame_and_no_content_word_is_shared():
    for task in (LETTERS, NAMES, EVENTS):
        seen, new = (
            words([*part.frames, *(phrase for phrases in part.fill.values() for phrase in phrases)])
            for part in (task[False], task[True])
        )
        assert not seen & new
    asked = {new: [q for forms in QUESTIONS[new].values() for q in forms] for new in QUESTIONS}
    assert not set(asked[False]) & set(asked[True])
    assert not words(asked[False]) & words(asked[True])
    assert not words(list(DATES[False])) & words(list(DATES[True]))


def test_letters_are_balanced():
    for new in (False, True):
        labels = [label for _, label in letters(new)]
        assert {labels.count(n) for n in range(len(SUBJECTS))} == {len(labels) // len(SUBJECTS)}


def test_tags_name_whole_names():
    for new in (False, True):
        for sentence in names(60, 1, new):
            assert len(sentence.words) == len(sentence.tags)
            for before, tag in zip(["O", *sentence.tags], sentence.tags, strict=False):
                if tag.startswith("I-"):
                    assert before[2:] == tag[2:], sentence
    assert names(9, 3) == names(9, 3) != names(9, 4)
    red = next(s for s in names(200) if "Red" in s.words)
    assert isinstance(red, Tagged)
    at = red.words.index("Red")
    assert red.tags[at - 1 : at + 2] == ["O", "B-firm", "I-firm"]


def test_answers_stand_in_their_context():
    for new in (False, True):
        for question in questions(80, 2, new):
            ((text, begin),) = question.answers
            assert question.context[begin : begin + len(text)] == text
            assert text not in question.question, question
            assert question.context.count(text) == 1


def test_dates_are_apart_and_can_be_written():
    tokenizer = WordPiece.from_pretrained(MINILM)
    days = []
    for new in (False, True):
        found = dates(300, 1, new, range(1900, 2000))
        days.append({tuple(target.split()[1:]) for _, target in found})
        for text, target in found:
            year, month, day = target.split()
            assert MONTHS[int(month) - 1] in text
            assert re.search(rf"\b{day}\b", text)
            assert re.search(rf"\b{year}\b", text)
            assert len(tokenizer.tokens(target)) == 3  # each number is one piece
    assert not days[0] & days[1]
