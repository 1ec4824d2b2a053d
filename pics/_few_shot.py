"""Names, numbers and styles that the figures of the lab few-shot share."""

from typing import Any

from wode.book import results

TASKS = {
    "zh": {
        "past": "过去式",
        "antonyms": "反义词",
        "plurals": "复数",
        "comparatives": "比较级",
        "capitals": "国家的首都",
        "french": "英译法",
        "addition": "两位数加法",
        "sentiment": "情感",
        "renamed": "情感（foo/bar）",
        "kinds": "类别",
        "inference": "自然语言推理",
    },
    "en": {
        "past": "past tense",
        "antonyms": "antonyms",
        "plurals": "plurals",
        "comparatives": "comparatives",
        "capitals": "capitals",
        "french": "English to French",
        "addition": "addition",
        "sentiment": "sentiment",
        "renamed": "sentiment, foo/bar",
        "kinds": "kinds of things",
        "inference": "inference",
    },
}
WAYS = {
    "zh": {
        "neutral": "中性",
        "named": "写明",
        "sentence": "接着写",
        "begun": "对话，起了头",
        "chat": "对话",
        "question": "问句",
        "described": "对话，命令句",
        "no_system": "命令句，无系统消息",
    },
    "en": {
        "neutral": "neutral",
        "named": "named",
        "sentence": "sentence",
        "begun": "chat, begun",
        "chat": "chat",
        "question": "question",
        "described": "chat, told",
        "no_system": "told, no system",
    },
}

Point = dict[str, Any]  # a mean and every seed's value


def numbers() -> dict[str, Any]:
    return results.read("few_shot_lab")["numbers"]


def percent(values: list[float]) -> list[float]:
    return [round(100 * value, 1) for value in values]


def curves(found: dict[str, Any], name: str) -> dict[str, dict[str, Point]]:
    """What is drawn of a task: two wordings of free answers, two readings of labels."""
    own, chosen = found["tasks"][name], found["chosen"][name]
    if "fair" not in own["k0"]:
        return {kind: {k: own[k][kind] for k in own} for kind in ("plain", "calibrated")}
    both = {"own": own, "chosen": chosen}
    if own == chosen:
        del both["own"]  # the neutral wording is the chosen one
    return {kind: {k: part[k]["fair"] for k in part} for kind, part in both.items()}


def spread(place: float, count: int, width: float = 0.36) -> list[float]:
    """Places side by side, so that no dot hides another."""
    return [place + width * ((n + 0.5) / count - 0.5) for n in range(count)]


def staggered(names: list[str]) -> list[str]:
    """Every other one a line lower, so that neighbours do not touch."""
    return [name if place % 2 == 0 else f"\n{name}" for place, name in enumerate(names)]
