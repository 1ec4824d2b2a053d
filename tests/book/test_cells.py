"""A notebook with stored outputs as a page."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from wode.book.cells import notebook_markdown


def page(*cells):
    return notebook_markdown(new_notebook(cells=list(cells)))


def test_cells_become_prose_fences_and_outputs():
    stream = new_output("stream", text="1\n")
    shown = page(new_markdown_cell("# Title"), new_code_cell("print(1)", outputs=[stream]))
    assert shown == "# Title\n\n```python\nprint(1)\n```\n\n```output\n1\n```"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("a $x^2$ b", "a $`x^2`$ b"),
        ("$`x`$ stays", "$`x`$ stays"),
        ("costs 5$ or 6$", "costs 5$ or 6$"),
        ("$$\ny\n$$", "$$\ny\n$$"),
    ],
)
def test_formulas_are_written_as_on_a_page(written, shown):
    assert page(new_markdown_cell(written)) == shown


def test_a_fence_is_longer_than_what_it_quotes():
    assert page(new_code_cell('text = """\n```python\n"""')).startswith("````python\n")


def test_the_richest_output_is_shown():
    data = {"text/plain": "<Figure>", "image/svg+xml": "<svg/>", "image/png": "AAAA\n"}
    shown = page(new_code_cell("f", outputs=[new_output("display_data", data=data)]))
    assert 'src="data:image/svg+xml;utf8,%3Csvg/%3E"' in shown
    assert "<Figure>" not in shown  # its alternative text cannot open a tag
    plain = new_output("execute_result", data={"text/plain": "3"})
    assert page(new_code_cell("1 + 2", outputs=[plain])).endswith("```output\n3\n```")


def test_an_error_is_shown_without_terminal_colours():
    error = new_output("error", ename="E", evalue="v", traceback=["\x1b[31mE\x1b[0m: v"])
    assert page(new_code_cell("fail()", outputs=[error])).endswith("```output\nE: v\n```")
