"""For the page `adapters`: MiniLM adapted to SST-2 with all of its weights, and with few of them.

    python snippets/1_NLP_basics/adapters_experiment.py

needs `sst2` in WODE_DATA. Each method's rate is chosen on the development set with seed 0; five
other seeds, each with other training sentences, are measured on half of the test set. What was
measured goes to build/adapters.jsonl, so that a run that was stopped goes on, and a second process,
started with the word ``backwards``, can share the work; then all of it is put into
docs/assets/results/adapters.json. About three quarters of an hour of one core.
"""

import copy
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from itertools import pairwise
from types import FunctionType
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torch.utils.flop_counter import FlopCounterMode

from adapters import teach
from wode.adapters import Bottleneck, LoRA, add_lora, freeze, learned_state, merge, put, switch
from wode.bert import Bert, initialise
from wode.book import ROOT, results
from wode.data.formats import read_tsv
from wode.data.pairs import Pair, collate
from wode.decoding import evaluating
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.heads import SequenceClassifier
from wode.tasks.baselines import bag_of_words, frozen_vectors
from wode.tasks.heads import SUBJECTS, letters
from wode.tasks.reviews import reviews
from wode.training import seed_everything
from wode.training.evaluation import majority, measured
from wode.training.finetuning import Data, Settings, run
from wode.wordpiece import WordPiece

CELLS = ROOT / "build" / "adapters.jsonl"
SEEDS = [1, 2, 3, 4, 5]
FEW, THREE = SEEDS[:2], SEEDS[:3]
LEARNED, LONGEST = 512, 16  # training sentences, and their pieces
PHASES = ("forward", "backward", "step")
Method = Callable[[Any], nn.Module]
LONGER = [("bias", 3e-3), ("bias", 1e-2), ("head", 3e-2), ("head", 3e-1)]  # five epochs too


# ---------------------------------------------------------------- methods


def houlsby(model: SequenceClassifier, size: int) -> nn.Module:
    """A bottleneck after each of a layer's halves; layer norms and the head learn too."""
    width = model.bert.config.hidden_size
    return put(
        model,
        ["output.dropout"],
        lambda part: Bottleneck(part, width, size),
        ["LayerNorm", "classifier"],
    )


def lora(model: SequenceClassifier, rank: int, alpha: float = 16.0) -> nn.Module:
    return add_lora(model, ["query", "value"], rank, alpha, learned=["classifier"])


def started(model: SequenceClassifier, kind: str) -> nn.Module:
    """LoRA of rank 8 that begins otherwise than the paper's does.

    torch.nn.Linear draws from ±1/√in: B, with 8 numbers coming in, begins seven times as large as
    A, with 384. So the reverse beginning comes in both sizes.
    """
    for part in lora(model, 8).modules():
        if isinstance(part, LoRA):
            part.lora_B.reset_parameters()  # ±1/√8
            if kind == "zero_a_small":
                bound = part.lora_A.in_features**-0.5  # ±1/√384, as A begins
                nn.init.uniform_(part.lora_B.weight, -bound, bound)
            if kind.startswith("zero_a"):
                nn.init.zeros_(part.lora_A.weight)
    return model


class OfMean(nn.Module):
    """A classifier on the mean of the hidden states in place of [CLS] and the pooler."""

    def __init__(self, model: SequenceClassifier) -> None:
        super().__init__()
        self.bert, self.dropout, self.classifier = model.bert, model.dropout, model.classifier

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        hidden = self.bert.encode(input_ids, attention_mask, token_type_ids)  # (B, T, E)
        mask = attention_mask[:, :, None]  # (B, T, 1)
        return self.classifier(self.dropout((hidden * mask).sum(dim=1) / mask.sum(dim=1)))


def lora_of_mean(model: SequenceClassifier) -> nn.Module:
    return OfMean(lora(model, 8))  # ty: ignore[invalid-argument-type]


