"""wode.copying equals its papers' equations, written naively: a word, a step, a row at a time."""

from collections.abc import Mapping

import pytest
import torch
from helpers import assert_close, assert_same_gradients, randomise
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from wode.copying import (
    Config,
    CopyingModel,
    Modes,
    Pointer,
    coverage_loss,
    coverage_of,
    distribution,
    example_of,
    log_probability,
    number_source,
    number_target,
    selective_read,
    words_of,
    write,
)
from wode.translation import BEGIN, END, PAD, UNKNOWN, Vocabulary, batch_of

V = 9
OUTPUTS = [("plain", False), ("plain", True), ("pointer_generator", False)]
OUTPUTS += [("pointer_generator", True), ("copynet", False)]


def lstm(
    w: Mapping[str, Tensor], end: str, x: Tensor, h: Tensor, c: Tensor
) -> tuple[Tensor, Tensor]:
    """One step of an LSTM whose weights' names end so."""
    gates = w["weight_ih" + end] @ x + w["bias_ih" + end]
    i, f, g, o = (gates + w["weight_hh" + end] @ h + w["bias_hh" + end]).chunk(4)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


class Naive:
    """A model for one source (a list) at a time, by the papers' equations."""

    def __init__(self, model: CopyingModel, source: list[int]) -> None:
        self.model, self.source = model, source
        self.w = dict(model.named_parameters())
        lstms = {
            name.removeprefix("encoder."): one
            for name, one in self.w.items()
            if name.startswith("encoder.")
        }
        H = model.config.hidden
        zero = torch.zeros(H, dtype=torch.float64)
        forward, h, c = [], zero, zero
        for word in source:
            h, c = lstm(lstms, "_l0", self.vector(word), h, c)
            forward.append(h)
        backward, h_b, c_b = [], zero, zero
        for word in reversed(source):
            h_b, c_b = lstm(lstms, "_l0_reverse", self.vector(word), h_b, c_b)
            backward.insert(0, h_b)
        self.h = [torch.cat(pair) for pair in zip(forward, backward, strict=True)]
        self.s = self.w["first_h.weight"] @ torch.cat([h, h_b]) + self.w["first_h.bias"]
        self.c = self.w["first_c.weight"] @ torch.cat([c, c_b]) + self.w["first_c.bias"]

    def vector(self, word: int) -> Tensor:
        return self.w["embedding.weight"][word if word < V else UNKNOWN]

    def attend(self, s: Tensor, coverage: list[Tensor] | None) -> Tensor:
        """Equations 1, 2 and 11 of 1704.04368."""
        w = {name.rpartition("attention.")[2]: one for name, one in self.w.items()}
        e = []
        for i, h in enumerate(self.h):
            inner = w["W_h.weight"] @ h + w["W_s.weight"] @ s + w["W_s.bias"]
            if coverage is not None:
                inner = inner + w["w_c"] * coverage[i]
            e.append(w["v"] @ inner.tanh())
        e = [one.exp() for one in e]
        return torch.stack([one / sum(e) for one in e])

    def context(self, a: Tensor) -> Tensor:
        return torch.stack([a_i * h for a_i, h in zip(a, self.h, strict=True)]).sum(0)  # eq. 3

    def pointer_generator(self, reads: list[int]) -> list[tuple[Tensor, Tensor, dict]]:
        """What was attended to, the coverage, and P(w) by word, for each step."""
        config, w, steps = self.model.config, self.w, []
        cell = {n.removeprefix("decoder.cell."): one for n, one in w.items()}
        s, c, seen = self.s, self.c, torch.zeros(len(self.source), dtype=torch.float64)
        for word in reads:
            x = self.vector(word)
            s, c = lstm(cell, "_l0", x, s, c)
            a = self.attend(s, list(seen) if config.coverage else None)
            h = self.context(a)
            inner = w["decoder.V_1.weight"] @ torch.cat([s, h]) + w["decoder.V_1.bias"]
            scores = w["decoder.V_2.weight"] @ inner + w["decoder.V_2.bias"]
            p_vocab = scores.exp() / scores.exp().sum()  # eq. 4
            p_gen = torch.ones((), dtype=torch.float64)
            if config.output == "pointer_generator":
                H = config.hidden
                w_h, w_s, w_x = w["decoder.gate.weight"][0].split([2 * H, H, config.embedding])
                p_gen = 1 / (1 + (-(w_h @ h + w_s @ s + w_x @ x + w["decoder.gate.bias"][0])).exp())
            p = {}
            for word in {*range(V), *self.source}:  # eq. 9
                p[word] = p_gen * p_vocab[word] if word < V else 0 * p_gen
                for i, other in enumerate(self.source):
                    if other == word:
                        p[word] = p[word] + (1 - p_gen) * a[i]
            steps.append((a, seen, p))
            seen = seen + a  # eq. 10
        return steps

    def copynet(self, reads: list[int]) -> list[tuple[Tensor, Tensor, dict]]:
        """Equations 4 to 9 of 1603.06393."""
        w, steps = self.w, []
        cell = {n.removeprefix("decoder.cell."): one for n, one in w.items()}
        s, c, p_copy = self.s, self.c, torch.zeros(len(self.source), dtype=torch.float64)
        for word in reads:
            places = [j for j, other in enumerate(self.source) if other == word]
            zeta = torch.zeros_like(self.h[0])
            if places and steps:
                K = sum(p_copy[j] for j in places)
                zeta = torch.stack([p_copy[j] / K * self.h[j] for j in places]).sum(0)  # eq. 9
            a = self.attend(s, None)
            x = torch.cat([self.vector(word), zeta, self.context(a)])
            s, c = lstm(cell, "", x, s, c)
            psi_g = [v @ s for v in w["decoder.W_o.weight"]]  # eq. 7
            psi_c = [(w["decoder.W_c.weight"] @ h).tanh() @ s for h in self.h]  # eq. 8
            Z = sum(psi.exp() for psi in psi_g + psi_c)
            p_copy = torch.stack([psi.exp() / Z for psi in psi_c])
            p = {}
            for word in {*range(V), *self.source}:  # eq. 4, 5, 6
                p[word] = psi_g[word].exp() / Z if word < V else 0 * Z
                for j, other in enumerate(self.source):
                    if other == word:
                        p[word] = p[word] + p_copy[j]
            steps.append((a, torch.zeros_like(a), p))
        return steps

    def steps(self, reads: list[int]) -> list[tuple[Tensor, Tensor, dict]]:
        """``reads`` holds one word at least."""
        copynet = self.model.config.output == "copynet"
        return self.copynet(reads) if copynet else self.pointer_generator(reads)


