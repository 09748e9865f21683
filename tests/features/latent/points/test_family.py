"""Families: members have numbers, parents and ancestors, and are the same ones whenever they are worked out."""

import msgspec
import pytest

from studio.features.latent.points.family import LITTER, Family, Generation
from studio.features.latent.points.point import LatentPoint

A, B, C = (LatentPoint((seed,)) for seed in (1, 2, 3))


def family() -> Family:
    first = Family().breed((A, B), "layers", 0.0, 10, seed=5)
    return first.breed((first.members[3], C), "both", 0.2, 10, seed=6)


def test_founders_and_children_have_numbers() -> None:
    found = family()
    assert found.rows == ((0, 1), tuple(range(2, 14)), (14,), tuple(range(15, 27)))
    assert (found.members[0], found.members[1], found.members[14]) == (A, B, C)
    assert found.litter(0) == tuple(range(2, 14))
    assert found.litter(1) == tuple(range(15, 15 + LITTER))


def test_everybody_knows_their_ancestors() -> None:
    found = family()
    assert found.parents_of(0) == ()
    assert found.parents_of(5) == (0, 1)
    assert found.parents_of(20) == (3, 14)
    assert found.ancestors_of(20) == {3, 14, 0, 1}


def test_a_founder_comes_in_once() -> None:
    found = Family().breed((A, A, B), "blend", 0.0, 10, 1)
    assert found.generations[0].founders == (A, B)
    assert found.generations[0].parents == (0, 0, 1)


def test_a_family_comes_back_from_its_data() -> None:
    found = family()
    again = msgspec.convert(msgspec.to_builtins(found), Family)
    assert again == found
    assert again.members == found.members


def test_a_child_older_than_its_parents_is_refused() -> None:
    with pytest.raises(ValueError, match="older"):
        _ = Family((Generation((A,), (7,), "blend", 0.0, 10, 1),)).members
