"""The character tables of BERT's reference tokenizer: ``python tools/unicode_tables.py``.

The reference classifies characters by Unicode 8 and decomposes them by Unicode 9, whatever Python
runs it; Python's own tables change with every version, and token ids must not. This asks the
reference about every character, once, and writes ``wode/unicode.json``. It needs ``tokenizers``
and ``unicodedata2`` (the newest Unicode, not among the book's packages).
"""

import json
import sys
import unicodedata
from collections.abc import Iterable

import unicodedata2  # ty: ignore[import-not-found]
from tokenizers.normalizers import NFD, BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from wode.book import ROOT

OPTIONS = ("clean_text", "handle_chinese_chars", "strip_accents", "lowercase")


def ranges(characters: Iterable[str]) -> list[str]:
    """Hexadecimal code points and ranges: ``["3000", "3400-4dbf"]``."""
    found: list[list[int]] = []
    for code in map(ord, sorted(characters)):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return [f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in found]


def main() -> None:
    clean, chinese, strip, lower = (
        BertNormalizer(**{name: name == only for name in OPTIONS}) for only in OPTIONS
    )
    decompose, split = NFD(), BertPreTokenizer()
    every = [chr(i) for i in range(sys.maxunicode + 1) if not 0xD800 <= i < 0xE000]
    cleaned = {c: clean.normalize_str(f"a{c}b") for c in every}
    combining = [c for c in every if unicodedata2.combining(c)]
    after = {c: decompose.normalize_str(f"a{c}\u0334") for c in combining}
    tables = {
        "removed": ranges(c for c, text in cleaned.items() if text == "ab"),
        "space": ranges(c for c, text in cleaned.items() if text == "a b"),
        "chinese": ranges(c for c in every if chinese.normalize_str(c) != c),
        "punctuation": ranges(c for c in every if len(split.pre_tokenize_str(f"a{c}b")) == 3),
        "accent": ranges(c for c in every if strip.normalize_str(f"a{c}") == "a"),
        "unknown": ranges(  # neither decomposed nor moved among combining marks
            {c for c in every if decompose.normalize_str(c) != unicodedata2.normalize("NFD", c)}
            | {c for c in combining if after[c] != unicodedata2.normalize("NFD", f"a{c}\u0334")}
        ),
        "lower": {
            c: text for c in every if (text := lower.normalize_str(f"a{c}")[1:]) != c.lower()
        },
    }
    path = ROOT / "wode" / "unicode.json"
    path.write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {path.stat().st_size} bytes, Python has Unicode {unicodedata.unidata_version}")


if __name__ == "__main__":
    main()
