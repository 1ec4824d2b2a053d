"""The real pair for `unsupervised-translation`: Chinese and English that nobody paired.

    python snippets/1_NLP_basics/unsupervised_translation_tatoeba_experiment.py

needs `cmn-eng` in WODE_DATA. Its pairs are split: the English of one half, the Chinese of the other
(for the judge alone, a dictionary from all pairs). Where it fails, the missing piece is handed in.
What was measured is kept in build/. Writes
docs/assets/results/unsupervised_translation_tatoeba.json. About twenty minutes of one core.
"""

import functools
import random
import time
from collections import Counter
from typing import Any, NamedTuple

import jieba
import torch
from torch import Tensor

from unsupervised_translation import Corpus, beginner, ids_of, lay_over, learn, translated
from unsupervised_translation_experiment import over, scores
from wode.alignment import normalise, procrustes, self_learning, translations
from wode.book import results
from wode.book.kept import Kept
from wode.cooccurrence import cooccurrences, factorized, ppmi
from wode.data.formats import read_translations
from wode.files.download import data_root
from wode.translation import Vocabulary, tokens_of
from wode.unsupervised import Translator, writing_loss

SEEDS, WORDS, TEST, STEPS, BATCH, LONGEST = [0, 1, 2], 600, 300, 1000, 32, 10
GIVEN = (0, 10, 50, 100)


class Split(NamedTuple):
    """English and Chinese lines: to learn from, row i paired; to test on."""

    train: list[tuple[list[str], list[str]]]
    test: list[tuple[list[str], list[str]]]


@functools.cache
def split() -> Split:
    """Pairs of short sentences; a sentence of a test pair is in no other, on neither side."""
    path = data_root() / "cmn-eng" / "cmn.txt"
    rows = read_translations(path)
    pairs = [(tokens_of(en), [word for word in jieba.lcut(zh) if word.strip()]) for en, zh in rows]
    pairs = [pair for pair in pairs if max(map(len, pair)) <= LONGEST]
    random.Random(0).shuffle(pairs)
    test = pairs[:TEST]
    known = [{tuple(pair[side]) for pair in test} for side in (0, 1)]
    rest = [pair for pair in pairs[TEST:] if not any(tuple(pair[n]) in known[n] for n in (0, 1))]
    return Split(rest, test)


def spoken(same: bool) -> list[Corpus]:
    """English of one half and Chinese of the other; ``same``: both of the same half."""
    train = split().train
    half = len(train) // 2
    english = [en for en, _ in train[:half]]
    if same:
        return [english, [zh for _, zh in train[:half]]]
    told = set(map(tuple, english))
    known = {tuple(zh) for en, zh in train if tuple(en) in told}  # by any of its pairs
    return [english, [zh for _, zh in train[half:] if tuple(zh) not in known]]


@functools.cache
def cloud(same: bool, side: int, size: int) -> tuple[list[str], Tensor]:
    corpus = spoken(same)[side]
    counts = Counter(word for line in corpus for word in line)
    words = [word for word, _ in counts.most_common(WORDS)]
    vectors = factorized(ppmi(cooccurrences(corpus, words, LONGEST)), size, power=0.5)
    return words, normalise(vectors)


@functools.cache
def judge() -> dict[str, str]:
    """Chinese to English from all pairs: words that keep to each other, by Dice; both ways best."""
    both, first, second = Counter[tuple[str, str]](), Counter[str](), Counter[str]()
    for en, zh in split().train:
        first.update(set(en))
        second.update(set(zh))
        both.update((a, b) for a in set(en) for b in set(zh))
    dice = {
        (a, b): 2 * n / (first[a] + second[b]) for (a, b), n in both.items() if n >= 5
    }  # fmt: skip
    best_en, best_zh = dict[str, tuple[float, str]](), dict[str, tuple[float, str]]()
    for (a, b), value in dice.items():
        best_en[a] = max(best_en.get(a, (0.0, "")), (value, b))
        best_zh[b] = max(best_zh.get(b, (0.0, "")), (value, a))
    return {b: a for b, (value, a) in best_zh.items() if value >= 0.3 and best_en[a] == (value, b)}


