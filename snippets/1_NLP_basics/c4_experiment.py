"""For the page `c4`: what each rule takes from real pages, and whether what is left teaches more.

    python -m mkdocs build -d site && python snippets/1_NLP_basics/c4_experiment.py

reads the documentation of the installed packages, the book's built site (`site`, or the folder
given) and, from WODE_DATA, `xquad` and `cmn-eng`. What was measured goes to build/c4.jsonl, so that
a run that was stopped goes on; then all of it is put into docs/assets/results/c4.json. About five
minutes of one core.
"""

import argparse
import random
import re
import statistics
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from c4 import Grams
from c4_pages import LIBRARIES, book, manuals, readmes, wikipedia
from wode import cleaning
from wode.book import ROOT, results
from wode.book.kept import Kept
from wode.cleaning import LINE_RULES, PAGE_RULES, clean, deduplicate, deduplicate_lines
from wode.data.formats import read_translations
from wode.files.download import data_root

SEEDS = [0, 1, 2, 3, 4]
LETTERS = 300_000  # that a model reads
PARTED = 600_000  # letters of the longest or shortest lines, with an end mark or without
JUDGED, TRIED = 20_000, 5_000  # letters of each text that judges it, and before that chooses beta
BETAS = (16.0, 64.0, 256.0, 1024.0)
REST = ("JavaScript", "policy", "placeholder")  # rules that hardly act on our pages
HAN = re.compile(r"[\u4e00-\u9fff]")
CHINESE_END = ("。", "！", "？", "”", "」", "…")

Rules = dict[str, cleaning.Rule]


@cache
def pages(name: str) -> list[str]:
    """One collection."""
    if name.startswith("book_"):
        site = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "site"
        found = list(book(site, name.removeprefix("book_")))
        if not found:
            raise FileNotFoundError(f"no built book in {site}: python -m mkdocs build -d {site}")
        return found
    if name.startswith("wiki_"):
        return wikipedia(name.removeprefix("wiki_"))
    wrapped = name == "wrapped"
    return list(readmes()) if name == "readmes" else list(manuals(wrapped=wrapped))


def letters(texts: list[str]) -> int:
    return sum(map(len, texts))


def lines_of(texts: list[str]) -> list[str]:
    return [line for text in texts for line in map(str.strip, text.splitlines()) if line]


def counted(name: str) -> dict[str, Any]:
    """What the rules take of a collection: each alone, and all in turn, by paper and program."""
    texts = pages(name)
    all_lines = lines_of(texts)
    total = letters(all_lines)
    found: dict[str, Any] = {"pages": len(texts), "lines": len(all_lines), "letters": total}
    bare = [cleaning.without_citations(line) for line in all_lines]
    alone = {rule: letters([x for x in bare if go(x)]) / total for rule, go in LINE_RULES.items()}
    few = {"few sentences": cleaning.has_few_sentences}
    whole = {**PAGE_RULES, **few}
    for rule, goes in whole.items():
        alone[rule] = letters(lines_of([text for text in texts if goes(text)])) / total
    found["alone"] = alone | {"rest": sum(alone[rule] for rule in REST)}
    found["pages_alone"] = {rule: sum(map(go, texts)) / len(texts) for rule, go in whole.items()}
    for how, as_program in (("paper", False), ("program", True)):
        done = clean(texts, as_program=as_program)
        left = letters(lines_of(done.pages))
        once = deduplicate_lines(done.pages) if as_program else deduplicate(done.pages)
        found[how] = {
            "pages": len(done.pages) / len(texts),
            "letters": left / total,
            "lines": len(lines_of(done.pages)) / len(all_lines),
            "removed": {rule: n / len(texts) for rule, n in done.removed.items()},
            "lines_removed": {rule: n / len(all_lines) for rule, n in done.lines.items()},
            "again": 1 - letters(lines_of(once)) / left if left else 0.0,
        }
        turn = in_turn(texts, as_program)
        found[how]["turn"] = turn
        found[how]["rest"] = sum(turn[rule] for rule in REST)
        found[how]["others"] = sum(turn.values()) - turn["no end mark"] - turn["braces"]
    return found


