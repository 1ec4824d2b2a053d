"""Around the translation model: tokens, batches, the way back, BLEU, the dictionary."""

import itertools
import os
import random
import runpy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wode.book import ROOT
from wode.sentences import translation_pairs
from wode.transformer import Config, TranslationModel
from wode.translation import (
    BEGIN,
    END,
    PAD,
    UNKNOWN,
    Vocabulary,
    batch_of,
    batches,
    bleu,
    dictionary,
    text_of,
    tokens_of,
    translate,
)


def test_tokens_of_both_languages():
    assert tokens_of("Don't go, Tom!") == ["don't", "go", ",", "tom", "!"]
    assert tokens_of("她5点来。") == ["她", "5", "点", "来", "。"]
    assert tokens_of("") == []
    assert text_of(tokens_of("Is it far? No, it isn't.")) == "is it far? no, it isn't."


def test_every_shipped_sentence_survives_its_tokens():
    for pair in translation_pairs(1000):
        assert text_of(tokens_of(pair.en)) == pair.en.lower()
        assert "".join(tokens_of(pair.zh)) == pair.zh


@given(st.text(max_size=40))
def test_no_character_but_space_is_lost(text):
    shown = "".join(tokens_of(text))
    assert shown == "".join(c for c in text.lower() if not c.isspace() and c != "_") or "_" in text


def test_vocabulary():
    vocabulary = Vocabulary([["a", "b"], ["a"]], at_least=2)
    assert vocabulary.tokens == ["<pad>", "<begin>", "<end>", "<unknown>", "a"]
    assert vocabulary.encode(["a", "b"]) == [4, UNKNOWN]
    assert vocabulary.decode([4, END]) == ["a", "<end>"]
    assert len(vocabulary) == 5


def test_what_the_decoder_reads_is_one_token_behind():
    source, reads, says = batch_of([([5, 6], [7]), ([5], [8, 9])])
    assert source.tolist() == [[5, 6], [5, PAD]]
    assert reads.tolist() == [[BEGIN, 7, PAD], [BEGIN, 8, 9]]
    assert says.tolist() == [[7, END, PAD], [8, 9, END]]


@given(st.lists(st.integers(0, 9), max_size=50), st.integers(1, 9), st.integers(0, 99))
def test_batches_hold_all_examples_once_by_length(lengths, size, seed):
    examples = [([number], [1] * length) for number, length in enumerate(lengths)]
    groups = list(batches(examples, size, random.Random(seed)))
    assert sorted(e[0][0] for group in groups for e in group) == list(range(len(lengths)))
    spans = sorted((min(len(t) for _, t in g), max(len(t) for _, t in g)) for g in groups)
    assert all(a[1] <= b[0] + 1 for a, b in itertools.pairwise(spans))
    assert all(len(group) <= size for group in groups)


@pytest.mark.parametrize("beams", [1, 3])
def test_translations_do_not_depend_on_the_batch(beams):
    torch.manual_seed(0)
    model = TranslationModel(9, Config(16, 2, 1, 16))
    sources = [[4, 5, 6], [7], [8, 8, 4, 4, 5]] * 40  # more than one batch
    found = translate(model, sources, beams, max_length=6)
    assert len(found) == 120
    assert found == [translate(model, [s], beams, max_length=6)[0] for s in sources[:3]] * 40
    assert translate(model, []) == []


def test_bleu():
    assert bleu(["The cat sat on the mat."], ["the cat sat on the mat."]) == pytest.approx(100)
    assert bleu(["dogs bark"], ["the cat sat on the mat."]) < 5


def test_dictionary_finds_the_words():
    pairs = [(["je", "mange"], ["i", "eat"]), (["je", "dors"], ["i", "sleep"])]
    pairs += [(["tu", "dors"], ["you", "sleep"])]
    assert dictionary(pairs) == {
        "je": "i",
        "tu": "you",
        "mange": "eat",
        "dors": "sleep",
    }


# ---------------------------------------------------------------- real sentences


@pytest.fixture(scope="module")
def chapter() -> dict:
    """What the chapter's snippet defines."""
    return runpy.run_path(str(ROOT / "snippets" / "2_transformer_basics" / "transformer.py"))


def test_no_side_of_a_test_pair_is_trained(chapter):
    if "WODE_DATA" not in os.environ:
        pytest.skip("WODE_DATA is not set: no folder with the real data sets")
    train, test = chapter["tatoeba_split"](chapter["tatoeba_pairs"]())
    assert len(train) > 15_000 and len(test) > 900
    for side in range(2):
        assert not {pair[side] for pair in train} & {pair[side] for pair in test}
    assert len({zh for zh, _ in test}) == len(test)


def test_without_the_sentences_it_says_where_they_should_be(chapter, tmp_path, monkeypatch):
    monkeypatch.setenv("WODE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"cmn\.txt: set WODE_DATA to a folder with"):
        chapter["tatoeba_pairs"]()
