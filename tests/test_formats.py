"""The readers give what the files hold, and say where a file is wrong."""

import json

import pytest

from wode.data.formats import Answer, Tagged, Text, read_conll, read_squad, read_tsv
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
    with pytest.raises(ValueError, match=r"a\.tsv:3: expected UTF-8"):
        read_tsv(path)
    path.write_text("\n\n")
    with pytest.raises(ValueError, match="no example"):
        read_tsv(path)


def test_conll(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("-DOCSTART- -X- -X- O\n\nAda NNP B-person\nsang VBD O\n\n\n北京\tB-place\n")
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
        '{"data":\n[}': r"a\.json:2: Expecting value",
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


@data
def test_real_files():
    folder = data_root()
    assert [len(read_tsv(folder / "sst2" / f"{p}.tsv")) for p in ("train", "dev", "test")] == [
        6920, 872, 1821
    ]  # fmt: skip
    sentences = read_conll(folder / "wnut17" / "train.conll")
    assert sum(len(words) for words, _ in sentences) > 60_000
    for language in ("en", "zh"):
        assert len(read_squad(folder / "xquad" / f"xquad.{language}.json")) == 1190
