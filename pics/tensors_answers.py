"""Six test digits that the means get right, and six of the wrong ones (results/tensors.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    answers = results.read("tensors")["numbers"]["figure"]["answers"]
    figure, panels = new_figure(5.6, 1.9, nrows=2, ncols=6, lang=lang)
    for axes, answer in zip(panels.flat, answers, strict=True):
        good = answer["guess"] == answer["label"]
        axes.pcolormesh(
            answer["image"], cmap="gray_r", edgecolors="face", linewidth=0.2, vmin=0, vmax=16
        )
        axes.set(xlim=(0, 8), ylim=(8, 0), aspect="equal", xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set(visible=True, linewidth=1 if good else 2)
            spine.set_color("black" if good else PALETTE[1])
            spine.set_linestyle("-" if good else "--")
        said = f"{answer['guess']} ✓" if good else f"{answer['guess']} × ({answer['label']})"
        axes.set_xlabel(said, fontsize=10)
    panels[0, 0].set_ylabel("认对的" if zh else "right", fontsize=10)
    panels[1, 0].set_ylabel("认错的" if zh else "wrong", fontsize=10)
    return figure
