"""wode.prompting: prompts, the cached prefix, labels, calibration; wode.tasks.prompts: data."""

import math
import re

import mpmath
import pytest
import torch
from helpers import randomise
from hypothesis import given, settings
from hypothesis import strategies as st

from wode import gpt, llama
from wode.files.hub import PACKAGES, SMOLLM2
from wode.prompting import (
    Bfloat16,
    Format,
    Prompt,
    Reader,
    contextual_calibration,
    draw_examples,
    fingerprint,
    from_pretrained,
    read,
)
from wode.tasks.prompts import TASKS, begins_right, right

needs_smollm = pytest.mark.skipif(
    PACKAGES[SMOLLM2].locate() is None,
    reason="the packaged model is not installed: make test installs it",
)
POOL = [(f"q{number}", f"a{number}") for number in range(9)]


class Letters:
    """A tokenizer of one token a character, which no cut of a text can change."""

    eos_token_id = 0

    def __call__(self, text, add_special_tokens):
        assert not add_special_tokens
        return {"input_ids": [1 + ord(letter) % 60 for letter in text]}

    def decode(self, ids):
        return "".join(chr(number - 1 + 64) for number in ids)


def llama_of(seed: int = 0, positions: int = 256):
    torch.manual_seed(seed)
    config = llama.Config(64, 24, 20, 2, 4, 2, max_position_embeddings=positions)
    return randomise(llama.Llama(config), std=0.4).eval()


def gpt_of(seed: int = 0, positions: int = 256, window_size: int | None = None):
    torch.manual_seed(seed)
    config = gpt.Config(64, positions, 24, 2, 3, window_size=window_size)
    return randomise(gpt.Gpt(config), std=0.4).eval()


MODELS = {"llama": llama_of, "gpt": gpt_of}
ids = st.lists(st.integers(1, 63), min_size=1, max_size=9)


# ---------------------------------------------------------------- the text


def test_the_three_kinds_of_prompt():
    """As the author's notes say it: description + examples + prompt."""
    found = [Prompt("Translate.", POOL[:k]) for k in range(4)]
    assert [prompt.kind for prompt in found] == ["zero-shot", "one-shot", "few-shot", "few-shot"]
    assert found[0].text("cat") == "Translate.\n\nQ: cat\nA:"
    assert found[1].text("cat") == "Translate.\n\nQ: q0\nA: a0\n\nQ: cat\nA:"
    assert found[2].text("x").count("Q:") == 3
    for prompt in found:
        assert prompt.text("cat").startswith(prompt.prefix)
        assert prompt.text("cat").endswith("A:")


def test_a_format_of_ones_own():
    written = Format("{} =>", " ", "\n")
    prompt = Prompt("English to French:", [("cheese", "fromage")], written)
    assert prompt.text("dog") == "English to French:\ncheese => fromage\ndog =>"


@given(st.integers(0, 99), st.integers(0, 9))
def test_examples_depend_on_the_seed_alone_and_grow(seed, k):
    chosen = draw_examples(POOL, k, seed)
    assert chosen == draw_examples(POOL, k, seed) == draw_examples(POOL, 9, seed)[:k]
    assert len(set(chosen)) == k and set(chosen) <= set(POOL)


def test_another_seed_other_examples():
    assert len({tuple(draw_examples(POOL, 4, seed)) for seed in range(20)}) > 15


@given(st.permutations(range(4)))
def test_the_order_is_an_argument(order):
    plain = draw_examples(POOL, 4, seed=3)
    assert draw_examples(POOL, 4, seed=3, order=order) == [plain[place] for place in order]


