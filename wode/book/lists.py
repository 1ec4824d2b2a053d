"""The lists that pages show: cited works, all works, the glossary, the claims, the systems,
the counts of the fuzzing, the results files."""

from collections.abc import Callable
from typing import Any

from wode.book import claims, glossary, references, results, systems

_GLOSSARY_HEAD = {
    "zh": "| 中文 | English | 说明 | 首次出现 |\n|---|---|---|---|",
    "en": "| English | 中文 | meaning | introduced in |\n|---|---|---|---|",
}
_CLAIMS_HEAD = {
    "zh": "| 说法 | 什么实验能推翻它 | 量到的 | 结论 |\n|---|---|---|---|",
    "en": "| claim | what could have proved it false | measured | verdict |\n|---|---|---|---|",
}
_NOW = {"zh": "。现在这样说：", "en": ". The page now says: "}
_SYSTEMS_HEAD = {
    "zh": (
        "| 系统 | 与什么相等 | 配置数 | 最大差别：输出，梯度 | 训练（秒） | 作者的一句话 |\n"
        "|---|---|---|---|---|---|"
    ),
    "en": (
        "| system | equal to | configurations | largest difference: outputs, gradients "
        "| trained for, in seconds | the author's line |\n|---|---|---|---|---|---|"
    ),
}
_FUZZING_HEAD = {
    "zh": "| 目标 | 输入 | 读对 | 拒绝 | 读错 | 异常退出 |\n|---|--:|--:|--:|--:|--:|",
    "en": "| target | inputs | right | refused | wrong | tracebacks |\n|---|--:|--:|--:|--:|--:|",
}
_RESULT_WORDS = {
    "zh": ("命令", "种子", "机器", "名称", "数值", "{} 个数"),
    "en": ("command", "seed", "machine", "name", "value", "{} numbers"),
}


def cited(lang: str, text: str) -> str:
    """The works that a page cites, with the anchors its citations link to."""
    return _works(references.keys_in(text))


def bibliography(lang: str, text: str) -> str:
    """Every work of the book, by first author."""
    return _works(sorted(references.entries(), key=lambda key: references.label(key).lower()))


def _works(keys: list[str]) -> str:
    return "\n".join(f'- <span id="ref-{key}"></span>{references.formatted(key)}' for key in keys)


def glossary_table(lang: str, text: str) -> str:
    """All terms in the language's own order."""
    rows = [_GLOSSARY_HEAD[lang]]
    for term in sorted(glossary.terms(), key=lambda term: term.en.lower()):
        first, second = (term.zh, term.en) if lang == "zh" else (term.en, term.zh)
        where = f"[{term.page.split('/')[-1]}]({term.page}.md)"
        anchor = f'<span id="{term.id}"></span>'
        rows.append(f"| {anchor}{first} | {second} | {term.definition[lang]} | {where} |")
    return "\n".join(rows)


def claims_tables(lang: str, text: str) -> str:
    """Every explanation that the chapters give, with what would have proved it false."""
    lines: list[str] = []
    for page, rows in claims.by_page().items():
        name = page.split("/")[-1]
        lines += [f"### [{name}]({page}.md) {{#claims-{name}}}", "", _CLAIMS_HEAD[lang]]
        for row in rows:
            claim = f"[{row.claim[lang]}]({page}.md#{row.at})"
            verdict = claims.VERDICTS[row.verdict][lang]
            if row.now[lang]:
                verdict += f"{_NOW[lang]}{row.now[lang]}"
            lines.append(f"| {claim} | {row.trial[lang]} | {row.measured[lang]} | {verdict} |")
        lines.append("")
    return "\n".join(lines)


def systems_table(lang: str, text: str) -> str:
    """Every system that the book builds, held against its reference and against a rival."""
    rows, lines = [_SYSTEMS_HEAD[lang]], list[str]()
    comma, colon, stop = ("，", "：", "。") if lang == "zh" else (", ", ": ", ". ")
    for one in systems.systems():
        key = f"equality.{one.equal}"
        verdict = systems.VERDICTS[one.verdict][lang]
        cells = (
            f"[{one.system[lang]}]({one.page}.md)",
            one.reference[lang],
            f"[[{key}.configurations]]",
            f"[[{key}.outputs:.0e]]{comma}[[{key}.gradients:.0e]]",
            one.seconds[lang],
            verdict,
        )
        rows.append(f"| {' | '.join(cells)} |")
        said = f"“{one.line[lang]}”{stop}**{verdict}**{colon}{one.why[lang]}{stop}"
        lines.append(f"- **{one.system[lang]}**{colon}{one.learned[lang]}{stop}{said}".rstrip())
    return "\n".join([*rows, "", *lines])


def fuzzing_table(lang: str, text: str) -> str:
    """What became of the drawn inputs of each target that the results file holds."""
    rows = [_FUZZING_HEAD[lang]]
    for target, counts in results.read("fuzzing")["numbers"].items():
        cells = " | ".join(f"[[fuzzing.{target}.{name}:,]]" for name in counts)
        rows.append(f"| `{target}` | {cells} |")
    return "\n".join(rows)


def results_tables(lang: str, text: str) -> str:
    """Every results file: what was measured, the numbers, the command that measures it again."""
    lines: list[str] = []
    command, seed, machine, name, value, counted = _RESULT_WORDS[lang]
    for path in sorted(results.FOLDER.glob("*.json")):
        record = results.read(path.stem)
        leaves = _leaves(record["numbers"])
        versions = ", ".join(" ".join(package) for package in record["versions"].items())
        lines += [
            f"### {path.stem} {{#{path.stem}}}",
            "",
            record["note"].get(lang, ""),
            "",
            f"- {command}: `{record['command']}`",
            f"- {seed}: {record['seed']}",
            f"- {machine}: {record['machine']}; {versions}",
            "",
            f'??? abstract "{counted.format(len(leaves))}"',  # some files have a thousand
            "",
            f"    | {name} | {value} |",
            "    |---|---|",
            *(f"    | `{key}` | {leaf} |" for key, leaf in leaves),
            "",
        ]
    return "\n".join(lines)


def _leaves(numbers: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Nested numbers as (dotted name, text); a long list as its first values and its length."""
    if isinstance(numbers, dict):
        return [
            leaf
            for key, value in numbers.items()
            for leaf in _leaves(value, f"{prefix}.{key}" if prefix else str(key))
        ]
    if isinstance(numbers, list):
        shown = ", ".join(_text(value) for value in numbers[:8])
        return [(prefix, shown + (f", … ({len(numbers)})" if len(numbers) > 8 else ""))]
    return [(prefix, _text(numbers))]


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | dict):
        return "…"
    return str(value).replace("|", "\\|")


LISTS: dict[str, Callable[[str, str], str]] = {
    "references": cited,
    "bibliography": bibliography,
    "glossary": glossary_table,
    "claims": claims_tables,
    "systems": systems_table,
    "fuzzing": fuzzing_table,
    "results": results_tables,
}
