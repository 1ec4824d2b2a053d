"""The chapter `bert-heads`: the four heads on the book's small tasks and on three real data sets.

    python snippets/1_NLP_basics/bert_heads.py small sst2 wnut17 xquad

needs the data sets of WODE_DATA (`sst2`, `wnut17`, `xquad`), trains each head with three seeds and
puts what was measured into docs/assets/results/bert_heads.json. Named alone, a part is measured
again and the others stay. About twelve minutes of two idle cores.
"""

import argparse
import os
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader

from wode.book import results
from wode.data.formats import Question, Tagged, Text, read_conll, read_squad, read_tsv
from wode.heads import (
    SequenceClassifier,
    SequenceWriter,
    SpanReader,
    TokenClassifier,
    best_span,
    context_of,
    first_pieces,
    text_of,
    tokens_of,
)
from wode.tasks.baselines import bag_of_words, nearest_answer
from wode.tasks.heads import SUBJECTS, Rewriting, dates, letters, names, questions
from wode.training import seed_everything, train
from wode.training.evaluation import majority
from wode.wordpiece import Encoding, WordPiece, pad

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
SEEN, UNSEEN = range(1900, 2000, 2), range(1901, 2000, 2)  # years, in the task of the dates


# ---------------------------------------------------------------- text → samples


def text_samples(tokenizer: WordPiece, texts: Sequence[Text]) -> list[tuple[Encoding, Tensor]]:
    """A class for each text: labels ()."""
    return [(tokenizer.encode(text), torch.tensor(label)) for text, label in texts]


def tag_samples(
    tokenizer: WordPiece, sentences: Sequence[Tagged], tags: Sequence[str]
) -> list[tuple[Encoding, Tensor]]:
    """A class for each word, at its first piece; -100 elsewhere: labels (T,)."""
    samples = []
    for words, wanted in sentences:
        encoding = tokenizer.encode(" ".join(words))
        label = torch.full((len(encoding.ids),), -100)
        for place, tag in zip(first_pieces(encoding, words), wanted, strict=True):
            if place is not None:
                label[place] = tags.index(tag)
        samples.append((encoding, label))
    return samples


def span_samples(
    tokenizer: WordPiece, asked: Sequence[Question], max_length: int | None = None
) -> list[tuple[Encoding, Tensor]]:
    """An answer's first and last token: labels (2,). Left out where the answer was cut off."""
    samples = []
    for question in asked:
        encoding = tokenizer.encode(question.question, question.context, max_length)
        text, begin = question.answers[0]
        places = tokens_of(encoding, begin, begin + len(text))
        if places is not None:
            samples.append((encoding, torch.tensor(places)))
    return samples


def written_samples(
    tokenizer: WordPiece, pairs: Sequence[Rewriting]
) -> list[tuple[Encoding, Tensor]]:
    """The pieces to be written and the [SEP] after them: labels (M,)."""
    encodings = [tokenizer.encode(pair.text, pair.target) for pair in pairs]
    return [
        (e, torch.tensor([i for i, kind in zip(e.ids, e.types, strict=True) if kind == 1]))
        for e in encodings
    ]


def collate(samples: list[tuple[Encoding, Tensor]]) -> tuple[dict[str, Tensor], Tensor]:
    """Samples → what a head takes, and its labels: stacked, or padded with -100."""
    encodings, labels = zip(*samples, strict=True)
    if labels[0].dim() == 0:
        return pad(encodings), torch.stack(labels)
    return pad(encodings), pad_sequence(list(labels), batch_first=True, padding_value=-100)


def collate_written(samples: list[tuple[Encoding, Tensor]]) -> tuple[dict[str, Tensor], Tensor]:
    """The same for the writer, whose logits and labels have one row for each word written."""
    encodings, labels = zip(*samples, strict=True)
    return pad(encodings), torch.cat(labels)


# ---------------------------------------------------------------- learning and answering


