"""Ways of pretraining, judged by two tasks with few examples: every seed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = ("none", "long", "copy", "prefix", "mass", "masking", "deletion", "infilling",
        "permutation", "rotation", "spans")  # fmt: skip
TEXT = {
    "zh": (("不预训练", "不预训练，步数相同", "照抄（没有损坏）", "前缀语言模型", "MASS",
            "BART：盖住", "BART：删去", "BART：文本填充", "BART：换句序", "BART：转一圈",
            "T5：片段"),
           ("提问：答对的份额", "补完：每个词元的奈特"), "数词对"),
    "en": (("none", "none, as many steps", "copy (no damage)", "prefix LM", "MASS",
            "BART: mask", "BART: delete", "BART: infill", "BART: permute", "BART: rotate",
            "T5: spans"),
           ("asking: share right", "completing: nats a token"), "word pairs counted"),
}  # fmt: skip
FAMILY = (5, 5, 3, 3, 2, 0, 0, 0, 0, 0, 1)


def draw(lang: str) -> Figure:
    names, titles, pairs = TEXT[lang]
    numbers = results.read("seq2seq_pretraining")["numbers"]
    figure, panels = new_figure(5.8, 3.6, ncols=2, lang=lang, sharey=True)
    for axes, title, task, key in zip(
        panels, titles, ("question", "completion"), ("right", "nats"), strict=True
    ):
        for place, (way, family) in enumerate(zip(WAYS, FAMILY, strict=True)):
            best = numbers["best"].get(way, numbers["ways"]["none"])[task]
            row, other = best[key], "once" if best.get("pretrained") == "twice" else "twice"
            seeds = row["seeds"]
            if "pretrained" in best:  # the rate not chosen
                rest = numbers["ways" if other == "once" else "twice"][way][task][key]["seeds"]
                axes.plot(rest, [place] * 3, "o", color=PALETTE[family], markersize=4,
                          markerfacecolor="none", markeredgewidth=0.7)  # fmt: skip
            axes.plot(seeds, [place] * len(seeds), ".", color=PALETTE[family], markersize=6)
            axes.plot(row["mean"], place, "|", color="black", markersize=11)
        axes.set_title(title, fontsize=10)
        axes.grid(visible=True, axis="x")
        axes.tick_params(axis="y", length=0)
    mean = numbers["counted"]["pairs"]["mean"]
    panels[1].axvline(mean, color="grey", linestyle="--")
    panels[1].text(
        mean, len(names) - 0.35, pairs, fontsize=9, ha="center", va="top", color="#606060"
    )
    panels[0].set_xlim(-0.04, 1.04)
    panels[0].set_yticks(range(len(names)), names, fontsize=9)
    panels[0].set_ylim(len(names) + 0.4, -0.6)
    return figure
