"""How flat MiniLM's loss is where two starts have led, by three rulers; all seeds."""

from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import MARKERS, PALETTE, new_figure

TEXT = {
    "zh": {
        "own": "各用各的权重作单位\n低于 0.35 的面积（%）",
        "same": "同一个单位\n曲率（对数轴）",
        "plane": "论文的平面\n低于 0.35 的面积（%）",
        "planes": ("单位：\n各自的路程", "终点周围\n±3"),
        "pretrained": "预训练的起点",
        "random": "随机的起点",
        "units": ("预训练\n的权重", "随机起点\n的权重"),
    },
    "en": {
        "own": "unit: own weights\nshare under 0.35 (%)",
        "same": "one unit for both\ncurvature (log axis)",
        "plane": "the paper's plane\nshare under 0.35 (%)",
        "planes": ("unit:\nown way", "±3 around\nthe end"),
        "pretrained": "pretrained start",
        "random": "random start",
        "units": ("pretrained\nweights", "random\nstart's"),
    },
}


def draw(lang: str) -> Figure:
    numbers, text = results.read("loss_landscape_lab")["numbers"], TEXT[lang]
    figure, (own, same, plane) = new_figure(5.6, 3.1, ncols=3, lang=lang)
    for k, start in enumerate(("pretrained", "random")):
        found, style = numbers[start], {"color": PALETTE[k], "markersize": 5, "alpha": 0.8}
        for seed, shares in enumerate(found["under"]):
            x = [k + 0.15 * (seed - 1)] * len(shares)
            label = text[start] if seed == 0 else None
            own.plot(x, [100 * s for s in shares], MARKERS[k], label=label, **style)
            units = ("curvature", "curvature_other_norms")
            for place, key in enumerate(units if start == "pretrained" else units[::-1]):
                x = [place + 0.3 * (k - 0.5) + 0.06 * (seed - 1)] * len(found[key][seed])
                same.plot(x, found[key][seed], MARKERS[k], **style)
            for place, key in enumerate(("plane_under", "near_under")):
                if seed >= len(found[key]):
                    continue
                x = place + 0.3 * (k - 0.5) + 0.06 * (seed - 1)
                plane.plot(x, 100 * found[key][seed], MARKERS[k], **style)
    for axes, key in ((own, "own"), (same, "same"), (plane, "plane")):
        axes.set_title(text[key], fontsize=9)
        axes.set_xlim(-0.5, 1.5)
        axes.set_xticks([])
        axes.grid(visible=True, axis="y")
    own.set_ylim(0, 105)
    plane.set_ylim(0, 105)
    same.set_yscale("log")
    same.set_xticks([0, 1], text["units"], fontsize=9)
    plane.set_xticks([0, 1], text["planes"], fontsize=9)
    figure.legend(loc="outside lower center", ncols=2, fontsize=9)
    return figure