def fit(
    model: Any,
    samples: Any,
    rate: float,
    epochs: int,
    seed: int = 0,
    batch_size: int = 16,
    collate: Callable = collate,
) -> list[dict[str, Any]]:
    """Fine-tune all but the embeddings, with warm-up and linear decay."""
    generator = seed_everything(seed)
    model.bert.embeddings.requires_grad_(False)
    loader = DataLoader(samples, batch_size, shuffle=True, collate_fn=collate, generator=generator)
    learned = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(learned, rate, fused=True)
    steps = epochs * len(loader)

    def share(step: int) -> float:
        return min((step + 1) / (0.1 * steps), (steps - step) / (0.9 * steps), 1.0)

    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
    loss = nn.CrossEntropyLoss()
    rows = train(model, loader, optimizer, loss, epochs, scheduler=schedule, progress=False)
    model.eval()
    return rows


@torch.no_grad()
def logits_of(model: nn.Module, encodings: Sequence[Encoding]) -> list[Tensor]:
    """What the model says of each encoding, in batches of 32."""
    model.eval()
    found = []
    for begin in range(0, len(encodings), 32):
        found += list(model(**pad(encodings[begin : begin + 32])))
    return found


def tags_of(
    model: nn.Module, tokenizer: WordPiece, sentences: Sequence[Tagged], tags: Sequence[str]
) -> list[list[str]]:
    """A tag for each word, from its first piece; O for a word without a piece."""
    encodings = [tokenizer.encode(" ".join(words), None, 512) for words, _ in sentences]
    found = []
    for logits, encoding, sentence in zip(
        logits_of(model, encodings), encodings, sentences, strict=True
    ):
        best = logits.argmax(dim=0).tolist()  # (T,)
        places = first_pieces(encoding, sentence.words)
        found.append(["O" if place is None else tags[best[place]] for place in places])
    return found


def answers_of(
    model: nn.Module,
    tokenizer: WordPiece,
    asked: Sequence[Question],
    longest: int,
    max_length: int | None = None,
) -> list[str]:
    """The text of the best span of each question's context."""
    encodings = [tokenizer.encode(q.question, q.context, max_length) for q in asked]
    found = []
    for logits, encoding, question in zip(
        logits_of(model, encodings), encodings, asked, strict=True
    ):
        start, end = logits[: len(encoding.ids)].unbind(dim=1)  # (T,) each
        first, last = best_span(start, end, *context_of(encoding), longest)
        found.append(text_of(encoding, question.context, first, last))
    return found


def squad_score(answers: Sequence[str], asked: Sequence[Question]) -> dict[str, float]:
    """Exact match and F1 as SQuAD counts them, from 0 to 1."""
    from torchmetrics.functional.text import squad

    given = [{"prediction_text": a, "id": q.id} for a, q in zip(answers, asked, strict=True)]
    right = [
        {"answers": {"text": [a.text for a in q.answers], "answer_start": [0]}, "id": q.id}
        for q in asked
    ]
    return {name: float(value) / 100 for name, value in squad(given, right).items()}


# ---------------------------------------------------------------- what to stand beside


def words_tagger(train: Sequence[Tagged], test: Sequence[Tagged]) -> list[list[str]]:
    """Each word's most frequent tag in training; O for a word that was never seen."""
    seen: dict[str, Counter] = defaultdict(Counter)
    for words, tags in train:
        for word, tag in zip(words, tags, strict=True):
            seen[word][tag] += 1
    return [[seen[w].most_common(1)[0][0] if w in seen else "O" for w in s.words] for s in test]


def words_reader(asked: Sequence[Question], length: int) -> list[str]:
    """The ``length`` words, themselves not in the question, that its words stand nearest to."""
    found = []
    for question in asked:
        wanted = {w.strip("?.,").lower() for w in question.question.split()}
        words = question.context.split()
        hits = [i for i, word in enumerate(words) if word.strip("?.,").lower() in wanted]

        def score(i: int, hits: list[int] = hits) -> float:
            inside = sum(i <= hit < i + length for hit in hits)
            near = sum(
                1 / max(i - hit, hit - i - length + 1) for hit in hits if not i <= hit < i + length
            )
            return near - 9 * inside

        at = max(range(max(1, len(words) - length + 1)), key=score)
        found.append(" ".join(words[at : at + length]).strip("?.,"))
    return found


# ---------------------------------------------------------------- the small tasks

TAGS = ["O", *(f"{b}-{kind}" for kind in ("person", "place", "firm") for b in "BI")]


