"""What a small translator needs and what it does not: positions, smoothing, padding, warm-up.

    python snippets/2_transformer_basics/translation_experiment.py [task] [tatoeba] [rivals]

`task`: wode's own sentences, with who met whom among them, several seeds; about five minutes of one
core; a run that was stopped goes on. `tatoeba`: real sentences, an hour. `rivals`: a dictionary and
the nearest neighbour on both. Each part writes docs/assets/results/translation_*.json.
"""

import itertools
import math
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from translation import SMALL, optimizer_of, small_task, train_epoch
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.data.formats import read_translations
from wode.decoding import evaluating
from wode.files.download import data_root
from wode.tasks.baselines import dictionary
from wode.tasks.sentences import PEOPLE
from wode.training.evaluation import bleu
from wode.transformer import Config, TranslationModel, warmup_rate
from wode.translation import PAD, Vocabulary, answers_of, batch_of, text_of, tokens_of

SCRIPT = "python snippets/2_transformer_basics/translation_experiment.py"
NOTHING = -100  # the label that no token has: padding is counted
EPOCHS = 8
FACTORS, CONSTANTS = (0.125, 0.25, 0.5, 1.0), (0.0005, 0.001, 0.002, 0.004, 0.008)
Pairs = Sequence[tuple[str, str]]


class WithoutPositions(TranslationModel):
    """Nothing tells it where a token stands, but for the mask of its decoder."""

    def embed(self, ids: Tensor, first: int = 0) -> Tensor:
        return self.dropout(self.embedding(ids) * math.sqrt(self.hidden_size))


def scheduled(
    model: TranslationModel, schedule: str, factor: float
) -> tuple[torch.optim.Optimizer, LambdaLR]:
    """``factor`` × the paper's schedule, the same at its peak from the start, or a constant rate."""
    optimizer, scheduler = optimizer_of(model, 60, factor)
    if schedule == "cold":
        scheduler = LambdaLR(optimizer, lambda done: warmup_rate(max(done + 1, 60), 64, 60))
    elif schedule == "constant":
        scheduler = LambdaLR(optimizer, lambda done: 1.0)
    elif schedule != "warmup":
        raise ValueError(f"expected warmup, cold or constant, got {schedule!r}")
    return optimizer, scheduler


TASK = small_task(1400, who=True)


def trained(
    seed: int,
    positions: bool = True,
    smoothing: float = 0.1,
    ignore: int = PAD,
    schedule: str = "warmup",
    factor: float = 0.5,
    train: int = 1400,
) -> TranslationModel:
    """A small model, trained on the task; everything but what is named as on the page."""
    vocabulary, examples, _ = TASK if train == 1400 else small_task(train, who=True)
    torch.manual_seed(seed)
    rng = random.Random(seed)
    kind = TranslationModel if positions else WithoutPositions
    model = kind(len(vocabulary), SMALL)
    optimizer, scheduler = scheduled(model, schedule, factor)
    for _ in range(EPOCHS):
        train_epoch(model, optimizer, scheduler, examples, 64, rng, smoothing, ignore)
    return model


def judged(answers: list[str], references: Sequence[str]) -> dict[str, float]:
    """BLEU, whole sentences right, and words right wherever they stand."""
    right = [text_of(tokens_of(reference)) for reference in references]
    common = sum(
        (Counter(tokens_of(a)) & Counter(tokens_of(r))).total()
        for a, r in zip(answers, right, strict=True)
    )
    return {
        "bleu": bleu(answers, references),
        "exact": statistics.mean(a == r for a, r in zip(answers, right, strict=True)),
        "words": common / sum(len(tokens_of(r)) for r in right),
    }


def shuffled(text: str) -> str:
    """The same characters in another order."""
    tokens = tokens_of(text)
    random.Random(text).shuffle(tokens)
    return "".join(tokens)


def score(seed: int, **settings: object) -> dict:
    """Train a model, and judge it on each test, and on new sentences with their words shuffled."""
    vocabulary, _, tests = TASK
    model = trained(seed, **settings)  # type: ignore[arg-type]
    found = {}
    for name, test in tests.items():
        sources, references = zip(*test, strict=True)
        found[name] = judged(answers_of(model, vocabulary, sources), references)
    sources, references = zip(*tests["sentences"], strict=True)
    mixed = answers_of(model, vocabulary, [*map(shuffled, sources)])
    found["shuffled"] = judged(mixed, references)
    if settings.keys() <= {"positions"}:
        found |= looks(model)
    return found


# ---------------------------------------------------------------- what it looks at

LOOKED_AT = ("老师看见了学生。", "The teacher saw the student."), (
    "老师昨天在市场卖了两把旧椅子。",
    "The teacher sold two old chairs at the market yesterday.",
)


def attention(model: TranslationModel, zh: str, en: str) -> tuple[Tensor, Tensor]:
    """Where the decoder looks as it says each word, the heads' mean (T, S), and log p (T,)."""
    vocabulary = TASK[0]
    source, reads, says = batch_of(
        [(vocabulary.encode(tokens_of(zh)), vocabulary.encode(tokens_of(en)))]
    )
    kept = []
    layer = model.transformer.decoder.layers[-1].multihead_attn
    handle = layer.register_forward_hook(
        lambda layer, inputs, output: kept.append(layer.weights(inputs[0], inputs[1], inputs[3]))
    )
    with evaluating(model):
        log_p = model(source, reads).log_softmax(dim=-1).gather(2, says[..., None])
    handle.remove()
    return kept[0][0].mean(dim=0), log_p.flatten()  # (T, S), (T,)


