"""What a key–value cache saves, counted; where beam search wins and where it does not, measured.

    python snippets/2_transformer_basics/decoding_experiment.py [cache] [beams] [greedy]

counts the multiplications of writing n tokens with a cache and without, and times them; writes a
test with beams of several widths and length penalties, by models that have learned little, more,
enough. Each part writes docs/assets/results/decoding_*.json; a run that was stopped goes on. A few
minutes of one core.
"""

import itertools
import statistics
import sys
import time

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from translation import learn, small_task
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.decoding import beam_search, evaluating, greedy_search
from wode.padding import pad_ids
from wode.training.evaluation import bleu
from wode.transformer import Config, TranslationModel
from wode.translation import BEGIN, END, PAD, TranslationSteps, text_of, tokens_of

SCRIPT = "python snippets/2_transformer_basics/decoding_experiment.py"
LENGTHS = (16, 32, 64, 128, 256)
WIDTHS, ALPHAS = (1, 2, 4, 16), (0.0, 0.6, 1.0)
TESTED, LONGEST, EPOCHS = 100, 25, (3, 5, 10)


# ---------------------------------------------------------------- the cache


def steps_of(cached: bool) -> TranslationSteps:
    return TranslationSteps(TIMED, SOURCE, cache=cached)


def multiplications(length: int, cached: bool) -> int:
    """Of writing ``length`` tokens, by the shapes of all matrix products; the encoder's left out.

    The fused kernel of attention is not counted by torch on a CPU, so it is kept out of the way.
    """
    with evaluating(TIMED), sdpa_kernel(SDPBackend.MATH):
        steps = steps_of(cached)
        with FlopCounterMode(display=False) as counter:
            greedy_search(steps, 1, BEGIN, -1, length)  # -1: never ends
    return counter.get_total_flops() // 2  # a multiplication and an addition are two


def seconds(length: int, cached: bool) -> tuple[float, list[int]]:
    """CPU seconds of writing ``length`` tokens, the median of three, and the tokens."""
    each, written = [], []
    for _ in range(3):
        began = time.process_time()
        with evaluating(TIMED):
            steps = steps_of(cached)
            (written,) = greedy_search(steps, 1, BEGIN, -1, length)
        each.append(time.process_time() - began)
    return statistics.median(each), written


torch.manual_seed(0)
TIMED = TranslationModel(1000, Config(128, 4, 3, 512))
SOURCE = torch.randint(4, 1000, (1, 20))


def slopes(values: list[float]) -> list[float]:
    """log2 of how much each grows over the one before: the lengths double."""
    return [torch.tensor(b / a).log2().item() for a, b in itertools.pairwise(values)]


def cache(kept: Kept) -> dict:
    """Multiplications and CPU seconds with a cache and without, and their local slopes."""
    numbers: dict = {"lengths": [*LENGTHS], "multiplications": {}, "seconds": {}, "slopes": {}}
    for name in ("cached", "plain"):
        counted = [kept("multiplications", multiplications, n, name == "cached") for n in LENGTHS]
        timed = [kept("seconds", seconds, n, name == "cached") for n in LENGTHS]
        numbers["multiplications"][name] = counted
        numbers["seconds"][name] = [second for second, _ in timed]
        numbers["slopes"][name] = {"counted": slopes(counted)}
        numbers["slopes"][name]["timed"] = slopes(numbers["seconds"][name])
        numbers.setdefault("written", []).append([tokens for _, tokens in timed])
    written = numbers.pop("written")
    if written[0] != written[1]:
        raise AssertionError("the cache changed what was written")
    for kind in ("multiplications", "seconds"):
        both = zip(numbers[kind]["plain"], numbers[kind]["cached"], strict=True)
        numbers[f"ratio_{kind}"] = [plain / cached for plain, cached in both]
    return numbers


# ---------------------------------------------------------------- beams


class Translator:
    """A model of the book's own sentences that has not learned enough, and its test."""

    def __init__(self, seed: int, epochs: int) -> None:
        self.vocabulary, examples, tests = small_task(1000)
        self.test = tests["combinations"][:TESTED]
        self.model, _ = learn(self.vocabulary, examples, seed=seed, epochs=epochs)

    def source(self, zh: str) -> list[int]:
        return self.vocabulary.encode(tokens_of(zh))

    def written(self, beams: int, alpha: float) -> list[list[int]]:
        """The test's translations; one beam is greedy search."""
        answers: list[list[int]] = []
        for first in range(0, len(self.test), 25):
            rows = [self.source(zh) for zh, _ in self.test[first : first + 25]]
            with evaluating(self.model):
                steps = TranslationSteps(self.model, pad_ids(rows, PAD), beams)
                sizes = (BEGIN, END, LONGEST)
                answers += (
                    greedy_search(steps, len(rows), *sizes)
                    if beams == 1
                    else beam_search(steps, len(rows), beams, *sizes, alpha)
                )
        return answers

    def log_p(self, answers: list[list[int]]) -> list[float]:
        """ln p of each answer with its end."""
        found = []
        for (zh, _), answer in zip(self.test, answers, strict=True):
            source, target = torch.tensor([self.source(zh)]), torch.tensor([[BEGIN, *answer, END]])
            with evaluating(self.model):
                each = self.model(source, target[:, :-1]).log_softmax(dim=-1)
            found.append(each.gather(2, target[:, 1:, None]).sum().item())
        return found


