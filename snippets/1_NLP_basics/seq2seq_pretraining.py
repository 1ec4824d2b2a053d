"""For the page `seq2seq-pretraining`: ways to make a source and a target of plain text."""

import random
from collections.abc import Sequence

from wode.denoising import (
    Pair,
    document_rotation,
    mass,
    parts,
    sentence_permutation,
    span_corruption,
    text_infilling,
    token_deletion,
    token_masking,
)
from wode.translation import END


def t5_program(
    tokens: Sequence, sentinels: Sequence, chance: random.Random, share: float = 0.15
) -> Pair:
    """Spans as T5's own program lays them: kept and gone in turn, a kept piece first."""
    count = min(max(1, round(share * len(tokens))), len(tokens) - 1)
    spans = max(1, round(count / 3))
    source, target, at = [], [], 0
    lengths = parts(len(tokens) - count, spans, chance), parts(count, spans, chance)
    for mark, kept, gone in zip(sentinels, *lengths, strict=False):
        source += [*tokens[at : at + kept], mark]
        target += [mark, *tokens[at + kept : at + kept + gone]]
        at += kept + gone
    return Pair(source, [*target, sentinels[spans]])


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
        hidden = mass(text, mask, chance, 0.5)
        return Pair(hidden.source, hidden.labels())
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
