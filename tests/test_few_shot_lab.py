"""The lab on examples: its scorer, its wordings, its controls, what it chooses by."""

import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wode.book import ROOT, labs, results
from wode.prompting import Prompt, draw_examples
from wode.tasks.answers import Answer, judged
from wode.tasks.prompts import TASKS

FREE = [name for name, task in TASKS.items() if not task.labels]
LAB = labs.definitions(ROOT / "snippets" / "labs" / "few-shot.py")
fair = LAB["fair"]


def verdict(task: str, question: str, said: str) -> bool:
    return fair(said, TASKS[task].ask.format(question), Answer(task, question, said, True).accepted)


# ---------------------------------------------------------------- the scorer


@pytest.mark.parametrize("name", FREE)
def test_a_bare_answer_a_sentence_and_the_strict_scorers_answers_are_right(name: str) -> None:
    for question, accepted in TASKS[name].tests:
        asked = TASKS[name].ask.format(question)
        for answer in accepted.split("|"):
            begun = TASKS[name].begin.format(question).rstrip(' "')
            for said in (
                answer,
                f'"{answer.upper()}".',
                f'{begun} "{answer}."',
                f"{begun} {answer}",
            ):
                assert fair(said, asked, accepted), (question, said)


@pytest.mark.parametrize(
    ("task", "question", "said", "right"),
    [
        ("antonyms", "big", 'The opposite of "big" is "small."', True),
        ("antonyms", "big", 'The opposite of "big" is "small" or "tiny" in English.', True),
        ("antonyms", "big", 'The opposite of "big" is not "small".', False),
        ("antonyms", "big", "big", False),
        ("antonyms", "big", "big-small", False),
        ("antonyms", "big", 'The opposite of "big" is "large", not "small".', False),
        ("antonyms", "question", 'The opposite of "question" is "answer".', True),
        ("past", "sit", 'The past tense of the verb "sit" is "sat".', True),
        ("past", "say", 'The past tense of the verb "say" is "saying", or "said".', False),
        ("plurals", "deer", 'The plural of the noun "deer" is "deer".', True),
        ("plurals", "deer", 'The plural of the noun "deer" is "deers".', True),  # it is fooled
        ("capitals", "Argentina", "The capital of Argentina is Buenos Aires.", True),
        ("capitals", "Argentina", "Buenos", False),
        ("french", "sister", "la sœur", True),
        ("french", "egg", "l'œuf", True),
        ("addition", "18 plus 39", "18 + 39 = 57", True),
        ("addition", "18 plus 39", "18 + 39 = 157", False),
        ("addition", "18 plus 39", "", False),
    ],
)
def test_fair(task: str, question: str, said: str, right: bool) -> None:
    items = dict([*TASKS[task].tests, *TASKS[task].examples])
    accepted = items.get(question, "57")
    assert fair(said, TASKS[task].ask.format(question), accepted) is right


@given(st.sampled_from(FREE), st.integers(0, 39), st.integers(0, 39))
def test_another_questions_answer_is_wrong(name: str, one: int, other: int) -> None:
    (question, accepted), (_, said) = TASKS[name].tests[one], TASKS[name].tests[other]
    first = said.split("|")[0]
    if first not in accepted.split("|"):
        assert not fair(f"It is {first}.", TASKS[name].ask.format(question), accepted)


def test_answers_judged_by_hand_are_of_every_task_and_both_verdicts() -> None:
    drawn, disputed = judged()
    assert len(drawn) == len(set(drawn)) == 22 * len(FREE)
    assert {one.task for one in drawn} == {*FREE}
    for one in [*drawn, *disputed]:
        assert one.question in dict(TASKS[one.task].tests)
    assert 0.2 < sum(one.right for one in drawn) / len(drawn) < 0.8


def test_the_fair_scorer_agrees_with_the_hand_more_often_than_the_others() -> None:
    for answers in judged():
        errors = {
            name: sum(map(len, LAB["mistakes"](scorer, answers).values()))
            for name, scorer in LAB["SCORERS"].items()
        }
        rivals = ["anywhere"] if answers == judged().disputed else ["strict", "begins", "anywhere"]
        assert errors["fair"] < min(errors[name] for name in rivals)


def test_disputed_answers_are_those_on_which_two_scorers_differ() -> None:
    for one in judged().disputed:
        given = one.said, TASKS[one.task].ask.format(one.question), one.accepted
        assert fair(*given) != LAB["SCORERS"]["anywhere"](*given)


# ---------------------------------------------------------------- wordings


@pytest.mark.parametrize("name", TASKS)
def test_every_wording_asks_the_question_and_shows_examples_with_their_answers(name: str) -> None:
    task = TASKS[name]
    question = task.tests[0][0]
    examples = draw_examples(task.shown(), 2)
    for way, wording in LAB["wordings"](task).items():
        text = wording.prompt(examples).text(question)
        assert question in text, way
        for shown, answer in examples:
            before, _, after = text.partition(shown)
            assert before + shown + after == text and answer in after, way
        assert not wording.prompt().examples


@pytest.mark.parametrize("name", TASKS)
def test_the_first_wording_is_the_tasks_own(name: str) -> None:
    task = TASKS[name]
    own = next(iter(LAB["wordings"](task).values()))
    examples, asked = draw_examples(task.shown(), 2), task.tests[0][0]
    expected = Prompt(task.description, examples, task.format).text(asked)
    assert own.prompt(examples).text(asked) == expected


