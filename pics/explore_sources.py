"""For how many public names ``??`` shows source, a docstring, or nothing (results file)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    numbers = results.read("explore")["numbers"]
    rows = [*numbers["read"].values(), *numbers["tried"].values()]
    first = len(numbers["read"])  # those that the rule was read from
    kinds = {
        "source": ("Python 源码" if zh else "Python source", PALETTE[0], ""),
        "docstring": ("只有文档字符串" if zh else "docstring only", PALETTE[4], "///"),
        "nothing": ("都没有" if zh else "neither", "none", ""),
    }
    figure, axes = new_figure(5.6, 3.6, lang=lang)
    places = [len(rows) - k - (k >= first) for k in range(len(rows))]
    left = [0.0] * len(rows)
    for kind, (label, color, hatch) in kinds.items():
        widths = [100 * row[kind] / row["total"] for row in rows]
        axes.barh(
            places,
            widths,
            left=left,
            color=color,
            hatch=hatch,
            edgecolor="black",
            linewidth=0.8,
            label=label,
            height=0.66,
        )
        left = [a + b for a, b in zip(left, widths, strict=True)]
    for place, row in zip(places, rows, strict=True):
        axes.text(101.5, place, f"{row['source']}/{row['total']}", va="center", fontsize=9)
    axes.set_yticks(places, [row["name"] for row in rows], fontsize=9.5)
    line = len(rows) - first
    axes.axhline(line, color="black", linewidth=0.8, linestyle="--")
    axes.set_xlim(0, 124)
    axes.set_xticks(range(0, 101, 25))
    axes.set_xlabel("占公开可调用对象的百分比" if zh else "per cent of public callables")
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False)
    figure.legend(loc="outside upper center", ncols=3)
    return figure