TRANSLATORS: dict[tuple[int, int], Translator] = {}


def translator(seed: int, epochs: int) -> Translator:
    if (seed, epochs) not in TRANSLATORS:
        TRANSLATORS[seed, epochs] = Translator(seed, epochs)
    return TRANSLATORS[seed, epochs]


def translated(seed: int, epochs: int, beams: int, alpha: float) -> dict:
    """BLEU, how long the answers are, how likely each is, how many are empty."""
    one = translator(seed, epochs)
    answers = one.written(beams, alpha)
    references = [en for _, en in one.test]
    right = sum(len(tokens_of(en)) for en in references)
    return {
        "bleu": bleu([text_of(one.vocabulary.decode(ids)) for ids in answers], references),
        "length": sum(map(len, answers)) / right,
        "empty": sum(not ids for ids in answers) / len(answers),
        "log_p": one.log_p(answers),
    }


def likelihoods(seed: int, epochs: int) -> dict:
    """ln p of the empty translation and of the reference, for each sentence."""
    one = translator(seed, epochs)
    references = [one.vocabulary.encode(tokens_of(en)) for _, en in one.test]
    return {"empty": one.log_p([[]] * len(references)), "right": one.log_p(references)}


def beams(kept: Kept, seeds: tuple[int, ...] = (0, 1)) -> dict:
    """Every width with every penalty, two seeds, after few epochs and more."""
    numbers: dict = {"widths": [*WIDTHS], "alphas": [*ALPHAS], "test": TESTED, "each": {}}
    for epochs in EPOCHS:
        numbers["each"][f"epochs{epochs}"] = part = {}
        for alpha in ALPHAS:
            for width in WIDTHS:
                asked = alpha if width > 1 else 0.0
                found = [kept("beams", translated, seed, epochs, width, asked) for seed in seeds]
                row = {k: statistics.mean(one[k] for one in found) for k in ("bleu", "length")}
                row["empty"] = statistics.mean(one["empty"] for one in found)
                row["log_p"] = statistics.mean(x for one in found for x in one["log_p"])
                row["bleu_each"] = [one["bleu"] for one in found]
                part[f"a{ALPHAS.index(alpha)}_k{width}"] = row
                if not alpha and width == 1:
                    base = [x for one in found for x in one["log_p"]]
                if not alpha:
                    wide = [x for one in found for x in one["log_p"]]
                    row["likelier"] = statistics.mean(
                        w > b + 1e-4 for w, b in zip(wide, base, strict=True)
                    )
        known = [kept("likelihoods", likelihoods, seed, epochs) for seed in seeds]
        right = [x for one in known for x in one["right"]]
        empty = [x for one in known for x in one["empty"]]
        part["empty_above_right"] = statistics.mean(map(float.__gt__, empty, right))
        part["right_above_widest"] = statistics.mean(
            r > w + 1e-4 for r, w in zip(right, wide, strict=True)
        )
    return numbers


def greedy() -> dict:
    """The candidates at each step of one greedy translation by the page's own model."""
    vocabulary, examples, tests = small_task(1000)
    model, _ = learn(vocabulary, examples, epochs=10)
    zh, (tokens, steps) = tests["sentences"][0][0], ([BEGIN], [])
    source = torch.tensor([vocabulary.encode(tokens_of(zh))])
    with evaluating(model):
        while tokens[-1] != END and len(tokens) < LONGEST:
            p, ids = model(source, torch.tensor([tokens]))[0, -1].softmax(dim=-1).topk(3)
            tokens.append(int(ids[0]))
            steps.append([[vocabulary.tokens[i], q] for i, q in zip(ids, p.tolist(), strict=True)])
    return {"source": zh, "steps": steps}


PARTS = {
    "cache": (
        cache,
        0,
        "逐个写出 n 个词元：有键值缓存与没有，乘法的次数和 CPU 时间。",
        "Writing n tokens one by one, with a key–value cache and without: products, CPU time.",
    ),
    "beams": (
        beams,
        [0, 1],
        "自造的句子，练了 3、5、10 轮的小模型，两个种子：束宽与长度惩罚对 BLEU 和长度的影响。",
        "Made sentences, 3, 5, 10 epochs, two seeds: beam width and length penalty, BLEU, length.",
    ),
    "greedy": (
        lambda kept: greedy(),
        0,
        "贪心译一句，每一步最可能的三个词。",
        "One greedy translation: the three likeliest words at each step.",
    ),
}


def main(names: list[str]) -> None:
    torch.set_num_threads(1)
    kept = Kept(ROOT / "build" / "decoding.jsonl")
    for name in names or list(PARTS):
        if name not in PARTS:
            sys.exit(f"expected one of {list(PARTS)}, got {name!r}")
        run, seed, note_zh, note_en = PARTS[name]
        path = results.write(
            f"decoding_{name}",
            run(kept),
            seed=seed,
            command=f"{SCRIPT} {name}",
            note_zh=note_zh,
            note_en=note_en,
        )
        print(path, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
