"""wode.adapters: LoRA equals peft, in outputs, gradients and files; Houlsby's equals the paper."""

import json
import runpy
import sys
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
import torch.nn.functional as F
from helpers import assert_close, assert_same_gradients, gradients, masks, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bert import SMALL, configs, reference_of
from torch import nn
from transformers import BertForSequenceClassification

from wode.adapters import (
    Bottleneck,
    LoRA,
    add_lora,
    fingerprint,
    freeze,
    learned_state,
    load_lora,
    merge,
    named,
    put,
    save_lora,
    switch,
)
from wode.bert import Bert, Config
from wode.heads import SequenceClassifier

TARGETS = ["query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense"]


def twins(config: Config, labels: int) -> tuple[Any, Any]:
    """Our classifier and transformers', with the same random weights."""
    settings_ = reference_of(config, "sdpa")
    settings_.num_labels = labels
    theirs = randomise(BertForSequenceClassification(settings_))
    ours = SequenceClassifier(Bert(config), labels)
    weights = {name: w for name, w in theirs.state_dict().items() if "position_ids" not in name}
    ours.load_state_dict(weights)
    return ours, theirs


def with_lora(theirs: Any, targets: list[str], rank: int, alpha: int) -> Any:
    """The reference with peft's LoRA, whose weights are random."""
    config = peft.LoraConfig(
        r=rank, lora_alpha=alpha, target_modules=targets, modules_to_save=["classifier"]
    )
    model = peft.get_peft_model(theirs, config)
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            nn.init.normal_(parameter, std=0.3)
    return model


def own_name(name: str) -> str:
    """What we call a parameter of peft's model."""
    name = name.removeprefix("base_model.model.").replace(".default", "")
    return name.replace(".modules_to_save", "")


@given(
    config=configs,
    B=st.integers(1, 4),
    T=st.integers(2, 10),
    kind=st.sampled_from(["none", "right", "left", "holes"]),
    targets=st.lists(st.sampled_from(TARGETS), min_size=1, max_size=6, unique=True),
    rank=st.integers(1, 9),
    alpha=st.sampled_from([1, 3, 8, 16]),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=40)
def test_lora_equals_peft(config, B, T, kind, targets, rank, alpha, seed) -> None:
    torch.manual_seed(seed)
    ours, theirs = twins(config, 3)
    reference = with_lora(theirs, targets, rank, alpha)
    add_lora(ours, targets, rank, alpha, learned=["classifier"])
    state = {own_name(n): p for n, p in reference.named_parameters() if p.requires_grad}
    switch(ours, state)
    ids, mask, types = torch.randint(50, (B, T)), masks(kind, B, T), torch.randint(2, (B, T))
    mask[:, 0] = 1
    wanted = torch.randint(3, (B,))
    expected = reference(ids, mask, types, labels=wanted)
    logits = ours(ids, mask, types)
    assert_close(logits, expected.logits)
    F.cross_entropy(logits, wanted).backward()
    expected.loss.backward()
    theirs_ = {own_name(name): gradient for name, gradient in gradients(reference).items()}
    assert_same_gradients(ours, theirs_)
    assert {n for n, p in ours.named_parameters() if p.grad is not None} == theirs_.keys()
    merged = merge(ours).eval()
    assert not any(isinstance(part, LoRA) for part in merged.modules())
    assert_close(merged(ids, mask, types), reference.eval()(ids, mask, types).logits)


@pytest.fixture
def pair() -> tuple[Any, Any]:
    torch.manual_seed(0)
    ours, theirs = twins(SMALL, 3)
    return ours.eval(), theirs.eval()


def test_peft_opens_our_files(pair, tmp_path: Path) -> None:
    ours, theirs = pair
    add_lora(ours, ["query", "value"], rank=3, alpha=5, learned=["classifier"])
    for parameter in learned_state(ours):
        nn.init.normal_(ours.get_parameter(parameter), std=0.3)
    folder = save_lora(ours, tmp_path / "task", base="owner/name")
    opened = peft.PeftModel.from_pretrained(theirs, folder).eval()
    ids = torch.randint(50, (4, 7))
    assert_close(ours(ids), opened(ids).logits)
    assert sorted(p.name for p in folder.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]


