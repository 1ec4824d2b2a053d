"""For the page `bert-heads`: rates, frozen embeddings, labels of pieces; two tasks, two data sets.

    python snippets/1_NLP_basics/bert_heads_experiment.py

needs the data sets `sst2` and `wnut17` of WODE_DATA and writes docs/assets/results/bert_heads.json.
About half an hour of one core; stopped, it goes on where it was.
"""

import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from bert_heads import tag_samples
from wode.bert import Bert
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.data.formats import Question, Tagged, Text, read_conll, read_tsv
from wode.decoding import evaluating
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.heads import SequenceClassifier, TokenClassifier, first_pieces
from wode.tasks.baselines import bag_of_words, frozen_vectors
from wode.tasks.heads import SUBJECTS, letters, names
from wode.training import seed_everything
from wode.training.evaluation import majority
from wode.training.heads import fit, logits_of, tags_of
from wode.wordpiece import Encoding, WordPiece, pad

SEEDS = (0, 1, 2)
RATES = (2e-5, 1e-4, 3e-4, 1e-3)
TAGS = ["O", *(f"{b}-{kind}" for kind in ("person", "place", "firm") for b in "BI")]
TOKENIZER = WordPiece.from_pretrained(MINILM)


def text_samples(texts: Sequence[Text]) -> list[tuple[Encoding, Tensor]]:
    """A class for each text: labels ()."""
    return [(TOKENIZER.encode(text), torch.tensor(label)) for text, label in texts]


def right(model: SequenceClassifier, test: Sequence[Text]) -> float:
    """The accuracy on a test set."""
    logits = logits_of(model, [TOKENIZER.encode(t.text, None, 512) for t in test])
    return sum(int(likeliest(row)) == t.label for row, t in zip(logits, test, strict=True)) / len(
        test
    )


def f1_of(found: list[list[str]], test: Sequence[Tagged]) -> float:
    """F1 of whole names."""
    from seqeval import metrics

    f1_score: Any = metrics.f1_score  # typed as if zero_division were a word
    return float(f1_score([s.tags for s in test], found, zero_division=0))


# ---------------------------------------------------------------- the baselines


def words_tagger(train: Sequence[Tagged], test: Sequence[Tagged]) -> list[list[str]]:
    """Each word's most frequent tag in training; O for a word that was never seen."""
    seen: dict[str, Counter] = defaultdict(Counter)
    for words, tags in train:
        for word, tag in zip(words, tags, strict=True):
            seen[word][tag] += 1
    return [[seen[w].most_common(1)[0][0] if w in seen else "O" for w in s.words] for s in test]


def words_reader(asked: Sequence[Question], length: int) -> list[str]:
    """The ``length`` words, themselves not in the question, that its words stand nearest to."""
    answers = []
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
        answers.append(" ".join(words[at : at + length]).strip("?.,"))
    return answers


def frozen_tagger(learn: Sequence[Tagged], test: Sequence[Tagged]) -> list[list[str]]:
    """A linear layer on the frozen vector of each word's first piece."""
    bert = Bert.from_pretrained(MINILM).eval()

    def vectors(sentences: Sequence[Tagged]) -> list[Tensor]:
        found = []
        for begin in range(0, len(sentences), 32):
            some = sentences[begin : begin + 32]
            encodings = [TOKENIZER.encode(" ".join(s.words), None, 512) for s in some]
            with evaluating(bert):
                hidden = bert.encode(**pad(encodings))  # (B, T, E)
            for row, encoding, sentence in zip(hidden, encodings, some, strict=True):
                places = [0 if p is None else p for p in first_pieces(encoding, sentence.words)]
                found.append(row[places])  # (words, E)
        return found

    model = LogisticRegression(max_iter=1000)
    model.fit(torch.cat(vectors(learn)).numpy(), [tag for s in learn for tag in s.tags])
    return [list(model.predict(rows.numpy())) for rows in vectors(test)]


# ---------------------------------------------------------------- the book's tasks


