"""Accuracy against the number of examples: four tasks (results/gpt3.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

TASKS = ("past", "antonyms", "inference", "addition")
WORDS = {
    "zh": {
        "past": "过去式",
        "antonyms": "反义词",
        "inference": "自然语言推理",
        "addition": "两位数加法",
        "chance": "自然语言推理靠瞎猜",
        "x": "例子数",
        "y": "准确率（%）",
    },
    "en": {
        "past": "past tense",
        "antonyms": "antonyms",
        "inference": "three-way inference",
        "addition": "two-digit addition",
        "chance": "inference by chance",
        "x": "examples",
        "y": "accuracy (%)",
    },
}


def draw(lang: str) -> Figure:
    words, numbers = WORDS[lang], results.read("gpt3")["numbers"]
    figure, axes = new_figure(5.4, 3.4, lang=lang)
    shots = numbers["shots"]
    for place, name in enumerate(TASKS):
        points = [numbers["tasks"][name][f"k{k}"] for k in shots]
        axes.errorbar(
            range(len(shots)),
            [100 * point["mean"] for point in points],
            [100 * point["error"] for point in points],
            color=PALETTE[place],
            marker=MARKERS[place],
            linestyle=LINESTYLES[place],
            ms=5,
            capsize=3,
            label=words[name],
        )
    axes.axhline(100 / 3, color="gray", linewidth=0.8, linestyle=":")
    axes.set_xticks(range(len(shots)), [str(k) for k in shots])
    axes.set_xlabel(words["x"])
    axes.set_ylabel(words["y"])
    axes.set_ylim(-3, 103)
    axes.text(1.5, 35, words["chance"], ha="center", va="bottom", fontsize=9)
    axes.legend(loc="center right", bbox_to_anchor=(1, 0.56), ncols=2)  # between the curves
    return figure
