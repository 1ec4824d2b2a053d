# %% [markdown] lang="zh" tags=["description"]
# 真实的 MiniLM 在短评上微调：六个学习率，三轮，几个种子。哪里学得最好，哪里坍缩，顺序、预热、裁剪和只训练头部各有什么影响。

# %% [markdown] lang="en" tags=["description"]
# The real MiniLM fine-tuned on short reviews: six rates, three epochs, several seeds. Where it
# learns best, where it collapses; what order, warm-up, clipping and training the head alone change.

# %% [markdown] lang="zh"
# # 学习率：学会、学不动、坍缩

# %% [markdown] lang="en"
# # Learning rates: learning, standing still, collapsing

# %% [markdown] lang="zh"
# ## 问题 {#question}
#
# 作者用 bert-base-chinese 在 AFQMC [@xu2020clue] 上微调了三次，得到这张表：
#
# | 学习率 | 顺序 | 第 1 轮 | 第 2 轮 | 第 3 轮 |
# |---|---|---|---|---|
# | 1e-5 | 不打乱 | 69.4 | 72.2 | 73.7 |
# | 5e-5 | 不打乱 | 69.0 | 69.0 | 69.0 |
# | 1e-5 | 打乱 | 72.6 | 73.3 | 73.9 |
#
# [学习率](../2_transformer_basics/learning-rate.md)一章说明 69.0 就是总答“不相似”的准确率：那个模型坍缩了。
# 这里用一个小的真实模型，把问题问全：**学习率从小到大，会发生什么？最好的学习率在哪里，
# 步数多些、训练的部分少些，它怎么动？不打乱、预热、裁剪各有多大作用？**
#
# 模型是 all-MiniLM-L6-v2（六层的 BERT [@wang2020minilm]，后来又用成对的句子训练过），任务是判断一句英文短评是褒是贬，
# [[learning_rate_lab.train]] 句训练，[[learning_rate_lab.held_out]] 句留出。
# 运行它需要本书的代码库（在书的仓库里 `pip install -e ".[run]"`）。图和表由
# `python -m wode.book.labs learning-rate` 重做；“现场”一节和练习只训练几秒。

# %% [markdown] lang="en"
# ## The question {#question}
#
# The author fine-tuned bert-base-chinese on AFQMC [@xu2020clue] three times, with this outcome:
#
# | rate | order | epoch 1 | epoch 2 | epoch 3 |
# |---|---|---|---|---|
# | 1e-5 | not shuffled | 69.4 | 72.2 | 73.7 |
# | 5e-5 | not shuffled | 69.0 | 69.0 | 69.0 |
# | 1e-5 | shuffled | 72.6 | 73.3 | 73.9 |
#
# The chapter [Learning rate](../2_transformer_basics/learning-rate.md) shows that 69.0 is what always
# answering "not similar" scores: that model had collapsed. Here a small real model is asked the whole
# question: **what happens as the rate grows? Where is the best one, and how does it move with more
# steps, or when only the head is trained? How much do shuffling, warm-up and clipping matter?**
#
# The model is all-MiniLM-L6-v2 (a BERT of six layers [@wang2020minilm], afterwards trained on pairs of
# sentences), the task is to say whether a short English review is positive or negative:
# [[learning_rate_lab.train]] sentences to train on,
# [[learning_rate_lab.held_out]] held out. To run it you need the book's library
# (`pip install -e ".[run]"` in the book's repository). `python -m wode.book.labs learning-rate` makes the
# figures and tables again; the code under "Live" and in the exercises trains for seconds.

# %%
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from wode.bert import Bert
from wode.data.pairs import collate
from wode.files.download import cache_root, data_root
from wode.files.hub import MINILM, ModelNotFoundError, find
from wode.finetune import sweep
from wode.heads import SequenceClassifier
from wode.tasks.baselines import bag_of_words
from wode.tasks.reviews import reviews
from wode.training import pick_device, seed_everything, train
from wode.training.evaluation import diagnose, measured
from wode.training.finetuning import Data, Settings, load_data, run
from wode.wordpiece import WordPiece

torch.set_num_threads(1)  # CPU seconds then mean the same on every machine


# %% [markdown] lang="zh"
# ## 数据 {#data}
#
# 句子由小语法造出来。训练的和留出的没有一个句式相同，没有一个实词相同：名词、褒贬的词、评语都不同，
# 连否定的说法也不同。只数词的模型学不到能带走的东西；预训练过的模型知道 *dreadful* 和 *lousy* 意思相近。

# %% [markdown] lang="en"
# ## The data {#data}
#
# The sentences come from a small grammar. Training and held-out ones share no template and no content
# word: other nouns, other words of praise and blame, other verdicts, even other words for *not*. A model
# that counts words learns nothing that carries over; a pretrained one knows that *dreadful* and *lousy*
# are alike.


# %%
def review_data(train: int = 640, held_out: int = 240) -> Data:
    """Half positive, half negative, in random order; what is held out is made of other words."""
    return Data("reviews", reviews(train), reviews(held_out, held_out=True))


def words_alone(data: Data) -> tuple[float, float]:
    """How much of the training sentences, and of the held-out ones, a bag of words gets right."""
    train, held_out = ([(p.first, p.label) for p in part] for part in (data.train, data.held_out))
    return bag_of_words(train, train), bag_of_words(train, held_out)


# %% tags=["live"]
data = review_data()
for pair in (*data.train[:3], *data.held_out[:3]):
    print(pair.label, pair.first)
learned, held_out = words_alone(data)
print(f"bag of words: {learned:.1%} of the training sentences, {held_out:.1%} of the held-out ones")

