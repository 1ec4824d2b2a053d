"""The points, the line before and after training, and the two losses."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    n = results.read("first_model")["numbers"]
    figure, (a, c) = new_figure(5.6, 2.6, ncols=2, lang=lang)
    a.scatter(n["km"][:160], n["minutes"][:160], s=7, color=PALETTE[4])
    a.scatter(n["km"][160:], n["minutes"][160:], s=16, marker="x", color=PALETTE[5])
    a.plot([0, 3], [n["b"], n["b"] + 3 * n["w"]], color=PALETTE[1], linewidth=2)
    a.set_title("点与学到的线" if zh else "points, and the line learned")
    a.set_xlabel("路程（公里）" if zh else "distance (km)")
    a.set_ylabel("用时（分钟）" if zh else "time (minutes)")
    c.plot(n["curves"]["train"], color=PALETTE[0], linewidth=2, label="train")
    c.plot(n["curves"]["test"], "--", color=PALETTE[1], linewidth=2, label="test")
    c.set_title("两条损失" if zh else "the two losses")
    c.set_ylim(0, 6)
    c.set_xticks([0, 5, 10, 15, 20])
    c.legend()
    c.set_xlabel("轮" if zh else "epoch")
    c.set_ylabel("损失" if zh else "loss")
    return figure
