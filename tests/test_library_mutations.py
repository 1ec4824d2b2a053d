"""The library's own test of worth: ``tests/mutations.yml``, whose every change a test notices."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
MUTATIONS = yaml.safe_load((ROOT / "tests" / "mutations.yml").read_text(encoding="utf-8"))


def name(mutation: dict[str, str]) -> str:
    return f"{Path(mutation['file']).stem}: {mutation['old'].strip()[:40]}"


@pytest.mark.parametrize("mutation", MUTATIONS, ids=name)
def test_a_mutation_applies_and_its_test_is_there(mutation):
    assert mutation.keys() == {"file", "old", "new", "test"}
    text = (ROOT / mutation["file"]).read_text(encoding="utf-8")
    assert text.count(mutation["old"]) == 1, f"expected once: {mutation['old']!r}"
    compile(text.replace(mutation["old"], mutation["new"]), mutation["file"], "exec")
    path, _, test = mutation["test"].partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert test.partition("[")[0] in there


@pytest.mark.parametrize("mutation", MUTATIONS, ids=name)
def test_a_mutations_test_fails(mutation, exhaustive, tmp_path):
    if not exhaustive:
        pytest.skip("a copy and a process for each mutation; with --exhaustive")
    for part in ("wode", "tests", "snippets", "pyproject.toml"):
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, tmp_path)
    path = tmp_path / mutation["file"]
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(mutation["old"], mutation["new"]), encoding="utf-8")
    settings = {
        "PYTHONPATH": str(tmp_path),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WODE_ANY_FAILURE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", mutation["test"]],
        cwd=tmp_path,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 1, f"it survived\n{done.stdout[-3000:]}{done.stderr[-1000:]}"
