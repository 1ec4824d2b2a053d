"""Strict JSON gives what Python's json gives, and refuses, with the place, what that lets pass."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wode.files.strict_json import (
    DEEPEST,
    JsonError,
    parse_json,
    read_json,
    read_json_lines,
    read_object,
)
from wode.files.text import lines_of, read_utf8
from wode.tasks.reader import read_jsonl, read_toml

TEXTS = st.text(st.one_of(st.characters(codec="utf-8"), st.sampled_from('\\"{}[]:,u\u2028\x85')))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXTS).filter(
        lambda value: value not in (float("inf"), float("-inf"))
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
INDENTS = st.sampled_from([None, 0, 3])


@given(VALUES, INDENTS, st.booleans(), st.sampled_from(["", "\ufeff"]))
def test_a_value_is_what_json_makes_of_it(value, indent, ascii_only, before):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    found = parse_json(f"{before}{text}".encode())
    assert found == json.loads(text)
    assert repr(found) == repr(json.loads(text))  # 1 is no 1.0 and no True


@given(VALUES, VALUES, TEXTS, st.booleans(), st.integers(0, 9))
def test_a_key_twice_is_refused_where_it_stands(first, second, key, ascii_only, blank):
    name = json.dumps(key)
    before = f"[{json.dumps(first, ensure_ascii=ascii_only)}, {{{name}: {json.dumps(second)},"
    before += "\n" * blank + '"' + " another key" + '": {' + name + ": 0}, "
    with pytest.raises(JsonError) as raised:
        parse_json(f"{before}{json.dumps(key, ensure_ascii=ascii_only)} : 1}}]")
    place = len(before)
    assert raised.value.reason.startswith(f"the key {key!r} twice in one object")
    assert raised.value.line == 1 + before.count("\n")
    assert raised.value.column == place - before.rfind("\n")


@given(VALUES, st.integers(0, 9))
@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("NaN", "NaN is no number of JSON"),
        ("Infinity", "Infinity is no number of JSON"),
        ("-Infinity", "-Infinity is no number of JSON"),
        ("1e999", "too large a number: 1e999"),
        ("-1" + "0" * 350 + ".0", "too large a number: -1000"),
        ("9" * 5000, "too long a number: 99999999999999999999…, 5000 digits"),
        ("[" * 100_000, "nested more than 100 deep"),
        ('{"a":' * 100_000, "nested more than 100 deep"),
        (f"{'[' * 300}{']' * 300}", "nested more than 100 deep"),
        (r'"\\\ud83d\\"', "half of a surrogate pair"),
        (r'"\uDE00\ud83d"', "half of a surrogate pair"),
        (r'"\ud83d\ud83d\ude00"', "half of a surrogate pair"),
        ("'a'", "Expecting value"),
        ("01", "Expecting ',' delimiter"),
    ],
)
def test_what_json_lets_pass_is_refused_where_it_stands(bad, reason, value, blank):
    start = f"[{json.dumps(value)},{chr(10) * blank} "
    with pytest.raises(JsonError) as raised:
        parse_json(f"{start}{bad}]")
    assert raised.value.reason.startswith(reason)
    assert raised.value.line == 1 + blank


def test_depth_is_counted_for_lists_and_objects():
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        text = f"{opening * (DEEPEST - 1)}[1]{closing * (DEEPEST - 1)}"
        assert parse_json(text) == json.loads(text)
        with pytest.raises(JsonError, match=rf"nested more than {DEEPEST} deep at column"):
            parse_json(f"[{text}]")


def test_pairs_of_surrogates_and_escaped_backslashes_are_text():
    for text in (r'"\ud83d\ude00"', r'"\\ud83d"', r'"\\\\ud83d \ud83d\uDE00"', r'"\\\ud83d\ude00"'):
        assert parse_json(text) == json.loads(text)


def test_an_error_names_the_file_and_the_place(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"a": 1,\n "a": 2}')
    for read in (read_json, read_object):
        with pytest.raises(ValueError, match=r"config\.json: not JSON \(the key 'a' .* line 2 co"):
            read(path)
    path.write_bytes(b'{"a": "\xb0"}')
    with pytest.raises(ValueError, match=r"config\.json: not UTF-8 \(byte 0xb0 at place 7, .*GBK"):
        read_json(path)
    path.write_bytes('{"a": 1}'.encode("utf-16"))
    with pytest.raises(ValueError, match=r"not UTF-8 \(byte 0xff at place 0, .* iconv -f utf-16"):
        read_json(path)
    path.write_text("[1]")
    with pytest.raises(ValueError, match=r"config\.json: expected an object \{…\}, got list"):
        read_object(path)
    path.write_text('{"a": 1}\n\n{"a": 1, "a": 2}\n')
    lines = read_json_lines(path)
    assert next(lines) == (f"{path}:1", {"a": 1})
    with pytest.raises(ValueError, match=r"config\.json:3: not JSON \(the key 'a' .* at column 10"):
        next(lines)


@example(["a\r", "\r\rb"], True)
@given(st.lists(st.text(st.characters(exclude_characters="\n", codec="utf-8"))), st.booleans())
def test_lines_end_at_a_newline_and_nowhere_else(tmp_path, lines, windows):
    path = tmp_path / "a.txt"
    text = "".join(f"{line}{chr(13) * windows}\n" for line in lines)
    path.write_bytes(f"\ufeff{text}".encode())
    assert read_utf8(path) == text
    wanted = [line if windows else line.removesuffix("\r") for line in lines]
    assert list(lines_of(path)) == [(f"{path}:{n}", x) for n, x in enumerate([*wanted, ""], 1)]


def test_the_tasks_data_files_are_read_as_strictly(tmp_path):
    path = tmp_path / "a.toml"
    path.write_bytes("\ufeffa = '\u2028'\r\n".encode())
    assert read_toml(path, dict[str, str]) == {"a": "\u2028"}
    for text, says in {
        "a = 1\na = 2": "Cannot overwrite a value",
        f"a = {'[' * 100_000}": "recursion",
        "a = 1": "a: Input should be a valid string",
    }.items():
        path.write_text(text)
        with pytest.raises(ValueError, match=rf"a\.toml: .*{says}"):
            read_toml(path, dict[str, str])
    path.write_text('{"a": "\u2028\x85"}\n{"a": "b", "a": "c"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.toml:2: not JSON \(the key 'a' twice"):
        read_jsonl(path, dict[str, str])
