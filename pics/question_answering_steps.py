"""English XQuAD: 312 questions over the epochs; fewer questions in as many steps."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("312 个问题，步数增加", "80 步，问题增加", "步", "问题数", "学习率降到 0", "最近的三个词"),
    "en": ("312 questions, more steps", "80 steps, more questions", "steps", "questions",
           "rate falls to 0", "nearest 3 words"),
}  # fmt: skip
EPOCHS = (2, 4, 8, 12, 16)
MORE = {80: 16, 160: 8, 312: 4}  # questions: epochs, 80 steps each
FELL = {2: 40, 8: 160}  # epochs: steps


def draw(lang: str) -> Figure:
    numbers = results.read("question_answering")["numbers"]
    *titles, steps, questions, falling, words = TEXT[lang]
    figure, (left, right) = new_figure(5.6, 2.9, ncols=2, sharey=True, lang=lang)
    for k, key in enumerate(("em", "f1")):
        look = {"color": PALETTE[k], "marker": MARKERS[k]}
        runs = [numbers[f"xquad_312_{epoch}"] for epoch in EPOCHS]
        for seed in range(len(runs[0]["seeds"][key])):
            left.plot(
                [run["seeds"]["steps"][seed] for run in runs],
                [run["seeds"][key][seed] for run in runs],
                linestyle=LINESTYLES[k],
                label=key.upper() if seed == 0 else None,
                markersize=4,
                **look,
            )
        left.plot(
            list(FELL.values()),
            [numbers[f"falling_{epoch}"]["mean"][key] for epoch in FELL],
            "x",
            color=PALETTE[k],
            markersize=8,
            label=f"{key.upper()}, {falling}",
        )
        there = [numbers[f"xquad_{count}_{epoch}"] for count, epoch in MORE.items()]
        right.plot(
            list(MORE),
            [one["seeds"][key][0] for one in there],
            linestyle=LINESTYLES[k],
            markersize=5,
            **look,
        )
        for axes in (left, right):
            axes.axhline(
                numbers["words"]["mean"][key],
                color=PALETTE[k],
                linewidth=1,
                linestyle=":",
                label=f"{key.upper()}, {words}",
            )
    left.set_xlabel(steps)
    right.set_xlabel(questions)
    right.set_xticks(list(MORE))
    for axes, title in zip((left, right), titles, strict=True):
        axes.set_ylim(0, 0.55)
        axes.set_title(title, fontsize=10)
        axes.grid(visible=True)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, fontsize=9)
    return figure