# %% [markdown] lang="zh"
# ## 一次训练 {#runs}
#
# 训练用的是 `wode.training.finetuning.run`：AdamW，每批 16 句，权重衰减 0.01，学习率不变。为了快，模型套一层 `Lean`：
# 用 bfloat16 计算，词表只留句子里出现的词片。后一件事不改变任何结果：没出现的词片，梯度始终是零。
#
# 每一轮之后记下准确率、损失、答“褒”的比例。答“褒”的比例是 0 或 1，就是所有句子都得到同一个答案：模型坍缩了。
# 最后量一量六层的权重偏离预训练值多远，与它们的范数相比。

# %% [markdown] lang="en"
# ## One run {#runs}
#
# Training is `wode.training.finetuning.run`: AdamW, batches of 16, weight decay 0.01, a constant rate. To be fast,
# the model is wrapped in `Lean`: it computes in bfloat16 and keeps the embeddings only of the pieces that
# occur. The latter changes no result, since the gradient of the others is always zero.
#
# After each epoch we note the accuracy, the loss and the share of sentences answered "positive". A share
# of 0 or 1 means that all sentences get the same answer: the model has collapsed. In the end we measure
# how far the weights of the six layers went from the pretrained ones, as a share of their norm.


# %%
class Lean(nn.Module):
    """The same network, computed in bfloat16, with the embeddings of the pieces that occur."""

    def __init__(self, network: SequenceClassifier, pieces: Sequence[int]) -> None:
        super().__init__()
        words = network.bert.embeddings.word_embeddings
        place = torch.zeros(words.num_embeddings, dtype=torch.long)
        place[list(pieces)] = torch.arange(len(pieces))
        self.place = nn.Buffer(place, persistent=False)
        kept = words.weight.detach()[list(pieces)].clone()
        network.bert.embeddings.word_embeddings = nn.Embedding.from_pretrained(kept, freeze=False)
        self.network = network

    def forward(self, input_ids: Tensor, **others: Tensor) -> Tensor:  # (B, T) each
        with torch.autocast("cpu", torch.bfloat16):
            logits = self.network(self.place[input_ids], **others)  # (B, 2)
        return logits.float()


def lean(data: Data, layers: int, network: SequenceClassifier) -> Lean:
    """Keep the first ``layers`` layers and the pieces of ``data``."""
    encoder = network.bert.encoder
    encoder.layer = encoder.layer[:layers]
    tokenizer = WordPiece.from_pretrained(MINILM)
    both = [*data.train, *data.held_out]
    pieces = {piece for pair in both for piece in tokenizer.encode(pair.first).ids}
    return Lean(network, sorted({0, *pieces}))  # 0: padding


def moved_by(network: nn.Module) -> float:
    """How far the encoder's layers went from the pretrained ones, relative to their length."""
    before = dict(Bert.from_pretrained(MINILM).encoder.named_parameters())
    pairs = [
        (before[name.split("encoder.")[1]], now)
        for name, now in network.named_parameters()
        if "encoder.layer" in name
    ]
    way = sum((now - old).square().sum().item() for old, now in pairs)
    return (way / sum(old.square().sum().item() for old, _ in pairs)) ** 0.5


def fit(data: Data, settings: Settings, layers: int = 6) -> list[dict[str, Any]]:
    """One fine-tuning; a row for each epoch, the last one with the way that the weights went."""
    network, rows = run(data, settings, prepare=partial(lean, data, layers), progress=False)
    rows[-1]["moved"] = moved_by(network)
    return rows


# %% [markdown] lang="zh"
# 对照：编码器一动不动，只在它给出的向量上训练一个线性层，步数相同。

# %% [markdown] lang="en"
# For comparison: the encoder stays as it is, and a linear layer is trained on its vectors, for as many
# steps.


# %%
def features(data: Data) -> list[TensorDataset]:
    """What the pretrained encoder, left as it is, says of each sentence: (vectors, labels)."""
    encoder, tokenizer = Bert.from_pretrained(MINILM), WordPiece.from_pretrained(MINILM)
    found = []
    for pairs in (data.train, data.held_out):
        with torch.no_grad():
            _, pooled = encoder(**tokenizer.batch([pair.first for pair in pairs]))  # (N, E)
        found.append(TensorDataset(pooled, torch.tensor([pair.label for pair in pairs])))
    return found


def fit_head(vectors: list[TensorDataset], lr: float, seed: int) -> list[dict[str, Any]]:
    """Train a linear layer on the frozen encoder's vectors, for as many steps."""
    generator = seed_everything(seed)
    loader = DataLoader(vectors[0], Settings.batch_size, shuffle=True, generator=generator)
    held_out = DataLoader(vectors[1], 64)
    head = nn.Linear(vectors[0].tensors[0].shape[1], 2)
    return train(
        head,
        loader,
        torch.optim.AdamW(head.parameters(), lr=lr),
        F.cross_entropy,
        epochs=3,
        progress=False,
        evaluate=lambda model: measured(model, held_out),
    )


# %% [markdown] lang="zh"
# ## 现场：几秒钟 {#live}
#
# 一半的句子，一轮：

# %% [markdown] lang="en"
# ## Live: a few seconds {#live}
#
# Half of the sentences, one epoch:

# %% tags=["live"]
half = review_data(320, 120)


def show(name: str, rows: list[dict[str, Any]]) -> None:
    """A line an epoch: accuracy, the share answered "positive", the loss on held-out sentences."""
    for row in rows:
        print(
            f"{name:18} epoch {row['epoch']}: accuracy {row['accuracy']:.2f}, "
            f'"positive" {row["answered_same"]:.2f}, loss {row["held_out_loss"]:.2f}'
        )


