"""What the page `tool-calls` includes: tools, the loop that runs calls, writing only valid ones."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from pydantic import ConfigDict, ValidationError, validate_call

from wode.files.gguf import local_model
from wode.llama import Llama

# ---------------------------------------------------------------- what may be called

PHONES = {"Anna": "555-0137", "Ben": "555-0182", "Mia": "555-0164"}
strict = validate_call(config=ConfigDict(strict=True))  # no "7" for 7


@strict
def multiply(a: int, b: int) -> int:
    """Multiply two whole numbers.

    Args:
        a: The first number.
        b: The second number.
    """
    return a * b


@strict
def phone(name: str) -> str:
    """Look up a person's phone number.

    Args:
        name: The first name.
    """
    return PHONES.get(name, "unknown")


FUNCTIONS = {"multiply": multiply, "phone": phone}


def run(name: str, arguments: str) -> str:
    """The result as text; of a call that cannot be run, what is wrong with it."""
    if name not in FUNCTIONS:
        return f"error: no function {name}, there are {', '.join(FUNCTIONS)}"
    try:
        return str(FUNCTIONS[name](**json.loads(arguments)))
    except ValidationError as error:  # the wrong arguments
        wrong = [f"{one['loc'][0]}: {one['msg']}" for one in error.errors()]
        return f"error: {'; '.join(wrong)}"
    except (ValueError, TypeError) as error:  # no JSON, or no object
        return f"error: {error}"


# ---------------------------------------------------------------- the loop


def ask(send: Any, messages: Sequence[dict], tools: Sequence[dict], most: int = 3) -> list[dict]:
    """All messages up to the model's answer, the last; at most ``most`` times it may call."""
    messages = list(messages)
    for _ in range(most + 1):
        said = send(messages, tools=tools).message
        messages.append(said.model_dump(exclude_none=True))
        if not said.tool_calls:
            return messages
        for call in said.tool_calls:
            result = run(call.function.name, call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    raise RuntimeError(f"still calling after {most} calls")


def example(
    number: int, question: str, name: str, arguments: dict, result: str, answer: str
) -> list[dict]:
    """A question, the call, its result, the answer: what is shown to a model not trained for it."""
    call = {"name": name, "arguments": json.dumps(arguments)}
    return [
        {"role": "user", "content": question},
        {
            "role": "assistant",
            "tool_calls": [{"id": f"call_{number}", "type": "function", "function": call}],
        },
        {"role": "tool", "tool_call_id": f"call_{number}", "content": result},
        {"role": "assistant", "content": answer},
    ]


# ---------------------------------------------------------------- as text, and back

TEMPLATE = """{% if tools %}<|im_start|>system
You may call these functions:
{% for tool in tools %}{{ tool.function | tojson }}
{% endfor %}To call one, write <tool_call>{"name": ..., "arguments": ...}</tool_call><|im_end|>
{% endif %}{% for message in messages %}<|im_start|>{{ message.role }}
{% for call in message.tool_calls %}<tool_call>{"name": "{{ call.function.name }}", "arguments": \
{{ call.function.arguments if call.function.arguments is string else \
call.function.arguments | tojson }}}</tool_call>{% endfor %}\
{{ message.content if message.content is string }}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

RESPONSE = {  # how the server finds calls in what the model wrote
    "start_anchor": "<|im_start|>assistant\n",
    "fields": {
        "tool_calls": {
            "open_pattern": r"\s*<tool_call>",
            "close": "</tool_call>",
            "repeats": True,
            "content": "json",
            "transform": {"type": "function", "function": "{content}"},
        },
        "content": {"close_pattern": r"\s*<\|im_end\|>", "content": "text"},
    },
}


def with_tools(model_id: str, tokenizer: Any, folder: Path) -> Path:
    """A model's folder whose template knows tools; the weights are links to the model's own."""
    tokenizer.chat_template, tokenizer.response_template = TEMPLATE, RESPONSE
    tokenizer.save_pretrained(folder)
    for file in local_model(model_id).iterdir():
        if not (folder / file.name).exists():
            (folder / file.name).symlink_to(file)
    return folder


# ---------------------------------------------------------------- only valid calls

KINDS = {
    "integer": [re.compile("0|[1-9][0-9]{0,5}")],
    "string": ['"', re.compile("[A-Za-z ]{1,20}"), '"'],
}


def form(tool: dict) -> list:
    """A call of this tool, part by part: text that is fixed, or a pattern."""
    function = tool["function"]
    parts: list = [f'<tool_call>{{"name": "{function["name"]}", "arguments": {{']
    for name, schema in function["parameters"]["properties"].items():
        parts += [f'"{name}": ', *KINDS[schema["type"]], ", "]
    return [*parts[:-1], "}}</tool_call>"]


def begins(text: str, parts: list) -> bool:
    """Whether ``text`` is the parts one after another, or the beginning of it."""
    if not text or not parts:
        return not text
    first, rest = parts[0], parts[1:]
    if isinstance(first, str):
        return first.startswith(text) or (
            text.startswith(first) and begins(text.removeprefix(first), rest)
        )
    taken = first.match(text)
    return taken is not None and begins(text[taken.end() :], rest)


def constrained(model: Llama, pieces: list[str], prompt: list[int], forms: list[list]) -> str:
    """A call after the prompt that is of one of the forms, whatever the model thinks."""
    new, caches, text = prompt, model.caches(), ""
    while not text.endswith("</tool_call>"):
        logits = model(torch.tensor([new]), caches=caches, logits_to_keep=1)[0, -1]  # (V,)
        for token in logits.argsort(descending=True).tolist():  # the likeliest that is allowed
            piece = pieces[token]
            if piece and any(begins(text + piece, parts) for parts in forms):
                break
        text, new = text + piece, [token]
    return text