def known(same: bool, seed: int, size: int = 50) -> tuple[Tensor, Tensor]:
    """The judge's pairs (N, 2) among the frequent words: half to give away, half to judge by."""
    (words, _), (others, _) = cloud(same, 0, size), cloud(same, 1, size)
    rows = [
        (words.index(judge()[word]), n)
        for n, word in enumerate(others)
        if judge().get(word) in words
    ]
    random.Random(seed).shuffle(rows)
    half = len(rows) // 2
    return torch.tensor(rows[:half]), torch.tensor(rows[half:])


def aligned(same: bool, given: int, seed: int, size: int = 50) -> dict[str, Any]:
    """Accuracy on the judge's half after self-learning from no pair, or from those given."""
    (_, x), (_, y) = cloud(same, 0, size), cloud(same, 1, size)
    seeds, judged = known(same, seed, size)
    began = time.process_time()
    if given:
        rng = torch.Generator().manual_seed(seed)
        run = self_learning(x, y, seeds[:given], keep=0.5, patience=10, generator=rng)
    else:
        run = lay_over(x, y, seed)
    mapped = y @ run.weight.T
    found, alone = translations(mapped, x), translations(mapped, x, k=0)
    fixed = translations(y @ procrustes(x[seeds[:, 0]], y[seeds[:, 1]]).T, x)
    return {
        "right": (found[judged[:, 1]] == judged[:, 0]).double().mean().item(),
        "nearest": (alone[judged[:, 1]] == judged[:, 0]).double().mean().item(),
        "hub": max(Counter(alone.tolist()).values()),
        "all_given": (fixed[judged[:, 1]] == judged[:, 0]).double().mean().item(),
        "by_heart": (fixed[seeds[:, 1]] == seeds[:, 0]).double().mean().item(),
        "objective": run.objective[-1],
        "judged": len(judged),
        "seconds": time.process_time() - began,
    }


def control(seed: int, size: int = 50) -> dict[str, float]:
    """English of one half and English of the other, no sentence in both; as little text.

    No pair, or self-learning from 100; the rotation alone from 121 pairs, as many as of Chinese,
    and from 450, judged by others and by the very same pairs (``by_heart``).
    """
    train = split().train
    half = len(train) // 2
    told = {tuple(en) for en, _ in train[:half]}
    clouds = []
    for corpus in (spoken(False)[0], [en for en, _ in train[half:] if tuple(en) not in told]):
        counts = Counter(word for line in corpus for word in line)
        words = [word for word, _ in counts.most_common(WORDS)]
        vectors = factorized(ppmi(cooccurrences(corpus, words, LONGEST)), size, power=0.5)
        clouds.append((words, normalise(vectors)))
    (words, x), (others, y) = clouds
    rows = [(words.index(word), n) for n, word in enumerate(others) if word in words]
    random.Random(seed).shuffle(rows)
    pairs = torch.tensor(rows)

    def right(weight: Tensor, judged: Tensor) -> float:
        found = translations(y @ weight.T, x)[judged[:, 1]]
        return (found == judged[:, 0]).double().mean().item()

    rng = torch.Generator().manual_seed(seed)
    learned = self_learning(x, y, pairs[:100], keep=0.5, patience=10, generator=rng)
    few, many = (procrustes(x[pairs[:n, 0]], y[pairs[:n, 1]]) for n in (121, 450))
    return {
        "g0": right(lay_over(x, y, seed).weight, pairs[121:]),
        "g100": right(learned.weight, pairs[121:]),
        "given": right(few, pairs[121:]),
        "by_heart": right(few, pairs[:121]),
        "many": right(many, pairs[450:]),
        "judged_many": len(pairs) - 450,
    }


def word_by_word(way: str, seed: int, size: int = 50) -> dict[str, str]:
    """Chinese to English: with no pair known, or with all of the judge's pairs."""
    (words, x), (others, y) = cloud(False, 0, size), cloud(False, 1, size)
    if way == "alone":
        weight = lay_over(x, y, seed).weight
    else:
        pairs = torch.cat(known(False, seed, size))
        weight = procrustes(x[pairs[:, 0]], y[pairs[:, 1]])
    found = {word: words[n] for word, n in zip(others, translations(y @ weight.T, x), strict=True)}
    return found if way == "alone" else found | {w: judge()[w] for w in others if w in judge()}


