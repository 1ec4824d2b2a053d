"""For the page `xlnet`: one small network, asked in nine ways; and a long text read with a memory.

    python snippets/1_NLP_basics/xlnet_experiment.py

needs `cmn-eng`, `sst2` and `tinyshakespeare` of WODE_DATA. Each way tries four rates with one
seed and is trained with two others at the best. What was measured is kept in build/, so that a run
that was stopped goes on. Writes docs/assets/results/xlnet.json. About half an hour of one core.
"""

import functools
import random
import statistics

import torch
from torch import Tensor

from bert_pretraining_experiment import pieces_of, tatoeba
from wode.book import results
from wode.book.kept import Kept
from wode.masking import Words
from wode.wordpiece import WordPiece
from wode.xlnet import Config, XLNetLM
from xlnet_cities import LEAST
from xlnet_cities import measured as cities_measured
from xlnet_memory import WAYS as MEMORY_WAYS
from xlnet_memory import means
from xlnet_memory import measured as memory_measured
from xlnet_probe import bag_of_words, counted, fine_tuned, frozen, probed, question_or_not
from xlnet_scores import nats
from xlnet_ways import WAYS, step_times, train

SEEDS, RATES, STEPS = [0, 1, 2], [7.5e-4, 1.5e-3, 3e-3, 6e-3], 800
PROBED = ("bert", "bert_mask", "xlnet6", "xlnet1", "left", "untrained")
FINE_TUNED, FINE_RATE = ("bert", "bert_mask", "xlnet6", "untrained"), 5e-4
CLOSE = 0.05  # nats: of two rates as good, the smaller; the larger ones get stuck sooner
MEMORY_STEPS, MEMORY_RATE = 300, 1.5e-3
FULL = [way for way in WAYS if way != "any"]  # which learns nothing in so few steps
FOLDER = results.ROOT / "build" / "xlnet"
HELD_OUT, DEVELOPED = 600, 200


class Study:
    """The sentences, their pieces, and the models trained so far."""

    def __init__(self, kept: Kept) -> None:
        self.kept, texts = kept, tatoeba()
        self.tokenizer = WordPiece(kept("vocabulary", lambda: pieces_of(texts).vocabulary))
        self.words = Words.of(self.tokenizer.vocabulary)
        self.config = Config(len(self.tokenizer.vocabulary), 128, 2, 4, 512, 0.0)
        ids = sorted({tuple(self.tokenizer.encode(text).ids[1:-1]) for text in texts})
        marks = (self.tokenizer.vocabulary["[SEP]"], self.tokenizer.vocabulary["[CLS]"])
        rows = [torch.tensor((*marks, *one)) for one in ids if 4 <= len(one) <= 16]
        random.Random(0).shuffle(rows)
        self.learned_from, self.held_out = rows[HELD_OUT:], rows[:HELD_OUT]

    def model(self, way: str, lr: float, seed: int) -> tuple[XLNetLM, float]:
        """One trained model and the share of the tokens it was asked for."""
        if way == "untrained":
            torch.manual_seed(seed)
            return XLNetLM(self.config).eval(), 0.0
        path = FOLDER / f"{way}_{lr}_{seed}.pt"

        def compute() -> float:
            model, share = train(way, self.learned_from, self.words, self.config, STEPS, lr, seed)
            torch.save(model.state_dict(), path)
            return share

        share = self.kept(f"trained {way} {lr} {seed}", compute)
        model = XLNetLM(self.config)
        model.load_state_dict(torch.load(path, weights_only=True))
        return model.eval(), share

    def scored(self, way: str, lr: float, seed: int, rows: list[Tensor], name: str) -> dict:
        model, share = self.model(way, lr, seed)
        found = self.kept(
            f"{name} {way} {lr} {seed}", lambda: nats(way, model, rows, self.words, 0)
        )
        return found | {"asked": share}

    def longer(self, way: str, lr: float, seed: int, rows: list[Tensor]) -> dict:
        """The scores after half as many steps again: XLNet's step with all asked takes so long."""

        def compute() -> dict:
            steps = STEPS * 3 // 2
            model, _ = train(way, self.learned_from, self.words, self.config, steps, lr, seed)
            return nats(way, model, rows, self.words, 0)

        return self.kept(f"longer {way} {lr} {seed}", compute)

    def rate(self, way: str) -> tuple[float, dict[str, float]]:
        """The best rate with the first seed, on sentences for this alone; what each of them got."""
        rows, by = self.held_out[:DEVELOPED], "left" if way.startswith("left") else "both"
        tried = {lr: self.scored(way, lr, SEEDS[0], rows, "dev")[by] for lr in RATES}
        best = min(lr for lr in RATES if tried[lr] < min(tried.values()) + CLOSE)
        return best, {f"r{round(1e5 * lr)}": value for lr, value in tried.items()}


