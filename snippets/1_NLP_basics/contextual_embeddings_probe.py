"""What the experiment of `contextual-embeddings` asks of vectors: whose sense do they tell?

A way of writing a word in its sentence as a vector, here a function of sentences (`Sentence`s of
`wode.tasks.senses`), is judged by a nearest centroid and by logistic regression on held-out ones.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from contextual_embeddings import nearest_centroid
from wode.bert import Bert
from wode.cooccurrence import cooccurrences, factorized, ppmi
from wode.files.hub import MINILM
from wode.patterns import WordEncoder
from wode.tasks.senses import Sentence, sentences
from wode.wordpiece import WordPiece

Way = Callable[[Sequence[Sentence]], Tensor]  # sentences → (N, E)
WINDOWS = (1, 2, 5)


@cache
def encoder(layer: int) -> WordEncoder:
    return WordEncoder.from_pretrained(MINILM, layers=layer)


_read: dict[tuple[int, str], Tensor] = {}  # what a layer made of a text, once


def states(layer: int, some: Sequence[Sentence]) -> list[Tensor]:
    """The vectors (T, E) of each sentence's words at a layer."""
    new = {one.text: one.tokens for one in some if (layer, one.text) not in _read}
    if new:
        hidden, real = encoder(layer)([*new.values()])  # (B, T, E), (B, T)
        for text, rows, there in zip(new, hidden, real, strict=True):
            _read[layer, text] = rows[there]
    return [_read[layer, one.text] for one in some]


def minilm(layer: int, which: str = "own") -> Way:
    """The word's own vector at a layer; that of the one `before`; the mean of all the `others`.

    Where the word is the first, the one before is itself.
    """

    def vectors(some: Sequence[Sentence]) -> Tensor:
        found = []
        for one, rows in zip(some, states(layer, some), strict=True):
            if which == "others":
                found.append(torch.cat([rows[: one.place], rows[one.place + 1 :]]).mean(dim=0))
            else:
                found.append(rows[max(0, one.place - (which == "before"))])
        return torch.stack(found)

    return vectors


@cache
def minilm_table() -> dict[str, Tensor]:
    """MiniLM's pieces and their static vectors."""
    rows = Bert.from_pretrained(MINILM).embeddings.word_embeddings.weight.detach()
    vocabulary = WordPiece.from_pretrained(MINILM).vocabulary
    return {piece: rows[number] for piece, number in vocabulary.items()}


@cache
def static_minilm() -> Way:
    """The row of the table that the network reads: the same in all sentences."""
    table = minilm_table()

    def vectors(some: Sequence[Sentence]) -> Tensor:
        return torch.stack([table[one.tokens[one.place].lower()] for one in some])

    return vectors


def neighbours(one: Sentence, window: int) -> list[str]:
    """The words at most so far away, in lower case, without the word itself."""
    first = max(0, one.place - window)
    found = [token.lower() for token in one.tokens[first : one.place + window + 1]]
    del found[one.place - first]
    return found


def of_side(one: Sentence, window: int, side: str) -> list[str]:
    """The neighbours on both sides, or on the left or the right alone."""
    left = neighbours(one, window)[: min(window, one.place)]
    return {"both": neighbours(one, window), "left": left}.get(
        side, neighbours(one, window)[len(left) :]
    )


def counted(window: int, learned: Sequence[Sentence], side: str = "both") -> Way:
    """A column for each neighbour that the learned sentences have, and how often it is there."""
    words = sorted({word for one in learned for word in of_side(one, window, side)})

    def vectors(some: Sequence[Sentence]) -> Tensor:
        counts = [Counter(of_side(one, window, side)) for one in some]
        return torch.tensor([[float(count[word]) for word in words] for count in counts])

    return vectors


def averaged(window: int, table: dict[str, Tensor]) -> Way:
    """The mean of the static vectors of the neighbours; of unknown words nothing."""
    nothing = torch.zeros_like(next(iter(table.values())))

    def vectors(some: Sequence[Sentence]) -> Tensor:
        return torch.stack(
            [
                torch.stack([table[w] for w in neighbours(one, window) if w in table] or [nothing])
                .mean(dim=0)
                .float()
                for one in some
            ]
        )

    return vectors


def company(texts: Sequence[Sequence[str]], at_least: int, dimensions: int = 100) -> dict:
    """Words and the short vectors of the company that they keep in ``texts``."""
    counts = Counter(word for text in texts for word in text)
    vocabulary = sorted(word for word, count in counts.items() if count >= at_least)
    vectors = factorized(ppmi(cooccurrences(texts, vocabulary, 4), 0.75), dimensions)
    return dict(zip(vocabulary, F.normalize(vectors, dim=1), strict=True))


