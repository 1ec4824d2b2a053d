"""What stands around a translation model: tokens and their numbers, batches, BLEU.

Text becomes tokens by `tokens_of`, tokens become numbers by a `Vocabulary`, examples become a batch
by `batch_of`; `translate` goes the way back, and `bleu` says how good it is.
"""

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from wode.decoding import TranslationSteps, beam_search, greedy_search
from wode.metrics import device_of
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
        return [self.tokens[number] for number in ids]


Example = tuple[list[int], list[int]]  # the ids of a source and of its translation


def batch_of(examples: Sequence[Example]) -> tuple[Tensor, Tensor, Tensor]:
    """Source (B, S), what the decoder reads (B, T), what it is to say (B, T): one token further."""
    source = [torch.tensor(source) for source, _ in examples]
    reads = [torch.tensor([BEGIN, *target]) for _, target in examples]
    says = [torch.tensor([*target, END]) for _, target in examples]
    padded = [
        pad_sequence(part, batch_first=True, padding_value=PAD) for part in (source, reads, says)
    ]
    return padded[0], padded[1], padded[2]


def batches(
    examples: Sequence[Example], size: int, choose: random.Random
) -> Iterator[list[Example]]:
    """All examples once, in batches of similar length, in random order."""
    order = sorted(examples, key=lambda example: len(example[1]) + choose.random())
    groups = [order[first : first + size] for first in range(0, len(order), size)]
    choose.shuffle(groups)
    yield from groups


def translate(
    model: TranslationModel, sources: Sequence[list[int]], beams: int = 1, max_length: int = 40
) -> list[list[int]]:
    """The ids of each source's translation, greedily or by beam search."""
    model.eval()
    found: list[list[int]] = []
    for first in range(0, len(sources), 100):
        rows = [torch.tensor(source) for source in sources[first : first + 100]]
        source = pad_sequence(rows, batch_first=True, padding_value=PAD)
        with torch.no_grad():
            steps = TranslationSteps(model, source.to(device_of(model)), beams)
        if beams == 1:
            found += greedy_search(steps, len(rows), BEGIN, END, max_length)
        else:
            found += beam_search(steps, len(rows), beams, BEGIN, END, max_length)
    return found


def bleu(translations: Sequence[str], references: Sequence[str]) -> float:
    """Corpus BLEU from 0 to 100, upper and lower case alike, by sacrebleu."""
    import sacrebleu

    if isinstance(translations, str) or isinstance(references, str):
        raise TypeError("expected lists of sentences, got a single string")
    if not translations or len(translations) != len(references):
        raise ValueError(
            "expected one reference for each translation, at least one, got "
            f"{len(translations)} translations and {len(references)} references"
        )
    return sacrebleu.corpus_bleu(list(translations), [list(references)], lowercase=True).score
