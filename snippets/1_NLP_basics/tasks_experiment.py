"""For the page `tasks`: a head for each pattern on a frozen MiniLM, and tasks moved elsewhere.

    python snippets/1_NLP_basics/tasks_experiment.py layers pairs span prompt options square trees

puts what was measured into docs/assets/results/tasks.json. A part named alone is measured again and
the others stay. About twenty minutes of one idle core, most of it for `prompt`.
"""

import argparse
import itertools
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
from torch.nn.utils.rnn import pad_sequence

from bert_heads_experiment import TAGS, words_reader, words_tagger
from tasks import places
from wode.book import results
from wode.data.formats import Question
from wode.files.hub import MINILM
from wode.heads import best_span
from wode.patterns import (
    WordEncoder,
    brackets,
    fit,
    heads_of,
    is_tree,
    scores,
    span_tags,
    tagged_spans,
    words_of,
)
from wode.prompting import Format, Prompt, Reader, draw_examples, from_pretrained
from wode.tasks.baselines import bag_of_words, best_threshold
from wode.tasks.heads import SUBJECTS, letters, names, questions
from wode.tasks.questions import question_pairs
from wode.tasks.reviews import reviews
from wode.tasks.trees import Parsed, trees

Numbers = dict[str, float]
LAYERS = range(7)
WORDS = 3  # the layer whose vectors the page gives to tasks about words


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """Labels of unequal length → (B, T), -100 at padding."""
    return pad_sequence([torch.tensor(row) for row in rows], batch_first=True, padding_value=-100)


def share(right: Sequence[bool]) -> float:
    return sum(right) / len(right)


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
    found = scores(head, *encoder([words_of(text) for text, _ in new]), "class").argmax(dim=1)
    return float((found == torch.tensor([label for _, label in new])).float().mean())


def tagging(encoder: WordEncoder, seed: int) -> float:
    """A class for each word; F1 of whole names."""
    from seqeval.metrics import f1_score

    learn, new = names(96, seed), names(96, 0, held_out=True)
    hidden, real = encoder([s.words for s in learn])
    labels = padded([[TAGS.index(tag) for tag in s.tags] for s in learn])
    head = fit(hidden, real, labels, len(TAGS), "token")
    best = scores(head, *encoder([s.words for s in new]), "token").argmax(dim=1).tolist()
    found = [[TAGS[n] for n in row[: len(s.words)]] for row, s in zip(best, new, strict=True)]
    return float(f1_score([s.tags for s in new], found))


def asked_words(asked: Sequence[Question]) -> tuple[list[list[str]], list[list[str]]]:
    return [words_of(q.question) for q in asked], [words_of(q.context) for q in asked]


def copying(encoder: WordEncoder, seed: int) -> float:
    """Two places; exact match."""
    learn, new = questions(96, seed), questions(80, 0, held_out=True)
    head = fit(*encoder(*asked_words(learn)), places(learn), 2, "copy")
    found = scores(head, *encoder(*asked_words(new)), "copy").argmax(dim=1)
    return float((found == places(new)).all(dim=1).float().mean())


def parsing(encoder: WordEncoder, seed: int) -> Numbers:
    """A place for each word: words with the right head, whole trees, outputs that are trees."""
    learn, new = trees(96, seed), trees(80, 0, held_out=True)
    hidden, real = encoder([t.words for t in learn])
    head = fit(hidden, real, padded([t.heads for t in learn]), hidden.shape[2], "arc")
    best = scores(head, *encoder([t.words for t in new]), "arc").argmax(dim=1).tolist()
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
    tagged, asked = names(96, 0, held_out=True), questions(80, 0, held_out=True)
    plain, seen = words_reader(asked, 2), words_tagger(names(96, seed), tagged)
    words = {
        "letters": bag_of_words(*letter, r"\S+"),
        "reviews": bag_of_words(*opinion, r"\S+"),
        "names": float(f1_score([s.tags for s in tagged], seen)),
        "span": share([a == q.answers[0].text for a, q in zip(plain, asked, strict=True)]),
        "arcs": next_word(trees(96, seed), trees(80, 0, held_out=True)),
    }
    return {**rows, "words": words}


# ---------------------------------------------------------------- two texts, one class


Pairs = ("first", "second")