def regression(learned: Tensor, senses: Sequence[str], test: Tensor) -> list[str]:
    from sklearn.linear_model import LogisticRegression

    size = learned.pow(2).mean().sqrt().clamp(min=1e-9)
    model = LogisticRegression(max_iter=2000).fit((learned / size).numpy(), senses)
    return [*model.predict((test / size).numpy())]


def right(found: Sequence[str], senses: Sequence[str]) -> float:
    return sum(a == b for a, b in zip(found, senses, strict=True)) / len(senses)


def judged(
    word: str, way: Callable[[Sequence[Sentence]], Way], few: Sequence[int], draws: int
) -> dict:
    """Accuracy on the held-out sentences from so many a sense: each draw's, for both judges."""
    learn, test = sentences(word), sentences(word, held_out=True)
    answers, table = [one.sense for one in test], {}
    for count in few:
        scores: dict[str, list[float]] = {"centroid": [], "regression": []}
        for draw in range(draws if count < 40 else 1):
            rng = random.Random(f"{word} {count} {draw}")
            some = [
                one
                for sense in sorted({one.sense for one in learn})
                for one in rng.sample([one for one in learn if one.sense == sense], count)
            ]
            vectors, senses = way(some), [one.sense for one in some]
            given, asked = vectors(some), vectors(test)
            scores["centroid"].append(right(nearest_centroid(given, senses, asked), answers))
            scores["regression"].append(right(regression(given, senses, asked), answers))
        table[f"n{count}"] = scores
    return table


def joined(a: Sentence, b: Sentence) -> list[Sentence]:
    """Two sentences as one text, and each of its two words."""
    text, tokens = f"{a.text} {b.text}", a.tokens + b.tokens
    return [
        Sentence(text, tokens, a.place, a.sense),
        Sentence(text, tokens, len(a.tokens) + b.place, b.sense),
    ]


def of_senses(word: str, held_out: bool) -> dict[str, list[Sentence]]:
    found: dict[str, list[Sentence]] = {}
    for one in sentences(word, held_out):
        found.setdefault(one.sense, []).append(one)
    return found


def two_in_one(word: str, held_out: bool = True) -> list[Sentence]:
    """40 texts of two sentences of different senses, and each of their two words."""
    by_sense, found = of_senses(word, held_out), []
    names = [*by_sense]
    for n in range(40):
        a = by_sense[names[n % len(names)]][n]
        found += joined(a, by_sense[names[(n + 1) % len(names)]][(7 * n + 3) % 40])
    return found


def many_in_one(word: str, held_out: bool, count: int, seed: int) -> list[Sentence]:
    """So many such texts, drawn by chance; the senses take turns in being first."""
    rng, by_sense, found = random.Random(seed), of_senses(word, held_out), []
    names = [*by_sense]
    for n in range(count):
        a, b = names[n % 2], names[1 - n % 2]
        found += joined(rng.choice(by_sense[a]), rng.choice(by_sense[b]))
    return found


def transferred(word: str, way: Callable[[Sequence[Sentence]], Way]) -> dict:
    """Learned from all single sentences, asked of the two in one."""
    learn, test = sentences(word), two_in_one(word)
    vectors, senses = way(learn), [one.sense for one in learn]
    answers, given, asked = [one.sense for one in test], vectors(learn), vectors(test)
    return {
        "centroid": right(nearest_centroid(given, senses, asked), answers),
        "regression": right(regression(given, senses, asked), answers),
    }


def mixed(word: str, way: Callable[[Sequence[Sentence]], Way], draws: int) -> list[float]:
    """Logistic regression where both parts are one, split by chance: neighbours come again."""
    pool, scores = sentences(word) + sentences(word, held_out=True), []
    for draw in range(draws):
        rows = random.Random(f"mixed {draw}").sample(range(len(pool)), len(pool))
        learn = [pool[n] for n in rows[: len(rows) // 2]]
        test = [pool[n] for n in rows[len(rows) // 2 :]]
        vectors = way(learn)
        found = regression(vectors(learn), [one.sense for one in learn], vectors(test))
        scores.append(right(found, [one.sense for one in test]))
    return scores


def by_clause(word: str, way: Callable[[Sequence[Sentence]], Way], draws: int) -> list[float]:
    """The same, but a clause's two sentences stay on one side: no clause is met again."""
    pool, scores = sentences(word) + sentences(word, held_out=True), []
    for draw in range(draws):
        clauses = len(pool) // 2
        met = {*random.Random(f"clause {draw}").sample(range(clauses), clauses // 2)}
        learn = [one for n, one in enumerate(pool) if n // 2 in met]
        test = [one for n, one in enumerate(pool) if n // 2 not in met]
        vectors = way(learn)
        found = regression(vectors(learn), [one.sense for one in learn], vectors(test))
        scores.append(right(found, [one.sense for one in test]))
    return scores