def in_turn(texts: list[str], as_program: bool) -> dict[str, float]:
    """The share of letters that is gone with each rule, after those before it have had theirs."""
    few = {"few sentences": cleaning.has_few_sentences}
    on_pages, on_lines = list(PAGE_RULES.items()), list(LINE_RULES.items())
    order = [*on_lines, *on_pages] if as_program else [*on_pages, *on_lines]
    total, left, found = letters(lines_of(texts)), texts, dict[str, float]()
    for rule, goes in [*order, *few.items()]:
        before = letters(lines_of(left))
        if rule in LINE_RULES:
            rows = ([x for x in text.splitlines() if x.strip()] for text in left)
            left = ["\n".join(x for x in row if not goes(bare(x))) for row in rows]
        else:
            left = [text for text in left if not goes(text)]
        found[rule] = (before - letters(lines_of(left))) / total
    return found


def bare(line: str) -> str:
    return cleaning.without_citations(line.strip())


def examples() -> dict[str, dict[str, str]]:
    """A line of the READMEs that each rule took, and no rule before it, and lines that are left."""
    draw, found, rules = random.Random(0), {}, {**LINE_RULES, **PAGE_RULES}
    lines = [x for x in lines_of(pages("readmes")) if 25 <= len(x) <= 70 and "|" not in x]
    lines = [x for x in lines if not set(x) & set("`<>*_[]$\\")]
    for rule in rules:
        some = lines_of(pages("readmes")) if rule == "JavaScript" else lines
        took = [x for x in some if cleaning.broken(rules, x) == rule]
        found[rule] = draw.choice(took) if took else ""
    kept = [x for x in lines if not cleaning.broken(rules, x)]
    return {"took": found, "left": {str(n): x for n, x in enumerate(draw.sample(kept, 3))}}


def halves(name: str) -> float:
    """Of the lines left, how many begin in the middle of a sentence: with a small letter."""
    left = lines_of(clean(pages(name), as_program=True).pages)
    return sum(line[0].islower() for line in left) / len(left)


def chinese() -> dict[str, dict[str, float]]:
    """The share of letters left: rules as they are, with 。, with letters for words, with both.

    Braces and placeholders are not asked for: it is about the rules that know a language.
    """
    ends = {"no end mark": lambda x: not x.endswith(CHINESE_END) and cleaning.has_no_end(x)}
    words = {"few words": lambda x: len(x) < cleaning.FEWEST_WORDS}
    ways: dict[str, Rules] = {"as_is": {}, "ends": ends, "words": words, "both": {**ends, **words}}
    found: dict[str, dict[str, float]] = {}
    for name in ("wiki_en", "wiki_zh", "book_en", "book_zh"):
        total = letters(lines_of(pages(name)))
        rows = {way: {**LINE_RULES, **new} for way, new in ways.items()}
        found[name] = {
            way: letters(lines_of(clean(pages(name), {}, row).pages)) / total
            for way, row in rows.items()
        }
    left = lines_of(clean(pages("book_zh"), {}).pages)
    found["left_in_chinese"] = {"book_zh": statistics.mean(bool(HAN.search(x)) for x in left)}
    return found


# ---------------------------------------------------------------- does cleaning help?


