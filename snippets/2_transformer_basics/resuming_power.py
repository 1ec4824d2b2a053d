"""What a disk may hold after a power cut, in a model of a disk; for the chapter `resuming`."""


def disk_may_hold(steps: list[tuple[str, ...]], path: str = "run.pth") -> list[str]:
    """What ``path`` may hold if the power goes after ``steps``.

    They are in memory, not all on the disk: bytes that no fsync has forced out may be there, in
    part or not; names reach the disk in order, the last of them perhaps not.
    """
    names, kept_names = {path: 0}, [{path: 0}]  # name -> file; as it was after each change
    content = {0: {"old"}}  # file -> what the disk may hold of it
    for what, name, *new in steps:
        if what == "write":
            names.setdefault(name, len(content))
            content[names[name]] = {"nothing", "a part", "new"} | content.get(names[name], set())
        elif what == "rename":
            names[new[0]] = names.pop(name)
        elif name == ".":
            kept_names = []  # the folder is on the disk: no older list of names comes back
        else:
            content[names[name]] = {"new"}
        kept_names.append(dict(names))
    return sorted({held for listing in kept_names for held in content[listing[path]]})
