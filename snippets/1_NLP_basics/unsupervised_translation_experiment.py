"""For the page `unsupervised-translation`: which part carries how much, and how often it fails.

    python snippets/1_NLP_basics/unsupervised_translation_experiment.py

makes the page's two languages in several worlds, lays their clouds over each other, learns to
translate with each part left out, and beside it with pairs. What was measured is kept in build/, so
that a run that was stopped goes on. Writes docs/assets/results/unsupervised_translation.json.
About fifteen minutes of one core.
"""

import functools
import itertools
import math
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from unsupervised_translation import (
    Corpus,
    beginner,
    cloud,
    ids_of,
    lay_over,
    translated,
)
from wode.alignment import (
    Alignment,
    align,
    distribution_similarity,
    normalise,
    self_learning,
    translations,
)
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.cooccurrence import cooccurrences, factorized, ppmi
from wode.tasks.sister import SISTER, WORDS, World, corpora, english, sister, unseen
from wode.training.evaluation import bleu
from wode.transformer import Config
from wode.translation import Vocabulary
from wode.unsupervised import Translator, set_embedding, unsupervised_step, writing_loss

LINES, TEST, STEPS, SHORT, BATCH = 20_000, 300, 150, 120, 32
WORLDS = [*range(10)]
#: the worlds of the ways and rivals, of the two halves of the cure, of the models with pairs
WHOLE, MARKS, PAIRED = [*range(5)], [0, 1], [2]
#: what each way leaves out, or is given
WAYS = ("whole", "vectors", "no_alignment", "no_denoising", "no_back_translation", "two_encoders")
#: neither mark nor lists of words; one of them
MARKED = ("no_mark", "mark_alone", "lists_alone")
PAIRS = (30, 100, 300, 1000, LINES)  # a supervised model is given so many
SIZES = (1250, 2500, 5000, 10_000, 20_000)
SEEN = {word: name for name, word in SISTER.items()}

Cloud = tuple[list[str], Tensor]


@functools.lru_cache(maxsize=12)
def languages(world: int, other: int | None = None) -> list[Corpus]:
    """Both corpora of a world; ``other``: the sister tells of another one."""
    worlds = World(world), World(world if other is None else other)
    first, second = corpora(LINES, world, *worlds)
    return [[english(scene) for scene in first], [sister(scene) for scene in second]]


def right(first: Cloud, second: Cloud, found: Tensor) -> float:
    """The share of the sister's words that have their own English word; found: (W,)."""
    (words, _), (others, _) = first, second
    return statistics.mean(SEEN[word] == words[n] for word, n in zip(others, found, strict=True))


def judged(first: Cloud, second: Cloud, alignment: Alignment) -> dict[str, float]:
    """Objective and accuracy, by CSLS and by the nearest alone; the busiest word's share."""
    mapped = second[1] @ alignment.weight.T  # (W, E), laid over English
    found, nearest = translations(mapped, first[1]), translations(mapped, first[1], k=0)
    return {
        "right": right(first, second, found),
        "nearest": right(first, second, nearest),
        "hub": max(Counter(nearest.tolist()).values()) / len(nearest),
        "objective": alignment.objective[-1],
        "steps": len(alignment.objective),
    }


def clouds(world: int, lines: int, other: int | None = None, size: int = 16) -> dict[str, Any]:
    """Two clouds laid over each other with no pair of words, or with ten; a guess is 1 / 84."""
    first, second = (cloud(corpus[:lines], size) for corpus in languages(world, other))
    began = time.process_time()
    none = judged(first, second, lay_over(first[1], second[1]))
    seconds = time.process_time() - began
    known = [
        (first[0].index(SEEN[word]), n)
        for n, word in enumerate(second[0])
        if SEEN[word] in first[0]
    ]
    found = {"none": none, "seconds": seconds, "words": len(second[0])}
    for count in (10, len(known)):  # the most frequent
        pairs = torch.tensor(known[:count])
        rng = torch.Generator().manual_seed(0)
        run = self_learning(first[1], second[1], pairs, keep=0.5, patience=10, generator=rng)
        found["all" if count > 10 else "ten"] = judged(first, second, run)
    return found


