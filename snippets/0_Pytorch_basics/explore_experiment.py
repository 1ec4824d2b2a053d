"""Which public names of torch can be read? Counts what ``??`` has to show for each.

    python snippets/0_Pytorch_basics/explore_experiment.py

writes docs/assets/results/explore.json, which the page and its figures read. Ten seconds.
"""

import pydoc

import torch
from IPython.core.interactiveshell import InteractiveShell

from explore import public, readable, survey
from wode.book import results

#: Those that the rule was read from, and those that it was tried on afterwards: three that hold
#: no operations, and all that torch's documentation lists beside linalg as operations on tensors.
READ = ("nn", "optim", "utils.data", "nn.functional", "", "Tensor", "linalg")
TRIED = ("nn.init", "nn.utils", "distributions")
TRIED += ("fft", "special", "sparse", "nested", "masked", "signal.windows")
#: Classes written in Python that show no source, and the module that each is written in.
HIDDEN = {
    torch.Tensor: "torch._tensor",
    torch.optim.Adafactor: "torch.optim._adafactor",
    torch.optim.Muon: "torch.optim._muon",
}


def named(name: str) -> object:
    """The namespace ``torch.NAME``."""
    found = torch
    for part in filter(None, name.split(".")):
        found = getattr(found, part)
    return found


def shares(name: str) -> dict[str, object]:
    counts = survey(named(name))
    return {
        "name": f"torch.{name}".rstrip("."),
        "total": counts.total(),
        "source": counts["source"],
        "docstring": counts["docstring"],
        "nothing": counts["nothing"],
        "source_share": counts["source"] / counts.total(),
    }


def with_its_module(thing: type, module: str) -> str:
    """What `readable` says once ``__module__`` names the module that the class is written in."""
    before, thing.__module__ = thing.__module__, module
    try:
        return readable(thing)
    finally:
        thing.__module__ = before


def lines(shell: InteractiveShell, name: str) -> dict[str, int]:
    """How many lines help, ? and ?? show of a name."""
    question, source = (shell.object_inspect_text(name, detail_level=k) for k in (0, 1))
    text = pydoc.plain(pydoc.render_doc(eval(name))).splitlines()
    inherited = [k for k, line in enumerate(text) if "inherited from" in line]
    return {
        "help": len(text),
        "inherited": len(text) - inherited[0] if inherited else 0,
        "question": len(question.splitlines()),
        "source": len(source.splitlines()),
    }


def main() -> None:
    shell = InteractiveShell.instance(colors="nocolor")
    shell.user_ns["torch"] = torch
    functions = public(torch.nn.functional)
    by_name = {name for name in functions if name.endswith("loss")}
    by_doc = {name for name, one in functions.items() if "loss" in (one.__doc__ or "")}
    asked = {
        "function": "torch.cuda.is_available",
        "class": "torch.nn.Linear",
        "builtin": "torch.matmul",
    }
    numbers = {
        "read": {name.replace(".", "_") or "torch": shares(name) for name in READ},
        "tried": {name.replace(".", "_"): shares(name) for name in TRIED},
        "lines": {kind: {"name": name, **lines(shell, name)} for kind, name in asked.items()},
        "loss": {
            "name": len(by_name),
            "doc": len(by_doc),
            "doc_only": len(by_doc - by_name),
            "name_only": len(by_name - by_doc),
        },
        "hidden": {
            thing.__name__: [readable(thing), with_its_module(thing, module)]
            for thing, module in HIDDEN.items()
        },
    }
    path = results.write(
        "explore",
        numbers=numbers,
        command="python snippets/0_Pytorch_basics/explore_experiment.py",
        note_zh="公开的函数和类里，有源码的、只有文档的、都没有的各多少；help、?、?? 各显示几行。",
        note_en="Public names with Python source, a docstring, neither; lines of help, ? and ??.",
    )
    print(path)


if __name__ == "__main__":
    main()
