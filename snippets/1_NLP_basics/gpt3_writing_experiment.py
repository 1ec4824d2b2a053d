"""For the page `gpt3`: a small GPT learns from a text in seconds and writes on.

    python snippets/1_NLP_basics/gpt3_writing_experiment.py

trains word by word on `wode.tasks.sentences`, and, where WODE_DATA holds tinyshakespeare,
letter by letter on that; writes docs/assets/results/gpt3_writing.json. About two minutes of a core.
"""

import math
import random
import sys
from collections import Counter, defaultdict

import torch
from torch import Tensor

from gpt3_writing import small_gpt, train_on
from wode.book import results
from wode.decoding import generate
from wode.files.download import data_root
from wode.gpt import Gpt
from wode.tasks.sentences import translation_pairs


def english(count: int, seed: int = 0) -> list[list[str]]:
    """Sentences as words, each with a full stop at its end: "who washed the car ." """
    pairs = translation_pairs(count, seed=seed)
    return [[*pair.en.rstrip(".?!").lower().split(), "."] for pair in pairs]


def triples(sentence: list[str]) -> set[tuple[str, ...]]:
    """Each three words in a row, two full stops before the first: what a whole sentence is of."""
    padded = [".", ".", *sentence]
    return set(zip(padded, padded[1:], padded[2:], strict=False))


@torch.no_grad()
def nats(model: Gpt, ids: Tensor) -> float:
    """−log p a token over pieces of ``ids`` (N,) that do not overlap."""
    length = model.config.n_positions
    pieces = ids[: len(ids) // length * length].view(-1, length)
    return sum(model.loss(part).item() * len(part) for part in pieces.split(64)) / len(pieces)


def bigram_nats(seen: Tensor, ids: Tensor, vocabulary: int) -> float:
    """The same of counting pairs of neighbours in ``seen``, each count one larger."""
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    for a, b in zip(seen.tolist(), seen[1:].tolist(), strict=False):
        counts[a][b] += 1
    pairs = list(zip(ids.tolist(), ids[1:].tolist(), strict=False))
    chances = [(counts[a][b] + 1) / (counts[a].total() + vocabulary) for a, b in pairs]
    return -sum(map(math.log, chances)) / len(pairs)


def write_sentences(steps: int = 300, seed: int = 0) -> dict:
    """Train on 2000 sentences, write some, and count those whose every three words are known."""
    torch.manual_seed(seed)
    seen, unseen = english(2000), english(4000)[2000:]
    words = sorted({word for sentence in seen for word in sentence})
    number = {word: i for i, word in enumerate(words)}
    ids = torch.tensor([number[word] for sentence in seen for word in sentence])
    other = [number[w] for s in unseen if all(w in number for w in s) for w in s]
    model = small_gpt(len(words), length=24)
    train_on(model, ids, steps)
    chance = torch.Generator().manual_seed(seed)
    prompt = torch.full((200, 1), number["."])
    rows = generate(model, prompt, 23, end_id=number["."], generator=chance)
    written = [[words[i] for i in row] + ["."] for row in rows]
    followers = defaultdict(list)
    for a, b in zip(ids.tolist(), ids[1:].tolist(), strict=False):
        followers[words[a]].append(words[b])
    rng, chains = random.Random(seed), []
    for _ in range(200):  # what counting pairs writes
        chain = ["."]
        while len(chain) < 24 and (len(chain) == 1 or chain[-1] != "."):
            chain.append(rng.choice(followers[chain[-1]]))
        chains.append(chain[1:])
    known = set().union(*map(triples, english(20_000, seed=1)))

    def fluent(sentences: list[list[str]]) -> float:
        return sum(triples(sentence) <= known for sentence in sentences) / len(sentences)

    copied = {tuple(sentence) for sentence in seen}
    return {
        "words": len(words),
        "nats": nats(model, torch.tensor(other)),
        "bigram_nats": bigram_nats(ids, torch.tensor(other), len(words)),
        "samples": [" ".join(sentence) for sentence in written[:4]],
        "pair_samples": [" ".join(sentence) for sentence in chains[:4]],
        "copied": sum(tuple(sentence) in copied for sentence in written) / len(written),
        "fluent": fluent(written),
        "fluent_pairs": fluent(chains),
        "fluent_real": fluent(unseen),
    }


def write_letters(text: str, steps: int, seed: int = 0) -> dict:
    """Train letter by letter on the first nine tenths of ``text``; write 300 letters."""
    torch.manual_seed(seed)
    letters = sorted(set(text))
    number = {letter: i for i, letter in enumerate(letters)}
    ids = torch.tensor([number[letter] for letter in text])
    cut = len(ids) * 9 // 10
    model = small_gpt(len(letters), length=64, size=96, layers=3)
    train_on(model, ids[:cut], steps, lr=4e-3)
    prompt = torch.tensor([[number[letter] for letter in "ROMEO:"]])
    chance = torch.Generator().manual_seed(seed)
    row = generate(model, prompt, 58, temperature=0.7, generator=chance)[0]
    return {
        "letters": len(letters),
        "steps": steps,
        "nats": nats(model, ids[cut:][:20_000]),
        "bigram_nats": bigram_nats(ids[:cut], ids[cut:][:20_000], len(letters)),
        "sample": "ROMEO:" + "".join(letters[i] for i in row),
    }


def main() -> None:
    torch.set_num_threads(1)
    try:
        numbers = results.read("gpt3_writing")["numbers"]
    except FileNotFoundError:
        numbers = {}
    parts = sys.argv[1:] or ["sentences", "letters"]
    if "sentences" in parts:
        numbers["sentences"] = write_sentences()
    folder = data_root() / "tinyshakespeare"
    if "letters" in parts and folder.is_dir():
        (path,) = folder.glob("*.txt")
        numbers["letters"] = write_letters(path.read_text(encoding="utf-8"), steps=800)
    print(numbers)
    results.write(
        "gpt3_writing",
        numbers,
        seed=0,
        command="python snippets/1_NLP_basics/gpt3_writing_experiment.py",
        note_zh="小 GPT 逐词学自造的句子、逐字母学莎士比亚，几秒之后写出的东西；与数词对对照。",
        note_en="What a small GPT writes after seconds of learning made-up sentences by words and "
        "Shakespeare by letters, beside counts of pairs.",
    )


if __name__ == "__main__":
    main()
