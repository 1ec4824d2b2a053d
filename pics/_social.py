"""The picture of link previews, 1200 × 630: ``python pics/_social.py`` draws it.

It goes to docs/assets/social.*.png: a PNG, since the services that show previews take no SVG.
"""

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from wode.plotting import use_style

PAPER, INK, RED, GREY = "#fbfaf7", "#22252c", "#b83a1e", "#5c616c"
WORDS = {
    "zh": (
        "我的大模型练习",
        "一本能运行的书：从张量到大模型",
        "每个例子都可以运行，每个数字都来自运行。",
    ),
    "en": (
        "wode LLMs practice",
        "A book that runs: from tensors to LLMs",
        "Every example executed, every number measured.",
    ),
}
CODE = [
    ("ours = conv2d_loops(image, kernels)", INK),
    ("torch.allclose(ours, F.conv2d(image, kernels))", INK),
    ("True", RED),
]


def draw(lang: str) -> Figure:
    title, line, promise = WORDS[lang]
    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor=PAPER)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 1200), ylim=(630, 0))
    axes.set_axis_off()
    axes.add_patch(
        FancyBboxPatch((84, 84), 96, 96, boxstyle="round,pad=0,rounding_size=24", fc=RED, ec="none")
    )
    w = [(102, 112), (117, 153), (132, 118), (147, 153), (162, 112)]
    axes.plot(
        *zip(*w, strict=True), color="white", lw=4, solid_capstyle="round", solid_joinstyle="round"
    )
    axes.plot(*zip(*w, strict=True), ls="", marker="o", ms=10, mfc=RED, mec="white", mew=3)
    axes.text(
        84,
        270,
        title,
        fontsize=50,
        fontweight="bold" if lang == "en" else "normal",
        color=INK,
        va="center",
    )
    axes.text(84, 345, line, fontsize=24, color=INK, va="center")
    axes.text(84, 392, promise, fontsize=19, color=GREY, va="center")
    axes.add_patch(
        FancyBboxPatch(
            (84, 446),
            1032,
            124,
            boxstyle="round,pad=0,rounding_size=10",
            fc="#f1eee6",
            ec="#00000022",
        )
    )
    axes.plot((86, 86), (532, 566), color=RED, lw=4)
    for row, (text, colour) in enumerate(CODE):
        axes.text(
            108,
            472 + 38 * row,
            text,
            fontsize=17,
            color=colour,
            va="center",
            family="DejaVu Sans Mono",
        )
    return figure


def save(lang: str, folder: Path) -> Path:
    path = folder / f"social.{lang}.png"
    with use_style(lang):
        draw(lang).savefig(
            path, format="png", transparent=False, facecolor=PAPER, metadata={"Software": None}
        )
    return path


if __name__ == "__main__":
    for lang in WORDS:
        print(save(lang, Path(__file__).resolve().parents[1] / "docs" / "assets"))
