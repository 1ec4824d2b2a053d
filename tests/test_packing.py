"""wode.packing: every real token once, and each sees its own sentence and nothing else."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from wode.bert import Bert, Config
from wode.packing import cut, masks, pack

BATCHES = {
    "lengths": st.lists(st.integers(0, 9), min_size=1, max_size=12),
    "shared": st.sampled_from([0, 1, 5, 12, 40]),
    "holes": st.booleans(),
    "seed": st.integers(0, 2**32),
}


def batch(lengths: list[int], holes: bool, seed: int) -> torch.Tensor:
    """An attention mask (B, T): padding at the right, or anywhere."""
    mask = torch.arange(max(*lengths, 1)) < torch.tensor(lengths)[:, None]
    if holes:
        generator = torch.Generator().manual_seed(seed)
        mask = torch.stack([row[torch.randperm(len(row), generator=generator)] for row in mask])
    return mask.long()


@given(**BATCHES)
@settings(max_examples=100)
def test_each_real_token_once_and_sentences_whole(lengths, shared, holes, seed):
    mask = batch(lengths, holes, seed)
    rows, columns, groups = pack(mask, shared)
    places = torch.stack([rows, columns], dim=1).tolist()
    assert sorted(places) == mask.nonzero().tolist()
    assert sum(n * t for n, t in groups) == len(rows) == sum(lengths)
    begin = 0
    for n, t in groups:
        for sequence in rows[begin : begin + n * t].view(n, t):
            inside = sequence.unique_consecutive()
            assert len(inside) == len(set(inside.tolist()))  # in one piece
            assert sum(lengths[row] for row in inside.tolist()) == t  # and all of it
            if len(inside) > 1:
                assert t <= shared
                alike = [lengths.count(lengths[row]) * lengths[row] for row in inside.tolist()]
                assert max(alike) <= shared
        begin += n * t


@given(**BATCHES, look=st.booleans())
@settings(max_examples=100)
def test_attention_in_groups_is_attention_alone(lengths, shared, holes, seed, look):
    """Group by group with the masks, against sentence by sentence without packing."""
    mask = batch(lengths, holes, seed)
    generator = torch.Generator().manual_seed(seed)
    size = (*mask.shape, 4)
    q, k, v = (torch.randn(size, generator=generator, dtype=torch.float64) for _ in range(3))
    T = mask.shape[1]
    visible = torch.rand(len(mask), T, T, generator=generator) < 0.5 if look else None
    if visible is not None:
        visible |= torch.eye(T, dtype=torch.bool)
    packing = pack(mask, shared)
    begin = 0
    for (n, t), add in zip(packing.groups, masks(packing, visible, q.dtype), strict=True):
        place = packing.rows[begin : begin + n * t], packing.columns[begin : begin + n * t]
        ours = [x[place].view(n, 1, t, 4) for x in (q, k, v)]  # one head
        found = F.scaled_dot_product_attention(ours[0], ours[1], ours[2], add).reshape(n * t, 4)
        for (row, column), got in zip(zip(*place, strict=True), found, strict=True):
            own = mask[row].bool()
            if visible is not None:
                own &= visible[row, column]
            scores = (k[row][own] @ q[row, column]) / 2
            torch.testing.assert_close(got, scores.softmax(0) @ v[row][own])
        begin += n * t


def test_what_is_shared_and_what_is_not():
    lengths = torch.tensor([6, 3, 0, 6, 2, 1, 3, 5])
    mask = torch.arange(6) < lengths[:, None]
    packing = pack(mask, shared=8)
    #   6, 6: more than 8 tokens, alone; then 5 + 3, 3 + 2 + 1
    assert packing.groups == [(2, 6), (1, 8), (1, 6)]
    assert packing.rows.unique_consecutive().tolist() == [0, 3, 7, 1, 6, 4, 5]
    first, second, third = masks(packing, None, torch.float32)
    assert first is None
    assert second is not None and second.shape == (1, 1, 8, 8)
    assert torch.equal(second[0, 0] == 0, torch.block_diag(torch.ones(5, 5), torch.ones(3, 3)) == 1)
    assert third is not None and third.isinf().sum() == 36 - 9 - 4 - 1
    assert pack(mask, shared=0).groups == [(2, 6), (1, 5), (2, 3), (1, 2), (1, 1)]


def test_sequences_of_as_many_tokens_share_a_call():
    mask = torch.arange(5) < torch.tensor([5, 1, 4, 2, 3])[:, None]
    packing = pack(mask, shared=6)
    assert packing.groups == [(2, 6), (1, 3)]  # 5 + 1, 4 + 2; 3
    joint, alone = masks(packing, None, torch.bfloat16)
    assert joint is not None and joint.dtype == torch.bfloat16 and alone is None


@pytest.mark.parametrize("shared", [0, 96])
def test_no_real_token_no_group(shared):
    packing = pack(torch.zeros(2, 3, dtype=torch.long), shared)
    assert packing.groups == [] and len(packing.rows) == 0


def test_a_part_at_a_time_is_all_at_once(monkeypatch):
    monkeypatch.setattr("wode.packing.PART", 16)
    monkeypatch.setattr(cut, "__defaults__", (16,))
    torch.manual_seed(0)
    mask = torch.arange(9) < torch.tensor([9, 2, 9, 9, 4, 4, 1, 9, 7])[:, None]
    packing = pack(mask, shared=8)
    assert all(n == 1 or n * length <= 16 for n, length in packing.groups)
    parts = cut(packing.groups)
    assert len(parts) > 3 and sum(tokens for tokens, _ in parts) == mask.sum()
    model = Bert(Config(20, 16, 3, 2, 32)).eval()
    ids = torch.randint(0, 20, mask.shape)
    whole = model.packed(ids, packing)  # with gradients: all at once
    with torch.no_grad():
        torch.testing.assert_close(model.packed(ids, packing), whole)
