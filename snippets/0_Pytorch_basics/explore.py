"""What the chapter `explore` includes: which public names of torch can be read."""

import inspect
from collections import Counter


def readable(thing):
    """What ``thing??`` can show: "source" (Python), else "docstring", else "nothing"."""
    try:
        inspect.getsource(thing)
        return "source"
    except (TypeError, OSError):
        return "docstring" if inspect.getdoc(thing) else "nothing"


def public(namespace):
    """The functions and classes of torch that ``dir`` shows in ``namespace``, by name."""
    found = {}
    for name in dir(namespace):
        thing = getattr(namespace, name)
        home = getattr(thing, "__module__", None) or "torch"
        ours = callable(thing) and home.startswith("torch")  # not what was imported from elsewhere
        if ours and not name.startswith("_"):
            found[name] = thing
    return found


def survey(namespace):
    """How many public names of ``namespace`` show source, only a docstring, or nothing."""
    return Counter(readable(thing) for thing in public(namespace).values())