LOW, HIGH = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2], [3e-4, 1e-3, 3e-3, 1e-2, 3e-2]  # rates to begin with
METHODS: dict[str, tuple[Method, list[float]]] = {
    "full": (lambda model: model, [3e-5, 1e-4, 3e-4, 1e-3, 3e-3]),
    **{f"houlsby{size}": (partial(houlsby, size=size), LOW) for size in (4, 16, 64)},
    **{f"lora{rank}": (partial(lora, rank=rank), LOW) for rank in (1, 8, 32)},
    "bias": (partial(freeze, but=["bias", "classifier"]), HIGH),
    "pooler": (partial(freeze, but=["pooler", "classifier"]), HIGH),
    "head": (partial(freeze, but=["classifier"]), HIGH),
}
OTHERS: dict[str, Method] = {
    "lora8_mean": lora_of_mean,
    "zero_a": partial(started, kind="zero_a"),
    "random_both": partial(started, kind="random_both"),
    "zero_a_small": partial(started, kind="zero_a_small"),
    "lora1_undivided": partial(lora, rank=1, alpha=2.0),  # α/r is 2, as with rank 8
    "lora32_undivided": partial(lora, rank=32, alpha=64.0),
    "no_head": lambda model: add_lora(model, ["query", "value"], 8),
}


class Reduced(nn.Module):
    """The network in bfloat16, its weights in float32: two thirds of the time."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, **inputs: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.network(**inputs)
        return logits.float()


# ---------------------------------------------------------------- data


@cache
def tokens() -> WordPiece:
    return WordPiece.from_pretrained(MINILM)


@cache
def part(name: str) -> list[Pair]:
    texts = read_tsv(data_root() / "sst2" / f"{name}.tsv")
    return [Pair(text, None, label) for text, label in texts]


@cache
def short() -> list[Pair]:
    return [pair for pair in part("train") if len(tokens().encode(pair.first).ids) <= LONGEST]


def learned_from(seed: int) -> list[Pair]:
    return random.Random(seed).sample(short(), LEARNED)


def developed() -> list[Pair]:
    """Every fourth sentence of the development set, of any length."""
    return part("dev")[::4]


def tested() -> list[Pair]:
    """Every second sentence of the test set, of any length."""
    return part("test")[::2]


def asked(model: nn.Module, pairs: Sequence[Pair]) -> float:
    loader = DataLoader(list(pairs), 64, collate_fn=collate(tokens()))  # ty: ignore[invalid-argument-type]
    return measured(model, loader)["accuracy"]


# ---------------------------------------------------------------- a cell: one training


def settings(lr: float, seed: int, epochs: int = 2) -> Settings:
    return Settings(lr=lr, seed=seed, epochs=epochs, warmup=0.1, decay=True)


def trained(name: str, lr: float, seed: int, epochs: int = 2) -> tuple[Any, Any]:
    """A model that learned SST-2, and its log."""
    method = METHODS[name][0] if name in METHODS else OTHERS[name]
    return run(
        Data("sst2", learned_from(seed), developed()[:8]),
        settings(lr, seed, epochs),
        progress=False,
        prepare=lambda model: Reduced(method(model)),
    )


def chosen(name: str, lr: float, seed: int) -> dict[str, Any]:
    """How well a rate does on the development sentences."""
    model, rows = trained(name, lr, seed)
    return {"dev": asked(model, developed()), "loss": [row["loss"] for row in rows]}


def final(name: str, lr: float, seed: int, epochs: int = 2) -> dict[str, Any]:
    """Accuracy on the test sentences."""
    model, rows = trained(name, lr, seed, epochs)
    return {"test": asked(model, tested()), "loss": [row["loss"] for row in rows]}


def headless(lr: float, seed: int) -> dict[str, Any]:
    """LoRA under a head that does not learn; then under 100 others, as other programs draw them."""
    model, _ = trained("no_head", lr, seed)
    pairs = tested()[:200]
    network, labels = model.network.eval(), torch.tensor([pair.label for pair in pairs])
    with torch.inference_mode():
        _, pooled = network.bert(**tokens().batch([pair.first for pair in pairs]))  # (200, E)

        def right() -> float:
            return (network.classifier(pooled).argmax(dim=1) == labels).double().mean().item()

        own, others = right(), []
        for _ in range(100):
            network.classifier.apply(initialise)
            others.append(right())
    return {"own": own, "others": others}


# ---------------------------------------------------------------- forgetting


def classes(model: SequenceClassifier, number: int) -> SequenceClassifier:
    """The model with a new head."""
    model.classifier = nn.Linear(model.bert.config.hidden_size, number).apply(initialise)
    return model


@cache
def subjects() -> Data:
    """The second task: what a customer's letter is about, one of four."""
    return Data(
        "letters", *([Pair(t, None, label) for t, label in letters(h)] for h in (False, True))
    )


