"""For the page `bert-writing`: which years can it write, and what decides that.

    python snippets/1_NLP_basics/bert_writing_experiment.py

Trains the writer on dates of some years and asks for dates of those and of the others. About two
minutes of one core; stopped, it goes on where it was.
"""

import random
import statistics
from collections.abc import Sequence

import torch
from torch import Tensor

from wode.book import results
from wode.book.kept import Kept
from wode.decoding import evaluating, write
from wode.files.hub import MINILM
from wode.heads import SequenceWriter, WriterSteps
from wode.tasks.heads import Rewriting, dates
from wode.training import seed_everything
from wode.training.heads import collate_written, fit
from wode.wordpiece import Encoding, WordPiece

YEARS = range(1900, 2000)


def learned_years(kind: str, seed: int) -> list[int]:
    """Those of the training sentences."""
    order = random.Random(seed).sample(YEARS, 100)
    return {
        "even": [year for year in YEARS if year % 2 == 0],
        "half": sorted(order[:50]),  # as many, even and odd
        "most": sorted(order[:90]),
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


def asked(
    model: SequenceWriter, tokenizer: WordPiece, years: Sequence[int], copying: bool = False
) -> dict[str, float]:
    """Of 60 held-out dates in these years: wholly right, the year right, month and day right."""
    pairs = dates(60, 0, held_out=True, years=years)
    sources = [tokenizer.encode(pair.text).ids for pair in pairs]
    steps = (Copying if copying else WriterSteps)(model, sources)
    with evaluating(model):
        begun = torch.empty(len(pairs), 0, dtype=torch.long)
        rows = write(steps, begun, 6, tokenizer.vocabulary["[SEP]"])
    both = [
        (tokenizer.decode(row).split(), pair.target.split())
        for row, pair in zip(rows, pairs, strict=True)
    ]
    return {
        "right": sum(a == b for a, b in both) / len(both),
        "year": sum(a[:1] == b[:1] for a, b in both) / len(both),
        "rest": sum(a[1:] == b[1:] for a, b in both) / len(both),
    }


def run(
    kind: str, rate: float, epochs: int, frozen: bool, masked: bool, seed: int
) -> dict[str, float]:
    """200 dates in batches of 8, so 25 steps an epoch; then what was written of which years."""
    tokenizer = WordPiece.from_pretrained(MINILM)
    seen = learned_years(kind, seed)
    unseen = [year for year in YEARS if year not in seen]
    seed_everything(seed)
    model = (SequenceWriter if masked else Unmasked).from_pretrained(MINILM)
    samples = [sample(tokenizer, pair) for pair in dates(200, seed, years=seen)]
    losses = fit(model, samples, rate, epochs, seed, 8, collate_written, frozen=frozen)
    rows = {"seen": asked(model, tokenizer, seen)}
    if unseen:
        rows["unseen"] = asked(model, tokenizer, unseen)
        rows["copying"] = asked(model, tokenizer, unseen, copying=True)
        with torch.no_grad():  # the last layer's bias, a number a piece, back to where it began
            model.cls.get_parameter("predictions.bias").zero_()
        rows["no_bias"] = asked(model, tokenizer, unseen)
    found = {f"{years}_{key}": value for years, row in rows.items() for key, value in row.items()}
    return found | {"loss": losses[-1]["loss"]}


def summary(rows: list[dict[str, float]]) -> dict[str, dict]:
    """Over the seeds."""
    columns = {key: [row[key] for row in rows] for key in rows[0]}
    return {
        "mean": {key: statistics.mean(values) for key, values in columns.items()},
        "sd": {key: statistics.stdev(values) for key, values in columns.items() if values[1:]},
        "seeds": columns,
    }


CASES = {  # years, rate, epochs, embeddings frozen, masked
    "even": ("even", 8e-4, 3, True, True),
    "half": ("half", 8e-4, 3, True, True),
    "all": ("all", 8e-4, 3, True, True),
    "unmasked": ("all", 8e-4, 3, True, False),
}
SEEDS = (0,)


def main() -> None:
    kept = Kept(results.ROOT / "build" / "bert_writing.jsonl")
    numbers = {
        name: summary([kept("dates", run, *case, seed) for seed in SEEDS])
        for name, case in CASES.items()
    }
    results.write(
        "bert_writing",
        numbers,
        command="python snippets/1_NLP_basics/bert_writing_experiment.py",
        seed=list(SEEDS),
        note_zh="日期改写：学哪些年份，有没有掩码；一个种子。",
        note_en="Rewriting dates: the years learned from, with the mask and without; one seed.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
