"""The shapes of tasks: four patterns, words and their vectors, answers in two forms, trees."""

import itertools
import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from wode.bert import Bert, Config
from wode.files.hub import MINILM
from wode.patterns import (
    Pattern,
    WordEncoder,
    brackets,
    fit,
    heads_of,
    is_tree,
    scores,
    span_tags,
    tagged_spans,
    words_of,
)
from wode.tasks.trees import MATERIAL, trees
from wode.wordpiece import WordPiece

sizes = st.integers(1, 5)


@given(B=sizes, T=sizes, C=sizes, E=sizes, seed=st.integers(0, 99), data=st.data())
def test_scores_are_their_formulas_column_by_column(
    B: int, T: int, C: int, E: int, seed: int, data: st.DataObject
) -> None:
    lengths = data.draw(st.lists(st.integers(1, T), min_size=B, max_size=B))
    torch.manual_seed(seed)
    hidden = torch.randn(B, T, E)
    real = torch.arange(T) < torch.tensor(lengths)[:, None]
    classes, ends, tie = nn.Linear(E, C), nn.Linear(E, 2), nn.Linear(E, E)
    got = {
        "class": scores(classes, hidden, real, "class"),
        "token": scores(classes, hidden, real, "token"),
        "copy": scores(ends, hidden, real, "copy"),
        "arc": scores(tie, hidden, real, "arc"),
    }
    shapes = {"class": (B, C), "token": (B, C, T), "copy": (B, T, 2), "arc": (B, T, T)}
    assert {name: tuple(table.shape) for name, table in got.items()} == shapes
    for b, n in enumerate(lengths):
        h = hidden[b, :n]  # (n, E): what there is
        expected = {
            "class": classes(h.mean(dim=0)),
            "token": torch.stack([classes(one) for one in h], dim=1),
            "copy": torch.stack([ends(one) for one in h]),
            "arc": torch.stack([torch.stack([i @ tie(t) for t in h]) for i in h]),
        }
        for name, table in expected.items():
            ours = got[name][b]
            there = ours[:, :n] if name == "token" else ours[:n, :n] if name == "arc" else ours
            there = there[:n] if name == "copy" else there
            assert torch.allclose(there, table, atol=1e-5), name
        assert (got["copy"][b, n:] == -torch.inf).all()
        assert (got["arc"][b, n:] == -torch.inf).all()


def test_padding_changes_no_loss_and_no_gradient() -> None:
    torch.manual_seed(0)
    hidden, head = torch.randn(2, 4, 6), nn.Linear(6, 6)
    labels: dict[Pattern, Tensor] = {
        "class": torch.tensor([1, 0]),
        "token": torch.tensor([[1, 0, 2, 2], [0, 1, 0, 3]]),
        "copy": torch.tensor([[1, 3, 0, 0, 2, 2], [0, 3, 3, 1, 0, 2]]),  # six columns, as E is six
        "arc": torch.tensor([[1, 1, 0, 2], [3, 1, 0, 3]]),
    }
    for pattern, wanted in labels.items():
        gradients = list[Tensor]()
        for padding in (0, 3):
            more = torch.cat([hidden, torch.randn(2, padding, 6)], dim=1)
            real = torch.arange(4 + padding).expand(2, -1) < 4
            y = F.pad(wanted, (0, padding), value=-100) if pattern in ("token", "arc") else wanted
            head.zero_grad()
            F.cross_entropy(scores(head, more, real, pattern), y).backward()
            gradient = head.weight.grad
            assert gradient is not None
            gradients.append(gradient)
        without, padded = gradients
        assert torch.allclose(without, padded, atol=1e-6), pattern


def test_an_unknown_pattern_is_refused() -> None:
    with pytest.raises(ValueError, match="expected class, token, copy or arc, got 'text'"):
        scores(nn.Linear(2, 2), torch.zeros(1, 1, 2), torch.ones(1, 1).bool(), "text")  # ty: ignore


