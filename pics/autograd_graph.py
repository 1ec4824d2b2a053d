"""Two ways from w to the loss of two deliveries: values forward, gradients back, then added."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from wode.plotting import PALETTE, new_figure

W, X, R = 2, (3, 4), (11, 15)


def arrow(axes: Axes, start: Text, end: Text, label: str, dy: float) -> None:
    """An edge of the graph from box to box, with the gradient that flows back over it."""
    (x0, y0), (x1, y1) = start.get_position(), end.get_position()
    axes.annotate(
        "",
        xy=(x1, y1),
        xytext=(x0, y0),
        arrowprops={
            "arrowstyle": "-|>",
            "patchA": start.get_bbox_patch(),
            "patchB": end.get_bbox_patch(),
            "shrinkA": 2,
            "shrinkB": 2,
            "linewidth": 1.3,
            "color": "black",
        },
    )
    place = ((x0 + x1) / 2, (y0 + y1) / 2 + dy)
    axes.text(*place, label, color=PALETTE[1], ha="center", va="center", fontsize=10)


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    u = [W * x for x in X]
    by_u = [2 * (value - r) for value, r in zip(u, R, strict=True)]
    by_w = [g * x for g, x in zip(by_u, X, strict=True)]
    loss = sum((value - r) ** 2 for value, r in zip(u, R, strict=True))

    figure, axes = new_figure(5.6, 2.8, lang=lang)

    def box(x: float, y: float, text: str) -> Text:
        style = {"boxstyle": "round,pad=0.4", "facecolor": "none", "edgecolor": "black"}
        return axes.text(
            x, y, text, ha="center", va="center", fontsize=10.5, linespacing=1.4, bbox=style
        )

    w = box(0, 1.5, f"w\n{W}")
    middle = [box(4.2, y, f"$u_{k}$ = w·{X[k - 1]}\n{u[k - 1]}") for k, y in ((1, 3), (2, 0))]
    end = box(8.8, 1.5, f"L = ($u_1$ - {R[0]})²\n+ ($u_2$ - {R[1]})²\n{loss}")
    for k, dy in ((0, 0.42), (1, -0.42)):
        arrow(axes, w, middle[k], f"← {by_u[k]} · {X[k]} = {by_w[k]}", dy * 1.7)
        arrow(axes, middle[k], end, f"← {by_u[k]}", dy)
    total = f"{by_w[0]} + ({by_w[1]}) = {sum(by_w)}"
    axes.text(-0.9, -1.1, f"∂L/∂w = {total}", color=PALETTE[1], fontsize=10.5, va="center")
    note = (
        "框里：向前算的值　←：往回传的梯度" if zh else "boxes: values, forward   ←: gradients, back"
    )
    axes.text(-0.9, 4.1, note, fontsize=10, va="center")
    axes.set(xlim=(-1, 10.6), ylim=(-1.5, 4.5))
    axes.axis("off")
    return figure
