"""For the page `adapters`: MiniLM adapted to SST-2 with all of its weights, and with few of them.

    python snippets/1_NLP_basics/adapters_experiment.py

needs `sst2` in WODE_DATA. Each method's rate is chosen on the development set with seed 0; five
other seeds, each with other training sentences, are measured on half of the test set. What was
measured goes to build/adapters.jsonl, so that a run that was stopped goes on, and a second process,
started with the word ``backwards``, can share the work; then all of it is put into
docs/assets/results/adapters.json. About three quarters of an hour of one core.
"""

import os
import statistics
import sys
from collections.abc import Sequence
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
import torch.nn.functional as F

from adapters import teach
from adapters_costs import arithmetic, costs
from adapters_forgetting import forgets, refits, switching
from adapters_methods import (
    LEARNED,
    LONGEST,
    METHODS,
    Method,
    asked,
    developed,
    features,
    learned_from,
    lora,
    tested,
    tokens,
    trained,
)
from wode.bert import Bert, initialise
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.files.hub import MINILM
from wode.heads import SequenceClassifier
from wode.tasks.baselines import bag_of_words, frozen_vectors
from wode.tasks.reviews import reviews
from wode.training import seed_everything
from wode.training.evaluation import majority

SEEDS = [1, 2, 3, 4, 5]
FEW, THREE = SEEDS[:2], SEEDS[:3]
LONGER = [("bias", 3e-3), ("bias", 1e-2), ("head", 3e-2), ("head", 3e-1)]  # five epochs too


# ---------------------------------------------------------------- what is measured


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
            return (likeliest(network.classifier(pooled), dim=1) == labels).double().mean().item()

        own, others = right(), []
        for _ in range(100):
            network.classifier.apply(initialise)
            others.append(right())
    return {"own": own, "others": others}


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


def frozen() -> dict[str, Any]:
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


# ---------------------------------------------------------------- all of it


def best_rate(kept: Kept, name: str) -> tuple[float, dict[str, float]]:
    """The least rate that is within one standard error of the best on the development set.

    (The best itself often stands at the edge, and collapses with the next seed.) While the best
    lies at an end of the row, the row grows.
    """
    rates = list(METHODS[name][1])
    while True:
        scores = {lr: kept("chosen", chosen, name, lr, 0)["dev"] for lr in rates}
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
    kept = Kept(ROOT / "build" / "adapters.jsonl")
    way = -1 if "backwards" in sys.argv else 1
    cost = kept("costs", costs)
    still = kept("frozen", frozen)
    for row in cost["step"].values():
        row["total_mb"] = sum(row[f"{p}_mb"] for p in ("weights", "gradients", "moments", "saved"))
    numbers: dict[str, Any] = {
        "flops": kept("arithmetic", arithmetic),
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
    draws = [kept("simplest", simplest, draw) for draw in range(5)]
    numbers["simplest"] = {
        name: summary([row[name] for row in draws]) for name in ("lora", "frozen", "words")
    }
    rates = dict[str, float]()
    for name in list(METHODS)[::way]:
        rates[name], scores = best_rate(kept, name)
        numbers["methods"][name] = {"lr": rates[name], "dev": scores}
    for seed in SEEDS[::way]:  # all methods of one seed, then the next
        for name in METHODS:
            kept("final", final, name, rates[name], seed)
        if seed in FEW:
            kept("forgets", forgets, rates["full"], seed, (1e-4, 3e-4))
            kept("switching", switching, rates["lora8"], seed)
            kept("refits", refits, rates["full"], seed, (1e-4, 3e-4))
            for kind in ("lora8_mean", "random_both"):
                kept("final", final, kind, rates["lora8"], seed)
            kept("headless", headless, rates["lora8"], seed)
            kept("final", final, "lora8", rates["lora8"], seed, 5)
            for name, lr in LONGER:
                kept("final", final, name, lr, seed, 5)

    def over(seeds: Sequence[int], name: str, lr: float, *epochs: int) -> dict[str, Any]:
        return summary([kept("final", final, name, lr, seed, *epochs)["test"] for seed in seeds])

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
        name: {
            f"{lr:.0e}": kept("chosen", chosen, f"{name}_undivided", lr, 0)["dev"]
            for lr in (3e-3, 1e-2)
        }
        for name in ("lora1", "lora32")
    }
    numbers["reverse_low"] = over(FEW, "zero_a", 0.001)  # at LoRA's own rate one of them collapses
    numbers["longer"] = over(FEW, "lora8", rates["lora8"], 5)
    numbers["longer_at"] = {"bias": {}, "head": {}}
    for name, lr in LONGER:
        numbers["longer_at"][name][f"{lr:.0e}"] = over(FEW, name, lr, 5)
    under = [kept("headless", headless, rates["lora8"], seed) for seed in FEW]
    numbers["headless"] = {
        "own": statistics.mean(row["own"] for row in under),
        "others": summary([accuracy for row in under for accuracy in row["others"]]),
    }
    others = numbers["headless"]["others"]["seeds"]
    numbers["headless"]["good"] = statistics.mean(accuracy >= 0.75 for accuracy in others)
    numbers["headless"]["reversed"] = statistics.mean(accuracy <= 0.25 for accuracy in others)
    numbers["edge"] = over(SEEDS, "lora8", 0.01)  # the best on the development set itself
    numbers["start"] = over(FEW, "lora8", rates["lora8"])  # beside OTHERS, with the same seeds
    apart = [kept("forgets", forgets, rates["full"], seed, (1e-4, 3e-4)) for seed in FEW]
    switched = [kept("switching", switching, rates["lora8"], seed) for seed in FEW]
    fitted = [kept("refits", refits, rates["full"], seed, (1e-4, 3e-4)) for seed in FEW]
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
    numbers["cpu_minutes"] = kept.minutes
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
    kept.finish()


if __name__ == "__main__":
    main()
