"""Fuzz target: the readers of labelled text, of pairs, lines and JSON; intact, odd and damaged.

A file is drawn together with what it holds, and in three of four draws its bytes are changed then.
What the changed file holds is said by a second reading, written here in another way: Python's json
and checks behind it, regular expressions over a whole line. Both must agree, value or refusal, and
a refusal begins with the file and, where lines count, the line.
"""

import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from wode.data.formats import Misplaced, read_conll, read_squad, read_translations, read_tsv
from wode.data.lines import LineStream
from wode.data.pairs import PairFile, PairStream
from wode.files.strict_json import JsonError, read_json

ODD = (
    "\u00a0\u3000\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\x1f\x00\ufeff\u200b\r\u0301\u0e33\U0001f600é'"
)
PLAIN = "abc17,.北京"
PARTS = [
    *ODD, *PLAIN, *" \t\n\"\\{}[]:,", "\r\n", "\n\n", "\t\t", "  ", "\ufeff\ufeff", '""',
    "NaN", "-Infinity", "1e999", "0", "true", "null", r"\ud83d", r"\ud83d\ude00", r"\\",
    "[" * 101, "[" * 3000, "9" * 500, '"id": "0"', '"label": "1", ', '"answer_start": -1',
    "I-LOC", "B-LOC", "S-LOC", "E-PER", "O", "pos", "-DOCSTART- O\n",
]  # fmt: skip


class RefusedError(Exception):
    """The second reading refuses; its argument is how the message must begin."""


def trial(draw: random.Random) -> str:
    make, read, again = draw.choice(KINDS)
    holds, text = make(draw)
    bom = text.startswith("\ufeff") or draw.random() < 0.2  # its own, or the text's first is lost
    content = ("\ufeff" * bom + text).encode()
    changed = draw.random() < 0.75
    if changed:
        content = damaged(draw, content)
    path = Path("f")
    path.write_bytes(content)
    try:
        wanted, begins = again(content), ""
    except RefusedError as error:
        wanted, begins = None, error.args[0]
    if not changed:
        assert wanted == holds, (
            f"the second reading is wrong: {wanted!r}, {begins!r} for {content!r}"
        )
    try:
        found = read(path)
    except ValueError as error:
        if type(error) not in (ValueError, JsonError):
            raise  # UnicodeDecodeError, JSONDecodeError: nobody has caught it
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert begins, f"refused ({refused}) what is right: {content!r}"
        assert refused.startswith(begins), f"{refused} instead of {begins}… for {content!r}"
        return "refused"
    assert not begins, f"read as {found!r}, to be refused ({begins}…): {content!r}"
    assert found == wanted, f"read as {found!r}, not {wanted!r}: {content!r}"
    return "right"


# ---------------------------------------------------------------- damage


def damaged(draw: random.Random, content: bytes) -> bytes:
    """One to three changes of the bytes; all that a disk, an editor or a person does to a file."""
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        begin = draw.randint(0, len(content))
        end = min(len(content), begin + draw.choice([0, 0, 1, 2, 5, 30]))
        lines = content.split(b"\n")
        one, two = draw.randrange(len(lines)), draw.randrange(len(lines))
        way = draw.randrange(12 if b"{" in content else 10)
        if way <= 2:  # at a character's border or within
            content = content[:begin] + draw.choice(PARTS).encode() + content[end:]
        elif way == 3:
            content = content[:begin]
        elif way == 4:
            content = content[:begin] + bytes([draw.randrange(256)]) + content[end:]
        elif way == 5:
            content = content[:end] + content[begin:]  # a piece twice
        elif way == 6:
            lines[one:one] = [lines[two]]
            content = b"\n".join(lines)
        elif way == 7:
            lines[one], lines[two] = lines[two], lines[one]
            content = b"\n".join(lines)
        elif way == 8:
            lines[one:one] = [draw.choice(PARTS).encode()]  # a line of its own
            content = b"\n".join(lines)
        elif way >= 10:
            content = at_a_token(draw, content)
        elif draw.random() < 0.2:
            content = content.replace(b"\n", b"\r")  # as on an old Macintosh
        else:
            code = draw.choice(["gbk", "utf-16", "latin-1", "utf-8-sig"])
            content = content.decode(errors="replace").encode(code, errors="replace")
    return content


