"""For the page `serving`: does a server that works on several answers write what it writes alone?

    python snippets/1_NLP_basics/serving_texts_experiment.py

asks for the eight stories of `serving_experiment` one after another, one by one and with continuous
batching, and all at once with the latter, in float32 and bfloat16; no time is measured. Two
minutes; writes docs/assets/results/serving_texts.json.
"""

from serving_experiment import ANIMALS, TOKENS, one, story, together
from wode.book import results
from wode.book.kept import Kept
from wode.files.gguf import local_model
from wode.files.hub import SMOLLM2
from wode.serving.client import Endpoint
from wode.serving.server import serve

DTYPES = ("float32", "bfloat16")
BATCHED = "--continuous-batching"


def texts(dtype: str, *options: str) -> dict[str, list[str]]:
    """The stories asked for one after another, and those that a batch writes at once."""
    with serve(local_model(SMOLLM2), SMOLLM2, options=["--dtype", dtype, *options]) as server:
        end = Endpoint(server.url, server.model, timeout=300)
        found = {"alone": [one(end, story(animal), TOKENS)["text"] for animal in ANIMALS]}
        if options:
            answers = together(end, [TOKENS] * len(ANIMALS), [0.0] * len(ANIMALS))
            found["together"] = [answer["text"] for answer in answers]
    return found


def same(some: list[str], others: list[str]) -> int:
    return sum(a == b for a, b in zip(some, others, strict=True))


def main() -> None:
    kept = Kept(results.ROOT / "build" / "serving_texts.jsonl")
    numbers: dict[str, object] = {"texts": len(ANIMALS), "tokens": TOKENS}
    for dtype in DTYPES:
        plain, batched = kept("plain", texts, dtype), kept("batched", texts, dtype, BATCHED)
        numbers[dtype] = {
            # the same server, the same way of computing: only the others are there or not
            "together": same(batched["together"], batched["alone"]),
            # nobody else is there: only the server's way of computing differs
            "alone": same(batched["alone"], plain["alone"]),
            "one_by_one": same(batched["together"], plain["alone"]),
        }
    results.write(
        "serving_texts",
        numbers,
        command="python snippets/1_NLP_basics/serving_texts_experiment.py",
        note_zh="八个故事：一个个问和一起问（--continuous-batching），有几个逐字相同；"
        "float32 和 bfloat16。",
        note_en="Eight stories: how many are the same to the letter, asked one after another and "
        "at once (--continuous-batching), in float32 and bfloat16.",
    )
    kept.finish()


if __name__ == "__main__":
    main()
