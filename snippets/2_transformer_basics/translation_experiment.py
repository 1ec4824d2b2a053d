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
from typing import Any, cast

import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from torch import Tensor
from torch.optim.lr_scheduler import LambdaLR

from translation import SMALL, optimizer_of, small_task, train_epoch
from wode.attention import MultiHeadAttention
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
CONSTANTS = (0.001, 0.004, 0.016)
Pairs = Sequence[tuple[str, str]]


class WithoutPositions(TranslationModel):
    """Nothing tells it where a token stands, but for the mask of its decoder."""

    def embed(self, ids: Tensor, first: int = 0) -> Tensor:
        return self.dropout(self.embedding(ids) * math.sqrt(self.hidden_size))


def scheduled(
    model: TranslationModel, schedule: str, factor: float
) -> tuple[torch.optim.Optimizer, LambdaLR]:
    """``factor`` × the paper's schedule; the same at its peak from the start; a constant rate."""
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


def score(seed: int, **settings: Any) -> dict:
    """Train a model, and judge it on each test, and on new sentences with their words shuffled."""
    vocabulary, _, tests = TASK
    model = trained(seed, **settings)
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

LOOKED_AT = (
    ("老师看见了学生。", "The teacher saw the student."),
    (
        "老师昨天在市场卖了两把旧椅子。",
        "The teacher sold two old chairs at the market yesterday.",
    ),
)


def attention(model: TranslationModel, zh: str, en: str) -> tuple[Tensor, Tensor]:
    """Where the decoder looks as it says each word, the heads' mean (T, S), and log p (T,)."""
    vocabulary = TASK[0]
    source, reads, says = batch_of(
        [(vocabulary.encode(tokens_of(zh)), vocabulary.encode(tokens_of(en)))]
    )
    kept = []
    layer = cast(MultiHeadAttention, model.transformer.decoder.layers[-1].multihead_attn)
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
    "cold": {"schedule": "cold"},
    **{f"rate_{n}": {"schedule": "constant", "factor": CONSTANTS[n]} for n in range(3)},
    "warmup_twice": {"factor": 1.0},
    "cold_twice": {"schedule": "cold", "factor": 1.0},
}
FEWER = {"rate_1": 2, "rate_2": 1, "warmup_twice": 2}  # seeds


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


def task() -> dict:
    """All ways, three seeds each where ``FEWER`` does not say otherwise."""
    kept = Kept(ROOT / "build" / "translation.jsonl")
    vocabulary, examples, tests = TASK
    numbers: dict = {"train": len(examples), "tokens": len(vocabulary), "ways": {}}
    numbers["of"] = {name: len(test) for name, test in tests.items()}
    numbers["peak"], numbers["rates"] = 0.5 * warmup_rate(60, 64, 60), [*CONSTANTS]
    for way in WAYS:
        seeds = range(FEWER.get(way, 3))
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


