"""What the page `copy` and its experiment stand on."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest
import torch

from wode.copying import Written
from wode.tasks.reports import MATERIAL, reports
from wode.translation import Vocabulary

FOLDER = Path(__file__).parents[1] / "snippets/1_NLP_basics"


def part(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return importlib.import_module(f"copy_{name}")


def test_reports_are_the_same_for_a_seed_and_others_for_another() -> None:
    assert reports(5) == reports(5) != reports(5, seed=1)
    with pytest.raises(ValueError, match="-1"):
        reports(-1)


def test_what_is_held_out_shares_no_name_no_thing_and_no_wording() -> None:
    for kind in ("people", "places"):
        named = [
            {begin + end for begin in half[0] for end in half[1]}
            for half in (getattr(material, kind) for material in MATERIAL)
        ]
        assert not named[0] & named[1]
    assert not {*MATERIAL.train.things} & {*MATERIAL.held_out.things}
    assert not {*MATERIAL.train.asides} & {*MATERIAL.held_out.asides}
    for topic, (headline, events) in MATERIAL.train.topics.items():
        assert headline == MATERIAL.held_out.topics[topic][0]
        assert not {*events} & {*MATERIAL.held_out.topics[topic][1]}


def test_a_headline_names_what_its_report_names_and_no_vocabulary_holds_it() -> None:
    known = Vocabulary(words for report in reports(1600) for words in report)
    forms = {word for headline, _ in MATERIAL.train.topics.values() for word in headline.split()}
    for report in reports(200, 1, new_names=True):
        names = {*report.headline} - forms
        assert names and names <= {*report.words} and not names & {*known.ids}


def test_a_docstring_is_a_name_and_a_paragraph_with_its_summary() -> None:
    docs = part("docs")
    text = "Cut a *graph* in two parts.\n\nThe parts of `G` are found by one_way or another, " * 2
    doc = docs.doc_of("cut_graphInTwo", text)
    assert doc.target == ["cut", "a", "graph", "in", "two", "parts", "."]
    assert doc.source[:6] == ["cut", "graph", "in", "two", ":", "the"] and "one_way" in doc.source
    assert docs.doc_of("cut", "Cut a graph.") is None
    assert docs.doc_of("cut", "Cut a graph in two.\n\nParameters\n----\n" + "x " * 20) is None


def test_pieces_join_to_the_words_that_were_cut() -> None:
    docs = part("docs")
    learned_from = [
        docs.Doc(["a", "graph", "of", "graphs", ":", "many", "graphs"], ["graphs", "and", "graph"])
    ]
    pieces = docs.Pieces(learned_from, 20)
    words = ["graphs", "and", "a", "graph"]
    assert len(pieces.cut(words)) > 4 and pieces.joined(pieces.cut(words)) == words
    assert docs.Pieces(learned_from, None).cut(words) == words


def test_scores_count_rare_words_there_and_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment, docs = part("experiment"), part("docs")
    vocabulary = Vocabulary([["the", "graph"]])
    monkeypatch.setattr(experiment, "cut_with", lambda size: (None, vocabulary, []))
    held = [docs.Doc(["zork", ":", "the"], ["the", "zork", "quux"])]
    found = experiment.scores([["the", "zork", "the", "zork"]], held)
    assert found["there"] == 1 and found["absent"] == 0 and found["repeated"] == 1
    assert experiment.scores([["<unknown>"] * 4 + ["the"]], held)["repeated"] == 0
    assert found["rouge1"] == pytest.approx(2 * 0.5 * (2 / 3) / (0.5 + 2 / 3))


def test_unknown_words_are_replaced_where_attention_is_largest() -> None:
    experiment, docs = part("experiment"), part("docs")
    attention = torch.tensor([[0.1, 0.9], [0.8, 0.2]])
    one = Written(["the", "<unknown>"], attention, torch.ones(2), torch.zeros(2, 2))
    assert experiment.replaced([one], [docs.Doc(["a", "b"], ["a"])]) == [["the", "a"]]


def test_a_tie_tells_half_and_a_table_counts_what_follows() -> None:
    experiment = part("experiment")
    values, absent = torch.tensor([0.9, 0.1, 0.1]), torch.tensor([True, True, False])
    assert experiment.tells(values, absent) == pytest.approx(0.75)
    # after <begin> (1) always word 4, which the source has; after 4 always <end>, which it lacks
    table = experiment.absent_after([([4, 5], [4])] * 1000, 6)
    assert table[1] < 0.01 and table[4] > 0.99 and table[5] == pytest.approx(0.5)


def test_a_gate_that_knows_tells_and_costs_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """A short training of each way on reports; then what p_gen says of it."""
    experiment, docs = part("experiment"), part("docs")
    data = [docs.Doc(*report) for report in reports(400)]
    monkeypatch.setattr(experiment, "docs", lambda packages, at_most=None: data[:at_most])
    experiment.cut_with.cache_clear()
    experiment.trained.cache_clear()
    for way in experiment.WAYS:
        found = experiment.measured("test", way, 3, 1e-2, 0)
        assert 0 <= found["scores"]["rouge1"] <= 1 and found["scores"]["again"] >= 0
    model, _ = experiment.trained("pointer", 40, 1e-2, 0)
    gates = experiment.gates(model, data[:60])
    assert gates["own"] < gates["fixed"] and gates["after"] < gates["fixed"]
    assert gates["tells"] > 0.7
    experiment.cut_with.cache_clear()
    experiment.trained.cache_clear()
