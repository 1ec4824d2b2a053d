"""nn.ReLU calls F.relu, which calls torch.relu: Python, Python, C++."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

BOXES = [
    ("nn.ReLU", "return F.relu(...)", 0.0),
    ("F.relu", "result = torch.relu(...)", 8.2),
    ("torch.relu", "C++", 17.4),
]


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    shows = "?? 看得到" if zh else "?? shows it"
    hidden = "?? 看不到" if zh else "?? does not"
    figure, axes = new_figure(5.6, 1.25, lang=lang)
    for name, body, left in BOXES:
        python = body != "C++"
        width = {"nn.ReLU": 6.4, "F.relu": 7.6}.get(name, 4.6)
        axes.add_patch(
            Rectangle(
                (left, 0),
                width,
                2.6,
                facecolor=PALETTE[0] if python else "none",
                alpha=0.2 if python else 1,
                edgecolor="black",
                hatch="" if python else "//",
                linestyle="-" if python else "--",
            )
        )
        axes.text(left + width / 2, 3.0, name, ha="center", family="monospace", fontsize=10)
        axes.text(
            left + width / 2,
            1.3,
            body,
            ha="center",
            va="center",
            family="monospace",
            fontsize=9,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5} if not python else None,
        )
        axes.text(
            left + width / 2, -0.4, shows if python else hidden, ha="center", va="top", fontsize=9.5
        )
        if python:
            axes.annotate(
                "",
                xy=(left + width + 1.7, 1.3),
                xytext=(left + width + 0.1, 1.3),
                arrowprops={"arrowstyle": "-|>", "color": PALETTE[1], "linewidth": 1.8},
            )
    axes.set(xlim=(-0.2, 22.3), ylim=(-1.7, 4.2))
    axes.axis("off")
    return figure