def pairs(seed: int) -> dict[str, Any]:
    """Do two questions mean the same? Read together, compared as vectors, by the angle alone."""
    encoder = WordEncoder.from_pretrained(MINILM)
    parts = question_pairs(), question_pairs(held_out=True)
    labels = [torch.tensor([pair.label for pair in part]) for part in parts]

    def mean(part: Sequence[str]) -> Tensor:
        hidden, real = encoder([words_of(text) for text in part])
        return F.normalize((hidden * real[:, :, None]).sum(1) / real.sum(1, keepdim=True), dim=1)

    u, v = ([mean([getattr(pair, side) for pair in part]) for part in parts] for side in Pairs)
    joined = []
    for part in parts:
        hidden, real = encoder(*([words_of(getattr(p, side)) for p in part] for side in Pairs))
        joined.append((hidden * real[:, :, None]).sum(1) / real.sum(1, keepdim=True))
    forms = {
        "joined": joined,
        "features": [torch.cat([a, b, (a - b).abs(), a * b], 1) for a, b in zip(u, v, strict=True)],
        "product": [a * b for a, b in zip(u, v, strict=True)],
    }
    numbers: dict[str, Any] = {}
    for name, (learned, new) in forms.items():
        for rate in (1e-3, 1e-2, 1e-1):
            torch.manual_seed(seed)
            alone = torch.ones(len(learned), 1, dtype=torch.bool)
            head = fit(learned[:, None], alone, labels[0], 2, "class", 200, rate)
            found = head(new).argmax(dim=1)
            numbers[f"{name}_{rate:g}"] = float((found == labels[1]).float().mean())
        numbers[name] = max(numbers[f"{name}_{rate:g}"] for rate in (1e-3, 1e-2, 1e-1))
    cosine = [(a * b).sum(dim=1) for a, b in zip(u, v, strict=True)]
    from_here = best_threshold(cosine[0], labels[0])
    numbers["cosine"] = float(((cosine[1] >= from_here).long() == labels[1]).float().mean())
    # Search: which of all held-out questions is meant, where one means the same?
    same = labels[1] == 1
    nearest = (u[1][same] @ v[1].T).argmax(dim=1)
    numbers["search"] = float((nearest == same.nonzero()[:, 0]).float().mean())
    new = parts[1]
    shared = [
        max(range(len(new)), key=lambda n: len(words & set(words_of(str(new[n].second)))))
        for words in (set(words_of(pair.first)) for pair in new if pair.label == 1)
    ]
    numbers["search_words"] = share(
        [a == b for a, b in zip(shared, same.nonzero()[:, 0].tolist(), strict=True)]
    )
    numbers["searched"] = float(len(v[1]))
    return numbers


# ---------------------------------------------------------------- a span, moved


def best_tagged(logits: Tensor, first: int, last: int, longest: int) -> tuple[int, int]:
    """The one span whose tags, all others O, are likeliest: logits (3, T) of B, I, O."""
    b, i, o = logits.log_softmax(dim=0)
    gain = (i - o).cumsum(dim=0)  # of tagging I and not O, up to here
    spans = [
        (float(b[start] - o[start] + gain[end] - gain[start]), start, end)
        for start in range(first, last + 1)
        for end in range(start, min(start + longest, last + 1))
    ]
    return max(spans)[1:]