def letters_run(rate: float, frozen: bool, epochs: int, seed: int) -> dict[str, float]:
    """96 letters in batches of 16, so six steps an epoch."""
    learn = random.Random(seed).sample(letters(), 96)
    seed_everything(seed)
    model = SequenceClassifier.from_pretrained(MINILM, len(SUBJECTS))
    began = time.process_time()
    fit(model, text_samples(learn), rate, epochs, seed, frozen=frozen)
    seconds = time.process_time() - began
    return {"accuracy": right(model, letters(held_out=True)), "seconds": seconds}


def letters_rivals(seed: int) -> dict[str, float]:
    learn, new = random.Random(seed).sample(letters(), 96), letters(held_out=True)
    frozen = frozen_vectors(Bert.from_pretrained(MINILM).eval(), TOKENIZER, learn, new)
    return {"words": bag_of_words(learn, new, r"\S+"), "frozen": frozen}


def labelled_throughout(samples: list[tuple[Encoding, Tensor]]) -> list[tuple[Encoding, Tensor]]:
    """The rival: a word's other pieces get its label too, I- where the first has B-."""
    found = []
    for encoding, label in samples:
        filled = label.clone()
        for i in range(1, len(label) - 1):
            if filled[i] < 0:  # of the same word as the piece before
                before = int(filled[i - 1])
                filled[i] = before + 1 if before % 2 == 1 else before  # tags: O, B-x, I-x, …
        found.append((encoding, filled))
    return found


def names_run(
    rate: float, frozen: bool, epochs: int, every_piece: bool, seed: int
) -> dict[str, float]:
    learn, new = names(96, seed), names(96, 0, held_out=True)
    samples = tag_samples(TOKENIZER, learn, TAGS)
    seed_everything(seed)
    model = TokenClassifier.from_pretrained(MINILM, len(TAGS))
    fit(model, labelled_throughout(samples) if every_piece else samples, rate, epochs, seed,
        frozen=frozen)  # fmt: skip
    return {"f1": f1_of(tags_of(model, TOKENIZER, new, TAGS), new)}


def names_rivals(seed: int) -> dict[str, float]:
    learn, new = names(96, seed), names(96, 0, held_out=True)
    return {
        "words": f1_of(words_tagger(learn, new), new),
        "frozen": f1_of(frozen_tagger(learn, new), new),
    }


# ---------------------------------------------------------------- real data


def sst2(seed: int) -> dict[str, float]:
    """Film reviews: 600 training sentences, two epochs, the whole test set."""
    folder = data_root() / "sst2"
    learn = random.Random(seed).sample(read_tsv(folder / "train.tsv"), 600)
    test = read_tsv(folder / "test.tsv")
    seed_everything(seed)
    model = SequenceClassifier.from_pretrained(MINILM, 2)
    fit(model, text_samples(learn), 2e-4, 2, seed)
    return {"accuracy": right(model, test)}


def sst2_rivals(seed: int) -> dict[str, float]:
    folder = data_root() / "sst2"
    learn = random.Random(seed).sample(read_tsv(folder / "train.tsv"), 600)
    test = read_tsv(folder / "test.tsv")
    return {
        "words": bag_of_words(learn, test, r"\S+"),
        "frozen": frozen_vectors(Bert.from_pretrained(MINILM).eval(), TOKENIZER, learn, test),
        "majority": majority([t.label for t in test]),
    }


def wnut_parts(seed: int) -> tuple[list[Tagged], list[Tagged], list[str]]:
    """400 tweets drawn from all, the test set, the tags: O, B-x, I-x, …"""
    folder = data_root() / "wnut17"
    every, test = read_conll(folder / "train.conll"), read_conll(folder / "test.conll")
    tags = ["O", *sorted({tag for s in every for tag in s.tags} - {"O"})]
    return random.Random(seed).sample(every, 400), test, tags


