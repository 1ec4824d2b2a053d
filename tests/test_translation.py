"""Around the translation model: tokens, batches, the way back, BLEU, the dictionary."""

import itertools
import random
import runpy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wode.book import ROOT
from wode.decoding import beam_search
from wode.files.download import data_root
from wode.tasks.baselines import dictionary
from wode.tasks.sentences import translation_pairs
from wode.training.evaluation import bleu
from wode.transformer import Config, TranslationModel, warmup_rate
from wode.translation import (
    BEGIN,
    END,
    PAD,
    UNKNOWN,
    TranslationSteps,
    Vocabulary,
    batch_of,
    batches,
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
    with pytest.raises(ValueError, match=r"expected an id, a whole number of at least 0, got -1"):
        vocabulary.decode([-1])
    assert len(vocabulary) == 5


def test_a_string_does_not_pass_for_its_letters():
    with pytest.raises(TypeError, match=r"got a string: use tokens_of\('the teacher'\)"):
        Vocabulary(["the teacher"])
    with pytest.raises(TypeError, match="expected tokens, got a string"):
        Vocabulary([["the", "teacher"]]).encode("the teacher")


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


def test_batches_come_in_random_order_also_those_of_one_length():
    examples = [([number], [1] * (1 + number // 8)) for number in range(64)]
    first, again, other = (list(batches(examples, 8, random.Random(seed))) for seed in (0, 0, 1))
    assert first == again != other
    for groups in (first, other):
        lengths = [max(len(target) for _, target in group) for group in groups]
        assert lengths != sorted(lengths)
    same = [([number], [1]) for number in range(64)]  # the examples inside are mixed too
    (group,) = batches(same, 64, random.Random(0))
    assert group != same


@pytest.mark.parametrize("beams", [1, 3])
def test_translations_do_not_depend_on_the_batch(beams):
    torch.manual_seed(0)
    model = TranslationModel(9, Config(16, 2, 1, 16))
    sources = [[4, 5, 6], [7], [8, 8, 4, 4, 5]] * 40  # more than one batch
    found = translate(model, sources, beams, max_length=6)
    assert len(found) == 120
    assert found == [translate(model, [s], beams, max_length=6)[0] for s in sources[:3]] * 40
    assert translate(model, []) == []


def test_beams_translate_with_the_papers_length_penalty():
    differ = 0
    for seed in range(20):
        torch.manual_seed(seed)
        model = TranslationModel(9, Config(16, 2, 1, 16)).eval()
        source = torch.randint(4, 9, (1, 4))
        with_penalty, without = (
            beam_search(TranslationSteps(model, source, 3), 1, 3, BEGIN, END, 6, alpha=alpha)
            for alpha in (0.6, 0.0)
        )
        assert translate(model, source.tolist(), beams=3, max_length=6) == with_penalty
        differ += with_penalty != without
    assert differ  # else the penalty had nothing to show


def test_bleu():
    assert bleu(["The cat sat on the mat."], ["the cat sat on the mat."]) == pytest.approx(100)
    assert bleu(["dogs bark"], ["the cat sat on the mat."]) < 5


def test_bleu_refuses_what_is_no_pair_of_lists():
    for translations, references in (("a cat", ["a cat"]), (["a cat"], "a cat"), ("a", "a")):
        with pytest.raises(TypeError, match="a list, got one string"):
            bleu(translations, references)
    with pytest.raises(ValueError, match="got 1 translations and 2 references"):
        bleu(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="got 0 translations and 0 references"):
        bleu([], [])


def test_dictionary_finds_the_words():
    pairs = [(["je", "mange"], ["i", "eat"]), (["je", "dors"], ["i", "sleep"])]
    pairs += [(["tu", "dors"], ["you", "sleep"])]
    assert dictionary(pairs) == {
        "je": "i",
        "tu": "you",
        "mange": "eat",
        "dors": "sleep",
    }


# ---------------------------------------------------------------- the chapter's experiment


@pytest.fixture(scope="module")
def experiment() -> dict:
    """What the chapter's experiment defines, and takes from its page's code."""
    folder = ROOT / "snippets" / "2_transformer_basics"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)  # as for a script
        return runpy.run_path(str(folder / "translation_experiment.py"))


def test_an_epoch_trains_with_dropout_also_after_a_translation(experiment):
    torch.manual_seed(0)
    model = TranslationModel(9, Config(16, 2, 1, 16))
    optimizer, scheduler = experiment["optimizer_of"](model, 60)
    model.eval()
    translate(model, [[4, 5]], max_length=3)
    assert not model.training
    experiment["train_epoch"](model, optimizer, scheduler, [([4], [5])], 1, random.Random(0))
    assert model.training


def test_the_optimizer_s_rate_is_the_schedule_s(experiment):
    model = TranslationModel(9, Config(64, 2, 1, 16))
    optimizer, scheduler = experiment["optimizer_of"](model, 60, 0.5)
    for done in range(100):
        assert scheduler.get_last_lr()[0] == pytest.approx(0.5 * warmup_rate(done + 1, 64, 60))
        optimizer.step()
        scheduler.step()


def test_without_a_warm_up_the_rate_starts_at_its_highest(experiment):
    """The rivals of the schedule differ from it, and as they say."""
    rates = {}
    for schedule in ("warmup", "cold", "constant"):
        model = TranslationModel(9, Config(64, 2, 1, 16))
        optimizer, scheduler = experiment["scheduled"](model, schedule, 0.5)
        rates[schedule] = []
        for _ in range(100):
            rates[schedule].append(scheduler.get_last_lr()[0])
            optimizer.step()
            scheduler.step()
    peak = 0.5 * warmup_rate(60, 64, 60)
    assert rates["cold"][:60] == pytest.approx([peak] * 60)
    assert rates["cold"][60:] == rates["warmup"][60:]
    assert rates["warmup"][:60] == pytest.approx([peak * s / 60 for s in range(1, 61)])
    assert rates["constant"] == [0.5] * 100
    with pytest.raises(ValueError, match="expected warmup, cold or constant, got 'warm'"):
        experiment["scheduled"](model, "warm", 0.5)


def test_without_positions_a_sentence_and_its_shuffle_are_one(experiment):
    torch.manual_seed(0)
    blind = experiment["WithoutPositions"](9, Config(16, 2, 1, 16)).eval()
    sighted = TranslationModel(9, Config(16, 2, 1, 16)).eval()
    sighted.load_state_dict(blind.state_dict())
    reads = torch.tensor([[BEGIN, 5, 6]])
    for model, same in ((blind, True), (sighted, False)):
        one, other = (model(torch.tensor([ids]), reads) for ids in ([4, 5, 6, 7], [6, 4, 7, 5]))
        assert torch.allclose(one, other, atol=1e-5) is same


def test_what_is_hidden_is_not_looked_at(experiment):
    zh, en = experiment["LOOKED_AT"][0]
    torch.manual_seed(0)
    model = TranslationModel(len(experiment["TASK"][0]), Config(16, 2, 1, 16))
    weights, log_p = experiment["attention"](model, zh, en)
    assert weights.shape == (7, 8) and torch.allclose(weights.sum(dim=1), torch.ones(7))
    for column in range(8):
        hidden = experiment["hidden"](model, zh, en, 1, column)
        assert (hidden == pytest.approx(log_p[1].item())) is False


def test_the_nearest_is_the_sentence_itself(experiment):
    train = [("她昨天画了猫。", "a"), ("他明天会卖书。", "b")]
    assert experiment["nearest"](train, ["他明天卖书。", "她画了猫。"]) == ["b", "a"]


# ---------------------------------------------------------------- real sentences


def test_no_side_of_a_test_pair_is_trained(experiment):
    if not (data_root() / "cmn-eng").is_dir():
        pytest.skip(
            f"no cmn-eng in {data_root()}: WODE_DATA names the folder of the real data sets"
        )
    train, test = experiment["tatoeba_split"](experiment["tatoeba_pairs"]())
    assert len(train) > 15_000 and len(test) > 900
    for side in range(2):
        assert not {pair[side] for pair in train} & {pair[side] for pair in test}
    assert len({zh for zh, _ in test}) == len(test)


def test_without_the_sentences_it_says_where_they_should_be(experiment, tmp_path, monkeypatch):
    monkeypatch.setenv("WODE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"cmn\.txt: set WODE_DATA to a folder with"):
        experiment["tatoeba_pairs"]()
