"""Readers for four usual formats of labelled text; an error names the file and the line.

- TSV: a text, a tab, its label, one pair a line (how SST-2 is often passed on).
- Translations: a sentence, a tab, its translation, and what follows a second tab (Tatoeba's files).
- CoNLL: a word and its tag a line, a blank line after each sentence (Tjong Kim Sang and De Meulder,
  arXiv:cs/0306050); tags are O, B-type, I-type, as in BIO2.
- SQuAD 1.1: JSON; each answer with its text and the character at which it begins (Rajpurkar et al.,
  arXiv:1606.05250).

A file is UTF-8, a BOM before it is dropped, a line ends at ``\\n`` or ``\\r\\n`` only. All else is
kept character for character: no-break spaces, U+2028, combining accents, quotation marks.
"""

import os
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from reprlib import repr as short
from typing import Any, NamedTuple

from wode.files.strict_json import read_json
from wode.files.text import SPACE, lines_of

TAG = re.compile(r"O|[BI]-\S+")
OTHERS = {"BILOU": "LU", "BMES": "M", "BIOES (IOBES)": "ES"}  # the letters that give them away


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


class Misplaced(NamedTuple):
    """An answer to the question ``id`` that does not stand where its file says."""

    id: str
    answer: Answer
    reason: str


def read_tsv(path: str | os.PathLike[str], labels: Sequence[str] = ("0", "1")) -> list[Text]:
    """Texts with their labels; a label becomes its place in ``labels``. No quoting: ``"`` is text.

    Raises:
        TypeError: ``labels`` is one string ("neg,pos" would be n, e, g …) or has no order.
        ValueError: a label twice in ``labels``; a line that is not a text, one tab, one of
            ``labels``; a text of white space alone; no line at all.
    """
    numbers, texts = numbered(labels), []
    for where, line in lines_of(path):
        if not line.strip(SPACE):
            continue
        parts = line.split("\t")
        if len(parts) != 2:
            raise ValueError(
                f"{where}: expected text TAB label, got {len(parts)} columns: {line[:60]!r}"
            )
        text, label = parts
        if not text.strip():
            raise ValueError(f"{where}: expected a text before the tab, got {text!r}")
        if label not in numbers:
            raise ValueError(f"{where}: expected a label of {list(numbers)}, got {label!r}")
        texts.append(Text(text, numbers[label]))
    return not_empty(texts, path)


