"""For the page `bert-generation`: a causal and two masked models write, and fill gaps.

    python snippets/1_NLP_basics/bert_generation_experiment.py

needs `cmn-eng` of WODE_DATA and SmolLM2, trains one small transformer in three ways on English
sentences of Tatoeba, with two budgets and two seeds (a fourth way, causal with few labels, with one
of each), and in five ways on a small grammar, at one to four rates. What was measured is kept in
build/, so that a run that was stopped goes on. Writes docs/assets/results/bert_generation.json.
About thirty minutes of one core.
"""

import random
import statistics
import sys
from collections.abc import Sequence

import torch

from bert_generation_grammar import FEW, labels, rated
from bert_generation_scores import cycles, filled, heldout_nats
from bert_generation_writing import controls, grams, judged, natural, smollm2, written
from bert_pretraining_experiment import pieces_of, tatoeba
from wode.bert import Config
from wode.book import results
from wode.book.kept import Kept
from wode.masked_generation import Writer, train_writer
from wode.masking import Words
from wode.wordpiece import Encoding, WordPiece, pad

WAYS, SEEDS, BUDGETS = ("causal", "masked", "any"), [0, 1], [500, 2000]
FOLDER = results.ROOT / "build" / "bert_generation"
LONGEST, HELD_OUT, WRITTEN, GAPS = 16, 1000, 100, 100
METHODS = {
    "causal": ["left 1.0", "left 0.7"],
    "masked": [
        "left 1.0", "left 0.7", "gibbs 1 1.0", "gibbs 5 1.0", "gibbs 20 1.0", "gibbs 20 0.7",
        "confident 4 1.0", "confident 16 1.0",
    ],
}  # fmt: skip
METHODS["any"] = METHODS["masked"]
MAIN = {"causal": ["left 1.0"], "masked": ["left 1.0", "gibbs 20 1.0", "confident 16 1.0"]}
MATCHED = "gibbs 20 0.7"  # as few different pairs as "confident 16 1.0"; with every seed, too
MAIN["any"] = MAIN["masked"]  # with every seed; the others with the first
FEWER = {"causal": METHODS["causal"][:1], "masked": ["left 1.0", "gibbs 5 1.0"]}
FEWER["any"] = FEWER["masked"]


def data(kept: Kept) -> tuple[WordPiece, list[Encoding], list[Encoding]]:
    """The vocabulary, the sentences to learn from, and those held out: 4 to 16 pieces each."""
    texts = tatoeba()
    tokenizer = WordPiece(kept("vocabulary", lambda: pieces_of(texts).vocabulary))
    encodings = {tuple(tokenizer.encode(text).ids): tokenizer.encode(text) for text in texts}
    short = [one for ids, one in sorted(encodings.items()) if 4 <= len(ids) - 2 <= LONGEST]
    random.Random(0).shuffle(short)
    return tokenizer, short[HELD_OUT:], short[:HELD_OUT]


def trained(
    kept: Kept, way: str, steps: int, seed: int, tokenizer: WordPiece, sentences: list[Encoding]
) -> Writer:
    """One trained model, its weights kept in build/."""
    size = len(tokenizer.vocabulary)
    config = Config(size, 128, 2, 4, 512, 0.0, 0.0, max_position_embeddings=LONGEST + 2)
    path = FOLDER / f"{way}_{steps}_{seed}.pt"

    def compute() -> None:
        words = Words.of(tokenizer.vocabulary)
        model = train_writer(way, sentences, words, config, steps, seed=seed)
        torch.save(model.state_dict(), path)

    kept(f"trained {way} {steps} {seed}", compute)
    model = Writer(config, way.startswith("causal"))
    model.load_state_dict(torch.load(path, weights_only=True))
    return model.eval()


def measured(
    kept: Kept,
    seed: int,
    tokenizer: WordPiece,
    seen: list[Encoding],
    held_out: list[Encoding],
) -> dict:
    """Train with this seed, and everything that is asked of the models."""
    models = {
        (way, steps): trained(kept, way, steps, seed, tokenizer, seen)
        for steps in BUDGETS
        for way in WAYS
    }
    few = trained(kept, FEW, BUDGETS[1], seed, tokenizer, seen) if seed == SEEDS[0] else None
    like = pad(held_out[:WRITTEN])["input_ids"]

    def by(model: Writer, method: str) -> list[str]:
        how, temperature = method.rsplit(" ", 1)
        return written(model, how, float(temperature), tokenizer, like, seed)

    sets = kept(
        f"written {seed}",
        lambda: {
            f"{way} {steps} {method}": by(models[way, steps], method)
            for steps, chosen in (
                (BUDGETS[1], METHODS if seed == SEEDS[0] else MAIN),
                (BUDGETS[0], FEWER),
            )
            for way in WAYS
            for method in chosen[way]
        },
    )

    def rivals() -> dict[str, list[str]]:
        if few is not None:
            return {f"{FEW} {BUDGETS[1]} left 1.0": by(few, "left 1.0")}
        return {
            f"{way} {BUDGETS[1]} {MATCHED}": by(models[way, BUDGETS[1]], MATCHED)
            for way in ("masked", "any")
        }

    def texts(part: Sequence[Encoding]) -> list[str]:
        return [natural(tokenizer.decode(one.ids[1:-1])) for one in part]

    def marks(read: dict[str, list[str]]) -> dict:
        known = texts(seen)
        fours = {run for text in known for run in grams(text, 4)}
        return {name: judged(rows, smollm2(), set(known), fours) for name, rows in read.items()}

    known = controls(texts(held_out[:WRITTEN]), texts(seen)) if seed == SEEDS[0] else {}
    sets = kept(f"judged {seed}", lambda: marks(known | sets))
    sets |= kept(f"rivals {seed}", lambda: marks(rivals()))

    largest = {way: models[way, BUDGETS[1]] for way in WAYS}
    part = held_out[(1 + seed) * GAPS :][:GAPS]
    return {
        "nats": kept(
            f"nats {seed}",
            lambda: {
                f"{way} {steps}": heldout_nats(model, tokenizer, held_out[:300])
                for (way, steps), model in models.items()
            },
        ),
        "sets": sets,
        "gaps": kept(f"gaps {seed}", lambda: filled(largest, tokenizer, part)),
        "cycles": kept(f"cycles {seed}", lambda: cycles(largest, tokenizer, held_out[:200])),
        "few": {}
        if few is None
        else kept(
            f"few {seed}",
            lambda: {
                "nats": heldout_nats(few, tokenizer, held_out[:300])["left"],
                "fill": filled({FEW: few}, tokenizer, part)[FEW]["right"],
            },
        ),
    }