def at_a_token(draw: random.Random, content: bytes) -> bytes:
    """JSON that stays JSON to Python: a key twice, NaN, an id twice, an answer out of its place."""
    found = list(re.finditer(rb'\{|: "|: -?\d+|"id": "\d+"', content))
    if not found:  # a change before has left none
        return content
    token = draw.choice(found)
    keys = re.findall(rb'"[a-z0-9_]+": ', content) or [b'"a": ']
    numbers = [
        "NaN",
        "1e999",
        "-1",
        "0",
        "true",
        "9" * 500,
        "[" * 97 + "]" * 97,
        "[" * 102 + "]" * 102,
    ]
    if token[0] == b"{":
        new = b"{" + draw.choice(keys) + draw.choice([b"0, ", b'"0", '])
    elif token[0] == b': "':
        new = b': "' + draw.choice([rb"\ud83d", rb"\ud83d\ude00", rb"\ude00", rb"\\ud83d", b" "])
    elif token[0].startswith(b": "):
        new = b": " + draw.choice(numbers).encode()
    else:
        new = b'"id": "0"'
    return content[: token.start()] + new + content[token.end() :]


# ---------------------------------------------------------------- files and what they hold


def word(draw: random.Random, more: str = "") -> str:
    letters = draw.choices(draw.choice([PLAIN, PLAIN + ODD]) + more, k=draw.randint(1, 6))
    return "".join(letters)


def tsv(draw: random.Random) -> tuple[Any, str]:
    rows = [(f"a{word(draw, ' ')}", draw.randint(0, 1)) for _ in range(draw.randint(1, 4))]
    end = draw.choice(["\n", "\r\n"])
    return rows, end.join(f"{text}\t{LABELS[label]}" for text, label in rows) + end


def translations(draw: random.Random) -> tuple[Any, str]:
    rows = [(f"a{word(draw, ' ')}", f"b{word(draw, ' ')}.") for _ in range(draw.randint(1, 4))]
    end = draw.choice(["\n", "\r\n"])
    return rows, "".join(f"{a}\t{b}{draw.choice(['', chr(9) + 'CC'])}{end}" for a, b in rows)


def conll(draw: random.Random) -> tuple[Any, str]:
    end, gap = draw.choice(["\n", "\r\n"]), draw.choice(["\t", " ", "   "])
    middle = draw.choice(["", f"NN{gap}", f"NN{gap}B-NP{gap}"])
    sentences, text = [], draw.choice(["", f"-DOCSTART-{gap}O{end}{end}"])
    for _ in range(draw.randint(1, 3)):
        tags = list[str]()
        for _ in range(draw.randint(1, 4)):
            kind, long = draw.choice(["LOC", "PER", ""]), draw.randint(1, 3)
            tags += [f"B-{kind}", *[f"I-{kind}"] * (long - 1)] if kind else ["O"]
        words = [word(draw) for _ in tags]
        sentences.append((words, tags))
        spaces = draw.choice(["", "", " ", "  "])
        lines = [f"{w}{gap}{middle}{tag}{spaces}{end}" for w, tag in zip(words, tags, strict=True)]
        text += "".join(lines) + draw.choice([end, f" {end}", end * 2, f"\t{end}"])
    return sentences, text


def squad(draw: random.Random) -> tuple[Any, str]:
    questions, articles = [], []
    for number in range(draw.randint(1, 3)):
        context = "".join(word(draw, ' "\\\n\t') for _ in range(6))
        begin = draw.randrange(len(context))
        answers = [(context[begin : begin + draw.randint(1, 5)], begin)]
        question = word(draw)
        questions.append((f"{number}", question, context, answers, "t"))
        given = [{"text": text, "answer_start": at} for text, at in answers]
        item = {"id": f"{number}", "question": question, "answers": given}
        articles.append({"title": "t", "paragraphs": [{"context": context, "qas": [item]}]})
    escaped, indent = draw.random() < 0.5, draw.choice([None, 1])
    return (questions, []), json.dumps({"data": articles}, ensure_ascii=escaped, indent=indent)


def pairs(draw: random.Random) -> tuple[Any, str]:
    rows = [(f"a{word(draw)}", f"b{word(draw)}", draw.randint(0, 1)) for _ in range(3)]
    end, escaped = draw.choice(["\n", "\r\n", "\n\n"]), draw.random() < 0.5
    text = ""
    for first, second, label in rows:
        row = {"sentence1": first, "sentence2": second, "label": draw.choice([label, f"{label}"])}
        text += json.dumps(row, ensure_ascii=escaped) + end
    return rows, text


