"""Accuracy with three augmentations, on two test sets (results/cifar10.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "none": "不增强",
        "shift": "小幅平移和旋转",
        "flip": "左右翻转",
        "test": "原样的测试图片",
        "moved": "移动了一个像素的测试图片",
        "size": "每类训练图片张数",
        "accuracy": "准确率",
    },
    "en": {
        "none": "none",
        "shift": "small shifts and rotations",
        "flip": "horizontal flips",
        "test": "test images as they are",
        "moved": "test images moved by one pixel",
        "size": "training images per class",
        "accuracy": "accuracy",
    },
}


def draw(lang: str) -> Figure:
    text, numbers = TEXT[lang], results.read("cifar10")["numbers"]
    figure, panels = new_figure(5.6, 3.2, ncols=2, sharey=True, lang=lang)
    sizes = numbers["sizes"]
    for axes, where in zip(panels, ("test", "moved"), strict=True):
        for kind, colour, marker, line in zip(
            ("shift", "none", "flip"), PALETTE, MARKERS, LINESTYLES, strict=False
        ):
            runs = [numbers[kind][f"per_class_{size}"] for size in sizes]
            low, high = ([run[f"{where}_{end}"] for run in runs] for end in ("low", "high"))
            axes.fill_between(sizes, low, high, color=colour, alpha=0.15, lw=0)
            means = [run[where] for run in runs]
            axes.plot(sizes, means, line, color=colour, marker=marker, ms=5, label=text[kind])
        axes.set_xscale("log")
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.minorticks_off()
        axes.grid(visible=True)
        axes.set_title(text[where], fontsize=10)
        axes.set_xlabel(text["size"])
    panels[0].set_ylabel(text["accuracy"])
    panels[0].set_ylim(0.55, 1.0)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
