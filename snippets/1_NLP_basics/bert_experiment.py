"""For the page `bert`: what becomes of MiniLM when one of its parts is taken out or exchanged.

    python snippets/1_NLP_basics/bert_experiment.py

Needs `xquad` of WODE_DATA. 300 questions about 60 paragraphs of XQuAD's English half: which
paragraph's vector is nearest to the question's? The vectors are means over the tokens, or [CLS], or
the pooler's. Written to ``docs/assets/results/bert.json``. About a minute.
"""

import copy
from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor

from wode.bert import Bert, Layer
from wode.book import results
from wode.checks import likeliest
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.files.strict_json import read_object
from wode.wordpiece import WordPiece

Change = Callable[[Bert], None]


def questions(paragraphs: int = 60, most: int = 5) -> tuple[list[str], list[str], Tensor]:
    """Paragraphs, questions, and which paragraph each question is about."""
    texts, asked, about = list[str](), list[str](), list[int]()
    for article in read_object(data_root() / "xquad" / "xquad.en.json")["data"]:
        for paragraph in article["paragraphs"]:
            if len(texts) == paragraphs:
                break
            asked += [qa["question"] for qa in paragraph["qas"][:most]]
            about += [len(texts)] * len(paragraph["qas"][:most])
            texts.append(paragraph["context"])
    return texts, asked, torch.tensor(about)


def no_positions(bert: Bert) -> None:
    bert.embeddings.position_embeddings.weight.zero_()


def no_types(bert: Bert) -> None:
    bert.embeddings.token_type_embeddings.weight.zero_()


def all_b(bert: Bert) -> None:
    bert.embeddings.token_type_embeddings.weight.copy_(
        bert.embeddings.token_type_embeddings.weight.flip(0)
    )


def random_type(seed: int) -> Change:
    def change(bert: Bert) -> None:
        weight = bert.embeddings.token_type_embeddings.weight
        other = torch.randn(weight.shape, generator=torch.Generator().manual_seed(seed))
        weight.copy_(other * weight.norm(dim=1, keepdim=True) / other.norm(dim=1, keepdim=True))

    return change


def random_positions(seed: int) -> Change:
    def change(bert: Bert) -> None:
        weight = bert.embeddings.position_embeddings.weight
        order = torch.randperm(len(weight), generator=torch.Generator().manual_seed(seed))
        weight.copy_(weight[order])

    return change


def scores_times(factor: float) -> Change:
    def change(bert: Bert) -> None:
        for name, parameter in bert.named_parameters():
            if ".attention.self.query." in name:
                parameter.mul_(factor)

    return change


def no_attention(bert: Bert) -> None:
    """What attention adds is nothing: each token goes up by its residual alone."""
    for name, parameter in bert.named_parameters():
        if ".attention.output.dense." in name:
            parameter.zero_()


def no_residual(bert: Bert) -> None:
    """Attention's half of each layer without ``x +``."""
    for layer in bert.encoder.layer:
        output: Any = cast(Layer, layer).attention.output
        output.forward = lambda y, x, output=output: output.LayerNorm(output.dense(y))


def both(first: Change, second: Change) -> Change:
    def change(bert: Bert) -> None:
        first(bert)
        second(bert)

    return change


def words_alone(bert: Bert, tokenizer: WordPiece, texts: list[str]) -> Tensor:
    """The mean of the word embeddings, [CLS] and [SEP] left out: no position, no layer."""
    means = []
    for text in texts:
        ids = torch.tensor(tokenizer.encode(text).ids[:256][1:-1])
        means.append(bert.embeddings.word_embeddings.weight[ids].mean(dim=0))
    return torch.nn.functional.normalize(torch.stack(means), dim=-1)


def vectors(bert: Bert, tokenizer: WordPiece, texts: list[str]) -> dict[str, Tensor]:
    found: dict[str, list[Tensor]] = {"mean": [], "cls": [], "pooled": []}
    for begin in range(0, len(texts), 20):
        batch = tokenizer.batch(texts[begin : begin + 20], max_length=256)
        hidden, pooled = bert(**batch)
        real = batch["attention_mask"][..., None]
        found["mean"].append((hidden * real).sum(dim=1) / real.sum(dim=1))
        found["cls"].append(hidden[:, 0])
        found["pooled"].append(pooled)
    return {kind: torch.nn.functional.normalize(torch.cat(v), dim=-1) for kind, v in found.items()}


@torch.no_grad()
def main() -> None:
    tokenizer, bert = WordPiece.from_pretrained(MINILM), Bert.from_pretrained(MINILM).eval()
    texts, asked, about = questions()
    changes: dict[str, list[Change]] = {
        "as_is": [lambda bert: None],
        "no_positions": [no_positions],
        "random_positions": [random_positions(seed) for seed in range(3)],
        "no_types": [no_types],
        "b_for_a": [all_b],
        "random_type": [random_type(seed) for seed in range(3)],
        "times_2": [scores_times(2.0)],
        "no_scale": [scores_times(32**0.5)],
        "times_32": [scores_times(32.0)],
        "no_scores": [scores_times(0.0)],
        "no_attention": [no_attention],
        "no_residual": [no_residual],
        "no_scores_no_residual": [both(scores_times(0.0), no_residual)],
    }
    right: dict[str, list[float]] = {}
    cosine: dict[str, list[float]] = {}
    readings: dict[str, float] = {}
    kept: Tensor | None = None
    for name, several in changes.items():
        for change in several:
            model = copy.deepcopy(bert)
            change(model)
            paragraph = vectors(model, tokenizer, texts)
            question = vectors(model, tokenizer, asked)
            hits = {
                kind: (likeliest(question[kind] @ paragraph[kind].T) == about)
                .double()
                .mean()
                .item()
                for kind in question
            }
            right.setdefault(name, []).append(hits["mean"])
            kept = question["mean"] if kept is None else kept
            cosine.setdefault(name, []).append((kept * question["mean"]).sum(-1).mean().item())
            if name == "as_is":
                readings = hits
            print(name, hits, cosine[name][-1], flush=True)
    words = words_alone(bert, tokenizer, asked) @ words_alone(bert, tokenizer, texts).T
    readings["words"] = (likeliest(words) == about).double().mean().item()
    norms = {
        "word": bert.embeddings.word_embeddings.weight.norm(dim=1).mean().item(),
        "position": bert.embeddings.position_embeddings.weight.norm(dim=1).mean().item(),
        "type_a": bert.embeddings.token_type_embeddings.weight[0].norm().item(),
        "type_b": bert.embeddings.token_type_embeddings.weight[1].norm().item(),
        "a_minus_b": (
            bert.embeddings.token_type_embeddings.weight[0]
            - bert.embeddings.token_type_embeddings.weight[1]
        )
        .norm()
        .item(),
    }
    numbers = {
        "paragraphs": len(texts),
        "questions": len(asked),
        "right": right,
        "cosine": cosine,
        "read": readings,
        "norms": norms,
    }
    path = results.write(
        "bert",
        numbers,
        seed=0,
        command="python snippets/1_NLP_basics/bert_experiment.py",
        note_zh="拿掉或换掉 MiniLM 的一部分：XQuAD 的问题还找得到自己的段落吗。",
        note_en="A part of MiniLM taken out or exchanged: do questions find their paragraph?",
    )
    print(path)


if __name__ == "__main__":
    main()
