"""What the page `c4` shows: a page to clean, and a small language model that reads what is left."""

from collections import Counter
from importlib.metadata import metadata
from math import log2

from markdown import markdown

from wode.cleaning import text_of

# --8<-- [start:page]
PAGE = """\
Riverside Weekly
Home | News | Weather | Shop
Please enable JavaScript to see the pictures on this page.
The bridge stays closed until spring, the town said on Monday.[2] Nobody was hurt.
"We heard the ice in the night," says the baker, "and then the whole house shook."
Read the whole story...
A ferry crosses every ten minutes, from six in the morning until midnight.
It is free!
Tickets for the ferry: 0.00
This site uses cookies to count its readers.
© 2024 Riverside Weekly. All rights reserved.
"""
# --8<-- [end:page]


# --8<-- [start:readme]
def readme(package: str) -> str:
    """The page of an installed package as PyPI shows it, if it is written in Markdown."""
    about = metadata(package).json
    return text_of(markdown(str(about["description"]), extensions=["extra"]))


# --8<-- [end:readme]


# --8<-- [start:Grams]
class Grams:
    """Letters by the n - 1 before them: counts, smoothed by those of fewer letters."""

    def __init__(self, text: str, n: int = 5, beta: float = 64.0) -> None:
        self.n, self.beta = n, beta
        begins = ((i, k) for k in range(1, n + 1) for i in range(len(text) - k + 1))
        spans = [text[i : i + k] for i, k in begins]
        self.whole = Counter(spans)  # N(hc)
        self.begun = Counter(span[:-1] for span in spans)  # N(h)

    def probability(self, letter: str, before: str) -> float:
        p = 2.0**-16  # of any letter, before anything is read
        for k in range(self.n):
            h = before[len(before) - k :]  # the last k letters
            p = (self.whole[h + letter] + self.beta * p) / (self.begun[h] + self.beta)
        return p

    def bits(self, text: str) -> float:
        """What a letter of ``text`` costs on average, in bits."""
        k = self.n - 1
        costs = (-log2(self.probability(text[i], text[i - k : i])) for i in range(k, len(text)))
        return sum(costs) / (len(text) - k)


# --8<-- [end:Grams]
