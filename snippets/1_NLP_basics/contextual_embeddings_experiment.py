"""For the page `contextual-embeddings`: who tells the senses of bank, apple, 行 and 打 apart.

    python snippets/1_NLP_basics/contextual_embeddings_experiment.py

needs `cmn-eng` of WODE_DATA. What was measured is kept in build/, so that a run that was stopped
goes on. Writes docs/assets/results/contextual_embeddings.json. A quarter of an hour of one core.
"""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from contextual_embeddings import (
    in_context,
    nearest_centroid,
    renamed,
    two_language_models,
)
from contextual_embeddings_probe import (
    WINDOWS,
    Way,
    averaged,
    by_clause,
    company,
    counted,
    encoder,
    judged,
    many_in_one,
    minilm,
    minilm_table,
    mixed,
    regression,
    right,
    states,
    static_minilm,
    transferred,
    two_in_one,
)
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.cooccurrence import cooccurrences, factorized, nearest, ppmi
from wode.data.formats import read_translations
from wode.elmo import Config, ELMo, Mixture, numbered
from wode.files.download import data_root
from wode.tasks.senses import Sentence, sentences
from wode.translation import Vocabulary, tokens_of

FEW, DRAWS, SEEDS = (1, 5, 20, 40), 5, [1, 2]
STEPS, SIZE, RATE = 2000, 96, 1e-2
ENGLISH, CHINESE, ALL = ("bank", "apple"), ("行", "打"), 99
OPPOSITES = (
    ("hot", "cold"), ("man", "woman"), ("old", "young"), ("open", "close"), ("good", "bad"),
    ("early", "late"), ("buy", "sell"), ("always", "never"), ("big", "small"), ("yes", "no"),
)  # fmt: skip


def tatoeba(column: int) -> list[list[str]]:
    """The sentences in English (0) or Chinese (1): words, or characters; each once."""
    rows = read_translations(data_root() / "cmn-eng" / "cmn.txt")
    return [tokens_of(text) for text in dict.fromkeys(row[column] for row in rows)]


# ---------------------------------------------------------------- English: MiniLM and its rivals


def english(way: str) -> Callable[[Sequence[Sentence]], Way]:
    """A way by its name; those that count learn which columns there are from the sentences."""
    kind, _, number = way.partition("_")
    if kind == "static":
        return lambda _: static_minilm()
    if kind in ("own", "before", "others"):
        return lambda _: minilm(int(number), kind)
    if kind == "counts":
        return lambda some: counted(int(number), some)
    return lambda _: averaged(int(number), minilm_table())


ENGLISH_WAYS = (
    "static", *(f"own_{n}" for n in range(7)), "before_1", "before_6", "others_0", "others_6",
    *(f"counts_{w}" for w in (*WINDOWS, ALL)), *(f"averages_{w}" for w in (*WINDOWS, ALL)),
)  # fmt: skip


def asked(
    word: str,
    way: Callable[[Sequence[Sentence]], Way],
    few: Sequence[int] = FEW,
    clauses: bool = False,
) -> dict[str, Any]:
    found = {
        **judged(word, way, few, DRAWS),
        "two": transferred(word, way),
        "mixed": mixed(word, way, DRAWS),
    }
    return found | ({"clauses": by_clause(word, way, DRAWS)} if clauses else {})


def ask_english(word: str, way: str) -> dict[str, Any]:
    return asked(word, english(way))


def alike(layer: int) -> dict[str, float]:
    """The mean cosine of vectors of different words in different sentences; and about the mean."""
    some = sentences("bank", held_out=True) + sentences("apple", held_out=True)
    torch.manual_seed(0)
    rows, words = [], []
    for one, vectors in zip(some, states(layer, some), strict=True):
        n = int(torch.randint(len(one.tokens), ()))
        rows.append(vectors[n])
        words.append(one.tokens[n].lower())
    x = torch.stack(rows)
    apart = torch.tensor([[a != b for b in words] for a in words])
    found = {}
    for name, y in (("raw", x), ("centred", x - x.mean(dim=0))):
        y = F.normalize(y, dim=1)
        found[name] = (y @ y.T)[apart].mean().item()
    return found


