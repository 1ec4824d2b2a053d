"""What BERT is trained on besides masked words: questions about pairs of sentences (NSP, SOP).

Next sentence prediction is BERT's (Devlin et al., arXiv:1810.04805, section 3.1), sentence-order
prediction is ALBERT's (Lan et al., arXiv:1909.11942, section 3.1). Nobody labels anything: the text
itself is the answer. Chance comes from a ``torch.Generator``, so the same seed gives the same
examples.
"""

import itertools
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import torch

Sentence = TypeVar("Sentence")


class SentencePair(NamedTuple, Generic[Sentence]):
    """Two sentences, and 0 if the second does follow the first, 1 if not."""

    first: Sentence
    second: Sentence
    label: int


def next_sentence(
    documents: Sequence[Sequence[Sentence]], generator: torch.Generator | None = None
) -> list[SentencePair[Sentence]]:
    """BERT's NSP: each sentence with the next one (0) or, half of the time, with a stranger (1).

    The stranger is any sentence of any other document.

    Raises:
        ValueError: fewer than two documents, or no document of two sentences.
    """
    pairs = neighbours(documents)
    if len([document for document in documents if document]) < 2:
        raise ValueError("expected at least two documents: a stranger comes from another one")
    examples = []
    for number, first, second in pairs:
        label = draw(2, generator)
        if label:
            others = [d for n, d in enumerate(documents) if n != number and d]
            place = draw(sum(map(len, others)), generator)  # every sentence equally likely
            for document in others:
                if place < len(document):
                    second = document[place]
                    break
                place -= len(document)
        examples.append(SentencePair(first, second, label))
    return examples


def sentence_order(
    documents: Sequence[Sequence[Sentence]], generator: torch.Generator | None = None
) -> list[SentencePair[Sentence]]:
    """ALBERT's SOP: two neighbours as they stand (0) or, half of the time, swapped (1).

    Raises:
        ValueError: no document of two sentences.
    """
    examples = []
    for _, first, second in neighbours(documents):
        label = draw(2, generator)
        pair = (second, first) if label else (first, second)
        examples.append(SentencePair(*pair, label))
    return examples


def neighbours(documents: Sequence[Sequence[Sentence]]) -> list[tuple[int, Sentence, Sentence]]:
    """(document, sentence, next sentence) for all documents."""
    for number, document in enumerate(documents):
        if isinstance(document, str):
            raise ValueError(
                f"document {number}: expected a list of sentences, got a string: {document[:30]!r}"
            )
    pairs = [
        (number, first, second)
        for number, document in enumerate(documents)
        for first, second in itertools.pairwise(document)
    ]
    if not pairs:
        raise ValueError("expected a document of at least two sentences, got none")
    return pairs


def draw(below: int, generator: torch.Generator | None) -> int:
    """A number from 0 to below - 1, all equally likely."""
    return int(torch.randint(below, (), generator=generator))
