"""The page's loop and the Trainer of transformers: held-out accuracy, a dot a seed."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure


def draw(lang: str) -> Figure:
    numbers = results.read("finetuning")["numbers"]
    names = {"pair": "七步" if lang == "zh" else "seven steps", "trainer": "Trainer"}
    figure, axes = new_figure(5.6, 1.5, lang=lang)
    for place, way in enumerate(reversed(names)):
        values = numbers[way]["last"]
        axes.plot(values, [place] * len(values), MARKERS[place], color=PALETTE[place], markersize=7)
    axes.set_yticks(range(len(names)), [names[way] for way in reversed(names)])
    axes.set_ylim(-0.6, 1.6)
    axes.set_xlim(0.45, 0.85)
    axes.axvline(0.5, color="grey", linewidth=1, linestyle=":")
    axes.set_xlabel("答对的比例" if lang == "zh" else "share right")
    return figure
