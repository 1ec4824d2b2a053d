"""What a pickle would import, found without running it.

A pickle is a program for a machine with a stack and a memo. What it imports stands in it as text,
but not always beside the instruction that imports: since protocol 4 that one takes two texts from
the stack, and they may have got there from the memo. So the machine is followed, with nothing but
the texts on its stack. This says what a file asks for; it proves nothing about a hostile one.

The instructions: ``pickletools`` of Python's standard library.
"""

import io
import pickletools
from collections.abc import Iterator
from typing import IO, Any

FILLING = ("APPEND", "APPENDS", "SETITEM", "SETITEMS", "ADDITEMS", "BUILD")
TEXTS = ([pickletools.pyunicode], [pickletools.pybytes_or_str])  # what an opcode may push


def calls_in(pickled: bytes) -> list[str]:
    """What a pickle would import, mostly to call it, in order and without running it.

    "?" stands for what only running it would tell: a name that is computed, bytes that are no
    pickle. A pickle behind the first, which some readers go on to, is read as well.
    """
    calls, file = list[str](), io.BytesIO(pickled)
    while (begin := file.tell()) < len(pickled):
        try:
            for name in imported(file):
                calls.append(name)
        except Exception as error:  # those before it would have been called by then
            return [*calls, f"? the pickle at byte {begin} breaks off: {error}"]
    return calls


def imported(file: IO[bytes]) -> Iterator[str]:
    """The names one pickle imports; of its stack only the texts are kept, None for all else."""
    stack, memo, mark = list[Any](), dict[int, Any](), object()
    for opcode, argument, _ in pickletools.genops(file):
        name, before, after = opcode.name, opcode.stack_before, opcode.stack_after
        if name in ("GLOBAL", "INST"):
            yield str(argument).replace(" ", ".")
        elif name == "STACK_GLOBAL":
            yield ".".join(text if isinstance(text, str) else "?" for text in stack[-2:])
        elif name.startswith("EXT"):
            yield f"? number {argument} of the reader's copyreg"
        if "PUT" in name or name == "MEMOIZE":
            memo[len(memo) if argument is None else int(argument)] = stack[-1]
        elif "GET" in name or name == "DUP":
            stack.append(stack[-1] if name == "DUP" else memo[int(argument or 0)])
        elif name == "MARK":
            stack.append(mark)
        else:
            pops = len(before)
            if pickletools.markobject in before:
                while stack.pop() is not mark:
                    pass
                pops = before.index(pickletools.markobject)
            if name in FILLING:  # what they fill stays where it is, and may be a text
                pops, after = pops - 1, []
            del stack[len(stack) - pops :]
            text = argument if after in TEXTS and isinstance(argument, str) else None
            stack += [text] * len(after)
