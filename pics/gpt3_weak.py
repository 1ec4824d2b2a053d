"""Inference and addition by number of examples (results/gpt3.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": (("自然语言推理（三选一）", "两位数加法"), "例子数", "准确率（%）", "瞎猜", "词袋"),
    "en": (("inference, three labels", "two-digit addition"), "examples", "accuracy (%)", "chance",
           "bag of words"),
}  # fmt: skip


def draw(lang: str) -> Figure:
    titles, examples, accuracy, chance, bag = TEXT[lang]
    numbers = results.read("gpt3")["numbers"]
    shots = numbers["shots"]
    figure, panels = new_figure(5.6, 2.5, ncols=2, sharey=True, lang=lang)
    for panel, task, title in zip(panels, ("inference", "addition"), titles, strict=True):
        points = [numbers["tasks"][task]["own"][f"k{k}"] for k in shots]
        panel.plot(range(len(shots)), [100 * point["mean"] for point in points], color=PALETTE[0])
        for x, point in enumerate(points):
            y = [100 * run for run in point["runs"]]
            panel.plot([x] * len(y), y, MARKERS[0], color=PALETTE[0], ms=4, alpha=0.6)
        panel.set_title(title, fontsize=10)
        panel.set_xticks(range(len(shots)), [str(k) for k in shots], fontsize=9)
        panel.set_xlabel(examples)
        panel.set_ylim(-3, 103)
    for share, name, style in ((100 / 3, chance, ":"), (100 * numbers["bag_of_words"], bag, "--")):
        panels[0].axhline(share, color="gray", lw=1, ls=style)
        panels[0].text(-0.05, share + 2, name, fontsize=9, va="bottom")
    panels[0].set_ylabel(accuracy)
    return figure
