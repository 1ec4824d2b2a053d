"""What examples give over the chosen zero-shot prompt (results/few_shot_lab.json)."""

from _few_shot import TASKS, numbers, percent, spread
from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {
    "zh": {
        "counted": "例子用原来的格式",
        "chosen": "例子用挑出的写法",
        "x": "例子数",
        "y": "比挑出的零样本高多少（百分点）",
    },
    "en": {
        "counted": "examples in the first format",
        "chosen": "examples in the chosen wording",
        "x": "examples",
        "y": "gain over the chosen zero-shot prompt (points)",
    },
}
STYLES = {"counted": ("-", "o", 2, -0.16), "chosen": ("--", "s", 1, 0.16)}


def draw(lang: str) -> Figure:
    text, found = TEXT[lang], numbers()
    shots = [k for k in found["shots"] if k]
    figure, grid = new_figure(5.6, 8.2, nrows=4, ncols=3, lang=lang, sharex=True, sharey=True)
    for axes, (name, gain) in zip(grid.flat, found["gain"].items(), strict=False):
        axes.axhline(0, color="0.5", lw=1)
        for written, (line, marker, colour, beside) in STYLES.items():
            here = [(place, k) for place, k in enumerate(shots) if f"k{k}" in gain[written]]
            for place, k in here:
                values = percent(gain[written][f"k{k}"]["values"])
                where = spread(place + beside, len(values), 0.26)
                axes.plot(where, values, marker, color=PALETTE[colour], ms=2.4, alpha=0.6, mew=0)
            means = [100 * gain[written][f"k{k}"]["mean"] for _, k in here]
            label = text[written]
            axes.plot([place for place, _ in here], means, line, color=PALETTE[colour], label=label)
        axes.set_title(TASKS[lang][name], fontsize=10)
        axes.set_xticks(range(len(shots)), [str(k) for k in shots])
        axes.tick_params(labelbottom=True, labelsize=9)
    grid.flat[-1].set_axis_off()
    handles, labels = grid.flat[0].get_legend_handles_labels()
    wrapped = [label.replace(" in ", "\nin ").replace("用", "\n用") for label in labels]
    grid.flat[-1].legend(handles, wrapped, loc="center", fontsize=9)
    figure.supxlabel(text["x"], fontsize=10)
    figure.supylabel(text["y"], fontsize=10)
    return figure
