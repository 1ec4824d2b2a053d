"""The small tasks: the sentences held out, the files they stand in, and the baselines."""

import re

import pytest
import torch

from wode.bert import Bert
from wode.data.formats import Tagged
from wode.files.hub import MINILM
from wode.tasks.baselines import (
    bag_of_words,
    best_threshold,
    frozen_vectors,
    nearest_answer,
    sentence_vectors,
    shared_words,
)
from wode.tasks.heads import (
    DATES,
    EVENTS,
    LETTERS,
    MONTHS,
    NAMES,
    QUESTIONS,
    SUBJECTS,
    Sentences,
    asked,
    dates,
    letters,
    names,
    questions,
)
from wode.tasks.questions import Item
from wode.tasks.reader import FOLDER, read_jsonl, read_toml
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


def test_an_answers_places_are_its_words():
    some = questions(40, 3, held_out=True)
    first, then, places = asked(some)
    for question, a, b, (begin, end) in zip(some, first, then, places.tolist(), strict=True):
        assert " ".join((a + b)[begin : end + 1]) == question.answers[0].text
        assert begin >= len(a)


def test_no_frame_and_no_content_word_is_shared():
    for task in (LETTERS, NAMES, EVENTS):
        seen, new = (
            words([*part.frames, *(phrase for phrases in part.fill.values() for phrase in phrases)])
            for part in task
        )
        assert not seen & new
    seen, new = ([q for forms in part.values() for q in forms] for part in QUESTIONS)
    assert not set(seen) & set(new)
    assert not words(seen) & words(new)
    assert not words(DATES.train) & words(DATES.held_out)


def test_letters_are_balanced():
    for held_out in (False, True):
        labels = [label for _, label in letters(held_out)]
        assert {labels.count(n) for n in range(len(SUBJECTS))} == {len(labels) // len(SUBJECTS)}


def test_tags_name_whole_names():
    for held_out in (False, True):
        for sentence in names(60, 1, held_out):
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
    for held_out in (False, True):
        for question in questions(80, 2, held_out):
            ((text, begin),) = question.answers
            assert question.context[begin : begin + len(text)] == text
            assert text not in question.question, question
            assert question.context.count(text) == 1


def test_dates_are_apart_and_can_be_written():
    tokenizer = WordPiece.from_pretrained(MINILM)
    days = []
    for held_out in (False, True):
        pairs = dates(300, 1, held_out, range(1900, 2000))
        days.append({tuple(target.split()[1:]) for _, target in pairs})
        for text, target in pairs:
            year, month, day = target.split()
            assert MONTHS[int(month) - 1] in text
            assert re.search(rf"\b{day}\b", text)
            assert re.search(rf"\b{year}\b", text)
            assert len(tokenizer.tokens(target)) == 3  # each number is one piece
    assert not days[0] & days[1]


def test_a_broken_data_file_is_named_with_what_is_wrong(tmp_path):
    toml = (FOLDER / "heads.toml").read_text(encoding="utf-8")
    path = tmp_path / "heads.toml"
    for damaged, reason in (
        (toml.replace('"October",', '"October"', 1), "Unclosed array"),
        (toml.replace('"October"', "10", 1), r"months\.9: Input should be a valid string"),
        (toml.replace("frames =", "frame =", 1), r"letters\.train\.frames: Field required"),
    ):
        path.write_text(damaged, encoding="utf-8")
        with pytest.raises(ValueError, match=rf"heads\.toml: .*{reason}"):
            read_toml(path, Sentences)


def test_a_broken_line_is_named_with_what_is_wrong(tmp_path):
    lines = (FOLDER / "question_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "pairs.jsonl"
    for damaged, reason in (
        (lines[2][:-1], "Expecting"),
        (lines[2].replace('"topic"', '"theme"'), "topic: Field required"),
        (lines[2].replace('"label": 1', '"label": 2'), "label: Input should be 0 or 1"),
    ):
        path.write_text("\n".join([*lines[:2], damaged, *lines[3:]]), encoding="utf-8")
        with pytest.raises(ValueError, match=rf"pairs\.jsonl:3: .*{reason}"):
            read_jsonl(path, Item)


def test_the_data_files_are_for_people_to_read():
    for path in FOLDER.glob("*.toml"):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# ") and "\\" not in text, path
    assert "\\" not in (FOLDER / "question_pairs.jsonl").read_text(encoding="utf-8")


# ---------------------------------------------------------------- the baselines


def test_baselines_that_know_words():
    learned = [("red apples grow", "fruit"), ("the train is late", "travel")]
    assert nearest_answer(learned, "a late bus") == "travel"
    assert bag_of_words(learned, [("red pears", "fruit"), ("the train", "fruit")]) == 0.5
    assert shared_words("The cat sat.", "the CAT ran") == 2 / 4
    assert shared_words("The cat sat.", "the CAT ran", {"the"}) == 1 / 3
    assert shared_words("the", "The", {"the"}) == 0


def test_frozen_vectors_know_what_words_alone_do_not():
    """The letters' training and held-out words are disjoint: counting words is guessing."""
    bert, tokenizer = Bert.from_pretrained(MINILM), WordPiece.from_pretrained(MINILM)
    learned, test = letters(), letters(held_out=True)
    assert frozen_vectors(bert, tokenizer, learned, test) > 0.9
    assert bag_of_words(learned, test) < 0.5
    blind = [(text, label) for (text, _), (_, label) in zip(test, test[::-1], strict=True)]
    assert frozen_vectors(bert, tokenizer, learned, blind) < 0.3


def test_the_best_threshold_gets_most_right():
    scores, labels = torch.tensor([0.1, 0.4, 0.35, 0.8]), torch.tensor([0, 0, 1, 1])
    threshold = best_threshold(scores, labels)
    assert ((scores >= threshold).long() == labels).sum() == 3
    assert best_threshold(scores, torch.tensor([0, 1, 0, 1])) == pytest.approx(0.4)


def test_a_sentence_vector_is_the_same_in_any_company_and_mode():
    bert, tokenizer = Bert.from_pretrained(MINILM), WordPiece.from_pretrained(MINILM)
    bert.train()  # dropout would make two calls differ
    sentences = [f"{'very ' * (n % 5)}long sentence number {n}" for n in range(66)]
    vectors = sentence_vectors(bert, tokenizer, sentences)  # in two batches
    torch.testing.assert_close(vectors.norm(dim=1), torch.ones(66))
    alone = torch.cat([sentence_vectors(bert, tokenizer, [s]) for s in sentences[62:]])
    torch.testing.assert_close(vectors[62:], alone, atol=1e-5, rtol=0)
