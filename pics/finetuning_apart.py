"""Which piece sees which: both sentences in one input, and each encoded by itself."""

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

PIECES = ["[CLS]", "can", "i", "pay", "[SEP]", "may", "we", "[SEP]"]
TITLES = {"zh": ("一个输入", "分开编码"), "en": ("one input", "encoded apart")}


def draw(lang: str) -> Figure:
    figure, panels = new_figure(5.6, 2.5, ncols=2, lang=lang)
    kinds = [0] * 5 + [1] * 3
    for apart, (title, axes) in enumerate(zip(TITLES[lang], panels, strict=True)):
        pieces = [*PIECES[:5], *(["[CLS]", *PIECES[5:]] if apart else PIECES[5:])]
        sentence = [*kinds, 1] if apart else kinds
        n = len(pieces)
        for row in range(n):
            for column in range(n):
                seen = not apart or sentence[row] == sentence[column]
                colour = PALETTE[sentence[column]] if seen else "white"
                hatch = "///" if seen and sentence[column] else None
                square = {"facecolor": colour, "edgecolor": "0.5", "alpha": 0.55, "hatch": hatch}
                axes.bar(column, 1, width=1, bottom=row - 0.5, linewidth=0.6, **square)
        axes.set_xlim(-0.5, n - 0.5)
        axes.set_ylim(n - 0.5, -0.5)
        axes.set_aspect("equal")
        axes.set_xticks(range(n), pieces, rotation=90, fontsize=9)
        axes.set_yticks(range(n), pieces, fontsize=9)
        axes.set_title(title, fontsize=10)
    panels[0].set_ylabel("谁" if lang == "zh" else "who")
    panels[0].set_xlabel("看得见谁" if lang == "zh" else "sees whom")
    return figure