def raw(world: int) -> dict[str, float]:
    """The same start and the same turns, but the vectors are of unit length only, not centred."""
    first, second = ((words, uncentred(corpus)) for words, corpus in named(world))
    return judged(first, second, lay_over(first[1], second[1]))


def narrow(world: int, same_order: bool = False) -> dict[str, float]:
    """The page's start, but company is the next word on either side, not the whole sentence.

    ``same_order``: the sister tells its scenes in English order, each word in its own.
    """
    spoken = languages(world)
    if same_order:
        scenes = corpora(LINES, world, World(world), World(world))[1]
        spoken = [
            spoken[0],
            [[SISTER.get(word, word) for word in english(scene)] for scene in scenes],
        ]
    clouds = []
    for corpus in spoken:
        words = cloud(corpus)[0]
        counts = cooccurrences(corpus, words, window=1)
        clouds.append((words, normalise(factorized(ppmi(counts), 16, power=1.0))))
    first, second = clouds
    alignment = lay_over(first[1], second[1])
    found = translations(second[1] @ alignment.weight.T, first[1])
    hits = [SEEN.get(word, word) == first[0][n] for word, n in zip(second[0], found, strict=True)]
    return {"right": statistics.mean(hits), "objective": alignment.objective[-1]}


def starts(world: int, lines: int) -> dict[str, float]:
    """Other starts and other searches, with no pair of words; ten pairs with as many tries.

    ``shape`` and ``frequency``: how many of the first pairs are right, by outline, by the rank of
    how often a word occurs (English without its article). The rest: right in the end.
    """
    first, second = (cloud(corpus[:lines]) for corpus in languages(world))
    n = min(len(first[1]), len(second[1]))
    x, y = first[1][:n], second[1][:n]
    outline = likeliest(distribution_similarity(x, y), dim=0)
    ranks = torch.tensor([row for row, word in enumerate(first[0]) if word != "the"])
    pairs = torch.stack([ranks[: len(second[0])], torch.arange(min(len(ranks), len(second[0])))], 1)
    known = [
        (first[0].index(SEEN[word]), row)
        for row, word in enumerate(second[0])
        if SEEN[word] in first[0]
    ]
    rng = torch.Generator().manual_seed(0)

    def best(begin: Tensor) -> float:  # of five tries, by the objective
        runs = [
            self_learning(*(first[1], second[1]), begin, keep=0.5, patience=10, generator=rng)
            for _ in range(5)
        ]
        run = max(runs, key=lambda one: one.objective[-1])
        return judged(first, second, run)["right"]

    once = align(x, y, keep=1.0, patience=10, generator=rng)
    forty = align(x, y, keep=0.5, patience=10, restarts=40, generator=rng)
    return {
        "shape": statistics.mean(
            SEEN[second[0][row]] == first[0][found] for row, found in enumerate(outline.tolist())
        ),
        "frequency": statistics.mean(
            SEEN[second[0][row]] == first[0][found] for found, row in pairs.tolist()
        ),
        "from_frequency": best(pairs),
        "from_ten": best(torch.tensor(known[:10])),
        "all_at_once": judged(first, second, once)["right"],
        "forty": judged(first, second, forty)["right"],
    }


def singles(world: int, lines: int) -> list[float]:
    """One try each, eight seeds."""
    first, second = (cloud(corpus[:lines]) for corpus in languages(world))
    n = min(len(first[1]), len(second[1]))
    runs = [
        align(
            first[1][:n], second[1][:n], keep=0.5, patience=10,
            generator=torch.Generator().manual_seed(seed),
        )
        for seed in range(8)
    ]  # fmt: skip
    return [judged(first, second, run)["right"] for run in runs]


def returning(world: int, other: int | None = None) -> float:
    """The share of the sister's words that come back, put into English and back again."""
    first, second = map(cloud, languages(world, other))
    weight = lay_over(first[1], second[1]).weight
    there = translations(second[1] @ weight.T, first[1])
    back = translations(first[1] @ weight, second[1])[there]
    return (back == torch.arange(len(back))).double().mean().item()


def named(world: int) -> list[tuple[list[str], Corpus]]:
    return [(cloud(corpus)[0], corpus) for corpus in languages(world)]


