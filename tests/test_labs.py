"""The labs: their sources, the notebooks made of them, and the same experiment scaled down."""

import json
import re
import shlex
from pathlib import Path

import nbformat
import pytest
import torch

from wode.book import LANGUAGES, ROOT, labs, results
from wode.book.fences import PageError
from wode.book.percent import cells, notebook

LABS = labs.names()
BOTH = [(name, lang) for name in LABS for lang in LANGUAGES]
HEADING = re.compile(r'^(#+) .*?(?: <a id="([\w-]+)"></a>)?$', re.M)


def source(name: str) -> Path:
    return labs.SOURCES / f"{name}.py"


def stored(name: str, lang: str) -> nbformat.NotebookNode:
    path = ROOT / "docs" / lang / "labs" / f"{name}.ipynb"
    return nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)


def without_outputs(made: nbformat.NotebookNode) -> list[dict]:
    kept = ("id", "cell_type", "source", "metadata", "attachments")
    return [{key: cell.get(key) for key in kept} for cell in made.cells]


@pytest.fixture
def one_thread_restored():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def lab(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "made.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


# ---------------------------------------------------------------- the book's labs


def test_there_are_labs() -> None:
    assert "cifar10" in LABS


@pytest.mark.parametrize(("name", "lang"), BOTH)
def test_notebook_is_made_of_its_source(name: str, lang: str) -> None:
    """Made again it is the same: text, code, numbers from the results file, figures."""
    fresh, kept = notebook(source(name), lang), stored(name, lang)
    again = f"python -m wode.book.labs {name} --only notebooks"
    assert without_outputs(kept) == without_outputs(fresh), f"make it again: {again}"
    assert kept.metadata == fresh.metadata


@pytest.mark.parametrize(("name", "lang"), BOTH)
def test_notebook_holds_what_it_showed(name: str, lang: str) -> None:
    kept = stored(name, lang)
    code = [cell for cell in kept.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert kinds <= {"stream", "execute_result", "display_data"}
    shown = json.dumps([cell.outputs for cell in code], ensure_ascii=False)
    assert len(shown) > 200
    for private in ("/home/", "/root/", "/tmp/", "/work/", "Traceback", "stderr", "<script"):
        assert private not in shown
    for cell in kept.cells:
        cell.pop("attachments", None)  # base64, in which any three letters may stand
    text = json.dumps(kept, ensure_ascii=False)
    assert "application/vnd" not in text and "cdn" not in text.lower()


@pytest.mark.parametrize("name", LABS)
def test_twins(name: str) -> None:
    """Same cells, code and outputs; same headings, formulas, figures and numbers of the run."""
    zh, en = (stored(name, lang) for lang in LANGUAGES)
    assert [cell.cell_type for cell in zh.cells] == [cell.cell_type for cell in en.cells]
    for a, b in zip(zh.cells, en.cells, strict=True):
        assert (a.id, a.metadata) == (b.id, b.metadata)
        if a.cell_type == "code":
            assert (a.source, a.outputs) == (b.source, b.outputs)
            continue
        assert HEADING.findall(a.source) == HEADING.findall(b.source)
        formulas = [re.findall(r"\$[^$]+\$", text) for text in (a.source, b.source)]
        assert sorted(formulas[0]) == sorted(formulas[1])
        rows = [re.findall(r"^\|.*$", text, re.M) for text in (a.source, b.source)]
        numbers = [[re.findall(r"[\d.,]+%?", row)[-3:] for row in part[2:]] for part in rows]
        assert numbers[0] == numbers[1]
        figures = [sorted(cell.get("attachments", {})) for cell in (a, b)]
        assert [f.replace(".zh.", ".en.") for f in figures[0]] == figures[1]
    assert re.search(r"[\u4e00-\u9fff]", zh.cells[1].source)
    text = [cell.source for cell in en.cells if cell.cell_type == "markdown"]
    assert not any(re.search(r"[\u4e00-\u9fff]", part) for part in text)


@pytest.mark.parametrize("name", LABS)
def test_every_heading_has_an_id(name: str) -> None:
    text = "\n".join(cell.source for cell in stored(name, "zh").cells if cell.cell_type != "code")
    levels = [(len(marks), anchor) for marks, anchor in HEADING.findall(text)]
    assert [level for level, _ in levels].count(1) == 1
    anchors = [anchor for level, anchor in levels if level > 1]
    assert all(anchors) and len(anchors) == len(set(anchors))
    assert {"question", "results", "limits", "exercises", "references"} <= set(anchors)


@pytest.mark.parametrize("name", LABS)
def test_experiment_scaled_down(name: str, tmp_path: Path, one_thread_restored) -> None:
    """The code that measured, on a small scale, gives every number that the book quotes."""
    labs.run_experiment(source(name), small=True, folder=tmp_path)
    written = list(tmp_path.glob("*.json"))
    assert written
    for path in written:
        small, whole = (
            json.loads(p.read_text("utf-8")) for p in (path, results.FOLDER / path.name)
        )
        assert keys(small["numbers"]) == keys(whole["numbers"])
        assert small["command"] == whole["command"]
        assert f" snippets/labs/{name}.py" in whole["command"]  # so `make labs` finds it
        assert shlex.split(whole["command"])[:3] == ["python", "-m", "wode.book.labs"]


def keys(numbers: dict, prefix: str = "") -> set[str]:
    return {
        key
        for name, value in numbers.items()
        for key in (
            keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}"}
        )
    }


@pytest.mark.parametrize("name", LABS)
def test_notebook_runs(name: str, exhaustive: bool, monkeypatch) -> None:
    """All of it, exercises' solutions too, on a machine without the data sets."""
    if not exhaustive:
        pytest.skip("a minute; with --exhaustive")
    monkeypatch.setenv("WODE_DATA", "/nowhere")
    labs.executed(notebook(source(name), "zh"))


def test_cifar10_was_run_on_cifar10() -> None:
    """Its stored outputs are not those of the stand-in."""
    code = [cell for cell in stored("cifar10", "zh").cells if cell.cell_type == "code"]
    assert any(out.get("text", "").startswith("CIFAR-10 {") for c in code for out in c.outputs)


def test_cifar10_absent(monkeypatch, tmp_path: Path, one_thread_restored) -> None:
    monkeypatch.setenv("WODE_DATA", str(tmp_path))
    namespace = labs.definitions(source("cifar10"))
    with pytest.raises(FileNotFoundError, match=r"no image archive .*cifar10-jpeg\.tar\.gz"):
        namespace["cifar10"]()


def test_cifar10_learns_more_with_its_residual_network(one_thread_restored) -> None:
    """On digits, at equal steps: the networks take what the loader gives, and learn."""
    namespace = labs.definitions(source("cifar10"))
    images = namespace["digits"]()
    assert {k: tuple(v[0].shape) for k, v in images.splits.items()} == {
        "train": (1200, 3, 32, 32),
        "validation": (237, 3, 32, 32),
        "test": (360, 3, 32, 32),
    }
    held_out = {bytes(image.numpy().tobytes()) for image in images.splits["validation"][0]}
    assert not held_out & {bytes(i.numpy().tobytes()) for i in images.splits["train"][0]}
    first, again = (namespace["fit"](namespace["GOOD"], images, 1.5, seed=0) for _ in range(2))
    assert first[-1]["validation"] == again[-1]["validation"] > 0.8
    assert first[-1]["loss"] == again[-1]["loss"]


def test_whitened_patches_vary_independently_and_stay(one_thread_restored) -> None:
    namespace = labs.definitions(source("cifar10"))
    images, network = namespace["digits"](), namespace["SmallResNet"]()
    namespace["whiten"](network.look, images)
    weight = network.look.weight
    assert not weight.requires_grad and torch.equal(weight[:16], -weight[16:])
    pictures, _ = namespace["Batches"](images, "train")[list(range(1000))]
    patches = torch.nn.functional.unfold(pictures, 4, stride=3).transpose(1, 2).flatten(0, 1)
    seen = patches @ weight[:16].flatten(1).T
    second = seen.T @ seen / len(seen)  # of the patches it was computed from
    assert (second - second.diag().diag()).abs().max() < 1e-3
    assert second.diag().max() <= 1 and (second.diag().diff() < 1e-4).all()


def test_orthogonal_keeps_directions_and_evens_out_lengths(one_thread_restored) -> None:
    """Singular vectors are those of the matrix; values that were 1 : 16 are nearly even."""
    orthogonal = labs.definitions(source("cifar10"))["orthogonal"]
    torch.manual_seed(0)
    u, _ = torch.linalg.qr(torch.randn(24, 24))
    v, _ = torch.linalg.qr(torch.randn(80, 24))
    found = u.T @ orthogonal(u @ torch.logspace(0, -1.2, 24).diag() @ v.T) @ v
    assert (found - found.diag().diag()).abs().max() < 1e-5
    assert found.diag().min() > 0.3 and found.diag().max() < 1.3


def test_muon_moves_kernels_by_its_rate_and_the_rest_by_adamw(one_thread_restored) -> None:
    namespace = labs.definitions(source("cifar10"))
    torch.manual_seed(0)
    network = namespace["SmallResNet"]()
    namespace["whiten"](network.look, namespace["digits"]())
    optimizer = namespace["Muon"](network, lr=0.1)
    before = {name: p.detach().clone() for name, p in network.named_parameters()}
    twin = torch.optim.AdamW([network.classifier.weight.detach().clone()], 0.01, weight_decay=0.05)
    network(torch.randn(8, 3, 32, 32)).square().sum().backward()
    (copy,) = twin.param_groups[0]["params"]
    copy.grad = network.classifier.weight.grad.clone()
    optimizer.step()
    twin.step()
    assert torch.equal(copy, network.classifier.weight)
    for name, p in network.named_parameters():
        if name == "look.weight":
            assert torch.equal(p, before[name])
        elif p.ndim == 4:
            whole = before[name] * len(p) ** 0.5 / before[name].norm()
            values = torch.linalg.svdvals((whole - p.detach()).flatten(1))
            assert 0.05 < values[0] < 0.13, name


def test_batches_are_normalized_and_mirrored(one_thread_restored) -> None:
    namespace = labs.definitions(source("cifar10"))
    images = namespace["digits"]()
    plain = namespace["Batches"](images, "train")
    rows = list(range(1000))
    inputs, labels = plain[rows]
    assert inputs.dtype == torch.float32 and labels.dtype == torch.int64
    assert inputs.mean().abs() < 0.05 and (inputs.std() - 1).abs() < 0.05
    mirrored, _ = namespace["Batches"](images, "train", flip=True)[rows]
    pairs = list(zip(inputs, mirrored, strict=True))
    turned = torch.tensor([torch.equal(a.flip(2), b) for a, b in pairs])
    kept = torch.tensor([torch.equal(a, b) for a, b in pairs])
    assert (turned | kept).all() and 400 < turned.sum() < 600


# ---------------------------------------------------------------- sources that are not right


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("import torch\n# %%\n1\n", 1, "a lab begins with a cell"),
        ('# %%\ns = """\n# %%\n"""\n', 1, "# %% begins each"),
        ('# %%\n1\n# %% [markdown] lang="fr"\n# un\n', 3, 'expected # %% .markdown. lang="zh"'),
        ("# %%\n1\n# %% [markdown] zh\n# 字\n", 3, r"got '# %% \[markdown\] zh'"),
        ('# %% lang="zh"\n1\n', 1, "expected"),
        ('# %%\n1\n# %% tags=["later"]\n2\n', 3, "tags of .*'live'.*got .*later"),
        ('# %%\n1\n# %% tags=["live"\n2\n', 3, "tags of .*'live'"),
        ("# %%\n1\n# %% later\n2\n", 3, "got '# %% later'"),
        ('# %% [markdown] lang="zh"\n# 字\nprint()\n', 3, "text begins with '# '"),
    ],
)
def test_a_wrong_source_is_named_with_its_line(lab, text: str, line: int, message: str) -> None:
    with pytest.raises(PageError, match=message) as caught:
        cells(lab(text))
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# # 题\n#\n# [[nowhere.at_all]]\n", "no results file nowhere"),
        ("#\n#\n# 见 [@nobody2000]\n", "nobody2000"),
        ("# 图：\n#\n# ![x](../../../pics/nothing.zh.svg)\n", r"no figure .*nothing\.zh\.svg"),
    ],
)
def test_what_is_not_there_is_named_with_its_line(lab, text: str, message: str) -> None:
    path = lab(f'# %%\n1\n\n# %% [markdown] lang="zh"\n{text}')
    with pytest.raises(PageError, match=message) as caught:
        notebook(path, "zh")
    assert caught.value.line == 7