@pytest.mark.parametrize("pattern", ["class", "token", "copy", "arc"])
def test_a_row_without_words_is_refused(pattern: Pattern) -> None:
    real = torch.tensor([[True, True], [False, False]])
    with pytest.raises(ValueError, match="expected at least one word in each row"):
        scores(nn.Linear(2, 2), torch.zeros(2, 2, 2), real, pattern)


@pytest.mark.parametrize("pattern", ["class", "token", "copy", "arc"])
def test_fit_learns_what_a_hidden_head_says(pattern: Pattern) -> None:
    torch.manual_seed(0)
    hidden = torch.randn(200, 4, 16)
    real = torch.arange(4) < torch.randint(2, 5, (200, 1))
    classes = {"class": 3, "token": 3, "copy": 2, "arc": 16}[pattern]
    teacher = nn.Linear(16, classes)
    labels = scores(teacher, hidden, real, pattern).argmax(dim=1)
    if labels.shape == real.shape:
        labels = labels.masked_fill(~real, -100)
    head = fit(hidden[:150], real[:150], labels[:150], classes, pattern)
    found = scores(head, hidden[150:], real[150:], pattern).argmax(dim=1)
    counted = labels[150:] != -100
    assert (found == labels[150:])[counted].float().mean() > 0.7


# ---------------------------------------------------------------- words and their vectors


def test_words_and_punctuation_stand_apart() -> None:
    assert words_of("It isn't Tom's, is it?") == ["It", "isn't", "Tom's", ",", "is", "it", "?"]
    assert words_of("在 1982 年。") == ["在", "1982", "年", "。"]


@pytest.fixture(scope="module")
def encoder() -> WordEncoder:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "pet", "##rov", "sang", "who", "?"]
    tokenizer = WordPiece({piece: number for number, piece in enumerate(pieces)})
    torch.manual_seed(0)
    return WordEncoder(
        Bert(Config(len(pieces), 8, 2, 2, 16, max_position_embeddings=12)), tokenizer
    )


def test_a_words_vector_is_the_mean_of_its_pieces(encoder: WordEncoder) -> None:
    hidden, real = encoder([["Petrov", "sang"], ["who"]])
    assert hidden.shape == (2, 2, 8)
    assert real.tolist() == [[True, True], [True, False]]
    assert (hidden[1, 1] == 0).all()
    ids = torch.tensor([[2, 5, 6, 7, 3]])  # [CLS] pet ##rov sang [SEP]
    states = encoder.bert.encode(ids)[0]
    expected = torch.stack([states[1:3].mean(dim=0), states[3]])
    assert torch.allclose(hidden[0], expected, atol=1e-5)
    assert not hidden.requires_grad


def test_a_pair_is_read_at_once(encoder: WordEncoder) -> None:
    hidden, real = encoder([["who", "?"], ["sang"]], [["Petrov", "sang"], ["who"]])
    assert real.tolist() == [[True] * 4, [True, True, False, False]]
    ids = torch.tensor([[2, 8, 9, 3, 5, 6, 7, 3]])
    types = torch.tensor([[0, 0, 0, 0, 1, 1, 1, 1]])
    states = encoder.bert.encode(ids, None, types)[0]
    expected = torch.stack([states[1], states[2], states[4:6].mean(dim=0), states[6]])
    assert torch.allclose(hidden[0], expected, atol=1e-5)


def test_what_an_encoder_cannot_read_is_refused(encoder: WordEncoder) -> None:
    for texts in ([], [["who"], []]):
        with pytest.raises(ValueError, match="at least one word"):
            encoder(texts)
    with pytest.raises(ValueError, match="at most 12 pieces a text, got 13"):
        encoder([["sang"] * 11])
    with pytest.raises(ValueError, match="shorter"):
        encoder([["who"], ["sang"]], [["who"]])


