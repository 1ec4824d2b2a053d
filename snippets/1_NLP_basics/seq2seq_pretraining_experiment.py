"""For the page `seq2seq-pretraining`: one encoder–decoder learns from plain text in nine ways.

    python snippets/1_NLP_basics/seq2seq_pretraining_experiment.py

needs `cmn-eng` in WODE_DATA. Nine ways of pretraining, equal steps; then two tasks with few
examples, beside no pretraining, and beside no pretraining but as many steps in all. With the first
seed each task takes the better of two rates, by the examples to choose by; all are tested on
others. Every way is pretrained with twice the rate, too, and "long" trained with it; the better is
chosen by the same examples, over the seeds. What was measured goes to
build/seq2seq_pretraining.jsonl, so that a run that was stopped goes on. About 13 minutes of one
core.
"""

import copy
import math
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import itertools

import torch

from seq2seq_data import SIZES, Data, corpus
from seq2seq_pretraining import pair_of, t5_program
from wode.bart import Bart, Config
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.decoding import evaluating
from wode.denoising import Pair, span_corruption, text_infilling
from wode.seq2seq import answers, batch_of
from wode.translation import BEGIN, PAD

WAYS = (
    "copy",
    "prefix",
    "mass",
    "masking",
    "deletion",
    "infilling",
    "permutation",
    "rotation",
    "spans",
)
SEEDS, STEPS, TUNING, BATCH = [1, 2, 3], 600, 150, 32
RATE, TUNING_RATES = 3e-3, (1e-3, 3e-3)


def new_model(data: Data, seed: int, size: int = 64) -> Bart:
    torch.manual_seed(seed)
    sizes = (size, 1, 1, 4, 4, 2 * size, 2 * size, 32)
    return Bart(
        Config(len(data.tokens), *sizes, 0.0, pad_token_id=PAD, decoder_start_token_id=BEGIN)
    )