def uncentred(word: str, layer: int) -> dict[str, float]:
    """A nearest centroid by cosine, with and without the mean taken off."""
    learn, test = sentences(word), sentences(word, held_out=True)
    given, wanted, way = [one.sense for one in learn], [one.sense for one in test], minilm(layer)
    x, y = way(learn), way(test)
    names = sorted(set(given))
    means = torch.stack([x[[s == name for s in given]].mean(dim=0) for name in names])
    plain = likeliest(F.cosine_similarity(y[:, None], means[None], dim=-1), dim=1)
    return {
        "plain": right([names[n] for n in plain], wanted),
        "centred": right(nearest_centroid(x, given, y), wanted),
    }


def two_alike(word: str, layer: int) -> dict[str, float]:
    """Cosines: of the two words of one text, other senses; of words of one sense in two texts."""
    x = minilm(layer)(two_in_one(word))
    senses = [one.sense for one in two_in_one(word)]
    same = torch.tensor([[a == b for b in senses] for a in senses])
    same &= torch.arange(len(x))[:, None] // 2 != torch.arange(len(x)) // 2
    x = F.normalize(x, dim=1)
    return {
        "one_text": (x[0::2] * x[1::2]).sum(dim=1).mean().item(),
        "one_sense": (x @ x.T)[same].mean().item(),
    }


def learned_on_texts(word: str, way: str) -> float:
    """The two in one, each word alone, by logistic regression on 400 such training texts."""
    vectors, learn, test = english(way)([]), many_in_one(word, False, 400, 0), two_in_one(word)
    found = regression(vectors(learn), [one.sense for one in learn], vectors(test))
    return right(found, [one.sense for one in test])


def difference(word: str, layer: int) -> dict[str, float]:
    """Which of a text's two words has which sense, read off the difference of their vectors?

    What the whole text has in common cancels. Learned from 400 texts of training sentences, or
    read along the line between the means of single sentences; chance is 0.5.
    """
    vectors, learn = minilm(layer), many_in_one(word, False, 400, 0)
    single = sentences(word)
    names = sorted({one.sense for one in single})
    x = vectors(single)
    means = [x[[one.sense == name for one in single]].mean(dim=0) for name in names]

    def apart(some: Sequence[Sentence]) -> Tensor:
        y = vectors(some)
        return y[0::2] - y[1::2]

    found = {}
    for name, test in (("forty", two_in_one(word)), ("hundred", many_in_one(word, True, 100, 7))):
        answers = [one.sense for one in test[0::2]]
        learned = regression(apart(learn), [one.sense for one in learn[0::2]], apart(test))
        along = apart(test) @ (means[1] - means[0])
        found[name] = right(learned, answers)
        found[f"{name}_along"] = right([names[int(value > 0)] for value in along], answers)
    return found


def one_answer(word: str, layer: int) -> int:
    """Of the 40 texts with two senses: in how many do both words get the same answer?"""
    learn, vectors = sentences(word), minilm(layer)
    found = nearest_centroid(
        vectors(learn), [one.sense for one in learn], vectors(two_in_one(word))
    )
    return sum(a == b for a, b in zip(found[0::2], found[1::2], strict=True))


def own_sentence(word: str, layer: int) -> dict[str, float]:
    """In the joined text: the mean of the other words of the word's own sentence; cosines."""
    test, learn, rows = two_in_one(word), sentences(word), []
    near = list[float]()
    for n, (one, vectors) in enumerate(zip(test, states(layer, test), strict=True)):
        first = next(k for k, token in enumerate(one.tokens) if token == ".") + 1
        own = range(first) if n % 2 == 0 else range(first, len(one.tokens))
        rows.append(vectors[[k for k in own if k != one.place]].mean(dim=0))
        rest = [k for k, token in enumerate(one.tokens) if token.lower() != word]
        near.append(F.cosine_similarity(vectors[rest], vectors[one.place], dim=1).mean().item())
    given = minilm(layer, "others")(learn)
    found = nearest_centroid(given, [one.sense for one in learn], torch.stack(rows))
    return {
        "right": right(found, [one.sense for one in test]),
        "others_cosine": statistics.mean(near),
    }


