"""wode.decoding: one loop writes what each row would write alone, and draws as the whole batch."""

import math
import runpy
from itertools import takewhile

import pytest
import torch
from helpers import randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bert import MINILM, SMALL
from torch import Tensor, nn

from wode.bert import Bert
from wode.book import ROOT
from wode.decoding import beam_search, evaluating, generate, greedy_search, sample, write
from wode.gpt import Config as GptConfig
from wode.gpt import Gpt
from wode.heads import SequenceWriter
from wode.llama import Config as LlamaConfig
from wode.llama import Llama
from wode.transformer import Config, TranslationModel
from wode.translation import BEGIN, END, TranslationSteps, translate
from wode.wordpiece import WordPiece

SEEDS = st.integers(0, 2**32)
CAUSAL = {
    "gpt": lambda: Gpt(GptConfig(8, 40, 16, 2, 2)),
    "banded": lambda: Gpt(GptConfig(8, 40, 16, 2, 2, window_size=3)),
    "llama": lambda: Llama(LlamaConfig(8, 24, 20, 2, 6, 2)),
}


class Recited:
    """Steps that say fixed rows of tokens, out of eight, and note which rows are asked for."""

    def __init__(self, rows: list[list[int]]) -> None:
        self.rows, self.asked = rows, list[int]()

    def next_logits(self, tokens: Tensor) -> Tensor:
        self.asked.append(len(tokens))
        assert len(tokens) == len(self.rows)
        return torch.eye(8)[[row[tokens.shape[1] - 1] for row in self.rows]]

    def select(self, rows: Tensor) -> None:
        self.rows = [self.rows[row] for row in rows.tolist()]


def test_rows_that_have_ended_are_not_asked_again():
    rows = [[3, 4, 2, 5], [2, 3, 3, 3], [5, 5, 5, 5], [4, 3, 2, 2]]
    steps = Recited(rows)
    assert greedy_search(steps, 4, BEGIN, END, 4) == [[3, 4], [], [5, 5, 5, 5], [4, 3]]
    assert steps.asked == [4, 3, 3, 1]
    steps = Recited(rows)
    two = [[3, 4], [5, 5]]
    written = write(steps, torch.ones(4, 1).long(), 4, None, enough=lambda row: row[-2:] in two)
    assert written == [[3, 4], [2, 3, 3, 3], [5, 5], [4, 3, 2, 2]]
    assert steps.asked == [4, 4, 2, 2]
    assert greedy_search(Recited([]), 0, BEGIN, END, 4) == []
    assert greedy_search(Recited(rows), 4, BEGIN, END, 0) == [[]] * 4


@given(seed=SEEDS, cache=st.booleans())
@settings(max_examples=40)
def test_greedy_search_equals_each_row_alone(seed, cache):
    torch.manual_seed(seed)
    model = randomise(TranslationModel(9, Config(16, 2, 2, 24))).eval()
    source = torch.randint(3, 9, (5, 4))
    source[1, 2:] = 0
    alone = []
    for row in source:
        tokens = [BEGIN]
        while tokens[-1] != END and len(tokens) <= 8:
            with torch.no_grad():
                logits = model(row[row != 0][None], torch.tensor([tokens]))
            tokens.append(int(logits[0, -1].argmax()))
        alone.append([token for token in tokens[1:] if token != END])
    with torch.no_grad():
        steps = TranslationSteps(model, source, cache=cache)
    assert greedy_search(steps, 5, BEGIN, END, 8) == alone


def drawn_by_all(model, prompt: Tensor, length: int, mask: Tensor | None, end_id: int, **how):
    """No cache, and every row goes on to the last step, whether it has ended or not."""
    tokens = prompt
    for _ in range(length):
        with torch.no_grad():
            fresh = sample(model(tokens, mask)[:, -1], **how)
        tokens = torch.cat([tokens, fresh[:, None]], dim=1)
        mask = None if mask is None else torch.cat([mask, mask.new_ones(len(mask), 1)], dim=1)
    rows = tokens[:, prompt.shape[1] :].tolist()
    return [list(takewhile(lambda token: token != end_id, row)) for row in rows]