def span(seed: int) -> dict[str, Any]:
    """The same answers as two places and as a tag for each word, learned by the same vectors."""
    encoder = WordEncoder.from_pretrained(MINILM, WORDS)
    new = questions(80, 0, held_out=True)
    hidden, real = encoder(*asked_words(new))
    truth = [tuple(row) for row in places(new).tolist()]
    inside = [
        (len(words_of(q.question)), int(n) - 1) for q, n in zip(new, real.sum(1), strict=True)
    ]
    numbers: dict[str, Any] = {}
    for count in (48, 96, 400):
        learn = questions(count, seed)
        vectors, there = encoder(*asked_words(learn))
        spans = places(learn)
        torch.manual_seed(seed)
        head = fit(vectors, there, spans, 2, "copy")
        logits = scores(head, hidden, real, "copy")  # (B, T, 2)
        plain = [tuple(row) for row in logits.argmax(dim=1).tolist()]
        rows = list(zip(plain, logits.detach(), inside, strict=True))
        kept = [best_span(*row.unbind(1), *part, 8) for _, row, part in rows]
        possible = [part[0] <= a <= b for (a, b), _, part in rows]
        tags = padded(
            [
                ["BIO".index(tag) for tag in span_tags(a, b, int(n))]
                for (a, b), n in zip(spans.tolist(), there.sum(dim=1), strict=True)
            ]
        )
        torch.manual_seed(seed)
        head = fit(vectors, there, tags, 3, "token")
        logits = scores(head, hidden, real, "token").detach()  # (B, 3, T)
        named = [
            tagged_spans(["BIO"[n] for n in row[: part[1] + 1]])
            for row, part in zip(logits.argmax(dim=1).tolist(), inside, strict=True)
        ]
        one = [best_tagged(row, *part, 8) for row, part in zip(logits, inside, strict=True)]
        numbers[str(count)] = {
            "places": share([a == b for a, b in zip(plain, truth, strict=True)]),
            "places_kept": share([a == b for a, b in zip(kept, truth, strict=True)]),
            "places_possible": share(possible),
            "tags": share([a == [b] for a, b in zip(named, truth, strict=True)]),
            "tags_kept": share([a == b for a, b in zip(one, truth, strict=True)]),
            "tags_none": share([not found for found in named]),
            "tags_one": share([len(found) == 1 for found in named]),
            "tags_several": share([len(found) > 1 for found in named]),
        }
    return numbers


# ---------------------------------------------------------------- a class, moved


def prompt(seed: int) -> dict[str, Any]:
    """A class written as a word by a language model, beside a head given the same examples."""
    model, tokenizer = from_pretrained()
    encoder = WordEncoder.from_pretrained(MINILM)
    words = ("negative", "positive")
    drawn = random.Random(1).sample(letters(held_out=True), 48)
    tasks = {
        "reviews": (
            "Is the review positive or negative?",
            Format("Review: {}\nSentiment:"),
            words,
            [(p.first, words[p.label]) for p in reviews(96)],
            [(p.first, words[p.label]) for p in reviews(48, 0, held_out=True)],
        ),
        "letters": (
            "What is the letter about: delivery, payment, repair or appointment?",
            Format("Letter: {}\nSubject:"),
            SUBJECTS,
            [(t.text, SUBJECTS[t.label]) for t in letters()],
            [(t.text, SUBJECTS[t.label]) for t in drawn],
        ),
    }
    numbers: dict[str, Any] = {}
    for name, (says, form, labels, pool, new) in tasks.items():
        asked, right = zip(*new, strict=True)
        rows = numbers[name] = {}
        for k in (0, 4, 16):
            shown = draw_examples(pool, k, seed)
            reader = Reader(model, tokenizer, Prompt(says, shown, form))
            began = time.process_time()
            written = reader.answers(asked, max_tokens=6)
            seconds = (time.process_time() - began) / len(new)
            chosen = reader.classify(asked, labels)
            even = reader.classify(asked, labels, calibrate=True)
            row = rows[str(k)] = {
                "labels": share([text in labels for text in written]),
                "labels_cased": share([text.lower() in labels for text in written]),
                "written": share([a == b for a, b in zip(written, right, strict=True)]),
                "written_cased": share(
                    [a.lower() == b for a, b in zip(written, right, strict=True)]
                ),
                "chosen": share([a == b for a, b in zip(chosen, right, strict=True)]),
                "calibrated": share([a == b for a, b in zip(even, right, strict=True)]),
                "milliseconds": 1000 * seconds,
            }
            if k:
                torch.manual_seed(seed)
                learn = [(text, labels.index(label)) for text, label in shown]
                began = time.process_time()
                test = [(text, labels.index(label)) for text, label in new]
                row["head"] = texts(encoder, learn, test, len(labels))
                row["head_milliseconds"] = 1000 * (time.process_time() - began) / len(new)
        rows["chance"] = 1 / len(labels)
    return numbers


# ---------------------------------------------------------------- a class, as a place


