"""For the page `copy`: summaries of real docstrings, with copying and without it.

    python snippets/1_NLP_basics/copy_experiment.py

reads the docstrings of installed packages. What was measured is kept in build/, so that a run that
was stopped goes on. Writes docs/assets/results/copying.json. A quarter of an hour of one core.
"""

import itertools
import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from functools import cache
from typing import Literal
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torchmetrics.functional.text.rouge import rouge_score

from copy_docs import LEARN, TEST, Doc, Pieces, docs
from copy_headlines import learn, names_right
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.copying import (
    Config,
    CopyingModel,
    Modes,
    Written,
    coverage_loss,
    example_of,
    log_probability,
    write,
)
from wode.tasks.reports import Report, reports
from wode.translation import BEGIN, END, PAD, UNKNOWN, Vocabulary, batch_of, batches

Output = Literal["plain", "pointer_generator", "copynet"]
STEPS, RATES, SEEDS = 250, (5e-3, 1e-2), [1, 2, 3]
CHOOSE = ("numpy",)  # the rate is chosen on it, with seed 0
AT_LEAST, PIECES = 20, 2000  # a word of the vocabulary occurs so often; so many pieces
HELD = 400  # docstrings to test on
#: The output, whether attention reads the coverage, how many pieces (None: words).
WAYS: dict[str, tuple[Output, bool, int | None]] = {
    "plain": ("plain", False, None),
    "pointer": ("pointer_generator", False, None),
    "coverage": ("pointer_generator", True, None),
    "copynet": ("copynet", False, None),
    "pieces": ("plain", False, PIECES),
}
#: A part of a way put in or taken out, at the same rate: what the part does. ``unpaid`` reads the
#: coverage without its loss, ``unread`` is CopyNet without its selective read.
PARTS = {"coverage": "pointer", "unpaid": "pointer", "unread": "copynet"}
FEWER = {"pieces": 2}  # seeds
WAYS |= {"unpaid": WAYS["coverage"], "unread": WAYS["copynet"]}
OTHER = {"plain": 5e-3, "pieces": 2e-2}  # rivals that are tested at another rate, too
LONGER = 2  # times the steps, one seed, for those of `AGAIN`
AGAIN = ("plain", "pointer", "pieces")


@cache
def cut_with(size: int | None) -> tuple[Pieces, Vocabulary, list[tuple[list[int], list[int]]]]:
    """How words are cut, the vocabulary, the examples to learn from."""
    learned_from = docs(LEARN)
    pieces = Pieces(learned_from, size)
    cut = [(pieces.cut(doc.source), pieces.cut(doc.target)) for doc in learned_from]
    least = 1 if size else AT_LEAST
    vocabulary = Vocabulary((part for pair in cut for part in pair), least)
    return pieces, vocabulary, [example_of(vocabulary, *pair) for pair in cut]


