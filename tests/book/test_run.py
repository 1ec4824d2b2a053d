"""Pages that run, pages that fail, and what a reader is told: real pages through real pytest."""

import re
from collections.abc import Callable
from textwrap import dedent

import pytest
from sybil.integration.pytest import SybilFile, SybilItem

from wode.book.document import PageDocument

from .conftest import SmallBook

Said = Callable[[pytest.RunResult], str]


def test_a_page_runs_from_top_to_bottom(book: SmallBook) -> None:
    book.snippet("def double(x):\n    return 2 * x\n")
    book.page("""
        # T

        ```python
        x = 1
        print("printed")
        x + 1
        ```

        ```output
        printed
        2
        ```

        !!! note "n"

            ```python
            --8<-- "snippets/s.py:double"
            y = double(x)
            y;
            ```

        ```pycon
        >>> x, y
        (1, 2)
        >>> [1, 2, 3,
        ...  4]
        [1, 2, ...]
        >>> 1 / 3
        0.333
        >>> 1 / 0
        Traceback (most recent call last):
            ...
        ZeroDivisionError: division by zero
        ```
    """)
    book.run("docs").assert_outcomes(passed=4)


def test_sybil_collects_and_runs_the_pages(book: SmallBook) -> None:
    """Nothing of the book's own stands in the place of Sybil's file and item."""
    book.page("```python\nx = 1\n```\n")
    items, _ = book.pytester.inline_genitems("-p", "no:cacheprovider", "docs")
    assert {(type(item), type(item.parent)) for item in items} == {(SybilItem, SybilFile)}
    documents = [type(i.example.document) for i in items if isinstance(i, SybilItem)]
    assert documents == [PageDocument, PageDocument]


@pytest.mark.parametrize(
    ("shown", "passes"),
    [
        ("tensor(0.33)", True),  # to the digits that the page shows
        ("tensor(0.3333)", True),
        ("tensor(0.36)", False),
        ("tensor(0.3)", True),
        ("tensor(...)", True),
        ("0.3333", False),
        ("", False),
    ],
)
def test_outputs_are_compared_to_the_digits_shown(
    book: SmallBook, shown: str, passes: bool
) -> None:
    book.page(f"""
        ```python
        print("tensor(0.33332)")
        ```

        ```output
        {shown}
        ```
    """)
    book.run("docs").assert_outcomes(
        passed=2 if passes else 0, failed=0 if passes else 1, skipped=0 if passes else 1
    )


def test_a_wrong_output_is_shown_as_a_difference(book: SmallBook, said: Said) -> None:
    book.page("""
        text

        ```python
        print("a"); print("b")
        ```

        ```output
        a
        c
        ```
    """)
    result = book.run("docs")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        ["docs/zh/p.md:7: the output differs", "*", "-c", "+b", "*--update-docs*"]
    )
    assert len(said(result).splitlines()) < 40


def test_update_rewrites_exactly_what_differs(book: SmallBook) -> None:
    text = """
        # T

        ```python
        1 / 3
        ```

        ```output
        0.333
        ```

        !!! note "n"

            ```python
            print("new")
            print()
            print("lines")
            ```

            ```output
            old
            ```

        ```python
        None
        ```

        ```output
        gone
        ```

        ```pycon
        >>> 2 + 2
        5
        >>> 3
        3
        >>> print("x\\n\\ny")
        >>> 4
        4
        ```
    """
    path = book.page(text)
    book.run("docs", "--update-docs").assert_outcomes(passed=5)
    after = path.read_text(encoding="utf-8")
    expected = (
        text.replace("            old", "            new\n\n            lines")
        .replace("\n        gone", "")
        .replace("        5\n", "        4\n", 1)
        .replace('y")\n', 'y")\n        x\n        <BLANKLINE>\n        y\n')
    )
    assert after == dedent(expected).lstrip("\n")
    book.run("docs").assert_outcomes(passed=5)
    assert path.read_text(encoding="utf-8") == after