@pytest.mark.parametrize("name", CAUSAL)
@given(
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    how=st.sampled_from([{"temperature": 0}, {}, {"top_k": 5}, {"temperature": 2.0, "top_p": 0.9}]),
    masked=st.sampled_from([None, torch.long, torch.bool]),
    cache=st.booleans(),
    seed=SEEDS,
)
@settings(max_examples=40)
def test_generate_draws_as_if_no_row_had_ended(name, lengths, how, masked, cache, seed):
    torch.manual_seed(seed)
    model, T = randomise(CAUSAL[name]()).eval(), max(lengths)
    prompt = torch.randint(8, (len(lengths), T))
    mask = None
    if masked is not None:
        mask = (torch.arange(T) >= T - torch.tensor(lengths)[:, None]).to(masked)
    first, second = (torch.Generator().manual_seed(seed % 99) for _ in range(2))
    expected = drawn_by_all(model, prompt, 9, mask, 2, generator=first, **how)
    written = generate(
        model, prompt, 9, attention_mask=mask, end_id=2, generator=second, cache=cache, **how
    )
    assert written == expected


@given(
    rows=st.lists(
        st.lists(
            st.sampled_from([-3e38, -1e30, -2.0, 0.0, 1e-30, 1.0, 1.5, 1e30, 3e38, -math.inf]),
            min_size=5, max_size=5,
        ).filter(lambda row: max(row) > -math.inf),
        min_size=1, max_size=4,
    ),
    temperature=st.sampled_from([5e-324, 1e-310, 1e-45, 1e-40, 1e-30, 1e-8, 1e-3]),
    dtype=st.sampled_from([torch.float32, torch.float64, torch.bfloat16]),
    seed=SEEDS,
)  # fmt: skip
@settings(max_examples=200)
def test_a_temperature_near_0_is_greedy(rows, temperature, dtype, seed):
    """However the quotient overflows; of what ties, or differs by as little, each may be drawn."""
    logits = torch.tensor(rows, dtype=dtype)
    generator = torch.Generator().manual_seed(seed)
    below = (logits.double() - logits.double().amax(dim=1, keepdim=True)) / temperature
    for top_k, top_p in ((None, None), (3, None), (None, 0.9)):
        for row, token in enumerate(sample(logits, temperature, top_k, top_p, generator)):
            assert below[row, token] > -104  # exp of less is 0 in float32


@given(seed=SEEDS, temperature=st.sampled_from([0.5, 1.0, 2.0, 1e3, 1e300]))
@settings(max_examples=30)
def test_a_sample_is_drawn_from_the_softmax(seed, temperature):
    torch.manual_seed(seed)
    logits = torch.randn(4, 6) * 3
    logits[0, :2] = -torch.inf
    first, second = (torch.Generator().manual_seed(seed % 99) for _ in range(2))
    p = (logits.double() / temperature).softmax(dim=-1).float()
    expected = torch.multinomial(p, 1, generator=first).squeeze(1)
    assert torch.equal(sample(logits, temperature, generator=second), expected)


# ---------------------------------------------------------------- when a beam search ends


class Ends:
    """Steps of two sources: each ends at once with a probability, or after ``last`` tokens.

    Token 0 is all there is to say, 2 ends; the calls are counted.
    """

    def __init__(self, *ends: float, beams: int, last: int = 9) -> None:
        self.ends, self.last, self.calls = torch.tensor(ends).repeat_interleave(beams), last, 0

    def next_logits(self, tokens: Tensor) -> Tensor:
        self.calls += 1
        said = tokens.shape[1] - 1
        end = self.ends if not said else torch.full_like(self.ends, float(said == self.last))
        return torch.stack([1 - end, torch.zeros_like(end), end], dim=1).clamp(min=1e-9).log()

    def select(self, rows: Tensor) -> None:
        assert torch.equal(self.ends[rows], self.ends)  # none goes over to the other source


