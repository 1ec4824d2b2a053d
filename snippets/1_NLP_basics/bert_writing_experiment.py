"""For the page `bert-writing`: which years can it write, and what decides that.

    python snippets/1_NLP_basics/bert_writing_experiment.py

Trains the writer on dates of some years and asks for dates of those and of the others, and which
year it takes from a sentence with two. About three minutes of one core; stopped, it goes on where
it was.
"""

import random
import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.decoding import evaluating, write
from wode.files.hub import MINILM
from wode.heads import SequenceWriter, WriterSteps
from wode.tasks.heads import Rewriting, dates
from wode.training import seed_everything
from wode.training.heads import collate_written, fit
from wode.wordpiece import Encoding, WordPiece, pad

YEARS = range(1900, 2000)


def learned_years(kind: str, seed: int) -> list[int]:
    """Those of the training sentences."""
    order = random.Random(seed).sample(YEARS, 100)
    return {
        "even": [year for year in YEARS if year % 2 == 0],
        "half": sorted(order[:50]),  # as many, even and odd
        "all": [*YEARS],
    }[kind]


def sample(tokenizer: WordPiece, pair: Rewriting) -> tuple[Encoding, Tensor]:
    """As on the page: the pieces to be written and the [SEP] after them."""
    encoding = tokenizer.encode(pair.text, pair.target)
    return encoding, torch.tensor(encoding.ids)[torch.tensor(encoding.types) == 1]


class Copying(WriterSteps):
    """The first piece, the year, may only be one that stands in the source."""

    def next_logits(self, tokens: Tensor) -> Tensor:
        logits = super().next_logits(tokens)  # (N, vocabulary)
        if tokens.shape[1]:
            return logits
        allowed = torch.full_like(logits, -torch.inf)
        for row, source in enumerate(self.sources):
            allowed[row, source] = 0
        return logits + allowed


class Unmasked(SequenceWriter):
    """The control: everything sees everything, what is to be written too."""

    def encode(
        self, input_ids: Tensor, attention_mask: Tensor | None, token_type_ids: Tensor
    ) -> Tensor:
        return self.bert.encode(input_ids, attention_mask, token_type_ids)


def written_by(
    model: SequenceWriter,
    tokenizer: WordPiece,
    texts: Sequence[str],
    copying: bool = False,
    longest: int = 6,
) -> list[list[str]]:
    """The words it writes after each of the texts."""
    sources = [tokenizer.encode(text).ids for text in texts]
    steps = (Copying if copying else WriterSteps)(model, sources)
    with evaluating(model):
        begun = torch.empty(len(texts), 0, dtype=torch.long)
        rows = write(steps, begun, longest, tokenizer.vocabulary["[SEP]"])
    return [tokenizer.decode(row).split() for row in rows]


def asked(
    model: SequenceWriter, tokenizer: WordPiece, years: Sequence[int], copying: bool = False
) -> dict[str, float]:
    """Of 60 held-out dates in these years: wholly right, the year right, month and day right."""
    pairs = dates(60, 0, held_out=True, years=years)
    found = written_by(model, tokenizer, [pair.text for pair in pairs], copying)
    both = [(a, pair.target.split()) for a, pair in zip(found, pairs, strict=True)]
    return {
        "right": sum(a == b for a, b in both) / len(both),
        "year": sum(a[:1] == b[:1] for a, b in both) / len(both),
        "rest": sum(a[1:] == b[1:] for a, b in both) / len(both),
    }


# ---------------------------------------------------------------- two years in a sentence

LEARNED = ("In {} she told us this. {}", "{1} We read that in {0}.")  # with another year
ASKED = {"before": "People wrote in {} about it: {}", "after": "{1} That was known by {0}."}


def another(text: str, frame: str, years: Sequence[int], rng: random.Random) -> tuple[str, str]:
    """The text with another year beside the date's, and that year."""
    other = str(rng.choice([year for year in years if str(year) not in text]))
    return frame.format(other, text), other


def asked_two(
    model: SequenceWriter, tokenizer: WordPiece, years: Sequence[int], copying: bool = False
) -> dict[str, float]:
    """The same 60 dates with another year before or after: how often the date's, the other."""
    pairs, found = dates(60, 0, held_out=True, years=years), dict[str, float]()
    for place, frame in ASKED.items():
        rng = random.Random(0)
        texts, others = zip(*(another(p.text, frame, years, rng) for p in pairs), strict=True)
        said = [(row or [""])[0] for row in written_by(model, tokenizer, texts, copying, 1)]
        right = [pair.target.split()[0] for pair in pairs]
        for key, years_there in (("date", right), ("other", others)):
            hits = sum(a == b for a, b in zip(said, years_there, strict=True))
            found[f"{place}_{key}"] = hits / len(pairs)
    return found


# ---------------------------------------------------------------- a run


class Case(NamedTuple):
    """What is learned from, and how."""

    years: str = "all"
    rate: float = 8e-4
    epochs: int = 3
    masked: bool = True
    two: bool = False  # another year stands in each sentence