def test_we_open_pefts_files(pair, tmp_path: Path) -> None:
    ours, theirs = pair
    reference = with_lora(theirs, ["query", "output.dense"], 4, 8).eval()
    nn.init.normal_(reference.base_model.model.classifier.modules_to_save["default"].weight)
    reference.save_pretrained(tmp_path)
    load_lora(ours, tmp_path)
    ids = torch.randint(50, (4, 7))
    assert_close(ours.eval()(ids), reference(ids).logits)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"peft_type": "IA3"}, r'adapter_config\.json: expected peft_type "LORA", got "IA3"'),
        ({"use_dora": True}, "use_dora"),
        ({"enable_lora": [True, False]}, "enable_lora"),
        ({"use_rslora": True}, "use_rslora"),
        ({"alpha_pattern": {"query": 3}}, "alpha_pattern"),
        ({"bias": "all"}, 'expected bias "none", got "all"'),
        ({"init_lora_weights": "pissa"}, "init_lora_weights"),  # it changes the base's weights
        ({"alora_invocation_tokens": [1]}, "alora_invocation_tokens"),
        ({"lora_alpha": "8"}, 'lora_alpha of type float, got "8"'),
        ({"a_new_way": True}, 'unknown setting "a_new_way": true'),
        ({"target_modules": "all-linear"}, "target_modules of type"),
        ({"r": 2}, r"not in both: .*lora_A\.weight"),
        ({"target_modules": ["key"]}, r"not in both: .*\.key\.lora_A"),
        ({"target_modules": ["nowhere"]}, "no part of the model is named 'nowhere'"),
    ],
)
def test_files_that_do_not_fit(pair, tmp_path: Path, change: dict, message: str) -> None:
    ours, theirs = pair
    with_lora(theirs, ["query"], 4, 8).save_pretrained(tmp_path)
    path = tmp_path / "adapter_config.json"
    config = json.loads(path.read_text(encoding="utf-8")) | change
    path.write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        load_lora(ours, tmp_path)


def test_what_the_first_peft_wrote_is_read_and_a_damaged_file_named_once(pair, tmp_path: Path):
    ours, theirs = pair
    with_lora(theirs, ["query"], 4, 8).save_pretrained(tmp_path)
    path = tmp_path / "adapter_config.json"
    first = {"bias": "none", "enable_lora": None, "fan_in_fan_out": False, "inference_mode": True,
             "lora_alpha": 8, "lora_dropout": 0.0, "merge_weights": False,
             "modules_to_save": ["classifier"], "peft_type": "LORA", "r": 4,
             "target_modules": ["query"], "task_type": "CAUSAL_LM"}  # fmt: skip
    path.write_text(json.dumps(first), encoding="utf-8")
    load_lora(ours, tmp_path)
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"adapter_config\.json: expected an object") as raised:
        load_lora(ours, tmp_path)
    assert str(raised.value).count(str(path)) == 1


# ---------------------------------------------------------------- Houlsby


def test_a_bottleneck_is_the_papers_equation(pair) -> None:
    """x + U φ(D x + d) + u between the sublayer's projection and the residual; 2 m d + d + m."""
    ours, _ = pair
    config = ours.bert.config
    width, size = config.hidden_size, 5
    layer = ours.bert.encoder.layer[0]
    x, y = torch.randn(6, width), torch.randn(6, config.intermediate_size)
    names = ["attention.output.dropout", "output.dropout"]
    plain = layer.output(y, x)
    put(ours, names, lambda part: Bottleneck(part, width, size), learned=["LayerNorm"])
    near = layer.output(y, x)
    assert 0 < (near - plain).abs().max() < 0.05  # begins near the identity
    adapter = layer.output.dropout
    assert isinstance(adapter, Bottleneck)
    randomise(adapter)
    h = layer.output.dense(y)
    D, d, U, u = adapter.down.weight, adapter.down.bias, adapter.up.weight, adapter.up.bias
    h = h + F.gelu(h @ D.T + d) @ U.T + u
    assert_close(layer.output(y, x), layer.output.LayerNorm(x + h))
    one = sum(p.numel() for p in adapter.parameters())
    assert one == 2 * size * width + width + size
    adapters = named(ours, names).values()
    assert len(list(adapters)) == 2 * config.num_hidden_layers
    learned = {n.rpartition(".")[0].rpartition(".")[2] for n in learned_state(ours)}
    assert learned == {"down", "up", "LayerNorm"}


# ---------------------------------------------------------------- what learns, what does not


def step(model: nn.Module) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    F.cross_entropy(model.train()(torch.randint(50, (4, 7))), torch.randint(3, (4,))).backward()
    optimizer.step()


