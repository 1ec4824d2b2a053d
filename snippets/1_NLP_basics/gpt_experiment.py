"""For the page `gpt`: a small GPT writes; counting words beside it; what the ways of drawing do.

    python snippets/1_NLP_basics/gpt_experiment.py

Writes docs/assets/results/gpt.json. About half a minute of one core.
"""

import math
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F

from wode.book import results
from wode.decoding import evaluating, generate, keep_top_k, keep_top_p
from wode.gpt import Config, Gpt
from wode.tasks.sentences import statements

SEEDS = (0, 1, 2)
COUNT = 500
EVERY = statements()
KNOWN = set(EVERY)
SEEN = random.Random(0).sample(EVERY, 2000)
WORDS = sorted({word for sentence in EVERY for word in sentence.split()})
NUMBER = {word: i for i, word in enumerate(WORDS)}
ROW = [NUMBER[word] for sentence in SEEN for word in sentence.split()]
DRAWN: dict[str, dict[str, float]] = {
    "t_0": {"temperature": 0},
    "t_0_25": {"temperature": 0.25},
    "t_0_5": {"temperature": 0.5},
    "t_0_7": {"temperature": 0.7},
    "t_1": {},
    "t_1_5": {"temperature": 1.5},
    "t_2": {"temperature": 2},
    "k_1": {"top_k": 1},
    "k_2": {"top_k": 2},
    "k_3": {"top_k": 3},
    "k_5": {"top_k": 5},
    "k_10": {"top_k": 10},
    "p_0_3": {"top_p": 0.3},
    "p_0_5": {"top_p": 0.5},
    "p_0_7": {"top_p": 0.7},
    "p_0_9": {"top_p": 0.9},
    "p_0_97": {"top_p": 0.97},
}


def trained(seed: int, until: int) -> Iterator[tuple[int, Gpt]]:
    """The page's model, after each hundred steps."""
    torch.manual_seed(seed)
    row = torch.tensor(ROW)
    model = Gpt(Config(len(WORDS), n_positions=16, n_embd=64, n_layer=2, n_head=4))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(1, until + 1):
        start = torch.randint(len(row) - 16, (32, 1))
        ids = row[start + torch.arange(16)]
        logits = model(ids[:, :-1])  # (32, 15, V)
        loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            state = torch.get_rng_state()
            yield step, model
            torch.set_rng_state(state)


def judged(written: list[str]) -> dict[str, float]:
    """Shares of ``written``: right, copied from what was read, different from each other."""
    seen = set(SEEN)
    right = [sentence for sentence in written if sentence in KNOWN]
    other = {"yesterday .": "daily .", "daily .": "yesterday ."}
    swapped = [s.replace(end, other[end]) for s in written for end in other if s.endswith(end)]
    first = Counter(sentence.split()[0] for sentence in written)
    return {
        "right": len(right) / len(written),
        "time_alone": sum(sentence in KNOWN for sentence in swapped) / len(written),
        "copied": sum(sentence in seen for sentence in right) / max(1, len(right)),
        "different": len(set(written)) / len(written),
        "commonest_subject": first.most_common(1)[0][1] / len(written),
    }


def written(model: Gpt, seed: int, **ways: Any) -> list[str]:
    """Sentences after a full stop."""
    stop, chance = NUMBER["."], torch.Generator().manual_seed(seed)
    prompt = torch.full((COUNT, 1), stop)
    rows = generate(model, prompt, 14, end_id=stop, generator=chance, **ways)
    return [" ".join([*(WORDS[i] for i in row), "."]) for row in rows]


def counted(words_before: int, seed: int) -> list[str]:
    """What counting writes: the next word by the ``words_before`` words before it."""
    follow, rng, found = defaultdict(list), random.Random(seed), []
    text = [WORDS[i] for i in ROW]
    for i in range(words_before, len(text)):
        follow[tuple(text[i - words_before : i])].append(text[i])
    starts = [i for i, word in enumerate(text[: len(text) - 14]) if word == "."]
    for _ in range(COUNT):
        start = rng.choice(starts[3:])
        before, sentence = text[start - words_before + 1 : start + 1], list[str]()
        while len(sentence) < 14 and sentence[-1:] != ["."]:
            sentence.append(rng.choice(follow[tuple(before)]))
            before = [*before, sentence[-1]][1:]
        found.append(" ".join(sentence))
    return found


def means(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.mean(row[key] for row in rows) for key in rows[0]}


@torch.no_grad()
def shapes(model: Gpt) -> dict[str, Any]:
    """The next word after "she bought", by six ways of drawing: the eight likeliest words."""
    with evaluating(model):
        logits = model(torch.tensor([[NUMBER[word] for word in (".", "she", "bought")]]))[0, -1]
    best = logits.topk(8).indices
    ways = {
        "t_1": logits,
        "t_0_5": logits / 0.5,
        "t_2": logits / 2,
        "k_3": keep_top_k(logits, 3),
        "p_0_7": keep_top_p(logits, 0.7),
    }
    shares = {name: x.softmax(dim=0)[best].tolist() for name, x in ways.items()}
    return {"words": [WORDS[i] for i in best.tolist()], "shares": shares}


def main() -> None:
    torch.set_num_threads(1)
    numbers: dict[str, Any] = {"sentences": len(EVERY), "read": len(SEEN), "words": len(WORDS)}
    numbers["share_read"] = len(SEEN) / len(EVERY)
    numbers["least"] = math.log(len(EVERY)) / len(EVERY[0].split())
    curves: dict[str, list[dict[str, float]]] = defaultdict(list)
    drawn: dict[str, Any] = {"s200": defaultdict(list), "s400": defaultdict(list)}
    for seed in SEEDS:
        for step, model in trained(seed, 800):
            curves[f"s{step}"].append(judged(written(model, seed)))
            for name, ways in DRAWN.items() if f"s{step}" in drawn else ():
                drawn[f"s{step}"][name].append(judged(written(model, seed, **ways)))
            if step == 400 and seed == 0:
                numbers["next"] = shapes(model)
    numbers["curves"] = {
        key: {**means(rows), "runs": [row["right"] for row in rows]} for key, rows in curves.items()
    }
    numbers["drawn"] = {
        key: {name: means(rows) for name, rows in ways.items()} for key, ways in drawn.items()
    }
    numbers["counted"] = {
        f"n{n}": means([judged(counted(n, seed)) for seed in SEEDS]) for n in (1, 2, 3, 4)
    }
    numbers["pair_samples"] = counted(1, 0)[:2]
    results.write(
        "gpt",
        numbers,
        command="python snippets/1_NLP_basics/gpt_experiment.py",
        seed=list(SEEDS),
        note_zh="小 GPT 读 2000 句之后写的句子，有多少是对的；旁边是只数词的；"
        "温度、top-k、top-p 各取几个值。",
        note_en="How many of the sentences are right that a small GPT writes after reading 2000; "
        "counting words beside it; several values of temperature, top-k and top-p.",
    )


if __name__ == "__main__":
    main()
