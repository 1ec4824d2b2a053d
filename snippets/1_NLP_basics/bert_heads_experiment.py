"""For the page `bert-heads`: the four heads on the book's small tasks and on three real data sets.

    python snippets/1_NLP_basics/bert_heads_experiment.py small sst2 wnut17 xquad

needs the data sets of WODE_DATA (`sst2`, `wnut17`, `xquad`), trains each head with three seeds and
puts what was measured into docs/assets/results/bert_heads.json. Named alone, a part is measured
again and the others stay. About twelve minutes of two idle cores.
"""

import argparse
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor

from bert_heads import (
    answers_of,
    collate_written,
    fit,
    logits_of,
    span_samples,
    squad_score,
    tag_samples,
    tags_of,
    written_samples,
)
from wode.book import results
from wode.checks import likeliest
from wode.data.formats import Question, Tagged, Text, read_conll, read_squad, read_tsv
from wode.files.download import data_root
from wode.files.hub import MINILM
from wode.heads import SequenceClassifier, SequenceWriter, SpanReader, TokenClassifier
from wode.tasks.baselines import bag_of_words, nearest_answer
from wode.tasks.heads import SUBJECTS, dates, letters, names, questions
from wode.training import seed_everything
from wode.training.evaluation import majority
from wode.wordpiece import Encoding, WordPiece

SEEN, UNSEEN = range(1900, 2000, 2), range(1901, 2000, 2)  # years, in the task of the dates


def text_samples(tokenizer: WordPiece, texts: Sequence[Text]) -> list[tuple[Encoding, Tensor]]:
    """A class for each text: labels ()."""
    return [(tokenizer.encode(text), torch.tensor(label)) for text, label in texts]


# ---------------------------------------------------------------- the baselines


def words_tagger(train: Sequence[Tagged], test: Sequence[Tagged]) -> list[list[str]]:
    """Each word's most frequent tag in training; O for a word that was never seen."""
    seen: dict[str, Counter] = defaultdict(Counter)
    for words, tags in train:
        for word, tag in zip(words, tags, strict=True):
            seen[word][tag] += 1
    return [[seen[w].most_common(1)[0][0] if w in seen else "O" for w in s.words] for s in test]


def words_reader(asked: Sequence[Question], length: int) -> list[str]:
    """The ``length`` words, themselves not in the question, that its words stand nearest to."""
    answers = []
    for question in asked:
        wanted = {w.strip("?.,").lower() for w in question.question.split()}
        words = question.context.split()
        hits = [i for i, word in enumerate(words) if word.strip("?.,").lower() in wanted]

        def score(i: int, hits: list[int] = hits) -> float:
            inside = sum(i <= hit < i + length for hit in hits)
            near = sum(
                1 / max(i - hit, hit - i - length + 1) for hit in hits if not i <= hit < i + length
            )
            return near - 9 * inside

        at = max(range(max(1, len(words) - length + 1)), key=score)
        answers.append(" ".join(words[at : at + length]).strip("?.,"))
    return answers


# ---------------------------------------------------------------- the small tasks

TAGS = ["O", *(f"{b}-{kind}" for kind in ("person", "place", "firm") for b in "BI")]


def small(tokenizer: WordPiece, seed: int) -> dict[str, float]:
    """The four heads on the book's sentences; as on the page, with any seed."""
    from seqeval.metrics import f1_score

    learn, new = random.Random(seed).sample(letters(), 96), letters(held_out=True)
    seed_everything(seed)
    classifier = SequenceClassifier.from_pretrained(MINILM, len(SUBJECTS))
    fit(classifier, text_samples(tokenizer, learn), 3e-4, 2, seed)
    logits = logits_of(classifier, [tokenizer.encode(t.text) for t in new])
    right = [int(likeliest(row)) == t.label for row, t in zip(logits, new, strict=True)]
    scores = {"class": sum(right) / len(new), "class_words": bag_of_words(learn, new, r"\S+")}

    tagged, new_tagged = names(96, seed), names(96, 0, held_out=True)
    seed_everything(seed)
    tagger = TokenClassifier.from_pretrained(MINILM, len(TAGS))
    fit(tagger, tag_samples(tokenizer, tagged, TAGS), 5e-4, 3, seed)
    truth = [s.tags for s in new_tagged]
    scores["tags"] = float(f1_score(truth, tags_of(tagger, tokenizer, new_tagged, TAGS)))
    scores["tags_words"] = float(f1_score(truth, words_tagger(tagged, new_tagged)))

    asked, new_asked = questions(96, seed), questions(80, 0, held_out=True)
    seed_everything(seed)
    reader = SpanReader.from_pretrained(MINILM)
    fit(reader, span_samples(tokenizer, asked), 5e-4, 3, seed, 8)
    score = squad_score(answers_of(reader, tokenizer, new_asked, 8), new_asked)
    plain = squad_score(words_reader(new_asked, 2), new_asked)
    scores |= {"span_em": score["exact_match"], "span_f1": score["f1"]}
    scores |= {"span_em_words": plain["exact_match"], "span_f1_words": plain["f1"]}

    told = dates(200, seed, years=SEEN)
    seed_everything(seed)
    writer, samples = SequenceWriter.from_pretrained(MINILM), written_samples(tokenizer, told)
    fit(writer, samples, 8e-4, 3, seed, 8, collate_written)
    for kind, years in (("seen", SEEN), ("unseen", UNSEEN)):
        pairs = dates(60, 0, held_out=True, years=years)
        out = writer.write(tokenizer, [pair.text for pair in pairs], 6)
        right = [a == pair.target for a, pair in zip(out, pairs, strict=True)]
        near = [nearest_answer(told, pair.text) == pair.target for pair in pairs]
        scores[f"write_{kind}"] = sum(right) / len(right)
        scores[f"write_{kind}_words"] = sum(near) / len(near)
        apart = [(a.split(), pair.target.split()) for a, pair in zip(out, pairs, strict=True)]
        scores[f"year_{kind}"] = sum(a[:1] == b[:1] for a, b in apart) / len(apart)
    return scores


