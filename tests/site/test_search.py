"""Search as a newcomer uses it: in both languages, on a phone, from a file, in everyday words."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import material
import pytest
from built_site import address
from mkdocs.exceptions import BuildError
from playwright.sync_api import Browser, Locator, Page, expect
from reader import Visit, visit

from wode.book import LANGUAGES, search

#: What someone types who has not read the book, and the page that should come first.
_FIRST = {
    "zh": {
        "梯度清零": "0_Pytorch_basics/training",
        "反向传播": "0_Pytorch_basics/autograd",
        "学习率 预热": "2_transformer_basics/schedules",
        "过拟合": "0_Pytorch_basics/overfitting",
        "词元": "1_NLP_basics/wordpiece",
        "微调": "2_transformer_basics/finetuning",
        "注意力": "2_transformer_basics/attention",
        "怎么加载模型": "0_Pytorch_basics/inference",
        "多卡训练": "2_transformer_basics/scaling-out",
        "BERT怎么做文本分类": "1_NLP_basics/bert-heads",
    },
    "en": {
        "how to fine-tune for question pairs": "2_transformer_basics/finetuning",
        "warmup": "2_transformer_basics/schedules",
        "overfitting": "0_Pytorch_basics/overfitting",
        "zero_grad": "0_Pytorch_basics/training",
        "tokenizer": "1_NLP_basics/wordpiece",
        "beam search": "2_transformer_basics/decoding",
        "few-shot": "1_NLP_basics/gpt3",
        "how to load a saved model": "0_Pytorch_basics/inference",
        "train on multiple GPUs": "2_transformer_basics/scaling-out",
        "data loader": "0_Pytorch_basics/dataloader",
    },
}
_RESULT = ".md-search-result__item > .md-search-result__link"
_LISTS = ("api", "results", "references")


def ask(page: Page, query: str) -> Locator:
    """Type a query and wait for its results: those of the last one are gone before."""
    field = page.locator("input[name=query]")
    for text in ("", query):
        field.fill(text)
        shown = page.locator(_RESULT)
        if text:
            expect(shown.first).to_be_visible()
        else:
            expect(shown).to_have_count(0)
    return shown


def found(page: Page, root: str, query: str) -> list[str]:
    """The pages that a query finds, best first, as far as the theme has drawn them."""
    links = ask(page, query).evaluate_all("(a) => a.map((e) => e.href)")
    return [unquote(urlsplit(link.removeprefix(root)).path) for link in links]


@pytest.fixture(scope="module")
def searches(browser: Browser, served: str) -> Iterator[dict[str, Visit]]:
    """The search of each language, open: its index is read once for all that is asked."""
    with ExitStack() as visits:
        tabs = {lang: visits.enter_context(visit(browser, served)) for lang in LANGUAGES}
        for lang, tab in tabs.items():
            tab.open(address("index", lang))
            tab.page.locator("input[name=query]").click()
        yield tabs


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_right_page_comes_first(searches: dict[str, Visit], served: str, lang: str) -> None:
    page = searches[lang].page
    first = {query: found(page, served, query)[0] for query in _FIRST[lang]}
    assert first == {query: address(name, lang) for query, name in _FIRST[lang].items()}
    assert searches[lang].wrong == []


@pytest.mark.parametrize(
    ("lang", "ways", "name"),
    [
        ("en", ["warmup", "warm-up", "warm up"], "2_transformer_basics/schedules"),
        ("en", ["finetune", "fine-tune", "fine tuning"], "2_transformer_basics/finetuning"),
        ("en", ["dataloader", "data loaders"], "0_Pytorch_basics/dataloader"),
        ("zh", ["学习率", "学习率是什么", "zzzz 学习率"], "2_transformer_basics/learning-rate"),
        ("zh", ["BERT微调", "怎么微调", "啊啊啊微调"], "2_transformer_basics/finetuning"),
        ("zh", ["dropout", "Dropout", "随机失活"], "0_Pytorch_basics/module"),
    ],
)
def test_other_ways_to_write_it(
    searches: dict[str, Visit], served: str, lang: str, ways: list[str], name: str
) -> None:
    """Joined, with a hyphen, in two words; among stop words and words that the book lacks."""
    first = {query: found(searches[lang].page, served, query)[0] for query in ways}
    assert first == dict.fromkeys(ways, address(name, lang))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_lists_comes_last(searches: dict[str, Visit], served: str, lang: str) -> None:
    paths = found(searches[lang].page, served, "warmup")
    last = [path.removeprefix("en/").startswith(_LISTS) for path in paths]
    assert {*last} == {False, True} and last == sorted(last), paths


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_phone_shows_results_and_takes_a_tap(browser: Browser, served: str, lang: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 740}, has_touch=True, is_mobile=True
    )
    tab = Visit(context.new_page(), served)
    tab.open(address("index", lang))
    tab.page.locator("label.md-header__button[for=__search]").tap()
    (query, name), *_ = _FIRST[lang].items()
    first = ask(tab.page, query).first
    expect(first).to_be_in_viewport(ratio=1)
    first.tap()
    tab.page.wait_for_url(f"{served}{address(name, lang)}?h=*")
    assert tab.wrong == []
    context.close()


@pytest.mark.parametrize(
    ("how", "lang", "query"),
    [
        ("served", "zh", "学习率"),
        ("served", "zh", "backward"),
        ("served", "en", "backpropagation"),
        ("file", "zh", "反向传播"),
        ("file", "en", "backpropagation"),
    ],
)
def test_search_finds(
    browser: Browser, served: str, site: Path, how: str, lang: str, query: str
) -> None:
    """The whole query, in pages of one language, and the page that is opened has it."""
    root = served if how == "served" else site.as_uri() + "/"
    with visit(browser, root) as tab:
        tab.open(address("index", lang))
        tab.page.locator("input[name=query]").click()
        paths = found(tab.page, root, query)
        assert all(path.startswith("en/") == (lang == "en") for path in paths), paths
        hit = tab.page.locator(".md-search-result__link:not([href$='?h=']):visible").first
        assert parse_qs(urlsplit(hit.get_attribute("href") or "").query)["h"] == [query]
        hit.click()
        tab.page.wait_for_url("**?h=*")
        mark = tab.page.locator("article mark").first
        expect(mark).to_have_text(query, ignore_case=True)
        assert tab.wrong == []
        assert tab.elsewhere == []


def test_an_address_with_a_query_searches(browser: Browser, served: str) -> None:
    with visit(browser, served) as tab:
        tab.page.goto(f"{served}index.html?q=backpropagation")
        expect(tab.page.locator(_RESULT).first).to_be_visible()


@pytest.mark.parametrize("theirs", search.MENDS)
def test_another_search_worker_fails_the_build(theirs: str) -> None:
    """A theme whose script lacks a place where the book steps in, or has it twice."""
    scripts = Path(material.__file__).parent / "templates" / "assets" / "javascripts" / "workers"
    (script,) = scripts.glob("search.*.min.js")
    worker = script.read_text(encoding="utf-8")
    assert search.mended(worker)
    for changed, times in ((worker.replace(theirs, ""), 0), (worker + theirs, 2)):
        with pytest.raises(BuildError, match=f"expected .* found it {times} times"):
            search.mended(changed)
