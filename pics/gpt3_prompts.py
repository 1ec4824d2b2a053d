"""Zero-shot, one-shot, few-shot: what stands in the prompt of one and the same model."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

WORDS = {
    "zh": {
        "heads": ("零样本", "单样本", "少样本"),
        "description": "描述",
        "example": "例子",
        "prompt": "提示",
        "model": "同一个模型，参数不变",
        "answer": "回答：took",
    },
    "en": {
        "heads": ("zero-shot", "one-shot", "few-shot"),
        "description": "description",
        "example": "example",
        "prompt": "prompt",
        "model": "one model, its parameters unchanged",
        "answer": "answer: took",
    },
}
TASK = "Write the past tense."
EXAMPLES = ("go → went", "see → saw", "play → played")
QUESTION = "take →"


def draw(lang: str) -> Figure:
    words = WORDS[lang]
    figure, axes = new_figure(5.6, 3.9, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(0.05, 9.55)
    axes.set_ylim(-1.9, 5.7)
    for column, shots in enumerate((0, 1, 3)):
        x = 1.6 + 3.2 * column
        parts = [(TASK, "description", 0, "-")]
        parts += [(text, "example", 2, "--") for text in EXAMPLES[:shots]]
        parts.append((QUESTION, "prompt", 1, "-"))
        axes.text(x, 5.35, words["heads"][column], ha="center", va="center", fontsize=12)
        for place, (text, kind, colour, line) in enumerate(parts):
            y = 4.55 - 0.98 * place
            _box(axes, x, y, 3.0, 0.82, colour, line)
            axes.text(x, y + 0.19, words[kind], ha="center", va="center", fontsize=9.5)
            axes.text(x, y - 0.17, text, ha="center", va="center", fontsize=10)
        bottom = 4.55 - 0.98 * (len(parts) - 1) - 0.45
        _arrow(axes, x, bottom, -0.12)
        _arrow(axes, x, -1.02, -1.4)
        axes.text(x, -1.65, words["answer"], ha="center", va="center", fontsize=10)
    _box(axes, 4.8, -0.55, 9.2, 0.78, 5, "-")
    axes.text(4.8, -0.55, words["model"], ha="center", va="center", fontsize=11)
    return figure


def _box(
    axes: Axes, x: float, y: float, width: float, height: float, colour: int, line: str
) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0.02,rounding_size=0.1",
            facecolor="none",
            edgecolor=PALETTE[colour],
            linewidth=1.6,
            linestyle=line,
        )
    )


def _arrow(axes: Axes, x: float, start: float, end: float) -> None:
    axes.annotate("", (x, end), (x, start), arrowprops={"arrowstyle": "-|>", "color": "black"})
