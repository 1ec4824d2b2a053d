"""Photographs flipped in training, left–right or up–down: accuracy (results/cifar10.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "none": "不增强",
        "flip": "左右翻转",
        "updown": "上下翻转",
        "setting": "{} 张，{} 步",
        "accuracy": "测试准确率（原样的照片）",
    },
    "en": {
        "none": "none",
        "flip": "left–right",
        "updown": "up–down",
        "setting": "{} images, {} steps",
        "accuracy": "test accuracy (photographs as they are)",
    },
}


def draw(lang: str) -> Figure:
    text, numbers = TEXT[lang], results.read("cifar10")["numbers"]["photographs"]
    settings = [(count, steps) for count in numbers["sizes"] for steps in numbers["steps"]]
    figure, axes = new_figure(5.6, 2.3, lang=lang)
    for shift, kind, colour, marker in zip(
        (0.22, 0, -0.22), ("none", "flip", "updown"), PALETTE, MARKERS, strict=False
    ):
        for row, (count, steps) in enumerate(reversed(settings)):
            run = numbers[kind][f"images_{count}"][f"steps_{steps}"]
            y = row + shift
            axes.plot([run["test_low"], run["test_high"]], [y, y], color=colour, lw=2, alpha=0.5)
            label = {} if row else {"label": text[kind]}
            axes.plot(run["test"], y, marker, color=colour, ms=6, ls="", **label)
    labels = [text["setting"].format(*setting) for setting in reversed(settings)]
    axes.set_yticks(range(len(settings)), labels)
    axes.grid(visible=True, axis="x")
    axes.set_xlabel(text["accuracy"])
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
