"""What a copy button gives."""

import re

from wode.book.notebooks import program
from wode.book.pages import Block


def copied(block: Block) -> str:
    """A block's program without annotation marks, which are for the page alone."""
    lines = program(block).splitlines()
    return "\n".join(re.sub(r"\s*# \(\d+\)!?$", "", line).rstrip() for line in lines)