def mistakes(
    model: SequenceWriter, tokenizer: WordPiece, years: Sequence[int]
) -> list[tuple[int, int]]:
    """The year that stands there and the year written, where they differ; of the same 60 dates."""
    pairs = dates(60, 0, held_out=True, years=years)
    found = written_by(model, tokenizer, [pair.text for pair in pairs], longest=1)
    both = [(pair.target.split()[0], (a or ["0"])[0]) for a, pair in zip(found, pairs, strict=True)]
    return [(int(right), int(said)) for right, said in both if said.isdigit() and right != said]


def run(case: Sequence, seed: int) -> dict[str, Any]:
    """200 dates in batches of 8, so 25 steps an epoch; then what was written of which years."""
    how, tokenizer = Case(*case), WordPiece.from_pretrained(MINILM)
    seen = learned_years(how.years, seed)
    unseen = [year for year in YEARS if year not in seen]
    pairs = dates(200, seed, years=seen)
    if how.two:
        rng = random.Random(seed)
        texts = [another(p.text, rng.choice(LEARNED), seen, rng)[0] for p in pairs]
        pairs = [Rewriting(text, p.target) for text, p in zip(texts, pairs, strict=True)]
    seed_everything(seed)
    model = (SequenceWriter if how.masked else Unmasked).from_pretrained(MINILM)
    samples = [sample(tokenizer, pair) for pair in pairs]
    losses = fit(model, samples, how.rate, how.epochs, seed, 8, collate_written)
    rows = {"seen": asked(model, tokenizer, seen), "two": asked_two(model, tokenizer, seen)}
    wrong: list[tuple[int, int]] = []
    if unseen:
        rows["unseen"] = asked(model, tokenizer, unseen)
        rows["copying"] = asked(model, tokenizer, unseen, copying=True)
        rows["unseen_two"] = asked_two(model, tokenizer, unseen, copying=True)
        wrong = mistakes(model, tokenizer, unseen)
        with torch.no_grad():  # the last layer's bias, a number a piece, back to where it began
            model.cls.get_parameter("predictions.bias").zero_()
        rows["no_bias"] = asked(model, tokenizer, unseen)
    found = {f"{years}_{key}": value for years, row in rows.items() for key, value in row.items()}
    if wrong:
        found["wrong_learned"] = sum(said in seen for _, said in wrong) / len(wrong)
        found["wrong_decade"] = sum(a // 10 == b // 10 for a, b in wrong) / len(wrong)
    return found | {"loss": losses[-1]["loss"], "wrong": wrong[:8]}


def peeking(seed: int) -> dict[str, float]:
    """Without the mask: is the answer looked at, and what goes wrong where there is none to see?

    A wrong answer, that of another date, is given: how often each piece that differs is repeated.
    """
    tokenizer = WordPiece.from_pretrained(MINILM)
    seed_everything(seed)
    model = Unmasked.from_pretrained(MINILM)
    learn = [sample(tokenizer, pair) for pair in dates(200, seed)]
    fit(model, learn, 8e-4, 3, seed, 8, collate_written)
    pairs = dates(60, 0, held_out=True)
    targets = [pair.target.split() for pair in pairs]
    given = [targets[-1], *targets[:-1]]
    repeated, right = list[bool](), list[bool]()
    for pair, target, wrong in zip(pairs, targets, given, strict=True):
        encoding = tokenizer.encode(pair.text, " ".join(wrong))
        with evaluating(model):
            said = likeliest(model(**pad([encoding]))).tolist()[:3]
        for piece, a, b in zip(said, target, wrong, strict=True):
            if a != b:
                repeated.append(tokenizer.pieces[piece] == b)
                right.append(tokenizer.pieces[piece] == a)
    written = written_by(model, tokenizer, [pair.text for pair in pairs])
    found = {
        part: sum(row[k : k + 1] == [t[k]] for row, t in zip(written, targets, strict=True)) / 60
        for k, part in enumerate(("year", "month", "day"))
    }
    return found | {"repeats": statistics.mean(repeated), "resists": statistics.mean(right)}


def summary(rows: list[dict[str, Any]]) -> dict[str, dict]:
    """Over the seeds."""
    columns = {key: [row[key] for row in rows] for key in rows[0] if key != "wrong"}
    return {
        "mean": {key: statistics.mean(values) for key, values in columns.items()},
        "sd": {key: statistics.stdev(values) for key, values in columns.items() if values[1:]},
        "seeds": columns,
    }


CASES = {
    "all": Case(),
    "even": Case("even"),
    "half": Case("half"),
    "unmasked": Case(masked=False),
    "even_longer": Case("even", epochs=12),
    "two": Case(two=True),
}
SEEDS = (0,)


def main() -> None:
    kept = Kept(results.ROOT / "build" / "bert_writing.jsonl")
    numbers: dict[str, Any] = {}
    for name, case in CASES.items():
        rows = [kept("dates", run, list(case), seed) for seed in SEEDS]
        numbers[name] = summary(rows) | {"wrong": rows[0]["wrong"]}
    numbers["peeking"] = kept("peeking", peeking, 0)
    results.write(
        "bert_writing",
        numbers,
        command="python snippets/1_NLP_basics/bert_writing_experiment.py",
        seed=list(SEEDS),
        note_zh="日期改写：学哪些年份，有没有掩码，练得久，一句两个年份；一个种子。",
        note_en="Rewriting dates: the years learned from, with the mask and without, longer, and "
        "with two years in a sentence; one seed.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
