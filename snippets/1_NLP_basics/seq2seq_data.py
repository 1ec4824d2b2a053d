"""For `seq2seq_pretraining_experiment`: Tatoeba's English sentences, and tasks made of them."""

import random
from collections import Counter
from functools import cache
from typing import NamedTuple

from wode.data.formats import read_translations
from wode.denoising import Pair
from wode.files.download import data_root
from wode.translation import END, tokens_of

SUBJECTS = {"i", "you", "he", "she", "we", "they", "it", "tom", "mary", "this", "that"}
HELPERS = {"is", "are", "am", "was", "were", "can", "will", "should", "must", "could", "would"}
WORDS, SENTINELS, LONGEST = 800, 6, 9
SIZES = {"question": 300, "completion": 1000}
DEV, TEST = 80, 200


class Data(NamedTuple):
    """Ids of plain sentences; of each task examples to train, to choose by and to test."""

    tokens: list[str]
    plain: list[list[int]]
    tasks: dict[str, tuple[list[Pair], list[Pair], list[Pair]]]
    mask: int
    sentinels: list[int]


def question_of(words: list[str]) -> list[str] | None:
    """ "he is here ." → "is he here ?"; None for other sentences."""
    asks = words[0] in SUBJECTS and words[1] in HELPERS and words[-1] == "." and "," not in words
    return [words[1], words[0], *words[2:-1], "?"] if asks else None


@cache
def sentences() -> list[list[str]]:
    """English ones of 4 to 9 tokens, each once, all words among the most frequent."""
    pairs = read_translations(data_root() / "cmn-eng" / "cmn.txt")
    rows = {tuple(tokens_of(en)): None for en, _ in pairs}
    short = [[*row] for row in rows if 4 <= len(row) <= LONGEST]
    counts = Counter(word for row in short for word in row)
    known = {word for word, _ in counts.most_common(WORDS)}
    return [row for row in short if known.issuperset(row)]


def corpus(seed: int) -> Data:
    """``seed`` says which third of the sentences is held out."""
    known = [*sentences()]
    words = sorted({word for row in known for word in row})
    tokens = ["<pad>", "<begin>", "<end>", "<unknown>", "<mask>"]
    tokens += [*(f"<{n}>" for n in range(SENTINELS)), *words]
    ids = {token: n for n, token in enumerate(tokens)}
    random.Random(seed).shuffle(known)
    cut = len(known) * 2 // 3

    def made(part: list[list[str]], task: str) -> list[Pair]:
        found = []
        for row in part:
            own = [ids[word] for word in row]
            if task == "completion":
                half = len(own) // 2
                found.append(Pair(own[:half], [*own[half:], END]))
            elif asked := question_of(row):
                found.append(Pair(own, [*(ids[word] for word in asked), END]))
        return found

    tasks = {}
    for task, size in SIZES.items():
        held = made(known[cut:], task)
        tasks[task] = (made(known[:cut], task)[:size], held[:DEV], held[DEV : DEV + TEST])
    plain = [[ids[word] for word in row] for row in known[:cut]]
    return Data(tokens, plain, tasks, 4, [*range(5, 5 + SENTINELS)])
