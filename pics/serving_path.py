"""Eight tokens of one answer: when the server makes them, when the client sees them."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

WORDS = {
    "zh": {
        "titles": ("整段返回", "流式返回"),
        "server": "服务器",
        "client": "客户端",
        "prompt": "读提示",
        "first": "首 token 延迟",
        "time": "时间",
    },
    "en": {
        "titles": ("in one piece", "streamed"),
        "server": "server",
        "client": "client",
        "prompt": "reads prompt",
        "first": "time to first token",
        "time": "time",
    },
}
START, PROMPT, STEP, TOKENS = 0.6, 2.6, 0.9, 8


def draw(lang: str) -> Figure:
    words = WORDS[lang]
    figure, rows = new_figure(5.6, 3.0, nrows=2, lang=lang)
    ends = [START + PROMPT + STEP * (k + 1) for k in range(TOKENS)]
    for streamed, (axes, title) in enumerate(zip(rows, words["titles"], strict=True)):
        axes.add_patch(Rectangle((START, 2), PROMPT, 0.8, facecolor="none", edgecolor=PALETTE[0]))
        axes.text(START + PROMPT / 2, 2.4, words["prompt"], ha="center", va="center", fontsize=9)
        axes.annotate("", (START, 2), (0.1, 0.8), arrowprops={"arrowstyle": "->"})
        for k, end in enumerate(ends):
            seen = end if streamed else ends[-1]
            at = seen + 0.45 if streamed else seen + 0.45 + 0.28 * k
            axes.add_patch(
                Rectangle((end - STEP + 0.06, 2), STEP - 0.12, 0.8, facecolor=PALETTE[0])
            )
            axes.add_patch(
                Rectangle((at, 0), 0.22 if not streamed else STEP - 0.12, 0.8, facecolor=PALETTE[1])
            )
            if streamed or k == TOKENS - 1:
                axes.annotate(
                    "", (seen + 0.45, 0.8), (seen - 0.04, 2), arrowprops={"arrowstyle": "->"}
                )
        first = (ends[0] if streamed else ends[-1]) + 0.45
        axes.annotate("", (0.1, -0.45), (first, -0.45), arrowprops={"arrowstyle": "<->"})
        axes.text((0.1 + first) / 2, -0.6, words["first"], ha="center", va="top", fontsize=9)
        axes.set_title(title, loc="left")
        axes.set_yticks([0.4, 2.4], [words["client"], words["server"]])
        axes.set_xticks([])
        axes.set_xlim(-0.1, ends[-1] + 2.9)
        axes.set_ylim(-1.5, 3)
        axes.tick_params(length=0)
        axes.spines["left"].set_visible(False)
    rows[1].set_xlabel(words["time"], loc="right")
    return figure
