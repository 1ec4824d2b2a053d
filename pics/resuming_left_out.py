"""What is left out of a checkpoint, and its cost: weights, loss, accuracy; the range of seeds."""

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
    "same_steps",
    "rate",
    "moments",
    "another_seed",
)
TEXT = {
    "zh": {
        "nothing": "什么也不少",
        "all_but_weights": "只存权重",
        "same_steps": "只存权重，步数不变",
        "rate": "只让学习率从头来",
        "moments": "只忘 Adam 的平均",
        "another_seed": "（对照：换随机数）",
        "weights": "权重\n最大相差",
        "loss_more": "测试损失\n多出",
        "gain": "准确率\n高出",
    },
    "en": {
        "nothing": "nothing",
        "all_but_weights": "all but weights",
        "same_steps": "… as many steps",
        "rate": "rate begun anew",
        "moments": "Adam's means only",
        "another_seed": "(other chance)",
        "weights": "a weight differs\nat most by",
        "loss_more": "test loss\nhigher by",
        "gain": "accuracy\nhigher by",
    },
}


def draw(lang: str) -> Figure:
    text, numbers = TEXT[lang], results.read("resuming")["numbers"]
    table = numbers["left_out"] | {"same_steps": numbers["controls"]["same_steps"]}
    figure, panels = new_figure(5.6, 3.8, ncols=3, lang=lang, sharey=True)
    for k, (axes, key) in enumerate(zip(panels, ("weights", "loss_more", "gain"), strict=True)):
        for row, name in enumerate(ROWS):
            found = table[name][key]
            axes.plot([found["min"], found["max"]], [row, row], color=PALETTE[k], linewidth=1.2)
            axes.plot(found["mean"], row, MARKERS[k], color=PALETTE[k], markersize=4.5)
        axes.axvline(0, color="black", linewidth=0.6)
        axes.set_xlabel(text[key])
    panels[2].set_xticks([-0.05, 0], ["−0.05", "0"])
    panels[0].set_yticks(range(len(ROWS)), [text.get(name, name) for name in ROWS])
    panels[0].invert_yaxis()
    return figure
