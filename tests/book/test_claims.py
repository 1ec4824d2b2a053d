"""The chapters' explanations: each has an experiment, its figures and a verdict."""

import re
from pathlib import Path

import pytest

from wode.book import LANGUAGES, ROOT, claims
from wode.book.entries import EntriesError
from wode.book.lists import LISTS
from wode.book.markdown import NUMBER, expanded
from wode.book.pages import KINDS, load

#: The pages whose explanations are all listed; each new one, and each that is written anew, joins.
PAGES = [
    "0_Pytorch_basics/first-model",
    "0_Pytorch_basics/tensors",
    "0_Pytorch_basics/autograd",
    "0_Pytorch_basics/module",
    "0_Pytorch_basics/training",
    "0_Pytorch_basics/inference",
    "0_Pytorch_basics/overfitting",
    "0_Pytorch_basics/explore",
    "0_Pytorch_basics/datasets",
    "0_Pytorch_basics/dataloader",
    "0_Pytorch_basics/cifar10",
    "0_Pytorch_basics/convolution",
    "0_Pytorch_basics/wodenet",
    "0_Pytorch_basics/streaming",
    "0_Pytorch_basics/initialisation",
    "1_NLP_basics/tasks",
    "1_NLP_basics/wordpiece",
    "1_NLP_basics/subwords",
    "1_NLP_basics/copy",
    "1_NLP_basics/unsupervised-translation",
    "1_NLP_basics/contextual-embeddings",
    "1_NLP_basics/encoders",
    "1_NLP_basics/bert-pretraining",
    "1_NLP_basics/sentence-order",
    "1_NLP_basics/bert",
    "1_NLP_basics/packing",
    "1_NLP_basics/bert-heads",
    "1_NLP_basics/question-answering",
    "1_NLP_basics/bert-writing",
    "1_NLP_basics/adapters",
    "1_NLP_basics/loss-landscape",
    "1_NLP_basics/bert-generation",
    "1_NLP_basics/masking",
    "1_NLP_basics/xlnet",
    "1_NLP_basics/electra",
    "1_NLP_basics/seq2seq-pretraining",
    "1_NLP_basics/unilm",
    "1_NLP_basics/c4",
    "1_NLP_basics/transformer-xl",
    "1_NLP_basics/long-context",
    "1_NLP_basics/reformer",
    "1_NLP_basics/gpt",
    "1_NLP_basics/gpt3",
    "1_NLP_basics/calibration",
    "1_NLP_basics/in-context-learning",
    "1_NLP_basics/induction-heads",
    "1_NLP_basics/serving",
    "1_NLP_basics/serving-failures",
    "1_NLP_basics/batching",
    "1_NLP_basics/tool-calls",
    "2_transformer_basics/sequence-encoding",
    "2_transformer_basics/vanishing-gradients",
    "2_transformer_basics/attention",
    "2_transformer_basics/multi-head-attention",
    "2_transformer_basics/positions",
    "2_transformer_basics/transformer",
    "2_transformer_basics/translation",
    "2_transformer_basics/decoding",
    "2_transformer_basics/checkpoints",
    "2_transformer_basics/resuming",
    "2_transformer_basics/finetuning",
    "2_transformer_basics/learning-rate",
    "2_transformer_basics/schedules",
    "2_transformer_basics/scaling-out",
]
ENTRY = """
- page: 1_NLP_basics/gpt3
  at: idea
  claim_zh: 一
  claim_en: one
  trial_zh: 二
  trial_en: two
  measured: "[[gpt3.seconds:.0f]]"
  verdict: holds
"""


def test_the_pages_are_those_with_claims() -> None:
    assert {*PAGES} == {*claims.by_page()}


@pytest.mark.parametrize("name", PAGES)
def test_a_claim_stands_on_its_page_with_figures(name: str) -> None:
    pages = [load(ROOT / "docs" / lang / f"{name}.md") for lang in LANGUAGES]
    for claim in claims.by_page()[name]:
        for page in pages:
            assert f"{{#{claim.at}}}" in page.text, f"{page.path}: no heading {claim.at}"
            assert NUMBER.search(claim.measured[page.lang]), f"{claim.at}: figures of a run"
        zh, en = (NUMBER.findall(claim.measured[lang]) for lang in LANGUAGES)
        assert sorted(zh) == sorted(en), claim.at
        assert re.search(r"[\u4e00-\u9fff]", claim.claim["zh"] + claim.trial["zh"])
        assert not re.search(r"[\u4e00-\u9fff]", claim.claim["en"] + claim.trial["en"])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_with_claims_breaks_in_three_ways(name: str) -> None:
    """In a formula, in a baseline or control, in a stated cause; that it breaks: test_mutations."""
    page = load(ROOT / "docs" / LANGUAGES[0] / f"{name}.md")
    assert {*KINDS} <= {mutation.kind for mutation in page.mutations}


def test_what_does_not_hold_says_what_the_page_says_now() -> None:
    """In part 2; the rows of the other parts came before the field."""
    for claim in claims.claims():
        if claim.page.startswith("2_") and claim.verdict in ("partly", "falls"):
            assert all(claim.now.values()), f"{claim.page}: {claim.claim['en']}: now"
        assert all(claim.now.values()) or not any(claim.now.values())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_results_page_shows_them_with_their_numbers(lang: str) -> None:
    path = ROOT / "docs" / lang / "results.md"
    shown = expanded(path.read_text(encoding="utf-8"), path, lang)
    rows = [line for line in shown.splitlines() if line.startswith("| [")]
    assert len(rows) >= len(claims.claims())
    assert not NUMBER.search("\n".join(rows))


def test_the_list_is_made_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "claims.yml"
    path.write_text(ENTRY, encoding="utf-8")
    (claim,) = claims.claims(path)
    assert claim.measured["zh"] == claim.measured["en"] == "[[gpt3.seconds:.0f]]"
    monkeypatch.setattr(claims, "by_page", lambda: {claim.page: [claim]})
    table = LISTS["claims"]("en", "")
    assert "[one](1_NLP_basics/gpt3.md#idea) | two | [[gpt3.seconds:.0f]] | holds |" in table
    fallen = ENTRY.replace("holds", "falls\n  now_zh: 三\n  now_en: three")
    path.write_text(fallen, encoding="utf-8")
    monkeypatch.setattr(claims, "by_page", lambda: {claim.page: claims.claims(path)})
    assert "| does not hold. The page now says: three |" in LISTS["claims"]("en", "")
    assert "| 不成立。现在这样说：三 |" in LISTS["claims"]("zh", "")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("verdict: holds", "verdict: true", "entry 1: expected a verdict of .*'holds'.*, got True"),
        ("at: idea", "", r"entry 1: lacks \['at'\]"),
        ("claim_en: one", "", r"entry 1: lacks \['claim'\]"),
        ("at: idea", "at: idea\n  note: x", r"entry 1: unknown fields \['note'\]"),
        ("verdict: holds", "verdict: [holds]", "entry 1: expected a verdict"),
        ("at: idea", "at: idea\n  now_zh: 三", r"entry 1: lacks \['now'\]"),
        (ENTRY, "- one\n", "entry 1: expected fields, got 'one'"),
    ],
)
def test_an_entry_that_is_not_whole(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "claims.yml"
    path.write_text(ENTRY.replace(old, new), encoding="utf-8")
    with pytest.raises(EntriesError, match=message):
        claims.claims(path)
