"""How often NSP and SOP are answered right, by four judges and by a BERT that reads both."""

from typing import Any

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TASKS = ("nsp", "nsp_same_article", "sop", "stories")
JUDGES = ("words", "minilm", "probe", "which")
WORDS: dict[str, dict[str, Any]] = {
    "zh": {
        "judges": ["共有的词", "余弦", "线性层", "词各在哪句", "两句一起读"],
        "tasks": [
            "NSP，外来句取自\n任何文章", "NSP，外来句取自\n同一篇文章",
            "SOP，百科文章", "SOP，小故事",
        ],
        "x": "没见过的文章和故事上，答对的比例（%）",
    },
    "en": {
        "judges": ["common words", "cosine", "linear layer", "which word where", "read together"],
        "tasks": [
            "NSP, strangers from\nany article", "NSP, strangers from\nthe same article",
            "SOP, articles", "SOP, stories",
        ],
        "x": "right (%), on held-out articles and stories",
    },
}  # fmt: skip


def draw(lang: str) -> Figure:
    numbers, words = results.read("sentence_order")["numbers"], WORDS[lang]
    figure, panels = new_figure(5.6, 4.0, lang=lang, nrows=2, ncols=2)
    for k, (axes, task) in enumerate(zip(panels.flat, TASKS, strict=True)):
        rows = [numbers["pairs"][task][judge] for judge in JUDGES]
        if task in numbers["together"]:
            rows.append(numbers["together"][task]["right"])
        for y, row in enumerate(rows):
            values = [100 * value for value in row]
            mean = sum(values) / len(values)
            axes.barh(y, mean, 0.62, color=PALETTE[y], alpha=0.3)
            axes.plot(values, [y] * len(values), MARKERS[y], color=PALETTE[y], markersize=3.5)
            axes.text(116, y, f"{mean:.0f}", va="center", ha="right", fontsize=9.5)
        axes.axvline(50, color="#606060", linewidth=1, linestyle=":")
        axes.set_xlim(0, 117)
        axes.set_xticks([0, 50, 100])
        named = words["judges"]
        axes.set_ylim(len(named) - 0.5, -0.5)
        axes.set_yticks(range(len(named)), named if k % 2 == 0 else [""] * len(named))
        axes.set_title(words["tasks"][k], fontsize=9.5)
    figure.supxlabel(words["x"], fontsize=9.5)
    return figure
