"""The readers give what the files hold, and say where a file is wrong."""

import json
import random
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wode.data.formats import (
    Answer,
    Misplaced,
    Question,
    Tagged,
    Text,
    read_conll,
    read_squad,
    read_translations,
    read_tsv,
)
from wode.files.download import data_root

data = pytest.mark.skipif(
    not (data_root() / "sst2").is_dir(),
    reason=f"no {data_root() / 'sst2'}: WODE_DATA names the folder of the real data sets",
)


def test_tsv(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_bytes("\ufeffgood film\tyes\r\n\n坏 film\tno".encode())
    assert read_tsv(path, ("no", "yes")) == [Text("good film", 1), Text("坏 film", 0)]
    path.write_text("good film\tyes\nbad film no\n")
    with pytest.raises(ValueError, match=r"a\.tsv:2: expected text TAB label, got 1 columns"):
        read_tsv(path, ("no", "yes"))
    path.write_text("good film\tyes\nbad\tmaybe\n")
    with pytest.raises(ValueError, match=r"a\.tsv:2: .*\['no', 'yes'\], got 'maybe'"):
        read_tsv(path, ("no", "yes"))
    path.write_bytes(b"a\t1\n\nb\xff\t0\n")
    with pytest.raises(ValueError, match=r"a\.tsv:3: not UTF-8 .*0xff at place 1"):
        read_tsv(path)
    path.write_text("\n\n")
    with pytest.raises(ValueError, match="no example"):
        read_tsv(path)


def test_conll(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text(
        "-DOCSTART- -X- O\n\nAda NNP B-person\nsang  VBD  O\n \n\t\n北京\tNR\tB-place\n"
    )
    assert read_conll(path) == [
        Tagged(["Ada", "sang"], ["B-person", "O"]),
        Tagged(["北京"], ["B-place"]),
    ]
    path.write_text("Ada B-person\nsang\n")
    with pytest.raises(ValueError, match=r"a\.conll:2: expected a word and its tag, got 'sang'"):
        read_conll(path)
    path.write_text("Ada B-person\nsang o\n")
    with pytest.raises(ValueError, match=r"a\.conll:2: expected a tag O, B-… or I-…, got 'o'"):
        read_conll(path)


def squad(answer: object, **item: object) -> dict:
    question = {"id": "q1", "question": "Where?", "answers": [answer]} | item
    return {"data": [{"title": "t", "paragraphs": [{"context": "在北京。", "qas": [question]}]}]}


def test_squad(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(squad({"text": "北京", "answer_start": 1})))
    (found,) = read_squad(path)
    assert (found.id, found.question, found.answers) == ("q1", "Where?", [Answer("北京", 1)])
    for wrong, message in {
        '{"data":\n[}': r"a\.json: not JSON \(Expecting value at line 2 column 2\)",
        "[]": "expected an object with 'data'",
        json.dumps(
            squad({"text": "北京", "answer_start": 2})
        ): "'q1'.*at character 2.*found '京。'",
        json.dumps(squad({"text": "北京", "answer_start": -3})): "at character -3",
        json.dumps(squad({"text": "北京"})): "'q1': expected an object with 'answer_start'",
        json.dumps(squad({"text": "", "answer_start": 0}, question=3)): "'question' to be str",
        '{"data": []}': "no example",
    }.items():
        path.write_text(wrong)
        with pytest.raises(ValueError, match=message):
            read_squad(path)


# ---------------------------------------------------------------- text that must not change

ODD = (
    "\u00a0\u3000\u2028\u2029\x85\x0b\x0c\x1c\x1d\x1e\x00\ufeff\u200b\r'\"e\u0301\u0e33中\U0001f600"
)
CHARACTERS = st.one_of(
    st.sampled_from(f"{ODD}ab7-#"), st.characters(codec="utf-8", exclude_characters="\n\t ")
)
WORDS = st.text(CHARACTERS, min_size=1, max_size=8).filter(lambda word: word != "-DOCSTART-")
TYPES = st.sampled_from(["LOC", "人名"])
LINES = st.sampled_from(["\n", "\r\n"])
BEFORE = st.sampled_from(["", "\ufeff"])


def bio2(spans: list[tuple[str, int]]) -> list[str]:
    """The tags of spans in a row; an empty type is a word outside."""
    return [
        f"{'I' if n else 'B'}-{kind}" if kind else "O" for kind, long in spans for n in range(long)
    ]


def iob1(tags: list[str]) -> list[str]:
    """The same spans in IOB1: B- only where a span of the same type ends just before."""
    return [
        f"I{tag[1:]}" if tag[0] == "B" and before[1:] != tag[1:] else tag
        for before, tag in pairwise(["O", *tags])
    ]


SPANS = st.lists(
    st.tuples(st.one_of(st.just(""), TYPES), st.integers(1, 3)), min_size=1, max_size=5
)
SENTENCES = st.lists(SPANS.map(bio2), min_size=1, max_size=4)


@st.composite
def tagged(draw: st.DrawFn) -> list[Tagged]:
    return [
        Tagged(draw(st.lists(WORDS, min_size=len(tags), max_size=len(tags))), tags)
        for tags in draw(SENTENCES)
    ]


@given(tagged(), st.sampled_from(["\t", " ", "   "]), LINES, BEFORE)
def test_conll_keeps_every_character_of_a_word(tmp_path, sentences, gap, end, before):
    path = tmp_path / "a.conll"
    rows = [zip(words, tags, strict=True) for words, tags in sentences]
    text = f"{end}{end}".join(end.join(map(gap.join, row)) for row in rows)
    # a BOM that is the file's own protects a first word that begins with one
    before = before or "\ufeff" * text.startswith("\ufeff")
    path.write_bytes(f"{before}{text}".encode())
    assert read_conll(path) == sentences


@given(st.lists(st.tuples(WORDS, st.integers(0, 1)), min_size=1), LINES)
def test_tsv_keeps_every_character_of_a_text(tmp_path, rows, end):
    path = tmp_path / "a.tsv"
    texts = [Text(f"{a}. {a}", label) for a, label in rows]  # never white space alone
    lines = [f"{text}\t{['neg', 'pos'][label]}" for text, label in texts]
    path.write_bytes(f"\ufeff{end.join(lines)}".encode())
    assert read_tsv(path, ["neg", "pos"]) == texts


@given(st.text(min_size=1, max_size=20), st.text(max_size=9), st.text(max_size=9), st.booleans())
def test_squad_keeps_every_character_of_a_context(tmp_path, text, before, after, escaped):
    path = tmp_path / "a.json"
    context = f"{before}{text}{after}"
    item = {"id": text, "question": after, "answers": [{"text": text, "answer_start": len(before)}]}
    data = {"data": [{"title": before, "paragraphs": [{"context": context, "qas": [item]}]}]}
    path.write_bytes(f"\ufeff{json.dumps(data, ensure_ascii=escaped)}".encode())
    assert read_squad(path) == [Question(text, after, context, [Answer(text, len(before))], before)]


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1), LINES, st.sampled_from(["", "\tCC BY 2.0"]))
def test_translations_keep_every_character(tmp_path, rows, end, more):
    path = tmp_path / "a.txt"
    pairs = [(f"a{a}", f"b{b}.") for a, b in rows]
    lines = [f"{a}\t{b}{more}" for a, b in pairs]
    path.write_bytes(f"\ufeff{end.join(lines)}".encode())
    assert read_translations(path) == pairs