def threshold(word: str, layer: int) -> dict[str, float]:
    """Are two uses of one sense? A threshold for the cosine, set on training pairs, on new ones.

    Two frames of one clause make no pair.
    """

    def pairs(some: Sequence[Sentence], mean: Tensor | float) -> tuple[Tensor, Tensor]:
        x = F.normalize(minilm(layer)(some) - mean, dim=1)
        sense = torch.tensor([one.sense == some[0].sense for one in some])
        n = torch.arange(len(some)) // 2
        apart = n[:, None] < n
        return (x @ x.T)[apart], (sense[:, None] == sense)[apart]

    learn, test = sentences(word), sentences(word, held_out=True)
    found = {}
    for name, mean in (("raw", 0.0), ("centred", minilm(layer)(learn).mean(dim=0))):
        cosine, same = pairs(learn, mean)
        tried = cosine.quantile(torch.linspace(0, 1, 201))
        best = tried[((cosine >= tried[:, None]) == same).float().mean(dim=1).argmax()]
        cosine, same = pairs(test, mean)
        found[name] = ((cosine >= best) == same).float().mean().item()
        found[f"{name}_same"] = cosine[same].mean().item()
        found[f"{name}_other"] = cosine[~same].mean().item()
    share = same.float().mean().item()
    return found | {"majority": max(share, 1 - share)}


def unknown() -> dict[str, float]:
    """The mean cosine of different characters that MiniLM does not know, in layer 6."""
    hidden, _ = encoder(6)([list("他打篮球去"), list("妈妈喝咖啡")])  # (2, 5, E)
    x = F.normalize(hidden, dim=-1)
    one = x[0] @ x[0].T
    return {
        "one_text": one[~torch.eye(len(one), dtype=torch.bool)].mean().item(),
        "two_texts": (x[0] @ x[1].T).mean().item(),
    }


# ---------------------------------------------------------------- Chinese: an ELMo of our own


@cache
def pretrained(seed: int, trained: bool = True) -> tuple[ELMo, Vocabulary, float]:
    """An ELMo that has learned Tatoeba's Chinese; or one as it is made, with chance weights."""
    torch.manual_seed(seed)
    texts = tatoeba(1)
    vocabulary, began = Vocabulary(texts, at_least=5), time.process_time()
    if not trained:
        return ELMo(Config(len(vocabulary), SIZE, SIZE)).eval(), vocabulary, 0.0
    model = two_language_models(texts, vocabulary, SIZE, STEPS, RATE)
    return model, vocabulary, time.process_time() - began


def half(model: ELMo, vocabulary: Vocabulary, layer: int, which: str) -> Way:
    """The word's vector at a layer: both directions, or one."""
    part = {"both": slice(None), "forward": slice(0, SIZE), "backward": slice(SIZE, None)}[which]
    return lambda some: in_context(model, vocabulary, some)[layer][:, part]


