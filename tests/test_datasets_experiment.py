"""The experiment of `datasets` on a machine that lacks a file system."""

import importlib
import tempfile
from pathlib import Path
from typing import Any

import pytest

from wode.book import results

FOLDER = Path(__file__).parents[1] / "snippets/0_Pytorch_basics"


def test_without_a_file_system_its_numbers_stay_and_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    experiment = importlib.import_module("datasets_experiment")
    written: dict[str, Any] = {}
    kinds = {tempfile.gettempdir(): "ext4"}
    monkeypatch.setattr(experiment, "kind", lambda folder: kinds.get(folder, "apfs"))
    monkeypatch.setattr(experiment, "listings", lambda place: {"measured at": place})
    monkeypatch.setattr(experiment, "memory", dict)
    monkeypatch.setattr(
        experiment, "cost_of_pairing", lambda there: {f"{name}_long": "new" for name in there}
    )
    monkeypatch.setattr(results, "write", lambda name, numbers, **_: written.update(numbers))
    experiment.main()
    assert "no folder on tmpfs here" in capsys.readouterr().out
    before = results.read("datasets")["numbers"]
    assert written["kept_from_before"] == ["tmpfs"]
    assert written["listing"]["ext4"] == {"measured at": tempfile.gettempdir()}
    assert written["listing"]["tmpfs"] == before["listing"]["tmpfs"]
    assert (written["ext4_long"], written["tmpfs"]) == ("new", before["tmpfs"])


def test_where_nothing_names_a_file_system_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(FOLDER))
    experiment = importlib.import_module("datasets_experiment")
    monkeypatch.setenv("PATH", "")  # as on Windows: no df
    assert experiment.kind(tempfile.gettempdir()) == ""
    assert experiment.places() == {}