def second(prepare: Callable[[Any], nn.Module], lr: float, seed: int) -> tuple[Any, float]:
    """A model that learned the letters, and its accuracy there."""
    how = settings(lr, seed, 4)
    model, rows = run(subjects(), how, progress=False, prepare=lambda m: Reduced(prepare(m)))
    return model, rows[-1]["accuracy"]


def forgets(lr: float, seed: int, rates: Sequence[float]) -> dict[str, Any]:
    """All weights learn SST-2, then the letters: SST-2 before and after.

    And, as a control, the letters again with as many of SST-2's sentences among them.
    """
    test = tested()[:300]
    one, _ = trained("full", lr, seed)
    learned = copy.deepcopy(one.network.state_dict())
    before, after = asked(one, test), []
    for rate in rates:
        both, accuracy = second(partial(goes_on, learned, number=len(SUBJECTS)), rate, seed)
        both.network.classifier = one.network.classifier  # its own head for the first task
        after.append({"lr": rate, "first": asked(both, test), "second": accuracy})
    model, accuracy = mixed(learned, rates[-1], seed, 4)
    replayed = {"first": asked(model, test), "second": accuracy}
    return {"before": before, "after": after, "replayed": replayed}


def goes_on(
    learned: dict[str, Tensor], model: SequenceClassifier, number: int
) -> SequenceClassifier:
    """A model that learned SST-2, with a head for the next task."""
    model.load_state_dict(learned)
    return classes(model, number)


def mixed(learned: dict[str, Tensor], lr: float, seed: int, epochs: int) -> tuple[Any, float]:
    """`second` with as many of SST-2's sentences, those it learned from, among the letters."""

    def prepare(model: SequenceClassifier) -> nn.Module:  # one head: its classes 0, 1 are SST-2's
        goes_on(learned, model, 2 + len(SUBJECTS))
        with torch.no_grad():
            model.classifier.weight[:2] = learned["classifier.weight"]
            model.classifier.bias[:2] = learned["classifier.bias"]
        return Reduced(model)

    learn, held_out = (
        [Pair(pair.first, None, pair.label + 2) for pair in pairs]
        for pairs in (subjects().train, subjects().held_out)
    )
    data = Data("mixed", [*learn, *learned_from(seed)[: len(learn)]], held_out)
    model, rows = run(data, settings(lr, seed, epochs), progress=False, prepare=prepare)
    return model, rows[-1]["accuracy"]