def naive_loss(steps: list, says: list[int], coverage_weight: float, plain: bool) -> Tensor:
    """Equations 6, 7, 12, 13 for one row."""
    total = torch.zeros((), dtype=torch.float64)
    for (a, seen, p), word in zip(steps, says, strict=True):
        if word not in p or (plain and word >= V):
            word = UNKNOWN
        total = total - p[word].log()
        total = total + coverage_weight * sum(map(torch.minimum, a, seen))
    return total / len(says)


@st.composite
def examples(draw: st.DrawFn) -> list[tuple[list[int], list[int]]]:
    """Sources that repeat words, up to four of them outside; targets of all kinds of words."""
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        drawn = draw(st.lists(st.integers(UNKNOWN + 1, V + 3), min_size=1, max_size=6))
        vocabulary = list(dict.fromkeys(word for word in drawn if word >= V))
        source = [word if word < V else V + vocabulary.index(word) for word in drawn]
        words = st.one_of(st.sampled_from(source), st.integers(UNKNOWN, V - 1))
        rows.append((source, draw(st.lists(words, max_size=4))))
    return rows


def of(output: tuple[str, bool], seed: int, hidden: int = 3, embedding: int = 2) -> CopyingModel:
    torch.manual_seed(seed)
    config = Config(V, output[0], output[1], embedding, hidden)  # ty: ignore[invalid-argument-type]
    return randomise(CopyingModel(config).double(), 0.8)


def check_equal(output, rows, hidden, embedding, seed) -> None:
    """Every probability, the loss and its gradients are those of the equations."""
    model = of(output, seed, hidden, embedding)
    source, reads, says = batch_of(rows)
    modes = model(source, reads)
    p, log_p = distribution(modes, source), log_probability(modes, source, says)
    losses = []
    for n, (words, target) in enumerate(rows):
        steps = Naive(model, words).steps([BEGIN, *target])
        for t, (a, seen, expected) in enumerate(steps):
            assert_close(modes.attention[n, t, : len(words)], a, 1e-10)
            assert not modes.attention[n, t, len(words) :].any()
            assert_close(p[n, t, list(expected)], torch.stack(list(expected.values())), 1e-10)
            if output[0] != "copynet":
                c = coverage_of(modes.attention)[n, t, : len(words)]
                assert_close(c, seen, 1e-10)
            if (word := says[n, t].item()) in expected and not (output[0] == "plain" and word >= V):
                assert_close(log_p[n, t], expected[word].log(), 1e-10)
        losses.append(naive_loss(steps, [*target, END], 0.7 * output[1], output[0] == "plain"))
    loss, expected = model.loss(source, reads, says, 0.7 * output[1]), sum(losses) / len(losses)
    assert_close(loss, torch.as_tensor(expected), 1e-10)
    names, parameters = zip(*model.named_parameters(), strict=True)
    theirs = torch.autograd.grad(torch.as_tensor(expected), parameters, allow_unused=True)
    loss.backward()
    pairs = zip(names, theirs, strict=True)
    assert_same_gradients(model, {name: one for name, one in pairs if one is not None}, 1e-9)