@pytest.mark.parametrize("beams", [1, 2, 3])
def test_a_source_that_is_done_does_not_end_the_search_of_another(beams):
    """log 0.99 for the first cannot be overtaken; the second's log 0.45 is, at alpha 1."""
    steps = Ends(0.99, 0.55, beams=beams)
    assert beam_search(steps, 2, beams, 0, 2, 12, alpha=1.0) == [[], [0] * 9]
    steps = Ends(0.55, 0.99, beams=beams)
    assert beam_search(steps, 2, beams, 0, 2, 12, alpha=1.0) == [[0] * 9, []]


@pytest.mark.parametrize(("alpha", "calls"), [(0.0, 1), (0.2, 1), (1.0, 10)])
def test_a_search_ends_when_and_only_when_nothing_can_overtake(alpha, calls):
    """ln 0.55 = −0.60; ln 0.45 = −0.80, which 12 tokens make at best −0.80 / (17/6)^alpha."""
    steps = Ends(0.55, beams=2)
    beam_search(steps, 1, 2, 0, 2, 12, alpha)
    assert steps.calls == calls


def test_the_experiment_counts_with_a_cache_and_without():
    """What it counts is what the page's formula says, and no network has to be trained."""
    folder = ROOT / "snippets" / "2_transformer_basics"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)  # as for a script
        experiment = runpy.run_path(str(folder / "decoding_experiment.py"))
    L, E, F, V, S, n = 3, 128, 512, 1000, 20, 6
    a, b, memory = L * (6 * E**2 + 2 * E * F + 2 * S * E) + E * V, 2 * L * E, L * 2 * S * E**2
    cached, plain = (experiment["multiplications"](n, way) for way in (True, False))
    assert cached == memory + sum(a + b * t for t in range(1, n + 1))
    assert plain == sum(memory + a * t + b * t * t for t in range(1, n + 1))
    (_, written), (_, same) = (experiment["seconds"](n, way) for way in (True, False))
    assert written == same and len(written) == n
    assert experiment["slopes"]([1.0, 2.0, 8.0]) == [1.0, 2.0]


# ---------------------------------------------------------------- the model's mode


def half_frozen(model: nn.Module, part: nn.Module) -> list[bool]:
    """Training, but for one part; the mode of each module."""
    model.train()
    part.eval()
    return modes(model)


def modes(model: nn.Module) -> list[bool]:
    return [module.training for module in model.modules()]


def test_translate_puts_the_mode_back():
    model = TranslationModel(9, Config(16, 2, 1, 16))
    before = half_frozen(model, model.transformer.encoder)
    assert True in before and False in before
    for beams in (1, 2):
        translate(model, [[4, 5]], beams, max_length=3)
        assert modes(model) == before
        with pytest.raises(IndexError):
            translate(model, [[4, 99]], beams)  # there is no token 99
        assert modes(model) == before


def test_a_writer_puts_its_mode_back():
    tokenizer = WordPiece.from_pretrained(MINILM)
    model = SequenceWriter.from_pretrained(MINILM)
    before = half_frozen(model, model.bert.embeddings)
    model.write(tokenizer, ["one two"], 2)
    assert modes(model) == before
    small = SequenceWriter(Bert(SMALL))  # of 50 words: the tokenizer knows others
    before = half_frozen(small, small.bert.embeddings)
    with pytest.raises(IndexError):
        small.write(tokenizer, ["one two"], 2)
    assert modes(small) == before


def test_a_prompt_is_gone_on_with_without_dropout():
    torch.manual_seed(0)
    config = GptConfig(8, 40, 16, 2, 2, attn_pdrop=0.9, resid_pdrop=0.9)
    model = randomise(Gpt(config)).eval()
    prompt = torch.randint(8, (16, 6))
    written = generate(model, prompt, 12, temperature=0)
    before = half_frozen(model, model.transformer.h[0])
    assert generate(model, prompt, 12, temperature=0) == written
    assert modes(model) == before


def test_evaluating_has_no_gradients_and_no_dropout():
    model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
    x = torch.ones(3, 4)
    with evaluating(model):
        assert torch.equal(model(x), model(x)) and not model(x).requires_grad
    assert model.training and model(x).requires_grad
