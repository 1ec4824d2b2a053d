"""How well a transformer learns to translate, what its cache saves, and where its norm belongs.

    python snippets/2_transformer_basics/transformer_experiment.py [small] [cache] [norm] [tatoeba]

trains on the sentences that come with wode (five seeds), times the key–value cache, compares
pre- and post-norm, and, where WODE_DATA holds cmn-eng, learns real sentences from Tatoeba. Each
part writes its own file in docs/assets/results/transformer_*.json; without a name all of them run.
About five minutes of one core, and an hour for tatoeba.
"""

import functools
import itertools
import random
import statistics
import sys
import time

import torch
from torch.optim.lr_scheduler import LambdaLR

from transformer import learn, optimizer_of, small_task, train_epoch
from wode.book import results
from wode.data.formats import read_translations
from wode.decoding import greedy_search
from wode.files.download import data_root
from wode.tasks.baselines import dictionary
from wode.training.evaluation import bleu
from wode.transformer import Config, TranslationModel, warmup_rate
from wode.translation import (
    BEGIN,
    TranslationSteps,
    Vocabulary,
    answers_of,
    text_of,
    tokens_of,
)


def small_sentences(seeds: list[int]) -> dict:
    """BLEU and the share of wholly right answers on wode's own sentences, beside a dictionary."""
    vocabulary, examples, tests = small_task()
    pairs = [(vocabulary.decode(zh), vocabulary.decode(en)) for zh, en in examples]
    words = dictionary(pairs)
    numbers: dict = {"train": len(examples), "tokens": len(vocabulary), "test": {}}
    models = [learn(vocabulary, examples, seed=seed) for seed in seeds]
    numbers["losses"] = [losses for _, losses in models]
    for name, test in tests.items():
        sources, references = zip(*test, strict=True)
        right = [text_of(tokens_of(reference)) for reference in references]
        by_words = [
            text_of(words[token] for token in tokens_of(source) if token in words)
            for source in sources
        ]
        each, exact = [], []
        for model, _ in models:
            answers = answers_of(model, vocabulary, sources)
            each.append(bleu(answers, references))
            exact.append(statistics.mean(a == r for a, r in zip(answers, right, strict=True)))
        numbers["test"][name] = {
            "bleu": statistics.mean(each),
            "each": each,
            "exact": statistics.mean(exact),
            "dictionary": bleu(by_words, references),
            "of": len(test),
        }
    return numbers


def cache_times(lengths: list[int]) -> dict:
    """CPU seconds of writing ``length`` tokens with a cache and without; both must agree."""
    torch.manual_seed(0)
    model = TranslationModel(1000, Config(128, 4, 3, 512)).eval()
    source = torch.randint(4, 1000, (1, 20))
    times: dict[str, list[float]] = {"cached": [], "plain": []}
    for length in lengths:
        each: dict[str, list[float]] = {"cached": [], "plain": []}
        written = {}
        for _ in range(5):
            for name in times:
                began = time.process_time()
                steps = TranslationSteps(model, source, cache=name == "cached")
                written[name] = greedy_search(steps, 1, BEGIN, -1, length)  # -1: never ends
                each[name].append(time.process_time() - began)
        if written["cached"] != written["plain"]:
            raise AssertionError(f"the cache changed what was written, length {length}")
        for name in times:
            times[name].append(statistics.median(each[name]))
    ratio = [p / c for p, c in zip(times["plain"], times["cached"], strict=True)]
    slopes = {}
    for name, values in times.items():  # over the longer half, where the fixed costs are small
        half = len(lengths) // 2
        x, y = torch.tensor(lengths[half:]).log(), torch.tensor(values[half:]).log()
        slopes[name] = (
            ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).square().sum()
        ).item()
    return {"lengths": lengths, "seconds": times, "ratio": ratio, "slope": slopes}


def norms(
    seeds: list[int], layers: int = 6, warmup: int = 100, factor: float = 0.3, epochs: int = 8
) -> dict:
    """Loss after each epoch of narrow models: norm after or before, with and without warm-up.

    Without warm-up the rate is at its highest from the first step; after step ``warmup`` all fall
    alike, so that the first steps alone differ.
    """
    vocabulary, examples, _ = small_task(1000)
    curves: dict = {}
    for norm_first, cold in itertools.product((False, True), (False, True)):
        config, runs = Config(64, 4, layers, 128, norm_first=norm_first), []
        for seed in seeds:
            torch.manual_seed(seed)
            rng, model = random.Random(seed), TranslationModel(len(vocabulary), config)
            optimizer, scheduler = optimizer_of(model, warmup, factor)
            if cold:
                rate = functools.partial(warmup_rate, hidden_size=64, warmup=warmup)
                scheduler = LambdaLR(optimizer, lambda done, rate=rate: rate(max(done + 1, warmup)))
            steps = (model, optimizer, scheduler, examples, 64, rng)
            runs.append([train_epoch(*steps) for _ in range(epochs)])
        name = f"{'pre' if norm_first else 'post'}_{'none' if cold else 'warmup'}"
        curves[name] = runs  # (seeds, epochs)
        print(name, [round(run[-1], 2) for run in runs], flush=True)
    last = {name: statistics.mean(run[-1] for run in runs) for name, runs in curves.items()}
    peak = factor * warmup_rate(warmup, 64, warmup)
    return {"layers": layers, "peak": peak, "losses": curves, "last": last}


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


def tatoeba(seeds: list[int], epochs: int = 12) -> dict:
    """Real sentences: BLEU on 1000 whose English and Chinese both are new, epoch by epoch."""
    train, test = tatoeba_split(tatoeba_pairs())
    tokenized = [(tokens_of(zh), tokens_of(en)) for zh, en in train]
    vocabulary = Vocabulary(itertools.chain.from_iterable(tokenized), at_least=2)
    examples = [(vocabulary.encode(zh), vocabulary.encode(en)) for zh, en in tokenized]
    sources, references = zip(*test, strict=True)
    words = dictionary(tokenized)
    by_words = [
        text_of(words[token] for token in tokens_of(source) if token in words) for source in sources
    ]
    config = Config(
        hidden_size=192, num_heads=4, num_layers=3, ffn_size=512, dropout=0.2, norm_first=True
    )
    warmup = 600
    numbers: dict = {"train": len(train), "test": len(test), "tokens": len(vocabulary)}
    numbers |= {"dictionary": bleu(by_words, references), "epochs": epochs}
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
    "small": (
        lambda: small_sentences([0, 1, 2, 3, 4]),
        [0, 1, 2, 3, 4],
        "在本书自带的句子上训练的小模型，五个种子，与逐词翻译比较。",
        "A small model trained on the book's own sentences, five seeds, beside a dictionary.",
    ),
    "cache": (
        lambda: cache_times([16, 32, 64, 128, 256, 512]),
        0,
        "逐个写出 n 个词元：有键值缓存与没有的 CPU 时间。",
        "Writing n tokens one by one: CPU time with a key–value cache and without.",
    ),
    "norm": (
        lambda: norms([0, 1, 2]),
        [0, 1, 2],
        "六层的窄模型：层归一化放在后面或前面，有没有预热，三个种子。",
        "Six narrow layers: layer norm after or before, with and without warm-up, three seeds.",
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
            f"transformer_{name}",
            run(),
            seed=seed,
            command=f"python snippets/2_transformer_basics/transformer_experiment.py {name}",
            note_zh=note_zh,
            note_en=note_en,
        )
        print(path)


if __name__ == "__main__":
    main(sys.argv[1:])
