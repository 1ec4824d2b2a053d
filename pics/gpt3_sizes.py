"""Two tasks of the GPT-3 paper by size and number of examples (its table H.1)."""

from matplotlib.figure import Figure

from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

BILLIONS = (0.125, 0.35, 0.76, 1.3, 2.7, 6.7, 13, 175)
TRIVIAQA = (
    (4.15, 7.61, 14.0, 19.7, 31.3, 38.7, 41.8, 64.3),
    (4.19, 12.9, 20.5, 26.5, 35.9, 44.4, 51.3, 68.0),
    (6.96, 16.3, 26.5, 32.1, 42.3, 51.6, 57.5, 71.2),
)
RTE = (
    (47.7, 49.8, 48.4, 56.0, 46.6, 55.2, 62.8, 63.5),
    (53.1, 47.3, 49.5, 49.5, 54.9, 54.9, 56.3, 70.4),
    (52.3, 48.4, 46.9, 50.9, 56.3, 49.5, 60.6, 72.9),
)
TEXT = {
    "zh": ("TriviaQA：常识问答", "RTE：推得出来吗", "参数（十亿）", "准确率（%）", "瞎猜",
           ("零样本", "单样本", "少样本")),
    "en": ("TriviaQA: facts", "RTE: does it follow?", "parameters (billions)", "accuracy (%)",
           "chance", ("zero-shot", "one-shot", "few-shot")),
}  # fmt: skip


def draw(lang: str) -> Figure:
    facts, follows, parameters, accuracy, chance, kinds = TEXT[lang]
    figure, panels = new_figure(5.6, 2.9, ncols=2, sharey=True, lang=lang)
    for panel, title, rows in zip(panels, (facts, follows), (TRIVIAQA, RTE), strict=True):
        for place, (kind, row) in enumerate(zip(kinds, rows, strict=True)):
            panel.plot(
                BILLIONS,
                row,
                color=PALETTE[place],
                marker=MARKERS[place],
                ls=LINESTYLES[place],
                ms=5,
                label=kind,
            )
        panel.set_xscale("log")
        panel.set_xticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
        panel.set_title(title, fontsize=10)
        panel.set_xlabel(parameters)
    panels[0].set_ylabel(accuracy)
    panels[0].set_ylim(0, 82)
    panels[0].legend(loc="upper left", fontsize=9)
    panels[1].axhline(50, color="gray", lw=0.8, ls=":")
    panels[1].text(0.12, 40, chance + " 50", fontsize=9)
    return figure
