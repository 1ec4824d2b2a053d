"""For the page `electra`: small encoders pretrained by ELECTRA, by BERT's MLM, and in between.

    python snippets/1_NLP_basics/electra_experiment.py

needs `cmn-eng` and `sst2` in WODE_DATA. Rates are chosen with a seed of their own; three other
seeds, each with other sentences held out, are measured. What was measured goes to
build/electra.jsonl, so that a run that was stopped goes on; then all of it is put into
docs/assets/results/electra.json. About half an hour of one core.
"""

import copy
import os
import statistics
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch

from electra_judges import TASKS, finetuned, probes, rivals
from electra_ways import BATCH, WAYS, Pretrained, corpus, costs, detection, pretrained
from wode.bert import Bert
from wode.book import ROOT, results
from wode.book.kept import Kept

SEEDS, CHOOSING = [1, 2, 3], 10  # a seed of its own to choose rates with
STEPS = {"grammar": 400, "tatoeba": 800}
RATES = (1e-3, 2e-3, 4e-3)  # to begin with
TUNING = (1e-3, 3e-3)
TUNED = {  # those with a rate of their own; the others take ELECTRA's
    "grammar": (
        "mlm",
        "electra",
        "electra15",
        "replace",
        "all",
        "apart",
        "some",
        "replace_unigram",
    ),
    "tatoeba": ("mlm", "electra"),
}
KINDS = ("grammar", "tatoeba")


def judged(
    kind: str, name: str, seed: int, steps: int, lr: float, tune: bool = False
) -> dict[str, Any]:
    """One pretraining, and what its encoder is worth."""
    model, found = pretrained(kind, name, seed, steps, lr)
    found["probes"] = probes(model.encoder, kind, seed)
    if WAYS[name].loss.startswith("real"):
        found["detection"] = detection(model, corpus(kind, seed))
    if name == "electra":
        found["generator"] = probes(model.generator.electra, kind, seed)
    if tune:
        found["tuned"] = tuned(model.encoder, seed)
    return found


def tuned(encoder: Bert, seed: int) -> dict[str, dict[str, float]]:
    return {f"{r:.0e}": finetuned(copy.deepcopy(encoder), seed, r) for r in TUNING}


def untrained(kind: str, seed: int) -> dict[str, Any]:
    own = corpus(kind, seed)
    torch.manual_seed(seed)
    encoder = Pretrained(WAYS["mlm"], own).eval().encoder
    found: dict[str, Any] = {"tuned": tuned(encoder, seed)} if kind == "tatoeba" else {}
    return found | {"probes": probes(encoder, kind, seed)}


def value(kind: str, probe: dict[str, float]) -> float:
    """By what a rate is chosen: the mean over the tasks, on their development sentences."""
    return statistics.mean(probe[f"{task}_dev"] for task in TASKS[kind])