@cache
def trained(way: str, steps: int, lr: float, seed: int) -> tuple[CopyingModel, float]:
    """The model, and the CPU seconds of learning; a third with the coverage loss, if any."""
    output, coverage, size = WAYS[way]
    _, vocabulary, examples = cut_with(size)
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = CopyingModel(Config(len(vocabulary), output, coverage, embedding=64, hidden=64))
    optimizer = torch.optim.AdamW(model.parameters(), lr, fused=True)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, lr, steps, pct_start=0.1)
    began, step = time.process_time(), 0
    while step < steps:
        for batch in batches(examples, 32, rng):
            if step == steps:
                break
            weight = float(way == "coverage" and step >= steps * 2 // 3)
            loss = model.loss(*batch_of(batch), weight)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            step += 1
    return model.eval(), time.process_time() - began


def written_by(model: CopyingModel, way: str, held: list[Doc]) -> list[Written]:
    pieces, vocabulary, _ = cut_with(WAYS[way][2])
    length = 20 if WAYS[way][2] is None else 40
    rows = [pieces.cut(doc.source) for doc in held]
    parts = (rows[first : first + 100] for first in range(0, len(rows), 100))
    return [one for part in parts for one in write(model, vocabulary, part, length)]


def share(values: Sequence[float]) -> float:
    """Their mean, 0 of none."""
    return sum(values) / max(1, len(values))


def scores(found: list[list[str]], held: list[Doc]) -> dict[str, float]:
    """ROUGE; how many of the answers' rare words were written; bigrams written twice a summary
    (without those of <unknown>).

    Rare: outside the vocabulary of words, whatever the model's own; those in the source (``there``)
    and those that are not (``absent``).
    """
    rouge = rouge_score(
        [" ".join(words) for words in found],
        [" ".join(doc.target) for doc in held],
        rouge_keys=("rouge1", "rouge2", "rougeL"),
        tokenizer=str.split,
        normalizer=str,
    )
    known = cut_with(None)[1].ids
    rare = {True: list[bool](), False: list[bool]()}
    for words, doc in zip(found, held, strict=True):
        for word in {*doc.target} - {*known}:
            rare[word in doc.source].append(word in words)
    pairs = [
        [pair for pair in itertools.pairwise(words) if "<unknown>" not in pair] for words in found
    ]
    return {
        **{name: rouge[f"{name}_fmeasure"].item() for name in ("rouge1", "rouge2", "rougeL")},
        "there": share(rare[True]),
        "absent": share(rare[False]),
        "repeated": statistics.mean(len(one) - len({*one}) for one in pairs),
        "unknown": statistics.mean(words.count("<unknown>") for words in found),
        "words": statistics.mean(map(len, found)),
    }


def replaced(written: list[Written], held: list[Doc]) -> list[list[str]]:
    """The rival that needs no training: for <unknown>, the source's word most attended to."""
    return [
        [
            doc.source[int(likeliest(one.attention[t]))] if word == "<unknown>" else word
            for t, word in enumerate(one.words)
        ]
        for one, doc in zip(written, held, strict=True)
    ]


def measured(packages: str, way: str, steps: int, lr: float, seed: int) -> dict:
    """The scores of what is written for held-out docstrings, and what p_gen says."""
    held = held_out(packages)
    unread = way == "unread"  # CopyNet without its selective read
    with patch("wode.copying.selective_read", nothing_read) if unread else nullcontext():
        model, seconds = trained(way, steps, lr, seed)
        written = written_by(model, way, held)
    found = [cut_with(WAYS[way][2])[0].joined(one.words) for one in written]
    answer = {"scores": scores(found, held), "seconds": seconds}
    if WAYS[way][2] is None:
        answer["replaced"] = scores(replaced(written, held), held)
    answer["scores"]["again"] = statistics.mean(
        coverage_loss(one.attention[None]).sum().item() for one in written
    )
    if way in ("pointer", "copynet"):
        answer["p_gen"] = gates(model, held) | {"by_word": by_word(written, held)}
    return answer


def held_out(packages: str) -> list[Doc]:
    """Those to test on, or those on which the rate is chosen."""
    return docs(TEST, HELD) if packages == "test" else docs(CHOOSE)[:HELD]


def nothing_read(states: Tensor, scores: Tensor, same: Tensor) -> Tensor:
    return torch.zeros_like(states[:, 0])


def by_word(written: list[Written], held: list[Doc]) -> dict[str, float]:
    """Mean p_gen where the word written stands in the source, and where it does not."""
    gate = {True: list[float](), False: list[float]()}
    for one, doc in zip(written, held, strict=True):
        for word, p_gen in zip(one.words, one.p_gen.tolist(), strict=True):
            gate[word in doc.source].append(p_gen)
    return {
        "there": share(gate[True]),
        "absent": share(gate[False]),
        "share_there": len(gate[True]) / sum(map(len, gate.values())),
    }


@torch.no_grad()
def gates(model: CopyingModel, held: list[Doc]) -> dict[str, float]:
    """What p_gen knows, the summary being read: -log p of the right words, and how well it tells.

    -log p with the gate as it is; fixed at its mean; at its mean after the same previous word.
    Telling: the share of pairs of places, one whose right word stands in the source and one whose
    does not, where the gate of the second is higher (0.5: it knows nothing); without <end>, which
    no source holds; and that of a table which sees the previous word alone.
    """
    _, vocabulary, examples = cut_with(None)
    source, reads, says = batch_of([example_of(vocabulary, *doc) for doc in held])
    modes, real = model(source, reads), says != PAD
    gate = modes.p_gen.clamp(1e-6, 1 - 1e-6)  # (B, T)
    before = reads.where(reads < len(vocabulary), UNKNOWN)  # the previous word

    def cost(other: Tensor) -> float:
        """-log p a word, its gate another one's."""
        changed = Modes(
            modes.generate + (other / gate).log()[:, :, None],
            modes.copy + ((1 - other) / (1 - gate)).log()[:, :, None],
            modes.attention,
        )
        return -log_probability(changed, source, says)[real].mean().item()

    sums, counts = torch.zeros(2, len(vocabulary)).unbind()
    sums.index_add_(0, before[real], gate[real])
    counts.index_add_(0, before[real], torch.ones(int(real.sum())))
    absent = ~(source[:, None] == says[:, :, None]).any(dim=2)  # (B, T)
    rare, table = real & (says != UNKNOWN), absent_after(examples, len(vocabulary))[before]
    words = rare & (says != END)
    return {
        "mean": gate[real].mean().item(),
        "own": cost(gate),
        "fixed": cost(torch.full_like(gate, gate[real].mean().item())),
        "after": cost((sums / counts.clamp(min=1))[before].clamp(1e-6, 1 - 1e-6)),
        "tells": tells(gate[words], absent[words]),
        "tells_end": tells(gate[rare], absent[rare]),
        "table": tells(table[words], absent[words]),
        "table_end": tells(table[rare], absent[rare]),
    }


def tells(values: Tensor, absent: Tensor) -> float:
    """How often a value of ``absent`` is above another one; a tie counts half."""
    above = values[absent][:, None] - values[~absent]
    return ((above > 0).double() + (above == 0) / 2).mean().item()


def absent_after(examples: list[tuple[list[int], list[int]]], size: int) -> Tensor:
    """How often the next word is not in its source, by the previous word: (V,)."""
    absent, seen = torch.zeros(size), torch.zeros(size)
    for source, target in examples:
        there = {*source}
        for before, word in itertools.pairwise([BEGIN, *target, END]):
            if word != UNKNOWN:
                number = before if before < size else UNKNOWN
                absent[number] += word not in there
                seen[number] += 1
    return (absent + 5 * absent.sum() / seen.sum()) / (seen + 5)  # 5 more, of the common share


def baselines() -> dict[str, dict[str, float]]:
    """Nothing learned: the name, what it begins with, the summary of the most alike docstring.

    Alike: sharing rare words, each counting 1 / how many docstrings have it, for its length.
    """
    held, learned_from = docs(TEST, HELD), docs(LEARN)
    where: dict[str, list[int]] = {}
    for n, doc in enumerate(learned_from):
        for word in {*doc.source}:
            where.setdefault(word, []).append(n)
    alike = list[list[str]]()
    for doc in held:
        score: Counter[int] = Counter()
        for word in {*doc.source} & {*where}:
            if len(where[word]) < 1000:
                for n in where[word]:
                    score[n] += 1 / len(where[word]) / len({*learned_from[n].source}) ** 0.5
        alike.append(learned_from[max(score, key=lambda n: score[n])].target if score else [])
    found = {
        "name": [doc.source[: doc.source.index(":")] for doc in held],
        "first_words": [[w for w in doc.source if w != ":"][:10] for doc in held],
        "most_alike": alike,
    }
    return {name: scores(one, held) for name, one in found.items()}


def headlines() -> dict[str, float]:
    """More of the page's small models: shares of names, of gates; one seed."""
    data, new = reports(1600), reports(300, seed=1, new_names=True)
    vocabulary = Vocabulary((words for report in data for words in report), at_least=40)
    everything = Vocabulary(words for report in data for words in report)

    def written(model: CopyingModel, known: Vocabulary, told: list[Report]) -> list[Written]:
        return write(model, known, [report.words for report in told], max_length=12)

    plain = learn("plain", vocabulary, data, steps=160)
    places = [
        (int(likeliest(one.attention[t])), report.words, report.headline[t])
        for one, report in zip(written(plain, vocabulary, new), new, strict=True)
        for t, word in enumerate(one.words[: len(report.headline)])
        if word == "<unknown>" and report.headline[t] in report.words
    ]
    off = [min(abs(place - n) for n, w in enumerate(words) if w == right)
           for place, words, right in places]  # fmt: skip
    copying = learn("pointer_generator", vocabulary, data)
    harder = reports(300, seed=1, new_names=True, new_wordings=True)
    source, reads, says = batch_of([example_of(vocabulary, *report) for report in new])
    with torch.no_grad():
        gate = copying(source, reads).p_gen
    known, there = says < len(vocabulary), (source[:, None] == says[:, :, None]).any(dim=2)
    word = (says != PAD) & (says != END)
    full = learn("pointer_generator", everything, data)
    by_heart = learn("plain", everything, data)
    old, reworded = reports(300, seed=1), reports(300, seed=1, new_wordings=True)
    return {
        "attended": share([n == 0 for n in off]),
        "attended_near": share([n == 1 for n in off]),
        "attended_far": share([n > 3 for n in off]),
        "new_wordings": names_right(written(copying, vocabulary, harder), harder, vocabulary),
        "shut_names": (gate[word & ~known] < 0.5).float().mean().item(),
        "shut_absent": (gate[word & known & ~there] < 0.5).float().mean().item(),
        "shut_both": (gate[word & known & there] < 0.5).float().mean().item(),
        "between": ((gate > 0.1) & (gate < 0.9))[word].float().mean().item(),
        "full_reworded": names_right(written(full, everything, reworded), reworded, vocabulary),
        "by_heart": names_right(written(by_heart, everything, old), old, vocabulary),
        "source_says_wins": share(
            ["wins" in report.words for report in data if "wins" in report.headline]
        ),
    }


def averaged(runs: list[dict[str, float]]) -> dict:
    return {
        name: {
            "mean": statistics.mean(run[name] for run in runs),
            "seeds": [run[name] for run in runs],
        }
        for name in runs[0]
    }


def shown(lr: float, steps: int) -> dict:
    """Some summaries, and one with its attention and p_gen, for the page's figure."""
    held = docs(TEST, HELD)
    found = {}
    for way in ("plain", "pointer"):
        model, _ = trained(way, steps, lr, SEEDS[0])
        found[way] = written_by(model, way, held)
    best = max(range(HELD), key=lambda n: interest(found["pointer"][n], held[n]))
    one, model = found["pointer"][best], trained("pointer", steps, lr, SEEDS[0])[0]
    _, vocabulary, _ = cut_with(None)
    source, reads, _ = batch_of([example_of(vocabulary, held[best].source, one.words)])
    with torch.no_grad():
        modes = model(source, reads)
    step = int((one.p_gen - 0.5).abs().argmin())  # where the gate is most undecided
    generated = (modes.generate[0, step].exp() / modes.p_gen[0, step]).topk(5)
    few = sorted({0, 60, 120, 180, 240, 300, best})
    return {
        "source": held[best].source,
        "target": held[best].target,
        "words": one.words,
        "attention": one.attention.tolist(),
        "p_gen": one.p_gen.tolist(),
        "step": step,
        "generated": {
            vocabulary.tokens[n]: p
            for n, p in zip(generated.indices.tolist(), generated.values.tolist(), strict=True)
        },
        "examples": [
            {
                "source": " ".join(held[n].source),
                "target": " ".join(held[n].target),
                "plain": " ".join(found["plain"][n].words),
                "pointer": " ".join(found["pointer"][n].words),
            }
            for n in few
        ],
    }


def interest(one: Written, doc: Doc) -> float:
    """Prefers a short source, a summary near the right one, with a rare word in it."""
    rare = sum(w not in cut_with(None)[1].ids for w in {*one.words} & {*doc.target})
    alike = len({*one.words} & {*doc.target}) / len({*one.words} | {*doc.target})
    return alike + 0.3 * min(rare, 2) - 2 * (len(doc.source) > 26)


def chosen(kept: Kept, way: str) -> tuple[float, dict[str, list[float]]]:
    """The rate whose summaries have the best ROUGE-1 on what is not tested; each rate's scores."""
    runs = [kept("scores", measured, "choose", way, STEPS, lr, 0)["scores"] for lr in RATES]
    best = max(range(len(RATES)), key=lambda n: runs[n]["rouge1"])
    return RATES[best], {name: [run[name] for run in runs] for name in runs[0]}


def tested(kept: Kept, way: str, lr: float, seeds: list[int], steps: int) -> dict:
    """A way, by the names of its rows: as it writes, and with <unknown> replaced."""
    runs = [kept("scores", measured, "test", way, steps, lr, seed) for seed in seeds]
    row = averaged([run["scores"] for run in runs]) | {"rate": lr}
    row["seconds"] = statistics.mean(run["seconds"] for run in runs)
    if "p_gen" in runs[0]:
        by = averaged([run["p_gen"].pop("by_word") for run in runs])
        for run in runs:  # what a right word costs more by a gate that sees the previous word alone
            run["p_gen"]["lost"] = run["p_gen"]["after"] - run["p_gen"]["own"]
        row["p_gen"] = averaged([run["p_gen"] for run in runs]) | {"by_word": by}
    rows = {way: row}
    if "replaced" in runs[0]:
        rows[f"{way}_replaced"] = averaged([run["replaced"] for run in runs]) | {"rate": lr}
    return rows


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "copy" / "measured.jsonl")
    ways, rates, tried = {}, {}, {}
    for way in ("plain", "pointer", "copynet", "pieces"):
        rates[way], tried[way] = chosen(kept, way)
    for part, whole in PARTS.items():
        rates[part] = rates[whole]
    for way, lr in rates.items():
        ways |= tested(kept, way, lr, SEEDS[: FEWER.get(way)], STEPS)
    other, longer = {}, {}
    for way, lr in OTHER.items():
        other |= tested(kept, way, lr, SEEDS if way == "plain" else SEEDS[:1], STEPS)
    for way in AGAIN:
        longer |= tested(kept, way, rates[way], SEEDS[:1], LONGER * STEPS)
    held = docs(TEST, HELD)
    known = cut_with(None)[1].ids
    answers = [(word, doc) for doc in held for word in doc.target]
    rare = [word in doc.source for word, doc in answers if word not in known]
    numbers = {
        "ways": ways,
        "longer": longer,
        "other": other,
        "tried": tried,
        "headlines": kept("headlines", headlines),
        "baselines": kept("baselines", baselines),
        "shown": kept("shown", shown, rates["pointer"], STEPS),
        "data": {
            "learned": len(docs(LEARN)),
            "held": len(held),
            "vocabulary": len(known),
            "pieces": PIECES,
            "chosen_on": len(held_out("choose")),
            "rare": len(rare) / len(answers),
            "rare_there": statistics.mean(rare),
            "there": statistics.mean(word in doc.source for word, doc in answers),
        },
        "steps": STEPS,
        "longer_steps": LONGER * STEPS,
        "minutes": kept.minutes,
    }
    results.write(
        "copying",
        numbers,
        command="python snippets/1_NLP_basics/copy_experiment.py",
        seed=SEEDS,
        note_zh="给装好的程序包里的函数写一句摘要：六个包学，另外两个包考；学习率在 numpy 上选"
        "（种子 0）；加倍步数的一个种子；ROUGE 由 torchmetrics 算。",
        note_en="One-line summaries of functions of installed packages: six to learn from, two "
        "more to test, the rate chosen on numpy (seed 0); one seed for twice the steps; ROUGE by "
        "torchmetrics.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