@pytest.mark.parametrize("line", ["Hi.", "Hi.\t", "\t你好。", "Hi. 你好。", "\u00a0\t你好。"])
def test_a_line_without_a_translation_is_refused(tmp_path, line):
    path = tmp_path / "a.txt"
    path.write_text(f"\nHi.\t你好。\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.txt:3: expected a sentence TAB its translation"):
        read_translations(path)


@pytest.mark.parametrize("line", [" O", "\tO", "Ada\t", "Ada\t\tO", "Ada\t \tO", "\t\tO"])
def test_an_empty_column_is_refused(tmp_path, line):
    path = tmp_path / "a.conll"
    gap = "\t" if "\t" in line else " "
    path.write_text(f"sang{gap}O\n{line}\n")
    with pytest.raises(ValueError, match=r"a\.conll:2: a column is empty"):
        read_conll(path)


@given(tagged(), st.sampled_from(["\t", " "]), LINES, st.data())
def test_spaces_at_the_end_of_a_line_are_no_column(tmp_path, sentences, gap, end, data):
    path = tmp_path / "a.conll"
    spaces = st.sampled_from(["", " ", "   "])
    rows = [
        f"{word}{gap}NN{gap}{tag}{data.draw(spaces)}"
        for words, tags in sentences
        for word, tag in [*zip(words, tags, strict=True), ("-DOCSTART-", "O")]
    ]
    path.write_bytes(f"\ufeff{end.join(rows)}".encode())
    assert read_conll(path) == sentences


