"""For the page `subwords`: which pair to merge, and what the text that is learned from decides.

    python snippets/1_NLP_basics/subwords_experiment.py

needs the sentence pairs of WODE_DATA (`cmn-eng`) and writes docs/assets/results/subwords.json.
About five minutes of one core.
"""

import random
import statistics
from collections import Counter
from typing import Any

import torch

from wode.book import results
from wode.checks import likeliest
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
COMMON = 20  # times that a pair must stand in the text, for the control of `association`
CAPITALS = {
    "France": "Paris", "Japan": "Tokyo", "Italy": "Rome",
    "Germany": "Berlin", "Egypt": "Cairo", "Spain": "Madrid",
}  # fmt: skip
NUMBERS = {
    "The number of days in a week is": "7",
    "The number of months in a year is": "12",
    "The number of sides of a triangle is": "3",
}


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
    # association's rare pairs forbidden: does it cut into fewer pieces?
    symbols, _ = learn(seen, max(SIZES) - single, association, "##", COMMON)
    wordpiece = WordPiece({piece: i for i, piece in enumerate([*SPECIAL, *symbols])})
    pieces = sum(n * len(wordpiece.cut(word)) for word, n in held_out.items())
    table["association_common"] = [pieces / words]
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


def after_a_space() -> dict[str, int]:
    """Answers of SmolLM2 whose first token is right, of those asked; a space at the end or none."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = local_model(SMOLLM2)
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)

    def right(prompt: str, answer: str) -> bool:
        with torch.no_grad():
            logits = model(**tokenizer(prompt, return_tensors="pt")).logits[0, -1]
        return int(likeliest(logits)) == tokenizer.encode(answer)[0]

    cities = {f"The capital of {country} is": city for country, city in CAPITALS.items()}
    return {
        "cities": len(cities),
        "cities_without": sum(right(prompt, f" {city}") for prompt, city in cities.items()),
        "cities_with": sum(right(f"{prompt} ", city) for prompt, city in cities.items()),
        "numbers": len(NUMBERS),
        "numbers_with": sum(right(f"{prompt} ", number) for prompt, number in NUMBERS.items()),
    }


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
        "common": COMMON,
        "space": after_a_space(),
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
