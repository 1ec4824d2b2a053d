"""The book's systems: each was held against a reference, has a rival and a verdict."""

import ast
import re
from pathlib import Path

import pytest

from wode.book import LANGUAGES, ROOT, results, systems
from wode.book.entries import EntriesError
from wode.book.lists import LISTS
from wode.book.markdown import NUMBER, expanded
from wode.book.pages import load

ENTRY = """
- page: 1_NLP_basics/gpt3
  equal: gpt
  system: GPT
  reference: GPT2Model
  learned: "[[gpt3.seconds:.0f]]"
  seconds: "[[gpt3.seconds:.0f]]"
  line_zh: 一
  line_en: one
  verdict: refined
  why_zh: 二
  why_en: two
"""


def marked() -> set[str]:
    """The systems that the tests' marks ``equals`` name."""
    calls = (
        node
        for path in (ROOT / "tests").glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    )
    return {
        ast.literal_eval(call.args[0])
        for call in calls
        if ast.unparse(call.func) == "pytest.mark.equals"
    }


def test_each_marked_system_was_measured_and_each_measured_one_is_listed() -> None:
    measured = results.read("equality")["numbers"]
    assert {*measured} == marked() == {system.equal for system in systems.systems()}
    for name, numbers in measured.items():
        assert numbers["configurations"] >= 40, name
        assert max(numbers["outputs"], numbers["gradients"]) < 1e-5, name


@pytest.mark.parametrize("system", systems.systems(), ids=lambda one: one.equal)
def test_a_system_has_a_page_figures_and_both_languages(system: systems.System) -> None:
    for lang in LANGUAGES:
        load(ROOT / "docs" / lang / f"{system.page}.md")
        assert NUMBER.search(system.learned[lang]), "what it learned: figures of a run"
        assert NUMBER.search(system.seconds[lang]), "how long it learned: of a run"
        chinese = re.search(r"[\u4e00-\u9fff]", system.line[lang] + system.why[lang])
        assert bool(chinese) == (lang == "zh")
    for field in (system.learned, system.seconds, system.why):
        zh, en = (NUMBER.findall(field[lang]) for lang in LANGUAGES)
        assert sorted(zh) == sorted(en)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_results_page_shows_them_with_their_numbers(lang: str) -> None:
    path = ROOT / "docs" / lang / "results.md"
    shown = expanded(path.read_text(encoding="utf-8"), path, lang)
    for system in systems.systems():
        (row,) = (
            line for line in shown.splitlines() if line.startswith(f"| [{system.system[lang]}](")
        )
        (said,) = (
            line for line in shown.splitlines() if line.startswith(f"- **{system.system[lang]}**")
        )
        assert not NUMBER.search(row + said)
        assert str(results.number(f"equality.{system.equal}.configurations")) in row


def test_the_table_is_made_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "systems.yml"
    path.write_text(ENTRY, encoding="utf-8")
    (system,) = systems.systems(path)
    monkeypatch.setattr(systems, "systems", lambda: [system])
    table = LISTS["systems"]("en", "")
    assert "[GPT](1_NLP_basics/gpt3.md) | GPT2Model | [[equality.gpt.configurations]] |" in table
    assert "| [[gpt3.seconds:.0f]] | refined |" in table
    assert "- **GPT**: [[gpt3.seconds:.0f]]. “one”. **refined**: two." in table


def test_a_verdict_is_one_of_three(tmp_path: Path) -> None:
    path = tmp_path / "systems.yml"
    path.write_text(ENTRY.replace("refined", "true"), encoding="utf-8")
    with pytest.raises(EntriesError, match=r"entry 1: expected a verdict of .*'refined'"):
        systems.systems(path)