def refits(lr: float, seed: int, rates: Sequence[float]) -> dict[str, Any]:
    """As `forgets`, but what is asked is what the pooled vectors still tell of SST-2.

    A logistic layer is fitted to them anew. And the control with as many steps as the letters
    alone take (two epochs), under the head it has and under a fitted one.
    """
    from sklearn.linear_model import LogisticRegression

    learn, test = learned_from(seed), tested()[:300]

    def refitted(model: Any) -> float:
        at_learn, at_test = (features(model.network.bert, x)["pooled"] for x in (learn, test))
        layer = LogisticRegression(max_iter=3000)
        layer.fit(at_learn.numpy(), [pair.label for pair in learn])
        return float(layer.score(at_test.numpy(), [pair.label for pair in test]))

    one, _ = trained("full", lr, seed)
    learned = copy.deepcopy(one.network.state_dict())
    before, after = refitted(one), []
    for rate in rates:
        both, _ = second(partial(goes_on, learned, number=len(SUBJECTS)), rate, seed)
        after.append(refitted(both))
    model, accuracy = mixed(learned, rates[-1], seed, 2)
    short = {"first": asked(model, test), "second": accuracy, "refit": refitted(model)}
    return {"before": before, "after": after, "short": short}


def switching(lr: float, seed: int) -> dict[str, Any]:
    """LoRA for SST-2, another for the letters: taken in and out of one model, heads beside them."""
    test = tested()[:300]
    model, _ = trained("lora8", lr, seed)
    state, head = learned_state(model), model.network.classifier
    inputs, _ = collate(tokens())(test[:64])
    with evaluating(model):
        answers = model(**inputs)
    before = asked(model, test)
    other, accuracy = second(lambda m: lora(classes(m, len(SUBJECTS)), 8), lr, seed)
    model.network.classifier = copy.deepcopy(other.network.classifier)
    here = asked(switch(model, learned_state(other)), subjects().held_out)
    model.network.classifier = head  # the letters' LoRA under the first task's head: nonsense
    wrong = asked(model, test)
    with evaluating(switch(model, state)):
        again = model(**inputs)
    return {
        "before": before,
        "after": asked(model, test),
        "wrong": wrong,
        "second": accuracy,
        "second_here": here,
        "same": int(torch.equal(answers, again)),
    }


def simplest(draw: int) -> dict[str, Any]:
    """The page's first example, on reviews drawn by ``draw``; the page has 0."""
    learn, test = reviews(320, draw), reviews(160, draw, held_out=True)
    seen, new = ([(pair.first, pair.label) for pair in pairs] for pairs in (learn, test))
    seed_everything(draw)
    model = SequenceClassifier.from_pretrained(MINILM, 2)
    still = frozen_vectors(model.bert, tokens(), seen, new)
    lora(model, 8)
    found = teach(model, learn, test, lr=5e-3)
    return {"lora": found, "frozen": still, "words": bag_of_words(seen, new)}


# ---------------------------------------------------------------- frozen vectors


def features(bert: Bert, pairs: Sequence[Pair]) -> dict[str, Tensor]:
    """What a linear layer could stand on: (N, E) each."""
    found: dict[str, list[Tensor]] = {"mean": [], "cls": [], "pooled": []}
    for begin in range(0, len(pairs), 64):
        inputs = tokens().batch([pair.first for pair in pairs[begin : begin + 64]])
        with evaluating(bert), torch.autocast("cpu", torch.bfloat16):
            hidden, pooled = (tensor.float() for tensor in bert(**inputs))
        mask = inputs["attention_mask"][:, :, None]
        mean = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        for name, tensor in zip(found, (mean, hidden[:, 0], pooled), strict=True):
            found[name].append(tensor)
    return {name: torch.cat(tensors) for name, tensors in found.items()}


