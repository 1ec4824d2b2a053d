"""Four ways to write a checkpoint: what a kill and a power cut leave of it."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = ("naive", "rename", "file", "atomic")
COLUMNS = ("kills", "any", "after")
TEXT = {
    "zh": {
        "naive": "直接写",
        "rename": "写旁边，改名",
        "file": "写旁边，fsync，改名",
        "atomic": "再 fsync 文件夹",
        "kills": "SIGKILL，实测\n丢了几次",
        "any": "写到一半断电\n（模型）",
        "after": "写完之后断电\n（模型）",
        "lost": "{} / {}",
        "old": "旧",
        "new": "新",
        "nothing": "空",
        "a part": "残",
        "between": " / ",
        "even": "甚至 ",
    },
    "en": {
        "naive": "onto the file",
        "rename": "beside, rename",
        "file": "beside, fsync, rename",
        "atomic": "and fsync the folder",
        "kills": "SIGKILL, tried:\nlost",
        "any": "power cut while\nwriting (model)",
        "after": "power cut after\nwriting (model)",
        "lost": "{} of {}",
        "old": "old",
        "new": "new",
        "nothing": "empty",
        "a part": "part",
        "between": ", ",
        "even": "even ",
    },
}
GOOD = ("old", "new")
CENTRES = (1.6, 4.9, 8.5)


def draw(lang: str) -> Figure:
    text, numbers = TEXT[lang], results.read("resuming")["numbers"]
    figure, axes = new_figure(5.6, 2.3, lang=lang)
    axes.set_axis_off()
    axes.set_xlim(-3.6, 10.4)
    axes.set_ylim(4.6, -1.3)
    for column, name in enumerate(COLUMNS):
        axes.text(CENTRES[column], -0.75, text[name], ha="center", va="center", fontsize=9)
    for row, way in enumerate(WAYS):
        axes.text(-3.5, row + 0.2, text[way], va="center", fontsize=9.5)
        kills = numbers["kills"].get(way)
        cells = [(None, "—")] * 3
        if kills:
            good = kills["lost"] == 0
            cells[0] = (good, text["lost"].format(kills["lost"], kills["killed"]))
        for column in (1, 2):
            held = numbers["power"][way][COLUMNS[column]]
            order = [name for name in ("old", "new", "a part", "nothing") if name in held]
            good = all(name in GOOD for name in order)
            shown = order if good else [name for name in order if name not in GOOD]
            words = text["between"].join(text[name] for name in shown)
            cells[column] = (good, words if good else text["even"] + words)
        for column, (good, words) in enumerate(cells):
            colour = "black" if good is None else PALETTE[2 if good else 1]
            mark = "" if good is None else ("" if good else "× ")
            axes.text(
                CENTRES[column],
                row + 0.2,
                mark + words,
                ha="center",
                va="center",
                fontsize=9,
                color=colour,
            )
    for y in (-0.25, 4.1):
        axes.plot([-3.6, 10.4], [y, y], color="black", linewidth=0.7)
    return figure