sizes = {"hidden": st.integers(1, 4), "embedding": st.integers(1, 4), "seed": st.integers(0, 2**32)}


@pytest.mark.equals("pointer_generator")
@given(output=st.sampled_from(OUTPUTS[:-1]), rows=examples(), **sizes)
@settings(max_examples=40)
def test_a_pointer_generator_equals_its_equations(output, rows, hidden, embedding, seed):
    check_equal(output, rows, hidden, embedding, seed)


@pytest.mark.equals("copynet")
@given(rows=examples(), **sizes)
@settings(max_examples=40)
def test_copynet_equals_its_equations(rows, hidden, embedding, seed):
    check_equal(("copynet", False), rows, hidden, embedding, seed)


@pytest.mark.equals("pointer_network")
@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    T=st.integers(1, 4),
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4)),
    seed=st.integers(0, 2**32),
)
@settings(max_examples=40)
def test_a_pointer_equals_its_equation(lengths, T, sizes, seed):
    torch.manual_seed(seed)
    pointer = randomise(Pointer(*sizes).double(), 1.0)
    B, S = len(lengths), max(lengths)
    e = torch.randn(B, S, sizes[0], dtype=torch.float64)
    d = torch.randn(B, T, sizes[1], dtype=torch.float64)
    mask = torch.arange(S) < torch.tensor(lengths)[:, None]
    log_p, weight = pointer(e, d, mask), torch.randn(B, T, S, dtype=torch.float64)
    ours = theirs = torch.zeros((), dtype=torch.float64)
    for n, length in enumerate(lengths):
        for i in range(T):
            inner = [pointer.W_1.weight @ e[n, j] + pointer.W_2.weight @ d[n, i] for j in range(S)]
            u = torch.stack([pointer.v @ one.tanh() for one in inner[:length]])  # equation 3
            expected = u.exp() / u.exp().sum()
            assert_close(log_p[n, i, :length].exp(), expected, 1e-10)
            assert (log_p[n, i, length:] == -torch.inf).all()
            theirs = theirs + (weight[n, i, :length] * expected).sum()
            ours = ours + (weight[n, i] * log_p[n, i].exp()).sum()
    names, parameters = zip(*pointer.named_parameters(), strict=True)
    wanted = dict(zip(names, torch.autograd.grad(theirs, parameters), strict=True))
    ours.backward()
    assert_same_gradients(pointer, wanted, 1e-9)


@pytest.mark.parametrize("output", OUTPUTS)
@given(rows=examples(), seed=st.integers(0, 2**32))
@settings(max_examples=10)
def test_probabilities_sum_to_one_and_nothing_else_matters(output, rows, seed):
    model = of(output, seed)
    source, reads, says = batch_of(rows)
    modes = model(source, reads)
    p = distribution(modes, source)
    one = torch.ones(reads.shape, dtype=torch.float64)
    assert_close(p.sum(dim=2), one, 1e-10)
    assert_close(modes.p_gen + modes.copy.exp().sum(dim=2), one, 1e-10)
    assert_close(modes.attention.sum(dim=2), one, 1e-10)
    overlap = coverage_loss(modes.attention)
    assert (overlap >= 0).all() and (overlap <= 1 + 1e-12).all() and not overlap[:, 0].any()
    # The loss is log_probability's, which knows a word as the distribution does.
    gold = says.where(says < p.shape[2], UNKNOWN)
    picked = p.gather(2, gold[:, :, None]).squeeze(2).log()
    known = torch.isfinite(picked)
    log_p = log_probability(modes, source, says)
    assert_close(log_p[known], picked[known], 1e-10)
    assert_close(log_p[~known], modes.generate[:, :, UNKNOWN][~known], 1e-10)
    # Padding changes nothing, nor does the order of the batch.
    wide = torch.nn.functional.pad(source, (0, 3), value=PAD)
    longer = [torch.nn.functional.pad(part, (0, 2), value=PAD) for part in (reads, says)]
    loss = model.loss(source, reads, says, 1.0)
    assert_close(model.loss(wide, *longer, 1.0), loss, 1e-10)
    assert_close(model.loss(source.flip(0), reads.flip(0), says.flip(0), 1.0), loss, 1e-10)
    # One word at a time is all at once.
    memory, state = model.encode(source)
    for t in range(reads.shape[1]):
        now, state = model.decode(reads[:, t : t + 1], memory, state)
        for ours, whole in zip(now, modes, strict=True):
            assert_close(ours[:, 0].exp(), whole[:, t].exp(), 1e-10)


