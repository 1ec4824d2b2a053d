"""The shapes of tasks: whom a task asks, the text or each word, and what it may answer with.

Answers are fixed classes or places in the input, for the text or for each word: four patterns, one
loss. A text as the answer is the class of its next word, again and again: `wode.decoding`.

The span as two places is section 4.2 of Devlin et al. (arXiv:1810.04805); a place for each word is
*Dependency Parsing as Head Selection* (Zhang, Cheng, Lapata, arXiv:1606.01280, section 3).
"""

import itertools
import re
from collections.abc import Sequence
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from wode.bert import Bert
from wode.checks import several
from wode.wordpiece import Encoding, WordPiece, pad

Pattern = Literal["class", "token", "copy", "arc"]


def scores(head: nn.Linear, hidden: Tensor, real: Tensor, pattern: Pattern) -> Tensor:
    """Vectors (B, T, E), true where ``real`` (B, T) → scores, what to choose from in dimension 1.

    class (B, C) · token (B, C, T) · copy (B, T, 2), start and end · arc (B, T, T), a place each
    """
    if not real.any(dim=1).all():
        raise ValueError("expected at least one word in each row, got a row of padding alone")
    if pattern == "class":
        shares = real / real.sum(dim=1, keepdim=True)  # (B, T)
        return head((shares[:, :, None] * hidden).sum(dim=1))
    if pattern == "token":
        return head(hidden).transpose(1, 2)
    if pattern == "copy":
        places = head(hidden)  # (B, T, 2)
    elif pattern == "arc":
        places = hidden @ head(hidden).transpose(1, 2)  # (B, T, T)
    else:
        raise ValueError(f"expected class, token, copy or arc, got {pattern!r}")
    return places.masked_fill(~real[:, :, None], -torch.inf)  # no answer is in the padding