def test_after_a_failure_the_rest_of_the_page_is_skipped(book: SmallBook, said: Said) -> None:
    book.page("""
        ```python
        a = 1
        ```

        ```python
        rate = 0.5
        assert rate > 0.9
        ```

        ```python
        b = 2
        ```
    """)
    book.page("```python\nc = 1\n```\n", name="q")
    result = book.run("docs", "-v")
    result.assert_outcomes(passed=3, failed=1, skipped=2)
    result.stdout.fnmatch_lines(
        ["docs/zh/p.md:7: in <module>", "*assert rate > 0.9", "E   AssertionError", "rate = 0.5"]
    )
    assert "p.md:5 failed, so what follows was not run" in said(result)
    assert "wode/book/run.py" not in said(result)


def test_a_traceback_points_into_the_snippet(book: SmallBook) -> None:
    book.snippet("""
        def outer(x):
            return inner(x)


        def inner(x):
            raise ValueError(f"expected a positive number, got {x}")
    """)
    book.page("""
        Some text.

        ```python
        a = 0
        --8<-- "snippets/s.py:inner"

        --8<-- "snippets/s.py:outer"

        outer(-1)
        ```
    """)
    result = book.run("docs")
    result.stdout.fnmatch_lines(
        [
            "docs/zh/p.md:9: in <module>",
            "snippets/s.py:2: in outer",
            "snippets/s.py:6: in inner",
            "E   ValueError: expected a positive number, got -1",
        ]
    )


def test_a_failure_deep_in_a_library_fits_on_a_screen(book: SmallBook, said: Said) -> None:
    """Two errors chained, twenty frames of the library, a hundred printed lines."""
    book.page("""
        ```python
        import urllib.request

        for n in range(100):
            print("line", n)
        urllib.request.urlopen("http://127.0.0.1:1/")
        ```
    """)
    result = book.run("docs")
    result.stdout.fnmatch_lines(
        [
            "docs/zh/p.md:6: in <module>",
            '*urllib.request.urlopen("http://127.0.0.1:1/")',
            "*urllib/request.py:*",
            "E   urllib.error.URLError: *",
            "… 90 lines before",
            "line 90",
        ]
    )
    assert "During handling" not in said(result)
    assert len(said(result).splitlines()) < 40


def test_an_error_raised_from_the_page_s_own_shows_both(book: SmallBook) -> None:
    book.page("""
        ```python
        try:
            1 / 0
        except ZeroDivisionError as error:
            raise ValueError("expected a number") from error
        ```
    """)
    book.run("docs").stdout.fnmatch_lines(
        ["E   ZeroDivisionError: *", "*direct cause*", "E   ValueError: expected a number"]
    )


def test_a_syntax_error_names_the_page_and_line(book: SmallBook) -> None:
    book.page("text\n\n```python\nx = 1\ny = = 2\n```\n")
    result = book.run("docs")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(['*File "*docs/zh/p.md", line 5*', "*y = = 2*", "*SyntaxError*"])


def test_an_include_must_be_whole_statements(book: SmallBook, said: Said) -> None:
    book.snippet("x = 1\n")
    book.page('```python\ndef f():\n    y = 0\n    --8<-- "snippets/s.py:x"\n```\n')
    assert "an include must be whole statements" in said(book.run("docs"))


LOOPS = {
    "bare": "while True:\n    pass",
    "swallowing": "while True:\n    try:\n        n = 1\n    except Exception:\n        pass",
    "sleeping": "import time\ntime.sleep(60)",
    "stubborn": "import time\nwhile 1:\n    try:\n        time.sleep(9)\n    except:\n        pass",
}


@pytest.mark.parametrize("loop", LOOPS)
def test_an_endless_loop_is_stopped_where_it_is(book: SmallBook, said: Said, loop: str) -> None:
    book.page(f"text\n\n```python\n{LOOPS[loop]}\n```\n\n```python\nx = 1\n```\n")
    book.page("```python\nx = 1\n```\n", name="q")
    result = book.run("docs", "--page-seconds", "0.5")
    result.assert_outcomes(failed=1, skipped=2, passed=2)
    assert "took longer than 0.5 s and was stopped at this line" in said(result)
    result.stdout.re_match_lines([r"docs/zh/p\.md:\d: in <module>"])
    assert "wode/book/run.py" not in said(result)