# ---------------------------------------------------------------- real data


def sst2(tokenizer: WordPiece, seed: int) -> dict[str, float]:
    """Film reviews: 600 training sentences, two epochs, the whole test set."""
    folder = data_root() / "sst2"
    learn = random.Random(seed).sample(read_tsv(folder / "train.tsv"), 600)
    test = read_tsv(folder / "test.tsv")
    seed_everything(seed)
    model = SequenceClassifier.from_pretrained(MINILM, 2)
    fit(model, text_samples(tokenizer, learn), 2e-4, 2, seed)
    logits = logits_of(model, [tokenizer.encode(t.text) for t in test])
    right = [int(likeliest(row)) == t.label for row, t in zip(logits, test, strict=True)]
    words = bag_of_words(learn, test, r"\S+")
    return {
        "accuracy": sum(right) / len(test),
        "words": words,
        "majority": majority([t.label for t in test]),
    }


def wnut17(tokenizer: WordPiece, seed: int) -> dict[str, float]:
    """Names in tweets: 400 training sentences that hold one, three epochs, the whole test set.

    Beside it 400 drawn from all sentences, of which two thirds hold none.
    """
    from seqeval.metrics import f1_score, precision_score, recall_score

    folder = data_root() / "wnut17"
    all_of_it, test = read_conll(folder / "train.conll"), read_conll(folder / "test.conll")
    named = [sentence for sentence in all_of_it if set(sentence.tags) != {"O"}]
    tags = ["O", *sorted({tag for sentence in all_of_it for tag in sentence.tags} - {"O"})]
    truth = [s.tags for s in test]

    def learned_from(sentences: Sequence[Tagged]) -> list[list[str]]:
        seed_everything(seed)
        model = TokenClassifier.from_pretrained(MINILM, len(tags))
        fit(model, tag_samples(tokenizer, sentences, tags), 5e-4, 3, seed, 8)
        return tags_of(model, tokenizer, test, tags)

    learn = random.Random(seed).sample(named, 400)
    predicted, words = learned_from(learn), words_tagger(learn, test)
    drawn = learned_from(random.Random(seed).sample(all_of_it, 400))
    outside = [tag == "O" for sentence in truth for tag in sentence]
    scores = {"f1": f1_score, "precision": precision_score, "recall": recall_score}
    numbers = {name: float(score(truth, predicted)) for name, score in scores.items()}
    numbers["words"], numbers["f1_of_any"] = (float(f1_score(truth, t)) for t in (words, drawn))
    numbers["named"] = len(named) / len(all_of_it)
    return numbers | {"outside": sum(outside) / len(outside)}


def xquad(tokenizer: WordPiece, seed: int) -> dict[str, float]:
    """English XQuAD: articles drawn apart by the seed, 38 to learn from and 10 to be asked about.

    Learned from: contexts that give at most 140 pieces with their question, two epochs.
    """
    asked = read_squad(data_root() / "xquad" / "xquad.en.json")
    articles = list(dict.fromkeys(q.article for q in asked))
    held_out = set(random.Random(seed).sample(articles, 10))
    test = [q for q in asked if q.article in held_out]
    learn = [q for q in asked if q.article not in held_out]
    samples = [s for s in span_samples(tokenizer, learn) if len(s[0].ids) <= 140]
    seed_everything(seed)
    model = SpanReader.from_pretrained(MINILM)
    fit(model, samples, 3e-4, 2, seed)
    score = squad_score(answers_of(model, tokenizer, test, 20, 512), test)
    plain = squad_score(words_reader(test, 3), test)
    words = {f"{name}_words": value for name, value in plain.items()}
    return score | words | {"learned_from": len(samples), "asked": len(test)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parts = {"small": small, "sst2": sst2, "wnut17": wnut17, "xquad": xquad}
    parser.add_argument("parts", nargs="+", choices=parts)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    given = parser.parse_args()
    torch.set_num_threads(2)
    tokenizer = WordPiece.from_pretrained(MINILM)
    for name in given.parts:
        rows = {}
        for seed in given.seeds:
            began = time.process_time()
            row = rows[str(seed)] = parts[name](tokenizer, seed)
            row["cpu_seconds"] = time.process_time() - began
            print(name, seed, row, flush=True)
        record(name, rows)


def record(name: str, rows: dict[str, dict[str, float]]) -> None:
    """Put one part's rows, a seed each, into the results file; what it holds of others stays."""
    there = (results.FOLDER / "bert_heads.json").is_file()
    numbers = results.read("bert_heads")["numbers"] if there else {}
    columns = {key: [row[key] for row in rows.values()] for key in next(iter(rows.values()))}
    numbers[name] = {
        "mean": {key: statistics.mean(values) for key, values in columns.items()},
        "sd": {key: statistics.stdev(values) for key, values in columns.items() if values[1:]},
        "low": {key: min(values) for key, values in columns.items()},
        "high": {key: max(values) for key, values in columns.items()},
        "seeds": rows,
    }
    results.write(
        "bert_heads",
        numbers,
        command="python snippets/1_NLP_basics/bert_heads_experiment.py small sst2 wnut17 xquad",
        seed=sorted(int(seed) for seed in rows),
        note_zh="四种头，书里的小任务与三个真实数据集，各三个种子；旁边是只看词的基线。",
        note_en="Four heads on the book's small tasks and on three real data sets, three seeds "
        "each, beside baselines that see words alone.",
    )


if __name__ == "__main__":
    main()