def frozen(_name: str) -> dict[str, Any]:
    """Logistic regression: on vectors of MiniLM, of an encoder that never learned, on words.

    How much it is regularised (C) is chosen on the development set, for each kind, with seed 0.
    """
    from sklearn.linear_model import LogisticRegression

    torch.manual_seed(0)
    pretrained = Bert.from_pretrained(MINILM)
    new = Bert(pretrained.config)
    dev, test = developed(), tested()
    learned = {seed: learned_from(seed) for seed in [0, *SEEDS]}
    found: dict[str, Any] = {"majority": majority([pair.label for pair in test])}
    for name, bert in {"": pretrained, "new_": new}.items():
        at_test, at_dev = features(bert, test), features(bert, dev)
        seeds = SEEDS[:3] if name else SEEDS
        at_learned = {s: features(bert, learned[s]) for s in [0, *seeds]}
        for kind in ["mean"] if name else at_test:

            def score(seed: int, c: float, at: Any, pairs: Any, kind: str = kind) -> float:
                def scaled(x: Any) -> Any:
                    return F.normalize(x[kind], dim=1).numpy()

                model = LogisticRegression(C=c, max_iter=3000)
                model.fit(scaled(at_learned[seed]), [p.label for p in learned[seed]])  # noqa: B023
                return float(model.score(scaled(at), [p.label for p in pairs]))

            strengths = [0.3, 1.0, 3.0, 10.0, 30.0, 100.0]
            best = max(strengths, key=lambda c: score(0, c, at_dev, dev))
            found[f"{name}{kind}"] = {
                "c": best,
                "plain": [score(seed, 1.0, at_test, test) for seed in seeds],
                "seeds": [score(seed, best, at_test, test) for seed in seeds],
            }
    words = [[(p.first, p.label) for p in learned[s]] for s in SEEDS]
    asked_ = [(p.first, p.label) for p in test]
    found["words"] = {"seeds": [bag_of_words(rows, asked_, r"\S+") for rows in words]}
    return found


# ---------------------------------------------------------------- what a step costs


@contextmanager
def saved_bytes(model: nn.Module) -> Iterator[list[int]]:
    """Counts the bytes that autograd keeps between forward and backward, parameters left out."""
    own = {p.untyped_storage().data_ptr() for p in model.parameters()}
    seen: dict[int, int] = {}
    total: list[int] = []

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        yield total
    total.append(sum(seen.values()))


def costs(_name: str) -> dict[str, Any]:
    """Bytes and CPU seconds of one step in float32: 16 sentences, the median of 15 rounds."""
    inputs, labels = collate(tokens())(learned_from(0)[:16])
    names = ["full", "houlsby16", "lora1", "lora8", "lora32", "bias", "head"]
    models, found = {}, dict[str, dict[str, Any]]()
    for name in names:
        torch.manual_seed(0)
        model = METHODS[name][0](SequenceClassifier.from_pretrained(MINILM, 2)).train()
        models[name] = model, torch.optim.AdamW(model.parameters(), 1e-4, fused=True)
        with saved_bytes(model) as saved:
            loss = F.cross_entropy(model(**inputs), labels)
        loss.backward()
        models[name][1].step()
        learn = [p for p in model.parameters() if p.requires_grad]
        moments = [t for state in models[name][1].state.values() for t in state.values() if t.dim()]
        found[name] = {
            "parameters": sum(p.numel() for p in model.parameters()),
            "learned": sum(p.numel() for p in learn),
            "weights_mb": sum(p.nbytes for p in model.parameters()) / 1e6,
            "gradients_mb": sum(p.grad.nbytes for p in learn if p.grad is not None) / 1e6,
            "moments_mb": sum(t.nbytes for t in moments) / 1e6,
            "saved_mb": saved[0] / 1e6,
        }
    times: dict[str, list[list[float]]] = {name: [] for name in names}
    for _ in range(15):  # in turn, so that what else the machine does meets all of them
        for name, (model, optimizer) in models.items():
            optimizer.zero_grad()
            marks = [time.process_time()]
            loss = F.cross_entropy(model(**inputs), labels)
            marks.append(time.process_time())
            loss.backward()
            marks.append(time.process_time())
            optimizer.step()
            marks.append(time.process_time())
            times[name].append([b - a for a, b in pairwise(marks)])
    whole = [sum(each) for each in times["full"]]
    for name, rows in times.items():
        for key, column in zip(PHASES, zip(*rows, strict=True), strict=True):
            found[name][key] = statistics.median(column) / statistics.median(whole)
        found[name]["time"] = statistics.median(map(sum, rows)) / statistics.median(whole)
    torch.manual_seed(0)
    plain = SequenceClassifier.from_pretrained(MINILM, 2)
    added = lora(copy.deepcopy(plain), 8)
    for name, tensor in learned_state(added).items():
        nn.init.normal_(tensor, std=0.02)
        added.get_parameter(name).data = tensor
    merged = merge(copy.deepcopy(added))
    with torch.inference_mode():
        apart = (added.eval()(**inputs) - merged.eval()(**inputs)).abs().max().item()
        asked_: dict[str, list[float]] = {"plain": [], "added": [], "merged": []}
        for _ in range(30):
            for name, model in zip(asked_, (plain.eval(), added, merged), strict=True):
                began = time.process_time()
                model(**inputs)
                asked_[name].append(time.process_time() - began)
    base = statistics.median(asked_["plain"])
    answers = {name: statistics.median(values) / base for name, values in asked_.items()}
    return {"step": found, "answer": answers, "merged_apart": apart}


