"""Of the functions that wrote a file while a checkpoint was read: denied by name, refused."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

ROWS = ("wrote", "denied", "refused")
TEXT = {
    "zh": {
        "wrote": "weights_only=False：得手",
        "denied": "黑名单：拦下",
        "refused": "weights_only=True：拦下",
        "x": "标准库里写文件的函数",
    },
    "en": {
        "wrote": "weights_only=False: wrote",
        "denied": "deny list: stopped",
        "refused": "weights_only=True: stopped",
        "x": "functions of the standard library that write files",
    },
}


def draw(lang: str) -> Figure:
    text, scan = TEXT[lang], results.read("checkpoints")["numbers"]["scan"]
    figure, axes = new_figure(5.6, 1.6, lang=lang)
    for row, name in enumerate(ROWS):
        axes.barh(row, scan[name], height=0.55, color=PALETTE[1 if row == 0 else 2])
        axes.text(scan[name] + 0.2, row, str(scan[name]), va="center", fontsize=9)
    axes.set_yticks(range(len(ROWS)), [text[name] for name in ROWS])
    axes.invert_yaxis()
    axes.set_xlim(0, scan["functions"] + 1.5)
    axes.set_xlabel(text["x"])
    return figure