def small(tokenizer: WordPiece, seed: int) -> dict[str, float]:
    """The four heads on the book's sentences; as on the page, with any seed."""
    from seqeval.metrics import f1_score

    rng, found = random.Random(seed), {}
    learn, new = rng.sample(letters(), 96), letters(held_out=True)
    seed_everything(seed)
    classifier = SequenceClassifier.from_pretrained(MINILM, len(SUBJECTS))
    fit(classifier, text_samples(tokenizer, learn), 3e-4, 2, seed)
    logits = logits_of(classifier, [tokenizer.encode(t.text) for t in new])
    right = [int(row.argmax()) == t.label for row, t in zip(logits, new, strict=True)]
    found["class"] = sum(right) / len(new)
    found["class_words"] = bag_of_words(learn, new, r"\S+")

    tagged, new_tagged = names(96, seed), names(96, 0, held_out=True)
    seed_everything(seed)
    tagger = TokenClassifier.from_pretrained(MINILM, len(TAGS))
    fit(tagger, tag_samples(tokenizer, tagged, TAGS), 5e-4, 3, seed)
    truth = [s.tags for s in new_tagged]
    found["tags"] = float(f1_score(truth, tags_of(tagger, tokenizer, new_tagged, TAGS)))
    found["tags_words"] = float(f1_score(truth, words_tagger(tagged, new_tagged)))

    asked, new_asked = questions(96, seed), questions(80, 0, held_out=True)
    seed_everything(seed)
    reader = SpanReader.from_pretrained(MINILM)
    fit(reader, span_samples(tokenizer, asked), 5e-4, 3, seed, 8)
    score = squad_score(answers_of(reader, tokenizer, new_asked, 8), new_asked)
    plain = squad_score(words_reader(new_asked, 2), new_asked)
    found |= {"span_em": score["exact_match"], "span_f1": score["f1"]}
    found |= {"span_em_words": plain["exact_match"], "span_f1_words": plain["f1"]}

    told = dates(200, seed, years=SEEN)
    seed_everything(seed)
    writer, samples = SequenceWriter.from_pretrained(MINILM), written_samples(tokenizer, told)
    fit(writer, samples, 8e-4, 3, seed, 8, collate_written)
    for kind, years in (("seen", SEEN), ("unseen", UNSEEN)):
        pairs = dates(60, 0, held_out=True, years=years)
        out = writer.write(tokenizer, [pair.text for pair in pairs], 6)
        right = [a == pair.target for a, pair in zip(out, pairs, strict=True)]
        near = [nearest_answer(told, pair.text) == pair.target for pair in pairs]
        found[f"write_{kind}"] = sum(right) / len(right)
        found[f"write_{kind}_words"] = sum(near) / len(near)
        apart = [(a.split(), pair.target.split()) for a, pair in zip(out, pairs, strict=True)]
        found[f"year_{kind}"] = sum(a[:1] == b[:1] for a, b in apart) / len(apart)
    return found


# ---------------------------------------------------------------- real data


def sst2(tokenizer: WordPiece, seed: int) -> dict[str, float]:
    """Film reviews: 600 training sentences, two epochs, the whole test set."""
    folder = Path(os.environ["WODE_DATA"]) / "sst2"
    learn = random.Random(seed).sample(read_tsv(folder / "train.tsv"), 600)
    test = read_tsv(folder / "test.tsv")
    seed_everything(seed)
    model = SequenceClassifier.from_pretrained(MINILM, 2)
    fit(model, text_samples(tokenizer, learn), 2e-4, 2, seed)
    logits = logits_of(model, [tokenizer.encode(t.text) for t in test])
    right = [int(row.argmax()) == t.label for row, t in zip(logits, test, strict=True)]
    words = bag_of_words(learn, test, r"\S+")
    return {
        "accuracy": sum(right) / len(test),
        "words": words,
        "majority": majority([t.label for t in test]),
    }


