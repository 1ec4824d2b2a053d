"""For the page `subwords`: byte-pair encoding, learned and applied, plainly."""

import math
from collections import Counter
from itertools import pairwise


def merge(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    """Each `pair` of neighbours becomes one symbol, from the left."""
    shorter: list[str] = []
    for symbol in symbols:
        if shorter and (shorter[-1], symbol) == pair:
            shorter[-1] += symbol
        else:
            shorter.append(symbol)
    return shorter


def learn_merges(counts: dict[str, int], steps: int) -> tuple[list[str], list[tuple]]:
    """Merge, `steps` times, the pair that is most frequent: the symbols, and the merges.

    Of pairs equally frequent, that of the earlier symbols: letters sorted, then those learned.
    """
    texts = {word: list(word) for word in counts}
    symbols, merges = sorted(set("".join(counts))), []
    for _ in range(steps):
        pairs: Counter[tuple] = Counter()
        for word, pieces in texts.items():
            for pair in pairwise(pieces):
                pairs[pair] += counts[word]
        a, b = min(pairs, key=lambda p: (-pairs[p], symbols.index(p[0]), symbols.index(p[1])))
        texts = {word: merge(pieces, (a, b)) for word, pieces in texts.items()}
        symbols.append(a + b)
        merges.append((a, b))
    return symbols, merges


def cut(symbols: list[str], merges: list[tuple]) -> list[str]:
    """Do the merges again: of those that fit, the one that was learned first."""
    rank = {pair: n for n, pair in enumerate(merges)}
    while len(symbols) > 1:
        best = min(pairwise(symbols), key=lambda pair: rank.get(pair, math.inf))
        if best not in rank:
            break
        symbols = merge(symbols, best)
    return symbols


def log_likelihood(texts: dict[str, list[str]], counts: dict[str, int]) -> float:
    """Of all the words, each symbol standing by itself with its share of the text."""
    n: Counter[str] = Counter()
    for word, symbols in texts.items():
        for symbol in symbols:
            n[symbol] += counts[word]
    return sum(k * math.log(k / n.total()) for k in n.values())