def train(
    model: Bart,
    draw: Callable[[], list[Pair]],
    steps: int,
    lr: float,
    every: int = 0,
    look: Callable[[], None] = lambda: None,
) -> float:
    """Returns the mean loss of the last tenth of the steps; looks ``every`` so many."""
    optimizer = torch.optim.AdamW(model.parameters(), lr, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, lr, total_steps=steps, pct_start=0.1, anneal_strategy="linear"
    )
    losses = []
    for step in range(steps):
        ids, mask, labels = batch_of(draw())
        loss = model.loss(ids, labels, mask)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if every and step % every == every - 1:
            look()
    return statistics.mean(losses[-max(1, steps // 10) :])


def pretrained(way: str, seed: int, lr: float, steps: int = STEPS) -> tuple[Bart, dict[str, float]]:
    """Two sentences a text where they change places, and half as many texts."""
    data, chance = corpus(seed), random.Random(seed)
    model, count = new_model(data, seed), 2 if way == "permutation" else 1

    def draw() -> list[Pair]:
        texts = [[chance.choice(data.plain) for _ in range(count)] for _ in range(BATCH // count)]
        return [pair_of(way, text, data.mask, data.sentinels, chance) for text in texts]

    began = time.process_time()
    loss = train(model, draw, steps, lr)
    return model, {"loss": loss, "seconds": time.process_time() - began}


def nats(model: Bart, pairs: list[Pair]) -> float:
    ids, mask, labels = batch_of(pairs)
    with evaluating(model):
        return model.loss(ids, labels, mask).item()


def finetuned(model: Bart, task: str, seed: int, steps: int, lr: float) -> dict[str, float]:
    """A copy of the model on few examples; kept as it is where the examples to choose by say."""
    own, chance = copy.deepcopy(model), random.Random(seed)
    examples, choose_by, test = corpus(seed).tasks[task]
    best: list[Any] = [math.inf, None]

    def look() -> None:
        if (now := nats(own, choose_by)) < best[0]:
            best[:] = now, copy.deepcopy(own.state_dict())

    began = time.process_time()
    train(own, lambda: chance.sample(examples, min(32, len(examples))), steps, lr, 50, look)
    seconds = time.process_time() - began
    own.load_state_dict(best[1])
    written = answers(own, [pair.source for pair in test], 12)
    right = [a == pair.target[:-1] for a, pair in zip(written, test, strict=True)]
    return {
        "dev": best[0],
        "nats": nats(own, test),
        "right": statistics.mean(right),
        "seconds": seconds,
    }


def judged(
    way: str, seed: int, lr: float, rates: dict[str, list[float]], steps: int = STEPS
) -> dict[str, Any]:
    """One pretraining ("none", "long": none), then each task by each of its rates."""
    model, found = (
        (new_model(corpus(seed), seed), {"seconds": 0.0})
        if way in ("none", "long")
        else pretrained(way, seed, lr, steps)
    )
    more = TUNING + steps if way == "long" else TUNING
    tasks = {
        task: {f"{rate:.0e}": finetuned(model, task, seed, more, rate) for rate in rates[task]}
        for task in SIZES
    }
    return found | {"tasks": tasks}


def best_of(row: dict[str, dict[str, float]]) -> str:
    return min(row, key=lambda rate: row[rate]["dev"])


def runs_of(
    kept: Kept, way: str, lr: float, rates: tuple[float, ...]
) -> tuple[dict[str, list[float]], list[dict]]:
    """All seeds; each task at the rate that is best with the first, by examples to choose by."""
    both = {task: [*rates] for task in SIZES}
    first = kept("run", judged, way, SEEDS[0], lr, both)
    tuning = {task: [float(best_of(row))] for task, row in first["tasks"].items()}
    return tuning, [first, *(kept("run", judged, way, seed, lr, tuning) for seed in SEEDS[1:])]


def summed(rows: list[float]) -> dict[str, Any]:
    return {"seeds": rows, "mean": statistics.mean(rows), "sd": statistics.stdev(rows)}


def measured(
    kept: Kept, way: str, lr: float = RATE, rates: tuple[float, ...] = TUNING_RATES
) -> dict[str, Any]:
    tuning, runs = runs_of(kept, way, lr if way in WAYS else 0.0, rates)
    found: dict[str, Any] = {"seconds": statistics.mean(run["seconds"] for run in runs)}
    if way in WAYS:
        found["loss"] = summed([run["loss"] for run in runs])
    for task in SIZES:
        rows = [run["tasks"][task][f"{tuning[task][0]:.0e}"] for run in runs]
        found[task] = {key: summed([row[key] for row in rows]) for key in ("dev", "nats", "right")}
        found[task] |= {
            "rate": tuning[task][0],
            "seconds": statistics.mean(row["seconds"] for row in rows),
        }
    return found


def better(once: dict[str, Any], twice: dict[str, Any]) -> dict[str, Any]:
    """Of two rates, for each task the one that the examples to choose by prefer, over the seeds."""
    both = {"once": once, "twice": twice}
    found = {}
    for task in SIZES:
        name = min(both, key=lambda name: both[name][task]["dev"]["mean"])
        found[task] = both[name][task] | {"pretrained": name}
    return found


def counted(seed: int) -> dict[str, float]:
    """Completions by counting words, and pairs of words, in the plain sentences and examples."""
    data = corpus(seed)
    examples, choose_by, test = data.tasks["completion"]
    texts = [[*text, 2] for text in data.plain] + [pair.source + pair.target for pair in examples]
    words, pairs = Counter(w for t in texts for w in t), Counter()
    for text in texts:
        pairs.update(itertools.pairwise(text))
    before, total, size = Counter(a for a, _ in pairs.elements()), words.total(), len(data.tokens)

    def unigram(word: int) -> float:
        return (words[word] + 1) / (total + size)

    def bigram(a: int, b: int, weight: float) -> float:
        return (pairs[a, b] + weight * unigram(b)) / (before[a] + weight)

    def mean(rows: list[Pair], p: Callable[[int, int], float]) -> float:
        return statistics.mean(
            -math.log(p(a, b))
            for pair in rows
            for a, b in zip([pair.source[-1], *pair.target], pair.target, strict=False)
        )

    weights = [2.0**n for n in range(-2, 9)]
    best = min(weights, key=lambda w: mean(choose_by, lambda a, b: bigram(a, b, w)))
    return {
        "words": mean(test, lambda a, b: unigram(b)),
        "pairs": mean(test, lambda a, b: bigram(a, b, best)),
    }


def hidden(length: int = 20, draws: int = 6000) -> dict[str, Any]:
    """How often each place of a text is hidden, at T5's share: by its program, and anywhere."""
    chance, found = random.Random(0), dict[str, Any]()
    for name, program in {"t5": t5_program, "anywhere": span_corruption}.items():
        counts = Counter()
        for _ in range(draws):
            kept = {*program(range(length), ["a", "b", "c"], chance)[0]}
            counts.update(place for place in range(length) if place not in kept)
        found[name] = [counts[place] / draws for place in range(length)]
        found[f"{name}_first"], found[f"{name}_last"] = found[name][0], found[name][-1]
    return found


def infilled(length: int = 20, draws: int = 20_000) -> dict[str, float]:
    """Of six hidden tokens: how often they are behind two masks, and masks behind which is none."""
    chance, two, masks, empty = random.Random(0), 0, 0, 0
    for _ in range(draws):
        row = [-1, *text_infilling(range(length), -9, chance), length]
        at = [n for n, token in enumerate(row) if token == -9]
        two, masks = two + (len(at) == 2), masks + len(at)
        empty += sum(row[n + 1] == row[n - 1] + 1 for n in at)
    return {"two": two / draws, "empty": empty / masks, "poisson": math.exp(-3)}


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "seq2seq_pretraining.jsonl")
    ways = {way: measured(kept, way) for way in ("none", "long", *WAYS)}
    twice = {way: measured(kept, way, 2 * RATE) for way in WAYS}
    twice["long"] = measured(kept, "long", rates=(2 * RATE,))
    counts = [kept("counted", counted, seed) for seed in SEEDS]
    data = corpus(SEEDS[0])
    numbers = {
        "steps": STEPS,
        "tuning": TUNING,
        "batch": BATCH,
        "sentences": len(data.plain),
        "words": len(data.tokens),
        "examples": {task: len(rows[0]) for task, rows in data.tasks.items()},
        "test": {task: len(rows[2]) for task, rows in data.tasks.items()},
        "ways": ways,
        "counted": {key: summed([row[key] for row in counts]) for key in counts[0]},
        "twice": twice,
        "best": {way: better(ways[way], row) for way, row in twice.items()},
        "hidden": hidden(),
        "infilled": infilled(),
        "minutes": kept.minutes,
    }
    results.write(
        "seq2seq_pretraining",
        numbers,
        command="python snippets/1_NLP_basics/seq2seq_pretraining_experiment.py",
        seed=SEEDS,
        note_zh="一个小的编码器–解码器用九种办法从 Tatoeba 的英文句子预训练，再用很少的例子学两个"
        "任务；旁边是不预训练，和不预训练但步数一样多；三个种子。",
        note_en="A small encoder–decoder pretrained on Tatoeba's English sentences in nine ways, "
        "then two tasks from few examples; beside it no pretraining, and none but as many steps; "
        "three seeds.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
