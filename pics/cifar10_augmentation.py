"""Accuracy with three augmentations, on three tests, two budgets (results/cifar10.json)."""

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "none": "不增强",
        "crop": "平移",
        "flip": "左右翻转",
        "test": "原样",
        "moved": "移动一个像素",
        "mirrored": "左右翻转过的",
        "size": "每类训练图片张数",
        "accuracy": "测试准确率",
        "short": "空心：500 步",
        "long": "实心：4000 步",
    },
    "en": {
        "none": "none",
        "crop": "shifts",
        "flip": "flips",
        "test": "as they are",
        "moved": "moved by one pixel",
        "mirrored": "mirrored",
        "size": "training images per class",
        "accuracy": "test accuracy",
        "short": "hollow: 500 steps",
        "long": "filled: 4000 steps",
    },
}


def draw(lang: str) -> Figure:
    text, numbers = TEXT[lang], results.read("cifar10")["numbers"]
    figure, panels = new_figure(5.6, 3.0, ncols=3, sharey=True, lang=lang)
    sizes, (short, long) = numbers["sizes"], numbers["steps"]
    handles = []
    for axes, where in zip(panels, ("test", "moved", "mirrored"), strict=True):
        for kind, colour, marker, line in zip(
            ("none", "crop", "flip"), PALETTE, MARKERS, LINESTYLES, strict=False
        ):
            style = {"color": colour, "marker": marker, "ls": line, "ms": 5}
            runs = {
                steps: [numbers[kind][f"per_class_{size}"][f"steps_{steps}"] for size in sizes]
                for steps in (short, long)
            }
            low, high = ([run[f"{where}_{end}"] for run in runs[long]] for end in ("low", "high"))
            axes.fill_between(sizes, low, high, color=colour, alpha=0.15, lw=0)
            axes.plot(sizes, [run[where] for run in runs[short]], **style, mfc="none", alpha=0.6)
            (drawn,) = axes.plot(
                sizes, [run[where] for run in runs[long]], **style, label=text[kind]
            )
            if axes is panels[0]:
                handles.append(drawn)
        axes.set_xscale("log")
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.minorticks_off()
        axes.grid(visible=True)
        axes.set_title(text[where], fontsize=10)
    panels[1].set_xlabel(text["size"])
    panels[0].set_ylabel(text["accuracy"])
    panels[0].set_ylim(0.25, 1.0)
    for name, fill in (("long", "0.4"), ("short", "none")):
        handles.append(Line2D([], [], ls="", marker="o", color="0.4", mfc=fill, label=text[name]))
    figure.legend(handles=handles, loc="outside lower center", ncols=5, fontsize=9, columnspacing=1)
    return figure
