"""The author's table of tasks: what comes out, for one sequence and for several."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from wode.plotting import PALETTE, new_figure

#: What comes out; the tasks of one sequence; the tasks of several.
TEXT = {
    "zh": (
        ("输出", "输入一个序列", "输入几个序列"),
        [
            (
                "一个类别",
                "情感分类、立场检测、\n真实性判断、意图识别、\n对话策略",
                "自然语言推理、\n搜索、关系抽取",
            ),
            ("每个词元\n一个类别", "词性标注、分词、\n抽取式摘要、槽填充、\n命名实体识别", ""),
            ("从输入里抄", "", "抽取式问答"),
            (
                "任意序列",
                "生成式摘要、翻译、\n语法纠错、文本生成",
                "一般问答、闲聊、\n对话状态跟踪、\n任务型对话",
            ),
            ("其他", "句法分析、指代消解", ""),
        ],
    ),
    "en": (
        ("output", "one sequence in", "several sequences in"),
        [
            (
                "one class",
                "sentiment, stance,\nveracity, intent,\ndialogue policy",
                "natural language\ninference, search,\nrelation extraction",
            ),
            (
                "a class for\neach token",
                "POS tagging, word\nsegmentation, extractive\nsummaries, slots, names",
                "",
            ),
            ("copied from\nthe input", "", "extractive question\nanswering"),
            (
                "a general\nsequence",
                "abstractive summaries,\ntranslation, grammar\ncorrection, NLG",
                "general QA, chatbot,\nstate tracking, task-\noriented dialogue",
            ),
            ("other", "parsing, coreference", ""),
        ],
    ),
}
HEIGHTS = (1.15, 1.15, 0.85, 1.15, 0.6)


def draw(lang: str) -> Figure:
    titles, rows = TEXT[lang]
    figure, axes = new_figure(5.6, 4.3, lang=lang)
    axes.set_axis_off()
    lefts, widths = (0.0, 1.35, 3.55), (1.27, 2.12, 2.05)
    axes.set_xlim(-0.02, 5.62)
    axes.set_ylim(-sum(HEIGHTS) - 0.05, 0.45)
    for left, width, title in zip(lefts, widths, titles, strict=True):
        axes.text(left + width / 2, 0.2, title, ha="center", va="center", fontsize=10.5)
    axes.plot([0, 5.6], [0, 0], color="black", linewidth=1.2)
    top = 0.0
    for number, (height, (output, *cells)) in enumerate(zip(HEIGHTS, rows, strict=True)):
        color = PALETTE[number]
        axes.add_patch(
            Rectangle(
                (0.02, top - height + 0.05), 0.08, height - 0.1, facecolor=color, edgecolor="none"
            )
        )
        axes.text(0.2, top - height / 2, output, ha="left", va="center", fontsize=10.5)
        for left, width, cell in zip(lefts[1:], widths[1:], cells, strict=True):
            if not cell:
                continue
            axes.add_patch(
                Rectangle(
                    (left, top - height + 0.05),
                    width,
                    height - 0.1,
                    facecolor="none",
                    edgecolor=color,
                    linewidth=1.3,
                )
            )
            axes.text(
                left + 0.1, top - height / 2, cell, ha="left", va="center", fontsize=9.5,
                linespacing=1.35,
            )  # fmt: skip
        top -= height
    return figure
