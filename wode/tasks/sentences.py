"""Chinese and English sentences made by a small grammar: a translation task that comes with wode.

The two languages differ where real ones do. Chinese puts time and place before the verb, has a
measure word for each noun and marks time by words (了, 会, 每天); English puts them last, and
changes the verb: 她昨天在学校画了两只猫。 She drew two cats at school yesterday.
"""

import itertools
import random
from typing import NamedTuple

from wode.tasks.reader import read_toml


class Verb(NamedTuple):
    zh: str
    base: str
    third: str
    past: str


class Noun(NamedTuple):
    measure: str
    zh: str
    one: str
    many: str


class Grammar(NamedTuple):
    """What sentences.toml holds; each table leads from Chinese to English."""

    subjects: dict[str, tuple[str, bool]]  # true: the third person singular, whose verb takes -s
    verbs: list[Verb]
    nouns: list[Noun]
    adjectives: dict[str, str]
    counts: dict[str, str]
    pointing: dict[str, tuple[str, str]]  # before one, before many
    places: dict[str, str]
    times: dict[str, dict[str, str]]  # of each tense


SUBJECTS, VERBS, NOUNS, ADJECTIVES, COUNTS, POINTING, PLACES, TIMES = read_toml(
    "sentences.toml", Grammar
)
MOODS = ("statement", "question", "negation")


class Translation(NamedTuple):
    """A sentence in both languages, and the verb and form it was made of."""

    zh: str
    en: str
    verb: str
    form: str


def is_held_out(verb: int, form: int) -> bool:
    """Whether training never sees this verb in this form: one form a verb, each another.

    Never the first form, the past statement: only there does English show the verb's past tense.
    """
    return form == 1 + 3 * verb % 8


def _objects(noun: Noun, adjective: str, word: str) -> tuple[str, str]:
    """两把旧椅子 and two old chairs; 这把椅子 and this chair."""
    zh = f"{word}{noun.measure}{adjective}{noun.zh}"
    described = f"{ADJECTIVES[adjective]} ".lstrip()
    if word in POINTING:
        return zh, f"{POINTING[word][0]} {described}{noun.one}"
    if COUNTS[word] == "a":
        article = "an" if (described + noun.one)[0] in "aeiou" else "a"
        return zh, f"{article} {described}{noun.one}"
    return zh, f"{COUNTS[word]} {described}{noun.many}"


def _sentence(rng: random.Random, verb: Verb, tense: str, mood: str) -> tuple[str, str]:
    """One sentence in this tense and mood; everything else by chance."""
    subject = rng.choice(list(SUBJECTS))
    who, third = SUBJECTS[subject]
    place = rng.choice(list(PLACES))
    time = rng.choice(list(TIMES[tense]))
    where, when = PLACES[place], TIMES[tense][time]
    word = rng.choice(list(POINTING if mood == "negation" else COUNTS))
    zh_object, en_object = _objects(rng.choice(NOUNS), rng.choice(list(ADJECTIVES)), word)
    does = verb.third if third else verb.base
    zh_end, en_end = "。", "."
    if tense == "present" and mood == "negation":
        time, when = "从", ""  # 她从不…: she never …
        zh_verb, en_verb = ("不", verb.zh), f"{who} never {does}"
    elif mood == "negation":
        zh_verb = ("没" if tense == "past" else "不会", verb.zh)
        en_verb = f"{who} {'did' if tense == 'past' else 'will'} not {verb.base}"
    else:
        zh_verb = ("会" if tense == "future" else "", verb.zh + ("了" if tense == "past" else ""))
        en_verb = {"past": f"{who} {verb.past}", "future": f"{who} will {verb.base}"}.get(
            tense, f"{who} {does}"
        )
        if mood == "question":
            helper = {"past": "did", "future": "will"}.get(tense, "does" if third else "do")
            en_verb = f"{helper} {who} {verb.base}"
            zh_end, en_end = "吗？", "?"
    before, after = zh_verb
    zh = f"{subject}{time}{before}{place}{after}{zh_object}{zh_end}"
    en = " ".join(filter(None, (en_verb, en_object, where, when))) + en_end
    return zh, en[0].upper() + en[1:]


def translation_pairs(count: int, seed: int = 0, held_out: bool = False) -> list[Translation]:
    """``count`` different pairs, the same for the same seed.

    Args:
        held_out: False: verbs in forms that are not held out. True: only held-out combinations of
            a verb and a form (a tense in a mood), each part of which occurs in the others.

    Raises:
        ValueError: count is more than can be made in reasonable time (20 000).
    """
    if not 0 <= count <= 20_000:
        raise ValueError(f"expected a count from 0 to 20000, got {count}")
    rng = random.Random(f"{seed} {held_out}")
    forms = list(itertools.product(TIMES, MOODS))
    cells = [
        (verb, form)
        for v, verb in enumerate(VERBS)
        for f, form in enumerate(forms)
        if is_held_out(v, f) == held_out
    ]
    pairs: dict[str, Translation] = {}
    while len(pairs) < count:
        verb, (tense, mood) = rng.choice(cells)
        zh, en = _sentence(rng, verb, tense, mood)
        pairs.setdefault(zh, Translation(zh, en, verb.base, f"{tense} {mood}"))
    return list(pairs.values())


def statements() -> list[str]:
    """All English statements of seven words: "she bought two red books yesterday ."

    There are 18,432, so that what a model writes is exactly right or wrong: the verb agrees with
    the time and the subject, the noun with its number, "a" or "an" with what follows.
    """
    found = []
    people = {"i": False, "you": False, "he": True, "she": True, "we": False, "they": False}
    colours = ("new", "old", "red", "big")
    for who, count, colour, noun in itertools.product(people, COUNTS.values(), colours, NOUNS):
        one = ("an" if colour == "old" else "a", colour, noun.one)
        things = one if count == "a" else (count, colour, noun.many)
        for verb in VERBS:
            present = verb.third if people[who] else verb.base
            found.append(" ".join((who, verb.past, *things, "yesterday", ".")))
            found.append(" ".join((who, present, *things, "daily", ".")))
    return found


PEOPLE = {
    "老师": "teacher", "学生": "student", "医生": "doctor", "司机": "driver",
    "邻居": "neighbour", "厨师": "cook", "农民": "farmer", "经理": "manager",
    "画家": "painter", "歌手": "singer", "记者": "reporter", "护士": "nurse",
}  # fmt: skip
DEEDS = {
    "看见": "saw", "帮助": "helped", "认识": "knew", "批评": "criticised", "感谢": "thanked",
    "画": "drew",
}  # fmt: skip


def meetings(test: int = 40) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Pairs to train on and 2·``test`` to test on: 老师看见了学生。 The teacher saw the student.

    Word order alone says who did it. Of each test sentence the reverse, 学生看见了老师。, is a test
    sentence, too, so that who does not know the order has at most one of the two right.
    """
    whole = list(itertools.product(itertools.combinations(PEOPLE, 2), DEEDS))
    random.Random(0).shuffle(whole)
    pairs = []
    for two, deed in whole:
        for one, other in (two, two[::-1]):
            en = f"The {PEOPLE[one]} {DEEDS[deed]} the {PEOPLE[other]}."
            pairs.append((f"{one}{deed}了{other}。", en))
    return pairs[2 * test :], pairs[: 2 * test]