@pytest.mark.parametrize("read", [read_tsv, read_translations, read_conll])
def test_a_file_whose_lines_end_at_carriage_returns_is_refused(tmp_path, read):
    """All of it would be one line, of which the columns in between are dropped."""
    path = tmp_path / "a.txt"
    line = b"Ada\tO" if read is read_conll else b"good\t1"
    path.write_bytes(line + b"\r")
    assert len(read(path)) == 1
    for rest in (line, line + b"\r", b"\r" + line):
        path.write_bytes(line + b"\r" + rest)
        with pytest.raises(ValueError, match=r"a\.txt: lines end at \\r, expected \\n: tr '\\r' '"):
            read(path)


@pytest.mark.parametrize("line", ["\t1", "  \t1", "\u00a0\t1", "\u2028\u3000\t0"])
def test_a_text_without_a_character_to_see_is_refused(tmp_path, line):
    path = tmp_path / "a.tsv"
    path.write_bytes(f"good\t1\n{line}\n".encode())
    with pytest.raises(ValueError, match=r"a\.tsv:2: expected a text before the tab"):
        read_tsv(path)


@pytest.mark.parametrize("read", [read_tsv, read_translations, read_conll])
@pytest.mark.parametrize("line", ["\u00a0", "\u3000 ", "\x0c", "\x85"])
def test_a_line_of_other_spaces_is_not_an_empty_one(tmp_path, read, line):
    path = tmp_path / "a.txt"
    first = "Ada\tO" if read is read_conll else "good\t1"
    path.write_bytes(f"{first}\n \t\n{line}\n".encode())
    with pytest.raises(ValueError, match=r"a\.txt:3: expected "):
        read(path)


def test_lines_with_other_numbers_of_columns_are_refused(tmp_path):
    """A missing last column leaves another one there, which may look like a tag."""
    path = tmp_path / "a.conll"
    path.write_text("Ada NNP B-NP B-PER\nsang VBD B-VP O\nin IN B-PP\n")
    with pytest.raises(ValueError, match=r"a\.conll:3: expected 4 columns as above, got 3: 'in IN"):
        read_conll(path)


@pytest.mark.parametrize("labels", ["neg,pos", "01", ("neg", 1), {"neg", "pos"}, [b"neg"], None])
def test_labels_that_are_no_list_of_strings_are_refused(tmp_path, labels):
    path = tmp_path / "a.tsv"
    path.write_text("bad\te\n")
    with pytest.raises(TypeError, match=r"labels: expected a list of strings such as .*, got "):
        read_tsv(path, labels)


@pytest.mark.parametrize("labels", [[], ["a", "b", "a"], ["a", ""]])
def test_labels_that_are_empty_or_twice_there_are_refused(tmp_path, labels):
    with pytest.raises(ValueError, match="labels: expected one or more, each once, none empty"):
        read_tsv(tmp_path / "a.tsv", labels)


