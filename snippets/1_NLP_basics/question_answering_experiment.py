"""For the page `question-answering`: English XQuAD, over the steps.

    python snippets/1_NLP_basics/question_answering_experiment.py

Ten of the 48 articles are asked about, those that the seed draws. About twenty minutes of one core;
goes on where it was stopped.
"""

import random
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader

from bert_heads_experiment import words_reader
from question_answering import answer, f1, normal
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.data.formats import Question, read_squad
from wode.extraction import best_span, context_of, text_of, tokens_of
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.heads import SpanReader
from wode.tasks.heads import questions, without_answer
from wode.training import seed_everything
from wode.training.heads import collate, fit, logits_of
from wode.wordpiece import Encoding, WordPiece

RATE, BATCH, LENGTH = 3e-4, 16, 140
LOOKS = {312: (2, 4, 8, 12, 16)}  # questions: epochs
SEEDS, SMALL_SEEDS = (0,), (0, 1)


def score(said: Sequence[str], asked: Sequence[Question]) -> dict[str, float]:
    """Exact match and F1 over the best of the answers that count as right, from 0 to 1."""
    exact = [
        any(normal(s) == normal(a.text) for a in q.answers)
        for s, q in zip(said, asked, strict=True)
    ]
    shared = [max(f1(s, a.text) for a in q.answers) for s, q in zip(said, asked, strict=True)]
    return {"em": sum(exact) / len(exact), "f1": sum(shared) / len(shared)}


def parts(seed: int) -> tuple[list[tuple[Encoding, Tensor]], list[Question]]:
    """Questions of at most `LENGTH` pieces to learn from, and those about ten other articles."""
    tokenizer = WordPiece.from_pretrained(MINILM)
    asked = read_squad(data_root() / "xquad" / "xquad.en.json")
    articles = list(dict.fromkeys(q.article for q in asked))
    held_out = set(random.Random(seed).sample(articles, 10))
    samples = [sample(tokenizer, q) for q in asked if q.article not in held_out]
    test = [q for q in asked if q.article in held_out]
    return [one for one in samples if len(one[0].ids) <= LENGTH], test


def whole(model: SpanReader, test: list[Question]) -> dict[str, float]:
    """The score where each text is read whole."""
    tokenizer = WordPiece.from_pretrained(MINILM)
    encodings = [tokenizer.encode(q.question, q.context, 512) for q in test]
    said = []
    for row, encoding, question in zip(logits_of(model, encodings), encodings, test, strict=True):
        start, end = row[: len(encoding.ids)].unbind(dim=1)  # (T,) each
        first, last = best_span(start, end, *context_of(encoding), 20)
        said.append(text_of(encoding, question.context, first, last))
    return score(said, test)


def falling(epochs: int, seed: int, dtype: str = "float32") -> dict[str, float]:
    """All the questions for so many epochs, the rate rising, then falling to 0."""
    samples, test = parts(seed)
    seed_everything(seed)
    model = SpanReader.from_pretrained(MINILM)
    half = dtype == "bfloat16"  # a cast that is kept would miss what the optimizer changes
    with torch.autocast("cpu", torch.bfloat16, enabled=half, cache_enabled=False):
        rows = fit(model, samples, RATE, epochs, seed)
    return whole(model, test) | {"loss": rows[-1]["loss"]}