@given(rows=examples(), coverage=st.booleans(), seed=st.integers(0, 2**32))
@settings(max_examples=15)
def test_with_p_gen_one_it_is_the_plain_decoder(rows, coverage, seed):
    model, plain = of(("pointer_generator", coverage), seed), of(("plain", coverage), seed)
    plain.load_state_dict(model.state_dict(), strict=False)
    with torch.no_grad():
        model.state_dict()["decoder.gate.bias"].fill_(1e4)
    source, reads, says = batch_of(rows)
    modes, expected = model(source, reads), plain(source, reads)
    assert_close(modes.p_gen, torch.ones_like(modes.p_gen), 1e-12)
    assert_close(modes.generate, expected.generate, 1e-10)
    p, q = distribution(modes, source), distribution(expected, source)
    assert_close(p, q, 1e-10)
    assert not p[:, :, V:].any()
    inside = says < V
    ours, theirs = (log_probability(one, source, says)[inside] for one in (modes, expected))
    assert_close(ours, theirs, 1e-10)


def test_a_word_outside_the_vocabulary_is_only_copied() -> None:
    source = torch.tensor([[V, 4, V + 1, V], [4, 5, PAD, PAD]])
    torch.manual_seed(0)
    both = torch.randn(2, 3, V + 4, dtype=torch.float64)
    both[1, :, V + 2 :] = -torch.inf
    generate, copy = both.log_softmax(dim=2).split([V, 4], dim=2)
    p = distribution(Modes(generate, copy, copy.exp()), source)
    assert p.shape == (2, 3, V + 2)
    assert_close(p[0, :, V], copy[0, :, 0].exp() + copy[0, :, 3].exp(), 1e-12)
    assert_close(p[0, :, V + 1], copy[0, :, 2].exp(), 1e-12)
    assert_close(p[0, :, 4], generate[0, :, 4].exp() + copy[0, :, 1].exp(), 1e-12)
    assert_close(p[0, :, 6], generate[0, :, 6].exp(), 1e-12)
    assert not p[1, :, V:].any()  # the other row's words


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_word_that_nobody_can_say_is_unknown_and_its_loss_is_finite(output) -> None:
    model = of(output, 0)
    source, reads = torch.tensor([[V, 4]]), torch.tensor([[BEGIN, V, 5]])
    stranger, unknown = torch.tensor([[V, V + 7, END]]), torch.tensor([[V, UNKNOWN, END]])
    loss = model.loss(source, reads, stranger, 1.0)
    assert_close(loss, model.loss(source, reads, unknown, 1.0), 0.0)
    loss.backward()
    assert all(one.grad is None or one.grad.isfinite().all() for one in model.parameters())


@pytest.mark.parametrize("output", OUTPUTS)
def test_extreme_scores_give_finite_losses_and_gradients(output) -> None:
    model = of(output, 0).float()
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter *= 300
    rows = [([V, 4, 4, V + 1], [V, 5, V + 1, 4]), ([6], [6, 7])]
    source, reads, says = batch_of(rows)
    loss = model.loss(source, reads, says, 1.0)
    loss.backward()
    assert loss.isfinite() and loss > 10
    assert all(one.grad is None or one.grad.isfinite().all() for one in model.parameters())


def test_a_selective_read_of_a_word_that_stands_nowhere_is_zero() -> None:
    states, scores = torch.randn(2, 3, 4), torch.tensor([[1.0, 2.0, 3.0], [900.0, -900.0, 0.0]])
    scores.requires_grad_()
    same = torch.tensor([[False] * 3, [False, True, True]])
    zeta = selective_read(states, scores, same)
    assert not zeta[0].any()
    assert_close(zeta[1], states[1, 2])
    zeta.sum().backward()
    assert scores.grad is not None and scores.grad.isfinite().all()


words = st.lists(st.sampled_from(["a", "b", "c", "x", "y", "z"]), max_size=8)


