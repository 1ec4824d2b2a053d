"""Each cure over the seeds: test accuracy with right labels and with 20 of 100 wrong."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

NAMES = {
    "nothing": ("什么也不做", "nothing"),
    "stop": ("早停", "stop early"),
    "decay": ("权重衰减", "weight decay"),
    "dropout": ("随机失活", "dropout"),
    "small": ("中间层窄", "narrower"),
    "wide": ("中间层宽", "wider"),
    "shift": ("移动图片", "shift"),
    "linear": ("只有一层", "one layer"),
    "nearest": ("照抄最近", "copy nearest"),
}


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    cures = results.read("overfitting")["numbers"]["cures"]
    figure, axes = new_figure(5.6, 3.3, ncols=2, lang=lang, sharey=True)
    titles = ("标签全对", "错 20 张") if zh else ("right labels", "20 wrong labels")
    for ax, kind, title in zip(axes, ("clean", "wrong"), titles, strict=True):
        for height, name in enumerate(reversed(NAMES)):
            entry = cures[kind][name]
            ax.plot(entry["test"], [height] * len(entry["test"]), "o", color=PALETTE[4], ms=3.5)
            ax.plot(entry["mean"], height, "|", color=PALETTE[1], ms=14, mew=2.5)
        ax.axvline(cures[kind]["nothing"]["mean"], color="black", linewidth=0.8, linestyle=":")
        ax.set_title(title)
        ax.set_xlabel("测试准确率" if zh else "test accuracy")
    axes[0].set_yticks(range(len(NAMES)), [label[not zh] for label in reversed(NAMES.values())])
    return figure