def summed(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Seeds, mean and standard deviation of each task; fine-tuning at the rate best on dev."""
    found: dict[str, Any] = {}
    tasks = [task for task in runs[0]["probes"] if not task.endswith("_dev")]
    rows = {task: [run["probes"][task] for run in runs] for task in tasks}
    rows["all_tasks"] = [statistics.mean(run["probes"][task] for task in tasks) for run in runs]
    if "tuned" in runs[0]:
        at = {r: statistics.mean(run["tuned"][r]["dev"] for run in runs) for r in runs[0]["tuned"]}
        best = max(at, key=lambda rate: at[rate])
        rows["tuned"] = [run["tuned"][best]["test"] for run in runs]
        found["tuned_rate"] = float(best)
    for name, seeds in rows.items():
        found[name] = {
            "seeds": seeds,
            "mean": statistics.mean(seeds),
            "sd": statistics.stdev(seeds) if len(seeds) > 1 else 0.0,
        }
    for key in ("seconds", "loss"):
        if key in runs[0]:
            found[key] = statistics.mean(run[key] for run in runs)
    if "detection" in runs[0]:
        keys = runs[0]["detection"]
        found["detection"] = {k: statistics.mean(run["detection"][k] for run in runs) for k in keys}
    return found


def best_rate(kept: Kept, kind: str, name: str) -> tuple[float, dict[str, float]]:
    """The rate best on development sentences; while it is at an end of the row, the row grows.

    On Tatoeba the row stays as it is: a run there takes five times as long.
    """
    rates = list(RATES)
    while True:
        found = {
            lr: value(kind, kept("run", judged, kind, name, CHOOSING, STEPS[kind], lr)["probes"])
            for lr in rates
        }
        best = max(rates, key=lambda lr: found[lr])
        inside = rates[0] < best < rates[-1]
        if inside or kind == "tatoeba":
            return best, {f"{lr:.1e}": right for lr, right in found.items()}
        if best == rates[-1]:
            rates.append(2 * best)
        else:
            rates.insert(0, best / 2)


def measured(kept: Kept, kind: str) -> dict[str, Any]:
    """All of one corpus."""
    steps = STEPS[kind]
    cost = kept("costs", costs, kind)
    ratio = {key: cost["electra"][key] / cost["mlm"][key] for key in ("flops", "seconds")}
    chosen = {name: best_rate(kept, kind, name) for name in TUNED[kind]}
    best = {name: rate for name, (rate, _) in chosen.items()}

    def runs(name: str, n: int = steps, *tune: bool) -> list[dict[str, Any]]:
        lr = best.get("apart" if name == "apart1" else name, best["electra"])
        return [kept("run", judged, kind, name, seed, n, lr, *tune) for seed in SEEDS]

    ways = {"untrained": [kept("untrained", untrained, kind, seed) for seed in SEEDS]}
    of = {"electra_tokens": round(steps * 0.15 / 1.15)}
    if kind == "tatoeba":
        ways |= {name: runs(name, steps, True) for name in ("mlm", "electra")}
    else:
        of["mlm_seconds"] = round(steps * ratio["seconds"])
        of["mlm_flops"] = round(steps * ratio["flops"])
        ways |= {name: runs(name) for name in WAYS if name != "half"}
        ways["mlm_seconds"] = runs("mlm", of["mlm_seconds"])
        ways["mlm_flops"] = runs("mlm", of["mlm_flops"])
        for name in ("mlm", "electra"):
            ways[f"{name}_tokens"] = runs(name, of["electra_tokens"])
        for times in (2, 4):
            ways |= {f"{name}_{times}": runs(name, times * steps) for name in ("mlm", "electra")}
        # a rate that is best in 400 steps need not be in 1600
        ways["mlm_4_slow"] = [kept("run", judged, kind, "mlm", s, 4 * steps, 2e-3) for s in SEEDS]
    seeds = SEEDS if kind == "grammar" else SEEDS[:1]
    others = [kept("rivals", rivals, kind, seed) for seed in seeds]
    own = corpus(kind, SEEDS[0])
    return {
        "steps": steps,
        "sentences": len(own.seen),
        "held_out": len(own.held_out),
        "pieces": len(own.tokenizer.vocabulary),
        "costs": cost,
        "ratio": ratio,
        "price": {name: one["flops"] / cost["mlm"]["flops"] for name, one in cost.items()},
        "steps_of": of,
        "rates": {name: row for name, (_, row) in chosen.items()},
        "rate": best,
        "ways": {name: summed(rows) for name, rows in ways.items()},
        "generator": summed([{"probes": run["generator"]} for run in ways["electra"]]),
        "rivals": {name: summed([{"probes": one[name]} for one in others]) for name in others[0]},
    }


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "electra.jsonl")
    numbers: dict[str, Any] = {"batch": BATCH, "seeds": len(SEEDS)}
    for kind in KINDS:
        numbers[kind] = measured(kept, kind)
    numbers["minutes"] = kept.minutes
    results.write(
        "electra",
        numbers,
        command="python snippets/1_NLP_basics/electra_experiment.py",
        seed=SEEDS,
        note_zh="小编码器在小语法的句子和 Tatoeba 英文句子上，用 ELECTRA、MLM 和两者之间的办法"
        "预训练；再用线性层和微调评判，三个种子。",
        note_en="Small encoders pretrained on a small grammar's sentences and on English ones of "
        "Tatoeba by ELECTRA, by MLM and by what lies between; judged by linear layers and by "
        "fine-tuning, three seeds.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