for lr in (1e-5, 2e-4, 3e-3):
    show(f"{lr:.0e}", fit(half, Settings(lr=lr, epochs=1)))

# %% [markdown] lang="zh"
# ## 整个实验 {#experiment}
#
# 六个学习率，三轮，打乱（种子数：[[learning_rate_lab.seeds]]）；1e-5 和 5e-5 再按标签排好、不打乱；
# 1e-3 再试几种补救办法：梯度裁剪到 1；预热 10%；线性降到零；既预热又下降。最后是只训练头部。
# 下面只有定义，笔记本里不运行它。中途停下再运行，会从停下的地方接着做。

# %% [markdown] lang="en"
# ## The whole experiment {#experiment}
#
# Six rates, three epochs, shuffled (number of seeds: [[learning_rate_lab.seeds]]); 1e-5 and 5e-5 also
# sorted by label and not shuffled; at 1e-3 some remedies: the gradient clipped to 1, a warm-up of 10%,
# linear decay to zero, and these two together; then the head alone. Here it is only defined and not run.
# Stopped and started again, it goes on where it was.

# %%
RATES = {"1e-5": 1e-5, "5e-5": 5e-5, "2e-4": 2e-4, "5e-4": 5e-4, "1e-3": 1e-3, "3e-3": 3e-3}
HEAD_RATES = {"1e-5": 1e-5, "2e-4": 2e-4, "3e-3": 3e-3, "1e-2": 1e-2, "1e-1": 1e-1, "1e0": 1.0}
REMEDIES: dict[str, dict[str, Any]] = {  # at 1e-3
    "clip": {"clip": 1.0},
    "warmup": {"warmup": 0.1},
    "decay": {"decay": True},
    "schedule": {"warmup": 0.1, "decay": True},
}
SEEDS = 3
Rows = list[dict[str, Any]]


def groups(data: Data) -> dict[tuple[str, str], tuple[Data, dict[str, Any]]]:
    """What is trained for three epochs: by kind and name, the data and the settings."""
    by_label = Data("sorted", sorted(data.train, key=lambda pair: pair.label), data.held_out)
    found: dict[tuple[str, str], tuple[Data, dict[str, Any]]] = {
        ("sweep", name): (data, {"lr": lr}) for name, lr in RATES.items()
    }
    for name in ("1e-5", "5e-5"):
        found["sorted", name] = (by_label, {"lr": RATES[name], "shuffle": False})
    for name, settings in REMEDIES.items():
        found["remedies", name] = (data, {"lr": RATES["1e-3"], **settings})
    return found


def summary(runs: Sequence[Rows]) -> dict[str, Any]:
    """Several seeds' rows, epoch by epoch: mean, lowest, highest, and how many collapsed."""
    found: dict[str, Any] = {}
    for number, rows in enumerate(zip(*runs, strict=True), start=1):
        values = [row["accuracy"] for row in rows]
        found[f"epoch_{number}"] = {
            "accuracy": round(fmean(values), 4),
            "low": round(min(values), 4),
            "high": round(max(values), 4),
            "train_loss": round(fmean(row["loss"] for row in rows), 4),
            "held_out_loss": round(fmean(row["held_out_loss"] for row in rows), 4),
            "collapsed": sum(row["answered_same"] in (0.0, 1.0) for row in rows),
        }
    if "moved" in runs[0][-1]:
        found["moved"] = round(fmean(rows[-1]["moved"] for rows in runs), 5)
    return found


def page(lr: float, sentences: int, asked: int) -> Rows:
    """The run on the chapter's page: one epoch, in float32, and its diagnosis."""
    data = review_data(sentences, asked)
    network, _ = run(data, Settings(lr=lr, epochs=1), progress=False)
    together = collate(WordPiece.from_pretrained(MINILM))
    held_out = DataLoader(list(data.held_out), 50, collate_fn=together)  # ty: ignore[invalid-argument-type]
    found = diagnose(network, held_out)
    return [found._asdict()]


def best(found: dict[str, Any], epoch: int) -> str:
    """The rate with the highest mean accuracy after ``epoch``."""
    return max(found, key=lambda lr: found[lr][f"epoch_{epoch}"]["accuracy"])


def experiment(small: bool, folder: Path) -> None:
    """Every rate, the orders, the remedies, the head alone; then the author's own table."""
    from wode.book import results
    from wode.book.kept import Kept

    data = review_data(32, 20) if small else review_data()
    seeds = list(range(1 if small else SEEDS))
    kept = Kept((folder if small else cache_root()) / "learning_rate_lab.jsonl")
    trained = groups(data)
    runs: dict[tuple[str, str], list[Rows]] = {key: [] for key in trained}
    for seed in seeds:  # seed by seed: a run that is cut short has whole seeds
        for key, (given, settings) in trained.items():
            chosen = Settings(seed=seed, **settings)
            once = partial(fit, given, chosen, layers=1 if small else 6)
            runs[key].append(kept(f"{key} seed {seed}", once))

    words = words_alone(data)
    numbers: dict[str, Any] = {
        "train": len(data.train),
        "held_out": len(data.held_out),
        "steps": len(data.train) // Settings.batch_size,
        "seeds": len(seeds),
        "bag_of_words": {"train": round(words[0], 4), "held_out": round(words[1], 4)},
        "page": {},
    }
    for name in ("1e-5", "2e-4", "3e-3"):
        once = partial(page, RATES[name], *((16, 10) if small else (320, 100)))
        (numbers["page"][name],) = kept(f"page {name}", once)
    for (kind, name), found in runs.items():
        numbers.setdefault(kind, {})[name] = summary(found)
    vectors = features(data)
    numbers["frozen"] = {
        name: summary([fit_head(vectors, lr, seed) for seed in seeds])
        for name, lr in HEAD_RATES.items()
    }
    numbers["best"] = {
        kind: {f"epoch_{epoch}": best(numbers[kind], epoch) for epoch in (1, 2, 3)}
        for kind in ("sweep", "frozen")
    }
    results.write(
        "learning_rate_lab",
        numbers,
        seed=seeds,
        command="python -m wode.book.labs snippets/labs/learning-rate.py",
        note_zh="MiniLM 在短评上微调三轮：六个学习率，按标签排序，补救办法，只训练头部。",
        note_en="MiniLM fine-tuned on short reviews for three epochs: six rates, the order of the "
        "examples, remedies, the head alone.",
        folder=folder,
    )
    kept.finish()
    if not small:
        original(folder)


