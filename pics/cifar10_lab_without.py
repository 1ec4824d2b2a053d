"""One thing less at 15 CPU seconds: three seeds and their mean (results/cifar10_lab.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "nothing": "完整的配方",
        "float32": "float32，同样的秒数",
        "float32_same_images": "float32，同样多的图片",
        "whitening": "第一层不白化，从头学",
        "muon": "AdamW，不用 Muon",
        "x": "验证准确率（%）",
        "rate": "学习率 {:g}",
    },
    "en": {
        "nothing": "the whole recipe",
        "float32": "float32, as many seconds",
        "float32_same_images": "float32, as many images",
        "whitening": "first layer not whitened, learned",
        "muon": "AdamW, not Muon",
        "x": "validation accuracy (%)",
        "rate": "rate {:g}",
    },
}


def draw(lang: str) -> Figure:
    text, runs = TEXT[lang], results.read("cifar10_lab")["numbers"]["without"]
    names = sorted(runs, key=lambda name: (name != "nothing", -runs[name]["validation"]))
    figure, axes = new_figure(5.6, 0.7 + 0.36 * len(names), lang=lang)
    whole = runs["nothing"]
    low, high = 100 * whole["validation_low"], 100 * whole["validation_high"]
    axes.axvspan(low, high, color=PALETTE[0], alpha=0.15, lw=0)
    for place, name in enumerate(names):
        run, color = runs[name], PALETTE[name != "nothing"]
        ends = [100 * run[f"validation_{end}"] for end in ("low", "high")]
        axes.plot(ends, [place, place], "-", color=color, lw=3, solid_capstyle="butt")
        axes.plot(100 * run["validation"], place, "os"[name != "nothing"], color=color, ms=7)
        axes.annotate(
            text["rate"].format(run["lr"]),
            (0.02, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
        )
    axes.set_yticks(range(len(names)), [text[name] for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    left = min(100 * run["validation_low"] for run in runs.values())
    axes.set_xlim(left - 0.6 * (high - left) - 1, high + 1)
    axes.set_xlabel(text["x"])
    axes.grid(visible=True, axis="x")
    return figure
