"""wode.heads equals the heads of transformers, and an impossible span cannot come out."""

import functools
import itertools
import math
import re
from typing import Any

import pytest
import torch
from helpers import assert_same_gradients, gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bert import MINILM, SMALL, configs, reference_of
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import (
    BertForMaskedLM,
    BertForQuestionAnswering,
    BertForSequenceClassification,
    BertForTokenClassification,
)

from wode.bert import Bert, Config
from wode.data.formats import read_squad
from wode.files.download import data_root
from wode.heads import (
    SequenceClassifier,
    SequenceWriter,
    SpanReader,
    TokenClassifier,
    best_span,
    context_of,
    first_pieces,
    prefix_visible,
    text_of,
    tokens_of,
    written,
)
from wode.training import train
from wode.wordpiece import SPECIAL, WordPiece

cross_entropy = nn.functional.cross_entropy


def pair_of(kind: str, config: Config, labels: int, attention: str) -> tuple[Any, Any]:
    """Our head and the reference's, with the same random weights."""
    settings_ = reference_of(config, attention)
    bert = Bert(config)
    ours: Any
    theirs: Any
    if kind == "sequence":
        settings_.num_labels = labels
        ours, theirs = SequenceClassifier(bert, labels), BertForSequenceClassification(settings_)
    elif kind == "token":
        settings_.num_labels = labels
        ours, theirs = TokenClassifier(bert, labels), BertForTokenClassification(settings_)
    elif kind == "span":
        ours, theirs = SpanReader(bert), BertForQuestionAnswering(settings_)
    else:
        ours, theirs = SequenceWriter(bert), BertForMaskedLM(settings_)
    randomise(theirs)
    weights = {name: w for name, w in theirs.state_dict().items() if "position_ids" not in name}
    assert ours.state_dict().keys() - {"cls.predictions.bias"} == weights.keys() - {
        "cls.predictions.bias"
    }
    ours.load_state_dict(weights)
    return ours, theirs


def close(ours: Tensor, theirs: Tensor) -> bool:
    return torch.allclose(ours, theirs, atol=1e-4, rtol=1e-4)


shapes = {
    "config": configs,
    "B": st.integers(1, 5),
    "T": st.integers(2, 12),
    "kind": st.sampled_from(["none", "right", "left", "holes"]),
    "attention": st.sampled_from(["eager", "sdpa"]),
    "seed": st.integers(0, 2**32),
}


@given(**shapes, labels=st.integers(2, 5), head=st.sampled_from(["sequence", "token"]))
@settings(max_examples=50)
def test_classifiers_equal_the_reference(config, B, T, kind, attention, seed, labels, head):
    torch.manual_seed(seed)
    ours, theirs = pair_of(head, config, labels, attention)
    ids, mask, types = torch.randint(50, (B, T)), masks(kind, B, T), torch.randint(2, (B, T))
    mask[:, 0] = 1  # where padding stands first there is no [CLS] to judge
    given_mask = None if kind == "none" else mask
    logits = ours(ids, given_mask, types)
    if head == "sequence":
        wanted = torch.randint(labels, (B,))
        expected = theirs(ids, given_mask, types, labels=wanted)
        assert close(logits, expected.logits)
    else:
        wanted = torch.randint(labels, (B, T)).masked_fill(mask == 0, -100)
        expected = theirs(ids, given_mask, types, labels=wanted)
        assert close(logits.transpose(1, 2)[mask == 1], expected.logits[mask == 1])
    loss = cross_entropy(logits, wanted)
    assert close(loss, expected.loss)
    loss.backward()
    expected.loss.backward()
    assert_same_gradients(ours, gradients(theirs))