# %% [markdown] lang="zh"
# ## 作者的那张表 {#original}
#
# 有 bert-base-chinese 和 AFQMC 的训练集、开发集的机器上，`make labs` 还会重做作者的三次训练
# （每批 16 对，权重衰减 0.01，学习率不变；作者当时的这几项没有记下来），写进另一个结果文件；
# 缺什么，它就说缺什么、从哪里取。

# %% [markdown] lang="en"
# ## The author's table {#original}
#
# On a machine that has bert-base-chinese and AFQMC's training and development files, `make labs` also
# does the author's three runs again (batches of 16, weight decay 0.01, a constant rate; the author's own
# were not noted) and writes them to a results file of their own. What is missing it names, with where to
# get it.

# %%
BERT_CHINESE = "google-bert/bert-base-chinese"
AFQMC = "https://storage.googleapis.com/cluebenchmark/tasks/afqmc_public.zip"


def missing(folder: Path) -> list[str]:
    """What the author's own runs need and this machine has not; each with how to get it."""
    found = [
        f"{folder / name}: it is in {AFQMC}"
        for name in ("train.json", "dev.json")
        if not (folder / name).is_file()
    ]
    try:
        find(BERT_CHINESE, "config.json")
    except ModelNotFoundError:
        found.append(f"the model: hf download {BERT_CHINESE}")
    return found


def original(folder: Path) -> None:
    """The author's table: bert-base-chinese on AFQMC, three runs of three epochs, resumable."""
    from wode.book import results

    afqmc = data_root() / "afqmc"
    if lacking := missing(afqmc):
        print("The author's table on AFQMC was not run; there is no")
        print("".join(f"  {what}\n" for what in lacking), end="", flush=True)
        return
    wanted = [(1e-5, False), (5e-5, False), (1e-5, True)]
    found = sweep(
        load_data([str(afqmc)]),
        [Settings(lr=lr, shuffle=shuffle) for lr, shuffle in wanted],
        cache_root() / "labs" / "afqmc",
        BERT_CHINESE,
        device=pick_device(),
    )
    results.write(
        "learning_rate_afqmc",
        {"majority": found["data"]["majority"], "runs": found["runs"]},
        seed=0,
        command="python -m wode.book.labs snippets/labs/learning-rate.py",
        note_zh="bert-base-chinese 在 AFQMC 上微调：作者的三组设置。",
        note_en="bert-base-chinese fine-tuned on AFQMC: the author's three settings.",
        folder=folder,
    )


# %% [markdown] lang="zh"
# ## 结果 {#results}
#
# ![留出句子的准确率与学习率，第 1、2、3 轮之后各一条线，误差线从最低的种子到最高的；词袋的灰线在一半附近](../../../pics/learning_rate_lab.zh.svg)
#
# 点是各种子的平均（种子数：[[learning_rate_lab.seeds]]），误差线从最低到最高。留出句子的平均准确率：
#
# | 学习率 | 第 1 轮 | 第 2 轮 | 第 3 轮 | 只答一类的种子 | 权重移动了多少 |
# |---|---|---|---|---|---|
# | 1e-5 | [[learning_rate_lab.sweep.1e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-5.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-5.epoch_3.collapsed]] | [[learning_rate_lab.sweep.1e-5.moved:.3f]] |
# | 5e-5 | [[learning_rate_lab.sweep.5e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-5.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-5.epoch_3.collapsed]] | [[learning_rate_lab.sweep.5e-5.moved:.3f]] |
# | 2e-4 | [[learning_rate_lab.sweep.2e-4.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.2e-4.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.2e-4.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.2e-4.epoch_3.collapsed]] | [[learning_rate_lab.sweep.2e-4.moved:.3f]] |
# | 5e-4 | [[learning_rate_lab.sweep.5e-4.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-4.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-4.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-4.epoch_3.collapsed]] | [[learning_rate_lab.sweep.5e-4.moved:.3f]] |
# | 1e-3 | [[learning_rate_lab.sweep.1e-3.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_3.collapsed]] | [[learning_rate_lab.sweep.1e-3.moved:.3f]] |
# | 3e-3 | [[learning_rate_lab.sweep.3e-3.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.3e-3.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.3e-3.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.3e-3.epoch_3.collapsed]] | [[learning_rate_lab.sweep.3e-3.moved:.3f]] |
#
# 1e-5 一轮之后几乎还没有开始，三轮之后还在升。5e-5 和 2e-4 一轮就学会了。
# 1e-3 和 3e-3 最后每一次都对所有句子给出同一个答案，损失停在 log 2 = 0.693 或者更高。
#
# 步数多了，1e-5 追上来：第 1 轮之后各种子从 [[learning_rate_lab.sweep.1e-5.epoch_1.low:.3f]] 到 [[learning_rate_lab.sweep.1e-5.epoch_1.high:.3f]]，
# 2e-4 从 [[learning_rate_lab.sweep.2e-4.epoch_1.low:.3f]] 到 [[learning_rate_lab.sweep.2e-4.epoch_1.high:.3f]]，两段不重叠；第 3 轮之后是
# [[learning_rate_lab.sweep.1e-5.epoch_3.low:.3f]] 到 [[learning_rate_lab.sweep.1e-5.epoch_3.high:.3f]] 与
# [[learning_rate_lab.sweep.2e-4.epoch_3.low:.3f]] 到 [[learning_rate_lab.sweep.2e-4.epoch_3.high:.3f]]，重叠了。
# 最好的学习率有没有随步数移动，却说不准：5e-5 和 2e-4 三轮里都重叠，第 1 轮之后连平均也一样。
# 5e-4 没有一次坍缩，但很不稳：第 2 轮之后从 [[learning_rate_lab.sweep.5e-4.epoch_2.low:.3f]] 到
# [[learning_rate_lab.sweep.5e-4.epoch_2.high:.3f]]，最高的一个和 2e-4 一样好；第 3 轮之后从
# [[learning_rate_lab.sweep.5e-4.epoch_3.low:.3f]] 到 [[learning_rate_lab.sweep.5e-4.epoch_3.high:.3f]]。
# 它在留出句子上的损失高于 log 2，尽管多数答案是对的：单凭损失看不出坍缩。
#
# 最后一列是六层的权重走了多远，与它们的范数相比。它随学习率增大，但比学习率增得慢：梯度方向不一时，
# AdamW 的步子互相抵消。这张表里坍缩的，权重移动的距离都超过范数的十分之一；可是走得远不是坍缩的必要条件：
# 下一节按标签排好的 5e-5，只走了 [[learning_rate_lab.sorted.5e-5.moved:.1%]]。

