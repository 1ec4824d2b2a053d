"""English XQuAD: the same 312 questions over the epochs; the nearest words beside."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("轮（20 步一轮）", "最近的三个词", "分数"),
    "en": ("epochs (20 steps each)", "nearest three words", "score"),
}
EPOCHS = (2, 4, 8)


def draw(lang: str) -> Figure:
    numbers = results.read("question_answering")["numbers"]
    epochs, words, score = TEXT[lang]
    figure, axes = new_figure(5.6, 2.1, lang=lang)
    for k, key in enumerate(("em", "f1")):
        axes.plot(
            EPOCHS,
            [numbers[f"xquad_{epoch}"]["mean"][key] for epoch in EPOCHS],
            MARKERS[k],
            linestyle=LINESTYLES[k],
            color=PALETTE[k],
            label=key.upper(),
        )
        axes.axhline(
            numbers["words"]["mean"][key],
            color=PALETTE[k],
            linewidth=1,
            linestyle=":",
            label=f"{words}, {key.upper()}",
        )
    axes.set_xticks(EPOCHS)
    axes.set_ylim(0, 0.5)
    axes.set_xlabel(epochs)
    axes.set_ylabel(score)
    axes.grid(visible=True)
    axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1, 1))
    return figure