def fit(
    hidden: Tensor,
    real: Tensor,
    labels: Tensor,
    classes: int,
    pattern: Pattern,
    steps: int = 100,
    rate: float = 0.01,
) -> nn.Linear:
    """A head that has learned the labels: (B,) · (B, T), -100 at padding · (B, 2) · (B, T)."""
    head = nn.Linear(hidden.shape[2], classes)
    optimizer = torch.optim.AdamW(head.parameters(), rate)
    for _ in range(steps):
        loss = F.cross_entropy(scores(head, hidden, real, pattern), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return head


# ---------------------------------------------------------------- words and their vectors


def words_of(text: str) -> list[str]:
    """Words and punctuation marks, apart; within a word an apostrophe stays."""
    return re.findall(r"\w+(?:['’]\w+)*|[^\w\s]", text)


class WordEncoder:
    """A frozen BERT that gives a vector for each word: the mean over the word's pieces."""

    def __init__(self, bert: Bert, tokenizer: WordPiece) -> None:
        self.bert, self.tokenizer = bert.eval(), tokenizer

    @classmethod
    def from_pretrained(cls, model_id: str, layers: int | None = None) -> "WordEncoder":
        """By its name on the hub; with ``layers`` only the first so many of its layers.

        Raises:
            ValueError: the model has not so many.
        """
        bert = Bert.from_pretrained(model_id)
        there = len(bert.encoder.layer)
        if layers is not None and not 0 <= layers <= there:
            raise ValueError(f"expected layers from 0 to {there}, got {layers}")
        bert.encoder.layer = bert.encoder.layer[:layers]
        return cls(bert, WordPiece.from_pretrained(model_id))

    @torch.no_grad()
    def __call__(
        self, texts: Sequence[Sequence[str]], seconds: Sequence[Sequence[str]] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Lists of words → vectors (B, T, E), true at real words (B, T).

        With ``seconds`` each text is read together with its second one, [CLS] a [SEP] b [SEP], and
        the second one's words follow those of the first.

        Raises:
            TypeError: a text that is one string, not its words.
            ValueError: no text, an empty one, another number of second texts, or a text that is
                longer than the model has positions.
        """
        pairs = [(text, ()) for text in texts]
        if seconds is not None:
            pairs = list(zip(texts, seconds, strict=True))
        for words in itertools.chain.from_iterable(pairs):
            several("the words of a text", words)
        if not pairs or not all(first for first, _ in pairs):
            raise ValueError("expected texts of at least one word each")
        vectors = []
        for begin in range(0, len(pairs), 64):
            some = pairs[begin : begin + 64]
            encodings = [
                self.tokenizer.encode(" ".join(a), " ".join(b) if b else None) for a, b in some
            ]
            limit = self.bert.config.max_position_embeddings
            if (longest := max(len(e.ids) for e in encodings)) > limit:
                raise ValueError(f"expected at most {limit} pieces a text, got {longest}")
            hidden = self.bert.encode(**pad(encodings))  # (b, pieces, E)
            for one, encoding, rows in zip(some, encodings, hidden, strict=True):
                vectors.append(_shares(encoding, one) @ rows[: len(encoding.ids)])
        lengths = torch.tensor([len(rows) for rows in vectors])
        real = torch.arange(int(lengths.max())) < lengths[:, None]
        return pad_sequence(vectors, batch_first=True), real


def _shares(encoding: Encoding, texts: Sequence[Sequence[str]]) -> Tensor:
    """Which pieces a word's vector is the mean of: (words, pieces), rows that sum to 1."""
    rows = []
    for number, words in enumerate(texts):
        begin = 0
        for word in words:
            end = begin + len(word)
            inside = [
                which == number and a < end and begin < b
                for which, (a, b) in zip(encoding.sequence, encoding.offsets, strict=True)
            ]
            row = torch.tensor(inside, dtype=torch.float)
            rows.append(row / row.sum().clamp(min=1))
            begin = end + 1
    return torch.stack(rows)


# ---------------------------------------------------------------- one answer, two forms


def span_tags(first: int, last: int, length: int) -> list[str]:
    """A span as a tag for each of ``length`` words: B where it begins, I inside, O outside."""
    return ["B" if i == first else "I" if first < i <= last else "O" for i in range(length)]


def tagged_spans(tags: Sequence[str]) -> list[tuple[int, int]]:
    """The spans that tags name: a B and the I's after it; an I after an O names nothing."""
    found: list[tuple[int, int]] = []
    for i, tag in enumerate(tags):
        if tag == "B":
            found.append((i, i))
        elif tag == "I" and found and found[-1][1] == i - 1:
            found[-1] = (found[-1][0], i)
    return found


def is_tree(heads: Sequence[int]) -> bool:
    """Whether from each word the heads lead to one and the same root, which is its own head."""
    roots = [i for i, head in enumerate(heads) if head == i]
    if len(roots) != 1:
        return False
    reached = set(roots)
    for _ in heads:
        reached |= {i for i, head in enumerate(heads) if head in reached}
    return len(reached) == len(heads)


def brackets(words: Sequence[str], heads: Sequence[int]) -> list[str]:
    """A tree as a sequence: each word within brackets, with all that hangs on it.

    Raises:
        ValueError: words and heads differ in number; ``heads`` are no tree; a word is a bracket;
            branches cross, which brackets cannot write.
    """
    if len(words) != len(heads):
        raise ValueError(f"expected a head for each of {len(words)} words, got {len(heads)}")
    if not is_tree(heads):
        raise ValueError(f"expected a tree, one root and no cycle, got heads {list(heads)}")
    if "(" in words or ")" in words:
        raise ValueError(f"expected words, one of {list(words)} is a bracket")

    def subtree(i: int) -> list[str]:
        inside = []
        for j in sorted({i, *(j for j, head in enumerate(heads) if head == i)}):
            inside += [words[i]] if j == i else subtree(j)
        return ["(", *inside, ")"]

    sequence = subtree(next(i for i, head in enumerate(heads) if head == i))
    if [item for item in sequence if item not in ("(", ")")] != list(words):
        raise ValueError(f"branches cross: brackets would change the order of {list(words)}")
    return sequence


def heads_of(sequence: Sequence[str]) -> tuple[list[str], list[int]]:
    """Brackets → words and heads, the way back.

    Raises:
        ValueError: the brackets do not match, or a pair has not exactly one word of its own.
    """
    words, heads = list[str](), list[int]()
    own, below = list[list[int]]([[]]), list[list[int]]([[]])  # of each pair that is still open
    for item in sequence:
        if item == "(":
            own.append([])
            below.append([])
        elif item == ")":
            if len(own) == 1 or len(own[-1]) != 1:
                raise ValueError(f"no tree: {' '.join(sequence)}")
            (head,) = own.pop()
            for word in below.pop():
                heads[word] = head
            below[-1].append(head)
        else:
            own[-1].append(len(words))
            heads.append(len(words))  # its own head, until a pair around it is closed
            words.append(item)
    if len(own) > 1 or own[0] or len(below[0]) != 1:
        raise ValueError(f"no tree: {' '.join(sequence)}")
    return words, heads