def nearest(train: Pairs, sources: Sequence[str]) -> list[str]:
    """Of the likest Chinese sentence that was learned, the English one."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 2))
    learned = vectorizer.fit_transform([zh for zh, _ in train])  # (N, pieces)
    likeness = vectorizer.transform(sources) @ learned.T  # (Q, N)
    return [train[int(row.toarray().argmax())][1] for row in likeness]


def by_words(train: Pairs, sources: Sequence[str]) -> list[str]:
    """Word by word, from a dictionary that IBM model 1 finds in the pairs."""
    words = dictionary([(tokens_of(zh), tokens_of(en)) for zh, en in train])
    return [text_of(words[t] for t in tokens_of(source) if t in words) for source in sources]


def rivals() -> dict:
    """BLEU and whole sentences right of the two that train no network."""
    vocabulary, examples, tests = TASK
    train = [
        ("".join(vocabulary.decode(zh)), text_of(vocabulary.decode(en))) for zh, en in examples
    ]
    numbers: dict = {}
    for name, test in tests.items():
        sources, references = zip(*test, strict=True)
        numbers[name] = {
            "nearest": judged(nearest(train, sources), references),
            "dictionary": judged(by_words(train, sources), references),
        }
    train, test = tatoeba_split(tatoeba_pairs())
    sources, references = zip(*test, strict=True)
    numbers["tatoeba"] = {"nearest": bleu(nearest(train, sources), references)}
    return numbers


def tatoeba(seeds: list[int], epochs: int = 12) -> dict:
    """Real sentences: BLEU on 1000 whose English and Chinese both are new, epoch by epoch."""
    train, test = tatoeba_split(tatoeba_pairs())
    tokenized = [(tokens_of(zh), tokens_of(en)) for zh, en in train]
    vocabulary = Vocabulary(itertools.chain.from_iterable(tokenized), at_least=2)
    examples = [(vocabulary.encode(zh), vocabulary.encode(en)) for zh, en in tokenized]
    sources, references = zip(*test, strict=True)
    config = Config(
        hidden_size=192, num_heads=4, num_layers=3, ffn_size=512, dropout=0.2, norm_first=True
    )
    warmup = 600
    numbers: dict = {"train": len(train), "test": len(test), "tokens": len(vocabulary)}
    numbers |= {"dictionary": bleu(by_words(train, sources), references), "epochs": epochs}
    curves, losses, beams = [], [], []
    for seed in seeds:
        torch.manual_seed(seed)
        rng = random.Random(seed)
        model = TranslationModel(len(vocabulary), config)
        numbers["parameters"] = sum(p.numel() for p in model.parameters())
        optimizer, scheduler = optimizer_of(model, warmup)
        curve, loss, began = [], [], time.process_time()
        for epoch in range(epochs):
            loss.append(train_epoch(model, optimizer, scheduler, examples, 64, rng))
            curve.append(bleu(answers_of(model, vocabulary, sources), references))
            print(
                seed,
                epoch + 1,
                round(loss[-1], 3),
                round(curve[-1], 2),
                round(time.process_time() - began),
                flush=True,
            )
        numbers["cpu_seconds"] = time.process_time() - began
        by_beam = answers_of(model, vocabulary, sources, beams=4)
        beams.append(bleu(by_beam, references))
        curves.append(curve)
        losses.append(loss)
        if seed == seeds[0]:
            greedy = answers_of(model, vocabulary, sources)
            numbers["examples"] = [
                [text.replace("<unknown>", "⁇") for text in row]
                for row in zip(sources, references, greedy, by_beam, strict=True)
            ][:12]
    numbers |= {"greedy_each": curves, "losses": losses, "beam_each": beams}
    numbers["greedy"] = statistics.mean(curve[-1] for curve in curves)
    numbers["beam"] = statistics.mean(beams)
    return numbers


PARTS = {
    "task": (
        task,
        [0, 1, 2],
        "在本书自带的句子上训练的小模型，一到三个种子：拿掉位置、标签平滑、预热，填充算进损失。",
        "Small models on the book's own sentences, 1–3 seeds: no positions, smoothing, warm-up.",
    ),
    "rivals": (
        rivals,
        None,
        "不训练网络的两个对手：IBM 模型 1 的词典，最像的中文句的英文。",
        "Two rivals without a network: IBM model 1's dictionary; the likest sentence's English.",
    ),
    "tatoeba": (
        lambda: tatoeba([0, 1, 2]),
        [0, 1, 2],
        "Tatoeba 的中英句对，三个种子；测试句的中文和英文都没有在训练集出现过。",
        "Chinese–English pairs of Tatoeba, three seeds; both sides of a test pair are new.",
    ),
}


def main(names: list[str]) -> None:
    torch.set_num_threads(1)
    for name in names or list(PARTS):
        if name not in PARTS:
            sys.exit(f"expected one of {list(PARTS)}, got {name!r}")
        run, seed, note_zh, note_en = PARTS[name]
        path = results.write(
            "transformer_tatoeba" if name == "tatoeba" else f"translation_{name}",
            run(),
            seed=seed,
            command=f"{SCRIPT} {name}",
            note_zh=note_zh,
            note_en=note_en,
        )
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