@given(**shapes)
@settings(max_examples=40)
def test_reader_equals_the_reference(config, B, T, kind, attention, seed):
    """The reference lets padding take probability; to compare, its padding is left out."""
    torch.manual_seed(seed)
    ours, theirs = pair_of("span", config, 2, attention)
    ids, mask, types = torch.randint(50, (B, T)), masks(kind, B, T), torch.randint(2, (B, T))
    given_mask = None if kind == "none" else mask
    real = mask.bool()
    places = torch.stack([torch.multinomial(mask.float(), 1)[:, 0] for _ in range(2)], dim=1)
    logits = ours(ids, given_mask, types)
    expected = theirs(ids, given_mask, types)
    both = torch.stack([expected.start_logits, expected.end_logits], dim=-1)
    assert close(logits[real], both[real])
    assert (logits[~real] == -torch.inf).all()
    loss = cross_entropy(logits, places)
    if kind == "none":
        expected_loss = theirs(
            ids, None, types, start_positions=places[:, 0], end_positions=places[:, 1]
        ).loss
    else:
        both = both.where(real[:, :, None], torch.tensor(-1e30))
        expected_loss = cross_entropy(both, places)
    assert close(loss, expected_loss)
    loss.backward()
    expected_loss.backward()
    assert_same_gradients(ours, gradients(theirs))


@given(**shapes)
@settings(max_examples=40)
def test_writer_equals_the_reference_with_the_prefix_mask(config, B, T, kind, attention, seed):
    torch.manual_seed(seed)
    ours, theirs = pair_of("writer", config, 2, attention)
    ids, mask = torch.randint(50, (B, T)), masks(kind, B, T)
    mask[:, :2] = 1
    source = torch.randint(1, T, (B, 1))
    types = (torch.arange(T) >= source).long()
    types[:, 1] = 1  # at least one word to write, whose predecessor is there
    seen = torch.zeros(B, T, T, dtype=torch.bool)  # the mask as the paper words it
    for b, i, j in itertools.product(range(B), range(T), range(T)):
        seen[b, i, j] = bool(mask[b, j]) and (types[b, j] == 0 or j <= i)
    mask_given = None if kind == "none" else mask
    logits = ours(ids, mask_given, types)
    wanted = written(types, mask_given)
    hidden = theirs(
        ids, seen[:, None].float().log() if attention == "eager" else seen[:, None], types
    )
    rows, columns = wanted.nonzero(as_tuple=True)
    there = mask[rows, columns - 1] == 1  # a hole before a word: nothing to predict from
    assert close(logits[there], hidden.logits[rows, columns - 1][there])
    loss = cross_entropy(logits[there], ids[wanted][there])
    expected = cross_entropy(hidden.logits[rows, columns - 1][there], ids[wanted][there])
    loss.backward()
    expected.backward()
    assert_same_gradients(ours, gradients(theirs))


def test_a_word_to_write_is_not_seen_beforehand():
    torch.manual_seed(0)
    model = SequenceWriter(Bert(SMALL)).eval()
    ids, types = torch.randint(50, (1, 8)), torch.tensor([[0, 0, 0, 1, 1, 1, 1, 1]])
    logits = model(ids, None, types)
    for changed in range(3, 8):
        other = ids.clone()
        other[0, changed] = (ids[0, changed] + 1) % 50
        moved = (model(other, None, types) - logits).abs().amax(dim=1) > 1e-6
        assert moved.tolist() == [place > changed for place in range(3, 8)]
    other = ids.clone()
    other[0, 1] = (ids[0, 1] + 1) % 50
    assert ((model(other, None, types) - logits).abs().amax(dim=1) > 1e-6).all()
    assert prefix_visible(types)[0, 0].tolist() == [True] * 3 + [False] * 5


def test_write_reads_what_it_wrote():
    """Written word by word in a batch = each word the best one after all before it, alone."""
    torch.manual_seed(0)
    tokenizer = WordPiece.from_pretrained(MINILM)
    model = SequenceWriter.from_pretrained(MINILM)
    texts = ["one two three", "a much longer sentence about birds", ""]
    for longest in (1, 5):
        for text, answer in zip(texts, model.write(tokenizer, texts, longest), strict=True):
            ids = tokenizer.encode(text).ids
            source = len(ids)
            for _ in range(longest):
                types = (torch.arange(len(ids) + 1) >= source).long()[None]
                logits = model.eval()(torch.tensor([[*ids, 0]]), None, types)
                ids.append(int(logits[-1].argmax()))
                if ids[-1] == tokenizer.vocabulary["[SEP]"]:
                    break
            assert answer == tokenizer.decode(i for i in ids[source:] if i != 102)
    assert not model.training


