"""For `adapters_experiment`: what MiniLM still knows of SST-2 once it has learned the letters."""

import copy
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, nn

from adapters_methods import (
    Reduced,
    asked,
    features,
    learned_from,
    lora,
    settings,
    tested,
    tokens,
    trained,
)
from wode.adapters import learned_state, switch
from wode.bert import initialise
from wode.data.pairs import Pair, collate
from wode.decoding import evaluating
from wode.heads import SequenceClassifier
from wode.tasks.heads import SUBJECTS, letters
from wode.training.finetuning import Data, run


def classes(model: SequenceClassifier, number: int) -> SequenceClassifier:
    """The model with a new head."""
    model.classifier = nn.Linear(model.bert.config.hidden_size, number).apply(initialise)
    return model


@cache
def subjects() -> Data:
    """The second task: what a customer's letter is about, one of four."""
    return Data(
        "letters", *([Pair(t, None, label) for t, label in letters(h)] for h in (False, True))
    )


def second(prepare: Callable[[Any], nn.Module], lr: float, seed: int) -> tuple[Any, float]:
    """A model that learned the letters, and its accuracy there."""
    how = settings(lr, seed, 4)
    model, rows = run(subjects(), how, progress=False, prepare=lambda m: Reduced(prepare(m)))
    return model, rows[-1]["accuracy"]


def forgets(lr: float, seed: int, rates: Sequence[float]) -> dict[str, Any]:
    """All weights learn SST-2, then the letters: SST-2 before and after.

    And, as a control, the letters again with as many of SST-2's sentences among them.
    """
    test = tested()[:300]
    one, _ = trained("full", lr, seed)
    learned = copy.deepcopy(one.network.state_dict())
    before, after = asked(one, test), []
    for rate in rates:
        both, accuracy = second(partial(goes_on, learned, number=len(SUBJECTS)), rate, seed)
        both.network.classifier = one.network.classifier  # its own head for the first task
        after.append({"lr": rate, "first": asked(both, test), "second": accuracy})
    model, accuracy = mixed(learned, rates[-1], seed, 4)
    replayed = {"first": asked(model, test), "second": accuracy}
    return {"before": before, "after": after, "replayed": replayed}


def goes_on(
    learned: dict[str, Tensor], model: SequenceClassifier, number: int
) -> SequenceClassifier:
    """A model that learned SST-2, with a head for the next task."""
    model.load_state_dict(learned)
    return classes(model, number)


def mixed(learned: dict[str, Tensor], lr: float, seed: int, epochs: int) -> tuple[Any, float]:
    """`second` with as many of SST-2's sentences, those it learned from, among the letters."""

    def prepare(model: SequenceClassifier) -> nn.Module:  # one head: its classes 0, 1 are SST-2's
        goes_on(learned, model, 2 + len(SUBJECTS))
        with torch.no_grad():
            model.classifier.weight[:2] = learned["classifier.weight"]
            model.classifier.bias[:2] = learned["classifier.bias"]
        return Reduced(model)

    learn, held_out = (
        [Pair(pair.first, None, pair.label + 2) for pair in pairs]
        for pairs in (subjects().train, subjects().held_out)
    )
    data = Data("mixed", [*learn, *learned_from(seed)[: len(learn)]], held_out)
    model, rows = run(data, settings(lr, seed, epochs), progress=False, prepare=prepare)
    return model, rows[-1]["accuracy"]


def refits(lr: float, seed: int, rates: Sequence[float]) -> dict[str, Any]:
    """As `forgets`, but what is asked is what the pooled vectors still tell of SST-2.

    A logistic layer is fitted to them anew. And the control with as many steps as the letters
    alone take (two epochs), under the head it has and under a fitted one.
    """
    from sklearn.linear_model import LogisticRegression

    learn, test = learned_from(seed), tested()[:300]

    def refitted(model: Any) -> float:
        at_learn, at_test = (features(model.network.bert, x)["pooled"] for x in (learn, test))
        layer = LogisticRegression(max_iter=3000)
        layer.fit(at_learn.numpy(), [pair.label for pair in learn])
        return float(layer.score(at_test.numpy(), [pair.label for pair in test]))

    one, _ = trained("full", lr, seed)
    learned = copy.deepcopy(one.network.state_dict())
    before, after = refitted(one), []
    for rate in rates:
        both, _ = second(partial(goes_on, learned, number=len(SUBJECTS)), rate, seed)
        after.append(refitted(both))
    model, accuracy = mixed(learned, rates[-1], seed, 2)
    short = {"first": asked(model, test), "second": accuracy, "refit": refitted(model)}
    return {"before": before, "after": after, "short": short}


def switching(lr: float, seed: int) -> dict[str, Any]:
    """LoRA for SST-2, another for the letters: taken in and out of one model, heads beside them."""
    test = tested()[:300]
    model, _ = trained("lora8", lr, seed)
    state, head = learned_state(model), model.network.classifier
    inputs, _ = collate(tokens())(test[:64])
    with evaluating(model):
        answers = model(**inputs)
    before = asked(model, test)
    other, accuracy = second(lambda m: lora(classes(m, len(SUBJECTS)), 8), lr, seed)
    model.network.classifier = copy.deepcopy(other.network.classifier)
    here = asked(switch(model, learned_state(other)), subjects().held_out)
    model.network.classifier = head  # the letters' LoRA under the first task's head: nonsense
    wrong = asked(model, test)
    with evaluating(switch(model, state)):
        again = model(**inputs)
    return {
        "before": before,
        "after": asked(model, test),
        "wrong": wrong,
        "second": accuracy,
        "second_here": here,
        "same": int(torch.equal(answers, again)),
    }