def arithmetic(_name: str) -> dict[str, Any]:
    """The arithmetic of both passes of a step; the forward pass with all weights is 1.

    Beside the methods, LoRA of rank 8 in the highest layer alone.
    """
    inputs, labels = collate(tokens())(learned_from(0)[:16])
    found: dict[str, dict[str, float]] = {}
    top = [f"encoder.layer.5.attention.self.{name}" for name in ("query", "value")]
    ways = {name: METHODS[name][0] for name in ("full", "lora8", "bias", "head")}
    ways["lora_top"] = partial(add_lora, targets=top, learned=["classifier"])
    for name, way in ways.items():
        model = way(SequenceClassifier.from_pretrained(MINILM, 2)).train()
        with FlopCounterMode(display=False) as forward, saved_bytes(model) as saved:
            loss = F.cross_entropy(model(**inputs), labels)
        with FlopCounterMode(display=False) as backward:
            loss.backward()
        passes = {"forward": forward, "backward": backward}
        found[name] = {key: float(one.get_total_flops()) for key, one in passes.items()}
        found[name]["saved_mb"] = saved[0] / 1e6
    one = found["full"]["forward"]
    return {
        name: {key: n if key == "saved_mb" else n / one for key, n in row.items()}
        for name, row in found.items()
    }


# ---------------------------------------------------------------- all of it


class Cells:
    """What has been measured, a line each; what is there is not measured again."""

    def __init__(self) -> None:
        CELLS.parent.mkdir(exist_ok=True)
        self.read()

    def read(self) -> None:
        lines = CELLS.read_text(encoding="utf-8").splitlines() if CELLS.exists() else []
        self.found: dict[str, Any] = dict(json.loads(line) for line in lines)

    def __call__(self, measure: FunctionType, *args: Any) -> dict[str, Any]:
        key = " ".join([measure.__name__, *map(str, args)])
        if key not in self.found:
            self.read()  # what another process has measured in the meantime
        if key not in self.found:
            began = time.process_time()
            row = measure(*args) | {"cpu_seconds": time.process_time() - began}
            with CELLS.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, row]) + "\n")
            self.found[key] = row
            print(key, row, flush=True)
        return self.found[key]