def learned(way: str, seed: int, steps: int) -> dict[str, Any]:
    """`pairs`: supervised; without pairs of sentences: `given` the judge's words, or `alone`."""
    (train, test), corpora = split(), spoken(way == "pairs")  # pairs: both sides of the same half
    vocabulary = Vocabulary([*corpora[0], *corpora[1], ["<a>", "<b>"] * 3], at_least=3)
    known = {} if way == "pairs" else word_by_word(way, seed)
    words = {b: a for b, a in known.items() if a in vocabulary.ids and b in vocabulary.ids}
    torch.manual_seed(seed)
    model, began = beginner(vocabulary, corpora, words), time.process_time()
    if way == "pairs":
        supervise(model, vocabulary, train[: len(train) // 2], steps, seed)
    else:
        learn(model, vocabulary, corpora, steps, seed)
    english, chinese = ([pair[n] for pair in test] for n in (0, 1))
    found: dict[str, Any] = {
        "to_english": scores(translated(model, vocabulary, chinese, 1, 0), english),
        "to_chinese": scores(translated(model, vocabulary, english, 0, 1), chinese),
    }
    return found | {"seconds": time.process_time() - began}


def supervise(
    model: Translator, vocabulary: Vocabulary, pairs: list, steps: int, seed: int
) -> None:
    """`learn`, with pairs: as many sentences a step, in both directions."""
    rng = random.Random(seed)
    optimizer = torch.optim.Adam(model.parameters(), 5e-3, betas=(0.9, 0.98))
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, steps, pct_start=0.1)
    for _ in range(steps):
        drawn = rng.sample(pairs, 2 * BATCH)
        a, b = (ids_of(vocabulary, [pair[n] for pair in drawn]) for n in (0, 1))
        loss = writing_loss(model, a, b, 0, 1) + writing_loss(model, b, a, 1, 0)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        scheduler.step()


def literal(way: str, seed: int) -> dict[str, float]:
    english, chinese = ([pair[n] for pair in split().test] for n in (0, 1))
    table = word_by_word(way, seed)
    return scores([[table[word] for word in line if word in table] for line in chinese], english)


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "unsupervised_translation_tatoeba" / "measured.jsonl")
    numbers: dict[str, Any] = {
        name: {
            f"g{given}": over([kept("aligned", aligned, same, given, seed) for seed in SEEDS])
            for given in GIVEN
        }
        for name, same in (("apart", False), ("same", True))
    }
    numbers |= {f"literal_{way}": kept("literal", literal, way, 0) for way in ("alone", "given")}
    numbers["control"] = over([kept("control", control, seed) for seed in SEEDS])
    for way in ("alone", "given", "pairs"):
        numbers[way] = kept("learned", learned, way, 0, STEPS)
    numbers["longer"] = kept("learned", learned, "pairs", 0, 3 * STEPS)
    corpora = spoken(False)
    numbers |= {
        "english": len(corpora[0]),
        "chinese": len(corpora[1]),
        "test": TEST,
        "words": WORDS,
        "judge": len(torch.cat(known(False, 0))),
        "steps": STEPS,
        "minutes": kept.minutes,
    }
    results.write(
        "unsupervised_translation_tatoeba",
        numbers,
        command="python snippets/1_NLP_basics/unsupervised_translation_tatoeba_experiment.py",
        seed=SEEDS,
        note_zh="Tatoeba 的短句：一半只取英文，另一半只取中文；对齐词向量，失败的地方，"
        "缺什么就给什么，三个种子；再学句子，没有句对或者有，一个种子。",
        note_en="Short sentences of Tatoeba, the English of one half and the Chinese of the other: "
        "words aligned; where it fails, the missing piece is handed in. Three seeds; then "
        "sentences, without pairs and with them, one seed.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
