"""For the page `subwords`: byte-pair encoding learned plainly, and a text's likelihood."""

import math
from collections import Counter
from itertools import pairwise

from wode.subwords import merged


def learn_merges(counts: dict[str, int], steps: int) -> tuple[list[str], list]:
    """Merge, `steps` times, the most frequent pair; of equals, that of the earlier symbols."""
    texts = {word: list(word) for word in counts}
    symbols, merges = sorted(set("".join(counts))), []
    for _ in range(steps):
        pairs = Counter()
        for word, pieces in texts.items():
            for pair in pairwise(pieces):
                pairs[pair] += counts[word]
        a, b = min(pairs, key=lambda p: (-pairs[p], symbols.index(p[0]), symbols.index(p[1])))
        texts = {word: merged(pieces, (a, b), a + b) for word, pieces in texts.items()}
        symbols.append(a + b)
        merges.append((a, b))
    return symbols, merges


def log_likelihood(texts: dict[str, list[str]], counts: dict[str, int]) -> float:
    """Of all the words, each symbol standing by itself with its share of the text."""
    n = Counter()
    for word, symbols in texts.items():
        for symbol in symbols:
            n[symbol] += counts[word]
    return sum(k * math.log(k / n.total()) for k in n.values())
