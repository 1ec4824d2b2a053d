"""For the page `wordpiece`: one word cut into pieces."""


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
