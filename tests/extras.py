"""What the project's extras ask for, and all that these bring."""

import importlib.metadata
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from wode.book import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def requirements(extra: str) -> dict[str, Requirement]:
    """What an extra asks for, with what the extras it names ask for."""
    found = {}
    for line in PROJECT["optional-dependencies"][extra]:
        requirement = Requirement(line)
        if requirement.name == PROJECT["name"]:
            for named in requirement.extras:
                found |= requirements(named)
        else:
            found[canonicalize_name(requirement.name)] = requirement
    return found


def closure(extra: str) -> set[str]:
    """The installed distributions that an extra brings."""
    found: set[str] = set()
    todo = list(requirements(extra).values())
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        known = name in found
        found.add(name)
        if known and not requirement.extras:
            continue
        for line in importlib.metadata.requires(name) or []:
            needed = Requirement(line)
            extras = requirement.extras or {""}
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
                todo.append(needed)
    return found