def test_no_parameter_waits_for_a_gradient():
    """DistributedDataParallel waits for every parameter's gradient."""
    ids, types = torch.randint(50, (2, 6)), torch.tensor([[0, 0, 0, 1, 1, 1]] * 2)
    bert = Bert(SMALL)
    heads = (SequenceClassifier(bert, 3), TokenClassifier(bert, 3), SpanReader(bert))
    for model in (*heads, SequenceWriter(bert)):
        model.zero_grad()
        model(ids, torch.ones_like(ids), types).square().sum().backward()
        missing = [name for name, p in model.named_parameters() if p.grad is None]
        assert not missing, type(model)
    assert heads[1].bert.encoder is bert.encoder, "the weights are shared"
    assert hasattr(bert, "pooler"), "the encoder that was given is as it was"


@pytest.mark.parametrize("head", ["sequence", "token", "span", "writer"])
def test_learns_under_train(head):
    torch.manual_seed(0)
    config = Config(50, 32, 2, 4, 64, 0.0, 0.0, max_position_embeddings=12)
    data: Any = []
    for _ in range(64):
        ids = torch.randint(5, 50, (8,))
        types = torch.tensor([0] * 5 + [1] * 3)
        if head == "sequence":
            wanted = (ids[1] > 27).long()
        elif head == "token":
            wanted = (ids > 27).long()
        elif head == "span":
            wanted = torch.stack([ids.argmax(), ids.argmax()])
        else:
            ids[5:] = ids[1]
            wanted = ids[5:]
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        data.append((inputs | {"token_type_ids": types}, wanted))

    def collate(samples):
        inputs = {name: torch.stack([x[name] for x, _ in samples]) for name in samples[0][0]}
        labels = [label for _, label in samples]
        return inputs, torch.cat(labels) if head == "writer" else torch.stack(labels)

    bert = Bert(config)
    model = {
        "sequence": lambda: SequenceClassifier(bert, 2),
        "token": lambda: TokenClassifier(bert, 2),
        "span": lambda: SpanReader(bert),
        "writer": lambda: SequenceWriter(bert),
    }[head]()
    loader = DataLoader(data, 16, shuffle=True, collate_fn=collate)
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    rows = train(model, loader, optimizer, cross_entropy, epochs=15, progress=False)
    assert rows[-1]["loss"] < 0.7 * rows[0]["loss"]


# ---------------------------------------------------------------- spans and words


@given(
    scores=st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=12),
    data=st.data(),
    longest=st.integers(1, 14),
)
def test_best_span_equals_brute_force(scores, data, longest):
    start, end = torch.tensor(scores, dtype=torch.float).unbind(dim=1)
    first = data.draw(st.integers(0, len(scores) - 1))
    last = data.draw(st.integers(first, len(scores) - 1))
    found = best_span(start, end, first, last, longest)
    valid = [
        (i, j) for i in range(first, last + 1) for j in range(i, last + 1) if j - i + 1 <= longest
    ]
    assert found in valid
    best = max(float(start[i] + end[j]) for i, j in valid)
    assert math.isclose(float(start[found[0]] + end[found[1]]), best)


def test_best_span_refuses_what_is_impossible():
    scores = torch.zeros(5)
    for first, last, longest in ((3, 2, 4), (-1, 2, 4), (0, 5, 4), (1, 3, 0)):
        with pytest.raises(ValueError, match=f"no span is possible: first {first}, last {last}"):
            best_span(scores, scores, first, last, longest)
    with pytest.raises(ValueError, match=r"got \(5,\) and \(4,\)"):
        best_span(scores, scores[:4], 0, 1, 1)


TOKENIZER = WordPiece.from_pretrained(MINILM)
CONTEXTS = [
    "Café Zoë opened in 1887, near the river Aare.",
    "他在一九八七年的冬天来到北京，住在胡同里。",
    "The naïve 中文 word — it’s ‘here’ 🙂 now",
]


