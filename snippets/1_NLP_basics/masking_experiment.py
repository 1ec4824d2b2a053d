"""For the page `masking`: what a small BERT learns by each way of hiding, at equal steps.

    python snippets/1_NLP_basics/masking_experiment.py

needs `cmn-eng` and `afqmc` in WODE_DATA. What was measured is kept in build/masking.jsonl, so that
a run that was stopped goes on. Writes docs/assets/results/masking.json. About twenty minutes of
one core.
"""

import itertools
import os
import statistics
import time
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from torch import nn

from masking_data import data, empty
from masking_judges import (
    cloze,
    question_baselines,
    same_question,
    segmentation,
    segmentation_baselines,
    unigram,
    without_the_rest,
)
from masking_learning import hide, learn
from wode.bert import Config
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.masking import Words
from wode.pretraining import BertForPreTraining
from wode.spans import SpanBoundary, choose_spans, runs

WAYS = ("characters", "words", "chunks", "ernie", "mixed", "spans", "boundary")
SEEDS, STEPS, RATE = [0, 1, 2], 1000, 6e-3


def start(size: int, seed: int) -> tuple[BertForPreTraining, SpanBoundary]:
    """A small BERT and SpanBERT's head; BERT's own first weights, 0.02, are little for it."""
    torch.manual_seed(seed)
    config = Config(size, 64, 2, 4, 256, 0.0, 0.0, max_position_embeddings=64)
    model = BertForPreTraining(config)
    head = SpanBoundary(config, model.bert.embeddings.word_embeddings)
    for parameter in {*model.parameters(), *head.parameters()}:
        if parameter.ndim == 2:
            nn.init.normal_(parameter, std=0.1)
    return model, head


def judged(model: BertForPreTraining) -> dict[str, Any]:
    return {
        "cloze": cloze(model),
        "segmentation": segmentation(model),
        "questions": same_question(model),
    }


def trained(
    way: str, seed: int, share: float = 0.15, lr: float = RATE, once: bool = False
) -> dict[str, Any]:
    """Learn in one way, and be judged in all; ``once``: the same gaps each time a text comes."""
    began = time.process_time()
    model = learner(way, seed, share, lr, once)
    return {"seconds": time.process_time() - began, **judged(model)}


def learner(
    way: str, seed: int, share: float = 0.15, lr: float = RATE, once: bool = False
) -> BertForPreTraining:
    _, words, texts, _ = data(seed)
    model, head = start(words.size, seed)
    boundary = head if way == "boundary" else None
    kind = "spans" if way == "boundary" else way
    return learn(
        model, kind, texts.ids, texts.leaders, words, STEPS,
        lr=lr, share=share, seed=seed, boundary=boundary, once=once,
    )  # fmt: skip


def probed(way: str, seed: int) -> dict[str, float]:
    """The same model, asked what it reads of a word that it sees in part."""
    return without_the_rest(learner(way, seed))


def fresh() -> dict[str, Any]:
    """A model that has learned nothing."""
    return judged(start(data(0)[1].size, 0)[0])


def hidden() -> dict[str, dict[str, float]]:
    """How much each way hides of the passages, and how many characters in a stretch."""
    _, words, texts, _ = data(0)
    real = ~torch.isin(texts.ids, torch.tensor(words.special))
    found = {}
    for way in ("characters", "words", "chunks", "phrases", "names", "spans"):
        chosen, _ = hide(way, texts.ids, texts.leaders, words, 0, 0.15, empty())
        own = runs(chosen)[chosen] == chosen.nonzero()[:, 1]  # the first of a stretch
        found[way] = {
            "share": (chosen.sum() / real.sum()).item(),
            "stretch": (chosen.sum() / own.sum()).item(),
        }
    cuts = {kind: stretches(texts.leaders[kind]) for kind in ("words", "chunks")}
    long = {one for one in cuts["chunks"] if one[2] - one[1] > 1}
    found["chunks"]["words"] = len(long & cuts["words"]) / len(long)
    return found


def lengths() -> dict[str, Any]:
    """The law of span lengths, and what is counted: stretches in long texts, and in short ones."""
    law = 0.2 * 0.8 ** torch.arange(10, dtype=torch.float64)
    found: dict[str, Any] = {"law": (law / law.sum()).tolist()}
    for name, rows, length in (("long", 400, 512), ("short", 10_000, 20)):
        words = Words(100, 4, (0, 1, 2, 3, 4))
        chosen = choose_spans(torch.full((rows, length), 7), words, generator=empty())
        first = runs(chosen)[chosen]
        row = chosen.nonzero()[:, 0]
        size = (row * length + first).unique(return_counts=True)[1]  # tokens of each stretch
        counts = size.bincount(minlength=11)
        found[name] = (counts[1:11] / len(size)).tolist()
        found[f"{name}_mean"] = size.double().mean().item()
    return found


def stretches(leaders: torch.Tensor) -> set[tuple[int, int, int]]:
    """The units (N, T) as (row, begin, end)."""
    return {
        (row, begin, end)
        for row, own in enumerate(leaders.tolist())
        for begin, end in itertools.pairwise(p for p, leader in enumerate(own) if p == leader)
    }


def means(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean and the values of each seed; dicts may nest."""
    return {
        key: means([row[key] for row in rows])
        if isinstance(value, dict)
        else {"mean": statistics.mean(row[key] for row in rows), "seeds": [r[key] for r in rows]}
        for key, value in rows[0].items()
    }


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "masking.jsonl")
    _, words, learned, held_out = data(0)
    numbers: dict[str, Any] = {
        "characters": int((learned.ids > 4).sum()),
        "held_out": int((held_out.ids > 4).sum()),
        "vocabulary": words.size,
        "steps": STEPS,
        "unigram": kept("unigram", unigram),
        "hidden": kept("hidden", hidden),
        "segmentation": kept("segmentation", segmentation_baselines),
        "questions": kept("questions", question_baselines),
        "fresh": kept("fresh", fresh),
        "lengths": kept("lengths", lengths),
    }
    main_runs = {way: list[dict]() for way in WAYS}
    for seed in SEEDS:
        for way in WAYS:
            main_runs[way].append(kept("trained", trained, way, seed))
    more = ("characters", "words")
    numbers["ways"] = {way: means(rows) for way, rows in main_runs.items()}
    numbers["more"] = {
        way: means([kept("trained", trained, way, seed, 0.3) for seed in SEEDS]) for way in more
    }
    numbers["probe"] = {
        way: means([kept("probed", probed, way, seed) for seed in SEEDS]) for way in more
    }
    numbers["once"] = {
        way: means([kept("trained", trained, way, seed, 0.15, RATE, True) for seed in SEEDS])
        for way in ("characters",)
    }
    numbers["rates"] = {
        way: {
            f"{lr:.0e}": kept("trained", trained, way, 0, 0.15, lr)["cloze"] for lr in (3e-3, 1e-2)
        }
        for way in (*more, "chunks")
    }
    numbers["highest_auc"] = max(
        row["questions"]["auc"]["mean"] for row in numbers["ways"].values()
    )
    numbers["minutes"] = kept.minutes
    results.write(
        "masking",
        numbers,
        command="python snippets/1_NLP_basics/masking_experiment.py",
        seed=SEEDS,
        note_zh="同样大小、同样步数的小 BERT，藏字、藏词、藏短语和名字、藏一段，"
        "各由四种空和两个别的任务来评判。",
        note_en="Small BERTs of one size and equal steps, hiding characters, words, phrases and "
        "names, spans; judged by four kinds of gaps and two other tasks.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
