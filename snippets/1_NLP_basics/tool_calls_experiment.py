"""For the page `tool-calls`: a model alone and with a tool, which tool, what it does with results.

    python snippets/1_NLP_basics/tool_calls_experiment.py

asks SmolLM2 in this process and writes docs/assets/results/tool_calls.json.
"""

import re
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from openai import APIStatusError, OpenAI
from torch import Tensor
from transformers import AutoTokenizer

from tool_calls import TEMPLATE, begins, constrained, form, with_tools
from tool_calls_questions import RUN, Asked, draw, result_of, tool
from wode.bert import Bert
from wode.book import results
from wode.book.kept import Kept
from wode.calibration import CONTENT_FREE, contextual_calibration
from wode.checks import likeliest
from wode.files.gguf import local_model
from wode.files.hub import MINILM, SMOLLM2
from wode.prompting import Format, Prompt, Reader, from_pretrained
from wode.serving.server import serve
from wode.tasks.baselines import bag_of_words, frozen_vectors
from wode.wordpiece import WordPiece

SEEDS = (0, 1, 2)
ARITHMETIC = ("add", "subtract", "multiply")
SETS = {"alike": ARITHMETIC, "unlike": ("multiply", "phone")}
EACH = (1, 2, 4)  # examples of each tool
ASKED = {"add": (2,), "subtract": (2,), "multiply": (1, 2, 3)}  # tool: how many digits
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


# ---------------------------------------------------------------- alone, and with a tool


def alone(name: str, digits: int, seed: int, shown: int = 4) -> float:
    asked = draw([name], QUESTIONS, seed, True, digits)
    said = reader(draw([name], shown, seed, False, digits), ()).answers(
        [one.question for one in asked], 24
    )
    return share([says(text, one.result) for text, one in zip(said, asked, strict=True)])


def with_tool(name: str, digits: int, seed: int, shown: int = 4) -> dict[str, float]:
    """One tool: free calls, and calls whose beginning is written for it; then the answer."""
    asked = draw([name], QUESTIONS, seed, True, digits)
    read = reader(draw([name], shown, seed, False, digits), [name])
    free = read.answers([one.question for one in asked], 48)
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


def told(kind: str, seed: int) -> float:
    """The right call stands there, then a result: how often does the answer say what it says?"""
    asked = draw(["multiply"], QUESTIONS, seed, True)
    read = reader(draw(["multiply"], 4, seed), ["multiply"])
    read.prompt = Prompt("", (), Format("{}", "", ""))
    texts, wanted = [], []
    for one in asked:
        result = str(int(one.result) + (7 if kind == "near" else 0))
        wanted.append("error: timeout" if kind == "error" else result)
        turns = f"{one.call}<|im_end|>\n<|im_start|>tool\n{wanted[-1]}<|im_end|>\n"
        texts.append(TURN.ask(one.question) + turns + "<|im_start|>assistant\n")
    answers = read.answers(texts, 16)
    if kind == "error":  # how often a number is made up all the same
        return share([bool(re.search(r"\d", text)) for text in answers])
    return share([says(text, result) for text, result in zip(answers, wanted, strict=True)])


# ---------------------------------------------------------------- only valid calls


def valid(shown: int, seed: int, count: int = 6) -> dict[str, float]:
    llama, _ = model()
    asked = draw(["multiply"], count, seed, True)
    read = reader(draw(["multiply"], shown, seed), ["multiply"])
    free = read.answers([one.question for one in asked], 48)
    with torch.inference_mode():
        forced = [
            constrained(llama, pieces(), read.encode(read.prompt.text(one.question)), FORMS)
            for one in asked
        ]
    said = {}
    for way, texts in (("free", free), ("constrained", forced)):
        found = [result_of(text, ["multiply"]) for text in texts]
        said[f"{way}_valid"] = share([result is not None for result in found])
        said[f"{way}_right"] = share([r == o.result for r, o in zip(found, asked, strict=True)])
    return said


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


def missing(shown: int, seed: int) -> dict[str, int]:
    """Sums are asked for, but there are only `multiply` and `phone`: what it writes, by name."""
    tools = ("multiply", "phone")
    read = reader(draw(tools, shown, seed), tools)
    said = read.answers([one.question for one in draw(["add"], 12, seed, True)], 48)
    names = [re.match(r'<tool_call>\{"name": "(\w+)"', text) for text in said]
    found = [name[1] if name else "text" for name in names]
    return {name: found.count(name) for name in sorted({*found, "multiply", "phone", "text"})}


@cache
def minilm() -> tuple[Bert, WordPiece]:
    return Bert.from_pretrained(MINILM), WordPiece.from_pretrained(MINILM)


# ---------------------------------------------------------------- a real server


def served() -> dict[str, Any]:
    """The same question with tools and without, to the model's own template and to ours."""
    said, one = {}, draw(["multiply"], 1, 0, True)[0]
    question = [{"role": "user", "content": one.question}]
    with tempfile.TemporaryDirectory() as place:
        tokenizer = AutoTokenizer.from_pretrained(local_model(SMOLLM2))
        ours = with_tools(SMOLLM2, tokenizer, Path(place) / "model")
        for name, folder in (("own", local_model(SMOLLM2)), ("ours", ours)):
            with (
                serve(folder, "local/model") as server,
                OpenAI(base_url=server.url, api_key="none") as client,
            ):
                for way, tools in (("without", {}), ("with", {"tools": [tool("multiply")]})):
                    request: Any = {"model": "local/model", "messages": question, **tools}
                    said[f"{name}_{way}"] = answered(client, request)
    said["same_text"] = said["own_with"]["content"] == said["own_without"]["content"]
    return said


def answered(client: OpenAI, request: Any) -> dict[str, Any]:
    try:
        once = client.with_options(max_retries=0).chat.completions
        reply = once.create(**request, max_tokens=40, temperature=0)
    except APIStatusError as error:  # such as 500 for a call that is no JSON
        return {"status": error.status_code, "content": None}
    return {
        "tokens": reply.usage.prompt_tokens if reply.usage else None,
        "called": bool(reply.choices[0].message.tool_calls),
        "content": reply.choices[0].message.content,
    }


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
    for way, measure in (("with_tool", with_tool), ("alone", alone)):
        numbers[way] = {
            name: {
                f"digits{d}": mean([kept(way, measure, name, d, s) for s in SEEDS]) for d in some
            }
            for name, some in ASKED.items()
        }
    numbers["told"] = {
        kind: mean([kept("told", told, kind, s) for s in SEEDS])
        for kind in ("right", "near", "error")
    }
    numbers["missing"] = [kept("missing", missing, 2, seed) for seed in SEEDS]
    numbers["valid"] = {
        f"shown{k}": mean([kept("valid", valid, k, s) for s in SEEDS]) for k in (0, 4)
    }
    numbers["served"] = kept("served", served)
    numbers["minutes"] = kept.minutes
    results.write(
        "tool_calls",
        numbers,
        command="python snippets/1_NLP_basics/tool_calls_experiment.py",
        seed=list(SEEDS),
        note_zh="SmolLM2-135M-Instruct：独自算与用工具算，几位数；只写合法的调用与随意写；"
        "选哪个工具；结果是错的怎么办；真实的服务器怎样对待 tools。",
        note_en="SmolLM2-135M-Instruct: alone and with a tool, by digits; calls free and "
        "constrained; which tool; results that are wrong; what a real server does with tools.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
