"""For the page `wordpiece`: the reference, and which noun a pronoun looks at.

    python snippets/1_NLP_basics/wordpiece_experiment.py

needs the data sets of WODE_DATA (`cmn-eng`, `afqmc`, `sst2`, `xquad`), encodes all of them with
our tokenizer and the reference, and writes docs/assets/results/wordpiece.json. About three minutes
of one core.
"""

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from wode.book import results
from wode.data.formats import read_translations, read_tsv
from wode.files.download import data_root
from wode.files.hub import MINILM, find
from wode.files.strict_json import read_json_lines, read_object
from wode.wordpiece import WordPiece

#: He or she decides which of the two is meant, "was" or "were" which noun: a pair, one sentence.
PEOPLE = [
    ("king", "queen"), ("man", "woman"), ("boy", "girl"), ("father", "mother"),
    ("uncle", "aunt"), ("son", "daughter"), ("brother", "sister"), ("husband", "wife"),
]  # fmt: skip
HE_SHE = [
    "The {} met the {} because {} was late.",
    "The {} called the {} when {} was tired.",
    "The {} waited for the {} until {} came home.",
    "The {} thanked the {} after {} had slept.",
]
THINGS = [
    ("dog", "cats"), ("boy", "girls"), ("car", "trucks"), ("bird", "cows"),
    ("king", "soldiers"), ("teacher", "students"), ("book", "bags"), ("ship", "boats"),
]  # fmt: skip
IT_THEY = [
    "The {} met the {} because {} late.",
    "The {} followed the {} until {} tired.",
    "The {} left the {} when {} old.",
    "The {} needed the {} after {} gone.",
]
#: One word decides whether "it" is a or b (after Levesque et al., 2012).
RIDDLES = [
    ("trophy", "case", "The trophy does not fit in the case because it is too {}.", "big", "small"),
    ("ball", "table", "The ball broke the table because it was made of {}.", "steel", "paper"),
    ("truck", "bus", "The truck passed the bus because it was {}.", "fast", "slow"),
    ("cat", "mouse", "The cat caught the mouse because it was {}.", "hungry", "tired"),
    ("sack", "box", "The sack is on the box, so it has to be {} first.", "moved", "opened"),
    ("book", "bag", "The book does not go into the bag because it is too {}.", "thick", "narrow"),
    ("fish", "worm", "The fish ate the worm because it was {}.", "hungry", "tasty"),
    ("key", "lock", "The key does not turn in the lock because it is {}.", "bent", "rusty"),
    ("rock", "window", "The rock broke the window because it was {}.", "heavy", "thin"),
    ("car", "garage", "The car does not fit in the garage because it is too {}.", "wide", "short"),
    ("dog", "rabbit", "The dog could not catch the rabbit because it was too {}.", "old", "quick"),
    ("knife", "bread", "The knife did not cut the bread because it was too {}.", "dull", "hard"),
]  # fmt: skip


def sentences() -> dict[str, list[str]]:
    """Every sentence of the data sets at hand, by data set."""
    folder = data_root()
    english, chinese = zip(*read_translations(folder / "cmn-eng" / "cmn.txt"), strict=True)
    texts = {"tatoeba_en": list(english), "tatoeba_zh": list(chinese)}
    rows = [row for _, row in read_json_lines(folder / "afqmc" / "dev.json")]
    texts["afqmc_zh"] = [row[key] for row in rows for key in ("sentence1", "sentence2")]
    texts["sst2_en"] = [row.text for row in read_tsv(folder / "sst2" / "train.tsv")]
    for lang in ("en", "zh"):
        pages = read_object(folder / "xquad" / f"xquad.{lang}.json")["data"]
        texts[f"xquad_{lang}"] = [part["context"] for page in pages for part in page["paragraphs"]]
    return texts


