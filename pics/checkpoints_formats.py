"""What is inside: torch.save's zip, and a safetensors file."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "left": ".pth、.bin：一个 zip",
        "right": ".safetensors",
        "pickle": "data.pkl：名字、形状\n（pickle，一段程序）",
        "tensor": "的字节",
        "other": "version、byteorder …",
        "table": "zip 目录，各成员的 CRC-32",
        "length": "8 字节：头的长度",
        "header": "JSON：名字、类型、形状、\n从哪里到哪里",
    },
    "en": {
        "left": ".pth, .bin: a zip",
        "right": ".safetensors",
        "pickle": "data.pkl: names, shapes\n(a pickle: a program)",
        "tensor": "bytes",
        "other": "version, byteorder …",
        "table": "zip directory, CRC-32 of each",
        "length": "8 bytes: the header's length",
        "header": "JSON: name, dtype, shape,\nfrom where to where",
    },
}


def stack(axes: Axes, x: float, title: str, parts: list[tuple[str, float, int, str]]) -> None:
    """Boxes from top to bottom: text, height, colour, hatch."""
    y = 8.0
    axes.text(x + 2.1, y + 0.25, title, ha="center", va="bottom", fontsize=11)
    for text, height, colour, hatch in parts:
        y -= height
        axes.add_patch(
            Rectangle((x, y), 4.2, height, facecolor="none", edgecolor=PALETTE[colour], lw=1.5)
        )
        if hatch:
            axes.add_patch(
                Rectangle(
                    (x, y), 0.35, height, facecolor="none", edgecolor=PALETTE[colour], hatch=hatch
                )
            )
        axes.text(x + 2.2, y + height / 2, text, ha="center", va="center", fontsize=9.5)


def draw(lang: str) -> Figure:
    text = TEXT[lang]
    figure, axes = new_figure(5.6, 4.2, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.1, 10.1)
    axes.set_ylim(0.6, 8.9)
    names = ("0.weight", "0.bias", "2.weight", "2.bias")
    heights = (1.5, 0.7, 1.0, 0.7)
    left = [(text["pickle"], 1.3, 1, "///")]
    left += [
        (f"data/{k}: {name} {text['tensor']}", height, 0, "")
        for k, (name, height) in enumerate(zip(names, heights, strict=True))
    ]
    left += [(text["other"], 0.7, 5, ""), (text["table"], 0.7, 5, "")]
    right = [(text["length"], 0.7, 5, ""), (text["header"], 1.3, 2, "...")]
    right += [
        (f"{name} {text['tensor']}", height, 0, "")
        for name, height in zip(names, heights, strict=True)
    ]
    stack(axes, 0.2, text["left"], left)
    stack(axes, 5.6, text["right"], right)
    return figure
