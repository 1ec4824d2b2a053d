"""The graph of y = (a + a·b)², values going forward, gradients coming back, all by torch."""

import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from wode.plotting import PALETTE, new_figure

PLACES = {"a": (0, 2.4), "b": (0, 0), "c": (3.1, 0.9), "d": (6.2, 2.0), "y": (9.3, 2.0)}


def arrow(axes: Axes, start: Text, end: Text, label: str, bend: float = 0, dy: float = 0) -> None:
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
            "connectionstyle": f"arc3,rad={bend}",
        },
    )
    x, y = (x0 + x1) / 2, (y0 + y1) / 2 + dy
    axes.text(x, y, label, color=PALETTE[1], ha="center", va="center", fontsize=11)


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    a = torch.tensor(2.0, requires_grad=True)
    b = torch.tensor(3.0, requires_grad=True)
    c = a * b
    d = a + c
    y = d * d
    grad = dict(zip("abcd", torch.autograd.grad(y, [a, b, c, d]), strict=True))
    values = {"a": a, "b": b, "c": c, "d": d, "y": y}
    formulas = {"a": "a", "b": "b", "c": "c = a·b", "d": "d = a + c", "y": "y = d²"}

    figure, axes = new_figure(6.4, 2.9, lang=lang)
    box = {}
    for name, (x, height) in PLACES.items():
        box[name] = axes.text(
            x,
            height,
            f"{formulas[name]}\n{values[name].item():g}",
            ha="center",
            va="center",
            fontsize=11.5,
            linespacing=1.4,
            bbox={"boxstyle": "round,pad=0.45", "facecolor": "none", "edgecolor": "black"},
        )
    along_a = grad["d"]  # d = a + c hands its gradient on unchanged
    through_c = grad["c"] * b
    arrow(axes, box["a"], box["d"], f"← {along_a.item():g}", bend=-0.22, dy=0.95)
    arrow(axes, box["a"], box["c"], f"← {through_c.item():g}", dy=0.42)
    arrow(axes, box["b"], box["c"], f"← {grad['b'].item():g}", dy=-0.45)
    arrow(axes, box["c"], box["d"], f"← {grad['c'].item():g}", dy=-0.5)
    arrow(axes, box["d"], box["y"], f"← {grad['d'].item():g}", dy=0.35)
    total = f"{along_a.item():g} + {through_c.item():g} = {grad['a'].item():g}"
    axes.text(-0.9, 3.6, f"∂y/∂a = {total}", color=PALETTE[1], fontsize=11.5, va="bottom")
    note = (
        "框里：向前算的值\n←：向后传的梯度\n到 a 有两条路，相加"
        if zh
        else "in the boxes: values, forward\n←: gradients, backward\ntwo ways lead to a: add"
    )
    axes.text(6.0, -0.7, note, fontsize=10.5, va="bottom", linespacing=1.4)
    axes.set(xlim=(-1.1, 10.4), ylim=(-0.75, 4.1))
    axes.axis("off")
    return figure