def agreement(texts: dict[str, list[str]]) -> dict:
    """How many texts get the reference's ids and offsets, and how long each tokenizer takes."""
    from tokenizers import Tokenizer
    from transformers import BertTokenizerLegacy

    ours = WordPiece.from_pretrained(MINILM)
    rust = Tokenizer.from_file(str(find(MINILM, "tokenizer.json").path))
    rust.no_padding()
    rust.no_truncation()
    counts: dict = {"texts": {}, "different": 0, "unknown": {}}
    for name, group in texts.items():
        pieces = unknown = 0
        for text in group:
            expected = rust.encode(text, add_special_tokens=False)
            got = ours.pieces_of(text)
            offsets = [(piece.start, piece.end) for piece in got]
            same = [p.id for p in got] == expected.ids and offsets == expected.offsets
            counts["different"] += not same
            pieces += len(got)
            unknown += sum(piece.id == ours.vocabulary["[UNK]"] for piece in got)
        counts["texts"][name] = len(group)
        counts["unknown"][name] = unknown / pieces
    counts["all"] = sum(counts["texts"].values())
    legacy = BertTokenizerLegacy(str(find(MINILM, "vocab.txt").path))
    sample = random.Random(0).sample([text for group in texts.values() for text in group], 3000)
    ways: dict[str, Callable[[str], object]] = {
        "rust": lambda text: rust.encode(text, add_special_tokens=False),
        "legacy": legacy.tokenize,
        "ours": ours.pieces_of,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(5):
        for name, way in ways.items():
            ours.known.clear()
            began = time.process_time()
            for text in sample:
                way(text)
            times[name].append(time.process_time() - began)
    middle = {name: statistics.median(seconds) for name, seconds in times.items()}
    counts["speed"] = {f"ours_over_{n}": middle["ours"] / middle[n] for n in ("rust", "legacy")}
    return counts


def swaps() -> dict[str, list[tuple[str, ...]]]:
    """Sentences in two versions that one word tells apart: (first version, second, pronoun of
    the first, of the second, the noun meant in the first, in the second), by kind."""
    he_she: list[tuple[str, ...]] = [
        (frame.format(*nouns, "he"), frame.format(*nouns, "she"), "he", "she", man, woman)
        for frame in HE_SHE
        for man, woman in PEOPLE
        for nouns in ((man, woman), (woman, man))
    ]
    it_they: list[tuple[str, ...]] = [
        (frame.format(*nouns, "it was"), frame.format(*nouns, "they were"), "it", "they", one, some)
        for frame in IT_THEY
        for one, some in THINGS
        for nouns in ((one, some), (some, one))
    ]
    riddles: list[tuple[str, ...]] = [
        (text.format(first), text.format(second), "it", "it", a, b)
        for a, b, text, first, second in RIDDLES
    ]
    return {"he_she": he_she, "it_they": it_they, "riddles": riddles}


def shifts(
    model: torch.nn.Module, tokenizer: WordPiece, pairs: list, mixed: int | None = None
) -> Tensor:
    """For each pair and head: did the swap move attention towards the noun that is meant?

    The pronoun's attention to the one noun less that to the other, before the swap against after
    it: (pairs, layers, heads). ``mixed``, a seed, first puts the words of each sentence into a
    random order, the same before the swap and after it.
    """
    moved = []
    for n, (first, second, *pronouns, a, b) in enumerate(pairs):
        looks = []
        for text, pronoun in zip((first, second), pronouns, strict=True):
            if mixed is not None:
                order = random.Random(1000 * mixed + n)
                text = " ".join(order.sample(text.split(), len(text.split())))
            tokens = ["[CLS]", *tokenizer.tokens(text), "[SEP]"]
            with torch.no_grad():
                maps = torch.cat(
                    model(**tokenizer.batch([text]), output_attentions=True).attentions
                )
            row = maps[:, :, tokens.index(pronoun)]  # (layers, heads, T)
            looks.append(row[:, :, tokens.index(a)] - row[:, :, tokens.index(b)])
        moved.append(looks[0] > looks[1])
    return torch.stack(moved).float()


def alike(model: Any, tokenizer: WordPiece, pairs: list) -> float:
    """The same question to the input vectors alone: is the pronoun's nearer to the noun meant?"""
    table = model.get_input_embeddings().weight

    def near(pronoun: str, noun: str) -> float:
        vectors = [table[tokenizer.vocabulary[word]] for word in (pronoun, noun)]
        return torch.cosine_similarity(*vectors, dim=0).item()

    return statistics.mean(
        near(p, a) - near(p, b) > near(q, a) - near(q, b) for _, _, p, q, a, b in pairs
    )


def pronouns() -> dict:
    """Which of MiniLM's 72 heads tell two nouns apart by a pronoun, and what tells them as well."""
    from transformers import BertConfig, BertModel

    folder = find(MINILM).path
    tokenizer = WordPiece.from_pretrained(MINILM)
    model = BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    numbers: dict = {}
    for name, pairs in swaps().items():
        moved = shifts(model, tokenizer, pairs)  # (N, 6, 12)
        by_head = moved.mean(0)
        groups = torch.arange(len(pairs)) * 4 // len(pairs)  # of he/she and it/they, the frame
        if name == "riddles":
            groups = torch.arange(len(pairs)) * 2 // len(pairs)
        chosen_on, tried_on = [], []
        for group in groups.unique():  # chosen on the other frames, tried on this one
            rest = moved[groups != group].mean(0).flatten()
            best = rest.argmax()
            chosen_on.append(rest[best].item())
            tried_on.append(moved[groups == group].mean(0).flatten()[best].item())
        flips = torch.randint(
            0, 2, (2000, *moved.shape), generator=torch.Generator().manual_seed(0)
        )
        numbers[name] = {
            "pairs": len(pairs),
            "heads": by_head.tolist(),
            "mean": by_head.mean().item(),
            "best": by_head.max().item(),
            "at_least_90": int((by_head >= 0.9).sum()),
            "at_most_10": int((by_head <= 0.1).sum()),
            "chosen": statistics.mean(chosen_on),
            "tried": statistics.mean(tried_on),
            "best_of_72_coins": flips.float().mean(1).flatten(1).amax(1).mean().item(),
        }
        if name == "riddles":
            continue
        numbers[name]["input_vectors"] = alike(model, tokenizer, pairs)
        mixed = [shifts(model, tokenizer, pairs, mixed=seed).mean(0) for seed in range(5)]
        numbers[name]["mixed_best"] = [one.max().item() for one in mixed]
        numbers[name]["mixed_at_least_90"] = [int((one >= 0.9).sum()) for one in mixed]
        good = torch.stack(mixed)[:, by_head >= 0.9]  # (5, heads that are good in good order)
        numbers[name]["mixed_of_good"] = good.mean(0).tolist()
        numbers[name]["mixed_of_good_least"] = good.mean(0).min().item()
        untrained, own_vectors = [], []  # the second: layers at random on MiniLM's input vectors
        for seed in range(3):
            torch.manual_seed(seed)
            config = BertConfig.from_pretrained(folder, attn_implementation="eager")
            network = BertModel(config).eval()
            untrained.append(shifts(network, tokenizer, pairs).mean(0))
            network.embeddings.load_state_dict(model.embeddings.state_dict())
            own_vectors.append(shifts(network, tokenizer, pairs).mean(0))
        for kind, heads in (("untrained", untrained), ("own_vectors", own_vectors)):
            numbers[name][f"{kind}_best"] = [one.max().item() for one in heads]
            numbers[name][f"{kind}_at_least_90"] = [int((one >= 0.9).sum()) for one in heads]
    both = torch.tensor([numbers[name]["heads"] for name in ("he_she", "it_they")]).amin(0)
    numbers["both_at_least_90"] = [[i + 1, j + 1] for i, j in (both >= 0.9).nonzero().tolist()]
    return numbers


def main() -> None:
    torch.set_num_threads(1)
    numbers = {"pronouns": pronouns(), "agreement": agreement(sentences())}
    results.write(
        "wordpiece",
        numbers,
        command="python snippets/1_NLP_basics/wordpiece_experiment.py",
        seed=0,
        note_zh="与参考分词器逐条比较；换一个代词，MiniLM 的注意力头往哪个名词移。",
        note_en="Compared with the reference text by text; towards which noun MiniLM's heads move "
        "when a pronoun is swapped.",
    )


if __name__ == "__main__":
    main()
