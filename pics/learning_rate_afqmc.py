"""The author's three runs on AFQMC, and what always answering "not similar" scores."""

from matplotlib.figure import Figure

from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure
from wode.training.evaluation import majority

RUNS = {  # the author's notes: bert-base-chinese on AFQMC, accuracy after epochs 1, 2, 3
    ("1e-5", True): (72.6, 73.3, 73.9),
    ("1e-5", False): (69.4, 72.2, 73.7),
    ("5e-5", False): (69.0, 69.0, 69.0),
}
LABELS = [0] * 2978 + [1] * 1338  # of the development file
TEXT = {
    "zh": ("轮", "准确率（%）", "打乱", "不打乱", "总答“不相似”"),
    "en": ("epoch", "accuracy (%)", "shuffled", "not shuffled", 'always "no"'),
}


def draw(lang: str) -> Figure:
    epoch, accuracy, shuffled, in_order, constant = TEXT[lang]
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    always = 100 * majority(LABELS)
    axes.axhline(always, color="0.5", linewidth=5, alpha=0.4)
    axes.text(3.12, always + 0.15, f"{constant}: {always:.1f}", va="bottom", color="0.35")
    for k, ((rate, mixed), values) in enumerate(RUNS.items()):
        axes.plot((1, 2, 3), values, LINESTYLES[k], marker=MARKERS[k], color=PALETTE[k])
        end = {0: 0.3, 1: -0.3, 2: -0.6}[k]
        place = (3.12, values[-1] + end)
        for when, value in enumerate(values, start=1):
            above = -1 if k == 2 or (k == 1 and when > 1) else 1
            axes.annotate(
                f"{value:.1f}",
                (when, value),
                (0, 7 * above),
                textcoords="offset points",
                ha="center",
                va="bottom" if above == 1 else "top",
                fontsize=9,
                color=PALETTE[k],
            )
        label = f"{rate}, {shuffled if mixed else in_order}"
        axes.text(*place, label, va="center", color=PALETTE[k])
    axes.set_xlim(0.9, 4.3)
    axes.set_xticks((1, 2, 3))
    axes.set_ylim(67.6, 75.2)
    axes.set_xlabel(epoch)
    axes.set_ylabel(accuracy)
    return figure