def test_the_rest_is_frozen(pair) -> None:
    ours, _ = pair
    before_all = {n: p.clone() for n, p in ours.named_parameters()}
    add_lora(ours, ["query"], learned=["classifier"])
    before, learned = fingerprint(ours), learned_state(ours)
    step(ours)
    assert fingerprint(ours) == before
    changed = {n for n, p in learned_state(ours).items() if not torch.equal(p, learned[n])}
    assert "classifier.weight" in changed and any("lora_B" in name for name in changed)
    for name, value in before_all.items():
        own = name.replace("query.", "query.base_layer.")
        if not name.startswith("classifier"):
            assert torch.equal(ours.get_parameter(own), value), name
    with torch.no_grad():
        ours.get_parameter("bert.pooler.dense.bias")[0] += 1e-3
    assert fingerprint(ours) != before


def test_tasks_are_switched(pair) -> None:
    ours, _ = pair
    add_lora(ours, ["query"], learned=["classifier"])
    ids, first = torch.randint(50, (4, 7)), learned_state(ours)
    answer = ours.eval()(ids)
    step(ours)
    second = learned_state(ours)
    assert not torch.equal(ours.eval()(ids), answer)
    assert torch.equal(switch(ours, first).eval()(ids), answer)
    assert not torch.equal(switch(ours, second).eval()(ids), answer)
    with pytest.raises(ValueError, match=r"expected \d+ parameters, got 1; not in both"):
        switch(ours, {"classifier.weight": first["classifier.weight"]})


def test_what_is_left_to_learn(pair) -> None:
    ours, _ = pair
    freeze(ours, ["bias", "classifier"])
    learned = learned_state(ours)
    assert "classifier.weight" in learned
    assert {n for n in learned if n != "classifier.weight"} == {
        n for n, _ in ours.named_parameters() if n.endswith("bias")
    }
    assert not learned_state(freeze(ours))
    with pytest.raises(ValueError, match="no parameter of the model has 'clasifier'"):
        freeze(ours, ["clasifier"])


def test_at_first_nothing_changes(pair) -> None:
    ours, _ = pair
    ids = torch.randint(50, (4, 7))
    before = ours(ids)
    assert torch.equal(add_lora(ours, ["query", "value"])(ids), before)


def test_targets_that_are_not_there(pair) -> None:
    ours, _ = pair
    before = fingerprint(ours.requires_grad_(False))
    with pytest.raises(ValueError, match=r"no part of the model is named 'q_proj'.*'query'"):
        add_lora(ours, ["q_proj"])
    with pytest.raises(ValueError, match="to be a Linear, got LayerNorm"):
        add_lora(ours, ["LayerNorm"])
    with pytest.raises(ValueError, match=r"one rank, scale and dropout, got none .merged"):
        save_lora(ours, "nowhere")
    assert fingerprint(ours) == before and not Path("nowhere").exists()


# ---------------------------------------------------------------- the page's experiment

SCRIPT = Path(__file__).parents[1] / "snippets/1_NLP_basics/adapters_experiment.py"
LEARN = {  # the ends of the names of what learns, beside the head
    "full": None,
    "houlsby4": ("down.", "up.", "LayerNorm."),
    "lora8": ("lora_A.", "lora_B."),
    "bias": (".bias",),
    "pooler": ("pooler.",),
    "head": (),
}


@pytest.fixture(scope="module")
def experiment() -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPT.parent))
        patch.delitem(sys.modules, "adapters", raising=False)
        whole = runpy.run_path(str(SCRIPT))
        parts = (sys.modules[f"adapters_{name}"] for name in ("methods", "costs", "forgetting"))
        yield whole | {name: value for part in parts for name, value in vars(part).items()}


@pytest.mark.parametrize("name", LEARN)
def test_the_methods_train_what_they_say(experiment: dict, pair, name: str) -> None:
    ours = experiment["METHODS"][name][0](pair[0])
    before = {n: p.clone() for n, p in ours.named_parameters()}
    ids = torch.randint(50, (4, 7))
    with experiment["saved_bytes"](ours) as saved:
        loss = F.cross_entropy(ours(ids), torch.randint(3, (4,)))
    one_layer = 2 * ids.numel() * SMALL.hidden_size * 4  # what even half a layer would keep
    assert (saved[0] < one_layer) == (name in ("pooler", "head"))
    loss.backward()
    torch.optim.SGD(ours.parameters(), 1.0).step()
    changed = {n for n, p in ours.named_parameters() if not torch.equal(p, before[n])}
    ends = LEARN[name]
    may = {n for n in before if ends is None or n.startswith("classifier")}
    may |= {n for n in before if ends and any(end in n for end in ends)}
    assert changed <= may == set(learned_state(ours))
    assert len(changed) > len(may) / 3