def wnut_run(rate: float, epochs: int, seed: int) -> dict[str, float]:
    """50 steps of 8 tweets an epoch; of all words, the share that is called part of a name."""
    learn, test, tags = wnut_parts(seed)
    seed_everything(seed)
    model = TokenClassifier.from_pretrained(MINILM, len(tags))
    fit(model, tag_samples(TOKENIZER, learn, tags), rate, epochs, seed, 8)
    found = tags_of(model, TOKENIZER, test, tags)
    words = [tag for sentence in found for tag in sentence]
    return {"f1": f1_of(found, test), "named": sum(tag != "O" for tag in words) / len(words)}


def wnut_rivals(seed: int) -> dict[str, float]:
    learn, test, _ = wnut_parts(seed)
    return {
        "words": f1_of(words_tagger(learn, test), test),
        "frozen": f1_of(frozen_tagger(learn, test), test),
    }


def wnut_facts() -> dict[str, float]:
    every = read_conll(data_root() / "wnut17" / "train.conll")
    truth = [
        tag == "O" for s in read_conll(data_root() / "wnut17" / "test.conll") for tag in s.tags
    ]
    named = [set(s.tags) != {"O"} for s in every]
    return {"named": sum(named) / len(named), "outside": sum(truth) / len(truth)}


# ---------------------------------------------------------------- all of it


def summary(rows: list[dict[str, float]]) -> dict[str, dict]:
    """Over the seeds."""
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    return {
        "mean": {key: statistics.mean(values) for key, values in columns.items()},
        "sd": {key: statistics.stdev(values) for key, values in columns.items() if values[1:]},
        "seeds": columns,
    }


def measurements(kept: Kept) -> Iterator[tuple[str, list[dict[str, float]]]]:
    """Name by name, the rows of all seeds; what is cheap and what is asked for most comes first."""

    def over(name: str, measure, *args, seeds: Sequence[int] = SEEDS) -> tuple[str, list]:  # noqa: ANN001, ANN002
        return name, [kept(measure.__name__, measure, *args, seed) for seed in seeds]

    yield over("wnut_rivals", wnut_rivals, seeds=(0, 1))
    for rate, epochs in ((5e-4, 3), (3e-4, 6), (1e-4, 12)):
        yield over(f"wnut_{rate:.0e}_{epochs}", wnut_run, rate, epochs, seeds=(0,))
    yield over("names_longer_1e-04", names_run, 1e-4, True, 20, False, seeds=(0, 1))
    yield over("letters", letters_run, 3e-4, True, 2)
    yield over("letters_rivals", letters_rivals)
    yield over("names", names_run, 5e-4, True, 3, False)
    yield over("names_rivals", names_rivals)
    yield over("names_every_piece", names_run, 5e-4, True, 3, True)
    for rate in RATES:
        for frozen in (True, False):
            kind = "frozen" if frozen else "all"
            yield over(f"letters_{kind}_{rate:.0e}", letters_run, rate, frozen, 2)
    yield over("letters_longer_2e-05", letters_run, 2e-5, True, 20, seeds=(0,))
    for rate in (2e-5, 1e-4, 5e-4):
        yield over(f"names_frozen_{rate:.0e}", names_run, rate, True, 3, False)
    yield over("wnut", wnut_run, 3e-4, 12, seeds=(0,))
    yield over("sst2_rivals", sst2_rivals)
    yield over("sst2", sst2)


def main() -> None:
    kept = Kept(results.ROOT / "build" / "bert_heads.jsonl")
    numbers = {name: summary(rows) for name, rows in measurements(kept)}
    results.write(
        "bert_heads",
        {**numbers, "wnut17": wnut_facts()},
        command="python snippets/1_NLP_basics/bert_heads_experiment.py",
        seed=list(SEEDS),
        note_zh="两种头：学习率、冻结嵌入、词片的标签；来信、名字、SST-2、WNUT17，旁边是冻结的向量加线性层和只看词的基线。",
        note_en="Two heads: rates, frozen embeddings, labels of pieces; letters, names, SST-2, "
        "WNUT17, beside frozen vectors with a linear layer and baselines that see words alone.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
