"""Chinese and English sentences made by a small grammar: a translation task that comes with wode.

The two languages differ where real ones do. Chinese puts time and place before the verb, has a
measure word for each noun and marks time by words (了, 会, 每天); English puts them last, and
changes the verb: 她昨天在学校画了两只猫。 She drew two cats at school yesterday.
"""

import itertools
import random
from typing import NamedTuple


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


SUBJECTS = {  # the English third person singular takes -s
    "我": ("I", False),
    "你": ("you", False),
    "他": ("he", True),
    "她": ("she", True),
    "我们": ("we", False),
    "他们": ("they", False),
    "老师": ("the teacher", True),
    "我妈妈": ("my mother", True),
    "孩子们": ("the children", False),
}
VERBS = [
    Verb("买", "buy", "buys", "bought"),
    Verb("卖", "sell", "sells", "sold"),
    Verb("看见", "see", "sees", "saw"),
    Verb("画", "draw", "draws", "drew"),
    Verb("找到", "find", "finds", "found"),
    Verb("借", "borrow", "borrows", "borrowed"),
    Verb("擦", "clean", "cleans", "cleaned"),
    Verb("检查", "check", "checks", "checked"),
]
NOUNS = [
    Noun("本", "书", "book", "books"),
    Noun("辆", "自行车", "bicycle", "bicycles"),
    Noun("张", "桌子", "table", "tables"),
    Noun("把", "雨伞", "umbrella", "umbrellas"),
    Noun("顶", "帽子", "hat", "hats"),
    Noun("条", "鱼", "fish", "fish"),
    Noun("只", "羊", "sheep", "sheep"),
    Noun("个", "杯子", "cup", "cups"),
    Noun("把", "刀", "knife", "knives"),
    Noun("张", "照片", "photo", "photos"),
    Noun("个", "盒子", "box", "boxes"),
    Noun("把", "椅子", "chair", "chairs"),
]
ADJECTIVES = {"": "", "新": "new", "旧": "old", "红": "red", "大": "big"}
COUNTS = {"一": "a", "两": "two", "三": "three", "五": "five"}
POINTING = {"这": ("this", "these"), "那": ("that", "those")}
PLACES = {
    "在市场": "at the market",
    "在学校": "at school",
    "在火车站": "at the station",
    "在图书馆": "in the library",
    "在家": "at home",
}
TIMES = {
    "past": {"昨天": "yesterday", "今天早上": "this morning"},
    "future": {"明天": "tomorrow", "下个月": "next month"},
    "present": {"每天": "every day", "每个星期": "every week"},
}
MOODS = ("statement", "question", "negation")


class Pair(NamedTuple):
    """A sentence in both languages, and the verb and form it was made of."""

    zh: str
    en: str
    verb: str
    form: str


def held_out(verb: int, form: int) -> bool:
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


def _sentence(choose: random.Random, verb: Verb, tense: str, mood: str) -> tuple[str, str]:
    """One sentence in this tense and mood; everything else by chance."""
    subject = choose.choice(list(SUBJECTS))
    who, third = SUBJECTS[subject]
    place = choose.choice(list(PLACES))
    time = choose.choice(list(TIMES[tense]))
    where, when = PLACES[place], TIMES[tense][time]
    word = choose.choice(list(POINTING if mood == "negation" else COUNTS))
    zh_object, en_object = _objects(choose.choice(NOUNS), choose.choice(list(ADJECTIVES)), word)
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


def translation_pairs(count: int, seed: int = 0, new: bool = False) -> list[Pair]:
    """``count`` different pairs, the same for the same seed.

    Args:
        new: False: verbs in forms that are not held out. True: only held-out combinations of a
            verb and a form (a tense in a mood), each part of which occurs in the others.

    Raises:
        ValueError: count is more than can be made in reasonable time (20 000).
    """
    if not 0 <= count <= 20_000:
        raise ValueError(f"expected a count from 0 to 20000, got {count}")
    choose = random.Random(f"{seed} {new}")
    forms = list(itertools.product(TIMES, MOODS))
    cells = [
        (verb, form)
        for v, verb in enumerate(VERBS)
        for f, form in enumerate(forms)
        if held_out(v, f) == new
    ]
    pairs: dict[str, Pair] = {}
    while len(pairs) < count:
        verb, (tense, mood) = choose.choice(cells)
        zh, en = _sentence(choose, verb, tense, mood)
        pairs.setdefault(zh, Pair(zh, en, verb.base, f"{tense} {mood}"))
    return list(pairs.values())