def test_the_mean_leaves_padding_out(experiment: dict, pair) -> None:
    of_mean = experiment["OfMean"](pair[0]).eval()
    ids, types = torch.randint(50, (1, 9)), torch.zeros(1, 9, dtype=torch.long)
    mask = (torch.arange(9) < 6).long()[None]
    expected = of_mean.classifier(of_mean.bert.encode(ids[:, :6]).mean(dim=1))
    assert_close(of_mean(ids, mask, types), expected)


@pytest.mark.parametrize(
    ("kind", "moves", "largest"),
    [
        ("zero_a", {"lora_A"}, (0, 8**-0.5)),
        ("zero_a_small", {"lora_A"}, (0, SMALL.hidden_size**-0.5)),
        ("random_both", {"lora_A", "lora_B"}, (SMALL.hidden_size**-0.5, 8**-0.5)),
    ],
)
def test_other_beginnings(
    experiment: dict, pair, kind: str, moves: set[str], largest: tuple[float, float]
) -> None:
    ids = torch.randint(50, (4, 7))
    before = pair[0](ids)
    ours = experiment["started"](pair[0], kind)
    assert torch.equal(ours(ids), before) == (kind != "random_both")
    for name, bound in zip(("lora_A", "lora_B"), largest, strict=True):
        sizes = [p.abs().max().item() for n, p in ours.named_parameters() if name in n]
        assert sizes and all(0.8 * bound <= size <= bound for size in sizes)
    ours(ids).sum().backward()
    moved = {
        n.split(".")[-2] for n, p in ours.named_parameters() if p.grad is not None and p.grad.any()
    }
    assert moves == {name for name in moved if name.startswith("lora")}


def test_differences_are_of_one_seed_each(experiment: dict) -> None:
    found = experiment["paired"]([0.8, 0.7, 0.9], [0.7, 0.75, 0.7])
    assert found["seeds"] == pytest.approx([0.1, -0.05, 0.2]) and found["ahead"] == 2
    assert found["error"] == pytest.approx(0.1258305739 / 3**0.5)


def test_what_cannot_be_adapted_is_named() -> None:
    model = nn.Sequential(OrderedDict(a=nn.Sequential(OrderedDict(b=nn.Linear(4, 4)))))
    with pytest.raises(ValueError, match=r"got a\.b inside a"):
        put(model, ["a", "a.b"], lambda part: Bottleneck(part, 4, 2))
    with pytest.raises(ValueError, match="got none"):
        add_lora(model, [])
    with pytest.raises(ValueError, match="rank of at least 1, got 0"):
        add_lora(model, ["b"], rank=0)
    assert all(parameter.requires_grad for parameter in model.parameters())


def test_a_part_that_learns_by_half_is_not_saved(tmp_path: Path) -> None:
    model = nn.Sequential(OrderedDict(a=nn.Linear(4, 4), head=nn.Linear(4, 2)))
    add_lora(model, ["a"], rank=2, learned=["head.bias"])
    with pytest.raises(ValueError, match=r"expected all of head to learn, head\.weight does not"):
        save_lora(model, tmp_path / "half")
    assert not (tmp_path / "half").exists()


def test_a_folder_that_does_not_fit_leaves_the_model_as_it_was(tmp_path: Path) -> None:
    one = add_lora(nn.Sequential(OrderedDict(a=nn.Linear(4, 4))), ["a"], rank=2)
    save_lora(one, tmp_path / "one")
    layer = nn.Linear(4, 6)
    other = nn.Sequential(OrderedDict(a=layer))
    weight = layer.weight.clone()
    with pytest.raises(ValueError, match="not in both"):
        load_lora(other, tmp_path / "one")
    assert other.get_submodule("a") is layer and torch.equal(layer.weight, weight)
    assert all(parameter.requires_grad for parameter in other.parameters())


def test_a_fingerprint_takes_any_type_and_sees_buffers() -> None:
    model = freeze(nn.Sequential(nn.Linear(2, 2), nn.BatchNorm1d(2)).bfloat16())
    before = fingerprint(model)
    model(torch.randn(4, 2, dtype=torch.bfloat16))  # in training mode the statistics move
    assert fingerprint(model) != before