def uncentred(corpus: Corpus, size: int = 16) -> Tensor:
    counts = cooccurrences(corpus, cloud(corpus)[0], window=12)
    return F.normalize(factorized(ppmi(counts), size, power=1.0), dim=1)


def picture(world: int) -> dict[str, Any]:
    """Some words' places in the plane of the English cloud: as learned, and laid over it."""
    first, second, weight = guessed(world)
    shown = [*WORDS.where, *WORDS.when]
    rows = torch.tensor([first[0].index(word) for word in shown])
    others = torch.tensor([second[0].index(SISTER[word]) for word in shown])
    plane = torch.linalg.svd(first[1][rows])[2][:2].T  # (E, 2)
    return {
        "words": shown,
        "sister": [SISTER[word] for word in shown],
        "english": (first[1][rows] @ plane).tolist(),
        "apart": (second[1][others] @ plane).tolist(),
        "laid": (second[1][others] @ weight.T @ plane).tolist(),
    }


def scores(answers: Corpus, references: Corpus) -> dict[str, float]:
    """BLEU, whole sentences right, and the share of words right in whatever order (F1)."""
    shared = [(Counter(a) & Counter(r)).total() for a, r in zip(answers, references, strict=True)]
    lengths = [len(a) + len(r) for a, r in zip(answers, references, strict=True)]
    return {
        "bleu": bleu([" ".join(a) for a in answers], [" ".join(r) for r in references]),
        "exact": statistics.mean(a == r for a, r in zip(answers, references, strict=True)),
        "words": 2 * sum(shared) / sum(lengths),
    }


def guessed(world: int) -> tuple[Cloud, Cloud, Tensor]:
    """The page's own start: both clouds, and the rotation from no pair."""
    first, second = map(cloud, languages(world))
    return first, second, lay_over(first[1], second[1]).weight


def two_ways(world: int) -> tuple[dict[str, str], dict[str, str]]:
    """Word by word: English to sister, sister to English."""
    (words, x), (others, y), weight = guessed(world)
    there, back = translations(x @ weight, y), translations(y @ weight.T, x)
    return (
        {word: others[n] for word, n in zip(words, there, strict=True)},
        {word: words[n] for word, n in zip(others, back, strict=True)},
    )


def tests(world: int) -> list[Corpus]:
    scenes = unseen(TEST, world, World(world))
    return [[english(scene) for scene in scenes], [sister(scene) for scene in scenes]]


# ---------------------------------------------------------------- rivals that learn nothing else


def ordered(
    words: Sequence[str], bigrams: Counter, singles: Counter, extra: str = "", beam: int = 20
) -> list[str]:
    """The likeliest order of the words under a bigram model; ``extra`` may be put in, unasked."""
    hypotheses = [(0.0, ("<s>",), tuple(sorted(words)))]
    done = []
    while hypotheses and (not done or max(done)[0] < hypotheses[0][0]):  # more words, less likely
        following = []
        for score, line, left in hypotheses:
            choices = set(left) | ({extra} if extra and line[-1] != extra else set())
            for word in choices if left else {"</s>"}:
                chance = (bigrams[line[-1], word] + 0.01) / (singles[line[-1]] + 1)
                rest = list(left)
                if word in rest:
                    rest.remove(word)
                found = (score + math.log(chance), (*line, word), tuple(rest))
                (done if word == "</s>" else following).append(found)
        hypotheses = sorted(following, reverse=True)[:beam]
    return list(max(done)[1][1:-1])


def by_words(world: int) -> dict[str, Any]:
    """Word by word, the same put in order by a language model, and that model's own sentences."""
    corpus, (lines, others) = languages(world)[0], tests(world)
    bigrams, singles = Counter[tuple[str, str]](), Counter[str]()
    for line in corpus:
        marked = ["<s>", *line, "</s>"]
        bigrams.update(itertools.pairwise(marked))
        singles.update(marked)
    back = two_ways(world)[1]
    given = [[back[word] for word in line] for line in others]
    exact = [[SEEN[word] for word in line] for line in others]
    return {
        "by_words": scores(given, lines),
        "ordered": scores([ordered(line, bigrams, singles, "the") for line in given], lines),
        "dictionary_ordered": scores(
            [ordered(line, bigrams, singles, "the") for line in exact], lines
        ),
        "any_lines": scores(random.Random(world).sample(corpus, TEST), lines),
    }


