"""For the page `question-answering`: English XQuAD, over steps and over questions.

    python snippets/1_NLP_basics/question_answering_experiment.py

Ten of the 48 articles are asked about, those that the seed draws; from the others come the
questions to learn from, each with the first window of its context that holds the answer. The
encoder computes in bfloat16 while it learns. About ten minutes of one core; goes on where it was
stopped.
"""

import random
import statistics
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from bert_heads_experiment import words_reader
from question_answering import answer, score
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.data.formats import Question, read_squad
from wode.extraction import context_of, tokens_of, windows
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.heads import SpanReader
from wode.tasks.heads import questions, without_answer
from wode.training import seed_everything
from wode.training.heads import collate, fit, logits_of
from wode.wordpiece import Encoding, WordPiece

RATE, BATCH, LENGTH = 3e-4, 8, 96
LOOKS = (78, 156, 312, 468)  # steps: 2, 4, 8, 12 epochs of 312 questions in batches of 8
RUNS = {80: (312,), 312: LOOKS, 960: (312,)}  # questions: when the reader is asked
SEEDS = (0, 1)
XQUAD_SEEDS = (0,)  # each is the most expensive run of the page


def parts(seed: int) -> tuple[list[Question], list[Question]]:
    """Questions to learn from, and those about ten other articles."""
    asked = read_squad(data_root() / "xquad" / "xquad.en.json")
    articles = list(dict.fromkeys(q.article for q in asked))
    held_out = set(random.Random(seed).sample(articles, 10))
    learn = [q for q in asked if q.article not in held_out]
    random.Random(seed).shuffle(learn)
    test = [q for q in asked if q.article in held_out]
    return learn, random.Random(seed).sample(test, 120)


def samples_of(tokenizer: WordPiece, asked: list[Question]) -> list:
    """The first window with the answer in it, and the answer's first and last token: (2,)."""
    found = []
    for question in asked:
        text, begin = question.answers[0]
        for window in windows(tokenizer, question.question, question.context, LENGTH, 40):
            places = tokens_of(window, question.context, begin, begin + len(text))
            if not isinstance(places, str):
                found.append((window, torch.tensor(places)))
                break
    return found


def batches_of(samples: list, order: random.Random) -> Iterator[list]:
    """Batches for ever, an epoch after another in a new order."""
    while True:
        order.shuffle(samples)
        yield from (samples[i : i + BATCH] for i in range(0, len(samples), BATCH))


