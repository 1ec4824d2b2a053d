"""wode.checks: NaN is no answer, −1 no length, a string not several texts, anywhere in wode."""

import ast
import math
import random
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from test_bert import MINILM, SMALL
from test_decoding import CAUSAL
from test_prompting import Letters, gpt_of
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from wode import adapters, alignment, cleaning, copying, electra, masked_generation, unsupervised
from wode.bert import Bert
from wode.book import ROOT
from wode.checks import check_optimizer, likeliest, several, whole
from wode.cooccurrence import nearest
from wode.decoding import beam_search, generate, greedy_search, sample, write
from wode.heads import SequenceWriter, best_span
from wode.masking import Words
from wode.patterns import WordEncoder
from wode.prompting import Prompt, Reader, draw_examples
from wode.spans import span_lengths
from wode.subwords import count_words
from wode.tasks.baselines import best_threshold, sentence_vectors
from wode.training.evaluation import accuracy, diagnose, measured
from wode.transformer import Config, TranslationModel
from wode.translation import Vocabulary, answers_of, batches, translate
from wode.unilm import UniLM
from wode.unilm import write as unilm_write
from wode.wordpiece import WordPiece

NOTHING = (math.nan, math.inf, -math.inf)
DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
TOKENIZER = WordPiece.from_pretrained(MINILM)

# ---------------------------------------------------------------- scores that choose nothing


@given(data=st.data(), dtype=st.sampled_from(DTYPES), dim=st.integers(-3, 2))
def test_likeliest_is_argmax_or_says_where_there_is_none(data, dtype, dim):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=3, max_size=3))
    values = st.sampled_from([-2.0, 0.0, 1.0, -math.inf, *NOTHING])
    some = data.draw(st.lists(values, min_size=math.prod(shape), max_size=math.prod(shape)))
    scores = torch.tensor(some, dtype=dtype).view(shape)
    largest = scores.amax(dim=dim)  # NaN, if there is one
    if largest.isfinite().all():
        assert torch.equal(likeliest(scores, dim), scores.argmax(dim=dim))
        return
    with pytest.raises(FloatingPointError) as caught:
        likeliest(scores, dim)
    got, place = re.findall(r"got (\S+) in scores\[(.*)\] of", str(caught.value))[0]
    where = tuple(slice(None) if part == ":" else int(part) for part in place.split(", "))
    assert str(scores[where].max().item()) == got and not math.isfinite(float(got))
    assert str(tuple(shape)) in str(caught.value)


def test_likeliest_of_equal_ones_is_the_first_and_of_one_row_a_number():
    assert likeliest(torch.tensor([1.0, 3.0, 3.0])).item() == 1
    assert likeliest(torch.tensor([[1, 3, 3]]), dim=0).tolist() == [0, 0, 0]
    assert likeliest(torch.empty(0, 5)).shape == (0,)
    with pytest.raises(FloatingPointError, match=re.escape("got nan in scores[:] of shape (2,)")):
        likeliest(torch.tensor([0.0, math.nan]))


class Says:
    """Steps whose logits are the same row each time, for every hypothesis."""

    def __init__(self, row: list[float]) -> None:
        self.row = torch.tensor(row)

    def next_logits(self, tokens: Tensor) -> Tensor:
        return self.row.expand(len(tokens), -1)

    def select(self, rows: Tensor) -> None: ...


class Broken(nn.Module):
    """Its logits for any input are the ones that it was given."""

    def __init__(self, row: list[float]) -> None:
        super().__init__()
        self.row = nn.Parameter(torch.tensor(row))

    def forward(self, x: Tensor) -> Tensor:
        return self.row.expand(len(x), -1)


def spoiled(model: Any, value: float) -> Any:
    """The model with one weight of its embeddings no number: so are then its scores."""
    with torch.no_grad():
        next(model.parameters())[:] = value
    return model.eval()


