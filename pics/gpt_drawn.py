"""Sentences right against sentences different, by ways of drawing (results/gpt.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import LINESTYLES, MARKERS, PALETTE, new_figure

WAYS = {
    "τ": ("t_0", "t_0_25", "t_0_5", "t_0_7", "t_1", "t_1_5", "t_2"),
    "top-k": ("k_1", "k_2", "k_3", "k_5", "k_10"),
    "top-p": ("p_0_3", "p_0_5", "p_0_7", "p_0_9", "p_0_97"),
}
TEXT = {
    "zh": ("走了 {} 步", "500 句里互不相同的（%）", "对的（%）"),
    "en": ("after {} steps", "different ones of 500 (%)", "right (%)"),
}
NAMED = {"t_0": "τ = 0", "t_1": "1", "t_1_5": "1.5", "t_2": "τ = 2"}


def draw(lang: str) -> Figure:
    title, different, right = TEXT[lang]
    numbers = results.read("gpt")["numbers"]["drawn"]
    figure, panels = new_figure(5.6, 2.3, ncols=2, sharey=True, lang=lang)
    for panel, steps in zip(panels, ("s200", "s400"), strict=True):
        for place, (name, ways) in enumerate(WAYS.items()):
            points = [numbers[steps][way] for way in ways]
            x = [100 * point["different"] for point in points]
            y = [100 * point["right"] for point in points]
            panel.plot(
                x,
                y,
                color=PALETTE[place],
                marker=MARKERS[place],
                ls=LINESTYLES[place],
                ms=5,
                label=name,
            )
        for way, text in NAMED.items():
            point = numbers[steps][way]
            place = (100 * point["different"], 100 * point["right"])
            offset, side = ((2, -14), "left") if way == "t_0" else ((-6, -6), "right")
            if way == "t_0" and steps == "s200":  # below it runs a line
                offset = (2, 6)
            panel.annotate(text, place, offset, textcoords="offset points", ha=side, fontsize=9)
        panel.set_title(title.format(steps[1:]), fontsize=10)
        panel.set_xlabel(different)
        panel.set_xlim(-12, 106)
        panel.set_ylim(-3, 105)
    panels[0].set_ylabel(right)
    panels[1].legend(loc="lower center", fontsize=9)
    return figure