def covered(world: int) -> float:
    """The share of the test's words, each as often as it stands there, that the dictionary has."""
    back = two_ways(world)[1]
    return statistics.mean(back[word] == SEEN[word] for line in tests(world)[1] for word in line)


# ---------------------------------------------------------------- learning


def model_of(way: str, world: int, vocabulary: Vocabulary) -> Translator:
    spoken = languages(world)
    model = beginner(vocabulary, spoken, None if way == "no_alignment" else two_ways(world)[1])
    words = None if way in ("no_mark", "mark_alone") else model.get_buffer("words")
    if way in ("two_encoders", *MARKED):
        marks = vocabulary.encode(["<a>", "<a>" if way in ("no_mark", "lists_alone") else "<b>"])
        config = Config(
            hidden_size=64, num_heads=4, num_layers=1, ffn_size=128, dropout=0.0, norm_first=True
        )
        other = Translator(len(vocabulary), config, marks, words, way != "two_encoders")
        other.embedding.load_state_dict(model.embedding.state_dict())
        model = other
    if way == "vectors":  # the aligned vectors themselves, as in the papers
        (words_a, x), (words_b, y), weight = guessed(world)
        set_embedding(model, torch.tensor(vocabulary.encode(words_a)), x @ weight)
        set_embedding(model, torch.tensor(vocabulary.encode(words_b)), y)
    return model


def learned(way: str, world: int, steps: int, pairs: int = 0) -> dict[str, Any]:
    """What a way, or a supervised model with so many ``pairs``, translates after ``steps``."""
    spoken, lines = languages(world), tests(world)
    vocabulary = Vocabulary([*spoken[0], *spoken[1], ["<a>", "<b>"]])
    torch.manual_seed(world)
    model, began = model_of(way, world, vocabulary), time.process_time()
    rng = random.Random(world)
    optimizer = torch.optim.Adam(model.parameters(), 5e-3, betas=(0.9, 0.98))
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, steps, pct_start=0.1)
    scenes = corpora(LINES, world, World(world), World(world))[0][:pairs]
    denoise, back_translate = way != "no_denoising", way != "no_back_translation"
    for _ in range(steps):
        if pairs:  # as many sentences a step as the others, in both directions
            drawn = rng.sample(scenes, min(2 * BATCH, pairs))
            a, b = (ids_of(vocabulary, list(map(tell, drawn))) for tell in (english, sister))
            loss = writing_loss(model, a, b, 0, 1) + writing_loss(model, b, a, 1, 0)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        else:
            batches = [ids_of(vocabulary, rng.sample(corpus, BATCH)) for corpus in spoken]
            unsupervised_step(model, optimizer, batches, denoise, back_translate)
        scheduler.step()
    seconds = time.process_time() - began
    answers = (
        translated(model, vocabulary, lines[1], 1, 0),
        translated(model, vocabulary, lines[0], 0, 1),
    )
    own = [set(english) for english in lines[1]]
    copied = statistics.mean(
        len(own[n] & set(answer)) / len(own[n]) for n, answer in enumerate(answers[0])
    )
    return {
        "to_english": scores(answers[0], lines[0]),
        "to_sister": scores(answers[1], lines[1]),
        "copied": copied,
        "seconds": seconds,
    }


# ---------------------------------------------------------------- all of it


def spread(values: Sequence[float]) -> dict[str, Any]:
    return {
        "mean": statistics.mean(values),
        "low": min(values),
        "high": max(values),
        "seeds": list(values),
    }


def over(runs: Sequence[dict]) -> dict[str, Any]:
    """The same numbers of several runs, each spread out."""
    return {
        key: over([run[key] for run in runs])
        if isinstance(value, dict)
        else spread([run[key] for run in runs])
        for key, value in runs[0].items()
    }


def todo() -> dict[str, list[tuple]]:
    """What is learned, in which worlds."""
    tasks = {way: [(way, n, STEPS) for n in WHOLE] for way in WAYS}
    tasks |= {way: [(way, n, STEPS) for n in MARKS] for way in MARKED}
    tasks["longer"] = [("whole", n, 2 * STEPS) for n in WHOLE]
    tasks["shorter"] = [("whole", 0, SHORT)]  # as on the page
    tasks["longer_no_alignment"] = [("no_alignment", 0, 2 * STEPS)]
    return tasks | {
        f"p{count}": [("no_alignment", n, STEPS, count) for n in PAIRED] for count in PAIRS
    }


