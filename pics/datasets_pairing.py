"""Test accuracy with six kinds of labels, by the pairing or drawn (results/datasets.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

HOWS = ("tmpfs", "ext4", "quarter", "missing_mixed", "missing", "name")
TEXT = {
    "zh": {
        "name": "按名字配对",
        "missing": "按位置，缺一个标签文件",
        "missing_mixed": "同上，但文件先打乱",
        "quarter": "随便抽，四分之一大一",
        "ext4": "按位置，ext4 的列表",
        "tmpfs": "按位置，tmpfs 的列表",
        "accuracy": "测试准确率（每个种子一点）",
        "more": "回答恰好大一的比例（平均）",
        "chance": "瞎猜",
    },
    "en": {
        "name": "by name",
        "missing": "by position, one label file missing",
        "missing_mixed": "the same, but files mixed first",
        "quarter": "random, a quarter one too large",
        "ext4": "by position, listings of ext4",
        "tmpfs": "by position, listings of tmpfs",
        "accuracy": "test accuracy (a dot a seed)",
        "more": "answers exactly one too large (mean)",
        "chance": "guessing",
    },
}


def draw(lang: str) -> Figure:
    text, numbers = TEXT[lang], results.read("datasets")["numbers"]
    figure, axes = new_figure(5.6, 2.9, lang=lang)
    for row, how in enumerate(HOWS):
        label = {} if row else {"label": text["accuracy"]}
        dots = numbers[how]["accuracies"]
        axes.plot(dots, [row] * len(dots), "o", color=PALETTE[0], alpha=0.5, **label)
        label = {} if row else {"label": text["more"]}
        more = numbers[how]["one_too_many"]
        axes.plot(more, row + 0.25, "D", mfc="none", color=PALETTE[1], **label)
    axes.axvline(0.1, color="0.5", lw=0.8, ls="--")
    axes.text(0.115, 5.55, text["chance"], fontsize=9, color="0.4", va="center")
    axes.set_yticks(range(len(HOWS)), [text[how] for how in HOWS])
    axes.set_ylim(-0.4, 5.8)
    axes.set_xlim(-0.02, 1.02)
    axes.grid(visible=True, axis="x")
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=9
    )
    return figure
