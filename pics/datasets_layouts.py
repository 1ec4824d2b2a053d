"""Two ways to lay out pictures on a disk: pairs of one name, and a folder per class."""

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": ("标签在同名的文件里", "标签是文件夹的名字", {"image": "← 图片", "label": "← 标签"}),
    "en": (
        "the label: a file of that name",
        "the label: the folder's name",
        {"image": "← picture", "label": "← label"},
    ),
}
LEFT = [
    (0, "digits/", ""), (1, "images/", ""), (2, "0000.png", "image"), (2, "0001.png", ""),
    (1, "labels/", ""), (2, "0000.txt", "label"), (2, "0001.txt", ""),
]  # fmt: skip
RIGHT = [
    (0, "by_class/", ""), (1, "0/", ""), (2, "0007.png", ""), (2, "0016.png", ""),
    (1, "1/", "label"), (2, "0000.png", "image"), (2, "0008.png", ""),
]  # fmt: skip
COLOURS = {"": "0.25", "image": PALETTE[0], "label": PALETTE[1]}


def draw(lang: str) -> Figure:
    *titles, roles = TEXT[lang]
    figure, panels = new_figure(5.6, 2.0, ncols=2, lang=lang)
    for axes, title, lines in zip(panels, titles, (LEFT, RIGHT), strict=True):
        axes.set_axis_off()
        axes.set_xlim(0, 6)
        axes.set_ylim(-6.7, 0.7)
        axes.set_title(title, fontsize=10)
        for row, (depth, name, role) in enumerate(lines):
            text = f"{name}  {roles[role]}" if role else name
            axes.text(0.5 + depth, -row, text, fontsize=10, va="center", color=COLOURS[role])
            if depth:
                parent = max(r for r in range(row) if lines[r][0] < depth)
                x = depth - 0.2
                axes.plot([x, x, x + 0.5], [-parent - 0.4, -row, -row], color="0.7", lw=0.8)
    return figure