def test_wrong_choices_are_named():
    with pytest.raises(ValueError, match="0 <= k <= 9, the size of the pool, got 10"):
        draw_examples(POOL, 10)
    with pytest.raises(ValueError, match=r"permutation of 0 … 2, got \[0, 1, 1\]"):
        draw_examples(POOL, 3, order=[0, 1, 1])


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=40)
@given(data=st.data())
def test_with_a_cache_in_a_batch_equals_without_one_by_one(name, data):
    """A prefix read once, questions of unequal length after it, words after those: the scores are
    those of each whole text read alone."""
    model = MODELS[name](data.draw(st.integers(0, 5)))
    prefix = data.draw(st.lists(st.integers(1, 63), max_size=12))
    questions = data.draw(st.lists(ids, min_size=1, max_size=4))
    more = [data.draw(ids) for _ in questions]
    before = read(model, [prefix]) if prefix else None
    kept = [(c.key, c.value) for c in before.caches] if before else []
    first = read(model, questions, before)
    second = read(model, more, first, keep=1)
    for row, question in enumerate(questions):
        with torch.no_grad():
            alone = model(torch.tensor([prefix + question]))[0, -1]
            longer = model(torch.tensor([prefix + question + more[row]]))[0, -1]
        torch.testing.assert_close(first.logits[row, -1], alone, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(second.logits[row, -1], longer, atol=1e-4, rtol=1e-4)
    if before:  # the prefix may be used again
        assert all(
            c.key is k and c.value is v for c, (k, v) in zip(before.caches, kept, strict=True)
        )
        again = read(model, questions, before)
        torch.testing.assert_close(again.logits, first.logits)


def test_select_and_repeat_keep_rows_together():
    model = llama_of()
    three = read(model, [[5], [6, 7], [8, 9, 10]])
    picked = read(model, [[1], [2]], three.select([2, 0]))
    whole = read(model, [[8, 9, 10, 1], [5, 2]])
    torch.testing.assert_close(picked.logits, whole.logits, atol=1e-4, rtol=1e-4)
    twice = read(model, [[1], [2], [1], [2]], read(model, [[5], [6]]).repeat(2))
    whole = read(model, [[5, 1], [5, 2], [6, 1], [6, 2]])
    torch.testing.assert_close(twice.logits, whole.logits, atol=1e-4, rtol=1e-4)


def test_banded_attention_takes_rows_of_one_length():
    model = gpt_of(window_size=3)
    before = read(model, [[1, 2, 3, 4]])
    found = read(model, [[5, 6], [7, 8]], before)
    with torch.no_grad():
        alone = model(torch.tensor([[1, 2, 3, 4, 7, 8]]))[0, -1]
    torch.testing.assert_close(found.logits[1, -1], alone, atol=1e-4, rtol=1e-4)
    with pytest.raises(ValueError, match="rows of one length"):
        read(model, [[5], [7, 8]], before)


def test_what_cannot_be_read_is_named():
    model = llama_of(positions=8)
    with pytest.raises(ValueError, match="at least one row"):
        read(model, [])
    with pytest.raises(ValueError, match="nothing to predict from"):
        read(model, [[1], []])
    with pytest.raises(ValueError, match="expected 1 or 3 rows before, got 2"):
        read(model, [[1], [2], [3]], read(model, [[1], [2]]))
    with pytest.raises(ValueError, match="at most 8 tokens, got 9: fewer examples"):
        read(model, [[1] * 4], read(model, [[1] * 5]))
    with pytest.raises(ValueError, match="at most 8 tokens, got 9"):
        read(gpt_of(positions=8), [[1] * 9])


# ---------------------------------------------------------------- answers and labels


def naive_answer(model, text, max_tokens, stop):
    tokenizer, written = Letters(), []
    start = tokenizer(text, add_special_tokens=False)["input_ids"]
    for _ in range(max_tokens):
        with torch.no_grad():
            token = int(model(torch.tensor([start + written]))[0, -1].argmax())
        if token == tokenizer.eos_token_id:
            break
        written.append(token)
        if stop and stop in tokenizer.decode(written).lstrip():
            break
    said = tokenizer.decode(written).lstrip()
    return (said.split(stop)[0] if stop else said).strip()


def test_a_model_in_training_mode_answers_without_dropout_and_stays_in_it():
    model, questions = gpt_of(), ["a", "bcd", "ef"]  # its configuration drops a tenth

    def ask() -> tuple[list[str], torch.Tensor]:
        reader = Reader(model, Letters(), Prompt("Say.", POOL[:2]))
        return reader.answers(questions, 6, ""), reader.label_logprobs(questions, ["yes", "no"])

    answers, scores = ask()
    model.train()
    again, twice = ask()
    assert again == answers and torch.equal(twice, scores)
    assert all(module.training for module in model.modules())


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_greedy_answers_equal_those_without_a_cache(name, batch_size):
    """Some stop early, some at the end token, some never; the others go on unharmed."""
    questions = ["a", "bcd", "ef", "", "ghijk"]
    lengths = set()
    for seed in range(8):
        model = MODELS[name](seed)
        prompt = Prompt("Say.", POOL[: seed % 3])
        reader = Reader(model, Letters(), prompt, batch_size)
        said = [naive_answer(model, prompt.text(q), 6, "") for q in questions]
        stops = {letter for text in said for letter in text[1:]} - {" "}
        for stop in ("", *sorted(stops)[:3]):
            expected = [naive_answer(model, prompt.text(q), 6, stop) for q in questions]
            assert reader.answers(questions, max_tokens=6, stop=stop) == expected
            lengths |= {tuple(map(len, expected))}
    assert any(len(set(found)) > 1 for found in lengths)  # rows that end at different times


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("batch_size", [1, 64])
def test_labels_of_several_tokens_equal_the_product_of_their_tokens(name, batch_size):
    labels = ["a", "bcd", "ef", "b"]
    tokenizer = Letters()
    for seed in range(4):
        model = MODELS[name](seed)
        prompt = Prompt("Which?", POOL[:seed])
        reader = Reader(model, tokenizer, prompt, batch_size)
        found = reader.label_logprobs(["x", "yz", ""], labels)
        assert found.shape == (3, 4)
        for row, question in enumerate(["x", "yz", ""]):
            start = tokenizer(prompt.text(question), add_special_tokens=False)["input_ids"]
            for column, label in enumerate(labels):
                tokens = tokenizer(" " + label, add_special_tokens=False)["input_ids"]
                with torch.no_grad():
                    logits = model(torch.tensor([start + tokens]))[0]
                scores = logits.log_softmax(-1)[len(start) - 1 : -1]
                expected = sum(scores[i, token] for i, token in enumerate(tokens))
                assert math.isclose(found[row, column], expected, abs_tol=1e-3)
        shorter = reader.label_logprobs(["x", "yz", ""], labels, per_token=True)
        torch.testing.assert_close(shorter * torch.tensor([2, 4, 3, 2]), found)


def test_classify_takes_the_likeliest_and_the_calibrated_one():
    labels, questions = ["a", "bcd", "ef"], [f"word {number}" for number in range(20)]
    changed = 0
    for seed in range(6):
        reader = Reader(gpt_of(seed), Letters(), Prompt("Which?", POOL[:2]))
        scores = reader.label_logprobs(questions, labels)
        plain = reader.classify(questions, labels)
        assert plain == [labels[i] for i in scores.argmax(1)]
        free = reader.label_logprobs(["N/A", "[MASK]", ""], labels)
        expected = contextual_calibration(scores, free).argmax(1)
        found = reader.classify(questions, labels, calibrate=True)
        assert found == [labels[i] for i in expected]
        changed += found != plain
    assert changed
    with pytest.raises(ValueError, match="at least one token each"):
        reader.classify(questions, [])


@given(
    st.lists(st.lists(st.floats(-8, 0), min_size=3, max_size=3), min_size=1, max_size=4),
    st.lists(st.lists(st.floats(-8, 0), min_size=3, max_size=3), min_size=1, max_size=3),
)
def test_calibration_equals_the_formula_written_naively(scores, free):
    """W = diag(p_cf)⁻¹, b = 0; both sets of probabilities renormalised over the labels."""

    def normalised(row):
        total = sum(math.exp(x) for x in row)
        return [math.exp(x) / total for x in row]

    found = contextual_calibration(torch.tensor(scores).double(), torch.tensor(free).double())
    rows = [normalised(row) for row in free]
    p_cf = [sum(row[i] for row in rows) / len(rows) for i in range(3)]
    for row, given_ in zip(found, scores, strict=True):
        q = [p / c for p, c in zip(normalised(given_), p_cf, strict=True)]
        expected = torch.tensor([x / sum(q) for x in q]).double()
        torch.testing.assert_close(row, expected, atol=1e-6, rtol=1e-5)


LOGS = st.floats(-1000, 0) | st.floats(-8, 0) | st.just(-math.inf)
ROWS = st.lists(st.lists(LOGS, min_size=3, max_size=3).filter(lambda row: max(row) > -math.inf),
                min_size=1, max_size=4)  # fmt: skip


@given(ROWS, ROWS, st.sampled_from([torch.float32, torch.float64]))
@settings(max_examples=200)
def test_calibration_equals_the_formula_at_a_thousand_digits(scores, free, dtype):
    """Labels hundreds of nats apart, or without any probability after some of the questions."""
    logprobs, content_free = torch.tensor(scores, dtype=dtype), torch.tensor(free, dtype=dtype)

    def normalised(row):
        each = [mpmath.exp(x) for x in row]  # exp(−∞) = 0
        return [x / mpmath.fsum(each) for x in each]

    with mpmath.workdps(1000):
        rows = [normalised(row) for row in content_free.tolist()]
        p_cf = [mpmath.fsum(column) / len(rows) for column in zip(*rows, strict=True)]
        if not all(p_cf):
            impossible = [label for label, p in enumerate(p_cf) if not p]
            with pytest.raises(ValueError, match=re.escape(f"got 0 for the labels {impossible}")):
                contextual_calibration(logprobs, content_free)
            return
        expected = []
        for row in logprobs.tolist():
            q = [p / c for p, c in zip(normalised(row), p_cf, strict=True)]
            expected.append([float(x / mpmath.fsum(q)) for x in q])
    found = contextual_calibration(logprobs, content_free)
    assert found.dtype == dtype
    reference = torch.tensor(expected, dtype=torch.double)
    torch.testing.assert_close(found.double(), reference, atol=1e-7, rtol=1e-6)


def test_labels_far_apart_are_calibrated_and_nonsense_is_named():
    """In float32 exp(−148) is 0, 0 / 0 is NaN, and of NaN an argmax was taken."""
    far = torch.tensor([[-2.0, -150.0]])
    assert contextual_calibration(far, far.repeat(2, 1)).tolist() == [[0.5, 0.5]]
    assert contextual_calibration(far.long(), far.long()).tolist() == [[0.5, 0.5]]
    for wrong in ([[-1.0, math.nan]], [[-1.0, math.inf]], [[-math.inf, -math.inf]]):
        for pair in ((torch.tensor(wrong), far), (far, torch.tensor(wrong))):
            with pytest.raises(FloatingPointError, match=r"in scores\[0, :\] of shape \(1, 2\)"):
                contextual_calibration(*pair)
    with pytest.raises(ValueError, match=r"got \(1, 2\) and \(1, 3\)"):
        contextual_calibration(far, torch.zeros(1, 3))
    with pytest.raises(ValueError, match="after some of the 0 content-free questions"):
        contextual_calibration(far, torch.zeros(0, 2))


def test_a_question_without_content_is_calibrated_to_a_tie():
    free = torch.tensor([[-1.0, -3.0, -0.5]])
    torch.testing.assert_close(contextual_calibration(free, free), torch.full((1, 3), 1 / 3))


def test_a_fingerprint_tells_one_changed_number():
    model = llama_of()
    before = fingerprint(model)
    Reader(model, Letters(), Prompt("x", POOL)).answers(["a", "b"])
    assert fingerprint(model) == before
    with torch.no_grad():
        model.model.norm.weight[3] += 1e-6
    assert fingerprint(model) != before


def test_in_bfloat16_the_scores_are_near_and_the_model_is_as_it_was():
    model = llama_of(3)
    before, head = fingerprint(model), model.lm_head
    half, rows = Bfloat16(model), [[1, 2, 3], [4, 5]]
    first, exact = read(half, [[7, 8]]), read(model, [[7, 8]])
    found, expected = (read(m, rows, c).logits for m, c in ((half, first), (model, exact)))
    assert found.dtype == torch.float32
    assert 0 < (found - expected).abs().max() < 0.05 * expected.abs().max()
    assert fingerprint(model) == before and model.lm_head is head


# ---------------------------------------------------------------- the tasks


@pytest.mark.parametrize("name", TASKS)
def test_examples_and_tests_are_apart(name):
    task = TASKS[name]
    shown, tested = ([q for q, _ in pairs] for pairs in (task.examples, task.tests))
    assert len(shown) >= 16 and len(tested) >= 40
    assert len(set(shown)) == len(shown) and len(set(tested)) == len(tested)
    assert not set(shown) & set(tested)
    for question, answer in [*task.examples, *task.tests]:
        assert question.strip() and answer.strip()
        assert not task.labels or answer in task.labels
    assert task.chance == (1 / len(task.labels) if task.labels else 0)


@pytest.mark.parametrize("name", ["antonyms", "sentiment", "kinds"])
def test_a_tested_answer_is_shown_seldom(name):
    """An answer word that stands in an example could be copied; of antonyms, few are."""
    task = TASKS[name]
    shown = {answer for _, answer in task.shown()} | {q for q, _ in task.examples}
    copied = [a for _, accepted in task.tests for a in accepted.split("|") if a in shown]
    assert len(copied) <= (6 if not task.labels else len(task.tests))


def test_reviews_and_premises_share_no_content_word():
    text = """a an the and or of in on at to for with from it is was are were has have had my our
    her his its i we they you that this so every all each no not nobody one two three after before
    them us me who what which too far never again than as by be been will someone some people person
    man woman child children boy girl men"""
    common = set(text.split())
    for name in ("sentiment", "inference"):
        task = TASKS[name]

        def words(pairs):
            text = " ".join(q for q, _ in pairs).lower().replace("statement:", "")
            return set(re.findall(r"[a-z']+", text)) - common

        shared = words(task.examples) & words(task.tests)
        assert len(shared) <= 0.12 * len(words(task.tests)), sorted(shared)


@pytest.mark.parametrize("name", ["sentiment", "renamed", "kinds", "inference"])
def test_labels_are_equally_frequent(name):
    task = TASKS[name]
    for pairs in (task.examples, task.tests):
        counts = {sum(answer == label for _, answer in pairs) for label in task.labels}
        assert len(counts) == 1


def test_sums_are_right():
    for question, answer in (*TASKS["addition"].examples, *TASKS["addition"].tests):
        a, b = question.split(" plus ")
        assert int(a) + int(b) == int(answer) and 0 <= int(a) < 100


@pytest.mark.parametrize(
    ("answer", "accepted", "expected"),
    [
        ("Small.", "small|little", True),
        (' "little" ', "small|little", True),
        ('"small."', "small", True),
        ("smaller", "small|little", False),
        ("", "small", False),
    ],
)
def test_what_counts_as_right(answer, accepted, expected):
    assert right(answer, accepted) is expected


@pytest.mark.parametrize(
    ("answer", "accepted", "expected"),
    [
        ('"small" is the opposite', "small|little", True),
        ("Little, of course", "small|little", True),
        ("smaller", "small|little", False),
        ('The opposite is "small"', "small", False),
        ("New Delhi.", "New Delhi|Delhi", True),
        ("", "small", False),
    ],
)
def test_what_counts_as_beginning_right(answer, accepted, expected):
    assert begins_right(answer, accepted) is expected


# ---------------------------------------------------------------- the real model


@needs_smollm
def test_the_real_model():
    model, tokenizer = from_pretrained()
    before = fingerprint(model)
    task = TASKS["past"]
    prompt = Prompt(task.description, draw_examples(task.shown(), 4, seed=0), task.format)
    reader = Reader(model, tokenizer, prompt)
    questions = [question for question, _ in task.tests[:12]]
    # the text in pieces is the text in one piece
    for question in questions:
        whole = reader.encode(prompt.text(question) + " went")
        pieces = [prompt.prefix, prompt.format.ask(question), " went"]
        assert whole == [token for piece in pieces for token in reader.encode(piece)]
    answers = reader.answers(questions)
    one_by_one = [Reader(model, tokenizer, prompt, 1).answers([q])[0] for q in questions[:3]]
    assert answers[:3] == one_by_one
    assert sum(right(a, b) for a, (_, b) in zip(answers, task.tests, strict=False)) >= 10
    ids_ = reader.encode(prompt.text(questions[0]))
    with torch.no_grad():
        alone = model(torch.tensor([ids_]), logits_to_keep=1)[0, -1]
    cached = read(model, [reader.encode(prompt.format.ask(questions[0]))], reader.context)
    torch.testing.assert_close(cached.logits[0, -1], alone, atol=1e-3, rtol=1e-3)
    assert fingerprint(model) == before
