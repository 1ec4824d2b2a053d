"""Who does what when: one process alone, and two workers that fetch ahead."""

from matplotlib.figure import Figure

from wode.plotting import PALETTE, new_figure

FETCH, STEP = 3.0, 1.5  # in some unit of time


def draw(lang: str) -> Figure:
    zh = lang == "zh"
    names = ["主进程", "主进程", "工作进程 0", "工作进程 1"]
    if not zh:
        names = ["main process", "main process", "worker 0", "worker 1"]
    alone: list[tuple[int, float, float, int, str]]
    alone = [(0, n * (FETCH + STEP), FETCH, n, "fetch") for n in range(4)]
    alone += [(0, n * (FETCH + STEP) + FETCH, STEP, n, "step") for n in range(4)]
    helped: list[tuple[int, float, float, int, str]]
    helped = [(2 + n % 2, n // 2 * FETCH, FETCH, n, "fetch") for n in range(4)]
    free = 0.0
    for n in range(4):
        free = max(free, (n // 2 + 1) * FETCH)
        helped.append((1, free, STEP, n, "step"))
        free += STEP
    rows = [0, -1.6, -2.6, -3.6]
    figure, axes = new_figure(5.6, 2.2, lang=lang)
    seen = set()
    for row, start, length, batch, kind in alone + helped:
        colour = PALETTE[0] if kind == "fetch" else PALETTE[1]
        label = (
            {"fetch": "取一批", "step": "训练一步"} if zh else {"fetch": "fetch", "step": "step"}
        )
        axes.barh(
            rows[row],
            length,
            left=start,
            height=0.7,
            fc=(colour, 0.3),
            ec=colour,
            ls="-" if kind == "fetch" else "--",
            label=None if kind in seen else label[kind],
        )
        axes.text(start + length / 2, rows[row], str(batch), ha="center", va="center", fontsize=10)
        seen.add(kind)
    axes.set_yticks(rows, names)
    axes.set_xticks([])
    axes.set_xlabel("时间 →" if zh else "time →")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
