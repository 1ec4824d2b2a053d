"""The stretches of a request's way: what goes wrong on each, what is seen, what to do."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "sides": ("客户端", "服务器"),
        "rows": (
            ("发出之前", "密钥不对、提示太长", "改请求"),
            ("连接", "没有人应：APIConnectionError", "会自己再问"),
            (
                "等第一个字",
                "沉默：APITimeoutError\n拒绝：4xx\n忙：429、5xx",
                "会自己再问\n改请求\n会自己再问，越等越久",
            ),
            ("一段段收", "断了：APIConnectionError", "从头再问，自己来"),
            ("收完", "没有 finish_reason，不报错", "从头再问，自己来"),
        ),
    },
    "en": {
        "sides": ("client", "server"),
        "rows": (
            ("before", "bad key, prompt too long", "change the request"),
            ("connecting", "nobody: APIConnectionError", "the client asks again"),
            (
                "first word",
                "silence: APITimeoutError\nrefused: 4xx\nbusy: 429, 5xx",
                "the client asks again\nchange the request\nthe client asks again, later",
            ),
            ("pieces", "broken: APIConnectionError", "begin anew, by yourself"),
            ("the end", "no finish_reason, no error", "begin anew, by yourself"),
        ),
    },
}
HEIGHTS = (1.0, 1.0, 2.2, 1.0, 1.0)
ARROWS = (None, "->", "->", "<-", "<-")


def draw(lang: str) -> Figure:
    words = TEXT[lang]
    figure, axes = new_figure(5.6, 3.0, lang=lang)
    y = sum(HEIGHTS)
    for x, name in zip((1.55, 3.15), words["sides"], strict=True):
        axes.plot([x, x], [0, y], color="0.5")
        axes.text(x, y + 0.15, name, ha="center", va="bottom", fontsize=9)
    for k, (row, height, arrow) in enumerate(zip(words["rows"], HEIGHTS, ARROWS, strict=True)):
        middle = y - height / 2
        face = "0.93" if k % 2 else "none"
        band = Rectangle((-0.1, y - height), 11.6, height, facecolor=face, edgecolor="none")
        axes.add_patch(band)
        axes.text(0, middle, row[0], va="center", fontsize=9)
        if arrow:
            ends = ((3.1, middle), (1.6, middle))
            style = {"arrowstyle": arrow, "color": PALETTE[0 if arrow == "->" else 1]}
            style["linestyle"] = "-" if arrow == "->" else "--"
            axes.annotate("", *ends, arrowprops=style)
        axes.text(3.4, middle, row[1], va="center", fontsize=9, linespacing=1.5)
        axes.text(7.75, middle, row[2], va="center", fontsize=9, color=PALETTE[0], linespacing=1.5)
        y -= height
    axes.set_xlim(-0.1, 11.5)
    axes.set_ylim(-0.1, sum(HEIGHTS) + 0.8)
    axes.axis("off")
    return figure
