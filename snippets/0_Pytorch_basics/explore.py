"""Which public names of torch can be read? Counts what ``??`` has to show for each.

Run from the project's root: ``python snippets/0_Pytorch_basics/explore.py``.
Writes docs/assets/results/explore.json, which the page and its figure read.
"""

import inspect
from collections import Counter
from typing import Any


def readable(thing: Any) -> str:
    """What ``thing??`` can show: "source" (Python), else "docstring", else "nothing"."""
    try:
        inspect.getsource(thing)
        return "source"
    except (TypeError, OSError):
        return "docstring" if inspect.getdoc(thing) else "nothing"


def public_callables(namespace: object) -> dict[str, Any]:
    """The functions and classes of torch that ``dir`` shows in ``namespace``, by name.

    Left out: names with a leading underscore, modules, constants, and what was only imported
    there from elsewhere (``Optional``, ``Callable`` ...).
    """
    found = {}
    for name in dir(namespace):
        if name.startswith("_"):
            continue
        thing = getattr(namespace, name)
        home = getattr(thing, "__module__", None) or "torch"
        if callable(thing) and not inspect.ismodule(thing) and home.startswith("torch"):
            found[name] = thing
    return found


def survey(namespace: object) -> Counter[str]:
    """How many public callables of ``namespace`` show source, only a docstring, or nothing."""
    return Counter(readable(thing) for thing in public_callables(namespace).values())


def main() -> None:
    import torch

    from wode.book import results

    namespaces = {
        "torch.nn": torch.nn,
        "torch.optim": torch.optim,
        "torch.utils.data": torch.utils.data,
        "torch.nn.functional": torch.nn.functional,
        "torch": torch,
        "torch.Tensor": torch.Tensor,
        "torch.linalg": torch.linalg,
    }
    numbers = {}
    for name, namespace in namespaces.items():
        counts = survey(namespace)
        numbers[name.replace(".", "_")] = {
            "name": name,
            "total": counts.total(),
            "source": counts["source"],
            "docstring": counts["docstring"],
            "nothing": counts["nothing"],
            "source_share": counts["source"] / counts.total(),
        }
    path = results.write(
        "explore",
        numbers=numbers,
        command="python snippets/0_Pytorch_basics/explore.py",
        note_zh="公开的可调用对象里，有源码的、只有文档的、都没有的各多少。",
        note_en="Public callables with Python source, with only a docstring, with neither.",
    )
    print(path)


if __name__ == "__main__":
    main()
