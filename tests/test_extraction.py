"""wode.extraction: windows are the reference's, answers stay whole; EM and F1 are SQuAD's."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bert import MINILM
from transformers import AutoTokenizer

from wode.extraction import text_of, tokens_of, windows
from wode.files.hub import find
from wode.wordpiece import WordPiece

sys.path.insert(0, str(Path(__file__).parents[1] / "snippets" / "1_NLP_basics"))
from question_answering import f1, normal

TOKENIZER = WordPiece.from_pretrained(MINILM)
REFERENCE: Any = AutoTokenizer.from_pretrained(find(MINILM).path)
TEXTS = st.lists(
    st.sampled_from(["Zoë", "unbelievable", "a", "ยิ้ม", "The", "end.", "é́", "12,5"]),
    min_size=1,
    max_size=30,
).map(" ".join)


@given(question=TEXTS, context=TEXTS, room=st.integers(2, 20), stride=st.integers(1, 20))
@settings(max_examples=80, deadline=None)
def test_windows_are_those_of_the_reference(question, context, room, stride):
    stride = min(stride, room)
    length = len(TOKENIZER.encode(question).ids) + room + 1
    ours = windows(TOKENIZER, question, context, length, stride)
    theirs = REFERENCE(
        question,
        context,
        truncation="only_second",
        max_length=length,
        stride=room - stride,  # there it is what two windows share
        return_overflowing_tokens=True,
    )
    assert [window.ids for window in ours] == theirs["input_ids"]
    assert [window.types for window in ours] == theirs["token_type_ids"]


@given(context=TEXTS, room=st.integers(4, 12), data=st.data())
@settings(max_examples=80, deadline=None)
def test_an_answer_no_longer_than_what_two_windows_share_is_whole_in_one(context, room, data):
    whole = TOKENIZER.encode("Who?", context)
    context_places = [i for i, which in enumerate(whole.sequence) if which == 1]
    first = data.draw(st.sampled_from(context_places))
    last = data.draw(
        st.sampled_from([p for p in context_places if 0 <= p - first < room - room // 2])
    )
    begin, end = whole.offsets[first][0], whole.offsets[last][1]
    parts = windows(TOKENIZER, "Who?", context, 5 + room, room // 2)
    found = [tokens_of(part, context, begin, end) for part in parts]
    held = [
        (part, places)
        for part, places in zip(parts, found, strict=True)
        if not isinstance(places, str)
    ]
    assert held
    for part in parts:  # each piece of the context stands in the window or in its cut
        kept = [span for span, which in zip(part.offsets, part.sequence, strict=True) if which == 1]
        cut = [(a, b) for _, a, b in part.cut]
        assert sorted(kept + cut) == sorted(whole.offsets[place] for place in context_places)
    for part, places in held:  # the marks after it too, whatever stands before or after the window
        assert text_of(part, context, *places) == text_of(whole, context, first, last)


def test_a_window_without_room_says_so():
    with pytest.raises(ValueError, match="expected a stride from 1 to the 4 pieces"):
        windows(TOKENIZER, "Who?", "a b c d e f g", 9, 5)
    with pytest.raises(ValueError, match="expected a pair with a context"):
        windows(TOKENIZER, "Who?", "", 9, 2)


@given(said=TEXTS, right=TEXTS)
@settings(max_examples=60, deadline=None)
def test_em_and_f1_are_squads(said, right):
    from torchmetrics.functional.text import squad

    given_ = [{"prediction_text": said, "id": "0"}]
    wanted = [{"answers": {"text": [right], "answer_start": [0]}, "id": "0"}]
    theirs = squad(given_, wanted)
    assert float(normal(said) == normal(right)) == float(theirs["exact_match"]) / 100
    torch.testing.assert_close(f1(said, right), float(theirs["f1"]) / 100, atol=1e-5, rtol=0)
