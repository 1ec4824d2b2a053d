"""What the page `bert-heads` includes: a label for each piece."""

from collections.abc import Sequence

import torch
from torch import Tensor

from wode.data.formats import Tagged
from wode.heads import first_pieces
from wode.wordpiece import Encoding, WordPiece


def tag_samples(
    tokenizer: WordPiece, sentences: Sequence[Tagged], tags: Sequence[str]
) -> list[tuple[Encoding, Tensor]]:
    """A class for each word, at its first piece; -100 elsewhere: labels (T,)."""
    samples = []
    for words, wanted in sentences:
        encoding = tokenizer.encode(" ".join(words))
        label = torch.full((len(encoding.ids),), -100)
        for place, tag in zip(first_pieces(encoding, words), wanted, strict=True):
            if place is not None:  # nothing is left of some characters
                label[place] = tags.index(tag)
        samples.append((encoding, label))
    return samples