LOADER = DataLoader(TensorDataset(torch.zeros(5, 2), torch.zeros(5).long()), 2)
COPIED = Vocabulary([["a", "b"]])
IDS, SOME = torch.tensor([[4, 5]]), torch.tensor([[0.0, 1.0]])
THREE = Config(16, 2, 1, 16)
ANSWERS: dict[str, Callable[[float], Any]] = {
    "greedy": lambda x: greedy_search(Says([x, x, x, x]), 2, 1, 2, 3),
    "beam": lambda x: beam_search(Says([x, x, x, x]), 2, 2, 1, 2, 3),
    "write": lambda x: write(Says([x, x]), IDS, 3, None),
    "sample": lambda x: sample(torch.tensor([[0.0, 1.0], [x, x]])),
    "sample at 0": lambda x: sample(torch.tensor([[0.0, 1.0], [x, x]]), temperature=0),
    "sample of the best": lambda x: sample(torch.tensor([[x, x]]), top_k=2, top_p=0.5),
    "electra": lambda x: electra.sample(torch.tensor([[x, x]])),
    "best span": lambda x: best_span(torch.full((4,), x), torch.zeros(4), 1, 3, 2),
    "accuracy": lambda x: accuracy(Broken([x, x]), LOADER),
    "measured": lambda x: measured(Broken([x, x]), LOADER),
    "diagnose": lambda x: diagnose(Broken([x, x]), LOADER),
    "translations": lambda x: alignment.translations(torch.full((2, 3), x), SOME.expand(3, 2).T, 0),
    "nearest": lambda x: nearest(torch.tensor([[1.0, 2], [x, 1], [2, 1]]), 0, 1),
    "threshold": lambda x: best_threshold(torch.tensor([x, 1.0]).sub(x), torch.tensor([0, 1])),
    "generate": lambda x: generate(spoiled(CAUSAL["gpt"](), x), IDS, 2, temperature=0),
    "translate": lambda x: translate(spoiled(TranslationModel(9, THREE), x), [[4, 5]]),
    "in beams": lambda x: translate(spoiled(TranslationModel(9, THREE), x), [[4, 5]], 2),
    "unsupervised": lambda x: unsupervised.generate(
        spoiled(unsupervised.Translator(9, THREE, [4, 5]), x), IDS, 0, 1
    ),
    "copying": lambda x: copying.write(
        spoiled(copying.CopyingModel(copying.Config(6)), x), COPIED, [["a"]], 3
    ),
    "unilm": lambda x: unilm_write(spoiled(UniLM(SMALL), x), IDS, 4, 3, 2),
    "writer": lambda x: spoiled(SequenceWriter.from_pretrained(MINILM), x).write(TOKENIZER, ["a"]),
    "answers": lambda x: Reader(spoiled(gpt_of(), x), Letters(), Prompt("a")).answers(["b"]),
    "classify": lambda x: Reader(spoiled(gpt_of(), x), Letters(), Prompt("a")).classify(
        ["b"], ["c", "d"]
    ),
    "calibrated": lambda x: Reader(spoiled(gpt_of(), x), Letters(), Prompt("a")).classify(
        ["b"], ["c", "d"], calibrate=True
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_is_made_of_nan(name):
    ANSWERS[name](0.5)  # with numbers all is well
    with pytest.raises(FloatingPointError, match="finite score to be the largest, got"):
        ANSWERS[name](math.nan)


@pytest.mark.parametrize("name", [*ANSWERS][:11])  # those that are given the scores themselves
@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_no_answer_is_made_where_nothing_may_be_chosen(name, value):
    with pytest.raises(FloatingPointError, match="expected a finite score to be the largest, got"):
        ANSWERS[name](value)


def test_a_word_of_which_no_score_is_left_has_no_pair():
    """The paper's dropout of a dictionary once paired such a word with the first of the others."""
    scores = torch.tensor([[-math.inf, -math.inf], [-2.0, -1.0]])
    assert alignment.dictionary(scores).tolist() == [[1, 1], [1, 0], [1, 1]]
    with pytest.raises(FloatingPointError, match="got nan"):
        alignment.dictionary(torch.tensor([[math.nan, -math.inf], [-2.0, -1.0]]))


def test_every_argmax_of_ours_is_likeliest():
    """But those of no answer: a hash's bucket, a sign, what was counted; and where torch is taught.

    The pages' own lines are ordinary torch.
    """
    found = {}
    paths = [*(ROOT / "wode").rglob("*.py"), *(ROOT / "snippets").rglob("*.py")]
    for path in paths:
        if path.parent.name == "0_Pytorch_basics":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        names = [call.func.attr for call in calls if isinstance(call.func, ast.Attribute)]
        if number := names.count("argmax") + names.count("multinomial"):
            found[path.stem] = found.get(path.stem, 0) + number
    assert found == {
        "reformer": 1,  # the bucket of a hash
        "cooccurrence": 1,  # which entry gives a column its sign
        "baselines": 1,  # the threshold that meets most labels: counts
        "decoding": 1,  # `sample` looks at its logits first
        "spans": 1,  # lengths, from a law that is written there
        "unilm": 1,  # modes, from fixed shares
        "contextual_embeddings_experiment": 2,  # a threshold that meets most labels, a sign
        "wordpiece_experiment": 1,  # the head that moved most often: counts
        "electra_judges": 1,  # words by their frequency
        "multi_head_attention_experiment": 5,  # heads and places of the largest weight
        "translation_experiment": 2,  # the character most looked at; the nearest neighbour
        "in_context_learning": 1,  # images of a class, all as likely
        # Rates at which training diverges are among those tried: such a run is right by chance.
        "transformer_norm_experiment": 1,
        "schedules_experiment": 1,
        "schedules_runs": 1,
        "vanishing_gradients": 1,
        "multi_head_attention": 1,
    }


# ---------------------------------------------------------------- numbers


@given(st.integers(-3, 9), st.integers(0, 3))
def test_whole(value, least):
    if value >= least:
        for given_ in (value, np.int64(value), torch.tensor(value)):
            assert whole("beams", given_, least) == value
        return
    with pytest.raises(ValueError, match=f"expected beams, .* at least {least}, got {value}"):
        whole("beams", value, least)


@pytest.mark.parametrize("value", [1.0, 2.5, math.nan, True, None, "3", torch.tensor(1.5)])
def test_what_is_no_whole_number(value):
    with pytest.raises(ValueError, match=f"got {re.escape(repr(value))}"):
        whole("beams", value)


READER = Reader(gpt_of(), Letters(), Prompt("a"))
WRITER = SequenceWriter.from_pretrained(MINILM)
BERT = Bert.from_pretrained(MINILM)
LEVEL = Says([0.0, 0.0, 0.0])
WORDS = Words.of(TOKENIZER.vocabulary)
CHANCE = torch.Generator()
SMALL_ELECTRA = electra.Config(
    hidden_size=16, num_attention_heads=1, intermediate_size=16, embedding_size=8
)
PAIR = electra.Pair(SMALL_ELECTRA, SMALL_ELECTRA)
NUMBERS: dict[str, tuple[str, int, Callable[[Any], Any]]] = {
    "beam_search beams": ("beams", 1, lambda x: beam_search(LEVEL, 1, x, 1, 2, 3)),
    "beam_search length": ("max_length", 0, lambda x: beam_search(LEVEL, 1, 2, 1, 2, x)),
    "beam_search batch": ("batch", 0, lambda x: beam_search(LEVEL, x, 2, 1, 2, 3)),
    "greedy_search length": ("max_length", 0, lambda x: greedy_search(LEVEL, 1, 1, 2, x)),
    "greedy_search batch": ("batch", 0, lambda x: greedy_search(LEVEL, x, 1, 2, 3)),
    "generate": ("length", 0, lambda x: generate(CAUSAL["gpt"](), IDS, x)),
    "top_k": ("top_k", 1, lambda x: sample(SOME, top_k=x)),
    "translate beams": ("beams", 1, lambda x: translate(TranslationModel(9, THREE), [[4]], x)),
    "translate": ("max_length", 0, lambda x: translate(TranslationModel(9, THREE), [[4]], 1, x)),
    "batches": ("size", 1, lambda x: list(batches([([4], [5])], x, random.Random()))),
    "unsupervised": (
        "max_length", 1,
        lambda x: unsupervised.generate(unsupervised.Translator(9, THREE, [4, 5]), IDS, 0, 1, x),
    ),
    "copying": (
        "max_length", 1,
        lambda x: copying.write(copying.CopyingModel(copying.Config(6)), COPIED, [["a"]], x),
    ),
    "unilm": ("longest", 0, lambda x: unilm_write(UniLM(SMALL).eval(), IDS, 4, 3, x)),
    "writer": ("longest", 0, lambda x: WRITER.write(TOKENIZER, ["a"], x)),
    "answers": ("max_tokens", 0, lambda x: READER.answers(["b"], x)),
    "reader": ("batch_size", 1, lambda x: Reader(gpt_of(), Letters(), Prompt("a"), x)),
    "examples": ("k", 0, lambda x: draw_examples([("a", "b")] * 3, x)),
    "electra steps": ("steps", 1, lambda x: electra.pretrain(PAIR, TOKENIZER, ["a"], x, 1e-3)),
    "electra batch": ("batch", 1, lambda x: electra.pretrain(PAIR, TOKENIZER, ["a"], 1, 1e-3, x)),
    "gibbs": (
        "sweeps", 1,
        lambda x: masked_generation.gibbs(
            lambda ids: torch.zeros(1, 2, 9), IDS, IDS > 4, x, 8, likeliest, CHANCE
        ),
    ),
    "mask_predict": (
        "rounds", 1,
        lambda x: masked_generation.mask_predict(
            lambda ids: torch.zeros(1, 2, 9), IDS, IDS > 4, x, 8, likeliest
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_that_are_none_are_refused(name):
    argument, least, run = NUMBERS[name]
    run(least)
    run(least + 1)
    for wrong in (least - 1, -7, 1.5, math.nan, math.inf, True, "2"):
        with pytest.raises(ValueError, match=f"expected {argument}, a whole number of at least"):
            run(wrong)


@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf, -math.inf])
def test_numbers_out_of_their_range_are_refused(value):
    with pytest.raises(ValueError, match=f"expected temperature, a finite number .* got {value}"):
        sample(SOME, value)
    with pytest.raises(ValueError, match=f"expected temperature, a finite number .* got {value}"):
        masked_generation.drawing(WORDS, value, CHANCE)(torch.zeros(1, 30522))
    with pytest.raises(ValueError, match=f"expected 0 < top_p <= 1, got {value}"):
        sample(SOME, top_p=value)
    with pytest.raises(ValueError, match=f"expected 0 <= alpha <= 10, got {value}"):
        beam_search(LEVEL, 1, 2, 1, 2, 3, value)
    with pytest.raises(ValueError, match=f"expected 1e-6 <= p <= 1 and longest >= 1, got {value}"):
        span_lengths(3, value)


def test_other_arguments_that_would_do_nothing_or_fail_far_away():
    for end in (-1, 3):
        with pytest.raises(ValueError, match=f"expected an end_id below 3, got {end}"):
            beam_search(LEVEL, 1, 2, 1, end, 3)
    with pytest.raises(ValueError, match=r"expected a prompt \(B, T\) of T ≥ 1 tokens, got \(1, 0"):
        generate(CAUSAL["gpt"](), IDS[:, :0], 3)
    with pytest.raises(ValueError, match="expected sources of at least one token each"):
        translate(TranslationModel(9, THREE), [[4], []])
    with pytest.raises(ValueError, match=r"expected a number of texts, .* at least 1, got 0"):
        electra.pretrain(PAIR, TOKENIZER, [], 1, 1e-3)
    free = masked_generation.drawing(WORDS, 0, CHANCE, but=[*WORDS.special])  # none is left out
    assert free(torch.zeros(1, 30522)).tolist() == [0]
    assert beam_search(LEVEL, 1, 9, 1, 2, 3, 0) == [[]]  # more beams than tokens
    assert READER.label_logprobs([], ["a", "b"]).shape == (0, 2)
    assert READER.classify([], ["a", "b"], calibrate=True) == READER.answers([]) == []


# ---------------------------------------------------------------- several texts


TEXTS: dict[str, Callable[[Any], Any]] = {
    "WordPiece.batch": TOKENIZER.batch,
    "SequenceWriter.write": lambda texts: WRITER.write(TOKENIZER, texts, 1),
    "Reader.answers": READER.answers,
    "Reader.label_logprobs": lambda texts: READER.label_logprobs(texts, ["a", "b"]),
    "Reader.classify": lambda texts: READER.classify(texts, ["a", "b"]),
    "labels": lambda texts: READER.classify(["a"], texts),
    "answers_of": lambda texts: answers_of(TranslationModel(len(COPIED), THREE), COPIED, texts),
    "translate": lambda texts: translate(TranslationModel(9, THREE), texts),
    "count_words": count_words,
    "clean": cleaning.clean,
    "deduplicate": cleaning.deduplicate,
    "deduplicate_lines": cleaning.deduplicate_lines,
    "named": lambda texts: adapters.named(nn.ModuleDict({"abc": nn.Linear(1, 1)}), texts),
    "freeze": lambda texts: adapters.freeze(nn.ModuleDict({"abc": nn.Linear(1, 1)}), texts),
    "copying": lambda texts: copying.write(
        copying.CopyingModel(copying.Config(6)), COPIED, texts, 1
    ),
    "electra": lambda texts: electra.pretrain(PAIR, TOKENIZER, texts, 1, 1e-3),
    "sentence_vectors": lambda texts: sentence_vectors(
        Bert.from_pretrained(MINILM), TOKENIZER, texts
    ),
    "WordEncoder": lambda texts: WordEncoder(Bert.from_pretrained(MINILM), TOKENIZER)([texts]),
}


@pytest.mark.parametrize("name", TEXTS)
def test_one_string_is_not_several_texts(name):
    with pytest.raises(TypeError, match=r"expected .*, a list, got one string: write \['abc'\]"):
        TEXTS[name]("abc")
    if name not in ("translate", "copying", "electra"):  # which take no texts, or train on them
        TEXTS[name](["abc"])


def test_several_gives_back_what_it_was_given():
    texts = iter(["a"])
    assert several("texts", texts) is texts
    with pytest.raises(TypeError, match=r"write \[b'abc'\]"):
        several("texts", b"abc")


# ---------------------------------------------------------------- another model's optimizer


def test_an_optimizer_of_another_model_is_refused():
    model, other = nn.Linear(2, 2), nn.Linear(2, 2)
    check_optimizer(torch.optim.SGD([model.bias], 0.1), [model])  # some of them is enough
    wrong = torch.optim.SGD([{"params": [model.weight]}, {"params": other.parameters()}], 0.1)
    check_optimizer(wrong, [model, other])
    with pytest.raises(ValueError, match=r"2 of the 3 .* this Linear .* does not hold bias\. Was"):
        check_optimizer(wrong, [model])
    translators = [unsupervised.Translator(9, THREE, [4, 5]) for _ in range(2)]
    optimizer = torch.optim.SGD(translators[0].parameters(), 0.1)
    unsupervised.unsupervised_step(translators[0], optimizer, [IDS, IDS])
    with pytest.raises(ValueError, match="are not those of this Translator"):
        unsupervised.unsupervised_step(translators[1], optimizer, [IDS, IDS])
