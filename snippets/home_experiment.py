"""What the home page's picture shows: three models of the book at work.

    python snippets/home_experiment.py

trains WodeNet on the digits and the small translation model on the book's sentences, lets both
answer what they have not seen, asks SmolLM2 for the next word, and writes
docs/assets/results/home.json. Half a minute of one core once SmolLM2 is converted.
"""

import runpy
import time
from pathlib import Path

import torch

from wode.book import results
from wode.checks import likeliest
from wode.data import digits_tensors
from wode.decoding import evaluating
from wode.prompting import from_pretrained
from wode.translation import answers_of, batch_of, tokens_of

HERE = Path(__file__).parent
DIGITS = 8
SENTENCE = "他明天会在市场看见三张大桌子。"  # short enough for a phone; any held-out one would do
TEXT = "The capital of France is"


def digits() -> dict:
    """The first test images, and what the network says they are."""
    began = time.process_time()
    script = runpy.run_path(str(HERE / "0_Pytorch_basics" / "wodenet_experiment.py"))
    model = script["learned"](seed=0)
    seconds = time.process_time() - began
    images, labels = digits_tensors(train=False)
    with torch.no_grad():
        answers = likeliest(model(images))  # (N,)
    return {
        "cpu_seconds": seconds,
        "right": (answers == labels).double().mean().item(),
        "of": len(labels),
        "images": (images[:DIGITS, 0] * 16).round().int().tolist(),  # (DIGITS, 8, 8), 0 to 16
        "labels": labels[:DIGITS].tolist(),
        "answers": answers[:DIGITS].tolist(),
    }


def translation() -> dict:
    """A sentence outside the training set, its translation, and what each word looked at."""
    page = runpy.run_path(str(HERE / "2_transformer_basics" / "transformer.py"))
    began = time.process_time()
    vocabulary, examples, tests = page["small_task"]()
    model, _ = page["learn"](vocabulary, examples)
    seconds = time.process_time() - began
    reference = dict(tests["sentences"])[SENTENCE]
    answer = answers_of(model, vocabulary, [SENTENCE])[0]
    source, said = tokens_of(SENTENCE), tokens_of(answer)
    seen: list[torch.Tensor] = []
    attention = model.transformer.decoder.layers[-1].multihead_attn
    attention.register_forward_hook(  # its arguments: query, key, value, mask, cache
        lambda module, given, _: seen.append(module.weights(given[0], given[1], given[3])[0])
    )
    ids, reads, _ = batch_of([(vocabulary.encode(source), vocabulary.encode(said))])
    with evaluating(model):
        model(ids, reads)
    weights = seen[0].mean(dim=0)[: len(said)]  # (T, S), the mean over the heads
    return {
        "cpu_seconds": seconds,
        "source": source,
        "said": said,
        "reference": reference,
        "weights": [[round(weight, 3) for weight in row] for row in weights.tolist()],
    }


def next_word() -> dict:
    """The likeliest next tokens of a text, by a language model of 135 million parameters."""
    model, tokenizer = from_pretrained()
    with torch.no_grad():
        logits = model(torch.tensor([tokenizer(TEXT).input_ids]))[0, -1]  # (V,)
    chances, ids = logits.softmax(dim=0).topk(3)
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "text": TEXT,
        "words": [tokenizer.decode([number]).strip() for number in ids.tolist()],
        "chances": [round(chance, 3) for chance in chances.tolist()],
    }


if __name__ == "__main__":
    torch.set_num_threads(1)
    numbers = {"digits": digits(), "translation": translation(), "next": next_word()}
    print(
        results.write(
            "home",
            numbers,
            seed=0,
            command="python snippets/home_experiment.py",
            note_zh="首页的图：WodeNet 认的数字，小模型译的一句，SmolLM2-135M-Instruct 接的词。",
            note_en="The home page's picture: digits that WodeNet reads, a sentence that the small "
            "translation model translates, the next word by SmolLM2-135M-Instruct.",
        )
    )