def over_seeds(runs: list[dict]) -> dict:
    """Of each number the mean, and each seed's."""
    return {
        key: {
            "mean": statistics.mean(run[key] for run in runs),
            "seeds": [run[key] for run in runs],
        }
        for key in runs[0]
    }


def main() -> None:
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = Kept(FOLDER.with_suffix(".jsonl"))
    study = Study(kept)
    cities = over_seeds([kept("cities", cities_measured, seed) for seed in SEEDS])
    chosen, tried = {}, {}
    for way in WAYS:
        chosen[way], tried[way] = study.rate(way)
    test = study.held_out[DEVELOPED:]
    table = {
        way: over_seeds([study.scored(way, chosen[way], seed, test, "nats") for seed in SEEDS])
        for way in FULL
    }
    longer = [study.longer("bert", chosen["bert"], seed, test) for seed in SEEDS]
    memory = {
        way: means(
            [
                kept("memory", memory_measured, way, MEMORY_STEPS, MEMORY_RATE, seed)
                for seed in SEEDS
            ]
        )
        for way in MEMORY_WAYS
    }
    marks = [study.tokenizer.vocabulary[one] for one in "?."]
    asked = question_or_not(study.learned_from, *marks)
    probe = {}
    for way in PROBED:
        runs = []
        for seed in SEEDS:
            model, _ = study.model(way, chosen.get(way, 0.0), seed)
            run = {
                "frozen": kept(
                    f"frozen {way} {seed}",
                    functools.partial(frozen, way, model, study.tokenizer),
                )
            }
            run["question"] = kept(
                f"question {way} {seed}", functools.partial(probed, way, model, *asked)
            )
            if way in FINE_TUNED:
                run["tuned"] = kept(
                    f"tuned {way} {seed}",
                    functools.partial(fine_tuned, way, model, study.tokenizer, seed, FINE_RATE),
                )
            runs.append(run)
        probe[way] = over_seeds(runs)
    times = kept("times", lambda: step_times(study.config, [(32, 10), (4, 128)], 40))
    numbers = {
        "sentences": len(study.learned_from),
        "tested_on": len(test),
        "pieces": len(study.tokenizer.vocabulary),
        "steps": STEPS,
        "seeds": len(SEEDS),
        "rate": chosen,
        "dev": tried,
        "nats": table,
        "cities": cities,
        "bert_longer": over_seeds(longer),
        "least": LEAST,
        "memory": memory,
        "probe": probe,
        "question_words": kept("question words", lambda: counted(*asked, study.config.vocab_size)),
        "memory_longer": {
            way: {how: statistics.mean(places) for how, places in run.items()}
            for way in ("alone", "memory")
            for run in [kept("memory", memory_measured, way, 1200, MEMORY_RATE, SEEDS[0])]
        },
        "words": kept("words", bag_of_words),
        "times": times,
        "minutes": kept.minutes,
    }
    results.write(
        "xlnet",
        numbers,
        command="python snippets/1_NLP_basics/xlnet_experiment.py",
        seed=SEEDS,
        note_zh="同一个小网络，九种问法：没见过的句子里一个词元要多少奈特；记忆、SST-2、一步的时间。",
        note_en="One small network asked in nine ways: the nats of a token of held-out sentences; "
        "what a memory is worth; SST-2; the time of a step.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