def options(seed: int) -> dict[str, Any]:
    """Praise or blame as a place: both words stand before the review, and one is pointed at."""
    rng = random.Random(seed)
    numbers: dict[str, Any] = {}

    def asked(count: int, draw: int, held_out: bool) -> tuple[list, list, Tensor]:
        questions, texts, where = [], [], []
        for pair in reviews(count, draw, held_out):
            both = rng.sample(["bad", "good"], 2)
            questions.append([both[0], "or", both[1], "?"])
            texts.append(words_of(pair.first))
            where.append([2 * both.index(("bad", "good")[pair.label])] * 2)  # start is end
        return questions, texts, torch.tensor(where)

    *learn, places_learned = asked(96, seed, held_out=False)
    *new, right = asked(192, 0, held_out=True)
    for layer in (WORDS, 6):
        encoder = WordEncoder.from_pretrained(MINILM, layer)
        vectors, test = encoder(*learn), encoder(*new)
        for rate in (1e-3, 1e-2, 1e-1):
            torch.manual_seed(seed)
            head = fit(*vectors, places_learned, 2, "copy", 200, rate)
            found = scores(head, *test, "copy").argmax(dim=1)
            numbers[f"layer{layer}_{rate:g}"] = float((found == right).all(dim=1).float().mean())
    numbers["best"] = max(numbers.values())
    return numbers


# ---------------------------------------------------------------- a mistake


def square(seed: int) -> dict[str, Any]:
    """Names in sentences of exactly seven words, with seven tags: the classes in dimension 1 or 2.

    Accuracy on the words inside of names, where always answering O gets nothing.
    """
    encoder = WordEncoder.from_pretrained(MINILM, WORDS)
    long = [[s for s in names(960, 0, held) if len(s.words) >= 7] for held in (False, True)]
    rng = random.Random(seed)
    numbers: dict[str, Any] = {}
    parts = []
    for sentences in long:
        some = rng.sample(sentences, 96)
        tags = torch.tensor([[TAGS.index(tag) for tag in s.tags[:7]] for s in some])
        parts.append((*encoder([s.words[:7] for s in some]), tags))
    (hidden, _, labels), (test, _, right) = parts
    for name in ("right", "wrong"):
        torch.manual_seed(seed)
        head = torch.nn.Linear(hidden.shape[2], 7)
        optimizer = torch.optim.AdamW(head.parameters(), 0.01)
        losses = []
        for _ in range(100):
            logits = head(hidden)  # (B, T, C), and T is C
            loss = F.cross_entropy(logits.transpose(1, 2) if name == "right" else logits, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        found = head(test).argmax(dim=2)
        numbers[name] = float((found == right)[right > 0].float().mean())
        numbers[f"{name}_first"], numbers[f"{name}_last"] = losses[0], losses[-1]
    return numbers


# ---------------------------------------------------------------- a tree, moved


def enumerated(longest: int = 6) -> dict[str, Any]:
    """All ways to give n words a head each: those that are trees, those that brackets can write."""
    numbers: dict[str, Any] = {}
    for n in range(1, longest + 1):
        words = [f"w{i}" for i in range(n)]
        found = Counter()
        for heads in itertools.product(range(n), repeat=n):
            found["all"] += 1
            if not is_tree(heads):
                continue
            found["trees"] += 1
            try:
                sequence = brackets(words, heads)
            except ValueError:
                continue
            found["bracketed"] += 1
            found["back"] += heads_of(sequence) == (words, list(heads))
        numbers[str(n)] = dict(found) | {"share": found["trees"] / found["all"]}
    return numbers


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
        " layers pairs span prompt options square trees",
        seed=[0, 1, 2, 3, 4],
        note_zh="冻结的 MiniLM 加一层线性，逐层；同一个任务换一格来做：片段、类别、树。"
        "prompt 三个种子，其余五个。",
        note_en="A linear layer on a frozen MiniLM, layer by layer; tasks moved to another cell: a "
        "span, a class, a tree. Three seeds for prompt, five for the others.",
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parts = {"layers": layers, "pairs": pairs, "span": span, "prompt": prompt}
    parts |= {"options": options, "square": square}
    parser.add_argument("parts", nargs="+", choices=[*parts, "trees"])
    given = parser.parse_args()
    torch.set_num_threads(1)
    for name in given.parts:
        if name == "trees":
            record(name, enumerated())
            continue
        rows: dict[str, Any] = {}
        for seed in range(3 if name == "prompt" else 5):
            began = time.process_time()
            rows[str(seed)] = parts[name](seed)
            rows[str(seed)]["cpu_seconds"] = time.process_time() - began
            print(name, seed, json.dumps(rows[str(seed)]), flush=True)
        spread = {"mean": statistics.mean, "sd": statistics.stdev, "low": min, "high": max}
        record(name, {how: summed(rows, do) for how, do in spread.items()} | {"seeds": rows})


if __name__ == "__main__":
    main()
