"""A chapter's own test of worth: the machinery, and every chapter of the book under it."""

import os
import subprocess
from pathlib import Path

import pytest
from lightest import CHAPTERS, lightest

from wode.book import ROOT, mutations
from wode.book.fences import PageError
from wode.book.mutations import apply, try_out
from wode.book.pages import Mutation, load

from .conftest import SmallBook


def test_a_mutation_that_a_page_notices_is_caught(book: SmallBook) -> None:
    book.snippet("def double(x):\n    return 2 * x\n")
    path = book.page("""
        <!-- mutation: snippets/s.py | 2 * x | 3 * x -->
        <!-- mutation: snippets/s.py | return 2 * x | return x * 2 -->
        <!-- mutation: snippets/s.py | def double | def twice -->

        ```python
        --8<-- "snippets/s.py:double"
        assert double(2) == 4
        ```
    """)
    # The copy runs with this project's wode, not with one of its own.
    page = load(path, book.root)
    caught, survived, unreadable = (try_out(page, mutation) for mutation in page.mutations)
    assert try_out(page, None).exit_code == 0
    assert caught.caught
    assert "assert double(2) == 4" in caught.report
    assert not survived.caught
    assert not unreadable.caught  # the page could not be collected, so it tested nothing
    assert "no section or definition 'double'" in unreadable.report
    assert "2 * x" in (book.root / "snippets/s.py").read_text()


def test_a_mutation_may_change_a_block_of_the_page(book: SmallBook) -> None:
    path = book.page("""
        <!-- mutation: cause | docs/zh/p.md | one = 1 | one = 2 -->

        ```python
        one = 1
        assert one == 1
        ```
    """)
    page = load(path, book.root)
    (mutation,) = page.mutations
    assert mutation.kind == "cause"
    assert try_out(page, None).exit_code == 0
    assert try_out(page, mutation).caught
    assert "one = 1" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("mutation", "message"),
    [
        (Mutation("snippets/t.py", "a", "b", 3), "there is no file snippets/t.py"),
        (
            Mutation("snippets/s.py", "y", "b", 3),
            "expected 'y' once in snippets/s.py, found it 0 times",
        ),
        (Mutation("snippets/s.py", "x", "b", 3), "found it 2 times"),
        (Mutation("docs/zh/p.md", "m", "b", 3), "expected 'm' once in docs/zh/p.md, found it 0"),
        (Mutation("snippets/s.py", "return", "returns", 3), "would be no Python"),
        (Mutation("docs/zh/p.md", "a = 1", "a = (1", 3), "docs/zh/p.md:5 would be no Python"),
    ],
)
def test_a_mutation_that_cannot_be_applied_is_an_error(
    book: SmallBook, mutation: Mutation, message: str
) -> None:
    book.snippet("def double(x):\n    return 2 * x\n")
    text = "<!-- mutation: m | m | m -->\n\n# T\n\n```python\na = 1\n```\n"
    page = load(book.page(text), book.root)
    with pytest.raises(PageError, match=r"p\.md:3: mutation: ") as caught:
        apply(mutation, page, book.root)
    assert message in str(caught.value)
    assert page.path.read_text(encoding="utf-8").endswith(text)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_every_chapter_names_a_mutation_that_applies(path, tmp_path) -> None:
    page = load(path)
    assert page.mutations, f"{path}: a chapter names a mutation that must make it fail"
    for mutation in page.mutations:
        target = tmp_path / mutation.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text((ROOT / mutation.file).read_text(encoding="utf-8"), encoding="utf-8")
        apply(mutation, page, tmp_path)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda p: p.stem)
def test_every_chapters_mutation_makes_it_fail(path, request: pytest.FixtureRequest) -> None:
    """One chapter a part; with ``--exhaustive`` every chapter and every mutation."""
    page = load(path)
    if path not in lightest(request.config, 0) and not request.config.getoption("--exhaustive"):
        pytest.skip("one chapter a part; all of them under make check-all (--exhaustive)")
    unchanged = mutations.try_out(page, None)
    assert unchanged.exit_code == 0, f"the copy fails without a mutation\n{unchanged.report}"
    for mutation in page.mutations:
        verdict = mutations.try_out(page, mutation)
        assert verdict.caught, f"{mutation} survived\n{verdict.report}"


def git(root: Path, *arguments: str) -> None:
    names = ["AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"]
    who = {f"GIT_{name}": "a@b.example" for name in names}
    subprocess.run(
        ["git", "-C", root, *arguments],
        env=os.environ | who | {"GIT_CONFIG_GLOBAL": os.devnull},
        check=True,
    )


@pytest.fixture
def history(book: SmallBook) -> Path:
    """Five pages; after the first commit, each changes one file that a page rests on, or none."""
    for name in ("text", "twin", "shown", "broken", "none"):
        for lang in ("zh", "en"):
            book.page(
                f"""
                <!-- mutation: snippets/{name}_broken.py | 1 | 2 -->

                ```python
                --8<-- "snippets/{name}_shown.py:one"
                assert one == 1
                ```
                """,
                lang,
                name,
            )
        for use in ("shown", "broken"):
            book.snippet("one = 1\n", f"snippets/{name}_{use}.py")
    git(book.root, "init", "-q")
    files = ("docs/zh/text.md", "docs/en/twin.md", "snippets/shown_shown.py", "no page's.md")
    for file in (".gitignore", *files, "snippets/broken_broken.py"):
        with (book.root / file).open("a") as written:
            written.write("\n")
        git(book.root, "add", ".")
        git(book.root, "commit", "-q", "-m", file)
    return book.root


def test_pages_that_the_last_commits_changed(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    def names(commits: int, root: Path = history) -> list[str]:
        return [page.name for page in mutations.changed(commits, root)]

    assert names(20) == ["broken", "shown", "text", "twin"]
    assert names(4) == ["broken", "shown", "twin"]
    assert names(2) == ["broken"]
    git(history, "clone", "-q", "--depth", "3", history.as_uri(), str(tmp_path / "shallow"))
    assert "shallow" not in capfd.readouterr().out
    assert names(20, tmp_path / "shallow") == ["broken"]
    assert (
        "a shallow clone: changes before its first commit are not known" in capfd.readouterr().out
    )
    monkeypatch.setenv("PATH", "")
    assert names(20) == []
    assert "which pages have changed is not known" in capfd.readouterr().out


def test_the_command_fails_when_a_changed_page_notices_nothing(history: Path, capsys) -> None:
    assert mutations.main(["--changed", "2"], history) == 1
    said = capsys.readouterr().out
    assert said.startswith("mutations: 1 pages\nSURVIVED: broken: snippets/broken_broken.py: 1 → 2")
