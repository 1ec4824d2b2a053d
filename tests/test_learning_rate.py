"""The chapters and the lab on learning rates: schedules, AdamW written out, the lean model."""

import math
import runpy
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from transformers import get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

from wode.bert import Bert, Config
from wode.book import ROOT, labs
from wode.heads import SequenceClassifier
from wode.training.finetuning import Settings, rate_at

SNIPPET = ROOT / "snippets" / "2_transformer_basics" / "learning_rate.py"
sys.path.insert(0, str(SNIPPET.parent))  # as for a script there
SCHEDULES = runpy.run_path(str(SNIPPET.with_name("schedules_runs.py")))
sys.path.pop(0)


@pytest.fixture(scope="module")
def lab():
    before = torch.get_num_threads()
    yield labs.definitions(ROOT / "snippets" / "labs" / "learning-rate.py")
    torch.set_num_threads(before)


# ---------------------------------------------------------------- formulas


@given(st.integers(1, 300), st.floats(0, 1), st.booleans())
def test_the_rate_rises_then_falls_and_is_never_zero(steps: int, warmup: float, decay: bool):
    settings = Settings(warmup=warmup, decay=decay)
    rates = [rate_at(step, steps, settings) for step in range(steps)]
    assert all(0 < rate <= 1 for rate in rates)
    rising = max(math.ceil(warmup * steps) - 1, 0)  # steps before the warm-up is over
    assert rates[:rising] == sorted(rates[:rising])
    assert rates[rising:] == sorted(rates[rising:], reverse=True)
    assert decay or rates[rising:] == [1.0] * (steps - rising)


@given(st.integers(1, 300), st.data(), st.booleans())
def test_the_schedule_of_whole_steps_is_transformers(steps: int, data, decay: bool) -> None:
    rising = data.draw(st.integers(0, steps))
    settings = Settings(warmup=rising / steps, decay=decay)
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(()))], lr=1.0)
    reference = get_linear_schedule_with_warmup(optimizer, rising, steps + 1)
    for t in range(1, steps + 1):
        optimizer.step()
        reference.step()
        rate = rate_at(t - 1, steps, settings)
        if decay or t <= rising:
            assert rate == pytest.approx(optimizer.param_groups[0]["lr"])
        else:
            assert rate == 1


@given(
    st.integers(0, 2**31),
    st.integers(1, 12),
    st.sampled_from([1e-5, 1e-3, 0.1]),
    st.sampled_from([0.0, 0.01, 0.5]),
    st.tuples(st.sampled_from([0.0, 0.5, 0.9]), st.sampled_from([0.9, 0.999])),
    st.sampled_from([1e-6, 1.0, 1e6]),
)
def test_adamw(seed, steps, lr, decay, betas, scale) -> None:
    adamw = runpy.run_path(str(SNIPPET))["adamw"]
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(7, generator=generator, dtype=torch.double)
    gradients = [
        scale * torch.randn(7, generator=generator, dtype=torch.double) for _ in range(steps)
    ]
    weight = nn.Parameter(start.clone())
    optimizer = torch.optim.AdamW([weight], lr=lr, weight_decay=decay, betas=betas)
    for gradient in gradients:
        weight.grad = gradient.clone()
        optimizer.step()
    found = adamw(start, gradients, lr=lr, decay=decay, betas=betas)
    torch.testing.assert_close(found, weight.detach(), rtol=1e-10, atol=1e-12)


@given(st.integers(2, 200), st.data(), st.sampled_from(["linear", "cosine"]))
def test_the_share_is_that_of_transformers(steps: int, data, shape: str) -> None:
    warmup = data.draw(st.integers(0, steps - 1))
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(()))], lr=1.0)
    make = {"linear": get_linear_schedule_with_warmup, "cosine": get_cosine_schedule_with_warmup}
    reference = make[shape](optimizer, warmup, steps)
    for t in range(steps):
        rate = optimizer.param_groups[0]["lr"]
        assert SCHEDULES["share"](t, steps, warmup, shape) == pytest.approx(rate, abs=1e-12)
        optimizer.step()
        reference.step()


@pytest.mark.parametrize("adam", [False, True])
@pytest.mark.parametrize("clip", [None, 0.5])
def test_many_runs_at_once_are_the_runs_one_by_one(adam: bool, clip: float | None) -> None:
    """The experiment's runs, side by side in one tensor, equal torch's own, one by one."""
    settings = {"adam": adam, "clip": clip, "steps": 40, "shape": "cosine", "warmup": 5, "spike": 9}
    rates, seeds = [0.01, 0.1], 2
    found = SCHEDULES["digits"](rates, seeds, **settings)
    x, y = (part.flatten(1) if part.dim() > 1 else part for part in SCHEDULES["TRAIN"])
    order = torch.Generator().manual_seed(100)
    batches = [torch.randint(len(y), (seeds, 8), generator=order) for _ in range(40)]
    for i, rate in enumerate(rates):
        for seed in range(seeds):
            generator = torch.Generator().manual_seed(seed)
            first, last = nn.Linear(64, 32), nn.Linear(32, 10)
            model = nn.Sequential(first, nn.ReLU(), last)
            with torch.no_grad():
                for layer in (first, last):
                    n, m = layer.in_features + 1, layer.out_features
                    drawn = (2 * torch.rand(n, m, generator=generator) - 1) / (n - 1) ** 0.5
                    layer.weight.copy_(drawn[:-1].T), layer.bias.copy_(drawn[-1])
            kinds = {False: torch.optim.SGD, True: torch.optim.AdamW}
            optimizer = kinds[adam](model.parameters(), lr=rate, weight_decay=0.0)
            schedule = get_cosine_schedule_with_warmup(optimizer, 5, 40)
            for t in range(40):
                rows = batches[t][seed]
                loss = F.cross_entropy(model((255 if t == 9 else 1) * x[rows]), y[rows])
                optimizer.zero_grad()
                loss.backward()
                if clip is not None:
                    nn.utils.clip_grad_norm_(model.parameters(), clip)
                optimizer.step()
                schedule.step()
            with torch.no_grad():
                after = F.cross_entropy(model(x), y).item()
            assert found["loss"][i][seed] == pytest.approx(after, rel=2e-3)


