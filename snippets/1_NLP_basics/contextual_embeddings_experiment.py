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
    company,
    counted,
    judged,
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
from wode.cooccurrence import cooccurrences, factorized, ppmi
from wode.elmo import ELMo, Mixture, numbered
from wode.files.download import data_root
from wode.tasks.senses import Sentence, sentences
from wode.translation import Vocabulary, tokens_of

FEW, DRAWS, SEEDS = (1, 5, 20, 40), 5, [1, 2]
STEPS, SIZE, RATE = 2000, 96, 1e-2
ENGLISH, CHINESE, ALL = ("bank", "apple"), ("行", "打"), 99


def tatoeba(column: int) -> list[list[str]]:
    """The sentences in English (0) or Chinese (1): words, or characters; each once."""
    rows = (data_root() / "cmn-eng" / "cmn.txt").read_text(encoding="utf-8").splitlines()
    return [tokens_of(text) for text in dict.fromkeys(row.split("\t")[column] for row in rows)]


# ---------------------------------------------------------------- English: MiniLM and its rivals


def english(way: str) -> Callable[[Sequence[Sentence]], Way]:
    """A way by its name; those that count learn which columns there are from the sentences."""
    kind, _, number = way.partition("_")
    if kind == "static":
        return lambda _: static_minilm()
    if kind in ("own", "next", "others"):
        return lambda _: minilm(int(number), kind)
    if kind == "counts":
        return lambda some: counted(int(number), some)
    return lambda _: averaged(int(number), minilm_table())


ENGLISH_WAYS = (
    "static", *(f"own_{n}" for n in range(7)), "next_1", "next_6", "others_0", "others_6",
    *(f"counts_{w}" for w in (*WINDOWS, ALL)), *(f"averages_{w}" for w in (*WINDOWS, ALL)),
)  # fmt: skip


def asked(
    word: str, way: Callable[[Sequence[Sentence]], Way], few: Sequence[int] = FEW
) -> dict[str, Any]:
    return {
        **judged(word, way, few, DRAWS),
        "two": transferred(word, way),
        "mixed": mixed(word, way, DRAWS),
    }


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
    plain = F.cosine_similarity(y[:, None], means[None], dim=-1).argmax(dim=1)
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


def learned_on_pairs(word: str, way: str) -> float:
    """The two in one, by logistic regression on such texts of the training sentences."""
    vectors, learn, test = english(way)([]), two_in_one(word, False), two_in_one(word)
    found = regression(vectors(learn), [one.sense for one in learn], vectors(test))
    return right(found, [one.sense for one in test])


# ---------------------------------------------------------------- Chinese: an ELMo of our own


@cache
def pretrained(seed: int) -> tuple[ELMo, Vocabulary, float]:
    torch.manual_seed(seed)
    texts = tatoeba(1)
    vocabulary, began = Vocabulary(texts, at_least=5), time.process_time()
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
        found = [names[n] for n in head(mix(y)).argmax(dim=1)]
    return {
        "right": right(found, [one.sense for one in test]),
        "shares": mix.shares.tolist(),
        "gamma": mix.gamma.item(),
    }


def ask_elmo(seed: int) -> dict[str, Any]:
    """All that is asked of one ELMo."""
    model, vocabulary, seconds = pretrained(seed)
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
        found["words"][word] = {name: asked(word, way, (5, 40)) for name, way in ways.items()}
        for norm in (False, True):
            found["words"][word][f"mixture{'_norm' * norm}"] = mixture_learned(
                model, vocabulary, word, norm
            )
    return found


def ask_chinese(word: str, way: str) -> dict[str, Any]:
    """The rivals: neighbours counted, and the company that their characters keep in Tatoeba."""
    kind, _, window = way.partition("_")
    if kind == "counts":
        return asked(word, lambda some: counted(int(window), some), (5, 40))
    table = chinese_company()
    return asked(word, lambda _: averaged(int(window), table), (5, 40))


@cache
def chinese_company() -> dict[str, Tensor]:
    return company(tatoeba(1), 5)


# ---------------------------------------------------------------- Firth's sentence