@cache
def parts() -> tuple[list[str], list[str]]:
    """Pages to learn from, and a tenth of them held out."""
    texts = [*pages("readmes"), *pages("manuals")]
    random.Random(0).shuffle(texts)
    return texts[len(texts) // 10 :], texts[: len(texts) // 10]


@cache
def pools() -> dict[str, list[str]]:
    """Lines to learn from: all, what the rules leave, what they take, what one rule leaves."""
    texts, _ = parts()
    raw = lines_of(texts)
    kept = lines_of(clean(texts).pages)
    program = lines_of(clean(texts, as_program=True).pages)
    left = set(kept)
    longest = sorted(raw, key=len, reverse=True)
    found = {
        "raw": raw,
        "kept": kept,
        "program": program,
        "removed": [line for line in raw if bare(line) not in left],
        "braces": lines_of([text for text in texts if not cleaning.has_braces(text)]),
        "no end mark": [line for line in raw if not cleaning.has_no_end(line)],
        "few words": [line for line in raw if not cleaning.has_few_words(line)],
    }
    found["long"] = up_to(letters(kept), longest)  # as much text as the rules leave
    ends = [line for line in longest if not cleaning.has_no_end(line)]  # length and end mark, apart
    found["long_end"] = up_to(PARTED, ends)
    found["short_end"] = up_to(PARTED, ends[::-1])
    found["long_no_end"] = up_to(PARTED, [x for x in longest if cleaning.has_no_end(x)])
    return found | {f"{name}_once": [*dict.fromkeys(found[name])] for name in ("raw", "kept")}


def long_ends() -> float:
    """The share of the longest lines' letters that stand in lines which end like a sentence."""
    lines = pools()["long"]
    return letters([x for x in lines if not cleaning.has_no_end(x)]) / letters(lines)


def up_to(size: int, lines: list[str]) -> list[str]:
    taken = list[str]()
    for line in lines:
        size -= len(line)
        if size < 0:
            break
        taken.append(line)
    return taken


@cache
def judges() -> dict[str, tuple[str, str]]:
    """Text that no page holds: an encyclopedia, short sentences, a program; and what is left of
    the pages held out. Of each a little to choose beta with, and a judge.
    """
    sentences = [en for en, _ in read_translations(data_root() / "cmn-eng" / "cmn.txt")]
    random.Random(0).shuffle(sentences)
    program = Path(argparse.__file__).read_text(encoding="utf-8")
    learn, held_out = parts()
    seen = set(lines_of(learn))
    own = [line for line in lines_of(clean(held_out).pages) if line not in seen]
    texts = {"encyclopedia": "\n".join(wikipedia("en")), "sentences": "\n".join(sentences)}
    texts["own"] = "\n".join(own)
    texts["program"] = program
    return {name: (text[:TRIED], text[TRIED : TRIED + JUDGED]) for name, text in texts.items()}


def scored(model: Grams, betas: tuple[float, ...] = BETAS) -> dict[str, float]:
    """Bits a letter of each judge, at the beta that is best on other text of its kind."""
    found = {}
    for name, (tried, judge) in judges().items():

        def cost(beta: float, text: str = tried) -> float:
            model.beta = beta
            return model.bits(text)

        model.beta = min(betas, key=cost)
        found[f"{name}_beta"] = model.beta
        found[name] = model.bits(judge)
    return found


def judged(
    name: str, seed: int, size: int, n: int = 5, betas: tuple[float, ...] = BETAS
) -> dict[str, float]:
    """Bits a letter, after ``size`` letters of lines drawn by chance."""
    lines = pools()[name][:]
    random.Random(seed).shuffle(lines)
    text = "\n".join(lines)
    if len(text) < size:
        raise ValueError(f"{name}: {len(text)} letters, not {size}")
    return scored(Grams(text[:size], n), betas)


def paged(how: str, seed: int, size: int) -> dict[str, float]:
    """Whole pages in place of lines: as many letters, of fewer pages where all of a page stays."""
    texts, _ = parts()
    left = texts[:] if how == "raw" else clean(texts, as_program=True).pages
    random.Random(seed).shuffle(left)
    taken = up_to(size, left)
    return {"pages": len(taken)} | scored(Grams("\n".join(lines_of(taken))))


def of_pages(how: str, seed: int, count: int) -> dict[str, float]:
    """The same pages raw, whole; and what is left of them."""
    some = random.Random(seed).sample(parts()[0], count)
    text = "\n".join(lines_of(some if how == "raw" else clean(some, as_program=True).pages))
    return {"letters": len(text)} | scored(Grams(text))


def summed(runs: list[dict[str, float]]) -> dict[str, Any]:
    return {
        key: {
            "seeds": [run[key] for run in runs],
            "mean": statistics.mean(run[key] for run in runs),
            "sd": statistics.stdev(run[key] for run in runs),
        }
        for key in runs[0]
    }


def learned(kept: Kept) -> dict[str, Any]:
    measures: dict[str, Callable[..., Any]] = {
        "judged": judged,
        "paged": paged,
        "of_pages": of_pages,
    }

    def runs(what: str, name: str, *args: Any, seeds: int = len(SEEDS)) -> dict[str, Any]:
        return summed([kept(what, measures[what], name, seed, *args) for seed in SEEDS[:seeds]])

    ways = {name: runs("judged", name, LETTERS) for name in pools()}
    sizes = {
        f"{size}": {
            name: runs("judged", name, size, seeds=3) for name in ("raw", "kept", "program")
        }
        for size in (100_000, 1_000_000)
    }
    three = {name: runs("judged", name, LETTERS, 3, seeds=3) for name in ("raw", "kept", "program")}
    four = {
        name: runs("judged", name, LETTERS, 5, (4.0,), seeds=3)
        for name in ("raw", "kept", "program")
    }
    whole = {how: runs("of_pages", how, 1500, seeds=3) for how in ("raw", "program")}
    by_page = {how: runs("paged", how, LETTERS) for how in ("raw", "program")}
    ahead = {
        name: {
            judge: sum(
                a < b for a, b in zip(row["seeds"], ways["raw"][judge]["seeds"], strict=True)
            )
            for judge, row in way.items()
        }
        for name, way in ways.items()
    }

    def gain(name: str) -> dict[str, float]:
        """By how many bits a letter a pool is better than raw."""
        return {
            judge: ways["raw"][judge]["mean"] - row["mean"] for judge, row in ways[name].items()
        }

    others = [*sizes.values(), three]
    gains = [
        each["raw"][judge]["mean"] - each[name][judge]["mean"]
        for each in others
        for name in ("kept", "program")
        for judge in ("encyclopedia", "sentences")
    ]
    return {
        "gains": {"low": min(gains), "high": max(gains)},  # at other sizes, and with n = 3
        "page_gain": {
            judge: by_page["raw"][judge]["mean"] - by_page["program"][judge]["mean"]
            for judge in judges()
        },
        "long_ends": kept("long ends", long_ends),
        "ways": ways,
        "gain": {name: gain(name) for name in ways},
        "ahead": ahead,
        "sizes": sizes,
        "three": three,
        "beta_4": four,
        "same_pages": whole,
        "by_page": by_page,
    }


def named(found: Any) -> Any:
    """Keys as a page can name them."""
    if isinstance(found, dict):
        return {key.replace(" ", "_").lower(): named(value) for key, value in found.items()}
    return found


def main() -> None:
    kept = Kept(ROOT / "build" / "c4.jsonl")
    names = ("readmes", "manuals", "book_en", "book_zh")
    numbers = {
        "libraries": len(LIBRARIES),
        "seeds": len(SEEDS),
        "letters": LETTERS,
        "counts": {name: kept("counted", counted, name) for name in names},
        "examples": kept("examples", examples),
        "wrapped": {"left": kept("counted", counted, "wrapped")["program"]["letters"]}
        | {name: kept("halves", halves, name) for name in ("manuals", "wrapped")},
        "chinese": kept("chinese pages", chinese),
        **learned(kept),
    }
    numbers["minutes"] = kept.minutes
    results.write(
        "c4",
        named(numbers),
        command="python snippets/1_NLP_basics/c4_experiment.py",
        seed=SEEDS,
        note_zh="C4 的规则用在装好的库的文档和这本书的网页上，每条规则拿走多少；"
        "再用字母的 n 元模型比较留下的和没洗过的文本。",
        note_en="C4's rules on the documentation of installed packages and on the book's pages: "
        "what each rule takes; n-gram models of letters compare what is left with raw text.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
