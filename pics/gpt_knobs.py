"""The next word after "she bought" by five ways of drawing (results/gpt.json)."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

WAYS = {"t_1": 0, "t_0_5": 4, "t_2": 4, "k_3": 1, "p_0_7": 1}
TEXT = {
    "zh": ("τ = 1", "τ = 0.5", "τ = 2", "top-k，k = 3", "top-p，p = 0.7"),
    "en": ("τ = 1", "τ = 0.5", "τ = 2", "top-k, k = 3", "top-p, p = 0.7"),
}


def draw(lang: str) -> Figure:
    numbers = results.read("gpt")["numbers"]["next"]
    words = numbers["words"][:6]
    figure, panels = new_figure(5.6, 1.9, ncols=5, sharey=True, lang=lang)
    for panel, (way, colour), title in zip(panels, WAYS.items(), TEXT[lang], strict=True):
        shares = numbers["shares"][way][:6]
        panel.barh(range(6), shares, color=PALETTE[colour])
        for place, share in enumerate(shares):
            panel.text(
                share + 0.02, place, f"{share:.2f}" if share else "0", va="center", fontsize=9
            )
        panel.set_title(title, fontsize=9)
        panel.set_xlim(0, 0.75)
        panel.set_xticks([])
        panel.tick_params(length=0)
    panels[0].set_yticks(range(6), words, fontsize=10)
    panels[0].invert_yaxis()
    return figure
