"""What the chapter `explore` includes: which public names of torch can be read."""

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
    callables = {}
    for name in dir(namespace):
        if name.startswith("_"):
            continue
        thing = getattr(namespace, name)
        home = getattr(thing, "__module__", None) or "torch"
        if callable(thing) and not inspect.ismodule(thing) and home.startswith("torch"):
            callables[name] = thing
    return callables


def survey(namespace: object) -> Counter[str]:
    """How many public callables of ``namespace`` show source, only a docstring, or nothing."""
    return Counter(readable(thing) for thing in public_callables(namespace).values())
