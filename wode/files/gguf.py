"""A model that comes as one GGUF file, turned once into a folder that transformers loads at once.

transformers reads GGUF, but unpacks each tensor every time and then refuses to save the result.
`local_model` unpacks once, keeps bf16 safetensors in the user's cache, and from then on returns
that folder. The folder is whole or not there: it is built under another name, each file is forced
to the disk, and one rename puts it in place, under a lock that ends with the process that holds it.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wode.files.atomic import replaced_folder
from wode.files.checkpoint import damaged
from wode.files.download import cache_root, sha256_of
from wode.files.gguf_check import check_gguf
from wode.files.hub import PACKAGES, check_recorded, find

MARKER = "wode.json"  # written last: each file's SHA-256
FORMAT = 2  # of the folder; another number is another folder


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
        CheckpointError: the package's file is damaged.
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
    check_recorded(package, source)
    return _convert_once(source, target)


def damage(folder: Path) -> str | None:
    """What is wrong with a converted folder, None if every file is what the marker says.

    SHA-256, as in `save_safetensors`: 269 MB took 0.20 s of a core with instructions for it, 1.7
    times as long as a CRC-32. It is computed at every call, for ``transformers`` checks nothing.
    """
    try:
        recorded: dict[str, str] = json.loads((folder / MARKER).read_text("utf-8"))["sha256"]
        for name, expected in recorded.items():
            if (actual := sha256_of(folder / name)) != expected:
                return f"{name} has SHA-256 {actual}, expected {expected}"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    return None


# ---------------------------------------------------------------- once, whole or not at all


def _convert_once(source: Path, target: Path) -> Path:
    """Fill ``target`` from ``source``, unless another process did while this one waited."""
    import filelock

    with contextlib.ExitStack() as held:
        with _writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(target.with_name(f".{target.name}.lock"))
            try:
                held.enter_context(lock.acquire(timeout=0))
            except filelock.Timeout:
                _say(f"another process is converting {source.name}; waiting for it")
                held.enter_context(lock.acquire())
        if (why := damage(target)) is None:
            return target
        if target.exists():
            _say(f"{target} is damaged ({why}); making it again")
        _say(f"converting {source.name}, once, to {target}")
        check_all_taken_over(source)
        model, tokenizer = unpack(source)
        with _writing(target), replaced_folder(target) as folder:
            model.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
            # safetensors makes its file readable for one user only
            (folder / "model.safetensors").chmod((folder / "config.json").stat().st_mode)
            files = sorted(path for path in folder.iterdir() if path.is_file())
            sums = {path.name: sha256_of(path) for path in files}
            marker = json.dumps({"source": source.name, "sha256": sums}, indent=1)
            (folder / MARKER).write_text(marker, encoding="utf-8")
    return target


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


def _say(text: str) -> None:
    print(f"wode: {text}", file=sys.stderr, flush=True)


# ---------------------------------------------------------------- the conversion


def unpack(source: Path) -> tuple[Any, Any]:
    """The model (bf16) and the tokenizer of a GGUF file, as ``save_pretrained`` takes them.

    The unpacked model carries an entry ``quantization_config``, for which ``save_pretrained``
    refuses; so a second model is built from the config without it and takes the weights over.

    Raises:
        CheckpointError: the file is damaged, or transformers knows no such model.
    """
    check_gguf(source)
    try:
        return _unpack(source)
    except ImportError:  # the message names the package that is missing
        raise
    except Exception as error:  # whole as a file, but with other settings than its model needs
        why = str(error).partition("\n")[0]
        raise damaged(source, f"as a model: {type(error).__name__}: {why}") from error


def _unpack(source: Path) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, name = source.parent, source.name
    load: Any = AutoModelForCausalLM.from_pretrained
    unpacked, report = load(folder, gguf_file=name, output_loading_info=True)
    # transformers draws at random what is missing, and goes on
    if wrong := {kind: sorted(map(str, names)) for kind, names in report.items() if names}:
        raise ValueError(f"tensors and settings do not belong together: {wrong}")
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


#: Of the settings of a Llama those that transformers takes over; of any others it says nothing.
TAKEN_OVER = """vocab_size context_length embedding_length block_count feed_forward_length
attention.head_count attention.head_count_kv attention.layer_norm_rms_epsilon
rope.dimension_count rope.freq_base"""


def check_all_taken_over(source: Path) -> None:
    """Raise ValueError for a Llama's setting, or its speeds of rotation, that would be dropped."""
    from gguf import GGUFReader

    contents = GGUFReader(source)
    known = {f"llama.{name}" for name in TAKEN_OVER.split()}
    for name, field in contents.fields.items():
        if name.startswith("llama.") and name not in known:
            raise ValueError(f'{source}: unknown setting "{name}": {field.contents()!r}')
    if any(tensor.name == "rope_freqs.weight" for tensor in contents.tensors):
        raise ValueError(f"{source}: expected plain rotary positions, got rope_freqs.weight")


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
