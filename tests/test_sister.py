"""wode.tasks.sister: two corpora of one world, none of whose sentences translate each other."""

import random

import pytest

from wode.tasks.sister import SISTER, WORDS, World, corpora, english, sister, unseen


def test_no_scene_is_in_both_corpora_nor_in_the_test():
    first, second = (set(scenes) for scenes in corpora(2000))
    test = set(unseen(300))
    assert len(first) == len(second) == 2000 and len(test) == 300
    assert not first & second and not test & (first | second)
    told = {tuple(sister(scene)) for scene in first}
    assert not told & {tuple(sister(scene)) for scene in second}


def test_the_same_scenes_for_the_same_seed_whatever_the_count():
    assert corpora(50) == tuple(one[:50] for one in corpora(80))
    assert corpora(50)[0] != corpora(50, seed=1)[0]
    assert corpora(50)[1] != corpora(50, second=World(1))[1]
    assert unseen(5) == unseen(9)[:5]


def test_a_scene_is_told_in_both_orders():
    scene = next(scene for scene in corpora(2000)[0] if all(scene))
    when, how_who, who, does, how_what, what, where = scene
    said = f"{when} the {how_who} {who} {does} the {how_what} {what} at the {where}"
    assert english(scene) == said.split()
    names = [who, how_who, where, "at", what, how_what, when, does]
    assert sister(scene) == [SISTER[name] for name in names]


def test_one_word_of_the_sister_has_two_meanings_and_none_is_english():
    assert len(SISTER) == sum(map(len, WORDS)) + 1
    assert len(set(SISTER.values())) == len(SISTER) - 1
    assert not set(SISTER) & set(SISTER.values())


@pytest.mark.parametrize("taste", [0.0, 1.8])
def test_taste_is_what_tells_words_company_apart(taste: float):
    world, rng = World(3, taste), random.Random(0)
    shares = [world.likely[verb, "who"] for verb in WORDS.does]
    alike = all(
        a == pytest.approx(b)
        for row in shares
        for a, b in zip(row, shares[0], strict=True)
    )  # fmt: skip
    assert alike == (taste == 0)
    assert world.scene(rng).does in WORDS.does
