"""Accuracy by number of examples, neutral and named, beside zero-shot (results/gpt3.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (("过去式", "反义词", "首都"), "Q: … A:", "写明要什么", "例子数", "准确率（%）"),
    "en": (("past tense", "antonyms", "capitals"), "Q: … A:", "named", "examples", "accuracy (%)"),
}


def draw(lang: str) -> Figure:
    titles, neutral, named, examples, accuracy = TEXT[lang]
    numbers = results.read("gpt3")["numbers"]
    shots = numbers["shots"]
    figure, panels = new_figure(5.6, 2.7, ncols=3, sharey=True, lang=lang)
    tasks = ("past", "antonyms", "capitals")
    for panel, task, title in zip(panels, tasks, titles, strict=True):
        for place, (kind, label) in enumerate((("neutral", neutral), ("named", named))):
            points = [numbers["tasks"][task][kind][f"k{k}"] for k in shots]
            panel.plot(
                range(len(shots)),
                [100 * point["mean"] for point in points],
                color=PALETTE[place],
                ls=LINESTYLES[place],
                lw=1.5,
                label=label,
            )
            for x, point in enumerate(points):
                y = [100 * run for run in point["runs"]]
                panel.plot([x] * len(y), y, MARKERS[place], color=PALETTE[place], ms=4, alpha=0.6)
        panel.set_title(title, fontsize=10)
        panel.set_xticks(range(len(shots)), [str(k) for k in shots], fontsize=9)
        panel.set_xlabel(examples)
        panel.set_ylim(-3, 103)
    panels[0].set_ylabel(accuracy)
    panels[0].legend(loc="lower right", fontsize=9)
    return figure
