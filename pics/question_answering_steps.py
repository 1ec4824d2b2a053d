"""English XQuAD: 312 questions over the steps; at 312 steps, over the number of questions."""

from statistics import mean

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("312 个问题", "312 步", "步（39 步一轮）", "问题数", "最近的三个词，F1"),
    "en": ("312 questions", "312 steps", "steps (39 an epoch)", "questions",
           "nearest three words, F1"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers = results.read("question_answering")["numbers"]
    left, right, steps, questions, words = TEXT[lang]
    figure, both = new_figure(5.6, 2.6, ncols=2, lang=lang, sharey=True)
    panels = [
        (left, steps, {n: f"xquad_312_{n}" for n in (78, 156, 312, 468)}),
        (right, questions, {n: f"xquad_{n}_312" for n in (80, 312, 960)}),
    ]
    for axes, (title, name, rows) in zip(both, panels, strict=True):
        for k, (key, label) in enumerate((("em", "EM"), ("f1", "F1"))):
            seeds = [numbers[row]["seeds"][key] for row in rows.values()]
            axes.plot(
                [*rows],
                [mean(values) for values in seeds],
                MARKERS[k],
                linestyle=LINESTYLES[k],
                color=PALETTE[k],
                label=label,
            )
            for place, values in zip(rows, seeds, strict=True):
                axes.plot([place] * len(values), values, ".", color=PALETTE[k], markersize=4)
        level = mean(numbers["words"]["seeds"]["f1"])
        axes.axhline(level, color="gray", linewidth=1, linestyle=":", label=words)
        axes.set_xticks([*rows])
        axes.set_title(title)
        axes.set_xlabel(name)
        axes.set_ylim(0, 0.55)
        axes.grid(visible=True)
    both[1].set_xscale("log")
    both[1].set_xticks([80, 312, 960], ["80", "312", "960"])
    both[1].set_xticks([], minor=True)
    both[1].legend(fontsize=9, loc="lower right")
    return figure
