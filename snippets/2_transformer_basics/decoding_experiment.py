"""What a key–value cache saves, counted; where beam search wins and where it does not, measured.

    python snippets/2_transformer_basics/decoding_experiment.py [cache] [beams]

counts the multiplications of writing n tokens with a cache and without, and times them; trains a
translator on Tatoeba (where WODE_DATA holds cmn-eng), six epochs, and writes its test with beams of
several widths and length penalties. Each part writes docs/assets/results/decoding_*.json; a run
that was stopped goes on. About a quarter of an hour of one core.
"""

import itertools
import random
import statistics
import sys
import time

import torch
from torch import Tensor
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
LENGTHS = (16, 32, 64, 128, 256, 512, 1024)
WIDTHS, ALPHAS = (1, 2, 4, 8, 16, 32), (0.0, 0.6, 1.0)
TESTED, LONGEST, EPOCHS = 300, 30, 6
MODEL = Config(hidden_size=128, num_heads=4, num_layers=2, ffn_size=256, norm_first=True)


# ---------------------------------------------------------------- the cache


def multiplications(length: int, cached: bool) -> int:
    """Of writing ``length`` tokens, by the shapes of all matrix products; the encoder's left out.

    The fused kernel of attention is not counted by torch on a CPU, so it is kept out of the way.
    """
    with evaluating(MODEL_TIMED), sdpa_kernel(SDPBackend.MATH):
        steps = TranslationSteps(MODEL_TIMED, SOURCE, cache=cached)
        with FlopCounterMode(display=False) as counter:
            greedy_search(steps, 1, BEGIN, -1, length)  # -1: never ends
    return counter.get_total_flops() // 2  # a multiplication and an addition are two


def seconds(length: int, cached: bool) -> tuple[float, list[int]]:
    """CPU seconds of writing ``length`` tokens, the median of three, and the tokens."""
    each, written = [], []
    for _ in range(3):
        began = time.process_time()
        with evaluating(MODEL_TIMED):
            steps = TranslationSteps(MODEL_TIMED, SOURCE, cache=cached)
            (written,) = greedy_search(steps, 1, BEGIN, -1, length)
        each.append(time.process_time() - began)
    return statistics.median(each), written


torch.manual_seed(0)
MODEL_TIMED = TranslationModel(1000, Config(128, 4, 3, 512))
SOURCE = torch.randint(4, 1000, (1, 20))


def slopes(values: list[float]) -> list[float]:
    """log2 of how much each grows over the one before: the lengths double."""
    return [torch.tensor(b / a).log2().item() for a, b in itertools.pairwise(values)]


def cache(kept: Kept) -> dict:
    """Multiplications and CPU seconds with a cache and without, and their local slopes."""
    numbers: dict = {"lengths": [*LENGTHS], "multiplications": {}, "seconds": {}, "slopes": {}}
    for name in ("cached", "plain"):
        counted = [kept("multiplications", multiplications, n, name == "cached") for n in LENGTHS]
        timed = [kept("seconds", seconds, n, name == "cached") for n in LENGTHS[:-1]]
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
        self.vocabulary = Vocabulary(itertools.chain.from_iterable(tokenized), at_least=2)
        self.test = test[:TESTED]
        torch.manual_seed(seed)
        self.model = TranslationModel(len(self.vocabulary), MODEL)
        path = ROOT / "build" / f"decoding_{seed}_{EPOCHS}.pth"
        if path.exists():
            self.model.load_state_dict(torch.load(path, weights_only=True))
            return
        code = self.vocabulary.encode
        examples = [(code(zh), code(en)) for zh, en in tokenized]
        optimizer, scheduler = optimizer_of(self.model, 400)
        rng = random.Random(seed)
        for epoch in range(EPOCHS):
            loss = train_epoch(self.model, optimizer, scheduler, examples, 64, rng)
            print(seed, epoch + 1, round(loss, 3), round(time.process_time()), flush=True)
        torch.save(self.model.state_dict(), path)


if __name__ == "__main__":
    torch.set_num_threads(1)
    Translator(int(sys.argv[1]))