@given(context=st.sampled_from(CONTEXTS), data=st.data())
def test_a_span_leads_back_to_the_text(context, data):
    """Characters → tokens → characters: exactly the answer, if it begins and ends with pieces."""
    encoding = TOKENIZER.encode("Where? 哪里？", context)
    first, last = context_of(encoding)
    i = data.draw(st.integers(first, last))
    j = data.draw(st.integers(i, last))
    begin, end = encoding.offsets[i][0], encoding.offsets[j][1]
    assert tokens_of(encoding, context, begin, end) == (i, j)
    assert text_of(encoding, context, i, j) == context[begin:end]


def test_an_answer_inside_a_piece_gives_the_whole_piece():
    context = "It was built in 1887."
    encoding = TOKENIZER.encode("When?", context)
    begin = context.index("88")
    places = tokens_of(encoding, context, begin, begin + 2)
    assert not isinstance(places, str)
    assert text_of(encoding, context, *places) == "1887"


def test_an_answer_that_was_cut_off_is_said_to_be():
    context = "one two three four five six"
    short = TOKENIZER.encode("Which?", context, max_length=7)
    assert text_of(short, context, *context_of(short)) == "one two"
    assert tokens_of(short, context, 0, 7) == tokens_of(short, context, 0, 8) == (4, 5)
    assert tokens_of(short, context, 0, 13) == tokens_of(short, context, 8, 13) == "cut off"
    assert tokens_of(short, context, 7, 8) == tokens_of(short, context, 13, 14) == "no token"
    assert {tokens_of(short, context, n, n) for n in range(len(context))} == {"no token"}
    for begin, end in ((-1, 3), (3, 2), (0, 28)):
        with pytest.raises(ValueError, match=f"context's 27 characters, got {begin} to {end}"):
            tokens_of(short, context, begin, end)
    with pytest.raises(ValueError, match="no token of a second text"):
        context_of(TOKENIZER.encode("one text only"))


@pytest.mark.parametrize(
    ("answer", "tokens", "text"),
    [
        ("E23 ", "e ##23", "E23"),
        (" E23", "e ##23", "E23"),
        ("\u200b E23\t\n", "e ##23", "E23"),
        ("cafe\u0301", "cafe", "cafe\u0301"),
        (" cafe\u0301 ", "cafe", "cafe\u0301"),
        (
            "\u05e9\u05bb\u05dc\u05b0",
            "\u05e9 ##\u05dc",
            "\u05e9\u05bb\u05dc\u05b0",
        ),  # Hebrew, points at its end
        ("\u0e17\u0e35\u0e48", "\u0e17", "\u0e17\u0e35\u0e48"),  # Thai, a vowel and a tone
    ],
)
def test_what_has_no_token_at_an_answers_ends_is_passed_over(answer, tokens, text):
    context = f"so {answer} is"
    encoding = TOKENIZER.encode("What?", context)
    places = tokens_of(encoding, context, 3, 3 + len(answer))
    assert not isinstance(places, str)
    found = [TOKENIZER.pieces[n] for n in encoding.ids[places[0] : places[1] + 1]]
    assert found == tokens.split()
    assert text_of(encoding, context, *places) == text


def test_a_mark_with_a_token_of_its_own_is_not_the_letters():
    names = (*SPECIAL, "a", "##\u0301")
    cased = WordPiece({name: n for n, name in enumerate(names)}, lowercase=False)
    for room, places, text in ((None, (2, 3), "a\u0301"), (4, "cut off", "")):
        encoding = cased.encode("", "a\u0301", room)
        assert tokens_of(encoding, "a\u0301", 0, 2) == places
        assert text_of(encoding, "a\u0301", 2, 2) == "a"
        assert not text or text_of(encoding, "a\u0301", 2, 3) == text


ODD = " \t\u00a0\u200b\u200d\ufe0f\u0301\u0323\u0e34\u0e48\u0e17\u05b0\u05e9\x01"
DRAWN = st.text(st.sampled_from(ODD + "aE\u00e9\u4e2d.23"), max_size=24)