LEAKS = {
    "a file": (
        'open(r"{root}/left.txt", "w").close()',
        "left a file outside its folder: .*left.txt",
    ),
    "a file of torch.save": (
        r"import torch; torch.save({}, r'{root}/left.pth')",
        "left a file outside its folder: .*left.pth",
    ),
    "a file of safetensors": (
        (
            "import torch, safetensors.torch as s\n"
            "s.save_file({'a': torch.ones(1)}, r'{root}/docs/left.safetensors')"
        ),
        "left a file outside its folder: .*left.safetensors",
    ),
    "a folder": ('import os; os.mkdir(r"{root}/left")', "left a file outside its folder: .*left"),
    "the dtype": (
        "import torch; torch.set_default_dtype(torch.float64)",
        "default dtype: torch.float32 became torch.float64",
    ),
    "the threads": (
        "import torch; torch.set_num_threads(torch.get_num_threads() + 1)",
        "number of threads",
    ),
    "gradients": (
        "import torch; _ = torch.set_grad_enabled(False)",
        "gradient mode: True became False",
    ),
    "the environment": ('import os; os.environ["WODE_LEAK"] = "1"', "the environment: WODE_LEAK"),
    "the folder": ("import os; os.chdir('/')", "the working folder"),
    "the path": ("import sys; sys.path.append('/nowhere')", "sys.path"),
    "rcParams": (
        "import matplotlib; matplotlib.rcParams['font.size'] = 3",
        "matplotlib's rcParams: font.size",
    ),
    "a thread": (
        "import threading as t, time; t.Thread(target=time.sleep, args=(4,), name='stray').start()",
        "a thread still lives: stray",
    ),
    "a process": (
        "import subprocess; p = subprocess.Popen(['sleep', '60'])",
        "a process still lives: .*sleep",
    ),
    "a server": (
        """import http.server as h, threading
s = h.HTTPServer(("127.0.0.1", 0), h.BaseHTTPRequestHandler)
threading.Thread(target=s.serve_forever, name="server", daemon=True).start()""",
        "a thread still lives: server",
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_a_page_that_leaves_something_behind_fails(book: SmallBook, said: Said, leak: str) -> None:
    code, complaint = LEAKS[leak]
    code = code.replace("{root}", str(book.root))
    book.page("```python\n" + code + "\n```\n")
    check = "import os, torch\nassert torch.get_default_dtype() == torch.float32\n"
    check += "assert os.listdir() == []\n"
    check += "assert 'WODE_LEAK' not in os.environ and torch.is_grad_enabled()\n"
    book.page("```python\n" + check + "```\n", name="q")
    result = book.run("docs")
    result.assert_outcomes(passed=3, failed=1)
    assert re.search(complaint, said(result))
    result.stdout.fnmatch_lines(["docs/zh/p.md:1: after this page"])


def test_what_stays_in_its_folder_is_no_leak(book: SmallBook) -> None:
    book.page("""
        ```python
        import subprocess, sys, tempfile, threading
        from pathlib import Path

        Path("a.txt").write_text("x")
        Path(tempfile.mkdtemp(), "b.txt").write_text("x")
        thread = threading.Thread(target=len, args=("x",))
        thread.start()
        thread.join()
        subprocess.run([sys.executable, "-c", "open('c.txt', 'w')"], check=True)
        sorted(p.name for p in Path().glob("*.txt"))
        ```

        ```output
        ['a.txt', 'c.txt']
        ```
    """)
    book.run("docs").assert_outcomes(passed=2)


def test_a_librarys_cache_in_a_new_folder_is_no_leak(book: SmallBook) -> None:
    """matplotlib makes ~/.config for its own folder in it, in a home that has none."""
    book.page(f"""
        ```python
        import os

        os.makedirs(r"{book.root}/config/matplotlib")
        ```
    """)
    book.run("docs").assert_outcomes(passed=2)


def test_each_page_starts_from_the_same_seeds(book: SmallBook) -> None:
    text = """
        ```python
        import random, numpy, torch
        print(random.random(), numpy.random.rand(), torch.rand(1).item())
        ```

        ```output
        0.844421851525 0.548813503927 0.496256589890
        ```
    """
    for name in ("p", "q"):
        book.page(text, name=name)
    book.run("docs").assert_outcomes(passed=4)


def test_what_a_page_defines_can_be_pickled(book: SmallBook) -> None:
    book.page("""
        ```python
        import pickle

        class Thing:
            pass

        type(pickle.loads(pickle.dumps(Thing()))) is Thing, Thing.__module__
        ```

        ```output
        (True, '__main__')
        ```
    """)
    book.run("docs").assert_outcomes(passed=2)


def test_ipython_answers_question_marks(book: SmallBook) -> None:
    book.page('''
        ```python
        def half(x: float) -> float:
            """Half of x."""
            return x / 2
        ```

        ```ipython
        half?
        ```

        ```output
        Signature: half(x: float) -> float
        Docstring: Half of x.
        ...
        ```

        ```ipython
        half??
        y = half(3)
        ```

        ```output
        ...
            return x / 2
        ...
        ```

        ```ipython
        %timeit -n 1 -r 1 half(y)
        ```

        ```python
        y
        ```

        ```output
        1.5
        ```
    ''')
    book.run("docs").assert_outcomes(passed=6)


def test_a_failure_in_ipython_fails_the_page(book: SmallBook) -> None:
    book.page("```ipython\n1 / 0\n```\n")
    result = book.run("docs")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(["E   ZeroDivisionError: division by zero"])


def test_a_skip_gives_its_reason(book: SmallBook, said: Said) -> None:
    book.page(
        '<!-- skip: next "needs four GPUs" -->\n```python\n1 / 0\n```\n\n```python\nx = 1\n```\n'
    )
    result = book.run("docs")
    result.assert_outcomes(passed=2, skipped=1)
    assert "needs four GPUs" in said(result)


def test_one_block_alone_runs_what_stands_before_it(book: SmallBook) -> None:
    book.page("```python\nx = 1\n```\n\n```python\nassert x == 1\n```\n")
    book.run("docs/zh/p.md::line:5,column:1").assert_outcomes(passed=1)


class TestTwins:
    SAME = "```python\nx = 1  # {comment}\nprint('x', x)\n```\n\n```output\nx {shown}\n```\n"

    def test_the_same_program_runs_once(self, book: SmallBook, said: Said) -> None:
        book.page(self.SAME.format(comment="数", shown=1))
        book.page(self.SAME.format(comment="number", shown=1), lang="en")
        result = book.run("docs", "-v")
        assert "2 passed, 2 verified by its twin" in said(result)
        assert said(book.run("docs", "--run-twins")).count("4 passed") == 1

    def test_a_failure_is_not_verified_by_its_twin(self, book: SmallBook) -> None:
        for lang in ("zh", "en"):
            book.page("```python\nassert False\n```\n", lang=lang)
        book.run("docs").assert_outcomes(failed=2, skipped=2)

    def test_another_string_runs_itself(self, book: SmallBook) -> None:
        """The English page runs first, and passes: it must not stand for the Chinese one."""
        book.page("```python\nprint('数')\n```\n\n```output\n数字\n```\n")
        book.page("```python\nprint('number')\n```\n\n```output\nnumber\n```\n", lang="en")
        book.run("docs").assert_outcomes(passed=2, failed=1, skipped=1)

    def test_another_output_runs_itself(self, book: SmallBook) -> None:
        book.page(self.SAME.format(comment="", shown=2))
        book.page(self.SAME.format(comment="", shown=1), lang="en")
        book.run("docs").assert_outcomes(passed=2, failed=1, skipped=1)

    def test_a_twin_alone_runs_itself(self, book: SmallBook) -> None:
        for lang in ("zh", "en"):
            book.page(self.SAME.format(comment="", shown=1), lang=lang)
        book.run("docs/en").assert_outcomes(passed=2)
        book.run("docs/zh").assert_outcomes(passed=2)

    def test_update_reaches_both_languages(self, book: SmallBook) -> None:
        paths = [
            book.page(self.SAME.format(comment="", shown=2), lang=lang) for lang in ("zh", "en")
        ]
        book.run("docs", "--update-docs").assert_outcomes(passed=4)
        assert all("x 1" in path.read_text() for path in paths)