# ---------------------------------------------------------------- other ways of tagging


@given(tagged(), st.data())
def test_another_way_of_tagging_is_named_and_iob1_is_read_if_asked_for(tmp_path, sentences, data):
    path = tmp_path / "a.conll"

    def write(change: Callable[[list[str]], list[str]]) -> None:
        rows = [zip(words, change(tags), strict=True) for words, tags in sentences]
        path.write_text("\n\n".join("\n".join(map("\t".join, row)) for row in rows), newline="")

    first = next((tag for _, tags in sentences for tag in tags if tag != "O"), None)
    write(iob1)
    assert read_conll(path, iob1=True) == sentences
    if first:
        with pytest.raises(ValueError, match=r"a\.conll:\d+: 'I-.*' continues nothing; .* IOB1"):
            read_conll(path)
    write(lambda tags: [tag.replace("B-", "S-") for tag in tags])
    if first:
        with pytest.raises(ValueError, match=r"got 'S-.*'; the file looks like BIOES \(IOBES\)"):
            read_conll(path, iob1=data.draw(st.booleans()))


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        ("B-LOC I-LOC O I-PER B-LOC", "4: 'I-PER' continues nothing; .* not IOB1 either"),
        ("B-LOC I-PER", "2: 'I-PER' continues nothing; .* not IOB1 either"),
        ("I-LOC O B-LOC", "1: 'I-LOC' continues nothing; .* not IOB1 either"),
        ("I-LOC B-LOC O", r"1: 'I-LOC' continues nothing; .* like IOB1, .*read_conll\(path, iob1"),
        ("O I-LOC I-PER", "2: 'I-LOC' continues nothing; the file looks like IOB1"),
        ("B-LOC E-LOC O", r"2: .* got 'E-LOC'; the file looks like BIOES"),
        ("B-LOC L-LOC U-LOC", "2: .* got 'L-LOC'; the file looks like BILOU"),
        ("O B-LOC M-LOC E-LOC S-LOC", "3: .* got 'M-LOC'; the file looks like BMES"),
        ("NN VB", "1: expected a tag O, B-… or I-…, got 'NN'$"),
        ("O B-", "2: expected a tag O, B-… or I-…, got 'B-'"),
    ],
)
def test_tags_that_are_not_bio2(tmp_path, tags, says):
    path = tmp_path / "a.conll"
    path.write_text("".join(f"w {tag}\n" for tag in tags.split()))
    with pytest.raises(ValueError, match=rf"a\.conll:{says}"):
        read_conll(path)


def test_a_span_does_not_go_on_in_the_next_sentence(tmp_path):
    path = tmp_path / "a.conll"
    for between in ("\n", "-DOCSTART- O\n"):
        path.write_text(f"Ada B-PER\n{between}King I-PER\n")
        with pytest.raises(ValueError, match="'I-PER' continues nothing"):
            read_conll(path)
        assert [tags for _, tags in read_conll(path, iob1=True)] == [["B-PER"], ["B-PER"]]


# ---------------------------------------------------------------- answers out of their place


def test_a_question_without_an_answer_is_kept(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(squad(None, answers=[], is_impossible=True)), encoding="utf-8")
    for misplaced in (None, []):
        assert read_squad(path, misplaced) == [Question("q1", "Where?", "在北京。", [], "t")]


