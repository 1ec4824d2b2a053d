"""For the page `subwords`: which pair to merge, and what the text that is learned from decides.

    python snippets/1_NLP_basics/subwords_experiment.py

needs the sentence pairs of WODE_DATA (`cmn-eng`) and writes docs/assets/results/subwords.json.
About five minutes of one core.
"""

import random
import statistics
from collections import Counter
from typing import Any

from wode.book import results
from wode.data.formats import read_translations
from wode.files.download import data_root
from wode.files.gguf import local_model
from wode.files.hub import SMOLLM2
from wode.subwords import (
    Score,
    association,
    byte_pairs,
    count_words,
    frequency,
    learn,
    likelihood,
)
from wode.wordpiece import SPECIAL, WordPiece

SIZES = [125, 250, 500, 1000, 2000]
SCORES: dict[str, Score] = {
    "frequency": frequency,
    "likelihood": likelihood,
    "association": association,
}
HELD_OUT = 2000  # sentences


def pieces_a_word(texts: list[str], seed: int) -> dict[str, list[float]]:
    """What vocabularies of different sizes make of the words of sentences not seen."""
    texts = random.Random(seed).sample(texts, len(texts))
    held_out, seen = count_words(texts[:HELD_OUT]), count_words(texts[HELD_OUT:])
    words = held_out.total()
    common = [word for word, _ in seen.most_common()]
    table = {"unknown_words": list[float]()}
    for size in SIZES:
        known = set(common[:size])
        table["unknown_words"].append(sum(n for w, n in held_out.items() if w not in known) / words)
    single = len({c if i == 0 else "##" + c for word in seen for i, c in enumerate(word)})
    for name, score in SCORES.items():
        symbols, _ = learn(seen, max(SIZES) - single, score, "##", 2)
        new = [symbol.removeprefix("##") for symbol in symbols[single:]]
        table[f"{name}_words_with"] = [  # in how many words of the text half the pieces stand
            statistics.median(sum(n for w, n in seen.items() if piece in w) for piece in new)
        ]
        table[name] = []
        for size in SIZES:  # the characters are always there
            kept = [*SPECIAL, *symbols[: max(single, size)]]
            wordpiece = WordPiece({piece: i for i, piece in enumerate(kept)})
            pieces = sum(n * len(wordpiece.cut(word)) for word, n in held_out.items())
            table[name].append(pieces / words)
    return table


def as_bytes(text: str) -> str:
    """One character for each byte of UTF-8, so that `learn` can merge bytes."""
    return text.encode().decode("latin-1")


def pieces_a_sentence(pairs: list[tuple[str, str]], seed: int, merges: int) -> dict[str, list]:
    """Byte pairs learned from English, Chinese, half of each: pieces a sentence, in (en, zh).

    A sentence is one word, as for SentencePiece: spaces are symbols like others.
    """
    pairs = random.Random(seed).sample(pairs, len(pairs))
    held_out, seen = pairs[:500], pairs[HELD_OUT : HELD_OUT + 8000]
    texts = {
        "en": [en for en, _ in seen],
        "zh": [zh for _, zh in seen],
        "both": [pair[n % 2] for n, pair in enumerate(seen)],
    }
    table = {}
    for name, group in texts.items():
        _, learned = learn(Counter(map(as_bytes, group)), merges, frequency)
        table[name] = [
            statistics.mean(len(byte_pairs(as_bytes(pair[lang]), learned)) for pair in held_out)
            for lang in (0, 1)
        ]
    table["bytes"] = [
        statistics.mean(len(as_bytes(pair[lang])) for pair in held_out) for lang in (0, 1)
    ]
    return table


def real(pairs: list[tuple[str, str]]) -> dict[str, float]:
    """SmolLM2's own tokenizer on the same 2000 pairs: pieces a sentence."""
    from transformers import AutoTokenizer

    tokenizer: Any = AutoTokenizer.from_pretrained(local_model(SMOLLM2))
    some = random.Random(0).sample(pairs, HELD_OUT)
    en, zh = (
        statistics.mean(len(ids) for ids in tokenizer([*texts])["input_ids"])
        for texts in zip(*some, strict=True)
    )
    return {"en": en, "zh": zh, "ratio": zh / en, "size": len(tokenizer)}


def by_name(tables: list[dict[str, list[float]]]) -> dict[str, list[list[float]]]:
    """One table a seed → for each name, its row with each seed."""
    return {name: [table[name] for table in tables] for name in tables[0]}


def means(rows: list[list[float]]) -> list[float]:
    return [statistics.mean(column) for column in zip(*rows, strict=True)]


def main() -> None:
    pairs = list(read_translations(data_root() / "cmn-eng" / "cmn.txt"))
    seeds, merges = [0, 1, 2], 1000
    english = [en for en, _ in pairs]
    learned = [pieces_a_word(english, seed) for seed in seeds]
    languages = [pieces_a_sentence(pairs, seed, merges) for seed in seeds]
    numbers = {
        "sizes": SIZES,
        "words": len(count_words(english)),
        "learned": by_name(learned),
        "mean": {name: means(rows) for name, rows in by_name(learned).items()},
        "languages": by_name(languages),
        "languages_mean": {name: means(rows) for name, rows in by_name(languages).items()},
        "merges": merges,
        "smollm2": real(pairs),
    }
    results.write(
        "subwords",
        numbers,
        command="python snippets/1_NLP_basics/subwords_experiment.py",
        seed=seeds,
        note_zh="三种分数学出的词表在没见过的句子上各切成几片；从哪种语言学，哪种语言就切得少。",
        note_en="Pieces that vocabularies learned by three scores make of unseen sentences; the "
        "language that is learned from is the one that takes few.",
    )


if __name__ == "__main__":
    main()