@given(source=words, target=words)
def test_numbers_beyond_the_vocabulary_are_those_of_first_occurrence(source, target):
    vocabulary = Vocabulary([["a", "b", "c"]])
    ids, outside = number_source(vocabulary, source)
    assert outside == list(dict.fromkeys(word for word in source if word not in "abc"))
    assert words_of(vocabulary, ids, outside) == source
    inside = [number for number in ids if number < len(vocabulary)]
    assert inside == vocabulary.encode(word for word in source if word in "abc")
    numbers = number_target(vocabulary, target, outside)
    said = [word if word in "abc" or word in source else "<unknown>" for word in target]
    assert words_of(vocabulary, numbers, outside) == said
    assert example_of(vocabulary, source, target) == (ids, numbers)
    assert len(vocabulary) == 7  # nothing was added to it


@pytest.mark.parametrize("output", OUTPUTS)
def test_what_is_written_is_the_likeliest_word_each_time(output) -> None:
    vocabulary = Vocabulary([["a", "b", "c", "d", "e"]])
    assert len(vocabulary) == V
    ended = 0
    for seed in range(6):
        model = of(output, seed, hidden=4)
        if output[0] != "copynet" and seed % 2:
            model.state_dict()["decoder.V_2.bias"][END] += 2  # some should end early
        model.train()
        sources = [["a", "foo", "bar", "foo"], ["baz"], ["b", "qux", "a"]]
        written = write(model, vocabulary, sources, max_length=5)
        assert model.training
        for tokens, one in zip(sources, written, strict=True):
            ids, outside = number_source(vocabulary, tokens)
            t = len(one.words)
            assert one.attention.shape == one.copied.shape == (t, len(tokens))
            assert one.p_gen.shape == (t,)
            reads = [BEGIN, *number_target(vocabulary, one.words, outside)]
            for k, (a, _, p) in enumerate(Naive(model, ids).steps(reads)):
                best = max(p, key=lambda word, p=p: p[word].item())
                if k == t:
                    assert best == END or t == 5
                    ended += best == END and t < 5
                    continue
                assert words_of(vocabulary, [best], outside) == [one.words[k]]
                assert_close(one.attention[k], a, 1e-10)
                assert_close(one.p_gen[k] + one.copied[k].sum(), torch.ones_like(a[0]), 1e-10)
    assert ended


def test_a_copying_model_learns_to_copy_words_it_never_saw() -> None:
    """Its source is one word among known ones; words outside the vocabulary say nothing else."""
    torch.manual_seed(0)
    vocabulary = Vocabulary([["the", "say", "name", "is"]])
    rows = [example_of(vocabulary, ["the", "name", "is", "n"], ["say", "n"])]
    rows += [example_of(vocabulary, ["n", "is", "the", "name"], ["say", "n"])]
    for output in ("pointer_generator", "copynet"):
        model = CopyingModel(Config(len(vocabulary), output, embedding=16, hidden=16))
        optimizer = torch.optim.Adam(model.parameters(), 0.02)
        for _ in range(60):
            optimizer.zero_grad()
            model.loss(*batch_of(rows)).backward()
            optimizer.step()
        (first, second) = write(model, vocabulary, [["the", "name", "is", "q"], ["r", "is", "the"]])
        assert first.words == ["say", "q"]
        assert first.p_gen[0] > 0.5 > first.p_gen[1]
        assert first.copied[1].argmax() == 3
        assert second.words == ["say", "r"]


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match=r"expected an output of .* got 'copy'"):
        Config(V, "copy")  # ty: ignore[invalid-argument-type]
    with pytest.raises(ValueError, match="expected no coverage with CopyNet"):
        Config(V, "copynet", coverage=True)
    model = of(("plain", False), 0)
    for source in ([[PAD, PAD]], [[4, PAD, 5]], [[PAD, 4, 5]]):
        with pytest.raises(ValueError, match="at least one word, padding only at their end"):
            model.encode(torch.tensor(source))
    with pytest.raises(
        ValueError, match=r"expected a real token in each row of mask, got \[2, 0\]"
    ):
        Pointer(2, 2, 2)(
            torch.zeros(2, 2, 2), torch.zeros(2, 1, 2), torch.tensor([[True, True], [False, False]])
        )
    vocabulary = Vocabulary([["a"]])
    with pytest.raises(TypeError, match="expected tokens, got a string"):
        number_source(vocabulary, "a b")
    with pytest.raises(TypeError, match="expected tokens, got a string"):
        number_target(vocabulary, "a b", [])
    with pytest.raises(IndexError):
        words_of(vocabulary, [len(vocabulary)], [])
