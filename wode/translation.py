"""What stands around a translation model: tokens, their numbers, batches.

Text becomes tokens by `tokens_of`, tokens become numbers by a `Vocabulary`, examples become a batch
by `batch_of`; `translate` goes the way back.
"""

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from torch import Tensor

from wode.checks import several, whole
from wode.decoding import beam_search, device_of, evaluating, greedy_search
from wode.padding import pad_ids
from wode.transformer import TranslationModel

PAD, BEGIN, END, UNKNOWN = range(4)


def tokens_of(text: str) -> list[str]:
    """Words and marks of English in lower case; Chinese characters one by one."""
    return re.findall(r"[a-z]+(?:'[a-z]+)?|[^\W\da-z_]|\d|[^\w\s]", text.lower())


def text_of(tokens: Iterable[str]) -> str:
    """English tokens as a sentence, in lower case."""
    return re.sub(r" (?=[.,?!;:])", "", " ".join(tokens))


def not_text(tokens: Iterable[str]) -> Iterable[str]:
    """The tokens as they are; a string would pass for its letters."""
    if isinstance(tokens, str):
        raise TypeError(f"expected tokens, got a string: use tokens_of({tokens!r})")
    return tokens


class Vocabulary:
    """Tokens and their numbers; the first four are padding, begin, end and unknown."""

    def __init__(self, sentences: Iterable[Iterable[str]], at_least: int = 1) -> None:
        counts = Counter(itertools.chain.from_iterable(map(not_text, sentences)))
        kept = sorted(token for token, count in counts.items() if count >= at_least)
        self.tokens = ["<pad>", "<begin>", "<end>", "<unknown>", *kept]
        self.ids = {token: number for number, token in enumerate(self.tokens)}

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, tokens: Iterable[str]) -> list[int]:
        return [self.ids.get(token, UNKNOWN) for token in not_text(tokens)]

    def decode(self, ids: Iterable[int]) -> list[str]:
        return [self.tokens[whole("an id", number)] for number in ids]


Example = tuple[list[int], list[int]]  # the ids of a source and of its translation


def batch_of(examples: Sequence[Example]) -> tuple[Tensor, Tensor, Tensor]:
    """Source (B, S), what the decoder reads (B, T), what it is to say (B, T): one token further."""
    source = pad_ids([source for source, _ in examples], PAD)
    reads = pad_ids([[BEGIN, *target] for _, target in examples], PAD)
    return source, reads, pad_ids([[*target, END] for _, target in examples], PAD)


def batches(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """All examples once, in batches of similar length, in random order."""
    size = whole("size", size, 1)
    order = sorted(examples, key=lambda example: len(example[1]) + rng.random())
    groups = [order[first : first + size] for first in range(0, len(order), size)]
    rng.shuffle(groups)
    yield from groups


class TranslationSteps:
    """The steps of translating ``source`` (B, S), each row ``beams`` times."""

    def __init__(
        self, model: TranslationModel, source: Tensor, beams: int = 1, cache: bool = True
    ) -> None:
        self.model = model
        memory, mask = model.encode(source)
        self.memory = memory.repeat_interleave(beams, dim=0)  # (B·beams, S, E)
        self.mask = mask.repeat_interleave(beams, dim=0)
        self.caches = model.transformer.decoder.caches() if cache else None

    def next_logits(self, tokens: Tensor) -> Tensor:
        if self.caches is not None:
            tokens = tokens[:, len(self.caches[0][0]) :]  # only what the caches do not hold
        tokens = tokens.to(self.memory.device)
        return self.model.decode(tokens, self.memory, self.mask, self.caches)[:, -1].cpu()

    def select(self, rows: Tensor) -> None:
        rows = rows.to(self.memory.device)
        self.memory, self.mask = self.memory[rows], self.mask[rows]
        for pair in self.caches or []:
            for cache in pair:
                cache.select(rows)


def translate(
    model: TranslationModel, sources: Sequence[list[int]], beams: int = 1, max_length: int = 40
) -> list[list[int]]:
    """The ids of each source's translation, greedily or by beam search.

    Raises:
        TypeError: one string.
        ValueError: no beam, or a length that is none; an empty source.
    """
    several("sources", sources), whole("beams", beams, 1)
    if not all(map(len, sources)):
        raise ValueError("expected sources of at least one token each, got an empty one")
    translations: list[list[int]] = []
    for first in range(0, len(sources), 100):
        rows = sources[first : first + 100]
        source = pad_ids(rows, PAD)
        with evaluating(model):
            steps = TranslationSteps(model, source.to(device_of(model)), beams)
            if beams == 1:
                translations += greedy_search(steps, len(rows), BEGIN, END, max_length)
            else:
                translations += beam_search(steps, len(rows), beams, BEGIN, END, max_length)
    return translations


def answers_of(
    model: TranslationModel, vocabulary: Vocabulary, sources: Iterable[str], beams: int = 1
) -> list[str]:
    """The model's translations of Chinese sentences, in lower case."""
    ids = [vocabulary.encode(tokens_of(source)) for source in several("sources", sources)]
    return [text_of(vocabulary.decode(answer)) for answer in translate(model, ids, beams)]