def best_rate(cells: Cells, name: str) -> tuple[float, dict[str, float]]:
    """The least rate that is within one standard error of the best on the development set.

    (The best itself often stands at the edge, and collapses with the next seed.) While the best
    lies at an end of the row, the row grows.
    """
    rates = list(METHODS[name][1])
    while True:
        scores = {lr: cells(chosen, name, lr, 0)["dev"] for lr in rates}
        best = max(scores, key=lambda lr: scores[lr])
        if best == rates[-1] and best < 3:
            rates.append(float(f"{best * (10 / 3 if f'{best:.0e}'[0] == '3' else 3):.0e}"))
        elif best == rates[0] and best > 1e-5:
            rates.insert(0, float(f"{best / (3 if f'{best:.0e}'[0] == '3' else 10 / 3):.0e}"))
        else:
            high = scores[best]
            enough = high - (high * (1 - high) / len(developed())) ** 0.5
            least = min(lr for lr in rates if scores[lr] >= enough)
            return least, {f"{lr:.0e}": scores[lr] for lr in rates}


def summary(seeds: list[float]) -> dict[str, Any]:
    return {
        "mean": statistics.mean(seeds),
        "sd": statistics.stdev(seeds),
        "low": min(seeds),
        "high": max(seeds),
        "seeds": seeds,
    }


def paired(ours: Sequence[float], rival: Sequence[float]) -> dict[str, Any]:
    """By how much each seed is better than the rival with the same seed; ``error``: of the mean."""
    found = summary([a - b for a, b in zip(ours, rival, strict=True)])
    ahead = sum(difference > 0 for difference in found["seeds"])
    return found | {"error": found["sd"] / len(ours) ** 0.5, "ahead": ahead}


def share(method: Method) -> float:
    """How much of the model learns."""
    model = method(SequenceClassifier.from_pretrained(MINILM, 2))
    sizes = {p: p.numel() for p in model.parameters()}
    return sum(n for p, n in sizes.items() if p.requires_grad) / sum(sizes.values())


