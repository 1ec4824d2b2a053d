"""When attention must be told the order, and why embeddings are multiplied by the root of E.

    python snippets/2_transformer_basics/positions_experiment.py

trains two layers of attention on four questions about a row of words, told the positions in four
ways or not at all, with a causal mask and without; then translators whose embeddings and positions
are larger or smaller. Writes docs/assets/results/positions.json. About eight minutes of one core.
"""

import itertools
import math
import random
import statistics

import torch
import torch.nn.functional as F
from torch.optim.lr_scheduler import LambdaLR

from positions import Reader, rows
from wode.book import results
from wode.book.kept import Kept
from wode.checks import likeliest
from wode.tasks.sentences import translation_pairs
from wode.training.evaluation import bleu
from wode.transformer import (
    Config,
    TranslationModel,
    positional_encoding,
    smoothed_cross_entropy,
    warmup_rate,
)
from wode.translation import PAD, Vocabulary, answers_of, batch_of, batches, tokens_of

SEEDS = [0, 1, 2]
TASKS = ["larger", "first", "third", "left"]
KINDS = {  # name: (told, causal, layers)
    "none": ("nothing", False, 2),
    "sinusoids": ("sinusoids", False, 2),
    "learned": ("learned", False, 2),
    "rotary": ("rotary", False, 2),
    "causal": ("nothing", True, 2),
    "causal_one": ("nothing", True, 1),
    "causal_begin": ("begin", True, 2),
    "causal_sinusoids": ("sinusoids", True, 2),
}
LENGTHS = [8, 16]  # trained on rows of the first, asked about rows of both


def learn(
    task: str,
    told: str,
    causal: bool,
    layers: int = 2,
    steps: int = 500,
    rate: float = 3e-3,
    seed: int = 0,
) -> Reader:
    """A reader trained on fresh rows."""
    torch.manual_seed(seed)
    reader = Reader(24, told, causal, layers)
    optimizer = torch.optim.Adam(reader.parameters(), lr=rate)
    for _ in range(steps):
        ids, answer = rows(task, 64)
        loss = F.cross_entropy(reader(ids), answer)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return reader


def right(reader: Reader, task: str, length: int = 8) -> float:
    """The share of 2000 fresh rows that it answers rightly."""
    ids, answer = rows(task, 2000, length)
    with torch.no_grad():
        return (likeliest(reader(ids), dim=1) == answer).float().mean().item()


def shares(task: str, kind: str, seed: int, steps: int, rate: float) -> list[float]:
    """The share right at each of `LENGTHS`."""
    told, causal, layers = KINDS[kind]
    reader = learn(task, told, causal, layers, steps, rate, seed)
    return [right(reader, task, length) for length in LENGTHS]


def over_seeds(rows: list[list[float]]) -> dict:
    """By length: the mean, and each seed's share."""
    return {
        "mean": [statistics.mean(column) for column in zip(*rows, strict=True)],
        "each": rows,
    }


def questions(kept: Kept) -> dict:
    found: dict = {}
    for task, kind in itertools.product(TASKS, KINDS):
        if (task == "larger" and kind not in ("none", "sinusoids")) or (
            {"causal_one": "first", "causal_begin": "third"}.get(kind, task) != task
        ):
            continue
        rows = [kept("read", shares, task, kind, seed, 600, 3e-3) for seed in SEEDS]
        found.setdefault(task, {})[kind] = over_seeds(rows)
    each = [kept("read", shares, "third", "causal", 0, 2000, rate)[0] for rate in (1e-3, 3e-3)]
    return {"tasks": found, "longer": {"third": {"each": each, "best": max(each)}}}


class Scaled(TranslationModel):
    """A translator whose embeddings and positions are multiplied by numbers of one's choice."""

    words: float
    waves: float

    def embed(self, ids: torch.Tensor, first: int = 0) -> torch.Tensor:
        position = positional_encoding(ids.shape[1], self.hidden_size, first)
        return self.dropout(self.words * self.embedding(ids) + self.waves * position)


def translator(words: float, waves: float, seed: int) -> dict:
    """BLEU after eight epochs, and on sources whose characters are shuffled."""
    pairs = translation_pairs(2200)
    tokens = [(tokens_of(pair.zh), tokens_of(pair.en)) for pair in pairs]
    vocabulary = Vocabulary(itertools.chain.from_iterable(tokens[:2000]))
    examples = [(vocabulary.encode(zh), vocabulary.encode(en)) for zh, en in tokens[:2000]]
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = Scaled(len(vocabulary), Config(64, 4, 1, 128, norm_first=True))
    model.words, model.waves = words, waves
    optimizer = torch.optim.Adam(model.parameters(), lr=0.5, betas=(0.9, 0.98), eps=1e-9)
    scheduler = LambdaLR(optimizer, lambda done: warmup_rate(done + 1, 64, 60))
    for _ in range(8):
        for group in batches(examples, 64, rng):
            source, reads, says = batch_of(group)
            logits = model(source, reads).flatten(0, 1)
            loss = smoothed_cross_entropy(logits, says.flatten(), ignore_index=PAD)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            scheduler.step()
    references = [pair.en for pair in pairs[2000:]]
    found = {}
    for name in ("in_order", "shuffled"):
        sources = [list(pair.zh) for pair in pairs[2000:]]
        for source in sources:
            if name == "shuffled":
                rng.shuffle(source)
        answers = answers_of(model, vocabulary, ["".join(source) for source in sources])
        found[name] = bleu(answers, references)
    return found


def scales(kept: Kept) -> dict:
    """By what the words and the sinusoids are multiplied with: BLEU; the root of E is 8."""
    found: dict = {}
    sizes = [(1, 1), (8, 1), (1, 1 / 8), (8, 8), (8, 0), (1, 0)]
    for seed, (words, waves) in itertools.product(SEEDS[:2], sizes):
        kept("translator", translator, words, waves, seed)
    for words, waves in sizes:
        runs = [kept("translator", translator, words, waves, seed) for seed in SEEDS[:2]]
        name = f"words_{words}_waves_{'eighth' if waves == 1 / 8 else waves}"
        found[name] = {
            key: {"mean": statistics.mean(r[key] for r in runs), "each": [r[key] for r in runs]}
            for key in ("in_order", "shuffled")
        }
    return found


def norms() -> dict:
    """Lengths, at the start, of a word's vector (E = 64) and of a position's."""
    torch.manual_seed(0)
    words = TranslationModel(179, Config(64, 4, 1, 128)).embedding.weight.detach()
    return {
        "word": words.norm(dim=1).mean().item(),
        "position": positional_encoding(16, 64).norm(dim=1).mean().item(),
        "root": math.sqrt(64),
    }


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(results.ROOT / "build" / "positions.jsonl")
    numbers = questions(kept) | {"scales": scales(kept), "norms": norms(), "lengths": LENGTHS}
    numbers["minutes"] = kept.minutes
    path = results.write(
        "positions",
        numbers,
        seed=SEEDS,
        command="python snippets/2_transformer_basics/positions_experiment.py",
        note_zh="两层注意力回答四个问题，位置用四种办法告诉它，或不告诉，三个种子；词嵌入与位置编码的大小不同的翻译模型，两个种子。",
        note_en="2 layers of attention on four questions, told the positions in four ways or not; "
        "translators whose embeddings and positions differ in size. Three seeds, and two.",
    )
    kept.finish()
    print(path)


if __name__ == "__main__":
    main()
