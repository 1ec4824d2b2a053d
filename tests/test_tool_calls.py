"""The page `tool-calls`: what may be written, what is run, and how long."""

import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionMessage

sys.path.insert(0, str(Path(__file__).parents[1] / "snippets" / "1_NLP_basics"))
import tool_calls
from tool_calls_questions import draw, result_of, tool

FORMS = [tool_calls.form(tool(name)) for name in ("multiply", "phone")]
PATTERNS = [
    "".join(f"({p.pattern})" if isinstance(p, re.Pattern) else re.escape(p) for p in form)
    for form in FORMS
]
NUMBERS = st.integers(0, 999_999)
ARGUMENTS = st.one_of(
    st.tuples(NUMBERS, NUMBERS).map(lambda ab: {"a": ab[0], "b": ab[1]}),
    st.text("ABCabc ", min_size=1, max_size=20).map(lambda name: {"name": name}),
)


def fits(text: str) -> bool:
    return any(tool_calls.begins(text, form) for form in FORMS)


@given(ARGUMENTS, st.data())
def test_each_beginning_of_a_valid_call_is_one_and_no_other_text(given: dict, data: Any) -> None:
    said = json.dumps({"name": "multiply" if "a" in given else "phone", "arguments": given})
    call = f"<tool_call>{said}</tool_call>"
    assert any(re.fullmatch(pattern, call) for pattern in PATTERNS)
    assert all(fits(call[:length]) for length in range(len(call) + 1))
    assert not fits(call + data.draw(st.characters()))
    place = data.draw(st.integers(0, len(call) - 1))
    changed = call[:place] + data.draw(st.sampled_from('x0,"}{ é\n')) + call[place + 1 :]
    assert fits(changed) == any(re.fullmatch(pattern, changed) for pattern in PATTERNS)


@pytest.mark.parametrize("number", ["07", "1234567", "-1", "1.5", '"7"'])
def test_no_number_but_plain_ones_of_at_most_six_digits(number: str) -> None:
    assert not fits(f'<tool_call>{{"name": "multiply", "arguments": {{"a": {number}, ')


@given(st.integers(0, 2**32 - 1))
def test_constrained_writes_a_valid_call_whatever_the_logits(seed: int) -> None:
    """A model of noise over a vocabulary with pieces of several letters."""
    chance = torch.Generator().manual_seed(seed)
    letters = [chr(code) for code in range(32, 127)]
    pieces = ["", *letters, "<tool", '": ', "}}", "12", "mul", "Anna", "To", "é"]

    class Noise:
        def caches(self) -> list:
            return []

        def __call__(self, ids: Any, **_: Any) -> torch.Tensor:
            return torch.randn(1, 1, len(pieces), generator=chance)

    noise: Any = Noise()
    text = tool_calls.constrained(noise, pieces, [0], FORMS)
    assert any(re.fullmatch(pattern, text) for pattern in PATTERNS)
    assert result_of(text, ["multiply", "phone"]) is not None


@given(st.text(), st.text())
def test_run_never_raises(name: str, arguments: str) -> None:
    for one in (name, "multiply", "phone"):
        assert isinstance(tool_calls.run(one, arguments), str)


def test_run_says_what_is_wrong() -> None:
    assert tool_calls.run("multiply", '{"a": 6, "b": 7}') == "42"
    assert "multiply, phone" in tool_calls.run("eval", "{}")
    for arguments in ('{"a": "6", "b": 7}', '{"a": 6}', '{"a": true, "b": 7}', "[6, 7]", "{", "6"):
        assert tool_calls.run("multiply", arguments).startswith("error: "), arguments
    assert tool_calls.run("multiply", '{"a": 6, "b": 7, "c": 8}').startswith("error: ")


def said(calls: int) -> SimpleNamespace:
    function = {"name": "multiply", "arguments": '{"a": 6, "b": 7}'}
    asked = [{"id": f"call_{n}", "type": "function", "function": function} for n in range(calls)]
    fields: Any = {"role": "assistant", "content": "done", "tool_calls": asked or None}
    return SimpleNamespace(message=ChatCompletionMessage(**fields))


@pytest.mark.parametrize("times", [0, 1, 3])
def test_ask_runs_each_call_and_ends_with_the_answer(times: int) -> None:
    left = [said(2)] * times + [said(0)]
    asked = [{"role": "user", "content": "?"}]
    messages = tool_calls.ask(lambda messages, tools: left.pop(0), asked, [], most=3)
    assert not left and len(asked) == 1
    turns = ["assistant", "tool", "tool"]
    assert [m["role"] for m in messages] == ["user", *turns * times, "assistant"]
    results = [m for m in messages if m["role"] == "tool"]
    assert [m["content"] for m in results] == ["42"] * 2 * times
    assert [m["tool_call_id"] for m in results] == ["call_0", "call_1"] * times


def test_ask_has_a_bound() -> None:
    asked = []

    def stubborn(messages: list, tools: list) -> SimpleNamespace:
        asked.append(messages)
        return said(1)

    with pytest.raises(RuntimeError, match="after 3 calls"):
        tool_calls.ask(stubborn, [], [], most=3)
    assert len(asked) == 4


def test_examples_and_tests_share_no_question_and_calls_read_back() -> None:
    tools = ["add", "subtract", "multiply", "phone"]
    shown, asked = draw(tools, 4, 0), draw(tools, 12, 0, True)
    assert not {one.question for one in shown} & {one.question for one in asked}
    assert all(result_of(one.call, tools) == one.result for one in [*shown, *asked])
    assert result_of('<tool_call>{"name": "add", "arguments": {"a": 1}}', tools) is None
    assert result_of('{"name": "add", "arguments": {"a": 1, "b": 2}}', tools) is None
    assert result_of('<tool_call>{"name": "add", "arguments": {"a": 1, "b": 2}}', ["phone"]) is None