def test_an_id_that_comes_twice_is_refused(tmp_path):
    path = tmp_path / "a.json"
    good = squad({"text": "北京", "answer_start": 1})
    path.write_text(json.dumps({"data": good["data"] * 2}))
    with pytest.raises(ValueError, match=r"a\.json, question 'q1': this id comes twice"):
        read_squad(path)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            {"text": "北京", "answer_start": 2},
            "at character 2 .*'京。'; it stands at 1 only",
        ),
        ({"text": "北京", "answer_start": -1}, "at character -1 .*''; it stands at 1 only"),
        ({"text": "上海", "answer_start": 1}, "'上海' at character 1 .*'北京'; it stands nowhere"),
        (
            {"text": "在", "answer_start": 9},
            "at character 9 .*found ''; it stands more than once, first at 0",
        ),
        ({"text": "", "answer_start": 0}, "expected an answer, got an empty text"),
        ({"text": "北京", "answer_start": True}, "'answer_start' to be int, got bool"),
        ({"text": "北京", "answer_start": 1.0}, "'answer_start' to be int, got float"),
        ({"text": None, "answer_start": 1}, "'text' to be str, got NoneType"),
    ],
)
def test_an_answer_out_of_its_place(tmp_path, answer, says):
    path = tmp_path / "a.json"
    text = json.dumps(squad(answer)).replace(r"\u3002", r"\u3002\u5728")
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"a\.json, question 'q1': (.* )?{says}"):
        read_squad(path)


def cmrc(draw: random.Random, questions: int) -> tuple[dict, dict[str, list[bool]]]:
    """A file of CMRC 2018's shape, three answers each, and whether each stands in its place."""
    places, articles = dict[str, list[bool]](), []
    for n in range(questions):
        context = "".join(draw.choices("《战国无双3》（）是由光荣和ω-force开发的续作。", k=60))
        answers, name = [], f"DEV_{n // 4}_QUERY_{n % 4}"
        for _ in range(3):
            begin, long = draw.randrange(50), draw.randint(1, 9)
            said = draw.choice([begin, begin, begin, -1, begin + 2, begin - 1])
            text = context[begin : begin + long]
            answers.append({"text": text, "answer_start": said})
            places.setdefault(name, []).append(said >= 0 and context.startswith(text, said))
        question = {"question": "谁？", "id": name, "answers": answers}
        paragraph = {"id": f"DEV_{n // 4}", "context": context, "qas": [question]}
        articles.append({"paragraphs": [paragraph], "id": f"DEV_{n // 4}", "title": "战国无双3"})
    return {"version": "v1.0", "data": articles}, places


@pytest.mark.parametrize("seed", range(20))
def test_a_file_with_misplaced_answers_is_read_if_asked_for(tmp_path, seed):
    path = tmp_path / "cmrc2018_dev.json"
    data, places = cmrc(random.Random(seed), 30)
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    first = next(name for name, right in places.items() if not all(right))
    with pytest.raises(ValueError, match=rf"{first}': .*misplaced=a_list"):
        read_squad(path)
    misplaced: list[Misplaced] = []
    read = read_squad(path, misplaced)
    assert {q.id: len(q.answers) for q in read} == {
        name: sum(right) for name, right in places.items() if any(right)
    }
    assert Counter(one.id for one in misplaced) == Counter(
        {name: 3 - sum(right) for name, right in places.items() if not all(right)}
    )
    for question in read:
        for text, begin in question.answers:
            assert question.context[begin : begin + len(text)] == text
    for one in misplaced:
        assert f"at character {one.answer.begin} " in one.reason


def test_a_file_of_misplaced_answers_alone_is_an_error(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(squad({"text": "北京", "answer_start": -1})))
    misplaced: list[Misplaced] = []
    with pytest.raises(ValueError, match="no example"):
        read_squad(path, misplaced)
    assert len(misplaced) == 1


@data
def test_real_files():
    folder = data_root()
    assert [len(read_tsv(folder / "sst2" / f"{p}.tsv")) for p in ("train", "dev", "test")] == [
        6920, 872, 1821
    ]  # fmt: skip
    sentences = read_conll(folder / "wnut17" / "train.conll")
    assert sum(len(words) for words, _ in sentences) > 60_000
    assert len(read_translations(folder / "cmn-eng" / "cmn.txt")) > 20_000
    for language in ("en", "zh"):
        assert len(read_squad(folder / "xquad" / f"xquad.{language}.json")) == 1190