def wnut17(tokenizer: WordPiece, seed: int) -> dict[str, float]:
    """Names in tweets: 400 training sentences that hold one, three epochs, the whole test set.

    Beside it 400 drawn from all sentences, of which two thirds hold none.
    """
    from seqeval.metrics import f1_score, precision_score, recall_score

    folder = Path(os.environ["WODE_DATA"]) / "wnut17"
    all_of_it, test = read_conll(folder / "train.conll"), read_conll(folder / "test.conll")
    named = [sentence for sentence in all_of_it if set(sentence.tags) != {"O"}]
    tags = ["O", *sorted({tag for sentence in all_of_it for tag in sentence.tags} - {"O"})]
    truth = [s.tags for s in test]

    def learned_from(sentences: Sequence[Tagged]) -> list[list[str]]:
        seed_everything(seed)
        model = TokenClassifier.from_pretrained(MINILM, len(tags))
        fit(model, tag_samples(tokenizer, sentences, tags), 5e-4, 3, seed, 8)
        return tags_of(model, tokenizer, test, tags)

    learn = random.Random(seed).sample(named, 400)
    found, words = learned_from(learn), words_tagger(learn, test)
    drawn = learned_from(random.Random(seed).sample(all_of_it, 400))
    outside = [tag == "O" for sentence in truth for tag in sentence]
    scores = {"f1": f1_score, "precision": precision_score, "recall": recall_score}
    numbers = {name: float(score(truth, found)) for name, score in scores.items()}
    numbers["words"], numbers["f1_of_any"] = (float(f1_score(truth, t)) for t in (words, drawn))
    numbers["named"] = len(named) / len(all_of_it)
    return numbers | {"outside": sum(outside) / len(outside)}


def xquad(tokenizer: WordPiece, seed: int) -> dict[str, float]:
    """English XQuAD: articles drawn apart by the seed, 38 to learn from and 10 to be asked about.

    Learned from: contexts that give at most 140 pieces with their question, two epochs.
    """
    asked = read_squad(Path(os.environ["WODE_DATA"]) / "xquad" / "xquad.en.json")
    articles = list(dict.fromkeys(q.article for q in asked))
    held_out = set(random.Random(seed).sample(articles, 10))
    test = [q for q in asked if q.article in held_out]
    learn = [q for q in asked if q.article not in held_out]
    samples = [s for s in span_samples(tokenizer, learn) if len(s[0].ids) <= 140]
    seed_everything(seed)
    model = SpanReader.from_pretrained(MINILM)
    fit(model, samples, 3e-4, 2, seed)
    score = squad_score(answers_of(model, tokenizer, test, 20, 512), test)
    plain = squad_score(words_reader(test, 3), test)
    words = {f"{name}_words": value for name, value in plain.items()}
    return score | words | {"learned_from": len(samples), "asked": len(test)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parts = {"small": small, "sst2": sst2, "wnut17": wnut17, "xquad": xquad}
    parser.add_argument("parts", nargs="+", choices=parts)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    given = parser.parse_args()
    torch.set_num_threads(2)
    tokenizer = WordPiece.from_pretrained(MINILM)
    for name in given.parts:
        rows = {}
        for seed in given.seeds:
            began = time.process_time()
            row = rows[str(seed)] = parts[name](tokenizer, seed)
            row["cpu_seconds"] = time.process_time() - began
            print(name, seed, row, flush=True)
        record(name, rows)


def record(name: str, rows: dict[str, dict[str, float]]) -> None:
    """Put one part's rows, a seed each, into the results file; what it holds of others stays."""
    there = (results.FOLDER / "bert_heads.json").is_file()
    numbers = results.read("bert_heads")["numbers"] if there else {}
    columns = {key: [row[key] for row in rows.values()] for key in next(iter(rows.values()))}
    numbers[name] = {
        "mean": {key: statistics.mean(values) for key, values in columns.items()},
        "sd": {key: statistics.stdev(values) for key, values in columns.items() if values[1:]},
        "low": {key: min(values) for key, values in columns.items()},
        "high": {key: max(values) for key, values in columns.items()},
        "seeds": rows,
    }
    results.write(
        "bert_heads",
        numbers,
        command="python snippets/1_NLP_basics/bert_heads.py small sst2 wnut17 xquad",
        seed=sorted(int(seed) for seed in rows),
        note_zh="四种头，书里的小任务与三个真实数据集，各三个种子；旁边是只看词的基线。",
        note_en="Four heads on the book's small tasks and on three real data sets, three seeds "
        "each, beside baselines that see words alone.",
    )


if __name__ == "__main__":
    main()