def hidden(model: TranslationModel, zh: str, en: str, row: int, column: int) -> float:
    """log p of word ``row`` where the decoder may not look at character ``column``."""
    vocabulary = TASK[0]
    source, reads, says = batch_of(
        [(vocabulary.encode(tokens_of(zh)), vocabulary.encode(tokens_of(en)))]
    )
    with evaluating(model):
        memory, mask = model.encode(source)
        mask = mask.clone()
        mask[..., column] = False
        log_p = model.decode(reads, memory, mask).log_softmax(dim=-1)
    return log_p[0, row, says[0, row]].item()


def looks(model: TranslationModel) -> dict:
    """Maps of two sentences; what hiding the most-looked-at character costs, and another one."""
    maps = [attention(model, *pair)[0].tolist() for pair in LOOKED_AT]
    rng, most, other, own = random.Random(0), [], [], []
    for zh, en in TASK[2]["who"]:
        weights, log_p = attention(model, zh, en)
        for row, word in enumerate(tokens_of(en)):
            if word not in PEOPLE.values():
                continue
            top = int(weights[row].argmax())
            name = next(k for k, v in PEOPLE.items() if v == word)
            start = zh.index(name)
            own.append(start <= top < start + len(name))
            rest = rng.choice([s for s in range(weights.shape[1]) if s != top])
            most.append(log_p[row].item() - hidden(model, zh, en, row, top))
            other.append(log_p[row].item() - hidden(model, zh, en, row, rest))
    return {
        "maps": maps,
        "own": statistics.mean(own),
        "cost": {"most": statistics.mean(most), "other": statistics.mean(other)},
    }


# ---------------------------------------------------------------- parts

WAYS: dict[str, dict] = {
    "base": {},
    "no_positions": {"positions": False},
    "no_smoothing": {"smoothing": 0.0},
    "padding_counted": {"ignore": NOTHING},
    "cold_0.5": {"schedule": "cold", "factor": 0.5},
    **{f"warmup_{factor}": {"factor": factor} for factor in FACTORS if factor != 0.5},
    **{f"constant_{rate}": {"schedule": "constant", "factor": rate} for rate in CONSTANTS},
}


def summary(runs: list[dict]) -> dict:
    """Mean, lowest and highest of each number over the seeds."""
    out: dict = {}
    for name in ("sentences", "combinations", "who", "shuffled"):
        out[name] = {}
        for kind in ("bleu", "exact", "words"):
            each = [run[name][kind] for run in runs]
            out[name][kind] = {
                "mean": statistics.mean(each), "min": min(each), "max": max(each), "each": each,
            }  # fmt: skip
    for name in ("own", "cost"):
        if name in runs[0] and name == "own":
            out["own"] = statistics.mean(run["own"] for run in runs)
        elif name in runs[0]:
            out["cost"] = {
                k: statistics.mean(run["cost"][k] for run in runs) for k in ("most", "other")
            }
    if "maps" in runs[0]:
        out["maps"] = runs[0]["maps"]
    return out


def measure(way: str, seed: int) -> dict:
    return score(seed, **WAYS[way])


def task(seeds: Sequence[int] = (0, 1, 2)) -> dict:
    """All ways, three seeds; the first two five."""
    kept = Kept(ROOT / "build" / "translation.jsonl")
    vocabulary, examples, tests = TASK
    numbers: dict = {
        "train": len(examples), "tokens": len(vocabulary), "seeds": len(seeds),
        "of": {name: len(test) for name, test in tests.items()},
    }  # fmt: skip
    numbers["peak"] = 0.5 * warmup_rate(60, 64, 60)
    numbers["ways"] = {}
    for way in WAYS:
        numbers["ways"][way] = summary([kept("trained", measure, way, seed) for seed in seeds])
    return numbers


def tatoeba_pairs() -> list[tuple[str, str]]:
    """The pairs (Chinese, English) of cmn-eng, from the folder that WODE_DATA names."""
    path = data_root() / "cmn-eng" / "cmn.txt"
    if not path.is_file():
        raise FileNotFoundError(
            f"no file {path}: set WODE_DATA to a folder with cmn-eng/cmn.txt, a line English TAB "
            "Chinese (Tatoeba's pairs, CC BY 2.0 FR), or leave tatoeba out"
        )
    return [(zh, en) for en, zh in read_translations(path)]


def tatoeba_split(
    pairs: list[tuple[str, str]], held: int = 1000
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Pairs to train on, and at most ``held`` to test on of which neither side is trained on."""
    pairs = list(pairs)
    random.Random(0).shuffle(pairs)
    test, rest = pairs[:held], pairs[held:]
    test = list({zh: (zh, en) for zh, en in test}.values())
    chinese, english = {zh for zh, _ in test}, {en for _, en in test}
    return [(zh, en) for zh, en in rest if zh not in chinese and en not in english], test


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(task())
