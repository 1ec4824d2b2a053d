"""Readers for three usual formats of labelled text; an error names the file and the line.

- TSV: a text, a tab, its label, one pair a line (how SST-2 is often passed on).
- CoNLL: a word and its tag a line, a blank line after each sentence (Tjong Kim Sang and De Meulder,
  arXiv:cs/0306050); tags are O, B-type, I-type.
- SQuAD 1.1: JSON; each answer with its text and the character at which it begins (Rajpurkar et al.,
  arXiv:1606.05250).
"""

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

TAG = re.compile(r"O|[BI]-\S+")


class Text(NamedTuple):
    """A text and its class, counted from 0."""

    text: str
    label: int


class Tagged(NamedTuple):
    """A sentence's words, and a tag for each."""

    words: list[str]
    tags: list[str]


class Answer(NamedTuple):
    """An answer that stands in the context: ``context[begin : begin + len(text)] == text``."""

    text: str
    begin: int


class Question(NamedTuple):
    """A question, the context that holds its answer, and the answers that count as right."""

    id: str
    question: str
    context: str
    answers: list[Answer]
    article: str = ""


def lines_of(path: str | os.PathLike[str]) -> Iterator[tuple[str, str]]:
    """Each line with where it stands, ``file:line``; UTF-8, with or without a byte-order mark."""
    for number, line in enumerate(Path(path).read_bytes().split(b"\n"), start=1):
        where = f"{path}:{number}"
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"{where}: expected UTF-8, {error.reason}") from error
        yield where, text.removesuffix("\r")


def read_tsv(path: str | os.PathLike[str], labels: Sequence[str] = ("0", "1")) -> list[Text]:
    """Texts with their labels; a label becomes its place in ``labels``."""
    texts = []
    for where, line in lines_of(path):
        if not line.strip():
            continue
        parts = line.split("\t")
        if len(parts) != 2:
            raise ValueError(
                f"{where}: expected text TAB label, got {len(parts)} columns: {line[:60]!r}"
            )
        text, label = parts
        if label not in labels:
            raise ValueError(f"{where}: expected a label of {list(labels)}, got {label!r}")
        texts.append(Text(text, labels.index(label)))
    return not_empty(texts, path)


def read_conll(path: str | os.PathLike[str]) -> list[Tagged]:
    """Sentences: the first column is the word, the last its tag; -DOCSTART- lines are left out."""
    sentences, words, tags = list[Tagged](), list[str](), list[str]()
    for where, line in lines_of(path):
        columns = line.split("\t") if "\t" in line else line.split()
        if not line.strip():
            if words:
                sentences.append(Tagged(words, tags))
                words, tags = [], []
            continue
        if columns[0] == "-DOCSTART-":
            continue
        if len(columns) < 2:
            raise ValueError(f"{where}: expected a word and its tag, got {line[:60]!r}")
        if not TAG.fullmatch(columns[-1]):
            raise ValueError(f"{where}: expected a tag O, B-… or I-…, got {columns[-1]!r}")
        words.append(columns[0])
        tags.append(columns[-1])
    if words:
        sentences.append(Tagged(words, tags))
    return not_empty(sentences, path)


def read_squad(path: str | os.PathLike[str]) -> list[Question]:
    """All questions of a file; every answer is looked up in its context."""
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}:{error.lineno}: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: expected UTF-8, {error.reason} at byte {error.start}") from error
    questions = []
    for article in part(data, "data", list, f"{path}"):
        title = str(article.get("title", "")) if isinstance(article, dict) else ""
        where = f"{path}, article {title!r}"
        for paragraph in part(article, "paragraphs", list, where):
            context = part(paragraph, "context", str, where)
            for item in part(paragraph, "qas", list, where):
                name = part(item, "id", str, where)
                here = f"{path}, question {name!r}"
                question = part(item, "question", str, here)
                answers = [answer(a, context, here) for a in part(item, "answers", list, here)]
                questions.append(Question(name, question, context, answers, title))
    return not_empty(questions, path)


def answer(given: Any, context: str, where: str) -> Answer:
    """An answer of a SQuAD file, looked up in its context."""
    text, begin = part(given, "text", str, where), part(given, "answer_start", int, where)
    there = context[max(begin, 0) : max(begin, 0) + len(text)]
    if begin < 0 or there != text:
        raise ValueError(
            f"{where}: expected the answer {text!r} at character {begin} of the context, "
            f"found {there!r}"
        )
    return Answer(text, begin)


def part(value: Any, name: str, kind: type, where: str) -> Any:
    """``value[name]``, if it is there and of this kind."""
    if not isinstance(value, dict) or name not in value:
        raise ValueError(f"{where}: expected an object with {name!r}, got {str(value)[:60]}")
    if not isinstance(value[name], kind):
        got = type(value[name]).__name__
        raise ValueError(f"{where}: expected {name!r} to be {kind.__name__}, got {got}")
    return value[name]


def not_empty(examples: list[Any], path: str | os.PathLike[str]) -> list[Any]:
    """``examples``, if there are any."""
    if not examples:
        raise ValueError(f"{path}: no example in this file")
    return examples
