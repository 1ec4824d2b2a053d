"""What a key–value cache saves, counted; where beam search wins and where it does not, measured.

    python snippets/2_transformer_basics/decoding_experiment.py [cache] [beams] [greedy]

counts the multiplications of writing n tokens with a cache and without, and times them; trains a
small translator on short sentences of Tatoeba (where WODE_DATA holds cmn-eng) and writes its test
with beams of several widths and length penalties. Each part writes its own
docs/assets/results/decoding_*.json; a run that was stopped goes on. Ten minutes of one core.
"""

import itertools
import random
import statistics
import sys
import time

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from translation import learn, optimizer_of, small_task, train_epoch
from translation_experiment import tatoeba_pairs, tatoeba_split
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.decoding import beam_search, evaluating, greedy_search
from wode.padding import pad_ids
from wode.training.evaluation import bleu
from wode.transformer import Config, TranslationModel
from wode.translation import BEGIN, END, PAD, TranslationSteps, Vocabulary, text_of, tokens_of

SCRIPT = "python snippets/2_transformer_basics/decoding_experiment.py"
LENGTHS = (16, 32, 64, 128, 256, 512)
WIDTHS, ALPHAS = (1, 2, 4, 8, 16, 32), (0.0, 0.6, 1.0)
SHORT, TRAINED, TESTED, LONGEST, EPOCHS = 8, 10_000, 200, 20, 6
MODEL = Config(hidden_size=96, num_heads=4, num_layers=1, ffn_size=192, norm_first=True)


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
    """A model trained on Tatoeba for a few epochs, and its test; the weights lie in build/."""

    def __init__(self, seed: int) -> None:
        train, test = tatoeba_split(tatoeba_pairs())
        tokenized = [(tokens_of(zh), tokens_of(en)) for zh, en in train]
        tokenized = [(zh, en) for zh, en in tokenized if len(en) <= SHORT][:TRAINED]
        self.vocabulary = Vocabulary(itertools.chain.from_iterable(tokenized), at_least=5)
        self.test = [(zh, en) for zh, en in test if len(tokens_of(en)) <= SHORT][:TESTED]
        torch.manual_seed(seed)
        self.model = TranslationModel(len(self.vocabulary), MODEL)
        path = ROOT / "build" / f"decoding_{seed}_{EPOCHS}.pth"
        if path.exists():
            self.model.load_state_dict(torch.load(path, weights_only=True))
            return
        code = self.vocabulary.encode
        examples = [(code(zh), code(en)) for zh, en in tokenized]
        optimizer, scheduler = optimizer_of(self.model, 150)
        rng = random.Random(seed)
        for epoch in range(EPOCHS):
            loss = train_epoch(self.model, optimizer, scheduler, examples, 64, rng)
            print(seed, epoch + 1, round(loss, 3), round(time.process_time()), flush=True)
        torch.save(self.model.state_dict(), path)

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


TRANSLATORS: dict[int, Translator] = {}


def translated(seed: int, beams: int, alpha: float) -> dict:
    """BLEU, how long the answers are, how likely, how many are empty."""
    if seed not in TRANSLATORS:
        TRANSLATORS[seed] = Translator(seed)
    one = TRANSLATORS[seed]
    began = time.process_time()
    answers = one.written(beams, alpha)
    seconds = time.process_time() - began
    references = [en for _, en in one.test]
    right = sum(len(tokens_of(en)) for en in references)
    return {
        "bleu": bleu([text_of(one.vocabulary.decode(ids)) for ids in answers], references),
        "length": sum(map(len, answers)) / right,
        "empty": sum(not ids for ids in answers) / len(answers),
        "log_p": one.log_p(answers),
        "seconds": seconds,
    }


def beams(kept: Kept, seeds: tuple[int, ...] = (0, 1)) -> dict:
    """Every width with every penalty, two seeds; how often the wider beam finds a likelier one."""
    numbers: dict = {"widths": [*WIDTHS], "alphas": [*ALPHAS], "seeds": len(seeds), "each": {}}
    likely: dict = {}
    for alpha in ALPHAS:
        rows = []
        for width in WIDTHS:
            asked = alpha if width > 1 else 0.0
            found = [kept("beams", translated, seed, width, asked) for seed in seeds]
            likely[alpha, width] = [x for one in found for x in one.pop("log_p")]
            row = {k: statistics.mean(one[k] for one in found) for k in found[0]}
            row["bleu_each"] = [one["bleu"] for one in found]
            row["log_p"] = statistics.mean(likely[alpha, width])
            rows.append(row)
        numbers["each"][str(alpha)] = rows
    for width in WIDTHS[1:]:
        pairs = zip(likely[0.0, width], likely[0.0, 1], strict=True)
        numbers.setdefault("likelier", []).append(
            statistics.mean(wide > narrow + 1e-4 for wide, narrow in pairs)
        )
    model = TRANSLATORS.get(seeds[0]) or Translator(seeds[0])
    empty = model.log_p([[]] * len(model.test))
    right = model.log_p([model.vocabulary.encode(tokens_of(en)) for _, en in model.test])
    widest = likely[0.0, WIDTHS[-1]][: len(empty)]
    numbers["empty_above_reference"] = statistics.mean(
        e > r for e, r in zip(empty, right, strict=True)
    )
    numbers["reference_above_widest"] = statistics.mean(
        r > w + 1e-4 for r, w in zip(right, widest, strict=True)
    )
    numbers |= {"train": TRAINED, "test": len(model.test), "tokens": len(model.vocabulary)}
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
        "Tatoeba 的短句，一层的小模型，两个种子：束宽与长度惩罚对 BLEU 和长度的影响。",
        "Short sentences of Tatoeba, one layer, two seeds: width and penalty, BLEU and length.",
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
