"""The experiment of the page `masking`, scaled down: its units, its ways, its gaps, its judges."""

import json
import sys
from pathlib import Path
from typing import Any

import jieba
import pytest
import torch

from wode.book import ROOT
from wode.masking import Words
from wode.tasks.names import find_names, names
from wode.tasks.sentences import translation_pairs

FOLDER = ROOT / "snippets" / "1_NLP_basics"


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The script, on sentences of the book's small grammar instead of Tatoeba's."""
    folder: Path = tmp_path_factory.mktemp("data")
    (folder / "cmn-eng").mkdir()
    (folder / "afqmc").mkdir()
    texts = [pair.zh for pair in translation_pairs(500)]
    texts += [f"{who}去了{where}。" for who in ("汤姆", "玛丽") for where in sorted(names())]
    lines = "".join(f"x\t{text}\n" for text in texts)
    (folder / "cmn-eng" / "cmn.txt").write_text(lines, encoding="utf-8")
    rows = (
        json.dumps({"sentence1": a, "sentence2": b, "label": str(n % 2)})
        for n, (a, b) in enumerate(zip(texts[:60], texts[60:120], strict=True))
    )
    (folder / "afqmc" / "dev.json").write_text("\n".join(rows), encoding="utf-8")
    jieba.setLogLevel(60)
    before, threads = {*sys.modules}, torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WODE_DATA", str(folder))
        patch.syspath_prepend(str(FOLDER))
        import masking_data
        import masking_experiment

        patch.setattr(masking_data, "HELD_OUT", 150)
        patch.setattr(masking_experiment, "STEPS", 100)
        yield masking_experiment
    torch.set_num_threads(threads)
    for name in {*sys.modules} - before:
        if name.startswith("masking"):
            del sys.modules[name]


def test_names_are_found_longest_first() -> None:
    text = "汤姆在哈佛大学读哈佛"
    assert [text[begin:end] for begin, end in find_names(text)] == ["汤姆", "哈佛大学", "哈佛"]
    assert len(names()) > 100 and min(map(len, names())) > 1


def test_units_cover_a_sentence(experiment: Any) -> None:
    from masking_data import units

    text = "她去年冬天从哈尔滨寄来两张漂亮的明信片。"
    found = units(text)
    for kind in ("words", "chunks", "phrases"):
        edges = [edge for unit in found[kind] for edge in unit]
        assert edges[0] == 0 and edges[-1] == len(text) and edges[1:-1:2] == edges[2::2], kind
    lengths = {kind: sorted(b - a for a, b in found[kind]) for kind in ("words", "chunks")}
    assert lengths["words"] == lengths["chunks"] and found["words"] != found["chunks"]
    assert "两张漂亮的明信片" in {text[a:b] for a, b in found["phrases"]}


def test_ernie_hides_by_its_stages(experiment: Any) -> None:
    from masking_learning import hide

    ids = torch.full((4000, 8), 7)
    words = Words(50, 4, (0, 1, 2, 3, 4))
    kinds = ("characters", "phrases", "names")
    whole = {"characters": [0, 1, 2, 3, 4, 5, 6, 7], "phrases": [0, 0, 0, 3, 3, 3, 6, 6],
             "names": [0, 1, 2, 3, 3, 3, 6, 7]}  # fmt: skip
    leaders = {kind: torch.tensor(whole[kind]).expand_as(ids) for kind in kinds}
    chance = torch.Generator().manual_seed(0)
    for kind, progress in zip(kinds, (0.1, 0.5, 0.99), strict=True):
        _, unit = hide("ernie", ids, leaders, words, progress, chance=chance)
        assert torch.equal(unit, leaders[kind])
    drawn = {
        tuple(hide("mixed", ids, leaders, words, 0.1, chance=chance)[1][0].tolist())
        for _ in range(30)
    }
    assert len(drawn) == 3


def test_the_gaps_are_what_they_are_called(experiment: Any) -> None:
    from masking_data import data
    from masking_judges import gaps, sizes

    tokenizer, words, _, held_out = data(0)
    found = gaps()
    special = torch.isin(held_out.ids, torch.tensor(words.special))
    assert all(chosen.any() and not (chosen & special).any() for chosen, _ in found.values())
    chosen, unit = found["words"]
    assert (sizes(unit, torch.ones_like(chosen))[chosen] > 1).all()  # [UNK] is not asked for
    assert torch.equal(sizes(unit, chosen)[chosen], sizes(unit, ~special)[chosen])  # whole
    inside = found["inside"][0]
    assert not (inside & ~chosen).any() and (sizes(unit, inside)[chosen] == 1).all()
    hidden = held_out.ids[found["names"][0]].unique().tolist()
    assert tokenizer.vocabulary["汤"] not in hidden  # 姆 is in another name, too


@pytest.mark.parametrize("way", ["characters", "boundary"])
def test_a_model_learns_more_than_frequencies(experiment: Any, way: str) -> None:
    from masking_judges import unigram

    found = experiment.trained(way, 0)
    assert found["cloze"]["characters"]["nats"] < unigram()["characters"] - 0.3
    for test in ("characters", "words", "names", "spans", "inside"):
        marks = found["cloze"][test]
        assert 0 <= marks["whole"] <= 1 and 0 <= marks["right"] <= 1
    assert {*found["segmentation"]} == {*found["questions"]} == {"right", "auc"}


def test_a_model_that_reads_nothing_pays_the_same_whatever_is_seen(experiment: Any) -> None:
    """One that gives each character the same probability; the gaps of ``spans`` are all there."""
    from masking_data import data
    from masking_judges import gaps, sizes, without_the_rest

    _, words, _, held_out = data(0)
    model, _ = experiment.start(words.size, 0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    expected = torch.tensor(float(words.size)).log().item()
    found = without_the_rest(model)
    assert {*found} == {"random", "seen", "wide", "spans_one", "spans_longer"}
    assert all(nats == pytest.approx(expected, abs=1e-4) for nats in found.values())
    one = sizes(held_out.leaders["words"], torch.ones_like(held_out.ids, dtype=torch.bool)) == 1
    assert (gaps()["spans"][0] & one).any() and (gaps()["spans"][0] & ~one).any()


def test_all_ways_hide_as_much(experiment: Any) -> None:
    for way, found in experiment.hidden().items():
        assert abs(found["share"] - 0.15) < 0.02, way
