"""For the page `tasks`: a head for each pattern on a frozen MiniLM, and one task moved.

    python snippets/1_NLP_basics/tasks_experiment.py layers search table span options square

puts what was measured into docs/assets/results/tasks.json. A part named alone is measured again and
the others stay. About five minutes of one idle core.
"""

import argparse
import json
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from bert_heads_experiment import TAGS, words_reader, words_tagger
from tasks_moves import WORDS, options, padded, share, span, square
from wode.book import results
from wode.checks import likeliest
from wode.files.hub import MINILM
from wode.patterns import (
    WordEncoder,
    fit,
    is_tree,
    scores,
    words_of,
)
from wode.tasks.baselines import bag_of_words
from wode.tasks.heads import SUBJECTS, asked, letters, names, questions
from wode.tasks.questions import question_pairs
from wode.tasks.reviews import reviews
from wode.tasks.trees import Parsed, trees

Numbers = dict[str, float]
LAYERS = range(7)


# ---------------------------------------------------------------- a head for each pattern


def texts(
    encoder: WordEncoder,
    learn: Sequence[tuple[str, int]],
    new: Sequence[tuple[str, int]],
    classes: int,
) -> float:
    """A class for each text; accuracy."""
    hidden, real = encoder([words_of(text) for text, _ in learn])
    head = fit(hidden, real, torch.tensor([label for _, label in learn]), classes, "class")
    found = likeliest(scores(head, *encoder([words_of(text) for text, _ in new]), "class"), dim=1)
    return float((found == torch.tensor([label for _, label in new])).float().mean())


def tagging(encoder: WordEncoder, seed: int) -> float:
    """A class for each word; F1 of whole names."""
    from seqeval.metrics import f1_score

    learn, new = names(96, seed), names(96, 0, held_out=True)
    hidden, real = encoder([s.words for s in learn])
    labels = padded([[TAGS.index(tag) for tag in s.tags] for s in learn])
    head = fit(hidden, real, labels, len(TAGS), "token")
    best = likeliest(scores(head, *encoder([s.words for s in new]), "token"), dim=1).tolist()
    found = [[TAGS[n] for n in row[: len(s.words)]] for row, s in zip(best, new, strict=True)]
    return float(f1_score([s.tags for s in new], found))


def copying(encoder: WordEncoder, seed: int) -> float:
    """Two places; exact match."""
    *learn, places = asked(questions(96, seed))
    *new, right = asked(questions(80, 0, held_out=True))
    head = fit(*encoder(*learn), places, 2, "copy")
    found = likeliest(scores(head, *encoder(*new), "copy"), dim=1)
    return float((found == right).all(dim=1).float().mean())


def parsing(encoder: WordEncoder, seed: int) -> Numbers:
    """A place for each word: words with the right head, whole trees, outputs that are trees."""
    learn, new = trees(96, seed), trees(80, 0, held_out=True)
    hidden, real = encoder([t.words for t in learn])
    head = fit(hidden, real, padded([t.heads for t in learn]), hidden.shape[2], "arc")
    best = likeliest(scores(head, *encoder([t.words for t in new]), "arc"), dim=1).tolist()
    found = [row[: len(t.words)] for row, t in zip(best, new, strict=True)]
    pairs = list(zip(found, new, strict=True))
    right = [a == b for row, t in pairs for a, b in zip(row, t.heads, strict=True)]
    whole = [row == t.heads for row, t in pairs]
    return {
        "arcs": share(right),
        "arcs_whole": share(whole),
        "arcs_trees": share([is_tree(row) for row in found]),
    }


def next_word(learn: Sequence[Parsed], new: Sequence[Parsed]) -> float:
    """Each word hangs where it mostly did in training; one that was not seen, on the next word."""
    seen: dict[str, Counter] = defaultdict(Counter)
    for words, heads in learn:
        for i, (word, head) in enumerate(zip(words, heads, strict=True)):
            seen[word][head - i] += 1
    right = []
    for words, heads in new:
        for i, (word, head) in enumerate(zip(words, heads, strict=True)):
            step = seen[word].most_common(1)[0][0] if word in seen else 1
            right.append(min(max(i + step, 0), len(words) - 1) == head)
    return share(right)