@pytest.mark.parametrize(
    ("tag", "text"), [("exercise", "# What?\n"), ("solution", "# **Solution** This.\n")]
)
def test_a_frame_without_a_title(lab, tag: str, text: str) -> None:
    path = lab(f'# %%\n1\n# %% [markdown] lang="en" tags=["{tag}"]\n{text}')
    with pytest.raises(PageError, match=rf"{tag}: expected \*\*its title\*\* alone") as caught:
        notebook(path, "en")
    assert caught.value.line == 4


def test_text_of_a_source(lab) -> None:
    path = lab(
        '# %% [markdown] lang="zh" tags=["description"]\n# 一句\n# 话：\n\n'
        '# %% [markdown] lang="zh"\n# ## 问题 {#question}\n#\n'
        "# 前一行，\n# 后一行 and\n# $`x^2`$\n\n"
        '# %% [markdown] lang="en"\n# ## Question {#question}\n\n# %% tags=["live"]\n1\n'
    )
    made = notebook(path, "zh")
    assert made.metadata["description"] == "一句话："
    assert [cell.source for cell in made.cells] == [
        '## 问题 <a id="question"></a>\n\n前一行，后一行 and\n$x^2$',
        "1",
    ]
    assert made.cells[1].metadata == {"tags": ["live"]}