def mean(rows: Sequence[dict]) -> dict:
    """The mean of each number over the seeds; dicts may nest, samples are left out."""
    return {
        key.replace(" ", "_").replace(".", ""): mean([row[key] for row in rows])
        if isinstance(value, dict)
        else statistics.mean(row[key] for row in rows)
        for key, value in rows[0].items()
        if key != "samples"
    }


def main() -> None:
    torch.set_num_threads(1)
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = Kept(FOLDER.with_suffix(".jsonl"))
    tokenizer, seen, held_out = data(kept)
    seeds = [int(one) for one in sys.argv[1:]] or SEEDS
    runs = [measured(kept, seed, tokenizer, seen, held_out) for seed in seeds]
    small, rates = rated(kept, FOLDER)
    known = ("real", "copies", "shuffled", "one sentence", "one word")
    marks = [{k: v for k, v in run["sets"].items() if k not in known} for run in runs]
    first = marks[0]
    numbers = {
        "sentences": len(seen),
        "held_out": len(held_out),
        "pieces": len(tokenizer.vocabulary),
        "budgets": BUDGETS,
        "written": WRITTEN,
        "gaps": GAPS * len(seeds),
        "nats": mean([run["nats"] for run in runs]),
        "sets": {
            name.replace(" ", "_").replace(".", ""): mean(
                [one[name] for one in marks if name in one]
            )
            for name in first
        },
        "every_set": {
            name.replace(" ", "_").replace(".", ""): {
                key: [one[name][key] for one in marks if name in one]
                for key in ("nats", "distinct", "copied")
            }
            for name in first
        },
        "controls": mean([{name: runs[0]["sets"][name] for name in known}]),
        "fill": mean([run["gaps"] for run in runs]),
        "every_fill": {
            name: [run["gaps"][name]["right"] for run in runs]
            for name in ("masked", "any", "left", "every")
        }
        | {"few": [run["few"]["fill"] for run in runs if run["few"]]},
        "few": {  # the first seed of all: what the causal model with few labels is held against
            "nats": {
                "few": runs[0]["few"]["nats"],
                "left": runs[0]["nats"]["causal 2000"]["left"],
                "masked": runs[0]["nats"]["masked 2000"]["pll"],
            },
            "fill": {"few": runs[0]["few"]["fill"]}
            | {name: runs[0]["gaps"][name]["right"] for name in ("left", "masked")},
            "written": {
                way: first[f"{way} {BUDGETS[1]} left 1.0"]["nats"]
                for way in ("causal", FEW, "masked")
            },
        },
        "cycles": mean([run["cycles"] for run in runs]),
        "rates": rates,
        "labels": labels(small),
        "grammar": {name: mean(rows) for name, rows in small.items()},
        "every_grammar": {
            name.replace(" ", "_"): {
                how.replace(" ", "_"): [row["legal"][how] for row in rows]
                for how in rows[0]["legal"]
            }
            for name, rows in small.items()
        },
        "samples": {
            name: first[key]["samples"][:4]
            for name, key in (
                ("causal", "causal 2000 left 1.0"),
                ("masked_left", "masked 2000 left 1.0"),
                ("masked_gibbs", "masked 2000 gibbs 20 1.0"),
                ("masked_confident", "masked 2000 confident 16 1.0"),
                ("any_left", "any 2000 left 1.0"),
                ("any_confident", "any 2000 confident 16 1.0"),
            )
        },
        "minutes": kept.minutes,
    }
    results.write(
        "bert_generation",
        numbers,
        command="python snippets/1_NLP_basics/bert_generation_experiment.py",
        seed=seeds,
        note_zh="同样大小的因果模型和掩码模型写句子，由 SmolLM2 评判；填空；小语法上写对的比例。",
        note_en="Causal and masked models of one size write sentences like Tatoeba's, judged by "
        "SmolLM2; they fill gaps; and the share of legal sentences in a small grammar.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