# %% [markdown] lang="en"
# ## Results {#results}
#
# ![Accuracy on held-out sentences by learning rate, a line each after epochs 1, 2 and 3, with bars from the lowest to the highest seed; the grey line of the bag of words is near one half](../../../pics/learning_rate_lab.en.svg)
#
# A point is the mean over the seeds (their number: [[learning_rate_lab.seeds]]), its bar goes from the
# lowest to the highest. The mean accuracy on held-out sentences:
#
# | rate | epoch 1 | epoch 2 | epoch 3 | seeds with one answer | weights moved by |
# |---|---|---|---|---|---|
# | 1e-5 | [[learning_rate_lab.sweep.1e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-5.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-5.epoch_3.collapsed]] | [[learning_rate_lab.sweep.1e-5.moved:.3f]] |
# | 5e-5 | [[learning_rate_lab.sweep.5e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-5.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-5.epoch_3.collapsed]] | [[learning_rate_lab.sweep.5e-5.moved:.3f]] |
# | 2e-4 | [[learning_rate_lab.sweep.2e-4.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.2e-4.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.2e-4.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.2e-4.epoch_3.collapsed]] | [[learning_rate_lab.sweep.2e-4.moved:.3f]] |
# | 5e-4 | [[learning_rate_lab.sweep.5e-4.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-4.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-4.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-4.epoch_3.collapsed]] | [[learning_rate_lab.sweep.5e-4.moved:.3f]] |
# | 1e-3 | [[learning_rate_lab.sweep.1e-3.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_3.collapsed]] | [[learning_rate_lab.sweep.1e-3.moved:.3f]] |
# | 3e-3 | [[learning_rate_lab.sweep.3e-3.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.3e-3.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.3e-3.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.3e-3.epoch_3.collapsed]] | [[learning_rate_lab.sweep.3e-3.moved:.3f]] |
#
# At 1e-5 the model has hardly begun after one epoch and is still rising after three. 5e-5 and 2e-4 learn
# within an epoch. At 1e-3 and 3e-3 every run ends by giving one answer to all, its loss at or
# above log 2 = 0.693.
#
# With more steps 1e-5 catches up: after epoch 1 its seeds go from
# [[learning_rate_lab.sweep.1e-5.epoch_1.low:.3f]] to [[learning_rate_lab.sweep.1e-5.epoch_1.high:.3f]], those of 2e-4
# from [[learning_rate_lab.sweep.2e-4.epoch_1.low:.3f]] to [[learning_rate_lab.sweep.2e-4.epoch_1.high:.3f]], apart;
# after epoch 3 from [[learning_rate_lab.sweep.1e-5.epoch_3.low:.3f]] to
# [[learning_rate_lab.sweep.1e-5.epoch_3.high:.3f]] and from [[learning_rate_lab.sweep.2e-4.epoch_3.low:.3f]] to
# [[learning_rate_lab.sweep.2e-4.epoch_3.high:.3f]], which overlap. Whether the best rate moves with the steps is
# undecided: 5e-5 and 2e-4 overlap after each epoch, and after the first even their means are equal.
# No run at 5e-4 collapses, but they are unsteady: after epoch 2 from
# [[learning_rate_lab.sweep.5e-4.epoch_2.low:.3f]] to [[learning_rate_lab.sweep.5e-4.epoch_2.high:.3f]], the highest
# as good as 2e-4; after epoch 3 from [[learning_rate_lab.sweep.5e-4.epoch_3.low:.3f]] to
# [[learning_rate_lab.sweep.5e-4.epoch_3.high:.3f]]. Its loss on held-out sentences is above log 2 while most
# of its answers are right: the loss alone does not show a collapse.
#
# The last column is how far the six layers' weights went, as a share of their norm. It grows with
# the rate, but less than in proportion: where gradients disagree, AdamW's steps cancel out. Those that
# collapsed in this table had gone a tenth of their norm and more; but a collapse does not need that:
# sorted at 5e-5, in the next section, it was [[learning_rate_lab.sorted.5e-5.moved:.1%]].