def measured(kept: Callable[..., Any]) -> dict[str, Any]:
    aligned = {
        f"n{lines}": over([kept("clouds", clouds, n, lines) for n in WORLDS]) for lines in SIZES
    }
    elsewhere = over([kept("clouds", clouds, n, LINES, n + 100) for n in WORLDS])
    runs = {
        name: [kept("learned", learned, *task) for task in tasks] for name, tasks in todo().items()
    }
    begun = {
        f"n{lines}": over([kept("starts", starts, n, lines) for n in WORLDS]) for lines in SIZES[2:]
    }
    words = over([kept("by words", by_words, n) for n in WHOLE])
    judged_by = [
        pair
        for table in aligned.values()
        for pair in zip(
            table["none"]["right"]["seeds"], table["none"]["objective"]["seeds"], strict=True
        )
    ]
    rivals = words["ordered"]["bleu"]["seeds"]  # the criterion: better than the best rival
    exact = words["dictionary_ordered"]["bleu"]["seeds"]

    def beaten(name: str, others: list[float]) -> int:
        return sum(
            run["to_english"]["bleu"] <= rival
            for run, rival in zip(runs[name], others, strict=True)
        )

    return {
        "ways": {way: over(runs[way]) for way in (*WAYS, *MARKED)},
        "words": words,
        "covered": spread([kept("covered", covered, n) for n in WHOLE]),
        "pairs": {f"p{count}": over(runs[f"p{count}"]) for count in PAIRS},
        "clouds": aligned,
        "elsewhere": elsewhere,
        "starts": begun,
        "starts_failed": {
            name: {way: sum(one < 0.5 for one in found["seeds"]) for way, found in table.items()}
            for name, table in begun.items()
        },
        "singles": [spread(kept("singles", singles, n, 10_000)) for n in WORLDS[:3]],
        "returning": {
            "same": spread([kept("returning", returning, n) for n in WORLDS]),
            "elsewhere": spread([kept("returning", returning, n, n + 100) for n in WORLDS]),
        },
        "raw": over([kept("raw", raw, n) for n in WORLDS]),
        "narrow": over([kept("narrow", narrow, n) for n in WORLDS[:3]]),
        "narrow_same_order": over([kept("narrow", narrow, n, True) for n in WORLDS[:3]]),
        "picture": kept("picture", picture, 0),
        "longer": over(runs["longer"]),
        "shorter": over(runs["shorter"]),
        "longer_no_alignment": over(runs["longer_no_alignment"]),
        "failed": beaten("whole", rivals),
        "longer_failed": beaten("longer", rivals),
        "longer_failed_exact": beaten("longer", exact),
        "runs": len(runs["whole"]),
        "clouds_failed": {
            name: sum(one < 0.5 for one in table["none"]["right"]["seeds"])
            for name, table in aligned.items()
        },
        "objectives": {  # of all sizes: the lowest of those that worked, the highest of the others
            "worked": min(value for one, value in judged_by if one >= 0.5),
            "failed": max(value for one, value in judged_by if one < 0.5),
        },
        "worlds": len(WORLDS),
        "steps": STEPS,
        "batch": BATCH,
        "lines": LINES,
        "test": TEST,
    }


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "unsupervised_translation" / "measured.jsonl")
    numbers = measured(kept) | {"minutes": kept.minutes}
    results.write(
        "unsupervised_translation",
        numbers,
        command="python snippets/1_NLP_basics/unsupervised_translation_experiment.py",
        seed=WORLDS,
        note_zh="一个小英语和它改头换面的姐妹语言，各一万到两万句，没有一对互为翻译："
        "十个世界里对齐词向量；五个世界里学翻译，每次去掉一步；旁边是有句对的模型，一个世界。",
        note_en="A small English and its disguised sister, no sentence of the one translating one "
        "of the other: word vectors aligned in ten worlds; translation learned in five, with a "
        "part left out each time, beside models given pairs, in one.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
