"""Four questions about a row of words: who is right, at the trained length and at twice that."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "larger": "哪个大",
        "first": "谁在前",
        "third": "第三个词",
        "left": "左邻",
        "none": "不说",
        "causal_one": "因果，一层",
        "causal": "因果，两层",
        "causal_begin": "因果＋开头词",
        "causal_sinusoids": "因果＋正弦",
        "sinusoids": "正弦",
        "learned": "学出来的",
        "rotary": "旋转",
        "x": "答对的比例",
        8: "8 个词",
        16: "16 个词",
    },
    "en": {
        "larger": "which is larger",
        "first": "which is first",
        "third": "the third word",
        "left": "left neighbour",
        "none": "not told",
        "causal_one": "causal, 1 layer",
        "causal": "causal, 2 layers",
        "causal_begin": "causal + begin",
        "causal_sinusoids": "causal + sines",
        "sinusoids": "sines",
        "learned": "learned",
        "rotary": "rotary",
        "x": "share right",
        8: "8 words",
        16: "16 words",
    },
}
ORDER = [
    "none",
    "causal_one",
    "causal",
    "causal_begin",
    "sinusoids",
    "learned",
    "rotary",
    "causal_sinusoids",
]


def draw(lang: str) -> Figure:
    numbers, text = results.read("positions")["numbers"], TEXT[lang]
    figure, panels = new_figure(5.6, 4.2, nrows=2, ncols=2, sharex=True, sharey=True, lang=lang)
    for panel, task in zip(panels.flat, ("larger", "first", "third", "left"), strict=True):
        for k, kind in enumerate(ORDER):
            if kind not in numbers["tasks"][task]:
                continue
            each = numbers["tasks"][task][kind]["each"]  # (seeds, lengths)
            for n, (length, marker) in enumerate(zip(numbers["lengths"], "os", strict=True)):
                column, y = [round(row[n], 3) for row in each], k + 0.17 * (2 * n - 1)
                face = PALETTE[0] if n == 0 else "none"
                panel.plot([min(column), max(column)], [y, y], color=PALETTE[n], linewidth=1.5)
                panel.plot(
                    [round(sum(column) / len(column), 3)],
                    [y],
                    marker,
                    color=PALETTE[n],
                    markerfacecolor=face,
                    markersize=6,
                    linestyle="none",
                    label=text[length] if kind == "none" else None,
                )
        panel.set_title(text[task], fontsize=10)
        panel.set_xlim(-0.03, 1.05)
        panel.set_yticks(range(len(ORDER)), [text[kind] for kind in ORDER], fontsize=9)
        panel.grid(visible=True)
    panels[0, 0].invert_yaxis()
    for panel in panels[1]:
        panel.set_xlabel(text["x"])
    panels[0, 0].legend(loc="lower left", fontsize=9)
    return figure
