"""WordPiece: text → words → pieces of a vocabulary → numbers, and back to places in the text.

The algorithm is BERT's (Devlin et al., arXiv:1810.04805, section 3; Wu et al., arXiv:1609.08144,
section 4.1): a word is cut, from its left end, into the longest pieces that the vocabulary holds.
Ids and offsets equal those of the reference, the ``tokenizers`` library, for any text and under any
of the settings that `wode.files.vocabulary` reads.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch
from torch import Tensor

from wode.checks import several
from wode.files.vocabulary import Cutting, read_vocabulary
from wode.unicode import check_text, is_, normalise

PAD, UNK, CLS, SEP, MASK = SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
MORE = "##"  # what a piece begins with that continues a word
LONGEST_WORD = 100  # characters; a longer word is unknown


def words(characters: Sequence[tuple[str, int]]) -> Iterator[Sequence[tuple[str, int]]]:
    """Cut at spaces, and around each punctuation mark."""
    begin = 0
    for end, (c, _) in enumerate(characters):
        alone = is_("punctuation", c)
        if c == " " or alone:
            if begin < end:
                yield characters[begin:end]
            if alone:
                yield characters[end : end + 1]
            begin = end + 1
    if begin < len(characters):
        yield characters[begin:]


class Piece(NamedTuple):
    """A piece's number in the vocabulary, and where it stands: ``text[start:end]``."""

    id: int
    start: int
    end: int


@dataclass(frozen=True)
class Encoding:
    """One input of BERT: [CLS] a [SEP], or [CLS] a [SEP] b [SEP]; lists of equal length.

    ``offsets`` lead back to the text, ``sequence`` says to which: 0, 1, or None at [CLS], [SEP].
    ``cut`` has the text, beginning and end of each piece that found no room.
    """

    ids: list[int]
    types: list[int]
    offsets: list[tuple[int, int]]
    sequence: list[int | None]
    cut: list[tuple[int, int, int]] = field(default_factory=list)


