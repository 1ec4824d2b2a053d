"""How far the last token hears: a window alone, layer upon layer, and with a global token."""

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

LENGTH, SIDE, GLOBAL = 16, 2, 4
TEXT = {
    "zh": ("窗口 4，三层：听得到 6 个以外", "第 5 个是全局的：两层就够", "嵌入", "第 {} 层"),
    "en": ("window 4, three layers: hears 6 away", "the 5th is global: two layers are enough",
           "embeddings", "layer {}"),
}  # fmt: skip


def sees(row: int, column: int, everywhere: int | None) -> bool:
    return abs(row - column) <= SIDE or everywhere in (row, column)


def draw(lang: str) -> Figure:
    *titles, bottom, layer = TEXT[lang]
    figure, panels = new_figure(5.6, 3.5, nrows=2, lang=lang, sharex=True, height_ratios=[3, 2])
    for axes, title, everywhere, layers in zip(panels, titles, (None, GLOBAL), (3, 2), strict=True):
        heard = {LENGTH - 1}
        for level in range(layers, 0, -1):
            below = set()
            for row in sorted(heard):
                for column in range(LENGTH):
                    if sees(row, column, everywhere):
                        below.add(column)
                        far = abs(row - column) > SIDE
                        axes.plot(
                            [row, column], [level, level - 1], color=PALETTE[1 if far else 0],
                            linewidth=0.9 if far else 0.7, alpha=0.7 if far else 0.5,
                        )  # fmt: skip
            for column in range(LENGTH):
                axes.plot(
                    column, level, "o", markersize=6, color=PALETTE[0],
                    markerfacecolor=PALETTE[0] if column in heard else "white",
                )  # fmt: skip
            heard = below
        for column in range(LENGTH):
            axes.plot(
                column, 0, "o", markersize=6, color=PALETTE[0],
                markerfacecolor=PALETTE[0] if column in heard else "white",
            )  # fmt: skip
        axes.set_title(title, fontsize=10)
        axes.set_yticks(range(layers + 1), [bottom, *(layer.format(n + 1) for n in range(layers))])
        axes.set_xticks([0, 4, 8, 12, 15], ["1", "5", "9", "13", "16"])
        axes.tick_params(length=0, labelsize=9)
        axes.spines[:].set_visible(False)
        axes.set_ylim(-0.35, layers + 0.35)
    return figure
