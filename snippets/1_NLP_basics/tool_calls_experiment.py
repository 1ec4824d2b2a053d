"""For the page `tool-calls`: whether it calls a tool, with what arguments, and which tool.

    python snippets/1_NLP_basics/tool_calls_experiment.py

asks SmolLM2 in this process and writes docs/assets/results/tool_calls.json.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tool_calls import TEMPLATE, begins, form
from tool_calls_questions import RUN, Asked, draw, result_of, tool
from wode.bert import Bert
from wode.book import results
from wode.book.kept import Kept
from wode.calibration import CONTENT_FREE, contextual_calibration
from wode.checks import likeliest
from wode.files.hub import MINILM, SMOLLM2
from wode.prompting import Format, Prompt, Reader, from_pretrained
from wode.tasks.baselines import bag_of_words, frozen_vectors
from wode.wordpiece import WordPiece

SEEDS = (0, 1, 2)
ARITHMETIC = ("add", "subtract", "multiply")
SETS = {"alike": ARITHMETIC, "unlike": ("multiply", "phone")}
EACH = (1, 4)  # examples of each tool
QUESTIONS = 12
TURN = Format("<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n", "", "")


@cache
def model() -> Any:
    return from_pretrained(SMOLLM2)


def messages(asked: Sequence[Asked], calling: bool = True) -> list[dict]:
    said = []
    for one in asked:
        said.append({"role": "user", "content": one.question})
        if calling:
            function = {"name": one.name, "arguments": one.arguments}
            said.append({"role": "assistant", "tool_calls": [{"function": function}]})
            said.append({"role": "tool", "content": one.result})
        said.append({"role": "assistant", "content": one.answer})
    return said


def reader(shown: Sequence[Asked], tools: Sequence[str], written: Format = TURN) -> Reader:
    """Has read the tools and the examples; without tools the model's own template is used."""
    llama, tokenizer = model()
    said = messages(shown, calling=bool(tools))
    given: dict = {"tools": [tool(t) for t in tools], "chat_template": TEMPLATE} if tools else {}
    said.append({"role": "user", "content": "?"})  # a template wants a message
    text = tokenizer.apply_chat_template(said, tokenize=False, **given)
    prefix = text.removesuffix("<|im_start|>user\n?<|im_end|>\n")
    return Reader(llama, tokenizer, Prompt(prefix, (), written))


def share(right: Sequence[bool]) -> float:
    return sum(right) / len(right)


def says(text: str, result: str) -> bool:
    """Whether the last number in the text is the result."""
    numbers = re.findall(r"[\d-]*\d", text.replace(",", "").split("\n")[0])
    return bool(numbers) and numbers[-1] == result


# ---------------------------------------------------------------- one tool


def with_tool(name: str, digits: int, seed: int, shown: int = 4) -> dict[str, float]:
    """One tool: free calls, and calls whose beginning is written for it; then the answer."""
    asked = draw([name], QUESTIONS, seed, True, digits)
    read = reader(draw([name], shown, seed, False, digits), [name])
    free = read.answers([one.question for one in asked], 40)
    read.prompt = Prompt("", (), Format("{}", "", ""))
    opening = f'<tool_call>{{"name": "{name}", "arguments": {{"a": '
    forced = read.answers([TURN.ask(one.question) + opening for one in asked], 32)
    in_order = [str(RUN[name](*map(int, re.findall(r"\d+", one.question)))) for one in asked]
    said = {"in_order": share([r == one.result for r, one in zip(in_order, asked, strict=True)])}
    for way, calls in (("free", free), ("forced", [opening + text for text in forced])):
        found = [result_of(call, [name]) for call in calls]
        said[f"{way}_valid"] = share([result is not None for result in found])
        said[f"{way}_right"] = share([r == o.result for r, o in zip(found, asked, strict=True)])
    texts = []
    for one, call, result in zip(asked, calls, found, strict=True):
        turns = f"{call}<|im_end|>\n<|im_start|>tool\n{result}<|im_end|>\n"
        texts.append(TURN.ask(one.question) + turns + "<|im_start|>assistant\n")
    answers = read.answers(texts, 16)
    said["answer"] = share([says(text, o.result) for text, o in zip(answers, asked, strict=True)])
    return said