def run(count: int, seed: int, steps: int) -> list[dict[str, float]]:
    """One reader: what it scores at each of the looks up to ``steps``; the rate stays level."""
    tokenizer = WordPiece.from_pretrained(MINILM)
    learn, test = parts(seed)
    samples = samples_of(tokenizer, learn)[:count]
    seed_everything(seed)
    model = SpanReader.from_pretrained(MINILM)
    model.bert.embeddings.requires_grad_(False)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], RATE)
    batches, rows, losses = batches_of(samples, random.Random(seed)), [], []
    for step in range(1, steps + 1):
        optimizer.param_groups[0]["lr"] = RATE * min(1.0, step / 20)
        inputs, labels = collate(next(batches))
        model.train()
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(**inputs)
        loss = F.cross_entropy(logits.float(), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step in RUNS[count]:
            model.eval()
            said = [answer(model, tokenizer, q.question, q.context, 256)[0] for q in test]
            row = score(said, test) | {"step": step, "loss": statistics.mean(losses[-20:])}
            print(count, seed, row, flush=True)
            rows.append(row)
    return rows


def nearest_words(seed: int) -> dict[str, float]:
    """The three words that the question's words stand nearest to: nothing is learned."""
    test = parts(seed)[1]
    return score(words_reader(test, 3), test) | {"asked": len(test)}


# ---------------------------------------------------------------- the book's questions

SENTENCE = "Back during 1934, Zoë Müller designed bridges in Zürich."


def sample(tokenizer: WordPiece, question: Question) -> tuple[Encoding, Tensor]:
    """As on the page: the answer's first and last token."""
    encoding = tokenizer.encode(question.question, question.context)
    text, begin = question.answers[0]
    places = tokens_of(encoding, question.context, begin, begin + len(text))
    return encoding, torch.tensor(places)


def small(kind: str, seed: int) -> dict[str, Any]:
    """A reader of about 70 steps: as on the page, or "mixed" with questions without an answer."""
    tokenizer, learn = WordPiece.from_pretrained(MINILM), questions(96, seed)
    new = questions(80, 0, held_out=True)
    samples, epochs = [sample(tokenizer, q) for q in learn], 6
    if kind == "mixed":
        pairs = [tokenizer.encode(*pair) for pair in without_answer(learn)]
        samples, epochs = samples + [(pair, torch.tensor([0, 0])) for pair in pairs], 3
    seed_everything(seed)
    model = SpanReader.from_pretrained(MINILM)
    fit(model, samples, 5e-4, epochs, seed, 8)
    said = [answer(model, tokenizer, q.question, q.context) for q in new]
    margins = [margin for _, margin in said]
    none = [answer(model, tokenizer, *pair)[1] for pair in without_answer(new)]
    apart = [apart_of(model, tokenizer, q) for q in new]
    return score([text for text, _ in said], new) | {
        "words": score(words_reader(new, 2), new)["em"],
        "told_apart": sum(a > b for a in margins for b in none) / len(margins) / len(none),
        "impossible": sum(apart) / len(apart),
        "answer": margins,
        "none": none,
        "scores": scores_of(model, tokenizer, "Who designed bridges?", SENTENCE),
    }


def apart_of(model: SpanReader, tokenizer: WordPiece, question: Question) -> bool:
    """Whether the best start and the best end, each by itself, make no span of the context."""
    encoding = tokenizer.encode(question.question, question.context)
    start, end = logits_of(model, [encoding])[0].unbind(dim=1)
    first, last = context_of(encoding)
    return not first <= int(likeliest(start)) <= int(likeliest(end)) <= last


def scores_of(model: SpanReader, tokenizer: WordPiece, asked: str, context: str) -> dict[str, list]:
    """The scores of each piece, for the figure."""
    encoding = tokenizer.encode(asked, context)
    start, end = logits_of(model, [encoding])[0].unbind(dim=1)
    pieces = [tokenizer.pieces[i] for i in encoding.ids]
    return {"pieces": pieces, "start": start.tolist(), "end": end.tolist()}


# ---------------------------------------------------------------- all of it


def over(rows: list[dict[str, Any]]) -> dict[str, dict]:
    """The numbers of all seeds."""
    columns = {
        k: [row[k] for row in rows] for k, v in rows[0].items() if isinstance(v, float | int)
    }
    return {
        "mean": {key: statistics.mean(values) for key, values in columns.items()},
        "seeds": columns,
    }


def main() -> None:
    kept = Kept(results.ROOT / "build" / "question_answering.jsonl")
    tiny = {
        kind: [kept("small", small, kind, seed) for seed in SEEDS] for kind in ("with", "mixed")
    }
    numbers: dict[str, Any] = {kind: over(rows) for kind, rows in tiny.items()}
    numbers["example"] = tiny["with"][0]["scores"]
    numbers["margins"] = {
        f"{kind}_{key}": rows[0][key] for kind, rows in tiny.items() for key in ("answer", "none")
    }
    rows: dict[int, list] = {count: [] for count in RUNS}
    words = []
    for seed in XQUAD_SEEDS:
        words.append(kept("words", nearest_words, seed))
        for count in (312, 960, 80):
            rows[count].append(kept("xquad", run, count, seed, max(RUNS[count])))
    numbers["words"] = over(words)
    for count, runs in rows.items():
        for place, step in enumerate(RUNS[count]):
            numbers[f"xquad_{count}_{step}"] = over([one[place] for one in runs])
    results.write(
        "question_answering",
        numbers,
        command="python snippets/1_NLP_basics/question_answering_experiment.py",
        seed=list(SEEDS),
        note_zh="书里的问题，有的没有答案；英文 XQuAD，步数和问题数分开变；各三个种子。",
        note_en="The book's questions, some without an answer; "
        "English XQuAD, steps and questions varied apart; three seeds each.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