def test_chat_is_the_models_template() -> None:
    transformers = pytest.importorskip("transformers")
    from wode.files.gguf import local_model
    from wode.files.hub import SMOLLM2

    try:
        folder = str(local_model(SMOLLM2))
    except Exception as error:  # the package that holds the model is not installed
        pytest.skip(str(error))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    task = TASKS["antonyms"]
    ((question, answer),), asked = task.shown()[:1], task.tests[0][0]
    turns = [
        {"role": "user", "content": TASKS["antonyms"].ask.format(question)},
        {"role": "assistant", "content": answer},
        {"role": "user", "content": TASKS["antonyms"].ask.format(asked)},
    ]
    expected = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
    chat = LAB["wordings"](task)["chat"]
    assert chat.prompt([(question, answer)]).text(asked) == expected
    begun = LAB["wordings"](task)["begun"]
    text = begun.prompt([(question, answer)]).text(asked)
    assert text.startswith(expected.partition(answer)[0])
    assert text.endswith(f'assistant\nThe opposite of "{asked}" is "')


def test_the_wording_is_chosen_on_the_examples_by_the_fair_scorer() -> None:
    def part(strict: float, pool: float, test: float) -> dict[str, dict[str, float]]:
        return {"pool": {"strict": strict, "fair": pool}, "test": {"strict": test, "fair": test}}

    found = {"a": part(0.9, 0.2, 0.9), "b": part(0.1, 0.5, 0.1), "c": part(0.2, 0.5, 0.8)}
    assert LAB["choose"](found) == ("b", "fair")


def test_labels_are_chosen_plain_or_calibrated_on_the_examples() -> None:
    def part(plain: float, calibrated: float, test: float) -> dict[str, dict[str, float]]:
        rest = {"favourite": 1.0, "of_wrong": 1.0}
        pool = {"plain": plain, "calibrated": calibrated, **rest}
        return {"pool": pool, "test": {"plain": test, "calibrated": test, **rest}}

    found = {"a": part(0.5, 0.4, 0.9), "b": part(0.3, 0.6, 0.1)}
    assert LAB["choose"](found) == ("b", "calibrated")


# ---------------------------------------------------------------- controls and counts


@given(st.integers(2, 16), st.integers(0, 11))
def test_mispaired_examples_keep_questions_and_answers_but_no_pair(k: int, seed: int) -> None:
    examples = draw_examples(TASKS["antonyms"].shown(), k, seed)
    wrong = LAB["mispaired"](examples)
    for place in (0, 1):
        assert sorted(pair[place] for pair in wrong) == sorted(pair[place] for pair in examples)
    assert not set(wrong) & set(examples)


def test_equations() -> None:
    assert LAB["equations"]([("18 plus 39", "57")]) == [("18 plus 39", "18 + 39 = 57")]


def test_scores_by_both_scorers() -> None:
    items = [("big", "small|little"), ("up", "down")]
    said = {"free": ['The opposite of "big" is "small".', "Down."]}
    assert LAB["scores"](TASKS["antonyms"], items, said) == {"strict": 0.5, "fair": 1.0}


def test_scores_of_labels_and_the_favourite() -> None:
    items = [("good", "positive"), ("bad", "negative"), ("sad", "negative"), ("fine", "positive")]
    said = {
        "plain": ["positive", "positive", "negative", "positive"],
        "calibrated": ["positive", "negative", "negative", "negative"],
    }
    expected = {"plain": 0.75, "calibrated": 0.75, "favourite": 0.75, "of_wrong": 1.0}
    assert LAB["scores"](TASKS["sentiment"], items, said) == expected


class Asked:
    """In place of the model: how many answers are right depends on all that it is given."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, key: str, measure: Any) -> dict[str, list[str]]:
        self.keys.append(key)
        *_, questions, _, labels = measure.args
        truth = {q: a for task in TASKS.values() for q, a in (*task.tests, *task.examples)}
        if labels == TASKS["renamed"].labels:
            truth |= dict((*TASKS["renamed"].tests, *TASKS["renamed"].examples))
        elif labels == TASKS["sentiment"].labels:
            truth |= dict((*TASKS["sentiment"].tests, *TASKS["sentiment"].examples))
        count = zlib.crc32(key.encode()) % len(questions)
        said = [truth[q].split("|")[0] for q in questions[:count]]
        said += [labels[0] if labels else "?"] * (len(questions) - count)
        return dict.fromkeys(("plain", "calibrated") if labels else ("free",), said)


def test_gain_is_of_one_wording_and_one_scorer_and_every_seed_is_kept() -> None:
    asked = Asked()
    numbers = LAB["all_of_it"](TASKS, LAB["Measured"](None, None, asked, range(3)))
    for name, gain in numbers["gain"].items():
        chosen, one = numbers["chosen"][name], numbers["choice"][name]
        assert chosen["k0"][one["kind"]]["values"] == [one["test"]]
        for k, found in gain.items():
            points = [100 * (v - one["test"]) for v in chosen[k][one["kind"]]["values"]]
            assert found["values"] == pytest.approx(points) and len(points) == 3
    for name in FREE:
        examples = [key for key in asked.keys if key.startswith(f"{name} 4 ")]
        assert len(set(examples)) >= 6  # three seeds, right and mispaired


def test_the_results_are_of_the_answers_that_were_judged() -> None:
    found = results.read("few_shot_lab")["numbers"]
    for part, answers in judged()._asdict().items():
        for name, scorer in LAB["SCORERS"].items():
            errors = {kind: len(ones) for kind, ones in LAB["mistakes"](scorer, answers).items()}
            assert found["scorer"][part][name] == errors