def firth(window: int, dimensions: int, shuffled: bool = False) -> dict[str, Any]:
    """Each frequent word is called otherwise half of the time: does its other name land beside it?

    ``shuffled``: all words of the corpus change places first, so that nobody keeps company.
    """
    texts = tatoeba(0)
    if shuffled:
        torch.manual_seed(0)
        flat = [word for text in texts for word in text]
        mixed_up = iter(flat[n] for n in torch.randperm(len(flat)).tolist())
        texts = [[next(mixed_up) for _ in text] for text in texts]
    counts = Counter(word for text in texts for word in text)
    frequent = sorted(word for word, n in counts.items() if n >= 40 and word.isalpha())
    texts = renamed(texts, frequent)
    counts = Counter(word for text in texts for word in text)
    vocabulary = sorted(word for word, n in counts.items() if n >= 10)
    matrix = ppmi(cooccurrences(texts, vocabulary, window), 0.75)
    vectors = F.normalize(factorized(matrix, dimensions), dim=1)
    number = {word: n for n, word in enumerate(vocabulary)}
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


def draw_elmo(seed: int, word: str) -> dict[str, Any]:
    model, vocabulary, _ = pretrained(seed)
    return drawn(word, half(model, vocabulary, 1, "both"))


def draw_minilm(word: str, layer: int) -> dict[str, Any]:
    return drawn(word, minilm(layer))


def without_elmo(kept: Kept) -> dict[str, Any]:
    """What needs no model of our own."""
    return {
        "english": {
            word: {way: summed([kept("english", ask_english, word, way)]) for way in ENGLISH_WAYS}
            for word in ENGLISH
        },
        "pairs": {
            word: {
                way: kept("pairs", learned_on_pairs, word, way)
                for way in ("own_1", "own_3", "own_6", "averages_5")
            }
            for word in ENGLISH
        },
        "two_alike": {
            word: {f"layer{n}": kept("two_alike", two_alike, word, n) for n in range(7)}
            for word in ENGLISH
        },
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
        },
        "chinese": {
            word: {
                way: summed([kept("chinese", ask_chinese, word, way)])
                for kind in ("counts", "company")
                for way in (f"{kind}_{w}" for w in (*WINDOWS, ALL))
            }
            for word in CHINESE
        },
    }


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "contextual_embeddings" / "measured.jsonl")
    numbers = without_elmo(kept)
    runs = [kept("elmo", ask_elmo, seed) for seed in SEEDS]
    numbers["elmo"] = {
        "seconds": spread([run["seconds"] for run in runs]),
        "forward": spread([run["losses"][0] for run in runs]),
        "backward": spread([run["losses"][1] for run in runs]),
    }
    for word in CHINESE:
        for way in runs[0]["words"][word]:
            found = [run["words"][word][way] for run in runs]
            if way.startswith("mixture"):
                numbers["chinese"][word][way] = {
                    "right": spread([one["right"] for one in found]),
                    "gamma": spread([one["gamma"] for one in found]),
                    "shares": [
                        statistics.mean(column)
                        for column in zip(*(one["shares"] for one in found), strict=True)
                    ],
                }
            else:
                numbers["chinese"][word][way] = summed(found)
    numbers["drawn"] |= {word: kept("drawn", draw_elmo, 1, word) for word in CHINESE}
    numbers |= {"steps": STEPS, "size": SIZE, "draws": DRAWS, "minutes": kept.minutes}
    results.write(
        "contextual_embeddings",
        numbers,
        command="python snippets/1_NLP_basics/contextual_embeddings_experiment.py",
        seed=SEEDS,
        note_zh="bank、apple（MiniLM）和行、打（在 Tatoeba 中文句子上学的 ELMo，两个种子）："
        "每个义项 1 到 40 个例子，各抽五次，在换了句式和实词的句子上考；对手是邻居的计数和平均。",
        note_en="bank and apple (MiniLM), 行 and 打 (an ELMo learned from Tatoeba's Chinese "
        "sentences, two seeds): 1 to 40 examples a sense, five draws each, tested on other "
        "frames and words; rivals count or average the neighbours.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
