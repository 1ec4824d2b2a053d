"""A hundred clients refused at once: when they come again, by three kinds of backoff."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from wode.book import results
from wode.plotting import PALETTE, new_figure

TEXT: dict[str, dict[str, Any]] = {
    "zh": {
        "rows": ("没有抖动", "减去至多四分之一（客户端的）", "零到上限任取"),
        "served": "{:.0%} 在两次重试内做成",
        "axes": ("秒", "每 20 毫秒的请求"),
    },
    "en": {
        "rows": ("no jitter", "less up to a quarter (the client's)", "between zero and the bound"),
        "served": "{:.0%} served within two retries",
        "axes": ("seconds", "requests in 20 ms"),
    },
}


def draw(lang: str) -> Figure:
    words = TEXT[lang]
    numbers = results.read("serving_failures")["numbers"]
    figure, rows = new_figure(5.6, 3.7, nrows=3, sharex=True, lang=lang)
    edges = np.arange(0, 2.001, numbers["window"])
    for k, (name, title) in enumerate(zip(("none", "quarter", "full"), words["rows"], strict=True)):
        found, axes = numbers["crowds"][name], rows[k]
        axes.hist(found["sent"], bins=edges, color=PALETTE[k])
        axes.set_title(title, loc="left", fontsize=10)
        served = words["served"].format(found["median"]["served"])
        axes.text(0.56, 95, served, va="top", fontsize=9)
        axes.set_ylim(0, 105)
        axes.tick_params(labelsize=9)
    rows[1].set_ylabel(words["axes"][1])
    rows[2].set_xlabel(words["axes"][0])
    return figure