def test_the_first_layers_of_a_real_model() -> None:
    whole, none = WordEncoder.from_pretrained(MINILM), WordEncoder.from_pretrained(MINILM, 0)
    assert len(whole.bert.encoder.layer) == 6
    assert len(none.bert.encoder.layer) == 0
    same = none([["bank", "river", "bank"]])[0][0]
    assert same.shape == (3, 384)
    with pytest.raises(ValueError, match="layers from 0 to 6, got 7"):
        WordEncoder.from_pretrained(MINILM, 7)


# ---------------------------------------------------------------- one answer, two forms


@given(length=st.integers(1, 9), data=st.data())
def test_a_span_and_its_tags_say_the_same(length: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, length - 1))
    last = data.draw(st.integers(first, length - 1))
    assert tagged_spans(span_tags(first, last, length)) == [(first, last)]


def test_tags_that_name_none_or_several() -> None:
    assert tagged_spans(["O", "O", "I", "O"]) == []
    assert tagged_spans(["B", "B", "I", "O", "I"]) == [(0, 0), (1, 2)]


@pytest.mark.parametrize(("n", "trees_there", "written"), [(1, 1, 1), (3, 9, 7), (4, 64, 30)])
def test_every_tree_without_crossing_branches_goes_there_and_back(
    n: int, trees_there: int, written: int
) -> None:
    words = [f"w{i}" for i in range(n)]
    found = [heads for heads in itertools.product(range(n), repeat=n) if is_tree(heads)]
    assert len(found) == n ** (n - 1) == trees_there
    back = 0
    for heads in found:
        try:
            sequence = brackets(words, heads)
        except ValueError:
            continue
        assert heads_of(sequence) == (words, list(heads))
        back += 1
    assert back == written


def test_what_is_no_tree_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("got heads [1, 0]")):
        brackets(["a", "b"], [1, 0])
    with pytest.raises(ValueError, match="is a bracket"):
        brackets(["a", "("], [0, 0])
    with pytest.raises(ValueError, match="branches cross"):
        brackets(["a", "b", "c", "d"], [2, 3, 2, 2])
    for heads in ([1, 1], []):
        with pytest.raises(ValueError, match=f"a head for each of 1 words, got {len(heads)}"):
            brackets(["a"], heads)
    for wrong in ("( a", "a )", "( a b )", "( )", "( a ) ( b )", "a", ""):
        with pytest.raises(ValueError, match="no tree"):
            heads_of(wrong.split())


@pytest.mark.parametrize("word", ["()", "", ")("])
def test_a_word_that_holds_brackets_is_a_word(word: str) -> None:
    sequence = brackets([word, "a"], [1, 1])
    assert sequence == ["(", "(", word, ")", "a", ")"]
    assert heads_of(sequence) == ([word, "a"], [1, 1])


@settings(max_examples=20)
@given(words=st.lists(st.sampled_from(["a", "(", ")"]), max_size=9))
def test_any_sequence_of_brackets_is_a_tree_or_refused(words: list[str]) -> None:
    try:
        read, heads = heads_of(words)
    except ValueError:
        return
    assert is_tree(heads)
    assert brackets(read, heads) == words


# ---------------------------------------------------------------- the sentences


def test_sentences_have_trees_and_the_same_seed_gives_the_same() -> None:
    for held_out in (False, True):
        parsed = trees(30, 1, held_out)
        assert parsed == trees(30, 1, held_out) != trees(30, 2, held_out)
        for words, heads in parsed:
            assert is_tree(heads)
            assert heads_of(brackets(words, heads)) == (words, heads)


def test_held_out_sentences_share_no_frame_and_no_content_word() -> None:
    learned, new = MATERIAL
    assert not set(learned.frames) & set(new.frames)
    words = [{w for kind in part._fields[1:] for w in getattr(part, kind)} for part in MATERIAL]
    assert not words[0] & words[1]
    assert not {w.rstrip("s") for w in words[0]} & {w.rstrip("s") for w in words[1]}
