"""The experiment of the page `seq2seq-pretraining`: its tasks, its ways, a run in small."""

import random
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from wode.files.download import data_root

SCRIPT = Path(__file__).parents[1] / "snippets/1_NLP_basics/seq2seq_pretraining_experiment.py"
needs_data = pytest.mark.skipif(
    not (data_root() / "cmn-eng" / "cmn.txt").exists(), reason="no cmn-eng in WODE_DATA"
)


@pytest.fixture(scope="module")
def experiment() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPT.parent))
        whole = runpy.run_path(str(SCRIPT))
        parts = (sys.modules[f"seq2seq_{name}"] for name in ("data", "pretraining"))
        yield {name: value for part in parts for name, value in vars(part).items()} | whole


def test_a_statement_becomes_a_question(experiment: dict) -> None:
    question_of = experiment["question_of"]
    assert question_of(["he", "is", "here", "."]) == ["is", "he", "here", "?"]
    assert question_of(["go", "there", "."]) is None
    assert question_of(["is", "he", "here", "?"]) is None


def test_each_way_asks_for_what_it_says(experiment: dict) -> None:
    text, chance = [*range(20, 30)], random.Random(0)
    for way in experiment["WAYS"]:
        sentences = [text[:4], text[4:]] if way == "permutation" else [text]
        source, target = experiment["pair_of"](way, sentences, 4, [5, 6, 7, 8], chance)
        asked = [token for token in target if token >= 20]
        assert asked == [token for token in text if token in asked]  # in order
        if way in ("mass", "prefix", "spans"):
            assert sorted({*source} & {*text} | {*asked}) == text and not {*source} & {*asked}
        else:
            assert asked == text
    assert experiment["pair_of"]("copy", [text], 4, [], chance).source == text


def test_t5s_program_hides_the_end_of_short_texts(experiment: dict) -> None:
    chance = random.Random(0)
    for length in range(2, 31):
        source, target = experiment["t5_program"](range(length), "ab", chance)
        assert source == [*range(length - len(target) + 2), "a"]
    starts = {experiment["t5_program"](range(31), "abc", chance)[0].index("a") for _ in range(99)}
    assert len(starts) > 5  # two spans, the first anywhere
    found = experiment["hidden"](20, 400)
    theirs, ours = found["t5"], found["anywhere"]
    assert theirs == [0] * 17 + [1] * 3
    assert abs(sum(ours) - 3) < 1e-9 and min(ours) > 0


def test_masks_of_infilling_do_not_say_how_many(experiment: dict) -> None:
    found = experiment["infilled"](20, 3000)
    assert 0.4 < found["two"] < 0.55 and 0.03 < found["empty"] < 0.07


@needs_data
def test_a_run_in_small(experiment: dict) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    data = experiment["corpus"](1)
    for examples, choose_by, test in data.tasks.values():
        sources = [{tuple(pair.source + pair.target) for pair in part} for part in (examples, test)]
        assert not sources[0] & sources[1] and len(choose_by) == 80
    rates = {"question": [1e-3], "completion": [1e-3, 3e-3]}
    experiment["finetuned"].__globals__["TUNING"] = 50
    found = experiment["judged"]("spans", 1, 3e-3, rates, 4)
    assert found["tasks"]["completion"].keys() == {"1e-03", "3e-03"}
    assert 0 <= found["tasks"]["question"]["1e-03"]["right"] <= 1
    assert (
        experiment["judged"]("none", 1, 0.0, {"question": [1e-3], "completion": []}, 4)["seconds"]
        == 0
    )
    counted = experiment["counted"](1)
    assert counted["pairs"] < counted["words"] < torch.tensor(len(data.tokens)).log()
    torch.set_num_threads(threads)