def test_figures_are_attached(lab) -> None:
    name = sorted(path.name for path in (ROOT / "pics").glob("*.en.svg"))[0]
    path = lab(f'# %% [markdown] lang="en"\n# ![what](../../../pics/{name})\n')
    made = notebook(path, "en")
    assert made.cells[0].source == f"![what](attachment:{name})"
    assert list(made.cells[0].attachments) == [name]


def test_definitions_leave_out_what_is_live(lab) -> None:
    path = lab(
        '# %%\na = 1\n\n# %% tags=["live"]\na = 2\n\n# %%\nb = a\n\n\ndef f():\n    return 1 / 0\n'
    )
    namespace = labs.definitions(path)
    assert (namespace["a"], namespace["b"]) == (1, 1)
    with pytest.raises(ZeroDivisionError) as caught:
        namespace["f"]()
    assert caught.traceback[-1].lineno + 1 == 12  # the line in the source
    with pytest.raises(labs.LabError, match=r"expected a function experiment\(small, folder\)"):
        labs.run_experiment(path, small=True)


def test_outputs_are_stored_and_failures_told(lab, tmp_path: Path) -> None:
    path = lab(
        '# %% [markdown] lang="zh"\n# # 题\n\n# %% [markdown] lang="en"\n# # Title\n\n'
        "# %%\nprint(1)\nprint(2, flush=True)\n6 * 7\n"
    )
    first = [written.read_bytes() for written in labs.write_notebooks(path, tmp_path)]
    second = [written.read_bytes() for written in labs.write_notebooks(path, tmp_path)]
    assert first == second  # no times, no random ids
    made = nbformat.reads(first[1].decode(), as_version=4)
    stream, value = made.cells[1].outputs
    assert stream.text == "1\n2\n" and value.data["text/plain"] == "42"
    with pytest.raises(labs.LabError, match="ZeroDivisionError"):
        labs.write_notebooks(lab("# %%\n1 / 0\n"), tmp_path)
    with pytest.raises(labs.LabError, match="writes to stderr"):
        labs.write_notebooks(lab("# %%\nimport sys\nprint(1, file=sys.stderr)\n"), tmp_path)


def test_an_unknown_lab(capsys) -> None:
    with pytest.raises(SystemExit):
        labs.main(["no_such_lab"])
    assert "no lab 'no_such_lab'" in capsys.readouterr().err
