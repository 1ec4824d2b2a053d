"""How the book runs itself: pages, their execution, outputs, notebooks, parity.

``fences`` finds the code on a page, ``pages`` resolves its includes, ``run`` executes it,
``plugin`` hands it to pytest, ``markdown`` shows the same blocks on the site.
"""

from pathlib import Path

#: The folder that holds ``docs``, ``snippets``, ``wode``, ``pics``.
ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("zh", "en")

#: A regular expression for what stands between the brackets of an image; it may hold [CLS].
ALT = r"(?:[^\[\]]|\[[^\[\]]*\])*"
