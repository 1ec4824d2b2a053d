"""For the page `seq2seq-pretraining`: ways to make a source and a target of plain text."""

import random
from collections.abc import Sequence

from wode.denoising import (
    Pair,
    document_rotation,
    mass,
    sentence_permutation,
    span_corruption,
    text_infilling,
    token_deletion,
    token_masking,
)
from wode.seq2seq import IGNORE
from wode.translation import END


def pair_of(
    way: str,
    sentences: Sequence[list[int]],
    mask: int,
    sentinels: Sequence[int],
    chance: random.Random,
    share: float = 0.3,
) -> Pair:
    """What the encoder reads and the labels of the decoder, -100 where it is not asked."""
    text = [token for sentence in sentences for token in sentence]
    if way == "mass":
        source, stretch, begin = mass(text, mask, chance, 0.5)
        behind = len(text) - begin - len(stretch)
        return Pair(source, [IGNORE] * begin + stretch + [IGNORE] * behind)
    if way == "spans":
        source, target = span_corruption(text, sentinels, chance, share)
        return Pair(source, [*target, END])
    if way == "prefix":  # no damage: the beginning is read, the rest is written
        cut = chance.randint(1, len(text) - 1)
        return Pair(text[:cut], [*text[cut:], END])
    damaged = {
        "copy": lambda: text,  # no damage at all
        "masking": lambda: token_masking(text, mask, chance, share),
        "deletion": lambda: token_deletion(text, chance, share),
        "infilling": lambda: text_infilling(text, mask, chance, share),
        "permutation": lambda: sentence_permutation(sentences, chance),
        "rotation": lambda: document_rotation(text, chance),
    }
    return Pair(damaged[way](), [*text, END])
