"""For the page `wordpiece`: vocabularies of all sizes, the reference, and what "it" looks at.

    python snippets/1_NLP_basics/wordpiece_experiment.py

needs the data sets of WODE_DATA (`cmn-eng`, `afqmc`, `sst2`, `xquad`), encodes all of them with
our tokenizer and the reference, learns subwords from English sentences with three seeds, and writes
docs/assets/results/wordpiece.json. About five minutes of one core.
"""

import random
import statistics
import time
from collections import Counter
from collections.abc import Callable

import torch
from torch import Tensor

from wode.book import results
from wode.data.formats import read_translations, read_tsv
from wode.files.download import data_root
from wode.files.hub import MINILM, find
from wode.files.strict_json import read_json_lines, read_object
from wode.subwords import association, byte_pairs, count_words, frequency, learn
from wode.wordpiece import SPECIAL, WordPiece

SIZES = [125, 250, 500, 1000, 2000]
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


def vocabularies(texts: list[str], seed: int) -> dict[str, list[float]]:
    """What vocabularies of different sizes make of words that they did not see."""
    texts = random.Random(seed).sample(texts, len(texts))
    held_out, seen = count_words(texts[:2000]), count_words(texts[2000:])
    words = sum(held_out.values())
    letters = {c for word in seen for c in word}
    table: dict[str, list[float]] = {"word_unknown": [], "frequency": [], "association": []}
    common = [word for word, _ in seen.most_common()]
    for size in SIZES:
        known = set(common[:size])
        table["word_unknown"].append(sum(n for w, n in held_out.items() if w not in known) / words)
    _, merges = learn(seen, max(SIZES) - len(letters), frequency)
    symbols, _ = learn(seen, max(SIZES), association, "##", 2)
    begin = len({c if i == 0 else "##" + c for word in seen for i, c in enumerate(word)})
    for size in SIZES:
        used = merges[: max(0, size - len(letters))]
        pieces = sum(n * len(byte_pairs(word, used)) for word, n in held_out.items())
        table["frequency"].append(pieces / words)
        pieces_kept = [*SPECIAL, *symbols[: max(begin, size)]]
        wordpiece = WordPiece({piece: i for i, piece in enumerate(pieces_kept)})
        pieces = sum(n * len(wordpiece.cut(word)) for word, n in held_out.items())
        table["association"].append(pieces / words)
    return table


def looks(maps: Tensor, tokens: list[str], a: str, b: str) -> Tensor:
    """How much more each head looks from "it" to ``a`` than to ``b``: (layers, heads)."""
    it = tokens.index("it", tokens.index(b))
    return maps[:, :, it, tokens.index(a)] - maps[:, :, it, tokens.index(b)]


def riddles() -> dict:
    """For each head of MiniLM, how often "it" looks more at what it means than at the other."""
    from transformers import BertModel

    folder = find(MINILM).path
    tokenizer = WordPiece.from_pretrained(MINILM)
    model = BertModel.from_pretrained(folder, attn_implementation="eager").eval()
    right, moved = [], []
    for a, b, sentence, first, second in RIDDLES:
        pair = []
        for word in (first, second):
            text = sentence.format(word)
            tokens = ["[CLS]", *tokenizer.tokens(text), "[SEP]"]
            with torch.no_grad():
                maps = model(**tokenizer.batch([text]), output_attentions=True).attentions
            pair.append(looks(torch.cat(maps), tokens, a, b))
        right += [pair[0] > 0, pair[1] < 0]
        moved.append(pair[0] > pair[1])
    score = torch.stack(right).float()  # (24, 6, 12)
    shift = torch.stack(moved).float()  # (12, 6, 12)
    half = len(RIDDLES) // 2
    chosen = shift[:half].mean(0).flatten().argmax()
    best = shift.mean(0)
    layer, head = divmod(int(best.argmax()), best.shape[1])
    flips = torch.randint(0, 2, (2000, *shift.shape), generator=torch.Generator().manual_seed(0))
    chance = flips.float().mean(1).flatten(1).amax(1)  # the best of 72 coins, 2000 times
    return {
        "sentences": len(score),
        "mean": score.mean().item(),
        "best": score.mean(0).max().item(),
        "shift": {
            "mean": best.mean().item(),
            "best": best.max().item(),
            "layer": layer + 1,
            "head": head + 1,
            "best_of_72_coins": chance.mean().item(),
            "coins_as_good": (chance >= best.max()).float().mean().item(),
            "chosen_on_half": shift[:half].mean(0).flatten()[chosen].item(),
            "on_the_other_half": shift[half:].mean(0).flatten()[chosen].item(),
        },
    }


def main() -> None:
    torch.set_num_threads(1)
    texts = sentences()
    numbers = {"agreement": agreement(texts), "riddles": riddles(), "sizes": SIZES}
    seeds = [0, 1, 2]
    tables = [vocabularies(texts["tatoeba_en"], seed) for seed in seeds]
    numbers["learned"] = {name: [table[name] for table in tables] for name in tables[0]}
    numbers["mean"] = {
        name: [statistics.mean(values) for values in zip(*rows, strict=True)]
        for name, rows in numbers["learned"].items()
    }
    numbers["words"] = len(Counter(count_words(texts["tatoeba_en"])))
    results.write(
        "wordpiece",
        numbers,
        command="python snippets/1_NLP_basics/wordpiece_experiment.py",
        seed=seeds,
        note_zh="与参考分词器逐条比较；不同大小的词表在没见过的句子上；MiniLM 的 it 在看谁。",
        note_en="Compared with the reference text by text; vocabularies of several sizes on unseen "
        'sentences; what "it" looks at in MiniLM.',
    )


if __name__ == "__main__":
    main()
