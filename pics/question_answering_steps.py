"""English XQuAD: the same 312 questions over the steps, the rate level or falling to 0."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("步（20 步一轮）", "分数", "学习率不降", "学习率降到 0", "最近的三个词"),
    "en": ("steps (20 an epoch)", "score", "level rate", "rate falls to 0", "nearest 3 words"),
}
EPOCHS = (2, 4, 8, 12, 16)
FALLING = (2, 8)


def draw(lang: str) -> Figure:
    numbers = results.read("question_answering")["numbers"]
    steps, score, level, falling, words = TEXT[lang]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    for k, key in enumerate(("em", "f1")):
        rows = (("xquad_312", EPOCHS, level), ("falling", FALLING, falling))
        for n, (name, epochs, label) in enumerate(rows):
            axes.plot(
                [20 * epoch for epoch in epochs],
                [numbers[f"{name}_{epoch}"]["mean"][key] for epoch in epochs],
                marker=MARKERS[2 * n + k],
                linestyle=LINESTYLES[n],
                color=PALETTE[k],
                label=f"{key.upper()}, {label}",
            )
        axes.axhline(
            numbers["words"]["mean"][key],
            color=PALETTE[k],
            linewidth=1,
            linestyle=":",
            label=f"{key.upper()}, {words}",
        )
    axes.set_xticks([20 * epoch for epoch in EPOCHS])
    axes.set_ylim(0, 0.45)
    axes.set_xlabel(steps)
    axes.set_ylabel(score)
    axes.grid(visible=True)
    figure.legend(loc="outside lower center", ncols=3, fontsize=9)
    return figure
