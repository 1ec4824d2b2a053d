"""For the page `unilm`: one model on four masks, and four models on one each.

    python snippets/1_NLP_basics/unilm_experiment.py

Each way tries four rates with the first seed, and the two best with all; sentences for this alone
say which is the best. A seed has other sentences held out. What was measured is kept in build/, so
that a run that was stopped goes on. Writes docs/assets/results/unilm.json. Some ten minutes of
one core.
"""

import functools
import math
import random
import statistics
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from unilm import LAST, MASK, Ask, cloze, forgetful, learn, said, texts_for, without_mask
from wode.book import results
from wode.book.kept import Kept
from wode.tasks.cities import WORDS, brief, encode, visits
from wode.unilm import MODES, UniLM, write

SEEDS, RATES, STEPS = [0, 1, 2, 3, 4], [2.5e-3, 5e-3, 1e-2, 2e-2], 150
LEAST = {  # what the sentences themselves cost: nats a word
    "bidirectional": (2 * math.log(6) + math.log(2)) / 5,
    "left-to-right": math.log(864) / 5,
    "right-to-left": math.log(864) / 5,
    "sequence-to-sequence": 0.0,
}


def following(model: UniLM, mode: str, ids: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
    """As a decoder learns: nothing is hidden, each state answers for the next token."""
    states = model.encode(ids, mode, types)[:, -7:-1]  # (B, 6, E)
    return model.cls(states).flatten(0, 1), ids[:, -6:].flatten()


@torch.no_grad()
def said_next(model: UniLM, mode: str, sentences: Sequence[str]) -> Tensor:
    """As `said`, for a model that has learned by `following`."""
    ids, types = texts_for(mode, sentences)
    log_p = model(ids, mode, types)[:, -7:-2].log_softmax(dim=2)  # (B, 5, V)
    return log_p.gather(2, ids[:, -6:-1, None])[:, :, 0]


def all_see_all(model: UniLM, mode: str, ids: Tensor, types: Tensor) -> tuple[Tensor, Tensor]:
    """BERT's cloze on source and target: words to the right of a gap are seen, too."""
    return cloze(model, "bidirectional", ids, types)


def written(model: UniLM, sentences: Sequence[str]) -> float:
    """The share of sentences written without a fault from what `brief` leaves of them."""
    wanted = texts_for(LAST, sentences)[0][:, -6:]
    source = encode(*(brief(text) for text in sentences))
    found = write(model, source, MASK, WORDS.index("[SEP]"), longest=6)
    return right(F.pad(found, (0, 6))[:, :6], wanted)


def mistakes(seed: int, lr: float) -> dict[str, float]:
    """The share that a model of all modes writes right, and with each of the page's mistakes."""
    sentences = visits()
    random.Random(seed).shuffle(sentences)
    model = learn(MODES, sentences[:600], 4 * STEPS, lr, seed)
    wanted = texts_for(LAST, sentences[664:])[0][:, -6:]
    source = encode(*(brief(text) for text in sentences[664:]))
    found = {"without": without_mask(model, source)} | {
        name: forgetful(model, source, *where)
        for name, where in {
            "right": (False, False),
            "mask": (True, False),
            "segments": (False, True),
            "both": (True, True),
        }.items()
    }
    return {name: right(ids, wanted) for name, ids in found.items()}


def right(found: Tensor, wanted: Tensor) -> float:
    return (found == wanted).all(dim=1).float().mean().item()


class Way(NamedTuple):
    """What a model is trained on, for how many steps, and how it is asked."""

    modes: Sequence[str]
    steps: int
    marked: bool = False  # of one mode there is nothing to mark
    ask: Ask = cloze


WAYS = {
    **{f"{mode} {steps}": Way((mode,), steps) for mode in MODES for steps in (STEPS, 4 * STEPS)},
    **{f"all {steps}": Way(MODES, steps, True) for steps in (STEPS, 4 * STEPS)},
    **{f"unmarked {steps}": Way(MODES, steps) for steps in (STEPS, 4 * STEPS)},
    "next left-to-right": Way(("left-to-right",), STEPS, False, following),
    "next sequence-to-sequence": Way((LAST,), STEPS, False, following),
    **{f"pairs {n}": Way((LAST,), n, False, all_see_all) for n in (STEPS, 4 * STEPS)},
    f"all {8 * STEPS}": Way(MODES, 8 * STEPS, True),
    **{
        f"hidden {share:.0%}": Way((LAST,), STEPS, False, functools.partial(cloze, share=share))
        for share in (0.3, 0.5, 0.7)
    },
}


def measured(name: str, lr: float, seed: int) -> dict[str, Any]:
    """Nats a word in each mode, on 64 sentences to choose by and on 200 others; CPU seconds."""
    way, sentences = WAYS[name], visits()
    random.Random(seed).shuffle(sentences)
    began = time.process_time()
    model = learn(way.modes, sentences[:600], way.steps, lr, seed, way.marked, way.ask)
    found: dict[str, Any] = {"seconds": time.process_time() - began}
    say = said_next if way.ask is following else said
    for part, texts in (("dev", sentences[600:664]), ("test", sentences[664:])):
        found[part] = {mode: -say(model, mode, texts).mean().item() for mode in MODES}
    if LAST in way.modes and way.ask is not following:
        found["written"] = written(model, sentences[664:])
    return found


def key(name: str) -> str:
    """As the page can name it in [[…]]."""
    return name.replace("-", "_").replace(" ", "_").replace("%", "")


def over_seeds(values: list[float]) -> dict[str, Any]:
    mean, sd = statistics.mean(values), statistics.stdev(values)
    return {"mean": mean, "sd": sd, "least": min(values), "most": max(values), "seeds": values}


def chosen_by(way: Way, runs: list[dict[str, Any]]) -> float:
    """Nats a word of the sentences for choosing, over the runs and the modes learned."""
    return statistics.mean(run["dev"][mode] for run in runs for mode in way.modes)


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "unilm.jsonl")
    table = {}
    for name, way in WAYS.items():
        tried = {lr: kept("run", measured, name, lr, SEEDS[0]) for lr in RATES}
        first = {lr: chosen_by(way, [run]) for lr, run in tried.items()}
        both = {  # one seed's best may be another's worst
            lr: [tried[lr], *(kept("run", measured, name, lr, seed) for seed in SEEDS[1:])]
            for lr in sorted(RATES, key=lambda lr: first[lr])[:2]
        }
        best = min(both, key=lambda lr: chosen_by(way, both[lr]))
        runs = both[best]
        asked = {
            key(mode): [run["test"][mode] for run in runs]
            for mode in (way.modes if way.ask is following else MODES)
        }
        table[key(name)] = {
            "rate": best,
            "rates": {f"r{1e4 * lr:.0f}": value for lr, value in first.items()},
            "seconds": statistics.mean(run["seconds"] for run in runs),
            "nats": {mode: over_seeds(values) for mode, values in asked.items()},
        }
        if "written" in runs[0]:
            table[key(name)]["written"] = over_seeds([run["written"] for run in runs])
    lr = table[f"all_{4 * STEPS}"]["rate"]
    wrong = [kept("mistakes", mistakes, seed, lr) for seed in SEEDS]
    results.write(
        "unilm",
        {
            "steps": STEPS,
            "longer": 4 * STEPS,
            "seeds": len(SEEDS),
            "floor": {key(mode): value for mode, value in LEAST.items()},
            "by_place": (3 * math.log(6) + math.log(12) + math.log(4)) / 5,
            "ways": table,
            "mistakes": {name: over_seeds([run[name] for run in wrong]) for name in wrong[0]},
            "minutes": kept.minutes,
        },
        command="python snippets/1_NLP_basics/unilm_experiment.py",
        seed=SEEDS,
        note_zh="一个模型学四种掩码，四个模型各学一种：没见过的句子里一个词要多少奈特。",
        note_en="One model on four masks, four models on one each: nats a word of held-out "
        "sentences.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
