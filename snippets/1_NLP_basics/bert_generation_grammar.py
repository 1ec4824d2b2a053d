"""For `bert_generation_experiment`: every way to learn and to write, on a small grammar."""

import math
import random
import statistics
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from bert_generation_scores import heldout_nats
from bert_generation_writing import written
from wode.bert import Config
from wode.book.kept import Kept
from wode.masked_generation import Writer, train_writer
from wode.masking import Words
from wode.subwords import count_words
from wode.tasks.sentences import statements
from wode.wordpiece import SPECIAL, WordPiece

FEW = "causal15"  # as few labels as BERT has
# The ways to learn, and the loss by which each one's rate is chosen, that of its own questions
# (`heldout_nats`). Three rates after 400 steps, and for a causal model a fourth, as the third was
# its best; after 1600 three for BERT, two for few labels, one for the others.
OWN = {"causal": "left", FEW: "left", "masked": "pll", "any": "random", "prefix": "left"}
RATES = (2.5e-3, 5e-3, 1e-2)
SMALL_SEEDS = {400: [0, 1, 2], 1600: [0, 1]}
TRIED = {(way, 400): (*RATES, 2e-2) if way.startswith("causal") else RATES for way in OWN} | {
    (way, 1600): {"masked": RATES, FEW: RATES[1:]}.get(way, RATES[1:2]) for way in OWN
}
ORDERS = ["left", "right", "gibbs 1", "gibbs 5", "gibbs 20"]
ORDERS += ["confident 1", "confident 3", "confident 7"]


def small_world(seed: int) -> tuple[list[str], WordPiece, Config]:
    """The grammar's statements: 3000 to learn from, 400 held out, the others; its tokens."""
    texts = statements()
    random.Random(seed).shuffle(texts)
    tokenizer = WordPiece({w: n for n, w in enumerate((*SPECIAL, *sorted(count_words(texts))))})
    size = len(tokenizer.vocabulary)
    return texts, tokenizer, Config(size, 32, 2, 4, 128, 0.0, 0.0, max_position_embeddings=9)


def legal(
    model: Writer, texts: list[str], tokenizer: WordPiece, methods: Sequence[str], seed: int
) -> dict:
    """Which share of 400 written statements the grammar allows, by each method."""
    like, allowed = tokenizer.batch(texts[3000:3400])["input_ids"], set(texts)

    def share(how: str) -> float:
        rows = written(model, how, 1.0, tokenizer, like, seed)
        return sum(text.lower().replace(".", " .") in allowed for text in rows) / len(rows)

    return {how: share(how) for how in methods}


def weights(folder: Path, way: str, steps: int, lr: float, seed: int) -> Path:
    return folder / f"small_{way}_{steps}_{lr}_{seed}.pt"


def learned(folder: Path, way: str, steps: int, lr: float, seed: int) -> dict:
    """Train on the small grammar: nats on held-out statements, and what is written is right."""
    texts, tokenizer, config = small_world(seed)
    encoded = [tokenizer.encode(text) for text in texts[:3400]]
    words = Words.of(tokenizer.vocabulary)
    model = train_writer(way, encoded[:3000], words, config, steps, 32, lr, seed, std=0.1)
    torch.save(model.state_dict(), weights(folder, way, steps, lr, seed))
    return {
        **heldout_nats(model, tokenizer, encoded[3000:]),
        "true": math.log(len(texts)) / 7,
        "legal": legal(model, texts, tokenizer, ["left"], seed),
    }


def ordered(folder: Path, way: str, steps: int, lr: float, seed: int) -> dict:
    """What a masked model that has `learned` writes in each order is right."""
    texts, tokenizer, config = small_world(seed)
    model = Writer(config, causal=False)
    kept = torch.load(weights(folder, way, steps, lr, seed), weights_only=True)
    model.load_state_dict(kept)
    return legal(model.eval(), texts, tokenizer, ORDERS, seed)


def rated(kept: Kept, folder: Path) -> tuple[dict, dict]:
    """Of each way, all seeds at the rate chosen, and what each rate gave.

    A rate is chosen by the mean held-out loss of the way's `OWN` questions, not by the writing.
    """
    chosen, rates = {}, {}
    for (way, steps), tried in TRIED.items():
        seeds = SMALL_SEEDS[steps]
        cells = {
            lr: [kept("learned", partial(learned, folder), way, steps, lr, one) for one in seeds]
            for lr in tried
        }
        losses = {lr: statistics.mean(row[OWN[way]] for row in rows) for lr, rows in cells.items()}
        best = min(losses, key=losses.__getitem__)
        best_rows = chosen[f"{way}_{steps}"] = [{**row} for row in cells[best]]
        if not way.startswith("causal"):
            for seed, row in zip(seeds, best_rows, strict=True):
                row["legal"] = kept("ordered", partial(ordered, folder), way, steps, best, seed)
        rates[f"{way}_{steps}"] = {"chosen": best} | {
            f"e{lr * 1e4:.0f}": {  # in ten-thousandths
                "loss": losses[lr],
                "left": statistics.mean(row["left"] for row in rows),
                "right": statistics.mean(row["legal"]["left"] for row in rows),
                "every": [row["legal"]["left"] for row in rows],
            }
            for lr, rows in cells.items()
        }
    return chosen, rates


def labels(small: dict) -> dict:
    """How much of the gap between causal and masked few labels explain, after 400 steps."""
    right = {
        way: statistics.mean(row["legal"]["left"] for row in small[f"{way}_400"])
        for way in ("causal", FEW, "masked")
    }
    cost, gap = right["causal"] - right[FEW], right["causal"] - right["masked"]
    return {"cost": cost, "gap": gap, "share": cost / gap}
