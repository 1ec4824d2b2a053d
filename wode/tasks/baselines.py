"""What a result is to be held against: methods that know no more than words."""

from collections.abc import Iterable

from wode.data.pairs import Pair


def bag_of_words(train: list[Pair], held_out: list[Pair]) -> tuple[float, float]:
    """The baseline: logistic regression on word counts; its accuracy on each of the two lists."""
    from sklearn.feature_extraction.text import CountVectorizer  # a second of import
    from sklearn.linear_model import LogisticRegression

    counts = CountVectorizer()
    model = LogisticRegression(max_iter=1000)
    model.fit(counts.fit_transform([p.first for p in train]), [p.label for p in train])
    found = [
        float(model.score(counts.transform([p.first for p in pairs]), [p.label for p in pairs]))
        for pairs in (train, held_out)
    ]
    return found[0], found[1]


def dictionary(pairs: Iterable[tuple[list[str], list[str]]], rounds: int = 5) -> dict[str, str]:
    """Each source token's likeliest target token, by IBM model 1 (Brown et al. 1993)."""
    pairs = list(pairs)
    p: dict[tuple[str, str], float] = {}
    for _ in range(rounds):
        counts: dict[tuple[str, str], float] = {}
        totals: dict[str, float] = {}
        for source, target in pairs:
            for word in target:
                weights = [p.get((token, word), 1.0) for token in source]
                for token, weight in zip(source, weights, strict=True):
                    share = weight / sum(weights)
                    counts[token, word] = counts.get((token, word), 0.0) + share
                    totals[token] = totals.get(token, 0.0) + share
        p = {(token, word): count / totals[token] for (token, word), count in counts.items()}
    best: dict[str, str] = {}
    for (token, word), probability in sorted(p.items()):
        if probability > p.get((token, best.get(token, "")), 0.0):
            best[token] = word
    return best
