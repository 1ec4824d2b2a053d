"""Real texts with real summaries: the docstrings of installed packages, for the page `copy`.

The first paragraph of a docstring is its author's summary of what follows. The source is the name
of the function or class, cut into words, a colon, and the second paragraph. Learned from six
packages, tested on two others, so that whole subjects are new.
"""

import ast
import importlib.util
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from wode.book import results
from wode.files.atomic import write_text
from wode.subwords import frequency, learn
from wode.wordpiece import MORE, SPECIAL, WordPiece

LEARN = ("torch", "sympy", "scipy", "sklearn", "matplotlib", "transformers")
TEST = ("networkx", "hypothesis")
KEPT = results.ROOT / "build" / "copy" / "docs.json"


class Doc(NamedTuple):
    source: list[str]  # what it is called, ":", up to 40 words in all
    target: list[str]  # 4 to 16 words


def words_in(text: str) -> list[str]:
    """Words (identifiers stay whole) and marks in lower case, without the markup."""
    text = re.sub(r":\w+:`~?([^`<]*)[^`]*`", r"\1", text)
    return re.findall(r"[a-z_0-9]*[a-z0-9]|[^\w\s]", re.sub("[`*]", "", text.lower()))


def cut_name(name: str) -> list[str]:
    """LocalOutlierFactor and local_outlier_factor are local, outlier, factor."""
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def doc_of(name: str, docstring: str) -> Doc | None:
    """None where there is no summary to learn from: no second paragraph, or a list of arguments."""
    parts = re.split(r"\n\s*\n", docstring)
    if len(parts) < 2:
        return None
    target, body = words_in(parts[0]), words_in(parts[1])
    listed = re.match(r"\s*(args|parameters|returns?|examples?|\.\.|>>>|explanation|options)\b",
                      parts[1].lower())  # fmt: skip
    if listed or not 4 <= len(target) <= 16 or len(body) < 12:
        return None
    return Doc([*cut_name(name), ":", *body][:40], target)


def docs_in(package: str) -> list[Doc]:
    """Those of one package, each summary once, in the order of its files."""
    spec, found = importlib.util.find_spec(package), dict[str, Doc]()
    folder = Path(spec.origin or "").parent if spec else Path()
    for path in sorted(folder.rglob("*.py")):
        if "test" in str(path.relative_to(folder)):
            continue
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                doc = doc_of(node.name, ast.get_docstring(node) or "")
                if doc:
                    found.setdefault(" ".join(doc.target), doc)
    return [*found.values()]


def docs(packages: tuple[str, ...], at_most: int | None = None) -> list[Doc]:
    """All of several packages, or so many drawn from them. Read once, then kept in build/."""
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    missing = [package for package in packages if package not in kept]
    if missing:
        kept |= {package: docs_in(package) for package in missing}
        KEPT.parent.mkdir(parents=True, exist_ok=True)
        write_text(KEPT, json.dumps(kept))
    found = [Doc(*doc) for package in packages for doc in kept[package]]
    return found if at_most is None else random.Random(0).sample(found, at_most)


class Pieces:
    """Words as pieces and back; without a vocabulary of pieces, each word is its own only one.

    The pieces are learned by merging the most frequent pair, which leaves fewer of them to a word
    here than the association score does, and are cut as WordPiece cuts them.
    """

    def __init__(self, learned_from: list[Doc], size: int | None) -> None:
        self.cutter: WordPiece | None = None
        if size:
            counts = Counter(word for doc in learned_from for word in doc.source + doc.target)
            characters, _ = learn(counts, 0, frequency, MORE)
            pieces, _ = learn(counts, size - len(characters), frequency, MORE)
            self.cutter = WordPiece({piece: n for n, piece in enumerate([*SPECIAL, *pieces])})

    def cut(self, words: list[str]) -> list[str]:
        if self.cutter is None:
            return words
        return [self.cutter.pieces[number] for w in words for number, _ in self.cutter.cut(w)]

    def joined(self, pieces: list[str]) -> list[str]:
        if self.cutter is None:
            return pieces
        return " ".join(pieces).replace(f" {MORE}", "").split()