# %% [markdown] lang="zh"
# ## 顺序 {#order}
#
# 作者那种形式的表：
#
# | 学习率 | 顺序 | 第 1 轮 | 第 2 轮 | 第 3 轮 |
# |---|---|---|---|---|
# | 1e-5 | 按标签排好，不打乱 | [[learning_rate_lab.sorted.1e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sorted.1e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sorted.1e-5.epoch_3.accuracy:.3f]] |
# | 1e-5 | 打乱 | [[learning_rate_lab.sweep.1e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-5.epoch_3.accuracy:.3f]] |
# | 5e-5 | 按标签排好，不打乱 | [[learning_rate_lab.sorted.5e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sorted.5e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sorted.5e-5.epoch_3.accuracy:.3f]] |
# | 5e-5 | 打乱 | [[learning_rate_lab.sweep.5e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-5.epoch_3.accuracy:.3f]] |
#
# 与作者的那张表很像：不打乱，1e-5 学会得晚（在这里三轮之后还没有赶上）；5e-5 停在多数类基线上不动，这里是 50.0；
# 打乱，两个都学得会。5e-5 坍缩，不能只怪学习率，也不能只怪顺序：同样的学习率，打乱了就学得会；同样的顺序，学习率小些也学得会。
# 作者的数据上是不是也这样，仍是猜测：至少 AFQMC 的开发集文件没有按标签排序。

# %% [markdown] lang="en"
# ## Order {#order}
#
# A table in the author's form:
#
# | rate | order | epoch 1 | epoch 2 | epoch 3 |
# |---|---|---|---|---|
# | 1e-5 | sorted by label, not shuffled | [[learning_rate_lab.sorted.1e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sorted.1e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sorted.1e-5.epoch_3.accuracy:.3f]] |
# | 1e-5 | shuffled | [[learning_rate_lab.sweep.1e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-5.epoch_3.accuracy:.3f]] |
# | 5e-5 | sorted by label, not shuffled | [[learning_rate_lab.sorted.5e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sorted.5e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sorted.5e-5.epoch_3.accuracy:.3f]] |
# | 5e-5 | shuffled | [[learning_rate_lab.sweep.5e-5.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-5.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.5e-5.epoch_3.accuracy:.3f]] |
#
# It resembles the author's table: not shuffled, 1e-5 learns late (here it has not caught up after three
# epochs), 5e-5 does not move from the majority baseline, 50.0 here; shuffled, both learn. Neither made
# 5e-5 collapse alone: the same rate learns when shuffled, the same order at the smaller rate. With the
# author's own data that remains a guess: AFQMC's development file, at least, is not sorted by label.

# %% [markdown] lang="zh"
# ## 预热和裁剪 {#remedies}
#
# | 1e-3，加上 | 第 1 轮 | 第 2 轮 | 第 3 轮 | 第 3 轮只答一类的种子 |
# |---|---|---|---|---|
# | 什么也不加 | [[learning_rate_lab.sweep.1e-3.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_3.collapsed]] |
# | 梯度裁剪到 1 | [[learning_rate_lab.remedies.clip.epoch_1.accuracy:.3f]] | [[learning_rate_lab.remedies.clip.epoch_2.accuracy:.3f]] | [[learning_rate_lab.remedies.clip.epoch_3.accuracy:.3f]] | [[learning_rate_lab.remedies.clip.epoch_3.collapsed]] |
# | 预热 10% | [[learning_rate_lab.remedies.warmup.epoch_1.accuracy:.3f]] | [[learning_rate_lab.remedies.warmup.epoch_2.accuracy:.3f]] | [[learning_rate_lab.remedies.warmup.epoch_3.accuracy:.3f]] | [[learning_rate_lab.remedies.warmup.epoch_3.collapsed]] |
# | 线性降到零 | [[learning_rate_lab.remedies.decay.epoch_1.accuracy:.3f]] | [[learning_rate_lab.remedies.decay.epoch_2.accuracy:.3f]] | [[learning_rate_lab.remedies.decay.epoch_3.accuracy:.3f]] | [[learning_rate_lab.remedies.decay.epoch_3.collapsed]] |
# | 预热 10%，再线性降到零 | [[learning_rate_lab.remedies.schedule.epoch_1.accuracy:.3f]] | [[learning_rate_lab.remedies.schedule.epoch_2.accuracy:.3f]] | [[learning_rate_lab.remedies.schedule.epoch_3.accuracy:.3f]] | [[learning_rate_lab.remedies.schedule.epoch_3.collapsed]] |
#
# 裁剪没多大用：AdamW 会除以梯度的大小，每一步的梯度都按比例缩短，步长还是不变
# （[学习率调度](../2_transformer_basics/schedules.md)一章逐一试了它们各治什么）。
# 只预热，第 1 轮之后好得多，可是学习率还是那么大，后来照样坍缩；预热之后再下降，坍缩的最少，
# 各种子从 [[learning_rate_lab.remedies.schedule.epoch_3.low:.3f]] 到
# [[learning_rate_lab.remedies.schedule.epoch_3.high:.3f]]。学习率太大时，降低它更稳。