def lines(draw: random.Random) -> tuple[Any, str]:
    found = [word(draw, " \t").rstrip("\r") for _ in range(draw.randint(1, 5))]
    return found, "".join(f"{line}{draw.choice(['', chr(13)])}\n" for line in found)


def value(draw: random.Random, depth: int = 3) -> Any:
    kind = draw.randrange(7 if depth else 4)
    if kind == 6:
        return {word(draw, '"\\'): value(draw, depth - 1) for _ in range(draw.randint(0, 3))}
    if kind >= 4:
        return [value(draw, depth - 1) for _ in range(draw.randint(0, 3))]
    return draw.choice(
        [None, True, draw.randint(-9, 10**18), draw.uniform(-1, 1), word(draw, '"\\')]
    )


def document(draw: random.Random) -> tuple[Any, str]:
    holds = value(draw)
    return holds, json.dumps(holds, ensure_ascii=draw.random() < 0.5, indent=draw.choice([None, 2]))


# ---------------------------------------------------------------- the second reading


LABELS = ["neg", "pos"]


def numbered(content: bytes) -> list[tuple[str, str]]:
    """(how a refusal of this line begins, line), all of them UTF-8."""
    found = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            found.append((f"f:{number}: ", re.sub(r"\r\Z", "", line.decode())))
        except UnicodeDecodeError as error:
            raise RefusedError(f"f:{number}: not UTF-8 (byte 0x") from error
    return found


def second_tsv(content: bytes) -> Any:
    rows = []
    for where, line in one_by_one(content):
        if re.fullmatch("[ \t]*", line):
            continue
        match = re.fullmatch("([^\t]+)\t(neg|pos)", line, re.DOTALL)
        if not match or match[1].isspace():
            raise RefusedError(where)
        rows.append((match[1], LABELS.index(match[2])))
    return rows or refuse("f: no example")


def second_translations(content: bytes) -> Any:
    rows = []
    for where, line in one_by_one(content):
        if re.search("[^ \t]", line):
            match = re.match(r"(?=[^\t]*[^\t\s])([^\t]+)\t(?=[^\t]*[^\t\s])([^\t]+)(\t|\Z)", line)
            rows.append((match[1], match[2]) if match else refuse(where))
    return rows or refuse("f: no example")


def no_macintosh(content: bytes) -> bytes:
    """``content``, unless its lines, more than one, end at \\r alone."""
    if re.search(rb"\r[^\r]", content) and b"\n" not in content:
        raise RefusedError("f: lines end at ")
    return content


def one_by_one(content: bytes) -> Any:
    """As `numbered`, but a line that is not UTF-8 counts only when it is reached."""
    parts = no_macintosh(content).removeprefix(b"\xef\xbb\xbf").split(b"\n")
    for number in range(1, len(parts) + 1):
        yield numbered(b"\n" * (number - 1) + b"\xef\xbb\xbf" * (number == 1) + parts[number - 1])[
            -1
        ]


def second_conll(content: bytes, iob1: bool = False) -> Any:
    sentences, number = [[]], 0
    for where, line in numbered(no_macintosh(content)):
        line = re.sub(r" +\Z", "", line)
        cells = re.findall("[^\t]+" if "\t" in line else "[^ ]+", line)
        if re.fullmatch("[ \t]*", line):
            sentences.append([])
            continue
        if re.search(r"(\A|\t) *(\t|\Z)" if "\t" in line else r"\A ", line):
            raise RefusedError(f"{where}a column is empty")
        if cells[0] == "-DOCSTART-":
            sentences.append([])
            continue
        number = number or len(cells)
        if len(cells) < 2 or len(cells) != number:
            raise RefusedError(f"{where}expected ")
        tag = re.fullmatch(r"(O)|([BI])-([^\s]+)", cells[-1])
        if not tag:
            raise RefusedError(f"{where}expected a tag")
        before = sentences[-1][-1][1] if sentences[-1] else "O"
        letter = tag[1] or tag[2]
        if letter == "I" and before not in (f"B-{tag[3]}", f"I-{tag[3]}"):
            if not iob1:
                raise RefusedError(f"{where}{cells[-1]!r} continues nothing")
            letter = "B"
        sentences[-1].append((cells[0], f"{letter}-{tag[3]}" if tag[3] else "O"))
    full = [([w for w, _ in rows], [t for _, t in rows]) for rows in sentences if rows]
    return full or refuse("f: no example")


