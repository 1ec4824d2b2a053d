"""Where a vocabulary of subwords comes from: pairs of symbols, merged one after another.

Byte-pair encoding merges the most frequent pair (Sennrich et al., arXiv:1508.07909, algorithm 1).
WordPiece merges the pair that raises the likelihood of the text most (Schuster & Nakajima, 2012),
here in a model where each symbol stands by itself. The quotient count(ab) / (count(a) · count(b)),
which is often given as WordPiece's score, is another thing: it lacks the factor count(ab).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

from wode.checks import several
from wode.unicode import normalise
from wode.wordpiece import MORE, SPECIAL, words

SymbolPair = tuple[str, str]
Score = Callable[[int, int, int, int], float]  # counts of ab, a, b and of all symbols


def frequency(both: int, first: int, second: int, total: int) -> float:
    """Byte-pair encoding's score: how often the pair stands in the text."""
    return both


def likelihood(both: int, first: int, second: int, total: int) -> float:
    """WordPiece's score: how much the text's log-likelihood rises if the pair becomes one symbol.

    The likelihood is that of symbols which stand by themselves, each with its share of the text:
    its logarithm is the sum of n·log n over the symbols, less that of their total. About
    both · log(total · both / (first · second)) for a pair that is rare among its halves' places; of
    one symbol twice it is an estimate, since places may overlap.
    """
    before, after = (first, second), (both, first - both, second - both)
    return _entropy_sum(after, total - both) - _entropy_sum(before, total)


def _entropy_sum(counts: tuple[int, ...], total: int) -> float:
    return sum(n * math.log(n) for n in counts if n > 0) - total * math.log(total)


def association(both: int, first: int, second: int, total: int) -> float:
    """How much more often than if its halves knew nothing of each other; rare pairs win."""
    return both / (first * second)


def count_words(
    texts: Iterable[str],
    lowercase: bool = True,
    strip_accents: bool | None = None,
    tokenize_chinese_chars: bool = True,
) -> Counter[str]:
    """How often each word stands in the texts, cut as a `WordPiece` of these settings cuts them."""
    rules = lowercase, strip_accents, tokenize_chinese_chars
    return Counter(
        "".join(c for c, _ in word)
        for text in several("texts", texts)
        for word in words(normalise(text, *rules))
    )


def merged(symbols: list[str], pair: tuple[str, str], whole: str) -> list[str]:
    """``symbols`` with each ``pair``, from the left, replaced by ``whole``."""
    shorter: list[str] = []
    i = 0
    while i < len(symbols):
        both = tuple(symbols[i : i + 2]) == pair
        shorter.append(whole if both else symbols[i])
        i += 1 + both
    return shorter


def learn(
    counts: Mapping[str, int],
    merges: int,
    score: Score = frequency,
    more: str = "",
    least: int = 1,
) -> tuple[list[str], list[SymbolPair]]:
    """Learn up to ``merges`` merges from how often each word occurs.

    Args:
        counts: how often each word occurs.
        merges: how many pairs to merge at most.
        score: of a pair, from the counts of the pair, its first half, its second, all symbols.
        more: what marks a symbol inside a word; WordPiece's is ``##``.
        least: pairs that occur less often are never merged.

    Returns:
        The symbols: single characters sorted, then those merged; and the merges in their order.
        Of pairs with one score, that of the earlier symbols comes first.
    """
    texts = [[c if i == 0 else more + c for i, c in enumerate(word)] for word in counts]
    weights = list(counts.values())
    single: Counter[str] = Counter()
    pairs: Counter[SymbolPair] = Counter()
    where: defaultdict[SymbolPair, set[int]] = defaultdict(set)  # in which words a pair stands

    def note(n: int, sign: int) -> None:
        for symbol in texts[n]:
            single[symbol] += sign * weights[n]
        for pair in pairwise(texts[n]):
            pairs[pair] += sign * weights[n]
            where[pair].add(n)

    for n in range(len(texts)):
        note(n, +1)
    symbols = sorted(single)
    number = {symbol: i for i, symbol in enumerate(symbols)}
    learned: list[SymbolPair] = []
    while len(learned) < merges:
        ready = [pair for pair, both in pairs.items() if both >= least]
        if not ready:
            break
        total = single.total()
        a, b = min(
            ready,
            key=lambda p: (
                -score(pairs[p], single[p[0]], single[p[1]], total),
                number[p[0]],
                number[p[1]],
            ),
        )
        whole = a + b.removeprefix(more)
        for n in where.pop((a, b)):
            note(n, -1)
            texts[n] = merged(texts[n], (a, b), whole)
            note(n, +1)
        pairs = +pairs  # forget the pairs that no longer occur
        if whole not in number:
            number[whole] = len(symbols)
            symbols.append(whole)
        learned.append((a, b))
    return symbols, learned


def wordpiece_vocabulary(counts: Mapping[str, int], size: int, least: int = 2) -> dict[str, int]:
    """A vocabulary for ``WordPiece`` of at most ``size`` pieces, the special tokens first.

    Raises:
        ValueError: ``size`` has no room for the single characters.
    """
    single = {c if i == 0 else MORE + c for word in counts for i, c in enumerate(word)}
    room = size - len(SPECIAL) - len(single)
    if room < 0:
        raise ValueError(
            f"expected a size of at least {size - room}, the special tokens and single characters, "
            f"got {size}"
        )
    symbols, _ = learn(counts, room, likelihood, MORE, least)
    return {piece: n for n, piece in enumerate((*SPECIAL, *symbols))}


def byte_pairs(word: str, merges: list[tuple[str, str]]) -> list[str]:
    """Cut a word by the merges: of those that fit, always the one that was learned first."""
    rank = {pair: n for n, pair in enumerate(merges)}
    symbols = list(word)
    while len(symbols) > 1:
        best = min(pairwise(symbols), key=lambda pair: rank.get(pair, math.inf))
        if best not in rank:
            break
        symbols = merged(symbols, best, "".join(best))
    return symbols
