"""Two tasks over the learning rate, embeddings frozen or not, at the page's number of steps."""

from statistics import mean

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TEXT = {
    "zh": ("来信，12 步", "名字，18 步", "准确率", "F1", "嵌入冻结", "全部训练", "120 步",
           "学习率"),
    "en": ("letters, 12 steps", "names, 18 steps", "accuracy", "F1", "embeddings frozen",
           "all weights", "120 steps", "learning rate"),
}  # fmt: skip
PANELS = [
    ("letters", "accuracy", (2e-5, 1e-4, 3e-4, 1e-3)),
    ("names", "f1", (2e-5, 1e-4, 5e-4)),
]
LONGER = {"letters": 2e-5, "names": 1e-4}  # the rates that were tried for 120 steps, too


def draw(lang: str) -> Figure:
    numbers = results.read("bert_heads")["numbers"]
    *titles, accuracy, f1, frozen, every, longer, rate_name = TEXT[lang]
    figure, both = new_figure(5.6, 2.4, ncols=2, lang=lang, sharey=True)
    for axes, title, (task, key, rates), score in zip(
        both, titles, PANELS, (accuracy, f1), strict=True
    ):
        for k, (kind, label) in enumerate((("frozen", frozen), ("all", every))):
            if f"{task}_{kind}_{rates[0]:.0e}" not in numbers:  # names: frozen only
                continue
            seeds = [numbers[f"{task}_{kind}_{rate:.0e}"]["seeds"][key] for rate in rates]
            axes.plot(
                rates,
                [mean(values) for values in seeds],
                MARKERS[k],
                linestyle=LINESTYLES[k],
                color=PALETTE[k],
                label=label,
            )
            for rate, values in zip(rates, seeds, strict=True):
                axes.plot(
                    [rate] * len(values), values, MARKERS[k], color=PALETTE[k], markersize=2.5
                )
        rate = LONGER[task]
        values = numbers[f"{task}_longer_{rate:.0e}"]["seeds"][key]
        axes.plot([rate] * len(values), values, MARKERS[3], color=PALETTE[3], label=longer)
        if task == "letters":
            axes.axhline(0.25, color="gray", linewidth=0.8, linestyle=":")
        axes.set_xscale("log")
        axes.set_xticks(rates, minor=False)
        axes.set_xticks([], minor=True)
        axes.set_xticklabels([f"{rate:.0e}".replace("e-0", "e-") for rate in axes.get_xticks()])
        axes.set_ylim(-0.03, 1.05)
        axes.set_title(title)
        axes.set_xlabel(rate_name)
        axes.set_ylabel(score)
        axes.grid(visible=True)
    both[0].legend(loc="lower right", fontsize=9)
    return figure