# %% [markdown] lang="en"
# ## Warm-up and clipping {#remedies}
#
# | 1e-3 with | epoch 1 | epoch 2 | epoch 3 | seeds with one answer after epoch 3 |
# |---|---|---|---|---|
# | nothing | [[learning_rate_lab.sweep.1e-3.epoch_1.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_2.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_3.accuracy:.3f]] | [[learning_rate_lab.sweep.1e-3.epoch_3.collapsed]] |
# | the gradient clipped to 1 | [[learning_rate_lab.remedies.clip.epoch_1.accuracy:.3f]] | [[learning_rate_lab.remedies.clip.epoch_2.accuracy:.3f]] | [[learning_rate_lab.remedies.clip.epoch_3.accuracy:.3f]] | [[learning_rate_lab.remedies.clip.epoch_3.collapsed]] |
# | 10% warm-up | [[learning_rate_lab.remedies.warmup.epoch_1.accuracy:.3f]] | [[learning_rate_lab.remedies.warmup.epoch_2.accuracy:.3f]] | [[learning_rate_lab.remedies.warmup.epoch_3.accuracy:.3f]] | [[learning_rate_lab.remedies.warmup.epoch_3.collapsed]] |
# | linear decay to zero | [[learning_rate_lab.remedies.decay.epoch_1.accuracy:.3f]] | [[learning_rate_lab.remedies.decay.epoch_2.accuracy:.3f]] | [[learning_rate_lab.remedies.decay.epoch_3.accuracy:.3f]] | [[learning_rate_lab.remedies.decay.epoch_3.collapsed]] |
# | 10% warm-up, then linear decay | [[learning_rate_lab.remedies.schedule.epoch_1.accuracy:.3f]] | [[learning_rate_lab.remedies.schedule.epoch_2.accuracy:.3f]] | [[learning_rate_lab.remedies.schedule.epoch_3.accuracy:.3f]] | [[learning_rate_lab.remedies.schedule.epoch_3.collapsed]] |
#
# Clipping helps little: AdamW divides by the gradient's size, so a gradient shortened at every step gives
# the same step (the chapter [Schedules](../2_transformer_basics/schedules.md) tries what each cures). With warm-up alone it is far better after epoch 1, but the rate stays as large, and the runs
# collapse all the same; with warm-up and decay the fewest do, and the seeds go from
# [[learning_rate_lab.remedies.schedule.epoch_3.low:.3f]] to
# [[learning_rate_lab.remedies.schedule.epoch_3.high:.3f]]. Where the rate is too large, lower it.


# %% [markdown] lang="zh"
# ## 只训练头部 {#head}
#
# ![第 3 轮后的准确率与学习率：训练整个模型的线和只训练头部的线，最高处相差很远](../../../pics/learning_rate_models.zh.svg)
#
# 编码器不动，最好的学习率是 1e-2（[[learning_rate_lab.frozen.1e-2.epoch_3.accuracy:.1%]]）和 1e-1
# （[[learning_rate_lab.frozen.1e-1.epoch_3.accuracy:.1%]]），而训练整个模型，1e-3 就已经坍缩。用 1e-5，头部几乎没学到什么（[[learning_rate_lab.frozen.1e-5.epoch_3.accuracy:.1%]]）。
# “微调用 1e-5”说的是训练整个模型。

# %% [markdown] lang="en"
# ## The head alone {#head}
#
# ![Accuracy after epoch 3 by learning rate: the whole model's line and the head's, whose highest points are far apart](../../../pics/learning_rate_models.en.svg)
#
# With the encoder left as it is, 1e-2 ([[learning_rate_lab.frozen.1e-2.epoch_3.accuracy:.1%]]) and 1e-1
# ([[learning_rate_lab.frozen.1e-1.epoch_3.accuracy:.1%]]) do best, where the whole model had collapsed at
# 1e-3 already. At 1e-5 the head has learned next to nothing
# ([[learning_rate_lab.frozen.1e-5.epoch_3.accuracy:.1%]]). "Fine-tune with 1e-5" is advice for
# training the whole model.

# %% [markdown] lang="zh"
# ## 这个实验没有说明的 {#limits}
#
# - **句子是造出来的**，二十个名词、二十几个褒贬的词，比真的评论整齐得多。准确率的高低不能搬到别处，先升后降的样子可以。
# - **这里没有一个可以照抄的数**。最好的学习率属于这个模型、这份数据、这么多步；要紧的是量一量的办法。
# - **种子太少**（[[learning_rate_lab.seeds]]），说不清相邻两个学习率谁好，也说不清坍缩的概率；从最低到最高不是置信区间。
# - **没有另外的测试集**。这里只比较各种设置，没有拿选出来的那个去报成绩；要报，得另留一份数据。
# - **舍入也能左右结果**：从 5e-4 起，同样的种子，求和的顺序变一变，结果就不一样。
# - **bfloat16**：权重是 float32，乘法用 bfloat16。没有相应指令的 CPU 上要慢几倍。
# - **混合但不打乱的顺序没有测**。AFQMC 的开发集文件没有按标签排好，所以“顺序”一节比作者当时的情形极端。

# %% [markdown] lang="en"
# ## What it does not show {#limits}
#
# - **The sentences are made**, of twenty nouns and some two dozen words of praise and blame, and much tidier
#   than real reviews. How high the accuracies are does not carry over; that they rise and then fall does.
# - **There is no number here to be copied.** The best rate is that of this model, these data and so many
#   steps. What matters is the way to find it.
# - **Few seeds** ([[learning_rate_lab.seeds]]) do not tell which of two neighbouring rates is better, nor
#   how likely a collapse is; lowest to highest is no confidence interval.
# - **There is no separate test set.** Settings are compared here, and no result of the one chosen is
#   reported; for that, hold out more data.
# - **Even rounding decides**: from 5e-4 on, the same seeds come out otherwise when sums are taken in another
#   order.
# - **bfloat16**: weights are float32, products are computed in bfloat16. A CPU without the instructions takes
#   several times as long.
# - **A mixed order that is not shuffled was not measured.** AFQMC's development file is not sorted by label; the
#   section on order is more extreme than the author's runs were.