def layers(seed: int) -> dict[str, Any]:
    """Each pattern's task on the vectors of each layer, and baselines that know words alone."""
    from seqeval.metrics import f1_score

    letter = random.Random(seed).sample(letters(), 96), letters(held_out=True)
    opinion = [
        [(p.first, p.label) for p in part]
        for part in (reviews(96, seed), reviews(192, 0, held_out=True))
    ]
    rows = defaultdict(dict)
    for layer in LAYERS:
        torch.manual_seed(seed)
        encoder = WordEncoder.from_pretrained(MINILM, layer)
        row = {
            "letters": texts(encoder, *letter, len(SUBJECTS)),
            "reviews": texts(encoder, *opinion, 2),
            "names": tagging(encoder, seed),
            "span": copying(encoder, seed),
            **parsing(encoder, seed),
        }
        for name, value in row.items():
            rows[name][str(layer)] = value
    tagged, new = names(96, 0, held_out=True), questions(80, 0, held_out=True)
    plain, seen = words_reader(new, 2), words_tagger(names(96, seed), tagged)
    words = {
        "letters": bag_of_words(*letter, r"\S+"),
        "reviews": bag_of_words(*opinion, r"\S+"),
        "names": float(f1_score([s.tags for s in tagged], seen)),
        "span": share([a == q.answers[0].text for a, q in zip(plain, new, strict=True)]),
        "arcs": next_word(trees(96, seed), trees(80, 0, held_out=True)),
    }
    return {**rows, "words": words}


# ---------------------------------------------------------------- two texts, one class


def search() -> dict[str, Any]:
    """Which of all held-out questions means the same? By the vectors' cosine, by shared words."""
    encoder = WordEncoder.from_pretrained(MINILM)
    pairs = question_pairs(held_out=True)
    same = [n for n, pair in enumerate(pairs) if pair.label == 1]

    def vectors(part: Sequence[str]) -> Tensor:
        hidden, real = encoder([words_of(text) for text in part])
        return F.normalize((hidden * real[:, :, None]).sum(dim=1), dim=1)  # (B, E)

    stored = [str(pair.second) for pair in pairs]
    asked = [pairs[n].first for n in same]
    nearest = likeliest(vectors(asked) @ vectors(stored).T, dim=1).tolist()
    words = [set(words_of(text)) for text in stored]
    shared = [
        max(range(len(stored)), key=lambda n: len(words[n] & set(words_of(text)))) for text in asked
    ]
    return {
        "vectors": share([a == b for a, b in zip(nearest, same, strict=True)]),
        "words": share([a == b for a, b in zip(shared, same, strict=True)]),
        "asked": len(same),
        "searched": len(stored),
    }


# ---------------------------------------------------------------- one table of scores


def table() -> dict[str, Any]:
    """The page's tagger on its sentence: the probability of each tag, word by word."""
    half = WordEncoder.from_pretrained(MINILM, WORDS)
    learn, sentence = names(96), names(6, held_out=True)[5]
    torch.manual_seed(0)
    labels = padded([[TAGS.index(tag) for tag in s.tags] for s in learn])
    head = fit(*half([s.words for s in learn]), labels, len(TAGS), "token")
    p = scores(head, *half([sentence.words]), "token").softmax(dim=1)[0].tolist()  # (C, T)
    rows = [[round(x, 3) for x in row] for row in p]
    return {"words": sentence.words, "tags": list(TAGS), "right": sentence.tags, "p": rows}


# ---------------------------------------------------------------- what goes into the results file


def summed(rows: dict[str, Any], how: Callable[[list[float]], float]) -> dict[str, Any]:
    """The seeds' records, alike in form, as one."""
    first, *_ = rows.values()
    return {
        key: summed({seed: row[key] for seed, row in rows.items()}, how)
        if isinstance(value, dict)
        else how([row[key] for row in rows.values()])
        for key, value in first.items()
    }


def record(name: str, numbers: dict[str, Any]) -> None:
    """Put one part into the results file; the others stay."""
    there = results.read("tasks")["numbers"] if (results.FOLDER / "tasks.json").is_file() else {}
    results.write(
        "tasks",
        {**there, name: numbers},
        command="python snippets/1_NLP_basics/tasks_experiment.py"
        " layers search table span options square",
        seed=[0, 1, 2, 3, 4],
        note_zh="冻结的 MiniLM 加一层线性，逐层；搜索；把片段换成标签来做。五个种子。",
        note_en="A linear layer on a frozen MiniLM, layer by layer; search; a span moved to tags."
        " Five seeds.",
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parts = {"layers": layers, "span": span, "options": options, "square": square}
    once = {"search": search, "table": table}  # nothing is drawn anew
    parser.add_argument("parts", nargs="+", choices=[*parts, *once])
    given = parser.parse_args()
    torch.set_num_threads(1)
    for name in given.parts:
        if name in once:
            record(name, once[name]())
            continue
        rows: dict[str, Any] = {}
        for seed in range(5):
            began = time.process_time()
            rows[str(seed)] = parts[name](seed)
            rows[str(seed)]["cpu_seconds"] = time.process_time() - began
            print(name, seed, json.dumps(rows[str(seed)]), flush=True)
        spread = {"mean": statistics.mean, "sd": statistics.stdev, "low": min, "high": max}
        record(name, {how: summed(rows, do) for how, do in spread.items()} | {"seeds": rows})


if __name__ == "__main__":
    main()