class WordPiece:
    """A vocabulary at work; ``vocabulary`` maps a piece to its number.

    ``lowercase``, ``strip_accents`` and ``tokenize_chinese_chars`` as in `normalise`.
    """

    def __init__(
        self,
        vocabulary: dict[str, int],
        lowercase: bool = True,
        strip_accents: bool | None = None,
        tokenize_chinese_chars: bool = True,
    ) -> None:
        missing = [token for token in SPECIAL if token not in vocabulary]
        if missing:
            raise ValueError(f"expected a vocabulary with {', '.join(SPECIAL)}; no {missing}")
        self.vocabulary = vocabulary
        self.pieces = {number: piece for piece, number in vocabulary.items()}
        if len(self.pieces) < len(vocabulary):
            raise ValueError("expected a number of its own for each piece of the vocabulary")
        self.lowercase = lowercase
        self.rules = (lowercase, strip_accents, tokenize_chinese_chars)
        self.special = re.compile("|".join(map(re.escape, SPECIAL)))
        self.known: dict[str, tuple[tuple[int, int], ...]] = {}  # words cut before

    @classmethod
    def from_pretrained(cls, model_id: str) -> "WordPiece":
        """The tokenizer of a BERT, by its name on the hub, used as its files say.

        Errors are those of `wode.files.vocabulary.read_vocabulary`: a setting is followed, or
        refused with the file and the key. ``model_max_length`` cuts nothing: `encode` is told
        where to cut.
        """
        cutting = Cutting(SPECIAL, MORE, LONGEST_WORD)
        vocabulary, pieces, rules = read_vocabulary(model_id, cutting)
        tokenizer = cls(vocabulary, *rules)
        tokenizer.pieces = pieces  # of a piece that is there twice, both numbers
        return tokenizer

    def cut(self, word: str) -> tuple[tuple[int, int], ...]:
        """(id, length) of the longest pieces from the left; one [UNK] if there is no such way."""
        if word in self.known:
            return self.known[word]
        cuts, begin = [], 0
        while begin < len(word) <= LONGEST_WORD:
            prefix = MORE if begin else ""
            ends = range(len(word), begin, -1)
            end = next((e for e in ends if prefix + word[begin:e] in self.vocabulary), None)
            if end is None:
                break
            cuts.append((self.vocabulary[prefix + word[begin:end]], end - begin))
            begin = end
        if begin < len(word):
            cuts = [(self.vocabulary[UNK], len(word))]
        if len(self.known) < 100_000:
            self.known[word] = tuple(cuts)
        return tuple(cuts)

    def pieces_of(self, text: str) -> list[Piece]:
        """The pieces of a text; [MASK] and the other special tokens stay whole."""
        check_text(text)  # before it is cut, so that an error names the place in the whole
        pieces, begin = [], 0
        for special in self.special.finditer(text):
            pieces += self._pieces(text[begin : special.start()], begin)
            pieces.append(Piece(self.vocabulary[special[0]], special.start(), special.end()))
            begin = special.end()
        return pieces + self._pieces(text[begin:], begin)

    def _pieces(self, text: str, begin: int) -> list[Piece]:
        pieces = []
        for word in words(normalise(text, *self.rules)):
            at = 0
            for number, length in self.cut("".join(c for c, _ in word)):
                first, last = word[at][1], word[at + length - 1][1]
                pieces.append(Piece(number, begin + first, begin + last + 1))
                at += length
        return pieces

    def tokens(self, text: str) -> list[str]:
        """The pieces as text: ``playing`` and ``##s``."""
        return [self.pieces[piece.id] for piece in self.pieces_of(text)]

    def encode(self, text: str, pair: str | None = None, max_length: int | None = None) -> Encoding:
        """A text, or a pair, with [CLS] and [SEP]; the longer one is truncated first.

        Raises:
            ValueError: there is no room for the special tokens, or the text is no text.
        """
        parts = whole = [self.pieces_of(text)] + ([] if pair is None else [self.pieces_of(pair)])
        if max_length is not None:
            room = max_length - 1 - len(parts)
            if room < 0:
                raise ValueError(
                    f"expected max_length of at least {1 + len(parts)}, got {max_length}"
                )
            parts = truncate(parts, room)
        cls, sep = self.vocabulary[CLS], self.vocabulary[SEP]
        ids, types, offsets, sequence = [cls], [0], [(0, 0)], list[int | None]([None])
        for n, part in enumerate(parts):
            ids += [*(piece.id for piece in part), sep]
            types += [n] * (len(part) + 1)
            offsets += [*((piece.start, piece.end) for piece in part), (0, 0)]
            sequence += [*([n] * len(part)), None]
        cut = [(n, *p[1:]) for n, part in enumerate(parts) for p in whole[n][len(part) :]]
        return Encoding(ids, types, offsets, sequence, cut)

    def batch(
        self, texts: Sequence[str] | Sequence[tuple[str, str | None]], max_length: int | None = None
    ) -> dict[str, Tensor]:
        """Texts or pairs → input_ids, attention_mask, token_type_ids: (B, T) each, padded.

        Raises:
            TypeError: one string, which would pass for its letters; None, or NaN, for a text.
        """
        pairs = [t if isinstance(t, tuple | list) else (t, None) for t in several("texts", texts)]
        return pad([self.encode(a, b, max_length) for a, b in pairs], self.vocabulary[PAD])

    def decode(self, ids: Iterable[int]) -> str:
        """The pieces joined again; case, accents and spaces between words are not restored."""
        return " ".join(self.pieces[int(i)] for i in ids).replace(f" {MORE}", "")


def truncate(parts: list[list[Piece]], room: int) -> list[list[Piece]]:
    """Shorten the longer of one or two parts until both fit into ``room`` pieces."""
    if len(parts) == 1:
        return [parts[0][:room]]
    shorter, longer = sorted(map(len, parts))
    if shorter + longer <= room:
        return parts
    half = min(shorter, room // 2)  # what the shorter one keeps
    keep = (half, room - half) if len(parts[0]) <= len(parts[1]) else (room - half, half)
    return [part[:n] for part, n in zip(parts, keep, strict=True)]


def pad(encodings: Sequence[Encoding], padding: int = 0) -> dict[str, Tensor]:
    """Lists of unequal length → (B, T) each; attention_mask is 1 at real tokens."""
    length = max((len(encoding.ids) for encoding in encodings), default=0)

    def rows(lists: Iterable[list[int]], fill: int) -> Tensor:
        padded = [row + [fill] * (length - len(row)) for row in lists]
        return torch.tensor(padded, dtype=torch.long)  # (B, T); of nothing torch makes floats

    return {
        "input_ids": rows((encoding.ids for encoding in encodings), padding),
        "attention_mask": rows(([1] * len(encoding.ids) for encoding in encodings), 0),
        "token_type_ids": rows((encoding.types for encoding in encodings), 0),
    }