# ---------------------------------------------------------------- only valid calls


FORMS = [form(tool("multiply"))]


@cache
def pieces() -> list[str]:
    llama, tokenizer = model()
    return [tokenizer.decode([token]) for token in range(llama.config.vocab_size)]


def first_step() -> dict[str, list]:
    """The first token after a question, no example: what the model wants, what is allowed."""
    llama, _ = model()
    read = reader([], ["multiply"])
    prompt = read.encode(read.prompt.text("What is 73 times 57?"))
    with torch.inference_mode():
        p = llama(torch.tensor([prompt]), logits_to_keep=1)[0, -1].softmax(dim=-1)  # (V,)
    fits = torch.tensor([bool(piece) and begins(piece, FORMS[0]) for piece in pieces()])
    rows = {}
    for name, values in (("free", p), ("masked", p * fits / (p * fits).sum())):
        best = values.topk(5)
        found = zip(best.values.tolist(), best.indices.tolist(), strict=True)
        rows[name] = [[pieces()[token], value] for value, token in found]
    return {**rows, "allowed": [int(fits.sum())], "mass": [float((p * fits).sum())]}


# ---------------------------------------------------------------- which tool


def choice(kind: str, each: int, seed: int) -> dict[str, Any]:
    """The tool's name alone, of those there are; everything before it is written already."""
    names = list(SETS[kind])
    shown, asked = draw(names, each, seed), draw(names, 12, 0, True)
    written = Format(TURN.question + '<tool_call>{{"name": "', "", "")
    read = reader(shown, names, written)
    scores = read.label_logprobs([one.question for one in asked], names)  # (N, tools)
    free = read.label_logprobs(CONTENT_FREE, names)
    truth = torch.tensor([names.index(one.name) for one in asked])
    last = names.index(shown[-1].name)

    def right(changed: Tensor) -> float:
        return (likeliest(changed, dim=1) == truth).double().mean().item()

    learned = [(one.question, one.name) for one in shown]
    test = [(one.question, one.name) for one in asked]
    return {
        "sum": right(scores),
        "content_free": right(contextual_calibration(scores, free)),
        "middle": right(scores - scores.mean(dim=0)),
        "last": (likeliest(scores, dim=1) == last).double().mean().item(),
        "picked": likeliest(scores, dim=1).bincount(minlength=len(names)).tolist(),
        "words": bag_of_words(learned, test),
        "minilm": frozen_vectors(*minilm(), learned, test),
    }


@cache
def minilm() -> tuple[Bert, WordPiece]:
    return Bert.from_pretrained(MINILM), WordPiece.from_pretrained(MINILM)


def mean(rows: Sequence[Any]) -> Any:
    """The mean of numbers, or of each entry of dicts; with the rows themselves."""
    if isinstance(rows[0], dict):
        return {name: mean([row[name] for row in rows]) for name in rows[0]}
    if isinstance(rows[0], list):
        return {"runs": list(rows)}
    return {"mean": sum(rows) / len(rows), "runs": list(rows)}


def main() -> None:
    torch.set_num_threads(1)
    kept = Kept(Path("build/tool_calls.jsonl"))
    numbers: dict[str, Any] = {"questions": QUESTIONS, "seeds": len(SEEDS)}
    numbers["step"] = kept("step", first_step)
    numbers["choice"] = {
        kind: {
            f"each{each}": mean([kept("choice", choice, kind, each, s) for s in SEEDS])
            for each in EACH
        }
        for kind in SETS
    }
    numbers["with_tool"] = {
        name: mean([kept("with_tool", with_tool, name, 2, seed) for seed in SEEDS])
        for name in ARITHMETIC
    }
    numbers["minutes"] = kept.minutes
    results.write(
        "tool_calls",
        numbers,
        command="python snippets/1_NLP_basics/tool_calls_experiment.py",
        seed=list(SEEDS),
        note_zh="SmolLM2-135M-Instruct 写工具调用：可以调用与必须调用；选哪个工具；第一个词元。",
        note_en="SmolLM2-135M-Instruct and tools: calls that it may and must write; which tool; "
        "the first token.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