def refuse(begins: str) -> Any:
    raise RefusedError(begins)


def strict(content: bytes, begins: str) -> Any:
    """JSON by Python's own reader, and looked at afterwards."""
    wrong = []

    def whole(digits: str) -> int:
        wrong.extend([digits] * (len(digits) > 400))
        return 0 if wrong else int(digits)

    def pairs_of(found: list[tuple[str, Any]]) -> dict[str, Any]:
        wrong.extend(key for n, (key, _) in enumerate(found) if key in dict(found[:n]))
        return dict(found)

    try:
        text = content.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError:
        refuse(f"{begins}not UTF-8 (byte 0x")
    begins += "not JSON ("
    try:
        found = json.loads(text, object_pairs_hook=pairs_of, parse_int=whole)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        refuse(begins)
    if wrong or depth(found) > 100:
        refuse(begins)
    return found


def depth(found: Any) -> int:
    inside = found.values() if isinstance(found, dict) else found
    return 1 + max(map(depth, inside), default=0) if isinstance(found, list | dict) else 0


def of(found: Any, key: str, kind: type) -> Any:
    if not isinstance(found, dict) or type(found.get(key)) is not kind:
        raise RefusedError("f")
    return found[key]


def second_squad(content: bytes, skip: bool = False) -> Any:
    questions, skipped, ids = [], [], list[str]()
    for article in of(strict(content, "f: "), "data", list):
        for paragraph in of(article, "paragraphs", list):
            context = of(paragraph, "context", str)
            for item in of(paragraph, "qas", list):
                ids.append(of(item, "id", str))
                answers = [
                    (of(a, "text", str), of(a, "answer_start", int))
                    for a in of(item, "answers", list)
                ]
                right = [
                    (text, at)
                    for text, at in answers
                    if text and 0 <= at <= len(context) and context.startswith(text, at)
                ]
                wrong = [(ids[-1], answer) for answer in answers if answer not in right]
                skipped += wrong
                if (wrong and not skip) or len(ids) > len(set(ids)):
                    raise RefusedError("f, question ")
                question = of(item, "question", str)
                if right or not answers:
                    title = article.get("title", "")
                    questions.append((ids[-1], question, context, right, f"{title}"))
    return (questions, skipped) if questions else refuse("f: no example")


def second_pairs(content: bytes) -> Any:
    rows = []
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        where = f"f, line {number}: "
        if re.fullmatch(rb"[ \t\r]*", line):
            continue
        found = strict(re.sub(rb"\r+\Z", b"", line), where)
        texts = [found.get(f"sentence{n}") for n in (1, 2)] if isinstance(found, dict) else []
        label = (
            {"'0'": 0, "'1'": 1, "0": 0, "1": 1}.get(repr(found["label"]))
            if (texts and "label" in found)
            else None
        )
        if label is None or not all(isinstance(t, str) and re.search(r"\S", t) for t in texts):
            raise RefusedError(where)
        rows.append((*texts, label))
    return rows or refuse("f: expected a pair a line")


def second_lines(content: bytes) -> Any:
    if not content.removeprefix(b"\xef\xbb\xbf"):
        return []
    try:
        found = [line for _, line in numbered(content)]
    except RefusedError:
        refuse("f, the line at byte ")
    return found if found[-1] or not content.endswith(b"\n") else found[:-1]


# ---------------------------------------------------------------- the kinds


def skipping(path: Path) -> Any:
    misplaced: list[Misplaced] = []
    return read_squad(path, misplaced), [(one.id, one.answer) for one in misplaced]


def both(path: Path) -> Any:
    found = PairFile(path).pairs
    assert list(PairStream(path)) == found, "PairFile and PairStream differ"
    return found


Make = Callable[[random.Random], tuple[Any, str]]
KINDS: Sequence[tuple[Make, Callable[[Path], Any], Callable[[bytes], Any]]] = [
    (tsv, lambda path: read_tsv(path, LABELS), second_tsv),
    (translations, read_translations, second_translations),
    (conll, read_conll, second_conll),
    (conll, lambda path: read_conll(path, iob1=True), lambda content: second_conll(content, True)),
    (squad, lambda path: (read_squad(path), []), second_squad),
    (squad, skipping, lambda content: second_squad(content, True)),
    (pairs, both, second_pairs),
    (lines, lambda path: list(LineStream(path)), second_lines),
    (document, read_json, lambda content: strict(content, "f: ")),
]
