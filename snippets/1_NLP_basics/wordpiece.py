"""For the page `wordpiece`: one word cut, and what a head of a BERT looks at."""

from typing import Any

import torch
from torch import nn


def cut(word: str, vocabulary: dict[str, int]) -> list[str] | None:
    """The longest piece first, one character shorter each time; None: no way."""
    pieces: list[str] = []
    while word:
        end = len(word)
        while end and ("##" if pieces else "") + word[:end] not in vocabulary:
            end -= 1
        if end == 0:
            return None
        pieces.append(("##" if pieces else "") + word[:end])
        word = word[end:]
    return pieces


def looks_at(
    model: nn.Module, tokenizer: Any, text: str, word: str, others: list[str], layer: int, head: int
) -> dict[str, str]:
    """How much of its attention a head gives from `word` to each of the `others`."""
    inputs = tokenizer(text, return_tensors="pt")
    tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])
    with torch.no_grad():
        maps = model(**inputs, output_attentions=True).attentions  # a layer: (1, heads, T, T)
    row = maps[layer - 1][0, head - 1, tokens.index(word)]  # (T,)
    return {other: f"{row[tokens.index(other)]:.2f}" for other in others}