def further(questions: int, seed: int, epoch: int) -> dict[str, float]:
    """The run of `questions` questions goes on from the look before, up to `epoch`, and is asked.

    The rate rises and stays level; the encoder computes in bfloat16 while it learns. The state
    lies in build/, so a run that was stopped goes on; each epoch is shuffled by its own seed.
    """
    samples, test = parts(seed)
    samples = random.Random(seed).sample(samples, questions)
    before = max((look for look in LOOKS[questions] if look < epoch), default=0)
    seed_everything(seed)
    model = SpanReader.from_pretrained(MINILM)
    model.bert.embeddings.requires_grad_(False)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], RATE)
    if before:
        state = torch.load(state_of(questions, seed, before), weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
    losses: list[float] = []
    for now in range(before + 1, epoch + 1):
        losses = one_epoch(model, optimizer, samples, seed, now)
    state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(state, state_of(questions, seed, epoch))
    state_of(questions, seed, before).unlink(missing_ok=True)
    model.eval()
    row = whole(model, test) | {"loss": statistics.mean(losses), "steps": epoch * len(losses)}
    print(questions, seed, epoch, row, flush=True)
    return row


def state_of(questions: int, seed: int, epoch: int) -> Path:
    """Where the run's state lies after that epoch."""
    return results.ROOT / "build" / f"question_answering_{questions}_{seed}_{epoch}.pt"


def one_epoch(
    model: SpanReader, optimizer: torch.optim.Optimizer, samples: list, seed: int, epoch: int
) -> list[float]:
    """Its losses, one a step."""
    generator = seed_everything(1000 * seed + epoch)
    loader: Any = DataLoader(
        samples,  # ty: ignore[invalid-argument-type]
        BATCH,
        shuffle=True,
        collate_fn=collate,
        generator=generator,
    )
    step, losses = (epoch - 1) * len(loader), []
    model.train()
    for inputs, labels in loader:
        step += 1
        optimizer.param_groups[0]["lr"] = RATE * min(1.0, step / 20)
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(**inputs)
        loss = F.cross_entropy(logits.float(), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


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


KINDS = {  # questions with an answer, epochs
    "with": (96, 6),
    "mixed": (96, 3),  # as many steps
    "mixed_longer": (96, 6),  # as often over each question
    "mixed_more": (384, 2),  # four times the questions, as many steps as "mixed_longer"
}


def small(kind: str, seed: int) -> dict[str, Any]:
    """The page's reader, 72 steps; "mixed" with questions without an answer."""
    count, epochs = KINDS[kind]
    tokenizer, learn = WordPiece.from_pretrained(MINILM), questions(count, seed)
    new = questions(80, 0, held_out=True)
    samples = [sample(tokenizer, q) for q in learn]
    if kind != "with":
        pairs = [tokenizer.encode(*pair) for pair in without_answer(learn)]
        samples += [(pair, torch.tensor([0, 0])) for pair in pairs]
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
        "answered": sum(margin > 0 for margin in margins) / len(margins),
        "answered_none": sum(margin > 0 for margin in none) / len(none),
        "impossible": apart.count("neither") / len(apart),
        "both_cls": apart.count("[CLS]") / len(apart),
        "steps": epochs * -(-len(samples) // 8),
        "answer": margins,
        "none": none,
        "scores": scores_of(model, tokenizer, "Who designed bridges?", SENTENCE),
    }


def apart_of(model: SpanReader, tokenizer: WordPiece, question: Question) -> str:
    """What the best start and the best end, each by itself, make: a span, "[CLS]" or "neither"."""
    encoding = tokenizer.encode(question.question, question.context)
    start, end = logits_of(model, [encoding])[0].unbind(dim=1)
    first, last = context_of(encoding)
    i, j = int(likeliest(start)), int(likeliest(end))
    return "[CLS]" if i == j == 0 else "span" if first <= i <= j <= last else "neither"


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
    tiny = {kind: [kept("small", small, kind, seed) for seed in SMALL_SEEDS] for kind in KINDS}
    numbers: dict[str, Any] = {kind: over(rows) for kind, rows in tiny.items()}
    numbers["example"] = tiny["with"][0]["scores"]
    numbers["margins"] = {
        f"{kind}_{key}": rows[0][key] for kind, rows in tiny.items() for key in ("answer", "none")
    }
    numbers["words"] = over([kept("words", nearest_words, seed) for seed in SEEDS])
    for epochs in (2, 8):
        rows = [kept("falling", falling, epochs, seed) for seed in SEEDS]
        numbers[f"falling_{epochs}"] = over(rows)
    rows = [kept("falling", falling, 8, seed, "bfloat16") for seed in SEEDS]
    numbers["falling_8_bfloat16"] = over(rows)
    for count, looks in LOOKS.items():
        for epoch in looks:
            rows = [kept("further", further, count, seed, epoch) for seed in SEEDS]
            numbers[f"xquad_{count}_{epoch}"] = over(rows)
    results.write(
        "question_answering",
        numbers,
        command="python snippets/1_NLP_basics/question_answering_experiment.py",
        seed=list(SMALL_SEEDS),
        note_zh="书里的问题，有的没有答案，两个种子；英文 XQuAD，312 个问题，走到几步考几次，"
        "一个种子。",
        note_en="The book's questions, some without an answer, two seeds; English XQuAD, 312 "
        "questions asked after some epochs, one seed.",
    )
    kept.finish()
    for path in kept.path.parent.glob("question_answering_*.pt"):
        path.unlink()


if __name__ == "__main__":
    main()