# ---------------------------------------------------------------- the lab


def test_each_group_is_what_its_name_says(lab) -> None:
    """Sorted is sorted and stays so; each remedy changes what it is called by, and nothing else."""
    data = lab["review_data"](16, 8)
    found = lab["groups"](data)
    for (kind, name), (used, settings) in found.items():
        chosen = Settings(**settings)
        labels = [pair.label for pair in used.train]
        assert (kind == "sorted") == (labels == sorted(labels)) == (not chosen.shuffle)
        assert {*used.train} == {*data.train} and len(labels) == len(data.train)
        assert used.held_out == data.held_out
        assert chosen.lr == float("1e-3" if kind == "remedies" else name)
        rates = [rate_at(step, 20, chosen) for step in range(20)]
        assert (rates[0] < 0.9) == (name in ("warmup", "schedule"))
        assert (rates[-1] < 0.9) == (name in ("decay", "schedule"))
        assert (chosen.clip is not None) == (name == "clip")


def test_the_best_rate_is_the_one_with_the_highest_accuracy(lab) -> None:
    found = {name: {"epoch_2": {"accuracy": value}} for name, value in (("a", 0.5), ("b", 0.9))}
    assert lab["best"](found, 2) == "b"


def small_classifier() -> SequenceClassifier:
    torch.manual_seed(0)
    config = Config(
        vocab_size=50,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return SequenceClassifier(Bert(config), 2)


def test_leaving_out_pieces_changes_no_result(lab) -> None:
    """After AdamW steps all weights equal those of the whole model, but for what never occurs."""
    pieces = [0, 1, 5, 7, 20, 49]
    whole, lean = small_classifier(), lab["Lean"](small_classifier(), pieces)
    inputs = torch.tensor([pieces[1:], [1, 20, 7, 0, 0]])
    mask = (inputs != 0).long()
    labels = torch.tensor([0, 1])
    for network, ids in ((whole, inputs), (lean.network, lean.place[inputs])):
        optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
        for _ in range(3):
            optimizer.zero_grad()
            F.cross_entropy(network(ids, mask), labels).backward()
            optimizer.step()
    state = lean.network.state_dict()
    for name, tensor in whole.state_dict().items():
        if name == "bert.embeddings.word_embeddings.weight":
            tensor = tensor[pieces]
        torch.testing.assert_close(state[name], tensor, rtol=1e-5, atol=1e-6)
    low = lean(input_ids=inputs, attention_mask=mask)
    assert low.dtype == torch.float32
    torch.testing.assert_close(low, whole(inputs, mask), rtol=0.05, atol=0.05)


def test_a_summary_counts_seeds_with_one_answer(lab) -> None:
    def row(accuracy: float, same: float) -> dict[str, float]:
        return {"accuracy": accuracy, "answered_same": same, "loss": 1.0, "held_out_loss": 0.7}

    runs = [[row(0.5, 1.0), row(0.8, 0.4)], [row(0.6, 0.9), row(0.5, 0.0)]]
    found = lab["summary"](runs)
    assert found["epoch_1"]["accuracy"] == 0.55 and found["epoch_2"]["high"] == 0.8
    assert (found["epoch_1"]["collapsed"], found["epoch_2"]["collapsed"]) == (1, 1)


def test_the_authors_table_says_what_is_missing(lab, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("WODE_DATA", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "afqmc").mkdir()
    (tmp_path / "afqmc" / "dev.json").write_text("")
    lab["original"](tmp_path)
    told = capsys.readouterr().out
    assert "train.json: it is in https://" in told and "dev.json: " not in told
    assert "hf download google-bert/bert-base-chinese" in told
    assert not list(tmp_path.glob("*.json"))


def test_the_authors_table_where_all_is_there(lab, tmp_path: Path, monkeypatch) -> None:
    """Three runs of the settings in the notes, on what stands for the model and the data."""
    asked = {}

    def sweep(data, runs, out, model_id, **others):
        asked.update(data=data, runs=runs, model=model_id)
        return {"data": {"majority": 0.69}, "runs": []}

    for name, value in {"missing": lambda _: [], "load_data": list, "sweep": sweep}.items():
        monkeypatch.setitem(lab["original"].__globals__, name, value)
    lab["original"](tmp_path)
    assert [(s.lr, s.shuffle, s.epochs) for s in asked["runs"]] == [
        (1e-5, False, 3),
        (5e-5, False, 3),
        (1e-5, True, 3),
    ]
    assert asked["model"] == "google-bert/bert-base-chinese"
    assert (tmp_path / "learning_rate_afqmc.json").is_file()
