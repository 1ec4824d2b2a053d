"""The experiment of the page `electra`: each way's loss, by hand; its judges; a run in small."""

import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import assert_close

from wode.bert import Bert, Config
from wode.masking import Words, choose_tokens, corrupt

SCRIPT = Path(__file__).parents[1] / "snippets/1_NLP_basics/electra_experiment.py"


@pytest.fixture(scope="module")
def experiment() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPT.parent))
        whole = runpy.run_path(str(SCRIPT))
        parts = (sys.modules[f"electra_{name}"] for name in ("ways", "judges"))
        yield whole | {name: value for part in parts for name, value in vars(part).items()}


@pytest.fixture(scope="module")
def sentences(experiment: dict) -> tuple:
    own = experiment["corpus"]("grammar", 0)
    inputs = own.tokenizer.batch(own.seen[:16])
    return own, inputs["input_ids"], inputs["attention_mask"], Words.of(own.tokenizer.vocabulary)


def chance() -> torch.Generator:
    return torch.Generator().manual_seed(5)


def test_all_tokens_mlm_is_a_mixture(experiment: dict, sentences: tuple) -> None:
    """p = D · [the word that stands there] + (1 - D) · softmax, summed over all real tokens."""
    own, ids, mask, words = sentences
    torch.manual_seed(0)
    model = experiment["Pretrained"](experiment["WAYS"]["all"], own)
    text = torch.where(choose_tokens(ids, words, 0.3, chance()), ids.flip(0), ids)
    hidden = model.encoder.encode(text, mask)
    D = model.copied(hidden)[..., 0].sigmoid()
    p = model.reader.scores(hidden).softmax(dim=-1).gather(2, ids[..., None])[..., 0]
    p = D * (text == ids) + (1 - D) * p
    assert_close(model.copying(text, ids, mask), -p[mask.bool()].log().mean(), 1e-5)


@pytest.mark.parametrize("name", ["electra", "electra15", "some", "weight1", "lucky", "replace"])
def test_a_way_minimises_what_it_says(experiment: dict, sentences: tuple, name: str) -> None:
    own, ids, mask, words = sentences
    torch.manual_seed(0)
    model, own_chance = experiment["Pretrained"](experiment["WAYS"][name], own), chance()
    found = model.loss(ids, mask, words, chance())
    chosen = choose_tokens(ids, words, generator=own_chance)
    gaps, labels = corrupt(ids, chosen, words, own_chance, 1.0, 0.0)
    loss, text, replaced = model.filled(gaps, labels, mask, own_chance)
    if name == "replace":
        log_p = model.reader(text, mask).log_softmax(dim=-1)[chosen]
        expected = loss - log_p.gather(1, ids[chosen][:, None]).mean()
    else:
        fake = model.reader(text, mask).sigmoid()
        wrong = chosen if name == "lucky" else replaced
        cost = -torch.where(wrong, fake, 1 - fake).log()
        over = chosen if name == "electra15" else mask.bool()
        if name == "some":
            over = choose_tokens(ids, words, generator=own_chance)
        expected = loss + (1 if name == "weight1" else 50) * cost[over].mean()
    assert_close(found, expected, 1e-4)


def test_words_are_drawn_as_often_as_they_come(experiment: dict, sentences: tuple) -> None:
    own, ids, mask, words = sentences
    model = experiment["Pretrained"](experiment["WAYS"]["unigram"], own)
    assert not hasattr(model, "generator")
    labels = torch.where(mask.bool(), ids, -100).repeat(60, 1)
    _, text, _ = model.filled(ids.repeat(60, 1), labels, mask.repeat(60, 1), chance())
    drawn = text[labels != -100].bincount(minlength=words.size) / (labels != -100).sum()
    assert (drawn - own.frequencies.exp()).abs().max() < 0.02
    assert not drawn[list(words.special)].any()


@pytest.mark.parametrize("task", ["form", "replaced", "swapped"])
def test_every_other_sentence_is_broken_in_one_way(experiment: dict, task: str) -> None:
    own, rows = experiment["corpus"]("grammar", 0), experiment["broken"]("grammar", 0, task)
    whole = {tuple(own.tokenizer.encode(text).ids) for text in own.held_out}
    assert len(rows) > 500 and abs(sum(wrong for _, wrong in rows) / len(rows) - 0.5) < 0.05
    for encoding, wrong in rows:
        if not wrong:
            assert tuple(encoding.ids) in whole
    seen = {tuple(own.tokenizer.encode(text).ids) for text in own.seen}
    assert not whole & seen


def test_a_linear_layer_finds_what_is_linear(experiment: dict) -> None:
    torch.manual_seed(0)
    x = torch.randn(600, 5)
    y, other = (x @ torch.randn(5) > 0).long(), torch.randint(2, (600,))
    cut = (slice(0, 300), slice(300, 400), slice(400, 600))
    assert experiment["linear"](*[(x[at], y[at]) for at in cut])[0] > 0.93
    assert experiment["linear"](*[(x[at], other[at]) for at in cut])[0] < 0.62


def test_a_run_in_small(experiment: dict) -> None:
    found = experiment["judged"]("grammar", "electra", 1, 3, 1e-3)
    assert {"form", "replaced", "swapped"} <= {*found["probes"]}
    assert 0 <= found["detection"]["right"] < 0.3
    summed = experiment["summed"]([found, found])
    assert summed["form"]["mean"] == found["probes"]["form"]


def test_the_judges_mean_leaves_padding_out(experiment: dict) -> None:
    torch.manual_seed(0)
    of_mean = experiment["OfMean"](Bert(Config(30, 8, 1, 2, 16))).eval()
    ids, mask = torch.randint(30, (1, 9)), (torch.arange(9) < 6).long()[None]
    expected = of_mean.classifier(of_mean.encoder.encode(ids[:, :6]).mean(dim=1))
    assert_close(of_mean(ids, mask), expected)
