"""What is left out of a checkpoint, and what it costs: weights, test loss; the seeds' range."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

ROWS = (
    "nothing",
    "model",
    "optimizer",
    "scheduler",
    "epoch",
    "order",
    "python",
    "numpy",
    "torch",
    "all_but_weights",
    "another_seed",
)
TEXT = {
    "zh": {
        "nothing": "什么也不少",
        "all_but_weights": "只存权重",
        "another_seed": "（换随机种子）",
        "weights": "权重最大相差",
        "loss_more": "测试损失多出",
    },
    "en": {
        "nothing": "nothing",
        "all_but_weights": "all but weights",
        "another_seed": "(other chance)",
        "weights": "largest difference of a weight",
        "loss_more": "test loss, more by",
    },
}


def draw(lang: str) -> Figure:
    text, table = TEXT[lang], results.read("resuming")["numbers"]["left_out"]
    figure, panels = new_figure(5.6, 3.4, ncols=2, lang=lang, sharey=True)
    for k, (axes, key) in enumerate(zip(panels, ("weights", "loss_more"), strict=True)):
        for row, name in enumerate(ROWS):
            found = table[name][key]
            axes.plot([found["min"], found["max"]], [row, row], color=PALETTE[k], linewidth=1.2)
            axes.plot(found["mean"], row, MARKERS[k], color=PALETTE[k], markersize=5)
        axes.axvline(0, color="black", linewidth=0.6)
        axes.set_xlabel(text[key])
    panels[0].set_yticks(range(len(ROWS)), [text.get(name, name) for name in ROWS])
    panels[0].invert_yaxis()
    return figure