def read_translations(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    """The first two columns of each line, between tabs; the others, such as a licence, are dropped.

    Raises:
        ValueError: a line without two columns that hold something; no line at all.
    """
    pairs = []
    for where, line in lines_of(path):
        if not line.strip(SPACE):
            continue
        first, second, *_ = [*line.split("\t"), ""]
        if not first.strip() or not second.strip():
            raise ValueError(f"{where}: expected a sentence TAB its translation, got {line[:60]!r}")
        pairs.append((first, second))
    return not_empty(pairs, path)


def numbered(labels: Sequence[str]) -> dict[str, int]:
    """Each label and its number, in their order; what `read_tsv` refuses of them."""
    ordered = isinstance(labels, Sequence) and not isinstance(labels, str)
    if not ordered or not all(isinstance(label, str) for label in labels):
        raise TypeError(f'labels: expected a list of strings such as ["0", "1"], got {labels!r}')
    if not labels or len(set(labels)) < len(labels) or "" in labels:
        raise ValueError(f"labels: expected one or more, each once, none empty, got {labels!r}")
    return {label: number for number, label in enumerate(labels)}


def read_conll(path: str | os.PathLike[str], iob1: bool = False) -> list[Tagged]:
    """Sentences: the first column is the word, the last its tag; -DOCSTART- lines are left out.

    Columns are separated by tabs in a line that has one (spaces then belong to the columns), else
    by one space U+0020 or more; no other space of Unicode separates. Spaces U+0020 at the end of a
    line are dropped: many files have them.

    Args:
        iob1: the tags are IOB1, where a span begins with I- unless one of its type ends just
            before it; they are returned as BIO2, where each span begins with B-.

    Raises:
        ValueError: an empty column; more columns or fewer than in the lines above; a tag that is
            not O, B- or I-; an I- that continues nothing, which in BIO2 does not occur (the
            message says what the file looks like); no word at all.
    """
    lines = list(lines_of(path))
    sentences, before, number = [Tagged([], [])], "O", 0
    for where, line in lines:
        columns = columns_of(line, where)
        if not columns or columns[0] == "-DOCSTART-":
            sentences.append(Tagged([], []))
            before = "O"
            continue
        if len(columns) < 2:
            raise ValueError(f"{where}: expected a word and its tag, got {line[:60]!r}")
        if len(columns) != (number := number or len(columns)):
            raise ValueError(
                f"{where}: expected {number} columns as above, got {len(columns)}: {line[:60]!r}"
            )
        word, tag = columns[0], columns[-1]
        if not TAG.fullmatch(tag):
            raise ValueError(f"{where}: expected a tag O, B-… or I-…, got {tag!r}{looks(lines)}")
        if tag[0] == "I" and before[1:] != tag[1:]:
            if not iob1:
                raise ValueError(f"{where}: {tag!r} continues nothing{looks(lines)}")
            tag = f"B{tag[1:]}"
        sentences[-1].words.append(word)
        sentences[-1].tags.append(tag)
        before = tag
    return not_empty([sentence for sentence in sentences if sentence.words], path)


def columns_of(line: str, where: str) -> list[str]:
    """The columns of a line of CoNLL's form, none of a blank one."""
    line = line.rstrip(" ")
    if not line.strip(SPACE):
        return []
    columns = line.split("\t") if "\t" in line else re.split(" +", line)
    if not all(column.strip(SPACE) for column in columns):
        raise ValueError(f"{where}: a column is empty: {line[:60]!r}")
    return columns


def looks(lines: Iterable[tuple[str, str]]) -> str:
    """Which way of writing spans a file seems to follow, if not BIO2: the end of an error."""
    tags = [re.split("[ \t]+", f"O {line}".rstrip(SPACE))[-1] for _, line in lines]
    letters = {tag[0] for tag in tags if tag == "O" or tag[1:2] == "-"}
    if all(map(TAG.fullmatch, tags)):
        second = [before[1:] == tag[1:] for before, tag in pairwise(["O", *tags]) if tag[0] == "B"]
        return (
            "; the file looks like IOB1, for which there is read_conll(path, iob1=True)"
            if all(second)
            else "; expected B- where a span begins, as in BIO2; the file is not IOB1 either"
        )
    seen = (name for name, own in OTHERS.items() if letters & set(own))
    return "".join(f"; the file looks like {name}, expected BIO2" for name in [*seen][:1])


def read_squad(
    path: str | os.PathLike[str], misplaced: list[Misplaced] | None = None
) -> list[Question]:
    """All questions of a file; every answer is looked up in its context.

    A question to which the file gives no answer, as SQuAD 2.0 has them, is kept, with none.

    Args:
        misplaced: a list to which answers go that do not stand where the file says, with the
            reason; they are left out then, and so is a question that has no other answer. None:
            such an answer is an error. CMRC 2018 (arXiv:1810.07366) has some.

    Raises:
        ValueError: the file is not of this form, or no JSON as `wode.files.strict_json` wants it;
            an id comes twice; an answer is empty or not in its place (says what stands there, and
            where the answer stands if that is one place only); no question at all.
    """
    questions, ids = list[Question](), set[str]()
    for article in part(read_json(path), "data", list, f"{path}"):
        title = f"{article.get('title', '')}" if isinstance(article, dict) else ""
        where = f"{path}, article {title!r}"
        for paragraph in part(article, "paragraphs", list, where):
            context = part(paragraph, "context", str, where)
            for item in part(paragraph, "qas", list, where):
                name = part(item, "id", str, where)
                here = f"{path}, question {name!r}"
                if name in ids:
                    raise ValueError(f"{here}: this id comes twice in the file")
                ids.add(name)
                question = part(item, "question", str, here)
                given = part(item, "answers", list, here)
                answers = answers_of(given, context, name, here, misplaced)
                if answers or not given:
                    questions.append(Question(name, question, context, answers, title))
    return not_empty(questions, path)


def answers_of(
    given: list[Any], context: str, name: str, where: str, misplaced: list[Misplaced] | None
) -> list[Answer]:
    """The answers of a question that stand in their place; the others go to ``misplaced``."""
    answers = []
    for one in given:
        answer = Answer(part(one, "text", str, where), part(one, "answer_start", int, where))
        if not (reason := out_of_place(answer, context)):
            answers.append(answer)
        elif misplaced is not None:
            misplaced.append(Misplaced(name, answer, reason))
        else:
            raise ValueError(f"{where}: {reason}; misplaced=a_list takes such answers up")
    return answers


def out_of_place(answer: Answer, context: str) -> str:
    """Why an answer cannot be where it is said to be; empty if it is there."""
    text, begin = answer
    if not text:
        return "expected an answer, got an empty text"
    there = context[begin : begin + len(text)] if begin >= 0 else ""
    if there == text:
        return ""
    first, last = context.find(text), context.rfind(text)
    stands = f"at {first} only" if first == last else f"more than once, first at {first}"
    return (
        f"expected the answer {text!r} at character {begin} of the context, found {there!r}; "
        f"it stands {stands if first >= 0 else 'nowhere in it'}"
    )


def part(value: Any, name: str, kind: type, where: str) -> Any:
    """``value[name]``, if it is there and of this kind."""
    if not isinstance(value, dict) or name not in value:
        raise ValueError(f"{where}: expected an object with {name!r}, got {short(value)}")
    if type(value[name]) is not kind:  # a bool is an int to isinstance
        got = type(value[name]).__name__
        raise ValueError(f"{where}: expected {name!r} to be {kind.__name__}, got {got}")
    return value[name]


def not_empty(examples: list[Any], path: str | os.PathLike[str]) -> list[Any]:
    """``examples``, if there are any."""
    if not examples:
        raise ValueError(f"{path}: no example in this file")
    return examples
