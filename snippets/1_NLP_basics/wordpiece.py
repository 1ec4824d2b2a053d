"""For the page `wordpiece`: one word cut, and what a head of a BERT looks at."""

import torch


def cut(word, vocabulary):
    """The longest piece first, one character shorter each time; None: no way."""
    pieces = []
    while word:
        end = len(word)
        while end and ("##" if pieces else "") + word[:end] not in vocabulary:
            end -= 1
        if end == 0:
            return None
        pieces.append(("##" if pieces else "") + word[:end])
        word = word[end:]
    return pieces


def looks_at(model, tokenizer, text, word, others, layer, head):
    """How much of its attention a head gives from `word` to each of the `others`."""
    inputs = tokenizer(text, return_tensors="pt")
    tokens = tokenizer.convert_ids_to_tokens(inputs["input_ids"][0])
    with torch.no_grad():
        maps = model(**inputs, output_attentions=True).attentions  # a layer: (1, heads, T, T)
    row = maps[layer - 1][0, head - 1, tokens.index(word)]  # (T,)
    return {other: f"{row[tokens.index(other)]:.2f}" for other in others}
