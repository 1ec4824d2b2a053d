"""Four steps from a file to an answer: build, read, put in, move; then eval and no_grad."""

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from wode.plotting import PALETTE, new_figure

BOXES = {  # x, y, colour, line
    "build": (1.3, 3.0, 0, "-"),
    "read": (1.3, 1.4, 1, "--"),
    "load": (4.1, 2.2, 2, "-"),
    "ask": (6.9, 2.2, 3, "-."),
}
TEXTS = {
    "zh": {
        "build": ("建模型（代码）", "model = TwoLayers()"),
        "read": ("读权重（文件）", "torch.load(path)"),
        "load": ("装进去，搬到设备", "load_state_dict(…)\n.to(device)"),
        "ask": ("推理", "model.eval()\ntorch.no_grad()"),
    },
    "en": {
        "build": ("build it (code)", "model = TwoLayers()"),
        "read": ("read weights (file)", "torch.load(path)"),
        "load": ("put them in, move it", "load_state_dict(…)\n.to(device)"),
        "ask": ("ask it", "model.eval()\ntorch.no_grad()"),
    },
}
NOTES = {
    "zh": ("只有结构，权重随机", "只有名字和张量，没有代码"),
    "en": ("structure, random weights", "names and tensors, no code"),
}


def draw(lang: str) -> Figure:
    figure, axes = new_figure(5.6, 2.6, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-0.1, 8.3)
    axes.set_ylim(0.3, 4.0)
    for name, (x, y, colour, line) in BOXES.items():
        axes.add_patch(
            FancyBboxPatch(
                (x - 1.2, y - 0.55),
                2.4,
                1.1,
                boxstyle="round,pad=0.02,rounding_size=0.12",
                facecolor="none",
                edgecolor=PALETTE[colour],
                linewidth=1.6,
                linestyle=line,
            )
        )
        title, code = TEXTS[lang][name]
        axes.text(x, y + 0.3, title, ha="center", va="center", fontsize=10)
        axes.text(x, y - 0.15, code, ha="center", va="center", fontsize=9)
    axes.text(1.3, 3.75, NOTES[lang][0], ha="center", va="center", fontsize=9)
    axes.text(1.3, 0.65, NOTES[lang][1], ha="center", va="center", fontsize=9)
    for start, end in (
        ((2.52, 2.9), (2.88, 2.5)),
        ((2.52, 1.5), (2.88, 1.9)),
        ((5.32, 2.2), (5.68, 2.2)),
    ):
        axes.add_patch(
            FancyArrowPatch(start, end, arrowstyle="-|>", mutation_scale=12, color="black")
        )
    return figure
