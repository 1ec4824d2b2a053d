"""What the page `contextual-embeddings` and its experiment stand on."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest
import torch

from wode.tasks.senses import sentences
from wode.translation import Vocabulary

FOLDER = Path(__file__).parents[1] / "snippets/1_NLP_basics"


def part(name: str = "") -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return importlib.import_module(f"contextual_embeddings{name}")


def test_every_second_time_a_word_is_renamed() -> None:
    texts = [["a", "b", "a"], ["a", "c"]]
    assert part().renamed(texts, ["a"]) == [["a", "b", "a*"], ["a", "c"]]
    assert texts == [["a", "b", "a"], ["a", "c"]]


def test_the_nearest_centroid_is_that_of_the_sense() -> None:
    torch.manual_seed(0)
    far = torch.tensor([100.0, 0, 0])  # what all have in common
    learned = torch.cat([torch.randn(20, 3) + far, torch.randn(20, 3) + far])
    learned[:20, 1] += 5
    learned[20:, 1] -= 5
    found = part().nearest_centroid(learned, ["up"] * 20 + ["down"] * 20, learned.flip(0))
    assert found == ["down"] * 20 + ["up"] * 20


def test_a_text_with_two_senses_holds_both_words() -> None:
    probe = part("_probe")
    for word in ("bank", "打"):
        found = probe.two_in_one(word)
        assert len(found) == 80
        for first, second in zip(found[0::2], found[1::2], strict=True):
            assert first.text == second.text and first.sense != second.sense
            assert first.place < second.place
            for one in (first, second):
                assert one.tokens[one.place].lower() == word
        singles = {(one.text, one.sense) for one in sentences(word, held_out=True)}
        for one in found:
            assert any(text in one.text and sense == one.sense for text, sense in singles)


def test_neighbours_are_counted_and_averaged_without_the_word() -> None:
    probe = part("_probe")
    some = sentences("bank")[:3]
    one = some[0]
    near = [token.lower() for token in one.tokens[one.place - 1 : one.place + 2]]
    del near[1]
    assert probe.neighbours(one, 1) == near
    counts = probe.counted(99, some)(some)
    assert counts.sum(dim=1).tolist() == [len(text.tokens) - 1 for text in some]
    table = {near[0]: torch.tensor([1.0, 3.0]), near[1]: torch.tensor([3.0, 5.0])}
    assert probe.averaged(1, table)(some[:1]).tolist() == [[2.0, 4.0]]
    assert probe.averaged(1, {"nobody": torch.ones(2)})(some[:1]).tolist() == [[0.0, 0.0]]


def test_vectors_in_context_are_those_of_the_word() -> None:
    lib, some = part(), sentences("打")[:70]
    texts = [one.tokens for one in some]
    vocabulary = Vocabulary(texts)
    torch.manual_seed(0)
    model = lib.two_language_models(texts, vocabulary, 8, 2, 1e-2)
    layers = lib.in_context(model, vocabulary, some)
    assert layers.shape == (3, 70, 16)
    assert (layers[0] - layers[0, :1]).abs().max() < 1e-6  # layer 0: the same in each sentence
    assert (layers[1] - layers[1, :1]).abs().max() > 1e-3
    row = model.words.weight[vocabulary.ids["打"]]
    assert torch.allclose(layers[0, 0], torch.cat([row, row]), atol=1e-6)


def test_a_judge_knows_what_it_was_told() -> None:
    probe = part("_probe")

    def told(_: object) -> object:
        senses = {"money": 0, "river": 1}
        return lambda some: torch.eye(2)[[senses[one.sense] for one in some]]

    found = probe.judged("bank", told, (1, 40), 2)
    assert found["n1"] == {"centroid": [1.0, 1.0], "regression": [1.0, 1.0]}
    assert probe.transferred("bank", told) == {"centroid": 1.0, "regression": 1.0}
    assert probe.mixed("bank", told, 2) == [1.0, 1.0]


def test_names_come_back_to_their_words_unless_mixed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = part("_experiment")
    words = [[f"{a}{b}" for b in "xyz"] for a in "pqrstuvw"]
    texts = [list(row) for row in words for _ in range(60)]
    monkeypatch.setattr(experiment, "tatoeba", lambda column: texts)
    assert experiment.firth(2, 8)["ten"] == 1.0
    assert experiment.firth(2, 8, shuffled=True)["first"] < 0.5


def test_left_and_right_neighbours_are_all_of_them() -> None:
    probe = part("_probe")
    for one in sentences("apple"):
        left, right = (probe.of_side(one, 2, side) for side in ("left", "right"))
        assert left + right == probe.of_side(one, 2, "both") == probe.neighbours(one, 2)
        assert left == [t.lower() for t in one.tokens[max(0, one.place - 2) : one.place]]


def test_no_clause_is_on_both_sides() -> None:
    probe, seen = part("_probe"), list[set[int]]()
    pool = sentences("打") + sentences("打", held_out=True)
    clause = {one.text: n // 2 for n, one in enumerate(pool)}

    def way(_: object) -> object:
        def vectors(some: list) -> torch.Tensor:
            seen.append({clause[one.text] for one in some})
            return torch.eye(3)[[("hit", "play", "phone").index(one.sense) for one in some]]

        return vectors

    assert probe.by_clause("打", way, 2) == [1.0, 1.0]
    for learned, asked in zip(seen[0::2], seen[1::2], strict=True):
        assert not learned & asked and len(learned) == len(asked) == len(pool) / 4


def test_the_difference_tells_what_it_was_told_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = part("_experiment")

    def told(size: float) -> object:
        far = torch.tensor([50.0, 0])  # what the text has in common
        senses = {"money": size, "river": -size}
        return lambda some: torch.stack([far + senses[one.sense] for one in some])

    monkeypatch.setattr(experiment, "minilm", lambda layer: told(1.0))
    assert experiment.difference("bank", 6) == {
        "forty": 1.0, "forty_along": 1.0, "hundred": 1.0, "hundred_along": 1.0,
    }  # fmt: skip
    assert experiment.one_answer("bank", 6) == 0
    monkeypatch.setattr(experiment, "minilm", lambda layer: told(0.0))
    assert experiment.difference("bank", 6)["hundred"] == 0.5
    assert experiment.one_answer("bank", 6) == 40


def test_near_copies_have_one_name() -> None:
    texts = [["a", "b", f"{n:04}"] for n in range(250)]
    found = part("_experiment").in_blocks(texts[::-1], ["a"])
    assert [text[0] for text in found] == ["a"] * 100 + ["a*"] * 100 + ["a"] * 50
