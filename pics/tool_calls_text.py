"""The program holds objects, the model reads text: the template writes it, the server reads it."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("程序里：对象", "模型那里：文本", "模板", "服务器"),
    "en": ("in the program: objects", "for the model: text", "template", "server"),
}
ROWS = (
    ("tools=[{… phone …}]", '…{"name": "phone", …}'),
    ("user: Mia's number?", "<|im_start|>user …"),
    ("tool_calls=[phone(Mia)]", "<tool_call>{…}</tool_call>"),
    ("tool: 555-0164", "<|im_start|>tool 555-0164"),
)


def draw(lang: str) -> Figure:
    program, model, template, server = TEXT[lang]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    left, right, width = 1.95, 7.05, 3.7
    axes.text(left, 4.2, program, ha="center", fontsize=10, color=PALETTE[0])
    axes.text(right, 4.2, model, ha="center", fontsize=10, color=PALETTE[1])
    for row, (held, written) in enumerate(ROWS):
        y, calls = 3.4 - row, row == 2  # the call alone is written by the model
        color = PALETTE[1] if calls else PALETTE[0]
        for x, text in ((left, held), (right, written)):
            axes.add_patch(
                FancyBboxPatch(
                    (x - width / 2, y - 0.29), width, 0.58, boxstyle="round,pad=0.02",
                    facecolor="none", edgecolor=color, linewidth=1.5,
                    linestyle="--" if calls else "-",
                )
            )  # fmt: skip
            axes.text(x, y, text, ha="center", va="center", fontsize=9)
        start, end = (5.1, 3.9) if calls else (3.9, 5.1)
        arrow = {"arrowstyle": "->", "color": color, "linewidth": 1.4}
        axes.annotate("", (end, y), (start, y), arrowprops=arrow)
        if row in (0, 2):
            word = server if calls else template
            axes.text(4.5, y + 0.18, word, ha="center", fontsize=9, color=color)
    axes.set_xlim(-0.1, 9.1)
    axes.set_ylim(0, 4.6)
    axes.axis("off")
    return figure