@given(context=DRAWN, data=st.data(), lowercase=st.booleans())
@settings(max_examples=400)
def test_an_answer_has_its_tokens_or_the_reason_why_not(context, data, lowercase):
    """Against the whole text's pieces, counted one by one, in a window of any length."""
    tokenizer = WordPiece(TOKENIZER.vocabulary, lowercase)
    begin = data.draw(st.integers(0, len(context)))
    end = data.draw(st.integers(begin, len(context)))
    room = data.draw(st.integers(3, 40))
    encoding = tokenizer.encode("", context, room)
    pieces = tokenizer.pieces_of(context)
    inside = {*range(begin, end)}
    wanted = [n for n, (_, a, b) in enumerate(pieces) if not inside.isdisjoint(range(a, b))]
    found = tokens_of(encoding, context, begin, end)
    if not wanted:
        assert found == "no token"
    elif wanted[-1] >= room - 3:  # behind [CLS] [SEP]
        assert found == "cut off"
    else:
        assert found == (wanted[0] + 2, wanted[-1] + 2)
        assert not isinstance(found, str)
        text = text_of(encoding, context, *found)
        held = context[pieces[wanted[0]].start :]
        after = pieces[wanted[-1] + 1].start if wanted[-1] + 1 < len(pieces) else len(context)
        assert held.startswith(text) and pieces[wanted[0]].start + len(text) <= max(
            after, pieces[wanted[-1]].end
        )
        rest = context[pieces[wanted[-1]].end : after]
        marks = re.match(r"[\u0301\u0323\ufe0f\u0e34\u0e48\u05b0]*", rest)
        assert marks is not None
        assert text == context[pieces[wanted[0]].start : pieces[wanted[-1]].end] + marks[0]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_answer_of_xquad_has_its_place(lang):
    path = data_root() / "xquad" / f"xquad.{lang}.json"
    if not path.exists():
        pytest.skip(f"no {path}: WODE_DATA names the folder of the real data sets")
    encode = functools.cache(functools.partial(TOKENIZER.encode, "Which?"))
    for number, question in enumerate(read_squad(path)):
        text, begin = question.answers[0]
        for around in ("", " ", "\u200b")[: 1 if number % 20 else 3]:  # as some files have it
            answer = around + text + around
            context = question.context[:begin] + answer + question.context[begin + len(text) :]
            encoding = encode(context)
            places = tokens_of(encoding, context, begin, begin + len(answer))
            assert not isinstance(places, str), question.id
            assert text.strip() in text_of(encoding, context, *places)


def test_scores_that_choose_nothing_are_no_span():
    start, end = torch.zeros(5), torch.zeros(5)
    start[0] = end[0] = math.nan  # the question's: no span begins there
    assert best_span(start, end, 1, 3, 2) == (1, 1)
    end[2] = math.nan
    with pytest.raises(FloatingPointError, match="expected a finite score to be the largest"):
        best_span(start, end, 1, 3, 2)
    nothing = torch.full((5,), -math.inf)
    with pytest.raises(FloatingPointError, match="got -inf in scores"):
        best_span(nothing, nothing, 1, 3, 2)
    some = nothing.clone()
    some[3] = 0
    assert best_span(some, some, 1, 3, 2) == (3, 3)


def test_a_word_begins_with_its_first_piece():
    words = ["Unbelievably", "good", "\u200b", "中文", "!?"]
    text = " ".join(words)
    encoding = TOKENIZER.encode(text)
    found = first_pieces(encoding, words)
    assert [None if i is None else text[slice(*encoding.offsets[i])] for i in found] == [
        "Un", "good", None, "中", "!"
    ]  # fmt: skip
    assert first_pieces(TOKENIZER.encode(text, max_length=4), words) == [1, None, None, None, None]


def test_writer_wants_to_know_where_to_write():
    with pytest.raises(ValueError, match="token_type_ids"):
        SequenceWriter(Bert(SMALL))(torch.ones(1, 3, dtype=torch.long))
