"""Each pattern's task on the vectors of each of MiniLM's layers, and what words alone reach."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TASKS = ("letters", "names", "arcs", "span", "reviews")
TEXT = {
    "zh": (
        ("来信：class", "名字：token", "句法树：arc", "答案：copy", "影评：class"),
        ("取第几层之后的向量", "留出数据上的成绩", "只看词"),
    ),
    "en": (
        ("letters: class", "names: token", "trees: arc", "answers: copy", "reviews: class"),
        ("vectors after layer", "score on held-out data", "words alone"),
    ),
}


def draw(lang: str) -> Figure:
    numbers = results.read("tasks")["numbers"]["layers"]
    labels, (x, y, words) = TEXT[lang]
    figure, axes = new_figure(5.6, 3.9, lang=lang)
    for n, (task, label) in enumerate(zip(TASKS, labels, strict=True)):
        layers = range(len(numbers["mean"][task]))
        means = [numbers["mean"][task][str(layer)] for layer in layers]
        axes.plot(
            layers, means, color=PALETTE[n], marker=MARKERS[n], markersize=4.5,
            linestyle=LINESTYLES[n], label=label,
        )  # fmt: skip
        low, high = (
            [numbers[how][task][str(layer)] for layer in layers] for how in ("low", "high")
        )
        axes.fill_between(layers, low, high, color=PALETTE[n], alpha=0.13, linewidth=0)
        axes.plot(
            6.55, numbers["mean"]["words"][task], MARKERS[n], color=PALETTE[n], markersize=6,
            markerfacecolor="none",
        )  # fmt: skip
    axes.axvline(6.28, color="0.6", linewidth=0.8)
    axes.set_xticks([*range(7), 6.62], [*map(str, range(7)), words.replace(" ", "\n")], fontsize=9)
    axes.set_xlim(-0.2, 6.95)
    axes.set_ylim(-0.03, 1.05)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(visible=True, axis="y")
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