def main() -> None:
    torch.set_num_threads(1)
    cells, way = Cells(), -1 if "backwards" in sys.argv else 1
    cost = cells(costs, "all")
    still = cells(frozen, "all")
    for row in cost["step"].values():
        row["total_mb"] = sum(row[f"{p}_mb"] for p in ("weights", "gradients", "moments", "saved"))
    numbers: dict[str, Any] = {
        "flops": {k: row for k, row in cells(arithmetic, "all").items() if k != "cpu_seconds"},
        "seeds": len(SEEDS),
        "learned_from": LEARNED,
        "longest": LONGEST,
        "tested_on": len(tested()),
        "majority": still["majority"],
        "cost": {key: cost[key] for key in ("step", "answer", "merged_apart")},
        "frozen": {
            kind: {"c": row.get("c", 1.0), **summary(row["seeds"])}
            | ({"plain": statistics.mean(row["plain"])} if "plain" in row else {})
            for kind, row in still.items()
            if isinstance(row, dict)
        },
        "methods": {},
    }
    draws = [cells(simplest, draw) for draw in range(5)]
    numbers["simplest"] = {
        name: summary([row[name] for row in draws]) for name in ("lora", "frozen", "words")
    }
    rates = dict[str, float]()
    for name in list(METHODS)[::way]:
        rates[name], scores = best_rate(cells, name)
        numbers["methods"][name] = {"lr": rates[name], "dev": scores}
    for seed in SEEDS[::way]:  # all methods of one seed, then the next
        for name in METHODS:
            cells(final, name, rates[name], seed)
        if seed in FEW:
            cells(forgets, rates["full"], seed, (1e-4, 3e-4))
            cells(switching, rates["lora8"], seed)
            cells(refits, rates["full"], seed, (1e-4, 3e-4))
            for kind in ("lora8_mean", "random_both"):
                cells(final, kind, rates["lora8"], seed)
            cells(headless, rates["lora8"], seed)
            cells(final, "lora8", rates["lora8"], seed, 5)
            for name, lr in LONGER:
                cells(final, name, lr, seed, 5)

    def over(seeds: Sequence[int], name: str, lr: float, *epochs: int) -> dict[str, Any]:
        return summary([cells(final, name, lr, seed, *epochs)["test"] for seed in seeds])

    for name, (method, _) in METHODS.items():
        row = numbers["methods"].pop(name)  # in the order of METHODS
        numbers["methods"][name] = row | over(SEEDS, name, rates[name]) | {"share": share(method)}
    held = numbers["frozen"]["mean"]["seeds"], numbers["methods"]["full"]["seeds"]
    for row in numbers["methods"].values():  # of the same seed, which drew the same sentences
        row["over_frozen"], row["over_full"] = (paired(row["seeds"], rival) for rival in held)
    pairs = ("lora8_mean", "random_both")
    numbers["other"] = {name: over(FEW, name, rates["lora8"]) for name in pairs}
    for name in ("zero_a", "zero_a_small"):
        numbers["other"][name] = over(THREE, name, rates["lora8"])
    numbers["undivided"] = {
        name: {f"{lr:.0e}": cells(chosen, f"{name}_undivided", lr, 0)["dev"] for lr in (3e-3, 1e-2)}
        for name in ("lora1", "lora32")
    }
    numbers["reverse_low"] = over(FEW, "zero_a", 0.001)  # at LoRA's own rate one of them collapses
    numbers["longer"] = over(FEW, "lora8", rates["lora8"], 5)
    numbers["longer_at"] = {"bias": {}, "head": {}}
    for name, lr in LONGER:
        numbers["longer_at"][name][f"{lr:.0e}"] = over(FEW, name, lr, 5)
    under = [cells(headless, rates["lora8"], seed) for seed in FEW]
    numbers["headless"] = {
        "own": statistics.mean(row["own"] for row in under),
        "others": summary([accuracy for row in under for accuracy in row["others"]]),
    }
    others = numbers["headless"]["others"]["seeds"]
    numbers["headless"]["good"] = statistics.mean(accuracy >= 0.75 for accuracy in others)
    numbers["headless"]["reversed"] = statistics.mean(accuracy <= 0.25 for accuracy in others)
    numbers["edge"] = over(SEEDS, "lora8", 0.01)  # the best on the development set itself
    numbers["start"] = over(FEW, "lora8", rates["lora8"])  # beside OTHERS, with the same seeds
    apart = [cells(forgets, rates["full"], seed, (1e-4, 3e-4)) for seed in FEW]
    switched = [cells(switching, rates["lora8"], seed) for seed in FEW]
    fitted = [cells(refits, rates["full"], seed, (1e-4, 3e-4)) for seed in FEW]
    columns = {
        "before": [row["before"] for row in apart],
        **{f"replayed_{k}": [row["replayed"][k] for row in apart] for k in ("first", "second")},
        **{
            f"{k}_{name}": [row["after"][i][k] for row in apart]
            for i, name in enumerate(("low", "high"))
            for k in ("first", "second")
        },
        **{
            f"lora_{k}": [row[k] for row in switched]
            for k in ("before", "after", "wrong", "second")
        },
        "refit_before": [row["before"] for row in fitted],
        "refit_low": [row["after"][0] for row in fitted],
        "refit_high": [row["after"][1] for row in fitted],
        **{f"short_{k}": [row["short"][k] for row in fitted] for k in ("first", "second", "refit")},
    }
    numbers["forgetting"] = {name: summary(seeds) for name, seeds in columns.items()}
    numbers["forgetting"]["same"] = sum(row["same"] for row in switched)
    numbers["cpu_minutes"] = sum(row["cpu_seconds"] for row in cells.found.values()) / 60
    results.write(
        "adapters",
        numbers,
        command="python snippets/1_NLP_basics/adapters_experiment.py",
        seed=[0, *SEEDS],
        note_zh="MiniLM 在 SST-2 上：全部权重、适配器、LoRA、偏置、头、冻结的向量，"
        "学习率各自选，几个种子。",
        note_en="MiniLM on SST-2: all weights, adapters, LoRA, biases, the head, frozen vectors, "
        "each at a rate chosen for it, several seeds.",
    )


if __name__ == "__main__":
    main()
