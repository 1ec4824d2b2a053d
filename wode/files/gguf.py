"""A model that comes as one GGUF file, turned once into a folder that transformers loads at once.

transformers reads GGUF, but unpacks each tensor every time and then refuses to save the result.
`local_model` unpacks once, keeps bf16 safetensors in the user's cache, and from then on returns
that folder. The folder is whole or not there: it is built under another name, each file is forced
to the disk, and one rename puts it in place, under a lock that ends with the process that holds it.
"""

import contextlib
import json
import os
import secrets
import shutil
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wode.files.download import cache_root
from wode.files.hub import PACKAGES, find

MARKER = "wode.json"  # written last: each file's size and CRC-32
FORMAT = 1  # of the folder; another number is another folder


def models_root() -> Path:
    """The folder of converted models: ``$HF_HOME/wode``, else ``wode/models`` in the cache."""
    if home := os.environ.get("HF_HOME"):
        return Path(home).expanduser() / "wode"
    return cache_root() / "models"


def local_model(model_id: str) -> Path:
    """A folder with the model ``model_id`` ("owner/name") that any ``from_pretrained`` takes.

    A package that holds the folder gives it as it is. A package that holds a GGUF file is converted
    once, about 20 seconds, into `models_root`; a line on stderr says so. Any other model comes from
    the hub's cache or the hub (`wode.files.hub.find`). Processes may call it at the same time: one
    converts, the others wait. A conversion that was killed, or a damaged folder, is made again.

    Raises:
        ModelNotFoundError: no package and no network; the message says what to install.
        OSError: the cache cannot be written; the message says how to name another.
    """
    package = PACKAGES.get(model_id)
    if package is None:
        return find(model_id).path
    folder = package.locate()
    source = next(iter(sorted(folder.glob("*.gguf"))), None) if folder else None
    if folder and source is None:
        return folder
    root = models_root()
    target = root / f"{model_id.replace('/', '--')}-{package.name}-{package.version}-{FORMAT}"
    if damage(target) is None:
        return target
    if source is None:
        return find(model_id).path  # the hub, or the error that names the package
    return _convert_once(source, target)


def damage(folder: Path) -> str | None:
    """What is wrong with a converted folder, None if every file is what the marker says.

    CRC-32 finds every accident, not an attack. 269 MB take about a tenth of a second.
    """
    try:
        recorded: dict[str, list[int]] = json.loads((folder / MARKER).read_text("utf-8"))["files"]
        for name, expected in recorded.items():
            if (found := _size_and_crc(folder / name)) != expected:
                return f"{name} has size and CRC-32 {found}, expected {expected}"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    return None


def _size_and_crc(path: Path) -> list[int]:
    size = crc = 0
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            size += len(block)
            crc = zlib.crc32(block, crc)
    return [size, crc]


# ---------------------------------------------------------------- once, whole or not at all


def _convert_once(source: Path, target: Path) -> Path:
    """Fill ``target`` from ``source``, unless another process did while this one waited."""
    import filelock

    root = target.parent
    with contextlib.ExitStack() as held:
        with _writing(target):
            root.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(root / f".{target.name}.lock")
            try:
                held.enter_context(lock.acquire(timeout=0))
            except filelock.Timeout:
                _say(f"another process is converting {source.name}; waiting for it")
                held.enter_context(lock.acquire())
        _clean(target)  # what a killed process left: nobody else works here now
        if (why := damage(target)) is None:
            return target
        if target.exists():
            _say(f"{target} is damaged ({why}); making it again")
        _say(f"converting {source.name}, once, to {target}")
        try:
            _fill(source, target)
        finally:
            _clean(target)
    return target


def _fill(source: Path, target: Path) -> None:
    """Build the folder under another name, force it to the disk, rename it."""
    partial = _part(target)
    with _writing(target):
        partial.mkdir()  # before the long work: a folder that cannot be written says so at once
    model, tokenizer = unpack(source)
    with _writing(target):
        model.save_pretrained(partial)
        tokenizer.save_pretrained(partial)
        # safetensors makes its file readable for one user only
        (partial / "model.safetensors").chmod((partial / "config.json").stat().st_mode)
        files = sorted(path for path in partial.iterdir() if path.is_file())
        marker = {"source": source.name, "files": {p.name: _size_and_crc(p) for p in files}}
        (partial / MARKER).write_text(json.dumps(marker, indent=1), encoding="utf-8")
        for path in (*files, partial / MARKER, partial):
            _to_disk(path)
        if target.exists():  # damaged; a folder cannot be renamed onto another
            damaged = _part(target)
            target.rename(damaged)
            shutil.rmtree(damaged)  # before the last step, after which nobody looks for leftovers
        partial.rename(target)
        _to_disk(target.parent)


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")


def _clean(target: Path) -> None:
    for leftover in target.parent.glob(f"{target.name}.*.part"):
        shutil.rmtree(leftover, ignore_errors=True)


@contextlib.contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Let an error of writing say which folder it was about, and how to name another."""
    from safetensors import SafetensorError  # a full disk is one of these

    try:
        yield
    except (OSError, SafetensorError) as error:
        raise OSError(
            f"cannot write the converted model to {target}: {error}. It takes 280 MB: let HF_HOME "
            "or XDG_CACHE_HOME name a folder with that much room that you may write to"
        ) from error


def _to_disk(path: Path) -> None:
    """fsync a file or a folder, so that a name never points to what the disk does not hold."""
    if path.is_dir() and os.name != "posix":  # Windows cannot open a folder
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _say(text: str) -> None:
    print(f"wode: {text}", file=sys.stderr, flush=True)


# ---------------------------------------------------------------- the conversion


def unpack(source: Path) -> tuple[Any, Any]:
    """The model (bf16) and the tokenizer of a GGUF file, as ``save_pretrained`` takes them.

    The unpacked model carries an entry ``quantization_config``, for which ``save_pretrained``
    refuses; so a second model is built from the config without it and takes the weights over.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, name = source.parent, source.name
    unpacked = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name)
    settings = unpacked.config.to_dict()
    settings.pop("quantization_config", None)
    config = type(unpacked.config).from_dict(settings)
    with torch.device("meta"):  # no memory and no random numbers: the caller's seed is not used up
        model = type(unpacked)(config)
    model.load_state_dict(unpacked.state_dict(), assign=True)
    model.tie_weights()
    model.generation_config = unpacked.generation_config
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    _as_trained(tokenizer, source, config.max_position_embeddings)
    return model.to(torch.bfloat16), tokenizer


def _as_trained(tokenizer: Any, source: Path, length: int) -> None:
    """What transformers does not take over from a GGUF file: the longest text, single digits."""
    from gguf import GGUFReader
    from tokenizers import pre_tokenizers

    tokenizer.model_max_length = length
    pre = GGUFReader(source).get_field("tokenizer.ggml.pre")
    if pre is not None and pre.contents() == "smollm":  # digits one by one, then GPT-2's rule
        digits = pre_tokenizers.Digits(individual_digits=True)
        words = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([digits, words])