def mixture_learned(model: ELMo, vocabulary: Vocabulary, word: str, norm: bool) -> dict[str, Any]:
    """A mixture and a linear layer, learned together from all training sentences."""
    learn, test = sentences(word), sentences(word, held_out=True)
    names = sorted({one.sense for one in learn})
    x, y = in_context(model, vocabulary, learn), in_context(model, vocabulary, test)
    wanted = torch.tensor([names.index(one.sense) for one in learn])
    torch.manual_seed(0)
    mix, head = Mixture(len(x), layer_norm=norm), torch.nn.Linear(x.shape[2], len(names))
    optimizer = torch.optim.Adam([*mix.parameters(), *head.parameters()], 1e-2)
    for _ in range(300):
        loss = F.cross_entropy(head(mix(x)), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        found = [names[n] for n in likeliest(head(mix(y)), dim=1)]
    return {
        "right": right(found, [one.sense for one in test]),
        "shares": mix.shares.tolist(),
        "gamma": mix.gamma.item(),
    }


def counted_losses() -> dict[str, float]:
    """What a character of the held-out sentences costs by counts of characters, and of pairs."""
    texts = tatoeba(1)
    vocabulary = Vocabulary(texts, at_least=5)
    V, held = len(vocabulary), [
        one.tokens for word in CHINESE for one in sentences(word, held_out=True)
    ]  # fmt: skip
    (ids, real), (asked, there) = numbered(texts, vocabulary), numbered(held, vocabulary)
    single = torch.bincount(ids[real], minlength=V).double() + 0.1
    single = single / single.sum()
    both = real[:, 1:]
    pairs = torch.bincount(ids[:, :-1][both] * V + ids[:, 1:][both], minlength=V * V).view(V, V)
    before, after = asked[:, :-1][there[:, 1:]], asked[:, 1:][there[:, 1:]]
    smoothed = (pairs + 100 * single) / (pairs.sum(dim=1, keepdim=True) + 100)
    return {
        "single": -single[after].log().mean().item(),
        "pairs": -smoothed[before, after].log().mean().item(),
    }


def ask_elmo(seed: int, trained: bool = True) -> dict[str, Any]:
    """All that is asked of one ELMo."""
    model, vocabulary, seconds = pretrained(seed, trained)
    with torch.no_grad():
        held = [one.tokens for word in CHINESE for one in sentences(word, held_out=True)]
        losses = [loss.item() for loss in model.losses(*numbered(held, vocabulary))]
    found: dict[str, Any] = {"seconds": seconds, "losses": losses, "words": {}}
    for word in CHINESE:
        ways: dict[str, Callable[[Sequence[Sentence]], Way]] = {
            f"{which}_{layer}": lambda _, layer=layer, which=which: half(
                model, vocabulary, layer, which
            )
            for layer in (1, 2)
            for which in ("both", "forward", "backward")
        }
        found["words"][word] = {
            name: asked(word, way, (5, 40), clauses=seed == SEEDS[0]) for name, way in ways.items()
        }
        for norm in (False, True):
            found["words"][word][f"mixture{'_norm' * norm}"] = mixture_learned(
                model, vocabulary, word, norm
            )
    return found


def ask_chinese(word: str, way: str) -> dict[str, Any]:
    """The rivals: neighbours counted, and the company that their characters keep in Tatoeba."""
    kind, _, window = way.partition("_")
    if kind in ("counts", "left", "right"):
        side = "both" if kind == "counts" else kind
        return asked(word, lambda some: counted(int(window), some, side), (5, 40), True)
    table = chinese_company()
    return asked(word, lambda _: averaged(int(window), table), (5, 40), True)


@cache
def chinese_company() -> dict[str, Tensor]:
    return company(tatoeba(1), 5)


# ---------------------------------------------------------------- Firth's sentence


def in_blocks(texts: Sequence[Sequence[str]], words: Sequence[str]) -> list[list[str]]:
    """The texts in alphabetical order; in every second hundred all ``words`` have the other name.

    Of sentences that are almost the same, nearly all have the same name.
    """
    names = set(words)
    return [
        [f"{word}*" if n // 100 % 2 and word in names else word for word in text]
        for n, text in enumerate(sorted(texts, key=list))
    ]


def firth(
    window: int, dimensions: int, shuffled: bool = False, blocks: bool | None = None
) -> dict[str, Any]:
    """Each frequent word is called otherwise half of the time: does its other name land beside it?

    ``shuffled``: all words of the corpus change places first, so that nobody keeps company.
    ``blocks``: neighbours are counted under their old names, and near copies of a sentence stay
    together (True) or not (False).
    """
    texts = tatoeba(0)
    if shuffled:
        torch.manual_seed(0)
        flat = [word for text in texts for word in text]
        mixed_up = iter(flat[n] for n in torch.randperm(len(flat)).tolist())
        texts = [[next(mixed_up) for _ in text] for text in texts]
    counts = Counter(word for text in texts for word in text)
    frequent = sorted(word for word, n in counts.items() if n >= 40 and word.isalpha())
    texts = in_blocks(texts, frequent) if blocks else renamed(texts, frequent)
    counts = Counter(word for text in texts for word in text)
    vocabulary = sorted(word for word, n in counts.items() if n >= 10)
    number = {word: n for n, word in enumerate(vocabulary)}
    company = cooccurrences(texts, vocabulary, window)
    if blocks is not None:
        frequent = [word for word in frequent if word in number and f"{word}*" in number]
        old, new = ([number[f"{word}{mark}"] for word in frequent] for mark in ("", "*"))
        company[:, old] += company[:, new]
        company[:, new] = 0
        company = company[:, company.sum(dim=0) > 0]
    vectors = F.normalize(factorized(ppmi(company, 0.75), dimensions), dim=1)
    cosine = vectors @ vectors.T
    cosine.fill_diagonal_(-1)
    found = {}
    for word in frequent:
        row = cosine[number[f"{word}*"]]
        found[word] = 1 + int((row > row[number[word]]).sum())
    ranks = [*found.values()]
    bands = {}
    for low, high in ((40, 80), (80, 160), (160, 320), (320, 10**9)):
        some = [found[w] for w in frequent if low <= counts[w] + counts[f"{w}*"] < high]
        nearest = sum(rank == 1 for rank in some) / max(1, len(some))
        bands[f"from{low}"] = {"words": len(some), "first": nearest}
    return {
        "words": len(frequent),
        "vocabulary": len(vocabulary),
        "first": sum(r == 1 for r in ranks) / len(ranks),
        "ten": sum(r <= 10 for r in ranks) / len(ranks),
        "median": statistics.median(ranks),
        "bands": bands,
    }


def opposites() -> dict[str, int]:
    """Which place, of all words of Tatoeba, has a word's opposite among the most alike?"""
    texts = tatoeba(0)
    counts = Counter(word for text in texts for word in text)
    vocabulary = sorted(word for word, n in counts.items() if n >= 10)
    vectors = factorized(ppmi(cooccurrences(texts, vocabulary, 4), 0.75), 100)
    found = {}
    for word, other in OPPOSITES:
        order, _ = nearest(vectors, vocabulary.index(word), len(vocabulary) - 1)
        found[f"{word}_{other}"] = 1 + order.tolist().index(vocabulary.index(other))
    return found


# ---------------------------------------------------------------- all of it


def spread(values: Sequence[float]) -> dict[str, Any]:
    values = [*values]
    return {
        "mean": statistics.mean(values),
        "low": min(values),
        "high": max(values),
        "all": values,
    }


def summed(runs: Sequence[Any]) -> Any:
    """The same place of several runs: numbers become a spread, lists are joined."""
    if isinstance(runs[0], dict):
        return {name: summed([run[name] for run in runs]) for name in runs[0]}
    if isinstance(runs[0], list):
        return spread([value for run in runs for value in run])
    return spread(runs)


def flat(points: Tensor) -> list[list[float]]:
    """The two directions in which they differ most: (N, E) → N pairs, signs fixed."""
    x = points - points.mean(dim=0)
    _, _, V = torch.linalg.svd(x.double(), full_matrices=False)
    V = V[:2] * V[:2].gather(1, V[:2].abs().argmax(dim=1, keepdim=True)).sign()
    return [[round(value, 3) for value in row] for row in (x.double() @ V.T).tolist()]


def drawn(word: str, way: Way) -> dict[str, Any]:
    some = sentences(word, held_out=True)[::2]
    return {
        "points": [value for row in flat(way(some)) for value in row],
        "senses": [one.sense for one in some],
        "texts": [one.text for one in some],
    }


def draw_minilm(word: str, layer: int) -> dict[str, Any]:
    return drawn(word, minilm(layer))


def without_elmo(kept: Kept) -> dict[str, Any]:
    """What needs no model of our own."""
    return {
        "english": {
            word: {way: summed([kept("english", ask_english, word, way)]) for way in ENGLISH_WAYS}
            for word in ENGLISH
        },
        "texts": {
            word: {
                way: kept("texts", learned_on_texts, word, way)
                for way in ("own_1", "own_3", "own_6", "averages_5")
            }
            for word in ENGLISH
        },
        "two_alike": {
            word: {f"layer{n}": kept("two_alike", two_alike, word, n) for n in range(7)}
            for word in ENGLISH
        },
        "difference": {
            word: {f"layer{n}": kept("difference", difference, word, n) for n in (0, 1, 3, 6)}
            for word in ENGLISH
        },
        "one_answer": {
            word: {f"layer{n}": kept("one_answer", one_answer, word, n) for n in (1, 3, 6)}
            for word in ENGLISH
        },
        "own_sentence": {
            word: {f"layer{n}": kept("own_sentence", own_sentence, word, n) for n in (0, 6)}
            for word in ENGLISH
        },
        "threshold": {
            word: {f"layer{n}": kept("threshold", threshold, word, n) for n in (1, 6)}
            for word in ENGLISH
        },
        "unknown": kept("unknown", unknown),
        "drawn": {"bank": {f"layer{n}": kept("drawn", draw_minilm, "bank", n) for n in (0, 6)}},
        "alike": {f"layer{n}": kept("alike", alike, n) for n in range(7)},
        "uncentred": {
            word: {f"layer{n}": kept("uncentred", uncentred, word, n) for n in (1, 3, 6)}
            for word in ENGLISH
        },
        "firth": {
            "window4": kept("firth", firth, 4, 100),
            "window1": kept("firth", firth, 1, 100),
            "shuffled": kept("firth", firth, 4, 100, True),
            "by_turns": kept("firth", firth, 4, 100, False, False),
            "blocks": kept("firth", firth, 4, 100, False, True),
        },
        "opposites": kept("opposites", opposites),
        "counted_losses": kept("counted_losses", counted_losses),
        "chinese": {
            word: {
                way: summed([kept("chinese", ask_chinese, word, way)])
                for kind in ("counts", "left", "right", "company")
                for way in (f"{kind}_{w}" for w in (*WINDOWS, ALL))
            }
            for word in CHINESE
        },
    }


def of_elmo(runs: Sequence[Any], word: str, prefix: str) -> dict[str, Any]:
    """What the ELMos of all seeds said of a word, by way; new clauses of the first alone."""
    gathered = {}
    for way in runs[0]["words"][word]:
        found = [run["words"][word][way] for run in runs]
        if way.startswith("mixture"):
            columns = zip(*(one["shares"] for one in found), strict=True)
            gathered[f"{prefix}{way}"] = {
                "right": spread([one["right"] for one in found]),
                "gamma": spread([one["gamma"] for one in found]),
                "shares": [statistics.mean(column) for column in columns],
                "all_shares": [one["shares"] for one in found],
            }
        else:
            first = {name: one for name, one in found[0].items() if name == "clauses"}
            rest = [{name: one[name] for name in one if name != "clauses"} for one in found]
            gathered[f"{prefix}{way}"] = summed(rest) | summed([first])
    return gathered


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "contextual_embeddings" / "measured.jsonl")
    numbers = without_elmo(kept)
    for name, trained in (("elmo", True), ("untrained", False)):
        runs = [kept("elmo", ask_elmo, seed, trained) for seed in SEEDS]
        numbers[name] = {
            "seconds": spread([run["seconds"] for run in runs]),
            "forward": spread([run["losses"][0] for run in runs]),
            "backward": spread([run["losses"][1] for run in runs]),
        }
        for word in CHINESE:
            numbers["chinese"][word] |= of_elmo(runs, word, "" if trained else "untrained_")
    numbers |= {"steps": STEPS, "size": SIZE, "draws": DRAWS, "minutes": kept.minutes}
    results.write(
        "contextual_embeddings",
        numbers,
        command="python snippets/1_NLP_basics/contextual_embeddings_experiment.py",
        seed=SEEDS,
        note_zh="bank、apple（MiniLM）和行、打（在 Tatoeba 中文句子上学的 ELMo，两个种子）："
        "每个义项 1 到 40 个例子，各抽五次，在换了句式和实词的句子上考；对手是邻居的计数和平均。",
        note_en="bank and apple (MiniLM), 行 and 打 (an ELMo learned from Tatoeba's Chinese "
        "sentences, two seeds; beside them two that learned nothing): 1 to 40 examples a sense, "
        "five draws each, tested on other frames and words; rivals count or average neighbours.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
