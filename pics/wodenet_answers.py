"""Test images that WodeNet and TwoLayers read right and wrong."""

from _maps import heat
from matplotlib.figure import Figure

from wode.book import results
from wode.data import digits_tensors
from wode.plotting import PALETTE, new_figure

COLUMNS = 7
TEXT = {
    "zh": {
        "first": "前 7 张\nWodeNet",
        "wodenet": "WodeNet\n错 {} 张",
        "two_layers": "TwoLayers\n错 {} 张",
        "answer": "{}，是 {}",
    },
    "en": {
        "first": "first 7\nWodeNet",
        "wodenet": "WodeNet\n{} wrong",
        "two_layers": "TwoLayers\n{} wrong",
        "answer": "{}, is {}",
    },
}


def draw(lang: str) -> Figure:
    text, answers = TEXT[lang], results.read("wodenet")["numbers"]["answers"]
    images, labels = digits_tensors(train=False)
    rows = [("first", "wodenet", list(range(COLUMNS)))]
    for kind in ("wodenet", "two_layers"):
        wrong = [i for i, label in enumerate(labels.tolist()) if answers[kind][i] != label]
        rows.append((kind, kind, wrong))
    figure, axes = new_figure(5.6, 3.3, nrows=3, ncols=COLUMNS, lang=lang)
    for line, (name, kind, chosen) in zip(axes, rows, strict=True):
        for axis in line:
            axis.axis("off")
        line[0].text(
            -0.25, 0.5, text[name].format(len(chosen)), transform=line[0].transAxes, ha="right",
            va="center", fontsize=9.5,
        )  # fmt: skip
        for axis, index in zip(line, chosen, strict=False):
            heat(axis, images[index, 0].numpy(), cmap="gray_r")
            said, truth = answers[kind][index], int(labels[index])
            title = str(said) if said == truth else text["answer"].format(said, truth)
            axis.set_title(title, fontsize=9, pad=3, color="black" if said == truth else PALETTE[1])
    return figure
