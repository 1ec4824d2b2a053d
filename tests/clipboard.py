"""What a reader pastes, without asking a browser."""

import re

from wode.book.notebooks import program
from wode.book.pages import Block


def pasted(block: Block) -> str:
    """What a block's copy button gives: its program without annotation marks."""
    lines = program(block).splitlines()
    return "\n".join(re.sub(r"\s*# \(\d+\)!?$", "", line).rstrip() for line in lines)