# %% [markdown] lang="zh"
# ## 练习 {#exercises}

# %% [markdown] lang="en"
# ## Exercises {#exercises}

# %% [markdown] lang="zh" tags=["exercise"]
# **练习 1：批大小变为 4 倍**
#
# 每批 64 句，一轮只剩 5 步。学习率 2e-4 还学得会吗？变为 2 倍、4 倍呢？先猜。
# 再想一想：4 倍若不行，是学习率本身太大，还是批大了就不行？拿什么作对照？

# %% [markdown] lang="en" tags=["exercise"]
# **Exercise 1: batches four times as large**
#
# With 64 sentences a batch an epoch has 5 steps. Does 2e-4 still learn? And with the rate times two,
# times four? Guess first. Then: if four times fails, is that rate too large as such, or only with
# the large batch? What would be the control?

# %% [markdown] lang="zh" tags=["solution"]
# **解答**
#
# 2e-4 仍学得会，5 步也够把句子分开；2 倍不比它差。4 倍，8e-4，一个种子坍缩，另一个也没学到多少。
# 对照是每批 16 句的 8e-4：两个种子都学会了大半。所以坍缩不是因为 8e-4 本身太大，是它和大的批、少的步数合在一起才坏；
# 批变大，能用的学习率没有跟着变成 4 倍。批的大小与学习率成比例的规则 [@goyal2017accurate] 是为 SGD 写的，
# 那里一步的长度随梯度而变；为 Adam 推出的是平方根 [@malladi2022sdes]，这里就是 2 倍。两个种子分不清 2e-4 与 4e-4 谁好。

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# At 2e-4 it still learns, five steps are enough to tell sentences apart; twice that is no worse. At four
# times, 8e-4, one seed collapses and the other learns little. The control is 8e-4 in batches of 16: both
# seeds learn most of it. So 8e-4 is not too large as such; it fails together with the large batch and the
# few steps, and a larger batch did not bear four times the rate. The rule that the rate grows with the batch
# [@goyal2017accurate] was made for SGD, whose steps have the length of the gradient; the one derived for
# Adam is the square root [@malladi2022sdes], here twice. Two seeds do not tell which of 2e-4 and 4e-4 is better.

# %% tags=["solution"]
for size, lr in ((16, 2e-4), (64, 2e-4), (64, 4e-4), (64, 8e-4), (16, 8e-4)):
    for seed in (0, 1):
        settings = Settings(lr=lr, epochs=1, batch_size=size, seed=seed)
        show(f"{size}, {lr:.0e}, seed {seed}", fit(half, settings))

# %% [markdown] lang="zh" tags=["exercise"]
# **练习 2：坍缩到哪一类**
#
# 把训练句子按标签排好，贬在前、褒在后，不打乱，学习率 2e-4，训练两轮。模型会答什么？倒过来排呢？

# %% [markdown] lang="en" tags=["exercise"]
# **Exercise 2: which side does it fall on?**
#
# Sort the training sentences by label, negative first, positive last, do not shuffle, train two epochs at 2e-4.
# What will the model answer? And the other way round?

# %% [markdown] lang="zh" tags=["solution"]
# **解答**
#
# 全答最后见到的那一类。后半轮里，那一类永远是对的，最省事的办法就是不看输入。倒过来排，答案也倒过来。

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# It answers the class that it saw last, every time. For the second half of an epoch that class is always
# right, and the easiest way to it is not to look at the input. The other way round, so is the answer.

# %% tags=["solution"]
for name, backwards in (("positive last", False), ("negative last", True)):
    order = sorted(half.train, key=lambda pair: pair.label, reverse=backwards)
    given = Data(name, order, half.held_out)
    show(name, fit(given, Settings(lr=2e-4, epochs=2, shuffle=False)))

# %% [markdown] lang="zh" tags=["exercise"]
# **练习 3：造一个 69.0**
#
# 从留出的句子里去掉一些“褒”，使“贬”占六成九。坍缩的模型现在得多少分？学会的呢？
# 只看这两个准确率，分得清吗？

# %% [markdown] lang="en" tags=["exercise"]
# **Exercise 3: make a 69.0**
#
# Leave out some of the positive held-out sentences, until 69% are negative. What does a collapsed
# model score now? And one that has learned? Could you tell from the two accuracies alone?

# %% [markdown] lang="zh" tags=["solution"]
# **解答**
#
# 坍缩的得 0.69，正是“贬”的比例，与作者表里的那一行一样；学会的明显更高。只看一个 0.69，像是个不好不坏的成绩；
# 与多数类基线一比就明白了。

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# The collapsed one scores 0.69, the share of the negative ones, like the row in the author's table; the other
# scores clearly more. A 0.69 by itself looks like a fair result. Beside the majority baseline it is none.

# %% tags=["solution"]
negative, positive = ([p for p in half.held_out if p.label == label] for label in (0, 1))
uneven = Data("uneven", half.train, negative + positive[:27])
print(f"always negative: {uneven.facts()['majority']:.2f}")
for lr in (3e-3, 2e-4):
    show(f"{lr:.0e}", fit(uneven, Settings(lr=lr, epochs=1)))

# %% [markdown] lang="zh"
# ## 参考文献 {#references}
#
# [[references]]

# %% [markdown] lang="en"
# ## References {#references}
#
# [[references]]
