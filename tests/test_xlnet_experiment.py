"""What the page `xlnet` and its experiment stand on: the sentences, the nine ways, the scores."""

import importlib
import math
from pathlib import Path
from types import ModuleType

import pytest
import torch
from helpers import assert_close, randomise

from wode.masking import Words
from wode.tasks.cities import CITIES, TIMES, VERBS, learn, visits
from wode.xlnet import Config, XLNetLM, random_order, visible_in

FOLDER = Path(__file__).parents[1] / "snippets/1_NLP_basics"
WORDS = Words(20, 4, (0, 1, 2, 3, 4))
WAYS = (
    "xlnet6", "full6", "xlnet1", "xlnet_few", "bert", "bert_mask", "any", "left", "left_few"
)  # fmt: skip


def part(name: str) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        return importlib.import_module(f"xlnet_{name}")


def rows(count: int, length: int) -> list[torch.Tensor]:
    marks = torch.tensor([3, 2])
    return [torch.cat([marks, torch.randint(5, 20, (length,))]) for _ in range(count)]


def small() -> XLNetLM:
    return randomise(XLNetLM(Config(20, 16, 2, 2, 16, 0.0))).eval()


def test_in_the_sentences_verb_and_time_agree_and_the_city_is_one() -> None:
    texts = [text.split() for text in visits()]
    assert len({*map(tuple, texts)}) == 864 == 6 * 12 * 6 * 2
    for _, verb, first, second, time in texts:
        assert f"{first} {second}" in CITIES
        (tense,) = (name for name in VERBS if verb in VERBS[name])
        assert time in TIMES[tense]


def test_learn_learns() -> None:
    torch.manual_seed(0)
    ids = torch.randint(5, 20, (1, 6)).expand(8, 6)

    def ask(model: XLNetLM, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        order = random_order(len(ids), ids.shape[1])
        return model(ids, visible_in(order), order), ids.gather(1, order)

    logits, answers = ask(learn(ask, ids, 20, steps=60), ids)
    right = logits[:, 2:].argmax(dim=2) == answers[:, 2:]  # the first ones cannot know their place
    assert right.float().mean() > 0.5  # by chance: a sixth


@pytest.mark.parametrize("way", WAYS)
def test_a_way_asks_for_pieces_and_not_for_marks(way: str) -> None:
    torch.manual_seed(0)
    ids = torch.stack(rows(64, 12))
    ids[:, 2:] = torch.arange(5, 17)  # the place tells the piece
    logits, answers = part("ways").question(way, small(), ids, WORDS, torch.Generator())
    assert logits.shape == (len(answers), 20) and answers.min() >= 5
    share = len(answers) / ids[:, 2:].numel()
    wanted = {"xlnet6": 1 / 6, "full6": 1 / 6, "xlnet1": 1, "left": 1, "any": 0.5}.get(way, 0.15)
    assert abs(share - wanted) < 0.06


def test_an_open_context_sees_itself_and_nothing_of_what_is_asked() -> None:
    order = random_order(3, 9)
    visible, asked = part("ways").context_sees_itself(order, 2), order[:, -2:]
    for row in range(3):
        context = order[row, :7]
        assert visible[row][context][:, context].all()
        assert not visible[row][context][:, asked[row]].any()
        assert visible[row, asked[row, 1], asked[row, 0]]
        assert not visible[row, asked[row, 0], asked[row, 1]]


@pytest.mark.parametrize("way", ["xlnet6", "bert"])
def test_a_score_is_told_nothing_of_what_is_hidden(way: str) -> None:
    torch.manual_seed(0)
    model, ids = small(), torch.stack(rows(4, 5))
    hidden, asked = torch.tensor([[3, 5]] * 4), torch.tensor([[3]] * 4)
    other = ids.scatter(1, hidden, 19)
    logits = part("scores").hidden_logits
    with torch.no_grad():
        assert_close(*(logits(way, model, one, hidden, asked, WORDS) for one in (ids, other)))
        seen = ids.clone()
        seen[:, 4] = 19
        one, two = (logits(way, model, part, hidden, asked, WORDS) for part in (ids, seen))
        assert (one - two).abs().max() > 1e-4


@pytest.mark.parametrize("way", WAYS)
def test_training_makes_the_scores_better(way: str) -> None:
    torch.manual_seed(0)
    learned = [torch.cat([torch.tensor([3, 2]), torch.arange(5, 13)]) for _ in range(8)]
    config = Config(20, 16, 2, 2, 32, 0.0)
    model, share = part("ways").train(way, learned, WORDS, config, 60, 1e-2, 0)
    found = part("scores").nats(way, model, learned, WORDS, 0)
    assert 0 < share <= 1
    assert found["left" if way.startswith("left") else "both"] < 0.8 * math.log(20)
    assert ("product" in found) != way.startswith("left")


def test_a_memory_is_read_and_a_wrong_one_is_another() -> None:
    memory = part("memory")
    torch.manual_seed(0)
    model, ids = small(), torch.randint(20, (64 * 300,))
    alone, with_memory, wrong = (
        torch.tensor(memory.by_place(model, ids, *how)) for how in ((0,), (32,), (32, True))
    )
    assert len(alone) == memory.PIECE
    assert (alone - with_memory).abs().max() > 1e-4 < (wrong - with_memory).abs().max()
    logits, kept = memory.read(model, ids[None, :8], None, 3)
    assert logits.shape == (1, 8, 20) and all(one.shape == (1, 3, 16) for one in kept)


def test_a_probe_reads_every_row_once_whatever_its_length() -> None:
    torch.manual_seed(0)
    model, given = small(), rows(2, 3) + rows(2, 6)
    mixed = [given[n] for n in (2, 0, 3, 1)]
    with torch.no_grad():
        vectors = part("probe").vectors("bert", model, mixed)
        expected = torch.stack([model.transformer(row[None])[0].mean(dim=1)[0] for row in mixed])
    assert_close(vectors, expected)
