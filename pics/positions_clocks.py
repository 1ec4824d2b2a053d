"""A position as four hands: each turns at its own speed, 0 to 3 as far as 10 to 13."""

import math

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

TEXT = {"zh": ("位置 {}", "第 {} 根针"), "en": ("position {}", "hand {}")}
PLACES, HANDS, E = (0, 3, 10, 13), 4, 16


def draw(lang: str) -> Figure:
    place, hand = TEXT[lang]
    figure, axes = new_figure(5.6, 3.6, nrows=HANDS, ncols=len(PLACES), lang=lang)
    for i, row in enumerate(axes):
        speed = 10_000 ** (-2 * i / E)
        for t, panel in zip(PLACES, row, strict=True):
            circle = [2 * math.pi * k / 60 for k in range(61)]
            panel.plot([math.cos(a) for a in circle], [math.sin(a) for a in circle], color="0.7")
            x, y = math.sin(speed * t), math.cos(speed * t)
            panel.plot([0, round(x, 3)], [0, round(y, 3)], color=PALETTE[0], linewidth=2.5)
            panel.plot([round(x, 3)], [round(y, 3)], "o", color=PALETTE[0], markersize=5)
            panel.set_aspect("equal")
            panel.set_xlim(-1.2, 1.2)
            panel.set_ylim(-1.2, 1.2)
            panel.set_xticks([])
            panel.set_yticks([])
            for spine in panel.spines.values():
                spine.set_visible(False)
            if i == 0:
                panel.set_title(place.format(t), fontsize=10)
            if t == 0:
                panel.set_ylabel(hand.format(i), fontsize=10)
    return figure
